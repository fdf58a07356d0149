/* SPDX-License-Identifier: Apache-2.0 */
/* Law: may this person take this step now, and what does it make of the course?
 *
 *   decide_step.c      for everybody: found, form, whose step it is
 *   decide_dispatch.c  the dispatcher's: dispatch, divert, close a diverted one
 *   decide_desk.c      a desk's hold on it: claim, assign, transfer, hand back, object
 *   decide_answer.c    the holder's work: accept, decide, serve, done, close, opinion */
#ifndef MINQING_ROUTING_DECIDE_STEP_H
#define MINQING_ROUTING_DECIDE_STEP_H

#include "routing/routing_store.h"
#include "runtime/core.h"

/* The law's own periods, for a table that has no row: art. 23 and 35, and custom. */
#define ROUTING_OBJECT_DAYS  5  /* working days */
#define ROUTING_REVIEW_DAYS  30 /* days */
#define ROUTING_DISPUTE_DAYS 30 /* days */
#define ROUTING_CLAIM_DAYS   5  /* working days, policy */

/* Everything the law looks at. Borrowed for the call. */
struct routing_step {
    const struct rules *rules;
    const struct client *client;
    uint32_t person; /* who acts; 0: not said */
    const struct step_command *command;
    const struct routing_grievance *grievance; /* NULL: there is none of this number */
    const struct matter *matter;
    const struct accused *accused;
    size_t n_accused;
};

/* One MOVED or OPINION event, or a refusal. Pure. */
void routing_decide_step (const struct routing_step *step, struct decision *decision);

/* ---- for the three files behind it ------------------------------------------------ */

void routing_decide_dispatch (const struct routing_step *step, struct decision *decision);
void routing_decide_desk (const struct routing_step *step, struct decision *decision);
void routing_decide_answer (const struct routing_step *step, struct decision *decision);

/* The grievance lies with the sender's department (or the one it succeeded). */
bool routing_is_own (const struct routing_step *step);
/* 'person' works, heads or deputises for the sender's department today. */
bool routing_is_member (const struct routing_step *step, uint32_t person, int64_t now_ms);
/* And may give work to others. */
bool routing_is_head (const struct routing_step *step, uint32_t person, int64_t now_ms);

/* Recusal (art. 28): nobody handles a matter in which they are complained of. Refuses. */
bool routing_may_handle (const struct routing_step *step, uint32_t person,
                         const char *field, struct decision *decision);

/* Refuse with the field that is wrong; false, so that checks read as one condition. */
bool routing_refuse (struct decision *decision, enum refusal_code code, const char *field,
                     const char *sentence);

/* The state that the course has after this step, 'outcome' being what is decided; refuses
 * and returns STATE_NONE where it has none. */
enum state routing_next (const struct routing_step *step, enum decision_outcome outcome,
                         bool has_department, struct decision *decision);

/* The step as an event that so far changes nothing but the state; the caller fills in
 * what else it changes. Its body holds the command's words. */
struct moved *routing_event (const struct routing_step *step, enum kind kind,
                             enum state to, struct decision *decision);

/* The end of a period that begins now: by the deadline table, or by the law's own
 * 'amount' of 'unit' where the table has no row. */
int64_t routing_period_end_ms (const struct rules *rules, const struct matter *matter,
                               enum stage stage, int64_t from_ms, uint32_t amount,
                               enum unit unit);

#endif
