# SPDX-License-Identifier: Apache-2.0
"""A machine in qemu that does nothing but run the four daemons on a disk of its own.

Its kernel is Debian's for clouds, fetched once; its root is made here of busybox, the
programs and the libraries they want. Every write and flush of its disk is logged by qemu
(blklogwrites, the format of dm-log-writes); its doors are ports of this machine.
"""
import gzip
import os
import re
import shutil
import socket
import struct
import subprocess
import time
from pathlib import Path

from place import DAEMONS, Broken, Skipped

SOURCE = Path(__file__).resolve().parents[2]
KERNEL = Path(os.environ.get("MINQING_VM", SOURCE / ".build/vm"))
NEEDED = {"qemu-system-x86_64": "qemu-system-x86", "busybox": "busybox-static",
          "cpio": "cpio", "mke2fs": "e2fsprogs", "debugfs": "e2fsprogs",
          "dpkg": "dpkg", "apt-get": "apt"}
# In this order: busybox's insmod resolves nothing.
MODULES = ("drivers/virtio/virtio_ring", "drivers/virtio/virtio",
           "drivers/virtio/virtio_pci_modern_dev", "drivers/virtio/virtio_pci_legacy_dev",
           "drivers/virtio/virtio_pci", "drivers/block/virtio_blk", "net/core/failover",
           "drivers/net/net_failover", "drivers/net/virtio_net")
DISK_MIB, LOG_MIB, MEMORY_MIB = 64, 1024, 512
FIRST_PORT = 5550
SECTOR = 512
FLUSH, FUA, DISCARD = 1, 2, 4

INIT = """#!/bin/busybox sh
B=/bin/busybox
$B mount -t proc p /proc; $B mount -t sysfs s /sys; $B mount -t devtmpfs d /dev
for module in /modules/*.ko; do $B insmod $module; done
i=0; while [ ! -b /dev/vda ] && [ $i -lt 100 ]; do $B usleep 50000; i=$((i+1)); done
$B mount -t ext4 /dev/vda /disk || $B poweroff -f
$B ifconfig lo 127.0.0.1 up
$B ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
keep () { while :; do ENVIRONMENT /bin/minqing-$1 --config /place/minqing.conf; $B sleep 1; done; }
for name in DAEMONS; do keep $name & $B sleep 2; done
while :; do $B sleep 1000; done
"""


def check(made, what):
    if made.returncode:
        raise Broken(f"{what}: {made.stderr.strip()[-500:]}")
    return made.stdout


def call(*command, **more):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          check=False, **more)


def fetch_kernel():
    """Where vmlinuz and modules are; asks apt once."""
    missing = sorted({package for program, package in NEEDED.items()
                      if not shutil.which(program, path=os.environ["PATH"] + ":/sbin:/usr/sbin")})
    if missing:
        raise Skipped(f"a machine needs {' '.join(missing)}")
    if not list(KERNEL.glob("boot/vmlinuz-*")):
        said = call("apt-cache", "depends", "linux-image-cloud-amd64").stdout
        found = re.search(r"Depends: (linux-image-\S+)", said)
        if not found:
            raise Skipped("apt knows no linux-image-cloud-amd64")
        (KERNEL / "fetched").mkdir(parents=True, exist_ok=True)
        call("apt-get", "download", found[1], cwd=KERNEL / "fetched")
        packages = list((KERNEL / "fetched").glob("*.deb"))
        if not packages:
            raise Skipped(f"{found[1]} cannot be fetched")
        check(call("dpkg", "-x", packages[0], KERNEL), "the kernel's package")
    return next(KERNEL.glob("boot/vmlinuz-*"))


def libraries_of(program):
    """Paths of what it is linked with, the loader too."""
    return set(re.findall(r"(/\S+) \(0x", check(call("ldd", program), f"ldd {program}")))


def put(file, to):
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(os.path.realpath(file), to)


