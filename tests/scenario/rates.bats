#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Messages and their replies at their own times, on a stepped clock, through real daemons:
# the share in time that 'minqing rates' reads from the journals is the one that a few
# lines of Python compute from the file and the calendar.
#
# Of the real replies every run takes a slice; --long takes all 1,959.
source "$BATS_TEST_DIRNAME/../support/place.bash"

REAL_ROWS=200
[ "${MINQING_LONG:-0}" != 1 ] || REAL_ROWS=0 WAIT_S=300

own_replies () # last days that end the period on a working day, or would not
{
    cat <<'ROWS'
msg_id,time,topic,detail,reply,reply_time
1,2019-03-01 09:00:00,路灯,路灯不亮。,已修好。,2019-03-01 17:00:00
2,2019-04-01 10:00:00,补偿,第六十日二十四时前答复。,已答复。,2019-05-31 23:59:59
3,2019-04-01 10:00:05,补偿,第六十日过后答复。,已答复。,2019-06-01 00:00:00
4,2019-04-02 10:00:00,道路,期末是星期六。,已答复。,2019-06-03 12:00:00
5,2019-04-02 10:00:10,道路,期末是星期六，又过一天。,已答复。,2019-06-04 00:00:00
6,2018-12-08 08:00:00,粉尘,期末在春节。,已答复。,2019-02-11 09:00:00
7,2018-12-08 08:00:07,粉尘,期末在春节，又过一天。,已答复。,2019-02-12 09:00:00
8,2018-12-04 08:00:00,水沟,期末是调休上班的星期六。,已答复。,2019-02-02 20:00:00
9,2018-12-04 08:00:09,水沟,期末是调休上班的星期六，又过一天。,已答复。,2019-02-03 20:00:00
10,2018-01-02 12:00:00,地界,"拖了一年多，
还说""快了"",没有下文。",已答复。,2019-03-05 12:00:00
11,2019-04-03 10:00:00,缺时间,回复时间看不出。,已答复。,2019/5/6
12,2019-04-04 10:00:00,倒过来,回复早于来信。,已答复。,2019-04-03 10:00:00
ROWS
}

# The shipped calendar as the data set writes it.
calendar_csv ()
{
    echo date,name,is_off_day
    awk -F'\t' '/^[0-9]/ { print $1 "," $2 "," ($3 == "是") }' \
        "$SOURCE/deploy/config/tables/calendar.tsv"
}

place_at () # NAME TIME: a place whose daemons believe that time
{
    place_use "$BATS_FILE_TMPDIR/$1"
    clock_set "$(date --date "$2 +0800" +%s%3N)"
    place_up
}

replies_replay () # FILE LIMIT: what was left out is in left-out
{
    timeout 900 "$SOURCE/tests/support/reply_replay.py" --keys "$PLACE/keys" \
        --clock "$PLACE/clock" --limit "$2" "$1" 2>"$PLACE/left-out"
}

clocks_are_complete ()
{
    minqing --json rates >"$PLACE/rates" 2>"$PLACE/said" && [ ! -s "$PLACE/said" ]
}

share_is () # JSON of reply_share.py
{
    [ "$(field timely_answer_part <"$PLACE/rates")" = "$(field timely_answer_part <<<"$1")" ]
    [ "$(field timely_answer_of <"$PLACE/rates")" = "$(field timely_answer_of <<<"$1")" ]
}

setup_file ()
{
    place_at own '2018-01-01 00:00'
    own_replies >"$PLACE/replies.csv"
    calendar_csv >"$PLACE/calendar.csv"
    replies_replay "$PLACE/replies.csv" 0 >"$PLACE/replayed"
}

setup ()
{
    place_use "$BATS_FILE_TMPDIR/own"
    export MINQING_CLOCK_FILE=$PLACE/clock
}

teardown_file ()
{
    local name
    for name in own real; do
        place_use "$BATS_FILE_TMPDIR/$name"
        place_drop
    done
}

