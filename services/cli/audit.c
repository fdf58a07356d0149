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

const char *const audit_check_names[AUDIT_CHECKS] = {
    [AUDIT_SEQUENCE] = "sequence",
    [AUDIT_TIME] = "time",
    [AUDIT_KIND] = "kind",
    [AUDIT_STARTED] = "started",
    [AUDIT_DAMAGED] = "damaged",
    [AUDIT_COUNTER] = "counter",
    [AUDIT_INCARNATION] = "incarnation",
    [AUDIT_CROSSED] = "crossed",
    [AUDIT_TABLE] = "table",
    [AUDIT_BODY] = "body",
    [AUDIT_SOURCE] = "source",
    [AUDIT_SOURCE_ORDER] = "source-order",
    [AUDIT_NUMBER] = "number",
    [AUDIT_REGISTERED] = "registered",
    [AUDIT_PLACED] = "placed",
    [AUDIT_MATTER] = "matter",
    [AUDIT_COURSE] = "course",
    [AUDIT_HOLDER] = "holder",
    [AUDIT_FENCING] = "fencing",
    [AUDIT_SECOND] = "second",
    [AUDIT_REASON] = "reason",
    [AUDIT_INSTANCE] = "instance",
    [AUDIT_COUNTS] = "counts",
    [AUDIT_ASKED] = "asked",
    [AUDIT_DOCUMENT] = "document",
    [AUDIT_CLOCK] = "clock",
    [AUDIT_PROMISE] = "promise",
    [AUDIT_DUTY] = "duty",
    [AUDIT_EARLY] = "early",
    [AUDIT_TWICE] = "twice",
    [AUDIT_LATE] = "late",
    [AUDIT_RAISE] = "raise",
    [AUDIT_NOTICE] = "notice",
    [AUDIT_NOTICE_KEY] = "notice-key",
    [AUDIT_NOTICE_MOVE] = "notice-move",
    [AUDIT_TOLD] = "told",
    [AUDIT_DAYS] = "days",
    [AUDIT_OUTSIDE] = "outside",
};
static_assert (AUDIT_CHECKS <= 64, "a bit for each");

/* ---- life --------------------------------------------------------------------------- */

struct audit *audit_create (void)
{
    struct audit *audit = calloc (1, sizeof *audit);
    if (audit == NULL)
        abort ();
    for (unsigned i = 0; i < SPEAKER_COUNT; i++)
        audit->journals[i].incarnation = 1;
    return audit;
}

void audit_destroy (struct audit **audit)
{
    struct audit *it = *audit;
    if (it == NULL)
        return;
    for (unsigned i = 0; i < SPEAKER_COUNT; i++)
        free (it->journals[i].refs);
    free (it->grievances);
    free (it->clocks);
    free (it->pending);
    struct map *maps[] = { &it->by_number, &it->clients, &it->tables, &it->raises,
                           &it->raised,    &it->notices, &it->told,   &it->asks };
    for (size_t i = 0; i < ARRAY_SIZE (maps); i++)
        map_done (maps[i]);
    audit_days_done (&it->villages);
    audit_days_done (&it->departments);
    free (it);
    *audit = NULL;
}

void audit_without (struct audit *audit, enum audit_check check)
{
    audit->without |= UINT64_C (1) << check;
}

/* ---- complaints --------------------------------------------------------------------- */

/* An accusation's number is said by nobody; nor is one of which it is not known. */
static const char *name_of (const struct audit *audit, uint64_t number,
                            const struct matter *matter)
{
    static char text[NUMBER_TEXT_SIZE];
    const uint64_t *index = map_find (&audit->by_number, number);
    bool is_accusation = index != NULL    ? audit->grievances[*index - 1].is_accusation
                         : matter != NULL ? matter->purpose == PURPOSE_ACCUSATION
                                          : false;
    if (is_accusation)
        return "an accusation";
    if (index == NULL && matter == NULL)
        return "a grievance";
    return number_is_valid (number) ? number_format (number, text) : "a grievance";
}

static void note (struct audit *audit, enum audit_check check, const char *where,
                  const char *format, va_list args)
{
    if ((audit->without >> check & 1) != 0)
        return;
    audit->found |= UINT64_C (1) << check;
    size_t i = audit->problems++;
    if (i >= AUDIT_FINDINGS_SHOWN)
        return;
    char *text = audit->findings[i];
    int used = snprintf (text, ERR_TEXT_SIZE, "%s", where);
    if (used >= 0 && used < ERR_TEXT_SIZE)
        vsnprintf (text + used, (size_t) (ERR_TEXT_SIZE - used), format, args);
}

void audit_complain (struct audit *audit, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    note (audit, AUDIT_OUTSIDE, "", format, args);
    va_end (args);
}

