/* SPDX-License-Identifier: Apache-2.0 */
/* One clock of a grievance: planned by the tables, stopped, extended, paused, settled. Which
 * clock does so when is decide_clocks.c's; every change here is a line of the answer, with
 * who, by which step and article, and how long it ran until then.
 *
 * Since when a line stands as it does needs no field of its own: a clock that began at
 * 'from_ms', ran for 'spent_ms' and stood still for 'paused_ms' has come to their sum. */
#ifndef MINQING_ESCALATION_PLAN_H
#define MINQING_ESCALATION_PLAN_H

#include "escalation/law.h"

/* The clock of this duty that runs (the first, where there may be several); NULL: none.
 * A pointer becomes stale with the next change of that clock. */
struct clock_change *escalation_plan_find (const struct escalation_law *law,
                                           enum duty duty);
/* The one of this owner, among assisting ones. */
struct clock_change *escalation_plan_find_of (const struct escalation_law *law,
                                              enum duty duty, uint32_t owner);

/* Start one by the row of its stage, or where the table has none, ending with the whole. */
struct clock_change *escalation_plan_start (struct escalation_law *law, enum duty duty,
                                            enum stage stage, uint32_t owner,
                                            int64_t from_ms);

/* A clock that was left goes on as its last line said: with that end, and the steps that were
 * not due by 'left_ms'; of the others somebody was told then. Where it was closed meanwhile
 * that has ended, and that it is late is told again. */
void escalation_plan_go_on (struct escalation_law *law, uint32_t owner,
                            const struct clock_change *line, int64_t left_ms,
                            bool was_closed);

/* The last day that the petitioner was promised binds, also when the tables have changed
 * between the receipt and now. */
void escalation_plan_promise (struct escalation_law *law, struct clock_change *whole,
                              int64_t last_day_ms, bool provisional);

void escalation_plan_stop (struct escalation_law *law, struct clock_change *clock);
void escalation_plan_stop_all (struct escalation_law *law, enum duty duty);

/* The whole ends no earlier than the stage that runs; where there is none, one is started
 * that ends with it. */
void escalation_plan_whole_reach (struct escalation_law *law);

/* By the row 'extend': stage, whole and holder, once each. */
void escalation_plan_extend (struct escalation_law *law);

/* A hearing: stage, whole and the reviewing organ's own clock stand still, and go on. */
void escalation_plan_pause (struct escalation_law *law);
void escalation_plan_resume (struct escalation_law *law);

/* A provisional date becomes final, if the calendar covers it now; one that the calendar leads
 * out of itself moves there, and stays provisional. */
void escalation_plan_settle (struct escalation_law *law, struct clock_change *clock);

/* Since when a line stands as it does. */
int64_t escalation_plan_since_ms (const struct clock_change *line);

#endif
