/* SPDX-License-Identifier: Apache-2.0 */
/* The spool on disk: one LMDB environment beside the client's key, shared by the
 * processes of that client; spool_records.h has its tables, spool_meet.c the sender's
 * side.
 *
 * The law it keeps: a counter is given out once, in the transaction that writes its
 * command; 'acked' moves only in the transaction that writes the outcome. */
#include "cli/spool.h"

#include "cli/spool_records.h"

#include "base/civil.h"
#include "base/fault.h"
#include "store/cursor.h"
#include "wire/journal.h"
#include "wire/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const table_names[SPOOL_TABLES] = {
    [SPOOL_DOORS] = "doors",       [SPOOL_COMMANDS] = "commands",
    [SPOOL_OUTCOMES] = "outcomes", [SPOOL_REFUSED] = "refused",
    [SPOOL_SERIALS] = "serials",   [SPOOL_ORIGINS] = "origins",
    [SPOOL_SLIPS] = "slips",       [SPOOL_STRETCHES] = "stretches",
    [SPOOL_META] = "meta",
};

/* The file is sparse; a terminal writes some megabytes a year. */
#define SPOOL_MAP_MIB 4096

/* Refused commands shown at once; who has more settles some first. */
#define SPOOL_REFUSED_SHOWN 1000

int spool_open (const char *dir, struct spool **ret_spool, struct err *err)
{
    struct store *store;
    int rc =
        store_open_shared (dir, table_names, SPOOL_TABLES, SPOOL_MAP_MIB, &store, err);
    if (rc < 0)
        return err_prefix (err, "spool");
    rc = spool_check_schema (store, err);
    if (rc < 0) {
        store_close (&store);
        return rc;
    }
    struct spool *spool = calloc (1, sizeof *spool);
    assert (spool != NULL);
    spool->store = store;
    *ret_spool = spool;
    return 0;
}

void spool_close (struct spool **spool)
{
    if (*spool == NULL)
        return;
    spool_abort (*spool);
    store_close (&(*spool)->store);
    buffer_done (&(*spool)->scratch);
    free (*spool);
    *spool = NULL;
}

const char *spool_dir (const struct spool *spool)
{
    return store_dir (spool->store);
}

/* ---- writing down ---------------------------------------------------------------- */

void spool_begin (struct spool *spool)
{
    assert (spool->txn == NULL);
    spool->txn = txn_begin_write (spool->store);
}

void spool_abort (struct spool *spool)
{
    txn_abort (&spool->txn);
}

int spool_commit (struct spool *spool, struct err *err)
{
    return spool_end (spool, &spool->txn, err);
}

/* What the daemon's own decoder would say of it. */
static int check_rules (struct spool *spool, const struct command *command,
                        struct err *err)
{
    struct arena arena;
    struct command decoded;
    arena_init (&arena, 0);
    buffer_clear (&spool->scratch);
    command_append (command, &spool->scratch);
    int rc = command_decode (&arena, buffer_bytes (&spool->scratch), &decoded, err);
    arena_done (&arena);
    return rc < 0 ? -EINVAL : 0;
}

int spool_add (struct spool *spool, enum speaker speaker, struct command *command,
               int64_t now_ms, struct err *err)
{
    struct spool_door door = spool_get_door (spool->txn, speaker);
    command->counter = door.next++;
    command->incarnation = door.incarnation == 0 ? 1 : door.incarnation;
    int rc = check_rules (spool, command, err);
    if (rc < 0)
        return rc;
    spool_put_command (spool, spool->txn, speaker, command, now_ms);
    spool_put_door (spool->txn, speaker, &door);
    return 0;
}

static struct key origin_key (const struct spool_origin *origin)
{
    struct key key = spool_key_u64 (origin->file);
    key_u64 (&key, origin->row);
    return key;
}

/* What the serials of this day go on from. A spool's first day may have had another spool
 * before it, lost with its disk, whose slips are out: ours begin where the lost one can
 * hardly have come, at one slip in two seconds since midnight, which leaves room for more
 * than half a day's serials at any hour. Where the daemon has said that there was none
 * before, and on every later day, they begin at 1. */
static uint32_t last_serial (struct txn *txn, int32_t day, int64_t now_ms)
{
    if (txn_count (txn, SPOOL_SERIALS) > 0 ||
        spool_get_door (txn, SPEAKER_INTAKE).incarnation == 1)
        return spool_get_serial (txn, day);
    return (uint32_t) ((now_ms - civil_day_start_ms (day)) / SPOOL_SLIP_EVERY_MS);
}

int spool_file (struct spool *spool, struct filing *filing, uint32_t terminal,
                const uint8_t random[QUERY_CODE_RANDOM],
                const struct spool_origin *origin, int64_t now_ms,
                struct spool_slip *ret_slip, struct err *err)
{
    int32_t day = civil_day (now_ms);
    uint32_t serial = last_serial (spool->txn, day, now_ms);
    if (serial >= NUMBER_SERIAL_MAX)
        return err_set (
            err, -ENOSPC,
            "terminal %u has used all %u serials of the day; go on at another "
            "terminal, or tomorrow",
            terminal, NUMBER_SERIAL_MAX);
    struct spool_slip slip = { .number = number_make (day, terminal, serial + 1) };
    query_code_make (random, slip.code);
    filing->number = slip.number;
    filing->query_code = slip.code;
    struct command command = { .file = filing };
    int rc = spool_add (spool, SPEAKER_INTAKE, &command, now_ms, err);
    if (rc < 0)
        return rc;
    slip.counter = command.counter;
    spool_put_serial (spool->txn, day, serial + 1);

