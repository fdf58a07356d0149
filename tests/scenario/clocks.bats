#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Time passes by a stepped clock: what is late is raised level by level, once, and whoever
# has to answer is told through a real channel.
source "$BATS_TEST_DIRNAME/../support/place.bash"

DAY_MS=86400000

setup_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    # The head of department 11 and the leader in charge are told by a program.
    place_edit people.tsv 's/smtp:p1111@.*/pipe:notices/; s/smtp:p1004@.*/pipe:notices/'
    place_keep notices
    start=$(now_ms)
    echo "$start" >"$PLACE/start"
    clock_set "$start"
    place_up
}

setup ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    export MINQING_CLOCK_FILE=$PLACE/clock
    start=$(cat "$PLACE/start")
}

teardown_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    place_drop
}

raises () # over $number, one a line: "CAUSE LEVEL OPEN"
{
    python_client operator raises "$number" | /usr/bin/python3 -c '
import json, sys
for line in sys.stdin:
    raised = json.loads(line)["raised"]
    print(raised["cause"], raised["level"], raised.get("open", False))'
}

raised_to () # LEVEL
{
    raises | grep -q " $1 "
}

# Whatever is due by now has fired: a later turn of the loop has looked.
everything_has_fired ()
{
    [ "$(metric escalation_looked_timestamp_seconds)" -ge "$((clock / 1000 - 60))" ]
}

step_to () # DAYS
{
    clock=$((start + $1 * DAY_MS))
    clock_set "$clock"
    wait_until everything_has_fired
}

@test "what_nobody_takes_is_raised_to_the_head_and_to_the_leader" {
    slip=$(terminal 101 --json submit --village 340522100001 --category 国土资源/土地征收 \
        --title '补偿款' --text '三亩地征收半年，补偿款没有打到卡上。')
    number=$(field number <<<"$slip")
    echo "$number" >"$PLACE/number"
    wait_until state_is "$number" 101 dispatched

    # It has 15 days to be accepted: nothing is early.
    step_to 6
    [ -z "$(raises)" ]
    # Half of it: the worker is told. 85 %: the head.
    step_to 14
    wait_until raised_to 1
    run grep CAUSE_BREACH <(raises)
    [ "$status" = 1 ]
    # The breach goes to the leader in charge, and stays open.
    step_to 19
    wait_until raised_to 2
    raises | grep -q '^CAUSE_BREACH 2 True$'
}

@test "head_and_leader_are_told_by_a_program_without_a_word_of_the_text" {
    number=$(cat "$PLACE/number")
    wait_until grep -qr -- "$number" "$PLACE/notices"
    run grep -rl '三亩地\|补偿款' "$PLACE/notices"
    [ "$status" = 1 ]
    [ "$(metric 'notification_notices{state="sent"}')" -ge 1 ]
}

@test "nothing_is_raised_twice" {
    number=$(cat "$PLACE/number")
    start_count=$(raises | wc -l)
    step_to 19
    [ "$(raises | wc -l)" = "$start_count" ]
    run minqing verify
    [ "$status" = 0 ]
}

@test "written_answer_ends_a_raise" {
    number=$(cat "$PLACE/number")
    raise=$(python_client operator raises "$number" | grep BREACH | field raise)
    wait_until python_client leader-10 --person 1004 answer "$raise" --text '已派专人办理。'
    run grep 'CAUSE_BREACH 2 True' <(raises)
    [ -z "$(python_client operator raises "$number" | grep "\"raise\": \"$raise\"" |
        grep -v ended_at_ms)" ]
}

@test "time_that_passes_while_everything_is_down_fires_once_afterwards" {
    slip=$(terminal 102 --json submit --village 340522100002 --category 环境保护 \
        --text '粉尘。')
    number=$(field number <<<"$slip")
    wait_until state_is "$number" 102 dispatched
    place_down
    clock_set $((start + 100 * DAY_MS))
    place_up
    wait_until raised_to 2
    wait_until raised_to 3
    run minqing verify
    [ "$status" = 0 ]
}

@test "tries_on_three_days_by_two_means_close_with_a_second_person" {
    slip=$(terminal 101 --json submit --village 340522100001 --category 国土资源/土地征收 \
        --text '地界。')
    number=$(field number <<<"$slip")
    echo "$number" >"$PLACE/number"
    wait_until state_is "$number" 101 dispatched
    desk 11 1131 claim "$number"
    desk 11 1131 accept "$number"
    desk 11 1131 decide "$number" --outcome support --text '重新勘界。' --basis '第四条'
    desk 11 1131 serve "$number" --means in_person --to 王某
    desk 11 1131 done "$number"
    desk 11 1131 contact "$number" --means telephone --result not_reached
    desk 11 1131 contact "$number" --means message --result not_reached
    run desk 11 1131 close "$number" --reason contact_failed --ground no_answer --text '一天两次'
    [ "$status" != 0 ]
    step_to 101
    desk 11 1131 contact "$number" --means message --result not_reached
    step_to 102
    desk 11 1131 contact "$number" --means telephone --result not_reached
    desk 11 1131 close "$number" --reason contact_failed --ground no_answer --text '三天未果'
    [ "$(state_of "$number" 101)" = done ]
    minqing --as desk-11 --person 1111 approve "$number"
    wait_until state_is "$number" 101 closed
}

nobody_has_it ()
{
    minqing --json notices --unreachable --limit 0 | grep -q -- "$1"
}

registered_and_open ()
{
    minqing --json check | /usr/bin/python3 -c '
import json, sys
for line in map(json.loads, sys.stdin):
    if "registered" in line:
        assert line["registered"] == line["placed"] == 3, line
        assert line["watched"] == line["placed"] - line["closed"] == 2, line
        print("compared")' | grep -q compared
}

@test "check_compares_what_is_registered_open_and_watched" {
    wait_until registered_and_open
    minqing check | grep -q '^grievances: 3 registered, 2 of them open$'
}

@test "a_printed_notice_that_nobody_hands_over_makes_the_unreachable_list" {
    number=$(cat "$PLACE/number")
    step_to 125
    wait_until nobody_has_it "$number"
    run minqing verify
    [ "$status" = 0 ]
}
