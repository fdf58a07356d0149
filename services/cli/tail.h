/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a daemon's journal from outside, headers only, every leaf hashed here. */
#ifndef MINQING_CLI_TAIL_H
#define MINQING_CLI_TAIL_H

#include "base/hash.h"
#include "cli/session.h"

/* Called with every entry in order. 0: go on; anything else ends the reading with it. */
typedef int tail_fn (void *arg, const struct entry *entry, const struct followed *raw,
                     const struct hash *leaf_hash);

struct tail {
    enum speaker speaker;
    uint64_t after; /* begin behind this one */
    uint64_t until; /* end with this one; 0: with the newest there is now */
    bool follow;    /* go on waiting for more until a signal comes */
    tail_fn *visit;
    void *arg;
};

/* Read. 0 at the end, the visitor's value, or -errno with cli->err: -EBADMSG for an entry
 * that cannot be decoded or is out of order. */
MUST_CHECK int tail_read (struct session *session, const struct tail *tail);

#endif
