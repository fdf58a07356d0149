/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of the load: who speaks on each, and to whom what comes belongs.
 *
 *   open ─connected─▶ greeted (Standing is asked) ─told─▶ met; desks then subscribe
 *
 * A line that breaks ends it all: on this machine that is a daemon that fell. */
#include "cli/bench_inside.h"

#include "wire/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

/* Frames taken from one line at once. */
#define FRAMES 64

/* ---- ports ------------------------------------------------------------------------- */

void port_touch (struct bench_load *load, struct port *port)
{
    if (port->is_due)
        return;
    port->is_due = true;
    port->next_due = load->due;
    load->due = port;
}

int port_send (struct bench_load *load, struct port *port, struct bytes frame)
{
    if (!port->is_greeted && port->kind != PORT_CONTROL)
        return -EAGAIN;
    int rc = line_send (port->line, frame);
    if (rc == 0)
        port_touch (load, port);
    return rc;
}

static int port_open (struct bench_load *load, struct port *port, enum port_kind kind,
                      size_t index, const char *endpoint, const uint8_t *server_key,
                      const struct key_pair *pair)
{
    struct line_options options = {
        .endpoint = endpoint, .server_key = server_key, .pair = pair, .batch = FRAMES
    };
    *port = (struct port){ .kind = kind, .index = index };
    int rc = line_open (load->hub, &options, &port->line, &load->cli->err);
    if (rc < 0)
        return rc;
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = port };
    if (epoll_ctl (load->poll_fd, EPOLL_CTL_ADD, line_descriptor (port->line), &event) <
        0)
        return err_set (&load->cli->err, -errno, "epoll: %s", strerror (errno));
    return 0;
}

static int port_open_door (struct bench_load *load, struct port *port,
                           enum port_kind kind, size_t index, enum speaker speaker,
                           const struct key_file *key)
{
    return port_open (load, port, kind, index, key->servers[speaker].endpoint,
                      key->servers[speaker].public_key, &key->pair);
}

int bench_unexpected (struct bench_load *load, const char *who,
                      const struct refusal *refusal)
{
    return err_set (&load->cli->err, -EREMOTEIO, _ ("%s was refused: %s"), who,
                    refusal != NULL ? refusal->sentence : "?");
}

/* ---- hearing ----------------------------------------------------------------------- */

static void control_hear (struct bench_load *load, struct port *port,
                          const struct control_reply *reply)
{
    enum speaker speaker = (enum speaker) port->index;
    struct bench_look *look = load->is_after[speaker] ? &load->run->after[speaker]
                                                      : &load->run->before[speaker];
    if (reply->status != NULL)
        bench_look_status (look, reply->status);
    if (reply->text != NULL) {
        bench_look_metrics (look, speaker, reply->text);
        load->is_after[speaker] = true;
        load->n_figures--;
    }
}

/* Told where it stands: counters go on from there. */
static void meet (struct bench_load *load, struct port *port, uint64_t last)
{
    port->is_met = true;
    if (port->kind == PORT_TERMINAL) {
        struct bench_terminal *terminal = &load->terminals[port->index];
        terminal->base = terminal->made = terminal->sent = terminal->acked = last;
    } else if (port->kind == PORT_DESK) {
        struct bench_desk *desk = &load->desks[port->index];
        desk->made = desk->sent = desk->acked = last;
        desk_greet (load, desk);
    }
}

static int hear (struct bench_load *load, struct port *port, struct bytes frame,
                 int64_t now_ns)
{
    struct from_door message;
    arena_reset (&load->arena);
    int rc = from_door_decode (&load->arena, frame, &message, &load->cli->err);
    if (rc < 0)
        return rc;
    if (message.refusal != NULL)
        return bench_unexpected (load, _ ("a frame"), message.refusal);
    if (!port->is_met && message.n_replies > 0 && message.replies[0].standing != NULL) {
        meet (load, port, message.replies[0].standing->next_counter - 1);
        return 0;
    }
    switch (port->kind) {
    case PORT_TERMINAL:
        return terminal_hear (load, &load->terminals[port->index], &message, now_ns);
    case PORT_DESK:
        return desk_hear (load, &load->desks[port->index], &message, now_ns);
    case PORT_ASKER:
        return asker_hear (load, &message, now_ns);
    case PORT_CONTROL:
        if (message.control != NULL)
            control_hear (load, port, message.control);
        break;
    }
    return 0;
}

