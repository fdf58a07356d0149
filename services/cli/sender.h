/* SPDX-License-Identifier: Apache-2.0 */
/* Sends what a spool holds for one daemon: in order, every command until its outcome is
 * on our disk, from wherever the daemon says it is. What is said is decided by the talk
 * (cli/talk.h); here it is wired to a line. A machine without a loop of its own:
 * 'sender_turn' does what can be done without waiting. */
#ifndef MINQING_CLI_SENDER_H
#define MINQING_CLI_SENDER_H

#include "cli/session.h"
#include "cli/spool.h"

struct sender;

/* Only one process per key sends. -EBUSY: another one does; what is in the spool will go
 * with it. The lock lives as long as the descriptor. */
MUST_CHECK int sender_lock (const char *spool_dir, int *ret_fd, struct err *err);

/* Session and spool must outlive it. -errno and cli->err where the daemon's address is
 * not known. */
MUST_CHECK int sender_create (struct session *session, struct spool *spool,
                              enum speaker speaker, struct sender **ret_sender);
void sender_destroy (struct sender **sender);

/* Receive, record, send. 0; or a -errno that trying again will not mend, with cli->err:
 * -EACCES the key is refused; and those of 'talk_hear'. */
MUST_CHECK int sender_turn (struct sender *sender);
/* Call the next turn at the latest then: milliseconds from now, -1: only when the line
 * has something. */
int64_t sender_timeout_ms (const struct sender *sender);
struct line *sender_line (const struct sender *sender);

/* Counters up to this one have their outcome on our disk. */
uint64_t sender_acked (const struct sender *sender);
/* Everything in the spool has. */
bool sender_is_done (const struct sender *sender);
/* The daemon has said where it stands: before that, "done" is what we believed last. */
bool sender_has_met (const struct sender *sender);

/* Turn until the counter has its outcome (0: until we have met), at most 'patience_ms' (-1: for ever).
 * -ETIMEDOUT: not yet; it stays in the spool. */
MUST_CHECK int sender_await (struct sender *sender, uint64_t counter, int64_t patience_ms,
                             void (*progress) (void *arg, uint64_t acked), void *arg);

#endif
