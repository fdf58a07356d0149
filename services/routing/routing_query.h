/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to queries: queues, one item, the shape of what lies where, the way to a
 * department. Reads only. */
#ifndef MINQING_ROUTING_ROUTING_QUERY_H
#define MINQING_ROUTING_ROUTING_QUERY_H

#include "routing/routing_rows.h"

/* One member of the reply, or its refusal. */
void routing_query_queue (const struct routing_reader *reader,
                          const struct client *client, const struct queue_query *query,
                          struct reply *ret_reply);
void routing_query_item (const struct routing_reader *reader, const struct client *client,
                         const struct item_query *query, struct reply *ret_reply);
void routing_query_shape (const struct routing_reader *reader,
                          const struct client *client, const struct shape_query *query,
                          struct reply *ret_reply);
void routing_query_route (const struct routing_reader *reader,
                          const struct route_query *query, struct reply *ret_reply);

void routing_refuse_query (const struct routing_reader *reader, enum refusal_code code,
                           const char *sentence, struct reply *ret_reply);

#endif
