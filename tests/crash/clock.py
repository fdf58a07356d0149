# SPDX-License-Identifier: Apache-2.0
"""Clock jumps: ±1 h, ±40 days, 1970, of real daemons under libfaketime.

While they run, before they start, and across a boot: the wall clock jumps, ten filings are
made, the clock is corrected. Meanwhile the filings are registered and marked, nothing is
raised and nothing has a time that the clock made up; afterwards an entry of each daemon says
that it is settled, and the times of every journal are in order.
"""
import ctypes.util
import os
import random
import subprocess
import time
import uuid
from pathlib import Path

from place import DAEMONS, Broken, Place, Skipped
from power_cut import ASAN_LATE
from town import Town
from minqing.v1 import control_pb2 as control_pb
from minqing.v1 import door_pb2 as door_pb
from minqing.v1 import journal_pb2 as journal_pb

HOUR_S, DAY_S = 3600, 86400
JUMPS = {"an hour ahead": "+1h", "an hour back": "-1h", "40 days ahead": "+40d",
         "40 days back": "-40d", "1970": "@1970-01-02 03:04:05"}
RIGHT = "+0"
# After a boot an hour ahead is what a clock that nobody keeps right may say.
AFTER_BOOT = [name for name in JUMPS if name != "an hour ahead"]
FILINGS = 10
APART_MS = 300_000  # trusted time is never further from the truth (TRUST_DOUBT_MS)
FAKETIME = ("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
            "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1")


def find_faketime():
    found = [path for path in FAKETIME if os.path.exists(path)]
    found = found or [ctypes.util.find_library("faketime")]
    if not found[0]:
        raise Skipped("libfaketime is not installed")
    return found[0]


def compile_machine(folder):
    source, shim = Path(__file__).with_name("machine.c"), Path(folder) / "machine.so"
    made = subprocess.run(["cc", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
                           "-o", shim, source, "-ldl"], capture_output=True, text=True,
                          check=False)
    if made.returncode:
        raise Broken(f"machine.c does not compile: {made.stderr}")
    return shim


class Machine:
    """The clock and the boot that the daemons of a place are told of."""

    def __init__(self, place):
        self.place = place
        self.clock, self.boot = place.folder / "wall", place.folder / "boot"
        self.before = ("env", f"LD_PRELOAD={find_faketime()} {compile_machine(place.folder)}",
                       f"FAKETIME_TIMESTAMP_FILE={self.clock}", "FAKETIME_NO_CACHE=1",
                       "DONT_FAKE_MONOTONIC=1", f"MINQING_TEST_BOOT={self.boot}",
                       ASAN_LATE)
        self.set(RIGHT)
        self.boot_anew()

    def set(self, wall):
        self.clock.with_suffix(".new").write_text(wall + "\n", encoding="ascii")
        self.clock.with_suffix(".new").rename(self.clock)

    def boot_anew(self):
        self.boot.write_text(f"{uuid.uuid4()}\n", encoding="ascii")

    def start(self):
        for name in DAEMONS:
            self.place.daemons[name].start(*self.before)

    def stop(self):
        for name in DAEMONS:
            self.place.daemons[name].kill(15)


