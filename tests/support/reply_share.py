#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How many replies came in time, from the file and the calendar alone:

    reply_share.py CALENDAR.csv REPLIES.csv[.gz] [LIMIT]

60 days from acceptance, which is the day of the message; that day is not counted; when the
last day is a rest day the period ends with the next working day (信访工作条例 art. 34).
"""
import csv
import datetime
import gzip
import json
import sys

csv.field_size_limit(1 << 24)
calendar, replies, limit = sys.argv[1], sys.argv[2], int((sys.argv + ["0"])[3])
off = {row["date"]: row["is_off_day"] == "1"
       for row in csv.DictReader(open(calendar, encoding="utf-8-sig", newline=""))}
part = of = 0
with (gzip.open if replies.endswith(".gz") else open)(
        replies, "rt", encoding="utf-8-sig", newline="") as source:
    for row in csv.DictReader(source):
        if limit and of == limit:
            break
        try:
            filed = datetime.datetime.strptime(row["time"], "%Y-%m-%d %H:%M:%S")
            replied = datetime.datetime.strptime(row["reply_time"], "%Y-%m-%d %H:%M:%S")
        except ValueError:
            filed, replied = datetime.datetime.max, datetime.datetime.min
        if replied < filed:
            print("left out:", row["msg_id"], file=sys.stderr)
            continue
        last = filed.date() + datetime.timedelta(days=60)
        while off.get(last.isoformat(), last.weekday() >= 5):
            last += datetime.timedelta(days=1)
        part, of = part + (replied.date() <= last), of + 1
print(json.dumps({"timely_answer_part": part, "timely_answer_of": of}))
