#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The course of the law, through the command and real daemons: the four stories that the
# demo tells, and what asks for a second person.
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

land () # ARGUMENT …: files for department 11; sets $number and $code
{
    slip=$(terminal 101 --json submit --village 340522100001 --category 国土资源/土地征收 "$@")
    number=$(field number <<<"$slip")
    code=$(field code <<<"$slip")
    wait_until state_is "$number" 101 dispatched
}

accepted () # by 1131 of 11
{
    desk 11 1131 claim "$number"
    desk 11 1131 accept "$number"
}

decided () # OUTCOME
{
    desk 11 1131 decide "$number" --outcome "$1" --text '经核查属实。' --basis '第四十八条'
    desk 11 1131 serve "$number" --means in_person --to 王某
}

approve () # KEY PERSON ARGUMENT …
{
    local key=$1 person=$2
    shift 2
    minqing --json --as "$key" --person "$person" approve "$@"
}

course_is () # STATE DEPARTMENT
{
    local course
    course=$(terminal 101 --json query "$number")
    [ "$(field state <<<"$course")" = "$1" ] && [ "$(field department <<<"$course")" = "$2" ]
}

# The department of each holding, in order.
holdings ()
{
    terminal 101 --json query "$number" | field holdings |
        /usr/bin/python3 -c 'import json, sys
print(*(holding["department"] for holding in json.load(sys.stdin)))'
}

# ---- the stories --------------------------------------------------------------------

@test "confirmed_by_its_petitioner_and_every_document_is_there" {
    land --title '补偿款未到卡' --text '三亩地征收半年，补偿款没有打到卡上。' --name 王某
    accepted
    decided support
    desk 11 1131 done "$number"
    wait_until state_is "$number" 101 done
    terminal 140 confirm "$number" "$code"
    wait_until state_is "$number" 101 closed

    documents=$(minqing --json --as desk-11 document "$number")
    for kind in acceptance decision service report; do
        grep -q "\"kind\":\"$kind\"" <<<"$documents"
    done
    # The petitioner reads the same, with the code, anywhere; as a page too.
    minqing --as terminal-140 document "$number" 2 --code "$code" >"$PLACE/decision"
    grep -q '处理意见书' "$PLACE/decision"
    minqing --as desk-11 document "$number" 2 --html "$PLACE/decision.html"
    grep -q '<html' "$PLACE/decision.html"
    # What is to be handed over on paper comes out with its notice.
    wait_until prints_have_document
    run minqing --as terminal-140 document "$number" 2
    [ "$status" != 0 ]
    run minqing --as desk-13 document "$number" 2
    [ "$status" != 0 ]
}

prints_have_document ()
{
    terminal 101 --json terminal prints | grep -- "$number" | grep -q '"document":".*受理告知书'
}

contested ()
{
    minqing --json --as desk-51 arbitrate | grep -q -- "$number"
}

@test "objected_twice_it_goes_to_the_common_superior_by_itself" {
    land --text '给征迁工地干了三个月，钱一直没结。'
    last_day=$(terminal 101 --json query "$number" | field last_day_ms)
    desk 11 1131 claim "$number"
    desk 11 1131 object "$number" --reason '属拖欠工资'
    minqing dispatch "$number" 16 --reason '工资归人社所'
    desk 16 1631 object "$number" --reason '所欠是工程款'
    wait_until course_is arbitration 51
    wait_until contested

    run minqing --as desk-16 --person 1611 arbitrate "$number" 12 --reason '不归我'
    [ "$status" != 0 ]
    minqing --as desk-51 --person 5102 arbitrate "$number" 12 --reason '由发包单位受理'
    wait_until course_is dispatched 12
    [ "$(holdings)" = "11 0 16 51 12" ]
    # The petitioner's period never moved.
    [ "$(terminal 101 --json query "$number" | field last_day_ms)" = "$last_day" ]
    minqing --json deadline explain "$number" | grep '"holders"' >"$PLACE/holders"
    for owner in 11 16 12; do
        grep -q "\"owner\":$owner," "$PLACE/holders"
    done
}

raised_2 ()
{
    raise=$(minqing --json raises "$number" | grep '"level":2' | field raise)
    [ -n "$raise" ]
}

answered ()
{
    [ "$(minqing --json raises "$number" | field answer)" = "$1" ]
}

