# SPDX-License-Identifier: Apache-2.0
"""A disk with a volatile cache, from the log of what a process wrote (disklog.c).

What was synced is there. Of what was written since, each write may be there, or not, or some
of its sectors: at a power cut the disk has written them in any order. This is LMDB on a model of
a disk; that a file system keeps what it promises is the matter of the cuts in a VM.
"""
import struct

WRITTEN, SYNCED, SYNCED_RANGE, CUT = 1, 2, 3, 4
SECTOR = 512
RECORD = struct.Struct("<QQQQ")


def read_log(path):
    """(time_ns, what, offset, data or size) in order; the last one may be torn."""
    records = []
    with open(path, "rb") as file:
        while len(head := file.read(RECORD.size)) == RECORD.size:
            time_ns, what, offset, size = RECORD.unpack(head)
            data = file.read(size) if what == WRITTEN else size
            if what == WRITTEN and len(data) < size:
                break
            records.append((time_ns, what, offset, data))
    return records


class Disk:
    """One file, taken from write to write."""

    def __init__(self, content, records):
        self.durable = bytearray(content)
        self.pending = []  # (offset, data) in order
        self.records, self.at = records, 0

    def go_to(self, time_ns):
        """Everything that was logged up to then."""
        while self.at < len(self.records) and self.records[self.at][0] <= time_ns:
            self._take(*self.records[self.at][1:])
            self.at += 1

    def _take(self, what, offset, data):
        if what == WRITTEN:
            self.pending.append((offset, data))
        elif what == SYNCED:
            for write in self.pending:
                put(self.durable, *write)
            self.pending.clear()
        elif what == SYNCED_RANGE:
            self._sync_last(offset, data)
        elif what == CUT:
            raise ValueError("the store was cut off while it ran")

    def _sync_last(self, offset, size):
        """A descriptor that syncs by itself promises its own write, not those before."""
        for at in reversed(range(len(self.pending))):
            if self.pending[at][0] == offset and len(self.pending[at][1]) == size:
                put(self.durable, *self.pending.pop(at))
                return
        raise ValueError(f"a write at {offset} was synced and not written")

    def after_cut(self, dice):
        """A file that the disk may have; 'dice' says which."""
        content = bytearray(self.durable)
        manner = dice.choice(("some", "some", "sectors", "sectors", "all", "none"))
        for offset, data in self.pending:
            if manner == "sectors":
                for at in range(0, len(data), SECTOR):
                    if dice.random() < 0.5:
                        put(content, offset + at, data[at:at + SECTOR])
            elif manner == "all" or (manner == "some" and dice.random() < 0.5):
                put(content, offset, data)
        return content


def put(content, offset, data):
    end = offset + len(data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[offset:end] = data
