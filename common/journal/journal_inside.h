/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share and nobody else sees. */
#ifndef MINQING_JOURNAL_JOURNAL_INSIDE_H
#define MINQING_JOURNAL_JOURNAL_INSIDE_H

#include "journal/journal.h"

/* The tree as an unfinished write transaction has it. It belongs to the transaction
 * with that id and is read anew for any other, so an abort leaves nothing behind. */
struct journal_working {
    uint64_t txn_id;
    struct tree_frontier frontier;
    bool is_changed;
    struct txn_hook hook; /* writes the frontier before the commit */
};

struct journal {
    struct journal_tables tables;
    struct journal_identity identity;
    struct journal_working working;
    uint64_t mended_nodes; /* when it was opened */
};

/* Nodes of the tree are kept at levels 4, 8, 12 …: a fifteenth of a node per leaf; the
 * others are computed from at most eight nodes or leaves below. */
#define JOURNAL_TREE_STEP 4

static inline bool journal_keeps_level (unsigned level)
{
    return level > 0 && level % JOURNAL_TREE_STEP == 0;
}

/* Nodes from the tables, for tree.h. 'arg' of the source is the place. */
struct journal_place {
    struct journal *journal;
    struct txn *txn;
};
struct tree_source journal_tree_source (struct journal_place *place);

/* A node as it is kept, for a level that is. False: it is not there. */
bool journal_kept_node (struct journal *journal, struct txn *txn, unsigned level,
                        uint64_t index, struct hash *ret_hash);
void journal_keep_node (struct journal *journal, struct txn *txn, unsigned level,
                        uint64_t index, const struct hash *hash);

/* Where kept nodes at the right edge do not give the frontier, but those below them do, it is
 * they that are damaged: they are named in the log and, in a write transaction, put back.
 * False: something else does not fit. */
bool journal_mend_edge (struct journal *journal, struct txn *txn,
                        const struct tree_frontier *frontier);

/* The frontier as the transaction sees it. -EBADMSG when its record is damaged. */
int journal_load_frontier (struct journal *journal, struct txn *txn,
                           struct tree_frontier *ret_frontier);

/* Read the bytes of an entry and hold them against its hashes: NULL, or what is wrong
 * with it, as the end of a sentence "entry 7 is damaged: …". */
const char *journal_parse (uint64_t sequence, struct bytes value,
                           enum journal_depth depth, struct journal_record *ret_record);

/* Append a record, all of whose fields are filled, and read its leaf hash alone. */
void journal_write_record (struct journal *journal, struct txn *txn,
                           const struct journal_record *record);
int journal_read_leaf (struct journal *journal, struct txn *txn, uint64_t sequence,
                       struct hash *ret_hash);

/* The key of an entry, and back: 0 for bytes that are no such key. */
struct key journal_entry_key (uint64_t sequence);
uint64_t journal_key_sequence (struct bytes key);

#endif
