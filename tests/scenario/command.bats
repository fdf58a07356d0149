#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# How the command behaves towards people: help, mistakes, exit codes, Ctrl-C.
source "$BATS_TEST_DIRNAME/../support/place.bash"

setup_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    place_up
}

setup ()
{
    place_use "$BATS_FILE_TMPDIR/place"
}

teardown_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    place_drop
}

# The commands as the overview lists them.
commands ()
{
    "$MINQING_BUILD/minqing" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'
}

@test "help_of_every_command_begins_with_an_example" {
    [ "$(commands | wc -l)" -ge 17 ]
    for command in $(commands); do
        run minqing "$command" --help
        [ "$status" = 0 ]
        [[ ${lines[0]} == "  minqing "* ]]
    done
    for daemon in "${DAEMONS[@]}"; do
        run "$MINQING_BUILD/minqing-$daemon" --help
        [ "$status" = 0 ]
        [[ ${lines[0]} == "Example: minqing-$daemon "* ]]
    done
}

@test "mistake_says_what_was_probably_meant" {
    run minqing sumbit
    [ "$status" = 64 ]
    [[ $output == *'did you mean "submit"'* ]]
    run minqing submit --vilage 340522100001
    [ "$status" = 64 ]
    [[ $output == *'did you mean --village'* ]]
    run minqing query
    [ "$status" = 64 ]
    run minqing query 1 2 3
    [ "$status" = 64 ]
    run minqing desk 11 clam 20261123-00101-00001-8
    [ "$status" = 64 ]
    run "$MINQING_BUILD/minqing-intake" --no-such-option
    [ "$status" = 64 ]
}

@test "wrong_number_says_which_part_is_wrong" {
    run terminal 101 query 20261123-00101-00001-7
    [ "$status" = 65 ]
    [[ $output == *check* ]]
    run terminal 101 query 20261323-00101-00001-7
    [ "$status" = 65 ]
}

@test "exit_codes_tell_programs_what_happened" {
    run minqing --as nobody query 20261123-00101-00001-8
    [ "$status" = 66 ] # no such key file
    run minqing --config /nowhere/minqing.conf queue
    [ "$status" = 66 ] || [ "$status" = 78 ]
    run terminal 101 submit --village 340522100001
    [ "$status" = 65 ] # no text
    run terminal 101 submit --village 340522100001 --text '有了。'
    [ "$status" = 0 ]
}

@test "data_goes_to_stdout_and_talk_to_stderr" {
    terminal 101 --json submit --village 340522100001 --text '有了。' 2>"$PLACE/talk" |
        /usr/bin/python3 -c 'import json, sys
for line in sys.stdin: json.loads(line)'
    [ ! -s "$PLACE/talk" ]
    terminal 101 --json terminal unsent 2>"$PLACE/talk"
    [ ! -s "$PLACE/talk" ]
}

@test "numbers_are_read_as_people_type_them" {
    slip=$(terminal 101 --json submit --village 340522100001 --text '有了。')
    number=$(field number <<<"$slip")
    code=$(field code <<<"$slip")
    full_width=$(sed 'y/0123456789/０１２３４５６７８９/; s/-//g' <<<"$number")
    [ "$(terminal 140 --json query "$full_width" "${code,,}" | field number)" = "$number" ]
}

@test "command_speaks_chinese_where_people_do_without_a_generated_locale" {
    [ -e "$MINQING_BUILD/locale/zh_CN/LC_MESSAGES/minqing.mo" ] ||
        skip "the translations were not built"
    for language in zh_CN.UTF-8 zh_CN; do
        run env -u LC_ALL -u LANGUAGE LANG="$language" "$MINQING_BUILD/minqing" submit --help
        [ "$status" = 0 ]
        [[ $output == *用法* ]]
    done
    run env -u LANGUAGE LC_ALL=C "$MINQING_BUILD/minqing" submit --help
    [[ $output == *Usage:* ]]
}

@test "bad_configuration_is_told_by_file_and_line" {
    sed 's/^state = .*/stat = state/' "$MINQING_CONFIG" >"$PLACE/bad.conf"
    line=$(grep -n '^stat =' "$PLACE/bad.conf" | cut -d: -f1)
    run minqing config check "$PLACE/bad.conf"
    [ "$status" = 78 ]
    [[ $output == *"bad.conf:$line: "*"did you mean"* ]]
    run "$MINQING_BUILD/minqing-intake" --config "$PLACE/bad.conf" --check
    [ "$status" = 78 ]
    run minqing config check
    [ "$status" = 0 ]
}

