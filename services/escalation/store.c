/* SPDX-License-Identifier: Apache-2.0 */
/* Records in and out of the tables; the layouts are drawn in store.h. No law here. */
#include "escalation/store.h"

#include <errno.h>
#include <string.h>

#include "runtime/core.h"
#include "store/cursor.h"
#include "wire/wire.h"

#define GRIEVANCE_HEAD 30
#define CLOCK_SIZE     18
#define RAISE_HEAD     28

const char *const escalation_tables[ESCALATION_TABLES] = {
    [ESCALATION_GRIEVANCES] = "grievances",   [ESCALATION_LEDGER] = "ledger",
    [ESCALATION_RAISES] = "raises",           [ESCALATION_OPEN] = "open",
    [ESCALATION_PROVISIONAL] = "provisional", [ESCALATION_TALLIES] = "tallies",
    [ESCALATION_ADRIFT] = "adrift",
};

static struct bytes behind (struct bytes record, size_t head)
{
    return record.size < head ? BYTES (NULL, 0)
                              : BYTES (record.data + head, record.size - head);
}

/* Head and message into one value. */
static struct bytes join (struct arena *arena, const uint8_t *head, size_t size,
                          struct bytes message)
{
    uint8_t *value = arena_take (arena, size + message.size);

    memcpy (value, head, size);
    if (message.size > 0)
        memcpy (value + size, message.data, message.size);
    return BYTES (value, size + message.size);
}

/* ---- grievances ---------------------------------------------------------------- */

static struct key grievance_key (uint64_t number)
{
    struct key key;

    key_init (&key);
    key_u64 (&key, number);
    return key;
}

bool escalation_grievance_find (struct txn *txn, uint64_t number, struct arena *arena,
                                struct escalation_grievance *ret)
{
    struct key key = grievance_key (number);
    struct escalation_grievance found = { .number = number };
    struct bytes value;

    if (!txn_get (txn, core_table (ESCALATION_GRIEVANCES), key_view (&key), &value))
        return false;
    if (matter_decode (arena, behind (value, GRIEVANCE_HEAD), &found.matter, NULL) < 0) {
        txn_fail (txn, -EBADMSG);
        return false;
    }
    found.opened_ms = (int64_t) key_take_u64 (&value);
    found.closed_ms = (int64_t) key_take_u64 (&value);
    found.department = key_take_u32 (&value);
    found.level = key_take_u8 (&value);
    found.peak = key_take_u8 (&value);
    found.clocks = key_take_u16 (&value);
    found.open_raises = key_take_u16 (&value);
    found.told = key_take_u32 (&value);
    *ret = found;
    return true;
}

void escalation_grievance_put (struct txn *txn, struct arena *arena,
                               const struct escalation_grievance *grievance)
{
    struct key key = grievance_key (grievance->number);
    uint8_t head[GRIEVANCE_HEAD];

    put_be64 (head, (uint64_t) grievance->opened_ms);
    put_be64 (head + 8, (uint64_t) grievance->closed_ms);
    put_be32 (head + 16, grievance->department);
    head[20] = grievance->level;
    head[21] = grievance->peak;
    put_be16 (head + 22, grievance->clocks);
    put_be16 (head + 24, grievance->open_raises);
    put_be32 (head + 26, grievance->told);
    txn_put (txn, core_table (ESCALATION_GRIEVANCES), key_view (&key),
             join (arena, head, sizeof head, matter_encode (arena, &grievance->matter)));
}

/* ---- the ledger ---------------------------------------------------------------- */

static struct key clock_key (uint64_t number, uint16_t no)
{
    struct key key = grievance_key (number);

    key_u16 (&key, no);
    return key;
}

/* Lines that one entry wrote stand together: it is decoded once for them. */
struct line_reader {
    struct core *core;
    struct txn *txn;
    struct arena *arena;
    uint64_t sequence;
    struct entry entry;
};

static const struct clocks *clocks_at (struct line_reader *reader, uint64_t sequence)
{
    if (reader->sequence != sequence && !core_entry (reader->core, reader->txn, sequence,
                                                     reader->arena, &reader->entry, NULL))
        return NULL;
    reader->sequence = sequence;
    return reader->entry.clocks;
}

