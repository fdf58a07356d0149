/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of documents and of open raises. Layouts are drawn in document_store.c. */
#ifndef MINQING_ROUTING_DOCUMENT_STORE_H
#define MINQING_ROUTING_DOCUMENT_STORE_H

#include "runtime/core.h"

/* ---- documents: facts --------------------------------------------------------------- */

/* Where a document of a grievance stands. The text is in the journal, once. */
struct routing_document {
    uint32_t ordinal;  /* 1, 2, 3 … within its grievance */
    uint64_t sequence; /* own */
    enum document_kind kind;
};

/* An entry of the own journal → facts; others than documents are passed over. */
void routing_document_apply (struct txn *txn, const struct entry *entry);

/* A set of kinds. */
#define ROUTING_DOCUMENT(kind) (UINT32_C (1) << (kind))
#define ROUTING_EVERY_DOCUMENT (~UINT32_C (0))
/* What says whether the petitioner is right. */
#define ROUTING_DECISIONS                                                                \
    (ROUTING_DOCUMENT (DOCUMENT_DECISION) | ROUTING_DOCUMENT (DOCUMENT_REVIEW) |         \
     ROUTING_DOCUMENT (DOCUMENT_REREVIEW))
#define ROUTING_REFUSALS                                                                 \
    (ROUTING_DOCUMENT (DOCUMENT_REFUSAL) | ROUTING_DOCUMENT (DOCUMENT_NO_LONGER))

/* The newest of these kinds; the next behind 'after' (0: the first). False: there is
 * none. */
bool routing_document_last (struct txn *txn, uint64_t number, uint32_t kinds,
                            struct routing_document *ret);
bool routing_document_next (struct txn *txn, uint64_t number, uint32_t after,
                            struct routing_document *ret);

/* ---- raises: a view of escalation ----------------------------------------------------- */

/* An entry of escalation's journal → view. */
void routing_raise_view (struct txn *txn, const struct entry *entry);

/* What is open of a grievance. */
struct routing_raises {
    uint32_t level; /* the highest; 0: nothing, or at the handler */
    bool supervised;
};
struct routing_raises routing_raises (struct txn *txn, uint64_t number);

#endif
