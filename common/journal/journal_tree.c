/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's tree in the store, its proofs, and the verification of everything.
 *
 *   table 'tree'   key    u8 level, u64 index (level 4, 8, 12 …)
 *                  value  32 bytes, the node's hash
 *
 * Leaf hashes stand in the entries; other levels are computed when asked for. Whoever
 * verifies recomputes all from the bytes of the entries and believes none of these. */
#include "journal/journal_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"

static struct key node_key (unsigned level, uint64_t index)
{
    struct key key;
    key_init (&key);
    key_u8 (&key, (uint8_t) level);
    key_u64 (&key, index);
    return key;
}

bool journal_kept_node (struct journal *journal, struct txn *txn, unsigned level,
                        uint64_t index, struct hash *ret_hash)
{
    struct key key = node_key (level, index);
    struct bytes value;
    if (!txn_get (txn, journal->tables.tree, key_view (&key), &value) ||
        value.size != HASH_SIZE)
        return false;
    memcpy (ret_hash->data, value.data, HASH_SIZE);
    return true;
}

void journal_keep_node (struct journal *journal, struct txn *txn, unsigned level,
                        uint64_t index, const struct hash *hash)
{
    struct key key = node_key (level, index);
    txn_put (txn, journal->tables.tree, key_view (&key), hash_view (hash));
}

/* Recursion goes down at most JOURNAL_TREE_STEP - 1 levels, to kept nodes or leaves. */
static int node_from_tables (void *arg, unsigned level, uint64_t index,
                             struct hash *ret_hash)
{
    struct journal_place *place = arg;
    if (level == 0)
        return journal_read_leaf (place->journal, place->txn, index + 1, ret_hash);
    if (journal_keeps_level (level))
        return journal_kept_node (place->journal, place->txn, level, index, ret_hash)
                   ? 0
                   : -EBADMSG;
    struct hash left, right;
    int rc = node_from_tables (arg, level - 1, 2 * index, &left);
    if (rc == 0)
        rc = node_from_tables (arg, level - 1, 2 * index + 1, &right);
    if (rc == 0)
        tree_node (&left, &right, ret_hash);
    return rc;
}

struct tree_source journal_tree_source (struct journal_place *place)
{
    return (struct tree_source){ .node = node_from_tables, .arg = place };
}

/* ---- the right edge -------------------------------------------------------------------- */

/* A kept node anew, from the sixteen below it. */
static int node_anew (struct journal_place *place, unsigned level, uint64_t index,
                      struct hash *ret_hash)
{
    struct tree_frontier frontier = { 0 };
    struct hash below;
    for (uint64_t i = 0; i < JOURNAL_BLOCK; i++) {
        int rc = node_from_tables (place, level - JOURNAL_TREE_STEP,
                                   index * JOURNAL_BLOCK + i, &below);
        if (rc < 0)
            return rc;
        tree_append (&frontier, &below, NULL, NULL);
    }
    tree_frontier_root (&frontier, ret_hash);
    return 0;
}

static void node_mend (struct journal_place *place, unsigned level, uint64_t index,
                       const struct hash *anew)
{
    struct hash kept;
    if (journal_kept_node (place->journal, place->txn, level, index, &kept) &&
        hash_equal (&kept, anew))
        return;
    log_error ("the tree's node over the entries %" PRIu64 " to %" PRIu64
               " is damaged; they themselves give it, and it fits the root%s",
               (index << level) + 1, (index + 1) << level,
               txn_is_write (place->txn) ? ": it is put back" : "");
    place->journal->mended_nodes++;
    if (txn_is_write (place->txn))
        journal_keep_node (place->journal, place->txn, level, index, anew);
}

/* The nodes that are kept at or next below the frontier's node of this level. */
static bool edge_mend_level (struct journal_place *place, unsigned level, uint64_t index,
                             const struct hash *expected)
{
    unsigned kept_level = level - level % JOURNAL_TREE_STEP;
    uint64_t count = UINT64_C (1) << (level - kept_level), first = index * count;
    struct hash anew[JOURNAL_BLOCK / 2], root;
    struct tree_frontier frontier = { 0 };
    if (kept_level == 0)
        return false; /* leaves: an entry is damaged, or the frontier */
    for (uint64_t i = 0; i < count; i++) {
        if (node_anew (place, kept_level, first + i, &anew[i]) < 0)
            return false;
        tree_append (&frontier, &anew[i], NULL, NULL);
    }
    tree_frontier_root (&frontier, &root);
    if (!hash_equal (&root, expected))
        return false;
    for (uint64_t i = 0; i < count; i++)
        node_mend (place, kept_level, first + i, &anew[i]);
    return true;
}

bool journal_mend_edge (struct journal *journal, struct txn *txn,
                        const struct tree_frontier *frontier)
{
    struct journal_place place = { journal, txn };
    struct hash hash;
    for (unsigned level = 0; level < TREE_LEVELS; level++) {
        uint64_t index = (frontier->size >> level) - 1;
        if ((frontier->size >> level & 1) == 0)
            continue;
        if (node_from_tables (&place, level, index, &hash) == 0 &&
            hash_equal (&hash, &frontier->nodes[level]))
            continue;
        if (!edge_mend_level (&place, level, index, &frontier->nodes[level]))
            return false;
    }
    return txn_error (txn) == 0;
}

/* ---- roots and proofs ------------------------------------------------------------------ */

