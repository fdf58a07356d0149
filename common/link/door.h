/* SPDX-License-Identifier: Apache-2.0 */
/* A door: where clients come in. A ROUTER with CURVE, behind the hub's ZAP handler.
 *
 * Authority is the key that CURVE proved, never the routing id, which a client may choose.
 * Nothing here waits: what cannot be sent at once is told to the caller, since the
 * journal holds the truth and the client asks again. */
#ifndef MINQING_LINK_DOOR_H
#define MINQING_LINK_DOOR_H

#include "base/bytes.h"
#include "link/zap.h"

struct door;

/* A door that shows 'pair.public_key' to its clients; it is deaf until 'door_bind'.
 * 'batch' is the most messages one 'door_receive' can give. */
MUST_CHECK int door_open (struct hub *hub, const struct key_pair *pair, size_t batch,
                          struct door **ret_door, struct err *err);
void door_close (struct door **door); /* and remove its ipc sockets; NULL is fine */

/* Listen at "ipc://PATH" or "tcp://ADDRESS:PORT" too. The ipc socket gets mode 0660; a
 * dead one of an earlier process is taken over, a living one is -EADDRINUSE. */
MUST_CHECK int door_bind (struct door *door, const char *endpoint, struct err *err);
/* Where the last bind ended up: the port of "tcp://127.0.0.1:*". */
const char *door_endpoint (const struct door *door);

/* Prove that the lock is on: a random key must be refused at the last endpoint. Answers
 * ZAP questions meanwhile. -EKEYREJECTED when it was let in or nothing was decided in
 * 2 s: the daemon must not go on. Takes about a millisecond. */
MUST_CHECK int door_self_test (struct door *door, struct hub *hub, struct zap *zap,
                               struct err *err);

struct door_message {
    struct bytes peer; /* routing id: where to send the answer, nothing else */
    uint8_t key[KEY_SIZE];
    struct bytes frame;
};

/* Take what has arrived, without waiting: at most 'max' messages (and the batch of
 * 'door_open'), and no more once 'bytes_max' is passed. Memory: the door's, until its
 * next 'door_receive'. What is not one frame from a proven key is counted and dropped. */
size_t door_receive (struct door *door, struct door_message *ret_messages, size_t max,
                     size_t bytes_max);

/* Hand one frame to a connection.
 *   -EHOSTUNREACH  that connection is gone
 *   -EAGAIN        its queue is full: dropped */
MUST_CHECK int door_send (struct door *door, struct bytes peer, struct bytes frame);

void *door_socket (const struct door *door); /* to poll for input */

struct door_counts {
    uint64_t received, sent;
    uint64_t bytes_in, bytes_out;
    uint64_t nameless;  /* dropped: no proven key */
    uint64_t malformed; /* dropped: not exactly one frame, or an empty one */
    uint64_t gone;      /* answers to connections that were no more */
    uint64_t full;      /* answers dropped because the peer does not read */
    uint64_t unproven;  /* handshakes that ended before a key was shown: no CURVE */
    uint64_t ended;     /* connections that ended, by either side; a frame that is too
                         * large ends one */
};
/* As of the last 'door_receive'. */
struct door_counts door_counts (const struct door *door);

#endif
