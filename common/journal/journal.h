/* SPDX-License-Identifier: Apache-2.0 */
/* The journal of a daemon: an append-only table of entries, numbered 1, 2, 3 … without
 * a gap, and the RFC 6962 tree over them.
 *
 * An entry is a header and at most one body, both bytes to this room:
 *
 *     body hash = SHA-256 (body as stored); 32 zero bytes when there is no body
 *     leaf hash = SHA-256 (0x00 | header size, 4 bytes big-endian | header | body hash)
 *
 * so an entry proves itself without its body, and still does when the body was erased.
 * Entry n is leaf n - 1 of the tree. An empty body is no body.
 *
 * What is appended becomes durable with the transaction; an aborted one leaves no
 * trace here either, without a call. */
#ifndef MINQING_JOURNAL_JOURNAL_H
#define MINQING_JOURNAL_JOURNAL_H

#include "base/err.h"
#include "journal/tree.h"
#include "store/cursor.h"
#include "store/txn.h"

#define JOURNAL_ID_SIZE 16
#define JOURNAL_HEADER_MAX                                                               \
    (64u << 10) /* bytes; a header is clear matter, a page at most */
#define JOURNAL_BODY_MAX (1u << 20)
/* The size of a body that a restoration did not have. */
#define JOURNAL_SIZE_UNKNOWN UINT32_MAX

struct journal;

/* Tables of the service's store, by index. 'entries' and 'tree' belong to the journal
 * alone; 'meta' may be shared: its keys there begin with "journal." */
struct journal_tables {
    unsigned entries;
    unsigned tree;
    unsigned meta;
};

/* Which journal this is. A restored or replaced journal is a new incarnation with a new
 * id, which names the one before it and how far that one is known to have come. */
struct journal_identity {
    uint8_t id[JOURNAL_ID_SIZE];
    uint32_t incarnation; /* 1, 2, 3 … */
    uint8_t previous_id[JOURNAL_ID_SIZE];
    uint64_t previous_size;         /* all zero in the first incarnation */
    struct hash previous_leaf_hash; /* of entry 'previous_size' */
};

struct journal_record {
    uint64_t sequence;
    struct bytes header; /* the store's memory: until the next write or the end */
    struct bytes body;   /* absent: none, erased, or only the header was asked for */
    struct hash body_hash;
    struct hash leaf_hash;
    uint32_t
        body_size; /* as it was appended, also when erased; or JOURNAL_SIZE_UNKNOWN */
    bool is_erased;
};

/* Open the journal in these tables; at the first time, in a write transaction, make it
 * with 'new_id', which the caller drew at random (it is not looked at otherwise, and may
 * be NULL in a read transaction).
 *   -ENOENT  there is none, and the transaction only reads
 *   -EBADMSG its own records are damaged, or do not fit the entries: rebuild
 * The journal outlives the transaction and the caller owns it; but where it was just
 * made and that transaction is not committed, close it and open again. */
MUST_CHECK int journal_open (struct txn *txn, const struct journal_tables *tables,
                             const uint8_t new_id[JOURNAL_ID_SIZE],
                             struct journal **ret_journal, struct err *err);
void journal_close (struct journal **journal); /* not while a write transaction is open */

const struct journal_identity *journal_identity (const struct journal *journal);

/* Nodes at the right edge that were damaged when it was opened: computed anew from what
 * they stand for, proved by the frontier, and put back. */
uint64_t journal_mended_nodes (const struct journal *journal);

/* As the transaction sees it, with what was appended in it. */
uint64_t journal_size (struct journal *journal, struct txn *txn); /* = last sequence */
uint64_t journal_next_sequence (struct journal *journal, struct txn *txn);

/* Append; the sequence number it got, which 'journal_next_sequence' told before, since
 * the header carries it. 0 when a failure has stuck in the transaction. The bytes must
 * not be memory of this transaction. 'ret_leaf_hash' may be NULL (receipts carry it). */
uint64_t journal_append (struct journal *journal, struct txn *txn, struct bytes header,
                         struct bytes body, struct hash *ret_leaf_hash);

/* The same for an entry whose body is not at hand, only its hash (zero: it has none): it
 * stands here as if its body had been erased. For restorations. */
uint64_t journal_append_bare (struct journal *journal, struct txn *txn,
                              struct bytes header, const struct hash *body_hash,
                              struct hash *ret_leaf_hash);

