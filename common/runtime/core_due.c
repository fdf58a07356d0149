/* SPDX-License-Identifier: Apache-2.0 */
/* The agenda: due rows fire in the batch, oldest first, in bounded numbers.
 *
 * A service may ask for complete knowledge: a row then waits until every followed journal
 * is complete up to its time, since an entry still on its way may have settled it. A
 * source from which nothing moved for SILENT_MS does not hold the law's clocks up: rows
 * fire then, marked blind. */
#include "runtime/core_inside.h"

#include <inttypes.h>

#include "base/fault.h"
#include "base/log.h"

bool link_is_silent (const struct link *link)
{
    return link->silent_ms >= SILENT_MS;
}

void silence_grow (struct core *core, int64_t now_ms)
{
    int64_t more_ms = now_ms - core->now_ms;
    if (more_ms > SILENT_STEP_MS)
        more_ms = SILENT_STEP_MS;
    for (size_t i = 0; i < core->n_links && more_ms > 0; i++) {
        struct link *link = &core->links[i];
        /* Who is complete up to now holds nothing up: time was set back. */
        if (!link_is_silent (link) && link->complete_ms < now_ms)
            link->silent_ms += more_ms;
    }
}

bool core_source_is_silent (const struct core *core, enum speaker speaker)
{
    for (size_t i = 0; i < core->n_links; i++)
        if (core->links[i].spec->speaker == speaker)
            return link_is_silent (&core->links[i]);
    return false;
}

int64_t core_source_complete_ms (const struct core *core, enum speaker speaker)
{
    for (size_t i = 0; i < core->n_links; i++)
        if (core->links[i].spec->speaker == speaker)
            return core->links[i].complete_ms;
    return 0;
}

/* Up to which time may rows fire? */
static int64_t known_until_ms (const struct core *core)
{
    int64_t until_ms = core->now_ms;
    if (!core->spec->due_on_complete_knowledge || FAULT (FIRE_STALE))
        return until_ms;
    for (size_t i = 0; i < core->n_links; i++) {
        const struct link *link = &core->links[i];
        if (!link_is_silent (link) && link->complete_ms < until_ms)
            until_ms = link->complete_ms;
    }
    return until_ms;
}

static bool is_blind (const struct core *core, const struct agenda_row *row)
{
    if (!core->spec->due_on_complete_knowledge)
        return false;
    for (size_t i = 0; i < core->n_links; i++)
        if (core->links[i].complete_ms < row->due_ms)
            return true;
    return false;
}

static void due_row_of (const struct agenda_row *row, struct due_row *ret)
{
    *ret = (struct due_row){ .due_ms = row->due_ms,
                             .kind = row->kind,
                             .subject = row->subject,
                             .part = row->part };
}

void due_apply (struct core *core, const struct entry *entry)
{
    const struct due_row *due = entry->lapsed;
    if (due == NULL && entry->parked != NULL)
        due = entry->parked->due;
    if (due == NULL || due->due_ms < 0)
        return;
    struct agenda_row row = { .due_ms = due->due_ms,
                              .kind = (uint16_t) due->kind,
                              .subject = due->subject,
                              .part = due->part };
    agenda_remove (core->txn, CORE_AGENDA, &row);
}

static void row_park (struct core *core, const struct agenda_row *row,
                      const struct hash *unit)
{
    log_error ("due row kind %u of subject %" PRIu64 " is parked: %s stumbled over it "
               "three times",
               row->kind, row->subject, core->spec->name);
    struct due_row parked;
    due_row_of (row, &parked);
    unit_park (core, unit, NULL, NULL, &parked, NULL, NULL);
}

/* A row is taken away by an entry, so that a fold of the journal takes it away too. */
static void row_lapse (struct core *core, const struct agenda_row *row)
{
    struct event *event = ARENA_NEW (&core->scratch, struct event);
    event->entry.kind = KIND_LAPSED;
    event->entry.informative = true;
    event->entry.lapsed = ARENA_NEW (&core->scratch, struct due_row);
    due_row_of (row, event->entry.lapsed);
    core_emit (core, event, NULL, NULL, NULL, NULL);
}

static void row_fire (struct core *core, const struct agenda_row *row)
{
    struct decision decision;
    struct agenda_row still;
    decision_begin (core, &decision);
    decision.blind = is_blind (core, row);
    decision.known_until_ms = known_until_ms (core);
    core->spec->due (core->self, core->txn, row, &decision);
    core_emit_all (core, &decision, NULL);
    core->batch_tally.due++;
    if (!agenda_find (core->txn, CORE_AGENDA, row->due_ms, row->kind, row->subject,
                      row->part, &still))
        return;
    /* Nothing was due after all. With events it is our bug, and leaving the row would
     * fire it for ever. */
    if (decision.n_events > 0)
        log_error ("due row kind %u of subject %" PRIu64
                   " fired and was not removed by its events",
                   row->kind, row->subject);
    row_lapse (core, row);
}

static int64_t steady_us (const struct core *core)
{
    return core->options.steady_us != NULL ? core->options.steady_us () : 0;
}

void due_fire (struct core *core, bool is_busy)
{
    if (core->spec->due == NULL || core->next_due_ms > core->now_ms ||
        core_time_is_uncertain (core))
        return;
    size_t count = agenda_due (core->txn, CORE_AGENDA, known_until_ms (core),
                               is_busy ? DUE_MAX_BUSY : DUE_MAX, core->due_rows);
    int64_t since_us = steady_us (core);
    for (size_t i = 0; i < count && txn_error (core->txn) == 0; i++) {
        if (i > 0 && steady_us (core) - since_us >= DUE_US)
            break; /* the rest is due in the next turn */
        struct agenda_row *row = &core->due_rows[i];
        struct hash unit;
        uint8_t name[22];
        put_be64 (name, (uint64_t) row->due_ms);
        put_be16 (name + 8, row->kind);
        put_be64 (name + 10, row->subject);
        put_be32 (name + 18, row->part);
        arena_reset (&core->scratch);
        bool may_run =
            unit_may_run (core, UNIT_DUE, BYTES_OF (name), BYTES (NULL, 0), &unit);
        /* A row before it may have settled this one, and its value may be newer. */
        if (!agenda_find (core->txn, CORE_AGENDA, row->due_ms, row->kind, row->subject,
                          row->part, row))
            continue;
        if (may_run)
            row_fire (core, row);
        else
            row_park (core, row, &unit);
    }
}

int64_t due_wake_ms (const struct core *core)
{
    if (core_time_is_uncertain (core))
        return INT64_MAX; /* settling it takes a turn */
    if (core->spec->due == NULL || core->next_due_ms > core->now_ms ||
        core->next_due_ms <= known_until_ms (core))
        return core->next_due_ms;
    /* Overdue, but not known: an entry or a heartbeat will wake us, or the silence. */
    return core->now_ms + SILENT_STEP_MS;
}
