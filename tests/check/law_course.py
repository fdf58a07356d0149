# SPDX-License-Identifier: Apache-2.0
"""The course of every grievance: registered once, placed once, moved by the steps there are.

The table is DOMAIN §4 with the words of routing.proto. A target in braces is chosen by what
the step says (the outcome that is served, how often it was objected to).
"""
import datetime
import hashlib

from law_journal import find
from protos import journal_pb, routing_pb

K, R = journal_pb, routing_pb

STATES = {name[len("STATE_"):]: number for name, number in R.State.items()}
STEPS = {name[len("STEP_"):]: number for name, number in R.Step.items()}
STATE_NAME = {number: name.lower() for name, number in STATES.items()}
STEP_NAME = {number: name.lower() for name, number in STEPS.items()}

UNDECIDED = "UNDECIDED OBJECTED"
EARLY = "UNDECIDED OBJECTED DISPATCHED ARBITRATION CLAIMED HANDLING MEDIATING"
REVIEW = "REVIEWING REREVIEWING"
WORK = f"HANDLING MEDIATING DECIDED WINDOW EXECUTING DONE DIVERTED REFUSED {REVIEW} HEARING"
OPEN = f"{EARLY} DECIDED WINDOW EXECUTING DONE DIVERTED REFUSED {REVIEW} HEARING"
TABLE = f"""
PLACE           NONE UNDECIDED                  UNDECIDED DISPATCHED
DISPATCH        {UNDECIDED} DISPATCHED CLAIMED HANDLING MEDIATING DIVERTED   DISPATCHED
DISPATCH        {REVIEW}                        =
OBJECT          DISPATCHED CLAIMED              OBJECTED ARBITRATION
ARBITRATE       ARBITRATION                     DISPATCHED
CLAIM           DISPATCHED                      CLAIMED
CLAIM           {WORK}                          =
ASSIGN          DISPATCHED                      CLAIMED
ASSIGN          CLAIMED {WORK}                  =
TRANSFER        CLAIMED {WORK}                  =
HAND_BACK       CLAIMED                         DISPATCHED
HAND_BACK       {WORK}                          =
LAPSE           CLAIMED                         DISPATCHED
LAPSE           HEARING                         REREVIEWING
RECUSE          CLAIMED                         DISPATCHED
RECUSE          {OPEN}                          =
ACCEPT          CLAIMED                         HANDLING
REFUSE          {UNDECIDED} CLAIMED             REFUSED
DIVERT          {UNDECIDED} CLAIMED HANDLING    DIVERTED
MEDIATE         HANDLING                        MEDIATING
END_MEDIATION   MEDIATING                       HANDLING
AGREE           MEDIATING                       EXECUTING
EXTEND          HANDLING MEDIATING              =
DECIDE          HANDLING {REVIEW}               DECIDED
SERVE           DECIDED                         EXECUTING WINDOW CLOSED
SERVE           REFUSED                         CLOSED
SERVE           CLOSED                          =
CLAIM_DONE      EXECUTING                       DONE
HEAR            REREVIEWING                     HEARING
END_HEARING     HEARING                         REREVIEWING
CONFIRM         DONE WINDOW                     CLOSED
REOPEN          DONE                            EXECUTING
REOPEN          CLOSED                          UNDECIDED DISPATCHED EXECUTING HANDLING {REVIEW}
REVIEW          WINDOW EXECUTING DONE CLOSED    {REVIEW}
WITHDRAW        {OPEN}                          CLOSED
CLOSE           WINDOW DONE DIVERTED            CLOSED
LINK            {EARLY}                         CLOSED
REPURPOSE       {EARLY}                         =
CATEGORISE      {EARLY}                         =
CONTACT         DONE                            EXECUTING
CONTACT         {OPEN}                          =
WENT_UP         {OPEN} CLOSED                   =
"""
TWO = {STEPS[name] for name in ("REFUSE", "DIVERT", "LINK", "REPURPOSE", "EXTEND",
                                "WITHDRAW")}
GIVES = {STEPS[name] for name in ("CLAIM", "ASSIGN", "TRANSFER")}
HOLDERS_OWN = {STEPS[name] for name in ("ACCEPT", "DECIDE", "MEDIATE", "AGREE", "CLAIM_DONE")}
NOBODY_HOLDS = {STATES[name] for name in ("UNDECIDED", "DISPATCHED", "OBJECTED",
                                          "ARBITRATION", "CLOSED")}
