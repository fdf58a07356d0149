/* SPDX-License-Identifier: Apache-2.0 */
/* The journal: identity, appending, and the tree's right edge, which moves with every
 * entry and is written once a transaction.
 *
 * Records in the table 'meta':
 *
 *   "journal.identity"   at  size
 *                         0     1  form, 1
 *                         1    16  id
 *                        17     4  incarnation
 *                        21    16  id of the incarnation before
 *                        37     8  its last position
 *                        45    32  leaf hash of the entry there
 *
 *   "journal.frontier"   at  size
 *                         0     1  form, 1
 *                         1     8  size of the tree
 *                         9  32·k  hashes, one for each bit of the size, lowest first
 *
 * The law kept here: the frontier in memory belongs to one transaction. It is read when
 * that transaction first asks and forgotten with it; nobody has to roll it back. */
#include "journal/journal_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FORM              1
#define IDENTITY_SIZE     (1 + 16 + 4 + 16 + 8 + 32)
#define FRONTIER_FIXED    9
#define FRONTIER_SIZE_MAX (FRONTIER_FIXED + TREE_LEVELS * HASH_SIZE)

static struct bytes identity_key (void)
{
    return bytes_of_text ("journal.identity");
}

static struct bytes frontier_key (void)
{
    return bytes_of_text ("journal.frontier");
}

/* ---- identity ------------------------------------------------------------------------ */

static void put_identity (struct txn *txn, const struct journal_tables *tables,
                          const struct journal_identity *identity)
{
    struct key record; /* as big-endian as a key */
    key_init (&record);
    key_u8 (&record, FORM);
    key_bytes (&record, BYTES_OF (identity->id));
    key_u32 (&record, identity->incarnation);
    key_bytes (&record, BYTES_OF (identity->previous_id));
    key_u64 (&record, identity->previous_size);
    key_bytes (&record, hash_view (&identity->previous_leaf_hash));
    static_assert (IDENTITY_SIZE <= KEY_SIZE_MAX, "the record fits");
    txn_put (txn, tables->meta, identity_key (), key_view (&record));
}

static void take_array (struct bytes *rest, uint8_t *to, size_t size)
{
    struct bytes taken = key_take_bytes (rest, size);
    if (taken.data != NULL)
        memcpy (to, taken.data, size);
}

static bool parse_identity (struct bytes rest, struct journal_identity *ret_identity)
{
    struct journal_identity identity = { 0 };
    uint8_t form = key_take_u8 (&rest);
    take_array (&rest, identity.id, sizeof identity.id);
    identity.incarnation = key_take_u32 (&rest);
    take_array (&rest, identity.previous_id, sizeof identity.previous_id);
    identity.previous_size = key_take_u64 (&rest);
    take_array (&rest, identity.previous_leaf_hash.data, HASH_SIZE);
    if (form != FORM || !key_taken_whole (&rest))
        return false;
    *ret_identity = identity;
    return true;
}

/* ---- frontier ------------------------------------------------------------------------ */

static void put_frontier (struct journal *journal, struct txn *txn,
                          const struct tree_frontier *frontier)
{
    uint8_t record[FRONTIER_SIZE_MAX];
    size_t size = FRONTIER_FIXED;
    record[0] = FORM;
    put_be64 (record + 1, frontier->size);
    for (unsigned level = 0; level < TREE_LEVELS; level++) {
        if ((frontier->size >> level & 1) == 0)
            continue;
        memcpy (record + size, frontier->nodes[level].data, HASH_SIZE);
        size += HASH_SIZE;
    }
    txn_put (txn, journal->tables.meta, frontier_key (), BYTES (record, size));
}

static bool parse_frontier (struct bytes rest, struct tree_frontier *ret_frontier)
{
    struct tree_frontier frontier = { 0 };
    uint8_t form = key_take_u8 (&rest);
    frontier.size = key_take_u64 (&rest);
    for (unsigned level = 0; level < TREE_LEVELS; level++)
        if ((frontier.size >> level & 1) != 0)
            take_array (&rest, frontier.nodes[level].data, HASH_SIZE);
    if (form != FORM || !key_taken_whole (&rest))
        return false;
    *ret_frontier = frontier;
    return true;
}

static bool is_working_for (const struct journal *journal, const struct txn *txn)
{
    return journal->working.txn_id == txn_id (txn);
}

