/* SPDX-License-Identifier: Apache-2.0 */
/* Wrong query codes: five within an hour close a grievance's number for an hour.
 *
 * Kept in memory only, and bounded. A guess costs the guesser nothing, so writing it down
 * would let any terminal fill the store; a restart forgets, which gives a guesser of
 * 40 random bits nothing that counts. */
#ifndef MINQING_INTAKE_CODES_H
#define MINQING_INTAKE_CODES_H

#include "base/macros.h"

#define INTAKE_CODES_WRONG_MAX 5
#define INTAKE_CODES_HOUR_MS   INT64_C (3600000)

/* Numbers watched at a time. Whoever wants to push one out must have guessed at as many
 * others in the same set, each at its own price of five an hour. */
#define INTAKE_CODES_SETS 512
#define INTAKE_CODES_WAYS 8

struct intake_codes {
    struct intake_codes_slot {
        uint64_t number; /* 0: free */
        int64_t closed_until_ms;
        int64_t wrong_at_ms[INTAKE_CODES_WRONG_MAX]; /* the last ones, going round */
        unsigned wrong;                              /* how many there ever were */
    } slots[INTAKE_CODES_SETS][INTAKE_CODES_WAYS];
};

bool intake_codes_are_closed (const struct intake_codes *codes, uint64_t number,
                              int64_t now_ms);
void intake_codes_note_wrong (struct intake_codes *codes, uint64_t number,
                              int64_t now_ms);
unsigned intake_codes_closed_count (const struct intake_codes *codes, int64_t now_ms);

#endif
