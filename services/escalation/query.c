/* SPDX-License-Identifier: Apache-2.0 */
/* Answers from the tables. Whoever may not see a grievance is told that there is none, and
 * finds neither its clocks nor its raises in a list. */
#include "escalation/query.h"

#include "agenda/agenda.h"
#include "escalation/law.h"
#include "escalation/store.h"
#include "wire/limits.h"

#define LIST_DEFAULT 50
#define DUE_SCAN_MAX 5000 /* rows looked at for one who may see few of them */

static uint32_t limit (uint32_t asked)
{
    return asked == 0 ? LIST_DEFAULT : asked > LIMIT_ROWS ? (uint32_t) LIMIT_ROWS : asked;
}

static void refuse (struct arena *arena, struct reply *reply, enum refusal_code code,
                    const char *sentence)
{
    reply->refusal = ARENA_NEW (arena, struct refusal);
    *reply->refusal = (struct refusal){ .code = code, .sentence = sentence };
}

static struct duty_row duty_row (uint64_t number, const struct escalation_clock *clock)
{
    const struct clock_change *change = &clock->change;
    struct duty_row row = {
        .number = number,
        .duty = change->duty,
        .owner = change->owner,
        .stage = change->stage,
        .from_ms = change->from_ms,
        .due_ms = change->due_ms,
        .provisional = change->provisional,
        .amount = change->amount,
        .unit = change->unit,
        .article = change->article,
        .running = clock->stopped_ms == 0,
        .stopped_ms = clock->stopped_ms,
    };

    return row;
}

/* ---- the ledger of one grievance --------------------------------------------------- */

static bool may_see_one (struct txn *txn, const struct client *client, uint64_t number,
                         struct arena *arena, struct escalation_grievance *ret,
                         struct escalation_clock **ret_clocks, size_t *ret_count)
{
    if (!escalation_grievance_find (txn, number, arena, ret))
        return false;
    *ret_count = escalation_ledger_read (txn, ret, arena, ret_clocks);
    if (escalation_may_see (client, &ret->matter, ret->department))
        return true;
    for (size_t i = 0; i < *ret_count; i++) /* it was theirs once */
        if (escalation_may_see (client, &ret->matter, (*ret_clocks)[i].change.owner))
            return true;
    return false;
}

static void answer_ledger (struct txn *txn, const struct client *client, uint64_t number,
                           struct arena *arena, struct reply *reply)
{
    struct escalation_grievance grievance;
    struct escalation_clock *clocks;
    size_t count;

    if (!may_see_one (txn, client, number, arena, &grievance, &clocks, &count)) {
        refuse (
            arena, reply, REFUSAL_NOT_FOUND,
            "no clock runs for this number: it is not registered, or not yours to see");
        return;
    }
    if (count > LIMIT_ROWS)
        count = LIMIT_ROWS;
    reply->deadline = ARENA_NEW (arena, struct ledger);
    reply->deadline->duties = ARENA_ARRAY (arena, struct duty_row, count);
    reply->deadline->n_duties = count;
    for (size_t i = 0; i < count; i++) {
        struct duty_row row = duty_row (number, &clocks[i]);

        if (row.running && row.duty == DUTY_WHOLE)
            row.owner = grievance.department; /* nobody's own: whoever has it owes it */
        if (row.running && clocks[i].next < clocks[i].change.n_bands) {
            row.level = clocks[i].change.bands[clocks[i].next].level;
            row.share = clocks[i].change.bands[clocks[i].next].share;
        }
        reply->deadline->duties[i] = row;
    }
}

/* ---- what fires next ----------------------------------------------------------------- */

static bool due_row (struct txn *txn, const struct client *client,
                     const struct agenda_row *row, struct arena *arena,
                     struct duty_row *ret)
{
    struct escalation_grievance grievance;
    struct escalation_clock clock;
    const struct band_due *step;

