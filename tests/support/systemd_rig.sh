# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A real systemd for tests: systemd-nspawn boots one over the machine's own files. Its
# root is an overlay whose upper layer is a tmpfs, never the machine's root itself, since
# the first thing an init does is to tidy up. Networks are apart too.
#
#   rig_missing            says why this machine cannot have a rig; silent when it can
#   rig_prepare DIR        mount the root under DIR; $RIG_ROOT is where to install into
#   rig_boot               start it, and wait until the init answers
#   rig_run COMMAND …      run inside, as root of the rig
#   rig_drop DIR           end it and take everything away; safe to call at any stage
#
# What a rig cannot show: memory, task and address limits. nspawn sets them up without
# complaint and nothing enforces them, so that a test of them would pass falsely.

RIG_BOOT_TENTHS=200 # twenty seconds: a boot takes one

rig_missing ()
{
    if [ "$(id -u)" != 0 ]; then
        echo "a real systemd needs root"
    elif ! command -v systemd-nspawn >/dev/null; then
        echo "systemd-nspawn is not installed (package systemd-container)"
    elif ! unshare --mount true 2>/dev/null; then
        echo "this machine does not let us mount"
    elif ! rig_groups | grep -q .; then
        echo "this machine has no writable control groups"
    fi
}

# Where control groups can be made: one folder on a unified machine, two on a hybrid one.
rig_groups ()
{
    local top
    for top in /sys/fs/cgroup/unified /sys/fs/cgroup/systemd /sys/fs/cgroup; do
        if [ -w "$top/cgroup.procs" ]; then
            echo "$top"
        fi
    done
}

rig_prepare ()
{
    local dir=$1
    RIG_ROOT=$dir/root
    RIG_NAME=minqing-rig-$$
    mkdir -p "$RIG_ROOT" "$dir/layers"
    mount -t tmpfs -o mode=0755 minqing-rig "$dir/layers"
    mkdir "$dir/layers/upper" "$dir/layers/work"
    mount -t overlay minqing-rig "$RIG_ROOT" \
        -o "lowerdir=/,upperdir=$dir/layers/upper,workdir=$dir/layers/work"

    # Boot no further than what every unit needs: the machine's own services stay out.
    printf '%s\n' '[Unit]' 'Description=Rig' 'Requires=sysinit.target' \
        'After=sysinit.target' 'AllowIsolate=yes' >"$RIG_ROOT/etc/systemd/system/rig.target"
    : >"$RIG_ROOT/etc/fstab"
    rm -f "$RIG_ROOT/etc/machine-id"
    systemd-id128 new >"$RIG_ROOT/etc/machine-id"
}

rig_boot ()
{
    local dir tenth group
    dir=$(dirname "$RIG_ROOT")
    for group in $(rig_groups); do
        mkdir "$group/$RIG_NAME"
    done
    (
        for group in $(rig_groups); do
            echo "$BASHPID" >"$group/$RIG_NAME/cgroup.procs"
        done
        export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
        exec setsid systemd-nspawn --quiet --register=no --keep-unit --private-network \
            --machine="$RIG_NAME" --directory="$RIG_ROOT" --link-journal=no \
            --resolv-conf=off --timezone=off --console=pipe --boot \
            systemd.unit=rig.target </dev/null
    ) >"$dir/console" 2>&1 3>&- & # 3: bats waits for whoever holds it
    RIG_NSPAWN=$!
    for ((tenth = 0; tenth < RIG_BOOT_TENTHS; tenth++)); do
        RIG_INIT=$(pgrep --parent "$RIG_NSPAWN" | head -n 1)
        if [ -n "$RIG_INIT" ] && [ -S "/proc/$RIG_INIT/root/run/systemd/private" ] &&
            rig_run systemctl is-active --quiet rig.target; then
            return 0
        fi
        if ! rig_is_alive; then
            break
        fi
        sleep 0.1
    done
    cat "$dir/console" >&2
    return 1
}

# A zombie is dead: not every machine's init collects them at once.
rig_is_alive ()
{
    local state
    state=$(ps -o stat= -p "$RIG_NSPAWN") && [[ $state != Z* ]]
}

rig_run ()
{
    # Process 1 of the machine must never be what we step into.
    [ "${RIG_INIT:-0}" -gt 1 ] || return 97
    nsenter --target "$RIG_INIT" --mount --uts --ipc --net --pid --cgroup --wd=/ -- "$@"
}

rig_drop ()
{
    local dir=$1 group tenth
    if [ -n "${RIG_NSPAWN:-}" ] && rig_is_alive; then
        kill -KILL "$RIG_INIT" "$RIG_NSPAWN" 2>/dev/null # its init gone, all inside go
        for ((tenth = 0; tenth < 50; tenth++)); do
            rig_is_alive || break
            sleep 0.1
        done
    fi
    umount "$dir/root" 2>/dev/null || umount --lazy "$dir/root" 2>/dev/null
    umount "$dir/layers" 2>/dev/null || umount --lazy "$dir/layers" 2>/dev/null
    for group in $(rig_groups); do
        for ((tenth = 0; tenth < 20; tenth++)); do
            find "$group/$RIG_NAME" -depth -type d -exec rmdir {} + 2>/dev/null
            [ -d "$group/$RIG_NAME" ] || break
            sleep 0.1
        done
    done
    rm -f "$dir/.#root.lck"
    rmdir "/run/systemd/nspawn/propagate/$RIG_NAME" 2>/dev/null
    return 0
}
