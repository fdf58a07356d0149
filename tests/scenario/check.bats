#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Two checkers, 'minqing verify' and tests/check/minqing_check.py, which share no line: what
# runs well is well for both, and every forged history is found by both (that 'verify' finds
# them, and corrupt stores, is test_mutations).
source "$BATS_TEST_DIRNAME/../support/place.bash"

setup_file ()
{
    export HISTORIES=$BATS_FILE_TMPDIR/histories
    place_use "$BATS_FILE_TMPDIR/place"
    "$MINQING_BUILD/test_mutations" --write "$HISTORIES"
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

# What lies with departments is shown to their keys alone.
DESKS=()
some_work ()
{
    for n in 1 2 3; do
        terminal 101 submit --village 340522100001 --category 国土资源/土地征收 \
            --title "补偿款 $n" --text '三亩地征收半年，补偿款没有打到卡上。' --name 王某
    done
    number=$(terminal 113 --json submit --village 340522100201 --category 国土资源/土地征收 \
        --text '补偿款没有打到卡上。' | field number)
    wait_until state_is "$number" 113 dispatched
    desk 11 1131 claim "$number"
    mapfile -t DESKS < <(ls "$PLACE"/keys/{dispatcher,desk-*}.key)
}

check ()
{
    /usr/bin/python3 "$SOURCE/tests/check/minqing_check.py" "$@"
}

@test "good_histories_are_clean_and_what_a_restoration_lost_is_listed" {
    run check "$HISTORIES"/clean-* "$HISTORIES"/restored* "$HISTORIES"/mended
    echo "$output"
    [ "$status" = 0 ]
    [ "$(grep -c ': clean;' <<<"$output")" = 9 ]
    grep -q 'is not registered at intake any more' <<<"$output"
    grep -q 'intake entry 17 was damaged, and is back' <<<"$output"
}

@test "every_forged_history_is_found" {
    run check --quiet "$HISTORIES"/forged/*
    echo "$output"
    [ "$status" = 1 ]
    [ "${#lines[@]}" -ge 60 ]
    ! grep -q ': clean;' <<<"$output"
}

# What daemons say while they run is doctored, for the checks of what they say.
@test "without_any_check_some_history_passes" {
    some_work
    for what in root digest; do
        "$SOURCE/tests/check/spoil.py" "$HISTORIES/clean-1" "$BATS_TEST_TMPDIR/$what" $what
    done
    run check --needed --live "$PLACE/keys/operator.key" --also "${DESKS[@]}" \
        -- "$HISTORIES"/forged/* "$BATS_TEST_TMPDIR"/{root,digest}
    echo "$output"
    [ "$status" = 0 ]
}

@test "spoilt_files_of_an_archive_are_found" {
    spoil () # PROGRAM: of the last segment's bytes
    {
        rm -rf "$BATS_TEST_TMPDIR/spoilt"
        cp -r "$HISTORIES/clean-1" "$BATS_TEST_TMPDIR/spoilt"
        /usr/bin/python3 - "$BATS_TEST_TMPDIR/spoilt" "$1" <<'PYTHON'
import pathlib, sys
folder = pathlib.Path(sys.argv[1]) / "routing"
path = sorted(folder.glob("*.segment"))[1]
data = bytearray(path.read_bytes())
exec(sys.argv[2])
path.write_bytes(data)
PYTHON
        run check "$BATS_TEST_TMPDIR/spoilt"
        echo "$1: $output"
        [ "$status" = 1 ]
    }
    for at in 5 40 200 20000 60000 -40 -3; do
        spoil "data[$at] ^= 1"
    done
    spoil 'del data[-9:]'
    spoil 'del data[:]'
    spoil 'data[:] = data + data'
    spoil 'path = folder / "000000000001.segment"'
}

@test "both_find_daemons_that_run_well" {
    some_work
    run minqing verify
    echo "$output"
    [ "$status" = 0 ]
    grep -Eq 'days of villages: ([1-9]) of \1 agree' <<<"$output"
    run minqing verify --quick
    [ "$status" = 0 ]
    run check --live "$PLACE/keys/operator.key" --also "${DESKS[@]}"
    echo "$output"
    [ "$status" = 0 ]
    grep -Eq '([1-9]) of \1 village-days' <<<"$output"
    grep -Eq 'compared: [1-9][0-9]* by routing, [1-9][0-9]* by intake, [1-9]' <<<"$output"
}
