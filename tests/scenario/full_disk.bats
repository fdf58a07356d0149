#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# No room: nothing is promised that is not on the disk, and everything goes on by itself
# when there is room again.
source "$BATS_TEST_DIRNAME/../support/place.bash"

setup ()
{
    place_use "$BATS_TEST_TMPDIR/place"
}

teardown ()
{
    place_drop
    if [ -n "${DISK:-}" ]; then
        umount --lazy "$DISK"
    fi
}

# A disk of its own under DIR: disk_make DIR SIZE; disk_resize SIZE
disk_make ()
{
    [ "$(id -u)" = 0 ] || skip "a small disk needs root to mount it"
    mkdir -p "$1"
    mount -t tmpfs -o "size=$2,mode=0700" minqing-disk "$1" 2>/dev/null ||
        skip "this machine does not let us mount"
    DISK=$1
}

disk_resize ()
{
    mount -o "remount,size=$1" "$DISK"
}

# So many filings of 48,000 bytes each.
long_letters ()
{
    /usr/bin/python3 -c 'import json, sys
for row in range(int(sys.argv[1])):
    print(json.dumps({"village": "340522100001", "text": f"第{row}封" + "长" * 16000},
                     ensure_ascii=False))' \
        "$1" >"$PLACE/letters.json"
}

# Written into the spool; a terminal begins to send.
send_letters ()
{
    terminal 101 --json replay --offline "$PLACE/letters.json" >/dev/null || [ $? = 75 ]
    "$MINQING_BUILD/minqing" --as terminal-101 terminal >"$PLACE/terminal.log" 2>&1 3>&- &
    echo $! >"$PLACE/terminal.pid"
}

check_says_what_to_type ()
{
    minqing check 2>&1 | grep -q map_mib
}

@test "store_that_is_nearly_full_puts_new_filings_off_and_goes_on_working" {
    place_up
    place_down
    printf 'intake\n    map_mib = 16\n' >>"$MINQING_CONFIG"
    place_up
    slip=$(terminal 102 --json submit --village 340522100002 --category 环境保护 --text '灰。')
    number=$(field number <<<"$slip")
    long_letters 400
    send_letters
    wait_until metric_reaches 'intake_refusals_total{code="try_later"}' 1
    wait_until check_says_what_to_type
    pid_end TERM "$PLACE/terminal.pid"
    put_off=$(terminal 101 --json terminal unsent | wc -l)
    [ "$put_off" -gt 0 ]
    # Of some the terminal may have been ended before it heard what became of them.
    [ $(($(metric intake_grievances) + put_off)) -ge 401 ]

    # What is there is worked on and shown, to the end.
    wait_until state_is "$number" 102 dispatched
    desk 13 1331 claim "$number"
    wait_until state_is "$number" 102 claimed

    place_down
    sed -i 's/map_mib = 16/map_mib = 256/' "$MINQING_CONFIG"
    place_up
    terminal 101 terminal --once
    [ -z "$(terminal 101 --json terminal unsent)" ]
    verified 401
}

@test "spool_on_a_full_disk_prints_no_slip" {
    disk_make "$PLACE/spool" 1m
    place_up
    place_down
    export MINQING_SPOOLED=0
    local status=75
    while [ "$status" = 75 ]; do # the link is down: each is kept, until one is not
        status=0
        terminal 101 --spool "$PLACE/spool" --json submit --village 340522100001 \
            --wait 0 --text "$(printf '长%.0s' {1..19000})" >"$PLACE/slip" \
            2>"$PLACE/talk" || status=$?
        [ "$status" != 75 ] || MINQING_SPOOLED=$((MINQING_SPOOLED + 1))
        [ "$MINQING_SPOOLED" -lt 100 ]
    done
    [ "$status" = 74 ]
    [ ! -s "$PLACE/slip" ]
    [ "$MINQING_SPOOLED" -gt 5 ]

    # Room again: what was promised is there, what was not is not.
    disk_resize 16m
    [ "$(terminal 101 --spool "$PLACE/spool" --json terminal unsent | wc -l)" = \
        "$MINQING_SPOOLED" ]
    place_up
    terminal 101 --spool "$PLACE/spool" --json submit --village 340522100001 --text '又有了。'
    verified $((MINQING_SPOOLED + 1))
}

# It puts off what comes when it sees the disk fill; a batch that is larger than what is
# left fails at its commit, and then it ends without an answer.
intake_promises_no_more ()
{
    pid_is_gone "$(cat "$PLACE/intake.pid")" ||
        metric_reaches 'intake_refusals_total{code="try_later"}' 1
}

@test "daemon_on_a_full_disk_promises_nothing_and_loses_nothing" {
    disk_make "$PLACE/state/intake" 8m
    place_up
    place_down
    place_start
    long_letters 300
    send_letters
    wait_until intake_promises_no_more
    if pid_is_gone "$(cat "$PLACE/intake.pid")"; then
        grep -q 'a commit failed' "$PLACE/intake.log"
        disk_resize 64m
        daemon_start intake
    else
        [ "$(metric intake_grievances)" -lt 300 ]
        disk_resize 64m
    fi
    wait_until metric_reaches intake_grievances 300
    pid_end TERM "$PLACE/terminal.pid"
    [ -z "$(terminal 101 --json terminal unsent)" ]
    verified 300
}
