#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A daemon that is told to stop does so in under two seconds, in the middle of everything: a
# replay that runs, a scrub that has begun, a mail server that does not answer. It ends with
# 0, what it had promised is there, and what was half done is done by its next life.
source "$BATS_TEST_DIRNAME/../support/place.bash"

# As people run them: sanitizers look for leaks at the end, which takes its time.
MINQING_BUILD=${MINQING_RELEASE:-$MINQING_BUILD}
LIMIT_MS=2000
ROWS=1500

has_sanitizers ()
{
    grep -q '^MINQING_SANITIZE:BOOL=ON' "$MINQING_BUILD/CMakeCache.txt"
}

# A server that takes connections and never says a word; its port.
silent_server ()
{
    /usr/bin/python3 -c 'import socket, sys
server = socket.create_server(("127.0.0.1", 0), backlog=64)
print(server.getsockname()[1], flush=True)
held = []
while True:
    held.append(server.accept())
    print("taken", flush=True)' >"$PLACE/mail" 3>&- &
    echo $! >"$PLACE/mail.pid"
    wait_until test -s "$PLACE/mail"
}

# Some are urgent: those are told at once, by a mail that never leaves.
rows ()
{
    echo 'row,village,category,title,detail,threat'
    for ((i = 1; i <= ROWS; i++)); do
        echo "$i,340522100001,国土资源/土地征收,补偿款 $i,三亩地的补偿款没有到卡上。,$((i % 100 == 1 ? 1 : 0))"
    done
}

setup_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    silent_server
    rows >"$PLACE/rows.csv"
    cp "$SOURCE/deploy/config/minqing.local.conf" "$MINQING_CONFIG"
    cat >>"$MINQING_CONFIG" <<CONF
notification
    digest_minutes = 0
    smtp
        url = "smtp://127.0.0.1:$(head -n 1 "$PLACE/mail")"
        from = "minqing@huanfeng.example"
CONF
    local day=86400000 east=28800000 # noon: no one's night
    clock_set $((($(now_ms) + east) / day * day + day + day / 2 - east))
    place_up
    place_down
}

setup ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    export MINQING_CLOCK_FILE=$PLACE/clock
}

teardown_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    place_drop
}

# The same rows under other names, over and over, until there is a file "enough".
traffic_start () # NAME
{
    rm -f "$PLACE/enough"
    traffic "$1" >>"$PLACE/traffic.log" 2>&1 3>&- &
    echo $! >"$PLACE/traffic.pid"
}

traffic ()
{
    local round
    for ((round = 0; ; round++)); do
        # 75: some are kept until who is stopped is there again.
        while true; do
            status=0
            minqing --as terminal-199 replay --origin "$1-$round" "$PLACE/rows.csv" ||
                status=$?
            [ "$status" = 75 ] || break
        done
        [ "$status" = 0 ] || return "$status"
        [ ! -e "$PLACE/enough" ] || return 0
    done
}

traffic_end ()
{
    touch "$PLACE/enough"
    WAIT_S=60 wait_until pid_is_gone "$(cat "$PLACE/traffic.pid")"
    rm "$PLACE/traffic.pid"
}

# One that is short ends before it is looked for.
scrub_start () # NAME
{
    minqing scrub "$1" >>"$PLACE/scrub.log" 2>&1 3>&- &
    for ((look = 0; look < 100; look++)); do
        [ ! -e "$PLACE/state/$1/scrub/data.mdb" ] || return 0
        sleep 0.01
    done
    return 1
}

# SIGTERM; how long it takes to end, in milliseconds, into $took_ms, and its exit code.
stop_timed () # NAME
{
    local pid begun_ms
    pid=$(cat "$PLACE/$1.pid")
    begun_ms=$(now_ms)
    kill -TERM "$pid"
    status=0
    wait "$pid" || status=$?
    took_ms=$(($(now_ms) - begun_ms))
    rm -f "$PLACE/$1.pid"
}

@test "a_daemon_stops_in_under_two_seconds_in_the_middle_of_everything" {
    place_start
    for name in "${DAEMONS[@]}"; do
        traffic_start "$name"
        [ "$name" != intake ] || wait_until grep -q taken "$PLACE/mail"
        wait_until scrub_start "$name"
        stop_timed "$name"
        echo "# $name: $took_ms ms, exit code $status" >&3
        [ "$status" = 0 ]
        has_sanitizers || [ "$took_ms" -lt "$LIMIT_MS" ]
        [ ! -e "$PLACE/state/$name/scrub" ]
        kill -0 "$(cat "$PLACE/traffic.pid")" # all the while
        daemon_start "$name"
        traffic_end
        WAIT_S=60 wait_until minqing verify --quick
    done
}

@test "four_that_stop_at_once_leave_what_they_had_promised" {
    for name in "${DAEMONS[@]}"; do
        kill -TERM "$(cat "$PLACE/$name.pid")"
    done
    for name in "${DAEMONS[@]}"; do
        wait_until pid_is_gone "$(cat "$PLACE/$name.pid")"
    done
    place_start
    run minqing verify
    echo "$output"
    [ "$status" = 0 ]
}
