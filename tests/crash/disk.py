# SPDX-License-Identifier: Apache-2.0
"""The n-th write or sync of a commit fails: ENOSPC or EIO, at each daemon.

A round: at rest; strace watches the daemons and lets the n-th call of one kind fail, once;
a command arrives at each. A daemon whose store failed must end with 75 and say nothing;
started again it goes on, and the client's retry finds out what became of the commit. n runs
from 1 until nobody is hit any more. Then the same at a start: 'started' cannot be written.
At last a map that is full: new filings are put off, the desk works on and closes.
"""
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from kill_points import Rounds
from place import DAEMONS, EX_IOERR, EX_TEMPFAIL, Place, Skipped
from town import Town

CALLS = ("pwrite64", "pwritev", "fdatasync", "fsync", "ftruncate")
ALWAYS_CALLED = ("pwrite64", "fdatasync")
ERRORS = ("ENOSPC", "EIO")
MISSES = 2  # so many n without a hit are the end of a commit
END_S = 3  # a daemon whose store failed has ended by then
STRACE_S = 20


class Failing:
    """strace over a daemon that runs."""

    def __init__(self, place, name, call, error, n):
        self.daemon, self.name = place.daemons[name], name
        self.log = place.folder / f"strace-{name}"
        self.log.write_text("", encoding="utf-8")
        self.process = subprocess.Popen(
            ["strace", "-f", "-qqq", "-o", self.log, "-e", f"trace={call}", "-e",
             f"inject={call}:error={error}:when={n}", "-p", str(self.daemon.pid)],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=place.environment)
        place.others.append(self.process)
        self.place = place
        self._await_attached()

    def _await_attached(self):
        """Every thread of it is traced."""
        deadline = time.monotonic() + STRACE_S
        tasks = f"/proc/{self.daemon.pid}/task"
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Skipped(f"strace: {self.process.stderr.read().decode().strip()}")
            if self._is_attached(tasks):
                return
            time.sleep(0.005)
        raise Skipped("strace does not attach")

    @staticmethod
    def _is_attached(tasks):
        states = [(task / "status").read_text(encoding="ascii")
                  for task in Path(tasks).iterdir()]
        return all(not re.search(r"TracerPid:\s+0\n", state) for state in states)

    def end(self):
        """Whether the call failed as it was told to."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:  # it would wait for the daemon: let go of it
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()
        self.place.others.remove(self.process)
        return "(INJECTED)" in self.log.read_text(errors="replace")


class Errors(Rounds):
    """Rounds of one call and one error."""

    def __init__(self, town, results, call, error):
        super().__init__(town, results, None)
        self.call, self.error = call, error
        self.misses = {name: 0 for name in DAEMONS}
        self.hits = {name: 0 for name in DAEMONS}

    def round(self, point, names):
        town, place = self.town, self.place
        self.refill()
        town.rest()
        place.ended.clear()
        failing = {name: Failing(place, name, self.call, self.error, point)
                   for name in names}
        known = self.burst()

        def is_over(name):
            line, counter = known[name]
            return counter in line.answered or self.has_ended(name)
        town.run_until(lambda: all(map(is_over, names)), "a known command is answered")
        for name in names:
            self.note(name, failing[name].end(), point)
        town.run_until(lambda: not any(line.waiting for line in town.clients),
                       f"all are answered after {self.call} failed with {self.error}")

    def has_ended(self, name):
        return any(name == who for who, _ in self.place.ended)

    def note(self, name, is_hit, point):
        until = time.monotonic() + (END_S if is_hit else 0)
        while not self.has_ended(name) and time.monotonic() < until:
            self.town.step()  # hit behind the answer: it is about to end
            self.place.restart_ended()
        codes = [code for who, code in self.place.ended if who == name]
        self.misses[name] = 0 if is_hit else self.misses[name] + 1
        self.results.tried += is_hit
        self.hits[name] += is_hit
        if is_hit and codes != [EX_TEMPFAIL]:
            self.results.unverifiable.append(
                f"{name}: {self.call} {point} failed with {self.error}, and it "
                f"{f'ended with {codes}' if codes else 'went on'}: "
                f"{self.place.log_of(name)[-300:]}")

    def run(self, names):
        for point in range(1, 100):
            left = [name for name in names if self.misses[name] < MISSES]
            if not left or not self.results.is_good:
                return
            self.round(point, left)


def child_of(pid):
    """The daemon behind its tracer."""
    return [int(child) for child in
            Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


class Starts:
    """The n-th such call of a start fails; the next start is an ordinary one."""

    def __init__(self, town, results, call, error, every):
        self.town, self.place, self.results = town, town.place, results
        self.call, self.error, self.every = call, error, every
        self.hits = {name: 0 for name in DAEMONS}

    def run(self):
        left, n = list(DAEMONS), 1
        while left:
            left = self.round(left, n)
            for name in left:
                self.hits[name] += 1
            n += self.every
        self.town.rest()

    def round(self, names, n):
        """Those that were hit."""
        place = self.place
        logs = {name: place.folder / f"strace-{name}" for name in names}
        for name in names:
            place.daemons[name].kill()
            place.daemons[name].start(
                "strace", "-f", "-qqq", "-o", logs[name], "-e", f"trace={self.call}",
                "-e", f"inject={self.call}:error={self.error}:when={n}")

        def is_over(daemon):
            return daemon.has_answered or not daemon.is_running()
        self.town.run_until(lambda: all(is_over(place.daemons[name]) for name in names),
                            "they answer or end", restart=False)
        hit = [name for name in names if was_hit(logs[name])]
        self.results.tried += len(hit)
        for name in names:
            self._end(place.daemons[name], logs[name], n)
            place.daemons[name].start()
        self.town.await_up()
        return hit

    def _end(self, daemon, log, n):
        if daemon.is_running():
            for child in child_of(daemon.pid):
                os.kill(child, signal.SIGKILL)
            daemon.reap()
            return
        code = daemon.reap()
        # It may have been hit while we looked at the others, in a commit of its own.
        if not was_hit(log) or code not in (EX_TEMPFAIL, EX_IOERR):
            self.results.unverifiable.append(
                f"{daemon.name} ended with {code} when {self.call} {n} of its start gave "
                f"{self.error}: {self.place.log_of(daemon.name)[-300:]}")


def was_hit(log):
    return "(INJECTED)" in log.read_text(errors="replace")


def look_at_hits(results, when, faults, names):
    """A commit writes and syncs, and so does a start; other calls are there or not."""
    what = f"{faults.call} {faults.error} in {when}"
    results.more.setdefault("hits", {})[what] = faults.hits
    if faults.call in ALWAYS_CALLED:
        for name in names:
            results.floor(f"{what} of {name}", faults.hits[name], 1)


def run(said, results):
    names = said.daemon or DAEMONS
    faults = ([(call, error) for call in CALLS for error in ERRORS] if said.long else
              [("pwrite64", "ENOSPC"), ("pwritev", "EIO"), ("fdatasync", "EIO")])
    with Place(fault=said.fault) as place, Town(place, rate=40, results=results) as town:
        place.start()
        town.await_up()
        town.run(1)
        for call, error in faults:
            errors = Errors(town, results, call, error)
            errors.run(names)
            look_at_hits(results, "a commit", errors, names)
        town.examine(is_last=False)
        results.add(town, is_last=False)
        for call, error in faults:
            if results.is_good:
                starts = Starts(town, results, call, error, every=1 if said.long else 4)
                starts.run()
                look_at_hits(results, "a start", starts, DAEMONS)
        town.examine()
        results.add(town)
