/* SPDX-License-Identifier: Apache-2.0 */
/* Law: what moves the course without a desk: the petitioner's asks, which routing answers
 * with taken or too late, and the clock. */
#ifndef MINQING_ROUTING_DECIDE_ASK_H
#define MINQING_ROUTING_DECIDE_ASK_H

#include "routing/members.h"
#include "runtime/core.h"

/* An ASKED entry of intake's and its body: ASK_ANSWERED, and MOVED or PROPOSED where it
 * moves the course. What counts is when it was asked, not when routing came to read it.
 * Pure. */
void routing_decide_ask (const struct rules *rules, const struct entry *asked,
                         struct bytes body, const struct routing_grievance *grievance,
                         const struct matter *matter, struct decision *decision);

/* 'lapses_at_ms' has come: a claim lapses, a hearing ends, a review window closes. (An
 * unplaced accusation is decide_place.c's.) Pure. */
void routing_decide_lapse (uint64_t number, const struct routing_grievance *grievance,
                           const struct matter *matter, struct decision *decision);

/* A member of a group is told what became of its lead: one event, which carries the words
 * of the lead's decision ('decided'; NULL: it has none, or they were erased). Pure. */
void routing_decide_member (const struct rules *rules,
                            const struct routing_member *member,
                            const struct routing_grievance *grievance,
                            const struct matter *matter,
                            const struct routing_grievance *lead,
                            const struct moved_body *decided, struct decision *decision);

#endif
