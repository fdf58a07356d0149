#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What no honest client sends, and what has to come back: hostile.py PLACE ATTACK

Every attack says what it did in a line and fails by an assertion. None of them may move
the counter of the client by more than the commands that were well formed.
"""
import sys
import time
from pathlib import Path

import zmq

from minqing_client import Terminal
from minqing_wire import Door, Key, KeyRefused, Memory, Refused, Unreachable, door_pb

VILLAGE = 340522100001  # of terminal 101


class Attack:
    def __init__(self, place):
        self.place = Path(place)
        self.key = Key.load(self.place / "keys/terminal-101.key")
        self.memory = Memory(self.place / "hostile.json")
        self.door = Door(self.key, "intake", self.memory, patience_s=5)
        self.terminal = Terminal(self.door)

    def next_counter(self):
        return self.door.standing().next_counter

    def command(self, text="事", **more):
        filing = self.terminal.filing(village=VILLAGE, text=text, **more)
        self.memory.save()  # the slip is used up, whatever becomes of it
        standing = self.door.standing()
        return door_pb.Command(counter=standing.next_counter,
                               incarnation=standing.incarnation, file=filing)

    def send(self, *commands):
        """The outcomes of one frame."""
        message = door_pb.ToDoor(commands=commands)
        self.door.send_bytes(message.SerializeToString())
        answer = self.door.receive(5)
        assert answer is not None, "no answer"
        return answer.outcomes

    def refused_frame(self, name, frame):
        before = self.next_counter()
        self.door.send_bytes(frame)
        try:
            answer = self.door.receive(5)
        except Refused as refused:
            assert refused.code == "REFUSAL_MALFORMED", f"{name}: {refused}"
            assert refused.refusal.sentence, f"{name}: no sentence"
            print(f"{name}: {refused}")
        else:
            assert answer is None, f"{name}: was answered {answer}"
            raise AssertionError(f"{name}: nobody said a word")
        assert self.next_counter() == before, f"{name}: a counter was consumed"

    # ---- keys

    def stranger(self):
        """A key that nobody knows is not let in."""
        try:
            Door(self.key.with_new_pair(), "intake", patience_s=3).standing()
        except KeyRefused as refused:
            print(refused)
            return
        raise AssertionError("a stranger was let in")

    def wrong_server(self):
        """Who does not know the daemon's key hears nothing."""
        endpoint, _ = self.key.servers["intake"]
        _, public = self.key.servers["routing"]
        key = Key(self.key.number, self.key.role, self.key.public, self.key.secret,
                  servers={"intake": (endpoint, public)})
        try:
            Door(key, "intake", patience_s=1).standing()
        except (Unreachable, KeyRefused):
            print("silence")
            return
        raise AssertionError("answered although the daemon's key was wrong")

    def naked(self):
        """Without CURVE there is no conversation."""
        socket = zmq.Context.instance().socket(zmq.DEALER)
        socket.linger = 0
        socket.connect(self.key.servers["intake"][0])
        socket.send(door_pb.ToDoor().SerializeToString())
        assert socket.poll(1000) == 0, "answered without a key"
        socket.close()
        print("silence")

    def revoked(self):
        """A key that is taken off the table speaks no more, connected or not."""
        self.door.standing()
        print("connected", flush=True)
        try:
            for _ in range(200):
                self.door.standing()
                time.sleep(0.05)
        except Refused as refused:
            assert refused.code == "REFUSAL_UNKNOWN_CLIENT", str(refused)
            print(refused)
            return
        raise AssertionError("a revoked key was still answered")

    # ---- frames

    def too_large(self):
        """More than a frame may have ends the connection; the next one is served."""
        before = self.next_counter()
        self.door.send_bytes(bytes(200 * 1024))
        deadline = time.monotonic() + 5
        while self.door.disconnected == 0 and time.monotonic() < deadline:
            assert self.door.receive(0.1) is None
        assert self.door.disconnected == 1, "the connection lives on"
        assert self.next_counter() == before
        print("disconnected")

    def malformed(self):
        """What is no message of the protocol is refused with a sentence."""
        whole = door_pb.ToDoor(commands=[self.command()]).SerializeToString()
        filing = self.command()

        def changed(change):
            command = door_pb.Command()
            command.CopyFrom(filing)
            change(command)
            return door_pb.ToDoor(commands=[command]).SerializePartialToString()

        def part(tag, data):
            """A length-delimited field."""
            size, encoded = len(data), b""
            while size > 127:
                encoded += bytes([size & 127 | 128])
                size >>= 7
            return bytes([tag << 3 | 2]) + encoded + bytes([size]) + data

        def nested(matter):
            """The command with other bytes for its Matter."""
            file = filing.file.SerializeToString().replace(
                part(4, filing.file.matter.SerializeToString()), part(4, matter))
            head = door_pb.Command(counter=filing.counter, incarnation=filing.incarnation)
            return part(1, head.SerializeToString() + part(10, file))

        def raw(field, value):
            """A Matter with one more field."""
            return nested(filing.file.matter.SerializeToString() + field + value)

        deep = b""
        for _ in range(1000):
            deep = part(2, deep)

        def clear_number(command):
            command.file.ClearField("number")

        self.refused_frame("noise", b"\xff" * 64)
        self.refused_frame("cut", whole[:-7])
        self.refused_frame("another type", b"\x08\x01")
        self.refused_frame("required missing", changed(clear_number))
        self.refused_frame("purpose 99", nested(
            filing.file.matter.SerializeToString().replace(b"\x18\x02", b"\x18\x63")))
        self.refused_frame("village twice", raw(b"\x08", b"\x01"))
        self.refused_frame("no UTF-8", raw(b"\x12", b"\x02\xff\xfe"))
        self.refused_frame("U+0000", raw(b"\x12", b"\x03a\x00b"))
        self.refused_frame("unknown field", raw(b"\xf8\x7f", b"\x01"))
        self.refused_frame("text too long",
                           changed(lambda c: setattr(c.file.statement, "text",
                                                     "长" * 20001)))
        self.refused_frame("nested", deep)
        self.refused_frame("fields without end", b"\x12\x00" * 50000)

    def fuzz(self):
        """Random damage to honest frames: refused, answered or dropped, never fatal."""
        import random
        generator = random.Random(20261123)
        for _ in range(300):
            frame = bytearray(door_pb.ToDoor(
                commands=[self.command_cached()]).SerializeToString())
            for _ in range(generator.randrange(1, 4)):
                frame[generator.randrange(len(frame))] ^= 1 << generator.randrange(8)
            self.door.send_bytes(bytes(frame))
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                self.next_counter()
                break
            except Refused:
                continue
        print("still there")

    def command_cached(self):
        if not hasattr(self, "cached"):
            self.cached = self.command()
        return self.cached

    # ---- counters

    def gap(self):
        """A counter ahead of the next consumes nothing and says where to go on."""
        command = self.command()
        expected = command.counter
        command.counter += 5
        outcome, = self.send(command)
        assert outcome.refusal.code == 19, outcome  # REFUSAL_GAP
        assert outcome.refusal.next_counter == expected
        assert self.next_counter() == expected
        print(outcome.refusal.sentence)

    def conflict(self):
        """The same counter with other content is no repeat; a repeat is."""
        command = self.command(text="第一种说法")
        first, = self.send(command)
        assert first.HasField("receipt"), first
        repeat, = self.send(command)
        assert repeat == first, "a repeat got another answer"
        command.file.statement.text = "第二种说法"
        outcome, = self.send(command)
        assert outcome.refusal.code == 18, outcome  # REFUSAL_CONFLICT
        assert self.next_counter() == command.counter + 1
        print(outcome.refusal.sentence)

    def stale_incarnation(self):
        """An incarnation that was never opened says nothing."""
        command = self.command()
        command.incarnation += 3
        outcome, = self.send(command)
        assert outcome.refusal.code == 20, outcome  # REFUSAL_INCARNATION
        assert outcome.refusal.incarnation == command.incarnation - 3
        print(outcome.refusal.sentence)

    # ---- content

    def refused_between_two(self):
        """A refused filing consumes its counter, is remembered, and blocks nothing."""
        first = self.command(text="前一件")
        bad = self.command(text="没有这个村")
        last = self.command(text="后一件")
        bad.counter, last.counter = first.counter + 1, first.counter + 2
        bad.file.matter.village = 340522100999
        outcomes = self.send(first, bad, last)
        assert [outcome.HasField("receipt") for outcome in outcomes] == [True, False, True]
        assert outcomes[1].refusal.code == 5, outcomes[1]  # REFUSAL_UNKNOWN_VILLAGE
        assert outcomes[1].refusal.field == "matter.village"
        repeat, = self.send(bad)
        assert repeat == outcomes[1], "the repeat of a refusal got another answer"
        assert self.next_counter() == first.counter + 3
        print(outcomes[1].refusal.sentence)

    def foreign_village(self):
        """A terminal files for its own territory only."""
        command = self.command()
        command.file.matter.village = 340522100002
        outcome, = self.send(command)
        assert outcome.refusal.code == 4, outcome  # REFUSAL_TERRITORY
        print(outcome.refusal.sentence)

    def foreign_number(self):
        """A number says which terminal made it."""
        command = self.command()
        command.file.number += 100000
        outcome, = self.send(command)
        assert outcome.refusal.code == 9, outcome  # REFUSAL_BAD_NUMBER
        print(outcome.refusal.sentence)

    def foreign_step(self):
        """A terminal takes no steps at routing, and asks for no queue."""
        door = Door(self.key, "routing", self.memory, patience_s=5)
        for attempt in (lambda: door.command(step={"number": 1, "step": 2}),
                        lambda: door.ask(queue={"department": 11}),
                        lambda: door.control(1)):
            try:
                attempt()
            except Refused as refused:
                assert refused.code in ("REFUSAL_NO_RIGHT", "REFUSAL_TERRITORY"), refused
                print(refused)
            else:
                raise AssertionError("a terminal was let do what is the dispatcher's")


def main():
    attack = Attack(sys.argv[1])
    if len(sys.argv) == 3 and hasattr(attack, sys.argv[2]):
        getattr(attack, sys.argv[2])()
        return 0
    print("usage: hostile.py PLACE ATTACK", file=sys.stderr)
    return 64


if __name__ == "__main__":
    sys.exit(main())
