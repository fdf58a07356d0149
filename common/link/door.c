/* SPDX-License-Identifier: Apache-2.0 */
/* The door: a ROUTER socket and what makes it safe to show to the world.
 *
 * A message from a client is two frames, [routing id][payload]. Both stay in libzmq's own
 * memory until the next 'door_receive', so that a batch of 4 MiB is not copied before it
 * is decoded. The key is read from the payload frame: after zmq_poll the first frame of
 * libzmq 4.3.4 has lost its User-Id (TRAPS).
 *
 * That a connection ended is noticed when something is said to it: ROUTER's own notice
 * (ZMQ_ROUTER_NOTIFY) is not in Debian's libzmq. */
#include "link/door.h"

#include "link/hub_inside.h"
#include "wire/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93 /* works at run time though the header hides it */
#endif

#define ZAP_DOMAIN "minqing"
/* Messages waiting per connection and direction. libzmq counts messages, not bytes, and a
 * reply may be a megabyte: so few enough for a peer that asks and never reads, and enough
 * for a client that is many commands ahead. */
#define QUEUE_MAX    256
#define BACKLOG      512 /* connections waiting to be accepted */
#define BINDS_MAX    8
#define SELF_TEST_MS 2000
#define IPC          "ipc://"

struct held {
    zmq_msg_t peer, payload;
};

struct door {
    void *socket, *monitor;
    struct held *held; /* the last batch; the first 'n_held' are initialised */
    size_t n_held, batch;
    char endpoint[ENDPOINT_SIZE];
    uint8_t public_key[KEY_SIZE];
    char *paths[BINDS_MAX]; /* ipc sockets to remove */
    unsigned n_paths;
    struct door_counts counts;
};

/* What never becomes a message, and is counted all the same. Unknown keys the ZAP handler
 * counts. */
#define NEWS                                                                             \
    (ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |        \
     ZMQ_EVENT_DISCONNECTED)

static void set_options (void *socket, const struct key_pair *pair)
{
    socket_set_common (socket, pair, LIMIT_CLIENT_FRAME);
    socket_set (socket, ZMQ_CURVE_SERVER, 1);
    socket_set_bytes (socket, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN, strlen (ZAP_DOMAIN));
    socket_set (socket, ZMQ_ZAP_ENFORCE_DOMAIN, 1);
    socket_set (socket, ZMQ_ROUTER_MANDATORY, 1);
    socket_set (socket, ZMQ_ROUTER_HANDOVER, 0);
    socket_set (socket, ZMQ_RCVHWM, QUEUE_MAX);
    socket_set (socket, ZMQ_SNDHWM, QUEUE_MAX);
    socket_set (socket, ZMQ_TCP_KEEPALIVE, 1); /* no heartbeat: see HEARTBEAT_MS */
    socket_set (socket, ZMQ_TCP_KEEPALIVE_IDLE, KEEPALIVE_IDLE_S);
    socket_set (socket, ZMQ_TCP_KEEPALIVE_INTVL, KEEPALIVE_EVERY_S);
    socket_set (socket, ZMQ_TCP_KEEPALIVE_CNT, KEEPALIVE_TIMES);
    socket_set (socket, ZMQ_BACKLOG, BACKLOG);
    socket_set (socket, ZMQ_IPV6, 0);
}

int door_open (struct hub *hub, const struct key_pair *pair, size_t batch,
               struct door **ret_door, struct err *err)
{
    static uint64_t opened; /* names monitors apart */
    assert (batch > 0);
    struct door *door = calloc (1, sizeof *door);
    struct held *held = calloc (batch, sizeof *held);
    if (door == NULL || held == NULL) {
        free (held);
        free (door);
        return err_set (err, -ENOMEM, "no memory for a door");
    }
    *door = (struct door){ .held = held, .batch = batch };
    char name[64];
    snprintf (name, sizeof name, "inproc://minqing.door.%" PRIu64, ++opened);
    door->socket = hub_socket (hub, ZMQ_ROUTER, err);
    if (door->socket != NULL) {
        set_options (door->socket, pair);
        door->monitor = socket_monitor (hub, door->socket, name, NEWS, err);
    }
    if (door->monitor == NULL) {
        door_close (&door);
        return -EMFILE;
    }
    memcpy (door->public_key, pair->public_key, KEY_SIZE);
    *ret_door = door;
    return 0;
}

static void release_batch (struct door *door)
{
    for (size_t i = 0; i < door->n_held; i++) {
        zmq_msg_close (&door->held[i].peer);
        zmq_msg_close (&door->held[i].payload);
    }
    door->n_held = 0;
}

