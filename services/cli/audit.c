/* SPDX-License-Identifier: Apache-2.0 */
/* Folds the four journals into the least that can be held against each other: one small
 * record a grievance, a counter a client, a state a notice. It shares no code with the
 * daemons' own folds, so that the same mistake is not made twice. */
#include "cli/audit_inside.h"

#include "base/number.h"
#include "wire/names.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the audit -------------------------------------------------------------------- */

struct audit *audit_create (void)
{
    struct audit *audit = calloc (1, sizeof *audit);
    if (audit == NULL)
        abort ();
    return audit;
}

void audit_destroy (struct audit **audit)
{
    if (*audit == NULL)
        return;
    free ((*audit)->grievances);
    free ((*audit)->registered_at);
    free ((*audit)->moved_at);
    map_done (&(*audit)->by_number);
    map_done (&(*audit)->clients);
    map_done (&(*audit)->raises);
    map_done (&(*audit)->raised);
    map_done (&(*audit)->notices);
    free (*audit);
    *audit = NULL;
}

void audit_complain (struct audit *audit, const char *format, ...)
{
    if (audit->problems < AUDIT_FINDINGS_SHOWN) {
        va_list args;
        va_start (args, format);
        vsnprintf (audit->findings[audit->problems], ERR_TEXT_SIZE, format, args);
        va_end (args);
    }
    audit->problems++;
}

const char *audit_number_text (uint64_t number)
{
    static char text[NUMBER_TEXT_SIZE];
    return number_is_valid (number) ? number_format (number, text) : "?";
}

struct audit_grievance *audit_find (struct audit *audit, uint64_t number)
{
    const uint64_t *index = number == 0 ? NULL : map_find (&audit->by_number, number);
    return index == NULL ? NULL : &audit->grievances[*index - 1];
}

static struct audit_grievance *grievance_add (struct audit *audit, uint64_t number)
{
    if (audit->n_grievances == audit->capacity) {
        audit->capacity = audit->capacity == 0 ? 1024 : audit->capacity * 2;
        audit->grievances =
            reallocarray (audit->grievances, audit->capacity, sizeof *audit->grievances);
        audit->registered_at = reallocarray (audit->registered_at, audit->capacity,
                                             sizeof *audit->registered_at);
        audit->moved_at =
            reallocarray (audit->moved_at, audit->capacity, sizeof *audit->moved_at);
        if (audit->grievances == NULL || audit->registered_at == NULL ||
            audit->moved_at == NULL)
            abort ();
    }
    size_t i = audit->n_grievances++;
    audit->grievances[i] = (struct audit_grievance){ .number = number, .instance = 1 };
    audit->registered_at[i] = audit->moved_at[i] = 0;
    *map_at (&audit->by_number, number, NULL) = i + 1;
    return &audit->grievances[i];
}

/* ---- what each journal says ------------------------------------------------------- */

static void audit_actor (struct audit *audit, enum speaker speaker,
                         const struct entry *entry)
{
    const struct actor *actor = entry->actor;
    if (actor == NULL || actor->counter == 0)
        return;
    uint64_t *place =
        map_at (&audit->clients, (uint64_t) speaker << 32 | actor->client, NULL);
    uint64_t incarnation = *place >> 40, counter = *place & ((UINT64_C (1) << 40) - 1);
    bool follows = actor->incarnation == incarnation && actor->counter == counter + 1;
    bool opens = actor->incarnation > incarnation && actor->counter == 1;
    if (!follows && !opens)
        audit_complain (audit, "%s entry %llu: client %u says %u/%llu after %llu/%llu",
                        speaker_name (speaker), (unsigned long long) entry->sequence,
                        actor->client, actor->incarnation,
                        (unsigned long long) actor->counter,
                        (unsigned long long) incarnation, (unsigned long long) counter);
    *place = (uint64_t) actor->incarnation << 40 | actor->counter;
}

static void audit_registered_entry (struct audit *audit, const struct entry *entry)
{
    if (audit_find (audit, entry->grievance) != NULL) {
        audit_complain (audit, "intake entry %llu: %s is registered twice",
                        (unsigned long long) entry->sequence,
                        audit_number_text (entry->grievance));
        return;
    }
    struct audit_grievance *grievance = grievance_add (audit, entry->grievance);
    grievance->village = entry->matter != NULL ? entry->matter->village : 0;
    audit->registered_at[audit->n_grievances - 1] = entry->sequence;
}

