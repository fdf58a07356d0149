# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A place for scenarios: a folder with the shipped township, keys, and real daemons over
# it. Everything is driven through the doors and commands that people use.
#
#   place_use DIR           the place that everything below is about
#   place_up                the four daemons, by 'minqing up', which makes what is missing
#                           in the folder; returns when all answer
#   place_edit TABLE SED    change a shipped table of a place that is not made yet
#   place_keep NAME         a program 'pipe:NAME' that keeps what it is told in NAME/*.json
#   place_down              stop them cleanly
#   place_drop              end whatever of the place still runs
#   daemon_start NAME       one daemon by itself, of a place that is down
#   daemon_kill NAME        SIGKILL; returns when it is gone
#   daemon_stop NAME        SIGTERM; returns when it is gone
#   minqing ARGUMENT …      the command, for this place
#   terminal N …            'minqing --as terminal-N …', and desk and so on
#   python_client NAME …    the second client with the key NAME
#   wait_until COMMAND …    until it succeeds, WAIT_S seconds at most
#   field NAME              of the JSON object on stdin (the first line)
#
# From outside: MINQING_BUILD is the folder with the programs, MINQING_DATA that of the
# real messages.

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
MINQING_BUILD=${MINQING_BUILD:-$SOURCE/.build/debug}
MINQING_DATA=${MINQING_DATA:-$SOURCE/../shared/data}
DAEMONS=(intake routing escalation notification)
WAIT_S=${WAIT_S:-20}
export PYTHONDONTWRITEBYTECODE=1
# Leaks are looked for where processes end by themselves; SIGKILL leaves none to find.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1}
# What people see is compared in English.
export LC_ALL=C.UTF-8 LANGUAGE=en

# Looks often at first and less often later: looking costs the daemons time too. What the
# command says is shown if it never succeeds, of the last time only.
wait_until ()
{
    local deadline=$((SECONDS + WAIT_S)) pause_ms=20
    until "$@" >"$PLACE/waiting" 2>&1; do
        if ((SECONDS >= deadline)); then
            cat "$PLACE/waiting" >&2
            echo "not within $WAIT_S s: $*" >&2
            return 1
        fi
        sleep "0.$(printf '%03d' $pause_ms)"
        pause_ms=$((pause_ms < 200 ? pause_ms * 3 / 2 : pause_ms))
    done
}

# ---- the place ----------------------------------------------------------------------

# Tests are subshells of the file: each says which place it means.
place_use ()
{
    PLACE=$1
    export PLACE MINQING_CONFIG=$1/minqing.conf MINQING_PYTHON_PROTO=$1/python
    mkdir -p "$MINQING_PYTHON_PROTO"
}

# A shipped table with a change, before the place is made: place_edit NAME SED-EXPRESSION
place_edit ()
{
    mkdir -p "$PLACE/tables"
    [ -e "$PLACE/tables/$1" ] || cp "$SOURCE/deploy/config/tables/$1" "$PLACE/tables/"
    sed -i "$2" "$PLACE/tables/$1"
}

# A program for the channel pipe that keeps each notice in a file: place_keep NAME
place_keep ()
{
    mkdir -p "$PLACE/pipe" "$PLACE/$1"
    cat >"$PLACE/pipe/$1" <<KEEP
#!/bin/sh
file=\$(mktemp "$PLACE/$1/XXXXXX") && cat >"\$file" && mv "\$file" "\$file.json"
KEEP
    chmod +x "$PLACE/pipe/$1"
}

place_is_up ()
{
    grep -q "^Four daemons are up" "$PLACE/up.log" 2>/dev/null && return 0
    if ! kill -0 "$(cat "$PLACE/up.pid")" 2>/dev/null; then
        cat "$PLACE/up.log" >&2
        exit 1
    fi
    return 1
}

place_up ()
{
    : >"$PLACE/up.log"
    # 3 is bats's: whoever holds it is waited for.
    "$MINQING_BUILD/minqing" up "$PLACE" >>"$PLACE/up.log" 2>&1 3>&- &
    echo $! >"$PLACE/up.pid"
    wait_until place_is_up
}

place_down ()
{
    pid_end TERM "$PLACE/up.pid"
}