void audit_fault (struct audit *audit, enum audit_check check, const char *format, ...)
{
    char where[128];
    const struct entry *entry = audit->entry;
    va_list args;
    snprintf (where, sizeof where, "%s entry %llu: %s%s", speaker_name (audit->speaker),
              (unsigned long long) entry->sequence,
              entry->grievance == 0 ? ""
                                    : name_of (audit, entry->grievance, entry->matter),
              entry->grievance == 0 ? "" : ": ");
    va_start (args, format);
    note (audit, check, where, format, args);
    va_end (args);
}

void audit_fault_of (struct audit *audit, enum audit_check check,
                     const struct audit_grievance *grievance, const char *format, ...)
{
    char where[64];
    va_list args;
    snprintf (where, sizeof where, "%s ", name_of (audit, grievance->number, NULL));
    va_start (args, format);
    note (audit, check, where, format, args);
    va_end (args);
}

void audit_fault_at_end (struct audit *audit, enum audit_check check, const char *format,
                         ...)
{
    va_list args;
    va_start (args, format);
    note (audit, check, "", format, args);
    va_end (args);
}

uint64_t audit_digest (uint64_t digest, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        digest = (digest ^ ((const uint8_t *) bytes)[i]) * UINT64_C (0x100000001B3);
    return digest | (digest == 0);
}

/* ---- grievances --------------------------------------------------------------------- */

struct audit_grievance *audit_find (struct audit *audit, uint64_t number)
{
    const uint64_t *index = number == 0 ? NULL : map_find (&audit->by_number, number);
    return index == NULL ? NULL : &audit->grievances[*index - 1];
}

struct audit_grievance *audit_add (struct audit *audit, const struct entry *entry)
{
    if (audit->n_grievances == audit->capacity) {
        audit->capacity = audit->capacity == 0 ? 1024 : audit->capacity * 2;
        audit->grievances =
            reallocarray (audit->grievances, audit->capacity, sizeof *audit->grievances);
        if (audit->grievances == NULL)
            abort ();
    }
    size_t i = audit->n_grievances++;
    struct audit_grievance *grievance = &audit->grievances[i];
    *grievance = (struct audit_grievance){ .number = entry->grievance, .instance = 1 };
    if (entry->matter != NULL) {
        grievance->village = entry->matter->village;
        grievance->is_accusation = entry->matter->purpose == PURPOSE_ACCUSATION;
    }
    *map_at (&audit->by_number, entry->grievance, NULL) = i + 1;
    return grievance;
}

struct audit_grievance *audit_known (struct audit *audit, enum audit_check check)
{
    struct audit_grievance *grievance = audit_find (audit, audit->entry->grievance);
    if (grievance != NULL)
        return grievance;
    if (audit->entry->grievance != 0 && audit_source_is_lost (audit))
        return audit_add (audit, audit->entry);
    audit_fault (audit, check, "was never registered");
    return NULL;
}

/* ---- what holds of every journal ---------------------------------------------------- */

static void audit_actor (struct audit *audit)
{
    const struct actor *actor = audit->entry->actor;
    if (actor == NULL || actor->counter == 0)
        return;
    bool is_new;
    uint64_t *place = map_at (&audit->clients,
                              (uint64_t) audit->speaker << 32 | actor->client, &is_new);
    uint64_t incarnation = *place >> 40, counter = *place & ((UINT64_C (1) << 40) - 1);
    bool follows = actor->incarnation == incarnation && actor->counter == counter + 1;
    /* An enrolment opens the next incarnation; before the first there is none. */
    bool opens = actor->counter == 1 &&
                 (is_new ? actor->incarnation == 1 || audit->entry->kind == KIND_ENROLLED
                         : audit->entry->kind == KIND_ENROLLED &&
                               actor->incarnation == incarnation + 1);
    if (!follows && !opens)
        audit_fault (audit, AUDIT_COUNTER, "client %u says %u/%llu after %llu/%llu",
                     actor->client, actor->incarnation,
                     (unsigned long long) actor->counter,
                     (unsigned long long) incarnation, (unsigned long long) counter);
    *place = (uint64_t) actor->incarnation << 40 | actor->counter;
}

static void audit_time (struct audit *audit, struct audit_journal *journal)
{
    const struct entry *entry = audit->entry;
    if (entry->time_ms < journal->last_ms)
        audit_fault (audit, AUDIT_TIME, "time goes back");
    if (entry->kind == KIND_TIME_SETTLED && entry->time_settled != NULL) {
        if (entry->time_settled->until_ms < entry->time_settled->from_ms ||
            entry->time_settled->until_ms > entry->time_ms)
            audit_fault (audit, AUDIT_TIME, "time was settled before it was in doubt");
        journal->is_uncertain = false;
    } else if (journal->is_uncertain && !entry->time_uncertain) {
        audit_fault (audit, AUDIT_TIME,
                     "nobody settled the time that was in doubt since entry %lld",
                     (long long) journal->uncertain_ms);
        journal->is_uncertain = false;
    } else if (!journal->is_uncertain && entry->time_uncertain) {
        journal->is_uncertain = true;
        journal->uncertain_ms = (int64_t) entry->sequence;
    }
    journal->last_ms = entry->time_ms;
}

