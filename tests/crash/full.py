# SPDX-License-Identifier: Apache-2.0
"""A map that is full: new filings are put off, the desk works on and closes.

Long letters come until intake says "try later" to all of them. What is there by then is
claimed, decided, served, confirmed by the petitioner and closed, through the same intake,
while letters go on knocking; the daemons are killed meanwhile. Then the map grows by a
restart, and every letter that was put off is taken, once.
"""
import time

from place import Place
from town import REST_S, Town

MAP_MIB, LARGER_MIB = 16, 256
LETTER = "长" * 16000
GRIEVANCES, LETTERS = 12, 420
KNOCK_S = 1.0


def close_all(town):
    """Every course that was begun comes to its end."""
    closed, deadline = set(), time.monotonic() + REST_S
    numbers = [number for number in town.desk.seen if town.terminal_of(number)]

    def look(number):
        def told(reply):
            if reply.course.state == 10:
                closed.add(number)
        town.terminal_of(number).ask(told, course={"number": number})

    while len(closed) < len(numbers) and time.monotonic() < deadline:
        town.desk.go_on()
        town.confirm_done()
        for number in numbers:
            if number not in closed:
                look(number)
                town.run(0.05)
    return numbers, closed


def claim_all(town):
    if len(town.desk.seen) < GRIEVANCES:
        town.desk.look_for_work(most=GRIEVANCES)
    return len(town.desk.in_hand) >= GRIEVANCES


def run(said, results):
    settings = f"intake\n    map_mib = {MAP_MIB}\n"
    with Place(fault=said.fault, settings=settings) as place:
        with Town(place, results=results) as town:
            town.is_quiet = True
            place.start()
            town.await_up()
            worker, knocking = town.terminals[0], town.terminals[1:]
            worker.placed = 1.0
            for terminal in knocking:  # a letter that is put off keeps its sender from confirming
                terminal.placed = 0.0
            for _ in range(GRIEVANCES):
                worker.file()
            town.run_until(lambda: len(worker.filed) == GRIEVANCES, "they are filed")
            for at in range(LETTERS):
                knocking[at % len(knocking)].file(LETTER)
            town.run_until(lambda: any(line.put_off for line in knocking), "it is full")
            town.run(KNOCK_S)
            kept = sum(len(line.filed) for line in knocking)
            town.run_until(lambda: claim_all(town), "the desk has claimed all")
            for name in place.daemons:
                place.daemons[name].kill()
                place.daemons[name].start()
                results.tried += 1
            numbers, closed = close_all(town)
            if len(closed) < len(numbers) or not numbers:
                results.unverifiable.append(f"{len(closed)} of {len(numbers)} were closed "
                                            "while the store was full")
            results.more["put_off"] = LETTERS - kept
            enlarge(place)
            results.tried += 1
            town.run_until(lambda: not any(line.waiting for line in knocking),
                           "what was put off is taken")
            town.examine()
            results.add(town)
            results.floor("letters put off", results.more["put_off"], 1)
            results.floor("courses closed while it was full", len(closed), GRIEVANCES)
            results.floor("kills", results.tried, len(place.daemons) + 1)


def enlarge(place):
    conf = place.folder / "minqing.conf"
    conf.write_text(conf.read_text(encoding="utf-8").replace(
        f"map_mib = {MAP_MIB}", f"map_mib = {LARGER_MIB}"), encoding="utf-8")
    place.daemons["intake"].kill()
    place.daemons["intake"].start()
