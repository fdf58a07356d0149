/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the witness: one record of everything, and two readers of it. */
#ifndef MINQING_SUPPORT_WITNESS_INSIDE_H
#define MINQING_SUPPORT_WITNESS_INSIDE_H

#include "witness.h"

/* What an entry of routing was, for those of escalation that took it over. */
struct heard {
    int64_t time_ms;
    int64_t done_at_ms;
    enum kind kind;
    enum step step;
    enum state from, to;
    uint64_t link_to;
};

struct witness {
    char complaint[400];
    uint64_t accused;
    struct witnessed *grievances;
    size_t n_grievances, room;
    uint32_t *slots; /* hash of numbers: index + 1 */
    size_t n_slots;  /* a power of two */
    struct heard *heard;
    size_t n_heard, heard_room; /* by sequence - 1 */
    int64_t last_ms[SPEAKER_COUNT];
    uint64_t last_sequence[SPEAKER_COUNT];
    struct arena arena; /* of one entry */
};

/* Only the first counts. Returns false, so that a check reads as one condition. */
bool witness_complain (struct witness *witness, const struct entry *entry,
                       const char *format, ...) PRINTF_LIKE (3, 4);

struct witnessed *witness_grievance (struct witness *witness, uint64_t number);
struct witnessed *witness_grievance_add (struct witness *witness, uint64_t number);

void witness_routing (struct witness *witness, const struct entry *entry,
                      struct bytes body);
void witness_escalation (struct witness *witness, const struct entry *entry);

#endif