static bool is_about_grievance (uint32_t kind)
{
    return (kind > 100 && kind <= KIND_ASKED) ||
           (kind >= KIND_MOVED && kind <= KIND_RESTATED) || kind == KIND_CLOCKS;
}

static void audit_kind (struct audit *audit)
{
    const struct entry *entry = audit->entry;
    if (entry->kind >= 100 && entry->kind / 100 != (uint32_t) audit->speaker)
        audit_fault (audit, AUDIT_KIND, "is of another speaker's kind %u", entry->kind);
    if (is_about_grievance (entry->kind) && entry->grievance == 0)
        audit_fault (audit, AUDIT_KIND, "%s about no grievance",
                     kind_name ((enum kind) entry->kind));
    struct audit_grievance *known = audit_find (audit, entry->grievance);
    if (known != NULL && entry->matter != NULL && known->village != 0 &&
        entry->matter->village != known->village)
        audit_fault (audit, AUDIT_MATTER, "is of village %llu, and was filed of %llu",
                     (unsigned long long) entry->matter->village,
                     (unsigned long long) known->village);
    if (known != NULL && entry->matter != NULL &&
        entry->matter->terminal != number_terminal (entry->grievance))
        audit_fault (audit, AUDIT_MATTER, "is said to be of terminal %u",
                     entry->matter->terminal);
}

/* Tables may come before 'started': they are what is started with. */
static void audit_started (struct audit *audit, struct audit_journal *journal)
{
    uint32_t kind = audit->entry->kind;
    if (kind == KIND_STARTED)
        journal->is_started = true;
    else if (kind == KIND_INCARNATION)
        journal->is_started = false;
    else if (kind != KIND_TABLE && kind != KIND_TIME_SETTLED && !journal->is_started)
        audit_fault (audit, AUDIT_STARTED, "was written before the daemon had started");
}

static uint64_t table_key (enum speaker speaker, uint64_t version)
{
    uint64_t parts[] = { speaker, version };
    return audit_digest (AUDIT_DIGEST_BEGIN, parts, sizeof parts);
}

static void table_is_known (struct audit *audit, uint64_t version)
{
    if (version != 0 &&
        map_find (&audit->tables, table_key (audit->speaker, version)) == NULL)
        audit_fault (audit, AUDIT_TABLE, "names a table %016llx that was never taken",
                     (unsigned long long) version);
}

static void audit_tables (struct audit *audit)
{
    const struct entry *entry = audit->entry;
    if (entry->kind == KIND_TABLE && entry->table != NULL)
        map_at (&audit->tables, table_key (audit->speaker, entry->table->version), NULL);
    if (entry->registered != NULL)
        table_is_known (audit, entry->registered->table_version);
    if (entry->moved != NULL)
        table_is_known (audit, entry->moved->table_version);
    if (entry->document != NULL)
        table_is_known (audit, entry->document->table_version);
    for (size_t i = 0; entry->clocks != NULL && i < entry->clocks->n_changes; i++)
        table_is_known (audit, entry->clocks->changes[i].table_version);
}

static void audit_ref (struct audit *audit, struct audit_journal *journal)
{
    const struct entry *entry = audit->entry;
    if (journal->last == journal->refs_capacity) {
        journal->refs_capacity =
            journal->refs_capacity == 0 ? 4096 : journal->refs_capacity * 2;
        journal->refs =
            reallocarray (journal->refs, journal->refs_capacity, sizeof *journal->refs);
        if (journal->refs == NULL)
            abort ();
    }
    const uint64_t *index =
        entry->grievance == 0 ? NULL : map_find (&audit->by_number, entry->grievance);
    journal->refs[journal->last++] = (struct audit_ref){
        .grievance = index == NULL ? 0 : (uint32_t) *index,
        .kind = (uint16_t) entry->kind,
        .taken = entry->grievance != 0 ? REF_HAS_NUMBER : 0,
    };
    if (entry->damaged != NULL && entry->damaged->damaged == entry->sequence)
        journal->refs[journal->last - 1].taken |= REF_STANDS_IN;
}

/* ---- one entry ---------------------------------------------------------------------- */

