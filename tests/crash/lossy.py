# SPDX-License-Identifier: Apache-2.0
"""A disk that forgets what was not synced, under the four stores and a terminal's spool.

A round: traffic; at some moment one daemon, several, or the terminal are killed, and what
they had written since their last sync is lost, or only some blocks of it (lossyfs.c). Then
they are started again. Whatever was acknowledged, or printed on a slip, was synced before.
"""
import os
import random
import subprocess
import time
from collections import Counter
from pathlib import Path

from place import DAEMONS, Broken, Place, Skipped
from town import Town

LOOK_ROUNDS = 25
PAUSE_S = (0.02, 0.25)
MOUNT_S = 10


class Disk:
    """The file system under a place's folder 'state' and the spool beside."""

    def __init__(self):
        self.process, self.folder = None, None
        self.forgot = self.written = 0

    def mount(self, folder):
        """Before the place is made: its stores are made on it."""
        if not os.path.exists("/dev/fuse") or not os.access("/dev/fuse", os.W_OK):
            raise Skipped("there is no /dev/fuse here")
        root, self.folder = folder.parent / "lossy", folder / "state"
        for path in (root / "live", root / "disk", self.folder):
            path.mkdir(parents=True)
        program = self._compile(folder.parent)
        self.process = subprocess.Popen([program, root, self.folder], text=True,
                                        stderr=subprocess.DEVNULL,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        deadline = time.monotonic() + MOUNT_S
        while not os.path.ismount(self.folder):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.unmount()
                raise Skipped("this machine does not let us mount with FUSE")
            time.sleep(0.01)

    @staticmethod
    def _compile(folder):
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "fuse3"], text=True,
                               capture_output=True, check=False)
        if flags.returncode:
            raise Skipped("libfuse3-dev is not installed")
        source, program = Path(__file__).with_name("lossyfs.c"), folder / "lossyfs"
        made = subprocess.run(["cc", "-O1", "-Wall", "-Wextra", "-Werror", "-o", program,
                               source, *flags.stdout.split(), "-lpthread"],
                              capture_output=True, text=True, check=False)
        if made.returncode:
            raise Broken(f"lossyfs.c does not compile: {made.stderr}")
        return program

    def forget(self, name):
        """Nobody has the files of it open."""
        kept = random.choice((0, 0, 500, 900))
        self.process.stdin.write(f"forget /{name}/ {kept} {random.getrandbits(60)}\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline().split()
        if not said:
            raise Broken("the lossy disk is gone")
        self.forgot += int(said[1])
        self.written += int(said[3])

    def unmount(self):
        if self.process is None:
            return
        self.process.stdin.close()
        try:
            self.process.wait(MOUNT_S)
        except subprocess.TimeoutExpired:
            subprocess.run(["umount", "--lazy", self.folder], check=False)
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def cut_power(town, disk, forgot, takes_all):
    place, dice = town.place, 0.0 if takes_all else random.random()
    names = (DAEMONS if dice < 0.25 else () if dice < 0.35 else (random.choice(DAEMONS),))
    for name in names:
        place.daemons[name].kill()
        disk.forget(name)
        forgot[name] += 1
    if not names or dice < 0.1:
        town.spooler.kill()
        disk.forget("spool")
        forgot["spool"] += 1
    for name in names:
        place.daemons[name].start()


def run_place(said, results, disk, times, forgot):
    with Place(fault=said.fault, disk=disk) as place:
        with Town(place, spooler=True, spool=place.folder / "state/spool",
                  results=results) as town:
            place.start()
            town.await_up()
            for at in range(1, times + 1):
                town.run(random.uniform(*PAUSE_S))
                for name, code in place.restart_ended():
                    results.unverifiable.append(f"{name} ended by itself with {code}: "
                                                f"{place.log_of(name)[-500:]}")
                cut_power(town, disk, forgot, takes_all=at == 1)
                results.tried += 1
                if at % LOOK_ROUNDS == 0 or at == times:
                    town.examine(is_last=at == times)
                if not results.is_good or town.judge.lost:
                    break
            results.add(town)


def run(said, results):
    asked = left = said.times or (1000 if said.long else 40)
    forgot = Counter()
    while left > 0 and results.is_good:
        disk, times = Disk(), min(left, 250)
        run_place(said, results, disk, times, forgot)
        results.more["blocks_forgotten"] = (results.more.get("blocks_forgotten", 0) +
                                            disk.forgot)
        left -= times
    results.more["disks_that_forgot"] = dict(forgot)
    results.floor("disks that forgot", results.tried, asked)
    for name in (*DAEMONS, "spool"):
        results.floor(f"of {name}", forgot[name], 1)
    results.floor("blocks forgotten", results.more["blocks_forgotten"], asked // 4)
