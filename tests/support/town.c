/* SPDX-License-Identifier: Apache-2.0 */
/* The town's daemons, its post office and its clock. One round asks every daemon that
 * has letters or errands for a turn, in the order they were named; rounds go on until
 * nobody has any. So a run is a function of the calls made. */
#include "town_inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/log.h"
#include "wire/names.h"

#define START_MS   INT64_C (1795395600000) /* Monday 2026-11-23 09:00 at UTC+8 */
#define ROUNDS_MAX 1000000                 /* nobody is quiet after so many: a loop */
#define BATCH_MAX  64
#define MAP_MIB    64

/* ---- letters ------------------------------------------------------------------------ */

struct bytes town_copy (struct bytes bytes)
{
    if (bytes.data == NULL)
        return bytes;
    uint8_t *copy = malloc (bytes.size + 1);
    assert (copy != NULL);
    memcpy (copy, bytes.data, bytes.size);
    return BYTES (copy, bytes.size);
}

void town_free_bytes (struct bytes bytes)
{
    free ((void *) (uintptr_t) bytes.data);
}

void letters_init (struct letters *letters)
{
    letters->first = NULL;
    letters->last = &letters->first;
}

void letters_put (struct letters *letters, const struct input *input)
{
    struct letter *letter = calloc (1, sizeof *letter);
    assert (letter != NULL);
    letter->input = *input;
    letter->input.peer = town_copy (input->peer);
    letter->input.key = town_copy (input->key);
    letter->input.frame = town_copy (input->frame);
    letter->input.detail = input->detail != NULL ? strdup (input->detail) : NULL;
    *letters->last = letter;
    letters->last = &letter->next;
}

struct letter *letters_take (struct letters *letters)
{
    struct letter *letter = letters->first;
    if (letter == NULL)
        return NULL;
    letters->first = letter->next;
    if (letters->first == NULL)
        letters->last = &letters->first;
    return letter;
}

void letter_destroy (struct letter **letter)
{
    if (*letter == NULL)
        return;
    town_free_bytes ((*letter)->input.peer);
    town_free_bytes ((*letter)->input.key);
    town_free_bytes ((*letter)->input.frame);
    free ((void *) (uintptr_t) (*letter)->input.detail);
    free (TAKE (*letter));
}

void letters_clear (struct letters *letters)
{
    struct letter *letter;
    while ((letter = letters_take (letters)) != NULL)
        letter_destroy (&letter);
}

/* ---- clients.tsv -------------------------------------------------------------------- */

static void line_of_key (struct buffer *tsv, const uint8_t key[KEY_BYTES])
{
    char text[HASH_TEXT_SIZE];
    struct hash hash;
    memcpy (hash.data, key, sizeof hash.data);
    hash_text (&hash, text);
    buffer_append (tsv, text, strlen (text));
}

static void line_add (struct buffer *tsv, uint32_t number, enum role role,
                      const uint8_t key[KEY_BYTES], uint64_t territory,
                      uint32_t department, const char *name)
{
    char text[160];
    int size = snprintf (text, sizeof text, "%u\t%s\t", number, role_name (role));
    buffer_append (tsv, text, (size_t) size);
    line_of_key (tsv, key);
    size = territory != 0
               ? snprintf (text, sizeof text, "\t%llu\t", (unsigned long long) territory)
               : snprintf (text, sizeof text, "\t\t");
    buffer_append (tsv, text, (size_t) size);
    size = department != 0 ? snprintf (text, sizeof text, "%u\t%s\n", department, name)
                           : snprintf (text, sizeof text, "\t%s\n", name);
    buffer_append (tsv, text, (size_t) size);
}

static void clients_tsv (const struct town *town, struct buffer *tsv)
{
    static const char header[] = "number\trole\tkey\tterritory\tdepartment\tname\n";
    buffer_append (tsv, header, sizeof header - 1);
    for (size_t i = 0; i < town->n_daemons; i++) {
        enum speaker speaker = town->order[i];
        line_add (tsv, DAEMON_NUMBER + speaker, ROLE_DAEMON, town->daemons[speaker].key,
                  0, 0, speaker_name (speaker));
    }
    for (const struct town_client *client = town->clients; client != NULL;
         client = client->next)
        line_add (tsv, client->number, client->role, client->key,
                  client->options.territory, client->options.department, client->name);
}

