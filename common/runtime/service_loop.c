/* SPDX-License-Identifier: Apache-2.0 */
/* The one loop of a daemon, in one thread:
 *
 *     wait ─▶ signals, handshakes, connections ─▶ gather ─▶ core_turn ─▶ speak ─┐
 *      ▲                                          (one transaction)             │
 *      └────────────────────────────────────────────────────────────────────────┘
 *
 * Whatever has arrived is one batch. Nobody waits to fill it: while one commit is on its
 * way to the disk, the next batch gathers in the sockets by itself. Only what is followed
 * and nobody waits for (core.h: can_wait) gathers for some milliseconds, here and at its
 * source: every commit of one daemon is a sync that the others' commits queue behind, and
 * every frame wakes two threads. Nothing is said that is not in the outbox of a turn, so
 * nothing is said that is not durable. */
#include "runtime/service_inside.h"

#include "base/log.h"
#include "wire/names.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define HANDSHAKES_A_TURN 256
#define STATUS_MS         10000
/* However idle, look around: a bound to every mistake in computing the next wake. */
#define WAIT_MAX_MS 5000
#define GATHER_MS   20

enum { POLL_SIGNALS, POLL_ZAP, POLL_DOOR, POLL_CONTROL, POLL_FIXED };
#define POLL_MAX (POLL_FIXED + 2 * SPEAKER_COUNT + EXECUTOR_FDS_MAX)

int64_t shell_steady_ms (void)
{
    struct timespec now;
    int rc = clock_gettime (CLOCK_MONOTONIC, &now);
    assert (rc == 0);
    return now.tv_sec * INT64_C (1000) + now.tv_nsec / 1000000;
}

/* ---- waiting --------------------------------------------------------------------- */