@test "urgent_is_raised_to_the_leader_in_charge_who_answers" {
    land --threat --text '再不给个说法，明天就去拦施工的路。'
    wait_until raised_2
    [ "$(minqing --json desk 11 list --limit 0 | grep -- "$number" | field level)" = 2 ]
    minqing --as leader-10 --person 1004 raises answer "$raise" --text '已到现场，三日内答复。'
    wait_until answered '已到现场，三日内答复。'
    [ "$(minqing --json raises "$number" | field answered_by)" = 1004 ]
}

reviewed_by ()
{
    minqing --json desk "$1" list | grep -q -- "$number"
}

@test "not_supported_is_reviewed_by_the_county_which_supports_it" {
    land --text '确权证上的四至少了两米。' --name 李某
    accepted
    decided not_support
    wait_until course_is window 11
    terminal 140 review "$number" "$code" --reason '登记时没有到场指界'
    wait_until course_is reviewing 54
    wait_until reviewed_by 54
    [ "$(minqing --json desk 54 list | grep -- "$number" | field instance)" = 2 ]

    # Who decided has no part in it.
    run desk 11 1131 decide "$number" --outcome support --text '改了。'
    [ "$status" != 0 ]
    desk 54 5431 claim "$number"
    desk 54 5431 decide "$number" --outcome support --text '应予更正。' --basis '第八条'
    desk 54 5431 serve "$number" --means post --to 李某
    # What was supported is carried out by whom it was asked of.
    wait_until course_is executing 11
    terminal 101 --json query "$number" | grep -q '"article":35'
}

@test "re_review_is_heard_and_final" {
    land --text '补偿标准不一。' --name 周某
    accepted
    decided explain
    wait_until course_is window 11
    terminal 140 review "$number" "$code" --reason '不服处理意见'
    wait_until course_is reviewing 54
    desk 54 5431 claim "$number"
    run desk 54 5431 hear "$number" # only in the re-review
    [ "$status" != 0 ]
    desk 54 5431 decide "$number" --outcome not_support --text '维持。' --basis '第八条'
    desk 54 5431 serve "$number" --means post --to 周某
    terminal 140 review "$number" "$code" --reason '不服复查意见'
    wait_until course_is rereviewing 51
    desk 51 5131 claim "$number"
    desk 51 5131 hear "$number"
    wait_until state_is "$number" 101 hearing
    wait_until clock_is paused
    desk 51 5131 end-hearing "$number" --text '各方到场，意见记录在案。'
    wait_until state_is "$number" 101 rereviewing
    wait_until clock_is running
    desk 51 5131 decide "$number" --outcome not_support --text '维持。' --basis '第八条'
    desk 51 5131 serve "$number" --means post --to 周某
    wait_until state_is "$number" 101 closed
    terminal 101 --json query "$number" | grep -q '"close_reason":"final"'
    minqing --json --as desk-51 document "$number" | grep -q '"kind":"rereview"'
}

clock_is () # paused or running: the whole
{
    minqing --json deadline explain "$number" | grep '"duty":"whole".*"running":true' |
        grep -q "\"paused\":$([ "$1" = paused ] && echo true || echo false)"
}

# ---- two persons --------------------------------------------------------------------

@test "not_accepting_takes_a_ground_and_two_persons" {
    land --text '法院已经立案。'
    desk 11 1131 claim "$number"
    run desk 11 1131 refuse "$number" --reason '已立案'
    [ "$status" = 65 ]
    [[ $output == *procedure_runs* ]]
    run desk 11 1131 refuse "$number" --ground court --reason '已立案'
    [ "$status" = 65 ]
    [ "$(desk 11 1131 refuse "$number" --ground procedure_runs --reason '县法院已立案' |
        field proposed)" = true ]
    # Nothing has moved, and the row says what waits.
    [ "$(minqing --json desk 11 list --held --limit 0 | grep -- "$number" |
        field proposed)" = refuse ]
    [ "$(state_of "$number" 101)" = claimed ]
    [ "$(approve desk-11 1111 | grep -- "$number" | field person)" = 1131 ]
    approve leader-10 1004 | grep -q -- "$number"

    run approve desk-11 1131 "$number" # the same person, and no head
    [ "$status" != 0 ]
    run approve desk-13 1311 "$number" # another department
    [ "$status" != 0 ]
    run approve desk-11 1111 --reject "$number"
    [ "$status" = 64 ] # not without a reason
    approve desk-11 1111 "$number" | grep -q '"state":"refused"'

    desk 11 1131 serve "$number" --means in_person --to 王某
    wait_until state_is "$number" 101 closed
    terminal 101 --json query "$number" | grep -q '"close_reason":"not_accepted"'
}