/* ---- daemons ------------------------------------------------------------------------ */

static struct daemon *daemon_of (struct town *town, enum speaker speaker)
{
    assert (speaker > SPEAKER_NONE && speaker < SPEAKER_COUNT &&
            town->daemons[speaker].spec != NULL);
    return &town->daemons[speaker];
}

static const char *setting_of_town (void *arg, const char *path)
{
    const struct town *town = arg;
    for (size_t i = 0; i < town->n_settings; i++)
        if (strcmp (town->settings[i].path, path) == 0)
            return town->settings[i].value;
    return NULL;
}

static struct bytes link_peer (const struct daemon *daemon, char ret[PEER_SIZE])
{
    snprintf (ret, PEER_SIZE, "daemon-%u-%u", daemon->spec->speaker, daemon->connection);
    return bytes_of_text (ret);
}

/* What its shell would say of time. */
static void clock_tell (const struct town *town, const struct daemon *daemon)
{
    struct trust trust = { .state = daemon->is_doubting ? TRUST_JUMPED : TRUST_SURE,
                           .trusted_ms = town->now_ms,
                           .boot_ms = town->now_ms,
                           .boot = { 1 } };
    if (daemon->has_clock && daemon->core != NULL)
        core_trust (daemon->core, &trust);
}

void town_doubt (struct town *town, enum speaker speaker, bool is_doubting)
{
    for (size_t i = 0; i < town->n_daemons; i++) {
        struct daemon *daemon = &town->daemons[town->order[i]];
        if (speaker != SPEAKER_NONE && town->order[i] != speaker)
            continue;
        daemon->has_clock = true;
        daemon->is_doubting = is_doubting;
        clock_tell (town, daemon);
    }
}

static int tables_give (struct town *town, struct daemon *daemon, struct err *err)
{
    struct rules_files files;
    struct buffer tsv = { 0 };
    int rc = rules_read_dir (&files, town->tables_dir, err);
    if (rc < 0)
        return rc;
    clients_tsv (town, &tsv);
    clock_tell (town, daemon);
    rc = core_start (daemon->core, files.sources, buffer_bytes (&tsv), town->now_ms, err);
    buffer_done (&tsv);
    rules_files_done (&files);
    return rc;
}

static void fail_on (int rc, const struct err *err, const char *what)
{
    if (rc < 0)
        log_error ("%s: %s", what, err->text);
    assert (rc >= 0);
}

static void daemon_open (struct town *town, struct daemon *daemon)
{
    struct err err = { 0 };
    struct core_options options = {
        .dir = daemon->dir,
        .map_mib = town->options.map_mib,
        .is_volatile = true,
        .setting = setting_of_town,
        .setting_arg = town,
    };
    for (size_t i = 0; i < sizeof options.random; i++)
        options.random[i] = (uint8_t) (i * 7 + (size_t) daemon->spec->speaker);
    fail_on (core_open (daemon->spec, &options, &daemon->core, &err), &err,
             daemon->spec->name);
}

/* Its links connect to those who are up, and theirs to it. */
static void daemon_connect (struct town *town, struct daemon *daemon)
{
    daemon->connection++;
    for (size_t i = 0; i < daemon->spec->n_follows; i++) {
        enum speaker source = daemon->spec->follows[i].speaker;
        if (town->daemons[source].core != NULL && !daemon->is_cut[source])
            core_connected (daemon->core, source);
    }
    for (size_t i = 0; i < town->n_daemons; i++) {
        struct daemon *other = &town->daemons[town->order[i]];
        for (size_t j = 0; other->core != NULL && j < other->spec->n_follows; j++)
            if (other->spec->follows[j].speaker == daemon->spec->speaker &&
                !other->is_cut[daemon->spec->speaker])
                core_connected (other->core, daemon->spec->speaker);
    }
}

static void daemon_up (struct town *town, struct daemon *daemon)
{
    struct err err = { 0 };
    daemon_open (town, daemon);
    fail_on (tables_give (town, daemon, &err), &err, daemon->spec->name);
    daemon_connect (town, daemon);
}

