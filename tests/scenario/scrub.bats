#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A bit flips on the disk: it is found, told, goes no further, and is put back.
source "$BATS_TEST_DIRNAME/../support/place.bash"

setup ()
{
    place_use "$BATS_TEST_TMPDIR/place"
}

teardown ()
{
    place_drop
}

# One bit of every copy of these bytes in a daemon's store: bit_flip SERVICE TEXT
bit_flip ()
{
    /usr/bin/python3 -c 'import sys
file, text = sys.argv[1], sys.argv[2].encode()
with open(file, "r+b") as store:
    data = store.read()
    at, found = data.find(text), 0
    while at >= 0:
        store.seek(at)
        store.write(bytes([data[at] ^ 4]))
        at, found = data.find(text, at + 1), found + 1
sys.exit(0 if found else "the text is nowhere")' "$PLACE/state/$1/data.mdb" "$2"
}

file_one () # TERMINAL TEXT
{
    terminal "$1" --json submit --village 340522100001 --category 国土资源/土地征收 \
        --text "$2" >/dev/null
}

scrub_is_sound ()
{
    minqing scrub >"$PLACE/scrub.txt" 2>&1
}

@test "scrub_finds_a_sound_place_sound_and_says_how_much_it_looked_at" {
    place_up
    file_one 101 '桥断了'
    minqing --json scrub >"$PLACE/scrub.json"
    [ "$(wc -l <"$PLACE/scrub.json")" = 4 ]
    [ "$(field differences <"$PLACE/scrub.json")" = 0 ]
    [ "$(field records <"$PLACE/scrub.json")" -ge 10 ]
    [ ! -e "$PLACE/state/intake/scrub" ]
    place_down
    "$MINQING_BUILD/minqing-intake" --config "$MINQING_CONFIG" --scrub 2>/dev/null
}

@test "damaged_entry_is_found_told_and_put_back_from_a_backup" {
    local code=0
    place_up
    file_one 101 '第一件：桥断了'
    file_one 101 '第二件：路塌了'
    file_one 101 '第三件：灯灭了'
    minqing backup "$PLACE/backup"
    place_down
    bit_flip intake '第二件：路塌了'
    place_up
    minqing scrub intake >"$PLACE/scrub.txt" 2>&1 || code=$?
    [ "$code" = 1 ]
    grep -q 'minqing restore DIR intake --entry' "$PLACE/scrub.txt"
    code=0
    minqing check 2>"$PLACE/check.txt" >&2 || code=$?
    [ "$code" = 69 ]
    sequence=$(sed -nE 's/.*entry ([0-9]+) of the journal is damaged.*/\1/p' "$PLACE/check.txt" |
        head -n 1)
    [ -n "$sequence" ]
    file_one 101 '第四件：水停了'
    wait_until metric_reaches 'routing_grievances{state="dispatched"}' 4
    place_down
    code=0
    "$MINQING_BUILD/minqing-intake" --config "$MINQING_CONFIG" --scrub 2>/dev/null || code=$?
    [ "$code" = 65 ]
    minqing restore "$PLACE/backup" intake --entry "$sequence"
    place_up
    scrub_is_sound
    minqing check >/dev/null 2>&1
}

@test "rebuild_folds_the_facts_of_a_stopped_daemon_anew" {
    place_up
    file_one 101 '桥断了'
    run minqing rebuild routing
    [ "$status" -ne 0 ]
    [[ $output == *'stop it first'* ]]
    place_down
    minqing rebuild routing intake
    place_up
    scrub_is_sound
    verified 1
}

@test "every_message_id_has_its_entry_in_both_catalogs" {
    local id ids catalogs=$SOURCE/deploy/systemd/catalog
    ids=$(sed -nE 's/^#define MESSAGE_ID_[A-Z]+ +"([0-9a-f]{32})"$/\1/p' \
        "$SOURCE"/common/runtime/*.h)
    [ "$(wc -w <<<"$ids")" -ge 4 ]
    for id in $ids; do
        grep -qx -- "-- $id" "$catalogs/minqing.catalog"
        grep -qx -- "-- $id zh_CN" "$catalogs/minqing.zh_CN.catalog"
    done
}
