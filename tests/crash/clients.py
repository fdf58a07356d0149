# SPDX-License-Identifier: Apache-2.0
"""Clients that go on through anything: terminals, a dispatcher, desks, a leader.

Each remembers what it sent and which outcome it was given, under which counter. They never
wait: 'look' takes what has come, and everything else follows from it. After every
connection a client asks where it stands, as the protocol says, says again what has no
outcome, and repeats the last things that have one: the answer must be the same, byte by
byte. What a daemon no longer knows although it was acknowledged is counted as lost, here
and at once.
"""
import random
import sys
import time
from pathlib import Path

import zmq

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from minqing_wire import FRAME_ROOM, Key, Line, Memory, door_pb, matter_pb  # noqa: E402
from zmq.utils.monitor import recv_monitor_message  # noqa: E402

from minqing_client import Terminal, step_command  # noqa: E402

TURNED_AWAY = (matter_pb.REFUSAL_GAP, matter_pb.REFUSAL_TRY_LATER)
SILENCE_S = 1.5
PAUSE_S = 0.1
REPEATS = 3
COMMANDS_A_FRAME = 100


class Speaking(Line):
    """One key at one door. 'answered' and 'waiting' are its memory, by counter."""

    RECONNECT_MS = 10

    def __init__(self, key, speaker, on_met=None):
        super().__init__(key, speaker)
        self.key, self.on_met = key, on_met
        self.name = f"{key.role}-{key.number} at {speaker}"
        self.incarnation, self.next = 1, 1
        self.waiting, self.answered, self.then = {}, {}, {}
        self.questions, self.last_id = {}, 0
        self.is_met = False
        self.connections = 0
        self.met_id = 0
        self.heard = time.monotonic()
        self.resume = 0.0  # put off until then
        self.lost, self.put_off = [], 0
        self.said_at, self.slowest_s = {}, 0.0

    # ---- saying

    def say(self, then=None, **what):
        """A command; then (outcome) when it is answered. Returns its counter."""
        command = door_pb.Command(counter=self.next, incarnation=self.incarnation, **what)
        self.waiting[self.next] = command
        self.said_at[self.next] = time.monotonic()
        if then:
            self.then[self.next] = then
        self.next += 1
        if self.is_met and not self.resume:
            self._send([command])
        return command.counter

    def ask(self, then, **question):
        """A question, asked once: the answer may never come."""
        if not self.is_met:
            return
        self.last_id += 1
        self.questions = {self.last_id: then}
        message = door_pb.ToDoor()
        message.queries.add(id=self.last_id, **question)
        self._push(message)

    def _push(self, message):
        try:
            self.socket.send(message.SerializeToString(), zmq.NOBLOCK)
        except zmq.Again:
            pass  # not connected for long: said again at the next connection

    def _send(self, commands):
        frame, room = [], FRAME_ROOM
        for command in commands:
            size = command.ByteSize()
            if frame and (size > room or len(frame) == COMMANDS_A_FRAME):
                self._push(door_pb.ToDoor(commands=frame))
                frame, room = [], FRAME_ROOM
            frame.append(command)
            room -= size + 8
        if frame:
            self._push(door_pb.ToDoor(commands=frame))

    def say_again(self, repeats=REPEATS):
        """What has no outcome, behind some of what has one."""
        known = list(self.answered)[-repeats:] if repeats else []
        self._send([self.answered[counter][0] for counter in known] +
                   list(self.waiting.values()))

    def say_all_again(self):
        """Everything ever said: every answer must be there for ever."""
        self._send([command for command, _ in self.answered.values()])

    # ---- hearing

    def look(self):
        """Take what has come; say again what may have been lost."""
        while self.news.poll(0):
            if recv_monitor_message(self.news)["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self.connections += 1
                self._meet()
        for _ in range(200):
            try:
                frame = self.socket.recv(zmq.NOBLOCK)
            except zmq.Again:
                break
            self.heard = time.monotonic()
            self._hear(door_pb.FromDoor.FromString(frame))
        now = time.monotonic()
        if self.resume and now >= self.resume:
            self.resume = 0.0
            if self.is_met:
                self.say_again(0)
        if not self.waiting and self.is_met:
            self.heard = now
        elif now - self.heard > SILENCE_S:
            self.heard = now
            self._meet()

    def _meet(self):
        """Only the Standing that answers this question is one of this connection."""
        self.is_met = False
        self.last_id += 1
        self.met_id = self.last_id
        message = door_pb.ToDoor()
        message.queries.add(id=self.met_id, standing={})
        self._push(message)

    def _hear(self, message):
        if message.HasField("refusal"):
            self.lost.append(f"{self.name}: frame refused: {message.refusal.sentence}")
        for reply in message.replies:
            if reply.id == self.met_id and reply.HasField("standing"):
                self._have_met(reply.standing)
            elif (then := self.questions.pop(reply.id, None)) is not None:
                if not reply.HasField("refusal"):
                    then(reply)
        for outcome in message.outcomes:
            self._take(outcome)

    def _have_met(self, standing):
        known = max(self.answered, default=0)
        if standing.next_counter <= known:
            missing = [c for c in self.answered if c >= standing.next_counter]
            self.lost += [f"{self.name}: {counter} was acknowledged, and is not known"
                          for counter in missing]
            again = {counter: self.answered.pop(counter)[0] for counter in missing}
            self.waiting = {**again, **self.waiting}
        self.is_met = True
        if self.on_met:
            self.on_met(self.speaker)
        self.say_again()

    def _take(self, outcome):
        counter = outcome.counter
        if outcome.refusal.code in TURNED_AWAY:
            if counter in self.waiting:
                self.put_off += outcome.refusal.code == matter_pb.REFUSAL_TRY_LATER
                self.resume = time.monotonic() + PAUSE_S
            return
        encoded = outcome.SerializeToString(deterministic=True)
        if counter in self.answered:
            if self.answered[counter][1] != encoded:
                self.lost.append(f"{self.name}: {counter} was answered otherwise before")
                self.answered[counter] = (self.answered[counter][0], encoded)
        elif counter in self.waiting:
            self.answered[counter] = (self.waiting.pop(counter), encoded)
            took_s = time.monotonic() - self.said_at.pop(counter, time.monotonic())
            self.slowest_s = max(self.slowest_s, took_s)
            if (then := self.then.pop(counter, None)) is not None:
                then(outcome)

    def outcomes(self):
        """(counter, Command, Outcome) of what was acknowledged, in order."""
        for counter in sorted(self.answered):
            command, encoded = self.answered[counter]
            yield counter, command, door_pb.Outcome.FromString(encoded)


# ---- who they are ------------------------------------------------------------------------

LAND = "国土资源/土地征收"  # the land office's, department 11
TEXTS = ("三亩地征收半年，补偿款没有打到卡上。", "路灯坏了三个月，没有人修。", "地界不清。")


class Village(Speaking):
    """A terminal at intake. The share 'placed' goes to the land office by itself."""

    def __init__(self, key, village, folder, placed=0.5, **more):
        super().__init__(key, "intake", **more)
        self.village, self.placed = village, placed
        self.memory = Memory(folder / f"crash-{key.number}.json")
        self.maker = Terminal(self)
        self.slips, self.filed = {}, []  # number: code; numbers with a receipt

    def file(self, text=None, then=None):
        category = LAND if random.random() < self.placed else ""
        filing = self.maker.filing(self.village, text or random.choice(TEXTS),
                                   category=category)
        self.slips[filing.number] = filing.query_code

        def filed(outcome):
            if outcome.HasField("receipt"):
                self.filed.append(outcome.receipt.number)
            if then:
                then(outcome)

        return self.say(filed, file=filing)

    def confirm(self, number):
        self.say(ask={"number": number, "query_code": self.slips[number], "what": 5})


class Printing(Speaking):
    """The same terminal at notification: what is to be printed there is handed over."""

    def __init__(self, key, **more):
        super().__init__(key, "notification", **more)
        self.seen = set()

    def hand_over(self, notice=None):
        self.say(hand_over={"notice": notice or 1 << 40, "handed": True, "to": "王某"})

    def look_for_prints(self, most=8):
        def printed(reply):
            fresh = [item.notice for item in reply.prints.items
                     if item.notice not in self.seen]
            for notice in fresh[:most]:
                self.seen.add(notice)
                self.hand_over(notice)
        if len(self.waiting) < most:
            self.ask(printed, prints={"terminal": self.key.number, "limit": 100})


class Dispatching(Speaking):
    """The dispatcher: what no row placed goes to the land office."""

    def __init__(self, key, **more):
        super().__init__(key, "routing", **more)
        self.seen = set()

    def look_for_work(self, most=8):
        def queued(reply):
            for row in reply.queue.rows[:100]:
                if row.number not in self.seen and len(self.waiting) < most:
                    self.seen.add(row.number)
                    self.say(step=step_command(row.number, "dispatch", department=11,
                                               reason="土地征收引起"))
        if len(self.waiting) < most:
            self.ask(queued, queue={"department": 0, "limit": 100})


class Desk(Speaking):
    """The land office: two workers who claim at once, and the course to its end."""

    WORKERS = (1131, 1132)
    COURSE = (("accept", {}),
              ("decide", {"outcome": "support", "text": "十日内办结。",
                          "legal_basis": "信访工作条例第三十二条"}),
              ("serve", {"means": "in_person", "to": "王某"}),
              ("claim_done", {}))

    def __init__(self, key, **more):
        super().__init__(key, "routing", **more)
        self.seen, self.holders, self.done = set(), {}, []
        self.in_hand = {}  # number: (worker, fencing, steps taken), ready for the next
        self.newest = 0  # number that was claimed last
        self.rivalry = 0.2

    def look_for_work(self, most=6):
        def queued(reply):
            for row in reply.queue.rows:
                if row.number not in self.seen and len(self.waiting) < most:
                    self.seen.add(row.number)
                    self.claim(row.number)
        if len(self.waiting) < most:
            self.ask(queued, queue={"department": 11, "limit": 100})

    def claim(self, number):
        first, second = random.sample(self.WORKERS, 2)
        self._claim_for(number, first)
        if random.random() < self.rivalry:
            self._claim_for(number, second)

    def _claim_for(self, number, worker):
        def claimed(outcome):
            if outcome.HasField("step_done"):
                self.in_hand[number] = (worker, outcome.step_done.fencing, 0)
                self.newest = number
        self.say(claimed, person=worker, step=step_command(number, "claim"))

    def go_on(self, most=6):
        """The next step of what is in hand."""
        while self.in_hand and len(self.waiting) < most:
            number = next(iter(self.in_hand))
            self.next_step(number, *self.in_hand.pop(number))

    def next_step(self, number, worker, fencing, taken):
        step, fields = self.COURSE[taken]

        def stepped(outcome):
            if not outcome.HasField("step_done"):
                return
            if taken + 1 < len(self.COURSE):
                self.in_hand[number] = (worker, fencing, taken + 1)
            else:
                self.done.append(number)
        self.say(stepped, person=worker,
                 step=step_command(number, step, fencing=fencing, **fields))


class Leader(Speaking):
    """A leader in charge at escalation: supervises, with advice in writing."""

    PERSON = 1002

    def __init__(self, key, **more):
        super().__init__(key, "escalation", **more)

    def supervise(self, number):
        self.say(person=self.PERSON,
                 supervise={"number": number, "advice": "请抓紧办理，十日内书面答复。"})


class Watch(Speaking):
    """The operator, who says nothing: hears as soon as a daemon answers again, and how far
    it is."""

    def __init__(self, key, speaker, **more):
        super().__init__(key, speaker, **more)
        self.status = None

    def ask_status(self):
        self.status = None
        if self.is_met:
            self._push(door_pb.ToDoor(control={"verb": 1}))

    def _hear(self, message):
        if message.HasField("control"):
            self.status = message.control.status
        else:
            super()._hear(message)


def load_key(place, name):
    return Key.load(place.key_file(name))
