# SPDX-License-Identifier: Apache-2.0
"""Power cuts of a machine: kernel, file system and disk are real, the cuts are replayed.

The four daemons run in qemu on an ext4 of their own (vm.py); the clients are here, and what
they are told they are told over its network. Afterwards the power is cut at many points of
the log of its disk: everything up to the last flush is there, and of the writes behind it any.
The file system recovers, and the stores are held against what had been acknowledged.
"""
import random
import time

from disk_model import Disk
from place import DAEMONS, Broken, Place
from power_cut import Acknowledged, Looker, live_on, note, store_of
from town import Town
from vm import Machine, await_log, read_stores

CUTS, LONG_CUTS = 40, 200
TRAFFIC_S, LONG_TRAFFIC_S = 10, 40
LIVED, LONG_LIVED = 1, 10
UP_S = 180


class Ticks:
    """How many entries the log of the disk had, when."""

    def __init__(self, log):
        self.log, self.seen = log, []

    def look(self):
        self.seen.append((time.monotonic_ns(), self.log.look()))

    def entries_at(self, time_ns):
        """Not fewer than there were: what is acknowledged is in the log already."""
        return next((count for at, count in self.seen if at > time_ns), None)

    def times_around(self, entry):
        """Before the one all entries up to it were not yet there, at the other they were."""
        before = max((at for at, count in self.seen if count < entry), default=0)
        after = min((at for at, count in self.seen if count >= entry), default=None)
        return before, after


def record(place, machine, seconds):
    """What clients were told, and the log of the disk."""
    ticks = Ticks(await_log(machine))
    with Town(place) as town:
        acknowledged = Acknowledged(town)
        town.run_until(town.all_answer, f"the machine answers\n{machine.complaint()}",
                       patience_s=UP_S, restart=False)
        ticks.look()
        first = ticks.seen[-1][1]
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            town.step()
            ticks.look()
            ticks.look()
        machine.cut_power()
        ticks.look()
    return acknowledged, ticks, first


def by_entries(acknowledged, ticks):
    """The acknowledgements for cut_look, with entries of the log for their times."""
    for line in acknowledged.lines:
        word, at, rest = line.split(" ", 2)
        entries = ticks.entries_at(int(at))
        if entries is not None:
            yield f"{word} {entries} {rest}"


def run(said, results):
    times = said.times or (LONG_CUTS if said.long else CUTS)
    lived = 0 if said.fault else LONG_LIVED if said.long else LIVED
    with Place(fault=said.fault) as place:
        keys = {key: key.read_text(encoding="utf-8")
                for key in (place.folder / "keys").glob("*.key")}
        machine = Machine(place)
        acknowledged, ticks, first = record(place, machine,
                                            LONG_TRAFFIC_S if said.long else TRAFFIC_S)
        for key, text in keys.items():
            key.write_text(text, encoding="utf-8")
        acks = list(by_entries(acknowledged, ticks))
        if not acks:
            raise Broken(f"nothing was acknowledged: {machine.complaint()}")
        results.acknowledged += len(acks)
        looker = Looker(place, acks)
        disk = Disk(machine.base.read_bytes(), list(ticks.log.records()))
        last = len(ticks.log.entries) - 1
        chosen = sorted(random.sample(range(first, last), min(times, last - first)))
        to_live = set(random.sample(chosen, min(lived, len(chosen))))
        image, folder = machine.folder / "cut.img", machine.folder / "cut"
        for entry in chosen:
            disk.go_to(entry)
            image.write_bytes(disk.after_cut(random))
            results.tried += 1
            try:
                read_stores(image, folder)
            except ValueError as problem:
                results.unverifiable.append(f"cut at {entry}: {problem}")
                continue
            stores = {name: (folder / name / "data.mdb").read_bytes() for name in DAEMONS}
            note(results, looker.look(entry, folder))
            if entry in to_live:
                before_ns, after_ns = ticks.times_around(entry + 1)
                live_on(place, stores, acknowledged, before_ns, after_ns, results)
            if said.fault and not results.is_good:
                break
        looker.close()
        results.floor("cuts", results.tried, times)
        results.floor("cuts lived through", results.more.get("lived_through", 0), lived)
        results.floor("acknowledged before", len(acks), times // 4)
