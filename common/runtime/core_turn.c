/* SPDX-License-Identifier: Apache-2.0 */
/* A turn has two halves:
 *
 *     inputs ─▶ batch: one write transaction: decide, journal, apply ─▶ commit
 *            ─▶ speaking: one read transaction: outcomes, answers, entries, offers
 *
 * A store error inside the batch undoes all of it; a second pass over the same inputs
 * then answers what is recorded already and puts the rest off. A failed commit is
 * neither done nor undone: nothing is said, the process must exit (TRAPS). */
#include "runtime/core_inside.h"

#include <errno.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"

/* ---- the batch --------------------------------------------------------------------- */

void batch_begin (struct core *core)
{
    assert (core->txn == NULL);
    core->txn = txn_begin_write (core->store);
    poison_begin_batch (core);
}

static void tally_add (struct tally *to, const struct tally *from)
{
    /* A tally is an array of counts. */
    static_assert (sizeof *to % sizeof (uint64_t) == 0, "only counts");
    uint64_t *into = (uint64_t *) to;
    const uint64_t *more = (const uint64_t *) from;
    for (size_t i = 0; i < sizeof *to / sizeof (uint64_t); i++)
        into[i] += more[i];
}

static void batch_done (struct core *core, uint64_t head)
{
    core->head = head;
    core->n_parked_done = core->n_parked;
    core->done_last_time_ms = core->last_time_ms;
    core->is_noted = false;
    tally_add (&core->tally, &core->batch_tally);
    core->batch_tally = (struct tally){ 0 };
    links_settle (core, true);
    asks_settle (core, true);
    damaged_settle (core, true);
    time_done (core, true);
}

static void batch_undo (struct core *core)
{
    core->last_time_ms = core->done_last_time_ms;
    core->n_parked = core->n_parked_done;
    core->batch_tally = (struct tally){ 0 };
    core->aborted++;
    core->rest_until_ms = core->now_ms + REST_MS;
    links_settle (core, false);
    asks_settle (core, false);
    damaged_settle (core, false);
    time_done (core, false);
}

void batch_abort (struct core *core)
{
    txn_abort (&core->txn);
    batch_undo (core);
}

/* A full disk is emptied one day. Anything else (a record that is damaged, a key that
 * cannot be) would undo every batch with the same input in it, and so refuse everybody
 * for ever: then the process ends, and the next one finds the input and parks it. */
static bool failure_may_pass (int code)
{
    return code == -ENOSPC || code == -EDQUOT || code == -ENOMEM || code == -EUSERS ||
           code == -EIO;
}

int batch_commit (struct core *core)
{
    time_save (core, journal_size (core->journal, core->txn) != core->head);
    links_save (core, core->txn);
    int rc = txn_error (core->txn);
    if (rc != 0) {
        batch_abort (core);
        if (!failure_may_pass (rc)) {
            core->is_doomed = true;
            core->doom = rc;
        }
        return rc;
    }
    uint64_t head = journal_size (core->journal, core->txn);
    rc = txn_commit (&core->txn);
    if (rc == 0)
        batch_done (core, head);
    else if (rc == -EIO && !FAULT (GO_ON_AFTER_EIO))
        core->is_doomed = true;
    else
        batch_undo (core);
    return rc;
}

/* ---- turn: the batch --------------------------------------------------------------- */

static void input_take (struct core *core, const struct input *input, uint8_t *ret_hears)
{
    arena_reset (&core->scratch);
    switch (input->kind) {
    case INPUT_DOOR:
    case INPUT_CONTROL:
        *ret_hears = frame_take (core, input);
        break;
    case INPUT_LINK: {
        struct link *link = link_find (core, input->link);
        if (link != NULL)
            link_take (core, link, input->frame);
        break;
    }
    case INPUT_RESULT:
        result_take (core, input->effect, input->sysexit, input->detail);
        break;
    case INPUT_GONE:
        break; /* nothing durable; see 'speak' */
    }
}

static int batch_run (struct core *core, const struct input *inputs, size_t n_inputs,
                      uint8_t *hears)
{
    batch_begin (core);
    core->n_commands = 0;
    time_look (core);
    results_retry (core);
    asks_expire (core);
    damaged_name (core);
    for (size_t i = 0; i < n_inputs && txn_error (core->txn) == 0; i++)
        input_take (core, &inputs[i], &hears[i]);
    if (!is_resting (core))
        due_fire (core, n_inputs > 0);
    int rc = batch_commit (core);
    if (rc == 0) {
        results_done (core);
        core->is_refusing = false;
    }
    return rc;
}

/* The batch was undone: the same inputs again, in a read transaction. What an earlier
 * turn (or the committed part of this one) has recorded is answered, the rest has to
 * come again. */
static void batch_refuse (struct core *core, const struct input *inputs, size_t n_inputs,
                          uint8_t *hears, int why)
{
    if (!core->is_refusing) /* once, until a batch is taken again */
        log_error (
            "the store could not take a batch of %zu inputs (%s): nothing of it was "
            "recorded, clients are told to try later until it can",
            n_inputs, strerror (-why));
    core->is_refusing = true;
    core->n_commands = 0;
    voices_clear (core);
    core->txn = txn_begin_read (core->store);
    core->only_repeats = true;
    for (size_t i = 0; i < n_inputs; i++)
        if (inputs[i].kind == INPUT_DOOR || inputs[i].kind == INPUT_CONTROL)
            input_take (core, &inputs[i], &hears[i]);
    core->only_repeats = false;
    txn_abort (&core->txn);
    tally_add (&core->tally, &core->batch_tally);
    core->batch_tally = (struct tally){ 0 };
    results_keep (core, inputs, n_inputs);
}

