# SPDX-License-Identifier: Apache-2.0
"""Daemons that run, by an operator's key: journals are followed up to the head of a status,
and positions, roots and counts of that status are held against them; so is what routing,
intake and escalation show of single grievances.

First everything is asked, then it is judged, so that answers can be doctored in between
(live_doctored.py)."""
import random
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import law_days  # noqa: E402
from journals import SPEAKERS, Journal  # noqa: E402
from law_course import STATE_NAME  # noqa: E402
from minqing_wire import Door, Key, Refused, door_pb  # noqa: E402
from protos import control_pb, escalation_pb, journal_pb  # noqa: E402

CREDIT = 8192
PATIENCE_S = 60
TRIES = 5  # until nothing was written while we asked
ROWS_MOST = 500


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
        if len(journal) > acted:
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


def shape(door, by_village):
    """Rows of how much lies where."""
    rows, after = [], 0
    while True:
        reply = door.ask(shape={"by_village": by_village, "after": after}).shape
        rows.extend(reply.rows)
        if not reply.more:
            return rows
        after = reply.rows[-1].village if by_village else reply.rows[-1].department


def answer(doors, name, **question):
    """That field of the first answer that is no refusal, or None: nobody may see it."""
    for door in doors:
        try:
            return getattr(door.ask(**question), name)
        except Refused:
            continue
    return None


class Asked:
    """What the daemons said, of one moment."""

    def __init__(self, followers, now):
        self.followers, self.now = followers, now  # {speaker: Status}
        self.said = []      # (check, sentence) of the reading
        self.journals = {}
        self.shapes = {}    # by village?: rows
        self.items, self.courses, self.ledgers = {}, {}, {}  # by number

    def shown(self):
        return (f"shown and compared: {len(self.items)} by routing, {len(self.courses)} by "
                f"intake, {len(self.ledgers)} by escalation")

    def read(self, doors):
        for speaker, door in doors.items():
            journal = Journal(speaker, lambda *said: self.said.append(said))
            journal.id, journal.incarnation = self.now[speaker].journal, 0
            follow(door, journal, self.now[speaker].head)
            self.journals[speaker] = journal

    def sample(self, most):
        numbers = sorted({told.entry.grievance for told in self.journals["intake"].told
                          if told.entry.kind == journal_pb.KIND_REGISTERED})
        return numbers if len(numbers) <= most else random.sample(numbers, most)

    def ask(self, lines, most):
        for by_village in (True, False):
            self.shapes[by_village] = shape(lines["routing"][0], by_village)
        for number in self.sample(most):
            for speaker, name, into in (("routing", "item", self.items),
                                        ("intake", "course", self.courses),
                                        ("escalation", "deadline", self.ledgers)):
                shown = answer(lines[speaker], name, **{name: {"number": number}})
                if shown is not None:
                    into[number] = shown


def ask_live(said):
    """Asked, of daemons that wrote nothing meanwhile, if they come to rest at all."""
    key = Key.load(said.live)
    others = [Key.load(path) for path in said.also]
    lines = {speaker: [Door(key, speaker)] for speaker in SPEAKERS}
    lines["routing"] += [Door(other, "routing") for other in others]
    heads = None
    for _ in range(TRIES):
        doors = {speaker: Door(key, speaker) for speaker in SPEAKERS}
        asked = Asked(*at_rest(doors))
        asked.read(doors)
        asked.ask(lines, said.sample)
        for door in doors.values():
            door.close()
        heads = [status.head for status in
                 statuses({s: lines[s][0] for s in SPEAKERS}).values()]
        if heads == [asked.now[speaker].head for speaker in SPEAKERS]:
            break
    return asked


# ---- judged ------------------------------------------------------------------------------

def check_positions(journals, followers, now, report):
    for speaker, status in followers.items():
        for at in status.positions:
            of = journals[SPEAKERS[at.speaker - 1]]
            stands = of.at(at.acted)
            if at.problem:
                report.say("position", f"{speaker} does not follow {of.speaker}: {at.problem}")
            elif at.acted and (stands is None or at.acted_hash not in (b"", stands.leaf) or
                               at.journal != now[of.speaker].journal):
                report.say("position", f"{speaker} stands at no entry of {of.speaker}: "
                                       f"{at.acted}")


