/* SPDX-License-Identifier: Apache-2.0 */
/* Stores lie on a file system in memory. A fresh one is laid from a template: what a first
 * start on the shipped tables leaves, made once in a process, since eleven tables cost more
 * to journal than a simulated day. What the disk has and what a power cut would leave are
 * the same but behind a commit that failed: then daemon.c keeps what was there before. */
#include "sim/sim.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/hash.h"
#include "escalation/escalation.h"
#include "intake/intake.h"
#include "notification/notification.h"
#include "routing/routing.h"
#include "sim/disk.h"
#include "support/scratch.h"
#include "wire/names.h"

#define MAP_MIB         32
#define TEMPLATE_ROUNDS 8
#define LETTERS_MAX     64
#define TMPFS           0x01021994
#define DAEMON_NUMBER   90000 /* client number of a daemon: this + its speaker */
#define TEMPLATE_START  INT64_C (1756684800000) /* 2025-09-01 08:00 at UTC+8 */

static struct scratch scratch;
static struct buffer templates[SIM_DAEMONS];
static struct rules *rules; /* held, so that no seed parses them again */

const struct service_spec *const disk_specs[SIM_DAEMONS] = {
    &intake_service, &routing_service, &escalation_service, &notification_service
};

/* ---- files -------------------------------------------------------------------------- */

static void path_of (const char *dir, char ret[PATH_BYTES])
{
    int length = snprintf (ret, PATH_BYTES, "%.200s/data.mdb", dir);
    assert (length < PATH_BYTES);
}

/* The file may be as long as the map; what is written ends where its last data ends. */
static off_t data_end (int file)
{
    off_t end = 0, at = 0;
    while ((at = lseek (file, at, SEEK_DATA)) >= 0) {
        at = lseek (file, at, SEEK_HOLE);
        end = at;
    }
    return end;
}

static void read_file (const char *dir, struct buffer *ret)
{
    char path[PATH_BYTES];
    path_of (dir, path);
    int file = open (path, O_RDONLY | O_CLOEXEC);
    assert (file >= 0);
    size_t size = (size_t) data_end (file);
    buffer_clear (ret);
    uint8_t *data = buffer_extend (ret, size);
    ssize_t got = pread (file, data, size, 0);
    assert (got == (ssize_t) size);
    close (file);
}

static void write_file (const char *dir, struct bytes content)
{
    char path[PATH_BYTES];
    mkdir (dir, 0700);
    path_of (dir, path);
    int file = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert (file >= 0);
    ssize_t done = write (file, content.data, content.size);
    assert (done == (ssize_t) content.size);
    close (file);
}

void disk_remove (const char *dir)
{
    char path[PATH_BYTES];
    path_of (dir, path);
    unlink (path);
    snprintf (path, sizeof path, "%.200s/lock.mdb", dir);
    unlink (path);
    snprintf (path, sizeof path, "%.200s/store.made", dir);
    unlink (path);
}

void disk_read (const struct daemon *daemon, struct buffer *ret)
{
    read_file (daemon->dir, ret);
}

void disk_write (const struct daemon *daemon, struct bytes content)
{
    write_file (daemon->dir, content);
}

void disk_lay (const struct daemon *daemon)
{
    disk_remove (daemon->dir);
    write_file (daemon->dir, buffer_bytes (&templates[daemon->speaker - 1]));
}

const char *disk_dir (void)
{
    return scratch.path;
}

/* ---- keys --------------------------------------------------------------------------- */

void disk_key_of_client (uint32_t number, uint8_t ret[KEY_BYTES])
{
    for (size_t i = 0; i < KEY_BYTES; i++)
        ret[i] = (uint8_t) (i + 1);
    put_be32 (ret, number);
}

void disk_key_of_daemon (enum speaker speaker, uint8_t ret[KEY_BYTES])
{
    memset (ret, 0xD0 + (int) speaker, KEY_BYTES);
}

static void add_line (struct buffer *tsv, const struct crowd_client *client,
                      const uint8_t key[KEY_BYTES], const char *name)
{
    char line[300], text[HASH_TEXT_SIZE], territory[24] = "", department[16] = "";
    struct hash hash;
    memcpy (hash.data, key, sizeof hash.data);
    hash_text (&hash, text);
    if (client->territory != 0)
        snprintf (territory, sizeof territory, "%llu",
                  (unsigned long long) client->territory);
    if (client->department != 0)
        snprintf (department, sizeof department, "%u", client->department);
    int size = snprintf (line, sizeof line, "%u\t%s\t%s\t%s\t%s\t%s\n", client->number,
                         role_name (client->role), text, territory, department, name);
    buffer_append (tsv, line, (size_t) size);
}

static void make_clients (struct buffer *tsv)
{
    static const char header[] = "number\trole\tkey\tterritory\tdepartment\tname\n";
    uint8_t key[KEY_BYTES];
    buffer_append (tsv, header, sizeof header - 1);
    for (size_t i = 0; i < SIM_DAEMONS; i++) {
        enum speaker speaker = disk_specs[i]->speaker;
        struct crowd_client client = { .number = DAEMON_NUMBER + speaker,
                                       .role = ROLE_DAEMON };
        disk_key_of_daemon (speaker, key);
        add_line (tsv, &client, key, speaker_name (speaker));
    }
    for (size_t i = 0; i < CROWD_CLIENTS; i++) {
        struct crowd_client client = crowd_client (i);
        disk_key_of_client (client.number, key);
        add_line (tsv, &client, key, "client");
    }
}

/* ---- templates ---------------------------------------------------------------------- */

