/* SPDX-License-Identifier: Apache-2.0 */
/* Looking through the queues that a key may see, for what somebody has to decide: the
 * proposals that wait for a second person, the contested ones that wait for an arbiter. */
#ifndef MINQING_CLI_QUEUES_H
#define MINQING_CLI_QUEUES_H

#include "cli/session.h"

/* What a daemon knows of this key (role, territory, department), and its time. */
MUST_CHECK int queues_standing (struct session *session, enum speaker speaker,
                                struct standing *ret_standing);

/* Append to 'ret_rows' (of struct row, in the cli's arena) every row of the key's own
 * queues that is wanted: a desk's is its department's, a leader's are those of the
 * territory, a dispatcher's is the one of the undecided. What waits and what is in hand.
 * 0, or -errno with cli->err. */
MUST_CHECK int queues_gather (struct session *session,
                              bool (*is_wanted) (const struct row *row),
                              struct buffer *ret_rows);

#endif
