/* SPDX-License-Identifier: Apache-2.0 */
#include "reckoning.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "wire/names.h"

#define CLOCKS_MAX 24
#define RECORD_MAX 20000

struct record {
    uint64_t number;
    bool is_registered, is_placed;
    enum state state;
    struct {
        enum duty duty;
        uint32_t owner;
    } clocks[CLOCKS_MAX];
    size_t n_clocks;
};

struct reading {
    struct reckoning *ret;
    struct record *records;
    size_t count;
    struct told *told;
    size_t n_told;
};

struct told {
    uint64_t source, template;
    uint32_t speaker, recipient, to, unused; /* compared as bytes: no holes */
};

static void complain (struct reckoning *ret, const char *format, ...) PRINTF_LIKE (2, 3);
static void complain (struct reckoning *ret, const char *format, ...)
{
    va_list args;
    if (ret->complaint[0] != '\0')
        return;
    va_start (args, format);
    vsnprintf (ret->complaint, sizeof ret->complaint, format, args);
    va_end (args);
}

static struct record *record_of (struct reading *reading, uint64_t number)
{
    for (size_t i = 0; i < reading->count; i++)
        if (reading->records[i].number == number)
            return &reading->records[i];
    assert (reading->count < RECORD_MAX);
    struct record *record = &reading->records[reading->count++];
    *record = (struct record){ .number = number };
    return record;
}

/* ---- journals ----------------------------------------------------------------------- */

static void read_intake (void *arg, const struct entry *entry, struct bytes body UNUSED)
{
    struct reading *reading = arg;
    if (entry->kind != KIND_REGISTERED)
        return;
    struct record *record = record_of (reading, entry->grievance);
    if (record->is_registered)
        complain (reading->ret, "%" PRIu64 " is registered twice", entry->grievance);
    record->is_registered = true;
}

static void read_routing (void *arg, const struct entry *entry, struct bytes body UNUSED)
{
    struct reading *reading = arg;
    if (entry->kind != KIND_MOVED || entry->moved == NULL)
        return;
    struct record *record = record_of (reading, entry->grievance);
    if (entry->moved->from != record->state)
        complain (reading->ret, "%" PRIu64 ": %s from %s, but it was %s",
                  entry->grievance, step_name (entry->moved->step),
                  state_name (entry->moved->from), state_name (record->state));
    if (record->is_placed && entry->moved->from == STATE_NONE)
        complain (reading->ret, "%" PRIu64 " is placed twice", entry->grievance);
    record->is_placed = true;
    record->state = entry->moved->to;
}

static void clock_start (struct reading *reading, struct record *record,
                         const struct clock_change *change)
{
    for (size_t i = 0; i < record->n_clocks; i++)
        if (record->clocks[i].duty == change->duty &&
            (change->duty != DUTY_ASSISTING || record->clocks[i].owner == change->owner))
            complain (reading->ret, "%" PRIu64 ": a second %s runs", record->number,
                      duty_name (change->duty));
    if (record->n_clocks == CLOCKS_MAX) {
        complain (reading->ret, "%" PRIu64 " has too many clocks", record->number);
        return;
    }
    record->clocks[record->n_clocks].duty = change->duty;
    record->clocks[record->n_clocks++].owner = change->owner;
}

static void clock_stop (struct reading *reading, struct record *record,
                        const struct clock_change *change)
{
    for (size_t i = 0; i < record->n_clocks; i++)
        if (record->clocks[i].duty == change->duty &&
            (change->duty != DUTY_ASSISTING ||
             record->clocks[i].owner == change->owner)) {
            record->clocks[i] = record->clocks[--record->n_clocks];
            return;
        }
    complain (reading->ret, "%" PRIu64 ": a %s stops that does not run", record->number,
              duty_name (change->duty));
}

static void read_escalation (void *arg, const struct entry *entry,
                             struct bytes body UNUSED)
{
    struct reading *reading = arg;
    if (entry->kind != KIND_CLOCKS || entry->clocks == NULL)
        return;
    struct record *record = record_of (reading, entry->grievance);
    for (size_t i = 0; i < entry->clocks->n_changes; i++) {
        const struct clock_change *change = &entry->clocks->changes[i];
        if (change->action == CLOCK_START)
            clock_start (reading, record, change);
        else if (change->action == CLOCK_STOP)
            clock_stop (reading, record, change);
    }
}

