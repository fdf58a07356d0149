/* SPDX-License-Identifier: Apache-2.0 */
#include "toy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire/wire.h"

/* Counts are kept under a number; these are no grievances. */
#define FIRED       UINT64_MAX
#define FIRED_BLIND (UINT64_MAX - 1)
#define TOTAL       (UINT64_MAX - 2)

enum { ROW_KIND = 1, ROW_IDLE = 2 };

struct toy {
    struct core *core;
    struct arena arena;
    uint64_t effect; /* to be done; 0: none */
};

uint64_t toy_deadly_followed, toy_deadly_due, toy_deadly_query;
static unsigned rules_calls, results;
static bool wants_to_ask;
static uint64_t heard;

static const char *const table_names[TOY_TABLES] = {
    [TOY_COUNTS] = "counts", [TOY_VIEW] = "view"
};

static int toy_open (struct core *core, void **ret_self, struct err *err)
{
    (void) err;
    struct toy *toy = calloc (1, sizeof *toy);
    assert (toy != NULL);
    toy->core = core;
    arena_init (&toy->arena, 0);
    *ret_self = toy;
    return 0;
}

static void toy_close (void **self)
{
    struct toy *toy = *self;
    arena_done (&toy->arena);
    free (toy);
    *self = NULL;
}

static void toy_rules (void *self, const struct rules *rules)
{
    (void) self;
    assert (rules != NULL);
    rules_calls++;
}

/* ---- counts ------------------------------------------------------------------------- */

static uint64_t count_get (struct txn *txn, enum toy_table table, uint64_t number)
{
    struct key key;
    struct bytes value;
    key_init (&key);
    key_u64 (&key, number);
    return txn_get (txn, core_table (table), key_view (&key), &value)
               ? get_be64 (value.data)
               : 0;
}

static void count_add (struct txn *txn, enum toy_table table, uint64_t number)
{
    struct key key;
    uint8_t value[8];
    put_be64 (value, count_get (txn, table, number) + 1);
    key_init (&key);
    key_u64 (&key, number);
    txn_put (txn, core_table (table), key_view (&key), BYTES_OF (value));
}

static uint64_t read_count (struct core *core, enum toy_table table, uint64_t number)
{
    struct txn *txn = txn_begin_read (core_store (core));
    uint64_t count = count_get (txn, table, number);
    txn_abort (&txn);
    return count;
}

uint64_t toy_count (struct core *core, uint64_t number)
{
    return read_count (core, TOY_COUNTS, number);
}

uint64_t toy_seen (struct core *core, uint64_t number)
{
    return read_count (core, TOY_VIEW, number);
}

uint64_t toy_fired (struct core *core)
{
    return read_count (core, TOY_COUNTS, FIRED);
}

uint64_t toy_fired_blind (struct core *core)
{
    return read_count (core, TOY_COUNTS, FIRED_BLIND);
}

unsigned toy_rules_calls (void)
{
    return rules_calls;
}

void toy_ask (void)
{
    wants_to_ask = true;
    heard = 0;
}

uint64_t toy_heard (void)
{
    return heard;
}

unsigned toy_results (void)
{
    return results;
}

/* ---- rows --------------------------------------------------------------------------- */

static struct agenda_row row_of (int64_t from_ms, uint64_t number)
{
    return (struct agenda_row){ .due_ms = from_ms + TOY_DUE_MS,
                                .kind = ROW_KIND,
                                .subject = number };
}

static struct event *event_of (struct decision *decision, enum kind kind, uint64_t number)
{
    struct event *event = decision_event (decision, kind);
    event->entry.grievance = number;
    return event;
}

static void add_answer (struct decision *decision, uint64_t number, bool taken,
                        uint64_t sequence)
{
    struct event *event = event_of (decision, KIND_ASK_ANSWERED, number);
    struct ask_answered *answered = ARENA_NEW (decision->arena, struct ask_answered);
    *answered = (struct ask_answered){ .what = ASKED_RATE,
                                       .taken = taken,
                                       .asked_sequence = sequence };
    event->entry.ask_answered = answered;
}

static void toy_due (void *self, struct txn *txn, const struct agenda_row *row,
                     struct decision *decision)
{
    (void) self, (void) txn;
    if (toy_deadly_due != 0 && row->subject == toy_deadly_due)
        _exit (TOY_DEATH);
    if (row->kind == ROW_IDLE)
        return;
    /* The due time stands where a followed sequence would. */
    add_answer (decision, row->subject, decision->blind, (uint64_t) row->due_ms);
}

static void fired_apply (struct txn *txn, const struct entry *entry)
{
    struct agenda_row row = { .due_ms = (int64_t) entry->ask_answered->asked_sequence,
                              .kind = ROW_KIND,
                              .subject = entry->grievance };
    agenda_remove (txn, CORE_AGENDA, &row);
    count_add (txn, TOY_COUNTS, FIRED);
    if (entry->ask_answered->taken)
        count_add (txn, TOY_COUNTS, FIRED_BLIND);
}

