# SPDX-License-Identifier: Apache-2.0
"""What real daemons said, with one thing changed: each change must be found, by the check
that is there for it and by no other."""
import copy

import live


def first(answers, fits=lambda answer: True):
    return next(answers[number] for number in sorted(answers) if fits(answers[number]))


def position_of(asked):
    return next(at for status in asked.followers.values() for at in status.positions
                if at.acted)


def runs(ledger):
    return any(row.running for row in ledger.duties)


def running(asked):
    return next(row for row in first(asked.ledgers, runs).duties if row.running)


def another_hash(asked):
    at = position_of(asked)
    at.acted_hash = bytes([at.acted_hash[0] ^ 1]) + at.acted_hash[1:]


def behind_the_end(asked):
    position_of(asked).acted += 1_000_000


def another_journal(asked):
    at = position_of(asked)
    at.journal = bytes([at.journal[0] ^ 1]) + at.journal[1:]


def stopped(asked):
    position_of(asked).problem = "its entries are not understood"


def gauge_of(asked, speaker, prefix):
    return next(g for g in asked.now[speaker].gauges
                if g.name.startswith(prefix) and g.value)


def intake_counts_one_more(asked):
    gauge_of(asked, "intake", "grievances").value += 1


def routing_counts_one_less(asked):
    gauge_of(asked, "routing", "grievances{").value -= 1


def village_has_one_more(asked):
    asked.shapes[True][0].counts[0].count += 1


def department_is_not_told(asked):
    del asked.shapes[False][0]


def department_is_another(asked):
    asked.shapes[False][0].department += 90_000


def root_is_another(asked):
    root = asked.now["routing"].root
    asked.now["routing"].root = bytes([root[0] ^ 1]) + root[1:]


def item_has_another_holder(asked):
    first(asked.items).row.holder += 1


def item_has_another_state(asked):
    row = first(asked.items).row
    row.state = 10 if row.state != 10 else 1


def course_has_another_department(asked):
    first(asked.courses).department += 1


def course_has_another_state(asked):
    course = first(asked.courses)
    course.state = 10 if course.state != 10 else 1


def course_has_another_instance(asked):
    first(asked.courses).instance = 3


def duty_is_due_later(asked):
    running(asked).due_ms += 1000


def duty_is_not_shown(asked):
    running(asked).running = False


def duty_runs_twice(asked):
    duties = first(asked.ledgers, runs).duties
    duties.add().CopyFrom(running(asked))


def duty_stands_still(asked):
    running(asked).paused = not running(asked).paused


DOCTORINGS = {
    "position": (another_hash, behind_the_end, another_journal, stopped),
    "sums": (intake_counts_one_more, routing_counts_one_less, village_has_one_more,
             department_is_not_told, department_is_another),
    "tree": (root_is_another,),
    "facts": (item_has_another_holder, item_has_another_state, course_has_another_department,
              course_has_another_state, course_has_another_instance),
    "ledger": (duty_is_due_later, duty_is_not_shown, duty_runs_twice, duty_stands_still),
}


def judged(asked, report, check):
    live.judge(asked, report, check)
    return report.checks()


def doctored(asked, doctor):
    """A copy; the journals are the same."""
    after = copy.copy(asked)
    for name in ("followers", "now", "shapes", "items", "courses", "ledgers"):
        setattr(after, name, copy.deepcopy(getattr(asked, name)))
    doctor(after)
    return after


def try_all(said, report_class, check):
    """(checks that found something alone, how many doctorings nothing found)"""
    asked = live.ask_live(said)
    before = judged(asked, report_class(), check)
    shown, missed = set(), 0
    if before:
        print(f"live: before anything is doctored: {' '.join(sorted(before))}")
        return shown, 1
    for name, doctors in DOCTORINGS.items():
        for doctor in doctors:
            after = doctored(asked, doctor)
            found = judged(after, report_class(), check)
            print(f"live, {doctor.__name__.replace('_', ' ')}: "
                  f"found by {' '.join(sorted(found)) or 'nothing'}")
            missed += found != {name}
            if found == {name} and not judged(after, report_class(found), check):
                shown.add(name)
    return shown, missed
