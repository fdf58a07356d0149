/* SPDX-License-Identifier: Apache-2.0 */
/* A source that a core follows, without a daemon behind it: frames of entries as one would
 * send them, hashed as its journal would, in order, with how far it is complete. */
#ifndef MINQING_BENCH_FEED_H
#define MINQING_BENCH_FEED_H

#include "runtime/core.h"
#include "wire/journal.h"
#include "wire/limits.h"

struct feed {
    enum speaker speaker;
    uint64_t sequence; /* of the last entry said */
    uint8_t journal[WIRE_JOURNAL_ID_SIZE];
    struct arena arena; /* of one frame */
    struct followed followed[LIMIT_ROWS];
    size_t count;
};

/* 'sequence': where the follower is. */
void feed_init (struct feed *feed, enum speaker speaker, uint64_t sequence);
void feed_done (struct feed *feed);

/* Put an entry into the frame; sequence is filled in. False: the frame is full. */
bool feed_say (struct feed *feed, struct entry *entry);

/* The frame so far (or a heartbeat), saying that it is complete up to 'complete_ms' (0: it
 * does not say), as an input of a turn. Lives until the next 'feed_clear'. */
struct input feed_input (struct feed *feed, int64_t complete_ms);
void feed_clear (struct feed *feed);

#endif
