/* SPDX-License-Identifier: Apache-2.0 */
/* Doors and lines over real sockets: ipc in a folder of its own, tcp on the loopback.
 * Everything waits for something to happen, at most PATIENCE_MS, never for time. */
#include "link/door.h"
#include "link/line.h"
#include "wire/limits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include <cmocka.h>

#define PATIENCE_MS 10000
#define BATCH       64

struct scene {
    char dir[64];
    char ipc[128], tcp[128];
    struct hub *hub;
    struct zap *zap;
    struct door *door;
    struct line *lines[2]; /* closed with the scene */
    struct key_pair server, client, stranger;
    bool lets_all_in;
};

static bool scene_known (void *arg, const uint8_t key[KEY_SIZE])
{
    const struct scene *scene = arg;
    return scene->lets_all_in || memcmp (key, scene->client.public_key, KEY_SIZE) == 0;
}

static void open_door (struct scene *scene)
{
    struct err err;
    assert_int_equal (door_open (scene->hub, &scene->server, BATCH, &scene->door, &err),
                      0);
    assert_int_equal (door_bind (scene->door, scene->ipc, &err), 0);
}

static void open_tcp (struct scene *scene)
{
    struct err err;
    assert_int_equal (door_bind (scene->door, "tcp://127.0.0.1:*", &err), 0);
    snprintf (scene->tcp, sizeof scene->tcp, "%s", door_endpoint (scene->door));
}

static int scene_open (void **state)
{
    struct scene *scene = calloc (1, sizeof *scene);
    struct err err;
    strcpy (scene->dir, "/tmp/minqing-link.XXXXXX");
    if (mkdtemp (scene->dir) == NULL)
        return -1;
    snprintf (scene->ipc, sizeof scene->ipc, "ipc://%s/a.door", scene->dir);
    key_pair_make (&scene->server);
    key_pair_make (&scene->client);
    key_pair_make (&scene->stranger);
    if (hub_open (0, &scene->hub, &err) < 0 ||
        zap_open (scene->hub, scene_known, scene, &scene->zap, &err) < 0)
        return -1;
    open_door (scene);
    *state = scene;
    return 0;
}

static int scene_close (void **state)
{
    struct scene *scene = *state;
    for (unsigned i = 0; i < ARRAY_SIZE (scene->lines); i++)
        line_close (&scene->lines[i]);
    door_close (&scene->door);
    zap_close (&scene->zap);
    hub_close (&scene->hub);
    int rc = rmdir (scene->dir); /* the door has removed its socket */
    free (scene);
    return rc;
}

static struct line *connect_line (struct scene *scene, const char *endpoint,
                                  const struct key_pair *pair, const uint8_t *server_key)
{
    struct line_options options = {
        .endpoint = endpoint,
        .server_key = server_key,
        .pair = pair,
        .reconnect_max_ms = LINE_RECONNECT_INTERACTIVE_MS,
    };
    struct line **line = scene->lines[0] == NULL ? &scene->lines[0] : &scene->lines[1];
    struct err err;
    assert_null (*line);
    assert_int_equal (line_open (scene->hub, &options, line, &err), 0);
    return *line;
}

static struct line *good_line (struct scene *scene)
{
    return connect_line (scene, scene->ipc, &scene->client, scene->server.public_key);
}