static void read_notification (void *arg, const struct entry *entry,
                               struct bytes body UNUSED)
{
    struct reading *reading = arg;
    if (entry->kind != KIND_NOTICE || entry->notice == NULL || entry->source == NULL)
        return;
    uint8_t hash[HASH16_SIZE];
    content_hash16 (bytes_of_text (entry->notice->template), hash);
    struct told told = { .source = entry->source->sequence,
                         .speaker = entry->source->speaker,
                         .recipient = entry->notice->recipient,
                         .to = entry->notice->to,
                         .template = get_be64 (hash) };
    for (size_t i = 0; i < reading->n_told; i++)
        if (memcmp (&reading->told[i], &told, sizeof told) == 0)
            complain (reading->ret, "%s is told twice of entry %" PRIu64 " (%s)",
                      recipient_name (entry->notice->recipient), told.source,
                      entry->notice->template);
    if (reading->n_told < RECORD_MAX)
        reading->told[reading->n_told++] = told;
}

/* ---- the sum ------------------------------------------------------------------------ */

static size_t count_clocks (const struct record *record, enum duty duty)
{
    size_t count = 0;
    for (size_t i = 0; i < record->n_clocks; i++)
        count += record->clocks[i].duty == duty;
    return count;
}

static void sum (struct reading *reading, const struct record *record)
{
    struct reckoning *ret = reading->ret;
    bool is_open = record->is_placed && record->state != STATE_CLOSED;
    ret->registered += record->is_registered;
    ret->placed += record->is_placed;
    ret->open += is_open;
    ret->unregistered += record->is_placed && !record->is_registered;
    ret->unplaced += record->is_registered && !record->is_placed;
    if (!is_open) {
        ret->adrift += record->n_clocks > 0;
        return;
    }
    if (count_clocks (record, DUTY_STAGE) != 1 || count_clocks (record, DUTY_WHOLE) != 1)
        complain (ret, "%" PRIu64 ", %s, has %zu stages and %zu wholes", record->number,
                  state_name (record->state), count_clocks (record, DUTY_STAGE),
                  count_clocks (record, DUTY_WHOLE));
}

static void scrub (struct town *town, enum speaker speaker, struct reckoning *ret)
{
    struct scrub scrub;
    struct err err = { 0 };
    if (core_scrub (town_core (town, speaker), &scrub, &err) < 0)
        complain (ret, "%s: %s", speaker_name (speaker), err.text);
    else if (scrub.differences > 0)
        complain (ret, "%s: the facts are not the fold: %s", speaker_name (speaker),
                  scrub.first);
}

void reckoning_make (struct town *town, struct reckoning *ret)
{
    *ret = (struct reckoning){ 0 };
    struct reading reading = { .ret = ret,
                               .records = calloc (RECORD_MAX, sizeof (struct record)),
                               .told = calloc (RECORD_MAX, sizeof (struct told)) };
    assert (reading.records != NULL && reading.told != NULL);
    town_journal (town, SPEAKER_INTAKE, read_intake, &reading);
    town_journal (town, SPEAKER_ROUTING, read_routing, &reading);
    town_journal (town, SPEAKER_ESCALATION, read_escalation, &reading);
    town_journal (town, SPEAKER_NOTIFICATION, read_notification, &reading);
    for (size_t i = 0; i < reading.count; i++)
        sum (&reading, &reading.records[i]);
    if (town_gauge (town, SPEAKER_ESCALATION, "stage_duties") != ret->open + ret->adrift)
        complain (ret, "%" PRIu64 " stages are counted, %zu grievances are open",
                  town_gauge (town, SPEAKER_ESCALATION, "stage_duties"), ret->open);
    for (unsigned speaker = SPEAKER_INTAKE; speaker <= SPEAKER_NOTIFICATION; speaker++)
        scrub (town, (enum speaker) speaker, ret);
    free (reading.records);
    free (reading.told);
}
