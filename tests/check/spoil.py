#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Copies a backup folder with one thing wrong in a segment's end, which nothing else in the
file depends on, so that one check alone can find it.

    spoil.py FROM TO root|digest
"""
import shutil
import struct
import sys
from pathlib import Path

from journals import frames, parse
from protos import archive_pb


def spoil(path, what):
    data = path.read_bytes()
    last = list(frames(path, print))[-1]
    end = parse(archive_pb.SegmentEnd, last)
    value = bytearray(getattr(end, what))
    value[0] ^= 1
    setattr(end, what, bytes(value))
    after = end.SerializeToString()
    path.unlink()  # it may be a link to a good one
    path.write_bytes(data[:-4 - len(last)] + struct.pack(">I", len(after)) + after)


def main():
    source, target, what = sys.argv[1:]
    shutil.copytree(source, target)
    spoil(sorted((Path(target) / "routing").glob("*.segment"))[0], what)


if __name__ == "__main__":
    main()
