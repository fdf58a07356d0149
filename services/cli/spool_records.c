/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/spool_records.h"

#include "cli/cli.h"

#include "base/civil.h"
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
    txn_put (txn, SPOOL_DOORS, key_view (&key), key_view (&value));
}

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
