/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of clients, second half: what is not a command, after the commit, in a read
 * transaction. Decoded again, since the memory of the batch is gone; that costs a query
 * a microsecond and spares a batch of commands the memory of all its frames. */
#include "runtime/core_inside.h"

#include <stdlib.h>
#include <string.h>

#include "rules/rules.h"
#include "wire/wire.h"

/* ---- not before -------------------------------------------------------------------- */

enum reached { REACHED, NOT_YET, NEVER };

static enum reached position_is_reached (struct core *core, const struct source *wanted)
{
    if (wanted == NULL)
        return REACHED;
    if (wanted->speaker == core->spec->speaker)
        return core->head >= wanted->sequence ? REACHED : NOT_YET;
    const struct link *link = link_find (core, wanted->speaker);
    if (link == NULL)
        return NEVER;
    return link->done.acted >= wanted->sequence ? REACHED : NOT_YET;
}

/* ---- held back --------------------------------------------------------------------- */

static struct bytes own_bytes (struct bytes bytes)
{
    uint8_t *copy = malloc (bytes.size + 1);
    if (copy == NULL)
        abort ();
    if (bytes.size > 0)
        memcpy (copy, bytes.data, bytes.size);
    return BYTES (copy, bytes.size);
}

static size_t held_count (const struct core *core, uint32_t client)
{
    size_t count = 0;
    for (const struct held *held = core->held; held != NULL; held = held->next)
        count += held->client == client;
    return count;
}

static bool hold (struct core *core, const struct sender *sender, enum output_kind kind,
                  const struct query *query)
{
    if (core->n_held == HELD_MAX ||
        held_count (core, sender->client->number) >= HELD_A_CLIENT)
        return false;
    struct held *held = calloc (1, sizeof *held);
    if (held == NULL)
        abort ();
    *held = (struct held){ .next = core->held,
                           .kind = kind,
                           .peer = own_bytes (sender->peer),
                           .query = own_bytes (query_encode (&core->scratch, query)),
                           .client = sender->client->number,
                           .until_ms = core->now_ms + HELD_MS };
    core->held = held;
    core->n_held++;
    return true;
}

static void held_drop (struct core *core, struct held **place)
{
    struct held *held = *place;
    *place = held->next;
    core->n_held--;
    free ((void *) (uintptr_t) held->peer.data);
    free ((void *) (uintptr_t) held->query.data);
    free (held);
}

void held_forget (struct core *core, struct bytes peer)
{
    for (struct held **place = &core->held; *place != NULL;) {
        if (peer.data == NULL || bytes_equal ((*place)->peer, peer))
            held_drop (core, place);
        else
            place = &(*place)->next;
    }
}

int64_t held_wake_ms (const struct core *core)
{
    int64_t wake_ms = INT64_MAX;
    for (const struct held *held = core->held; held != NULL; held = held->next)
        if (held->until_ms < wake_ms)
            wake_ms = held->until_ms;
    return wake_ms;
}

/* ---- answering --------------------------------------------------------------------- */

static void stand (struct core *core, struct txn *txn, const struct sender *sender,
                   struct reply *reply)
{
    const struct client *client = sender->client;
    struct standing *standing = ARENA_NEW (&core->scratch, struct standing);
    struct client_place place;
    clients_place (txn, &core->counters, client->number, &place);
    const struct department *sealing =
        department_sealing (core->rules, client->territory, NULL, 0);
    *standing = (struct standing){ .client = client->number,
                                   .role = client->role,
                                   .incarnation = place.incarnation,
                                   .next_counter = place.next_counter,
                                   .territory = client->territory,
                                   .department = client->department,
                                   .now_ms = core->now_ms };
    if (sealing != NULL)
        standing->seal_key = BYTES (sealing->seal_key, SEAL_KEY_SIZE);
    reply->standing = standing;
}