static bool clock_read (struct line_reader *reader, uint16_t no, struct bytes value,
                        struct escalation_clock *ret)
{
    struct escalation_clock clock = { .no = no };
    const struct clocks *clocks = NULL;
    bool is_whole = value.size == CLOCK_SIZE;

    clock.stopped_ms = (int64_t) key_take_u64 (&value);
    clock.entry = key_take_u64 (&value);
    clock.next = key_take_u8 (&value);
    clock.place = key_take_u8 (&value);
    if (is_whole)
        clocks = clocks_at (reader, clock.entry);
    if (!clocks || clock.place >= clocks->n_changes) {
        txn_fail (reader->txn, -EBADMSG);
        return false;
    }
    clock.change = clocks->changes[clock.place];
    *ret = clock;
    return true;
}

size_t escalation_ledger_read (struct core *core, struct txn *txn,
                               const struct escalation_grievance *of, struct arena *arena,
                               struct escalation_clock **ret)
{
    struct line_reader reader = { .core = core, .txn = txn, .arena = arena };
    struct key prefix = grievance_key (of->number);
    struct escalation_clock *clocks =
        ARENA_ARRAY (arena, struct escalation_clock, of->clocks + LIMIT_CLOCK_CHANGES);
    CLEANUP (cursor_done) struct cursor cursor = { 0 };
    size_t count = 0;

    *ret = clocks;
    if (of->clocks == 0)
        return 0;
    cursor_init (&cursor, txn, core_table (ESCALATION_LEDGER));
    for (bool is_on = of->clocks > 0 && cursor_seek (&cursor, key_view (&prefix));
         is_on && cursor_is_within (&cursor, key_view (&prefix)) && count < of->clocks;
         is_on = cursor_next (&cursor)) {
        struct bytes key = cursor_key (&cursor);

        key_take_u64 (&key);
        if (clock_read (&reader, key_take_u16 (&key), cursor_value (&cursor),
                        &clocks[count]))
            count++;
    }
    return count;
}

bool escalation_clock_find (struct core *core, struct txn *txn, uint64_t number,
                            uint16_t no, struct arena *arena,
                            struct escalation_clock *ret)
{
    struct line_reader reader = { .core = core, .txn = txn, .arena = arena };
    struct key key = clock_key (number, no);
    struct bytes value;

    return txn_get (txn, core_table (ESCALATION_LEDGER), key_view (&key), &value) &&
           clock_read (&reader, no, value, ret);
}

static void provisional_keep (struct txn *txn, uint64_t number,
                              const struct escalation_clock *clock)
{
    struct key key;

    /* What stands still is dated anew when it goes on. */
    if (!clock->change.provisional || clock->change.action == CLOCK_PAUSE)
        return;
    key_init (&key);
    key_u64 (&key, (uint64_t) clock->change.due_ms);
    key_u64 (&key, number);
    key_u16 (&key, clock->no);
    if (clock->stopped_ms == 0)
        txn_put (txn, core_table (ESCALATION_PROVISIONAL), key_view (&key),
                 BYTES (NULL, 0));
    else
        txn_delete (txn, core_table (ESCALATION_PROVISIONAL), key_view (&key));
}

