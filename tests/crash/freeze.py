# SPDX-License-Identifier: Apache-2.0
"""SIGSTOP: each daemon stands still for a minute, and goes on.

The daemons' clock is stepped, so that the minute is short; the long set adds a real one for
each, longer than the heartbeats of the connections. Meanwhile the others answer, nothing is
lost, and nobody is raised over for what only looked late. At last routing stands still while duties fall
due: none is raised without its word before a minute is over, and each once it speaks.
"""
import signal
import struct
import time

import clients  # noqa: F401  finds the second client
from minqing_wire import journal_pb
from minqing.v1 import escalation_pb2 as escalation_pb
from place import DAEMONS, Place
from town import Town

MINUTE_S = 60
SHORT_S = 1.5  # of real time, for a stepped minute
TICK_S = 0.02
SPEAKS_AGAIN_S = 10
BEFORE_DUE_MS = 4000
NOT_SILENT_S = 40  # nobody is called silent before a minute
ASK_AGAIN_S = 1


class Clock:
    """What the daemons take for the time: the wall clock, some of it ahead."""

    def __init__(self, place):
        self.path = place.folder / "clock"
        self.ahead_ms = 0
        self.tick()
        place.faulty["MINQING_CLOCK_FILE"] = str(self.path)

    def now_ms(self):
        return time.time_ns() // 1_000_000 + self.ahead_ms

    def tick(self):
        now = self.now_ms()
        if not self.path.exists():
            self.path.write_bytes(struct.pack("=q", now))
        with open(self.path, "r+b") as file:  # mapped: written in place
            file.write(struct.pack("=q", now))


class WallClock(Clock):
    def __init__(self, place):
        self.ahead_ms = 0

    def tick(self):
        pass


