# SPDX-License-Identifier: Apache-2.0
"""Real traffic over a place, and a judge of what came of it.

The traffic: terminals that file and confirm, one that is the real 'minqing terminal' with
its spool, a printer, a dispatcher, a desk of two workers, a leader. All in this process
and one loop, so that a test can put its fault between any two of their turns.
"""
import random
import subprocess
import tempfile
import time

import zmq

from clients import (Desk, Dispatching, Leader, Printing, Speaking, Village, Watch,
                     load_key)
from judge import Judge
from place import DAEMONS, Broken, Place

VILLAGES = {101: 340522100001, 102: 340522100002, 103: 340522100003}
SPOOLING, SPOOLING_VILLAGE = 110, 340522100010
REST_S = 60
BEIJING_S = 8 * 3600
MARKS_BEHIND_S = 4 * 3600  # rows are written down faster than one a second


class Spooler:
    """The real terminal: rows are replayed into its spool, its sender sends them. Both
    are killed and run again; a row that was written down is filed once."""

    ROWS = 10
    number = SPOOLING

    def __init__(self, place, spool=None):
        self.place, self.files, self.open = place, 0, None
        self.spool = spool
        self.sender = None
        self.kills = 0
        self.marks = []  # of each row, in their order: the second it says it was filed at

    def _arguments(self, *arguments):
        spool = ("--spool", self.spool) if self.spool else ()
        return self.place.command(*arguments, *spool, name=f"terminal-{SPOOLING}")

    def _popen(self, *arguments):
        log = open(self.place.folder / "spooler.log", "ab")
        with log:
            process = subprocess.Popen(self._arguments(*arguments), stdout=log, stderr=log,
                                       stdin=subprocess.DEVNULL,
                                       env=self.place.environment)
        self.place.others.append(process)
        return process

    def now(self):
        """The terminal's second."""
        return int(time.time())

    def _row(self):
        """Each is told from every other by when it was filed, which the journal tells too."""
        last = self.marks[-1] if self.marks else 0
        self.marks.append(max(last + 1, self.now() - MARKS_BEHIND_S))
        said = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self.marks[-1] + BEIJING_S))
        return (f'{{"village": "{SPOOLING_VILLAGE}", "filed_at": "{said}", '
                f'"text": "第{len(self.marks)}件"}}\n')

    def write(self):
        """Another file of rows into the spool; or the one whose writing was killed."""
        if self.open is not None:
            path, process = self.open
            if process.poll() is None:
                return
            self.place.others.remove(process)
            if process.returncode in (0, 75):
                self.open = None
                self.files += 1
                return
        else:
            path = self.place.folder / f"rows-{self.files}.json"
            path.write_text("".join(self._row() for _ in range(self.ROWS)),
                            encoding="utf-8")
        self.open = (path, self._popen("replay", "--offline", path))

    def send(self):
        if self.sender is None or self.sender.poll() is not None:
            self.sender = self._popen("terminal")

    def kill(self):
        """The sender, and whoever writes."""
        self.kills += 1
        for process in (self.sender, self.open and self.open[1]):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
        if self.sender is not None:
            self.place.others.remove(self.sender)
            self.sender = None

    def finish(self):
        """Everything is written and sent: so many rows, and what says they were not."""
        while self.open is not None:
            self.write()
            if self.open is not None:
                self.open[1].wait(60)
        self.kill()
        sent = subprocess.run(self._arguments("terminal", "--once"), text=True,
                              env=self.place.environment, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=REST_S, check=False)
        unsent = subprocess.run(self._arguments("--json", "terminal", "unsent"), text=True,
                                env=self.place.environment, capture_output=True,
                                stdin=subprocess.DEVNULL, timeout=REST_S, check=False)
        if sent.returncode or unsent.stdout:
            raise Broken(f"the spool is not empty: {sent.stderr} {unsent.stdout[:300]}")
        return self.files * self.ROWS


