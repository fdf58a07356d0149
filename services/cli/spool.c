/* SPDX-License-Identifier: Apache-2.0 */
/* The spool on disk: one LMDB environment beside the client's key, shared by the
 * processes of that client.
 *
 *   doors     speaker u8                       → incarnation u32 · next · acked · shift u64
 *   commands  speaker u8 · counter u64         → written at u64 (ms) · Command
 *   outcomes  speaker u8 · counter u64         → recorded at u64 (ms) · Outcome
 *   refused   speaker u8 · counter u64         → (empty): to correct
 *   serials   date u32                         → last serial of that day u32
 *   origins   file u64 · row u64               → counter u64
 *   slips     number u64                       → counter u64
 *
 * The law it keeps: a counter is given out once, in the transaction that writes its
 * command; 'acked' moves only in the transaction that writes the outcome. */
#include "cli/spool.h"

#include "base/civil.h"
#include "store/cursor.h"
#include "store/key.h"
#include "store/store.h"
#include "store/txn.h"
#include "wire/journal.h"
#include "wire/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum spool_table {
    DOORS,
    COMMANDS,
    OUTCOMES,
    REFUSED,
    SERIALS,
    ORIGINS,
    SLIPS,
    SPOOL_TABLES
};

static const char *const table_names[SPOOL_TABLES] = {
    [DOORS] = "doors",     [COMMANDS] = "commands", [OUTCOMES] = "outcomes",
    [REFUSED] = "refused", [SERIALS] = "serials",   [ORIGINS] = "origins",
    [SLIPS] = "slips",
};

/* The file is sparse; a terminal writes some megabytes a year. */
#define SPOOL_MAP_MIB 4096

/* Refused commands shown at once; who has more settles some first. */
#define SPOOL_REFUSED_SHOWN 1000

struct spool {
    struct store *store;
    struct txn *txn; /* between begin and commit */
    struct buffer scratch;
};

