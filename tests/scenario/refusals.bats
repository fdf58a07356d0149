#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Who may not, and what is not understood: a clear refusal or a closed connection, nothing
# half written, and a counter in the metrics.
source "$BATS_TEST_DIRNAME/../support/place.bash"

setup_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    place_up
}

setup ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    registered=$(metric intake_grievances)
}

teardown_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    place_drop
}

attack ()
{
    timeout 60 "$SOURCE/tests/support/hostile.py" "$PLACE" "$1"
}

# counts METRIC COMMAND …: the counter grows while the command runs
counts ()
{
    local name=$1 before
    shift
    before=$(metric "$name")
    "$@"
    wait_until metric_reaches "$name" $((before + 1))
}

nothing_was_registered ()
{
    [ "$(metric intake_grievances)" = "$registered" ]
}

@test "unknown_key_is_not_let_in" {
    counts 'intake_handshakes_total{result="unknown_key"}' attack stranger
    nothing_was_registered
}

@test "without_a_key_or_with_the_wrong_server_key_there_is_silence" {
    counts 'intake_handshakes_total{result="no_key"}' attack naked
    counts 'intake_door_connections_ended_total{door="clients"}' \
        attack wrong_server
    nothing_was_registered
}

@test "frame_that_is_too_large_ends_the_connection_and_the_next_is_served" {
    counts 'intake_door_connections_ended_total{door="clients"}' \
        attack too_large
    nothing_was_registered
}

@test "malformed_frames_are_refused_with_a_sentence_and_consume_nothing" {
    counts intake_bad_frames_total attack malformed
    [ "$(metric 'intake_refusals_total{code="malformed"}')" -ge 12 ]
    nothing_was_registered
}

@test "random_damage_kills_no_daemon" {
    before=$(daemon_pid intake)
    attack fuzz
    [ "$(daemon_pid intake)" = "$before" ]
}

@test "counter_gap_consumes_nothing" {
    counts 'intake_refusals_total{code="gap"}' attack gap
    nothing_was_registered
}

@test "same_counter_with_other_content_is_a_conflict_and_with_the_same_a_repeat" {
    counts 'intake_refusals_total{code="conflict"}' attack conflict
    [ "$(metric 'intake_commands_total{result="repeated"}')" -ge 1 ]
    [ "$(metric intake_grievances)" = $((registered + 1)) ]
}

@test "incarnation_that_is_not_in_force_consumes_nothing" {
    counts 'intake_refusals_total{code="incarnation"}' attack stale_incarnation
    nothing_was_registered
}

@test "refused_filing_is_recorded_and_blocks_nothing" {
    counts 'intake_refusals_total{code="unknown_village"}' attack refused_between_two
    [ "$(metric intake_grievances)" = $((registered + 2)) ]
}

@test "terminal_files_for_its_own_territory_only" {
    counts 'intake_refusals_total{code="territory"}' attack foreign_village
    counts 'intake_refusals_total{code="bad_number"}' attack foreign_number
    nothing_was_registered
}

@test "terminal_takes_no_steps_and_sees_no_queue" {
    counts 'routing_refusals_total{code="no_right"}' attack foreign_step
}

@test "desk_does_not_touch_what_lies_with_another" {
    slip=$(terminal 102 --json submit --village 340522100002 --category 环境保护 --text '灰。')
    number=$(field number <<<"$slip")
    wait_until state_is "$number" 102 dispatched
    counts 'routing_refusals_total{code="territory"}' refused_at_desk_11
    # Nor does it see the text, and nobody can subscribe to another's queue.
    run minqing --as desk-11 desk 13 show "$number"
    [ "$status" != 0 ]
    [[ $output != *灰* ]]
    run minqing --as desk-11 desk 13 follow --limit 1
    [ "$status" != 0 ]
    state_is "$number" 102 dispatched
}

refused_at_desk_11 ()
{
    run desk 11 1131 claim "$number"
    [ "$status" != 0 ]
}

@test "five_wrong_codes_close_a_number_for_an_hour" {
    slip=$(terminal 103 --json submit --village 340522100003 --text '秘密。')
    number=$(field number <<<"$slip")
    for code in 00000001 00000002 00000003 00000004 00000005; do
        run terminal 104 query "$number" "$code"
        [ "$status" != 0 ]
    done
    # Also for who has the right one.
    run terminal 104 query "$number" "$(field code <<<"$slip")"
    [ "$status" != 0 ]
    [ "$(metric intake_closed_codes)" = 1 ]
}

@test "revoked_key_is_refused_though_its_connection_stands" {
    attack revoked >"$PLACE/revoked" 3>&- &
    attacker=$!
    wait_until grep -q connected "$PLACE/revoked"
    sed -i '/terminal-101/d; /^101\t/d' "$PLACE/clients.tsv"
    place_reload
    wait_until pid_is_gone "$attacker"
    wait "$attacker"
    grep -q REFUSAL_UNKNOWN_CLIENT "$PLACE/revoked"
    metric_reaches intake_unknown_keys_total 1
}

@test "after_all_of_it_everything_proves_itself" {
    verified "$registered"
    run grep -c ' ended ' "$PLACE/up.log" # no daemon was started again
    [ "$output" = 0 ]
}