    struct key number = spool_key_u64 (slip.number);
    spool_put_u64 (spool->txn, SPOOL_SLIPS, &number, slip.counter);
    if (origin != NULL) {
        struct key from = origin_key (origin);
        spool_put_u64 (spool->txn, SPOOL_ORIGINS, &from, slip.counter);
    }
    *ret_slip = slip;
    filing->query_code = ret_slip->code;
    return 0;
}

/* ---- reading --------------------------------------------------------------------- */

/* What is being written is visible to the writer; everybody else sees what is on disk. */
static struct txn *read_begin (struct spool *spool)
{
    return spool->txn != NULL ? spool->txn : txn_begin_read (spool->store);
}

static void read_end (struct spool *spool, struct txn *txn)
{
    if (txn != spool->txn)
        txn_abort (&txn);
}

struct spool_door spool_standing (struct spool *spool, enum speaker speaker)
{
    struct txn *txn = read_begin (spool);
    struct spool_door door = spool_get_door (txn, speaker);
    read_end (spool, txn);
    return door;
}

bool spool_has_origin (struct spool *spool, const struct spool_origin *origin)
{
    struct key key = origin_key (origin);
    struct txn *txn = read_begin (spool);
    bool found = txn_get (txn, SPOOL_ORIGINS, key_view (&key), NULL);
    read_end (spool, txn);
    return found && !FAULT (FORGET_ROW);
}

uint64_t spool_counter_of (struct spool *spool, uint64_t number)
{
    struct key key = spool_key_u64 (number);
    struct bytes value;
    struct txn *txn = read_begin (spool);
    uint64_t counter = 0;
    if (txn_get (txn, SPOOL_SLIPS, key_view (&key), &value))
        counter = key_take_u64 (&value);
    read_end (spool, txn);
    return counter;
}

size_t spool_read (struct spool *spool, enum speaker speaker, uint64_t from, size_t max,
                   size_t bytes, struct arena *arena, struct command *ret_commands)
{
    struct txn *txn = read_begin (spool);
    struct key key = spool_key_counter (speaker, from), prefix = spool_key_door (speaker);
    struct cursor cursor;
    cursor_init (&cursor, txn, SPOOL_COMMANDS);
    size_t n = 0, size = 0;
    for (cursor_seek (&cursor, key_view (&key));
         n < max && cursor_is_within (&cursor, key_view (&prefix));
         cursor_next (&cursor)) {
        struct bytes value = cursor_value (&cursor);
        size += value.size;
        if (n > 0 && size > bytes)
            break;
        if (!spool_take_command (value, arena, &ret_commands[n]) ||
            ret_commands[n].counter != from + n)
            break;
        n++;
    }
    cursor_done (&cursor);
    read_end (spool, txn);
    return n;
}

static bool outcome_get (struct txn *txn, enum speaker speaker, uint64_t counter,
                         struct arena *arena, struct outcome *ret_outcome)
{
    struct key key = spool_key_counter (speaker, counter);
    struct bytes value;
    if (!txn_get (txn, SPOOL_OUTCOMES, key_view (&key), &value))
        return false;
    return spool_take_outcome (value, arena, ret_outcome);
}

bool spool_outcome (struct spool *spool, enum speaker speaker, uint64_t counter,
                    struct arena *arena, struct outcome *ret_outcome)
{
    struct txn *txn = read_begin (spool);
    bool found = outcome_get (txn, speaker, counter, arena, ret_outcome);
    read_end (spool, txn);
    return found;
}

void spool_refused (struct spool *spool, struct arena *arena,
                    void (*visit) (void *arg, enum speaker speaker,
                                   const struct command *command,
                                   const struct refusal *refusal),
                    void *arg)
{
    struct txn *txn = read_begin (spool);
    struct cursor cursor;
    cursor_init (&cursor, txn, SPOOL_REFUSED);
    size_t shown = 0;
    for (cursor_first (&cursor); cursor_is_on (&cursor) && shown < SPOOL_REFUSED_SHOWN;
         cursor_next (&cursor), shown++) {
        struct bytes key = cursor_key (&cursor), value;
        enum speaker speaker = key_take_u8 (&key);
        uint64_t counter = key_take_u64 (&key);
        struct key command_at = spool_key_counter (speaker, counter);
        struct command command;
        struct outcome outcome;
        if (txn_get (txn, SPOOL_COMMANDS, key_view (&command_at), &value) &&
            spool_take_command (value, arena, &command) &&
            outcome_get (txn, speaker, counter, arena, &outcome) &&
            outcome.refusal != NULL)
            visit (arg, speaker, &command, outcome.refusal);
    }
    cursor_done (&cursor);
    read_end (spool, txn);
}

bool spool_settle (struct spool *spool, enum speaker speaker, uint64_t counter)
{
    struct key key = spool_key_counter (speaker, counter);
    assert (spool->txn != NULL);
    if (!txn_delete (spool->txn, SPOOL_REFUSED, key_view (&key)))
        return false;
    /* Its time was over already; it was kept to be corrected. */
    if (counter <= spool_get_door (spool->txn, speaker).pruned) {
        txn_delete (spool->txn, SPOOL_COMMANDS, key_view (&key));
        txn_delete (spool->txn, SPOOL_OUTCOMES, key_view (&key));
    }
    return true;
}
