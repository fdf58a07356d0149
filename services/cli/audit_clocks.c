/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger: a clock runs once for its duty (assisting: for its duty and owner), from its
 * START to its STOP; whatever changes it in between goes on from there. */
#include "cli/audit_inside.h"

#include "wire/names.h"

#include <stdlib.h>

/* ---- clocks that run ---------------------------------------------------------------- */

/* Where the index of this clock stands: in the grievance, or in the clock before. */
static uint32_t *clock_place (struct audit *audit, struct audit_grievance *grievance,
                              enum duty duty, uint32_t owner)
{
    uint32_t *place = &grievance->clocks;
    while (*place != 0) {
        struct audit_clock *clock = &audit->clocks[*place - 1];
        if (clock->duty == duty && (duty != DUTY_ASSISTING || clock->owner == owner))
            return place;
        place = &clock->next;
    }
    return place;
}

struct audit_clock *audit_clock_of (struct audit *audit,
                                    const struct audit_grievance *grievance,
                                    enum duty duty, uint32_t owner)
{
    for (uint32_t i = grievance->clocks; i != 0; i = audit->clocks[i - 1].next) {
        struct audit_clock *clock = &audit->clocks[i - 1];
        if (clock->duty == duty && (duty != DUTY_ASSISTING || clock->owner == owner))
            return clock;
    }
    return NULL;
}

static struct audit_clock *clock_add (struct audit *audit,
                                      struct audit_grievance *grievance)
{
    uint32_t index = audit->free_clocks;
    if (index != 0) {
        audit->free_clocks = audit->clocks[index - 1].next;
    } else {
        if (audit->n_clocks == audit->clocks_capacity) {
            audit->clocks_capacity =
                audit->clocks_capacity == 0 ? 1024 : audit->clocks_capacity * 2;
            audit->clocks = reallocarray (audit->clocks, audit->clocks_capacity,
                                          sizeof *audit->clocks);
            if (audit->clocks == NULL)
                abort ();
        }
        index = (uint32_t) ++audit->n_clocks;
    }
    struct audit_clock *clock = &audit->clocks[index - 1];
    *clock = (struct audit_clock){ .next = grievance->clocks };
    grievance->clocks = index;
    return clock;
}

static void clock_remove (struct audit *audit, uint32_t *place)
{
    uint32_t index = *place;
    *place = audit->clocks[index - 1].next;
    audit->clocks[index - 1].next = audit->free_clocks;
    audit->free_clocks = index;
}

/* ---- a line ------------------------------------------------------------------------- */

static void count_duty (struct audit_grievance *grievance, enum duty duty, int by)
{
    if (duty == DUTY_STAGE)
        grievance->stage_duties = (uint8_t) (grievance->stage_duties + by);
    else if (duty == DUTY_WHOLE)
        grievance->whole_duties = (uint8_t) (grievance->whole_duties + by);
}

static int64_t line_ms (const struct clock_change *change)
{
    return change->from_ms + change->spent_ms + change->paused_ms;
}

/* Steps in their order, from the shares that warn to the one at the end and those behind. */
static void audit_bands (struct audit *audit, const struct clock_change *change)
{
    for (size_t i = 0; i + 1 < change->n_bands; i++)
        if (change->bands[i].share >= change->bands[i + 1].share ||
            change->bands[i].due_ms > change->bands[i + 1].due_ms) {
            audit_fault (audit, AUDIT_CLOCK, "the steps of %s are in no order",
                         duty_name (change->duty));
            return;
        }
}

/* A whole that reaches to the end of a window is told a little behind it. */
static int64_t breach_ms (const struct clock_change *change)
{
    for (size_t i = 0; i < change->n_bands; i++)
        if (change->bands[i].share == 100)
            return change->duty == DUTY_STAGE && change->bands[i].due_ms != change->due_ms
                       ? 0
                       : change->bands[i].due_ms;
    return 0;
}

static void clock_set (struct audit *audit, struct audit_clock *clock,
                       const struct clock_change *change)
{
    clock->duty = (uint8_t) change->duty;
    clock->owner = change->owner;
    clock->from_ms = change->from_ms;
    clock->due_ms = change->due_ms;
    clock->since_ms = line_ms (change);
    clock->said_ms = audit->entry->time_ms;
    clock->is_paused = change->action == CLOCK_PAUSE;
    clock->breach_ms = breach_ms (change);
    /* A line whose end lies behind the change tells of an end of its own, even when both
     * are past by the time that this is written. */
    if (clock->told >= 100 && clock->breach_ms > line_ms (change))
        clock->told = 99;
}

/* The whole that a registration starts is the one of its receipt. */
static void audit_promise (struct audit *audit, const struct audit_grievance *grievance,
                           const struct clock_change *change)
{
    const struct audit_ref *ref = audit_source_ref (audit);
    if (change->duty == DUTY_WHOLE && ref != NULL && ref->kind == KIND_REGISTERED &&
        change->due_ms != grievance->last_day_ms)
        audit_fault (audit, AUDIT_PROMISE, "the whole ends on another day than promised");
}

