/* SPDX-License-Identifier: Apache-2.0 */
/* Two services with almost no law, to test the core by itself.
 *
 * The source (it speaks as intake) takes supplements; their text says what becomes of
 * them: "plain" one event, "two" two events, "refuse", "later" (try later), "nothing",
 * "poison" (the process ends there), "due" one event that plans a row an hour later,
 * "idle" the same of a row that leads to nothing,
 * "effect" one event that has an effect done.
 *
 * The follower (it speaks as routing) answers every supplement with one event, plans a
 * row for each an hour after it, on complete knowledge, and sees all in a view. */
#ifndef MINQING_SUPPORT_TOY_H
#define MINQING_SUPPORT_TOY_H

#include "runtime/core.h"

#define TOY_DUE_MS (60 * INT64_C (60000))

enum toy_table { TOY_COUNTS, TOY_VIEW, TOY_TABLES };

extern const struct service_spec toy_source, toy_follower;

/* What poison does: the process exits with this code, at once. */
#define TOY_DEATH 99

/* Which part of a toy dies at a grievance of this number; 0: none. */
extern uint64_t toy_deadly_followed, toy_deadly_due, toy_deadly_query;

/* How often a supplement of this grievance was folded (source), answered (follower). */
uint64_t toy_count (struct core *core, uint64_t number);
/* How often the view saw it. */
uint64_t toy_seen (struct core *core, uint64_t number);
/* Rows that fired, and those that fired blind. */
uint64_t toy_fired (struct core *core);
uint64_t toy_fired_blind (struct core *core);
/* Let the follower ask the source once for its total, the next time it speaks; what it
 * heard: the total, or UINT64_MAX when no answer came in time. 0: nothing yet. */
void toy_ask (void);
uint64_t toy_heard (void);
/* How often the tables in force were handed over, and the results of effects. */
unsigned toy_rules_calls (void);
unsigned toy_results (void);
/* Subscriptions less connections that ended. */
unsigned toy_subscribers (void);

#endif
