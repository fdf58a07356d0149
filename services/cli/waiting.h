/* SPDX-License-Identifier: Apache-2.0 */
/* Saying one command and waiting for what comes of it, whoever does the sending. */
#ifndef MINQING_CLI_WAITING_H
#define MINQING_CLI_WAITING_H

#include "cli/session.h"
#include "cli/spool.h"

/* Wait until the command in the spool has its outcome: send it ourselves if nobody else
 * sends from this spool, else watch the spool while the other process does. 'shift' is
 * spool_standing's from the transaction that added the command: when an enrolment goes
 * first, its counter moves up with the rest.
 *   -ETIMEDOUT  not in time; it stays in the spool
 *   -EHOSTUNREACH, -EACCES, -ESTALE, -EBADMSG  as 'sender_turn' says, with cli->err */
MUST_CHECK int await_outcome (struct session *session, struct spool *spool,
                              enum speaker speaker, uint64_t counter, uint64_t shift,
                              int64_t patience_ms, struct outcome *ret_outcome);

/* Before the first filing of a fresh spool: meet intake if it can be reached in time, so
 * that the numbers of the first spool of a key begin at 1 (spool_file). Does nothing
 * where they have met, and never fails: without a link the slip is made all the same. */
void meet_first (struct session *session, struct spool *spool, int64_t patience_ms);

/* Spool a command, wait, and give its outcome; a refusal is -errno with its sentence. The
 * way of desks and dispatchers, who wait for every step. */
MUST_CHECK int say_and_wait (struct session *session, enum speaker speaker,
                             struct command *command, struct outcome *ret_outcome);

/* inotify on the spool's data file: a descriptor that is readable when another process
 * wrote; -errno. 'spool_watch_drain' before looking. */
MUST_CHECK int spool_watch (const struct spool *spool, struct err *err);
void spool_watch_drain (int fd);

#endif
