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

check ()
{
    /usr/bin/python3 "$SOURCE/tests/check/minqing_check.py" "$@"
}

@test "good_histories_are_clean_and_what_a_restoration_lost_is_listed" {
    run check "$HISTORIES"/clean-* "$HISTORIES"/restored*
    echo "$output"
    [ "$status" = 0 ]
    [ "$(grep -c ': clean;' <<<"$output")" = 8 ]
    grep -q 'is not registered at intake any more' <<<"$output"
}

@test "every_forged_history_is_found" {
    run check --quiet "$HISTORIES"/forged/*
    echo "$output"
    [ "$status" = 1 ]
    [ "${#lines[@]}" -ge 60 ]
    ! grep -q ': clean;' <<<"$output"
}

# bytes, tree: the next test; position, sums: of daemons that run.
@test "without_any_check_some_history_passes" {
    run check --needed --without bytes --without tree --without position --without sums \
        "$HISTORIES"/forged/*
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
    for n in 1 2 3 4 5 6; do
        terminal 101 submit --village 340522100001 --category 国土资源/土地征收 \
            --title "补偿款 $n" --text '三亩地征收半年，补偿款没有打到卡上。' --name 王某
    done
    run minqing verify
    echo "$output"
    [ "$status" = 0 ]
    run minqing verify --quick
    [ "$status" = 0 ]
    run check --live "$PLACE/keys/operator.key"
    echo "$output"
    [ "$status" = 0 ]
}
