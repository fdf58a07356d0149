/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that wait, offered to desks. */
#ifndef MINQING_ROUTING_OFFERING_H
#define MINQING_ROUTING_OFFERING_H

#include "routing/offers.h"
#include "routing/routing_rows.h"

/* Tell the desks what waits in the queues that were touched since: a bounded number of rows
 * a turn, the rest in the next ones. */
void routing_offers_tell (struct routing_offers *offers,
                          const struct routing_reader *reader, struct outbox *outbox);

#endif
