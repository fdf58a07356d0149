#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A store is lost and made again from a backup: real daemons, real files. What was promised
# since then comes back from those who keep it, under the same numbers.
source "$BATS_TEST_DIRNAME/../support/place.bash"

setup ()
{
    place_use "$BATS_TEST_TMPDIR/place"
    BACKUP=$PLACE/backup
}

teardown ()
{
    place_drop
}

file_some () # FROM TO: their numbers, a line each, into $PLACE/numbers
{
    local i
    for ((i = $1; i <= $2; i++)); do
        terminal 101 --json submit --village 340522100001 --category 国土资源/土地征收 \
            --title "第${i}件" --text "三亩地征收半年，第${i}次来信。" | field number
    done >>"$PLACE/numbers"
}

# All of them are known, dispatched, and nothing proves to be missing.
all_are_there ()
{
    local number
    while read -r number; do
        state_is "$number" 101 dispatched || return 1
    done <"$PLACE/numbers"
    verified "$(wc -l <"$PLACE/numbers")"
}

lose () # SERVICE …
{
    local name
    for name in "$@"; do
        mv "$PLACE/state/$name" "$PLACE/lost-$name-$RANDOM"
    done
}

terminal_runs ()
{
    "$MINQING_BUILD/minqing" --as terminal-101 terminal >"$PLACE/terminal.log" 2>&1 3>&- &
    echo $! >"$PLACE/terminal.pid"
}

files_of_backup ()
{
    "$MINQING_BUILD/minqing" --json backup --check "$BACKUP" |
        /usr/bin/python3 -c 'import json, sys
print(sum(json.loads(line)["entries"] for line in sys.stdin))'
}

more_than () # ENTRIES
{
    [ "$(files_of_backup)" -gt "$1" ]
}

@test "acknowledged_today_is_sent_again_to_a_store_restored_from_yesterday" {
    place_up
    file_some 1 4
    wait_until all_are_there
    minqing backup "$BACKUP"
    file_some 5 7
    wait_until all_are_there
    place_down

    # What is there is not written over.
    run minqing restore "$BACKUP" intake
    [ "$status" = 73 ]
    [[ $output == *"is not empty"* ]]

    # One entry is put back into a store, never into nothing.
    lose intake
    run "$MINQING_BUILD/minqing-intake" --config "$MINQING_CONFIG" \
        --restore "$BACKUP/intake" --entry 2
    [ "$status" = 66 ]
    [[ $output == *"there is no store"* ]]
    [ ! -e "$PLACE/state/intake/data.mdb" ]
    minqing restore "$BACKUP" intake >"$PLACE/restored" 2>&1
    grep -E '^intake +[0-9]+ .* 2$' "$PLACE/restored"
    grep -q "minqing verify" "$PLACE/restored"
    place_up
    terminal_runs
    wait_until all_are_there

    # Filed anew, the next one gets another number.
    file_some 8 8
    wait_until all_are_there
    [ "$(sort "$PLACE/numbers" | uniq -d)" = "" ]

    # The folder goes on with the new incarnation; what was lost of the old is kept aside.
    minqing backup "$BACKUP"
    [ "$(minqing --json backup --check "$BACKUP" intake | field incarnation)" = 2 ]
}

@test "store_restored_twice_from_one_backup_leads_everybody_across" {
    place_up
    file_some 1 3
    wait_until all_are_there
    minqing backup "$BACKUP"
    file_some 4 5
    wait_until all_are_there
    place_down

    lose intake
    minqing restore "$BACKUP" intake
    place_up
    terminal_runs
    wait_until all_are_there
    file_some 6 6
    wait_until all_are_there
    kill "$(cat "$PLACE/terminal.pid")"
    place_down

    # Lost again, before the folder went on: routing knows a name that is not in it.
    # The machine's wall clock is in 2040 meanwhile: nothing is stamped by it.
    lose intake
    /usr/bin/python3 -c 'import struct, sys
sys.stdout.buffer.write(struct.pack("=4q", 2208988800000, 60000, 1, 0))' >"$PLACE/clock"
    MINQING_CLOCK_FILE=$PLACE/clock minqing restore "$BACKUP" intake >"$PLACE/restored" 2>&1
    grep -E '^intake +[0-9]+ .* 3$' "$PLACE/restored"
    place_up
    terminal_runs
    wait_until all_are_there
    minqing check
    minqing backup "$BACKUP"
    [ "$(minqing --json backup --check "$BACKUP" intake | field incarnation)" = 3 ]
    [[ $(minqing --json backup --check "$BACKUP" intake) != *'"2040-'* ]]
}

