# SPDX-License-Identifier: Apache-2.0
"""Daemons that run, by an operator's key: journals are followed up to the head of a status,
and positions, roots and counts of that status are held against them."""
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from journals import SPEAKERS, Journal  # noqa: E402
from law_course import STATE_NAME  # noqa: E402
from minqing_wire import Door, Key, door_pb  # noqa: E402
from protos import control_pb  # noqa: E402

CREDIT = 8192
PATIENCE_S = 60


def follow(door, journal, until):
    """Entries 1 … until, headers only unless the key may have bodies."""
    door.send_bytes(door_pb.ToDoor(follow={"after": 0, "credit": CREDIT})
                    .SerializeToString())
    acted = 0
    while len(journal) < until:
        message = door.receive(PATIENCE_S)
        if message is None:
            raise SystemExit(f"{door.speaker} sends no more entries")
        for followed in message.entries.entries:
            if len(journal) < until:
                journal.take(followed)
        if len(journal) - acted > CREDIT // 2:
            credit = {"acted": len(journal), "credit": len(journal) - acted}
            door.send_bytes(door_pb.ToDoor(follow_credit=credit).SerializeToString())
            acted = len(journal)


def statuses(doors):
    return {speaker: door.control(control_pb.CONTROL_STATUS).status
            for speaker, door in doors.items()}


def at_rest(doors):
    """Statuses of followers that stand at what their sources had before, and of sources a
    moment later."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        before, followers = statuses(doors), statuses(doors)
        behind = [speaker for speaker, status in followers.items()
                  for at in status.positions
                  if at.acted < before[SPEAKERS[at.speaker - 1]].head]
        if not behind or time.monotonic() > deadline:
            return followers, statuses(doors)
        time.sleep(0.1)


def check_positions(journals, followers, now, report):
    for speaker, status in followers.items():
        for at in status.positions:
            of = journals[SPEAKERS[at.speaker - 1]]
            stands = of.at(at.acted)
            if at.problem:
                report.say("position", f"{speaker} does not follow {of.speaker}: {at.problem}")
            elif at.acted and (stands is None or stands.leaf != at.acted_hash or
                               at.journal != now[of.speaker].journal):
                report.say("position", f"{speaker} stands at no entry of {of.speaker}: "
                                       f"{at.acted}")


def check_trees(journals, now, report):
    for speaker, journal in journals.items():
        if journal.tree.root() != now[speaker].root:
            report.say("tree", f"{speaker} says another root of {len(journal)} entries")


def shape(door, by_village):
    """{(village or 0, department, state): count}"""
    counts, after = Counter(), 0
    while True:
        reply = door.ask(shape={"by_village": by_village, "after": after}).shape
        for row in reply.rows:
            for count in row.counts:
                if count.count:
                    counts[row.village, row.department, count.state] += count.count
            after = row.village if by_village else row.department
        if not reply.more:
            return counts


def check_sums(town, doors, now, report):
    gauges = {speaker: {g.name: g.value for g in status.gauges}
              for speaker, status in now.items()}
    states = Counter(course.state for course in town.courses.values())
    for state, name in STATE_NAME.items():
        said = gauges["routing"].get(f'grievances{{state="{name}"}}', 0)
        if state and said != states[state]:
            report.say("sums", f"routing counts {said} {name}, its journal {states[state]}")
    registered = sum(filed is not None for filed in town.numbers.values())
    if gauges["intake"]["grievances"] != registered:
        report.say("sums", f"intake counts {gauges['intake']['grievances']}, its journal "
                           f"{registered}")
    for by_village in (True, False):
        ours = Counter()
        for number, course in town.courses.items():
            village = town.village(number)
            ours[village if by_village else 0, course.department, course.state] += 1
        theirs = shape(doors["routing"], by_village)
        for key in ours.keys() | theirs.keys():
            if ours[key] != theirs[key]:
                report.say("sums", f"routing counts {theirs[key]} at {key}, its journal "
                                   f"{ours[key]}")


def read_live(key_file, report, check):
    key = Key.load(key_file)
    doors = {speaker: Door(key, speaker) for speaker in SPEAKERS}
    followers, now = at_rest(doors)
    journals = {}
    for speaker, door in doors.items():
        journals[speaker] = Journal(speaker, report.say)
        journals[speaker].id, journals[speaker].incarnation = now[speaker].journal, 0
        follow(door, journals[speaker], now[speaker].head)
    town = check(journals, report)
    check_trees(journals, now, report)
    check_positions(journals, followers, now, report)
    check_sums(town, {s: Door(key, s) for s in ("routing",)}, now, report)
    return journals
