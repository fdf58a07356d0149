/* SPDX-License-Identifier: Apache-2.0 */
/* A store made from a backup: its journal goes on as a new incarnation.
 *
 * The entries are appended, facts are folded from them as they were, the secret is that
 * of the backup (query codes stay valid), and KIND_INCARNATION is the next entry: it names
 * the id under which the journal goes on, the one before, and how far that one was kept.
 * Whoever follows is led across by it, clients find the counters of the backup and send
 * again what they keep. Views and positions are not in a backup: others are followed from
 * the beginning, and what was taken over from them is not taken over twice. */
#ifndef MINQING_RUNTIME_RESTORE_H
#define MINQING_RUNTIME_RESTORE_H

#include "runtime/core.h"

struct restore {
    const struct keepsake *keepsake;
    /* The next entry in order, from the first: 1; at the end 0; or a negative errno with a
     * sentence. Its memory must last until the following call. */
    int (*next) (void *arg, struct followed *ret_followed, struct err *err);
    void *arg;
    /* Incarnations behind that of the keepsake, oldest first, where the caller knows of
     * some: the backup is older than an earlier restoration. Then nothing behind the
     * place where the first of them began is put back (it was given up before), and their
     * followers too are led across. */
    const struct journal_identity *lost;
    size_t n_lost;
    /* The header of the new opening, before it is committed; may be NULL. */
    void (*opened) (void *arg, struct bytes header);
    int64_t now_ms;
};

struct restored {
    uint64_t entries;  /* put back */
    uint64_t given_up; /* not put back, see 'lost' */
    int64_t last_ms;   /* time of the last; 0: none */
    uint32_t incarnation;
    uint8_t journal[JOURNAL_ID_SIZE];
};

/* Make the store in 'options->dir', which must exist and hold none, but that of a
 * restoration which was interrupted: this is then begun anew. 'options->random' names the
 * new incarnation. All entries are checked as they come, in bounded transactions; until
 * the last of them core_start refuses the store. The first core_start then lets the
 * service say what is open (service_spec.restate).
 *   -ENOTEMPTY  there is a store; '*ret' says from what it was once made (all zero but its
 *               incarnation and journal, if from nothing)
 *   -EBADMSG    an entry is not what its hash says, or not the next
 *   -EINVAL     the keepsake is not of this service, or of a newer program
 *   others      of the store, or what 'next' gave */
MUST_CHECK int core_restore (const struct service_spec *spec,
                             const struct core_options *options,
                             const struct restore *restore, struct restored *ret,
                             struct err *err);

/* Put entries back that are damaged, from a backup, while no daemon runs on the store.
 * 'followed' are those from 'first' on, as the backup has them; of them only what cannot
 * be read is written. They must give the tree that is there, for which all damaged ones
 * of a block (JOURNAL_BLOCK) have to come together. Facts are not folded again: what the
 * entries did to them was done long ago. '*ret_count': how many were put back.
 * -EBADMSG: these are other entries, or one is missing; nothing was changed. */
MUST_CHECK int core_mend (struct core *core, uint64_t first,
                          const struct followed *followed, size_t count,
                          size_t *ret_count, struct err *err);

/* Incarnations of a store up to its present one, oldest first, without the first; for
 * 'lost' above. How many were filled, at most 'max'. */
size_t core_incarnations (struct core *core, struct journal_identity *ret, size_t max);

#endif
