#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A second client of Minqing, written from proto/minqing/v1/*.proto alone.

It shares no line with the daemons or with the 'minqing' command: what works here works
from the protocol as it is written down.

    key = Key.load("keys/terminal-101.key")
    terminal = Terminal(Door(key, "intake", Memory("terminal-101.json")))
    slip, receipt = terminal.file(village=340522100001, text="...")

The lower half, the connection and the counters, is minqing_wire.py.
"""
import argparse
import hashlib
import json
import struct
import sys
import time

from google.protobuf.json_format import MessageToDict

from minqing_wire import (SPEAKERS, Door, Key, KeyRefused, Memory, Refused, Unreachable,
                          civil_day, door_pb, matter_pb, now_ms, number_format,
                          number_make, number_parse, query_code_make, second_of_day)
from minqing.v1 import control_pb2 as control_pb
from minqing.v1 import escalation_pb2 as escalation_pb
from minqing.v1 import intake_pb2 as intake_pb
from minqing.v1 import journal_pb2 as journal_pb
from minqing.v1 import routing_pb2 as routing_pb


# ---- what people do ----------------------------------------------------------------------

class Terminal:
    """A village terminal: makes slips, files, asks."""

    def __init__(self, door):
        self.door = door

    def slip(self):
        now = now_ms()
        day = civil_day(now)
        serial = self.door.memory.next_serial(day, second_of_day(now))
        return number_make(day, self.door.key.number, serial), query_code_make()

    def filing(self, village, text, title="", purpose="request", category="", name="",
               telephone="", accused=(), **matter):
        """A Filing on a new slip. Accusations are sealed for the discipline organ."""
        number, code = self.slip()
        filing = intake_pb.Filing(number=number, query_code=code, filed_at_ms=now_ms())
        filing.matter.village = village
        filing.matter.terminal = self.door.key.number
        filing.matter.purpose = matter_pb.Purpose.Value(f"PURPOSE_{purpose.upper()}")
        if category:
            filing.matter.category = category
        for field, value in matter.items():
            setattr(filing.matter, field, value)
        for department in accused:
            filing.accused.add(department=department)
        statement = intake_pb.Statement(text=text)
        if title:
            statement.title = title
        if name:
            statement.person.name = name
        if telephone:
            statement.person.telephone = telephone
        seal_key = self.door.standing().seal_key if purpose == "accusation" else b""
        if seal_key:
            from nacl.public import PublicKey, SealedBox
            box = SealedBox(PublicKey(seal_key))
            filing.sealed = box.encrypt(statement.SerializeToString())
            filing.matter.sealed = True
        else:
            filing.statement.CopyFrom(statement)
        return filing

    def file(self, **what):
        """The slip (number, code) and the Receipt."""
        filing = self.filing(**what)
        receipt = self.door.command(file=filing).receipt
        return (filing.number, filing.query_code), receipt

    def course(self, number, code="", not_before=None):
        question = {"course": {"number": number}}
        if code:
            question["course"]["query_code"] = code
        if not_before:
            question["not_before"] = {"speaker": not_before[0], "sequence": not_before[1]}
        return self.door.ask(**question).course

    def ask_for(self, what, number, code, **more):
        asked = intake_pb.Asked.Value(f"ASKED_{what.upper()}")
        ask = {"number": number, "query_code": code, "what": asked, **more}
        return self.door.command(ask=ask).recorded


STEP_WORDS = {"outcome": (routing_pb.DecisionOutcome, "OUTCOME"),
              "close_reason": (routing_pb.CloseReason, "CLOSE"),
              "means": (routing_pb.Means, "MEANS"),
              "contacted": (routing_pb.Contacted, "CONTACTED"),
              "ground": (matter_pb.Ground, "GROUND"),
              "purpose": (matter_pb.Purpose, "PURPOSE")}


def enum_value(kind, prefix, word):
    return kind.Value(f"{prefix}_{word.upper().replace('-', '_')}")


def step_command(number, step, **fields):
    """A StepCommand as a dict, with words for its enums: ("serve", means="post", to=…)."""
    for name, (kind, prefix) in STEP_WORDS.items():
        if isinstance(fields.get(name), str):
            fields[name] = enum_value(kind, prefix, fields[name])
    return {"number": number, "step": enum_value(routing_pb.Step, "STEP", step), **fields}


class Office:
    """A dispatcher, a desk, a head or a leader: all speak to routing in steps."""

    def __init__(self, door, person=0):
        self.door, self.person = door, person

    def queue(self, department=0, **question):
        return self.door.ask(queue={"department": department, **question}).queue

    def item(self, number):
        return self.door.ask(item={"number": number}).item

    def step(self, number, step, **fields):
        """A StepDone. step ("decide", outcome="support", text=...)"""
        return self.door.command(person=self.person,
                                 step=step_command(number, step, **fields)).step_done

    def dispatch(self, number, department, reason=""):
        fields = {"reason": reason} if reason else {}
        return self.step(number, "dispatch", department=department, **fields)

    def subscribe(self, department, credit):
        message = door_pb.ToDoor(subscribe={"department": department, "credit": credit})
        self.door.send_bytes(message.SerializeToString())

    def offers(self, count, timeout_s=10):
        """Rows as they are pushed, until there are 'count' or the time is over."""
        rows, deadline = [], time.monotonic() + timeout_s
        while len(rows) < count and (left := deadline - time.monotonic()) > 0:
            message = self.door.receive(left)
            rows += [offer.row for offer in message.offers] if message else []
        return rows


# ---- journals ------------------------------------------------------------------------------

def leaf_hash(header, body_hash):
    """journal.proto: 0x00, length of the header, header, hash of the body or zeros."""
    leaf = b"\x00" + struct.pack(">I", len(header)) + header + (body_hash or bytes(32))
    return hashlib.sha256(leaf).digest()


def tree_root(leaves):
    """RFC 6962 section 2.1, as it is defined there."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = tree_root(leaves[:half]), tree_root(leaves[half:])
    return hashlib.sha256(b"\x01" + left + right).digest()