@test "a_head_does_not_approve_what_the_head_proposed" {
    land --text '情况复杂。'
    desk 11 1111 claim "$number"
    desk 11 1111 accept "$number"
    wait_until whole_due
    due=$(whole_due)
    desk 11 1111 extend "$number" --reason '涉及多户，须测绘'
    run approve desk-11 1111 "$number"
    [ "$status" != 0 ]
    [[ $output == *same_person* || $output == *"second person"* ]]
    approve desk-11 1112 "$number" # the deputy
    wait_until whole_is_later
    # Once.
    run desk 11 1111 extend "$number" --reason '再延'
    [ "$status" != 0 ]
}

whole_due () # fails where no clock runs yet
{
    local whole
    whole=$(minqing --json deadline explain "$number" | grep '"duty":"whole".*"running":true') &&
        field due_ms <<<"$whole"
}

whole_is_later ()
{
    [ "$(whole_due)" -gt "$due" ]
}

@test "what_is_rejected_goes_on_as_before" {
    land --text '只是问问。'
    accepted
    desk 11 1131 divert "$number" --ground court --reason '合同纠纷'
    approve desk-11 1111 "$number" --reject --reason '属于本所职责'
    [ "$(state_of "$number" 101)" = handling ]
    run approve desk-11 1111 "$number"
    [ "$status" != 0 ]
    # It can be proposed again, and happen.
    desk 11 1131 divert "$number" --ground arbitration --reason '劳动仲裁'
    approve leader-10 1004 "$number"
    wait_until state_is "$number" 101 diverted
    desk 11 1131 close "$number" --reason diversion_arrived --text '仲裁委已受理'
    wait_until state_is "$number" 101 closed
}

@test "the_dispatcher_leads_elsewhere_with_a_colleague" {
    slip=$(terminal 101 --json submit --village 340522100001 --text '邻居欠钱不还。')
    number=$(field number <<<"$slip")
    wait_until state_is "$number" 101 undecided
    run minqing dispatch divert "$number" --person 3121 --reason '民间借贷'
    [ "$status" = 65 ]
    [[ $output == *administrative_review* ]]
    minqing --person 3121 dispatch divert "$number" --ground court --reason '民间借贷'
    run approve dispatcher 3121 "$number"
    [ "$status" != 0 ]
    approve dispatcher 3122 "$number"
    wait_until state_is "$number" 101 diverted
    minqing --person 3121 dispatch close "$number" --reason diversion_arrived --text '已立案'
    wait_until state_is "$number" 101 closed
}

# ---- beside the course --------------------------------------------------------------

@test "linked_ones_keep_their_number_and_their_right_of_review" {
    land --text '粉尘。'
    lead=$number
    land --text '也是粉尘。'
    desk 11 1131 claim "$number"
    desk 11 1131 link "$number" --lead "$lead" --ground same_matter --reason '同一工地'
    approve desk-11 1111 "$number"
    wait_until state_is "$number" 101 closed
    linked=$number linked_code=$code number=$lead
    accepted
    decided not_support
    number=$linked
    wait_until served_too
    terminal 140 review "$number" "$linked_code" --reason '不服'
    wait_until course_is reviewing 54
}

served_too ()
{
    terminal 101 --json query "$number" | grep -q '"step":"serve"'
}

@test "mediation_ends_in_an_agreement_that_is_carried_out" {
    land --text '地界争议。'
    accepted
    desk 11 1131 mediate "$number"
    wait_until state_is "$number" 101 mediating
    desk 11 1131 agree "$number" --text '以沟为界，双方签字。'
    wait_until state_is "$number" 101 executing
    minqing --json --as desk-11 document "$number" | grep -q '"kind":"agreement"'
}

@test "a_call_back_is_recorded_before_it_closes" {
    land --text '补偿款。'
    accepted
    decided support
    desk 11 1131 done "$number"
    run desk 11 1131 close "$number" --reason call_back --text '已回访'
    [ "$status" != 0 ]
    desk 11 1132 contact "$number" --means telephone --result confirms --text '本人认可'
    desk 11 1131 close "$number" --reason call_back --text '已回访'
    wait_until state_is "$number" 101 closed
}

