#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Making keys: for this machine and for others, and never two of one client.
source "$BATS_TEST_DIRNAME/../support/place.bash"

setup ()
{
    place_use "$BATS_TEST_TMPDIR/place"
    cp -R "$SOURCE"/deploy/config/{minqing.local.conf,tables} "$PLACE"
    mv "$PLACE/minqing.local.conf" "$PLACE/minqing.conf"
    mkdir "$PLACE/run"
    minqing keys init
}

@test "a_second_init_changes_nothing" {
    before=$(cat "$PLACE"/clients.tsv "$PLACE"/keys/*)
    minqing keys init
    [ "$(cat "$PLACE"/clients.tsv "$PLACE"/keys/*)" = "$before" ]
}

@test "a_key_that_was_handed_over_is_not_made_again" {
    minqing keys add terminal --number 101 --territory 340522100001
    mv "$PLACE/keys/terminal-101.key" "$BATS_TEST_TMPDIR"
    before=$(cat "$PLACE/clients.tsv")
    run minqing keys add terminal --number 101 --territory 340522100001
    [ "$status" != 0 ]
    [[ $output == *"client 101 stands in"* ]]
    [ ! -e "$PLACE/keys/terminal-101.key" ]
    [ "$(cat "$PLACE/clients.tsv")" = "$before" ]
}

@test "a_key_for_another_machine_names_the_doors_for_others" {
    run minqing keys add desk --department 11 --host 192.0.2.1
    [ "$status" != 0 ]
    [[ $output == *"no daemon has a door for other machines"* ]]

    printf 'routing\n    door = "tcp://0.0.0.0:5551"\n' >>"$PLACE/minqing.conf"
    minqing keys add desk --department 11 --host 192.0.2.1
    [ "$(grep -c connect "$PLACE/keys/desk-11.key")" = 1 ]
    grep -q 'connect = "tcp://192.0.2.1:5551"' "$PLACE/keys/desk-11.key"
}

@test "secrets_are_readable_to_their_owner_only" {
    [ -z "$(find "$PLACE/keys" -name '*.key' ! -perm 0600)" ]
    chmod 0644 "$PLACE/keys/operator.key"
    run minqing check
    [ "$status" = 77 ]
}
