/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share about sockets. Nobody else includes it. */
#ifndef MINQING_LINK_HUB_INSIDE_H
#define MINQING_LINK_HUB_INSIDE_H

#include "link/hub.h"
#include "link/keys.h"

#include <time.h>

/* A peer that connects and says nothing is not waited for. */
#define HANDSHAKE_MS   2000
#define CURVE_OVERHEAD 33 /* RFC 26: "MESSAGE", nonce, flags, authenticator */

/* libzmq 4.3.4 aborts the process ("Assertion failed: !_io_error") when its heartbeat comes
 * due on a connection that has ended while the socket's incoming queue is full. So no
 * socket has both: a line has heartbeats and an unbounded incoming queue (its peer sends no
 * more than it was asked for), a door a bounded queue and none of its own. The beats of a
 * line say for how long it may be silent, which the door keeps; where somebody else's
 * client does not beat, TCP asks whether the other end is there. */
#define HEARTBEAT_MS         5000
#define HEARTBEAT_TIMEOUT_MS 15000
#define HEARTBEAT_TTL_MS     20000
#define KEEPALIVE_IDLE_S     20
#define KEEPALIVE_EVERY_S    5
#define KEEPALIVE_TIMES      3

/* A socket that does not linger; NULL with a sentence. */
void *hub_socket (struct hub *hub, int type, struct err *err);

/* Set an option that cannot be refused: assert. */
void socket_set (void *socket, int option, int value);
void socket_set_bytes (void *socket, int option, const void *data, size_t size);
/* Keys and bounds, the same at both ends. */
void socket_set_common (void *socket, const struct key_pair *pair, size_t frame_max);

/* A PAIR socket that tells the 'events' (ZMQ_EVENT_…) of 'socket'; 'name' is an inproc
 * endpoint of its own. NULL with a sentence. */
void *socket_monitor (struct hub *hub, void *socket, const char *name, int events,
                      struct err *err);
/* The next event, without waiting; false: none. */
bool monitor_next (void *monitor, int *ret_event, uint32_t *ret_value);

/* Milliseconds of CLOCK_MONOTONIC: to bound waiting, never to tell the time. */
int64_t steady_ms (void);

#endif