@test "any_of_the_four_comes_back_and_the_others_are_led_across" {
    local name
    place_up
    file_some 1 3
    wait_until all_are_there
    minqing backup "$BACKUP"
    file_some 4 5
    wait_until all_are_there
    for name in "${DAEMONS[@]}"; do
        place_down
        lose "$name"
        minqing restore "$BACKUP" "$name"
        place_up
        [ "$name" != intake ] || terminal_runs
        wait_until all_are_there
        minqing backup "$BACKUP"
        minqing backup --check "$BACKUP"
    done
    # Incarnations of each, and nobody stopped following.
    minqing check
}

@test "all_four_stores_burn_and_the_place_comes_back" {
    place_up
    file_some 1 3
    wait_until all_are_there
    minqing backup "$BACKUP"
    file_some 4 6
    wait_until all_are_there
    place_down
    lose "${DAEMONS[@]}"
    minqing restore "$BACKUP"
    place_up
    terminal_runs
    wait_until all_are_there
}

# Nothing is wrong, and of these grievances something was lost.
missing_are () # NUMBERS, a line each
{
    local answer status=0
    answer=$(minqing --json verify) || status=$?
    [ "$status" = 66 ] && [ "$(field problems <<<"$answer")" = 0 ] &&
        [ "$(field missing_list <<<"$answer" | /usr/bin/python3 -c 'import json, sys
print(*sorted(row["number"] for row in json.load(sys.stdin)), sep="\n")')" = "$1" ] ||
        { echo "$answer" >&2; return 1; }
}

@test "lost_entries_are_kept_aside_when_the_source_is_restored_to_before_the_backup" {
    place_up
    file_some 1 2
    wait_until all_are_there
    minqing backup "$PLACE/old"
    file_some 3 5
    wait_until all_are_there
    minqing backup "$BACKUP"
    place_down
    lose routing
    minqing restore "$PLACE/old" routing
    place_up
    # They are placed again; whether a desk had done more with them nobody can know.
    wait_until missing_are "$(sed -n 3,5p "$PLACE/numbers" | sort)"
    minqing backup "$BACKUP" 2>"$PLACE/said"
    grep -q "lost-1" "$PLACE/said"
    ls "$BACKUP"/routing/lost-1/*.segment
    minqing backup --check "$BACKUP"
    [ "$(minqing --json backup --check "$BACKUP" routing | field incarnation)" = 2 ]
    # It is a backup like any other.
    place_down
    lose routing
    minqing restore "$BACKUP" routing
    place_up
    wait_until missing_are "$(sed -n 3,5p "$PLACE/numbers" | sort)"
    [ "$(state_of "$(sed -n 5p "$PLACE/numbers")" 101)" = dispatched ]
}

@test "backup_killed_at_any_moment_leaves_a_valid_folder" {
    local i before=0 now
    place_up
    file_some 1 2
    minqing backup "$BACKUP"
    for i in {1..20}; do
        file_some 3 3
        "$MINQING_BUILD/minqing" backup "$BACKUP" >/dev/null 2>&1 3>&- &
        sleep "0.$(printf '%03d' $((i * 12)))"
        kill -KILL $! 2>/dev/null || true
        wait $! || true
        now=$(files_of_backup)
        [ "$now" -ge "$before" ]
        before=$now
    done
    minqing backup "$BACKUP"
    minqing backup --check "$BACKUP"
    # And one that goes on by itself.
    "$MINQING_BUILD/minqing" backup --follow --every 1 "$BACKUP" >/dev/null 2>&1 3>&- &
    echo $! >"$PLACE/backup.pid"
    before=$(files_of_backup)
    file_some 4 4
    wait_until more_than "$before"
}

@test "restoration_killed_at_any_moment_is_not_started_on_and_runs_again" {
    local i
    place_up
    file_some 1 5
    wait_until all_are_there
    minqing backup "$BACKUP"
    place_down
    lose intake
    for i in {1..15}; do
        "$MINQING_BUILD/minqing-intake" --config "$MINQING_CONFIG" \
            --restore "$BACKUP/intake" >/dev/null 2>&1 3>&- &
        sleep "0.0$((i * 6 / 10))$((i * 6 % 10))"
        if kill -KILL $! 2>/dev/null; then
            wait $! || true
            if [ -e "$PLACE/state/intake/restoring" ]; then
                run "$MINQING_BUILD/minqing-intake" --config "$MINQING_CONFIG" --check
            fi
        else
            wait $! || true
            lose intake # it was done: again from the beginning
        fi
    done
    [ ! -e "$PLACE/state/intake" ] || [ -e "$PLACE/state/intake/restoring" ] || lose intake
    local said
    said=$(minqing --json restore "$BACKUP" intake)
    # Killed when nothing was left to do but to say so: it is said the next time.
    touch "$PLACE/state/intake/restoring"
    [ "$(minqing --json restore "$BACKUP" intake)" = "$said" ]
    [ ! -e "$PLACE/state/intake/restoring" ]
    touch "$PLACE/state/intake/restoring"
    place_up
    [ ! -e "$PLACE/state/intake/restoring" ] # its store is one that a daemon works on
    wait_until all_are_there
}

@test "wrong_byte_is_found_and_named_and_nothing_is_restored_from_it" {
    local segment
    place_up
    file_some 1 3
    wait_until all_are_there
    minqing backup "$BACKUP"
    place_down
    segment=$(ls "$BACKUP"/intake/*.segment)
    /usr/bin/python3 -c 'import sys
with open(sys.argv[1], "r+b") as file:
    data = bytearray(file.read())
    at = data.index("第2次".encode())
    data[at] ^= 4
    file.seek(0)
    file.write(data)' "$segment"
    run minqing backup --check "$BACKUP"
    [ "$status" = 65 ]
    [[ $output == *"$(basename "$segment")"*entry* ]]
    lose intake
    run minqing restore "$BACKUP" intake
    [ "$status" = 65 ]
    [[ $output == *"$(basename "$segment")"*entry* ]]
    [ -z "$(ls -A "$PLACE/state/intake")" ]
    # A backup of another service is no backup of this one.
    mv "$BACKUP/intake" "$BACKUP/broken"
    cp -r "$BACKUP/routing" "$BACKUP/intake"
    run minqing restore "$BACKUP" intake
    [ "$status" = 65 ]
    [[ $output == *"is no backup of intake"* ]]
}

@test "keeper_reads_everything_and_may_do_nothing_else" {
    place_up
    file_some 1 1
    run minqing --as operator backup "$BACKUP"
    [ "$status" = 77 ]
    [[ $output == *keeper* ]]
    [ -z "$(ls -A "$BACKUP")" ]
    run minqing --as keeper metrics intake
    [ "$status" != 0 ]
    run minqing --as keeper submit --village 340522100001 --text '不行'
    [ "$status" != 0 ]
    minqing backup "$BACKUP"
    [ "$(stat -c %a "$BACKUP/intake")" = 700 ]
    [ "$(stat -c %a "$BACKUP/intake/keepsake")" = 600 ]
    grep -q '三亩地' "$BACKUP"/intake/*.segment
}
