/* SPDX-License-Identifier: Apache-2.0 */
/* The Merkle tree of RFC 6962, stepped by hand: hashes in, hashes out.
 *
 * The tree over n leaves is a row of complete subtrees, one for each bit of n, joined
 * from the right:
 *
 *     n = 7 = 4 + 2 + 1          root
 *                               /    \
 *                           (2,0)     .
 *                          /     \   / \
 *                         .       . (1,2) (0,6)
 *
 * so everything here is a walk over the bits of a number, and no function recurses. */
#include "journal/tree.h"

#include <errno.h>
#include <string.h>

static const uint8_t leaf_mark = 0x00;
static const uint8_t node_mark = 0x01;

#define LEAF_PARTS_MAX 8

void tree_leaf (const struct bytes *parts, size_t count, struct hash *ret_hash)
{
    struct bytes all[LEAF_PARTS_MAX + 1] = { BYTES_OF (leaf_mark) };
    assert (count <= LEAF_PARTS_MAX);
    for (size_t i = 0; i < count; i++)
        all[i + 1] = parts[i];
    hash_parts (all, count + 1, ret_hash);
}

void tree_node (const struct hash *left, const struct hash *right, struct hash *ret_hash)
{
    struct bytes parts[] = { BYTES_OF (node_mark), hash_view (left), hash_view (right) };
    hash_parts (parts, ARRAY_SIZE (parts), ret_hash);
}

/* ---- the right edge --------------------------------------------------------------- */

static bool has_bit (uint64_t number, unsigned level)
{
    return (number >> level & 1) != 0;
}

void tree_append (struct tree_frontier *frontier, const struct hash *leaf,
                  tree_completed_fn *completed, void *arg)
{
    assert (frontier->size < UINT64_MAX);
    struct hash hash = *leaf;
    unsigned level = 0;
    while (has_bit (frontier->size, level)) {
        tree_node (&frontier->nodes[level], &hash, &hash);
        level++;
        if (completed != NULL)
            completed (arg, level, frontier->size >> level, &hash);
    }
    frontier->nodes[level] = hash;
    frontier->size++;
}

void tree_frontier_root (const struct tree_frontier *frontier, struct hash *ret_root)
{
    bool is_begun = false;
    hash_bytes (BYTES (NULL, 0), ret_root);
    for (unsigned level = 0; level < TREE_LEVELS; level++) {
        if (!has_bit (frontier->size, level))
            continue;
        if (is_begun)
            tree_node (&frontier->nodes[level], ret_root, ret_root);
        else
            *ret_root = frontier->nodes[level];
        is_begun = true;
    }
}

int tree_load_frontier (const struct tree_source *source, uint64_t size,
                        struct tree_frontier *ret_frontier)
{
    struct tree_frontier frontier = { .size = size };
    for (unsigned level = 0; level < TREE_LEVELS; level++) {
        if (!has_bit (size, level))
            continue;
        int rc = source->node (source->arg, level, (size >> level) - 1,
                               &frontier.nodes[level]);
        if (rc < 0)
            return rc;
    }
    *ret_frontier = frontier;
    return 0;
}

/* ---- proofs ------------------------------------------------------------------------- */

/* The hash of the 'count' leaves from 'start', which is a multiple of the largest power
 * of two in 'count': their subtrees stand where those of the whole tree stand. */
static int range_hash (const struct tree_source *source, uint64_t start, uint64_t count,
                       struct hash *ret_hash)
{
    struct hash hash, node;
    uint64_t end = start + count;
    bool is_begun = false;
    for (unsigned level = 0; level < TREE_LEVELS; level++) {
        if (!has_bit (count, level))
            continue;
        end -= UINT64_C (1) << level;
        int rc = source->node (source->arg, level, end >> level, &node);
        if (rc < 0)
            return rc;
        if (is_begun)
            tree_node (&node, &hash, &hash);
        else
            hash = node;
        is_begun = true;
    }
    assert (is_begun);
    *ret_hash = hash;
    return 0;
}

/* The largest power of two below 'count', which is at least 2. */
static uint64_t split (uint64_t count)
{
    return UINT64_C (1) << (63 - __builtin_clzll (count - 1));
}

static int push_range (struct tree_proof *proof, const struct tree_source *source,
                       uint64_t start, uint64_t count)
{
    assert (proof->count < TREE_PROOF_MAX);
    return range_hash (source, start, count, &proof->nodes[proof->count++]);
}

/* Proofs are gathered from the root down and told from the leaf up. */
static void turn_round (struct tree_proof *proof)
{
    for (unsigned i = 0, j = proof->count; i + 1 < j; i++) {
        struct hash hash = proof->nodes[i];
        proof->nodes[i] = proof->nodes[--j];
        proof->nodes[j] = hash;
    }
}