void disk_options (struct sim *sim, const struct daemon *daemon,
                   struct core_options *ret_options)
{
    *ret_options = (struct core_options){ .dir = daemon->dir,
                                          .map_mib = MAP_MIB,
                                          .is_volatile = true };
    if (sim != NULL && sim->options.map_mib != 0)
        ret_options->map_mib = sim->options.map_mib;
    if (sim != NULL)
        dice_fill (sim, DICE_DISK, ret_options->random, sizeof ret_options->random);
}

static void start_template (struct daemon *daemon, const struct rules_files *files,
                            struct bytes clients_tsv)
{
    struct core_options options;
    struct err err = { 0 };
    disk_remove (daemon->dir);
    disk_options (NULL, daemon, &options);
    for (size_t i = 0; i < sizeof options.random; i++)
        options.random[i] = (uint8_t) (i * 7 + daemon->speaker);
    int rc = core_open (daemon->spec, &options, &daemon->core, &err);
    if (rc == 0)
        rc = core_start (daemon->core, files->sources, clients_tsv, TEMPLATE_START, &err);
    if (rc < 0)
        fprintf (stderr, "%s: %s\n", daemon->spec->name, err.text);
    assert (rc == 0);
    for (size_t i = 0; i < daemon->spec->n_follows; i++)
        core_connected (daemon->core, daemon->spec->follows[i].speaker);
}

struct letters {
    struct input inputs[LETTERS_MAX];
    size_t count;
};

static void letter_put (struct letters *letters, struct arena *arena, struct input input)
{
    assert (letters->count < LETTERS_MAX);
    input.peer = arena_bytes (arena, input.peer);
    input.frame = arena_bytes (arena, input.frame);
    letters->inputs[letters->count++] = input;
}

/* One turn each, and what they say to each other; a peer is named by its speaker. */
static void exchange (struct daemon *daemons, struct letters *letters,
                      struct arena *arena)
{
    for (size_t i = 0; i < SIM_DAEMONS; i++) {
        struct daemon *daemon = &daemons[i];
        struct outbox *outbox;
        struct err err = { 0 };
        uint8_t self = (uint8_t) daemon->speaker;
        int rc = core_turn (daemon->core, letters[i].inputs, letters[i].count,
                            TEMPLATE_START, &outbox, &err);
        assert (rc == 0);
        letters[i].count = 0;
        for (size_t j = 0; j < outbox->n_outputs; j++) {
            const struct output *output = &outbox->outputs[j];
            if (output->kind == OUTPUT_LINK)
                letter_put (&letters[output->link - 1], arena,
                            (struct input){ .kind = INPUT_DOOR,
                                            .peer = BYTES_OF (self),
                                            .key = BYTES (daemon->node.key, KEY_BYTES),
                                            .frame = output->frame });
            else if (output->kind == OUTPUT_DOOR)
                letter_put (&letters[output->peer.data[0] - 1], arena,
                            (struct input){ .kind = INPUT_LINK,
                                            .link = daemon->speaker,
                                            .frame = output->frame });
        }
    }
}

/* They have followed each other's first entries: eleven tables each, with their bodies. */
static void make_templates (const struct rules_files *files, struct bytes clients_tsv)
{
    struct daemon daemons[SIM_DAEMONS] = { 0 };
    struct letters *letters = calloc (SIM_DAEMONS, sizeof *letters);
    struct arena arena;
    assert (letters != NULL);
    arena_init (&arena, 0);
    for (size_t i = 0; i < SIM_DAEMONS; i++) {
        daemons[i].spec = disk_specs[i];
        daemons[i].speaker = disk_specs[i]->speaker;
        snprintf (daemons[i].dir, sizeof daemons[i].dir, "%.200s/template-%zu",
                  scratch.path, i);
        disk_key_of_daemon (daemons[i].speaker, daemons[i].node.key);
        start_template (&daemons[i], files, clients_tsv);
    }
    for (unsigned round = 0; round < TEMPLATE_ROUNDS; round++)
        exchange (daemons, letters, &arena);
    for (size_t i = 0; i < SIM_DAEMONS; i++) {
        core_close (&daemons[i].core, true);
        read_file (daemons[i].dir, &templates[i]);
    }
    arena_done (&arena);
    free (letters);
}

/* tmpfs: $TMPDIR where it is one, or /dev/shm; else whatever there is, slower. */
static void choose_place (void)
{
    const char *place = getenv ("TMPDIR");
    struct statfs status;
    if (place != NULL && statfs (place, &status) == 0 && status.f_type == TMPFS)
        return;
    if (statfs ("/dev/shm", &status) == 0 && status.f_type == TMPFS)
        setenv ("TMPDIR", "/dev/shm", 1);
}

void disk_open (void)
{
    struct rules_files files;
    struct buffer tsv = { 0 };
    struct err err = { 0 };
    choose_place ();
    /* LMDB takes two megabytes of zeros with every store: let the kernel give them. */
    mallopt (M_MMAP_THRESHOLD, 1 << 20);
    scratch = scratch_make ();
    int rc = rules_read_dir (&files, SOURCE_DIR "/deploy/config/tables", &err);
    if (rc < 0)
        fprintf (stderr, "%s\n", err.text);
    assert (rc == 0);
    rc = rules_parse (&rules, files.sources, &err);
    assert (rc == 0);
    make_clients (&tsv);
    make_templates (&files, buffer_bytes (&tsv));
    buffer_done (&tsv);
    rules_files_done (&files);
}

void disk_close (void)
{
    for (size_t i = 0; i < SIM_DAEMONS; i++)
        buffer_done (&templates[i]);
    rules_destroy (&rules);
    scratch_remove (&scratch);
}