void town_start (struct town *town)
{
    struct err err = { 0 };
    for (size_t i = 0; i < town->n_daemons && !town->is_started; i++)
        daemon_up (town, &town->daemons[town->order[i]]);
    if (town->is_started && town->must_reload)
        for (size_t i = 0; i < town->n_daemons; i++) {
            struct daemon *daemon = &town->daemons[town->order[i]];
            if (daemon->core != NULL)
                fail_on (tables_give (town, daemon, &err), &err, daemon->spec->name);
        }
    town->is_started = true;
    town->must_reload = false;
}

static void daemon_down (struct town *town, struct daemon *daemon, bool clean)
{
    char peer[PEER_SIZE];
    struct input gone = { .kind = INPUT_GONE, .peer = link_peer (daemon, peer) };
    if (daemon->core == NULL)
        return;
    core_close (&daemon->core, clean);
    letters_clear (&daemon->inbox);
    for (size_t i = 0; i < town->n_daemons; i++)
        if (town->daemons[town->order[i]].core != NULL)
            letters_put (&town->daemons[town->order[i]].inbox, &gone);
}

/* ---- the post office ---------------------------------------------------------------- */

void town_post (struct town *town, enum speaker speaker, const struct input *input)
{
    struct daemon *daemon = daemon_of (town, speaker);
    if (daemon->core != NULL)
        letters_put (&daemon->inbox, input);
}

static void post_link (struct town *town, struct daemon *from,
                       const struct output *output)
{
    char peer[PEER_SIZE];
    if (town->daemons[output->link].spec == NULL || from->is_cut[output->link])
        return;
    town_post (town, output->link,
               &(struct input){ .kind = INPUT_DOOR,
                                .peer = link_peer (from, peer),
                                .key = BYTES (from->key, KEY_BYTES),
                                .frame = output->frame });
}

/* To whoever has that routing id; nobody: it is gone. */
static void post_door (struct town *town, struct daemon *from,
                       const struct output *output)
{
    char peer[PEER_SIZE];
    enum speaker speaker = from->spec->speaker;
    struct input answer = { .kind = INPUT_LINK, .link = speaker, .frame = output->frame };
    for (size_t i = 0; i < town->n_daemons; i++) {
        struct daemon *to = &town->daemons[town->order[i]];
        if (!bytes_equal (link_peer (to, peer), output->peer))
            continue;
        if (!to->is_cut[speaker])
            town_post (town, town->order[i], &answer);
        return;
    }
    for (struct town_client *client = town->clients; client != NULL;
         client = client->next)
        if (bytes_equal (town_client_peer (client, peer), output->peer))
            letters_put (&client->inbox, &answer);
    if (bytes_equal (bytes_of_text (STRANGER_PEER), output->peer))
        letters_put (&town->stranger.inbox, &answer);
}

static void do_effect (struct town *town, struct daemon *daemon,
                       const struct effect *effect)
{
    town->n_effects++;
    int sysexit = town->effect_fn != NULL
                      ? town->effect_fn (town->effect_arg, daemon->spec->speaker, effect)
                      : 0;
    if (sysexit != TOWN_PENDING)
        town_finish (town, daemon->spec->speaker, effect->id, sysexit, "as scripted");
}

void town_finish (struct town *town, enum speaker speaker, uint64_t effect, int sysexit,
                  const char *detail)
{
    town_post (town, speaker,
               &(struct input){ .kind = INPUT_RESULT,
                                .effect = effect,
                                .sysexit = sysexit,
                                .detail = detail });
}

static void deliver (struct town *town, struct daemon *from, const struct outbox *outbox)
{
    for (size_t i = 0; i < outbox->n_outputs; i++) {
        const struct output *output = &outbox->outputs[i];
        switch (output->kind) {
        case OUTPUT_LINK:
            post_link (town, from, output);
            break;
        case OUTPUT_DOOR:
        case OUTPUT_CONTROL:
            post_door (town, from, output);
            break;
        case OUTPUT_EFFECT:
            do_effect (town, from, &output->effect);
            break;
        }
    }
}

/* ---- turns -------------------------------------------------------------------------- */