    if (row->kind == AGENDA_CANARY) {
        *ret = (struct duty_row){ .duty = DUTY_CANARY, .due_ms = row->due_ms };
        return client->role == ROLE_OPERATOR || client->role == ROLE_DAEMON;
    }
    if (row->kind != AGENDA_STEP ||
        !escalation_grievance_find (txn, row->subject, arena, &grievance) ||
        !escalation_clock_find (txn, row->subject, (uint16_t) (row->part >> 8), arena,
                                &clock) ||
        (row->part & 0xff) >= clock.change.n_bands)
        return false;
    *ret = duty_row (row->subject, &clock);
    if (ret->owner == 0)
        ret->owner = grievance.department;
    step = &clock.change.bands[row->part & 0xff];
    ret->due_ms = step->due_ms;
    ret->share = step->share;
    ret->level = step->level;
    return escalation_may_see (client, &grievance.matter, ret->owner);
}

static void answer_due (struct txn *txn, const struct client *client, uint32_t asked,
                        struct arena *arena, struct reply *reply)
{
    struct agenda_row *rows = ARENA_ARRAY (arena, struct agenda_row, DUE_SCAN_MAX);
    size_t count = agenda_due (txn, CORE_AGENDA, INT64_MAX, DUE_SCAN_MAX, rows);
    uint32_t max = limit (asked);

    reply->due = ARENA_NEW (arena, struct due);
    reply->due->rows = ARENA_ARRAY (arena, struct duty_row, max);
    for (size_t i = 0; i < count && reply->due->n_rows < max; i++)
        if (due_row (txn, client, &rows[i], arena, &reply->due->rows[reply->due->n_rows]))
            reply->due->n_rows++;
}

/* ---- raises ---------------------------------------------------------------------------- */

static bool may_see_raise (struct txn *txn, const struct client *client,
                           const struct escalation_raise *raise, struct arena *arena)
{
    struct escalation_grievance grievance;

    if (raise->number == 0)
        return client->role != ROLE_TERMINAL;
    return escalation_grievance_find (txn, raise->number, arena, &grievance) &&
           escalation_may_see (client, &grievance.matter, raise->raised.department);
}

static void answer_raises (struct txn *txn, const struct client *client,
                           const struct raise_query *query, struct arena *arena,
                           struct reply *reply)
{
    uint32_t max = limit (query->limit);
    struct escalation_raise *raises =
        ARENA_ARRAY (arena, struct escalation_raise, LIMIT_ROWS);
    uint64_t after = query->after;
    struct raises *answer = ARENA_NEW (arena, struct raises);
    size_t count;

    answer->rows = ARENA_ARRAY (arena, struct raise_row, max);
    do {
        count = query->number != 0
                    ? escalation_raises_of (txn, query->number, after, false, LIMIT_ROWS,
                                            arena, raises)
                    : escalation_raises_open (txn, after, LIMIT_ROWS, arena, raises);
        for (size_t i = 0; i < count && answer->n_rows < max; i++) {
            after = raises[i].raise;
            if (!may_see_raise (txn, client, &raises[i], arena))
                continue;
            answer->rows[answer->n_rows++] =
                (struct raise_row){ .raise = raises[i].raise,
                                    .number = raises[i].number,
                                    .raised = &raises[i].raised,
                                    .raised_at_ms = raises[i].raised_ms,
                                    .ended_at_ms = raises[i].ended_ms };
        }
        raises = ARENA_ARRAY (arena, struct escalation_raise, LIMIT_ROWS);
    } while (count == LIMIT_ROWS && answer->n_rows < max);
    reply->raises = answer;
}

void escalation_query (struct txn *txn, const struct client *client,
                       const struct query *query, struct arena *arena,
                       struct reply *ret_reply)
{
    if (query->deadline)
        answer_ledger (txn, client, query->deadline->number, arena, ret_reply);
    else if (query->due)
        answer_due (txn, client, query->due->limit, arena, ret_reply);
    else if (query->raises)
        answer_raises (txn, client, query->raises, arena, ret_reply);
    else
        refuse (arena, ret_reply, REFUSAL_MALFORMED,
                "escalation answers ledger, due and raises");
}
