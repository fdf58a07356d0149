/* SPDX-License-Identifier: Apache-2.0 */
/* The Merkle tree of RFC 6962 §2.1 (unchanged in RFC 9162), pure: no store.
 *
 * Leaf hash = SHA-256 (0x00 | data); node = SHA-256 (0x01 | left | right); the hash of
 * nothing = SHA-256 (""). Leaves are counted from 0 here. The node (level, index) is
 * the complete subtree over the leaves [index · 2^level, (index + 1) · 2^level). */
#ifndef MINQING_JOURNAL_TREE_H
#define MINQING_JOURNAL_TREE_H

#include "base/hash.h"

#define TREE_LEVELS    64
#define TREE_PROOF_MAX (TREE_LEVELS + 2)

struct tree_proof {
    unsigned count;
    struct hash nodes[TREE_PROOF_MAX]; /* in the order of the RFC */
};

void tree_leaf (const struct bytes *parts, size_t count, struct hash *ret_hash);
void tree_node (const struct hash *left, const struct hash *right, struct hash *ret_hash);

/* The right edge: the complete subtrees that 'size' consists of, nodes[level] for each
 * bit set in it. Enough to append and to tell the root. Zero-initialised is empty. */
struct tree_frontier {
    uint64_t size;
    struct hash nodes[TREE_LEVELS];
};

/* Append a leaf. Each node of level >= 1 that it completes is told to 'completed'
 * (NULL: nobody), lowest first. */
typedef void tree_completed_fn (void *arg, unsigned level, uint64_t index,
                                const struct hash *hash);
void tree_append (struct tree_frontier *frontier, const struct hash *leaf,
                  tree_completed_fn *completed, void *arg);
void tree_frontier_root (const struct tree_frontier *frontier, struct hash *ret_root);

/* Where complete nodes come from, level 0 being leaf hashes: 0 or a negative errno. */
struct tree_source {
    int (*node) (void *arg, unsigned level, uint64_t index, struct hash *ret_hash);
    void *arg;
};

/* Read from a source that has at least 'size' leaves. The source's failures come
 * through; -ERANGE for an index or size that is not there. */
MUST_CHECK int tree_load_frontier (const struct tree_source *source, uint64_t size,
                                   struct tree_frontier *ret_frontier);
MUST_CHECK int tree_prove_inclusion (const struct tree_source *source, uint64_t index,
                                     uint64_t size, struct tree_proof *ret_proof);
MUST_CHECK int tree_prove_consistency (const struct tree_source *source,
                                       uint64_t old_size, uint64_t new_size,
                                       struct tree_proof *ret_proof);

/* What a stranger with two roots runs. Any bytes may come in; false means not proved.
 * Of an old size of 0 (whose root is the hash of nothing) everything is a continuation,
 * by an empty proof. */
bool tree_verify_inclusion (const struct hash *leaf, uint64_t index, uint64_t size,
                            const struct tree_proof *proof, const struct hash *root);
bool tree_verify_consistency (uint64_t old_size, const struct hash *old_root,
                              uint64_t new_size, const struct hash *new_root,
                              const struct tree_proof *proof);

#endif
