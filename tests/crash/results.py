# SPDX-License-Identifier: Apache-2.0
"""What a test saw, as a line for people and an object for the table.

A test that tried too little proves nothing: 'floor' says what it has to have tried, and
below one of its floors it fails with a sentence. What this machine cannot try at all is a
row of its own that says why.
"""
import json
import os
import sys

SHOWN = 20


class Results:
    def __init__(self, test):
        self.test = test
        self.tried = self.acknowledged = 0
        self.lost, self.doubled, self.unverifiable = [], [], []
        self.too_few = []
        self.slowest_ms = 0.0
        self.more = {}

    def add(self, town, is_last=True):
        """What a town came to, so far or at its end."""
        judge = town.judge
        for line in town.clients:
            judge.lost += line.lost
            line.lost = []
        if is_last:
            self.acknowledged += town.acknowledged
            if town.spooler:
                self.acknowledged += town.spooler.files * town.spooler.ROWS
        self.lost += judge.lost
        self.doubled += judge.doubled
        self.unverifiable += judge.unverifiable
        self.slowest_ms = max(self.slowest_ms, town.place.slowest_ms)
        judge.lost, judge.doubled, judge.unverifiable = [], [], []

    def floor(self, what, got, least):
        """'got' of 'what' were tried, or seen; with fewer than 'least' nothing is shown."""
        if got < least:
            self.too_few.append(f"{what}: {got}, and it takes {least} to show anything")

    @property
    def is_good(self):
        return not (self.lost or self.doubled or self.unverifiable)

    def skip(self, why):
        """This machine cannot try it."""
        self._write({"test": self.test, "skipped": why})

    def tell(self):
        """The exit code: 1 if anything was lost, doubled, cannot be verified, or too little
        was tried. A test that has found something ended early: its floors are not meant."""
        if not self.is_good:
            self.too_few = []
        for name in ("lost", "doubled", "unverifiable", "too_few"):
            found = getattr(self, name)
            title = name.replace("_", " ")
            for sentence in found[:SHOWN]:
                print(f"{title}: {sentence}", file=sys.stderr)
            if len(found) > SHOWN:
                print(f"{title}: … {len(found) - SHOWN} more", file=sys.stderr)
        self._write({"test": self.test, "tried": self.tried,
                     "acknowledged": self.acknowledged, "lost": len(self.lost),
                     "doubled": len(self.doubled), "unverifiable": len(self.unverifiable),
                     "too_few": self.too_few, "slowest_restart_ms": round(self.slowest_ms),
                     **self.more})
        return 0 if self.is_good and not self.too_few else 1

    @staticmethod
    def _write(row):
        print(json.dumps(row, ensure_ascii=False))
        if os.environ.get("MINQING_RESULTS"):
            with open(os.environ["MINQING_RESULTS"], "a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
