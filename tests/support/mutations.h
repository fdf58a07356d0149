/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of corruption, each a function that spoils one thing in a good town.
 *
 * Four families: bytes of a store, forged history (hashes and tree are right, the words are
 * not), facts that are not the fold of their journal, and followers' positions. Histories are
 * spoilt in a forgery, the others in a store that nobody has open. */
#ifndef MINQING_SUPPORT_MUTATIONS_H
#define MINQING_SUPPORT_MUTATIONS_H

#include "forge.h"
#include "store/store.h"

/* ---- forged history (mutations_history.c, mutations_ledger.c) ------------------------- */

/* Spoil it. False: this town has nothing that could be spoilt so. */
typedef bool history_fn (struct forgery *forgery);

struct history_mutation {
    const char *name; /* what is wrong, as a sentence's end */
    history_fn *spoil;
};
extern const struct history_mutation history_mutations[];
extern const size_t n_history_mutations;
extern const struct history_mutation ledger_mutations[];
extern const size_t n_ledger_mutations;

/* Intake was restored to before its last tenth, with everything that belongs to it: no
 * corruption, but something is missing. */
void history_restore_intake (struct forgery *forgery);

#endif