class Town:
    """with Town (place) as town: step it, and ask 'town.judge' when it is at rest."""

    def __init__(self, place, rate=60, spooler=False, spool=None, results=None):
        self.place, self.rate, self.results = place, rate, results
        self.watches = {}
        self.terminals = [Village(load_key(place, f"terminal-{number}"), village,
                                  place.folder)
                          for number, village in VILLAGES.items()]
        self.printer = Printing(load_key(place, "terminal-101"))
        self.dispatcher = Dispatching(load_key(place, "dispatcher"))
        self.desk = Desk(load_key(place, "desk-11"))
        self.leader = Leader(load_key(place, "leader-10"))
        self.clients = [*self.terminals, self.printer, self.dispatcher, self.desk,
                        self.leader]
        for name in DAEMONS:
            self.watches[name] = Watch(load_key(place, "operator"), name,
                                       on_met=place.answered)
        self.spooler = Spooler(place, spool) if spooler else None
        self.poller = zmq.Poller()
        for line in [*self.clients, *self.watches.values()]:
            self.poller.register(line.socket, zmq.POLLIN)
            self.poller.register(line.news, zmq.POLLIN)
        self.next_filing = self.next_look = self.next_rows = 0.0
        self.is_quiet = False
        self.filled = 0  # filings that were only to be many
        self.judge = Judge(self)

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        if failed and self.results:
            self.results.add(self)  # what was found before the test itself broke
        self.judge.close()
        for line in [*self.clients, *self.watches.values()]:
            line.close()

    # ---- one loop

    def step(self, timeout_ms=5):
        """Hear what there is to hear, do what there is to do."""
        self.poller.poll(timeout_ms)
        for line in self.clients:
            line.look()
        for line in self.watches.values():
            line.look()
        if not self.is_quiet:
            self._work(time.monotonic())

    def _work(self, now):
        if now >= self.next_filing:
            self.next_filing = now + random.expovariate(self.rate)
            terminal = random.choice(self.terminals)
            if len(terminal.waiting) < 32:
                terminal.file()
        self.desk.go_on()
        if now >= self.next_look:
            self.next_look = now + 0.1
            self.desk.look_for_work()
            self.dispatcher.look_for_work()
            self.printer.look_for_prints()
            self._confirm_and_supervise()
        if self.spooler and now >= self.next_rows:
            self.next_rows = now + 0.3
            self.spooler.send()
            self.spooler.write()

    def confirm_done(self):
        """Petitioners confirm what the desk claims to be done."""
        for number in self.desk.done:
            terminal = self.terminal_of(number)
            if terminal is not None:
                terminal.confirm(number)
        self.desk.done.clear()

    def _confirm_and_supervise(self):
        self.confirm_done()
        if len(self.leader.waiting) < 2 and self.desk.newest:
            self.leader.supervise(self.desk.newest)
            self.desk.newest = 0

    def terminal_of(self, number):
        for terminal in self.terminals:
            if number in terminal.slips:
                return terminal
        return None

    def run(self, seconds):
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.step(min(5, left * 1000))

    def run_until(self, is_so, what, patience_s=REST_S, restart=True):
        """Until it is so; what ends meanwhile is started again. Broken if never."""
        deadline = time.monotonic() + patience_s
        while not is_so():
            self.step()
            if restart:
                self.place.restart_ended()
            if time.monotonic() > deadline:
                raise Broken(f"not within {patience_s} s: {what}\n" + self.complaint())

    def complaint(self):
        said = [f"{line.name}: {len(line.waiting)} wait" for line in self.clients
                if line.waiting]
        said += [f"{name}.log ends: {self.place.log_of(name)[-600:]}" for name in DAEMONS]
        return "\n".join(said)

    def all_answer(self):
        return all(daemon.has_answered for daemon in self.place.daemons.values())

    def await_up(self):
        self.run_until(self.all_answer, "all four answer")

    def rest(self):
        """Nobody begins anything new, everything said has its outcome, and every follower
        has come to the end of what it follows."""
        self.is_quiet = True
        self.await_up()
        self.run_until(lambda: not any(line.waiting for line in self.clients),
                       "everything said is answered")
        deadline = time.monotonic() + REST_S
        while not self._all_followed():
            if time.monotonic() > deadline:
                raise Broken("followers do not come to the end\n" + self.complaint())

    def _look_at_status(self):
        for watch in self.watches.values():
            watch.ask_status()
        until = time.monotonic() + 1
        while time.monotonic() < until:
            if all(watch.status for watch in self.watches.values()):
                return {watch.status.speaker: watch.status
                        for watch in self.watches.values()}
            self.step(2)
            self.place.restart_ended()
        return None

    def _all_followed(self):
        """What the sources had at the first look, followers have at the second; and
        nothing came in between but notification's own work."""
        before, after = self._look_at_status(), self._look_at_status()
        if not before or not after:
            return False
        return all((before[speaker].head == after[speaker].head or speaker == 4) and
                   all(position.acted >= before[position.speaker].head
                       for position in after[speaker].positions) for speaker in before)

    def go_on(self):
        self.is_quiet = False

    def examine(self, is_last=True):
        """At rest: is everything that was acknowledged there, once?"""
        self.rest()
        self.judge.examine(is_last)
        self.go_on()

    @property
    def acknowledged(self):
        return sum(len(line.answered) for line in self.clients)