class Follower:
    """Reads a journal with the operator's key and holds it against what the daemon says."""

    CREDIT = 1000

    def __init__(self, door):
        self.door = door
        self.entries, self.leaves = [], []

    def read(self, until):
        """Entries up to sequence 'until', each one in order."""
        follow = {"after": len(self.entries), "credit": self.CREDIT}
        if self.leaves:
            follow["after_hash"] = self.leaves[-1]
        self.door.send_bytes(door_pb.ToDoor(follow=follow).SerializeToString())
        while len(self.entries) < until:
            message = self.door.receive(self.door.patience_s)
            if message is None:
                raise Unreachable(f"{self.door.speaker} says no entries")
            if message.HasField("follow_refused"):
                raise Refused(matter_pb.Refusal(code=matter_pb.REFUSAL_NO_RIGHT,
                                                sentence=str(message.follow_refused)))
            taken = len(message.entries.entries)
            for followed in message.entries.entries:
                self._take(followed)
            if taken:
                credit = {"acted": len(self.entries), "credit": taken}
                self.door.send_bytes(
                    door_pb.ToDoor(follow_credit=credit).SerializeToString())
        return self.entries

    def _take(self, followed):
        entry = journal_pb.Entry.FromString(followed.header)
        if entry.sequence != len(self.entries) + 1:
            raise ValueError(f"entry {entry.sequence} after {len(self.entries)}")
        if followed.body and hashlib.sha256(followed.body).digest() != followed.body_hash:
            raise ValueError(f"entry {entry.sequence}: the body has another hash")
        self.entries.append(entry)
        self.leaves.append(leaf_hash(followed.header, followed.body_hash))

    def prove(self):
        """(entries, root) if the tree over them is the daemon's; else ValueError."""
        status = self.door.control(control_pb.CONTROL_STATUS).status
        self.read(status.head)
        root = tree_root(self.leaves[:status.head])
        if root != status.root:
            raise ValueError(f"{self.door.speaker}: another root than the daemon's")
        return status.head, root


