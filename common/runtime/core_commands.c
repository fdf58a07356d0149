/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of clients, first half: their commands, in the batch.
 *
 *   frame ─▶ decode ─▶ whose key? ─▶ each command: admit
 *                                      │ new ──────▶ decide ─▶ events ─────▶ outcome
 *                                      │                    └▶ refusal ─▶ entry ─▶ outcome
 *                                      │ repeat ───▶ the recorded entry ───▶ outcome
 *                                      └ conflict, gap, incarnation, try later:
 *                                        nothing written, nothing consumed
 *
 * New or repeated, an outcome is always made from the entry that records it, so both are
 * the same bytes. After the first command of a frame that is put off, the rest of that
 * frame is put off too: they are behind it in line. */
#include "runtime/core_inside.h"

#include <string.h>

#include "base/log.h"
#include "rules/rules.h"
#include "wire/wire.h"

/* One command on its way. */
struct work {
    const struct sender *sender;
    const struct command *command;
    struct actor actor;
    uint8_t content[HASH16_SIZE];
    struct client_place place;
    struct outcome *outcome;
};

/* ---- the content ------------------------------------------------------------------- */

/* The digest covers the command's bytes without its counter (proto: Actor.content).
 * Required fields come first and are always written, so the counter is the first two
 * bytes of the canonical encoding with counter 0. */
static void command_content (struct core *core, const struct command *command,
                             uint8_t ret_content[HASH16_SIZE])
{
    struct command bare = *command;
    bare.counter = 0;
    buffer_clear (&core->header);
    command_append (&bare, &core->header);
    assert (core->header.size >= 2 && core->header.data[0] == 0x08 &&
            core->header.data[1] == 0);
    content_hash16 (BYTES (core->header.data + 2, core->header.size - 2), ret_content);
}

/* ---- outcomes ---------------------------------------------------------------------- */

static void outcome_of_entry (struct core *core, const struct work *work,
                              const struct entry *entry, const struct hash *leaf_hash)
{
    struct outcome *outcome = work->outcome;
    switch (entry->kind) {
    case KIND_REFUSED:
        /* The entry's memory ends with the unit of work. */
        outcome->refusal = ARENA_NEW (&core->arena, struct refusal);
        *outcome->refusal = *entry->refused->refusal;
        outcome->refusal->sentence =
            arena_text (&core->arena, entry->refused->refusal->sentence);
        outcome->refusal->field =
            arena_text (&core->arena, entry->refused->refusal->field);
        break;
    case KIND_PARKED:
        outcome->refusal = refusal_make (
            &core->arena, REFUSAL_PARKED,
            "the daemon stumbled over this command three times; it is set aside as "
            "entry %llu and a person looks at it",
            (unsigned long long) entry->sequence);
        break;
    case KIND_ENROLLED:
        outcome->recorded = ARENA_NEW (&core->arena, struct recorded);
        outcome->recorded->sequence = entry->sequence;
        break;
    default: {
        /* A receipt may point at the hash: let it live as long as the outcome. */
        struct hash *kept = ARENA_NEW (&core->arena, struct hash);
        *kept = *leaf_hash;
        core->spec->outcome (core->self, core->txn, entry, kept, &core->arena, outcome);
    }
    }
}

static void put_off (struct core *core, struct work *work, enum refusal_code code,
                     const char *sentence)
{
    struct refusal *refusal = refusal_make (&core->arena, code, "%s", sentence);
    refusal->next_counter = work->place.next_counter;
    if (code == REFUSAL_INCARNATION)
        refusal->incarnation = work->place.incarnation;
    work->outcome->refusal = refusal;
    core->batch_tally.commands[COMMAND_PUT_OFF]++;
    core->batch_tally.refusals[code]++;
}

/* The counter was used, so this was taken or refused, once, and its answer cannot be told
 * any more. To say "later" would stop the client's line for ever. */
static void answer_damaged (struct core *core, struct work *work, uint64_t sequence)
{
    log_error ("entry %llu, the recorded outcome of client %u's counter %llu, cannot be "
               "read",
               (unsigned long long) sequence, work->sender->client->number,
               (unsigned long long) work->command->counter);
    damaged_note (core, sequence, NULL);
    work->outcome->refusal = refusal_make (
        &core->arena, REFUSAL_PARKED,
        "this command was dealt with once and will not be again, but its answer, entry "
        "%llu, is damaged: look at the grievance before anything is sent anew",
        (unsigned long long) sequence);
    core->batch_tally.commands[COMMAND_REPEATED]++;
}

