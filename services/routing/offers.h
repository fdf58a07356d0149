/* SPDX-License-Identifier: Apache-2.0 */
/* Desks that want to be offered work, and what was offered to them.
 *
 * Volatile: an offer is a hint, dies with its connection, and costs nothing durable. A row
 * is offered to one connection at a time; when it waits no longer, its credit is free
 * again. Nothing here knows whether a row really waits: the queue does. */
#ifndef MINQING_ROUTING_OFFERS_H
#define MINQING_ROUTING_OFFERS_H

#include "base/bytes.h"

#define ROUTING_DESKS_MAX     512 /* connections; more are not offered anything */
#define ROUTING_DESK_PEER_MAX 256 /* bytes of a routing id; ZeroMQ has 255 */

struct routing_desk {
    uint8_t peer[ROUTING_DESK_PEER_MAX];
    uint16_t peer_size;
    uint32_t department;
    uint64_t territory; /* of its client; the dispatcher's queue is cut by it */
    uint32_t credit;
    uint32_t offered;
};

struct routing_offers;

/* Never NULL (memory for a table of bounded size: assert). */
struct routing_offers *routing_offers_create (void);
void routing_offers_destroy (struct routing_offers **offers);

/* A connection wants up to 'credit' rows of this queue ahead; again: another credit, and
 * another department forgets what it had. False: too many desks. */
bool routing_offers_subscribe (struct routing_offers *offers, struct bytes peer,
                               uint32_t department, uint64_t territory, uint32_t credit);
/* The connection is gone: what it was offered is free. */
void routing_offers_gone (struct routing_offers *offers, struct bytes peer);

/* Something new waits in this queue. */
void routing_offers_touch (struct routing_offers *offers, uint32_t department);
/* This row was taken or moved: whoever was offered it has one credit back. */
void routing_offers_forget (struct routing_offers *offers, uint64_t number);

/* A queue in which something may be offered: 'false' when there is none. Each is told
 * once until it is touched, or credit comes back. */
bool routing_offers_next (struct routing_offers *offers, uint32_t *ret_department);

bool routing_offers_has (const struct routing_offers *offers, uint64_t number);
/* A desk of this queue with credit left that may see this village, the one with fewest
 * offers; NULL: none. */
const struct routing_desk *routing_offers_desk (const struct routing_offers *offers,
                                                uint32_t department, uint64_t village);
/* Some desk of this queue has credit left. */
bool routing_offers_is_hungry (const struct routing_offers *offers, uint32_t department);
/* Note that the row is offered to the desk (as found above). */
void routing_offers_put (struct routing_offers *offers, const struct routing_desk *desk,
                         uint64_t number);

size_t routing_offers_desk_count (const struct routing_offers *offers);

#endif
