/* SPDX-License-Identifier: Apache-2.0 */
/* The context. Plain libzmq throughout this room: czmq would install handlers for SIGINT
 * and SIGTERM with its first socket, and the runtime has its own idea of those. */
#include "link/hub_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define SOCKETS_DEFAULT 64

struct hub {
    void *context;
};

int hub_open (int sockets_max, struct hub **ret_hub, struct err *err)
{
    if (zmq_has ("curve") != 1)
        return err_set (err, -ENOTSUP, "this libzmq was built without CURVE");
    struct hub *hub = calloc (1, sizeof *hub);
    void *context = zmq_ctx_new ();
    if (hub == NULL || context == NULL) {
        if (context != NULL)
            zmq_ctx_term (context);
        free (hub);
        return err_set (err, -ENOMEM, "no memory for a ZeroMQ context");
    }
    int max = sockets_max > 0 ? sockets_max : SOCKETS_DEFAULT;
    int rc = zmq_ctx_set (context, ZMQ_MAX_SOCKETS, max);
    assert (rc == 0);
    hub->context = context;
    *ret_hub = hub;
    return 0;
}

void hub_close (struct hub **hub)
{
    if (*hub == NULL)
        return;
    /* Every socket is closed and LINGER is 0: this only joins the I/O thread. A signal
     * may interrupt it. */
    while (zmq_ctx_term ((*hub)->context) < 0 && errno == EINTR)
        continue;
    free (*hub);
    *hub = NULL;
}

void *hub_socket (struct hub *hub, int type, struct err *err)
{
    void *socket = zmq_socket (hub->context, type);
    if (socket == NULL) {
        err_set (err, -errno, "no socket: %s", zmq_strerror (errno));
        return NULL;
    }
    socket_set (socket, ZMQ_LINGER, 0);
    return socket;
}

void socket_set (void *socket, int option, int value)
{
    int rc = zmq_setsockopt (socket, option, &value, sizeof value);
    assert (rc == 0);
}

void socket_set_bytes (void *socket, int option, const void *data, size_t size)
{
    int rc = zmq_setsockopt (socket, option, data, size);
    assert (rc == 0);
}

/* By default a handshake may take 30 s, messages are unbounded and two queues of 1,000 hide
 * behind each socket. */
void socket_set_common (void *socket, const struct key_pair *pair, size_t frame_max)
{
    /* libzmq compares what is on the wire, which is the box of CURVE. */
    int64_t wire_max = (int64_t) frame_max + CURVE_OVERHEAD;
    socket_set (socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
    socket_set_bytes (socket, ZMQ_MAXMSGSIZE, &wire_max, sizeof wire_max);
    socket_set_bytes (socket, ZMQ_CURVE_PUBLICKEY, pair->public_key, KEY_SIZE);
    socket_set_bytes (socket, ZMQ_CURVE_SECRETKEY, pair->secret_key, KEY_SIZE);
}

int64_t steady_ms (void)
{
    struct timespec now;
    int rc = clock_gettime (CLOCK_MONOTONIC, &now);
    assert (rc == 0);
    return now.tv_sec * INT64_C (1000) + now.tv_nsec / 1000000;
}

void *socket_monitor (struct hub *hub, void *socket, const char *name, int events,
                      struct err *err)
{
    if (zmq_socket_monitor (socket, name, events) < 0) {
        err_set (err, -errno, "no monitor: %s", zmq_strerror (errno));
        return NULL;
    }
    void *monitor = hub_socket (hub, ZMQ_PAIR, err);
    /* The I/O thread waits where this queue is full, and with it every connection. */
    if (monitor != NULL)
        socket_set (monitor, ZMQ_RCVHWM, 0);
    if (monitor != NULL && zmq_connect (monitor, name) < 0) {
        err_set (err, -errno, "no monitor: %s", zmq_strerror (errno));
        zmq_close (monitor);
        monitor = NULL;
    }
    if (monitor == NULL)
        zmq_socket_monitor (socket, NULL, 0);
    return monitor;
}

/* Two frames: event (16 bits) and value (32 bits) in native order, then an address. */
bool monitor_next (void *monitor, int *ret_event, uint32_t *ret_value)
{
    uint8_t head[6];
    int size = zmq_recv (monitor, head, sizeof head, ZMQ_DONTWAIT);
    if (size != (int) sizeof head)
        return false;
    uint16_t event;
    memcpy (&event, head, sizeof event);
    memcpy (ret_value, head + sizeof event, sizeof *ret_value);
    *ret_event = event;
    char address[ENDPOINT_SIZE];
    zmq_recv (monitor, address, sizeof address, ZMQ_DONTWAIT);
    return true;
}
