/* SPDX-License-Identifier: Apache-2.0 */
/* Law: may this filing be registered, and what then stands in the journal?
 *
 * Intake never refuses what is merely odd. It refuses what cannot be a grievance of this
 * terminal (number, village, territory), what would break a promise (an accusation in
 * clear, a filing of tomorrow) and nothing else. */
#ifndef MINQING_INTAKE_DECIDE_FILING_H
#define MINQING_INTAKE_DECIDE_FILING_H

#include "base/hash.h"
#include "runtime/core.h"

/* A terminal's clock may run ahead by this much. */
#define INTAKE_CLOCK_SLACK_MS INT64_C (300000)

/* What the store knows that the law asks for. */
struct intake_filing_facts {
    bool number_is_taken;
    struct hash code_hash; /* of who has the number */
    int64_t written_ms; /* latest time at which the terminal wrote one down; 0: never */
    const uint8_t *secret;  /* core_secret */
    bool time_is_uncertain; /* ours: the terminal's may be the right one */
};

/* One REGISTERED event, or a refusal. Pure. */
void intake_decide_filing (const struct rules *rules, const struct client *terminal,
                           const struct filing *filing,
                           const struct intake_filing_facts *facts,
                           struct decision *decision);

/* The keyed hash under which a query code (canonical) is kept. */
void intake_code_hash (const uint8_t *secret, uint64_t number, const char *code,
                       struct hash *ret_hash);

#endif
