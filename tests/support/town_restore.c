/* SPDX-License-Identifier: Apache-2.0 */
#include "town_restore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "runtime/restore.h"
#include "town_inside.h"

#define INCARNATIONS_MAX 64

struct town_backup {
    struct keepsake keepsake; /* its bytes are in the arena */
    struct followed *entries; /* likewise */
    size_t count;
    struct arena arena;
};

struct reading {
    const struct town_backup *backup;
    size_t at;
};

static struct daemon *daemon_at (struct town *town, enum speaker speaker)
{
    assert (town->daemons[speaker].spec != NULL);
    return &town->daemons[speaker];
}

/* ---- backup ------------------------------------------------------------------------- */

static void entries_read (struct town_backup *backup, struct core *core, struct txn *txn)
{
    struct journal_reader reader;
    struct journal_record record;
    size_t count = 0;
    int rc;
    backup->entries = ARENA_ARRAY (&backup->arena, struct followed, backup->count + 1);
    journal_reader_init (&reader, core_journal (core), txn, 1, JOURNAL_BODIES);
    while (count < backup->count && (rc = journal_reader_next (&reader, &record)) > 0) {
        struct followed *followed = &backup->entries[count++];
        followed->header = arena_bytes (&backup->arena, record.header);
        followed->body = arena_bytes (&backup->arena, record.body);
        if (!hash_is_zero (&record.body_hash))
            followed->body_hash =
                arena_bytes (&backup->arena, hash_view (&record.body_hash));
    }
    journal_reader_done (&reader);
    assert (count == backup->count);
}

struct town_backup *town_backup_at (struct town *town, enum speaker speaker,
                                    uint64_t sequence)
{
    struct town_backup *backup = calloc (1, sizeof *backup);
    assert (backup != NULL);
    arena_init (&backup->arena, 0);
    if (town_core (town, speaker) == NULL)
        town_restart (town, speaker);
    struct core *core = town_core (town, speaker);
    const struct journal_identity *identity = journal_identity (core_journal (core));
    struct txn *txn = txn_begin_read (core_store (core));
    uint64_t size = journal_size (core_journal (core), txn);
    backup->count = sequence < size ? sequence : size;
    backup->keepsake = (struct keepsake){
        .speaker = speaker,
        .journal = arena_bytes (&backup->arena, BYTES_OF (identity->id)),
        .incarnation = identity->incarnation,
        .secret = arena_bytes (&backup->arena, BYTES (core_secret (core), HASH_KEY_SIZE)),
        .schema = 1,
        .version = "test",
    };
    entries_read (backup, core, txn);
    txn_abort (&txn);
    /* A journal that was restored later than this entry had another name then. */
    struct journal_identity known[INCARNATIONS_MAX];
    size_t n_known = core_incarnations (core, known, INCARNATIONS_MAX);
    assert (n_known <= INCARNATIONS_MAX);
    for (size_t i = n_known; i > 0 && known[i - 1].previous_size >= backup->count; i--) {
        backup->keepsake.incarnation = known[i - 1].incarnation - 1;
        backup->keepsake.journal =
            arena_bytes (&backup->arena, BYTES_OF (known[i - 1].previous_id));
    }
    return backup;
}

struct town_backup *town_backup (struct town *town, enum speaker speaker)
{
    return town_backup_at (town, speaker, UINT64_MAX);
}

void town_backup_destroy (struct town_backup **backup)
{
    if (*backup == NULL)
        return;
    arena_done (&(*backup)->arena);
    free (*backup);
    *backup = NULL;
}

uint64_t town_backup_size (const struct town_backup *backup)
{
    return backup->count;
}

/* ---- restore ------------------------------------------------------------------------ */

static int next_entry (void *arg, struct followed *ret, struct err *err UNUSED)
{
    struct reading *reading = arg;
    if (reading->at == reading->backup->count)
        return 0;
    *ret = reading->backup->entries[reading->at++];
    return 1;
}

static const char *setting_of (void *arg, const char *path)
{
    const struct town *town = arg;
    for (size_t i = 0; i < town->n_settings; i++)
        if (strcmp (town->settings[i].path, path) == 0)
            return town->settings[i].value;
    return NULL;
}

/* The name of the new incarnation: never one that was there, and the same in two runs. */
static void draw (const struct town *town, const struct journal_identity *before,
                  struct core_options *options)
{
    uint8_t parts[24];
    struct hash hash;
    put_be64 (parts, (uint64_t) town->now_ms);
    put_be64 (parts + 8, before->incarnation);
    put_be64 (parts + 16, before->previous_size);
    struct bytes seed[] = { BYTES_OF (before->id), BYTES_OF (parts) };
    hash_parts (seed, ARRAY_SIZE (seed), &hash);
    memset (options->random, 0, sizeof options->random);
    memcpy (options->random, hash.data, sizeof hash.data);
}

static void restore_as (struct town *town, struct daemon *daemon,
                        const struct town_backup *backup, struct restore *restore,
                        const struct journal_identity *before)
{
    struct err err = { 0 };
    struct reading reading = { .backup = backup };
    struct scratch store;
    struct core_options options = {
        .dir = daemon->dir,
        .map_mib = town->options.map_mib,
        .is_volatile = true,
        .setting = setting_of,
        .setting_arg = town,
    };
    static_assert (sizeof store.path == sizeof daemon->dir, "one kind of path");
    memcpy (store.path, daemon->dir, sizeof store.path);
    town_crash (town, daemon->spec->speaker);
    scratch_remove (&store);
    draw (town, before, &options);
    restore->keepsake = &backup->keepsake;
    restore->next = next_entry;
    restore->arg = &reading;
    restore->now_ms = town->now_ms;
    int rc = core_restore (daemon->spec, &options, restore, NULL, &err);
    if (rc < 0)
        log_error ("restoring %s: %s", daemon->spec->name, err.text);
    assert (rc == 0);
    town_restart (town, daemon->spec->speaker);
}

void town_restore (struct town *town, enum speaker speaker,
                   const struct town_backup *backup)
{
    struct journal_identity known[INCARNATIONS_MAX], before;
    if (town_core (town, speaker) == NULL)
        town_restart (town, speaker);
    struct core *core = town_core (town, speaker);
    size_t count = core_incarnations (core, known, INCARNATIONS_MAX);
    assert (count <= INCARNATIONS_MAX);
    before = *journal_identity (core_journal (core));
    struct restore restore = { .lost = known, .n_lost = count };
    restore_as (town, daemon_at (town, speaker), backup, &restore, &before);
}

void town_restore_to (struct town *town, enum speaker speaker, uint64_t sequence)
{
    struct town_backup *backup = town_backup_at (town, speaker, sequence);
    town_restore (town, speaker, backup);
    town_backup_destroy (&backup);
}