@test "who_has_an_interest_handles_it_no_more" {
    land --text '与承办人有亲属关系。'
    minqing --as desk-11 --person 1111 assign "$number" --to 1131
    wait_until state_is "$number" 101 claimed
    desk 11 1111 recuse "$number" --whom 1131 --reason '近亲属'
    wait_until state_is "$number" 101 dispatched
    run desk 11 1131 claim "$number"
    [ "$status" != 0 ]
    desk 11 1132 claim "$number"
}

@test "category_and_level_reached_are_noted_and_move_nothing" {
    land --text '要求复垦。'
    desk 11 1131 claim "$number"
    wait_until whole_due
    due=$(whole_due)
    desk 11 1131 categorise "$number" --category 国土资源
    desk 11 1131 went-up "$number" --level province --persons 6
    [ "$(whole_due)" = "$due" ]
    [ "$(state_of "$number" 101)" = claimed ]
    desk 11 1131 repurpose "$number" --purpose inquiry --ground asks_only --reason '只是问'
    approve desk-11 1111 "$number"
    wait_until purpose_is inquiry
}

@test "how_far_up_it_was_before_is_noted_at_the_filing_and_counted" {
    [ "$(minqing --json rates | field skip_level_city)" = 0 ]
    land --text '已到市里反映过。' --source forwarded --reached city
    counted ()
    {
        [ "$(minqing --json rates 2>/dev/null | field skip_level_city)" = 1 ]
    }
    wait_until counted
    run terminal 101 submit --village 340522100001 --text 甲 --reached moon
    [ "$status" = 65 ]
    [[ $output == *"county, city, province, capital"* ]]
}

purpose_is ()
{
    [ "$(minqing --json desk 11 show "$number" | field purpose)" = "$1" ]
}

supervised ()
{
    raise=$(minqing --json raises "$number" | grep '"supervision"' | field raise)
    [ -n "$raise" ]
}

is_shown_supervised ()
{
    [ "$(minqing --json desk 11 list --held --limit 0 | grep -- "$number" |
        field supervised)" = "$1" ]
}

@test "supervision_is_answered_with_what_became_of_the_advice" {
    land --text '拖了很久。'
    accepted
    run minqing --as desk-11 --person 1111 supervise "$number" --advice '我来督办'
    [ "$status" != 0 ]
    minqing --as leader-10 --person 1004 supervise "$number" --advice '一周内拿出方案'
    wait_until supervised
    wait_until is_shown_supervised true
    run minqing --as desk-11 --person 1111 raises answer "$raise" --text '照办'
    [ "$status" != 0 ] # what became of it?
    minqing --as desk-11 --person 1111 raises answer "$raise" --adoption adopted --text '照办'
    wait_until answered '照办'
    wait_until is_shown_supervised false
}

@test "every_day_of_a_period_is_told" {
    land --text '地界。'
    accepted
    minqing --json deadline explain "$number" >"$PLACE/explained"
    /usr/bin/python3 - "$PLACE/explained" <<'PYTHON'
import json, sys
clocks = [json.loads(line) for line in open(sys.argv[1])]
holders = clocks.pop()["holders"]
stage, = [clock for clock in clocks if clock["duty"] == "stage" and clock["running"]]
whole, = [clock for clock in clocks if clock["duty"] == "whole" and clock["running"]]
assert stage["amount"] == 60 and stage["article"] == "第三十四条", stage
assert whole["amount"] == 75, whole
for clock in stage, whole:
    counted = [day for day in clock["days"] if day["counted"]]
    assert not clock["days"][0]["counted"]
    assert [day["number"] for day in counted] == list(range(1, clock["amount"] + 1))
    assert all(day["why"] for day in clock["days"])
assert [holder["owner"] for holder in holders] == [11], holders
PYTHON
    run minqing deadline explain "$number" --clock 99
    [ "$status" = 65 ]
}

@test "notices_say_who_was_told_and_check_finds_all_well" {
    minqing --json notices --limit 0 >"$PLACE/notices"
    grep -q '"recipient":"petitioner"' "$PLACE/notices"
    grep -q '"recipient":"department"' "$PLACE/notices"
    run minqing --json notices --unreachable
    [ "$status" = 0 ]
    run minqing check
    [ "$status" = 0 ]
    [[ $output == *"escalation last looked at"* ]]
    registered=$(metric intake_grievances)
    verified "$registered"
}

@test "check_fails_when_escalation_does_not_answer" {
    daemon=$(daemon_pid escalation)
    kill -STOP "$daemon"
    run minqing check
    kill -CONT "$daemon"
    [ "$status" = 69 ]
    [[ $output == *escalation* ]]
    wait_until minqing check
}
