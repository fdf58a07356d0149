/* SPDX-License-Identifier: Apache-2.0 */
/* The course of a grievance (DOMAIN §4): which step leads from which state to which, for
 * which purpose, what asks for a second person, and which words of the closed lists fit.
 * The table, with its picture, stands in course.c; nothing else in the house knows it. */
#ifndef MINQING_ROUTING_COURSE_H
#define MINQING_ROUTING_COURSE_H

#include "wire/routing.h"

/* What the way depends on beside state and step. */
struct course_facts {
    enum purpose purpose;
    enum decision_outcome outcome; /* that was decided; NONE: nothing was */
    uint32_t instance;             /* 0, 1 first decision, 2 review, 3 re-review */
    uint32_t objections;           /* so far, without the one that is asked about */
    bool has_department;           /* it lies with one; PLACE: is to lie with one */
    bool holder_leaves;            /* RECUSE: of the holder */
    bool is_disputed;              /* CONTACT: the petitioner says it is not done */
    bool is_linked;                /* SERVE: of what a link closed, with its lead */
    bool is_heard;                 /* a hearing was held in this re-review */
};

/* The state after the step; STATE_NONE: the course has no such step here. */
enum state course_next (enum state from, enum step step,
                        const struct course_facts *facts);

/* A step that a person commands; the others are by the petitioner, the clock, the tables. */
bool course_is_commanded (enum step step);

/* The steps that a person may command here, as "claim, object, …", for a refusal's sentence.
 * 'ret' holds at least COURSE_STEPS_SIZE bytes; returned. */
#define COURSE_STEPS_SIZE 320
const char *course_steps (enum state from, const struct course_facts *facts,
                          char ret[COURSE_STEPS_SIZE]);

/* Neither closed nor none. */
bool course_is_open (enum state state);

/* A step that one person proposes and another approves: endings without an answer on the
 * merits, and the extension. */
bool course_asks_two (enum step step, enum close_reason reason);

/* May this ground of the closed list be given for the step? 'reason' for CLOSE, 'purpose'
 * for REPURPOSE. GROUND_NONE fits where the step takes no ground. */
bool course_ground_fits (enum step step, enum ground ground, enum close_reason reason,
                         enum purpose purpose);

/* The article of 信访工作条例 that a step rests on; 0: custom of practice. 'instance' is
 * that of the decision; 'ground' of a service that of the refusal that is served. */
uint32_t course_article (enum step step, enum ground ground, enum purpose purpose,
                         uint32_t instance);

/* May a grievance of this purpose be decided so? Inquiries, suggestions and accusations
 * are answered (each has a procedure of its own); appeals and requests are decided on the
 * merits; what is neither may be both. A review is always on the merits. */
bool course_outcome_fits (enum purpose purpose, uint32_t instance,
                          enum decision_outcome outcome);

/* May a desk close out of this state for this reason? */
bool course_reason_fits (enum state from, enum close_reason reason);

/* The stamp of what SERVE closes with; CLOSE_NONE where it does not close. */
enum close_reason course_served_reason (enum state from, enum ground refused,
                                        uint32_t instance, enum decision_outcome outcome);

const char *course_state_name (enum state state); /* "handling"; "?" for no state */
const char *course_step_name (enum step step);    /* "hand back"; "?" for no step */

#endif
