/* SPDX-License-Identifier: Apache-2.0 */
/* Groups: the lead and those linked to it. A member is closed by its link and goes on with
 * the lead: what is decided there is served on it too, and where the lead ends without a
 * decision the member comes back. Each keeps its number and its right of review. */
#ifndef MINQING_ROUTING_MEMBERS_H
#define MINQING_ROUTING_MEMBERS_H

#include "routing/routing_store.h"

/* ---- facts, for apply ------------------------------------------------------------- */

void routing_member_put (struct txn *txn, uint64_t lead, uint64_t member);
/* It has been told of everything that the lead has served up to now. */
void routing_member_told (struct txn *txn, uint64_t lead, uint64_t member,
                          uint64_t served);
void routing_member_delete (struct txn *txn, uint64_t lead, uint64_t member);

/* Is it a lead? If so, keep its row on the agenda while a member is to be told of
 * something, and take it away when none is. Changes the record, which the caller puts. */
void routing_members_plan (struct txn *txn, uint64_t lead,
                           struct routing_grievance *grievance, int64_t now_ms);

/* ---- reading ---------------------------------------------------------------------- */

/* What the first members that are to be told of something are to be told, at most 'max';
 * returns how many. STEP_SERVE: what the lead was served; STEP_REOPEN: the lead ended
 * without an answer to them. */
struct routing_member {
    uint64_t number;
    enum step step;
};
size_t routing_members_next (struct txn *txn, uint64_t lead,
                             const struct routing_grievance *grievance, size_t max,
                             struct routing_member *ret_members);

#endif