int journal_load_frontier (struct journal *journal, struct txn *txn,
                           struct tree_frontier *ret_frontier)
{
    struct bytes record;
    if (is_working_for (journal, txn)) {
        *ret_frontier = journal->working.frontier;
        return 0;
    }
    if (!txn_get (txn, journal->tables.meta, frontier_key (), &record) ||
        !parse_frontier (record, ret_frontier))
        return -EBADMSG;
    return 0;
}

/* The working frontier of this write transaction; NULL when a failure has stuck. */
static struct journal_working *working_for (struct journal *journal, struct txn *txn)
{
    struct journal_working *working = &journal->working;
    assert (txn_is_write (txn));
    if (txn_error (txn) < 0)
        return NULL;
    if (!is_working_for (journal, txn)) {
        int rc = journal_load_frontier (journal, txn, &working->frontier);
        if (rc < 0) {
            txn_fail (txn, rc);
            return NULL;
        }
        working->txn_id = txn_id (txn);
        working->is_changed = false;
    }
    return working;
}

static void write_frontier (void *arg, struct txn *txn)
{
    struct journal *journal = arg;
    assert (is_working_for (journal, txn));
    put_frontier (journal, txn, &journal->working.frontier);
}

/* ---- open ---------------------------------------------------------------------------- */

/* Is one of these damaged, or missing? */
static bool has_damaged (struct journal *journal, struct txn *txn, uint64_t from,
                         uint64_t size)
{
    struct journal_record record;
    for (uint64_t at = from; at <= size; at++)
        if (journal_read_header (journal, txn, at, &record) < 0)
            return true;
    return false;
}

/* Entries over which no node is kept yet: where one of them is damaged, it, not the frontier,
 * is why the two do not fit, and it is set aside like any other. */
static bool has_damaged_end (struct journal *journal, struct txn *txn, uint64_t size)
{
    return has_damaged (journal, txn, size - size % JOURNAL_BLOCK + 1, size);
}

/* The last entries are missing, but no more than a block of them. */
static bool is_short_by_damage (struct journal *journal, struct txn *txn, uint64_t last,
                                uint64_t size)
{
    return last < size && size - last <= JOURNAL_BLOCK &&
           has_damaged (journal, txn, last + 1, size);
}

/* Does the frontier fit what is kept below it? It is the one record here that no other
 * repeats; a flipped bit in it would go into every root from now on. */
static int check_frontier (struct journal *journal, struct txn *txn, struct err *err)
{
    struct tree_frontier kept, computed = { 0 };
    struct journal_place place = { journal, txn };
    struct tree_source source = journal_tree_source (&place);
    struct cursor cursor;
    uint64_t last = 0;
    if (journal_load_frontier (journal, txn, &kept) < 0)
        return err_set (err, -EBADMSG,
                        "the journal's frontier record is damaged; move the folder away "
                        "and restore it from a backup (minqing restore)");
    cursor_init (&cursor, txn, journal->tables.entries);
    if (cursor_last (&cursor))
        last = journal_key_sequence (cursor_key (&cursor));
    cursor_done (&cursor);
    if (last != kept.size && !is_short_by_damage (journal, txn, last, kept.size))
        return err_set (err, -EBADMSG,
                        "the journal ends at entry %" PRIu64
                        ", but its tree covers %" PRIu64
                        " entries; move the folder away and restore it from a backup "
                        "(minqing restore), nothing was changed",
                        last, kept.size);
    int rc = tree_load_frontier (&source, kept.size, &computed);
    struct hash kept_root, computed_root;
    tree_frontier_root (&kept, &kept_root);
    tree_frontier_root (&computed, &computed_root);
    if (rc == 0 && hash_equal (&kept_root, &computed_root))
        return 0;
    if (has_damaged_end (journal, txn, kept.size) ||
        journal_mend_edge (journal, txn, &kept))
        return 0;
    return err_set (err, -EBADMSG,
                    "the journal's frontier record does not fit its tree: one of them is "
                    "damaged in more than one place; move the folder away and restore it "
                    "from a backup (minqing restore), nothing was changed");
}

