#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that drip bytes, flood, or never read, beside honest ones.

Each attack runs in a process of its own (pressure.py ATTACK PLACE) for a few seconds, over
the daemons' real doors. What is measured: the anonymous memory of each daemon, and how long
honest clients waited for an outcome. Both are bounded.
"""
import socket
import subprocess
import sys
import time
from pathlib import Path

MEMORY_KIB = 64 * 1024   # RssAnon of a daemon, whatever is done to it
# An operator who follows and never reads is sent what the credit allows, up to the door's
# queue of frames (common/link/door.c). Who may follow is few, and known by name.
DEAF, DEAF_KIB = 8, 20 * 1024
DELAY_S = 3.0            # an honest client's outcome, at the latest
ATTACK_S, LONG_ATTACK_S = 1.5, 20
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
    """A connection with a good key whose owner never reads."""
    import zmq
    from minqing_wire import Line
    line = Line(key, speaker)
    line.socket.setsockopt(zmq.RCVHWM, 1)
    line.socket.setsockopt(zmq.SNDTIMEO, 50)
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


def attack_followers(keys, until):
    """Followers with all the credit there is, who never read an entry."""
    from minqing_wire import door_pb
    message = door_pb.ToDoor(follow={"after": 0, "credit": 100000})
    lines = [deaf(keys["operator"], speaker) for _ in range(DEAF)
             for speaker in ("intake", "routing", "escalation", "notification")]
    while time.monotonic() < until():
        for line in lines:
            push(line, message.SerializeToString())
        time.sleep(0.1)


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

def attack(town, results, name, seconds):
    place = town.place
    for line in town.clients:
        line.slowest_s = 0.0
    answered = town.acknowledged
    attacker = subprocess.Popen([sys.executable, __file__, name, place.folder,
                                 str(seconds)], stdin=subprocess.DEVNULL,
                                env=place.environment)
    place.others.append(attacker)
    most = dict.fromkeys(place.daemons, 0)
    until = time.monotonic() + seconds + 1
    while time.monotonic() < until:
        town.run(0.1)
        for daemon in place.daemons.values():
            most[daemon.name] = max(most[daemon.name], daemon.memory_kib())
    attacker.kill()
    attacker.wait()
    place.others.remove(attacker)
    results.tried += 1
    slowest_s = max(line.slowest_s for line in town.clients)
    results.more[name] = {"rss_anon_mib": round(max(most.values()) / 1024, 1),
                          "honest_ms": round(slowest_s * 1000)}
    bound_kib = MEMORY_KIB + (DEAF * DEAF_KIB if name == "followers" else 0)
    for daemon, kib in most.items():
        if kib > bound_kib:
            results.unverifiable.append(f"{daemon} grew to {kib} KiB under '{name}'")
    if slowest_s > DELAY_S or town.acknowledged == answered:
        results.unverifiable.append(f"honest clients waited {slowest_s:.1f} s under "
                                    f"'{name}'")


def run(said, results):
    from place import Place
    from town import Town
    with Place(fault=said.fault) as place, Town(place, rate=40, results=results) as town:
        place.start()
        town.await_up()
        town.run(2)
        for name in ATTACKS:
            attack(town, results, name, LONG_ATTACK_S if said.long else ATTACK_S)
            for who, code in place.restart_ended():
                results.unverifiable.append(f"{who} ended with {code} under '{name}': "
                                            f"{place.log_of(who)[-500:]}")
        town.examine()
        results.add(town)


if __name__ == "__main__":
    main()
