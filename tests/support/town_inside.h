/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the town: daemons, letters between them and clients, who are all named by a
 * routing id "daemon-2-1", "client-101-1" (number, how-many-th connection). */
#ifndef MINQING_SUPPORT_TOWN_INSIDE_H
#define MINQING_SUPPORT_TOWN_INSIDE_H

#include "scratch.h"
#include "town.h"

#define PEER_SIZE     48
#define KEY_BYTES     32
#define SETTINGS_MAX  32
#define DAEMON_NUMBER 90000 /* client number of a daemon: this + its speaker */
#define STRANGER_PEER "stranger"

struct letter {
    struct letter *next;
    struct input input; /* peer, key, frame and detail are owned */
};

struct letters {
    struct letter *first, **last;
};

struct daemon {
    const struct service_spec *spec;
    struct core *core;
    char dir[SCRATCH_PATH_SIZE];
    uint8_t key[KEY_BYTES];
    unsigned connection; /* of its links, counted up with every start */
    unsigned deaths;
    struct letters inbox;
    bool is_cut[SPEAKER_COUNT];  /* from this source */
    bool has_clock, is_doubting; /* 'town_doubt' */
};

struct town_client {
    struct town *town;
    struct town_client *next;
    enum role role;
    uint32_t number;
    struct town_client_options options;
    char name[64];
    uint8_t key[KEY_BYTES];
    unsigned connection;
    uint64_t next_counter[SPEAKER_COUNT];
    uint32_t incarnation[SPEAKER_COUNT];
    struct letters inbox;
};

struct town {
    struct town_options options;
    char tables_dir[512];
    struct scratch scratch;
    struct daemon daemons[SPEAKER_COUNT]; /* by speaker; no spec: not here */
    enum speaker order[TOWN_SPECS_MAX];
    size_t n_daemons;
    bool is_started;
    bool must_reload; /* clients were added */
    int64_t now_ms;
    struct town_client *clients; /* newest first */
    struct town_client stranger;
    struct arena arena; /* what was handed out */
    struct setting_pair {
        char path[96], value[256];
    } settings[SETTINGS_MAX];
    size_t n_settings;
    town_effect_fn *effect_fn;
    void *effect_arg;
    size_t n_effects;
    uint64_t last_query;
};

struct bytes town_copy (struct bytes bytes); /* owned: 'town_free_bytes' */
void town_free_bytes (struct bytes bytes);
void letters_init (struct letters *letters);
void letters_put (struct letters *letters, const struct input *input); /* copies */
struct letter *letters_take (struct letters *letters);                 /* or NULL */
void letter_destroy (struct letter **letter);
void letters_clear (struct letters *letters);

void town_start (struct town *town); /* what is not started or reloaded yet */
void town_post (struct town *town, enum speaker speaker, const struct input *input);
struct bytes town_client_peer (const struct town_client *client, char ret[PEER_SIZE]);

#endif
