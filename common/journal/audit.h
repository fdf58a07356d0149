/* SPDX-License-Identifier: Apache-2.0 */
/* A walk over a journal that goes on where it stopped, in transactions of its own choice:
 * every entry is held against its hashes, every kept node of the tree against the entries.
 * Unlike 'journal_verify' it does not end at the first damage.
 *
 *     journal_audit_begin (&audit, journal);
 *     ... in each transaction:
 *     journal_audit_enter (&audit, txn);
 *     while ((rc = journal_audit_next (&audit, &record)) != JOURNAL_AUDIT_END && …)
 *         ...
 *     journal_audit_leave (&audit);
 */
#ifndef MINQING_JOURNAL_AUDIT_H
#define MINQING_JOURNAL_AUDIT_H

#include "journal/journal.h"

enum journal_finding {
    JOURNAL_AUDIT_END,    /* nothing behind 'sequence' yet */
    JOURNAL_AUDIT_SOUND,  /* the record is the entry */
    JOURNAL_AUDIT_BODY,   /* its header is sound, its body is not: the record has none */
    JOURNAL_AUDIT_DAMAGED /* nothing of it can be used; 'problem' says what is wrong */
};

struct journal_audit {
    struct journal *journal;
    struct cursor cursor; /* between enter and leave */
    struct txn *txn;
    uint64_t sequence; /* last looked at */
    uint64_t end;      /* last there is, as this transaction sees it */
    struct tree_frontier frontier;
    bool is_lost;        /* behind damage the edge is unknown, up to the next kept node */
    const char *problem; /* of the entry looked at last; NULL: none */
    uint64_t node_first; /* a kept node over entries from here … */
    uint64_t node_last;  /* … to here does not fit them; 0: all do */
};

void journal_audit_begin (struct journal_audit *audit, struct journal *journal);
void journal_audit_enter (struct journal_audit *audit, struct txn *txn);
void journal_audit_leave (struct journal_audit *audit);
enum journal_finding journal_audit_next (struct journal_audit *audit,
                                         struct journal_record *ret_record);
/* At the end: is the root of what was read the journal's own? True too where damage keeps
 * it from being told. Between enter and leave. */
bool journal_audit_root_fits (struct journal_audit *audit);

#endif
