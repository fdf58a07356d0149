/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/audit.h"

#include <string.h>

#include "journal/journal_inside.h"

void journal_audit_begin (struct journal_audit *audit, struct journal *journal)
{
    *audit = (struct journal_audit){ .journal = journal };
}

void journal_audit_enter (struct journal_audit *audit, struct txn *txn)
{
    struct key next = journal_entry_key (audit->sequence + 1);
    audit->txn = txn;
    audit->end = journal_size (audit->journal, txn);
    cursor_init (&audit->cursor, txn, audit->journal->tables.entries);
    cursor_seek (&audit->cursor, key_view (&next));
}

void journal_audit_leave (struct journal_audit *audit)
{
    cursor_done (&audit->cursor);
    audit->txn = NULL;
}

/* ---- the tree ------------------------------------------------------------------------ */

static void check_node (void *arg, unsigned level, uint64_t index,
                        const struct hash *hash)
{
    struct journal_audit *audit = arg;
    struct hash kept;
    if (!journal_keeps_level (level))
        return;
    if (journal_kept_node (audit->journal, audit->txn, level, index, &kept) &&
        hash_equal (&kept, hash))
        return;
    audit->node_first = (index << level) + 1;
    audit->node_last = (index + 1) << level;
}

/* Behind damage: the edge is taken from the nodes that were kept, where one is. */
static void find_edge (struct journal_audit *audit)
{
    struct journal_place place = { audit->journal, audit->txn };
    struct tree_source source = journal_tree_source (&place);
    if (audit->sequence % (1u << JOURNAL_TREE_STEP) == 0 &&
        tree_load_frontier (&source, audit->sequence, &audit->frontier) == 0)
        audit->is_lost = false;
}

static void grow (struct journal_audit *audit, const struct hash *leaf_hash)
{
    if (!audit->is_lost)
        tree_append (&audit->frontier, leaf_hash, check_node, audit);
    else
        find_edge (audit);
}

bool journal_audit_root_fits (struct journal_audit *audit)
{
    struct tree_frontier kept;
    struct hash kept_root, root;
    if (journal_load_frontier (audit->journal, audit->txn, &kept) < 0)
        return false;
    if (audit->is_lost || audit->sequence != kept.size)
        return true;
    tree_frontier_root (&kept, &kept_root);
    tree_frontier_root (&audit->frontier, &root);
    return hash_equal (&kept_root, &root);
}

/* ---- the entries --------------------------------------------------------------------- */

static enum journal_finding damaged (struct journal_audit *audit, const char *problem)
{
    audit->problem = problem;
    audit->is_lost = true;
    find_edge (audit);
    return JOURNAL_AUDIT_DAMAGED;
}

enum journal_finding journal_audit_next (struct journal_audit *audit,
                                         struct journal_record *ret_record)
{
    struct cursor *cursor = &audit->cursor;
    audit->problem = NULL;
    audit->node_first = audit->node_last = 0;
    if (audit->sequence >= audit->end || txn_error (audit->txn) < 0)
        return JOURNAL_AUDIT_END;
    audit->sequence++;
    /* A key that is no sequence stands in the way of those behind it, but not for ever. */
    while (cursor_is_on (cursor) &&
           journal_key_sequence (cursor_key (cursor)) < audit->sequence)
        cursor_next (cursor);
    if (!cursor_is_on (cursor) ||
        journal_key_sequence (cursor_key (cursor)) != audit->sequence)
        return damaged (audit, "it is missing");
    struct bytes value = cursor_value (cursor);
    const char *wrong =
        journal_parse (audit->sequence, value, JOURNAL_BODIES, ret_record);
    enum journal_finding finding = JOURNAL_AUDIT_SOUND;
    if (wrong != NULL) {
        if (journal_parse (audit->sequence, value, JOURNAL_HEADERS, ret_record) != NULL)
            return damaged (audit, wrong);
        audit->problem = wrong;
        finding = JOURNAL_AUDIT_BODY;
    }
    grow (audit, &ret_record->leaf_hash);
    return finding;
}
