#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""COUNT rows of a gzipped CSV file behind the first SKIPPED, with the header:
slice.py FILE SKIPPED COUNT"""
import csv
import gzip
import itertools
import sys

csv.field_size_limit(1 << 24)
with gzip.open(sys.argv[1], "rt", encoding="utf-8-sig", newline="") as source:
    rows = csv.reader(source)
    skipped, count = int(sys.argv[2]), int(sys.argv[3])
    writer = csv.writer(sys.stdout)
    writer.writerow(next(rows))
    writer.writerows(itertools.islice(rows, skipped, skipped + count))
