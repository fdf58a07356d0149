#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A real daemon dies of an input, again and again as systemd starts it again: at the third
# time the input is set aside by its name, whoever sent it is told, and everything else goes
# on, the clock of the grievance too.
source "$BATS_TEST_DIRNAME/../support/place.bash"

DAY_MS=86400000
LIVES_MAX=6

has_faults ()
{
    grep -q '^MINQING_FAULTS:BOOL=ON' "$MINQING_BUILD/CMakeCache.txt"
}

setup_file ()
{
    has_faults || return 0
    place_use "$BATS_FILE_TMPDIR/place"
    clock_set "$(now_ms)"
    place_up
    place_down
    place_start routing escalation notification
}

setup ()
{
    has_faults || skip "this build has no faults: -DMINQING_FAULTS=ON"
    place_use "$BATS_FILE_TMPDIR/place"
    export MINQING_CLOCK_FILE=$PLACE/clock
}

teardown_file ()
{
    has_faults || return 0
    place_use "$BATS_FILE_TMPDIR/place"
    place_drop
}

# With the fault, and started again after each death; how each life ended is a line of
# NAME.lives.
fragile_start () # NAME
{
    fragile_lives "$1" >>"$PLACE/$1.log" 2>&1 3>&- &
    wait_until minqing metrics "$1"
}

fragile_lives ()
{
    local status=134 pid
    : >"$PLACE/$1.lives"
    for ((life = 0; life < LIVES_MAX && status != 0; life++)); do
        MINQING_FAULT=die-of-input "$MINQING_BUILD/minqing-$1" --config "$MINQING_CONFIG" &
        pid=$!
        echo "$pid" >"$PLACE/$1.pid"
        status=0
        wait "$pid" || status=$?
        echo "$status" >>"$PLACE/$1.lives"
    done
}

died_three_times () # NAME
{
    [ "$(paste -sd ' ' "$PLACE/$1.lives")" = "134 134 134" ]
}

file_at () # TERMINAL TITLE
{
    terminal "$1" --json submit --village 340522100001 --category 国土资源/土地征收 \
        --title "$2" --text '三亩地征收半年，补偿款没有打到卡上。' --wait 60
}

parked_at () # NAME
{
    minqing journal "$1" | grep -c parked
}

is_named () # NAME: by 'check', which is not content
{
    local words
    words=$(minqing check 2>&1) && return 1
    grep "$1: 1 inputs are parked" <<<"$words"
}

@test "filing_that_intake_dies_of_is_refused_at_the_fourth_life" {
    fragile_start intake
    run file_at 101 毒
    echo "$output"
    [ "$status" = 65 ]
    [[ $output == *parked* ]]
    died_three_times intake
    [ "$(parked_at intake)" = 1 ]
    is_named intake
}

@test "other_filings_go_on_behind_it" {
    for title in 补偿款 毒药 补偿; do
        number=$(file_at 101 "$title" | field number)
        wait_until state_is "$number" 101 dispatched
    done
    died_three_times intake
}

@test "registration_that_routing_dies_of_is_passed_over_and_its_clock_runs" {
    daemon_stop intake
    daemon_start intake
    daemon_stop routing
    fragile_start routing
    number=$(file_at 101 毒 | field number)
    next=$(file_at 101 补偿款 | field number)
    wait_until state_is "$next" 101 dispatched
    died_three_times routing
    [ "$(parked_at routing)" = 1 ]
    is_named routing

    # Nobody has it: escalation raises it as any other that nobody accepts.
    clock_set $(($(now_ms) + 25 * DAY_MS))
    breached ()
    {
        python_client operator raises "$number" | grep -q CAUSE_BREACH
    }
    wait_until breached
}