/* ---- the source --------------------------------------------------------------------- */

static void add_supplement (struct decision *decision, uint64_t number, const char *text)
{
    struct event *event = event_of (decision, KIND_SUPPLEMENTED, number);
    event->body =
        asked_body_encode (decision->arena, &(struct asked_body){ .text = text });
}

static void source_decide (void *self, struct txn *txn, const struct sender *sender,
                           const struct command *command, struct decision *decision)
{
    const struct supplement *supplement = command->supplement;
    (void) self, (void) txn;
    assert (sender->client != NULL);
    if (supplement == NULL) {
        decision_refuse (decision, REFUSAL_MALFORMED, "a toy takes supplements");
        return;
    }
    const char *text = supplement->text;
    if (strcmp (text, "poison") == 0)
        _exit (TOY_DEATH);
    if (strcmp (text, "refuse") == 0)
        decision_refuse (decision, REFUSAL_WRONG_STATE, "as asked")->field = "text";
    else if (strcmp (text, "later") == 0)
        decision_refuse (decision, REFUSAL_TRY_LATER, "as asked");
    else if (strcmp (text, "nothing") != 0)
        add_supplement (decision, supplement->number, text);
    if (strcmp (text, "two") == 0)
        add_supplement (decision, supplement->number, "second");
}

static void source_apply (void *self, struct txn *txn, const struct entry *entry,
                          struct bytes body)
{
    struct toy *toy = self;
    struct asked_body asked;
    if (entry->kind == KIND_ASK_ANSWERED) {
        fired_apply (txn, entry);
        return;
    }
    if (entry->kind != KIND_SUPPLEMENTED)
        return;
    count_add (txn, TOY_COUNTS, entry->grievance);
    count_add (txn, TOY_COUNTS, TOTAL);
    arena_reset (&toy->arena);
    int rc = asked_body_decode (&toy->arena, body, &asked, NULL);
    assert (rc == 0);
    if (strcmp (asked.text, "due") == 0 || strcmp (asked.text, "idle") == 0) {
        struct agenda_row row = row_of (entry->time_ms, entry->grievance);
        row.kind = strcmp (asked.text, "idle") == 0 ? ROW_IDLE : ROW_KIND;
        agenda_put (txn, CORE_AGENDA, &row);
    }
    if (strcmp (asked.text, "effect") == 0)
        toy->effect = entry->grievance;
}

static void source_outcome (void *self, struct txn *txn, const struct entry *entry,
                            const struct hash *leaf_hash, struct arena *arena,
                            struct outcome *ret_outcome)
{
    (void) self, (void) txn;
    ret_outcome->receipt = ARENA_NEW (arena, struct receipt);
    *ret_outcome->receipt = (struct receipt){ .number = entry->grievance,
                                              .registered_at_ms = entry->time_ms,
                                              .counted_from_ms = entry->time_ms,
                                              .last_day_ms = entry->time_ms,
                                              .sequence = entry->sequence,
                                              .leaf_hash = hash_view (leaf_hash) };
}

static void source_result (void *self, struct txn *txn, uint64_t effect, int sysexit,
                           const char *detail, struct decision *decision)
{
    (void) self, (void) txn, (void) sysexit, (void) detail;
    results++;
    add_supplement (decision, effect, "done");
}

static void source_settled (void *self, struct txn *txn, int64_t now_ms,
                            struct arena *arena, struct outbox *outbox)
{
    struct toy *toy = self;
    (void) txn, (void) now_ms, (void) arena;
    if (toy->effect == 0)
        return;
    core_effect (
        toy->core, outbox,
        &(struct effect){ .id = toy->effect, .channel = "pipe", .text = "do it" });
    toy->effect = 0;
}

/* ---- the follower ------------------------------------------------------------------- */

static void follower_view (void *self, struct txn *txn, const struct entry *entry,
                           struct bytes body)
{
    (void) self, (void) body;
    if (entry->kind == KIND_SUPPLEMENTED)
        count_add (txn, TOY_VIEW, entry->grievance);
}

static void follower_follow (void *self, struct txn *txn, const struct entry *entry,
                             struct bytes body, struct decision *decision)
{
    (void) self, (void) txn, (void) body;
    if (entry->kind != KIND_SUPPLEMENTED)
        return;
    if (toy_deadly_followed != 0 && entry->grievance == toy_deadly_followed)
        _exit (TOY_DEATH);
    add_answer (decision, entry->grievance, true, entry->sequence);
}