void door_close (struct door **door)
{
    if (*door == NULL)
        return;
    release_batch (*door);
    if ((*door)->monitor != NULL) {
        zmq_socket_monitor ((*door)->socket, NULL, 0);
        zmq_close ((*door)->monitor);
    }
    if ((*door)->socket != NULL)
        zmq_close ((*door)->socket);
    /* libzmq leaves them; and it closes later, on its own thread. Off the disk nobody
     * finds the old door any more, and a new one binds a file of its own. */
    for (unsigned i = 0; i < (*door)->n_paths; i++) {
        unlink ((*door)->paths[i]);
        free ((*door)->paths[i]);
    }
    free ((*door)->held);
    free (*door);
    *door = NULL;
}

/* ---- binding --------------------------------------------------------------------- */

/* libzmq unlinks whatever lies at an ipc path before it binds, so a second daemon would
 * silently take the first one's clients. Ask whether somebody is there. */
static int check_vacant (const char *path, struct err *err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen (path) >= sizeof address.sun_path)
        return err_set (err, -ENAMETOOLONG, "%s: is longer than %zu bytes", path,
                        sizeof address.sun_path - 1);
    memcpy (address.sun_path, path, strlen (path) + 1);
    struct stat status;
    if (lstat (path, &status) < 0)
        return 0;
    if (!S_ISSOCK (status.st_mode))
        return err_set (err, -EEXIST, "%s: is there already and is no socket", path);
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_set (err, -errno, "%s: %s", path, strerror (errno));
    int rc = connect (fd, (const struct sockaddr *) &address, sizeof address);
    close (fd);
    if (rc == 0)
        return err_set (err, -EADDRINUSE, "%s: another process listens there", path);
    return 0;
}

static int bind_socket (struct door *door, const char *endpoint, struct err *err)
{
    if (zmq_bind (door->socket, endpoint) < 0)
        return err_set (err, -errno, "%s: cannot listen: %s", endpoint,
                        zmq_strerror (errno));
    size_t size = sizeof door->endpoint;
    int rc = zmq_getsockopt (door->socket, ZMQ_LAST_ENDPOINT, door->endpoint, &size);
    return rc < 0 ? err_set (err, -errno, "%s: is too long", endpoint) : 0;
}

static int bind_ipc (struct door *door, const char *endpoint, struct err *err)
{
    const char *path = endpoint + strlen (IPC);
    int rc = check_vacant (path, err);
    if (rc == 0)
        rc = bind_socket (door, endpoint, err);
    if (rc < 0)
        return rc;
    door->paths[door->n_paths] = strdup (path);
    assert (door->paths[door->n_paths] != NULL);
    door->n_paths++;
    if (chmod (path, 0660) < 0)
        return err_set (err, -errno, "%s: %s", path, strerror (errno));
    return 0;
}

int door_bind (struct door *door, const char *endpoint, struct err *err)
{
    if (strncmp (endpoint, IPC, strlen (IPC)) != 0)
        return bind_socket (door, endpoint, err);
    if (door->n_paths == BINDS_MAX)
        return err_set (err, -ENOSPC, "a door has at most %d ipc sockets", BINDS_MAX);
    return bind_ipc (door, endpoint, err);
}

const char *door_endpoint (const struct door *door)
{
    return door->endpoint;
}

/* ---- self-test ------------------------------------------------------------------- */

#define VERDICTS                                                                         \
    (ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |                   \
     ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL)

/* The stranger's handshake, with the ZAP questions it causes answered here: its end, or 0
 * when nothing was decided in time. */
static int await_verdict (void *monitor, struct zap *zap)
{
    int64_t until = steady_ms () + SELF_TEST_MS;
    for (int64_t left = SELF_TEST_MS; left > 0; left = until - steady_ms ()) {
        zmq_pollitem_t items[] = {
            { .socket = monitor, .events = ZMQ_POLLIN },
            { .socket = zap_socket (zap), .events = ZMQ_POLLIN },
        };
        zmq_poll (items, ARRAY_SIZE (items), (long) left);
        zap_run (zap, 16);
        int event;
        uint32_t value;
        while (monitor_next (monitor, &event, &value))
            if ((event & VERDICTS) != 0)
                return event;
    }
    return 0;
}

