/* SPDX-License-Identifier: Apache-2.0 */
/* What the sender of a spool says to one daemon, as a pure machine: what was heard goes in
 * (decoded, with the time), the next frame to say comes out. No socket, no clock; its one
 * memory that lasts is the spool. The sender (cli/sender.h) is its wiring to a line; the
 * simulator runs the same machine on a network of its own.
 *
 *   unmet ──connected: ask Standing──▶ asking ──Standing──▶ sending ──▶ …
 *     ▲                                                       │  outcomes move 'acked';
 *     └──────────────── connection lost ──────────────────────┘  GAP and TRY_LATER go back */
#ifndef MINQING_CLI_TALK_H
#define MINQING_CLI_TALK_H

#include "cli/spool.h"

/* How many commands may be on their way unanswered. */
#define TALK_WINDOW 2048

enum talk_stage { TALK_UNMET, TALK_ASKING, TALK_SENDING };

struct talk {
    struct spool *spool;
    enum speaker speaker;
    enum talk_stage stage;
    uint64_t sent;  /* last counter sent on this connection */
    uint64_t acked; /* counters up to here have their outcome on our disk */
    uint64_t next;
    int64_t
        heard_ms; /* when the last word came, or the first was said that waits for it */
    int64_t resume_ms; /* do not send before */
    int64_t pause_ms;
};

/* What to say, until 'talk_said' or dropped. */
struct saying {
    struct bytes frame; /* the arena's */
    bool is_question;
    uint64_t n_commands; /* counters of the spool that it covers */
};

/* The spool must outlive it; nothing to be released. */
void talk_init (struct talk *talk, struct spool *spool, enum speaker speaker);

/* The connection is gone, or another one than before: everything is asked anew. */
void talk_broken (struct talk *talk);

/* A frame of the daemon's, without a refusal of the whole frame (the caller's). 0; or a
 * -errno that trying again will not mend: -ESTALE another spool has taken over this key;
 * what the spool's disk says. What it records is on disk when it returns. Where the daemon
 * knows other commands under our counters (this spool is a copy, or an old one), what has
 * no outcome goes on in a new incarnation (spool_conflict). */
MUST_CHECK int talk_hear (struct talk *talk, const struct from_door *message,
                          int64_t now_ms, struct err *err);

/* The next thing to say on a standing connection; false: nothing for now. Nothing has been
 * said before 'talk_said': a frame that could not be sent is given again. */
MUST_CHECK bool talk_next (struct talk *talk, int64_t now_ms, struct arena *arena,
                           struct saying *ret_saying);
void talk_said (struct talk *talk, const struct saying *saying);

/* When to ask 'talk_next' again at the latest, though nothing is heard; INT64_MAX: only
 * then. May lie before now. */
int64_t talk_wake_ms (const struct talk *talk, int64_t now_ms);

#endif
