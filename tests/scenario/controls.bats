#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Tests of the tests: each must fail when what it guards is broken, and what breaks it is
# nowhere but in test builds.
source "$BATS_TEST_DIRNAME/../support/place.bash"

CONTROLS=$SOURCE/tests/controls
RELEASE=${MINQING_RELEASE:-$SOURCE/.build/release}
PROGRAMS=(minqing minqing-intake minqing-routing minqing-escalation minqing-notification)

has_faults ()
{
    grep -q '^MINQING_FAULTS:BOOL=ON' "$1/CMakeCache.txt"
}

# The names of all faults, from where they are given.
fault_names ()
{
    sed -n 's/.*\[FAULT_[A-Z_]*\] = "\([a-z-]*\)".*/\1/p' "$SOURCE/common/base/fault.c" |
        grep -vx none
}

@test "every_fault_is_noticed_by_the_test_that_guards_against_it" {
    has_faults "$MINQING_BUILD" || skip "this build has no faults: -DMINQING_FAULTS=ON"
    "$CONTROLS/controls" fast
}

@test "tests_on_real_daemons_notice_faults_too" {
    [ "${MINQING_LONG:-0}" = 1 ] || skip "some minutes: tests/run --long"
    has_faults "$MINQING_BUILD" || skip "this build has no faults: -DMINQING_FAULTS=ON"
    "$CONTROLS/controls" long
}

@test "every_fault_has_a_test_that_is_tried_against_it" {
    fault_names >"$BATS_TEST_TMPDIR/faults"
    [ -s "$BATS_TEST_TMPDIR/faults" ]
    while read -r name; do
        cut -f2 "$CONTROLS/table.tsv" | grep -qx -- "$name" ||
            { echo "$name: no row of tests/controls/table.tsv"; false; }
    done <"$BATS_TEST_TMPDIR/faults"
}

@test "every_fault_stands_in_the_code_once_or_twice" {
    grep -rhoE '\bFAULT \([A-Z_]+\)' "$SOURCE/common" "$SOURCE/services" --include='*.c' |
        sort -u | tr -d '()' | sed 's/FAULT //' | tr '[:upper:]_' '[:lower:]-' \
        >"$BATS_TEST_TMPDIR/used"
    for name in $(fault_names); do
        grep -qx -- "$name" "$BATS_TEST_TMPDIR/used" || { echo "$name: nowhere"; false; }
    done
}

@test "programs_that_are_installed_have_no_faults" {
    [ -x "$RELEASE/minqing" ] || skip "no release build"
    has_faults "$RELEASE" && skip "this release build was made with faults"
    for program in "${PROGRAMS[@]}"; do
        ! nm "$RELEASE/$program" | grep -w fault_is_on
        ! strings -a "$RELEASE/$program" | grep -F 'MINQING_FAULT'
    done
    # It means nothing there.
    MINQING_FAULT=nonsense "$RELEASE/minqing-intake" --version
}

@test "a_fault_that_is_not_known_ends_the_program" {
    has_faults "$MINQING_BUILD" || skip "this build has no faults: -DMINQING_FAULTS=ON"
    mkdir -p "$BATS_TEST_TMPDIR/store"
    run env MINQING_FAULT=nonsense MINQING_TESTS='what_was_committed*' \
        "$MINQING_BUILD/test_store"
    [ "$status" = 134 ]
    [[ $output == *'there is no fault "nonsense"'* ]]
}
