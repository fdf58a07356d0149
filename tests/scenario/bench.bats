#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# 'minqing bench' on a small scale: its figures are there and agree with each other, and
# nothing of it is left behind. How fast it is, is said elsewhere (tests/bench).
source "$BATS_TEST_DIRNAME/../support/place.bash"

setup ()
{
    export TMPDIR=$BATS_TEST_TMPDIR
    export MINQING_CONFIG=$BATS_TEST_TMPDIR/none.conf
}

# A bench of a second with few of everything.
bench ()
{
    "$MINQING_BUILD/minqing" bench --terminals 3 --desks 4 --seconds 1 --text 60 "$@"
}

# Neither a folder nor a daemon of it.
nothing_is_left ()
{
    [ -z "$(find "$TMPDIR" -maxdepth 1 -name 'minqing-bench-*')" ]
    ! pgrep -f "$TMPDIR/minqing-bench-"
}

# agree JSON …: what holds of every run.
agree ()
{
    python3 - "$@" <<'PYTHON'
import json, sys
for line in open(sys.argv[1]):
    run = json.loads(line)
    assert run["filed"] == run["acknowledged"] == run["claimed"] > 0, run
    for what in "acknowledgement", "arrival", "claim":
        times = run[what]
        assert 0 < times["count"] <= run["filed"], run
        assert 0 < times["p50_ms"] <= times["p90_ms"] <= times["p99_ms"] <= times["max_ms"]
    assert run["claim"]["p50_ms"] > run["arrival"]["p50_ms"]
    assert run["arrival"]["p50_ms"] > run["acknowledgement"]["p50_ms"]
    assert run["acknowledged_per_second"] > 0 and run["claimed_per_second"] > 0
    assert run["disk_bytes_each"] > 0 and run["load_cpu_s_per_million"] > 0
    assert set(run["daemons"]) == {"intake", "routing", "escalation", "notification"}
    for name, daemon in run["daemons"].items():
        assert daemon["cpu_s_per_million"] > 0 and daemon["caught_up_s"] > 0, (name, daemon)
        assert daemon["pss_kib"] > 0 and daemon["anon_kib"] > 0, (name, daemon)
    for name in "intake", "routing":
        assert run["daemons"][name]["entries_per_batch"] > 0, run["daemons"][name]
PYTHON
}

holds () # what Python finds true of the runs
{
    python3 -c "import json, sys
runs = [json.loads(line) for line in open(sys.argv[1])]
assert $1, runs" "$BATS_TEST_TMPDIR/runs"
}

@test "what is filed is acknowledged and claimed, by window" {
    bench --window 1,50 --json >"$BATS_TEST_TMPDIR/runs"
    agree "$BATS_TEST_TMPDIR/runs"
    holds 'len(runs) == 2 and [run["window"] for run in runs] == [1, 50]'
    nothing_is_left
}

@test "by rate, with a terminal that asks, and two daemons that follow afterwards" {
    local daemon
    bench --rate 40 --queries 20 --without escalation,notification --json \
        >"$BATS_TEST_TMPDIR/runs"
    agree "$BATS_TEST_TMPDIR/runs"
    # From the warming up on, 40 a second for two seconds.
    holds 'runs[0]["filed"] == 80 and runs[0]["rate"] == 40'
    holds 'runs[0]["query"]["count"] == 20'
    for daemon in escalation notification; do
        holds "runs[0]['daemons']['$daemon']['without']"
        holds "runs[0]['daemons']['$daemon']['behind'] > 0"
    done
    holds 'not runs[0]["daemons"]["intake"]["without"]'
    nothing_is_left
}

@test "a folder that is kept is filled further, and is a place like any other" {
    local dir=$BATS_TEST_TMPDIR/place
    bench --window 20 --fill 100 --dir "$dir" --csv >"$BATS_TEST_TMPDIR/first.csv"
    bench --window 20 --dir "$dir" --csv >"$BATS_TEST_TMPDIR/second.csv"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/first.csv")" = 2 ]
    python3 - "$BATS_TEST_TMPDIR/second.csv" <<'PYTHON'
import csv, sys
(run,) = csv.DictReader(open(sys.argv[1]))
assert run["window"] == "20" and run["filed"] == run["acknowledged"] == run["claimed"]
assert None not in run and None not in run.values()
PYTHON
    place_use "$dir"
    place_up
    minqing verify
    place_down
}

@test "for people there are tables" {
    bench --window 10 >"$BATS_TEST_TMPDIR/tables"
    grep -q '^WINDOW .*RECEIPT P50 .*DESK MAX .*CLAIM P50 ' "$BATS_TEST_TMPDIR/tables"
    grep -q '^ *10 notification ' "$BATS_TEST_TMPDIR/tables"
    nothing_is_left
}

@test "Ctrl-C ends it, with its daemons and its folder" {
    "$MINQING_BUILD/minqing" bench --window 10 --seconds 600 >/dev/null 3>&- &
    local pid=$!
    wait_until pgrep -f "minqing-notification --config $TMPDIR/minqing-bench-"
    kill -INT $pid
    wait $pid
    nothing_is_left
}

@test "what cannot be asked is said" {
    local words code
    while read -r words; do
        code=0
        bench $words 2>"$BATS_TEST_TMPDIR/said" || code=$?
        [ "$code" = 64 ]
        grep -q '^minqing bench: ' "$BATS_TEST_TMPDIR/said"
    done <<'WORDS'
--window 0
--window 1,many
--rate 100 --window 10
--without routing
--terminals 0
--json --csv
--text 60001
WORDS
    nothing_is_left
}
