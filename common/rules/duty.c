/* SPDX-License-Identifier: Apache-2.0 */
/* From the deadline table and the ladder to instants: what one duty will do, all at once,
 * so that the owner of time only has to wait for it. */
#include <errno.h>
#include <string.h>

#include "base/civil.h"
#include "rules/deadline.h"

enum stage stage_of_name (const char *name)
{
    int stage = name == NULL ? -1 : name_find (&stage_names, name);
    return stage < 0 ? STAGE_ANY : (enum stage) stage;
}

/* ---- rows ------------------------------------------------------------------------ */

const struct deadline_row *deadline_row_find (const struct rules *rules, enum stage stage,
                                              enum purpose purpose, enum urgency urgency)
{
    const struct deadline_row *found = NULL;
    int best = -1;
    for (size_t i = 0; i < rules->deadline_count; i++) {
        const struct deadline_row *row = &rules->deadlines[i];
        bool named = row->purpose != PURPOSE_NONE, hot = row->urgency != URGENCY_ANY;
        if (row->stage != stage || (named && row->purpose != purpose) ||
            (hot && row->urgency != urgency))
            continue;
        int fit = 2 * named + hot;
        if (fit > best) {
            best = fit;
            found = row;
        }
    }
    return found;
}

static size_t ladder_of (const struct rules *rules, enum stage stage,
                         enum urgency urgency, struct ladder_row ret[LADDER_STEPS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < rules->ladder_count && count < LADDER_STEPS_MAX; i++)
        if (rules->ladder[i].stage == stage && rules->ladder[i].urgency == urgency)
            ret[count++] = rules->ladder[i];
    return count;
}

size_t ladder_steps (const struct rules *rules, enum stage stage, enum urgency urgency,
                     struct ladder_row ret[LADDER_STEPS_MAX])
{
    size_t count = ladder_of (rules, stage, urgency, ret);
    if (count == 0)
        count = ladder_of (rules, stage, URGENCY_ANY, ret);
    if (count == 0)
        count = ladder_of (rules, STAGE_ANY, urgency, ret);
    if (count == 0)
        count = ladder_of (rules, STAGE_ANY, URGENCY_ANY, ret);
    return count;
}

/* ---- amounts --------------------------------------------------------------------- */

struct amount {
    uint32_t count;
    enum unit unit;
};

static struct amount add (struct amount a, struct amount b)
{
    if (a.count == 0)
        return b;
    if (a.unit == UNIT_HOUR && b.unit != UNIT_HOUR)
        a = (struct amount){ (a.count + 23) / 24, b.unit };
    if (b.unit == UNIT_HOUR && a.unit != UNIT_HOUR)
        b = (struct amount){ (b.count + 23) / 24, a.unit };
    /* The loader refuses tables in which days and working days would be summed. */
    return (struct amount){ a.count + b.count, a.unit };
}

static int add_stage (const struct rules *rules, enum stage stage, enum purpose purpose,
                      enum urgency urgency, struct amount *amount)
{
    const struct deadline_row *row = deadline_row_find (rules, stage, purpose, urgency);
    if (row == NULL)
        return -ENOENT;
    *amount = add (*amount, (struct amount){ row->amount, row->unit });
    return 0;
}

static int amount_of (const struct rules *rules, const struct deadline_row *row,
                      enum purpose purpose, enum urgency urgency, bool extended,
                      struct amount *ret)
{
    struct amount amount = { row->amount, row->unit };
    int rc = 0;
    for (size_t i = 0; i < row->sum_count && rc == 0; i++)
        rc = add_stage (rules, row->sum[i], purpose, urgency, &amount);
    bool extends = row->stage == STAGE_DECIDE || row->sum_count > 0;
    if (rc == 0 && extended && extends)
        rc = add_stage (rules, STAGE_EXTEND, purpose, urgency, &amount);
    if (rc == 0)
        *ret = amount;
    return rc;
}

/* ---- plan ------------------------------------------------------------------------ */

static bool is_band (const struct deadline_row *row, uint16_t share)
{
    for (size_t i = 0; i < row->band_count; i++)
        if (row->bands[i] == share)
            return true;
    return share > 100 && row->band_count > 0;
}

static void share_of_hours (const struct duty_plan *plan, int64_t start_ms,
                            uint16_t share, struct expiry *ret)
{
    ret->due_ms = start_ms + plan->amount * CIVIL_HOUR_MS * share / 100;
    ret->provisional = false;
}

static void share_due (const struct rules *rules, const struct duty_plan *plan,
                       int64_t start_ms, uint16_t share, struct expiry *ret)
{
    if (share == 100) {
        *ret = plan->due;
    } else if (share > 100) {
        /* The day the duty ended in is the first day, which is not counted. */
        deadline_compute (rules, plan->due.due_ms - 1, share - 100u, UNIT_WORKING_DAY,
                          false, ret);
        ret->provisional = ret->provisional || plan->due.provisional;
    } else if (plan->unit == UNIT_HOUR) {
        share_of_hours (plan, start_ms, share, ret);
    } else {
        uint32_t count = (plan->amount * share + 99) / 100;
        deadline_compute (rules, start_ms, count, plan->unit, false, ret);
        if (ret->due_ms > plan->due.due_ms)
            *ret = plan->due;
    }
}

static void plan_steps (const struct rules *rules, enum urgency urgency, int64_t start_ms,
                        struct duty_plan *plan)
{
    struct ladder_row ladder[LADDER_STEPS_MAX];
    size_t count = ladder_steps (rules, plan->row->stage, urgency, ladder);
    for (size_t i = 0; i < count; i++) {
        if (!is_band (plan->row, ladder[i].share))
            continue;
        struct expiry due;
        share_due (rules, plan, start_ms, ladder[i].share, &due);
        plan->steps[plan->step_count++] = (struct duty_step){
            .share = ladder[i].share,
            .level = ladder[i].level,
            .due_ms = due.due_ms,
            .provisional = due.provisional,
        };
    }
}

int duty_plan (const struct rules *rules, enum stage stage, enum purpose purpose,
               enum urgency urgency, bool extended, int64_t start_ms,
               struct duty_plan *ret)
{
    const struct deadline_row *row = deadline_row_find (rules, stage, purpose, urgency);
    if (row == NULL)
        return -ENOENT;
    struct amount amount;
    int rc = amount_of (rules, row, purpose, urgency, extended, &amount);
    if (rc != 0)
        return rc;
    *ret = (struct duty_plan){ .row = row, .amount = amount.count, .unit = amount.unit };
    deadline_compute (rules, start_ms, amount.count, amount.unit,
                      row->roll && amount.unit == UNIT_DAY, &ret->due);
    if (row->kind == ROW_DUTY)
        plan_steps (rules, urgency, start_ms, ret);
    return 0;
}