int spool_open (const char *dir, struct spool **ret_spool, struct err *err)
{
    struct store *store;
    int rc =
        store_open_shared (dir, table_names, SPOOL_TABLES, SPOOL_MAP_MIB, &store, err);
    if (rc < 0)
        return err_prefix (err, "spool");
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

/* ---- records --------------------------------------------------------------------- */

static struct key door_key (enum speaker speaker)
{
    struct key key;
    key_init (&key);
    key_u8 (&key, (uint8_t) speaker);
    return key;
}

static struct key counter_key (enum speaker speaker, uint64_t counter)
{
    struct key key = door_key (speaker);
    key_u64 (&key, counter);
    return key;
}

static struct key u64_key (uint64_t value)
{
    struct key key;
    key_init (&key);
    key_u64 (&key, value);
    return key;
}

static struct spool_door door_get (struct txn *txn, enum speaker speaker)
{
    struct key key = door_key (speaker);
    struct bytes value;
    if (!txn_get (txn, DOORS, key_view (&key), &value))
        return (struct spool_door){ .next = 1 };
    return (struct spool_door){
        .incarnation = key_take_u32 (&value),
        .next = key_take_u64 (&value),
        .acked = key_take_u64 (&value),
        .shift = key_take_u64 (&value),
    };
}

static void door_put (struct txn *txn, enum speaker speaker,
                      const struct spool_door *door)
{
    struct key key = door_key (speaker), value;
    key_init (&value);
    key_u32 (&value, door->incarnation);
    key_u64 (&value, door->next);
    key_u64 (&value, door->acked);
    key_u64 (&value, door->shift);
    txn_put (txn, DOORS, key_view (&key), key_view (&value));
}

static void put_u64 (struct txn *txn, unsigned table, const struct key *key,
                     uint64_t value)
{
    uint8_t record[8];
    put_be64 (record, value);
    txn_put (txn, table, key_view (key), BYTES_OF (record));
}

/* A time and an encoded message, as commands and outcomes are kept. */
static struct bytes stamped (struct spool *spool, int64_t now_ms)
{
    buffer_clear (&spool->scratch);
    put_be64 (buffer_extend (&spool->scratch, 8), (uint64_t) now_ms);
    return buffer_bytes (&spool->scratch);
}

static void command_put (struct spool *spool, struct txn *txn, enum speaker speaker,
                         const struct command *command, int64_t now_ms)
{
    stamped (spool, now_ms);
    command_append (command, &spool->scratch);
    struct key key = counter_key (speaker, command->counter);
    txn_put (txn, COMMANDS, key_view (&key), buffer_bytes (&spool->scratch));
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

static int commit (struct txn **txn, struct err *err)
{
    int rc = txn_commit (txn);
    if (rc == -ENOSPC)
        return err_set (err, rc,
                        "spool: no space left on the disk; nothing was written: "
                        "make room and do it again");
    if (rc < 0)
        return err_set (err, rc,
                        "spool: writing failed (%s); look at the disk, then do it "
                        "again",
                        strerror (-rc));
    return 0;
}

int spool_commit (struct spool *spool, struct err *err)
{
    return commit (&spool->txn, err);
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
    struct spool_door door = door_get (spool->txn, speaker);
    command->counter = door.next++;
    command->incarnation = door.incarnation == 0 ? 1 : door.incarnation;
    int rc = check_rules (spool, command, err);
    if (rc < 0)
        return rc;
    command_put (spool, spool->txn, speaker, command, now_ms);
    door_put (spool->txn, speaker, &door);
    return 0;
}

static struct key origin_key (const struct spool_origin *origin)
{
    struct key key = u64_key (origin->file);
    key_u64 (&key, origin->row);
    return key;
}

int spool_file (struct spool *spool, struct filing *filing, uint32_t terminal,
                const uint8_t random[QUERY_CODE_RANDOM],
                const struct spool_origin *origin, int64_t now_ms,
                struct spool_slip *ret_slip, struct err *err)
{
    int32_t day = civil_day (now_ms);
    struct key key, serial_value;
    key_init (&key);
    key_u32 (&key, civil_number (day));
    struct bytes value;
    uint32_t serial = 0;
    if (txn_get (spool->txn, SERIALS, key_view (&key), &value))
        serial = key_take_u32 (&value);
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
    key_init (&serial_value);
    key_u32 (&serial_value, serial + 1);
    txn_put (spool->txn, SERIALS, key_view (&key), key_view (&serial_value));

    struct key number = u64_key (slip.number);
    put_u64 (spool->txn, SLIPS, &number, slip.counter);
    if (origin != NULL) {
        struct key from = origin_key (origin);
        put_u64 (spool->txn, ORIGINS, &from, slip.counter);
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
    struct spool_door door = door_get (txn, speaker);
    read_end (spool, txn);
    return door;
}

bool spool_has_origin (struct spool *spool, const struct spool_origin *origin)
{
    struct key key = origin_key (origin);
    struct txn *txn = read_begin (spool);
    bool found = txn_get (txn, ORIGINS, key_view (&key), NULL);
    read_end (spool, txn);
    return found;
}

uint64_t spool_counter_of (struct spool *spool, uint64_t number)
{
    struct key key = u64_key (number);
    struct bytes value;
    struct txn *txn = read_begin (spool);
    uint64_t counter = 0;
    if (txn_get (txn, SLIPS, key_view (&key), &value))
        counter = key_take_u64 (&value);
    read_end (spool, txn);
    return counter;
}

/* A record that does not decode is a damaged disk: it is passed over here and stays in
 * its place, where the gap that it leaves stops the sender with a sentence. */
static bool command_take (struct bytes value, struct arena *arena, struct command *ret)
{
    key_take_u64 (&value);
    return command_decode (arena, value, ret, NULL) == 0;
}

size_t spool_read (struct spool *spool, enum speaker speaker, uint64_t from, size_t max,
                   size_t bytes, struct arena *arena, struct command *ret_commands)
{
    struct txn *txn = read_begin (spool);
    struct key key = counter_key (speaker, from), prefix = door_key (speaker);
    struct cursor cursor;
    cursor_init (&cursor, txn, COMMANDS);
    size_t n = 0, size = 0;
    for (cursor_seek (&cursor, key_view (&key));
         n < max && cursor_is_within (&cursor, key_view (&prefix));
         cursor_next (&cursor)) {
        struct bytes value = cursor_value (&cursor);
        size += value.size;
        if (n > 0 && size > bytes)
            break;
        if (!command_take (value, arena, &ret_commands[n]) ||
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
    struct key key = counter_key (speaker, counter);
    struct bytes value;
    if (!txn_get (txn, OUTCOMES, key_view (&key), &value))
        return false;
    key_take_u64 (&value);
    return outcome_decode (arena, value, ret_outcome, NULL) == 0;
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
    cursor_init (&cursor, txn, REFUSED);
    size_t shown = 0;
    for (cursor_first (&cursor); cursor_is_on (&cursor) && shown < SPOOL_REFUSED_SHOWN;
         cursor_next (&cursor), shown++) {
        struct bytes key = cursor_key (&cursor), value;
        enum speaker speaker = key_take_u8 (&key);
        uint64_t counter = key_take_u64 (&key);
        struct key command_at = counter_key (speaker, counter);
        struct command command;
        struct outcome outcome;
        if (txn_get (txn, COMMANDS, key_view (&command_at), &value) &&
            command_take (value, arena, &command) &&
            outcome_get (txn, speaker, counter, arena, &outcome) &&
            outcome.refusal != NULL)
            visit (arg, speaker, &command, outcome.refusal);
    }
    cursor_done (&cursor);
    read_end (spool, txn);
}

int spool_settle (struct spool *spool, enum speaker speaker, uint64_t counter,
                  struct err *err)
{
    struct txn *txn = txn_begin_write (spool->store);
    struct key key = counter_key (speaker, counter);
    txn_delete (txn, REFUSED, key_view (&key));
    return commit (&txn, err);
}

/* ---- the sender's side ----------------------------------------------------------- */

/* Move what waits up by one and put the enrolment first. Backwards, so that no counter is
 * overwritten before it has moved. */
static void enrol_first (struct spool *spool, struct txn *txn, enum speaker speaker,
                         struct spool_door *door, int64_t now_ms)
{
    struct arena arena;
    arena_init (&arena, 0);
    for (uint64_t counter = door->next - 1; counter >= 1; counter--) {
        struct key key = counter_key (speaker, counter);
        struct bytes value;
        struct command command;
        if (!txn_get (txn, COMMANDS, key_view (&key), &value) ||
            !command_take (value, &arena, &command)) {
            txn_fail (txn, -EBADMSG);
            break;
        }
        command.counter = counter + 1;
        command.incarnation = door->incarnation;
        command_put (spool, txn, speaker, &command, now_ms);
        if (command.file != NULL) {
            struct key number = u64_key (command.file->number);
            put_u64 (txn, SLIPS, &number, command.counter);
        }
        arena_reset (&arena);
    }
    struct enrol enrol = { .why = "a fresh spool" };
    struct command first = { .counter = 1,
                             .incarnation = door->incarnation,
                             .enrol = &enrol };
    command_put (spool, txn, speaker, &first, now_ms);
    door->next++;
    door->shift++;
    arena_done (&arena);
}

int spool_meet (struct spool *spool, enum speaker speaker,
                const struct standing *standing, int64_t now_ms, struct err *err)
{
    struct txn *txn = txn_begin_write (spool->store);
    struct spool_door door = door_get (txn, speaker);
    uint32_t theirs = standing->incarnation == 0 ? 1 : standing->incarnation;
    if (door.incarnation == 0 && standing->next_counter > 1) {
        door.incarnation = theirs + 1;
        enrol_first (spool, txn, speaker, &door, now_ms);
    } else if (door.incarnation == 0) {
        door.incarnation = theirs;
    } else if (theirs > door.incarnation) {
        txn_abort (&txn);
        return err_set (
            err, -ESTALE,
            "this spool was replaced: another one has enrolled with the same "
            "key (incarnation %u, ours is %u); use that one, or ask for a new "
            "key",
            theirs, door.incarnation);
    } else if (theirs == door.incarnation && standing->next_counter <= door.acked) {
        door.acked = standing->next_counter - 1;
    }
    door_put (txn, speaker, &door);
    return commit (&txn, err);
}

int spool_record (struct spool *spool, enum speaker speaker,
                  const struct outcome *outcomes, size_t n_outcomes, int64_t now_ms,
                  struct err *err)
{
    struct txn *txn = txn_begin_write (spool->store);
    struct spool_door door = door_get (txn, speaker);
    for (size_t i = 0; i < n_outcomes; i++) {
        const struct outcome *outcome = &outcomes[i];
        if (outcome->counter != door.acked + 1 || outcome->counter >= door.next)
            continue;
        stamped (spool, now_ms);
        outcome_append (outcome, &spool->scratch);
        struct key key = counter_key (speaker, outcome->counter);
        txn_put (txn, OUTCOMES, key_view (&key), buffer_bytes (&spool->scratch));
        if (outcome->refusal != NULL)
            txn_put (txn, REFUSED, key_view (&key), BYTES (NULL, 0));
        door.acked++;
    }
    door_put (txn, speaker, &door);
    return commit (&txn, err);
}