static bool enough_is_answered (const struct core *core)
{
    return core->n_answers >= ANSWERS_A_TURN || core->answers_size >= ANSWERS_BYTES;
}

static void answer (struct core *core, struct txn *txn, const struct sender *sender,
                    const struct query *query, struct reply *reply)
{
    struct arena *arena = &core->scratch;
    struct query bare = *query;
    bare.id = 0; /* the same question under another number is the same unit */
    struct bytes encoded = core->careful[UNIT_QUERY] > 0 || core->n_parked > 0
                               ? query_encode (arena, &bare)
                               : (struct bytes){ 0 };
    if (!unit_may_hear (core, UNIT_QUERY, BYTES (sender->client->key, CLIENT_KEY_SIZE),
                        encoded)) {
        reply->refusal = refusal_make (
            arena, REFUSAL_PARKED, "the daemon stumbled over this question three times");
        return;
    }
    if (query->standing != NULL)
        stand (core, txn, sender, reply);
    else
        core->spec->query (core->self, txn, sender, query, arena, reply);
    if (txn_error (txn) != 0) {
        uint64_t id = reply->id;
        *reply = (struct reply){ .id = id,
                                 .refusal = refusal_make (
                                     arena, REFUSAL_TRY_LATER,
                                     "the store could not be read; ask again") };
    }
    reply->position = core->head;
    core->n_answers++;
    core->answers_size += reply_size (reply);
    unit_heard (core);
}

/* False: held back, nothing to say yet. */
static bool query_hear (struct core *core, struct txn *txn, const struct sender *sender,
                        enum output_kind kind, const struct query *query,
                        struct reply *ret_reply)
{
    *ret_reply = (struct reply){ .id = query->id };
    if (enough_is_answered (core)) {
        ret_reply->refusal = refusal_make (&core->scratch, REFUSAL_TRY_LATER,
                                           "too many questions at once; ask again");
        return true;
    }
    switch (position_is_reached (core, query->not_before)) {
    case REACHED:
        answer (core, txn, sender, query, ret_reply);
        return true;
    case NOT_YET:
        if (hold (core, sender, kind, query))
            return false;
        ret_reply->refusal = refusal_make (&core->scratch, REFUSAL_TRY_LATER,
                                           "too many questions wait; ask again");
        return true;
    case NEVER:
        ret_reply->refusal =
            refusal_make (&core->scratch, REFUSAL_MALFORMED,
                          "not_before names a journal that this daemon does not follow");
        ret_reply->refusal->field = "not_before";
        return true;
    }
    return false;
}

/* ---- replies into frames ----------------------------------------------------------- */

/* Room for what stands around the replies of a frame. */
#define FRAME_ROOM (LIMIT_SERVER_FRAME - 64)
/* A reply's tag and length. */
#define REPLY_ROOM 8

static void replies_speak (struct core *core, enum output_kind kind, struct bytes peer,
                           struct reply *replies, size_t count)
{
    size_t from = 0, size = 0;
    for (size_t i = 0; i < count; i++) {
        size_t more = reply_size (&replies[i]) + REPLY_ROOM;
        if (more > FRAME_ROOM) {
            replies[i] = (struct reply){ .id = replies[i].id,
                                         .refusal = refusal_make (
                                             &core->scratch, REFUSAL_MALFORMED,
                                             "the answer is larger than a frame: ask for "
                                             "fewer rows") };
            more = reply_size (&replies[i]) + REPLY_ROOM;
        }
        if (size + more > FRAME_ROOM) {
            outbox_frame (
                core, kind, peer,
                &(struct from_door){ .replies = replies + from, .n_replies = i - from });
            from = i;
            size = 0;
        }
        size += more;
    }
    if (count > from)
        outbox_frame (
            core, kind, peer,
            &(struct from_door){ .replies = replies + from, .n_replies = count - from });
}