@test "share_in_time_is_what_the_calendar_alone_says" {
    [ "$(field replayed <"$PLACE/replayed")" = 10 ]
    wait_until clocks_are_complete
    share=$("$SOURCE/tests/support/reply_share.py" "$PLACE/calendar.csv" \
        "$PLACE/replies.csv" 2>"$PLACE/left-out-there")
    [ "$(field timely_answer_part <<<"$share")" = 5 ]
    share_is "$share"
    diff "$PLACE/left-out" "$PLACE/left-out-there"
    [ "$(cat "$PLACE/left-out")" = $'left out: 11\nleft out: 12' ]
    verified 10
}

@test "other_figures_are_those_of_the_ten" {
    [ "$(field timely_acceptance_part <"$PLACE/rates")" = 10 ]
    [ "$(field answered <"$PLACE/rates")" = 10 ]
    [ "$(field median_days <"$PLACE/rates")" = 61 ]
    [ "$(field ninetieth_days <"$PLACE/rates")" = 66 ]
    [ "$(field satisfaction_department_result <"$PLACE/rates")" = None ]
    [ "$(field accusations <"$PLACE/rates")" = 0 ]
}

@test "rows_add_up_to_the_whole" {
    minqing --json rates --by month,village >"$PLACE/months"
    /usr/bin/python3 - "$PLACE/rates" "$PLACE/months" <<'ADD'
import json, sys
whole = json.load(open(sys.argv[1]))
rows = [json.loads(line) for line in open(sys.argv[2])]
assert [row["month"] for row in rows] == ["2018-01", "2018-12", "2019-03", "2019-04"], rows
for name, value in whole.items():
    if name in rows[0] and isinstance(value, int) and not name.endswith("_days"):
        assert sum(row[name] for row in rows) == value, name
ADD
    [ "$(minqing --json rates --from 2019-04-01 --until 2019-04-30 |
        field timely_answer_part)" = 2 ]
    [ "$(minqing --json rates --department 12 | field registered)" = 0 ]
    [ "$(minqing --json rates --village 340522100 | field registered)" = 10 ]
}

@test "csv_opens_in_a_spreadsheet" {
    minqing rates --by department --csv >"$PLACE/rates.csv"
    [ "$(head -c 3 "$PLACE/rates.csv" | od -An -tx1)" = " ef bb bf" ]
    /usr/bin/python3 - "$PLACE/rates.csv" <<'READ'
import csv, sys
text = open(sys.argv[1], encoding="utf-8-sig", newline="").read()
assert text.count("\r\n") == text.count("\n") == 2
row, = csv.DictReader(text.splitlines())
assert row["department"] == "11" and row["department_name"] and row["registered"] == "10"
assert None not in row and None not in row.values()
assert row["satisfaction_department_result"] == ""
READ
}

@test "table_is_for_people_in_their_language" {
    minqing rates --by year | grep -q '^2019 '
    LC_ALL=C.UTF-8 LANGUAGE=zh_CN minqing rates | grep -q '按期答复率.*50.0 %.*5 / 10'
    run minqing rates --by weather
    [ "$status" = 64 ]
    run terminal 101 rates
    [ "$status" = 77 ]
}

@test "without_escalation_its_figures_are_left_out_and_that_is_said" {
    place_down
    place_start intake routing
    minqing --json rates >"$PLACE/without" 2>"$PLACE/said"
    grep -q 'escalation' "$PLACE/said"
    [ "$(field timely_answer_of <"$PLACE/without")" = "" ]
    [ "$(field answered <"$PLACE/without")" = 10 ]
}

@test "share_of_the_real_replies_too" {
    [ -r "$MINQING_DATA/replies.csv.gz" ] ||
        skip "the real messages are not there: set MINQING_DATA to their folder"
    place_drop
    place_at real '2011-01-01 00:00'
    replies_replay "$MINQING_DATA/replies.csv.gz" "$REAL_ROWS" >"$PLACE/replayed"
    wait_until clocks_are_complete
    share=$("$SOURCE/tests/support/reply_share.py" "$MINQING_DATA/calendar.csv" \
        "$MINQING_DATA/replies.csv.gz" "$REAL_ROWS" 2>"$PLACE/left-out-there")
    [ "$(field timely_answer_of <<<"$share")" -ge "$REAL_ROWS" ]
    share_is "$share"
    diff "$PLACE/left-out" "$PLACE/left-out-there"
    verified "$(field timely_answer_of <<<"$share")"
}
