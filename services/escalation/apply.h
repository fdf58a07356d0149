/* SPDX-License-Identifier: Apache-2.0 */
/* Events of escalation's journal → its tables. */
#ifndef MINQING_SERVICES_ESCALATION_APPLY_H
#define MINQING_SERVICES_ESCALATION_APPLY_H

#include "escalation/store.h"

/* Fold one entry of the own journal. Cannot fail; failures of the store stick in 'txn'.
 * 'arena' is scratch memory: nothing in it is needed afterwards. */
void escalation_apply (struct core *core, struct txn *txn, const struct entry *entry,
                       struct arena *arena);

#endif
