/* SPDX-License-Identifier: Apache-2.0 */
/* Law: where does a registered grievance go? DOMAIN §6. */
#ifndef MINQING_ROUTING_DECIDE_PLACE_H
#define MINQING_ROUTING_DECIDE_PLACE_H

#include "runtime/core.h"

/* Where nobody may have an accusation, the tables are asked again after this time. */
#define ROUTING_PLACE_AGAIN_MS INT64_C (3600000)

/* Priorities, first come first: each is the highest that applies. */
enum routing_priority {
    ROUTING_ORDINARY,
    ROUTING_WEAK,   /* in hardship, a vulnerable group, or 5 persons and more */
    ROUTING_URGENT, /* marked urgent, or 20 persons and more */
    ROUTING_THREAT  /* risk of violence or self-harm */
};
enum routing_priority routing_priority (const struct matter *matter);

/* The first placing, from intake's REGISTERED entry and its body (absent: it was erased;
 * the header is enough to place by). One MOVED event with the filing taken over. Pure. */
void routing_decide_place (const struct rules *rules, const struct entry *registered,
                           struct bytes body, struct decision *decision);

/* Again, for an accusation that no row could place: to a department, or look again. */
void routing_decide_place_again (const struct rules *rules, uint64_t number,
                                 const struct matter *matter,
                                 const struct accused *accused, size_t n_accused,
                                 struct decision *decision);

#endif
