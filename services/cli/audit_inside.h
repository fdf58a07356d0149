/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the audit share. */
#ifndef MINQING_CLI_AUDIT_INSIDE_H
#define MINQING_CLI_AUDIT_INSIDE_H

#include "cli/audit.h"
#include "cli/map.h"

#include "base/err.h"

struct audit {
    struct {
        uint64_t last;
        int64_t last_ms;
    } journals[SPEAKER_COUNT];
    struct audit_grievance *grievances;
    uint64_t *registered_at; /* sequence in intake's journal, beside 'grievances' */
    uint64_t *moved_at;      /* last sequence in routing's journal; 0: not placed */
    size_t n_grievances, capacity;
    struct map by_number; /* number → index + 1 */
    struct map clients;   /* speaker, client → incarnation << 40 | last counter */
    struct map raises;    /* digest of what a raise may happen once for → sequence */
    struct map raised;    /* number of a raise → sequence of its end, 0: open */
    struct map notices;   /* sequence → state */
    uint64_t refused;
    uint64_t in_notice_state[NOTICE_COUNT];
    size_t problems;
    char findings[AUDIT_FINDINGS_SHOWN][ERR_TEXT_SIZE];
};

/* NULL where it was never registered. Valid until the next registration. */
struct audit_grievance *audit_find (struct audit *audit, uint64_t number);

/* "20261123-00101-00034-X", or "?". Static, until the next call. */
const char *audit_number_text (uint64_t number);

/* Entries of routing: MOVED; PROPOSED and REJECTED. */
void audit_moved (struct audit *audit, const struct entry *entry);
void audit_proposal (struct audit *audit, const struct entry *entry);

#endif
