# SPDX-License-Identifier: Apache-2.0
"""Power cuts, on a model of a disk.

Real daemons run real traffic; what each writes to its store, and when it syncs, is logged
(disklog.c). Then the power is cut at many moments of that run: of each store a file is made
that a disk may have at that moment (disk_model.py), all four at the same moment. Each must
open, be whole, have facts that are the fold of its journal, and have everything that had
been acknowledged by then: to clients, and to the daemons that follow it (cut_look.c). Some
cuts are also lived through: daemons start on them and clients go on.
"""
import random
import shutil
import subprocess
import time
from pathlib import Path

from disk_model import Disk, read_log
from place import DAEMONS, Broken, Place
from town import Town

TRAFFIC_S, LONG_TRAFFIC_S = 4, 10
CUTS, LONG_CUTS = 150, 400
LIVED, LONG_LIVED = 1, 10
ASAN_LATE = "ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0"  # it is not the first
STARTUP_SHARE = 0.1  # of the cuts fall into the time until all four answer


def compile_shim(folder):
    source, shim = Path(__file__).with_name("disklog.c"), Path(folder) / "disklog.so"
    made = subprocess.run(["cc", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
                           "-o", shim, source, "-ldl"], capture_output=True, text=True,
                          check=False)
    if made.returncode:
        raise Broken(f"disklog.c does not compile: {made.stderr}")
    return shim


def store_of(folder, name):
    return folder / "state" / name / "data.mdb"


class Acknowledged:
    """When each client said what, and when which outcome had arrived."""

    def __init__(self, town):
        self.lines = []  # for cut_look
        self.said, self.answered = {}, {}  # name: [(time, counter …)]
        for line in town.clients:
            self.said[line.name], self.answered[line.name] = [], []
            self._listen(line)

    def _listen(self, line):
        take, say = line._take, line.say

        def take_and_note(outcome):
            is_new = outcome.counter in line.waiting
            take(outcome)
            if is_new and outcome.counter in line.answered:
                self._note(line, outcome)

        def say_and_note(then=None, **what):
            now = time.monotonic_ns()
            counter = say(then, **what)
            self.said[line.name].append((now, counter, line.waiting[counter]))
            return counter
        line._take, line.say = take_and_note, say_and_note

    def _note(self, line, outcome):
        now = time.monotonic_ns()
        self.answered[line.name].append((now, outcome.counter,
                                         line.answered[outcome.counter][1]))
        sequence, leaf_hash = 0, "-"
        if outcome.HasField("receipt"):
            sequence, leaf_hash = outcome.receipt.sequence, outcome.receipt.leaf_hash.hex()
        elif outcome.HasField("step_done"):
            sequence = outcome.step_done.sequence
        elif outcome.HasField("recorded"):
            sequence = outcome.recorded.sequence
        self.lines.append(f"ack {now} {line.speaker} {line.key.number} "
                          f"{line.incarnation} {outcome.counter} {sequence} {leaf_hash}")

    def go_back(self, town, answered_ns, said_ns):
        """Clients of another town know what these had been told and had said by then."""
        for line in town.clients:
            line.waiting = {counter: command for at, counter, command in
                            self.said[line.name] if at <= said_ns}
            line.next = max(line.waiting, default=0) + 1
            for at, counter, encoded in self.answered[line.name]:
                if at <= answered_ns:
                    line.answered[counter] = (line.waiting.pop(counter), encoded)
            if line in town.terminals:
                _remember_filings(line)


def _remember_filings(terminal):
    def filed(outcome):
        if outcome.HasField("receipt"):
            terminal.filed.append(outcome.receipt.number)
    for _, _, outcome in terminal.outcomes():
        filed(outcome)
    for counter, command in terminal.waiting.items():
        if command.HasField("file"):
            terminal.then[counter] = filed


