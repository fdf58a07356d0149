/* SPDX-License-Identifier: Apache-2.0 */
/* The line: a DEALER and the monitor that tells when it has a connection.
 *
 * ZMQ_IMMEDIATE: without it, what is said while there is no connection waits inside
 * libzmq and comes out first on the next one, before our Follow: a queue we cannot see.
 * With it, sending says -EAGAIN until there is somebody to send to. */
#include "link/line.h"

#include "link/hub_inside.h"
#include "wire/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

/* Messages waiting in each direction; entries come in frames of a quarter of a megabyte. */
#define QUEUE_MAX 256

#define NEWS                                                                             \
    (ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |                   \
     ZMQ_EVENT_DISCONNECTED)

struct line {
    void *socket, *monitor;
    zmq_msg_t *held; /* frames handed out last; the first 'n_held' are initialised */
    size_t n_held, batch;
    bool is_connected, is_refused;
    uint64_t connections;
};

static void set_options (void *socket, const struct line_options *options)
{
    int pause_max =
        options->reconnect_max_ms > 0 ? options->reconnect_max_ms : LINE_RECONNECT_MAX_MS;
    socket_set_common (socket, options->pair, LIMIT_SERVER_FRAME);
    socket_set_bytes (socket, ZMQ_CURVE_SERVERKEY, options->server_key, KEY_SIZE);
    socket_set (socket, ZMQ_IMMEDIATE, 1);
    socket_set (socket, ZMQ_RECONNECT_IVL, LINE_RECONNECT_MS);
    socket_set (socket, ZMQ_RECONNECT_IVL_MAX, pause_max);
    socket_set (socket, ZMQ_SNDHWM, QUEUE_MAX);
    socket_set (socket, ZMQ_RCVHWM, 0); /* see HEARTBEAT_MS */
    socket_set (socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS);
    socket_set (socket, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS);
    socket_set (socket, ZMQ_HEARTBEAT_TTL, HEARTBEAT_TTL_MS);
}

int line_open (struct hub *hub, const struct line_options *options,
               struct line **ret_line, struct err *err)
{
    static uint64_t opened; /* names monitors apart */
    struct line *line = calloc (1, sizeof *line);
    size_t batch = options->batch > 0 ? options->batch : 1;
    zmq_msg_t *held = calloc (batch, sizeof *held);
    if (line == NULL || held == NULL) {
        free (held);
        free (line);
        return err_set (err, -ENOMEM, "no memory for a line");
    }
    line->held = held;
    line->batch = batch;
    char name[64];
    snprintf (name, sizeof name, "inproc://minqing.line.%" PRIu64, ++opened);
    line->socket = hub_socket (hub, ZMQ_DEALER, err);
    if (line->socket != NULL) {
        set_options (line->socket, options);
        line->monitor = socket_monitor (hub, line->socket, name, NEWS, err);
    }
    if (line->monitor == NULL) {
        line_close (&line);
        return -EMFILE;
    }
    if (zmq_connect (line->socket, options->endpoint) < 0) {
        int code = errno;
        line_close (&line);
        return err_set (err, -code, "%s: cannot connect: %s", options->endpoint,
                        zmq_strerror (code));
    }
    *ret_line = line;
    return 0;
}

static void release (struct line *line)
{
    for (size_t i = 0; i < line->n_held; i++)
        zmq_msg_close (&line->held[i]);
    line->n_held = 0;
}

void line_close (struct line **line)
{
    if (*line == NULL)
        return;
    release (*line);
    if ((*line)->monitor != NULL) {
        zmq_socket_monitor ((*line)->socket, NULL, 0);
        zmq_close ((*line)->monitor);
    }
    if ((*line)->socket != NULL)
        zmq_close ((*line)->socket);
    free ((*line)->held);
    free (*line);
    *line = NULL;
}

bool line_is_connected (const struct line *line)
{
    return line->is_connected;
}

uint64_t line_connections (const struct line *line)
{
    return line->connections;
}

bool line_is_refused (const struct line *line)
{
    return line->is_refused;
}

bool line_look (struct line *line)
{
    bool has_news = false;
    int event;
    uint32_t value;
    while (monitor_next (line->monitor, &event, &value)) {
        has_news = true;
        line->is_connected = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
        if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
            line->connections++;
            line->is_refused = false;
        } else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
            line->is_refused = true;
        }
    }
    if (has_news) {
        /* The I/O thread tells the monitor and the socket separately; asking for events
         * makes the socket hear of its new pipe now, so that the next send finds it. */
        int events;
        size_t size = sizeof events;
        zmq_getsockopt (line->socket, ZMQ_EVENTS, &events, &size);
    }
    return has_news;
}

