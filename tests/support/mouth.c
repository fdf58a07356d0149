/* SPDX-License-Identifier: Apache-2.0 */
/* A command that says nothing makes a mouth journal what was handed to 'mouth_say'. */
#include "mouth.h"

static const struct entry *to_say;

static int mouth_open (struct core *core, void **ret_self, struct err *err)
{
    (void) err;
    *ret_self = core;
    return 0;
}

static void mouth_close (void **self)
{
    *self = NULL;
}

static void mouth_apply (void *self, struct txn *txn, const struct entry *entry,
                         struct bytes body)
{
    (void) self;
    (void) txn;
    (void) entry;
    (void) body;
}

static void mouth_decide (void *self, struct txn *txn, const struct sender *sender,
                          const struct command *command, struct decision *decision)
{
    (void) self;
    (void) txn;
    (void) sender;
    (void) command;
    assert (to_say != NULL);
    decision_event (decision, (enum kind) to_say->kind)->entry = *to_say;
}

static void mouth_outcome (void *self, struct txn *txn, const struct entry *entry,
                           const struct hash *leaf_hash, struct arena *arena,
                           struct outcome *ret_outcome)
{
    (void) self;
    (void) txn;
    (void) leaf_hash;
    ret_outcome->recorded = ARENA_NEW (arena, struct recorded);
    ret_outcome->recorded->sequence = entry->sequence;
}

#define MOUTH(of, number)                                                                \
    {                                                                                    \
        .name = #of, .speaker = number, .open = mouth_open, .close = mouth_close,        \
        .apply = mouth_apply, .decide = mouth_decide, .outcome = mouth_outcome,          \
    }

const struct service_spec mouth_intake = MOUTH (intake, SPEAKER_INTAKE);
const struct service_spec mouth_routing = MOUTH (routing, SPEAKER_ROUTING);
const struct service_spec mouth_notification = MOUTH (notification, SPEAKER_NOTIFICATION);

void mouth_say (struct town_client *client, enum speaker speaker,
                const struct entry *entry)
{
    struct supplement nothing = { .number = 1, .query_code = "0123ABCD", .text = "-" };
    struct outcome *outcome;

    to_say = entry;
    outcome = town_command (client, speaker, &(struct command){ .supplement = &nothing });
    assert (outcome != NULL && outcome->recorded != NULL);
    to_say = NULL;
}
