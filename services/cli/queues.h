/* SPDX-License-Identifier: Apache-2.0 */
/* Looking through the queues that a key may see, for what somebody has to decide: the
 * proposals that wait for a second person, the contested ones that wait for an arbiter. */
#ifndef MINQING_CLI_QUEUES_H
#define MINQING_CLI_QUEUES_H

#include "cli/session.h"

/* What a daemon knows of this key (role, territory, department), and its time. */
MUST_CHECK int queues_standing (struct session *session, enum speaker speaker,
                                struct standing *ret_standing);

/* Append to 'ret_rows' (of struct row, in the cli's arena) what this key's person may have
 * to decide: what was proposed, or what is contested. Of a desk its department's, of a
 * leader the territory's, of a dispatcher what lies with no department. 0, or -errno with
 * cli->err. */
MUST_CHECK int queues_proposed (struct session *session, struct buffer *ret_rows);
MUST_CHECK int queues_contested (struct session *session, struct buffer *ret_rows);

#endif
