/* SPDX-License-Identifier: Apache-2.0 */
/* The course of a grievance: which step leads from which state to which. The table, with
 * its picture, stands in course.c; nothing else in the house knows it. */
#ifndef MINQING_ROUTING_COURSE_H
#define MINQING_ROUTING_COURSE_H

#include "wire/routing.h"

/* What the way depends on beside state and step. */
struct course_facts {
    enum decision_outcome outcome; /* that was decided; NONE: nothing was */
    bool has_department;           /* it lies, or is to lie, with a department */
};

/* The state after the step; STATE_NONE: the course has no such step here. */
enum state course_next (enum state from, enum step step,
                        const struct course_facts *facts);

/* Neither closed nor none. */
bool course_is_open (enum state state);

/* May a grievance of this purpose be decided so? Inquiries, suggestions and accusations
 * are answered (each has a procedure of its own); appeals and requests are decided on the
 * merits; what is neither may be both. */
bool course_outcome_fits (enum purpose purpose, enum decision_outcome outcome);

/* May a desk close out of this state for this reason? */
bool course_reason_fits (enum state from, enum close_reason reason);

const char *course_state_name (enum state state); /* "handling"; "?" for no state */
const char *course_step_name (enum step step);    /* "hand back"; "?" for no step */

#endif
