# SPDX-License-Identifier: Apache-2.0
"""Clocks and raises: the ledger adds up, and nothing is told early, late or twice."""
from law_course import check_matter
from law_journal import find, own_position
from protos import escalation_pb, journal_pb, routing_pb

K, E = journal_pb, escalation_pb
DUTY_NAME = {number: name[len("DUTY_"):].lower() for name, number in E.Duty.items()}
BY_CLOCK = {E.CAUSE_BAND, E.CAUSE_BREACH, E.CAUSE_UNANSWERED}
BY_STEP = {E.CAUSE_BAND, E.CAUSE_BREACH}
BREACH = 100


class Clock:
    """A line of the ledger that is in force."""

    def __init__(self, change, time_ms):
        self.change, self.time_ms = change, time_ms
        self.told = 0  # highest share
        self.is_paused = change.action == E.CLOCK_PAUSE

    def since_ms(self):
        return since_ms(self.change)

    def breach_ms(self):
        """When its end is told, or None: a window only ends. A whole that reaches to the
        end of a window is told a little behind it."""
        for band in self.change.bands:
            if band.share == BREACH:
                is_window = self.change.duty == E.DUTY_STAGE and \
                    band.due_ms != self.change.due_ms
                return None if is_window else band.due_ms
        return None


def since_ms(change):
    return change.from_ms + change.spent_ms + change.paused_ms


