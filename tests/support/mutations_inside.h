/* SPDX-License-Identifier: Apache-2.0 */
/* What forgers of history share. */
#ifndef MINQING_SUPPORT_MUTATIONS_INSIDE_H
#define MINQING_SUPPORT_MUTATIONS_INSIDE_H

#include "mutations.h"

typedef bool entry_fits_fn (const struct forgery *forgery, const struct entry *entry);

/* The last entry of this kind that fits (NULL: any); NULL: none does. */
struct forged_entry *find_last (struct forgery *forgery, enum speaker speaker,
                                enum kind kind, entry_fits_fn *fits);
/* One in the middle. */
struct forged_entry *find_middle (struct forgery *forgery, enum speaker speaker,
                                  enum kind kind, entry_fits_fn *fits);
/* The last of routing's that moved this grievance, before 'sequence' (0: at all). */
const struct moved *last_move (const struct forgery *forgery, uint64_t number,
                               uint64_t before);
/* It says nothing any more: as if the daemon had been started there. */
void make_blank (struct forgery *forgery, struct forged_entry *entry);
/* A copy at the end of the journal, at its last time, by no client. */
struct forged_entry *append_copy (struct forgery *forgery, enum speaker speaker,
                                  const struct forged_entry *entry);
/* What others call this entry now, they shall call by this. */
uint64_t sequence_end (const struct forgery *forgery, enum speaker speaker);
struct source *source_make (struct forgery *forgery, enum speaker speaker,
                            uint64_t position);

#endif