static void daemon_turn (struct town *town, struct daemon *daemon)
{
    struct letter **batch = calloc (town->options.batch_max, sizeof *batch);
    struct input *inputs = calloc (town->options.batch_max, sizeof *inputs);
    struct outbox *outbox;
    struct err err = { 0 };
    size_t count = 0;
    assert (batch != NULL && inputs != NULL);
    while (count < town->options.batch_max &&
           (batch[count] = letters_take (&daemon->inbox)) != NULL) {
        inputs[count] = batch[count]->input;
        count++;
    }
    clock_tell (town, daemon);
    int rc = core_turn (daemon->core, inputs, count, town->now_ms, &outbox, &err);
    if (rc == 0)
        deliver (town, daemon, outbox);
    for (size_t i = 0; i < count; i++)
        letter_destroy (&batch[i]);
    free (batch);
    free (inputs);
    if (rc < 0) {
        daemon->deaths++;
        daemon_down (town, daemon, false);
        daemon_up (town, daemon);
    }
}

static bool wants_turn (const struct town *town, struct daemon *daemon)
{
    return daemon->core != NULL &&
           (daemon->inbox.first != NULL ||
            core_wake_ms (daemon->core, town->now_ms) <= town->now_ms);
}

void town_settle (struct town *town)
{
    bool is_busy = true;
    town_start (town);
    for (unsigned round = 0; is_busy; round++) {
        assert (round < ROUNDS_MAX);
        is_busy = false;
        for (size_t i = 0; i < town->n_daemons; i++) {
            struct daemon *daemon = &town->daemons[town->order[i]];
            if (!wants_turn (town, daemon))
                continue;
            is_busy = true;
            daemon_turn (town, daemon);
        }
    }
}

/* ---- time --------------------------------------------------------------------------- */

int64_t town_now_ms (const struct town *town)
{
    return town->now_ms;
}

static int64_t next_errand_ms (struct town *town)
{
    int64_t next_ms = INT64_MAX;
    for (size_t i = 0; i < town->n_daemons; i++) {
        struct daemon *daemon = &town->daemons[town->order[i]];
        if (daemon->core == NULL)
            continue;
        int64_t own_ms = core_errand_ms (daemon->core, town->now_ms);
        if (own_ms < next_ms)
            next_ms = own_ms;
    }
    return next_ms > town->now_ms ? next_ms : town->now_ms + 1;
}

bool town_step_to_next (struct town *town, int64_t ms)
{
    town_settle (town);
    int64_t until_ms = town->now_ms + ms, next_ms = next_errand_ms (town);
    town->now_ms = next_ms < until_ms ? next_ms : until_ms;
    town_settle (town);
    return next_ms <= until_ms;
}

void town_step_until (struct town *town, int64_t at_ms)
{
    assert (at_ms >= town->now_ms);
    town_settle (town);
    while (town->now_ms < at_ms)
        town_step_to_next (town, at_ms - town->now_ms);
}

void town_step (struct town *town, int64_t ms)
{
    town_step_until (town, town->now_ms + ms);
}

/* ---- fate --------------------------------------------------------------------------- */

struct core *town_core (struct town *town, enum speaker speaker)
{
    town_start (town);
    return daemon_of (town, speaker)->core;
}

void town_crash (struct town *town, enum speaker speaker)
{
    daemon_down (town, daemon_of (town, speaker), false);
}

void town_stop (struct town *town, enum speaker speaker)
{
    daemon_down (town, daemon_of (town, speaker), true);
}

void town_restart (struct town *town, enum speaker speaker)
{
    struct daemon *daemon = daemon_of (town, speaker);
    daemon_down (town, daemon, false);
    daemon_up (town, daemon);
}

void town_erase (struct town *town, enum speaker speaker)
{
    struct daemon *daemon = daemon_of (town, speaker);
    struct scratch store;
    daemon_down (town, daemon, false);
    snprintf (store.path, sizeof store.path, "%.200s/%s", town->scratch.path,
              daemon->spec->name);
    scratch_remove (&store);
    daemon_up (town, daemon);
}

unsigned town_deaths (const struct town *town, enum speaker speaker)
{
    return town->daemons[speaker].deaths;
}

void town_fail_store (struct town *town, enum speaker speaker, unsigned n, int code)
{
    store_fail_at (core_store (town_core (town, speaker)), n, code);
}

void town_cut (struct town *town, enum speaker follower, enum speaker source)
{
    char peer[PEER_SIZE];
    struct daemon *daemon = daemon_of (town, follower);
    daemon->is_cut[source] = true;
    town_post (town, source,
               &(struct input){ .kind = INPUT_GONE, .peer = link_peer (daemon, peer) });
}

