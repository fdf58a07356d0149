#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The programs that we are compared with give figures, and count what they did. How high the
# figures are is not asserted.

setup ()
{
    export MINQING_RELEASE=$MINQING_BUILD
    # Reachable for the user that PostgreSQL runs as, which the folder of a test is not.
    TMPDIR=$(mktemp -d)
    export TMPDIR
    chmod 755 "$TMPDIR"
}

teardown ()
{
    rm -rf "$TMPDIR"
}

# Run a peer for a second; its figures, or skipped where it is not installed.
peer ()
{
    local status=0
    "$BATS_TEST_DIRNAME/../bench/peers/$1" --json --seconds 1 --warm-seconds 0 "${@:2}" \
        >"$BATS_TEST_TMPDIR/figures" || status=$?
    [ $status != 77 ] || skip "$1 is not installed, or its load is not built (deploy/packages bench)"
    [ $status = 0 ]
}

# That an expression over the figures is true.
holds ()
{
    /usr/bin/python3 -c 'import json, sys; f = json.load (open (sys.argv[1])); assert eval (sys.argv[2]), f' \
        "$BATS_TEST_TMPDIR/figures" "$1"
}

@test "the_floor_of_the_disk_is_told_in_one_run" {
    "$MINQING_BUILD/floor_bench" --json --rounds 5 >"$BATS_TEST_TMPDIR/figures"
    holds 'all (0 < f[k]["p50_ms"] <= f[k]["p99_ms"] for k in
                ("append_4k", "overwrite_4k", "overwrite_1m", "lmdb_commit"))'
    [ -z "$(find "$TMPDIR" -name 'floor-*')" ]
}

@test "over_postgresql_row_by_row_and_in_batches_every_message_is_claimed_once" {
    for batch in 1 10; do
        peer postgresql --no-fill --window 40 --batch $batch
        holds 'f["messages"] > 0 and f["ack_p50_ms"] <= f["desk_p50_ms"]'
    done
    [ -z "$(find "$TMPDIR" -name 'minqing-peer-*')" ]
}

@test "over_redis_streams_every_message_is_claimed_once" {
    peer redis --window 40
    holds 'f["messages"] > 0 and f["ack_p50_ms"] <= f["desk_p50_ms"]'
    [ -z "$(find "$TMPDIR" -name 'minqing-peer-*')" ]
}
