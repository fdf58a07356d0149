/* SPDX-License-Identifier: Apache-2.0 */
/* Who may come in: the ZAP handler (rfc.zeromq.org/spec/27) of every door of a hub.
 *
 * A key that 'known' says yes to is let in, and its hex text becomes the connection's
 * User-Id, which the door reads back with each message. Everything else (other
 * mechanisms, wrong sizes, unknown keys) is refused with 400. What a known key may do is
 * not decided here: its row is looked up for every message.
 *
 * It answers inside the owner's loop: while a batch is being committed handshakes wait. */
#ifndef MINQING_LINK_ZAP_H
#define MINQING_LINK_ZAP_H

#include "link/hub.h"
#include "link/keys.h"

struct zap;

typedef bool zap_known_fn (void *arg, const uint8_t key[KEY_SIZE]);

/* Must be open before the first door of the hub and closed after the last: a door
 * without a handler refuses everybody. */
MUST_CHECK int zap_open (struct hub *hub, zap_known_fn *known, void *arg,
                         struct zap **ret_zap, struct err *err);
void zap_close (struct zap **zap);

void *zap_socket (const struct zap *zap); /* to poll for input */

/* Answer what has been asked, at most 'max' questions, without waiting; how many. */
unsigned zap_run (struct zap *zap, unsigned max);

struct zap_counts {
    uint64_t admitted;
    uint64_t refused;   /* unknown keys */
    uint64_t malformed; /* not CURVE, or not a ZAP question at all */
};
struct zap_counts zap_counts (const struct zap *zap);

#endif
