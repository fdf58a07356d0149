/* SPDX-License-Identifier: Apache-2.0 */
/* The sockets of a daemon: the door for clients and followers, the control door, and a
 * line to each daemon that it follows. Endpoints come from the configuration, keys of
 * other daemons from the table of clients, so that a replaced key is one changed row. */
#include "runtime/service_inside.h"

#include "base/log.h"
#include "wire/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CONTROL_BATCH 256

static bool is_known (void *arg, const uint8_t key[KEY_SIZE])
{
    const struct shell *shell = arg;
    const struct client *client =
        clients_find_key (core_clients (shell->core), BYTES (key, KEY_SIZE));
    return client != NULL && client_is_current (client, shell->now_ms);
}

static int bind_door (struct shell *shell, struct err *err)
{
    char setting[64];
    const char *const *endpoints;
    const char *local = config_door (shell->config, shell->spec->speaker);
    snprintf (setting, sizeof setting, "%s/door", shell->spec->name);
    size_t n = config_get_list (shell->config, setting, &endpoints);
    for (size_t i = 0; i < n; i++) {
        if (strcmp (endpoints[i], local) == 0)
            continue;
        int rc = door_bind (shell->door, endpoints[i], err);
        if (rc < 0)
            return rc;
        log_notice ("listening at %s", endpoints[i]);
    }
    return door_bind (shell->door, local, err);
}

int shell_open_doors (struct shell *shell, struct err *err)
{
    const struct key_pair *pair = &shell->key.pair;
    const char *control = config_control (shell->config, shell->spec->speaker);
    int rc = hub_open (0, &shell->hub, err);
    if (rc == 0)
        rc = zap_open (shell->hub, is_known, shell, &shell->zap, err);
    if (rc == 0)
        rc = door_open (shell->hub, pair, BATCH_INPUTS, &shell->door, err);
    if (rc == 0)
        rc = door_open (shell->hub, pair, CONTROL_BATCH, &shell->control, err);
    if (rc == 0)
        rc = bind_door (shell, err);
    if (rc == 0)
        rc = door_bind (shell->control, control, err);
    if (rc == 0)
        rc = door_self_test (shell->door, shell->hub, shell->zap, err);
    if (rc == 0)
        rc = door_self_test (shell->control, shell->hub, shell->zap, err);
    return rc;
}

/* ---- lines ----------------------------------------------------------------------- */

static const struct client *find_daemon (const struct clients *clients,
                                         enum speaker speaker)
{
    for (size_t i = 0; i < clients_count (clients); i++) {
        const struct client *client = clients_at (clients, i);
        if (client->role == ROLE_DAEMON && client->speaker == speaker)
            return client;
    }
    return NULL;
}

static void open_line (struct shell *shell, struct followed_line *followed,
                       const struct client *daemon)
{
    struct line_options options = {
        .endpoint = config_door (shell->config, followed->speaker),
        .server_key = daemon->key,
        .pair = &shell->key.pair,
        /* On one machine: trying is cheap, and clocks wait for a daemon that is back. */
        .reconnect_max_ms = LINE_RECONNECT_INTERACTIVE_MS,
        .batch = BATCH_LINK_INPUTS,
    };
    struct err err;
    line_close (&followed->line);
    followed->connections = 0;
    followed->take_ms = 0;
    memcpy (followed->key, daemon->key, KEY_SIZE);
    if (line_open (shell->hub, &options, &followed->line, &err) < 0)
        log_error ("cannot follow %s: %s; reload tries again",
                   speaker_name (followed->speaker), err.text);
}

static struct followed_line *line_of (struct shell *shell, enum speaker speaker)
{
    for (size_t i = 0; i < shell->n_lines; i++)
        if (shell->lines[i].speaker == speaker)
            return &shell->lines[i];
    struct followed_line *followed = &shell->lines[shell->n_lines++];
    followed->speaker = speaker;
    return followed;
}

void shell_open_lines (struct shell *shell)
{
    for (size_t i = 0; i < shell->spec->n_follows; i++) {
        enum speaker speaker = shell->spec->follows[i].speaker;
        struct followed_line *followed = line_of (shell, speaker);
        followed->can_wait = shell->spec->follows[i].can_wait;
        const struct client *daemon = find_daemon (core_clients (shell->core), speaker);
        if (daemon == NULL)
            log_error ("cannot follow %s: %s has no row of role daemon with that name",
                       speaker_name (speaker),
                       config_get_text (shell->config, "clients"));
        else if (followed->line == NULL ||
                 memcmp (followed->key, daemon->key, KEY_SIZE) != 0)
            open_line (shell, followed, daemon);
    }
}

void shell_close_sockets (struct shell *shell)
{
    for (size_t i = 0; i < shell->n_lines; i++)
        line_close (&shell->lines[i].line);
    door_close (&shell->door);
    door_close (&shell->control);
    zap_close (&shell->zap);
    hub_close (&shell->hub);
}

/* ---- counts ---------------------------------------------------------------------- */

static void door_gauges (const struct door_counts *counts, const char *door,
                         void (*add) (void *into, const char *name, uint64_t value),
                         void *into)
{
    const struct {
        const char *name, *label;
        uint64_t value;
    } rows[] = {
        { "door_frames_total", "direction=\"in\"", counts->received },
        { "door_frames_total", "direction=\"out\"", counts->sent },
        { "door_bytes_total", "direction=\"in\"", counts->bytes_in },
        { "door_bytes_total", "direction=\"out\"", counts->bytes_out },
        { "door_dropped_total", "reason=\"nameless\"", counts->nameless },
        { "door_dropped_total", "reason=\"malformed\"", counts->malformed },
        { "door_dropped_total", "reason=\"gone\"", counts->gone },
        { "door_dropped_total", "reason=\"full\"", counts->full },
    };
    for (size_t i = 0; i < ARRAY_SIZE (rows); i++) {
        char name[96];
        snprintf (name, sizeof name, "%s{door=\"%s\",%s}", rows[i].name, door,
                  rows[i].label);
        add (into, name, rows[i].value);
    }
    char name[96];
    snprintf (name, sizeof name, "door_connections_ended_total{door=\"%s\"}", door);
    add (into, name, counts->ended);
}

void shell_gauges (void *arg, void (*add) (void *into, const char *name, uint64_t value),
                   void *into)
{
    const struct shell *shell = arg;
    if (shell->control == NULL) /* asked before the doors are open */
        return;
    struct zap_counts zap = zap_counts (shell->zap);
    struct door_counts door = door_counts (shell->door);
    struct door_counts control = door_counts (shell->control);
    door_gauges (&door, "clients", add, into);
    door_gauges (&control, "control", add, into);
    add (into, "handshakes_total{result=\"admitted\"}", zap.admitted);
    add (into, "handshakes_total{result=\"unknown_key\"}", zap.refused);
    add (into, "handshakes_total{result=\"malformed\"}", zap.malformed);
    add (into, "handshakes_total{result=\"no_key\"}", door.unproven + control.unproven);
    add (into, "clock_jumps_total", clock_jumps (shell->clock));
    add (into, "clock_doubted", clock_is_doubting (shell->clock) ? 1 : 0);
}
