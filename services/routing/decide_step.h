/* SPDX-License-Identifier: Apache-2.0 */
/* Law: may this person take this step now, and what does it make of the course?
 *
 *   decide_step.c       for everybody: found, form, whose step it is
 *   decide_rights.c     who is who: member, head, leader, recused, complained of
 *   decide_event.c      the event that a step becomes
 *   decide_dispatch.c   the dispatcher's: dispatch, and what lies with no department
 *   decide_desk.c       a desk's hold on it: claim, assign, transfer, hand back
 *   decide_answer.c     the holder's work: accept, mediate, decide, hear, done, close
 *   decide_serve.c      service of decisions and refusals
 *   decide_second.c     two persons: propose, approve, reject
 *   decide_proposed.c   the steps that ask for two, and their conditions
 *   decide_arbitrate.c  objections, and the arbiter's word
 *   decide_beside.c     what moves nothing: contacts, recusal, category, went up */
#ifndef MINQING_ROUTING_DECIDE_STEP_H
#define MINQING_ROUTING_DECIDE_STEP_H

#include "routing/course.h"
#include "routing/routing_store.h"
#include "runtime/core.h"

/* The law's own periods, for a table that has no row: art. 23, 35 and 36, and custom. */
#define ROUTING_OBJECT_DAYS  5  /* working days */
#define ROUTING_DECIDE_DAYS  60 /* days */
#define ROUTING_REVIEW_DAYS  30 /* days */
#define ROUTING_HEARING_DAYS 30 /* days */
#define ROUTING_DISPUTE_DAYS 30 /* days */
#define ROUTING_CLAIM_DAYS   5  /* working days, policy */

/* A service is entered within so many days: an older one would leave the petitioner, who
 * could not ask while it was not entered, less than half of the period to ask for review. */
#define ROUTING_SERVED_DAYS 15

/* When a petitioner counts as not to be reached. */
#define ROUTING_TRIES_MIN 3 /* distinct days */
#define ROUTING_MEANS_MIN 2

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
    const struct routing_grievance *other; /* at 'link_to'; NULL: none */
    const struct moved *proposal;          /* what waits for its second person, if any, */
    const struct moved_body *proposed;     /* and its words */
    bool is_approval; /* 'command' is what was proposed; 'person' approves it */
};

/* Events (MOVED, PROPOSED, REJECTED, OPINION), or a refusal. Pure. */
void routing_decide_step (const struct routing_step *step, struct decision *decision);

/* ---- for the files behind it: whose step is it -------------------------------------- */

void routing_decide_dispatch (const struct routing_step *step, struct decision *decision);
void routing_decide_desk (const struct routing_step *step, struct decision *decision);
void routing_decide_answer (const struct routing_step *step, struct decision *decision);
void routing_decide_serve (const struct routing_step *step, struct decision *decision);
void routing_decide_object (const struct routing_step *step, struct decision *decision);
void routing_decide_arbitrate (const struct routing_step *step,
                               struct decision *decision);

/* A step that asks for two persons: proposes it; or does it, where it is approved. */
void routing_decide_proposed (const struct routing_step *step, struct decision *decision);
/* APPROVE and REJECT, by whomever. */
void routing_decide_second (const struct routing_step *step, struct decision *decision);

void routing_decide_contact (const struct routing_step *step, struct decision *decision);
void routing_decide_recuse (const struct routing_step *step, struct decision *decision);
void routing_decide_categorise (const struct routing_step *step,
                                struct decision *decision);
void routing_decide_went_up (const struct routing_step *step, struct decision *decision);

/* ---- who is who ---------------------------------------------------------------------- */

/* The department that answers today for this number; the number itself if unknown. */
uint32_t routing_in_force (const struct rules *rules, uint32_t number);
/* The one above it, in force, and not itself; 0: none. */
uint32_t routing_superior (const struct rules *rules, uint32_t number);

/* The client is of this department today, whatever its role: of two numbers, one may have
 * succeeded the other. 0 is nobody's. */
bool routing_is_of (const struct rules *rules, const struct client *client,
                    uint32_t department);
/* The grievance lies with the sender's department. */
bool routing_is_own (const struct routing_step *step);
/* 'person' works, heads or deputises for the sender's department today. */
bool routing_is_member (const struct routing_step *step, uint32_t person, int64_t now_ms);
/* And may give work to others. */
bool routing_is_head (const struct routing_step *step, uint32_t person, int64_t now_ms);
/* The person who acts is dispatcher, head or deputy of the sender's dispatching office. */
bool routing_is_dispatcher (const struct routing_step *step, int64_t now_ms);
/* The person who acts is a leader in office (leader, joint meeting, county) of the
 * sender's department, or, for a client without one, of a department of that village. */
bool routing_is_leader (const struct routing_step *step, int64_t now_ms);

/* Recusal (art. 28): nobody handles a matter in which they are complained of or have an
 * interest. Refuses. */
bool routing_may_handle (const struct routing_step *step, uint32_t person,
                         const char *field, struct decision *decision);
/* A department of this number that answers for the village. Refuses. */
bool routing_department_fits (const struct routing_step *step, uint32_t number,
                              struct decision *decision);

/* Refuse with the field that is wrong; false, so that checks read as one condition. */
bool routing_refuse (struct decision *decision, enum refusal_code code, const char *field,
                     const char *sentence);

/* ---- the event ------------------------------------------------------------------------ */

/* What the course looks at, as the grievance stands; what depends on the step itself is
 * false (who leaves, what a contact says, with whom it is served). */
struct course_facts routing_facts (const struct routing_grievance *grievance,
                                   const struct matter *matter);

/* The state that the course has after this step; refuses and returns STATE_NONE where it
 * has none. '…_with': as if the facts were these. */
enum state routing_next (const struct routing_step *step, struct decision *decision);
enum state routing_next_with (const struct routing_step *step,
                              const struct course_facts *facts,
                              struct decision *decision);

/* The step as an event that so far changes nothing but the state; the caller fills in
 * what else it changes. Its body holds the command's words. */
struct moved *routing_event (const struct routing_step *step, enum kind kind,
                             enum state to, struct decision *decision);
/* The same for a step that no command asked for; without a body. 'matter' is copied. */
struct moved *routing_event_of (uint64_t number,
                                const struct routing_grievance *grievance,
                                const struct matter *matter, enum kind kind,
                                enum step step, enum state to, struct decision *decision);

/* Nobody holds it after the step. */
void routing_let_go (struct moved *moved);

/* It lies with 'department' after the step, held by nobody: a hand-over, if another had it
 * last. An arbiter had it only to name one, and a review is nobody's before. */
void routing_hand_to (const struct routing_step *step, uint32_t department,
                      struct moved *moved);

/* When it was done: as said, else now; refuses what is not yet, or was before 'first_ms'
 * (of its day). */
bool routing_done_at (const struct routing_step *step, int64_t first_ms,
                      struct decision *decision, int64_t *ret_done_at_ms);

/* The end of a period that begins at 'from_ms': by the deadline table, or by the law's
 * own 'amount' of 'unit' where the table has no row. */
int64_t routing_period_end_ms (const struct rules *rules, const struct matter *matter,
                               enum stage stage, int64_t from_ms, uint32_t amount,
                               enum unit unit);

/* The end of the time to ask for the next review, after a service at that time. */
int64_t routing_window_end_ms (const struct rules *rules, const struct matter *matter,
                               uint32_t instance, int64_t served_at_ms);

#endif