static void follower_apply (void *self, struct txn *txn, const struct entry *entry,
                            struct bytes body)
{
    (void) self, (void) body;
    if (entry->kind != KIND_ASK_ANSWERED)
        return;
    if (entry->source == NULL) {
        fired_apply (txn, entry);
        return;
    }
    struct agenda_row row = row_of (entry->time_ms, entry->grievance);
    agenda_put (txn, CORE_AGENDA, &row);
    count_add (txn, TOY_COUNTS, entry->grievance);
    count_add (txn, TOY_COUNTS, TOTAL);
}

static void follower_decide (void *self, struct txn *txn, const struct sender *sender,
                             const struct command *command, struct decision *decision)
{
    (void) self, (void) txn, (void) sender, (void) command;
    decision_refuse (decision, REFUSAL_NO_RIGHT, "a follower takes no commands");
}

static void follower_reply (void *self, struct txn *txn, uint64_t ticket,
                            const struct reply *reply, struct decision *decision)
{
    (void) self, (void) txn, (void) decision;
    assert (ticket == 42);
    heard = reply != NULL ? reply->due->rows[0].number : UINT64_MAX;
}

static void follower_settled (void *self, struct txn *txn, int64_t now_ms,
                              struct arena *arena, struct outbox *outbox)
{
    struct toy *toy = self;
    struct due_query due = { 0 };
    (void) txn, (void) now_ms, (void) arena;
    if (!wants_to_ask)
        return;
    wants_to_ask = false;
    bool asked =
        core_ask (toy->core, outbox, SPEAKER_INTAKE, 42, &(struct query){ .due = &due });
    assert (asked);
}

/* ---- both --------------------------------------------------------------------------- */

/* "What is due" is answered with the total. */
static void toy_query (void *self, struct txn *txn, const struct sender *sender,
                       const struct query *query, struct arena *arena,
                       struct reply *ret_reply)
{
    (void) self, (void) sender;
    if (query->due == NULL) {
        ret_reply->refusal = ARENA_NEW (arena, struct refusal);
        ret_reply->refusal->code = REFUSAL_MALFORMED;
        return;
    }
    if (toy_deadly_query != 0 && query->due->limit == toy_deadly_query)
        _exit (TOY_DEATH);
    ret_reply->due = ARENA_NEW (arena, struct due);
    ret_reply->due->rows = ARENA_NEW (arena, struct duty_row);
    ret_reply->due->n_rows = 1;
    *ret_reply->due->rows =
        (struct duty_row){ .number = count_get (txn, TOY_COUNTS, TOTAL),
                           .duty = DUTY_CANARY };
}

static unsigned subscribers;

static enum refusal_code toy_subscribe (void *self, const struct sender *sender,
                                        const struct subscribe *subscribe)
{
    (void) self, (void) sender, (void) subscribe;
    subscribers++;
    return REFUSAL_NONE;
}

static void toy_gone (void *self, struct bytes peer)
{
    (void) self, (void) peer;
    subscribers--;
}

unsigned toy_subscribers (void)
{
    return subscribers;
}

static void toy_gauges (void *self, struct txn *txn,
                        void (*add) (void *into, const char *name, uint64_t value),
                        void *into)
{
    (void) self;
    add (into, "supplements{of=\"all\"}", count_get (txn, TOY_COUNTS, TOTAL));
    add (into, "fired", count_get (txn, TOY_COUNTS, FIRED));
    add (into, "supplements{of=\"none\"}", 0);
}

const struct service_spec toy_source = {
    .name = "intake",
    .speaker = SPEAKER_INTAKE,
    .tables = table_names,
    .n_tables = TOY_TABLES,
    .n_facts = TOY_VIEW,
    .open = toy_open,
    .close = toy_close,
    .rules = toy_rules,
    .apply = source_apply,
    .decide = source_decide,
    .due = toy_due,
    .result = source_result,
    .subscribe = toy_subscribe,
    .gone = toy_gone,
    .outcome = source_outcome,
    .query = toy_query,
    .settled = source_settled,
    .gauges = toy_gauges,
};

static const struct follow_spec follows[] = { { .speaker = SPEAKER_INTAKE,
                                                .bodies = true } };

const struct service_spec toy_follower = {
    .name = "routing",
    .speaker = SPEAKER_ROUTING,
    .tables = table_names,
    .n_tables = TOY_TABLES,
    .n_facts = TOY_VIEW,
    .follows = follows,
    .n_follows = ARRAY_SIZE (follows),
    .due_on_complete_knowledge = true,
    .open = toy_open,
    .close = toy_close,
    .apply = follower_apply,
    .view = follower_view,
    .decide = follower_decide,
    .follow = follower_follow,
    .due = toy_due,
    .reply = follower_reply,
    .settled = follower_settled,
    .outcome = source_outcome,
    .query = toy_query,
    .gauges = toy_gauges,
};
