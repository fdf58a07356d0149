/* SPDX-License-Identifier: Apache-2.0 */
/* Raises: never early, never twice for one cause and level, ended once. */
#include "cli/audit_inside.h"

#include "wire/names.h"

static uint64_t raise_digest (uint64_t number, const struct raised *raised)
{
    uint64_t parts[] = { number,
                         raised->cause,
                         raised->duty,
                         raised->share,
                         raised->level,
                         raised->department,
                         (uint64_t) raised->due_ms,
                         raised->of,
                         raised->cause == CAUSE_SUPERVISION ? raised->raise : 0 };
    return audit_digest (AUDIT_DIGEST_BEGIN, parts, sizeof parts);
}

static bool is_by_clock (enum cause cause)
{
    return cause == CAUSE_BAND || cause == CAUSE_BREACH || cause == CAUSE_UNANSWERED;
}

/* A step of a clock: of one that runs, at its place in it, and not before its time. */
static void audit_step (struct audit *audit, const struct audit_grievance *grievance)
{
    const struct raised *raised = audit->entry->raised;
    struct audit_clock *clock =
        audit_clock_of (audit, grievance, raised->duty, raised->department);
    if (clock == NULL) {
        audit_fault (audit, AUDIT_EARLY, "told of a clock of %s that does not run",
                     duty_name (raised->duty));
        return;
    }
    bool fits = raised->share < 100    ? raised->due_ms <= clock->due_ms
                : raised->share == 100 ? raised->due_ms == clock->breach_ms
                                       : raised->due_ms > clock->due_ms;
    if (raised->ends_ms != clock->due_ms || raised->due_ms < clock->from_ms || !fits)
        audit_fault (audit, AUDIT_EARLY, "told of an end of %s that is not its clock's",
                     duty_name (raised->duty));
    else if (raised->share <= clock->told)
        audit_fault (audit, AUDIT_TWICE, "%u %% of %s is told after %u %%", raised->share,
                     duty_name (raised->duty), clock->told);
    clock->told = (uint16_t) raised->share;
}

static void audit_once (struct audit *audit)
{
    const struct entry *entry = audit->entry;
    bool is_new;
    *map_at (&audit->raises, raise_digest (entry->grievance, entry->raised), &is_new) =
        entry->sequence;
    if (!is_new && entry->grievance != 0)
        audit_fault (audit, AUDIT_TWICE, "raised twice for one cause");
}

void audit_raised (struct audit *audit)
{
    const struct entry *entry = audit->entry;
    const struct raised *raised = entry->raised;
    if (raised == NULL)
        return;
    struct audit_grievance *grievance =
        entry->grievance == 0 ? NULL : audit_known (audit, AUDIT_RAISE);
    uint32_t incarnation = audit->journals[audit->speaker].incarnation;
    if (raised->raise != position_make (incarnation, entry->sequence))
        audit_fault (audit, AUDIT_RAISE, "is called raise %llu",
                     (unsigned long long) raised->raise);
    if (is_by_clock (raised->cause) && entry->time_ms < raised->due_ms)
        audit_fault (audit, AUDIT_EARLY, "raised before it was due");
    if (is_by_clock (raised->cause) && entry->time_uncertain)
        audit_fault (audit, AUDIT_EARLY, "raised by a clock that was in doubt");
    audit_once (audit);
    if (grievance != NULL &&
        (raised->cause == CAUSE_BAND || raised->cause == CAUSE_BREACH))
        audit_step (audit, grievance);
    if (raised->cause == CAUSE_UNANSWERED) {
        const uint64_t *end =
            raised->of == 0 ? NULL : map_find (&audit->raised, raised->of);
        if (end == NULL || *end != 0)
            audit_fault (audit, AUDIT_RAISE, "goes on from raise %llu, which %s",
                         (unsigned long long) raised->of,
                         end == NULL ? "there is not" : "has ended");
    }
    map_at (&audit->raised,
            position_make (audit->journals[audit->speaker].incarnation, entry->sequence),
            NULL);
    if (grievance != NULL && raised->level > grievance->level)
        grievance->level = (uint8_t) raised->level;
}

/* Ended once, and it was raised before. */
void audit_raise_ended (struct audit *audit)
{
    const struct raise_ended *ended = audit->entry->raise_ended;
    uint64_t *is_ended = ended == NULL || ended->raise == 0
                             ? NULL
                             : map_find (&audit->raised, ended->raise);
    const struct audit_journal *journal = &audit->journals[audit->speaker];
    if (is_ended == NULL)
        audit_fault (audit, AUDIT_RAISE, "raise %llu ends, never raised",
                     ended == NULL ? 0 : (unsigned long long) ended->raise);
    else if (*is_ended != 0)
        audit_fault (audit, AUDIT_RAISE, "raise %llu ends twice",
                     (unsigned long long) ended->raise);
    else {
        const uint64_t *index =
            audit->entry->grievance == 0
                ? NULL
                : map_find (&audit->by_number, audit->entry->grievance);
        uint32_t own = index == NULL ? 0 : (uint32_t) *index;
        if (journal->refs[position_sequence (ended->raise) - 1].grievance != own)
            audit_fault (audit, AUDIT_RAISE, "raise %llu is about another grievance",
                         (unsigned long long) ended->raise);
        *is_ended = audit->entry->sequence;
    }
}