static void answer_recorded (struct core *core, struct work *work, uint64_t sequence)
{
    struct journal_record record;
    struct entry entry;
    if (journal_read_header (core->journal, core->txn, sequence, &record) < 0 ||
        entry_decode (&core->scratch, record.header, &entry, NULL) < 0) {
        /* In a batch that has failed nothing can be read, and nothing will be said. */
        if (txn_error (core->txn) == 0)
            answer_damaged (core, work, sequence);
        return;
    }
    outcome_of_entry (core, work, &entry, &record.leaf_hash);
    core->batch_tally.commands[COMMAND_REPEATED]++;
}

/* ---- deciding ---------------------------------------------------------------------- */

static void decide (struct core *core, const struct work *work, struct decision *decision)
{
    const struct command *command = work->command;
    decision_begin (core, decision);
    if (command->enrol != NULL) {
        decision_event (decision, KIND_ENROLLED)->entry.informative = true;
        return;
    }
    if (command->person != 0 && officer_find (core->rules, command->person) == NULL) {
        decision_refuse (decision, REFUSAL_UNKNOWN_PERSON,
                         "there is no person %u in the people table", command->person)
            ->field = "person";
        return;
    }
    core->spec->decide (core->self, core->txn, work->sender, command, decision);
    if (decision->refusal == NULL && decision->n_events == 0)
        decision_refuse (decision, REFUSAL_WRONG_STATE, "there is nothing to do");
}

static void event_of_refusal (struct decision *decision)
{
    struct refusal *refusal = decision->refusal;
    struct event *event = decision_event (decision, KIND_REFUSED);
    event->entry.informative = true;
    event->entry.refused = ARENA_NEW (decision->arena, struct refused_event);
    event->entry.refused->refusal = refusal;
}

/* False: nothing was consumed, and the rest of the frame has to wait. */
static bool decide_and_record (struct core *core, struct work *work)
{
    struct decision decision;
    struct entry entry;
    struct hash leaf_hash;
    decide (core, work, &decision);
    struct refusal *refusal = decision.refusal;
    if (refusal != NULL && refusal->code == REFUSAL_TRY_LATER) {
        put_off (core, work, REFUSAL_TRY_LATER, refusal->sentence);
        return false;
    }
    if (refusal != NULL)
        event_of_refusal (&decision);
    struct actor actor = work->actor;
    for (size_t i = 0; i < decision.n_events; i++) {
        if (!core_emit (core, decision.events[i], &actor, NULL, i == 0 ? &entry : NULL,
                        i == 0 ? &leaf_hash : NULL))
            return false;
        if (i == 0)
            outcome_of_entry (core, work, &entry, &leaf_hash);
        actor.counter = 0;
        actor.incarnation = 0;
        actor.content = BYTES (NULL, 0);
    }
    core->batch_tally.commands[refusal != NULL ? COMMAND_REFUSED : COMMAND_TAKEN]++;
    if (refusal != NULL)
        core->batch_tally.refusals[refusal->code]++;
    return true;
}

static bool take_new (struct core *core, struct work *work)
{
    struct hash unit, leaf_hash;
    struct entry entry;
    uint8_t who[16];
    if (core->n_commands++ >= COMMANDS_A_TURN) {
        put_off (core, work, REFUSAL_TRY_LATER,
                 "there are too many at once: send it again");
        return false;
    }
    if (core->only_repeats) {
        put_off (core, work, REFUSAL_TRY_LATER,
                 "the store could not take it now; nothing was recorded");
        return false;
    }
    put_be32 (who, work->actor.client);
    put_be32 (who + 4, work->actor.incarnation);
    put_be64 (who + 8, work->actor.counter);
    if (unit_may_run (core, UNIT_COMMAND, BYTES_OF (who), work->actor.content, &unit))
        return decide_and_record (core, work);
    if (!unit_park (core, &unit, &work->actor, NULL, NULL, &entry, &leaf_hash))
        return false;
    outcome_of_entry (core, work, &entry, &leaf_hash);
    return true;
}

/* ---- one command ------------------------------------------------------------------- */