static void audit_clocks (struct audit *audit, const struct entry *entry)
{
    struct audit_grievance *grievance = audit_find (audit, entry->grievance);
    if (grievance == NULL) {
        audit_complain (audit, "escalation entry %llu: clocks of %s, never registered",
                        (unsigned long long) entry->sequence,
                        audit_number_text (entry->grievance));
        return;
    }
    for (size_t i = 0; i < entry->clocks->n_changes; i++) {
        const struct clock_change *change = &entry->clocks->changes[i];
        uint8_t *duties = change->duty == DUTY_STAGE   ? &grievance->stage_duties
                          : change->duty == DUTY_WHOLE ? &grievance->whole_duties
                                                       : NULL;
        if (duties == NULL)
            continue;
        if (change->action == CLOCK_START)
            (*duties)++;
        else if (change->action == CLOCK_STOP && *duties > 0)
            (*duties)--;
        else if (change->action == CLOCK_STOP)
            audit_complain (audit,
                            "escalation entry %llu: %s: a clock stops that did not run",
                            (unsigned long long) entry->sequence,
                            audit_number_text (entry->grievance));
    }
}

/* FNV-1a over what may be raised once: 64 bits are enough to notice, and a false alarm
 * in four billion raises is worth a look. */
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
    uint64_t digest = UINT64_C (0xCBF29CE484222325);
    const uint8_t *bytes = (const uint8_t *) parts;
    for (size_t i = 0; i < sizeof parts; i++)
        digest = (digest ^ bytes[i]) * UINT64_C (0x100000001B3);
    return digest | 1;
}

static void audit_raised (struct audit *audit, const struct entry *entry)
{
    const struct raised *raised = entry->raised;
    bool is_new;
    *map_at (&audit->raises, raise_digest (entry->grievance, raised), &is_new) =
        entry->sequence;
    if (raised->raise != 0)
        map_at (&audit->raised, raised->raise, NULL);
    if (!is_new && entry->grievance != 0)
        audit_complain (audit, "escalation entry %llu: %s: raised twice for one cause",
                        (unsigned long long) entry->sequence,
                        audit_number_text (entry->grievance));
    struct audit_grievance *grievance = audit_find (audit, entry->grievance);
    if (grievance != NULL && raised->level > grievance->level)
        grievance->level = (uint8_t) raised->level;
}

/* Ended once, and it was raised before. */
static void audit_raise_ended (struct audit *audit, const struct entry *entry)
{
    uint64_t *is_ended = map_find (&audit->raised, entry->raise_ended->raise);
    if (is_ended == NULL)
        audit_complain (audit, "escalation entry %llu: raise %llu ends, never raised",
                        (unsigned long long) entry->sequence,
                        (unsigned long long) entry->raise_ended->raise);
    else if (*is_ended != 0)
        audit_complain (audit, "escalation entry %llu: raise %llu ends twice",
                        (unsigned long long) entry->sequence,
                        (unsigned long long) entry->raise_ended->raise);
    else
        *is_ended = entry->sequence;
}

static void notice_count (struct audit *audit, uint64_t *state, enum notice_state next)
{
    if (*state != NOTICE_NONE)
        audit->in_notice_state[*state]--;
    *state = next;
    audit->in_notice_state[next]++;
}

static void notice_move (struct audit *audit, const struct entry *entry, uint64_t notice,
                         enum notice_state next)
{
    uint64_t *state = notice == 0 ? NULL : map_find (&audit->notices, notice);
    if (state == NULL) {
        audit_complain (audit, "notification entry %llu: notice %llu was never queued",
                        (unsigned long long) entry->sequence,
                        (unsigned long long) notice);
        return;
    }
    if (*state == NOTICE_DELIVERED || *state == NOTICE_ABANDONED)
        audit_complain (audit, "notification entry %llu: notice %llu moves after its end",
                        (unsigned long long) entry->sequence,
                        (unsigned long long) notice);
    notice_count (audit, state, next);
}

