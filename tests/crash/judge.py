# SPDX-License-Identifier: Apache-2.0
"""Holds the journals against what the clients were told.

For every command with an outcome there is one entry of its client, incarnation and counter
at the place that the outcome names, with the leaf hash of the receipt; counters of a client
follow each other in the journal; a number is registered once. The journals are read on from
where they were read before, so an entry that changed meanwhile is found too. Then
'minqing verify' judges the whole, and the second checker (tests/check) where it is there.
"""
import subprocess
import sys
from collections import Counter
from pathlib import Path

from clients import load_key
from minqing_client import Follower
from minqing_wire import Door, Unreachable, Refused, journal_pb
from place import DAEMONS, EX_TEMPFAIL, EX_UNAVAILABLE
from minqing.v1 import control_pb2 as control_pb

CHECKER = Path(__file__).resolve().parents[1] / "check/minqing_check.py"
PATIENCE_S = 20


def rises(numbers):
    """Each is greater than the one before."""
    numbers = list(numbers)
    return all(one < next_one for one, next_one in zip(numbers, numbers[1:]))


class Reading(Follower):
    """A follower whose connection may end between two readings."""

    def __init__(self, key, speaker):
        super().__init__(Door(key, speaker, patience_s=PATIENCE_S))
        self.key, self.speaker = key, speaker

    def read_on(self):
        """Entries that are new since the last reading."""
        self.door.close()
        self.door = Door(self.key, self.speaker, patience_s=PATIENCE_S)
        before = len(self.entries)
        self.door.standing()  # asked until the daemon answers; control is asked once
        head = self.door.control(control_pb.CONTROL_STATUS).status.head
        self.read(head)
        return self.entries[before:]


