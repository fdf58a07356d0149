# SPDX-License-Identifier: Apache-2.0
"""A village terminal and the daemons on two hosts, and the link between them cut for 72 hours.

Two network namespaces with a cable (veth) between them: in one the daemons, in the other the
real terminal, which comes in by TCP. While rows are written into its spool and sent, the
cable is pulled, packets are dropped, the line is made slow; writer and sender are killed
over and over; time goes on by 72 hours in all, at both ends. In the end every row is
registered once, in its order.
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
CUT_HOURS = 72
ADDRESS, PORT = "10.211.0.1", 5550
LINKS = ("down", "up", "dropping", "losing", "slow")


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

    def be(self, link):
        """One of LINKS."""
        table = (*self.inside(self.daemons), "iptables", "-w")
        call(*table, "-F", "INPUT")
        call("tc", "-n", self.terminal, "qdisc", "del", "dev", "v0", "root")
        call("ip", "-n", self.daemons, "link", "set", "v0",
             "down" if link == "down" else "up")
        if link == "dropping":
            call(*table, "-A", "INPUT", "-i", "v0", "-j", "DROP")
        elif link == "losing":
            call(*table, "-A", "INPUT", "-i", "v0", "-m", "statistic", "--mode", "random",
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

    def tick(self):
        """The daemons have the file mapped: it is written in place."""
        now_ms = time.time_ns() // 1_000_000 + self.ahead_s * 1000
        fd = os.open(self.daemons, os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(fd, struct.pack("=q", now_ms))
        os.close(fd)


class Village(Spooler):
    """The terminal in its own namespace and time."""

    def __init__(self, place, cable, clock, rows_a_file):
        super().__init__(place)
        self.ROWS = rows_a_file
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


def cut_and_kill(town, cable, rows, kills):
    """So many kills while rows are written and sent; the last rows with the cable pulled."""
    village = town.spooler
    for at in range(1, kills + 1):
        cable.be(LINKS[at % len(LINKS)])
        for _ in range(random.randint(1, 6)):
            write_up_to(town, rows * at // kills - village.ROWS, random.uniform(0.02, 0.12))
        town.clock.go_on(CUT_HOURS * 3600 // kills)
        village.kill()
    cable.be("down")
    while village.files * village.ROWS < rows:
        write_up_to(town, rows, 0.1)
    village.write_again()


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
            cut_and_kill(town, cable, rows, kills)
            results.tried += village.kills
            results.more = {"rows": rows, "unsent": village.unsent(),
                            "hours": clock.ahead_s // 3600}
            if results.more["unsent"] == 0:
                raise Broken("everything was sent although the cable was pulled")
            cable.be("up")
            town.examine()
            results.add(town)