int line_send (struct line *line, struct bytes frame)
{
    /* For a moment after a loss the old connection's queue still takes messages, which
     * nobody would ever read. */
    if (!line->is_connected ||
        zmq_send (line->socket, frame.data, frame.size, ZMQ_DONTWAIT) < 0)
        return -EAGAIN;
    return 0;
}

enum taken { TAKEN_NOTHING, TAKEN_DROPPED, TAKEN_FRAME };

/* One message into '*held', which is initialised only with TAKEN_FRAME. */
static enum taken take_one (struct line *line, zmq_msg_t *held)
{
    unsigned frames = 0;
    bool has_more = true;
    while (has_more) {
        zmq_msg_init (held);
        if (zmq_msg_recv (held, line->socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close (held);
            return frames == 0 ? TAKEN_NOTHING : TAKEN_DROPPED;
        }
        has_more = zmq_msg_more (held) != 0;
        if (frames++ == 0 && !has_more)
            return TAKEN_FRAME;
        zmq_msg_close (held);
    }
    return TAKEN_DROPPED;
}

size_t line_take (struct line *line, struct bytes *ret_frames, size_t max,
                  size_t bytes_max)
{
    release (line);
    if (max > line->batch)
        max = line->batch;
    size_t bytes = 0;
    for (size_t looked = 0; looked < max && bytes < bytes_max; looked++) {
        zmq_msg_t *held = &line->held[line->n_held];
        enum taken taken = take_one (line, held);
        if (taken == TAKEN_NOTHING)
            break;
        if (taken == TAKEN_DROPPED)
            continue;
        ret_frames[line->n_held++] = BYTES (zmq_msg_data (held), zmq_msg_size (held));
        bytes += zmq_msg_size (held);
    }
    return line->n_held;
}

bool line_next (struct line *line, struct bytes *ret_frame)
{
    return line_take (line, ret_frame, 1, SIZE_MAX) == 1;
}

int line_receive (struct line *line, int64_t timeout_ms, struct bytes *ret_frame)
{
    bool has_news = line_look (line);
    if (line_next (line, ret_frame))
        return 0;
    if (has_news || timeout_ms == 0)
        return -EAGAIN;
    int rc = line_wait (&line, 1, NULL, 0, timeout_ms);
    if (rc < 0)
        return rc;
    line_look (line);
    return line_next (line, ret_frame) ? 0 : -EAGAIN;
}

int line_wait (struct line *const *lines, size_t n_lines, struct pollfd *fds,
               size_t n_fds, int64_t timeout_ms)
{
    assert (n_lines + n_fds <= LINE_WAIT_MAX);
    zmq_pollitem_t items[2 * LINE_WAIT_MAX];
    size_t n = 0;
    for (size_t i = 0; i < n_lines; i++) {
        items[n++] = (zmq_pollitem_t){ .socket = lines[i]->socket, .events = ZMQ_POLLIN };
        items[n++] =
            (zmq_pollitem_t){ .socket = lines[i]->monitor, .events = ZMQ_POLLIN };
    }
    for (size_t i = 0; i < n_fds; i++) {
        bool wants_in = (fds[i].events & POLLIN) != 0;
        bool wants_out = (fds[i].events & POLLOUT) != 0;
        items[n++] = (zmq_pollitem_t){
            .fd = fds[i].fd,
            .events =
                (short) ((wants_in ? ZMQ_POLLIN : 0) | (wants_out ? ZMQ_POLLOUT : 0)),
        };
    }
    int ready = zmq_poll (items, (int) n, timeout_ms < 0 ? -1 : (long) timeout_ms);
    if (ready < 0)
        return errno == EINTR ? -EINTR : -EINVAL;
    for (size_t i = 0; i < n_fds; i++) {
        short got = items[2 * n_lines + i].revents;
        fds[i].revents = (short) (((got & ZMQ_POLLIN) ? POLLIN : 0) |
                                  ((got & ZMQ_POLLOUT) ? POLLOUT : 0) |
                                  ((got & ZMQ_POLLERR) ? POLLERR : 0));
    }
    return ready;
}

int line_descriptor (const struct line *line)
{
    int fd = -1;
    size_t size = sizeof fd;
    int rc = zmq_getsockopt (line->socket, ZMQ_FD, &fd, &size);
    assert (rc == 0);
    return fd;
}

void *line_socket (const struct line *line)
{
    return line->socket;
}

void *line_news_socket (const struct line *line)
{
    return line->monitor;
}
