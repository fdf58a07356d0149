/* SPDX-License-Identifier: Apache-2.0 */
/* When is it due? DOMAIN §3 (信访工作条例; civil periods).
 *
 * The first day is not counted. A period of n days ends at 24:00 of the n-th day after it;
 * where the row says 'roll', a rest day at the end moves on to the next working day. A
 * period of n working days ends at 24:00 of the n-th working day after it. Hours run
 * exactly, from the millisecond. 'due_ms' is that 24:00, the first ms of the next day: see
 * base/civil.h for "in time".
 *
 * Working days come from the calendar table; behind its 'known until' only weekends are
 * known, and the result is marked provisional. */
#ifndef MINQING_RULES_DEADLINE_H
#define MINQING_RULES_DEADLINE_H

#include "rules/rules.h"

#define DEADLINE_AMOUNT_MAX 3660 /* ten years of days: more is a slip of the pen */

struct expiry {
    int64_t due_ms;
    int32_t last_day; /* the day at whose 24:00 it ends; for hours the day it ends in */
    bool provisional; /* a day behind the calendar was asked */
};

bool calendar_is_working_day (const struct rules *rules, int32_t day);

/* The calendar's row of that day, or NULL for an ordinary one. */
const struct calendar_day *calendar_find (const struct rules *rules, int32_t day);

/* How many days of 'unit' (DAY, WORKING_DAY) lie in (after, through]. */
uint32_t calendar_count (const struct rules *rules, int32_t after, int32_t through,
                         enum unit unit);

/* amount <= DEADLINE_AMOUNT_MAX: assert. */
void deadline_compute (const struct rules *rules, int64_t start_ms, uint32_t amount,
                       enum unit unit, bool roll, struct expiry *ret);

/* The same, day by day. For hours it is called once, for the day it ends in. */
enum deadline_day_reason {
    DAY_FIRST, /* not counted: the day of the event */
    DAY_COUNTED,
    DAY_MAKEUP,  /* counted: a weekend worked in exchange */
    DAY_WEEKEND, /* not counted */
    DAY_HOLIDAY, /* not counted */
    DAY_ROLLED, /* the period would have ended before, on a rest day; this is a working day */
    DAY_REST_AT_END /* counted, but a rest day: the end moves on */
};
struct deadline_day {
    int32_t day;
    enum deadline_day_reason reason;
    uint32_t number;  /* how many are counted with this day */
    const char *name; /* of the holiday, or NULL */
    bool known;       /* the calendar covers it */
};
typedef void (deadline_day_fn) (const struct deadline_day *day, void *context);
void deadline_explain (const struct rules *rules, int64_t start_ms, uint32_t amount,
                       enum unit unit, bool roll, deadline_day_fn *fn, void *context,
                       struct expiry *ret);

/* "不计算当日" …: the reason in Chinese or English. Static. */
const char *deadline_day_text (enum deadline_day_reason reason, enum language language);

/* ---- the deadline table ---------------------------------------------------------- */

/* The row for a stage: one that names the purpose before any purpose, then one that names
 * the urgency before any urgency. NULL: this stage has no clock for this purpose. */
const struct deadline_row *deadline_row_find (const struct rules *rules, enum stage stage,
                                              enum purpose purpose, enum urgency urgency);

/* The stage with this name, e.g. from the protocol; STAGE_ANY (0) for none. */
enum stage stage_of_name (const char *name);

/* The ladder of a stage: its steps by rising share. Rows for (stage, urgency) hide those
 * for (stage, any), these (any, urgency), these (any, any). Returns how many, at most
 * LADDER_STEPS_MAX. */
#define LADDER_STEPS_MAX 12
size_t ladder_steps (const struct rules *rules, enum stage stage, enum urgency urgency,
                     struct ladder_row ret[LADDER_STEPS_MAX]);

/* Everything that will happen to one duty: when it is due, and who is told when. */
struct duty_step {
    uint16_t share; /* per cent; 100 + n: n working days after the breach */
    uint8_t level;  /* told at that time */
    int64_t due_ms; /* share 100: the duty's */
    bool provisional;
};
struct duty_plan {
    const struct deadline_row *row;
    uint32_t amount; /* with the extension; or the sum */
    enum unit unit;
    struct expiry due;
    struct duty_step steps[LADDER_STEPS_MAX]; /* by rising due_ms; duties only */
    size_t step_count;
};

/* Plan a duty (or window: no steps) that starts at 'start_ms'. 'extended' adds the
 * extension's days to 'decide' and to what sums it ('whole', 'holder'). A sum takes its
 * stages for this purpose and urgency; hours among days count as full days. A share of days or working days ends at
 * the end of day ⌈share × n⌉ of the same unit, never behind the due instant; of hours it is
 * exact, since a rounded one would fall on the breach. The steps are those of the ladder
 * whose share is one of the row's bands, or behind the breach.
 * -ENOENT: the table has no row for this stage and purpose, or no extension for it. */
MUST_CHECK int duty_plan (const struct rules *rules, enum stage stage,
                          enum purpose purpose, enum urgency urgency, bool extended,
                          int64_t start_ms, struct duty_plan *ret);

#endif