class Observer:
    """What the daemons say of time, and what their journals say of it."""

    def __init__(self, town, results):
        self.town, self.results = town, results
        self.uncertain, self.heads = {}, {}
        self.since_ms = int(time.time() * 1000)

    def complain(self, sentence):
        self.results.unverifiable.append(sentence)

    def all_are(self, uncertain):
        """Asks, and tells of the answers that came."""
        for name, line in self.town.watches.items():
            take = line._hear

            def hear(message, name=name, take=take):
                if message.HasField("control"):
                    status = message.control.status
                    self.uncertain[name] = status.time_uncertain
                    self.heads[name] = status.head
                take(message)
            if "_hear" not in line.__dict__:
                line._hear = hear
            line._push(door_pb.ToDoor(control={"verb": control_pb.CONTROL_STATUS}))
        self.uncertain.clear()
        self.town.run(0.1)
        return (set(self.uncertain) == set(DAEMONS) and
                all(said == uncertain for said in self.uncertain.values()))

    def await_all(self, uncertain, what):
        deadline = time.monotonic() + 15
        while not self.all_are(uncertain):
            if time.monotonic() > deadline:
                raise Broken(f"{what}: uncertain of time are {self.uncertain}, not all are "
                             f"{uncertain}")

    def look_at_journals(self, what, doubted, numbers):
        """doubted: name: (first, last) sequence while time was in doubt."""
        now_ms = int(time.time() * 1000)
        for name in DAEMONS:
            entries = self.town.judge.readings[name].entries
            times = [entry.time_ms for entry in entries]
            if times != sorted(times):
                self.complain(f"{what}: the times of {name} are not in order")
            wrong = [entry.sequence for entry in entries
                     if not self.since_ms - APART_MS <= entry.time_ms <= now_ms + APART_MS]
            if wrong:
                self.complain(f"{what}: {name} has {len(wrong)} entries of a time that "
                              f"never was, the first is {wrong[0]}")
            first, last = doubted[name]
            self._look_at_doubted(what, name, entries[first:last])
            if not any(entry.kind == journal_pb.KIND_TIME_SETTLED
                       for entry in entries[last:]):
                self.complain(f"{what}: nothing in {name} says that time is settled")
        registered = {entry.grievance: entry for entry in
                      self.town.judge.readings["intake"].entries
                      if entry.kind == journal_pb.KIND_REGISTERED}
        for number in numbers:
            if number not in registered:
                self.results.lost.append(f"{what}: {number} is not registered")
            elif not registered[number].time_uncertain:
                self.complain(f"{what}: the filing {number} is not marked")

    def _look_at_doubted(self, what, name, entries):
        for entry in entries:
            kind = journal_pb.Kind.Name(entry.kind)
            if not entry.time_uncertain:
                self.complain(f"{what}: entry {entry.sequence} ({kind}) of {name} is not "
                              "marked")
            if entry.kind == journal_pb.KIND_RAISED:
                self.complain(f"{what}: entry {entry.sequence} of {name} was raised by a "
                              "clock that is in doubt")


def file_ten(town):
    """Ten filings, each with its receipt; their numbers."""
    terminal = town.terminals[0]
    before = len(terminal.filed)
    for _ in range(FILINGS):
        terminal.file(text="三亩地征收半年，补偿款没有打到卡上。")
    town.run_until(lambda: len(terminal.filed) == before + FILINGS, "ten are filed")
    return terminal.filed[before:]


def try_jump(machine, town, observer, name, manner, results):
    what = f"{name}, {manner}"
    town.rest()
    if manner != "while it runs":
        machine.stop()
    if manner == "after a boot":
        machine.boot_anew()
    machine.set(JUMPS[name])
    if manner != "while it runs":
        machine.start()
        town.await_up()
    observer.await_all(True, what)
    heads = dict(observer.heads)
    numbers = file_ten(town)
    town.run(1)  # whoever would raise something by this clock does it now
    observer.await_all(True, what)
    doubted = {daemon: (heads[daemon], observer.heads[daemon]) for daemon in DAEMONS}
    machine.set(RIGHT)
    observer.await_all(False, what)
    town.examine()
    town.is_quiet = True
    town.judge.unverifiable = [f"{what}: {why}" for why in town.judge.unverifiable]
    results.add(town, is_last=False)
    observer.look_at_journals(what, doubted, numbers)
    results.tried += 1


def run(said, results):
    manners = {"while it runs": list(JUMPS), "at a start": list(JUMPS),
               "after a boot": AFTER_BOOT}
    rounds = said.times or (3 if said.long else 1)
    with Place(fault=said.fault) as place:
        machine = Machine(place)
        with Town(place) as town:
            machine.start()
            town.await_up()
            observer = Observer(town, results)
            town.run(1)
            for _ in range(rounds):
                for manner, names in manners.items():
                    for name in random.sample(names, len(names)):
                        try_jump(machine, town, observer, name, manner, results)
            results.add(town)
        results.floor("jumps", results.tried, rounds * sum(map(len, manners.values())))
