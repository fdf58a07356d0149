#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that drip bytes, flood, or never read, beside honest ones.

Each attack runs in a process of its own (pressure.py ATTACK PLACE) for a few seconds, over
the daemons' real doors. What is measured: the anonymous memory of each daemon, and how long
honest clients waited for an outcome. Both are bounded.

Followers who never read come when journals are long, and at last they do read: what they find
in their connections is all that was sent to them, and the rest was kept from them. Meanwhile
the source takes as many filings a second as without them.
"""
import json
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from place import Broken, Place

MEMORY_KIB = 64 * 1024   # RssAnon of a daemon, whatever is done to it
# An operator who follows and never reads is sent so much and no more, each time that he says
# Follow on a connection, and not often (FOLLOWER_BYTES of the core; a frame may be beyond it).
WINDOW_KIB, FRAME_KIB = 4 * 1024, 256
FOLLOWS_UNREAD = 5  # UNREAD_BYTES, and the last
DEAF = 4
FEW = 500                # the credit of every other of them

ROWS, ROWS_A_FILL = 40_000, 10_000
ENTRIES_LEAST = 20_000   # in each journal before anybody follows it from its beginning
SLOWER = 3               # filings with deaf followers take at most so many times as long
READ_S, READ_MOST_S = 1.0, 8.0  # nothing came for so long: that was all
DELAY_S = 3.0            # an honest client's outcome, at the latest
ATTACK_S, LONG_ATTACK_S = 1.5, 20
FAR_BEHIND_S = 2.0
BEHIND = ("followers", "far_behind")  # these want long journals
VILLAGE = 340522100010
CONNECTIONS = 150


# ---- attacks -----------------------------------------------------------------------------

def raw(key, speaker):
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(0.2)
    line.connect(key.servers[speaker][0].removeprefix("ipc://"))
    return line


def again(lines, at, key, speaker):
    """A connection in place of one that was cut."""
    try:
        lines[at] = raw(key, speaker)
    except OSError:
        lines[at] = None


def attack_drip(keys, until):
    """Connections that say a byte of their greeting now and then."""
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00CURVE" + bytes(60)
    lines = [None] * CONNECTIONS
    sent = [0] * CONNECTIONS
    while time.monotonic() < until():
        for at in range(CONNECTIONS):
            speaker = ("intake", "routing")[at % 2]
            if lines[at] is None:
                again(lines, at, keys["terminal-101"], speaker)
                sent[at] = 0
                continue
            try:
                lines[at].send(greeting[sent[at] % len(greeting):][:1])
                sent[at] += 1
            except OSError:
                lines[at].close()
                lines[at] = None
        time.sleep(0.05)


def attack_noise(keys, until):
    """What is no greeting at all, as much as goes through."""
    while time.monotonic() < until():
        for speaker in ("intake", "routing", "escalation", "notification"):
            try:
                with raw(keys["terminal-101"], speaker) as line:
                    line.sendall(b"\xff" * 65536)
            except OSError:
                pass


def deaf(key, speaker):
    """A connection with a good key whose owner never reads: nor does its library for him."""
    import zmq
    from minqing_wire import Line
    line = Line(key, speaker)
    endpoint = key.servers[speaker][0]
    line.socket.disconnect(endpoint)
    line.socket.setsockopt(zmq.RCVHWM, 1)
    line.socket.setsockopt(zmq.RCVBUF, 4096)
    line.socket.setsockopt(zmq.SNDTIMEO, 50)
    line.socket.connect(endpoint)
    return line


def push(line, frame):
    import zmq
    try:
        line.socket.send(frame)
    except zmq.Again:
        pass


def attack_flood(keys, until):
    """Questions without end, and no answer is read."""
    from minqing_wire import door_pb
    message = door_pb.ToDoor()
    for at in range(64):
        message.queries.add(id=at + 1, standing={})
    frame = message.SerializeToString()
    lines = [deaf(keys["terminal-104"], "intake"), deaf(keys["desk-12"], "routing")]
    while time.monotonic() < until():
        for line in lines:
            push(line, frame)


def attack_large(keys, until):
    """Frames beyond what a frame may have."""
    from minqing_wire import Line
    lines = [Line(keys["terminal-104"], "intake") for _ in range(4)]
    while time.monotonic() < until():
        for line in lines:
            try:
                push(line, bytes(8 << 20))
            except Exception:  # the daemon cut it: another one
                pass
        time.sleep(0.05)


def attack_subscribers(keys, until):
    """Desks that ask for offers and never read one."""
    from minqing_wire import door_pb
    message = door_pb.ToDoor(subscribe={"department": 11, "credit": 1000})
    lines = [deaf(keys["desk-11"], "routing") for _ in range(30)]
    while time.monotonic() < until():
        for line in lines:
            push(line, message.SerializeToString())
        time.sleep(0.1)


def follow(credit):
    from minqing_wire import door_pb
    return door_pb.ToDoor(follow={"after": 0, "credit": credit}).SerializeToString()


SPEAKERS = ("intake", "routing", "escalation", "notification")


def attack_followers(keys, until):
    """Followers with all the credit there is, who say so over and over and never read."""
    lines = [deaf(keys["operator"], speaker) for _ in range(DEAF) for speaker in SPEAKERS]
    while time.monotonic() < until():
        for line in lines:
            push(line, follow(100000))
        time.sleep(0.1)


def read_all(line):
    """(entries, bytes) of what waits in a connection."""
    entries = size = 0
    begun = heard = time.monotonic()
    while time.monotonic() - heard < READ_S and time.monotonic() - begun < READ_MOST_S:
        message = line.receive(0.1)
        if message is None or not message.entries.entries:
            continue
        heard = time.monotonic()
        entries += len(message.entries.entries)
        size += sum(len(one.header) + len(one.body) + len(one.body_hash)
                    for one in message.entries.entries)
    return entries, size


def attack_far_behind(keys, until):
    """Followers from the beginning who read nothing until the end; then they say what came:
    half of them have credit for a few entries, half for all."""
    lines = []
    for at in range(DEAF):
        for speaker in SPEAKERS:
            line = deaf(keys["operator"], speaker)
            line.credit = FEW if at % 2 == 0 else 100000
            push(line, follow(line.credit))
            lines.append(line)
    while time.monotonic() < until():
        time.sleep(0.1)
    with ThreadPoolExecutor(max_workers=len(lines)) as pool:
        for line, (entries, size) in zip(lines, pool.map(read_all, lines)):
            print(json.dumps({"speaker": line.speaker, "credit": line.credit,
                              "entries": entries, "bytes": size}))


ATTACKS = {name.removeprefix("attack_"): function
           for name, function in list(globals().items()) if name.startswith("attack_")}


def main():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
    from minqing_wire import Key
    name, folder, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    keys = {file.stem: Key.load(file) for file in (folder / "keys").glob("*.key")
            if file.stem in ("terminal-101", "terminal-104", "desk-11", "desk-12",
                             "operator")}
    end = time.monotonic() + seconds
    ATTACKS[name](keys, lambda: end)


# ---- beside honest clients ---------------------------------------------------------------

class Attack:
    """with Attack (town, name, seconds): it runs beside what is done in it."""

    def __init__(self, town, results, name, seconds):
        self.town, self.results, self.name, self.seconds = town, results, name, seconds
        self.most = dict.fromkeys(town.place.daemons, 0)
        self.said = []

    def __enter__(self):
        place = self.town.place
        for line in self.town.clients:
            line.slowest_s = 0.0
        self.answered = self.town.acknowledged
        self.process = subprocess.Popen(
            [sys.executable, __file__, self.name, place.folder, str(self.seconds)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=place.environment,
            text=True)
        place.others.append(self.process)
        return self

    def run_until(self, is_so):
        while not is_so():
            self.town.run(0.1)
            for daemon in self.town.place.daemons.values():
                self.most[daemon.name] = max(self.most[daemon.name], daemon.memory_kib())

    def await_words(self, patience_s=60):
        """It ends by itself, and says something."""
        deadline = time.monotonic() + patience_s
        self.run_until(lambda: self.process.poll() is not None or
                       time.monotonic() > deadline)
        if self.process.poll() == 0:
            self.said = [json.loads(line) for line in self.process.stdout]

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.town.place.others.remove(self.process)

    def judge(self, bound_kib=MEMORY_KIB):
        town, results, name = self.town, self.results, self.name
        results.tried += 1
        slowest_s = max(line.slowest_s for line in town.clients)
        results.more[name] = {"rss_anon_mib": round(max(self.most.values()) / 1024, 1),
                              "honest_ms": round(slowest_s * 1000)}
        for daemon, kib in self.most.items():
            if kib > bound_kib:
                results.unverifiable.append(f"{daemon} grew to {kib} KiB under '{name}'")
        if slowest_s > DELAY_S or town.acknowledged == self.answered:
            results.unverifiable.append(f"honest clients waited {slowest_s:.1f} s under "
                                        f"'{name}'")
        for who, code in town.place.restart_ended():
            results.unverifiable.append(f"{who} ended with {code} under '{name}': "
                                        f"{town.place.log_of(who)[-500:]}")


def endure(town, results, name, seconds, bound_kib=MEMORY_KIB):
    with Attack(town, results, name, seconds) as attack:
        until = time.monotonic() + seconds + 1
        attack.run_until(lambda: time.monotonic() > until)
    attack.judge(bound_kib)


# ---- long journals -----------------------------------------------------------------------

def fill(town, run_until):
    """Many filings as fast as they are taken, through a terminal of their own; the seconds
    that took."""
    place = town.place
    path = place.folder / f"fill-{town.filled}.json"
    path.write_text("".join(f'{{"village": "{VILLAGE}", "text": "第{at}件"}}\n'
                            for at in range(ROWS_A_FILL)), encoding="utf-8")
    begun = time.monotonic()
    filler = subprocess.Popen(place.command("replay", path, name="terminal-110"),
                              env=place.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    place.others.append(filler)
    run_until(lambda: filler.poll() is not None)
    place.others.remove(filler)
    if filler.returncode:
        raise Broken(f"the filling ended with {filler.returncode}")
    town.filled += ROWS_A_FILL
    return time.monotonic() - begun


def look_at_deaf(results, said, heads):
    """What each deaf follower found in its connection."""
    kept_back = 0
    for row in said:
        speaker, entries = row["speaker"], row["entries"]
        what = f"a follower of {speaker} who reads nothing and has credit for {row['credit']}"
        if entries > row["credit"]:
            results.unverifiable.append(f"{what} was sent {entries} entries")
        if row["bytes"] > (WINDOW_KIB + FRAME_KIB) * 1024:
            results.unverifiable.append(f"{what} was sent {row['bytes']} bytes")
        kept_back += entries < heads[speaker]
        results.floor(f"entries for {what}", entries, FEW)
    results.floor("followers who read nothing", len(said), DEAF * len(heads))
    results.floor("of them, kept from some entry", kept_back, len(said))
    results.more["deaf"] = {"followers": len(said),
                            "most_kib": max((row["bytes"] for row in said), default=0) >> 10}


def fall_behind(town, results, seconds):
    """Journals grow long; then followers from their beginning, and filings meanwhile."""
    def run_until(is_so):
        town.run_until(is_so, "the journals grow", patience_s=120)
    alone_s = [fill(town, run_until) for _ in range(ROWS // ROWS_A_FILL)]
    town.rest()
    heads = {name: watch.status.head for name, watch in town.watches.items()}
    town.go_on()
    for name, head in heads.items():
        results.floor(f"entries of {name}", head, ENTRIES_LEAST)
    with Attack(town, results, "far_behind", seconds) as attack:
        beside_s = fill(town, attack.run_until)
        attack.await_words()
    attack.judge()
    look_at_deaf(results, attack.said, heads)
    results.more["fill_s"] = [round(max(alone_s), 2), round(beside_s, 2)]
    if beside_s > SLOWER * max(alone_s) + 1:
        results.unverifiable.append(
            f"{ROWS_A_FILL} filings took {beside_s:.1f} s with followers far behind, and "
            f"{max(alone_s):.1f} s without")
    endure(town, results, "followers", seconds,
           MEMORY_KIB + DEAF * (FOLLOWS_UNREAD * WINDOW_KIB + FRAME_KIB))


def run(said, results):
    from town import Town
    seconds = LONG_ATTACK_S if said.long else ATTACK_S
    with Place(fault=said.fault) as place, Town(place, rate=40, results=results) as town:
        place.start()
        town.await_up()
        town.run(1)
        for name in ATTACKS:
            if name not in BEHIND:
                endure(town, results, name, seconds)
        town.examine()
        results.add(town)
    with Place(fault=said.fault) as place, Town(place, rate=40, results=results) as town:
        place.start()
        town.await_up()
        fall_behind(town, results, FAR_BEHIND_S + seconds)
        town.examine(is_last=False)  # the second checker would read all that for minutes
        results.add(town)
    results.floor("attacks", results.tried, len(ATTACKS))


if __name__ == "__main__":
    main()
