#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The four daemons as they are shipped: their own users, their hardening, a real systemd.
# The binaries are those of $MINQING_RELEASE (or $MINQING_BUILD).

daemons=(intake routing escalation notification)
source "$BATS_TEST_DIRNAME/../support/systemd_rig.sh"
source "$BATS_TEST_DIRNAME/../support/systemd_install.sh"

setup_file ()
{
    RIG_MISSING=$(rig_missing)
    if [ -z "$RIG_MISSING" ]; then
        rig_prepare "$BATS_FILE_TMPDIR"
        install_minqing "$RIG_ROOT"
        rig_boot
    fi
    export RIG_MISSING RIG_ROOT RIG_NAME RIG_NSPAWN RIG_INIT
}

teardown_file ()
{
    if [ -z "$RIG_MISSING" ]; then
        rig_drop "$BATS_FILE_TMPDIR"
    fi
}

teardown () # a failure without what the daemons said would be a riddle
{
    if [ -z "${BATS_TEST_COMPLETED:-}${BATS_TEST_SKIPPED:-}$RIG_MISSING" ]; then
        rig_run journalctl --quiet --no-pager --lines=40 --unit='minqing*'
    fi
}

needs_rig ()
{
    [ -z "$RIG_MISSING" ] || skip "$RIG_MISSING"
    rig_run systemctl start minqing.target
}

# eventually COMMAND …: until it succeeds, ten seconds at most.
eventually ()
{
    local twentieth
    for ((twentieth = 0; twentieth < 200; twentieth++)); do
        if "$@" 2>/dev/null; then
            return 0
        fi
        sleep 0.05
    done
    echo "never: $*" >&2
    return 1
}

property () # DAEMON NAME
{
    rig_run systemctl show --value --property="$2" "minqing-$1.service"
}

is_active_again () # DAEMON FORMER-PID
{
    [ "$(property "$1" ActiveState)" = active ] && [ "$(property "$1" MainPID)" != "$2" ]
}

# A line of /proc/PID/status of a daemon, inside: status_of DAEMON FIELD
status_of ()
{
    rig_run sed -n "s/^$2:[[:space:]]*//p" "/proc/$(property "$1" MainPID)/status"
}

# Run something where a daemon lives: in its mounts and its network.
within () # DAEMON COMMAND …
{
    local pid
    pid=$(property "$1" MainPID)
    shift
    rig_run nsenter --target "$pid" --mount --net -- "$@"
}

# File a grievance at the terminal of a village: prints number and query code.
file_grievance () # TERMINAL VILLAGE
{
    rig_run minqing --json submit --as "terminal-$1" --village "$2" --wait 2 \
        --category 国土资源/土地征收 --title 青苗补偿款未到 --text '三亩二分地，补偿款没有打到卡上。' |
        sed -n 's/.*"number":"\([^"]*\)","code":"\([^"]*\)","state":"registered".*/\1 \2/p'
}

# With a department whoever asks: the news went from intake to routing and back.
is_dispatched () # NUMBER CODE
{
    rig_run minqing --json query --as terminal-101 "$@" | grep -q '"state":"dispatched"'
}