def make_root(place, root, kernel):
    """An initial root that is all there is; returns the packed file."""
    modules = next((KERNEL / "lib/modules").glob("*")) / "kernel"
    for folder in ("proc", "sys", "dev", "disk", "tmp", "bin", "modules"):
        (root / folder).mkdir(parents=True)
    put(shutil.which("busybox"), root / "bin/busybox")
    for at, name in enumerate(MODULES):
        put(modules / f"{name}.ko", root / f"modules/{at:02}-{Path(name).name}.ko")
    for name in DAEMONS:
        program = place.build / f"minqing-{name}"
        put(program, root / f"bin/minqing-{name}")
        for library in libraries_of(program):
            put(library, root / library.lstrip("/"))
    shutil.copytree(place.folder, root / "place",
                    ignore=lambda folder, names: {"state", "run"} & set(names))
    (root / "place/state").symlink_to("/disk/state")
    said = "".join(f'{name}\n    door = "tcp://0.0.0.0:{FIRST_PORT + at}"\n'
                   for at, name in enumerate(DAEMONS))
    with open(root / "place/minqing.conf", "a", encoding="utf-8") as conf:
        conf.write(said)
    fault = place.faulty.get("MINQING_FAULT", "")
    environment = f"MINQING_FAULT={fault} ASAN_OPTIONS=detect_leaks=0"
    (root / "init").write_text(INIT.replace("DAEMONS", " ".join(DAEMONS)).replace(
        "ENVIRONMENT", environment), encoding="ascii")
    (root / "init").chmod(0o755)
    packed = subprocess.run("find . | cpio -o -H newc --quiet", shell=True, cwd=root,
                            capture_output=True, check=True).stdout
    file = root.with_suffix(".gz")
    file.write_bytes(gzip.compress(packed, 1))
    return file


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Machine:
    """Boots at once; 'place' was made and is down. Its stores go onto the disk."""

    def __init__(self, place):
        self.place, self.folder = place, place.folder.parent / "vm"
        self.folder.mkdir()
        kernel = fetch_kernel()
        self.base, self.log = self.folder / "base.img", self.folder / "block.log"
        self.console = self.folder / "console"
        initial = make_root(place, self.folder / "root", kernel)
        self._make_disk()
        ports = free_ports(len(DAEMONS))
        self._point_keys(ports)
        self.process = subprocess.Popen(
            self._command(kernel, initial, ports), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=open(self.folder / "qemu.err", "wb"))
        place.others.append(self.process)

    def _make_disk(self):
        content = self.folder / "content"
        shutil.copytree(self.place.folder / "state", content / "state")
        check(call("mke2fs", "-q", "-t", "ext4", "-d", content, self.base,
                   f"{DISK_MIB}M"), "mke2fs")
        shutil.copy(self.base, self.folder / "disk.img")
        with open(self.log, "wb") as log:
            log.truncate(LOG_MIB << 20)

    def _point_keys(self, ports):
        """Clients of this machine come in through its ports."""
        for key in (self.place.folder / "keys").glob("*.key"):
            said = key.read_text(encoding="utf-8")
            for name, port in zip(DAEMONS, ports):
                said = said.replace(f"ipc://{self.place.folder}/run/{name}.door",
                                    f"tcp://127.0.0.1:{port}")
            key.write_text(said, encoding="utf-8")

    def _command(self, kernel, initial, ports):
        forward = "".join(f",hostfwd=tcp:127.0.0.1:{port}-:{FIRST_PORT + at}"
                          for at, port in enumerate(ports))
        disk = self.folder / "disk.img"
        return ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
                "-no-reboot", "-m", str(MEMORY_MIB), "-smp", "2", "-machine", "q35",
                "-accel", "tcg,thread=multi,tb-size=256", "-cpu", "max", "-kernel", str(kernel),
                "-initrd", str(initial), "-append",
                "console=ttyS0 quiet panic=-1 mitigations=off rdinit=/init",
                "-chardev", f"file,id=con,path={self.console}", "-serial", "chardev:con",
                "-netdev", f"user,id=net,restrict=on{forward}",
                "-device", "virtio-net-pci,netdev=net,romfile=",
                "-blockdev", f"driver=file,filename={disk},node-name=disk",
                "-blockdev", f"driver=file,filename={self.log},node-name=log",
                "-blockdev", "driver=blklogwrites,node-name=logged,file=disk,log=log,"
                             "log-append=off",
                "-device", "virtio-blk-pci,drive=logged"]

    def complaint(self):
        said = [path.read_text(errors="replace")[-1500:]
                for path in (self.console, self.folder / "qemu.err") if path.exists()]
        return "\n".join(said)

    def cut_power(self):
        self.process.kill()
        self.process.wait()


class BlockLog:
    """The log of its disk, also while it grows."""

    def __init__(self, path):
        self.file = open(path, "rb", buffering=0)  # it grows
        magic, _, _, self.sector = struct.unpack("<QQQI", self.file.read(28))
        if magic != 0x6a736677736872:
            raise Broken("qemu has written no log of its disk")
        self.position = self.sector
        self.entries = []  # (flags, offset, size, place of the data)

    def look(self):
        """How many entries there are by now."""
        while True:
            self.file.seek(self.position)
            head = self.file.read(32)
            if len(head) < 32:
                return len(self.entries)
            sector, count, flags, _ = struct.unpack("<QQQQ", head)
            if count == 0 and flags == 0:
                return len(self.entries)
            self.entries.append((flags, sector * SECTOR, count * self.sector,
                                 self.position + self.sector))
            self.position += self.sector + (0 if flags & DISCARD else count * self.sector)

    def data(self, entry):
        self.file.seek(entry[3])
        return self.file.read(entry[2])

    def records(self):
        """For disk_model.Disk: an entry's number is its time."""
        from disk_model import SYNCED, SYNCED_RANGE, WRITTEN
        for at, entry in enumerate(self.entries):
            flags, offset, size, _ = entry
            if flags & FLUSH:
                yield at, SYNCED, 0, 0
            if size and not flags & DISCARD:
                yield at, WRITTEN, offset, self.data(entry)
                if flags & FUA:
                    yield at, SYNCED_RANGE, offset, size


def read_stores(image, folder):
    """What a machine finds on this disk: its file system recovers, then the stores."""
    made = call("e2fsck", "-fy", image)
    if made.returncode & ~3:
        raise ValueError(f"the file system is beyond repair: {made.stdout[-300:]}")
    for name in DAEMONS:
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
        call("debugfs", "-R", f"dump /state/{name}/data.mdb {folder}/{name}/data.mdb", image)


def await_log(machine, patience_s=60):
    """qemu writes the head of the log with the first flush of the guest."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline and machine.process.poll() is None:
        try:
            return BlockLog(machine.log)
        except Broken:
            time.sleep(0.1)
    raise Broken(f"the machine does not come up: {machine.complaint()}")