# ---- the command -----------------------------------------------------------------------------

EXAMPLE = """example:
  minqing_client.py --key keys/terminal-101.key --memory t101.json file \\
      --village 340522100001 --category 国土资源/土地征收 --text '补偿款没有到卡'
  minqing_client.py --key keys/desk-11.key --memory d11.json --person 1131 \\
      step 20261123-00101-00001-8 claim
"""
EX_DATAERR, EX_TEMPFAIL, EX_NOPERM = 65, 75, 77


def show(message, **more):
    shown = {**more, **MessageToDict(message, preserving_proto_field_name=True)}
    print(json.dumps(shown, ensure_ascii=False))


def run_file(door, said):
    (number, code), receipt = Terminal(door("intake")).file(
        village=said.village, text=said.text, title=said.title, purpose=said.purpose,
        category=said.category, name=said.name, telephone=said.telephone,
        accused=said.accused)
    show(receipt, slip=number_format(number), code=code)


def run_query(door, said):
    course = Terminal(door("intake")).course(number_parse(said.number), said.code or "")
    show(course, slip=said.number, state_name=routing_pb.State.Name(course.state))


def run_queue(door, said):
    office = Office(door("routing"))
    for row in office.queue(said.department, candidates=True, limit=said.limit).rows:
        show(row, slip=number_format(row.number))


def run_dispatch(door, said):
    done = Office(door("routing"), said.person).dispatch(
        number_parse(said.number), said.department, said.reason)
    show(done, slip=said.number)


def run_offers(door, said):
    desk = Office(door("routing"))
    desk.subscribe(said.department, said.count)
    for row in desk.offers(said.count):
        show(row, slip=number_format(row.number))


STEP_FIELDS = [field.name for field in routing_pb.StepCommand.DESCRIPTOR.fields
               if field.name not in ("number", "step")]


def run_step(door, said):
    fields = {name: value for name, value in vars(said).items()
              if value and name in STEP_FIELDS}
    if "link_to" in fields:
        fields["link_to"] = number_parse(fields["link_to"])
    done = Office(door("routing"), said.person).step(number_parse(said.number), said.step,
                                                    **fields)
    show(done, slip=said.number)


def run_open(door, said):
    """The discipline organ's: the secret key never leaves its own machine."""
    from nacl.public import PrivateKey, SealedBox
    item = Office(door("routing"), said.person).item(number_parse(said.number))
    box = SealedBox(PrivateKey(bytes.fromhex(said.secret)))
    show(intake_pb.Statement.FromString(box.decrypt(item.sealed)), slip=said.number)


def run_raises(door, said):
    number = number_parse(said.number) if said.number else 0
    for row in door("escalation").ask(raises={"number": number}).raises.rows:
        show(row, slip=number_format(row.number))


def run_answer(door, said):
    answer = {"raise": said.number, "text": said.text}
    if said.adoption:
        answer["adoption"] = enum_value(escalation_pb.Adoption, "ADOPTION", said.adoption)
    show(door("escalation").command(person=said.person, answer_raise=answer))


def run_supervise(door, said):
    advice = {"number": number_parse(said.number), "advice": said.advice}
    show(door("escalation").command(person=said.person, supervise=advice))


def run_documents(door, said):
    question = {"number": number_parse(said.number)}
    if said.sequence:
        question["sequence"] = said.sequence
    if said.code:
        question["query_code"] = said.code
    for row in door(said.speaker).ask(documents=question).documents.rows:
        show(row, slip=said.number)


def run_ask(door, said):
    ratings = {name: value for name, value in vars(said).items()
               if value and name.startswith("rating_")}
    if said.reason:
        ratings["reason"] = said.reason
    if said.ground:
        ratings["ground"] = enum_value(matter_pb.Ground, "GROUND", said.ground)
    show(Terminal(door("intake")).ask_for(said.what, number_parse(said.number), said.code,
                                         **ratings), slip=said.number)


