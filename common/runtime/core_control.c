/* SPDX-License-Identifier: Apache-2.0 */
/* Control: status, metrics, log level, verification. It reads; it changes nothing that
 * is durable. */
#include "runtime/core_inside.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "wire/names.h"

/* A source from which nothing was heard for so long is shown as not connected. */
#define HEARD_MS (10 * HEARTBEAT_MS)

/* ---- status ------------------------------------------------------------------------ */

struct gauges {
    struct arena *arena;
    struct gauge *list;
    size_t count, capacity;
};

static void gauge_add (void *into, const char *name, uint64_t value)
{
    struct gauges *gauges = into;
    if (gauges->count == gauges->capacity) {
        size_t capacity = gauges->capacity == 0 ? 32 : 2 * gauges->capacity;
        struct gauge *list = ARENA_ARRAY (gauges->arena, struct gauge, capacity);
        if (gauges->count > 0)
            memcpy (list, gauges->list, gauges->count * sizeof *list);
        gauges->list = list;
        gauges->capacity = capacity;
    }
    gauges->list[gauges->count++] =
        (struct gauge){ .name = arena_text (gauges->arena, name), .value = value };
}

size_t gauges_read (struct core *core, struct txn *txn, struct arena *arena,
                    struct gauge **ret_gauges)
{
    struct gauges gauges = { .arena = arena };
    if (core->spec->gauges != NULL)
        core->spec->gauges (core->self, txn, gauge_add, &gauges);
    if (core->options.gauges != NULL)
        core->options.gauges (core->options.gauges_arg, gauge_add, &gauges);
    *ret_gauges = gauges.list;
    return gauges.count;
}

static void position_tell (const struct link *link, int64_t now_ms, struct position *ret)
{
    const struct mark *mark = &link->done;
    *ret = (struct position){
        .speaker = link->spec->speaker,
        .journal = BYTES (mark->journal, JOURNAL_ID_SIZE),
        .acted = mark->acted,
        .acted_hash = mark->acted > 0 && !hash_is_zero (&mark->acted_hash)
                          ? hash_view (&mark->acted_hash)
                          : BYTES (NULL, 0),
        .complete_ms = link->complete_ms,
        .connected = link->is_connected && now_ms - link->heard_ms < HEARD_MS,
        .problem = link->problem[0] != '\0' ? link->problem : NULL
    };
}

/* The worst thing it knows of itself. */
static const char *trouble (struct core *core, struct arena *arena)
{
    for (size_t i = 0; i < core->n_links; i++)
        if (core->links[i].problem[0] != '\0')
            return arena_format (arena, "no longer follows %s: %s",
                                 speaker_name (core->links[i].spec->speaker),
                                 core->links[i].problem);
    if (core->trouble[0] != '\0')
        return core->trouble;
    if (core->is_tight)
        return "the store is nearly full: new filings are put off";
    if (core->n_parked > 0)
        return arena_format (arena,
                             "%zu inputs are parked: a person must look "
                             "(minqing journal, kind parked)",
                             core->n_parked);
    if (core->n_damage > 0)
        return arena_format (arena,
                             "entry %llu of the journal is damaged (%zu in all): put it "
                             "back from a backup: minqing restore DIR %s --entry %llu",
                             (unsigned long long) core->damage[0].sequence,
                             core->n_damage, core->spec->name,
                             (unsigned long long) core->damage[0].sequence);
    if (core->scrubbed.differences > 0)
        return arena_format (arena,
                             "the scrub found %llu records that are not what the journal "
                             "says: stop it and run 'minqing rebuild %s'",
                             (unsigned long long) core->scrubbed.differences,
                             core->spec->name);
    for (size_t i = 0; i < core->n_links; i++)
        if (link_is_silent (&core->links[i]))
            return arena_format (arena, "%s has been silent for a minute or more",
                                 speaker_name (core->links[i].spec->speaker));
    return NULL;
}

static void versions_tell (struct core *core, struct arena *arena, struct status *status)
{
    struct table_version *tables =
        ARENA_ARRAY (arena, struct table_version, RULES_TABLE_COUNT + 1);
    size_t count = 0;
    for (unsigned i = 0; i < RULES_TABLE_COUNT && core->rules != NULL; i++)
        tables[count++] =
            (struct table_version){ .name = rules_table_name ((enum rules_table) i),
                                    .version = core->rules->version[i] };
    if (core->clients != NULL)
        tables[count++] =
            (struct table_version){ .name = "clients", .version = core->clients_version };
    status->tables = tables;
    status->n_tables = count;
}