static int judge (const struct door *door, int verdict, struct err *err)
{
    if (verdict == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
        return 0;
    return err_set (err, -EKEYREJECTED, "%s: %s", door->endpoint,
                    verdict == ZMQ_EVENT_HANDSHAKE_SUCCEEDED
                        ? "the door lets an unknown key in"
                        : "the door did not say no to an unknown key");
}

int door_self_test (struct door *door, struct hub *hub, struct zap *zap, struct err *err)
{
    struct key_pair stranger;
    key_pair_make (&stranger);
    void *socket = hub_socket (hub, ZMQ_DEALER, err);
    if (socket == NULL)
        return -EMFILE;
    socket_set_common (socket, &stranger, LIMIT_SERVER_FRAME);
    socket_set_bytes (socket, ZMQ_CURVE_SERVERKEY, door->public_key, KEY_SIZE);
    /* Of this door alone: the name of a monitor is free again some time after its end. */
    char name[64];
    snprintf (name, sizeof name, "inproc://minqing.self-test.%p", (void *) door);
    void *monitor = socket_monitor (hub, socket, name, VERDICTS, err);
    int rc = -EKEYREJECTED;
    if (monitor != NULL && zmq_connect (socket, door->endpoint) < 0)
        err_set (err, rc, "%s: %s", door->endpoint, zmq_strerror (errno));
    else if (monitor != NULL)
        rc = judge (door, await_verdict (monitor, zap), err);
    if (monitor != NULL) {
        zmq_socket_monitor (socket, NULL, 0);
        zmq_close (monitor);
    }
    zmq_close (socket);
    key_pair_forget (&stranger);
    return rc;
}

/* ---- messages -------------------------------------------------------------------- */

static bool read_key (zmq_msg_t *payload, uint8_t ret_key[KEY_SIZE])
{
    const char *user_id = zmq_msg_gets (payload, "User-Id");
    return user_id != NULL && key_parse (user_id, ret_key);
}

/* Read the rest of a message that has more frames than it may. */
static void drain (void *socket)
{
    zmq_msg_t part;
    int more = 1;
    while (more) {
        zmq_msg_init (&part);
        more = zmq_msg_recv (&part, socket, ZMQ_DONTWAIT) >= 0 && zmq_msg_more (&part);
        zmq_msg_close (&part);
    }
}

enum taken { TAKEN_NOTHING, TAKEN_DROPPED, TAKEN_MESSAGE };

/* One whole message into 'held', which is left uninitialised unless TAKEN_MESSAGE. A
 * message is in our queue with all its frames or not at all. */
static enum taken take_message (struct door *door, struct held *held,
                                uint8_t ret_key[KEY_SIZE])
{
    zmq_msg_init (&held->peer);
    if (zmq_msg_recv (&held->peer, door->socket, ZMQ_DONTWAIT) < 0) {
        zmq_msg_close (&held->peer);
        return TAKEN_NOTHING;
    }
    zmq_msg_init (&held->payload);
    bool is_whole = zmq_msg_more (&held->peer) &&
                    zmq_msg_recv (&held->payload, door->socket, ZMQ_DONTWAIT) >= 0;
    bool has_more = is_whole && zmq_msg_more (&held->payload);
    bool has_key = is_whole && read_key (&held->payload, ret_key);
    if (has_more)
        drain (door->socket);
    if (is_whole && !has_more && has_key && zmq_msg_size (&held->payload) > 0)
        return TAKEN_MESSAGE;
    if (has_key)
        door->counts.malformed++;
    else
        door->counts.nameless++;
    zmq_msg_close (&held->peer);
    zmq_msg_close (&held->payload);
    return TAKEN_DROPPED;
}

static void take_news (struct door *door)
{
    int event;
    uint32_t value;
    while (monitor_next (door->monitor, &event, &value))
        if (event == ZMQ_EVENT_DISCONNECTED)
            door->counts.ended++;
        else
            door->counts.unproven++;
}

size_t door_receive (struct door *door, struct door_message *ret_messages, size_t max,
                     size_t bytes_max)
{
    release_batch (door);
    take_news (door);
    if (max > door->batch)
        max = door->batch;
    size_t bytes = 0;
    /* What is dropped counts too: a peer that sends only rubbish must not keep us here. */
    for (size_t looked = 0; looked < max && bytes < bytes_max; looked++) {
        struct held *held = &door->held[door->n_held];
        struct door_message *message = &ret_messages[door->n_held];
        enum taken taken = take_message (door, held, message->key);
        if (taken == TAKEN_NOTHING)
            break;
        if (taken == TAKEN_DROPPED)
            continue;
        message->peer = BYTES (zmq_msg_data (&held->peer), zmq_msg_size (&held->peer));
        message->frame =
            BYTES (zmq_msg_data (&held->payload), zmq_msg_size (&held->payload));
        bytes += message->frame.size;
        door->n_held++;
    }
    door->counts.received += door->n_held;
    door->counts.bytes_in += bytes;
    return door->n_held;
}

int door_send (struct door *door, struct bytes peer, struct bytes frame)
{
    int rc = zmq_send (door->socket, peer.data, peer.size, ZMQ_SNDMORE | ZMQ_DONTWAIT);
    if (rc >= 0)
        rc = zmq_send (door->socket, frame.data, frame.size, ZMQ_DONTWAIT);
    if (rc >= 0) {
        door->counts.sent++;
        door->counts.bytes_out += frame.size;
        return 0;
    }
    if (errno == EAGAIN) {
        door->counts.full++;
        return -EAGAIN;
    }
    door->counts.gone++;
    return -EHOSTUNREACH;
}

void *door_socket (const struct door *door)
{
    return door->socket;
}

struct door_counts door_counts (const struct door *door)
{
    return door->counts;
}
