#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The second checker: four journals, held against each other and against the law.

Written from proto/minqing/v1/*.proto and DOMAIN's rules alone; it shares nothing with
'minqing verify', so that one mistake is not made twice.

    minqing_check.py DIR …              backup folders (proto/minqing/v1/archive.proto)
    minqing_check.py --live KEYFILE     daemons that run, with an operator's key: their
                                        journals, positions, roots and counts; and what
                                        they show of a sample of grievances
      --also KEYFILE …                  keys of dispatcher, desks, leaders: routing shows
                                        who holds a grievance to those alone
      --needed                          what the daemons said is doctored: each must be found

A folder is said to be clean or its findings are printed, one a line. Exit 0: all clean;
1: something is wrong. What a restoration lost is told and is nothing wrong.

--without NAME leaves a check out (--checks lists them): a test shows by it that each is
needed. --json prints one object a folder. No finding names the number of an accusation.
"""
import argparse
import json
import sys

import law_course
import law_days
import law_journal
import law_ledger
import law_notices
from journals import SPEAKERS, read_archive
from protos import journal_pb, matter_pb

# name: what it holds
CHECKS = {
    "bytes": "frames and entries can be read",
    "tree": "leaves and roots are what the segments (or the daemons) say",
    "body": "a body is what the entry's hash says; tables and documents are what theirs say",
    "sequence": "1, 2, 3 …",
    "time": "never goes back; doubt of the clock is settled",
    "kind": "a speaker says its own kinds, each with its header and its grievance",
    "started": "nothing is promised before 'started'",
    "damaged": "no entry is set aside; one that was is back",
    "counter": "each client counts 1, 2, 3 … in incarnations 1, 2, 3 …",
    "incarnation": "a restored journal names the entry it went on from",
    "crossed": "who acted on lost entries says so, as their source does",
    "table": "what names a table's version has taken it before",
    "source": "there is such an entry, it may lead to this one, and is about the same",
    "order": "entries are taken over in order",
    "number": "a grievance number is one, of its terminal",
    "registered": "once",
    "placed": "once, by the registration, as it was filed; nothing is nowhere",
    "matter": "a matter's village and terminal never change",
    "course": "each step begins where the last ended, and there is such a step",
    "holder": "one, of a department, and it is the one that acts",
    "fencing": "rises with every holder",
    "second": "what asks for two persons has two",
    "reason": "a closing says why",
    "instance": "rises by reviews alone",
    "counts": "objections and hand-overs are counted",
    "asked": "each request is answered once",
    "document": "ordinals 1, 2, 3 …, each announced by its step",
    "clock": "only a clock that runs is stopped or changed; one of a duty at a time",
    "duty": "one stage and one whole for what is open, none for what is closed",
    "promise": "the whole ends on the day that the receipt gave",
    "early": "a step is told when its clock says, not before, and not by a clock in doubt",
    "twice": "nothing is raised twice",
    "late": "what is due is told",
    "raise": "is numbered by its sequence; ends once, after it was raised",
    "notice": "is numbered by its sequence and says what it is about",
    "key": "nobody is told the same of the same entry twice",
    "move": "a notice moves as notices do, and not after its end",
    "told": "who registers is told",
    "days": "by village and day, by department and day: what comes is what goes",
    "position": "followers stand at an entry of their source (live)",
    "sums": "routing counts what its journal says (live)",
    "facts": "state, department, holder, instance are shown as the journal has them (live)",
    "ledger": "the duties shown are those that run by the journal, due when it says (live)",
}
FINDINGS_SHOWN = 20


class Report:
    """What was found, and what was lost by restorations."""

    def __init__(self, without=()):
        self.without = set(without)
        self.findings = []  # (check, sentence)
        self.missing = []
        self.mended = []

    def say(self, check, sentence):
        assert check in CHECKS, check
        if check not in self.without:
            self.findings.append((check, sentence))

    def checks(self):
        return {check for check, _ in self.findings}


class Town:
    """The four journals, and what every check wants to know of a grievance."""

    def __init__(self, journals, report):
        self.journals, self.report = journals, report
        self.numbers = {}      # number → what intake registered (Told), or None
        self.accusations = set()
        self.parked = set()    # grievances about which something was set aside
        self.lost = {}         # (follower, source) → greatest lost position
        self.reached = {s: {o: len(j) for o, j in journals.items()} for s in journals}
        self._look_ahead()

    def _look_ahead(self):
        for journal in self.journals.values():
            for told in journal.told:
                entry = told.entry
                if entry.grievance and entry.HasField("matter") and \
                        entry.matter.purpose == matter_pb.PURPOSE_ACCUSATION:
                    self.accusations.add(entry.grievance)

    def entries(self, speaker):
        return self.journals[speaker].told if speaker in self.journals else ()

    def village(self, number):
        filed = self.numbers.get(number)
        return filed.entry.matter.village if filed else self.courses[number].village

    def name(self, number):
        """Of a grievance, for a finding."""
        if number in self.accusations:
            return "an accusation"
        if number not in self.numbers:
            return "a grievance"
        digits = f"{number:018}"
        return f"{digits[:8]}-{digits[8:13]}-{digits[13:]}-{check_character(digits)}"

    def say(self, check, speaker, told, sentence):
        about = f"{self.name(told.entry.grievance)}: " if told.entry.grievance else ""
        self.report.say(check, f"{speaker} entry {told.entry.sequence}: {about}{sentence}")


def check_character(digits):
    """ISO 7064 MOD 11-2."""
    product = 0
    for digit in digits:
        product = (product + int(digit)) * 2 % 11
    return "0123456789X"[(12 - product) % 11]


def check(journals, report):
    """All that can be told from the journals alone."""
    town = Town(journals, report)
    law_journal.check(town)
    law_course.check(town)
    law_ledger.check(town)
    law_notices.check(town)
    law_days.check(town)
    law_journal.check_lost(town)
    return town


# ---- the command -------------------------------------------------------------------------

def summary(name, journals, report):
    return {"folder": name,
            "entries": {speaker: len(journals[speaker]) for speaker in journals},
            "incarnations": {s: j.incarnation for s, j in journals.items()},
            "findings": [{"check": c, "finding": f} for c, f in report.findings],
            "missing": report.missing, "mended": report.mended}


def tell(name, journals, report, said):
    if said.json:
        print(json.dumps(summary(name, journals, report), ensure_ascii=False))
        return
    entries = ", ".join(f"{speaker} {len(journals[speaker])}" for speaker in journals)
    state = f"{len(report.findings)} findings" if report.findings else "clean"
    found = f" by {' '.join(sorted(report.checks()))}" if report.findings else ""
    print(f"{name}: {state}{found}; entries: {entries}")
    if said.quiet:
        return
    for _, finding in report.findings[:FINDINGS_SHOWN]:
        print(f"  ✗ {finding}")
    for missing in report.missing[:FINDINGS_SHOWN]:
        print(f"  – {missing}")
    for mended in report.mended[:FINDINGS_SHOWN]:
        print(f"  – {mended}")


def check_folder(folder, said, known):
    report = Report(said.without)
    journals = read_archive(folder, report.say, known)
    for speaker in SPEAKERS:
        if speaker not in journals:
            report.say("bytes", f"there is no journal of {speaker} in {folder}")
    check(journals, report)
    tell(folder, journals, report, said)
    return not report.findings


def check_needed(folders, said):
    """Each check alone must find something: what only it found passes without it."""
    missed = 0
    needed, known = set(), {}
    for folder in folders:
        report = Report()
        check(read_archive(folder, report.say, known), report)
        alone = report.checks()
        if len(alone) != 1 or alone <= needed:
            continue
        blind = Report(alone)
        check(read_archive(folder, blind.say, known), blind)
        if not blind.findings:
            needed |= alone
    if said.live:
        import live_doctored
        shown, missed = live_doctored.try_all(said, Report, check)
        needed |= shown
    needless = [name for name in CHECKS if name not in needed and name not in said.without]
    print(f"{len(needed)} checks find something that no other finds; "
          f"not shown to: {' '.join(needless) or 'none'}")
    return not needless and not missed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="*", metavar="DIR")
    parser.add_argument("--live", metavar="KEYFILE", help="daemons that run")
    parser.add_argument("--also", nargs="+", default=[], metavar="KEYFILE",
                        help="with --live: keys that routing shows grievances to")
    parser.add_argument("--sample", type=int, default=200, metavar="N",
                        help="with --live: so many grievances are asked for")
    parser.add_argument("--without", action="append", default=[], metavar="NAME",
                        choices=CHECKS)
    parser.add_argument("--checks", action="store_true", help="list them")
    parser.add_argument("--needed", action="store_true",
                        help="is every check (but those left out) the only one to find "
                             "something in one of the folders?")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quiet", action="store_true", help="a line for each folder")
    said = parser.parse_args()
    if said.checks:
        for name, holds in CHECKS.items():
            print(f"{name:12} {holds}")
        return 0
    if said.needed:
        return 0 if check_needed(said.folders, said) else 1
    is_clean, known = True, {}
    for folder in said.folders:
        is_clean &= check_folder(folder, said, known)
    if said.live:
        import live
        report = Report(said.without)
        asked = live.ask_live(said)
        town = live.judge(asked, report, check)
        tell("live", asked.journals, report, said)
        if not said.json:
            print(f"  {law_days.summary(town)}; {asked.shown()}")
        is_clean &= not report.findings
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
