# SPDX-License-Identifier: Apache-2.0
"""The second client's lower half: slips, keys, counters, and a connection to a daemon.

Counters: a command is in the memory, with its counter and on the disk, before it is first
sent; there it stays until its outcome has arrived. Sent again it is the same command, and
the daemon gives the same answer.
"""
import json
import os
import secrets
import time
from pathlib import Path

import minqing_protos  # noqa: F401
import zmq
from zmq.utils import z85
from zmq.utils.monitor import recv_monitor_message

from minqing.v1 import door_pb2 as door_pb  # noqa: E402
from minqing.v1 import journal_pb2 as journal_pb  # noqa: E402
from minqing.v1 import limits_pb2 as limits_pb  # noqa: E402
from minqing.v1 import matter_pb2 as matter_pb  # noqa: E402

FRAME_ROOM = 96 * 1024  # of the 128 KiB a frame may have
BEIJING_S = 8 * 3600
SPEAKERS = {"intake": journal_pb.SPEAKER_INTAKE,
            "routing": journal_pb.SPEAKER_ROUTING,
            "escalation": journal_pb.SPEAKER_ESCALATION,
            "notification": journal_pb.SPEAKER_NOTIFICATION}


class Refused(Exception):
    """The daemon refused; 'refusal' says why."""

    def __init__(self, refusal):
        self.refusal = refusal
        self.code = matter_pb.RefusalCode.Name(refusal.code)
        super().__init__(f"{self.code}: {refusal.sentence} [{refusal.field}]")


class KeyRefused(Exception):
    """The door did not let our key in."""


class Unreachable(Exception):
    """No answer in time."""


# ---- the slip: grievance number and query code ----------------------------------------

def check_character(digits):
    """ISO 7064 MOD 11-2."""
    product = 0
    for digit in digits:
        product = (product + int(digit)) * 2 % 11
    return "0123456789X"[(12 - product) % 11]


def number_make(day, terminal, serial):
    """day as YYYYMMDD; the 18 digits as the protocol carries them."""
    return int(f"{day}{terminal:05}{serial:05}")


def number_format(number):
    digits = f"{number:018}"
    return f"{digits[:8]}-{digits[8:13]}-{digits[13:]}-{check_character(digits)}"


def number_parse(text):
    digits = text.replace("-", "").upper()
    if len(digits) != 19 or not digits[:18].isdigit():
        raise ValueError(f"{text}: a grievance number has 18 digits and a check character")
    if check_character(digits[:18]) != digits[18]:
        raise ValueError(f"{text}: the check character is wrong")
    return int(digits[:18])


def query_code_make():
    """40 random bits in Crockford's base32."""
    bits = secrets.randbits(40)
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "".join(alphabet[bits >> shift & 31] for shift in range(35, -1, -5))


def now_ms():
    return time.time_ns() // 1_000_000


