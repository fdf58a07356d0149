# SPDX-License-Identifier: Apache-2.0
"""What a test saw, as a line for people and an object for the table."""
import json
import os
import sys

SHOWN = 20


class Results:
    def __init__(self, test):
        self.test = test
        self.tried = self.acknowledged = 0
        self.lost, self.doubled, self.unverifiable = [], [], []
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

    @property
    def is_good(self):
        return not (self.lost or self.doubled or self.unverifiable)

    def tell(self):
        """The exit code: 1 if anything was lost, doubled or cannot be verified."""
        for name in ("lost", "doubled", "unverifiable"):
            found = getattr(self, name)
            for sentence in found[:SHOWN]:
                print(f"{name}: {sentence}", file=sys.stderr)
            if len(found) > SHOWN:
                print(f"{name}: … {len(found) - SHOWN} more", file=sys.stderr)
        row = {"test": self.test, "tried": self.tried, "acknowledged": self.acknowledged,
               "lost": len(self.lost), "doubled": len(self.doubled),
               "unverifiable": len(self.unverifiable),
               "slowest_restart_ms": round(self.slowest_ms), **self.more}
        print(json.dumps(row, ensure_ascii=False))
        if os.environ.get("MINQING_RESULTS"):
            with open(os.environ["MINQING_RESULTS"], "a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        return 0 if self.is_good else 1
