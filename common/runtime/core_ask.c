/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to followed daemons, and the results of effects: what the service caused
 * outside comes back as an input of a batch. Questions live in memory; whoever dies with
 * one open asks again. A result that met an aborted batch is kept and taken again, since
 * what was sent cannot be sent back. */
#include "runtime/core_inside.h"

#include <stdlib.h>
#include <string.h>

#include "wire/wire.h"

/* ---- questions --------------------------------------------------------------------- */

bool core_ask (struct core *core, struct outbox *outbox, enum speaker speaker,
               uint64_t ticket, struct query *query)
{
    assert (outbox == &core->outbox);
    if (core->n_asks == ASKS_MAX)
        return false;
    query->id = ++core->last_ask;
    core->asks[core->n_asks++] = (struct question){ .id = query->id,
                                                    .ticket = ticket,
                                                    .speaker = speaker,
                                                    .until_ms = core->now_ms + ASK_MS };
    outbox_link (core, speaker, &(struct to_door){ .queries = query, .n_queries = 1 });
    return true;
}

static void reply_take (struct core *core, struct question *ask,
                        const struct reply *reply)
{
    struct decision decision;
    ask->is_answered = true;
    if (core->spec->reply == NULL)
        return;
    decision_begin (core, &decision);
    core->spec->reply (core->self, core->txn, ask->ticket, reply, &decision);
    core_emit_all (core, &decision, NULL);
}

void ask_answer (struct core *core, enum speaker speaker, const struct reply *reply)
{
    for (size_t i = 0; i < core->n_asks; i++) {
        struct question *ask = &core->asks[i];
        if (ask->id == reply->id && ask->speaker == speaker && !ask->is_answered) {
            reply_take (core, ask, reply);
            return;
        }
    }
}

void asks_expire (struct core *core)
{
    for (size_t i = 0; i < core->n_asks; i++) {
        if (core->asks[i].until_ms > core->now_ms || core->asks[i].is_answered)
            continue;
        arena_reset (&core->scratch);
        reply_take (core, &core->asks[i], NULL);
    }
}

/* An answer in an aborted batch is lost; its question then runs out. */
void asks_settle (struct core *core, bool committed)
{
    size_t kept = 0;
    for (size_t i = 0; i < core->n_asks; i++) {
        if (core->asks[i].is_answered && committed)
            continue;
        core->asks[kept] = core->asks[i];
        core->asks[kept++].is_answered = false;
    }
    core->n_asks = kept;
}

int64_t asks_wake_ms (const struct core *core)
{
    int64_t wake_ms = INT64_MAX;
    for (size_t i = 0; i < core->n_asks; i++)
        if (core->asks[i].until_ms < wake_ms)
            wake_ms = core->asks[i].until_ms;
    return wake_ms;
}

/* ---- results of effects ------------------------------------------------------------ */

void result_take (struct core *core, uint64_t effect, int sysexit, const char *detail)
{
    struct decision decision;
    if (core->spec->result == NULL)
        return;
    arena_reset (&core->scratch);
    decision_begin (core, &decision);
    core->spec->result (core->self, core->txn, effect, sysexit, detail, &decision);
    core_emit_all (core, &decision, NULL);
}

void results_retry (struct core *core)
{
    for (struct late_result *late = core->late; late != NULL; late = late->next)
        result_take (core, late->effect, late->sysexit, late->detail);
}

void results_done (struct core *core)
{
    while (core->late != NULL) {
        struct late_result *late = core->late;
        core->late = late->next;
        free (late->detail);
        free (late);
    }
}

/* Bounded by the effects under way, which the service bounds. */
void results_keep (struct core *core, const struct input *inputs, size_t n_inputs)
{
    for (size_t i = 0; i < n_inputs; i++) {
        if (inputs[i].kind != INPUT_RESULT)
            continue;
        struct late_result *late = calloc (1, sizeof *late);
        if (late == NULL)
            abort ();
        *late = (struct late_result){ .next = core->late,
                                      .effect = inputs[i].effect,
                                      .sysexit = inputs[i].sysexit,
                                      .detail = inputs[i].detail != NULL
                                                    ? strdup (inputs[i].detail)
                                                    : NULL };
        core->late = late;
    }
}
