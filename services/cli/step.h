/* SPDX-License-Identifier: Apache-2.0 */
/* One step of a course, said at routing: shared by desk and dispatch. */
#ifndef MINQING_CLI_STEP_H
#define MINQING_CLI_STEP_H

#include "cli/act.h"
#include "cli/session.h"

/* Say the step, wait, and print what it did. An exit code. */
int step_say (struct session *session, struct step_command *step);

/* Several steps at once, in one sync and one conversation: 'n_steps' commands, each with
 * its own outcome, printed as they come. An exit code: EX_DATAERR if one was refused. */
int steps_say (struct session *session, struct step_command *steps, size_t n_steps);

/* The fencing number of a grievance that this desk holds, asked at routing: what a person
 * at the desk holds now. Programs pass the number they were given. Of a step that the head
 * may take too it is 0 unless who acts is the holder. */
MUST_CHECK int step_fencing (struct session *session, enum act_by by, uint64_t number,
                             uint64_t *ret_fencing);

/* List a queue, page by page. 'limit' 0: all. An exit code. */
int queue_list (struct session *session, struct queue_query *query, uint64_t limit);

#endif
