/* SPDX-License-Identifier: Apache-2.0 */
/* Events → tables. Total, cannot fail; sees no clock, no setting, no rule. */
#ifndef MINQING_ROUTING_APPLY_H
#define MINQING_ROUTING_APPLY_H

#include "routing/counts.h"
#include "routing/offers.h"
#include "runtime/core.h"

/* An entry of the own journal → facts. Bodies are not looked at: a fold gives the same
 * when they were erased. 'offers' is told what waits and what waits no longer. */
void routing_apply (struct txn *txn, const struct entry *entry,
                    struct routing_counts *counts, struct routing_offers *offers);

/* An entry of intake's journal → view: what the petitioner said since. */
void routing_view (struct txn *txn, const struct entry *entry, struct bytes body,
                   struct arena *arena);

#endif
