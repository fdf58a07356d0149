/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon's disk is lost and it is restored from a backup: its journal goes on behind the
 * last entry that was saved, as a new incarnation. What it had promised since is gone until
 * those who keep it send it again: so much that must hold at every moment is not asked any
 * more, but at rest every slip is one grievance all the same, journals verify, facts are
 * their folds and the sums agree. */
#include "sim/sim.h"

#include <stdlib.h>

#include "base/hash.h"
#include "runtime/restore.h"

#define INCARNATIONS_MAX 16

struct backup {
    struct keepsake keepsake;
    struct followed *entries;
    size_t count, at;
    struct arena arena;
};

static int next_entry (void *arg, struct followed *ret, struct err *err UNUSED)
{
    struct backup *backup = arg;
    if (backup->at == backup->count)
        return 0;
    *ret = backup->entries[backup->at++];
    return 1;
}

/* The entries up to this one, as they stood when the backup was made. */
static void make_backup (struct daemon *daemon, uint64_t count, struct backup *backup)
{
    struct core *core = daemon->core;
    const struct journal_identity *identity = journal_identity (core_journal (core));
    struct txn *txn = txn_begin_read (core_store (core));
    struct journal_reader reader;
    struct journal_record record;
    arena_init (&backup->arena, 0);
    backup->entries = ARENA_ARRAY (&backup->arena, struct followed, count);
    journal_reader_init (&reader, core_journal (core), txn, 1, JOURNAL_BODIES);
    while (backup->count < count && journal_reader_next (&reader, &record) > 0) {
        struct followed *followed = &backup->entries[backup->count++];
        followed->header = arena_bytes (&backup->arena, record.header);
        followed->body = arena_bytes (&backup->arena, record.body);
        if (!hash_is_zero (&record.body_hash))
            followed->body_hash =
                arena_bytes (&backup->arena, hash_view (&record.body_hash));
    }
    journal_reader_done (&reader);
    txn_abort (&txn);
    backup->keepsake = (struct keepsake){
        .speaker = daemon->speaker,
        .journal = arena_bytes (&backup->arena, BYTES_OF (identity->id)),
        .incarnation = identity->incarnation,
        .secret = arena_bytes (&backup->arena, BYTES (core_secret (core), HASH_KEY_SIZE)),
        .schema = 1,
        .version = "simulated",
    };
}

/* A journal that was restored later than the backup's last entry had another name then. */
static void name_backup (struct backup *backup, const struct journal_identity *known,
                         size_t n_known)
{
    for (size_t i = n_known; i > 0 && known[i - 1].previous_size >= backup->count; i--) {
        backup->keepsake.incarnation = known[i - 1].incarnation - 1;
        backup->keepsake.journal =
            arena_bytes (&backup->arena, BYTES_OF (known[i - 1].previous_id));
    }
}

void daemon_restore (struct sim *sim, struct daemon *daemon, uint64_t count)
{
    struct journal_identity known[INCARNATIONS_MAX];
    struct backup backup = { 0 };
    struct core_options options;
    struct restored restored;
    struct err err = { 0 };
    if (daemon->core == NULL || daemon->is_ahead)
        return;
    size_t n_known = core_incarnations (daemon->core, known, INCARNATIONS_MAX);
    if (n_known == INCARNATIONS_MAX)
        return;
    make_backup (daemon, count, &backup);
    name_backup (&backup, known, n_known);
    daemon_kill (sim, daemon);
    disk_remove (daemon->dir);
    disk_options (sim, daemon, &options);
    struct restore restore = { .keepsake = &backup.keepsake,
                               .next = next_entry,
                               .arg = &backup,
                               .lost = known,
                               .n_lost = n_known,
                               .now_ms = sim->now_ms };
    TRACE (sim, "%s is restored up to entry %llu of %llu", daemon->node.name,
           (unsigned long long) count, (unsigned long long) daemon->head);
    sim->counts.restorations++;
    if (core_restore (daemon->spec, &options, &restore, &restored, &err) < 0)
        sim_complain (sim, "%s is not restored: %s", daemon->node.name, err.text);
    arena_done (&backup.arena);
    watch_restored (sim, daemon);
    node_restart_in (sim, &daemon->node, dice_between (sim, DICE_FATE, 1, 600000));
}