void held_retry (struct core *core, struct txn *txn)
{
    for (struct held **place = &core->held; *place != NULL;) {
        struct held *held = *place;
        struct sender sender = { .client =
                                     clients_find_number (core->clients, held->client),
                                 .peer = held->peer };
        struct query query;
        arena_reset (&core->scratch);
        if (sender.client == NULL || !client_is_current (sender.client, core->now_ms) ||
            query_decode (&core->scratch, held->query, &query, NULL) < 0) {
            held_drop (core, place);
            continue;
        }
        struct reply reply = { .id = query.id };
        enum reached reached = position_is_reached (core, query.not_before);
        if (reached == REACHED && enough_is_answered (core)) {
            core->wants_turn = true;
            return;
        }
        if (reached != REACHED && held->until_ms > core->now_ms) {
            place = &held->next;
            continue;
        }
        if (reached == REACHED)
            answer (core, txn, &sender, &query, &reply);
        else
            reply.refusal =
                refusal_make (&core->scratch, REFUSAL_TRY_LATER,
                              "that position is not known here yet; ask again");
        replies_speak (core, held->kind, held->peer, &reply, 1);
        held_drop (core, place);
    }
}

/* ---- the frame --------------------------------------------------------------------- */

/* The keepsake holds a secret: only for who may have every body too, and may nothing
 * else. */
static bool may_control (const struct client *client, enum control_verb verb)
{
    if (client->role == ROLE_KEEPER)
        return verb == CONTROL_STATUS || verb == CONTROL_KEEPSAKE;
    return (client->role == ROLE_OPERATOR || client->role == ROLE_DAEMON) &&
           verb != CONTROL_KEEPSAKE;
}

static void refuse (struct core *core, enum output_kind kind, struct bytes peer,
                    enum refusal_code code, const char *sentence)
{
    core->tally.refusals[code]++;
    outbox_frame (core, kind, peer,
                  &(struct from_door){
                      .refusal = refusal_make (&core->scratch, code, "%s", sentence) });
}

static void subscribe_hear (struct core *core, const struct sender *sender,
                            enum output_kind kind, const struct subscribe *subscribe)
{
    enum refusal_code code = core->spec->subscribe == NULL
                                 ? REFUSAL_NO_RIGHT
                                 : core->spec->subscribe (core->self, sender, subscribe);
    if (code == REFUSAL_NONE)
        subscriber_note (core, sender, kind);
    if (code != REFUSAL_NONE)
        refuse (core, kind, sender->peer, code,
                code == REFUSAL_TRY_LATER
                    ? "too many desks have subscribed; try again later"
                    : "this key may not subscribe to this queue");
}

void frame_hear (struct core *core, struct txn *txn, const struct input *input)
{
    enum output_kind kind = output_kind_of (input->kind);
    struct to_door message;
    const struct client *client = client_of_input (core, input);
    if (client == NULL ||
        to_door_decode (&core->scratch, input->frame, &message, NULL) < 0)
        return; /* 'frame_take' has refused it */
    struct sender sender = { .client = client, .peer = input->peer };

    if (message.n_queries > 0) {
        struct reply *replies =
            ARENA_ARRAY (&core->scratch, struct reply, message.n_queries);
        size_t count = 0;
        for (size_t i = 0; i < message.n_queries; i++)
            count += query_hear (core, txn, &sender, kind, &message.queries[i],
                                 &replies[count]);
        replies_speak (core, kind, input->peer, replies, count);
    }
    if (message.subscribe != NULL)
        subscribe_hear (core, &sender, kind, message.subscribe);
    if (message.follow != NULL)
        follower_add (core, txn, &sender, kind, message.follow);
    if (message.follow_credit != NULL)
        follower_credit (core, &sender, message.follow_credit);
    if (message.control != NULL && may_control (client, message.control->verb))
        control_answer (core, txn, &sender, kind, message.control);
    else if (message.control != NULL)
        refuse (core, kind, input->peer, REFUSAL_NO_RIGHT,
                "this key has no right to ask that of this daemon");
}
