/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/talk.h"

#include "cli/cli.h"

#include "wire/names.h"
#include "wire/wire.h"

#include <errno.h>

/* A frame's worth of commands; well below LIMIT_CLIENT_FRAME with its last command. */
#define FRAME_BYTES (48 * 1024)
/* "Try later": first pause, doubling up to the last. */
#define PAUSE_MS      100
#define PAUSE_MOST_MS 5000

/* No word for so long while we wait for one: ask anew. An answer may have been lost with a
 * connection, or dropped where we were slow. */
#define SILENCE_MS 3000

static void refresh (struct talk *talk)
{
    struct spool_door door = spool_standing (talk->spool, talk->speaker);
    talk->acked = door.acked;
    talk->next = door.next;
}

void talk_init (struct talk *talk, struct spool *spool, enum speaker speaker)
{
    *talk = (struct talk){ .spool = spool, .speaker = speaker };
    refresh (talk);
}

void talk_broken (struct talk *talk)
{
    talk->stage = TALK_UNMET;
}

/* ---- hearing ----------------------------------------------------------------------- */

static int meet (struct talk *talk, const struct standing *standing, int64_t now_ms,
                 struct err *err)
{
    int rc = spool_meet (talk->spool, talk->speaker, standing, now_ms, err);
    if (rc < 0)
        return rc;
    refresh (talk);
    talk->sent = talk->acked;
    talk->stage = TALK_SENDING;
    return 0;
}

/* From the first without an outcome: one that is on its way, or was lost, comes again. */
static void go_back (struct talk *talk, int64_t now_ms)
{
    talk->sent = talk->acked;
    talk->pause_ms = talk->pause_ms == 0 ? PAUSE_MS : talk->pause_ms * 2;
    if (talk->pause_ms > PAUSE_MOST_MS)
        talk->pause_ms = PAUSE_MOST_MS;
    talk->resume_ms = now_ms + talk->pause_ms;
}

/* Outcomes that consumed nothing are about the conversation, not about the command. */
static bool is_recorded (const struct outcome *outcome)
{
    enum refusal_code code =
        outcome->refusal != NULL ? outcome->refusal->code : REFUSAL_NONE;
    return code != REFUSAL_GAP && code != REFUSAL_TRY_LATER &&
           code != REFUSAL_INCARNATION && code != REFUSAL_CONFLICT;
}

static int take_unrecorded (struct talk *talk, const struct outcome *outcome,
                            int64_t now_ms, struct err *err)
{
    int rc = 0;
    if (outcome->refusal->code == REFUSAL_CONFLICT) {
        rc = spool_conflict (talk->spool, talk->speaker, outcome, now_ms, err);
        if (rc > 0)
            talk->stage = TALK_UNMET;
    } else if (outcome->refusal->code == REFUSAL_INCARNATION) {
        talk->stage = TALK_UNMET;
    } else {
        go_back (talk, now_ms);
    }
    return rc < 0 ? rc : 0;
}

static int take_recorded (struct talk *talk, const struct outcome *outcomes, size_t n,
                          int64_t now_ms, struct err *err)
{
    uint64_t before = talk->acked;
    int rc =
        n > 0 ? spool_record (talk->spool, talk->speaker, outcomes, n, now_ms, err) : 0;
    if (rc < 0)
        return rc;
    refresh (talk);
    if (talk->acked > before)
        talk->pause_ms = 0;
    return 0;
}

/* Behind the first that was not recorded nothing is: it is said again. */
static int take_outcomes (struct talk *talk, const struct outcome *outcomes, size_t n,
                          int64_t now_ms, struct err *err)
{
    size_t recorded = 0;
    while (recorded < n && is_recorded (&outcomes[recorded]))
        recorded++;
    int rc = take_recorded (talk, outcomes, recorded, now_ms, err);
    if (rc == 0 && recorded < n)
        rc = take_unrecorded (talk, &outcomes[recorded], now_ms, err);
    return rc;
}

int talk_hear (struct talk *talk, const struct from_door *message, int64_t now_ms,
               struct err *err)
{
    talk->heard_ms = now_ms;
    for (size_t i = 0; i < message->n_replies; i++)
        if (talk->stage == TALK_ASKING && message->replies[i].standing != NULL) {
            int rc = meet (talk, message->replies[i].standing, now_ms, err);
            if (rc < 0)
                return rc;
        }
    if (message->n_outcomes > 0 && talk->stage == TALK_SENDING)
        return take_outcomes (talk, message->outcomes, message->n_outcomes, now_ms, err);
    return 0;
}

/* ---- saying ------------------------------------------------------------------------ */

/* Is there something that an answer is owed to? */
static bool is_waiting (const struct talk *talk)
{
    return talk->stage == TALK_ASKING ||
           (talk->stage == TALK_SENDING && talk->sent > talk->acked);
}

static bool has_more (const struct talk *talk)
{
    return talk->sent + 1 < talk->next && talk->sent < talk->acked + TALK_WINDOW;
}

static void say_standing (struct arena *arena, struct saying *ret_saying)
{
    struct standing_query standing = { 0 };
    struct query query = { .id = 1, .standing = &standing };
    struct to_door message = { .queries = &query, .n_queries = 1 };
    *ret_saying =
        (struct saying){ .frame = to_door_encode (arena, &message), .is_question = true };
}

static bool say_some (struct talk *talk, struct arena *arena, struct saying *ret_saying)
{
    struct command *commands = ARENA_ARRAY (arena, struct command, LIMIT_COMMANDS);
    uint64_t n_counters;
    size_t n = spool_say (talk->spool, talk->speaker, talk->sent + 1, LIMIT_COMMANDS,
                          FRAME_BYTES, arena, commands, &n_counters);
    if (n == 0)
        return false;
    struct to_door message = { .commands = commands, .n_commands = n };
    *ret_saying = (struct saying){ .frame = to_door_encode (arena, &message),
                                   .n_commands = n_counters };
    return true;
}

bool talk_next (struct talk *talk, int64_t now_ms, struct arena *arena,
                struct saying *ret_saying)
{
    if (!is_waiting (talk))
        talk->heard_ms = now_ms;
    else if (now_ms - talk->heard_ms >= SILENCE_MS) {
        talk->stage = TALK_UNMET;
        talk->heard_ms = now_ms; /* and wait as long again, not ask in every turn */
    }
    if (talk->stage == TALK_UNMET) {
        say_standing (arena, ret_saying);
        return true;
    }
    if (talk->stage != TALK_SENDING || now_ms < talk->resume_ms)
        return false;
    refresh (talk);
    return has_more (talk) && say_some (talk, arena, ret_saying);
}

void talk_said (struct talk *talk, const struct saying *saying)
{
    if (saying->is_question)
        talk->stage = TALK_ASKING;
    talk->sent += saying->n_commands;
}

int64_t talk_wake_ms (const struct talk *talk, int64_t now_ms)
{
    int64_t wake_ms = INT64_MAX;
    if (is_waiting (talk))
        wake_ms = talk->heard_ms + SILENCE_MS;
    /* The question, or the next commands, did not go out, or are not to go out yet. */
    int64_t again_ms = now_ms + PAUSE_MS;
    if (talk->resume_ms > again_ms)
        again_ms = talk->resume_ms;
    if ((talk->stage == TALK_UNMET || (talk->stage == TALK_SENDING && has_more (talk))) &&
        again_ms < wake_ms)
        wake_ms = again_ms;
    return wake_ms;
}