void town_mend (struct town *town, enum speaker follower, enum speaker source)
{
    struct daemon *daemon = daemon_of (town, follower);
    daemon->is_cut[source] = false;
    if (daemon->core != NULL && town->daemons[source].core != NULL)
        core_connected (daemon->core, source);
}

int town_reload (struct town *town, const char *tables_dir, struct err *err)
{
    char before[sizeof town->tables_dir];
    town_start (town);
    memcpy (before, town->tables_dir, sizeof before);
    snprintf (town->tables_dir, sizeof town->tables_dir, "%s", tables_dir);
    int rc = 0;
    for (size_t i = 0; i < town->n_daemons && rc == 0; i++)
        if (town->daemons[town->order[i]].core != NULL)
            rc = tables_give (town, &town->daemons[town->order[i]], err);
    if (rc < 0)
        memcpy (town->tables_dir, before, sizeof before);
    return rc;
}

bool town_rebuild (struct town *town, enum speaker speaker)
{
    struct daemon *daemon = daemon_of (town, speaker);
    struct err err = { 0 };
    town_start (town);
    daemon_down (town, daemon, true);
    daemon_open (town, daemon);
    struct hash before = town_digest (town, speaker);
    fail_on (core_rebuild (daemon->core, &err), &err, "rebuild");
    struct hash after = town_digest (town, speaker);
    fail_on (tables_give (town, daemon, &err), &err, daemon->spec->name);
    daemon_connect (town, daemon);
    return hash_equal (&before, &after);
}

/* ---- the town ----------------------------------------------------------------------- */

struct town *town_create (const struct town_options *options)
{
    const char *level = getenv ("TOWN_LOG");
    struct town *town = calloc (1, sizeof *town);
    assert (town != NULL);
    int rc = log_set_level (level != NULL ? level : "critical");
    assert (rc == 0);
    town->options = *options;
    town->scratch = scratch_make ();
    town->now_ms = options->start_ms != 0 ? options->start_ms : START_MS;
    if (town->options.map_mib == 0)
        town->options.map_mib = MAP_MIB;
    if (town->options.batch_max == 0)
        town->options.batch_max = BATCH_MAX;
    snprintf (town->tables_dir, sizeof town->tables_dir, "%s", options->tables_dir);
    arena_init (&town->arena, 0);
    letters_init (&town->stranger.inbox);
    for (size_t i = 0; i < TOWN_SPECS_MAX && options->specs[i] != NULL; i++) {
        const struct service_spec *spec = options->specs[i];
        struct daemon *daemon = &town->daemons[spec->speaker];
        daemon->spec = spec;
        memset (daemon->key, 0xD0 + (int) spec->speaker, sizeof daemon->key);
        snprintf (daemon->dir, sizeof daemon->dir, "%.200s/%s", town->scratch.path,
                  spec->name);
        letters_init (&daemon->inbox);
        town->order[town->n_daemons++] = spec->speaker;
    }
    return town;
}

void town_destroy (struct town **place)
{
    struct town *town = *place;
    if (town == NULL)
        return;
    *place = NULL;
    for (size_t i = 0; i < town->n_daemons; i++)
        daemon_down (town, &town->daemons[town->order[i]], true);
    for (size_t i = 0; i < town->n_daemons; i++)
        letters_clear (&town->daemons[town->order[i]].inbox);
    while (town->clients != NULL) {
        struct town_client *client = town->clients;
        town->clients = client->next;
        letters_clear (&client->inbox);
        free (client);
    }
    letters_clear (&town->stranger.inbox);
    arena_done (&town->arena);
    scratch_remove (&town->scratch);
    free (town);
}

void town_set (struct town *town, const char *path, const char *value)
{
    assert (!town->is_started && town->n_settings < SETTINGS_MAX);
    struct setting_pair *pair = &town->settings[town->n_settings++];
    snprintf (pair->path, sizeof pair->path, "%s", path);
    snprintf (pair->value, sizeof pair->value, "%s", value);
}

void town_on_effect (struct town *town, town_effect_fn *fn, void *arg)
{
    town->effect_fn = fn;
    town->effect_arg = arg;
}

size_t town_effects (const struct town *town)
{
    return town->n_effects;
}