/* ---- turn: speaking ---------------------------------------------------------------- */

static void peers_go (struct core *core, const struct input *inputs, size_t n_inputs)
{
    for (size_t i = 0; i < n_inputs; i++) {
        if (inputs[i].kind != INPUT_GONE || inputs[i].peer.data == NULL)
            continue;
        follower_remove (core, inputs[i].peer);
        held_forget (core, inputs[i].peer);
        subscriber_forget (core, inputs[i].peer);
        verify_forget (core, inputs[i].peer);
        if (core->spec->gone != NULL)
            core->spec->gone (core->self, inputs[i].peer);
    }
}

static void speak (struct core *core, const struct input *inputs, size_t n_inputs,
                   const uint8_t *hears)
{
    struct txn *txn = txn_begin_read (core->store);
    core->next_due_ms = agenda_next_due_ms (txn, CORE_AGENDA);
    voices_speak (core);
    peers_go (core, inputs, n_inputs);
    subscribers_check (core);
    for (size_t i = 0; i < n_inputs; i++) {
        arena_reset (&core->scratch);
        if (hears[i])
            frame_hear (core, txn, &inputs[i]);
    }
    held_retry (core, txn);
    verify_go_on (core, txn);
    followers_serve (core, txn);
    links_speak (core);
    arena_reset (&core->scratch);
    if (core->spec->settled != NULL)
        core->spec->settled (core->self, txn, core->now_ms, &core->scratch,
                             &core->outbox);
    txn_abort (&txn);
}

static int doomed (const struct core *core, struct err *err)
{
    if (core->doom != 0)
        return err_set (err, -EIO,
                        "it cannot take this batch, now or later (%s): start again, to "
                        "find the input that does it",
                        strerror (-core->doom));
    return err_set (err, -EIO,
                    "a commit failed: whether it is on disk is not known; start again");
}

/* What is kept free for handling and closing may not go in one batch of new filings either,
 * where the map is small and the letters are long ('core_emit' counts). */
static void tight_look (struct core *core)
{
    double room = CORE_TIGHT_SHARE - store_used_share (core->store);
    core->is_tight = room <= 0;
    core->tight_room = (int64_t) (room * (double) store_map_size (core->store));
    if (FAULT (FORGET_RESERVE)) {
        core->is_tight = false;
        core->tight_room = INT64_MAX;
    }
}

int core_turn (struct core *core, const struct input *inputs, size_t n_inputs,
               int64_t now_ms, struct outbox **ret_outbox, struct err *err)
{
    assert (core->is_started);
    if (core->is_doomed)
        return doomed (core, err);
    silence_grow (core, now_ms);
    core->now_ms = now_ms;
    core->turn_head = core->head;
    outbox_begin (core);
    tight_look (core);
    uint8_t *hears = ARENA_ARRAY (&core->arena, uint8_t, n_inputs + 1);
    int rc = batch_run (core, inputs, n_inputs, hears);
    if (rc < 0 && !core->is_doomed)
        batch_refuse (core, inputs, n_inputs, hears, rc);
    if (!core->is_doomed)
        speak (core, inputs, n_inputs, hears);
    if (core->is_doomed)
        return doomed (core, err);
    scrub_go_on (core);
    core->batches += n_inputs > 0;
    core->inputs += n_inputs;
    if (n_inputs > core->inputs_max)
        core->inputs_max = n_inputs;
    *ret_outbox = &core->outbox;
    return 0;
}

static int64_t earlier (int64_t a, int64_t b)
{
    return a < b ? a : b;
}

bool is_resting (const struct core *core)
{
    /* Time may be set back meanwhile. */
    return core->now_ms < core->rest_until_ms &&
           core->rest_until_ms <= core->now_ms + REST_MS;
}

/* After an undone batch what can wait rests for a while. */
static int64_t rested (const struct core *core, int64_t due_ms)
{
    return is_resting (core) && due_ms < core->rest_until_ms ? core->rest_until_ms
                                                             : due_ms;
}

/* Whatever waits for a time of its own, but for due rows and followers. */
static int64_t errands_wake_ms (const struct core *core, int64_t now_ms)
{
    int64_t wake_ms = earlier (links_wake_ms (core),
                               earlier (held_wake_ms (core), asks_wake_ms (core)));
    if (core->late != NULL)
        wake_ms = earlier (wake_ms, core->rest_until_ms);
    wake_ms = earlier (wake_ms, scrub_wake_ms (core, now_ms));
    if (time_wants_turn (core)) /* a full disk cannot note that either */
        wake_ms = earlier (wake_ms, rested (core, now_ms));
    bool is_at_once = core->wants_turn || damaged_wants_turn (core);
    return is_at_once ? now_ms : wake_ms;
}

int64_t core_wake_ms (struct core *core, int64_t now_ms)
{
    if (now_ms < core->now_ms) /* set back: what was planned by it is planned anew */
        return now_ms;
    int64_t wake_ms =
        earlier (errands_wake_ms (core, now_ms), followers_wake_ms (core, true));
    return earlier (wake_ms, rested (core, due_wake_ms (core)));
}

int64_t core_errand_ms (struct core *core, int64_t now_ms)
{
    int64_t due_ms = rested (core, due_wake_ms (core));
    if (core->next_due_ms <= now_ms && !core_time_is_uncertain (core))
        due_ms = earlier (due_ms, now_ms + HEARTBEAT_MS);
    int64_t wake_ms =
        earlier (errands_wake_ms (core, now_ms), followers_wake_ms (core, false));
    return earlier (wake_ms, due_ms);
}