/* Everything that has arrived where something may have. */
int ports_hear (struct bench_load *load, size_t *ret_frames)
{
    while (load->due != NULL) {
        struct port *port = load->due;
        load->due = port->next_due;
        port->is_due = false;
        struct bytes frames[FRAMES];
        for (size_t n; (n = line_take (port->line, frames, FRAMES, SIZE_MAX)) > 0;) {
            int64_t now_ns = bench_now_ns ();
            *ret_frames += n;
            for (size_t i = 0; i < n; i++) {
                int rc = hear (load, port, frames[i], now_ns);
                if (rc < 0)
                    return rc;
            }
        }
    }
    return 0;
}

/* ---- connections ------------------------------------------------------------------- */

static int greet (struct bench_load *load, struct port *port)
{
    struct standing_query standing = { 0 };
    struct query query = { .id = 1, .standing = &standing };
    struct to_door message = { .queries = &query, .n_queries = 1 };
    line_look (port->line);
    if (!line_is_connected (port->line) && port->is_greeted)
        return err_set (&load->cli->err, -EHOSTUNREACH,
                        _ ("a daemon has broken the connection; see above"));
    if (!line_is_connected (port->line) || port->is_greeted)
        return 0;
    arena_reset (&load->arena);
    port->is_greeted = true;
    if (port->kind == PORT_CONTROL)
        port->is_met = true;
    else if (port_send (load, port, to_door_encode (&load->arena, &message)) < 0)
        port->is_greeted = false;
    port_touch (load, port);
    return 0;
}

static struct port *port_at (struct bench_load *load, size_t i)
{
    if (i < load->n_terminals)
        return &load->terminals[i].port;
    i -= load->n_terminals;
    if (i < load->n_desks)
        return &load->desks[i].port;
    i -= load->n_desks;
    if (i == 0)
        return &load->asker.port;
    return i <= ARRAY_SIZE (bench_speakers) ? &load->controls[bench_speakers[i - 1]]
                                            : NULL;
}

/* A daemon that is to be without is not there. */
static bool is_wanted (const struct bench_load *load, const struct port *port)
{
    return port->line != NULL &&
           (port->kind != PORT_CONTROL ||
            place_process (load->town->place, (enum speaker) port->index) != 0);
}

int ports_greet (struct bench_load *load, bool *ret_all_met)
{
    struct port *port;
    *ret_all_met = true;
    for (size_t i = 0; (port = port_at (load, i)) != NULL; i++) {
        if (!is_wanted (load, port)) {
            port->is_greeted = port->is_met = false;
            continue;
        }
        int rc = greet (load, port);
        if (rc < 0)
            return rc;
        *ret_all_met = *ret_all_met && port->is_met;
    }
    return 0;
}

/* ---- all of them ------------------------------------------------------------------- */

int ports_open (struct bench_load *load)
{
    struct bench_town *town = load->town;
    struct config *config = cli_config (load->cli);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < load->n_terminals; i++) {
        load->terminals[i].key = &town->terminals[i];
        rc = port_open_door (load, &load->terminals[i].port, PORT_TERMINAL, i,
                             SPEAKER_INTAKE, &town->terminals[i]);
    }
    for (size_t i = 0; rc == 0 && i < load->n_desks; i++) {
        load->desks[i].key = &town->desks[i];
        rc = port_open_door (load, &load->desks[i].port, PORT_DESK, i, SPEAKER_ROUTING,
                             &town->desks[i].key);
    }
    if (rc == 0)
        rc = port_open_door (load, &load->asker.port, PORT_ASKER, 0, SPEAKER_INTAKE,
                             &town->terminals[load->n_terminals]);
    for (size_t i = 0; rc == 0 && i < ARRAY_SIZE (bench_speakers); i++) {
        enum speaker speaker = bench_speakers[i];
        rc = port_open (load, &load->controls[speaker], PORT_CONTROL, speaker,
                        config_control (config, speaker),
                        town->operator_key.servers[speaker].public_key,
                        &town->operator_key.pair);
    }
    return rc;
}

void ports_close (struct bench_load *load)
{
    struct port *port;
    for (size_t i = 0; (port = port_at (load, i)) != NULL; i++)
        line_close (&port->line);
}
