# SPDX-License-Identifier: Apache-2.0
"""Where the checker reads journals from: folders of a backup, or daemons that run.

Either way a journal is a list of Told, in order, each with its decoded header, its body if
it was to be had, and its leaf hash, computed here. What is wrong with the bytes (a frame
that ends early, a hash, a root, a header that is no Entry) is told to 'say' and never
raised: a checker that stops at the first damage sees no second.
"""
import hashlib
import struct
import warnings
from collections import namedtuple
from pathlib import Path

from protos import archive_pb, journal_pb

SPEAKERS = ("intake", "routing", "escalation", "notification")
SPEAKER_NUMBER = {name: number for number, name in enumerate(SPEAKERS, 1)}
NO_BODY = bytes(32)
FRAME_MOST = 2 * 1024 * 1024
SEQUENCE_BITS = 48
LEAF_SIZE = 4  # of each leaf hash, in a SegmentEnd

Told = namedtuple("Told", "entry body leaf damaged")


def position(incarnation, sequence):
    """As Source.sequence has it (journal.proto)."""
    return incarnation - 1 << SEQUENCE_BITS | sequence


def position_split(at):
    """(incarnation, sequence)"""
    return (at >> SEQUENCE_BITS) + 1, at & (1 << SEQUENCE_BITS) - 1


# ---- RFC 6962 ----------------------------------------------------------------------------

def leaf_hash(header, body_hash):
    return hashlib.sha256(b"\0" + struct.pack(">I", len(header)) + header +
                          body_hash).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """The roots of complete subtrees along the right edge, largest first."""

    def __init__(self):
        self.edge = []  # (leaves, hash)

    def append(self, leaf):
        size = 1
        while self.edge and self.edge[-1][0] == size:
            leaf = node_hash(self.edge.pop()[1], leaf)
            size *= 2
        self.edge.append((size, leaf))

    def root(self):
        if not self.edge:
            return hashlib.sha256(b"").digest()
        root = self.edge[-1][1]
        for _, left in reversed(self.edge[:-1]):
            root = node_hash(left, root)
        return root


# ---- a journal ---------------------------------------------------------------------------

class Journal:
    """One daemon's entries, and what its tree came to."""

    decoded = {}  # header bytes → Entry: journals that are alike are read once

    def __init__(self, speaker, say):
        self.speaker, self.say = speaker, say
        self.told = []
        self.tree = Tree()
        self.id = b""
        self.incarnation = 1

    def __len__(self):
        return len(self.told)

    def at(self, sequence):
        """The entry of this sequence, or None."""
        return self.told[sequence - 1] if 0 < sequence <= len(self.told) else None

    def take(self, followed):
        """The next Followed, from wherever."""
        header = followed.header
        entry = self.decoded.get(header)
        if entry is None:
            try:
                entry = parse(journal_pb.Entry, header)
            except Exception:
                self.say("bytes", f"{self.speaker} entry {len(self.told) + 1} cannot be read")
                entry = journal_pb.Entry(sequence=len(self.told) + 1, time_ms=0, kind=0)
            self.decoded[header] = entry
        hashed = followed.body_hash or NO_BODY
        body = followed.body if followed.HasField("body") else None
        if body and hashlib.sha256(body).digest() != hashed:
            self.say("body", f"{self.speaker} entry {entry.sequence}: its body is not what "
                             "its hash says")
        leaf = leaf_hash(header, hashed)
        self.tree.append(leaf)
        self.told.append(Told(entry, body, leaf, followed.damaged))


# ---- folders -----------------------------------------------------------------------------

def frames(path, say):
    data = path.read_bytes()
    at = 0
    while at < len(data):
        if at + 4 > len(data):
            say("bytes", f"{path.name} ends in the middle of a frame")
            return
        size, = struct.unpack_from(">I", data, at)
        if size > FRAME_MOST or at + 4 + size > len(data):
            say("bytes", f"{path.name} ends in the middle of a frame")
            return
        yield data[at + 4:at + 4 + size]
        at += 4 + size


def parse(kind, data):
    """Strictly: what is left over at the end is no part of a message."""
    message = kind()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        message.ParseFromString(data)
    return message


def read_segment(journal, path, say):
    all_frames = list(frames(path, say))
    if len(all_frames) < 2:
        return say("bytes", f"{journal.speaker}: {path.name} has no entries")
    try:
        head = parse(archive_pb.SegmentHead, all_frames[0])
        end = parse(archive_pb.SegmentEnd, all_frames[-1])
        entries = [parse(journal_pb.Followed, frame) for frame in all_frames[1:-1]]
    except Exception:
        return say("bytes", f"{journal.speaker}: {path.name} is not a segment")
    if head.format != 1 or head.speaker != SPEAKER_NUMBER[journal.speaker]:
        say("bytes", f"{journal.speaker}: {path.name} is of another journal or format")
    if head.first != len(journal) + 1 or path.stem != f"{head.first:012}":
        say("bytes", f"{journal.speaker}: {path.name} begins with {head.first}, and "
                     f"{len(journal)} came before")
    if head.root_before != journal.tree.root():
        say("tree", f"{journal.speaker}: the tree before entry {head.first} has another "
                    "root than its segment says")
    before = len(journal)
    for followed in entries:
        journal.take(followed)
    leaves = b"".join(told.leaf[:LEAF_SIZE] for told in journal.told[before:])
    digest = hashlib.sha256(path.read_bytes()[:-4 - len(all_frames[-1])]).digest()
    if end.leaves != leaves or end.digest != digest:
        say("bytes", f"{journal.speaker}: {path.name} is not the file that its end says")
    journal.id, journal.incarnation = head.journal, head.incarnation
    if end.last != len(journal) or end.root != journal.tree.root():
        say("tree", f"{journal.speaker}: the tree over {len(journal)} entries has another "
                    f"root than its segment says of {end.last}")


def read_journal(speaker, segments, say, known):
    """Journals of the same files (links to them) are read once, if nothing was wrong."""
    files = [path.stat() for path in segments]
    key = speaker, *((file.st_dev, file.st_ino, file.st_mtime_ns) for file in files)
    if key in known:
        return known[key]
    said = []

    def note(check, sentence):
        said.append(check)
        say(check, sentence)
    journal = Journal(speaker, note)
    for path in segments:
        read_segment(journal, path, note)
    if not said:
        known[key] = journal
    return journal


def read_archive(folder, say, known=None):
    """{speaker: Journal} of a backup folder; a service without one is not in it."""
    known = {} if known is None else known
    journals = {}
    for speaker in SPEAKERS:
        segments = sorted((Path(folder) / speaker).glob("*.segment"))
        if segments:
            journals[speaker] = read_journal(speaker, segments, say, known)
    return journals
