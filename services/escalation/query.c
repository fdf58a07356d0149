/* SPDX-License-Identifier: Apache-2.0 */
/* Answers from the tables. Whoever may not see a grievance is told that there is none, and
 * finds neither its clocks nor its raises in a list. */
#include "escalation/query.h"

#include "agenda/agenda.h"
#include "escalation/plan.h"
#include "escalation/store.h"
#include "wire/limits.h"
#include "wire/wire.h"

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

/* A line as the ledger shows it. What it ran or stood still is this line's own part, so that
 * the lines of one clock add up. */
static struct duty_row duty_row (uint64_t number, const struct escalation_clock *clock)
{
    const struct clock_change *change = &clock->change;
    int64_t since_ms = escalation_plan_since_ms (change);
    bool is_running = clock->stopped_ms == 0, is_paused = change->action == CLOCK_PAUSE;
    int64_t lasted_ms = clock->stopped_ms > since_ms ? clock->stopped_ms - since_ms : 0;
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
        .running = is_running,
        .stopped_ms = clock->stopped_ms,
        .spent_ms = is_paused ? 0 : lasted_ms,
        .paused = is_paused,
        .paused_ms = change->paused_ms + (is_paused ? lasted_ms : 0),
        .person = change->person,
        .step = change->step,
        .since_ms = since_ms,
    };

    return row;
}

/* ---- the ledger of one grievance --------------------------------------------------- */

static bool may_see_one (struct core *core, struct txn *txn, const struct client *client,
                         uint64_t number, struct arena *arena,
                         struct escalation_grievance *ret,
                         struct escalation_clock **ret_clocks, size_t *ret_count)
{
    if (!escalation_grievance_find (txn, number, arena, ret))
        return false;
    *ret_count = escalation_ledger_read (core, txn, ret, arena, ret_clocks);
    if (escalation_may_see (core_rules (core), client, &ret->matter, ret->department))
        return true;
    for (size_t i = 0; i < *ret_count; i++) /* it was theirs once */
        if (escalation_may_see (core_rules (core), client, &ret->matter,
                                (*ret_clocks)[i].change.owner))
            return true;
    return false;
}

static void answer_ledger (struct core *core, struct txn *txn,
                           const struct client *client, uint64_t number,
                           struct arena *arena, struct reply *reply)
{
    struct escalation_grievance grievance;
    struct escalation_clock *clocks;
    size_t count;

    if (!may_see_one (core, txn, client, number, arena, &grievance, &clocks, &count)) {
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

        /* Nobody's own: whoever has the grievance owes them. */
        if (row.running && (row.duty == DUTY_WHOLE || row.duty == DUTY_STAGE))
            row.owner = grievance.department;
        if (row.running && !row.paused && clocks[i].next < clocks[i].change.n_bands) {
            row.level = clocks[i].change.bands[clocks[i].next].level;
            row.share = clocks[i].change.bands[clocks[i].next].share;
        }
        reply->deadline->duties[i] = row;
    }
}

/* ---- what fires next ----------------------------------------------------------------- */

static bool may_see_raise (struct core *core, struct txn *txn,
                           const struct client *client,
                           const struct escalation_raise *raise, struct arena *arena)
{
    struct escalation_grievance grievance;

    if (raise->number == 0)
        return client->role != ROLE_TERMINAL;
    return escalation_grievance_find (txn, raise->number, arena, &grievance) &&
           escalation_may_see (core_rules (core), client, &grievance.matter,
                               raise->raised.department);
}

/* The answer to a raise, which climbs when it does not come. */
static bool due_answer_row (struct core *core, struct txn *txn,
                            const struct client *client, uint64_t number,
                            struct arena *arena, struct duty_row *ret)
{
    struct escalation_raise raise;

    if (!escalation_raise_find (txn, number, arena, &raise))
        return false;
    *ret = (struct duty_row){
        .number = raise.number,
        .duty = DUTY_RAISE,
        .owner = raise.raised.department,
        .stage = name_word (&stage_names, raise.raised.cause == CAUSE_SUPERVISION
                                              ? STAGE_SUPERVISE
                                              : STAGE_RAISE),
        .from_ms = raise.raised_ms,
        .due_ms = raise.raised.answer_due_ms,
        .running = true,
        .share = 100,
        .level = raise.raised.level + 1,
    };
    return may_see_raise (core, txn, client, &raise, arena);
}

static bool due_row (struct core *core, struct txn *txn, const struct client *client,
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
    if (row->kind == AGENDA_ANSWER)
        return due_answer_row (core, txn, client, row->subject, arena, ret);
    if (row->kind != AGENDA_STEP ||
        !escalation_grievance_find (txn, row->subject, arena, &grievance) ||
        !escalation_clock_find (core, txn, row->subject, (uint16_t) (row->part >> 8),
                                arena, &clock) ||
        (row->part & 0xff) >= clock.change.n_bands)
        return false;
    *ret = duty_row (row->subject, &clock);
    if (ret->duty == DUTY_WHOLE || ret->duty == DUTY_STAGE)
        ret->owner = grievance.department;
    step = &clock.change.bands[row->part & 0xff];
    if (!escalation_is_window (&clock.change))
        ret->due_ms = step->due_ms;
    ret->share = step->share;
    ret->level = step->level;
    return escalation_may_see (core_rules (core), client, &grievance.matter, ret->owner);
}