int journal_open (struct txn *txn, const struct journal_tables *tables,
                  const uint8_t new_id[JOURNAL_ID_SIZE], struct journal **ret_journal,
                  struct err *err)
{
    struct bytes record;
    struct journal *journal = calloc (1, sizeof *journal);
    assert (journal != NULL);
    journal->tables = *tables;
    journal->working.hook.run = write_frontier;
    journal->working.hook.arg = journal;
    int rc = 0;
    if (txn_get (txn, tables->meta, identity_key (), &record)) {
        if (!parse_identity (record, &journal->identity))
            rc = err_set (err, -EBADMSG, "the journal's identity record is damaged");
    } else if (txn_error (txn) < 0) {
        rc = err_set (err, txn_error (txn), "the journal cannot be read");
    } else if (!txn_is_write (txn)) {
        rc = err_set (err, -ENOENT, "there is no journal yet");
    } else {
        memcpy (journal->identity.id, new_id, JOURNAL_ID_SIZE);
        journal->identity.incarnation = 1;
        put_identity (txn, tables, &journal->identity);
        put_frontier (journal, txn, &(struct tree_frontier){ 0 });
        rc = txn_error (txn);
        if (rc < 0)
            err_set (err, rc, "the journal cannot be made: %s", strerror (-rc));
    }
    if (rc == 0)
        rc = check_frontier (journal, txn, err);
    if (rc < 0) {
        free (journal);
        return rc;
    }
    *ret_journal = journal;
    return 0;
}

void journal_close (struct journal **journal)
{
    free (*journal);
    *journal = NULL;
}

const struct journal_identity *journal_identity (const struct journal *journal)
{
    return &journal->identity;
}

uint64_t journal_mended_nodes (const struct journal *journal)
{
    return journal->mended_nodes;
}

void journal_set_identity (struct journal *journal, struct txn *txn,
                           const struct journal_identity *identity)
{
    assert (identity->incarnation > 0);
    journal->identity = *identity;
    put_identity (txn, &journal->tables, identity);
}

/* ---- size, append --------------------------------------------------------------------- */

uint64_t journal_size (struct journal *journal, struct txn *txn)
{
    if (is_working_for (journal, txn))
        return journal->working.frontier.size;
    /* Twice in every turn: its first bytes say it, the nodes behind them may wait. */
    struct bytes record;
    if (!txn_get (txn, journal->tables.meta, frontier_key (), &record) ||
        record.size < FRONTIER_FIXED || key_take_u8 (&record) != FORM) {
        txn_fail (txn, -EBADMSG);
        return 0;
    }
    return key_take_u64 (&record);
}

uint64_t journal_next_sequence (struct journal *journal, struct txn *txn)
{
    return journal_size (journal, txn) + 1;
}

static void keep_completed (void *arg, unsigned level, uint64_t index,
                            const struct hash *hash)
{
    struct journal_place *place = arg;
    if (journal_keeps_level (level))
        journal_keep_node (place->journal, place->txn, level, index, hash);
}

static uint64_t append (struct journal *journal, struct txn *txn,
                        struct journal_record *record, struct hash *ret_leaf_hash)
{
    assert (record->header.size > 0 && record->header.size <= JOURNAL_HEADER_MAX);
    struct journal_working *working = working_for (journal, txn);
    if (working == NULL)
        return 0;
    record->sequence = working->frontier.size + 1;
    journal_leaf_hash (record->header, &record->body_hash, &record->leaf_hash);
    journal_write_record (journal, txn, record);
    struct journal_place place = { journal, txn };
    tree_append (&working->frontier, &record->leaf_hash, keep_completed, &place);
    if (!working->is_changed)
        txn_before_commit (txn, &working->hook);
    working->is_changed = true;
    if (txn_error (txn) < 0)
        return 0;
    if (ret_leaf_hash != NULL)
        *ret_leaf_hash = record->leaf_hash;
    return record->sequence;
}

uint64_t journal_append (struct journal *journal, struct txn *txn, struct bytes header,
                         struct bytes body, struct hash *ret_leaf_hash)
{
    assert (body.size <= JOURNAL_BODY_MAX);
    struct journal_record record = {
        .header = header,
        .body = body,
        .body_size = (uint32_t) body.size,
    };
    journal_body_hash (body, &record.body_hash);
    return append (journal, txn, &record, ret_leaf_hash);
}

uint64_t journal_append_bare (struct journal *journal, struct txn *txn,
                              struct bytes header, const struct hash *body_hash,
                              struct hash *ret_leaf_hash)
{
    struct journal_record record = { .header = header, .body_hash = *body_hash };
    if (!hash_is_zero (body_hash)) {
        record.body_size = JOURNAL_SIZE_UNKNOWN;
        record.is_erased = true;
    }
    return append (journal, txn, &record, ret_leaf_hash);
}
