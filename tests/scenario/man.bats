#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The manual says everything there is, and renders. The Chinese of the command is whole.

setup ()
{
    cd "$BATS_TEST_DIRNAME/../.."
    minqing=${MINQING_RELEASE:-${MINQING_BUILD:?is the build to test}}/minqing
    # The language of a test is the test's, not the caller's.
    unset LANG LANGUAGE LC_MESSAGES
    export LC_ALL=C.UTF-8 MANWIDTH=200
}

# A page as a person reads it, but with words never cut at the end of a line.
page () # FILE
{
    man --no-hyphenation --no-justification --local-file "deploy/man/$1" | col -bx
}

# everything_of PAGE WORD …: the words that the page does not have are said, and fail.
everything_of ()
{
    local file=$1 text word code=0
    text=$(page "$file")
    shift
    for word in "$@"; do
        if ! grep -qF -- "$word" <<<"$text"; then
            echo "$file does not say $word"
            code=1
        fi
    done
    return $code
}

commands ()
{
    "$minqing" --help | sed -nE '/^Commands:/,/^$/s/^  ([a-z]+) .*/\1/p'
}

# As they are installed, so that the links to another page hold too.
@test "every page renders without a warning" {
    local tree=$BATS_TEST_TMPDIR/man file section warnings
    for file in deploy/man/*; do
        section=${file##*.}
        install -D --mode=0644 --target-directory="$tree/man$section" "$file"
    done
    for file in deploy/man/*; do
        section=${file##*.}
        warnings=$(man --warnings --manpath="$tree" "$section" \
            "$(basename "$file" ".$section")" 2>&1 >/dev/null)
        [ -z "$warnings" ] || { echo "$file: $warnings"; return 1; }
    done
}

@test "minqing(1) has every command and every option of each" {
    local command
    [ "$(commands | wc -l)" -ge 17 ]
    for command in $(commands); do
        everything_of minqing.1 "minqing $command" \
            $("$minqing" "$command" --help | sed -nE 's/^  (--[a-z-]+) .*/\1/p')
    done
}

@test "minqing(1) and the completion have the same commands" {
    . deploy/completion/minqing.bash
    COMP_WORDS=("$minqing" "") COMP_CWORD=1
    _minqing
    [ "$(printf '%s\n' "${COMPREPLY[@]}" | sort)" = "$(commands | sort)" ]
}

@test "minqing.conf(5) has every setting" {
    local settings daemon
    settings=$(sed -nE 's/.*\.path = "([a-z_/]+)".*/\1/p' common/runtime/settings.c)
    [ "$(wc -w <<<"$settings")" -ge 20 ]
    everything_of minqing.conf.5 $settings
    for daemon in intake routing escalation notification; do
        everything_of minqing.conf.5 $daemon/door $daemon/map_mib
    done
}

@test "minqing-tables(5) has every table and every column" {
    local table columns
    for table in deploy/config/tables/*.tsv; do
        columns=$(grep -v '^#' "$table" | head -n 1)
        everything_of minqing-tables.5 "$(basename "$table")" $columns
    done
}

@test "minqing-intake(8) has every option of the daemons, whose pages it is" {
    local daemon
    everything_of minqing-intake.8 \
        $("${minqing}-intake" --help | sed -nE 's/^  (--[a-z]+) .*/\1/p')
    for daemon in routing escalation notification; do
        grep -qx '\.so man8/minqing-intake\.8' deploy/man/minqing-$daemon.8
        [ -x "$minqing-$daemon" ]
    done
}

@test "every text of the command has its Chinese" {
    services/cli/po/update --check
}

@test "the command speaks the language of the locale" {
    LANGUAGE=zh_CN "$minqing" --help | grep -q '提交一件诉求'
    LC_ALL= LANG=zh_CN.UTF-8 "$minqing" --help | grep -q '提交一件诉求'
    LANGUAGE=zh_CN LC_ALL=C "$minqing" --help | grep -q 'file a grievance'
    "$minqing" --help | grep -q 'file a grievance'
}
