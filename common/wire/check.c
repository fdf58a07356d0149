/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/check.h"

#include <errno.h>

#include "base/hash.h"
#include "wire/wire.h"

static_assert (WIRE_CONTENT_SIZE == HASH16_SIZE, "the content of a command");
static_assert (WIRE_HASH_SIZE == HASH_SIZE, "hashes travel whole");

/* How many of the pointers are there. */
#define COUNT_SAID(...)                                                                  \
    count_said ((const void *const[]){ __VA_ARGS__ },                                    \
                sizeof ((const void *const[]){ __VA_ARGS__ }) / sizeof (void *))

static size_t count_said (const void *const *pointers, size_t count)
{
    size_t said = 0;
    for (size_t i = 0; i < count; i++)
        said += pointers[i] != NULL;
    return said;
}

static int text_or_sealed (const struct statement *statement, struct bytes sealed,
                           struct err *err)
{
    if (statement == NULL && sealed.size == 0)
        return err_set (err, -EBADMSG, "neither a statement nor a sealed one");
    if (statement != NULL && sealed.size > 0)
        return err_set (err, -EBADMSG, "both a statement and a sealed one");
    return 0;
}

int filing_check (const struct filing *filing, struct err *err)
{
    return text_or_sealed (filing->statement, filing->sealed, err);
}

int filing_body_check (const struct filing_body *body, struct err *err)
{
    return text_or_sealed (body->statement, body->sealed, err);
}

int command_check (const struct command *command, struct err *err)
{
    size_t said = COUNT_SAID (command->file, command->supplement, command->ask,
                              command->step, command->answer_raise, command->supervise,
                              command->hand_over, command->enrol);
    if (command->counter == 0)
        return err_set (err, -EBADMSG, "counters begin with 1");
    if (command->incarnation == 0)
        return err_set (err, -EBADMSG, "incarnations begin with 1");
    if (said != 1)
        return err_set (err, -EBADMSG, "%zu things to do in one command, not one", said);
    return command->file == NULL ? 0 : filing_check (command->file, err);
}

int outcome_check (const struct outcome *outcome, struct err *err)
{
    size_t said = COUNT_SAID (outcome->refusal, outcome->receipt, outcome->step_done,
                              outcome->recorded);
    if (said != 1)
        return err_set (err, -EBADMSG, "%zu answers in one outcome, not one", said);
    return 0;
}

int query_check (const struct query *query, struct err *err)
{
    size_t said = COUNT_SAID (query->course, query->contact, query->queue, query->item,
                              query->shape, query->route, query->documents,
                              query->deadline, query->due, query->raises, query->prints,
                              query->notices, query->standing);
    if (said != 1)
        return err_set (err, -EBADMSG, "%zu questions in one query, not one", said);
    return 0;
}

int reply_check (const struct reply *reply, struct err *err)
{
    size_t said = COUNT_SAID (reply->refusal, reply->course, reply->contact, reply->queue,
                              reply->item, reply->shape, reply->route, reply->documents,
                              reply->deadline, reply->due, reply->raises, reply->prints,
                              reply->notices, reply->standing);
    if (said != 1)
        return err_set (err, -EBADMSG, "%zu answers in one reply, not one", said);
    return 0;
}

/* The header that an entry of this kind carries; NULL where it lacks it. Kinds without
 * one, and unknown ones, yield the entry itself. */
static const void *entry_header (const struct entry *entry)
{
    switch ((enum kind) entry->kind) {
    case KIND_STARTED:
        return entry->started;
    case KIND_TABLE:
        return entry->table;
    case KIND_REFUSED:
        return entry->refused;
    case KIND_PARKED:
        return entry->parked;
    case KIND_INCARNATION:
        return entry->incarnation;
    case KIND_CROSSED:
        return entry->crossed;
    case KIND_TIME_SETTLED:
        return entry->time_settled;
    case KIND_LAPSED:
        return entry->lapsed;
    case KIND_DAMAGED:
        return entry->damaged;
    case KIND_REGISTERED:
        return entry->registered;
    case KIND_ASKED:
        return entry->asked;
    case KIND_MOVED:
    case KIND_OPINION:
    case KIND_PROPOSED:
    case KIND_REJECTED:
    case KIND_RESTATED:
        return entry->moved;
    case KIND_RESTATED_ALL:
        return entry->restated_all;
    case KIND_DOCUMENT:
        return entry->document;
    case KIND_ASK_ANSWERED:
        return entry->ask_answered;
    case KIND_CLOCKS:
        return entry->clocks;
    case KIND_RAISED:
        return entry->raised;
    case KIND_RAISE_ENDED:
        return entry->raise_ended;
    case KIND_NOTICE:
        return entry->notice;
    case KIND_NOTICE_MOVED:
        return entry->notice_moved;
    case KIND_NONE:
    case KIND_ENROLLED:
    case KIND_SUPPLEMENTED:
    case KIND_CANARY:
        break;
    }
    return entry;
}

int entry_check (const struct entry *entry, struct err *err)
{
    size_t said = COUNT_SAID (
        entry->started, entry->table, entry->refused, entry->parked, entry->incarnation,
        entry->crossed, entry->time_settled, entry->lapsed, entry->damaged,
        entry->registered, entry->asked, entry->moved, entry->ask_answered,
        entry->document, entry->restated_all, entry->clocks, entry->raised,
        entry->raise_ended, entry->notice, entry->notice_moved);
    if (said > 1)
        return err_set (err, -EBADMSG, "entry %llu says %zu things, not one",
                        (unsigned long long) entry->sequence, said);
    if (entry_header (entry) == NULL)
        return err_set (err, -EBADMSG, "entry %llu lacks the header of its kind %u",
                        (unsigned long long) entry->sequence, entry->kind);
    return 0;
}

static const struct {
    enum step step;
    enum ground first, last;
} grounds[] = {
    { STEP_DIVERT, GROUND_COURT, GROUND_OTHER_PROCEDURE },
    { STEP_REFUSE, GROUND_PROCEDURE_RUNS, GROUND_FINAL },
    { STEP_WITHDRAW, GROUND_SETTLED, GROUND_OWN_WISH },
    { STEP_LINK, GROUND_REPEATED, GROUND_SAME_MATTER },
    { STEP_REPURPOSE, GROUND_ASKS_ONLY, GROUND_CLAIMS },
    { STEP_CLOSE, GROUND_NO_ANSWER, GROUND_DECLINES },
};

bool ground_is_for (enum ground ground, enum step step)
{
    for (size_t i = 0; i < ARRAY_SIZE (grounds); i++)
        if (grounds[i].step == step)
            return ground >= grounds[i].first && ground <= grounds[i].last;
    return ground == GROUND_NONE;
}

void command_content (struct arena *arena, const struct command *command,
                      uint8_t ret_content[WIRE_CONTENT_SIZE])
{
    struct command uncounted = *command;
    uncounted.counter = 0;
    content_hash16 (command_encode (arena, &uncounted), ret_content);
}
