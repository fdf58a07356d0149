/* SPDX-License-Identifier: Apache-2.0 */
/* Events become entries, entries become facts.
 *
 * What is applied and answered from is the entry as it was encoded and read back, not
 * the service's structs: so a fold of the journal years later does exactly what was
 * done today, and an event that no follower could read ends this daemon before it is
 * journaled, not its followers after. */
#include "runtime/core_inside.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"
#include "base/text.h"
#include "wire/names.h"
#include "wire/wire.h"

/* ---- decisions --------------------------------------------------------------------- */

static int64_t later (int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t entry_time_ms (const struct core *core)
{
    int64_t at_least_ms = later (core->promised_ms, core->followed_ms);
    return later (core->now_ms, later (core->last_time_ms, at_least_ms));
}

void decision_begin (struct core *core, struct decision *ret_decision)
{
    *ret_decision =
        (struct decision){ .arena = &core->scratch, .now_ms = entry_time_ms (core) };
}

struct event *decision_event (struct decision *decision, enum kind kind)
{
    assert (decision->n_events < DECISION_EVENTS_MAX);
    struct event *event = ARENA_NEW (decision->arena, struct event);
    event->entry.kind = kind;
    decision->events[decision->n_events++] = event;
    return event;
}

struct event *decision_event_about (struct decision *decision, enum kind kind,
                                    uint64_t grievance, const struct matter *matter)
{
    struct event *event = decision_event (decision, kind);
    event->entry.grievance = grievance;
    event->entry.matter = ARENA_NEW (decision->arena, struct matter);
    *event->entry.matter = *matter;
    return event;
}

static struct refusal *refusal_make_va (struct arena *arena, enum refusal_code code,
                                        const char *format, va_list args)
{
    char sentence[2 * LIMIT_SENTENCE];
    struct refusal *refusal = ARENA_NEW (arena, struct refusal);
    vsnprintf (sentence, sizeof sentence, format, args);
    sentence[text_fit (bytes_of_text (sentence), LIMIT_SENTENCE).size] = '\0';
    refusal->code = code;
    refusal->sentence = arena_text (arena, sentence);
    return refusal;
}

struct refusal *refusal_make (struct arena *arena, enum refusal_code code,
                              const char *format, ...)
{
    va_list args;
    va_start (args, format);
    struct refusal *refusal = refusal_make_va (arena, code, format, args);
    va_end (args);
    return refusal;
}

struct refusal *decision_refuse (struct decision *decision, enum refusal_code code,
                                 const char *format, ...)
{
    va_list args;
    va_start (args, format);
    decision->refusal = refusal_make_va (decision->arena, code, format, args);
    va_end (args);
    decision->n_events = 0;
    return decision->refusal;
}

/* ---- facts of the core ------------------------------------------------------------- */

static struct bytes speaker_key (struct key *key, enum speaker speaker)
{
    key_init (key);
    key_u8 (key, (uint8_t) speaker);
    return key_view (key);
}

uint64_t taken_get (struct txn *txn, enum speaker speaker)
{
    struct key key;
    struct bytes value;
    if (!txn_get (txn, CORE_TAKEN, speaker_key (&key, speaker), &value) ||
        value.size != 8)
        return 0;
    return get_be64 (value.data);
}

static void taken_apply (struct txn *txn, const struct source *source)
{
    struct key key;
    uint8_t value[8];
    if (source == NULL || source->sequence <= taken_get (txn, source->speaker))
        return;
    put_be64 (value, source->sequence);
    txn_put (txn, CORE_TAKEN, speaker_key (&key, source->speaker), BYTES_OF (value));
}

void core_apply (struct core *core, const struct entry *entry, struct bytes body)
{
    clients_apply (core->txn, &core->counters, entry);
    taken_apply (core->txn, entry->source);
    tables_apply (core, entry);
    damaged_apply (core, entry);
    due_apply (core, entry);
    incarnation_apply (core, entry);
    core->spec->apply (core->self, core->txn, entry, body);
}

/* ---- emit -------------------------------------------------------------------------- */

static void stamp (struct core *core, struct entry *entry, const struct actor *actor,
                   const struct source *source)
{
    struct actor *own = entry->actor;
    entry->sequence = journal_next_sequence (core->journal, core->txn);
    entry->time_ms = entry_time_ms (core);
    entry->time_uncertain = core_time_is_uncertain (core);
    if (source != NULL && entry->source == NULL) {
        entry->source = ARENA_NEW (&core->scratch, struct source);
        *entry->source = *source;
    }
    if (actor == NULL)
        return;
    entry->actor = ARENA_NEW (&core->scratch, struct actor);
    *entry->actor = own != NULL ? *own : *actor;
    entry->actor->client = actor->client;
    entry->actor->incarnation = actor->incarnation;
    entry->actor->counter = actor->counter;
    entry->actor->content = actor->content;
}

/* An entry that does not share a page takes whole ones. */
#define PAGE_SIZE   4096
#define PAGE_SHARED (PAGE_SIZE / 2)

static void tight_count (struct core *core, size_t size)
{
    size_t pages = size < PAGE_SHARED ? 0 : (size + PAGE_SIZE) / PAGE_SIZE;
    core->tight_room -= (int64_t) (pages == 0 ? 2 * size : pages * PAGE_SIZE);
    if (core->tight_room <= 0)
        core->is_tight = true;
}

bool core_emit (struct core *core, struct event *event, const struct actor *actor,
                const struct source *source, struct entry *ret_entry,
                struct hash *ret_leaf_hash)
{
    struct entry entry;
    struct err err = { 0 };
    if (txn_error (core->txn) != 0)
        return false;
    stamp (core, &event->entry, actor, source);
    buffer_clear (&core->header);
    entry_append (&event->entry, &core->header);
    struct bytes header = buffer_bytes (&core->header);
    if (entry_decode (&core->scratch, header, &entry, &err) < 0) {
        log_line (LOG_LEVEL_CRITICAL, "an event of kind %s breaks the protocol: %s",
                  kind_name ((enum kind) event->entry.kind), err.text);
        assert (!"an event that no follower could read");
    }
    if (journal_append (core->journal, core->txn, header, event->body, ret_leaf_hash) ==
        0)
        return false;
    tight_count (core, header.size + event->body.size);
    core->last_time_ms = entry.time_ms;
    core_apply (core, &entry, event->body);
    if (ret_entry != NULL)
        *ret_entry = entry;
    return txn_error (core->txn) == 0;
}

void core_emit_all (struct core *core, struct decision *decision,
                    const struct source *source)
{
    for (size_t i = 0; i < decision->n_events; i++)
        if (!core_emit (core, decision->events[i], NULL, source, NULL, NULL))
            return;
}

/* ---- read back --------------------------------------------------------------------- */

bool core_entry (struct core *core, struct txn *txn, uint64_t sequence,
                 struct arena *arena, struct entry *ret_entry, struct bytes *ret_body)
{
    struct journal_record record;
    struct err err = { 0 };
    if (core->origin != NULL) { /* a shadow has facts only; the journal is ours */
        txn = core->origin_txn;
        core = core->origin;
    }
    int rc = ret_body != NULL
                 ? journal_read (core->journal, txn, sequence, &record)
                 : journal_read_header (core->journal, txn, sequence, &record);
    if (rc == 0)
        rc = entry_decode (arena, record.header, ret_entry, &err);
    if (rc == 0 && ret_body != NULL)
        *ret_body = arena_bytes (arena, record.body);
    if (rc < 0 && txn_error (txn) < 0)
        return false; /* not the entry: the batch has failed and will be undone */
    if (rc < 0 && sequence <= core->head)
        damaged_note (core, sequence, NULL);
    if (rc < 0 && rc != -ENOENT)
        log_error ("entry %llu cannot be read (%s); 'minqing verify' shows the extent",
                   (unsigned long long) sequence, err.code != 0 ? err.text : "damaged");
    return rc == 0;
}