static void audit_notice (struct audit *audit, const struct entry *entry)
{
    if (entry->kind == KIND_NOTICE) {
        notice_count (audit, map_at (&audit->notices, entry->sequence, NULL),
                      NOTICE_QUEUED);
        return;
    }
    notice_move (audit, entry, entry->notice_moved->notice, entry->notice_moved->state);
    for (size_t i = 0; i < entry->notice_moved->n_others; i++)
        notice_move (audit, entry, entry->notice_moved->others[i],
                     entry->notice_moved->state);
}

void audit_entry (struct audit *audit, enum speaker speaker, const struct entry *entry)
{
    if (entry->sequence != audit->journals[speaker].last + 1)
        audit_complain (audit, "%s: entry %llu follows %llu", speaker_name (speaker),
                        (unsigned long long) entry->sequence,
                        (unsigned long long) audit->journals[speaker].last);
    if (entry->time_ms < audit->journals[speaker].last_ms)
        audit_complain (audit, "%s entry %llu: time goes back", speaker_name (speaker),
                        (unsigned long long) entry->sequence);
    audit->journals[speaker].last = entry->sequence;
    audit->journals[speaker].last_ms = entry->time_ms;
    audit_actor (audit, speaker, entry);

    if (entry->kind == KIND_REGISTERED)
        audit_registered_entry (audit, entry);
    else if (entry->kind == KIND_REFUSED)
        audit->refused++;
    else if (entry->kind == KIND_MOVED && entry->moved != NULL)
        audit_moved (audit, entry);
    else if ((entry->kind == KIND_PROPOSED || entry->kind == KIND_REJECTED) &&
             entry->moved != NULL)
        audit_proposal (audit, entry);
    else if (entry->kind == KIND_CLOCKS && entry->clocks != NULL)
        audit_clocks (audit, entry);
    else if (entry->kind == KIND_RAISED && entry->raised != NULL)
        audit_raised (audit, entry);
    else if (entry->kind == KIND_RAISE_ENDED && entry->raise_ended != NULL)
        audit_raise_ended (audit, entry);
    else if (entry->kind == KIND_NOTICE ||
             (entry->kind == KIND_NOTICE_MOVED && entry->notice_moved != NULL))
        audit_notice (audit, entry);
}

void audit_finish (struct audit *audit, uint64_t routing_at, uint64_t escalation_at)
{
    for (size_t i = 0; i < audit->n_grievances; i++) {
        const struct audit_grievance *grievance = &audit->grievances[i];
        if (audit->registered_at[i] <= routing_at && grievance->state == STATE_NONE)
            audit_complain (audit, "%s is registered and in no queue",
                            audit_number_text (grievance->number));
        if (audit->moved_at[i] == 0 || audit->moved_at[i] > escalation_at)
            continue;
        unsigned owed = grievance->state == STATE_CLOSED ? 0 : 1;
        if (grievance->stage_duties != owed || grievance->whole_duties != owed)
            audit_complain (
                audit, "%s is %s and has %u stage and %u whole duties, not %u",
                audit_number_text (grievance->number), state_name (grievance->state),
                grievance->stage_duties, grievance->whole_duties, owed);
    }
}

/* ---- what came out ---------------------------------------------------------------- */

size_t audit_problems (const struct audit *audit)
{
    return audit->problems;
}

const char *audit_finding (const struct audit *audit, size_t i)
{
    return i < audit->problems && i < AUDIT_FINDINGS_SHOWN ? audit->findings[i] : NULL;
}

uint64_t audit_entries (const struct audit *audit, enum speaker speaker)
{
    return audit->journals[speaker].last;
}

uint64_t audit_registered (const struct audit *audit)
{
    return audit->n_grievances;
}

uint64_t audit_refused (const struct audit *audit)
{
    return audit->refused;
}

uint64_t audit_in_state (const struct audit *audit, enum state state)
{
    uint64_t count = 0;
    for (size_t i = 0; i < audit->n_grievances; i++)
        count += audit->grievances[i].state == state;
    return count;
}

uint64_t audit_notices (const struct audit *audit, enum notice_state state)
{
    return audit->in_notice_state[state];
}

void audit_each (const struct audit *audit,
                 void (*visit) (void *arg, const struct audit_grievance *grievance),
                 void *arg)
{
    for (size_t i = 0; i < audit->n_grievances; i++)
        visit (arg, &audit->grievances[i]);
}
