/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of 'minqing demo': what terminals, dispatcher and desks do (demo_work.c), and the
 * stories that it tells in the end (stories.c). */
#ifndef MINQING_CLI_DEMO_H
#define MINQING_CLI_DEMO_H

#include "cli/cli.h"
#include "cli/place.h"
#include "cli/session.h"

struct demo {
    struct cli *cli;
    const char *dir;
    struct place *place;
    uint64_t dispatched, claimed, objected, decided, closed;
};

/* Every function returns 0, or -errno with cli->err; -EINTR after a Ctrl-C. */

/* NULL with cli->err. The caller closes it. */
struct session *demo_speak_as (struct demo *demo, const char *name);
/* Ctrl-C ends it between two things that it does. */
MUST_CHECK int demo_go_on (struct demo *demo);
/* Let every daemon come to the end of what it follows, so that the picture is whole. */
MUST_CHECK int demo_settle (struct demo *demo);
/* One step, and what came of it ('ret_done' may be NULL). */
MUST_CHECK int demo_step (struct session *session, struct step_command *step,
                          uint32_t person, struct step_done *ret_done);

/* Every village terminal files its samples through its spool. */
MUST_CHECK int demo_file_samples (struct demo *demo);
/* The dispatcher follows the first candidate for two of three undecided. */
MUST_CHECK int demo_dispatch (struct demo *demo);
/* Desks claim, accept, decide, serve, carry out and close part of what waits. */
MUST_CHECK int demo_work_desks (struct demo *demo);

/* Four grievances, each on another course, told as the petitioner reads them. */
MUST_CHECK int demo_tell_stories (struct demo *demo);

#endif