def record(place, seconds):
    """Traffic under the log: what clients were told, and when all four answered."""
    shim = compile_shim(place.folder)
    for name in DAEMONS:
        place.daemons[name].start("env", f"LD_PRELOAD={shim}", ASAN_LATE,
                                  f"MINQING_DISK_LOG={place.folder}/{name}.disk")
    with Town(place) as town:
        acknowledged = Acknowledged(town)
        town.await_up()
        up_ns = time.monotonic_ns()
        town.run(seconds)
        for name in DAEMONS:
            code = place.daemons[name].kill()
            if code != -9:
                raise Broken(f"{name} ended with {code}: {place.log_of(name)[-500:]}")
    return acknowledged, up_ns


def choose_times(logs, up_ns, cuts):
    """Moments at which something had just been logged: in order."""
    times = sorted(entry[0] for records in logs.values() for entry in records)
    early = [at for at in times if at < up_ns]
    late = [at for at in times if at >= up_ns]
    n_early = min(len(early), round(cuts * STARTUP_SHARE))
    return sorted(random.sample(early, n_early) +
                  random.sample(late, min(len(late), cuts - n_early)))


class Looker:
    """cut_look: one process for all cuts."""

    def __init__(self, place, acks):
        program = place.build / "cut_look"
        if not program.exists():
            raise Broken(f"{program} is not built")
        has_fault = "MINQING_FAULT" in place.faulty
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, text=True,
                                        stdout=subprocess.PIPE, env=place.environment,
                                        stderr=subprocess.DEVNULL if has_fault else None)
        place.others.append(self.process)
        self.process.stdin.write("".join(ack + "\n" for ack in acks))

    def look(self, time_ns, folder):
        self.process.stdin.write(f"look {time_ns} {folder}\n")
        self.process.stdin.flush()
        while (line := self.process.stdout.readline().rstrip("\n")) != "done":
            if not line:
                raise Broken("cut_look has ended")
            yield line

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def write_cut(folder, disks, dice):
    for name, disk in disks.items():
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
        (folder / name / "data.mdb").write_bytes(disk.after_cut(dice))


def live_on(place, stores, acknowledged, answered_ns, said_ns, results):
    """The daemons start on what is left, and the clients go on from what they knew."""
    for name, content in stores.items():
        store_of(place.folder, name).write_bytes(content)
    with Town(place) as town:
        results.more["lived_through"] = results.more.get("lived_through", 0) + 1
        acknowledged.go_back(town, answered_ns, said_ns)
        place.start()
        town.await_up()
        town.run(1)
        town.examine()
        results.add(town)
    for name in DAEMONS:
        place.daemons[name].kill()


def look_at_cut(looker, place, disks, time_ns, results):
    write_cut(place.folder / "cut", disks, random)
    results.tried += 1
    note(results, looker.look(time_ns, place.folder / "cut"))


def note(results, sentences):
    for sentence in sentences:
        kind, _, what = sentence.partition(" ")
        (results.lost if kind == "lost" else results.unverifiable).append(
            f"cut {results.tried}: {what}")


def run(said, results):
    times = said.times or (LONG_CUTS if said.long else CUTS)
    lived = 0 if said.fault or times < CUTS else LONG_LIVED if said.long else LIVED
    with Place(fault=said.fault) as place:
        before = {name: store_of(place.folder, name).read_bytes() for name in DAEMONS}
        acknowledged, up_ns = record(place, LONG_TRAFFIC_S if said.long else TRAFFIC_S)
        results.acknowledged += len(acknowledged.lines)
        logs = {name: read_log(place.folder / f"{name}.disk") for name in DAEMONS}
        disks = {name: Disk(before[name], logs[name]) for name in DAEMONS}
        looker = Looker(place, acknowledged.lines)
        chosen = choose_times(logs, up_ns, times)
        to_live = set(random.sample(chosen, min(lived, len(chosen))))
        for time_ns in chosen:
            for disk in disks.values():
                disk.go_to(time_ns)
            look_at_cut(looker, place, disks, time_ns, results)
            if time_ns in to_live:
                stores = {name: disk.after_cut(random) for name, disk in disks.items()}
                live_on(place, stores, acknowledged, time_ns, time_ns, results)
            if said.fault and not results.is_good:
                break
        looker.close()
        results.floor("cuts", results.tried, times)
        results.floor("cuts lived through", results.more.get("lived_through", 0), lived)
        results.floor("acknowledged before", len(acknowledged.lines), times // 4)
