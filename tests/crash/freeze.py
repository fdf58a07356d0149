# SPDX-License-Identifier: Apache-2.0
"""SIGSTOP: each daemon stands still for a minute, and goes on.

The daemons' clock is stepped, so that the minute is short; the long set adds a real one for
each, longer than the heartbeats of the connections. Meanwhile the others answer, nothing is
lost, and nobody is raised over for what only looked late.
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


class Clock:
    """What the daemons take for the time: the wall clock, some of it ahead."""

    def __init__(self, place):
        self.path = place.folder / "clock"
        self.ahead_ms = 0
        self.tick()
        place.faulty["MINQING_CLOCK_FILE"] = str(self.path)

    def tick(self):
        now = time.time_ns() // 1_000_000 + self.ahead_ms
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
        clock.ahead_ms += steps_ms
        clock.tick()
        town.run(TICK_S)


def freeze(town, clock, name, results, real):
    daemon = town.place.daemons[name]
    seconds = MINUTE_S if real else SHORT_S
    steps_ms = 0 if real else MINUTE_S * 1000 * TICK_S / SHORT_S
    daemon.process.send_signal(signal.SIGSTOP)
    run_beside(town, clock, seconds, int(steps_ms))
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
            results.add(town)


def run(said, results):
    run_round(said, results, real=False)
    if said.long:
        run_round(said, results, real=True)
