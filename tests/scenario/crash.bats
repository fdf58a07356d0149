#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What was acknowledged is there, once, whatever happens to the daemons (tests/crash).
#
# The modes run two at a time behind the tests, which wait for theirs: each alone mostly
# waits for processes to start.
source "$BATS_TEST_DIRNAME/../support/place.bash"

# As people run them: sanitizers are slow to start, and a crash test starts all the time.
DAEMONS_UNDER_TEST=${MINQING_RELEASE:-$MINQING_BUILD}
MODES=(kill-points kills disk lossy pressure full freeze power-cut clock netns)
[ "${MINQING_LONG:-0}" != 1 ] || MODES+=(power-cut-vm)
CRASH_WAIT_S=$((MINQING_LONG == 1 ? 7200 : 240))

setup_file ()
{
    export OUT=$BATS_FILE_TMPDIR
    mkdir "$OUT/python"
    # Compiled once, before two of them would at the same time.
    MINQING_PYTHON_PROTO=$OUT/python PYTHONPATH=$SOURCE/tests/support \
        /usr/bin/python3 -c 'import minqing_wire'
    MINQING_BUILD=$DAEMONS_UNDER_TEST MINQING_PYTHON_PROTO=$OUT/python \
        setsid bash -c 'printf "%s\n" "${@:2}" | xargs -P 2 -I{} \
            sh -c "\"$1/crash\" {} >\"$OUT/{}.out\" 2>&1; echo \$? >\"$OUT/{}.rc\""' \
        modes "$SOURCE/tests/crash" "${MODES[@]}" >/dev/null 2>&1 3>&- &
    echo $! >"$OUT/modes.pid"
}

teardown_file ()
{
    # Of its own session: whatever still runs of it ends with it, and drops its place.
    kill -TERM -- "-$(cat "$BATS_FILE_TMPDIR/modes.pid")" 2>/dev/null || true
}

# A mode's end: its row is shown; 77 is a machine that cannot try it, which is a row of the
# table too, and there it fails a run that was to try all.
passes ()
{
    WAIT_S=$CRASH_WAIT_S wait_until test -s "$OUT/$1.rc"
    cat "$OUT/$1.out"
    [ "$(cat "$OUT/$1.rc")" != 77 ] || skip "$(grep '^skipped: ' "$OUT/$1.out")"
    [ "$(cat "$OUT/$1.rc")" = 0 ]
}

setup ()
{
    PLACE=$BATS_TEST_TMPDIR
}

@test "kill_at_every_system_call_of_a_commit_loses_and_doubles_nothing" {
    passes kill-points
}

@test "two_hundred_random_kills_of_daemons_and_terminal_lose_and_double_nothing" {
    passes kills
}

@test "every_write_or_sync_that_fails_ends_the_daemon_and_promises_nothing" {
    passes disk
}

@test "what_a_disk_forgets_was_never_promised" {
    passes lossy
}

@test "clients_that_drip_flood_or_never_read_cost_the_honest_ones_little" {
    passes pressure
}

@test "a_full_map_puts_filings_off_and_lets_the_desk_close" {
    passes full
}

@test "a_daemon_that_stands_still_for_a_minute_costs_only_the_minute" {
    passes freeze
}

@test "power_cut_at_any_moment_leaves_what_was_acknowledged" {
    passes power-cut
}

@test "clock_that_jumps_raises_nothing_and_is_settled" {
    passes clock
}

@test "pulled_cable_and_killed_terminal_lose_and_double_nothing" {
    passes netns
}

@test "power_cut_of_a_machine_leaves_what_was_acknowledged" {
    [ "${MINQING_LONG:-0}" = 1 ] || skip "some minutes: tests/run --long"
    passes power-cut-vm
}
