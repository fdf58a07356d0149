#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Replay messages and their replies at their own times on a stepped clock.

    reply_replay.py --keys DIR --clock FILE [--limit N] REPLIES.csv[.gz]

Each message (columns msg_id, time, topic, detail, reply, reply_time) is filed as a request,
claimed and accepted at its own instant, decided and served at that of its reply, by a
terminal and a desk that speak to real daemons. Rows whose times cannot be read, or whose
reply is older than the message, are said on stderr as "left out: ID" and not filed.
"""
import argparse
import csv
import datetime
import gzip
import json
import os
import struct
import sys
import time

import minqing_client
from minqing_client import Terminal, step_command
from minqing_wire import SPEAKERS, Door, Key, Memory, Refused, door_pb

VILLAGE, CATEGORY = 340522100001, "国土资源/土地征收"  # the shipped table: department 11
DEPARTMENT, PERSON = 11, 1131
BEIJING = datetime.timezone(datetime.timedelta(hours=8))
csv.field_size_limit(1 << 24)


class Unsaved(Memory):
    """Nobody comes back to this run: what it says need not outlive it."""

    def __init__(self):
        self.state = {"doors": {}, "serials": {"": 0}}

    def save(self):
        pass


class Steady(Door):
    """Meets the daemon once."""

    def meet(self):
        return self.memory.door(self.speaker) or super().meet()


class Clock:
    """The file that the daemons have mapped as their time; it only goes on."""

    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY)
        self.now_ms = 0

    def step(self, at_ms):
        self.now_ms = max(self.now_ms, at_ms)
        os.pwrite(self.file, struct.pack("=q", self.now_ms), 0)


def instant_ms(text):
    at = datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
    return int(at.replace(tzinfo=BEIJING).timestamp()) * 1000


def rows_of(path, limit):
    """(filed, replied, row) of every row with two times in order."""
    opened = gzip.open if path.endswith(".gz") else open
    rows = []
    with opened(path, "rt", encoding="utf-8-sig", newline="") as source:
        for row in csv.DictReader(source):
            if limit and len(rows) == limit:
                break
            try:
                filed, replied = instant_ms(row["time"]), instant_ms(row["reply_time"])
            except ValueError:
                filed, replied = 1, 0
            if replied < filed:
                print("left out:", row["msg_id"], file=sys.stderr)
            else:
                rows.append((filed, replied, row))
    return rows


class Replay:
    def __init__(self, keys, clock):
        self.clock = clock
        self.intake = Steady(Key.load(f"{keys}/terminal-101.key"), "intake", Unsaved())
        desk = Key.load(f"{keys}/desk-{DEPARTMENT}.key")
        self.routing = Steady(desk, "routing", Unsaved())
        self.terminal = Terminal(self.intake)

    def say(self, door, person, *commands):
        """Several commands in one frame; each has to be taken."""
        made = [door_pb.Command(counter=0, incarnation=0, person=person, **command)
                for command in commands]
        outcomes = door.say(made)
        for outcome in outcomes:
            if outcome.HasField("refusal"):
                raise Refused(outcome.refusal)
        return outcomes

    def steps(self, *steps):
        return self.say(self.routing, PERSON, *({"step": step} for step in steps))

    def file(self, row):
        """Filed, claimed and accepted at this instant: the number and fencing number."""
        filing = self.terminal.filing(village=VILLAGE, category=CATEGORY,
                                      title=row["topic"][:300], text=row["detail"][:15000])
        receipt = self.say(self.intake, 0, {"file": filing})[0].receipt
        self.routing.ask(standing={}, not_before={"speaker": SPEAKERS["intake"],
                                                  "sequence": receipt.sequence})
        # The first claim of a grievance has the fencing number 1.
        claimed, _ = self.steps(step_command(filing.number, "claim"),
                                step_command(filing.number, "accept", fencing=1))
        return filing.number, claimed.step_done.fencing

    def answer(self, grievance, row):
        number, fencing = grievance
        self.steps(step_command(number, "decide", fencing=fencing, outcome="explain",
                                text=row["reply"][:15000],
                                legal_basis="信访工作条例第三十二条"),
                   step_command(number, "serve", fencing=fencing, means="electronic",
                                to="留言人"))

    def run(self, rows):
        events = [(filed, 0, i) for i, (filed, _, _) in enumerate(rows)]
        events += [(replied, 1, i) for i, (_, replied, _) in enumerate(rows)]
        filed = {}
        for at_ms, is_reply, i in sorted(events):
            self.clock.step(at_ms)
            # A daemon may be in a turn that began before the step. When it has answered,
            # the next turn reads the new time.
            if is_reply:
                self.routing.standing()
                self.answer(filed.pop(i), rows[i][2])
            else:
                self.intake.standing()
                filed[i] = self.file(rows[i][2])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", required=True, help="folder of the place's keys")
    parser.add_argument("--clock", required=True, help="the daemons' MINQING_CLOCK_FILE")
    parser.add_argument("--limit", type=int, default=0, help="so many rows [all]")
    parser.add_argument("replies")
    said = parser.parse_args()
    rows, clock, began = rows_of(said.replies, said.limit), Clock(said.clock), time.time()
    minqing_client.now_ms = lambda: clock.now_ms  # slips are made by it too
    Replay(said.keys, clock).run(rows)
    print(json.dumps({"replayed": len(rows), "seconds": round(time.time() - began, 1)}))


if __name__ == "__main__":
    main()
