# SPDX-License-Identifier: Apache-2.0
"""Random SIGKILL: of one daemon, of several, of all, of the terminal that sends.

A kill comes at any moment, also while a daemon is starting; what was killed is started again at once.
Every PLACE_KILLS kills a new place; in it everything is examined every LOOK_KILLS kills.
"""
import random
from collections import Counter

from place import DAEMONS, Place
from town import Town

LOOK_KILLS, PLACE_KILLS = 50, 250
PAUSE_S = (0.0, 0.22)
CHANCE_LEAST = 100  # of fewer, chance may leave one out


def victims():
    dice = random.random()
    if dice < 0.08:
        return ()  # the terminal
    if dice < 0.75:
        return (random.choice(DAEMONS),)
    if dice < 0.92:
        return random.sample(DAEMONS, 2)
    return DAEMONS


def kill_some(town, killed):
    place, chosen = town.place, victims()
    if not chosen:
        town.spooler.kill()
        killed["terminal"] += 1
        return
    processes = [place.daemons[name] for name in chosen]
    for daemon in processes:
        if daemon.process is not None:
            daemon.process.kill()
    for daemon in processes:
        if daemon.process is not None:
            daemon.reap()
            killed[daemon.name] += 1
        daemon.start()


def run_place(said, results, times, killed):
    with Place(fault=said.fault) as place, \
            Town(place, spooler=True, results=results) as town:
        place.start()
        town.await_up()
        for at in range(1, times + 1):
            town.run(random.uniform(*PAUSE_S))
            for name, code in place.restart_ended():
                results.unverifiable.append(f"{name} ended by itself with {code}: "
                                            f"{place.log_of(name)[-500:]}")
            kill_some(town, killed)
            results.tried += 1
            if at % LOOK_KILLS == 0 or at == times:
                town.examine(is_last=at == times)
            if not results.is_good:
                break
        results.add(town)


def run(said, results):
    asked = left = said.times or (5000 if said.long else 200)
    killed = Counter()
    while left > 0 and results.is_good:
        times = min(left, PLACE_KILLS)
        run_place(said, results, times, killed)
        left -= times
    results.more["kills"] = dict(killed)
    results.floor("kills", results.tried, asked)
    if asked >= CHANCE_LEAST:
        for name in DAEMONS:
            results.floor(f"kills of {name}", killed[name], asked // 10)
        results.floor("kills of the terminal", killed["terminal"], asked // 100)
    results.floor("acknowledged beside them", results.acknowledged, asked)