CLOSED = R.STATE_CLOSED


def read_table():
    """{(step, from, to)}"""
    ways = set()
    for line in TABLE.split("\n"):
        if not line.strip():
            continue
        step, *rest = [part for part in line.split("  ") if part.strip()]
        sources, targets = (part.split() for part in rest)
        for source in sources:
            for target in [source] if targets == ["="] else targets:
                ways.add((STEPS[step.strip()], STATES[source], STATES[target]))
    return ways


WAYS = read_table()


class Course:
    """Where one grievance stands."""

    def __init__(self):
        self.last = None      # MOVED
        self.state = R.STATE_NONE
        self.holder = self.department = 0
        self.fencing = 0      # greatest
        self.proposed = None  # PROPOSED
        self.instance = 1
        self.documents = 0
        self.announced = 0
        self.objections = self.transfers = 0
        self.outcome = 0
        self.village = 0
        self.sequence = 0     # of the last MOVED


def check(town):
    check_intake(town)
    town.courses = {}
    asks = {}
    for told in town.entries("routing"):
        entry = told.entry
        if not entry.grievance or entry.kind == K.KIND_RESTATED:
            continue
        if entry.grievance not in town.numbers and not meet(town, told):
            continue
        course = town.courses.setdefault(entry.grievance, Course())
        check_matter(town, "routing", told)
        if entry.HasField("matter"):
            course.village = entry.matter.village
        if entry.kind == K.KIND_MOVED:
            Move(town, told, course).check()
        elif entry.kind in (K.KIND_PROPOSED, K.KIND_REJECTED, K.KIND_OPINION):
            check_beside(town, told, course)
        elif entry.kind == K.KIND_ASK_ANSWERED:
            check_answer(town, told, asks)
        elif entry.kind == K.KIND_DOCUMENT:
            check_document(town, told, course)
    check_rest(town, asks)


# ---- intake ------------------------------------------------------------------------------