place_drop ()
{
    local file
    for file in "$PLACE"/*.pid; do
        [ ! -e "$file" ] || pid_end TERM "$file" || pid_end KILL "$file"
    done
}

# A zombie is gone: whoever started it may be busy.
pid_is_gone ()
{
    local state
    state=$(ps -o stat= -p "$1") || return 0
    [[ $state == Z* ]]
}

pid_end () # SIGNAL PIDFILE
{
    local pid
    [ -e "$2" ] || return 0
    pid=$(cat "$2")
    kill -"$1" "$pid" 2>/dev/null || true
    wait_until pid_is_gone "$pid" && rm -f "$2"
}

# ---- one daemon ---------------------------------------------------------------------

daemon_start ()
{
    "$MINQING_BUILD/minqing-$1" --config "$MINQING_CONFIG" \
        >>"$PLACE/$1.log" 2>&1 3>&- &
    echo $! >"$PLACE/$1.pid"
    wait_until daemon_answers "$1"
}

daemon_answers ()
{
    minqing metrics "$1" && return 0
    if [ -e "$PLACE/$1.pid" ] && pid_is_gone "$(cat "$PLACE/$1.pid")"; then
        cat "$PLACE/$1.log" >&2
        exit 1
    fi
    return 1
}

# Of a place that is up it is a child of 'minqing up', which starts it again.
daemon_pid ()
{
    if [ -e "$PLACE/$1.pid" ]; then
        cat "$PLACE/$1.pid"
    else
        pgrep --parent "$(cat "$PLACE/up.pid")" --full "^$MINQING_BUILD/minqing-$1 "
    fi
}

daemon_kill ()
{
    local pid
    pid=$(daemon_pid "$1")
    kill -KILL "$pid"
    wait_until pid_is_gone "$pid"
    rm -f "$PLACE/$1.pid"
}

daemon_stop ()
{
    pid_end TERM "$PLACE/$1.pid"
}

place_start () # in the order said
{
    local name
    for name in "${@:-${DAEMONS[@]}}"; do
        daemon_start "$name"
    done
}

place_reload ()
{
    local name
    for name in "${DAEMONS[@]}"; do
        kill -HUP "$(daemon_pid "$name")"
    done
}

# ---- speaking -----------------------------------------------------------------------

minqing ()
{
    timeout 120 "$MINQING_BUILD/minqing" "$@"
}

terminal () # NUMBER ARGUMENT …
{
    local number=$1
    shift
    minqing --as "terminal-$number" "$@"
}

desk () # DEPARTMENT PERSON VERB …
{
    local department=$1 person=$2
    shift 2
    minqing --json --person "$person" desk "$department" "$@"
}

python_client () # KEY ARGUMENT …
{
    local key=$1
    shift
    timeout 60 "$SOURCE/tests/support/minqing_client.py" --key "$PLACE/keys/$key.key" \
        --memory "$PLACE/$key.json" "$@"
}

field ()
{
    /usr/bin/python3 -c 'import json, sys
value = json.loads(sys.stdin.readline()).get(sys.argv[1], "")
print(json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else
      str(value).lower() if isinstance(value, bool) else value)' "$1"
}

# ---- what stands where --------------------------------------------------------------

# One sample of 'minqing metrics': metric NAME, such as intake_commands_total{result="taken"}
metric ()
{
    local service=${1%%_*}
    minqing metrics "$service" | sed -n "s/^minqing_${1//[\{\}\"]/.} //p"
}

# A counter is at least so high: metric_reaches NAME VALUE
metric_reaches ()
{
    local value
    value=$(metric "$1")
    [ -n "$value" ] && [ "$value" -ge "$2" ]
}

state_of () # NUMBER TERMINAL
{
    minqing --json --as "terminal-$2" query "$1" | field state
}

state_is () # NUMBER TERMINAL STATE
{
    [ "$(state_of "$1" "$2")" = "$3" ]
}

# Everything proves itself, and so many are registered.
verified () # COUNT
{
    local answer
    answer=$(minqing --json verify) || { echo "$answer" >&2; return 1; }
    [ "$(field registered <<<"$answer")" = "$1" ] || { echo "$answer" >&2; return 1; }
}

# ---- time ---------------------------------------------------------------------------

# The daemons take their time from this file, which they have mapped: it is written in
# place. clock_set MILLISECONDS
clock_set ()
{
    export MINQING_CLOCK_FILE=$PLACE/clock
    /usr/bin/python3 -c 'import os, struct, sys
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT, 0o600)
os.write(fd, struct.pack("=q", int(sys.argv[2])))' "$MINQING_CLOCK_FILE" "$1"
}

now_ms ()
{
    date +%s%3N
}

real_data ()
{
    [ -r "$MINQING_DATA/stream.csv.gz" ] ||
        skip "the real messages are not there: set MINQING_DATA to their folder"
}
