# SPDX-License-Identifier: Apache-2.0
"""A village terminal and the daemons on two hosts, and the link between them cut for 72 hours.

Two network namespaces with a cable (veth) between them: in one the daemons, in the other the
real terminal, which comes in by TCP. It files; then the cable is pulled, and for 72 hours of
the clock at both ends nothing goes through. All that time rows are written into its spool, and
writer and sender are killed over and over. Then the link returns, slow and losing packets at
first, with more kills. In the end every row is registered once, in its order, and none of them
before the link was back.
"""
import os
import random
import shutil
import struct
import subprocess
import time

from clock import find_faketime
from place import DAEMONS, Broken, Place, Skipped
from power_cut import ASAN_LATE
from town import Spooler, Town

ROWS, KILLS, ROWS_A_FILE = 480, 12, 40
LONG_ROWS, LONG_KILLS, LONG_ROWS_A_FILE = 10_000, 100, 100
CUT_S = 72 * 3600
RETURN_SHARE = 4  # of the kills in the cut, one in so many more when the link returns
SENT_S = 300
ADDRESS, PORT = "10.211.0.1", 5550
RETURNING = ("losing", "slow", "up", "dropping")


def call(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


class Cable:
    """with Cable () as cable: both hosts and what is between them are gone afterwards."""

    def __init__(self):
        if os.geteuid() != 0:
            raise Skipped("network namespaces need root")
        for program in ("ip", "tc", "iptables"):
            if not shutil.which(program):
                raise Skipped(f"there is no {program} here")
        self.daemons, self.terminal = (f"mq-{os.getpid()}-{end}" for end in "dt")

    def __enter__(self):
        for name in (self.daemons, self.terminal):
            made = call("ip", "netns", "add", name)
            if made.returncode:
                self.__exit__()
                raise Skipped(f"no network namespace: {made.stderr.strip()}")
        made = [call("ip", "link", "add", "v0", "netns", self.daemons, "type", "veth", "peer",
                     "name", "v0", "netns", self.terminal)]
        for name, host in ((self.daemons, "1"), (self.terminal, "2")):
            made += [call("ip", "-n", name, "addr", "add", f"10.211.0.{host}/24", "dev", "v0"),
                     call("ip", "-n", name, "link", "set", "lo", "up"),
                     call("ip", "-n", name, "link", "set", "v0", "up")]
        wrong = [step.stderr.strip() for step in made if step.returncode]
        if wrong:
            self.__exit__()
            raise Skipped(f"no cable between network namespaces: {wrong[0]}")
        return self

    def __exit__(self, *_):
        for name in (self.daemons, self.terminal):
            call("ip", "netns", "del", name)

    def inside(self, name):
        return ("ip", "netns", "exec", name)

    def _table(self, *rule):
        call(*self.inside(self.daemons), "iptables", "-w", *rule)

    def _plug(self, state):
        call("ip", "-n", self.daemons, "link", "set", "v0", state)

    def cut(self, is_pulled):
        """Pulled, or all packets dropped: from one to the other nothing comes through."""
        if is_pulled:
            self._plug("down")
        self._table("-I", "INPUT", "-i", "v0", "-j", "DROP")
        if not is_pulled:
            self._plug("up")

    def be(self, link):
        """"up", or one of RETURNING."""
        self._table("-F", "INPUT")
        call("tc", "-n", self.terminal, "qdisc", "del", "dev", "v0", "root")
        self._plug("up")
        if link == "dropping":
            self.cut(False)
        elif link == "losing":
            self._table("-A", "INPUT", "-i", "v0", "-m", "statistic", "--mode", "random",
                        "--probability", "0.2", "-j", "DROP")
        elif link == "slow":
            call("tc", "-n", self.terminal, "qdisc", "add", "dev", "v0", "root", "tbf",
                 "rate", "256kbit", "burst", "16kb", "latency", "400ms")


class Clock:
    """Time at both ends: the machine's, and so much more."""

    def __init__(self, place):
        self.daemons, self.terminal = place.folder / "time", place.folder / "wall"
        self.ahead_s = 0
        self.go_on(0)

    def go_on(self, more_s):
        self.ahead_s += more_s
        self.terminal.with_suffix(".new").write_text(f"+{self.ahead_s}\n", encoding="ascii")
        self.terminal.with_suffix(".new").rename(self.terminal)
        self.tick()

    def now_ms(self):
        return time.time_ns() // 1_000_000 + self.ahead_s * 1000

    def tick(self):
        """The daemons have the file mapped: it is written in place."""
        now_ms = self.now_ms()
        fd = os.open(self.daemons, os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(fd, struct.pack("=q", now_ms))
        os.close(fd)


class Village(Spooler):
    """The terminal in its own namespace and time."""

    def __init__(self, place, cable, clock, rows_a_file):
        super().__init__(place)
        self.ROWS, self.clock = rows_a_file, clock
        self.before = (*cable.inside(cable.terminal), "env", f"LD_PRELOAD={find_faketime()}",
                       f"FAKETIME_TIMESTAMP_FILE={clock.terminal}", "FAKETIME_NO_CACHE=1",
                       "DONT_FAKE_MONOTONIC=1", ASAN_LATE,
                       f"MINQING_FAULT={place.faulty.get('MINQING_FAULT', '')}")
        key = place.key_file(f"terminal-{self.number}")
        said = key.read_text(encoding="utf-8").replace(
            f"ipc://{place.folder}/run/intake.door", f"tcp://{ADDRESS}:{PORT}")
        if ADDRESS not in said:
            raise Broken(f"{key} does not say where intake is")
        key.write_text(said, encoding="utf-8")

    def _arguments(self, *arguments):
        return [*self.before, *super()._arguments(*arguments)]

    def now(self):
        return self.clock.now_ms() // 1000

    def write_again(self):
        """Somebody is not sure and replays the first file once more."""
        subprocess.run(self._arguments("replay", "--offline",
                                       self.place.folder / "rows-0.json"),
                       stdin=subprocess.DEVNULL, capture_output=True,
                       env=self.place.environment, check=False)

    def unsent(self):
        said = subprocess.run(self._arguments("--json", "terminal", "unsent"),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env=self.place.environment, check=False)
        return len(said.stdout.splitlines())


class Hosts(Town):
    """A town whose rows are written by us, not by its own loop."""

    def __init__(self, place, clock, village):
        super().__init__(place, rate=2)
        self.clock, self.spooler = clock, village

    def _work(self, now):
        self.next_rows = now + 1
        super()._work(now)

    def step(self, timeout_ms=5):
        self.clock.tick()
        super().step(timeout_ms)


def write_up_to(town, rows, seconds):
    """Sends, and writes down; not necessarily that many in this time."""
    village = town.spooler
    village.send()
    if village.files * village.ROWS < rows or village.open is not None:
        village.write()
    town.run(seconds)


def write_all(town, rows):
    village = town.spooler
    while village.files * village.ROWS < rows:
        write_up_to(town, rows, 0.05)


def await_sent(town):
    village, deadline = town.spooler, time.monotonic() + SENT_S
    while village.unsent() > 0:
        if time.monotonic() > deadline:
            raise Broken(f"{village.unsent()} are not sent in {SENT_S} s of a good link")
        write_up_to(town, 0, 0.2)


def cut_and_kill(town, cable, rows, kills):
    """The cut: all rows are written in it, with so many kills. (begun, ended), by the clock of
    the daemons."""
    village, clock = town.spooler, town.clock
    cable.cut(True)
    village.kill()  # what was under way in its sockets is gone too
    town.run(0.3)
    begun_ms = clock.now_ms()
    for at in range(1, kills + 1):
        cable.cut(at % 2 == 0)
        for _ in range(random.randint(1, 6)):
            write_up_to(town, rows * at // kills - village.ROWS, random.uniform(0.02, 0.12))
        clock.go_on(CUT_S * at // kills - CUT_S * (at - 1) // kills)
        village.kill()
    write_all(town, rows)
    village.write_again()
    return begun_ms, clock.now_ms()


def return_and_kill(town, cable, kills):
    """The link is back, and bad: kills while it sends."""
    for at in range(kills):
        cable.be(RETURNING[at % len(RETURNING)])
        write_up_to(town, 0, random.uniform(0.1, 0.5))
        town.spooler.kill()
    cable.be("up")
    await_sent(town)


def look_at_cut(town, results, before, cut):
    """Nothing of the terminal came in the cut, all that it wrote came after it."""
    begun_ms, ended_ms = cut
    number = town.spooler.number
    ours = [entry for entry in town.judge.readings["intake"].entries
            if entry.HasField("actor") and entry.actor.client == number]
    through = [entry.sequence for entry in ours if begun_ms < entry.time_ms < ended_ms]
    late = [entry for entry in ours if entry.time_ms >= ended_ms]
    if through:
        results.unverifiable.append(f"entry {through[0]} of intake came through a link that "
                                    "was cut")
    counters = [entry.actor.counter for entry in ours]
    if counters != list(range(1, len(ours) + 1)):
        results.doubled.append("the terminal's counters do not follow each other")
    results.more["hours_cut"] = round((ended_ms - begun_ms) / 3_600_000, 2)
    results.more["filed_in_the_cut"] = len(late)
    results.floor("seconds of the cut", (ended_ms - begun_ms) // 1000, CUT_S)
    results.floor("filed before the cut", len(ours) - len(late), before)
    results.floor("filed in the cut", len(late), len(town.spooler.marks) - before)


def run(said, results):
    rows, kills, a_file = ((LONG_ROWS, LONG_KILLS, LONG_ROWS_A_FILE) if said.long else
                           (ROWS, KILLS, ROWS_A_FILE))
    kills = said.times or kills
    settings = f'intake\n    door = "tcp://{ADDRESS}:{PORT}"\n'
    with Cable() as cable, Place(fault=said.fault, settings=settings) as place:
        clock = Clock(place)
        place.faulty["MINQING_CLOCK_FILE"] = str(clock.daemons)
        village = Village(place, cable, clock, a_file)
        for name in DAEMONS:
            place.daemons[name].start(*cable.inside(cable.daemons))
        with Hosts(place, clock, village) as town:
            town.await_up()
            write_all(town, a_file)
            await_sent(town)
            cut = cut_and_kill(town, cable, a_file + rows, kills)
            results.floor("kills in the cut", village.kills, kills)
            return_and_kill(town, cable, max(1, kills // RETURN_SHARE))
            results.tried += village.kills
            results.more["rows"] = len(village.marks)
            town.examine()
            results.add(town)
            look_at_cut(town, results, a_file, cut)
