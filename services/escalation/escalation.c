/* SPDX-License-Identifier: Apache-2.0 */
/* Wiring: which message goes to which function. The law is in decide_*.c, memory in
 * store.c, events are made in scene.c and become tables in apply.c.
 *
 *   registered (intake) ─┐                        ┌─ clocks: whole, stage, holder, assisting
 *   moved, opinion ──────┼─▶ load ─▶ law ─▶ events ┼─ raised: late steps, causes
 *   (routing)            │                        └─ raise ended: withdrawn
 *   due row ─────────────┘     step │ answer │ sweep │ canary │ settle
 *   answer a raise ────────────────────────────────▶ raise ended: answered
 *   supervise ─────────────────────────────────────▶ raised: supervision
 *
 * Notification is followed so that silence there is noticed. */
#include "escalation/escalation.h"

#include <errno.h>
#include <stdlib.h>

#include "base/civil.h"
#include "escalation/apply.h"
#include "escalation/inside.h"
#include "escalation/query.h"

#define SOON_MAX 20000 /* rows counted as due soon, some milliseconds; more are not */

static void follow (void *arg, struct txn *txn, const struct entry *entry,
                    struct bytes body, struct decision *decision)
{
    (void) body; /* headers only */
    escalation_follow (arg, txn, entry, decision);
}

static void due (void *arg, struct txn *txn, const struct agenda_row *row,
                 struct decision *decision)
{
    struct escalation *self = arg;

    self->looked_ms = decision->now_ms;
    escalation_due (self, txn, row, decision);
}

/* ---- commands ---------------------------------------------------------------------- */

static void decide (void *arg, struct txn *txn, const struct sender *sender,
                    const struct command *command, struct decision *decision)
{
    escalation_command (arg, txn, sender, command, decision);
}

static void outcome (void *arg, struct txn *txn, const struct entry *entry,
                     const struct hash *leaf_hash, struct arena *arena,
                     struct outcome *ret_outcome)
{
    (void) arg;
    (void) txn;
    (void) leaf_hash;
    ret_outcome->recorded = ARENA_NEW (arena, struct recorded);
    ret_outcome->recorded->sequence = entry->sequence;
}

static void query (void *arg, struct txn *txn, const struct sender *sender,
                   const struct query *asked, struct arena *arena,
                   struct reply *ret_reply)
{
    struct escalation *self = arg;

    escalation_query (self->core, txn, sender->client, asked, arena, ret_reply);
}

/* ---- the rest ---------------------------------------------------------------------- */

static void apply (void *arg, struct txn *txn, const struct entry *entry,
                   struct bytes body)
{
    struct escalation *self = arg;

    (void) body;
    arena_reset (&self->scratch);
    escalation_apply (self->core, txn, entry, &self->scratch);
}

static void settled (void *arg, struct txn *txn, int64_t now_ms, struct arena *arena,
                     struct outbox *outbox)
{
    struct escalation *self = arg;

    (void) txn;
    (void) arena;
    (void) outbox;
    self->looked_ms = now_ms;
}

/* Rows that somebody owes: the canary is nobody's. */
static uint64_t due_until (struct txn *txn, int64_t until_ms, int64_t canary_due_ms)
{
    size_t count = agenda_count (txn, CORE_AGENDA, until_ms, SOON_MAX + 1);

    return count > 0 && canary_due_ms != 0 && canary_due_ms <= until_ms ? count - 1
                                                                        : count;
}

