# SPDX-License-Identifier: Apache-2.0
"""SIGKILL before and after every system call of a commit, of each daemon.

A round: everybody is at rest; a tracer (killat.c) watches a daemon; a handful of commands
arrives at once, one of them this daemon's known one. At the N-th end of a system call the
daemon is killed, started again, and the clients say again what has no outcome. N runs from
1 until the known command has its outcome and nobody was killed any more: then every kill
point was tried, from the frame's arrival to the answer.

In the fast set all four are watched in every round, each by a tracer of its own, and calls
that change nothing outside of the process (getpid, poll) are no points of their own. In the
long set one daemon after the other, at every call, with the other three alive.

Where a sync falls among the calls is not the same in any two rounds, so counting may miss it:
before and behind the first one of a round each daemon is killed besides.
"""
import platform
import select
import subprocess
from pathlib import Path

from place import DAEMONS, Broken, Place, Skipped
from town import Town

LOOK_ROUNDS = 60
OVER_TWICE = 2  # traffic is not the same each time: the end is believed when seen so often
POINTS_MOST = 2000
POINTS_LEAST = 10  # of each daemon: a commit has more
# Numbers of fsync, fdatasync and msync, as killat tells them.
SYNCS = {"aarch64": (82, 83, 227)}.get(platform.machine(), (74, 75, 26))


def compile_tracer(folder):
    """killat, with this machine's compiler."""
    source, program = Path(__file__).with_name("killat.c"), Path(folder) / "killat"
    made = subprocess.run(["cc", "-O1", "-Wall", "-Wextra", "-Werror", "-o", program,
                           source], capture_output=True, text=True, check=False)
    if made.returncode:
        raise Broken(f"killat.c does not compile: {made.stderr}")
    return program


class Tracer:
    """Kills a daemon at its N-th end of a system call."""

    def __init__(self, place, name, point, program, *every):
        self.name, self.daemon = name, place.daemons[name]
        self.process = subprocess.Popen(
            [program, str(self.daemon.pid), str(point), *every], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        place.others.append(self.process)
        self.place = place
        ready, _, _ = select.select([self.process.stdout], [], [], 20)
        first = self.process.stdout.readline() if ready else ""
        if first != "ready\n":
            why = self.process.stderr.read()
            self.end()
            raise Skipped(f"nobody may be traced here: {why.strip()}")

    def is_over(self):
        return self.process.poll() is not None

    def end(self):
        """What it said last: ("killed", "17", "before", "18") or ("seen", "12")."""
        if self.process.poll() is None:
            self.process.terminate()
        said = self.process.stdout.read().split() or ["silent"]
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
        self.place.others.remove(self.process)
        return said


class Rounds:
    def __init__(self, town, results, program, *every):
        self.every = every  # ("all",): every system call
        self.town, self.place, self.results = town, town.place, results
        self.program = program
        self.over = {name: 0 for name in DAEMONS}
        self.points = {name: 0 for name in DAEMONS}
        self.kills = {name: 0 for name in DAEMONS}
        self.synced = {name: 0 for name in DAEMONS}  # of them behind a sync

    # ---- the known commands, one for each daemon

    def burst(self):
        """One for each at once; and what routing and the others follow from them."""
        town = self.town
        known = {"intake": (town.terminals[0], town.terminals[0].file())}
        if not town.desk.in_hand:
            raise Broken("the desk has nothing in hand")
        number = next(iter(town.desk.in_hand))
        counter = town.desk.next
        town.desk.next_step(number, *town.desk.in_hand.pop(number))
        known["routing"] = (town.desk, counter)
        counter = town.leader.next
        town.leader.supervise(number)
        known["escalation"] = (town.leader, counter)
        counter = town.printer.next
        town.printer.hand_over()
        known["notification"] = (town.printer, counter)
        return known

    def refill(self, most=30):
        """Work for the desk and prints for the terminal: ordinary traffic for a moment."""
        if len(self.town.desk.in_hand) >= 3:
            return
        town = self.town
        town.is_quiet = False
        town.desk.go_on = lambda most=6: None  # keep what is claimed in hand
        town.run_until(lambda: len(town.desk.in_hand) >= most, "the desk has work")
        del town.desk.go_on
        town.is_quiet = True

    # ---- a round

    def round(self, point, names, *every):
        town = self.town
        self.refill()
        town.rest()
        tracers = {}
        try:
            for name in names:
                tracers[name] = Tracer(self.place, name, point, self.program,
                                       *(every or self.every))
            known = self.burst()
            self._await(tracers, known)
        finally:
            for tracer in tracers.values():
                tracer.process.terminate()
        for name, tracer in tracers.items():
            self._note(name, tracer.end(), point)
        town.run_until(lambda: not any(line.waiting for line in town.clients),
                       f"all are answered after a kill at {point}")

    def _await(self, tracers, known):
        """Until each was killed or its known command has its outcome."""
        def is_over(name):
            line, counter = known[name]
            return tracers[name].is_over() or counter in line.answered
        self.town.run_until(lambda: all(is_over(name) for name in tracers),
                            "a known command is answered")

    def _note(self, name, said, point):
        if said[0] == "killed":
            self.results.tried += 1
            self.over[name] = 0
            self.points[name] = point
            self.kills[name] += 1
            self.synced[name] += said[2] == "after" and int(said[3]) in SYNCS
        elif said[0] == "seen":
            self.over[name] += 1
        else:
            self.results.unverifiable.append(f"{name} at point {point}: {' '.join(said)}")

    def run_syncs(self, names):
        """Before and behind the first sync of a round."""
        for point in (1, 2):
            self.round(point, names, "syncs")

    def run(self, names):
        for point in range(1, POINTS_MOST):
            left = [name for name in names if self.over[name] < OVER_TWICE]
            if not left or not self.results.is_good:
                return
            self.round(point, left)
            if point % LOOK_ROUNDS == 0:
                self.look()
        raise Broken(f"a commit of {names} has more than {POINTS_MOST} kill points")

    def look(self, is_last=False):
        self.town.examine(is_last)
        self.town.is_quiet = True
        self.results.add(self.town, is_last=False)


def run(said, results):
    names = said.daemon or DAEMONS
    with Place(fault=said.fault) as place, Town(place, rate=40, results=results) as town:
        program = compile_tracer(place.folder)
        place.start()
        town.await_up()
        town.run(1)
        rounds = Rounds(town, results, program, *(("all",) if said.long else ()))
        for group in [[name] for name in names] if said.long else [names]:
            rounds.run_syncs(group)
            rounds.run(group)
        rounds.look(is_last=True)
        results.more["points"] = rounds.points
        results.more["after_a_sync"] = rounds.synced
        results.add(town)
        for name in names:
            results.floor(f"kill points of {name}", rounds.kills[name], POINTS_LEAST)
            results.floor(f"kills of {name} behind a sync", rounds.synced[name], 1)