def civil_day(time_ms):
    return time.strftime("%Y%m%d", time.gmtime(time_ms // 1000 + BEIJING_S))


def second_of_day(time_ms):
    return (time_ms // 1000 + BEIJING_S) % 86400


# ---- what is on the disk: the key and the memory ---------------------------------------

class Key:
    """An enrolment file: whose key it is, the key, and where the daemons are."""

    def __init__(self, number, role, public, secret, incarnation=1, servers=None):
        self.number, self.role, self.incarnation = number, role, incarnation
        self.public, self.secret = public, secret
        self.servers = servers or {}  # speaker: (endpoint, public key)

    @classmethod
    def load(cls, path):
        values = {}
        names = []
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            depth = (len(line) - len(line.lstrip())) // 4
            name, _, value = line.strip().partition(" = ")
            names[depth:] = [name]
            values["/".join(names)] = value.strip('"')
        servers = {speaker: (values[f"servers/{speaker}/connect"],
                             bytes.fromhex(values[f"servers/{speaker}/public"]))
                   for speaker in SPEAKERS if f"servers/{speaker}/connect" in values}
        return cls(int(values["number"]), values["role"],
                   bytes.fromhex(values["public"]), bytes.fromhex(values["secret"]),
                   int(values["incarnation"]), servers)

    def with_new_pair(self):
        """The same client with a key that nobody knows."""
        public, secret = (z85.decode(part) for part in zmq.curve_keypair())
        return Key(self.number, self.role, public, secret, self.incarnation, self.servers)


class Memory:
    """Counters, and commands that have no outcome yet; durable when 'save' returns."""

    def __init__(self, path):
        self.path = Path(path)
        self.state = {"doors": {}, "serials": {}}
        if self.path.exists():
            self.state = json.loads(self.path.read_text(encoding="utf-8"))

    def door(self, speaker):
        """None before the first meeting."""
        return self.state["doors"].get(speaker)

    def open_door(self, speaker, incarnation):
        door = {"incarnation": incarnation, "next": 1, "said": {}}
        self.state["doors"][speaker] = door
        return door

    def next_serial(self, day, second):
        """Serials of a day rise. A fresh memory may stand for one that was lost today:
        it begins where that one, at less than a slip a second, cannot have been."""
        first = 0 if self.state["serials"] else second
        serial = self.state["serials"].get(day, first) + 1
        self.state["serials"] = {day: serial}
        return serial

    def save(self):
        draft = self.path.with_suffix(".new")
        with open(draft, "w", encoding="utf-8") as file:
            json.dump(self.state, file)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


# ---- a connection ----------------------------------------------------------------------

class Line:
    """DEALER with CURVE. Sent is not said: only an answer counts."""

    context = zmq.Context.instance()
    RECONNECT_MS = 100

    def __init__(self, key, speaker):
        endpoint, server_key = key.servers[speaker]
        self.speaker = speaker
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.curve_serverkey = server_key
        self.socket.curve_publickey = key.public
        self.socket.curve_secretkey = key.secret
        self.socket.reconnect_ivl = self.RECONNECT_MS
        self.news = self.socket.get_monitor_socket(
            zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_HANDSHAKE_FAILED_AUTH |
            zmq.EVENT_DISCONNECTED)
        self.disconnected = 0
        self.socket.connect(endpoint)

    def close(self):
        self.socket.disable_monitor()
        self.socket.close()

    def _take_news(self):
        while self.news.poll(0):
            event = recv_monitor_message(self.news)["event"]
            if event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                raise KeyRefused(f"{self.speaker} does not let this key in")
            self.disconnected += event == zmq.EVENT_DISCONNECTED

    def send_bytes(self, frame):
        self.socket.send(frame)

    def receive(self, timeout_s):
        """The next FromDoor, or None. A refusal of the whole frame is raised."""
        poller = zmq.Poller()
        poller.register(self.socket, zmq.POLLIN)
        poller.register(self.news, zmq.POLLIN)
        deadline = time.monotonic() + timeout_s
        while (left := deadline - time.monotonic()) > 0:
            ready = dict(poller.poll(left * 1000))
            if self.news in ready:
                self._take_news()
            if self.socket in ready:
                message = door_pb.FromDoor.FromString(self.socket.recv())
                if message.HasField("refusal"):
                    raise Refused(message.refusal)
                return message
        return None


class Door(Line):
    """Questions, and commands that are taken exactly once."""

    def __init__(self, key, speaker, memory=None, patience_s=10):
        super().__init__(key, speaker)
        self.key, self.memory, self.patience_s = key, memory, patience_s
        self.last_id = 0

    # -- questions

    def ask(self, **question):
        """ask (queue={...}): the Reply. Asked again every second: it costs nothing."""
        self.last_id += 1
        message = door_pb.ToDoor()
        message.queries.add(id=self.last_id, **question)
        deadline = time.monotonic() + self.patience_s
        while time.monotonic() < deadline:
            self.send_bytes(message.SerializeToString())
            again = time.monotonic() + 1
            while (left := again - time.monotonic()) > 0:
                answer = self.receive(left)
                for reply in answer.replies if answer else []:
                    if reply.id == self.last_id:
                        if reply.HasField("refusal"):
                            raise Refused(reply.refusal)
                        return reply
        raise Unreachable(f"{self.speaker} does not answer")

    def standing(self):
        return self.ask(standing={}).standing

    def control(self, verb):
        """A ControlReply, for the operator's key."""
        message = door_pb.ToDoor(control={"verb": verb})
        self.send_bytes(message.SerializeToString())
        deadline = time.monotonic() + self.patience_s
        while (left := deadline - time.monotonic()) > 0:
            answer = self.receive(left)
            if answer and answer.HasField("control"):
                return answer.control
        raise Unreachable(f"{self.speaker} does not answer")

    # -- commands

    def meet(self):
        """Compare what the daemon knows of us with what we know."""
        standing = self.standing()
        door = self.memory.door(self.speaker)
        if door is None and standing.next_counter == 1:
            door = self.memory.open_door(self.speaker, standing.incarnation)
        elif door is None:
            # Our disk was lost: what was said under this key is not ours to repeat.
            door = self.memory.open_door(self.speaker, standing.incarnation + 1)
            self._write_down(door, door_pb.Command(enrol={"why": "memory lost"},
                                                   counter=0, incarnation=0))
        return door

    def _write_down(self, door, command):
        command.counter = door["next"]
        command.incarnation = door["incarnation"]
        door["said"][str(command.counter)] = command.SerializeToString().hex()
        door["next"] += 1
        return command.counter

    def say(self, commands):
        """Take every command to its outcome; returns them in order."""
        door = self.meet()
        counters = [self._write_down(door, command) for command in commands]
        self.memory.save()
        outcomes = self._send_until_answered(door)
        self.memory.save()
        return [outcomes[counter] for counter in counters]

    def command(self, person=0, **what):
        """One command: its Outcome. A recorded refusal is raised."""
        command = door_pb.Command(counter=0, incarnation=0, **what)
        if person:
            command.person = person
        outcome, = self.say([command])
        if outcome.HasField("refusal"):
            raise Refused(outcome.refusal)
        return outcome

    def _send_unanswered(self, door):
        message, room = door_pb.ToDoor(), FRAME_ROOM
        for counter in sorted(map(int, door["said"])):
            encoded = bytes.fromhex(door["said"][str(counter)])
            is_full = room < len(encoded) or len(message.commands) == limits_pb.LIMIT_COMMANDS
            if message.commands and is_full:
                self.send_bytes(message.SerializeToString())
                message, room = door_pb.ToDoor(), FRAME_ROOM
            message.commands.add().ParseFromString(encoded)
            room -= len(encoded) + 8
        if message.commands:
            self.send_bytes(message.SerializeToString())

    def _send_until_answered(self, door):
        """Also what was answered and got lost on the way: a repeat costs nothing."""
        outcomes, pause_s = {}, 0.05
        deadline = time.monotonic() + self.patience_s
        while door["said"]:
            self._send_unanswered(door)
            self._take_outcomes(door, outcomes)
            if door["said"] and time.monotonic() > deadline:
                raise Unreachable(f"{self.speaker} gives no outcome; it is kept")
            if door["said"]:
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, 1)
        return outcomes

    def _take_outcomes(self, door, outcomes):
        """Until all are there, or nothing comes, or one says "not yet"."""
        while door["said"]:
            message = self.receive(1)
            if message is None:
                return
            for outcome in message.outcomes:
                code = outcome.refusal.code
                if code in (matter_pb.REFUSAL_GAP, matter_pb.REFUSAL_TRY_LATER):
                    return
                if code in (matter_pb.REFUSAL_INCARNATION, matter_pb.REFUSAL_CONFLICT):
                    raise Refused(outcome.refusal)
                if door["said"].pop(str(outcome.counter), None) is not None:
                    outcomes[outcome.counter] = outcome
