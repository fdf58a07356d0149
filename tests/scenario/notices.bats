#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Notices leave the house: to a real mail server, to a robot's HTTP address, to an SMS
# gateway. It is noon, so that nobody's night is disturbed whenever this runs.
source "$BATS_TEST_DIRNAME/../support/place.bash"

setup_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || return 0
    mkfifo "$PLACE/sink.until"
    /usr/bin/python3 "$SOURCE/tests/support/notice_sink.py" <"$PLACE/sink.until" \
        >"$PLACE/received" 2>"$PLACE/sink.log" 3>&- &
    echo $! >"$PLACE/sink.pid"
    exec 9>"$PLACE/sink.until"
    wait_until test -s "$PLACE/received"
    read -r mail web <"$PLACE/received"

    # The environment office has a robot, everybody else a mailbox.
    place_edit departments.tsv "s|smtp:hb@.*|http:http://127.0.0.1:$web/ok|"
    place_keep sms
    cp "$SOURCE/deploy/config/minqing.local.conf" "$MINQING_CONFIG"
    cat >>"$MINQING_CONFIG" <<CONF
notification
    digest_minutes = 0
    sms = "pipe:sms"
    smtp
        url = "smtp://127.0.0.1:$mail"
        from = "minqing@huanfeng.example"
CONF
    local day=86400000 east=28800000
    clock_set $((($(now_ms) + east) / day * day + day + day / 2 - east))
    place_up
}

setup ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    [ -e "$PLACE/received" ] || skip "no mail server to test with (package python3-aiosmtpd)"
    export MINQING_CLOCK_FILE=$PLACE/clock
}

teardown_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    place_drop
}

file_at_101 () # CATEGORY: sets $number
{
    number=$(terminal 101 --json submit --village 340522100001 --category "$1" \
        --title '秘密的题目' --text '秘密的正文' --name 王某 --telephone 13900000077 |
        field number)
}

received () # KIND PATTERN …: one line has them all
{
    local pattern lines
    lines=$(grep "\"kind\": \"$1\"" "$PLACE/received") || return 1
    shift
    for pattern in "$@"; do
        lines=$(grep -e "$pattern" <<<"$lines") || return 1
    done
}

@test "department_gets_a_mail_when_something_arrives" {
    file_at_101 国土资源
    wait_until received mail zrzy@huanfeng.example "$number"
}

@test "department_with_a_robot_gets_a_post" {
    file_at_101 环境保护
    wait_until received post /ok "$number"
}

sms_is_kept ()
{
    grep -q "$number" "$PLACE"/sms/*.json
}

@test "petitioner_gets_an_sms_with_template_and_parameters" {
    file_at_101 民政
    # The gateway takes a few a minute; nobody waits for it: another minute passes.
    wait_until state_is "$number" 101 dispatched
    clock_set $(($(od -An -td8 "$MINQING_CLOCK_FILE") + 60000))
    wait_until sms_is_kept
    sms=$(grep -h "$number" "$PLACE"/sms/*.json | head -n 1)
    [ "$(field telephone <<<"$sms")" = 13900000077 ]
    [ -n "$(field template <<<"$sms")" ]
}

@test "no_notice_carries_a_word_of_the_text_or_the_name" {
    run grep -rh '秘密\|王某' "$PLACE/received" "$PLACE/sms"
    [ "$status" = 1 ]
    # And the telephone stands in no store but intake's: it was asked for when it was needed.
    run grep --text --recursive --quiet 13900000077 "$PLACE/state/notification" \
        "$PLACE/state/escalation"
    [ "$status" = 1 ]
}

@test "mail_server_that_is_away_is_tried_again_later" {
    pid_end TERM "$PLACE/sink.pid"
    file_at_101 教育文体
    wait_until metric_reaches 'notification_notices{state="failed"}' 1
    run minqing verify
    [ "$status" = 0 ]
}