static void gauges (void *arg, struct txn *txn,
                    void (*add) (void *into, const char *name, uint64_t value),
                    void *into)
{
    static const struct {
        const char *name;
        unsigned tally;
    } named[] = {
        { "grievances", TALLY_GRIEVANCES },
        { "open", TALLY_OPEN },
        { "stage_duties", TALLY_STAGE },
        { "whole_duties", TALLY_WHOLE },
        { "holder_duties", TALLY_HOLDER },
        { "assisting_duties", TALLY_ASSISTING },
        { "task_duties", TALLY_TASK },
        { "raises_open", TALLY_RAISES_OPEN },
        { "raised{cause=\"band\"}", TALLY_RAISED + CAUSE_BAND },
        { "raised{cause=\"breach\"}", TALLY_RAISED + CAUSE_BREACH },
        { "raised{cause=\"objections\"}", TALLY_RAISED + CAUSE_OBJECTIONS },
        { "raised{cause=\"hand_overs\"}", TALLY_RAISED + CAUSE_HAND_OVERS },
        { "raised{cause=\"dispute\"}", TALLY_RAISED + CAUSE_DISPUTE },
        { "raised{cause=\"group\"}", TALLY_RAISED + CAUSE_GROUP },
        { "raised{cause=\"urgent\"}", TALLY_RAISED + CAUSE_URGENT },
        { "raised{cause=\"source_silent\"}", TALLY_RAISED + CAUSE_SOURCE_SILENT },
        { "raised{cause=\"supervision\"}", TALLY_RAISED + CAUSE_SUPERVISION },
        { "raised{cause=\"unanswered\"}", TALLY_RAISED + CAUSE_UNANSWERED },
        { "raises_withdrawn", TALLY_WITHDRAWN },
    };
    struct escalation *self = arg;
    struct escalation_tallies tallies;
    int64_t now_ms = core_now_ms (self->core), canary_due_ms;

    escalation_tallies_read (txn, &tallies);
    for (size_t i = 0; i < ARRAY_SIZE (named); i++)
        add (into, named[i].name, tallies.of[named[i].tally]);
    add (into, "due_within_day_limit", SOON_MAX); /* reached: at least so many */
    /* Prometheus counts time in seconds, and promtool insists. */
    canary_due_ms = (int64_t) tallies.of[TALLY_CANARY_DUE_MS];
    add (into, "looked_timestamp_seconds", (uint64_t) self->looked_ms / 1000);
    add (into, "canary_timestamp_seconds", tallies.of[TALLY_CANARY_MS] / 1000);
    add (into, "canary_due_timestamp_seconds", (uint64_t) canary_due_ms / 1000);
    add (into, "canary_overdue_seconds",
         canary_due_ms != 0 && now_ms > canary_due_ms
             ? (uint64_t) (now_ms - canary_due_ms) / 1000
             : 0);
    add (into, "due_within_day", due_until (txn, now_ms + CIVIL_DAY_MS, canary_due_ms));
}

static int open_self (struct core *core, void **ret_self, struct err *err)
{
    struct escalation *self = calloc (1, sizeof *self);

    if (!self)
        return err_set (err, -ENOMEM, "no memory for the escalation service");
    self->core = core;
    arena_init (&self->scratch, 0);
    *ret_self = self;
    return 0;
}

static void close_self (void **arg)
{
    struct escalation *self = *arg;

    if (!self)
        return;
    arena_done (&self->scratch);
    free (self);
    *arg = NULL;
}

static const uint32_t notices[] = { KIND_NOTICE, KIND_NOTICE_MOVED };

static const struct follow_spec follows[] = {
    { .speaker = SPEAKER_INTAKE, .can_wait = true },
    { .speaker = SPEAKER_ROUTING, .can_wait = true },
    { .speaker = SPEAKER_NOTIFICATION,
      .can_wait = true,
      .without = notices,
      .n_without = ARRAY_SIZE (notices) },
};

const struct service_spec escalation_service = {
    .name = "escalation",
    .speaker = SPEAKER_ESCALATION,
    .schema = 2,
    .tables = escalation_tables,
    .n_tables = ESCALATION_TABLES,
    .n_facts = ESCALATION_TABLES,
    .follows = follows,
    .n_follows = ARRAY_SIZE (follows),
    .nicer = 5,
    .due_on_complete_knowledge = true,
    .open = open_self,
    .close = close_self,
    .apply = apply,
    .decide = decide,
    .follow = follow,
    .due = due,
    .outcome = outcome,
    .query = query,
    .settled = settled,
    .gauges = gauges,
};