/* False: the rest of the frame has to wait. */
static bool command_take (struct core *core, struct work *work)
{
    const struct command *command = work->command;
    uint64_t sequence = 0;
    bool goes_on = false;
    switch (clients_admit (core->txn, &core->counters, work->actor.client,
                           command->incarnation, command->counter, command->enrol != NULL,
                           work->content, &work->place, &sequence)) {
    case ADMIT_NEW:
        goes_on = take_new (core, work);
        break;
    case ADMIT_REPEAT:
        answer_recorded (core, work, sequence);
        goes_on = true;
        break;
    case ADMIT_CONFLICT:
        /* What follows in the frame may well be repeats that are answered. */
        put_off (core, work, REFUSAL_CONFLICT,
                 "this counter was used for another command; a spool that was copied or "
                 "restored needs a new incarnation");
        goes_on = true;
        break;
    case ADMIT_GAP:
        put_off (core, work, REFUSAL_GAP, "commands before this one are missing");
        break;
    case ADMIT_INCARNATION:
        put_off (core, work, REFUSAL_INCARNATION,
                 "another incarnation of this client is in force");
        break;
    }
    return goes_on;
}

/* Why the commands behind one that waits have to wait. */
static void put_off_rest (struct core *core, struct work *work)
{
    clients_place (core->txn, &core->counters, work->actor.client, &work->place);
    if (core->only_repeats)
        put_off (core, work, REFUSAL_TRY_LATER, "it is behind one that has to wait");
    else
        put_off (core, work, REFUSAL_GAP, "it is behind one that has to wait");
}

static void commands_take (struct core *core, const struct sender *sender,
                           const struct to_door *message, struct voice *voice)
{
    bool goes_on = true;
    for (size_t i = 0; i < message->n_commands; i++) {
        const struct command *command = &message->commands[i];
        struct sender acting = *sender;
        acting.person = command->person;
        struct work work = { .sender = &acting, .command = command };
        command_content (core, command, work.content);
        work.actor = (struct actor){ .client = sender->client->number,
                                     .incarnation = command->incarnation,
                                     .counter = command->counter,
                                     .content = BYTES_OF (work.content),
                                     .person = command->person,
                                     .department = sender->client->department };
        work.outcome = voice_outcome (core, voice);
        work.outcome->counter = command->counter;
        if (command->incarnation > 1)
            work.outcome->incarnation = command->incarnation;
        if (command->counter == 0) {
            clients_place (core->txn, &core->counters, work.actor.client, &work.place);
            put_off (core, &work, REFUSAL_MALFORMED, "counters begin with 1");
        } else if (goes_on) {
            goes_on = command_take (core, &work);
        } else {
            put_off_rest (core, &work);
        }
    }
}

/* ---- the frame --------------------------------------------------------------------- */

const struct client *client_of_input (const struct core *core, const struct input *input)
{
    const struct client *client = clients_find_key (core->clients, input->key);
    return client != NULL && client_is_current (client, core->now_ms) ? client : NULL;
}

static void refuse_frame (struct core *core, struct voice *voice, struct refusal *refusal)
{
    voice->refusal = refusal;
    core->batch_tally.refusals[refusal->code]++;
}

bool frame_take (struct core *core, const struct input *input)
{
    struct to_door message;
    struct hash unit;
    struct err err = { 0 };
    struct voice *voice = voice_find (core, input->kind, input->peer);
    const struct client *client = client_of_input (core, input);
    if (client == NULL) {
        core->batch_tally.unknown_keys++;
        refuse_frame (core, voice,
                      refusal_make (&core->arena, REFUSAL_UNKNOWN_CLIENT,
                                    "this key is in no client table, or has run out"));
        return false;
    }
    if (!unit_may_run (core, UNIT_FRAME, input->key, input->frame, &unit)) {
        unit_park (core, &unit, NULL, NULL, NULL, NULL, NULL);
        refuse_frame (core, voice,
                      refusal_make (&core->arena, REFUSAL_PARKED,
                                    "the daemon stumbled over this frame three times"));
        return false;
    }
    if (to_door_decode (&core->scratch, input->frame, &message, &err) < 0) {
        core->batch_tally.bad_frames++;
        refuse_frame (core, voice,
                      refusal_make (&core->arena, REFUSAL_MALFORMED, "%s", err.text));
        return false;
    }
    struct sender sender = { .client = client, .peer = input->peer };
    commands_take (core, &sender, &message, voice);
    return message.n_queries > 0 || message.subscribe != NULL || message.follow != NULL ||
           message.follow_credit != NULL || message.control != NULL;
}