/* From here on the journal is this one: a restoration first gives it the name that the
 * backup had, and then that of the new incarnation. Durable with the transaction; where
 * that is not committed, close the journal and open it again. */
void journal_set_identity (struct journal *journal, struct txn *txn,
                           const struct journal_identity *identity);

/* Read an entry and hold it against its hashes.
 *   -ENOENT  no such entry (yet), or a failure has stuck
 *   -EBADMSG damaged: quarantine it by its number and go on */
MUST_CHECK int journal_read (struct journal *journal, struct txn *txn, uint64_t sequence,
                             struct journal_record *ret_record);
/* The same without looking at the body: its pages are not touched. */
MUST_CHECK int journal_read_header (struct journal *journal, struct txn *txn,
                                    uint64_t sequence, struct journal_record *ret_record);

/* Entries in order, for followers and folds:
 *
 *     CLEANUP (journal_reader_done) struct journal_reader reader;
 *     journal_reader_init (&reader, journal, txn, after + 1, JOURNAL_HEADERS);
 *     while ((rc = journal_reader_next (&reader, &record)) > 0)
 *         ...
 *
 * 'next' returns 1 with an entry, 0 at the end, -EBADMSG for a damaged or missing
 * entry, which 'reader.sequence' names (the following call goes on behind it), or the
 * failure that stuck. Entries appended meanwhile in the same transaction are seen. */
enum journal_depth {
    JOURNAL_HEADERS, /* bodies stay absent and untouched */
    JOURNAL_BODIES
};
struct journal_reader {
    struct cursor cursor;
    struct journal *journal;
    enum journal_depth depth;
    uint64_t sequence;   /* last returned or found damaged */
    uint64_t known_from; /* hashes from here on are not computed anew; 0: all are */
};
void journal_reader_init (struct journal_reader *reader, struct journal *journal,
                          struct txn *txn, uint64_t from, enum journal_depth depth);
int journal_reader_next (struct journal_reader *reader,
                         struct journal_record *ret_record);
void journal_reader_done (struct journal_reader *reader);

/* Take the body away and keep its hash: the entry still verifies. Idempotent; without a
 * body it does nothing. Durable with the transaction. The old bytes stay in free pages
 * of the file until those are used again. -ENOENT, -EBADMSG as for reading, or the
 * failure that stuck. */
MUST_CHECK int journal_erase_body (struct journal *journal, struct txn *txn,
                                   uint64_t sequence);

/* Put a damaged entry back, whole or (with its body absent) as erased; failures stick.
 * When all that are damaged between two multiples of JOURNAL_BLOCK are put back, look
 * whether they fit the tree before the commit: false, and the transaction is to be
 * aborted, where one is another entry than the tree knows, or still damaged. */
#define JOURNAL_BLOCK 16
void journal_mend (struct journal *journal, struct txn *txn, uint64_t sequence,
                   struct bytes header, struct bytes body, const struct hash *body_hash);
MUST_CHECK bool journal_mended (struct journal *journal, struct txn *txn,
                                uint64_t sequence);

/* The tree, as the transaction sees it. -ERANGE for what is not there yet, -EBADMSG for
 * damage. Sizes count entries: the root of size n covers entries 1 to n. */
MUST_CHECK int journal_root (struct journal *journal, struct txn *txn, uint64_t size,
                             struct hash *ret_root);
MUST_CHECK int journal_prove_inclusion (struct journal *journal, struct txn *txn,
                                        uint64_t sequence, uint64_t size,
                                        struct tree_proof *ret_proof);
MUST_CHECK int journal_prove_consistency (struct journal *journal, struct txn *txn,
                                          uint64_t old_size, uint64_t new_size,
                                          struct tree_proof *ret_proof);

/* Recompute the entries 'from' to 'to' (0: the last): no gap, leaf and body hashes, the
 * tree's nodes over them and, at the end of the journal, its root. 0, or -EBADMSG with
 * the first damaged sequence in the sentence and in '*ret_damaged' (may be NULL). */
MUST_CHECK int journal_verify (struct journal *journal, struct txn *txn, uint64_t from,
                               uint64_t to, uint64_t *ret_damaged, struct err *err);

/* The two hashes, for whoever holds an entry and no store (followers, verifiers). */
void journal_body_hash (struct bytes body, struct hash *ret_hash);
void journal_leaf_hash (struct bytes header, const struct hash *body_hash,
                        struct hash *ret_hash);

#endif