class Ledger:
    def __init__(self, town):
        self.town = town
        self.clocks = {}   # grievance → {(duty, owner of an assisting one): Clock}
        self.raises = {}   # raise → [grievance, time it ended or None]
        self.told = set()  # what may be raised once
        self.canaries = []

    def say(self, check, told, sentence):
        self.town.say(check, "escalation", told, sentence)

    def read(self):
        for told in self.town.entries("escalation"):
            entry = told.entry
            if entry.kind == K.KIND_CANARY:
                self.canaries.append(entry.time_ms)
            if entry.grievance and not self.is_known(told):
                continue
            if entry.grievance:
                check_matter(self.town, "escalation", told)
            if entry.kind == K.KIND_CLOCKS:
                for change in entry.clocks.changes:
                    self.change(told, change)
            elif entry.kind == K.KIND_RAISED:
                self.raised(told)
            elif entry.kind == K.KIND_RAISE_ENDED:
                self.ended(told)

    def is_known(self, told):
        numbers, number = self.town.numbers, told.entry.grievance
        if number in numbers:
            return True
        if told.entry.HasField("source") and \
                find(self.town, told.entry.source)[0] == "lost":
            numbers[number] = None
            return True
        self.say("clock", told, "was never registered")
        return False

    # -- clocks

    def change(self, told, change):
        clocks = self.clocks.setdefault(told.entry.grievance, {})
        owner = change.owner if change.duty == E.DUTY_ASSISTING else 0
        key, name = (change.duty, owner), DUTY_NAME[change.duty]
        self.check_bands(told, change)
        if change.action == E.CLOCK_START:
            if key in clocks:
                self.say("clock", told, f"a second clock of {name}")
            if change.from_ms > told.entry.time_ms:
                self.say("clock", told, f"{name} begins in the future")
            if change.duty == E.DUTY_WHOLE:
                self.check_promise(told, change)
            clocks[key] = Clock(change, told.entry.time_ms)
            return
        clock = clocks.get(key)
        if clock is None:
            self.say("clock", told, f"{name} does not run")
            return
        self.check_change(told, change, clock)
        if change.action == E.CLOCK_STOP:
            del clocks[key]
            return
        after = Clock(change, told.entry.time_ms)
        after.is_paused |= clock.is_paused and change.action == E.CLOCK_SETTLE
        after.told = clock.told
        if after.told >= BREACH and (after.breach_ms() or 0) > after.since_ms():
            after.told = BREACH - 1  # the line has an end of its own, told in its turn
        clocks[key] = after

    def check_change(self, told, change, clock):
        name, was = DUTY_NAME[change.duty], clock.change
        if (change.from_ms, change.owner) != (was.from_ms, was.owner):
            self.say("clock", told, f"{name} is another clock than the one that runs")
        elif not clock.since_ms() <= since_ms(change) <= told.entry.time_ms:
            self.say("clock", told, f"the time of {name} does not add up")
        elif change.spent_ms < was.spent_ms or change.paused_ms < was.paused_ms:
            self.say("clock", told, f"time of {name} was given back")
        resumes = change.action == E.CLOCK_RESUME
        if resumes and not clock.is_paused or \
                change.action in (E.CLOCK_PAUSE, E.CLOCK_EXTEND) and clock.is_paused:
            self.say("clock", told, f"{name} stands still, or does not")
        if change.action == E.CLOCK_EXTEND and change.due_ms < was.due_ms:
            self.say("clock", told, f"{name} is extended to an earlier day")

    def check_bands(self, told, change):
        shares = [band.share for band in change.bands]
        times = [band.due_ms for band in change.bands]
        if sorted(set(shares)) != shares or sorted(times) != times:
            self.say("clock", told, f"steps of {DUTY_NAME[change.duty]} in no order")

    def check_promise(self, told, change):
        """The first whole ends as the receipt says; it may be a later one after reopening."""
        filed = self.town.numbers.get(told.entry.grievance)
        source = told.entry.source
        if filed is None or not told.entry.HasField("source") or source.speaker != 1:
            return
        if change.due_ms != filed.entry.registered.last_day_ms or \
                change.from_ms != filed.entry.registered.counted_from_ms:
            self.say("promise", told, "the whole is not what the receipt promised")

    # -- raises

    def raised(self, told):
        entry, raised = told.entry, told.entry.raised
        number = getattr(raised, "raise")
        if number != own_position(self.town, "escalation", entry):
            self.say("raise", told, f"is called raise {number}")
        if raised.cause in BY_CLOCK and entry.time_uncertain:
            self.say("early", told, "a clock in doubt has raised it")
        if raised.cause in BY_CLOCK and entry.time_ms < raised.due_ms:
            self.say("early", told, "is raised before it is due")
        if raised.cause in BY_STEP and entry.grievance:
            self.step(told)
        once = (entry.grievance, raised.cause, raised.duty, raised.share, raised.level,
                raised.department, raised.due_ms, raised.of,
                number if raised.cause == E.CAUSE_SUPERVISION else 0)
        if entry.grievance and once in self.told:
            self.say("twice", told, "is raised twice")
        self.told.add(once)
        if raised.cause == E.CAUSE_UNANSWERED:
            of = self.raises.get(raised.of)
            if of is None or of[1] is not None:
                self.say("raise", told, f"raise {raised.of} does not wait for an answer")
        self.raises[number] = [entry.grievance, None]

    def step(self, told):
        raised = told.entry.raised
        owner = raised.department if raised.duty == E.DUTY_ASSISTING else 0
        clock = self.clocks.get(told.entry.grievance, {}).get((raised.duty, owner))
        name = DUTY_NAME[raised.duty]
        if clock is None:
            self.say("early", told, f"no clock of {name} runs")
            return
        bands = {(band.share, band.due_ms) for band in clock.change.bands}
        if (raised.share, raised.due_ms) not in bands or \
                raised.ends_ms != clock.change.due_ms:
            self.say("early", told, f"{name} has no such step")
        if raised.share <= clock.told:
            self.say("twice", told, f"{raised.share} % of {name} after {clock.told} %")
        clock.told = raised.share

    def ended(self, told):
        number = getattr(told.entry.raise_ended, "raise")
        of = self.raises.get(number)
        if of is None:
            self.say("raise", told, f"raise {number} ends that never was")
        elif of[1] is not None:
            self.say("raise", told, f"raise {number} ends again")
        elif of[0] != told.entry.grievance:
            self.say("raise", told, f"raise {number} is about another grievance")
        else:
            of[1] = told.entry.time_ms

    # -- at rest

    def rest(self):
        reached = self.town.reached["escalation"].get("routing", 0)
        before = self.canaries[-2] if len(self.canaries) > 1 else 0
        for number, course in self.town.courses.items():
            clocks = self.clocks.get(number, {})
            if course.last is not None and course.sequence <= reached and \
                    number not in self.town.parked:
                self.rest_one(number, course, clocks)
        for number, clocks in self.clocks.items():
            for (duty, _), clock in clocks.items():
                breach_ms = clock.breach_ms()
                if breach_ms is not None and not clock.is_paused and \
                        clock.told < BREACH and max(breach_ms, clock.time_ms) < before and \
                        number not in self.town.parked:
                    self.town.report.say("late", f"{self.town.name(number)}: {DUTY_NAME[duty]} "
                                                 "has ended, and nobody was told")

    def rest_one(self, number, course, clocks):
        owed = 0 if course.state == routing_pb.STATE_CLOSED else 1
        counts = [sum(duty == wanted for duty, _ in clocks)
                  for wanted in (E.DUTY_STAGE, E.DUTY_WHOLE)]
        if counts != [owed, owed]:
            self.town.report.say("duty", f"{self.town.name(number)} has {counts[0]} stage and "
                                         f"{counts[1]} whole duties, not {owed}")
        elif not owed and clocks:
            self.town.report.say("duty", f"{self.town.name(number)} is closed, and clocks run")


def check(town):
    if "escalation" not in town.journals:
        return
    ledger = Ledger(town)
    ledger.read()
    ledger.rest()
    town.clocks = ledger.clocks
