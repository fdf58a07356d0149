/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of 'minqing verify' share. */
#ifndef MINQING_CLI_VERIFY_INSIDE_H
#define MINQING_CLI_VERIFY_INSIDE_H

#include "cli/audit.h"
#include "cli/cli.h"
#include "cli/session.h"

#include "journal/tree.h"

static const enum speaker verify_speakers[] = { SPEAKER_INTAKE, SPEAKER_ROUTING,
                                                SPEAKER_ESCALATION,
                                                SPEAKER_NOTIFICATION };

/* The leaf of an entry where a follower says it stands. */
struct verify_mark {
    uint64_t sequence; /* 0: nowhere */
    struct hash leaf;
};

struct verification {
    struct cli *cli;
    struct session *session;
    struct audit *audit;
    struct status followers[SPEAKER_COUNT]; /* whose positions are looked at */
    struct status status[SPEAKER_COUNT];    /* a moment later: heads and roots */
    bool is_at_rest;
    struct verify_mark marks[SPEAKER_COUNT][SPEAKER_COUNT]; /* of follower, in source */
    struct tree_frontier tree;
    enum speaker reading;
    bool is_scrubbed;
    struct scrub scrubs[SPEAKER_COUNT];
};

/* verify_sums.c: what the daemons count, held against what the journals say. */
MUST_CHECK int verify_sums (struct verification *it);

/* verify_scrub.c: facts held against a fold, by each daemon itself; waits for all. */
MUST_CHECK int verify_scrub (struct verification *it);

/* verify_report.c: prints; the exit code. */
int verify_report (struct verification *it);

#endif