static bool is_among (const uint64_t *numbers, size_t count, uint64_t number)
{
    for (size_t i = 0; i < count; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

size_t escalation_provisional (struct txn *txn, int64_t until_ms, size_t max,
                               uint64_t *ret_numbers)
{
    CLEANUP (cursor_done) struct cursor cursor;
    size_t count = 0;

    cursor_init (&cursor, txn, core_table (ESCALATION_PROVISIONAL));
    for (cursor_first (&cursor); count < max && cursor_is_on (&cursor);
         cursor_next (&cursor)) {
        struct bytes key = cursor_key (&cursor);
        uint64_t number;

        if ((int64_t) key_take_u64 (&key) > until_ms)
            break;
        number = key_take_u64 (&key);
        if (!is_among (ret_numbers, count, number))
            ret_numbers[count++] = number;
    }
    return count;
}

void escalation_clock_put (struct txn *txn, uint64_t number,
                           const struct escalation_clock *clock)
{
    struct key key = clock_key (number, clock->no);
    uint8_t value[CLOCK_SIZE];

    put_be64 (value, (uint64_t) clock->stopped_ms);
    put_be64 (value + 8, clock->entry);
    value[16] = clock->next;
    value[17] = clock->place;
    txn_put (txn, core_table (ESCALATION_LEDGER), key_view (&key), BYTES_OF (value));
    provisional_keep (txn, number, clock);
}

struct escalation_clock *escalation_clock_running (struct escalation_clock *clocks,
                                                   size_t count, enum duty duty,
                                                   uint32_t owner)
{
    for (size_t i = 0; i < count; i++)
        if (clocks[i].stopped_ms == 0 && clocks[i].change.duty == duty &&
            (duty != DUTY_ASSISTING || clocks[i].change.owner == owner))
            return &clocks[i];
    return NULL;
}

/* ---- raises -------------------------------------------------------------------- */

static struct key raise_key (uint64_t number, uint64_t raise)
{
    struct key key = grievance_key (number);

    key_u64 (&key, raise);
    return key;
}

static bool raise_decode (struct txn *txn, struct bytes key, struct bytes value,
                          struct arena *arena, struct escalation_raise *ret)
{
    struct escalation_raise raise = { 0 };

    if (raised_decode (arena, behind (value, RAISE_HEAD), &raise.raised, NULL) < 0) {
        txn_fail (txn, -EBADMSG);
        return false;
    }
    raise.number = key_take_u64 (&key);
    raise.raise = key_take_u64 (&key);
    raise.raised_ms = (int64_t) key_take_u64 (&value);
    raise.ended_ms = (int64_t) key_take_u64 (&value);
    raise.end = key_take_u64 (&value);
    raise.clock = key_take_u16 (&value);
    raise.withdrawn = key_take_u8 (&value) != 0;
    raise.adoption = (enum adoption) key_take_u8 (&value);
    *ret = raise;
    return true;
}

static bool raise_read (struct txn *txn, uint64_t number, uint64_t raise,
                        struct arena *arena, struct escalation_raise *ret)
{
    struct key key = raise_key (number, raise);
    struct bytes value;

    return txn_get (txn, core_table (ESCALATION_RAISES), key_view (&key), &value) &&
           raise_decode (txn, key_view (&key), value, arena, ret);
}

bool escalation_raise_find (struct txn *txn, uint64_t raise, struct arena *arena,
                            struct escalation_raise *ret)
{
    struct key key = grievance_key (raise);
    struct bytes value;

    return txn_get (txn, core_table (ESCALATION_OPEN), key_view (&key), &value) &&
           raise_read (txn, key_take_u64 (&value), raise, arena, ret);
}

void escalation_raise_put (struct txn *txn, struct arena *arena,
                           const struct escalation_raise *raise)
{
    struct key key = raise_key (raise->number, raise->raise);
    struct key open = grievance_key (raise->raise);
    uint8_t head[RAISE_HEAD], number[8];

    put_be64 (head, (uint64_t) raise->raised_ms);
    put_be64 (head + 8, (uint64_t) raise->ended_ms);
    put_be64 (head + 16, raise->end);
    put_be16 (head + 24, raise->clock);
    head[26] = raise->withdrawn;
    head[27] = (uint8_t) raise->adoption;
    txn_put (txn, core_table (ESCALATION_RAISES), key_view (&key),
             join (arena, head, sizeof head, raised_encode (arena, &raise->raised)));
    put_be64 (number, raise->number);
    if (raise->ended_ms != 0)
        txn_delete (txn, core_table (ESCALATION_OPEN), key_view (&open));
    else if (raise->raised.open)
        txn_put (txn, core_table (ESCALATION_OPEN), key_view (&open), BYTES_OF (number));
}

size_t escalation_raises_of (struct txn *txn, uint64_t number, uint64_t after,
                             bool open_only, size_t max, struct arena *arena,
                             struct escalation_raise *ret)
{
    struct key prefix = grievance_key (number), from = raise_key (number, after + 1);
    CLEANUP (cursor_done) struct cursor cursor;
    size_t count = 0;

    cursor_init (&cursor, txn, core_table (ESCALATION_RAISES));
    for (cursor_seek (&cursor, key_view (&from));
         count < max && cursor_is_within (&cursor, key_view (&prefix));
         cursor_next (&cursor)) {
        struct escalation_raise *raise = &ret[count];

        if (raise_decode (txn, cursor_key (&cursor), cursor_value (&cursor), arena,
                          raise) &&
            (!open_only || (raise->raised.open && raise->ended_ms == 0)))
            count++;
    }
    return count;
}

size_t escalation_raises_open (struct txn *txn, uint64_t after, size_t max,
                               struct arena *arena, struct escalation_raise *ret)
{
    struct key from = grievance_key (after + 1);
    CLEANUP (cursor_done) struct cursor cursor;
    size_t count = 0;

    cursor_init (&cursor, txn, core_table (ESCALATION_OPEN));
    for (cursor_seek (&cursor, key_view (&from)); count < max && cursor_is_on (&cursor);
         cursor_next (&cursor)) {
        struct bytes key = cursor_key (&cursor), value = cursor_value (&cursor);

        if (raise_read (txn, key_take_u64 (&value), key_take_u64 (&key), arena,
                        &ret[count]))
            count++;
    }
    return count;
}

/* ---- adrift --------------------------------------------------------------------- */

static struct key drift_key (enum escalation_drift drift, uint64_t number)
{
    struct key key;

    key_init (&key);
    key_u8 (&key, drift == DRIFT_SWEPT);
    key_u64 (&key, number);
    return key;
}

enum escalation_drift escalation_drift (struct txn *txn, uint64_t number)
{
    struct key adrift = drift_key (DRIFT_ADRIFT, number);
    struct key swept = drift_key (DRIFT_SWEPT, number);

    if (txn_get (txn, core_table (ESCALATION_ADRIFT), key_view (&adrift), NULL))
        return DRIFT_ADRIFT;
    return txn_get (txn, core_table (ESCALATION_ADRIFT), key_view (&swept), NULL)
               ? DRIFT_SWEPT
               : DRIFT_NONE;
}

void escalation_drift_put (struct txn *txn, uint64_t number, enum escalation_drift drift)
{
    struct key key = drift_key (escalation_drift (txn, number), number);

    txn_delete (txn, core_table (ESCALATION_ADRIFT), key_view (&key));
    key = drift_key (drift, number);
    if (drift != DRIFT_NONE)
        txn_put (txn, core_table (ESCALATION_ADRIFT), key_view (&key), BYTES (NULL, 0));
}

size_t escalation_adrift (struct txn *txn, size_t max, uint64_t *ret_numbers)
{
    CLEANUP (cursor_done) struct cursor cursor;
    size_t count = 0;

    cursor_init (&cursor, txn, core_table (ESCALATION_ADRIFT));
    for (cursor_first (&cursor); count < max && cursor_is_on (&cursor);
         cursor_next (&cursor)) {
        struct bytes key = cursor_key (&cursor);

        if (key_take_u8 (&key) != 0)
            break;
        ret_numbers[count++] = key_take_u64 (&key);
    }
    return count;
}

/* ---- tallies ------------------------------------------------------------------- */

static const uint8_t tally_key[1] = { 'm' };

void escalation_tallies_read (struct txn *txn, struct escalation_tallies *ret)
{
    struct bytes value = { NULL, 0 };

    if (!txn_get (txn, core_table (ESCALATION_TALLIES), BYTES_OF (tally_key), &value))
        value = BYTES (NULL, 0);
    for (size_t i = 0; i < TALLY_COUNT; i++)
        ret->of[i] = key_take_u64 (&value); /* a tally added later begins at 0 */
}

void escalation_tallies_put (struct txn *txn, const struct escalation_tallies *tallies)
{
    uint8_t value[8 * TALLY_COUNT];

    for (size_t i = 0; i < TALLY_COUNT; i++)
        put_be64 (value + 8 * i, tallies->of[i]);
    txn_put (txn, core_table (ESCALATION_TALLIES), BYTES_OF (tally_key),
             BYTES_OF (value));
}