static void status_read (struct core *core, struct txn *txn, struct arena *arena,
                         int64_t now_ms, struct status *ret)
{
    const struct journal_identity *identity = journal_identity (core->journal);
    struct hash *root = ARENA_NEW (arena, struct hash);
    struct position *positions = ARENA_ARRAY (arena, struct position, core->n_links + 1);
    *ret = (struct status){ .speaker = core->spec->speaker,
                            .version = MINQING_VERSION,
                            .journal = BYTES (identity->id, JOURNAL_ID_SIZE),
                            .incarnation = identity->incarnation,
                            .head = journal_size (core->journal, txn),
                            .root = hash_view (root),
                            .now_ms = now_ms,
                            .started_ms = core->started_ms,
                            .positions = positions,
                            .n_positions = core->n_links,
                            .store_permille =
                                (uint32_t) (1000 * store_used_share (core->store)),
                            .time_uncertain = core_time_is_uncertain (core),
                            .full_ms = forecast_full_ms (core, txn, now_ms),
                            .trouble = trouble (core, arena) };
    if (journal_root (core->journal, txn, ret->head, root) < 0)
        ret->trouble = "the journal's tree is damaged: run 'minqing verify'";
    for (size_t i = 0; i < core->n_links; i++)
        position_tell (&core->links[i], now_ms, &positions[i]);
    ret->schema = CORE_SCHEMA;
    ret->scrub = ARENA_NEW (arena, struct scrub);
    scrub_tell (core, ret->scrub);
    ret->n_gauges = gauges_read (core, txn, arena, &ret->gauges);
    versions_tell (core, arena, ret);
}

void core_status (struct core *core, struct arena *arena, int64_t now_ms,
                  struct status *ret_status)
{
    struct txn *txn = txn_begin_read (core->store);
    status_read (core, txn, arena, now_ms, ret_status);
    txn_abort (&txn);
}

const char *core_metrics (struct core *core, struct arena *arena, int64_t now_ms)
{
    struct txn *txn = txn_begin_read (core->store);
    (void) now_ms; /* no metric tells the time */
    const char *text = metrics_text (core, txn, arena);
    txn_abort (&txn);
    return text;
}

/* ---- verbs ------------------------------------------------------------------------- */

static void log_level_take (struct control_reply *reply, struct arena *arena,
                            const char *level)
{
    if (level == NULL || log_set_level (level) < 0)
        reply->problem =
            arena_format (arena, "the level is one of critical, error, warning, notice, "
                                 "info, debug");
    else
        log_notice ("log level is %s now", level);
}

static void keepsake (struct core *core, struct keepsake *ret,
                      struct control_reply *reply)
{
    const struct journal_identity *identity = journal_identity (core->journal);
    *ret = (struct keepsake){ .speaker = core->spec->speaker,
                              .journal = BYTES (identity->id, JOURNAL_ID_SIZE),
                              .incarnation = identity->incarnation,
                              .secret = BYTES_OF (core->secret),
                              .schema = CORE_SCHEMA,
                              .version = MINQING_VERSION };
    reply->keepsake = ret;
}

/* Begin one, or say how far it is. */
static void scrub_ask (struct core *core, struct txn *txn, struct arena *arena,
                       struct control_reply *reply, struct status *status)
{
    struct err err = { 0 };
    if (scrub_begin (core, &err) < 0) {
        reply->problem = arena_text (arena, err.text);
        return;
    }
    status_read (core, txn, arena, core->now_ms, status);
    reply->status = status;
}

void control_answer (struct core *core, struct txn *txn, const struct sender *sender,
                     enum output_kind kind, const struct control *control)
{
    struct arena *arena = &core->scratch;
    struct status status;
    struct keepsake kept;
    struct control_reply reply = { .verb = control->verb };
    switch (control->verb) {
    case CONTROL_STATUS:
        status_read (core, txn, arena, core->now_ms, &status);
        reply.status = &status;
        break;
    case CONTROL_METRICS:
        reply.text = metrics_text (core, txn, arena);
        break;
    case CONTROL_LOG_LEVEL:
        log_level_take (&reply, arena, control->argument);
        break;
    case CONTROL_VERIFY:
        verify_begin (core, sender, kind);
        return; /* it answers when it is done */
    case CONTROL_KEEPSAKE:
        keepsake (core, &kept, &reply);
        break;
    case CONTROL_SCRUB:
        scrub_ask (core, txn, arena, &reply, &status);
        break;
    case CONTROL_NONE:
    case CONTROL_COUNT:
        reply.problem = "control has no such verb";
        break;
    }
    outbox_frame (core, kind, sender->peer, &(struct from_door){ .control = &reply });
}
