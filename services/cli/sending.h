/* SPDX-License-Identifier: Apache-2.0 */
/* Sending what a terminal's spool holds whenever the link is there: in order, exactly
 * once, through any number of lost links and restarts. */
#ifndef MINQING_CLI_SENDING_H
#define MINQING_CLI_SENDING_H

#include "cli/session.h"
#include "cli/spool.h"

/* Until Ctrl-C or SIGTERM; with 'once', until everything is answered or the link has been
 * away for SESSION_PATIENCE_MS. An exit code, after having said what is wrong: EX_TEMPFAIL
 * where something is left unsent. */
int send_spool (struct cli *cli, struct session *session, struct spool *spool, bool once);

#endif
