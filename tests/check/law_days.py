# SPDX-License-Identifier: Apache-2.0
"""Sums by day: what a village registered on a day is what routing placed of it, and what a
department gave away on a day is what others say they had from it.

What waits, was set aside, or was lost by a restoration is counted apart; other checks name
it."""
import datetime
from collections import Counter

from law_journal import find
from protos import journal_pb, routing_pb

K, R = journal_pb, routing_pb
BEIJING = datetime.timezone(datetime.timedelta(hours=8))


def day_of(time_ms):
    try:
        return datetime.datetime.fromtimestamp(time_ms // 1000, BEIJING).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return str(time_ms)


class Days:
    def __init__(self):
        self.registered, self.placed = Counter(), Counter()  # (village, day)
        self.came, self.went, self.said = Counter(), Counter(), Counter()  # (department, day)
        self.waiting = Counter()  # registered, and not placed
        self.lost = Counter()     # placed, and not registered any more


def read_placings(town, days, registered):
    """{number: (village, day)} of what routing has placed, as it says itself."""
    placed = {}
    for told in town.entries("routing"):
        entry, moved = told.entry, told.entry.moved
        if entry.kind != K.KIND_MOVED or moved.step != R.STEP_PLACE or \
                entry.grievance in placed or entry.grievance not in town.numbers:
            continue
        is_again = entry.grievance in registered and entry.HasField("source") and \
            find(town, entry.source)[0] == "lost"
        where = registered[entry.grievance] if is_again else \
            (entry.matter.village, day_of(moved.registered_at_ms))
        placed[entry.grievance] = where
        days.placed[where] += 1
    return placed


def read_villages(town, days):
    registered = {number: (told.entry.matter.village, day_of(told.entry.time_ms))
                  for number, told in town.numbers.items() if told}
    days.registered.update(registered.values())
    placed = read_placings(town, days, registered)
    days.waiting.update(where for n, where in registered.items() if n not in placed)
    days.lost.update(where for n, where in placed.items() if n not in registered)


def read_departments(town, days):
    lies = {}
    for told in town.entries("routing"):
        entry, moved = told.entry, told.entry.moved
        if entry.kind != K.KIND_MOVED or entry.grievance not in town.numbers:
            continue
        day = day_of(entry.time_ms)
        before = lies.get(entry.grievance)
        lies[entry.grievance] = moved.department
        leaves = before is not None and before != moved.department
        said = moved.previous_department
        if moved.step == R.STEP_SERVE and getattr(moved, "from") == R.STATE_CLOSED:
            said = before if leaves else 0  # there it is who decided for the lead
        if before is None or leaves:
            days.came[moved.department, day] += 1
        if leaves:
            days.went[before, day] += 1
        if before is not None and said != moved.department and (said or leaves):
            days.said[said, day] += 1


def differing(ours, theirs):
    return sorted(key for key in ours.keys() | theirs.keys() if ours[key] != theirs[key])


def check(town):
    days = town.days = Days()
    if "intake" not in town.journals or "routing" not in town.journals:
        return
    read_villages(town, days)
    read_departments(town, days)
    for village, day in differing(days.registered + days.lost, days.placed + days.waiting):
        at = village, day
        town.report.say("days", f"village {village}, {day}: {days.registered[at]} registered, "
                                f"{days.placed[at]} placed, {days.waiting[at]} waiting")
    for department, day in differing(days.went, days.said):
        at = department, day
        town.report.say("days", f"department {department}, {day}: {days.went[at]} went away, "
                                f"{days.said[at]} by what the steps say")


def standing(days):
    """{department: how many lie there}, by what came and went."""
    counts = Counter()
    for (department, _), count in days.came.items():
        counts[department] += count
    for (department, _), count in days.said.items():
        counts[department] -= count
    return counts


def summary(town):
    days = town.days
    villages = days.registered.keys() | days.placed.keys()
    departments = days.came.keys() | days.went.keys() | days.said.keys()
    off = len(differing(days.registered + days.lost, days.placed + days.waiting))
    return (f"{len(villages) - off} of {len(villages)} village-days and "
            f"{len(departments) - len(differing(days.went, days.said))} of "
            f"{len(departments)} department-days agree")