int tree_prove_inclusion (const struct tree_source *source, uint64_t index, uint64_t size,
                          struct tree_proof *ret_proof)
{
    struct tree_proof proof = { 0 };
    uint64_t start = 0, count = size;
    if (index >= size)
        return -ERANGE;
    while (count > 1) {
        uint64_t left = split (count);
        int rc;
        if (index < start + left) {
            rc = push_range (&proof, source, start + left, count - left);
            count = left;
        } else {
            rc = push_range (&proof, source, start, left);
            start += left;
            count -= left;
        }
        if (rc < 0)
            return rc;
    }
    turn_round (&proof);
    *ret_proof = proof;
    return 0;
}

int tree_prove_consistency (const struct tree_source *source, uint64_t old_size,
                            uint64_t new_size, struct tree_proof *ret_proof)
{
    struct tree_proof proof = { 0 };
    uint64_t start = 0, count = new_size;
    int rc = 0;
    if (old_size > new_size)
        return -ERANGE;
    /* Down to the subtree that ends where the old tree ended. If we never turned right,
     * that is the old tree itself, and its root is known to whoever asks. */
    while (rc == 0 && old_size > 0 && old_size < start + count) {
        uint64_t left = split (count);
        if (old_size <= start + left) {
            rc = push_range (&proof, source, start + left, count - left);
            count = left;
        } else {
            rc = push_range (&proof, source, start, left);
            start += left;
            count -= left;
        }
    }
    if (rc == 0 && start > 0)
        rc = push_range (&proof, source, start, count);
    if (rc < 0)
        return rc;
    turn_round (&proof);
    *ret_proof = proof;
    return 0;
}

/* ---- verification (RFC 9162 §2.1.3.2 and §2.1.4.2) ----------------------------------- */

/* A place on the way up: 'node' of the level's nodes, of which 'last' is the last. */
struct climb {
    uint64_t node;
    uint64_t last;
};

static void climb_up (struct climb *climb)
{
    climb->node >>= 1;
    climb->last >>= 1;
}

/* Is the sibling that the proof gives next on the left? A last node without sibling on
 * its right is not joined at this level; skip to where it is. */
static bool climb_sibling_is_left (struct climb *climb)
{
    bool is_left = has_bit (climb->node, 0) || climb->node == climb->last;
    if (is_left)
        while (!has_bit (climb->node, 0) && climb->node != 0)
            climb_up (climb);
    climb_up (climb);
    return is_left;
}

bool tree_verify_inclusion (const struct hash *leaf, uint64_t index, uint64_t size,
                            const struct tree_proof *proof, const struct hash *root)
{
    if (index >= size || proof->count > TREE_PROOF_MAX)
        return false;
    struct climb climb = { .node = index, .last = size - 1 };
    struct hash hash = *leaf;
    for (unsigned i = 0; i < proof->count; i++) {
        if (climb.last == 0)
            return false;
        if (climb_sibling_is_left (&climb))
            tree_node (&proof->nodes[i], &hash, &hash);
        else
            tree_node (&hash, &proof->nodes[i], &hash);
    }
    return climb.last == 0 && hash_equal (&hash, root);
}

static bool is_power_of_two (uint64_t number)
{
    return (number & (number - 1)) == 0;
}

bool tree_verify_consistency (uint64_t old_size, const struct hash *old_root,
                              uint64_t new_size, const struct hash *new_root,
                              const struct tree_proof *proof)
{
    if (old_size > new_size || proof->count > TREE_PROOF_MAX)
        return false;
    if (old_size == new_size)
        return proof->count == 0 && hash_equal (old_root, new_root);
    if (old_size == 0) {
        struct hash nothing;
        hash_bytes (BYTES (NULL, 0), &nothing);
        return proof->count == 0 && hash_equal (old_root, &nothing);
    }
    struct climb climb = { .node = old_size - 1, .last = new_size - 1 };
    while (has_bit (climb.node, 0))
        climb_up (&climb);
    /* The old tree whole in the new one: its root stands for the first node. */
    unsigned next = 0;
    if (!is_power_of_two (old_size) && proof->count == 0)
        return false;
    struct hash old_hash = is_power_of_two (old_size) ? *old_root : proof->nodes[next++];
    struct hash new_hash = old_hash;
    for (; next < proof->count; next++) {
        if (climb.last == 0)
            return false;
        const struct hash *sibling = &proof->nodes[next];
        if (climb_sibling_is_left (&climb)) {
            tree_node (sibling, &old_hash, &old_hash);
            tree_node (sibling, &new_hash, &new_hash);
        } else {
            tree_node (&new_hash, sibling, &new_hash);
        }
    }
    return climb.last == 0 && hash_equal (&old_hash, old_root) &&
           hash_equal (&new_hash, new_root);
}