def run_beside(town, clock, seconds, steps_ms=0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        clock.ahead_ms += int(steps_ms)
        clock.tick()
        town.run(TICK_S)


def freeze(town, clock, name, results, real):
    daemon = town.place.daemons[name]
    seconds = MINUTE_S if real else SHORT_S
    steps_ms = 0 if real else MINUTE_S * 1000 * TICK_S / SHORT_S
    daemon.process.send_signal(signal.SIGSTOP)
    run_beside(town, clock, seconds, steps_ms)
    for watch in town.watches.values():
        watch.ask_status()
    run_beside(town, clock, 1)
    answered = {other for other, watch in town.watches.items() if watch.status}
    daemon.process.send_signal(signal.SIGCONT)
    results.tried += 1
    if answered != set(DAEMONS) - {name}:
        results.unverifiable.append(f"only {sorted(answered)} answered while {name} stood "
                                    "still")
    run_beside(town, clock, 0.5)


def open_silences(town):
    """Raises about a silent source that nothing has ended; and raises that are false."""
    town.judge.read("escalation")
    silent, false = {}, []
    for entry in town.judge.readings["escalation"].entries:
        if entry.kind == journal_pb.KIND_RAISED:
            cause = escalation_pb.Cause.Name(entry.raised.cause)
            if entry.raised.cause == escalation_pb.CAUSE_SOURCE_SILENT:
                silent[getattr(entry.raised, "raise")] = f"{entry.sequence}: {cause}"
            elif entry.raised.cause != escalation_pb.CAUSE_SUPERVISION:
                false.append(f"escalation {entry.sequence}: raised falsely, {cause}")
        elif entry.kind == journal_pb.KIND_RAISE_ENDED:
            silent.pop(getattr(entry.raise_ended, "raise"), None)
    return silent, false


def look_for_raises(town, results):
    """Nothing is late: who is raised over is supervised. That a source was silent for a
    minute may be said, and ends when it speaks again."""
    until = time.monotonic() + SPEAKS_AGAIN_S
    while open_silences(town)[0] and time.monotonic() < until:
        town.run(0.2)
    silent, false = open_silences(town)
    results.unverifiable += false
    results.unverifiable += [f"still raised, and everybody speaks: {text}"
                             for text in silent.values()]


# ---- duties that fall due meanwhile ------------------------------------------------------

def ask_due(town):
    """What fires next, in order: (time, number, duty, share)."""
    rows, asked = [], [0.0]

    def told(reply):
        rows[:] = [(row.due_ms, row.number, row.duty, row.share) for row in reply.due.rows
                   if row.number and row.share]

    def look():
        if not rows and time.monotonic() - asked[0] >= ASK_AGAIN_S:  # answers may be lost
            asked[0] = time.monotonic()
            town.leader.ask(told, due={"limit": 500})
        return rows
    town.run_until(look, "escalation says what is due")
    return rows


def fullest_ms(times):
    """From when most of them fall into the time that routing stands still."""
    within_ms = NOT_SILENT_S * 1000 - 2 * BEFORE_DUE_MS
    return max(times, key=lambda first: sum(0 <= at - first < within_ms for at in times))


def raised_of(town, since):
    """Entries of escalation about bands and breaches, from this sequence on."""
    town.judge.read("escalation")
    return [entry for entry in town.judge.readings["escalation"].entries[since:]
            if entry.kind == journal_pb.KIND_RAISED and entry.raised.share]


def freeze_when_due(town, clock, results):
    town.rest()
    first_ms = fullest_ms([row[0] for row in ask_due(town)])
    clock.ahead_ms += first_ms - BEFORE_DUE_MS - clock.now_ms()
    clock.tick()
    run_beside(town, clock, 1)  # everybody says how far he is by this time
    town.rest()
    due = [row for row in ask_due(town) if row[0] < clock.now_ms() + NOT_SILENT_S * 1000]
    routing, begun_ms = town.place.daemons["routing"], clock.now_ms()
    town.judge.read("escalation")
    since = len(town.judge.readings["escalation"].entries)
    routing.process.send_signal(signal.SIGSTOP)
    while clock.now_ms() < begun_ms + NOT_SILENT_S * 1000:
        run_beside(town, clock, TICK_S, NOT_SILENT_S * 1000 * TICK_S / SHORT_S)
    early = raised_of(town, since)
    routing.process.send_signal(signal.SIGCONT)
    results.tried += 1
    if early:
        results.unverifiable.append(
            f"escalation {early[0].sequence} and {len(early) - 1} more were raised without "
            "the word of routing, which stood still for less than a minute")
    wanted = {row[1:] for row in due}

    def fired():
        return [(entry.grievance, entry.raised.duty, entry.raised.share)
                for entry in raised_of(town, since)]
    town.run_until(lambda: clock.tick() or wanted <= set(fired()), "what was due is raised")
    twice = [what for what in wanted if fired().count(what) != 1]
    if twice:
        results.doubled.append(f"{twice[0]} and {len(twice) - 1} more were raised twice")
    if any(entry.raised.blind for entry in raised_of(town, since)):
        results.unverifiable.append("raised blind, and nobody was silent")
    results.more["fell_due"] = len(due)
    results.floor("duties that fell due while routing stood still", len(due), 1)


def run_round(said, results, real):
    with Place(fault=said.fault) as place:
        clock = (WallClock if real else Clock)(place)
        with Town(place, rate=20, results=results) as town:
            place.start()
            town.run_until(lambda: clock.tick() or town.all_answer(), "all four answer")
            run_beside(town, clock, 1)
            for name in said.daemon or DAEMONS:
                freeze(town, clock, name, results, real)
            for name, code in place.restart_ended():
                results.unverifiable.append(f"{name} ended by itself with {code}")
            town.examine()
            look_for_raises(town, results)
            if not real:
                freeze_when_due(town, clock, results)
                town.examine()
            results.add(town)


def run(said, results):
    names = said.daemon or DAEMONS
    run_round(said, results, real=False)
    if said.long:
        run_round(said, results, real=True)
    results.floor("daemons that stood still", results.tried,
                  (2 if said.long else 1) * len(names) + 1)
