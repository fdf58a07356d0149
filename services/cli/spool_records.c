/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/spool_records.h"

#include "cli/cli.h"

#include "base/civil.h"
#include "store/cursor.h"
#include "wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

struct key spool_key_u64 (uint64_t value)
{
    struct key key;
    key_init (&key);
    key_u64 (&key, value);
    return key;
}

struct key spool_key_door (enum speaker speaker)
{
    struct key key;
    key_init (&key);
    key_u8 (&key, (uint8_t) speaker);
    return key;
}

struct key spool_key_counter (enum speaker speaker, uint64_t counter)
{
    struct key key = spool_key_door (speaker);
    key_u64 (&key, counter);
    return key;
}

struct spool_door spool_get_door (struct txn *txn, enum speaker speaker)
{
    struct key key = spool_key_door (speaker);
    struct bytes value;
    if (!txn_get (txn, SPOOL_DOORS, key_view (&key), &value))
        return (struct spool_door){ .next = 1 };
    return (struct spool_door){
        .incarnation = key_take_u32 (&value),
        .next = key_take_u64 (&value),
        .acked = key_take_u64 (&value),
        .shift = key_take_u64 (&value),
        .pruned = key_take_u64 (&value), /* a door of before has no more: 0 */
        .opened = key_take_u32 (&value),
        .takes_over = key_take_u8 (&value) != 0,
    };
}

void spool_put_door (struct txn *txn, enum speaker speaker, const struct spool_door *door)
{
    struct key key = spool_key_door (speaker), value;
    key_init (&value);
    key_u32 (&value, door->incarnation);
    key_u64 (&value, door->next);
    key_u64 (&value, door->acked);
    key_u64 (&value, door->shift);
    key_u64 (&value, door->pruned);
    key_u32 (&value, door->opened);
    key_u8 (&value, door->takes_over);
    txn_put (txn, SPOOL_DOORS, key_view (&key), key_view (&value));
}

/* ---- stretches ------------------------------------------------------------------- */

static struct key stretch_key (enum speaker speaker, uint32_t incarnation)
{
    struct key key = spool_key_door (speaker);
    key_u32 (&key, incarnation);
    return key;
}

void spool_get_stretches (struct txn *txn, enum speaker speaker,
                          const struct spool_door *door, struct spool_stretches *ret)
{
    struct key prefix = spool_key_door (speaker);
    CLEANUP (cursor_done) struct cursor cursor;
    ret->count = 0;
    cursor_init (&cursor, txn, SPOOL_STRETCHES);
    for (cursor_seek (&cursor, key_view (&prefix));
         ret->count < SPOOL_STRETCHES_MAX &&
         cursor_is_within (&cursor, key_view (&prefix));
         cursor_next (&cursor)) {
        struct bytes key = cursor_key (&cursor), value = cursor_value (&cursor);
        key_take_u8 (&key);
        ret->of[ret->count++] = (struct spool_stretch){
            .incarnation = key_take_u32 (&key),
            .first = key_take_u64 (&value),
            .enrols = key_take_u8 (&value) != 0,
            .since_ms = (int64_t) key_take_u64 (&value),
        };
    }
    if (ret->count == 0 && door->incarnation != 0)
        ret->of[ret->count++] =
            (struct spool_stretch){ .incarnation = door->incarnation, .first = 1 };
}

void spool_put_stretch (struct txn *txn, enum speaker speaker,
                        const struct spool_stretch *stretch)
{
    struct key key = stretch_key (speaker, stretch->incarnation), value;
    key_init (&value);
    key_u64 (&value, stretch->first);
    key_u8 (&value, stretch->enrols);
    key_u64 (&value, (uint64_t) stretch->since_ms);
    txn_put (txn, SPOOL_STRETCHES, key_view (&key), key_view (&value));
}

void spool_delete_stretch (struct txn *txn, enum speaker speaker, uint32_t incarnation)
{
    struct key key = stretch_key (speaker, incarnation);
    txn_delete (txn, SPOOL_STRETCHES, key_view (&key));
}

const struct spool_stretch *spool_stretch_of (const struct spool_stretches *stretches,
                                              uint64_t counter)
{
    const struct spool_stretch *found = NULL;
    for (size_t i = 0; i < stretches->count; i++)
        if (found == NULL || stretches->of[i].first <= counter)
            found = &stretches->of[i];
    return found;
}