int journal_root (struct journal *journal, struct txn *txn, uint64_t size,
                  struct hash *ret_root)
{
    struct journal_place place = { journal, txn };
    struct tree_source source = journal_tree_source (&place);
    struct tree_frontier frontier;
    int rc = journal_load_frontier (journal, txn, &frontier);
    if (rc == 0 && size > frontier.size)
        return -ERANGE;
    /* The whole root stands ready, and a damaged leaf below is not in its way. */
    if (rc == 0 && size < frontier.size)
        rc = tree_load_frontier (&source, size, &frontier);
    if (rc == 0)
        tree_frontier_root (&frontier, ret_root);
    return rc;
}

int journal_prove_inclusion (struct journal *journal, struct txn *txn, uint64_t sequence,
                             uint64_t size, struct tree_proof *ret_proof)
{
    struct journal_place place = { journal, txn };
    struct tree_source source = journal_tree_source (&place);
    if (sequence == 0 || size > journal_size (journal, txn))
        return -ERANGE;
    return tree_prove_inclusion (&source, sequence - 1, size, ret_proof);
}

int journal_prove_consistency (struct journal *journal, struct txn *txn,
                               uint64_t old_size, uint64_t new_size,
                               struct tree_proof *ret_proof)
{
    struct journal_place place = { journal, txn };
    struct tree_source source = journal_tree_source (&place);
    if (new_size > journal_size (journal, txn))
        return -ERANGE;
    return tree_prove_consistency (&source, old_size, new_size, ret_proof);
}

/* ---- verify ---------------------------------------------------------------------------- */

struct check {
    struct journal_place place;
    struct tree_frontier frontier; /* recomputed */
    uint64_t damaged;              /* the first; 0: none */
    struct err *err;
};

static int damage (struct check *check, uint64_t sequence, const char *what)
{
    check->damaged = sequence;
    return err_set (check->err, -EBADMSG, "entry %" PRIu64 " is damaged: %s", sequence,
                    what);
}

static void check_node (void *arg, unsigned level, uint64_t index,
                        const struct hash *hash)
{
    struct check *check = arg;
    struct hash kept;
    if (!journal_keeps_level (level) || check->damaged != 0)
        return;
    if (journal_kept_node (check->place.journal, check->place.txn, level, index, &kept) &&
        hash_equal (&kept, hash))
        return;
    uint64_t first = (index << level) + 1, last = (index + 1) << level;
    check->damaged = first;
    err_set (check->err, -EBADMSG,
             "the tree's node over the entries %" PRIu64 " to %" PRIu64
             " does not fit them: it is damaged, or one of them was replaced",
             first, last);
}

static int check_entries (struct check *check, uint64_t from, uint64_t to)
{
    struct journal *journal = check->place.journal;
    struct txn *txn = check->place.txn;
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, txn, journal->tables.entries);
    struct key key = journal_entry_key (from);
    cursor_seek (&cursor, key_view (&key));
    for (uint64_t sequence = from; sequence <= to; sequence++, cursor_next (&cursor)) {
        struct journal_record record;
        if (txn_error (txn) < 0)
            return err_set (check->err, txn_error (txn), "the journal cannot be read");
        if (!cursor_is_on (&cursor) ||
            journal_key_sequence (cursor_key (&cursor)) != sequence)
            return damage (check, sequence, "it is missing");
        const char *wrong =
            journal_parse (sequence, cursor_value (&cursor), JOURNAL_BODIES, &record);
        if (wrong != NULL)
            return damage (check, sequence, wrong);
        tree_append (&check->frontier, &record.leaf_hash, check_node, check);
        if (check->damaged != 0)
            return -EBADMSG;
    }
    return 0;
}

/* At the end of the journal: nothing behind it, and the edge as it was written. */
static int check_end (struct check *check, const struct tree_frontier *kept)
{
    struct journal *journal = check->place.journal;
    struct hash kept_root, root;
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, check->place.txn, journal->tables.entries);
    struct key key = journal_entry_key (kept->size + 1);
    if (cursor_seek (&cursor, key_view (&key)))
        return damage (check, kept->size + 1, "it stands behind the journal's end");
    tree_frontier_root (kept, &kept_root);
    tree_frontier_root (&check->frontier, &root);
    if (hash_equal (&kept_root, &root))
        return 0;
    uint64_t first = kept->size - kept->size % (1u << JOURNAL_TREE_STEP) + 1;
    check->damaged = first <= kept->size ? first : kept->size;
    return err_set (check->err, -EBADMSG,
                    "the root over the entries up to %" PRIu64
                    " does not fit them: the frontier record is damaged, or an entry "
                    "from %" PRIu64 " on was replaced",
                    kept->size, check->damaged);
}

int journal_verify (struct journal *journal, struct txn *txn, uint64_t from, uint64_t to,
                    uint64_t *ret_damaged, struct err *err)
{
    struct check check = { .place = { journal, txn }, .err = err };
    struct tree_source source = journal_tree_source (&check.place);
    struct tree_frontier kept;
    int rc = journal_load_frontier (journal, txn, &kept);
    if (rc < 0)
        return err_set (err, rc, "the journal's frontier record is damaged");
    if (to == 0)
        to = kept.size;
    if (from == 0 || to > kept.size || from > to + 1)
        return err_set (err, -ERANGE,
                        "the journal has the entries 1 to %" PRIu64 ", not %" PRIu64
                        " to %" PRIu64,
                        kept.size, from, to);
    /* What stands before 'from' is taken from the kept nodes: they were checked when
     * those entries were. */
    rc = tree_load_frontier (&source, from - 1, &check.frontier);
    if (rc < 0)
        return err_set (err, rc, "the tree before entry %" PRIu64 " cannot be read",
                        from);
    rc = check_entries (&check, from, to);
    if (rc == 0 && to == kept.size)
        rc = check_end (&check, &kept);
    if (check.damaged != 0 && ret_damaged != NULL)
        *ret_damaged = check.damaged;
    return rc;
}
