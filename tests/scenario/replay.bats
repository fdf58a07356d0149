#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Real messages through a terminal's spool, with everything killed in the middle: each is
# registered exactly once and lies in exactly one queue, and the journals prove it.
#
# Every run takes a slice; --long takes all 8,666.
source "$BATS_TEST_DIRNAME/../support/place.bash"

export STREAM_ROWS=400 LABELLED_ROWS=500
if [ "${MINQING_LONG:-0}" = 1 ]; then
    export STREAM_ROWS=3013 LABELLED_ROWS=5653 WAIT_S=120
fi
PART=$((LABELLED_ROWS / 4)) # while one daemon is killed; the rest while all are

setup_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    if [ -r "$MINQING_DATA/stream.csv.gz" ]; then
        slice stream 0 "$STREAM_ROWS" stream
        for part in 0 1 2 3; do
            slice labelled $((part * PART)) "$PART" "part-$part"
        done
        slice labelled $((4 * PART)) $((LABELLED_ROWS - 4 * PART)) rest
        place_up
    fi
}

slice () # FILE SKIPPED COUNT NAME
{
    "$SOURCE/tests/support/slice.py" "$MINQING_DATA/$1.csv.gz" "$2" "$3" >"$PLACE/$4.csv"
}

setup ()
{
    real_data
    place_use "$BATS_FILE_TMPDIR/place"
}

teardown_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    place_drop
}

replay () # FILE
{
    terminal 199 --json replay "$PLACE/$1.csv"
}

# Until nothing is unsent: a link that is away for long leaves the rest to the next run.
replay_to_the_end ()
{
    local answer status=75
    while [ "$status" = 75 ]; do
        answer=$(replay "$1") && status=0 || status=$?
    done
    echo "$answer"
    return "$status"
}

replay_start () # FILE: in the background
{
    "$MINQING_BUILD/minqing" --as terminal-199 replay "$PLACE/$1.csv" \
        >>"$PLACE/replay.log" 2>&1 3>&- &
    echo $! >"$PLACE/replay.pid"
}

registered_are ()
{
    metric_reaches intake_grievances "$1"
}

@test "replay_killed_at_any_moment_goes_on_where_it_was" {
    # The moments are a parameter: while it starts, writes down, sends, ends.
    for moment in 0.02 0.05 0.1 0.15 0.2 0.3; do
        replay_start stream
        sleep "$moment"
        pid_end KILL "$PLACE/replay.pid"
    done
    answer=$(replay_to_the_end stream)
    [ "$(field unsent <<<"$answer")" = 0 ]
    [ "$(field refused <<<"$answer")" = 0 ]
    [ "$(field not_fileable <<<"$answer")" = 0 ]
    # Once more: every row is known.
    answer=$(replay stream)
    [ "$(field filed <<<"$answer")" = 0 ]
    [ "$(field filed_before <<<"$answer")" = "$STREAM_ROWS" ]
    verified "$STREAM_ROWS"
}

@test "each_daemon_killed_in_turn_while_it_runs_changes_nothing" {
    place_down
    place_start intake routing escalation notification
    "$MINQING_BUILD/minqing" --as terminal-199 terminal >>"$PLACE/replay.log" 2>&1 3>&- &
    echo $! >"$PLACE/replay.pid"
    part=0
    for daemon in "${DAEMONS[@]}"; do
        # Written into the spool, out of which the terminal sends at once.
        terminal 199 replay --offline "$PLACE/part-$part.csv" || [ $? = 75 ]
        daemon_kill "$daemon"
        daemon_start "$daemon"
        part=$((part + 1))
    done
    # And all together, back in the order that nobody expects.
    terminal 199 replay --offline "$PLACE/rest.csv" || [ $? = 75 ]
    for daemon in "${DAEMONS[@]}"; do
        daemon_kill "$daemon"
    done
    place_start notification escalation routing intake
    wait_until registered_are $((STREAM_ROWS + LABELLED_ROWS))
    pid_end TERM "$PLACE/replay.pid"
    for name in part-0 part-1 part-2 part-3 rest; do
        answer=$(replay "$name")
        [ "$(field filed <<<"$answer")" = 0 ]
        [ "$(field unsent <<<"$answer")" = 0 ]
    done
    verified $((STREAM_ROWS + LABELLED_ROWS))
}

undecided_are ()
{
    [ "$(minqing --json dispatch --limit 0 | wc -l)" = "$1" ]
}

@test "every_message_lies_in_exactly_one_queue_without_category_the_dispatchers" {
    wait_until undecided_are "$STREAM_ROWS"
    minqing --json dispatch --limit 0 >"$PLACE/undecided"
    [ "$(sed 's/.*"number":"\([^"]*\)".*/\1/' "$PLACE/undecided" | sort -u | wc -l)" = \
        "$STREAM_ROWS" ]
    [ "$(metric 'routing_grievances{state="undecided"}')" = "$STREAM_ROWS" ]
    [ "$(metric 'routing_grievances{state="dispatched"}')" = "$LABELLED_ROWS" ]
}

@test "dispatcher_empties_the_queue_by_a_scripted_rule" {
    minqing --json dispatch --limit 0 | "$SOURCE/tests/support/dispatch_rule.py" |
        minqing --json dispatch --batch - >"$PLACE/dispatched"
    [ "$(wc -l <"$PLACE/dispatched")" = "$STREAM_ROWS" ]
    undecided_are 0
    verified $((STREAM_ROWS + LABELLED_ROWS))
}

@test "sums_by_village_and_department_are_the_journals_own" {
    wait_until verified $((STREAM_ROWS + LABELLED_ROWS))
    minqing --json queue >"$PLACE/queue"
    [ "$(/usr/bin/python3 -c 'import json, sys
print(sum(row["waiting"] for row in map(json.loads, sys.stdin)))' <"$PLACE/queue")" = \
        $((STREAM_ROWS + LABELLED_ROWS)) ]
}

@test "trees_are_intact_for_who_computes_them_alone" {
    for daemon in "${DAEMONS[@]}"; do
        python_client operator prove "$daemon"
    done
}

@test "facts_refolded_from_the_journals_are_the_same" {
    before=$(minqing --json verify)
    for daemon in "${DAEMONS[@]}"; do
        daemon_stop "$daemon"
    done
    for daemon in "${DAEMONS[@]}"; do
        "$MINQING_BUILD/minqing-$daemon" --config "$MINQING_CONFIG" --rebuild
    done
    place_start
    verified $((STREAM_ROWS + LABELLED_ROWS))
    [ "$(minqing --json verify | field states)" = "$(field states <<<"$before")" ]
}