static int64_t sooner (int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static long wait_ms (struct shell *shell)
{
    int64_t wait = core_wake_ms (shell->core, shell->now_ms) - shell->now_ms;
    int64_t steady_ms = shell_steady_ms ();
    if (clock_is_stepped (shell->clock) && wait > 0)
        wait = CLOCK_STEPPED_POLL_MS; /* its time does not pass while we wait */
    for (size_t i = 0; i < shell->n_lines; i++)
        if (shell->lines[i].take_ms != 0)
            wait = sooner (wait, shell->lines[i].take_ms - steady_ms);
    if (shell->serve_ms != 0)
        wait = sooner (wait, shell->serve_ms - steady_ms);
    wait = sooner (wait, WAIT_MAX_MS);
    if (shell->watchdog_ms > 0)
        wait = sooner (wait, shell->watchdog_ms / 2);
    if (shell->executor != NULL) {
        int64_t timeout = shell->executor->timeout_ms (shell->executor_self);
        wait = timeout < 0 ? wait : sooner (wait, timeout);
    }
    return shell->n_gone > 0 || shell->has_news || wait < 0 ? 0 : (long) wait;
}

/* Descriptors of the executor in poll's words and back. */
static zmq_pollitem_t item_of_fd (const struct pollfd *fd)
{
    bool in = (fd->events & POLLIN) != 0, out = (fd->events & POLLOUT) != 0;
    return (zmq_pollitem_t){
        .fd = fd->fd,
        .events = (short) ((in ? ZMQ_POLLIN : 0) | (out ? ZMQ_POLLOUT : 0)),
    };
}

static short revents_of_item (const zmq_pollitem_t *item)
{
    bool in = (item->revents & ZMQ_POLLIN) != 0, out = (item->revents & ZMQ_POLLOUT) != 0;
    bool bad = (item->revents & ZMQ_POLLERR) != 0;
    int revents = (in ? POLLIN : 0) | (out ? POLLOUT : 0) | (bad ? POLLERR : 0);
    return (short) revents;
}

/* When what can wait is taken: all of it at the time of the first, for one commit. */
static int64_t gathered_ms (const struct shell *shell, int64_t steady_ms)
{
    int64_t until_ms = steady_ms + GATHER_MS;
    for (size_t i = 0; i < shell->n_lines; i++)
        if (shell->lines[i].can_wait && shell->lines[i].take_ms != 0)
            until_ms = sooner (until_ms, shell->lines[i].take_ms);
    return until_ms;
}

/* 'items': two for each line, the first of which is for frames. */
static void note_arrivals (struct shell *shell, const zmq_pollitem_t *items, bool is_any)
{
    int64_t steady_ms = shell_steady_ms ();
    for (size_t i = 0; i < shell->n_lines && is_any; i++) {
        struct followed_line *followed = &shell->lines[i];
        if (followed->line == NULL)
            continue;
        if (items[0].revents != 0)
            followed->take_ms =
                followed->can_wait ? gathered_ms (shell, steady_ms) : steady_ms;
        items += 2;
    }
}

/* Wait until there is something to do. 'fds' are the executor's, filled here. */
static void wait_for_work (struct shell *shell, struct pollfd *fds, size_t *ret_n_fds,
                           bool *ret_signalled)
{
    zmq_pollitem_t items[POLL_MAX] = {
        [POLL_SIGNALS] = { .fd = shell->signals, .events = ZMQ_POLLIN },
        [POLL_ZAP] = { .socket = zap_socket (shell->zap), .events = ZMQ_POLLIN },
        [POLL_DOOR] = { .socket = door_socket (shell->door), .events = ZMQ_POLLIN },
        [POLL_CONTROL] = { .socket = door_socket (shell->control), .events = ZMQ_POLLIN },
    };
    size_t n = POLL_FIXED, n_fds = 0;
    for (size_t i = 0; i < shell->n_lines; i++) {
        const struct line *line = shell->lines[i].line;
        if (line == NULL)
            continue;
        /* One of which we know that something has arrived would wake us at once. */
        short events = shell->lines[i].take_ms == 0 ? ZMQ_POLLIN : 0;
        items[n++] = (zmq_pollitem_t){ .socket = line_socket (line), .events = events };
        items[n++] =
            (zmq_pollitem_t){ .socket = line_news_socket (line), .events = ZMQ_POLLIN };
    }
    size_t first_fd = n;
    if (shell->executor != NULL)
        n_fds = shell->executor->poll_fds (shell->executor_self, fds, EXECUTOR_FDS_MAX);
    for (size_t i = 0; i < n_fds; i++)
        items[n++] = item_of_fd (&fds[i]);

    int ready = zmq_poll (items, (int) n, wait_ms (shell));
    assert (ready >= 0 || errno == EINTR);
    for (size_t i = 0; i < n_fds; i++)
        fds[i].revents = ready < 0 ? 0 : revents_of_item (&items[first_fd + i]);
    note_arrivals (shell, items + POLL_FIXED, ready > 0);
    *ret_n_fds = n_fds;
    *ret_signalled = ready > 0 && items[POLL_SIGNALS].revents != 0;
}

/* ---- signals, connections -------------------------------------------------------- */

static int take_signals (struct shell *shell)
{
    struct signalfd_siginfo info;
    bool must_reload = false;
    while (read (shell->signals, &info, sizeof info) == (ssize_t) sizeof info) {
        if (info.ssi_signo == SIGHUP)
            must_reload = true;
        else
            shell->is_stopping = true;
    }
    return must_reload && !shell->is_stopping ? shell_reload (shell) : 0;
}

/* What a daemon knows of a connection ends with it: let the core say Follow again. */
static void look_at_lines (struct shell *shell)
{
    for (size_t i = 0; i < shell->n_lines; i++) {
        struct followed_line *followed = &shell->lines[i];
        if (followed->line == NULL)
            continue;
        line_look (followed->line);
        uint64_t connections = line_connections (followed->line);
        if (connections == followed->connections || !line_is_connected (followed->line))
            continue;
        followed->connections = connections;
        core_connected (shell->core, followed->speaker);
        shell->has_news = true;
    }
}

/* ---- gathering ------------------------------------------------------------------- */

static struct input *add_input (struct shell *shell, enum input_kind kind)
{
    assert (shell->n_inputs < BATCH_INPUTS);
    struct input *input = &shell->inputs[shell->n_inputs++];
    *input = (struct input){ .kind = kind };
    return input;
}

static void gather_gone (struct shell *shell)
{
    for (size_t i = 0; i < shell->n_gone; i++)
        add_input (shell, INPUT_GONE)->peer =
            BYTES (shell->gone[i].id, shell->gone[i].size);
}

static void gather_results (struct shell *shell, const struct pollfd *fds, size_t n_fds)
{
    if (shell->executor == NULL)
        return;
    bool is_due = shell->executor->timeout_ms (shell->executor_self) == 0;
    for (size_t i = 0; i < n_fds && !is_due; i++)
        is_due = fds[i].revents != 0;
    if (!is_due)
        return;
    size_t n = shell->executor->run (shell->executor_self, fds, n_fds, shell->results,
                                     EXECUTOR_RESULTS_MAX);
    for (size_t i = 0; i < n; i++) {
        struct input *input = add_input (shell, INPUT_RESULT);
        input->effect = shell->results[i].effect;
        input->sysexit = shell->results[i].sysexit;
        input->detail = shell->results[i].detail;
    }
}

/* Shares the allowance evenly among the lines, so that no source starves another. */
static size_t gather_lines (struct shell *shell)
{
    size_t bytes = 0;
    int64_t steady_ms = shell_steady_ms ();
    for (size_t i = 0; i < shell->n_lines; i++) {
        struct followed_line *followed = &shell->lines[i];
        size_t most = BATCH_LINK_INPUTS / shell->n_lines / 2;
        if (followed->line == NULL || followed->take_ms == 0 ||
            steady_ms < followed->take_ms)
            continue;
        size_t before = bytes;
        size_t n = line_take (followed->line, shell->frames, most,
                              BATCH_LINK_BYTES / shell->n_lines);
        for (size_t j = 0; j < n; j++) {
            struct input *input = add_input (shell, INPUT_LINK);
            input->link = followed->speaker;
            input->frame = shell->frames[j];
            bytes += input->frame.size;
        }
        /* There may be more than its share: then it goes on in the next turn. */
        bool is_all = n < most && bytes - before < BATCH_LINK_BYTES / shell->n_lines;
        followed->take_ms = is_all ? 0 : steady_ms;
    }
    return bytes;
}

static void gather_door (struct shell *shell, struct door *door, enum input_kind kind,
                         struct door_message *messages, size_t max, size_t bytes_max)
{
    size_t n = door_receive (door, messages, max, bytes_max);
    for (size_t i = 0; i < n; i++) {
        struct input *input = add_input (shell, kind);
        input->peer = messages[i].peer;
        input->key = BYTES_OF (messages[i].key);
        input->frame = messages[i].frame;
    }
}

/* The shares add up: gone, results, lines and control leave the door at least what the
 * constants promise. */
static_assert (GONE_MAX + EXECUTOR_RESULTS_MAX + BATCH_LINK_INPUTS / 2 +
                       BATCH_CONTROL_INPUTS <
                   BATCH_INPUTS,
               "the door keeps a share of every batch");

static void gather (struct shell *shell, const struct pollfd *fds, size_t n_fds)
{
    shell->n_inputs = 0;
    gather_gone (shell);
    gather_results (shell, fds, n_fds);
    size_t bytes = gather_lines (shell);
    gather_door (shell, shell->control, INPUT_CONTROL, shell->messages,
                 BATCH_CONTROL_INPUTS, BATCH_BYTES / 16);
    /* A line ends behind the frame that passes its allowance, so all of them may be more
     * than theirs together. */
    size_t left = BATCH_BYTES - (bytes < BATCH_LINK_BYTES ? bytes : BATCH_LINK_BYTES);
    gather_door (shell, shell->door, INPUT_DOOR, shell->messages + BATCH_CONTROL_INPUTS,
                 BATCH_INPUTS - shell->n_inputs, left);
    shell->n_gone = 0;
}

/* ---- speaking -------------------------------------------------------------------- */

static void note_gone (struct shell *shell, struct bytes peer)
{
    if (shell->n_gone == GONE_MAX || peer.size > ROUTING_ID_MAX)
        return;
    struct gone *gone = &shell->gone[shell->n_gone];
    bool is_noted =
        shell->n_gone > 0 && bytes_equal (BYTES (gone[-1].id, gone[-1].size), peer);
    if (is_noted) /* several answers to one connection stand together */
        return;
    memcpy (gone->id, peer.data, peer.size);
    gone->size = peer.size;
    shell->n_gone++;
}

static void speak_at_door (struct shell *shell, struct door *door,
                           const struct output *output)
{
    /* A full queue (-EAGAIN) belongs to a peer that does not read; the door counts it and
     * the peer asks again. */
    if (door_send (door, output->peer, output->frame) == -EHOSTUNREACH)
        note_gone (shell, output->peer);
}

static void speak_on_line (struct shell *shell, const struct output *output)
{
    for (size_t i = 0; i < shell->n_lines; i++) {
        const struct followed_line *followed = &shell->lines[i];
        if (followed->speaker != output->link || followed->line == NULL)
            continue;
        /* Not connected: the core says it anew when 'core_connected' tells it. */
        if (line_send (followed->line, output->frame) < 0)
            log_debug ("nothing said to %s: no connection", speaker_name (output->link));
    }
}

static void speak (struct shell *shell, const struct outbox *outbox)
{
    for (size_t i = 0; i < outbox->n_outputs; i++) {
        const struct output *output = &outbox->outputs[i];
        switch (output->kind) {
        case OUTPUT_DOOR:
            speak_at_door (shell, shell->door, output);
            break;
        case OUTPUT_CONTROL:
            speak_at_door (shell, shell->control, output);
            break;
        case OUTPUT_LINK:
            speak_on_line (shell, output);
            break;
        case OUTPUT_EFFECT:
            assert (shell->executor != NULL);
            shell->executor->start (shell->executor_self, &output->effect);
            break;
        }
    }
}

/* Who follows us and can wait is served GATHER_MS behind the first entry that waits. */
static void look_at_waiting (struct shell *shell)
{
    if (!core_is_waited_for (shell->core))
        shell->serve_ms = 0;
    else if (shell->serve_ms == 0)
        shell->serve_ms = shell_steady_ms () + GATHER_MS;
}

static void serve_waiting (struct shell *shell)
{
    if (shell->serve_ms == 0 || shell_steady_ms () < shell->serve_ms)
        return;
    core_serve_waiting (shell->core);
    shell->has_news = true;
}

static int turn (struct shell *shell)
{
    serve_waiting (shell);
    bool is_due = core_wake_ms (shell->core, shell->now_ms) <= shell->now_ms;
    if (shell->n_inputs == 0 && !shell->has_news && !is_due)
        return 0;
    shell->has_news = false;
    struct outbox *outbox = NULL;
    struct err err = { 0 };
    if (core_turn (shell->core, shell->inputs, shell->n_inputs, shell->now_ms, &outbox,
                   &err) < 0) {
        log_line (LOG_LEVEL_CRITICAL, "the store failed: %s", err.text);
        return EX_TEMPFAIL;
    }
    speak (shell, outbox);
    look_at_waiting (shell);
    return 0;
}

/* ---- systemd --------------------------------------------------------------------- */

static void tell_status (struct shell *shell)
{
    struct arena arena;
    struct status status = { 0 };
    arena_init (&arena, 0);
    core_status (shell->core, &arena, shell->now_ms, &status);
    sd_notifyf (0, "STATUS=%s entry %" PRIu64 "%s%s%s", shell->spec->name, status.head,
                status.time_uncertain ? ", its clock is in doubt" : "",
                status.trouble == NULL ? "" : ", ",
                status.trouble == NULL ? "" : status.trouble);
    arena_done (&arena);
}

/* Only from the end of a whole round: a loop that hangs in a turn is restarted. */
static void tell_systemd (struct shell *shell)
{
    int64_t steady_ms = shell_steady_ms ();
    if (shell->watchdog_ms > 0 &&
        steady_ms - shell->watched_ms >= shell->watchdog_ms / 4) {
        sd_notify (0, "WATCHDOG=1");
        shell->watched_ms = steady_ms;
    }
    if (steady_ms - shell->status_ms >= STATUS_MS) {
        tell_status (shell);
        shell->status_ms = steady_ms;
    }
}

int shell_loop (struct shell *shell)
{
    struct pollfd fds[EXECUTOR_FDS_MAX];
    core_gather (shell->core);
    while (!shell->is_stopping) {
        size_t n_fds;
        bool is_signalled;
        wait_for_work (shell, fds, &n_fds, &is_signalled);
        int rc = is_signalled ? take_signals (shell) : 0;
        if (rc != 0 || shell->is_stopping)
            return rc;
        zap_run (shell->zap, HANDSHAKES_A_TURN);
        look_at_lines (shell);
        gather (shell, fds, n_fds);
        /* Behind the last frame: a followed entry may have been made while we gathered, and
         * what we make of it is not earlier. */
        shell_look_at_clock (shell);
        rc = turn (shell);
        if (rc != 0)
            return rc;
        tell_systemd (shell);
    }
    return 0;
}