static int64_t steady (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Run the server's side until 'is_so' or the end of patience. */
typedef bool condition_fn (void *arg);
static bool pump (struct scene *scene, struct line *line, condition_fn *is_so, void *arg)
{
    int64_t until = steady () + PATIENCE_MS;
    while (steady () < until) {
        zap_run (scene->zap, 100);
        if (line != NULL)
            line_look (line);
        if (is_so (arg))
            return true;
        zmq_pollitem_t items[] = {
            { .socket = zap_socket (scene->zap), .events = ZMQ_POLLIN },
            { .socket = line == NULL ? zap_socket (scene->zap) : line_news_socket (line),
              .events = ZMQ_POLLIN },
            { .socket = line == NULL ? zap_socket (scene->zap) : line_socket (line),
              .events = ZMQ_POLLIN },
            { .socket = scene->door == NULL ? zap_socket (scene->zap)
                                            : door_socket (scene->door),
              .events = ZMQ_POLLIN },
        };
        zmq_poll (items, ARRAY_SIZE (items), 20);
    }
    return false;
}

static bool is_connected (void *line)
{
    return line_is_connected (line);
}

static bool is_not_connected (void *line)
{
    return !line_is_connected (line);
}

static bool is_refused (void *line)
{
    return line_is_refused (line);
}

struct reception {
    struct door *door;
    struct door_message messages[BATCH];
    size_t n;
};

static bool has_received (void *arg)
{
    struct reception *reception = arg;
    reception->n = door_receive (reception->door, reception->messages, BATCH, SIZE_MAX);
    return reception->n > 0;
}

struct answer {
    struct line *line;
    struct bytes frame;
};

static bool has_answer (void *arg)
{
    struct answer *answer = arg;
    return line_receive (answer->line, 0, &answer->frame) == 0;
}

/* ---- who may come in ------------------------------------------------------------- */

static void known_key_passes_and_its_key_stands_beside_the_message (void **state)
{
    struct scene *scene = *state;
    struct line *line = good_line (scene);
    assert_true (pump (scene, line, is_connected, line));
    assert_int_equal (line_send (line, bytes_of_text ("hello")), 0);
    struct reception reception = { .door = scene->door };
    assert_true (pump (scene, line, has_received, &reception));
    const struct door_message *message = &reception.messages[0];
    assert_int_equal (reception.n, 1);
    assert_memory_equal (message->key, scene->client.public_key, KEY_SIZE);
    assert_true (bytes_equal (message->frame, bytes_of_text ("hello")));

    assert_int_equal (door_send (scene->door, message->peer, bytes_of_text ("welcome")),
                      0);
    struct answer answer = { .line = line };
    assert_true (pump (scene, line, has_answer, &answer));
    assert_true (bytes_equal (answer.frame, bytes_of_text ("welcome")));
    assert_int_equal (zap_counts (scene->zap).admitted, 1);
}

static void unknown_key_is_refused_and_told_so (void **state)
{
    struct scene *scene = *state;
    struct line *line =
        connect_line (scene, scene->ipc, &scene->stranger, scene->server.public_key);
    assert_true (pump (scene, line, is_refused, line));
    assert_false (line_is_connected (line));
    assert_int_equal (line_send (line, bytes_of_text ("hello")), -EAGAIN);
    assert_true (zap_counts (scene->zap).refused > 0);
    assert_int_equal (zap_counts (scene->zap).admitted, 0);
}

static bool is_over (void *monitor)
{
    uint8_t event[6], address[256];
    uint16_t number = 0;
    if (zmq_recv (monitor, event, sizeof event, ZMQ_DONTWAIT) < 0)
        return false;
    zmq_recv (monitor, address, sizeof address, ZMQ_DONTWAIT);
    memcpy (&number, event, sizeof number);
    assert_int_not_equal (number, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    return true;
}

static bool has_counted_no_key (void *arg)
{
    struct scene *scene = arg;
    struct door_message message;
    assert_int_equal (door_receive (scene->door, &message, 1, SIZE_MAX), 0);
    return door_counts (scene->door).unproven > 0;
}

/* What a raw DEALER sends without CURVE. */
static void client_without_a_key_is_refused (void **state)
{
    struct scene *scene = *state;
    void *context = zmq_ctx_new ();
    void *raw = zmq_socket (context, ZMQ_DEALER),
         *monitor = zmq_socket (context, ZMQ_PAIR);
    int zero = 0;
    zmq_setsockopt (raw, ZMQ_LINGER, &zero, sizeof zero);
    zmq_socket_monitor (raw, "inproc://raw",
                        ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED |
                            ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                            ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
    assert_int_equal (zmq_connect (monitor, "inproc://raw"), 0);
    assert_int_equal (zmq_connect (raw, scene->ipc), 0);
    zmq_send (raw, "hello", 5, ZMQ_DONTWAIT);
    assert_true (pump (scene, NULL, is_over, monitor));
    assert_true (pump (scene, NULL, has_counted_no_key, scene));
    zmq_socket_monitor (raw, NULL, 0);
    zmq_close (monitor);
    zmq_close (raw);
    zmq_ctx_term (context);
}

static bool has_served_others (void *arg)
{
    /* The impostor's line has tried at least once when an honest one, begun after it,
     * has its handshake. */
    return line_is_connected (arg);
}

static void line_that_expects_another_server_never_connects (void **state)
{
    struct scene *scene = *state;
    struct line *wrong =
        connect_line (scene, scene->ipc, &scene->client, scene->stranger.public_key);
    struct line *good = good_line (scene);
    assert_true (pump (scene, good, has_served_others, good));
    line_look (wrong);
    assert_int_equal (line_connections (wrong), 0);
    assert_int_equal (line_send (wrong, bytes_of_text ("hello")), -EAGAIN);
}

static void self_test_passes_where_strangers_are_refused (void **state)
{
    struct scene *scene = *state;
    struct err err;
    int64_t start = steady ();
    assert_int_equal (door_self_test (scene->door, scene->hub, scene->zap, &err), 0);
    assert_true (steady () - start < 1000);
}

static void self_test_fails_where_strangers_are_let_in (void **state)
{
    struct scene *scene = *state;
    struct err err;
    scene->lets_all_in = true;
    assert_int_equal (door_self_test (scene->door, scene->hub, scene->zap, &err),
                      -EKEYREJECTED);
    assert_non_null (strstr (err.text, "lets an unknown key in"));
}

/* ---- what may come in ------------------------------------------------------------ */

static bool has_counted_an_end (void *arg)
{
    struct scene *scene = arg;
    struct door_message message;
    assert_int_equal (door_receive (scene->door, &message, 1, SIZE_MAX), 0);
    return door_counts (scene->door).ended > 0;
}

static void frame_over_the_limit_closes_the_connection (void **state)
{
    struct scene *scene = *state;
    struct line *line = good_line (scene);
    assert_true (pump (scene, line, is_connected, line));
    static uint8_t large[LIMIT_CLIENT_FRAME + 1];
    assert_int_equal (line_send (line, BYTES_OF (large)), 0);
    assert_true (pump (scene, line, is_not_connected, line));
    struct reception reception = { .door = scene->door };
    assert_false (has_received (&reception));
    assert_true (pump (scene, line, has_counted_an_end, scene));

    assert_true (pump (scene, line, is_connected, line)); /* it may come back */
    assert_int_equal (line_send (line, BYTES (large, LIMIT_CLIENT_FRAME)), 0);
    assert_true (pump (scene, line, has_received, &reception));
    assert_int_equal (reception.messages[0].frame.size, LIMIT_CLIENT_FRAME);
}

static bool has_malformed (void *arg)
{
    struct scene *scene = arg;
    struct door_message message;
    assert_int_equal (door_receive (scene->door, &message, 1, SIZE_MAX), 0);
    return door_counts (scene->door).malformed == 2;
}

static void message_of_two_frames_or_none_is_dropped_and_counted (void **state)
{
    struct scene *scene = *state;
    struct line *line = good_line (scene);
    assert_true (pump (scene, line, is_connected, line));
    assert_int_equal (zmq_send (line_socket (line), "a", 1, ZMQ_SNDMORE), 1);
    assert_int_equal (zmq_send (line_socket (line), "b", 1, 0), 1);
    assert_int_equal (zmq_send (line_socket (line), "", 0, 0), 0);
    assert_true (pump (scene, line, has_malformed, scene));
}

struct tally {
    struct scene *scene;
    size_t seen, largest;
};

static bool has_all (void *arg)
{
    struct tally *tally = arg;
    struct door_message messages[BATCH];
    size_t n = door_receive (tally->scene->door, messages, BATCH, 1000);
    if (n > tally->largest)
        tally->largest = n;
    tally->seen += n;
    return tally->seen == 40;
}

static void batch_ends_when_its_bytes_are_reached (void **state)
{
    struct scene *scene = *state;
    struct line *line = good_line (scene);
    assert_true (pump (scene, line, is_connected, line));
    uint8_t frame[300] = { 0 };
    for (unsigned i = 0; i < 40; i++)
        assert_int_equal (line_send (line, BYTES_OF (frame)), 0);
    struct tally tally = { .scene = scene };
    assert_true (pump (scene, line, has_all, &tally));
    assert_true (tally.largest <= 4);
}

/* ---- answers that find nobody ---------------------------------------------------- */

static bool is_gone (void *arg)
{
    struct reception *reception = arg;
    return door_send (reception->door, reception->messages[0].peer, BYTES ("x", 1)) ==
           -EHOSTUNREACH;
}

static void answer_to_a_connection_that_is_gone_is_told (void **state)
{
    struct scene *scene = *state;
    struct line *line = good_line (scene);
    assert_true (pump (scene, line, is_connected, line));
    assert_int_equal (line_send (line, BYTES ("x", 1)), 0);
    struct reception reception = { .door = scene->door };
    assert_true (pump (scene, line, has_received, &reception));
    line_close (&scene->lines[0]);
    assert_true (pump (scene, NULL, is_gone, &reception));
    assert_int_equal (door_counts (scene->door).gone, 1);
    assert_int_equal (door_send (scene->door, BYTES ("nobody", 6), BYTES ("x", 1)),
                      -EHOSTUNREACH);
}

static void peer_that_does_not_read_is_told_full_and_nothing_blocks (void **state)
{
    struct scene *scene = *state;
    struct line *line = good_line (scene);
    assert_true (pump (scene, line, is_connected, line));
    assert_int_equal (line_send (line, BYTES ("x", 1)), 0);
    struct reception reception = { .door = scene->door };
    assert_true (pump (scene, line, has_received, &reception));
    static uint8_t large[64 * 1024];
    int rc = 0;
    for (unsigned i = 0; i < 10000 && rc == 0; i++)
        rc = door_send (scene->door, reception.messages[0].peer, BYTES_OF (large));
    assert_int_equal (rc, -EAGAIN);
    assert_int_equal (door_counts (scene->door).full, 1);
}

/* ---- coming back ----------------------------------------------------------------- */

static void line_notices_that_the_connection_was_lost_and_came_back (void **state)
{
    struct scene *scene = *state;
    struct line *line = good_line (scene);
    assert_true (pump (scene, line, is_connected, line));
    assert_int_equal (line_connections (line), 1);
    door_close (&scene->door);
    assert_true (pump (scene, line, is_not_connected, line));
    assert_int_equal (line_send (line, BYTES ("x", 1)), -EAGAIN);
    open_door (scene);
    assert_true (pump (scene, line, is_connected, line));
    assert_int_equal (line_connections (line), 2);
    assert_int_equal (line_send (line, BYTES ("y", 1)), 0);
    struct reception reception = { .door = scene->door };
    assert_true (pump (scene, line, has_received, &reception));
    assert_int_equal (reception.n, 1);
}

static void line_may_wait_for_a_door_that_opens_later (void **state)
{
    struct scene *scene = *state;
    door_close (&scene->door);
    struct line *line = good_line (scene);
    struct bytes frame;
    assert_int_equal (line_receive (line, 1, &frame), -EAGAIN);
    open_door (scene);
    assert_true (pump (scene, line, is_connected, line));
}

/* Of 'pump' without a line: it is looked at nowhere. */
static bool has_news_of (void *line)
{
    zmq_pollitem_t item = { .socket = line_news_socket (line), .events = ZMQ_POLLIN };
    return zmq_poll (&item, 1, 0) > 0;
}

static void taking_what_has_arrived_leaves_the_news_to_be_noted (void **state)
{
    struct scene *scene = *state;
    struct line *line = good_line (scene);
    struct bytes frame;
    assert_true (pump (scene, NULL, has_news_of, line));
    assert_int_equal (line_take (line, &frame, 1, SIZE_MAX), 0);
    assert_false (line_is_connected (line));
    assert_true (line_wait (&line, 1, NULL, 0, PATIENCE_MS) > 0);
    assert_true (line_look (line));
    assert_true (line_is_connected (line));
}

static void waiting_ends_with_a_descriptor_too (void **state)
{
    struct scene *scene = *state;
    struct line *line = good_line (scene);
    assert_true (pump (scene, line, is_connected, line));
    int pipes[2];
    assert_int_equal (pipe (pipes), 0);
    struct pollfd fds[] = { { .fd = pipes[0], .events = POLLIN } };
    assert_int_equal (line_wait (&line, 1, fds, 1, 0), 0);
    assert_int_equal (write (pipes[1], "x", 1), 1);
    assert_int_equal (line_wait (&line, 1, fds, 1, PATIENCE_MS), 1);
    assert_int_equal (fds[0].revents, POLLIN);
    close (pipes[0]);
    close (pipes[1]);
}

/* ---- ipc sockets ----------------------------------------------------------------- */

static void ipc_socket_is_for_owner_and_group (void **state)
{
    struct scene *scene = *state;
    struct stat status;
    assert_int_equal (stat (scene->ipc + 6, &status), 0);
    assert_int_equal (status.st_mode & 0777, 0660);
}

static void living_door_is_not_pushed_aside (void **state)
{
    struct scene *scene = *state;
    struct door *second = NULL;
    struct err err;
    assert_int_equal (door_open (scene->hub, &scene->server, 1, &second, &err), 0);
    assert_int_equal (door_bind (second, scene->ipc, &err), -EADDRINUSE);
    door_close (&second);
    assert_int_equal (access (scene->ipc + 6, F_OK), 0);
}

static void dead_socket_is_taken_over_and_other_files_are_not (void **state)
{
    struct scene *scene = *state;
    const char *path = scene->ipc + 6;
    door_close (&scene->door);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    strcpy (address.sun_path, path);
    int fd = socket (AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal (bind (fd, (struct sockaddr *) &address, sizeof address), 0);
    close (fd); /* its file stays, as after kill -9 */
    open_door (scene);
    door_close (&scene->door);

    fd = open (path, O_CREAT | O_WRONLY, 0600);
    close (fd);
    struct err err;
    assert_int_equal (door_open (scene->hub, &scene->server, 1, &scene->door, &err), 0);
    assert_int_equal (door_bind (scene->door, scene->ipc, &err), -EEXIST);
    unlink (path);
}

/* ---- many who say nothing -------------------------------------------------------- */

#define SILENT 500

static int connect_silently (const char *endpoint)
{
    unsigned port;
    assert_int_equal (sscanf (endpoint, "tcp://127.0.0.1:%u", &port), 1);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons ((uint16_t) port),
        .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
    };
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd >= 0)
        (void) connect (fd, (struct sockaddr *) &address, sizeof address);
    return fd;
}

static void silent_connections_do_not_keep_a_client_out (void **state)
{
    struct scene *scene = *state;
    struct rlimit limit;
    getrlimit (RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
    setrlimit (RLIMIT_NOFILE, &limit);
    open_tcp (scene);
    int fds[SILENT];
    for (unsigned i = 0; i < SILENT; i++)
        fds[i] = connect_silently (scene->tcp);

    int64_t start = steady ();
    struct line *line =
        connect_line (scene, scene->tcp, &scene->client, scene->server.public_key);
    assert_true (pump (scene, line, is_connected, line));
    assert_true (steady () - start < 5000);
    for (unsigned i = 0; i < SILENT; i++)
        if (fds[i] >= 0)
            close (fds[i]);
}

#define SCENE(test) cmocka_unit_test_setup_teardown (test, scene_open, scene_close)

int main (void)
{
    const struct CMUnitTest tests[] = {
        SCENE (known_key_passes_and_its_key_stands_beside_the_message),
        SCENE (unknown_key_is_refused_and_told_so),
        SCENE (client_without_a_key_is_refused),
        SCENE (line_that_expects_another_server_never_connects),
        SCENE (self_test_passes_where_strangers_are_refused),
        SCENE (self_test_fails_where_strangers_are_let_in),
        SCENE (frame_over_the_limit_closes_the_connection),
        SCENE (message_of_two_frames_or_none_is_dropped_and_counted),
        SCENE (batch_ends_when_its_bytes_are_reached),
        SCENE (answer_to_a_connection_that_is_gone_is_told),
        SCENE (peer_that_does_not_read_is_told_full_and_nothing_blocks),
        SCENE (line_notices_that_the_connection_was_lost_and_came_back),
        SCENE (line_may_wait_for_a_door_that_opens_later),
        SCENE (taking_what_has_arrived_leaves_the_news_to_be_noted),
        SCENE (waiting_ends_with_a_descriptor_too),
        SCENE (ipc_socket_is_for_owner_and_group),
        SCENE (living_door_is_not_pushed_aside),
        SCENE (dead_socket_is_taken_over_and_other_files_are_not),
        SCENE (silent_connections_do_not_keep_a_client_out),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
