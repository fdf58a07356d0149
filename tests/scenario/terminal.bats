#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A village terminal whose link comes and goes. The slip is valid at once; what is in the
# spool arrives by itself, in order, exactly once.
source "$BATS_TEST_DIRNAME/../support/place.bash"

setup_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    place_up
    place_down
}

setup ()
{
    place_use "$BATS_FILE_TMPDIR/place"
}

teardown ()
{
    pid_end TERM "$PLACE/terminal.pid"
    place_down
}

teardown_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    place_drop
}

submit_at () # TERMINAL TEXT
{
    terminal "$1" --json submit --village "$((340522100000 + $1 - 100))" --text "$2" --wait 0
}

terminal_start () # TERMINAL
{
    "$MINQING_BUILD/minqing" terminal --as "terminal-$1" >"$PLACE/terminal.log" 2>&1 3>&- &
    echo $! >"$PLACE/terminal.pid"
}

is_registered () # TERMINAL NUMBER
{
    terminal "$1" --json query "$2" 2>/dev/null | grep -q "$2"
}

nothing_is_unsent () # TERMINAL
{
    [ -z "$(terminal "$1" --json terminal unsent)" ]
}

@test "slip_is_made_with_the_link_down" {
    run submit_at 101 '停电的时候写下的。'
    [ "$status" = 75 ]
    slip=$(head -n 1 <<<"$output")
    [ "$(field state <<<"$slip")" = kept ]
    [[ $(field number <<<"$slip") =~ ^[0-9]{8}-00101-[0-9]{5}-[0-9X]$ ]]
    [[ $(field code <<<"$slip") =~ ^[0-9A-HJKMNP-TV-Z]{8}$ ]]
    [ "$(terminal 101 --json terminal unsent | wc -l)" = 1 ]
}

@test "terminal_sends_by_itself_in_order_when_the_daemons_come" {
    numbers=()
    for text in 第一件 第二件 第三件; do
        slip=$(submit_at 102 "$text") || [ $? = 75 ]
        numbers+=("$(field number <<<"$slip")")
    done
    terminal_start 102
    place_up
    wait_until nothing_is_unsent 102
    for number in "${numbers[@]}"; do
        is_registered 102 "$number"
    done
    registered=$(minqing --json journal intake | grep -o '202[0-9]*-00102-[0-9]*-[0-9X]')
    [ "$registered" = "$(printf '%s\n' "${numbers[@]}")" ]
    pid_end TERM "$PLACE/terminal.pid"
}

@test "submit_leaves_the_sending_to_a_terminal_that_runs" {
    place_up
    terminal_start 103
    slip=$(terminal 103 --json submit --village 340522100003 --text '终端开着。')
    [ "$(field state <<<"$slip")" = registered ]
    pid_end TERM "$PLACE/terminal.pid"
}

@test "link_that_breaks_in_between_changes_nothing" {
    place_up
    terminal_start 104
    first=$(terminal 104 --json submit --village 340522100004 --text '断线以前。')
    [ "$(field state <<<"$first")" = registered ]
    place_down
    second=$(submit_at 104 '断线的时候。') || [ $? = 75 ]
    place_up
    wait_until is_registered 104 "$(field number <<<"$second")"
    wait_until nothing_is_unsent 104
    pid_end TERM "$PLACE/terminal.pid"
    grep -q 'link down' "$PLACE/terminal.log"
}

@test "terminal_that_starts_while_a_submit_waits_takes_over" {
    "$MINQING_BUILD/minqing" submit --as terminal-108 --village 340522100008 --text '等一等。' \
        --wait 1 >"$PLACE/slip" 2>&1 3>&- &
    echo $! >"$PLACE/submit.pid"
    wait_until grep -q number "$PLACE/slip"
    terminal_start 108
    wait_until pid_is_gone "$(cat "$PLACE/submit.pid")"
    place_up
    wait_until nothing_is_unsent 108
    pid_end TERM "$PLACE/terminal.pid"
}

@test "terminal_killed_while_it_sends_and_started_again_doubles_nothing" {
    for serial in 1 2 3 4 5 6 7 8; do
        submit_at 105 "第 $serial 件" >"$PLACE/slip" || [ $? = 75 ]
    done
    place_up
    before=$(metric intake_grievances)
    terminal_start 105
    pid_end KILL "$PLACE/terminal.pid"
    terminal 105 terminal --once
    nothing_is_unsent 105
    [ "$(metric intake_grievances)" = $((before + 8)) ]
}

@test "refused_filing_is_listed_corrected_and_blocks_nothing" {
    place_up
    # The village of another terminal.
    run terminal 106 submit --village 340522100007 --text '邻村的事。'
    [ "$status" = 65 ]
    refused=$(terminal 106 --json terminal refused)
    number=$(field number <<<"$refused")
    [ "$(field code <<<"$refused")" = territory ]
    # The next one is taken meanwhile.
    slip=$(terminal 106 --json submit --village 340522100006 --text '本村的事。')
    [ "$(field state <<<"$slip")" = registered ]
    # Corrected it gets a slip of its own.
    slip=$(terminal 106 --json terminal correct "$number" --village 340522100006)
    terminal 106 terminal --once
    is_registered 106 "$(field number <<<"$slip")"
    [ -z "$(terminal 106 --json terminal refused)" ]
}

@test "notice_for_who_has_no_telephone_is_printed_in_the_village_and_handed_over" {
    place_up
    slip=$(terminal 107 --json submit --village 340522100007 --text '没有电话。' --name 赵某)
    number=$(field number <<<"$slip")
    wait_until has_print
    notice=$(terminal 107 --json terminal prints | grep -- "$number" | field notice)
    terminal 107 terminal handed "$notice" --to 赵某
    wait_until is_no_more_print "$notice"
}

has_print ()
{
    terminal 107 --json terminal prints | grep -q -- "$number"
}

is_no_more_print ()
{
    ! terminal 107 --json terminal prints | grep -q "\"notice\": $1,"
}

@test "whatever_happened_everything_proves_itself" {
    place_up
    verified "$(metric intake_grievances)"
}
