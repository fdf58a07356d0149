# SPDX-License-Identifier: Apache-2.0
"""Notices: told once, moved as notices move (notification.proto), of accusations no number."""
from law_course import check_matter
from law_journal import find, own_position
from protos import journal_pb, notification_pb

K, N = journal_pb, notification_pb
NAME = {number: name[len("NOTICE_"):].lower() for name, number in N.NoticeState.items()}
FOLLOWS = {
    N.NOTICE_QUEUED: "queued sending sent delivered unreachable abandoned",
    N.NOTICE_SENDING: "queued sent delivered failed maybe_sent abandoned",
    N.NOTICE_SENT: "sent delivered unreachable abandoned",
    N.NOTICE_FAILED: "failed queued sending abandoned",
    N.NOTICE_MAYBE_SENT: "maybe_sent queued sending abandoned",
    N.NOTICE_UNREACHABLE: "unreachable delivered",
    N.NOTICE_DELIVERED: "",
    N.NOTICE_ABANDONED: "",
}


def waits_with(before, state):
    """One that joins a digest whose sending has failed waits with it."""
    return (before, state) == (N.NOTICE_QUEUED, N.NOTICE_FAILED)


class Notices:
    def __init__(self, town):
        self.town = town
        self.state = {}    # notice → NoticeState
        self.keys = set()
        self.told = set()  # registrations whose petitioner was told

    def say(self, check, told, sentence):
        self.town.say(check, "notification", told, sentence)

    def read(self):
        for told in self.town.entries("notification"):
            if told.entry.grievance:
                check_matter(self.town, "notification", told)
            if told.entry.kind == K.KIND_NOTICE:
                self.queued(told)
            elif told.entry.kind == K.KIND_NOTICE_MOVED:
                moved = told.entry.notice_moved
                if moved.again:
                    self.again(told, moved)
                    continue
                self.moved(told, moved.notice, moved.state)
                for notice in moved.others:
                    self.moved(told, notice, moved.state, is_along=True)

    def queued(self, told):
        entry, notice = told.entry, told.entry.notice
        if notice.notice != own_position(self.town, "notification", entry):
            self.say("notice", told, f"is called {notice.notice}")
        doubtful = notice.maybe_sent and notice.channel != "print"
        self.state[notice.notice] = N.NOTICE_MAYBE_SENT if doubtful else N.NOTICE_QUEUED
        if not entry.HasField("source"):
            return
        key = (notice.recipient, notice.to, notice.template, entry.source.speaker,
               entry.source.sequence)
        if key in self.keys:
            self.say("key", told, f"{notice.template} is told twice")
        self.keys.add(key)
        where, origin = find(self.town, entry.source)
        if where == "there":
            self.about(told, origin.entry)

    def about(self, told, origin):
        """A notice says its grievance, and of an accusation that there is one."""
        is_accusation = origin.grievance in self.town.accusations
        if origin.grievance and not told.entry.grievance and not is_accusation:
            self.say("notice", told, "does not say what it is about")
        if told.entry.grievance and is_accusation:
            self.say("notice", told, "says which accusation it is about")
        if origin.kind == K.KIND_REGISTERED and \
                told.entry.notice.recipient == N.RECIPIENT_PETITIONER:
            self.told.add(origin.sequence)

    def moved(self, told, notice, state, is_along=False):
        before = self.state.get(notice)
        if before is None:
            self.say("move", told, f"notice {notice} was never queued")
        elif NAME[state] not in FOLLOWS[before].split() and \
                not self.may_doubt(before, state) and not (is_along and waits_with(before, state)):
            self.say("move", told, f"notice {notice} is {NAME[state]} after {NAME[before]}")
        if before is not None:
            self.state[notice] = state

    def may_doubt(self, before, state):
        """A restored daemon does not know what it sent before."""
        return self.town.journals["notification"].incarnation > 1 and \
            before in (N.NOTICE_QUEUED, N.NOTICE_FAILED) and state == N.NOTICE_MAYBE_SENT

    def again(self, told, moved):
        """Said again by a restored daemon: the notice stays as it is."""
        if moved.notice not in self.state:
            self.say("move", told, f"notice {moved.notice} was never queued")
        elif told.entry.HasField("source") and \
                find(self.town, told.entry.source)[0] == "there":
            origin = find(self.town, told.entry.source)[1].entry
            if origin.kind == K.KIND_REGISTERED:
                self.told.add(origin.sequence)

    def rest(self):
        reached = self.town.reached["notification"].get("intake", 0)
        for number, filed in self.town.numbers.items():
            if filed and filed.entry.sequence <= reached and \
                    filed.entry.sequence not in self.told and \
                    number not in self.town.accusations and number not in self.town.parked:
                self.town.report.say("told", f"{self.town.name(number)} is registered, and the "
                                             "petitioner was not told")


def check(town):
    if "notification" not in town.journals:
        return
    notices = Notices(town)
    notices.read()
    notices.rest()
    town.notices = notices
