# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Install Minqing into a root, in the steps that README.md has for operations. Sets
# MINQING_SOURCE and MINQING_BINARIES.

MINQING_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
MINQING_BINARIES=${MINQING_RELEASE:-${MINQING_BUILD:?is the build to test}}

install_minqing ()
{
    local root=$1
    DESTDIR=$root cmake --install "$MINQING_BINARIES" --prefix /usr >/dev/null
    systemd-sysusers --root="$root" minqing.conf
    mkdir -p "$root/etc/minqing"
    cp -R "$root"/usr/share/minqing/{minqing.conf,tables} "$root/etc/minqing"
    install_keys "$root"
}

# The terminal of the first village; the boot gives each daemon its own key (tmpfiles.d).
install_keys ()
{
    chroot "$1" minqing keys init
    chroot "$1" minqing keys add terminal --number 101 --territory 340522100001
}