@test "units_pass_verification_without_a_word" {
    units=$BATS_TEST_TMPDIR/units
    mkdir "$units"
    for unit in "$MINQING_SOURCE"/deploy/systemd/*.{service,target,timer}; do
        sed "s#/usr/bin/minqing#$MINQING_BINARIES/minqing#" "$unit" >"$units/${unit##*/}"
    done
    run systemd-analyze verify "$units"/*
    [ "$status" = 0 ]
    [ -z "$output" ]
}

@test "exposure_of_every_unit_stays_within_its_bound" {
    # Tenths of what 'systemd-analyze security' shows. The two that face a network get 1.2.
    declare -A bound=([intake]=12 [notification]=12 [routing]=6 [escalation]=6)
    for daemon in "${daemons[@]}"; do
        run systemd-analyze security --offline=true --json=short \
            --threshold="${bound[$daemon]}" "$MINQING_SOURCE/deploy/systemd/minqing-$daemon.service"
        [ "$status" = 0 ]
        [[ $output == '[{'* ]]
    done
}

@test "target_starts_all_four_each_under_its_own_user" {
    needs_rig
    for daemon in "${daemons[@]}"; do
        [ "$(property "$daemon" ActiveState)" = active ]
        user=$(rig_run id --user "minqing-$daemon")
        group=$(rig_run getent group minqing | cut -d: -f3)
        [ "$(status_of "$daemon" Uid)" = "$user"$'\t'"$user"$'\t'"$user"$'\t'"$user" ]
        [ "$(status_of "$daemon" Gid)" = "$group"$'\t'"$group"$'\t'"$group"$'\t'"$group" ]
        [ "$(rig_run stat --format='%U %G %a' "/var/lib/minqing/$daemon")" = \
            "minqing-$daemon minqing 700" ]
    done
    [ "$(rig_run stat --format='%U %G %a' /run/minqing)" = "root minqing 2770" ]
}

@test "doors_are_open_to_the_group_and_to_nobody_else" {
    needs_rig
    for daemon in "${daemons[@]}"; do
        [ "$(rig_run stat --format='%G %a' "/run/minqing/$daemon.door")" = "minqing 660" ]
    done
}

network_of ()
{
    rig_run readlink "/proc/$(property "$1" MainPID)/ns/net"
}

@test "hardening_is_in_force" {
    needs_rig
    for daemon in "${daemons[@]}"; do
        [ "$(status_of "$daemon" NoNewPrivs)" = 1 ]
        [ "$(status_of "$daemon" Seccomp)" = 2 ]
        [ "$(status_of "$daemon" CapBnd)" = 0000000000000000 ]
        # Root itself could not write there: the mounts are read-only.
        for place in /etc /usr /var/lib /opt; do
            run within "$daemon" touch "$place/minqing-was-here"
            [ "$status" != 0 ]
            [[ $output == *"Read-only file system"* ]]
        done
        [ -z "$(within "$daemon" ls -A /root)" ]
    done
    [ "$(network_of intake)" = "$(rig_run readlink /proc/1/ns/net)" ]
    [ "$(network_of routing)" != "$(network_of intake)" ]
    [ "$(network_of escalation)" != "$(network_of intake)" ]
}

@test "no_daemon_reads_the_store_or_the_key_of_another" {
    needs_rig
    for daemon in "${daemons[@]}"; do
        for other in "${daemons[@]}"; do
            [ "$daemon" != "$other" ] || continue
            run rig_run setpriv --reuid="minqing-$daemon" --regid=minqing --clear-groups \
                cat "/etc/minqing/keys/$other.key" "/var/lib/minqing/$other/data.mdb"
            [ "$status" != 0 ]
            [ "$(grep -c 'Permission denied' <<<"$output")" = 2 ]
        done
    done
}

@test "grievance_filed_inside_reaches_its_department" {
    needs_rig
    slip=($(file_grievance 101 340522100001))
    [ ${#slip[@]} = 2 ]
    eventually is_dispatched "${slip[@]}"
}

@test "killed_daemon_is_restarted_and_has_forgotten_nothing" {
    needs_rig
    slip=($(file_grievance 101 340522100001))
    eventually is_dispatched "${slip[@]}"
    for daemon in "${daemons[@]}"; do
        pid=$(property "$daemon" MainPID)
        rig_run kill -KILL "$pid"
        eventually is_active_again "$daemon" "$pid"
    done
    eventually is_dispatched "${slip[@]}"
}

@test "hanging_daemon_is_restarted_by_the_watchdog" {
    needs_rig
    rig_run mkdir -p /run/systemd/system/minqing-escalation.service.d
    rig_run sh -c 'printf "[Service]\nWatchdogSec=1\n" \
        >/run/systemd/system/minqing-escalation.service.d/impatient.conf'
    rig_run systemctl daemon-reload
    rig_run systemctl restart minqing-escalation.service
    pid=$(property escalation MainPID)
    rig_run kill -STOP "$pid"
    eventually is_active_again escalation "$pid"
    rig_run journalctl --quiet --unit=minqing-escalation --grep='Watchdog timeout' >/dev/null
}

@test "reload_lets_a_new_terminal_in_and_changes_no_process" {
    needs_rig
    former=$(processes)
    rig_run minqing keys add terminal --number 102 --territory 340522100002
    [ -z "$(file_grievance 102 340522100002)" ]
    rig_run systemctl reload 'minqing-*.service'
    eventually is_let_in
    [ "$(processes)" = "$former" ]
}

is_let_in ()
{
    [ -n "$(file_grievance 102 340522100002)" ]
}

processes ()
{
    local daemon
    for daemon in "${daemons[@]}"; do
        property "$daemon" MainPID
    done
}

@test "stopping_the_target_stops_all_four_within_two_seconds" {
    needs_rig
    before=$(date +%s%3N)
    rig_run systemctl stop minqing.target
    eventually all_are_stopped
    [ $(($(date +%s%3N) - before)) -lt 2000 ]
    for daemon in "${daemons[@]}"; do
        [ "$(property "$daemon" Result)" = success ]
        [ "$(property "$daemon" ExecMainStatus)" = 0 ]
    done
}

all_are_stopped ()
{
    local daemon
    for daemon in "${daemons[@]}"; do
        [ "$(property "$daemon" ActiveState)" = inactive ] || return 1
    done
}
