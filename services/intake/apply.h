/* SPDX-License-Identifier: Apache-2.0 */
/* Events → tables. Total, cannot fail; sees no clock, no setting, no rule. */
#ifndef MINQING_INTAKE_APPLY_H
#define MINQING_INTAKE_APPLY_H

#include "runtime/core.h"

/* 'outcome' of a course step that answers an ask. */
#define INTAKE_ASK_TAKEN    1
#define INTAKE_ASK_TOO_LATE 2

/* An entry of the own journal → facts. */
void intake_apply (struct txn *txn, const struct entry *entry);

/* An entry of routing's, escalation's or notification's journal → views: the steps that
 * a petitioner reads in the course. */
void intake_view (struct txn *txn, const struct entry *entry, struct bytes body,
                  struct arena *arena);

#endif
