/* SPDX-License-Identifier: Apache-2.0 */
/* LAW: what is raised, at which level, and who is told.
 *
 * A step of a clock below the breach is only told; the breach and what follows it stay open
 * until answered in writing, and the ladder goes on whatever is answered. Any other raise has
 * no ladder: its answer has a time, and when that is over the next level is told, up to the
 * county. Levels go along the superiors of whoever has the grievance; a
 * vacant level is filled by the next one up and says so.
 *
 * Accusations stay inside the discipline organ (DOMAIN §6, §8): whatever the level, its own
 * head is told, never a leader outside, who may be the one complained of. */
#include "escalation/law.h"

#include "base/civil.h"
#include "rules/answerable.h"
#include "rules/deadline.h"

#define ANSWER_DAYS 3 /* working days, where the table says nothing */

static const struct {
    enum cause cause;
    uint32_t amount;
    unsigned level;
} thresholds[] = {
    { CAUSE_GROUP, 5, LEVEL_HEAD }, /* a joint visit sends at most five */
    { CAUSE_GROUP, 20, LEVEL_LEADER },     { CAUSE_GROUP, 50, LEVEL_JOINT },
    { CAUSE_URGENT, 1, LEVEL_LEADER }, /* article 25: to leadership, at once */
    { CAUSE_OBJECTIONS, 2, LEVEL_LEADER }, { CAUSE_HAND_OVERS, 4, LEVEL_HEAD },
    { CAUSE_HAND_OVERS, 8, LEVEL_LEADER },
};

unsigned escalation_level_of (enum cause cause, uint32_t amount)
{
    unsigned level = 0;

    for (size_t i = 0; i < ARRAY_SIZE (thresholds); i++)
        if (thresholds[i].cause == cause && amount >= thresholds[i].amount &&
            thresholds[i].level > level)
            level = thresholds[i].level;
    return level;
}

/* Who looks when a source is silent: the dispatching department of the widest territory. */
static uint32_t watching_department (const struct rules *rules)
{
    const struct department *widest = NULL;

    for (size_t i = 0; i < rules->department_count; i++) {
        const struct department *department = &rules->departments[i];

        if ((department->flags & DEPARTMENT_DISPATCHING) != 0 &&
            department->successor == 0 &&
            (!widest || department->territory < widest->territory))
            widest = department;
    }
    return widest ? widest->number : 0;
}

/* The dispatcher's queue is the duty of the department that keeps it; an accusation that is
 * not placed yet is for the organ above the township, whose own may be the one accused. */
static uint32_t answering_department (const struct escalation_occasion *occasion)
{
    const struct matter *matter = occasion->matter;
    const struct department *department;

    if (occasion->department != 0)
        return occasion->department;
    if (!matter)
        return watching_department (occasion->rules);
    department =
        matter->purpose == PURPOSE_ACCUSATION
            ? department_discipline_above (occasion->rules, matter->village, NULL, 0)
            : department_dispatching (occasion->rules, matter->village);
    return department ? department->number : 0;
}

/* 'level': whose person it is told to. */
static void tell (const struct escalation_occasion *occasion, struct raised *raised,
                  unsigned level)
{
    const struct matter *matter = occasion->matter;
    bool is_sealed = matter && matter->purpose == PURPOSE_ACCUSATION;
    struct answerable answers;

    raised->department = answering_department (occasion);
    raised->blind = occasion->blind;
    rules_answerable (occasion->rules, raised->department,
                      is_sealed && level > LEVEL_HEAD ? LEVEL_HEAD : level,
                      matter ? matter->village : 0, civil_day (occasion->now_ms),
                      &answers);
    if (is_sealed &&
        answers.department != escalation_in_force (occasion->rules, raised->department))
        return; /* nobody there in office: the department as a whole is told */
    raised->filled = answers.filled;
    if (answers.person == 0)
        return;
    raised->persons = ARENA_NEW (occasion->arena, uint32_t);
    raised->persons[0] = answers.person;
    raised->n_persons = 1;
}

struct raised *escalation_raise_step (const struct escalation_occasion *occasion,
                                      const struct escalation_clock *clock, size_t step)
{
    const struct band_due *band = &clock->change.bands[step];
    struct raised *raised = ARENA_NEW (occasion->arena, struct raised);

    *raised = (struct raised){
        .cause = band->share < 100 ? CAUSE_BAND : CAUSE_BREACH,
        .level = band->level,
        .duty = clock->change.duty,
        .share = band->share,
        .due_ms = band->due_ms,
        .ends_ms = clock->change.due_ms,
        .open = band->share >= 100,
    };
    tell (occasion, raised, raised->level);
    return raised;
}

int escalation_step_missed (const struct escalation_clock *clock, int64_t at_ms)
{
    int missed = -1;

    if (escalation_is_window (&clock->change) || clock->change.action == CLOCK_PAUSE)
        return -1;
    for (size_t i = clock->next; i < clock->change.n_bands; i++)
        if (clock->change.bands[i].share >= 100 && clock->change.bands[i].due_ms <= at_ms)
            missed = (int) i;
    return missed;
}

/* When the written answer is due. A table without such a row is no reason to wait for ever. */
static int64_t answer_due_ms (const struct escalation_occasion *occasion,
                              enum stage stage)
{
    const struct matter *matter = occasion->matter;
    struct duty_plan plan;
    struct expiry due;

    if (duty_plan (occasion->rules, stage, matter ? matter->purpose : PURPOSE_NONE,
                   matter
                       ? urgency_of (category_nearest (occasion->rules, matter->category),
                                     matter->urgent || matter->threat)
                       : URGENCY_ORDINARY,
                   false, occasion->now_ms, &plan) == 0)
        return plan.due.due_ms;
    deadline_compute (occasion->rules, occasion->now_ms, ANSWER_DAYS, UNIT_WORKING_DAY,
                      false, &due);
    return due.due_ms;
}

struct raised *escalation_raise_cause (const struct escalation_occasion *occasion,
                                       enum cause cause, unsigned level)
{
    struct raised *raised = ARENA_NEW (occasion->arena, struct raised);

    *raised = (struct raised){ .cause = cause,
                               .level = level,
                               .due_ms = occasion->now_ms,
                               .open = true,
                               .answer_due_ms = answer_due_ms (occasion, STAGE_RAISE) };
    tell (occasion, raised, level);
    return raised;
}

struct raised *escalation_raise_unanswered (const struct escalation_occasion *occasion,
                                            const struct escalation_raise *raise)
{
    struct raised *raised =
        escalation_raise_cause (occasion, CAUSE_UNANSWERED, raise->raised.level + 1);

    raised->of = raise->raise;
    raised->due_ms = raise->raised.answer_due_ms;
    return raised;
}

/* It stands at the leader's level, and goes down: to the head of whoever has the grievance. */
struct raised *escalation_raise_supervision (const struct escalation_occasion *occasion,
                                             unsigned level, uint32_t person)
{
    struct raised *raised = ARENA_NEW (occasion->arena, struct raised);

    *raised = (struct raised){ .cause = CAUSE_SUPERVISION,
                               .level = level,
                               .due_ms = occasion->now_ms,
                               .open = true,
                               .answer_due_ms = answer_due_ms (occasion, STAGE_SUPERVISE),
                               .opened_by = person };
    tell (occasion, raised, LEVEL_HEAD);
    return raised;
}
