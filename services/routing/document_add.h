/* SPDX-License-Identifier: Apache-2.0 */
/* Documents into decisions and out of queries. */
#ifndef MINQING_ROUTING_DOCUMENT_ADD_H
#define MINQING_ROUTING_DOCUMENT_ADD_H

#include "routing/routing_rows.h"
#include "runtime/core.h"

/* Behind every MOVED of the decision that makes documents put them, one KIND_DOCUMENT each;
 * the MOVED then names the ordinal of the first. 'dispatcher' is the department of the
 * dispatcher who acts, 0 where none does; 'person' who acts, 0 where nobody does. Reads
 * the store, and nothing at all where no document is made. */
void routing_documents_add (const struct routing_reader *reader, uint32_t dispatcher,
                            uint32_t person, struct decision *decision);

/* A supervision that escalation has opened becomes a letter. Any other raise is passed
 * over. */
void routing_decide_supervision (const struct routing_reader *reader,
                                 const struct entry *raised, struct bytes body,
                                 struct decision *decision);

/* The documents of one grievance, or one with its text. */
void routing_query_documents (const struct routing_reader *reader,
                              const struct client *client,
                              const struct document_query *query,
                              struct reply *ret_reply);

#endif