class Judge:
    def __init__(self, town):
        self.town, self.place = town, town.place
        self.key = load_key(self.place, "operator")
        self.readings = {}
        self.places = {}      # (speaker, client, incarnation, counter): first sequence
        self.order = {}       # (speaker, client, incarnation): last counter seen
        self.registered = Counter()
        self.spooled = []     # numbers of the spooling terminal, as registered
        self.lost, self.doubled, self.unverifiable = [], [], []

    def close(self):
        for reading in self.readings.values():
            reading.door.close()

    # ---- journals

    def read(self, speaker):
        """What is new in a journal."""
        if speaker not in self.readings:
            self.readings[speaker] = Reading(self.key, speaker)
        try:
            for entry in self.readings[speaker].read_on():
                self._take(speaker, entry)
        except (Unreachable, Refused, ValueError) as problem:
            self.unverifiable.append(f"{speaker}: {problem}")

    def _take(self, speaker, entry):
        if entry.kind == journal_pb.KIND_REGISTERED:
            self.registered[entry.grievance] += 1
            if self.registered[entry.grievance] == 2:
                self.doubled.append(f"{entry.grievance} is registered twice")
        if not entry.HasField("actor") or not entry.actor.counter:
            return
        actor = entry.actor
        said = (speaker, actor.client, actor.incarnation or 1)
        place = (*said, actor.counter)
        last = self.order.get(said, 0)
        if actor.counter == last + 1:
            self.order[said] = actor.counter
            self.places[place] = entry.sequence
        elif actor.counter == last and self._is_another(speaker, place, entry):
            self.doubled.append(f"{speaker}: {actor.client} said {last} twice, at "
                                f"{self.places[place]} and {entry.sequence}")
        elif actor.counter != last:
            self.doubled.append(f"{speaker}: {actor.client} said {actor.counter} behind "
                                f"{last}, at {entry.sequence}")

    def _is_another(self, speaker, place, entry):
        """A command may have several entries; they stand together, of different kinds."""
        first = self.readings[speaker].entries[self.places[place] - 1]
        return entry.sequence - first.sequence > 8 or entry.kind == first.kind

    # ---- what clients were told

    def _hold_against(self, line):
        client, speaker = line.key.number, line.speaker
        for counter, command, outcome in line.outcomes():
            at = self.places.get((speaker, client, line.incarnation, counter))
            if at is None:
                self.lost.append(f"{line.name}: {counter} was acknowledged and is nowhere")
                continue
            entry = self.readings[speaker].entries[at - 1]
            if outcome.HasField("receipt"):
                self._hold_receipt(line, counter, outcome.receipt, at, entry)
            elif outcome.HasField("step_done"):
                self._hold_sequence(line, counter, outcome.step_done.sequence, at)
                if entry.moved.step != command.step.step:
                    self.lost.append(f"{line.name}: {counter} is another step at {at}")
            elif outcome.HasField("recorded"):
                self._hold_sequence(line, counter, outcome.recorded.sequence, at)
            elif entry.kind != journal_pb.KIND_REFUSED:
                self.lost.append(f"{line.name}: {counter} was refused, and stands at {at}")

    def _hold_sequence(self, line, counter, told, at):
        if told != at:
            self.lost.append(f"{line.name}: {counter} was told {told} and stands at {at}")

    def _hold_receipt(self, line, counter, receipt, at, entry):
        self._hold_sequence(line, counter, receipt.sequence, at)
        if entry.grievance != receipt.number:
            self.lost.append(f"{line.name}: {counter} has another number at {at}")
        if self.readings[line.speaker].leaves[at - 1] != receipt.leaf_hash:
            self.lost.append(f"{line.name}: the receipt of {counter} has another hash")

    def _hold_spooled(self):
        """The real terminal: as many as rows were written down, in their order."""
        rows = self.town.spooler.finish()
        self.read("intake")
        entries = self.readings["intake"].entries
        ours = [entry for entry in entries if entry.kind == journal_pb.KIND_REGISTERED and
                entry.actor.client == self.town.spooler.number]
        filed = Counter(entry.registered.filed_at_ms // 1000 for entry in ours)
        told = Counter(self.town.spooler.marks)
        if told - filed:
            self.lost.append(f"{rows} rows were spooled, {len(told - filed)} of them are "
                             "not registered")
        if filed - told:
            self.doubled.append(f"{rows} rows were spooled, {len(ours)} registered")
        if list(filed) != sorted(filed) or not rises(entry.grievance for entry in ours):
            self.doubled.append("spooled rows are not in their order")
        return rows

    # ---- the whole

    def examine(self, is_last=True):
        """At rest, with all daemons up. The second checker is slow, and looks last."""
        for line in self.town.clients:
            line.say_all_again()
        self.town.run(0.3)
        spooled = self._hold_spooled() if self.town.spooler else 0
        for speaker in DAEMONS:
            self.read(speaker)
        for line in self.town.clients:
            self.lost += line.lost
            line.lost = []
            self._hold_against(line)
        told = (sum(len(terminal.filed) for terminal in self.town.terminals) + spooled +
                self.town.filled)
        if sum(self.registered.values()) > told:
            self.doubled.append(f"{sum(self.registered.values())} are registered, {told} "
                                "were said")
        self._verify()
        if is_last:
            self._check()

    def _verify(self):
        said = self.place.run("--json", "verify")
        if said.returncode in (EX_TEMPFAIL, EX_UNAVAILABLE):  # a machine that is busy
            said = self.place.run("--json", "verify")
        if said.returncode:
            self.unverifiable.append(f"verify: {said.stderr} {said.stdout}")

    def _check(self):
        if CHECKER.exists():
            checked = subprocess.run([sys.executable, str(CHECKER), "--live",
                                      str(self.place.key_file("operator"))],
                                     env=self.place.environment, capture_output=True,
                                     text=True, timeout=300, check=False)
            if checked.returncode:
                self.unverifiable.append(f"second checker: {checked.stdout[-2000:]}"
                                         f"{checked.stderr[-2000:]}")
