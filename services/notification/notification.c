/* SPDX-License-Identifier: Apache-2.0 */
/* Wiring: which message goes to which function. The law is in decide_*.c, memory in
 * store.c, events become tables in apply.c.
 *
 *   intake, routing, escalation ─▶ telling.c ─▶ notice (queued)
 *   due row ─────────────────────▶ sending.c ─▶ sending │ later │ unreachable │ maybe sent
 *   after the commit ────────────▶ leaving.c ─▶ ask intake for the contact ─▶ effect
 *   the channel's result ────────▶ sending.c ─▶ sent │ failed │ next outlet │ abandoned
 *   hand over (a terminal) ──────▶ telling.c ─▶ sent │ delivered
 *   prints, notices ◀── query.c */
#include "notification/notification.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "notification/apply.h"
#include "notification/inside.h"

static void follow (void *self, struct txn *txn, const struct entry *entry,
                    struct bytes body UNUSED, struct decision *decision)
{
    notification_follow (self, txn, entry, decision);
}

static void due (void *self, struct txn *txn, const struct agenda_row *row,
                 struct decision *decision)
{
    notification_due (self, txn, row, decision);
}

static void result (void *self, struct txn *txn, uint64_t effect, int sysexit,
                    const char *detail, struct decision *decision)
{
    notification_result (self, txn, effect, sysexit, detail, decision);
}

static void reply (void *self, struct txn *txn, uint64_t ticket, const struct reply *said,
                   struct decision *decision)
{
    notification_contact (self, txn, ticket, said, decision);
}

static void settled (void *self, struct txn *txn, int64_t now_ms UNUSED,
                     struct arena *arena, struct outbox *outbox)
{
    notification_leave (self, txn, arena, outbox);
}

static void decide (void *self, struct txn *txn, const struct sender *sender,
                    const struct command *command, struct decision *decision)
{
    if (command->hand_over)
        notification_hand_over (self, txn, sender->client, command->hand_over, decision);
    else
        decision_refuse (decision, REFUSAL_MALFORMED,
                         "notification takes one command: printed, or handed over");
}

static void outcome (void *self UNUSED, struct txn *txn UNUSED, const struct entry *entry,
                     const struct hash *leaf_hash UNUSED, struct arena *arena,
                     struct outcome *ret_outcome)
{
    ret_outcome->recorded = ARENA_NEW (arena, struct recorded);
    ret_outcome->recorded->sequence = entry->sequence;
}

static void query (void *self, struct txn *txn, const struct sender *sender,
                   const struct query *asked, struct arena *arena,
                   struct reply *ret_reply)
{
    notification_query (self, txn, sender->client, asked, arena, ret_reply);
}

static void apply (void *arg, struct txn *txn, const struct entry *entry,
                   struct bytes body UNUSED)
{
    struct notification *self = arg;

    arena_reset (&self->scratch);
    notification_apply (txn, entry, &self->scratch);
}

static void gauges (void *arg, struct txn *txn,
                    void (*add) (void *into, const char *name, uint64_t value),
                    void *into)
{
    static const char *const names[NOTICE_COUNT] = {
        [NOTICE_QUEUED] = "notices{state=\"queued\"}",
        [NOTICE_SENDING] = "notices{state=\"sending\"}",
        [NOTICE_SENT] = "notices{state=\"sent\"}",
        [NOTICE_DELIVERED] = "notices{state=\"delivered\"}",
        [NOTICE_FAILED] = "notices{state=\"failed\"}",
        [NOTICE_MAYBE_SENT] = "notices{state=\"maybe_sent\"}",
        [NOTICE_ABANDONED] = "notices{state=\"abandoned\"}",
        [NOTICE_UNREACHABLE] = "notices{state=\"unreachable\"}",
    };
    const struct notification *self = arg;
    struct notification_counts counts;

    notification_counts_read (txn, &counts);
    for (size_t i = 1; i < NOTICE_COUNT; i++)
        add (into, names[i], counts.of[i]);
    add (into, "flights", self->n_flights);
}

static int open_self (struct core *core, void **ret_self, struct err *err)
{
    struct notification *self = calloc (1, sizeof *self);

    if (!self)
        return err_set (err, -ENOMEM, "no memory for the notification service");
    self->core = core;
    arena_init (&self->scratch, 0);
    notification_policy_read (core, &self->policy);
    *ret_self = self;
    return 0;
}

static void close_self (void **arg)
{
    struct notification *self = *arg;

    if (!self)
        return;
    if (self->flights)
        explicit_bzero (self->flights, self->n_flights * sizeof *self->flights);
    free (self->flights);
    arena_done (&self->scratch);
    free (self);
    *arg = NULL;
}

static const uint32_t clocks[] = { KIND_CLOCKS, KIND_CANARY };

static const struct follow_spec follows[] = {
    { .speaker = SPEAKER_INTAKE, .can_wait = true },
    { .speaker = SPEAKER_ROUTING, .can_wait = true },
    { .speaker = SPEAKER_ESCALATION,
      .can_wait = true,
      .without = clocks,
      .n_without = ARRAY_SIZE (clocks) },
};

const struct service_spec notification_service = {
    .name = "notification",
    .speaker = SPEAKER_NOTIFICATION,
    .schema = 2,
    .tables = notification_tables,
    .n_tables = NOTIFICATION_TABLES,
    .n_facts = NOTIFICATION_TABLES,
    .follows = follows,
    .n_follows = ARRAY_SIZE (follows),
    .nicer = 5,
    .open = open_self,
    .close = close_self,
    .apply = apply,
    .decide = decide,
    .follow = follow,
    .due = due,
    .reply = reply,
    .result = result,
    .outcome = outcome,
    .query = query,
    .settled = settled,
    .gauges = gauges,
};
