# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Install Minqing into a root as a package would: binaries, units, users, configuration,
# keys. Sets MINQING_SOURCE and MINQING_BINARIES.

MINQING_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
MINQING_BINARIES=${MINQING_RELEASE:-${MINQING_BUILD:?is the build to test}}

install_minqing ()
{
    local root=$1 units=$MINQING_SOURCE/deploy/systemd program
    for program in minqing minqing-{intake,routing,escalation,notification}; do
        install -D "$MINQING_BINARIES/$program" "$root/usr/bin/$program"
    done
    install -D --mode=0644 --target-directory="$root/usr/lib/systemd/system" \
        "$units"/*.service "$units"/*.target
    install -D --mode=0644 --target-directory="$root/usr/lib/sysusers.d" \
        "$units/sysusers.d/minqing.conf"
    install -D --mode=0644 --target-directory="$root/usr/lib/tmpfiles.d" \
        "$units/tmpfiles.d/minqing.conf"
    systemd-sysusers --root="$root" minqing.conf
    mkdir -p "$root/etc/minqing"
    cp -R "$MINQING_SOURCE/deploy/config/minqing.conf" "$MINQING_SOURCE/deploy/config/tables" \
        "$root/etc/minqing"
    install_keys "$root"
}

# The terminal of the first village; the boot gives each daemon its own key (tmpfiles.d).
install_keys ()
{
    chroot "$1" minqing keys init
    chroot "$1" minqing keys add terminal --number 101 --territory 340522100001
}
