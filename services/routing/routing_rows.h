/* SPDX-License-Identifier: Apache-2.0 */
/* Grievances as the protocol shows them, and who may see how much (DOMAIN §8). */
#ifndef MINQING_ROUTING_ROUTING_ROWS_H
#define MINQING_ROUTING_ROUTING_ROWS_H

#include "routing/routing_store.h"
#include "runtime/core.h"

/* Where answers are read from. 'scratch' is used and reset for every row: a text of
 * 60,000 bytes is read for the sake of its title. */
struct routing_reader {
    struct core *core;
    struct txn *txn;
    const struct rules *rules;
    struct arena *arena; /* of the answer */
    struct arena *scratch;
};

/* How much of a grievance a client may see; each includes those before it. */
enum routing_sight {
    ROUTING_SEES_NOTHING,
    ROUTING_SEES_TEXT,  /* its dispatcher, a desk it waits for, an assisting desk */
    ROUTING_SEES_PERSON /* the desk that holds it */
};
enum routing_sight routing_sight (const struct routing_reader *reader,
                                  const struct client *client,
                                  const struct routing_grievance *grievance);

/* The client is a desk of this department, or of the one that it has become. */
bool routing_is_desk_of (const struct rules *rules, const struct client *client,
                         uint32_t department);

/* With title and objection; with candidates if wanted. */
void routing_row_fill (const struct routing_reader *reader, uint64_t number,
                       const struct routing_grievance *grievance, bool with_candidates,
                       struct row *ret_row);

/* The whole of one grievance for somebody with this sight. */
struct item *routing_item (const struct routing_reader *reader, uint64_t number,
                           const struct routing_grievance *grievance,
                           const struct client *client, enum routing_sight sight);

/* The words of its last decision; NULL: there is none, or they were erased. Memory: the
 * reader's arena. */
const struct moved_body *routing_decided (const struct routing_reader *reader,
                                          uint64_t number);

/* Who is complained of, from the filing. Memory: the reader's arena. */
struct accused *routing_accused (const struct routing_reader *reader,
                                 const struct routing_grievance *grievance,
                                 size_t *ret_count);

#endif