def check_trees(journals, now, report):
    for speaker, journal in journals.items():
        if journal.tree.root() != now[speaker].root:
            report.say("tree", f"{speaker} says another root of {len(journal)} entries")


def counted(rows, by_village):
    """{(village or 0, department, state): count}"""
    counts = Counter()
    for row in rows:
        for count in row.counts:
            if count.count:
                counts[row.village if by_village else 0, row.department, count.state] += \
                    count.count
    return counts


def check_gauges(town, now, report):
    gauges = {speaker: {g.name: g.value for g in status.gauges}
              for speaker, status in now.items()}
    states = Counter(course.state for course in town.courses.values())
    for state, name in STATE_NAME.items():
        said = gauges["routing"].get(f'grievances{{state="{name}"}}', 0)
        if state and said != states[state]:
            report.say("sums", f"routing counts {said} {name}, its journal {states[state]}")
    registered = sum(filed is not None for filed in town.numbers.values())
    if gauges["intake"].get("grievances", 0) != registered:
        report.say("sums", f"intake counts {gauges['intake'].get('grievances', 0)}, its "
                           f"journal {registered}")


def check_shapes(town, shapes, report):
    for by_village, rows in shapes.items():
        ours, theirs = Counter(), counted(rows, by_village)
        for number, course in town.courses.items():
            village = town.village(number)
            ours[village if by_village else 0, course.department, course.state] += 1
        for key in ours.keys() | theirs.keys():
            if ours[key] != theirs[key]:
                report.say("sums", f"routing counts {theirs[key]} at {key}, its journal "
                                   f"{ours[key]}")
    lies = Counter()
    for (_, department, _), count in counted(shapes[False], False).items():
        lies[department] += count
    stands = law_days.standing(town.days)
    for department in lies.keys() | stands.keys():
        if lies[department] != stands[department]:
            report.say("sums", f"routing counts {lies[department]} with {department}; "
                               f"{stands[department]} came and did not go, day by day")


def compare(town, number, who, shown, ours, report):
    for what, (theirs, own) in {name: (shown[name], ours[name]) for name in shown}.items():
        if theirs != own:
            report.say("facts", f"{town.name(number)}: {who} shows {what} {theirs}, the "
                                f"journals say {own}")


def check_facts(town, asked, report):
    for number, course in town.courses.items():
        ours = {"state": course.state, "department": course.department,
                "holder": course.holder, "instance": course.instance}
        if number in asked.items:
            row = asked.items[number].row
            compare(town, number, "routing",
                    {"state": row.state, "department": row.department, "holder": row.holder,
                     "instance": max(row.instance, 1)}, ours, report)
        if number in asked.courses:
            shown = asked.courses[number]
            compare(town, number, "intake",
                    {"state": shown.state, "department": shown.department,
                     "instance": max(shown.instance, 1)}, ours, report)


def check_ledgers(town, asked, report):
    """Duties that run: which, whose where that is said of it, due when, and whether it
    stands still."""
    for number, ledger in asked.ledgers.items():
        if len(ledger.duties) >= ROWS_MOST:
            continue
        assists = escalation_pb.DUTY_ASSISTING
        shown = sorted((row.duty, row.owner if row.duty == assists else 0, row.due_ms,
                        row.paused) for row in ledger.duties if row.running)
        ours = sorted((duty, owner, clock.change.due_ms, clock.is_paused)
                      for (duty, owner), clock in town.clocks.get(number, {}).items())
        if shown != ours:
            report.say("ledger", f"{town.name(number)}: escalation shows {shown}, its "
                                 f"journal says {ours}")


def judge(asked, report, check):
    """The Town."""
    for said in asked.said:
        report.say(*said)
    town = check(asked.journals, report)
    check_trees(asked.journals, asked.now, report)
    check_positions(asked.journals, asked.followers, asked.now, report)
    check_gauges(town, asked.now, report)
    check_shapes(town, asked.shapes, report)
    check_facts(town, asked, report)
    check_ledgers(town, asked, report)
    return town