static void clock_start (struct audit *audit, struct audit_grievance *grievance,
                         const struct clock_change *change)
{
    if (audit_clock_of (audit, grievance, change->duty, change->owner) != NULL) {
        audit_fault (audit, AUDIT_CLOCK, "a second clock of %s is started",
                     duty_name (change->duty));
        count_duty (grievance, change->duty, 1);
        return;
    }
    if (change->from_ms > audit->entry->time_ms)
        audit_fault (audit, AUDIT_CLOCK, "a clock that begins later");
    audit_promise (audit, grievance, change);
    clock_set (audit, clock_add (audit, grievance), change);
    count_duty (grievance, change->duty, 1);
}

static void clock_go_on (struct audit *audit, struct audit_grievance *grievance,
                         const struct clock_change *change)
{
    uint32_t *place = clock_place (audit, grievance, change->duty, change->owner);
    const char *name = duty_name (change->duty);
    if (*place == 0) {
        audit_fault (audit, AUDIT_CLOCK, "%s of a clock of %s that did not run",
                     clock_action_name (change->action), name);
        return;
    }
    struct audit_clock *clock = &audit->clocks[*place - 1];
    if (change->from_ms != clock->from_ms || change->owner != clock->owner)
        audit_fault (audit, AUDIT_CLOCK, "the clock of %s is another one", name);
    else if (line_ms (change) < clock->since_ms ||
             line_ms (change) > audit->entry->time_ms)
        audit_fault (audit, AUDIT_CLOCK, "the time that %s has spent is wrong", name);
    else if ((change->action == CLOCK_RESUME) != clock->is_paused &&
             change->action != CLOCK_STOP && change->action != CLOCK_SETTLE)
        audit_fault (audit, AUDIT_CLOCK, "%s of a clock of %s that %s",
                     clock_action_name (change->action), name,
                     clock->is_paused ? "stands still" : "runs");
    if (change->action == CLOCK_STOP) {
        clock_remove (audit, place);
        count_duty (grievance, change->duty, -1);
        return;
    }
    bool was_paused = clock->is_paused;
    clock_set (audit, clock, change);
    clock->is_paused |= was_paused && change->action == CLOCK_SETTLE;
}

void audit_clocks (struct audit *audit)
{
    struct audit_grievance *grievance = audit_known (audit, AUDIT_CLOCK);
    if (grievance == NULL || audit->entry->clocks == NULL)
        return;
    for (size_t i = 0; i < audit->entry->clocks->n_changes; i++) {
        const struct clock_change *change = &audit->entry->clocks->changes[i];
        audit_bands (audit, change);
        if (change->action == CLOCK_START)
            clock_start (audit, grievance, change);
        else
            clock_go_on (audit, grievance, change);
    }
}

/* ---- the end ------------------------------------------------------------------------ */

/* The canary is a row of the same agenda: what was due when the last but one fired has fired
 * by the last. What was set aside, and windows, which only end, are not told. */
static void late_check (struct audit *audit, const struct audit_grievance *grievance)
{
    for (uint32_t i = grievance->clocks; i != 0; i = audit->clocks[i - 1].next) {
        const struct audit_clock *clock = &audit->clocks[i - 1];
        if (clock->breach_ms != 0 && !clock->is_paused && clock->told < 100 &&
            clock->breach_ms < audit->canary_ms[0] &&
            clock->said_ms < audit->canary_ms[0] && !grievance->is_parked)
            audit_fault_of (audit, AUDIT_LATE, grievance,
                            "is beyond the end of %s, and nobody was told",
                            duty_name ((enum duty) clock->duty));
    }
}

void audit_clocks_finish (struct audit *audit, const struct audit_positions *positions)
{
    for (size_t i = 0; i < audit->n_grievances; i++) {
        const struct audit_grievance *grievance = &audit->grievances[i];
        late_check (audit, grievance);
        if (grievance->moved == 0 || grievance->moved > positions->escalation_at ||
            grievance->is_parked)
            continue;
        unsigned owed = grievance->state == STATE_CLOSED ? 0 : 1;
        if (grievance->stage_duties != owed || grievance->whole_duties != owed)
            audit_fault_of (audit, AUDIT_DUTY, grievance,
                            "is %s and has %u stage and %u whole duties, not %u",
                            state_name (grievance->state), grievance->stage_duties,
                            grievance->whole_duties, owed);
        else if (owed == 0 && grievance->clocks != 0)
            audit_fault_of (
                audit, AUDIT_DUTY, grievance, "is closed, and a clock of %s runs",
                duty_name ((enum duty) audit->clocks[grievance->clocks - 1].duty));
    }
}