def is_number(number):
    day, terminal, serial = number // 10 ** 10, number // 10 ** 5 % 10 ** 5, number % 10 ** 5
    try:
        datetime.date(day // 10000, day // 100 % 100, day % 100)
    except ValueError:
        return False
    return terminal > 0 and serial > 0


def check_intake(town):
    for told in town.entries("intake"):
        entry = told.entry
        if entry.kind == K.KIND_REGISTERED:
            number = entry.grievance
            if not is_number(number) or number // 10 ** 5 % 10 ** 5 != entry.matter.terminal:
                town.say("number", "intake", told, "no terminal makes such a number")
            if number in town.numbers:
                town.say("registered", "intake", told, "is registered twice")
            else:
                town.numbers[number] = told
        elif entry.grievance and entry.grievance not in town.numbers:
            town.say("registered", "intake", told, "was never registered")


def meet(town, told):
    """An entry about a grievance that intake does not have. True: it has lost it."""
    if told.entry.HasField("source") and find(town, told.entry.source)[0] == "lost":
        town.numbers[told.entry.grievance] = None
        return True
    town.say("placed", "routing", told, "was never registered")
    return False


def check_matter(town, speaker, told):
    entry = told.entry
    filed = town.numbers.get(entry.grievance)
    if filed is None or not entry.HasField("matter"):
        return
    was, now = filed.entry.matter, entry.matter
    if now.village != was.village or now.terminal != was.terminal:
        town.say("matter", speaker, told, "village or terminal are not those it was filed with")


# ---- a step ------------------------------------------------------------------------------

class Move:
    """One MOVED, against the course so far."""

    def __init__(self, town, told, course):
        self.town, self.told, self.course = town, told, course
        self.entry, self.moved = told.entry, told.entry.moved
        self.start = getattr(self.moved, "from")
        self.person = told.entry.actor.person

    def say(self, check, sentence):
        self.town.say(check, "routing", self.told, sentence)

    def check(self):
        moved, course = self.moved, self.course
        if moved.step == R.STEP_PLACE:
            self.check_placing()
        self.check_way()
        self.check_reason()
        self.check_holder()
        self.check_second()
        self.check_counts()
        self.check_announced()
        proposed = course.proposed
        if proposed:
            was_done = proposed.step == moved.step
            has_moved = self.start != moved.to or moved.department != course.department
            stays = proposed.step == R.STEP_WITHDRAW and moved.to != CLOSED
            if was_done or moved.to == CLOSED or has_moved and not stays:
                course.proposed = None
        course.last, course.state = moved, moved.to
        course.holder, course.department = moved.holder, moved.department
        course.fencing = max(course.fencing, moved.fencing)
        course.objections, course.transfers = moved.objections, moved.transfers
        course.sequence = self.entry.sequence
        if moved.step in (R.STEP_DECIDE, R.STEP_AGREE):
            course.outcome = moved.outcome

    def check_placing(self):
        """Once by its registration; again only what no table could place, and by no entry."""
        has_source = self.entry.HasField("source")
        if self.course.last is not None and has_source:
            self.say("placed", "is placed twice")
        elif self.course.last is None and not has_source:
            self.say("placed", "is placed without its registration")
        filed = self.town.numbers.get(self.entry.grievance)
        if self.course.last is not None or filed is None:
            return
        was, now = filed.entry.registered, self.moved
        if (was.filed_at_ms, was.counted_from_ms, was.last_day_ms) != \
                (now.filed_at_ms, now.counted_from_ms, now.last_day_ms):
            self.say("placed", "is placed with other days than it was filed with")

    def check_way(self):
        moved, start = self.moved, self.start
        if start != self.course.state:
            self.say("course", f"begins at {STATE_NAME[start]}, but it was "
                               f"{STATE_NAME[self.course.state]}")
        elif (moved.step, start, moved.to) not in WAYS or not self.target_fits():
            self.say("course", f"no {STEP_NAME[moved.step]} leads from {STATE_NAME[start]} "
                               f"to {STATE_NAME[moved.to]}")

    def target_fits(self):
        moved = self.moved
        instance = max(moved.instance, 1)
        if moved.step == R.STEP_SERVE and self.start == R.STATE_DECIDED:
            ends = CLOSED if instance >= 3 else R.STATE_WINDOW
            return moved.to == {R.OUTCOME_SUPPORT: R.STATE_EXECUTING,
                                R.OUTCOME_ANSWERED: CLOSED,
                                R.OUTCOME_EXPLAIN: ends,
                                R.OUTCOME_NOT_SUPPORT: ends}.get(moved.outcome)
        if moved.step == R.STEP_OBJECT:
            again = self.course.objections > 0
            return moved.to == (R.STATE_ARBITRATION if again else R.STATE_OBJECTED)
        if moved.step == R.STEP_REVIEW:
            return moved.to == (R.STATE_REVIEWING if instance == 2 else R.STATE_REREVIEWING)
        return True

    def check_reason(self):
        closes = self.moved.to == CLOSED and self.start != CLOSED
        if closes and not self.moved.close_reason:
            self.say("reason", "is closed without a reason")
        if self.moved.to != CLOSED and self.moved.close_reason:
            self.say("reason", "has a reason for an end and is open")

    def check_holder(self):
        moved, course = self.moved, self.course
        gives = moved.step in GIVES
        if moved.holder and not moved.department:
            self.say("holder", "is held in no department")
        if moved.holder and moved.to in NOBODY_HOLDS:
            self.say("holder", f"is held while {STATE_NAME[moved.to]}")
        if moved.to == R.STATE_CLAIMED and not moved.holder:
            self.say("holder", "is claimed by nobody")
        if moved.holder not in (0, course.holder) and not gives:
            self.say("holder", "another holds it by no assignment")
        if moved.step == R.STEP_CLAIM and course.holder:
            self.say("holder", "is claimed from under its holder")
        if moved.step in HOLDERS_OWN and self.person != (course.holder or None):
            self.say("holder", "is done by another than its holder")
        if bool(moved.fencing) != bool(moved.holder):
            self.say("fencing", "a fencing number and no holder, or the other way round")
        elif gives and moved.fencing <= course.fencing:
            self.say("fencing", f"is given {moved.fencing} after {course.fencing}")
        elif not gives and moved.fencing not in (0, course.fencing):
            self.say("fencing", f"has {moved.fencing}, not {course.fencing}")

    def check_second(self):
        moved = self.moved
        failed = moved.step == R.STEP_CLOSE and moved.close_reason == R.CLOSE_CONTACT_FAILED
        if moved.step not in TWO and not failed and not moved.proposer:
            return
        proposed = self.course.proposed
        if proposed is None or proposed.step != moved.step:
            self.say("second", "nobody had proposed it")
            return
        if not self.person:
            self.say("second", "nobody approved it")
        elif not moved.by_petitioner and moved.proposer in (0, self.person):
            self.say("second", "one person proposed and approved it")
        if proposed.by_petitioner != moved.by_petitioner or \
                proposed.proposer and moved.proposer != proposed.proposer:
            self.say("second", "another is said to have proposed it")

    def check_counts(self):
        moved, course = self.moved, self.course
        instance = max(moved.instance, 1)
        # A linked one is handed the decision of its lead, of whatever instance.
        is_leads = moved.step == R.STEP_SERVE and self.start == CLOSED
        if instance < course.instance or not is_leads and \
                instance != course.instance + (moved.step == R.STEP_REVIEW):
            self.say("instance", f"is {instance} after {course.instance}")
        course.instance = instance
        if course.last is None:
            return
        if moved.objections != course.objections + (moved.step == R.STEP_OBJECT):
            self.say("counts", f"{moved.objections} objections after {course.objections}")
        if not 0 <= moved.transfers - course.transfers <= 1:
            self.say("counts", f"{moved.transfers} hand-overs after {course.transfers}")

    def check_announced(self):
        course = self.course
        if course.announced:
            self.say("document", f"document {course.announced} never came")
        if self.moved.document and self.moved.document != course.documents + 1:
            self.say("document", f"announces document {self.moved.document} after "
                                 f"{course.documents}")
        course.announced = self.moved.document


# ---- beside the steps --------------------------------------------------------------------

def check_beside(town, told, course):
    """Proposals and opinions move nothing."""
    moved = told.entry.moved
    if getattr(moved, "from") != course.state or moved.to != course.state:
        town.say("course", "routing", told, "moves what it may not")
    if moved.holder != course.holder:
        town.say("holder", "routing", told, "changes the holder")
    if told.entry.kind == K.KIND_PROPOSED:
        course.proposed = moved
    elif told.entry.kind == K.KIND_REJECTED:
        if course.proposed is None or course.proposed.step != moved.step:
            town.say("second", "routing", told, "rejects what nobody proposed")
        course.proposed = None


def check_answer(town, told, asks):
    where, asked = find(town, told.entry.source) if told.entry.HasField("source") \
        else ("nowhere", None)
    if where == "lost":
        # The request is made again by its client, under the same counter.
        answered = told.entry.ask_answered
        asks[answered.client, answered.incarnation or 1, answered.counter] = told
        return
    if asked is None or asked.entry.kind != K.KIND_ASKED:
        town.say("asked", "routing", told, "answers no request")
        return
    if asked.entry.sequence in asks:
        town.say("asked", "routing", told, "a request is answered twice")
    if asked.entry.asked.what != told.entry.ask_answered.what:
        town.say("asked", "routing", told, "answers another request")
    asks[asked.entry.sequence] = told


def check_document(town, told, course):
    document = told.entry.document
    if document.ordinal != course.documents + 1 or \
            course.announced not in (0, document.ordinal):
        town.say("document", "routing", told, f"is document {document.ordinal} after "
                                              f"{course.documents}")
    course.documents, course.announced = document.ordinal, 0
    if told.body is None:
        return
    body = routing_pb.DocumentBody()
    try:
        body.ParseFromString(told.body)
    except Exception:
        town.say("body", "routing", told, "the document cannot be read")
        return
    if hashlib.sha256(body.text.encode()).digest() != document.hash:
        town.say("body", "routing", told, "the document says something else")


# ---- at rest -----------------------------------------------------------------------------

def check_rest(town, asks):
    if "routing" not in town.journals:
        return
    reached = town.reached["routing"].get("intake", 0)
    for number, filed in town.numbers.items():
        course = town.courses.get(number)
        if filed and filed.entry.sequence <= reached and number not in town.parked and \
                (course is None or course.last is None):
            town.report.say("placed", f"{town.name(number)} is registered and nowhere")
        if course and course.announced:
            town.report.say("document", f"{town.name(number)}: document {course.announced} "
                                        "never came")
    for told in town.entries("intake"):
        entry = told.entry
        actor = entry.actor
        command = actor.client, actor.incarnation or 1, actor.counter
        if entry.kind == K.KIND_ASKED and entry.sequence not in asks and \
                command not in asks and entry.sequence <= reached and entry.grievance not in town.parked:
            town.say("asked", "intake", told, "a request was never answered")
