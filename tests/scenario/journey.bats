#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# From a village terminal to the responsible department's desk and back to the petitioner,
# through all four daemons, by the 'minqing' command.
source "$BATS_TEST_DIRNAME/../support/place.bash"

setup_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    place_up
}

setup ()
{
    place_use "$BATS_FILE_TMPDIR/place"
}

teardown_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    place_drop
}

file_at_101 () # ARGUMENT …: sets $number and $code
{
    slip=$(terminal 101 --json submit --village 340522100001 "$@")
    [ "$(field state <<<"$slip")" = registered ]
    number=$(field number <<<"$slip")
    code=$(field code <<<"$slip")
}

kinds_of_course ()
{
    terminal 101 --json query "$number" | field steps |
        /usr/bin/python3 -c 'import json, sys
print(*(step["state"] for step in json.load(sys.stdin) if step["state"] != "none"))'
}

@test "a_grievance_is_filed_decided_carried_out_and_confirmed" {
    file_at_101 --category 国土资源/土地征收 --title '补偿款未到卡' --name 王某 \
        --telephone 13900000001 --text '三亩地征收半年，补偿款没有打到卡上。'
    [ "$(field expected_department <<<"$slip")" = 11 ]
    wait_until state_is "$number" 101 dispatched

    # The desk sees the text when it holds the matter, and who it is.
    fencing=$(desk 11 1131 claim "$number" | field fencing)
    [ "$fencing" = 1 ]
    [ "$(desk 11 1131 show "$number" | field telephone)" = 13900000001 ]

    desk 11 1131 accept "$number"
    desk 11 1131 decide "$number" --outcome support --text '补偿款三日内打卡。' \
        --basis '土地管理法第四十八条'
    [ "$(desk 11 1131 serve "$number" --means in_person --to 王某 |
        field state)" = executing ]
    [ "$(desk 11 1131 done "$number" --text '已打卡' | field state)" = done ]
    # A desk does not confirm for the petitioner.
    run desk 11 1131 close "$number" --reason confirmed
    [ "$status" != 0 ]
    terminal 140 confirm "$number" "$code"
    wait_until state_is "$number" 101 closed
    [ "$(kinds_of_course)" = "dispatched claimed handling decided executing done closed" ]
    # The petitioner reads it with number and code, anywhere; not with a wrong code.
    [ "$(terminal 140 --json query "$number" "$code" | field state)" = closed ]
    run terminal 140 query "$number" 00000000
    [ "$status" != 0 ]
}

@test "a_slip_of_the_pen_in_a_category_is_told_and_filed_all_the_same" {
    run terminal 101 submit --village 340522100001 --category 国土资源/土地征受 --text 补偿款未到
    [ "$status" = 0 ]
    [[ $output == *"did you mean 国土资源/土地征收?"* ]]
}