uint64_t spool_way_counter (const struct spool_stretch *stretch, uint64_t counter)
{
    return counter - stretch->first + 1 + stretch->enrols;
}

bool spool_enrols_before (const struct spool_door *door,
                          const struct spool_stretch *stretch, uint64_t counter)
{
    return stretch->enrols && counter == stretch->first &&
           stretch->incarnation > door->opened;
}

/* ---- serials --------------------------------------------------------------------- */

static struct key day_key (int32_t day)
{
    struct key key;
    key_init (&key);
    key_u32 (&key, civil_number (day));
    return key;
}

uint32_t spool_get_serial (struct txn *txn, int32_t day)
{
    struct key key = day_key (day);
    struct bytes value;
    return txn_get (txn, SPOOL_SERIALS, key_view (&key), &value) ? key_take_u32 (&value)
                                                                 : 0;
}

void spool_put_serial (struct txn *txn, int32_t day, uint32_t serial)
{
    struct key key = day_key (day), value;
    key_init (&value);
    key_u32 (&value, serial);
    txn_put (txn, SPOOL_SERIALS, key_view (&key), key_view (&value));
}

void spool_put_u64 (struct txn *txn, enum spool_table table, const struct key *key,
                    uint64_t value)
{
    uint8_t record[8];
    put_be64 (record, value);
    txn_put (txn, table, key_view (key), BYTES_OF (record));
}

static void begin_stamped (struct spool *spool, int64_t now_ms)
{
    buffer_clear (&spool->scratch);
    put_be64 (buffer_extend (&spool->scratch, 8), (uint64_t) now_ms);
}

void spool_put_command (struct spool *spool, struct txn *txn, enum speaker speaker,
                        const struct command *command, int64_t now_ms)
{
    struct key key = spool_key_counter (speaker, command->counter);
    begin_stamped (spool, now_ms);
    command_append (command, &spool->scratch);
    txn_put (txn, SPOOL_COMMANDS, key_view (&key), buffer_bytes (&spool->scratch));
}

void spool_put_outcome (struct spool *spool, struct txn *txn, enum speaker speaker,
                        const struct outcome *outcome, int64_t now_ms)
{
    struct key key = spool_key_counter (speaker, outcome->counter);
    begin_stamped (spool, now_ms);
    outcome_append (outcome, &spool->scratch);
    txn_put (txn, SPOOL_OUTCOMES, key_view (&key), buffer_bytes (&spool->scratch));
}

bool spool_take_command (struct bytes value, struct arena *arena,
                         struct command *ret_command)
{
    key_take_u64 (&value);
    return command_decode (arena, value, ret_command, NULL) == 0;
}

bool spool_take_outcome (struct bytes value, struct arena *arena,
                         struct outcome *ret_outcome)
{
    key_take_u64 (&value);
    return outcome_decode (arena, value, ret_outcome, NULL) == 0;
}

int64_t spool_written_ms (struct bytes value)
{
    return (int64_t) key_take_u64 (&value);
}

/* A disk without room cuts a write short, which LMDB calls an I/O error: ask the disk. */
static bool is_full (const char *dir)
{
    struct statvfs disk;
    return statvfs (dir, &disk) == 0 && disk.f_bavail == 0;
}

/* Whoever watches the spool is woken by the commit's writes, and that may be a moment
 * before LMDB lets others see them: wake them once more when they can. */
static void tell_watchers (const char *dir)
{
    char path[PATH_MAX];
    snprintf (path, sizeof path, "%s/data.mdb", dir);
    (void) utimensat (AT_FDCWD, path, NULL, 0);
}

int spool_end (struct spool *spool, struct txn **txn, struct err *err)
{
    const char *dir = store_dir (spool->store);
    int rc = txn_commit (txn);
    if (rc == 0) {
        tell_watchers (dir);
        return 0;
    }
    if (rc == -ENOSPC || (rc == -EIO && is_full (dir)))
        return err_set (
            err, -ENOSPC,
            _ ("%s: no space left on the disk; nothing was written: make room "
               "and do it again"),
            dir);
    return err_set (err, rc,
                    _ ("%s: writing failed (%s); look at the disk, then do it again"),
                    dir, strerror (-rc));
}