@test "metrics_of_all_daemons_are_accepted_by_promtool" {
    command -v promtool >/dev/null || skip "promtool is not installed (package prometheus)"
    minqing metrics >"$PLACE/metrics"
    for daemon in "${DAEMONS[@]}"; do
        grep -q "^minqing_${daemon}_up 1" "$PLACE/metrics"
    done
    run promtool check metrics <"$PLACE/metrics"
    [ "$status" = 0 ]
    [ -z "$output" ]
}

@test "key_that_is_added_comes_in_after_a_reload" {
    [ "$(minqing keys add terminal --number 555 --territory 340522100201)" = \
        "$PLACE/keys/terminal-555.key" ]
    run minqing keys add terminal --number 555 --territory 340522100201
    [ "$status" != 0 ] # a key is never overwritten
    place_reload
    wait_until terminal 555 --json submit --village 340522100201 --text '新终端。' --wait 1
}

@test "ctrl_c_stops_everything_within_two_seconds_and_leaves_nothing_running" {
    up=$(cat "$PLACE/up.pid")
    daemons=$(pgrep --parent "$up")
    [ "$(wc -l <<<"$daemons")" = 4 ]
    "$MINQING_BUILD/minqing" --json desk 11 follow 3>&- &
    follower=$!
    before=$(now_ms)
    kill -INT "$up"
    wait_until pid_is_gone "$up"
    for pid in $daemons; do
        pid_is_gone "$pid"
    done
    [ $(($(now_ms) - before)) -lt 2000 ]
    kill -INT "$follower"
    wait_until pid_is_gone "$follower"
    # What was there is there again.
    place_up
    run minqing verify
    [ "$status" = 0 ]
}

# What a desk at a counter reads: every no of a daemon in its own language.
in_chinese ()
{
    run env LC_ALL= LANGUAGE= LANG=zh_CN.UTF-8 MINQING_CONFIG="$PLACE/minqing.conf" \
        "$MINQING_BUILD/minqing" "$@"
}

@test "a_refusal_speaks_the_language_of_the_reader_and_says_what_to_give" {
    minqing --json submit --as terminal-101 --village 340522100001 \
        --category 国土资源/土地征收 --text '地界。' >"$PLACE/slip"
    number=$(field number <"$PLACE/slip")
    in_chinese desk 11 decide "$number" --person 1131 --outcome support --text 好 --basis 法
    [[ $output == *请先领办* ]]
    in_chinese desk 12 claim "$number" --person 1231
    [ "$status" = 77 ]
    [[ $output == *现在不在你单位* ]]
    desk 11 1131 claim "$number"
    in_chinese desk 11 claim "$number" --person 1132
    [[ $output == *'已由别人承办：1131 号人员'* ]]
    in_chinese desk 11 decide "$number" --person 1131 --outcome support --text 好 --basis 法
    [[ $output == *'目前是“已领办”，不能出具意见；可以：'*受理* ]]
    desk 11 1131 accept "$number"
    run minqing desk 11 decide "$number" --person 1131 --outcome support --text 好
    [[ $output == *'(missing: --basis)'* ]]
    in_chinese query "${number%?}?" --as terminal-101
    [[ ! $output == *'is a digit'* ]]
}

@test "a_document_without_its_place_in_the_list_is_the_newest" {
    minqing --json submit --as terminal-101 --village 340522100001 \
        --category 国土资源/土地征收 --text '地界。' >"$PLACE/slip"
    number=$(field number <"$PLACE/slip")
    run minqing document "$number" --as desk-11 --html "$PLACE/none.html"
    [ "$status" != 0 ]
    desk 11 1131 claim "$number"
    desk 11 1131 accept "$number"
    desk 11 1131 decide "$number" --outcome support --text 好 --basis 法
    minqing document "$number" --as desk-11 --html "$PLACE/page.html"
    grep -q '<title>信访事项处理意见书' "$PLACE/page.html"
    minqing document "$number" --as desk-11 --text | grep -q 信访事项处理意见书
}

@test "ninety_days_of_a_clock_are_some_rows_for_people_and_every_day_for_programs" {
    minqing --json submit --as terminal-101 --village 340522100001 \
        --category 国土资源/土地征收 --text '地界。' >"$PLACE/slip"
    number=$(field number <"$PLACE/slip")
    wait_until days_are_told
    [ "$(minqing deadline explain "$number" | wc -l)" -lt 60 ]
}

days_are_told ()
{
    minqing --json deadline explain "$number" | grep -q '"number":75'
}
