/* SPDX-License-Identifier: Apache-2.0 */
/* A line: the client's end. A DEALER with CURVE that connects, reconnects for ever and
 * knows when it did, because everything that a server knows of a connection (Follow,
 * Subscribe, credit) ends with it and must be said again.
 *
 * "Sent" means "in memory". Only an answer counts (TRAPS). */
#ifndef MINQING_LINK_LINE_H
#define MINQING_LINK_LINE_H

#include "base/bytes.h"
#include "link/hub.h"
#include "link/keys.h"

#include <poll.h>

struct line;

#define LINE_RECONNECT_MS             100 /* the first pause; it doubles up to */
#define LINE_RECONNECT_MAX_MS         30000
#define LINE_RECONNECT_INTERACTIVE_MS 2000 /* where a person waits */

struct line_options {
    const char *endpoint;
    const uint8_t *server_key;   /* KEY_SIZE bytes */
    const struct key_pair *pair; /* ours */
    int reconnect_max_ms;        /* 0: LINE_RECONNECT_MAX_MS */
    size_t batch;                /* most frames one 'line_take' gives; 0: 1 */
};

/* Begin to connect; returns at once. The options may go. */
MUST_CHECK int line_open (struct hub *hub, const struct line_options *options,
                          struct line **ret_line, struct err *err);
void line_close (struct line **line); /* NULL is fine; nothing unsent lingers */

/* Is there a connection with a finished handshake, and the how-many-th is it (0: none
 * yet)? Whoever sees the number change says Follow, Subscribe … again. Both as of the
 * last 'line_look', 'line_receive' or 'line_wait'. */
bool line_is_connected (const struct line *line);
uint64_t line_connections (const struct line *line);
/* The server said no to our key at the last attempt. */
bool line_is_refused (const struct line *line);

/* Take note of what happened to the connection; true when anything did. */
bool line_look (struct line *line);

/* Never waits. -EAGAIN: not connected, or the queue is full: keep it and send again.
 * What was sent before a connection was lost may be lost with it. */
MUST_CHECK int line_send (struct line *line, struct bytes frame);

/* The next frame. Waits at most 'timeout_ms' (0: not at all, -1: until something
 * happens). -EAGAIN: nothing arrived in time, or the connection came or went meanwhile
 * (look at 'line_connections'). -EINTR: a signal. Memory: the line's, until the next
 * call. Replies of more than one frame, which no daemon sends, are dropped. */
MUST_CHECK int line_receive (struct line *line, int64_t timeout_ms,
                             struct bytes *ret_frame);

/* What has arrived, without waiting: at most 'max' frames (and the batch), and no more
 * once 'bytes_max' is passed. Memory: the line's, until the next 'line_take' or
 * 'line_receive'. What happened to the connection stays to be noted by 'line_look', and
 * still ends a wait: a loop that looks, says what is new, takes all and waits misses
 * nothing. */
size_t line_take (struct line *line, struct bytes *ret_frames, size_t max,
                  size_t bytes_max);
/* The same for one frame; false: none has arrived. */
bool line_next (struct line *line, struct bytes *ret_frame);

/* Wait until one of the lines has a frame or news, or one of 'fds' is ready (as poll(2),
 * 'revents' filled), at most 'timeout_ms' (-1: no limit). How many are ready, 0 at the
 * timeout, -EINTR. At most LINE_WAIT_MAX of both. */
#define LINE_WAIT_MAX 64
MUST_CHECK int line_wait (struct line *const *lines, size_t n_lines, struct pollfd *fds,
                          size_t n_fds, int64_t timeout_ms);

/* For epoll(7) over many lines: readable where there may be frames. Whoever was woken by
 * it, and whoever has sent on the line, must take until there is nothing more: what the
 * socket has noticed by then, its descriptor does not tell a second time. */
int line_descriptor (const struct line *line);

/* To poll for input: frames, and news of the connection. */
void *line_socket (const struct line *line);
void *line_news_socket (const struct line *line);

#endif
