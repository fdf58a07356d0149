/* SPDX-License-Identifier: Apache-2.0 */
/* Daemons that journal whatever a test tells them, in the place of intake, routing and
 * notification: for what follows them, whole courses without anybody who has to walk them.
 *
 *     .specs = { &mouth_intake, &mouth_routing, &escalation_service, &mouth_notification }
 *     mouth_say (client, SPEAKER_ROUTING, &(struct entry){ .kind = KIND_MOVED, … });
 *
 * Any client will do; the entry's time is the town's. */
#ifndef MINQING_SUPPORT_MOUTH_H
#define MINQING_SUPPORT_MOUTH_H

#include "town.h"

extern const struct service_spec mouth_intake, mouth_routing, mouth_notification;

void mouth_say (struct town_client *client, enum speaker speaker,
                const struct entry *entry);

#endif