def run_prove(door, said):
    entries, root = Follower(door(said.speaker)).prove()
    print(json.dumps({"speaker": said.speaker, "entries": entries, "root": root.hex()}))


def run_standing(door, said):
    show(door(said.speaker).standing())


def parse():
    parser = argparse.ArgumentParser(
        epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Speak with Minqing's daemons by the protocol alone.")
    parser.add_argument("--key", required=True, help="enrolment file")
    parser.add_argument("--memory", help="counters and unanswered commands [KEY.json]")
    parser.add_argument("--person", type=int, default=0, help="who acts")
    verbs = parser.add_subparsers(dest="verb", required=True)

    def verb(name, run, help_text, /, **arguments):
        sub = verbs.add_parser(name, help=help_text)
        sub.set_defaults(run=run)
        for argument, options in arguments.items():
            is_option = options.pop("option", False)
            sub.add_argument(f"--{argument.replace('_', '-')}" if is_option else argument,
                             **options)

    def option(**more):
        return {"option": True, **more}

    verb("file", run_file, "file a grievance", village=option(type=int, required=True),
         text=option(required=True), title=option(default=""),
         purpose=option(default="request"), category=option(default=""),
         name=option(default=""), telephone=option(default=""),
         accused=option(type=int, nargs="*", default=[]))
    verb("query", run_query, "the course of a grievance", number={}, code={"nargs": "?"})
    verb("queue", run_queue, "what waits; department 0 is the dispatcher's",
         department={"type": int, "nargs": "?", "default": 0},
         limit=option(type=int, default=50))
    verb("dispatch", run_dispatch, "name the department", number={},
         department={"type": int}, reason=option(default=""))
    verb("offers", run_offers, "subscribe and show what is pushed",
         department={"type": int}, count=option(type=int, default=1))
    verb("step", run_step, "one step of the course", number={}, step={},
         fencing=option(type=int), department=option(type=int),
         assisting=option(type=int, nargs="*"), worker=option(type=int), outcome=option(),
         close_reason=option(), reason=option(), text=option(), legal_basis=option(),
         ground=option(), purpose=option(), category=option(), link_to=option(),
         means=option(), to=option(), done_at_ms=option(type=int), contacted=option(),
         level=option(type=int), persons=option(type=int))
    verb("open", run_open, "a sealed accusation, with the organ's secret key", number={},
         secret=option(required=True))
    verb("raises", run_raises, "what was raised over a grievance, or is open",
         number={"nargs": "?"})
    verb("answer", run_answer, "answer a raise in writing", number={"type": int},
         text=option(required=True), adoption=option())
    verb("supervise", run_supervise, "formal pressure, with advice", number={},
         advice=option(required=True))
    verb("documents", run_documents, "the legal documents: all, or one with its text",
         number={}, sequence=option(type=int), code=option(),
         speaker=option(choices=("routing", "intake"), default="routing"))
    verb("ask", run_ask, "withdraw, rate, dispute, review, confirm", number={}, code={},
         what={}, reason=option(), ground=option(),
         **{f"rating_{name}": option(type=int, choices=(1, 2, 3)) for name in
            ("reception", "department", "reception_manner", "department_manner")})
    verb("prove", run_prove, "read a journal, hold its tree against the daemon's",
         speaker={"choices": SPEAKERS})
    verb("standing", run_standing, "what a daemon knows of this key",
         speaker={"choices": SPEAKERS})
    return parser.parse_args()


def main():
    said = parse()
    key = Key.load(said.key)
    memory = Memory(said.memory or said.key + ".json")
    try:
        said.run(lambda speaker: Door(key, speaker, memory), said)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return EX_DATAERR
    except KeyRefused as refused:
        print(refused, file=sys.stderr)
        return EX_NOPERM
    except Unreachable as unreachable:
        print(unreachable, file=sys.stderr)
        return EX_TEMPFAIL
    return 0


if __name__ == "__main__":
    sys.exit(main())
