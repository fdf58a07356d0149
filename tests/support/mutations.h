/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of corruption, each a function that spoils one thing in a good town.
 *
 * Four families: bytes of a store, forged history (hashes and tree are right, the words are
 * not), facts that are not the fold of their journal, and followers' positions. Histories are
 * spoilt in a forgery, the others in a store that nobody has open. */
#ifndef MINQING_SUPPORT_MUTATIONS_H
#define MINQING_SUPPORT_MUTATIONS_H

#include "crowd.h"
#include "forge.h"

/* ---- the good town (mutations_place.c) ------------------------------------------------ */

struct place {
    struct town *town;
    struct crowd *crowd;
    struct witness *witness;
    uint64_t read[SPEAKER_COUNT];
};

/* The same seed gives the same. */
void place_build (struct place *place, const char *tables_dir, uint64_t seed);
void place_leave (struct place *place);

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

/* ---- spoilt stores (mutations_store.c) ------------------------------------------------ */

/* Spoil it, in a write transaction of a store of this service; how many records of its facts
 * are other ones then, or gone, or new (0: it is no fact). */
typedef size_t store_fn (struct core *core, const struct service_spec *spec,
                         struct txn *txn);

struct store_mutation {
    const char *name;
    store_fn *spoil;
};
extern const struct store_mutation store_mutations[];
extern const size_t n_store_mutations;

/* Intake was restored to before its last tenth, with everything that belongs to it: no
 * corruption, but something is missing. */
void history_restore_intake (struct forgery *forgery);
/* Intake's entry 17 had been damaged, and was put back. */
void history_mend (struct forgery *forgery);

#endif