static void answer_due (struct core *core, struct txn *txn, const struct client *client,
                        uint32_t asked, struct arena *arena, struct reply *reply)
{
    struct agenda_row *rows = ARENA_ARRAY (arena, struct agenda_row, DUE_SCAN_MAX);
    size_t count = agenda_due (txn, CORE_AGENDA, INT64_MAX, DUE_SCAN_MAX, rows);
    uint32_t max = limit (asked);
    struct arena row; /* of what may not be seen nothing is kept */
    struct duty_row unseen;

    reply->due = ARENA_NEW (arena, struct due);
    reply->due->rows = ARENA_ARRAY (arena, struct duty_row, max);
    arena_init (&row, 0);
    for (size_t i = 0; i < count && reply->due->n_rows < max; i++) {
        arena_reset (&row);
        if (due_row (core, txn, client, &rows[i], &row, &unseen) &&
            due_row (core, txn, client, &rows[i], arena,
                     &reply->due->rows[reply->due->n_rows]))
            reply->due->n_rows++;
    }
    arena_done (&row);
}

/* ---- raises ---------------------------------------------------------------------------- */

/* What was written about it: the advice of a supervision, and the answer. */
static struct raise_row raise_row (struct core *core, struct txn *txn,
                                   struct escalation_raise *raise, struct arena *arena)
{
    struct raise_row row = { .raise = raise->raise,
                             .number = raise->number,
                             .raised = &raise->raised,
                             .raised_at_ms = raise->raised_ms,
                             .ended_at_ms = raise->ended_ms,
                             .withdrawn = raise->withdrawn,
                             .adoption = raise->adoption };
    struct raised_body advice;
    struct raise_ended_body answer;
    struct entry entry;
    struct bytes body;

    if (raise->raised.cause == CAUSE_SUPERVISION &&
        core_entry (core, txn, position_sequence (raise->raise), arena, &entry, &body) &&
        raised_body_decode (arena, body, &advice, NULL) == 0)
        row.advice = advice.advice;
    if (raise->end != 0 && core_entry (core, txn, raise->end, arena, &entry, &body) &&
        raise_ended_body_decode (arena, body, &answer, NULL) == 0) {
        row.answer = answer.text;
        row.answered_by = entry.actor ? entry.actor->person : 0;
    }
    return row;
}

/* A page of raises that may not be seen is forgotten before the next is read: there may be
 * very many of them. */
static void answer_raises (struct core *core, struct txn *txn,
                           const struct client *client, const struct raise_query *query,
                           struct arena *arena, struct reply *reply)
{
    uint32_t max = limit (query->limit);
    struct raises *answer = ARENA_NEW (arena, struct raises);
    uint64_t after = query->after;
    struct arena page;
    size_t count;

    answer->rows = ARENA_ARRAY (arena, struct raise_row, max);
    arena_init (&page, 0);
    do {
        arena_reset (&page);
        struct escalation_raise *raises =
            ARENA_ARRAY (&page, struct escalation_raise, LIMIT_ROWS);

        count = query->number != 0
                    ? escalation_raises_of (txn, query->number, after, false, LIMIT_ROWS,
                                            &page, raises)
                    : escalation_raises_open (txn, after, LIMIT_ROWS, &page, raises);
        for (size_t i = 0; i < count && answer->n_rows < max; i++) {
            struct escalation_raise *seen;

            after = raises[i].raise;
            if (!may_see_raise (core, txn, client, &raises[i], &page))
                continue;
            seen = ARENA_NEW (arena, struct escalation_raise);
            if (escalation_raises_of (txn, raises[i].number, after - 1, false, 1, arena,
                                      seen) == 1)
                answer->rows[answer->n_rows++] = raise_row (core, txn, seen, arena);
        }
    } while (count == LIMIT_ROWS && answer->n_rows < max);
    arena_done (&page);
    reply->raises = answer;
}

void escalation_query (struct core *core, struct txn *txn, const struct client *client,
                       const struct query *query, struct arena *arena,
                       struct reply *ret_reply)
{
    if (query->deadline)
        answer_ledger (core, txn, client, query->deadline->number, arena, ret_reply);
    else if (query->due)
        answer_due (core, txn, client, query->due->limit, arena, ret_reply);
    else if (query->raises)
        answer_raises (core, txn, client, query->raises, arena, ret_reply);
    else
        refuse (arena, ret_reply, REFUSAL_MALFORMED,
                "escalation answers ledger, due and raises");
}