@test "what_no_rule_places_is_dispatched_by_a_person_and_reaches_its_desk" {
    file_at_101 --title '路灯坏了' --text '村口路灯坏了三个月，小区业主反映多次。'
    wait_until state_is "$number" 101 undecided

    row=$(minqing --json dispatch | grep -- "$number")
    [ "$(field department <<<"$row")" = 0 ]
    candidate=$(field candidates <<<"$row" | /usr/bin/python3 -c '
import json, sys
first = json.load(sys.stdin)[0]
assert first["why"]
print(first["department"])')
    [ "$candidate" -gt 0 ]

    printf '{"number":"%s","department":%s,"reason":"按第一候选"}\n' "$number" "$candidate" |
        minqing dispatch --batch -
    wait_until state_is "$number" 101 dispatched
    minqing --json desk "$candidate" list --limit 0 | grep -q -- "$number"
    [ -z "$(minqing --json dispatch --limit 0 | grep -- "$number")" ]
}

@test "objection_goes_back_to_the_dispatcher_and_on_to_another_desk" {
    file_at_101 --category 国土资源/土地征收 --text '其实是拖欠工资。'
    wait_until state_is "$number" 101 dispatched
    last_day=$(terminal 101 --json query "$number" | field last_day_ms)

    run desk 11 1131 object "$number"
    [ "$status" != 0 ] # not without reasons
    desk 11 1131 object "$number" --reason '属于劳动保障'
    wait_until state_is "$number" 101 objected
    [ "$(minqing --json dispatch | grep -- "$number" | field objection)" = 属于劳动保障 ]

    minqing dispatch "$number" 16 --reason '工资归人社'
    wait_until state_is "$number" 101 dispatched
    [ "$(desk 16 1631 claim "$number" | field department)" = 16 ]
    run desk 11 1131 claim "$number"
    [ "$status" != 0 ]
    # An objection does not stop the clock.
    [ "$(terminal 101 --json query "$number" | field last_day_ms)" = "$last_day" ]
}

organ_has_it ()
{
    minqing --json desk 22 list | grep -q -- "$number"
}

@test "accusation_reaches_the_discipline_organ_and_nobody_else_learns_of_it" {
    slip=$(terminal 101 --json submit --village 340522100001 --purpose accusation \
        --accused 12 --text '征迁办有人收了好处。' --name 张某)
    number=$(field number <<<"$slip")
    code=$(field code <<<"$slip")
    [ "$(field expected_department <<<"$slip")" = 22 ]
    wait_until organ_has_it

    run minqing --json dispatch --limit 0
    [[ $output != *"$number"* ]]
    run desk 12 1231 show "$number"
    [ "$status" != 0 ]
    run terminal 101 query "$number" # the terminal that wrote it down shows it to nobody
    [ "$status" != 0 ]
    [ "$(terminal 101 --json query "$number" "$code" | field number)" = "$number" ]
    run grep --text --recursive --quiet '收了好处' "$PLACE/state"
    [ "$status" = 1 ]

    desk 22 2231 claim "$number"
    desk 22 2231 show "$number" | grep -q '收了好处'
    echo "$number" >"$PLACE/accusation"
}

@test "who_reads_the_journals_does_not_learn_which_is_an_accusation" {
    number=$(cat "$PLACE/accusation")
    run desk 22 2231 contact "$number" --means telephone --result not_reached
    run terminal 101 --json dispute "$number" 00000000 --reason '错码'
    for service in intake routing escalation notification; do
        minqing journal "$service" >"$PLACE/journal"
        minqing --json journal "$service" >"$PLACE/journal.json"
        [ -s "$PLACE/journal" ]
        run grep --quiet -- "$number" "$PLACE/journal" "$PLACE/journal.json"
        [ "$status" = 1 ]
        [ -z "$(minqing journal "$service" --number "$number")" ]
    done
    minqing --json journal routing | grep -q '"number":"","detail":"not shown"'
    # In the middle nobody knows whose an entry without its matter is.
    minqing --json journal intake --from 2 >"$PLACE/journal.json"
    run grep --quiet -- "$number" "$PLACE/journal.json"
    [ "$status" = 1 ]
}

@test "desk_that_follows_is_offered_what_arrives" {
    minqing --json desk 18 follow --limit 1 >"$PLACE/offered" 3>&- &
    follower=$!
    file_at_101 --category 教育文体 --text '校车停运了。'
    wait_until pid_is_gone "$follower"
    wait "$follower"
    [ "$(field number <"$PLACE/offered")" = "$number" ]
}

@test "route_explain_says_which_row_and_deadline_explain_which_days" {
    run minqing route explain 340522100001 国土资源/土地征收
    [ "$status" = 0 ]
    [[ $output == *201* ]]
    file_at_101 --category 国土资源/土地征收 --text '地界。'
    wait_until deadline_shows 三十四
}

deadline_shows ()
{
    minqing deadline explain "$number" | grep -q "$1"
}

@test "queue_shows_what_waits_where" {
    minqing queue >"$PLACE/queue"
    grep -q 环峰镇自然资源和规划所 "$PLACE/queue"
}

@test "every_open_grievance_has_its_clocks_and_everything_proves_itself" {
    registered=$(metric intake_grievances)
    verified "$registered"
    open=$((registered - $(metric 'routing_grievances{state="closed"}')))
    [ "$(metric escalation_stage_duties)" = "$open" ]
    [ "$(metric escalation_whole_duties)" = "$open" ]
}