static void audit_set_aside (struct audit *audit)
{
    const struct entry *entry = audit->entry;
    struct audit_grievance *grievance = audit_find (audit, entry->grievance);
    if (entry->kind == KIND_PARKED && entry->parked != NULL) {
        audit->parked++;
        struct audit_ref *ref = audit_source_ref (audit);
        if (grievance == NULL && ref != NULL && ref->grievance != 0)
            grievance = &audit->grievances[ref->grievance - 1];
        if (grievance == NULL && entry->parked->due != NULL)
            grievance = audit_find (audit, entry->parked->due->subject);
        if (grievance != NULL)
            grievance->is_parked = true;
    }
}

/* What stands in the stream instead of a damaged entry names itself. An entry that only says
 * that an earlier one was damaged has been answered when that one is told again as it was. */
static void audit_damage (struct audit *audit)
{
    const struct audit_journal *journal = &audit->journals[audit->speaker];
    const struct entry *entry = audit->entry;
    uint64_t damaged = entry->damaged != NULL ? entry->damaged->damaged : 0;
    if (damaged == entry->sequence)
        audit_fault (audit, AUDIT_DAMAGED, "is damaged: this stands in its place");
    else if (damaged == 0 || damaged > journal->last)
        audit_fault (audit, AUDIT_DAMAGED, "names damaged entry %llu, which is not there",
                     (unsigned long long) damaged);
    else if ((journal->refs[damaged - 1].taken & REF_STANDS_IN) == 0)
        audit->mended++;
}

static void audit_own_kind (struct audit *audit)
{
    static void (*const by_kind[]) (struct audit * audit) = {
        [KIND_PARKED] = audit_set_aside,
        [KIND_DAMAGED] = audit_damage,
        [KIND_INCARNATION] = audit_incarnation_entry,
        [KIND_CROSSED] = audit_crossed_entry,
        [KIND_REGISTERED] = audit_registered_entry,
        [KIND_ASKED] = audit_asked,
        [KIND_MOVED] = audit_moved,
        [KIND_PROPOSED] = audit_proposal,
        [KIND_REJECTED] = audit_proposal,
        [KIND_ASK_ANSWERED] = audit_ask_answered,
        [KIND_DOCUMENT] = audit_document,
        [KIND_CLOCKS] = audit_clocks,
        [KIND_RAISED] = audit_raised,
        [KIND_RAISE_ENDED] = audit_raise_ended,
        [KIND_NOTICE] = audit_notice,
        [KIND_NOTICE_MOVED] = audit_notice_moved,
    };
    uint32_t kind = audit->entry->kind;
    if (kind == KIND_REFUSED)
        audit->refused++;
    else if (kind == KIND_CANARY) {
        audit->canary_ms[0] = audit->canary_ms[1];
        audit->canary_ms[1] = audit->entry->time_ms;
    } else if (kind < ARRAY_SIZE (by_kind) && by_kind[kind] != NULL)
        by_kind[kind](audit);
}

void audit_entry (struct audit *audit, enum speaker speaker, const struct entry *entry,
                  const struct hash *leaf_hash, struct bytes body)
{
    struct audit_journal *journal = &audit->journals[speaker];
    audit->speaker = speaker;
    audit->entry = entry;
    audit->body = body;
    if (entry->sequence != journal->last + 1)
        audit_fault (audit, AUDIT_SEQUENCE, "follows %llu",
                     (unsigned long long) journal->last);
    audit_time (audit, journal);
    audit_kind (audit);
    audit_started (audit, journal);
    audit_tables (audit);
    audit_actor (audit);
    audit_source (audit);
    audit_own_kind (audit);
    if (body.size > 0)
        audit_body (audit);
    audit_ref (audit, journal);
    journal->has_leaf = leaf_hash != NULL;
    if (leaf_hash != NULL)
        journal->leaf = *leaf_hash;
    audit->entry = NULL;
}

void audit_finish (struct audit *audit, const struct audit_positions *positions)
{
    audit_sources_finish (audit);
    audit_course_finish (audit, positions);
    audit_clocks_finish (audit, positions);
    audit_days_finish (audit, positions);
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

bool audit_has_found (const struct audit *audit, enum audit_check check)
{
    return (audit->found >> check & 1) != 0;
}

uint64_t audit_entries (const struct audit *audit, enum speaker speaker)
{
    return audit->journals[speaker].last;
}

uint64_t audit_registered (const struct audit *audit)
{
    uint64_t count = 0;
    for (size_t i = 0; i < audit->n_grievances; i++)
        count += audit->grievances[i].registered != 0;
    return count;
}

uint64_t audit_refused (const struct audit *audit)
{
    return audit->refused;
}

uint64_t audit_parked (const struct audit *audit)
{
    return audit->parked;
}

uint64_t audit_mended (const struct audit *audit)
{
    return audit->mended;
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
