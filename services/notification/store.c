/* SPDX-License-Identifier: Apache-2.0 */
/* Records and lists in and out of the tables; the layouts are drawn in store.h. No law
 * here, but one invariant: a notice stands in exactly the lists that its record says. */
#include "notification/store.h"

#include <string.h>

#include "agenda/agenda.h"
#include "base/text.h"
#include "runtime/core.h"
#include "store/cursor.h"

#define NOTICE_HEAD 68
#define DETAIL_MAX  200 /* bytes kept of a channel's answer */
#define FLAG_DIGEST 1u

const char *const notification_tables[NOTIFICATION_TABLES] = {
    [NOTIFICATION_NOTICES] = "notices",
    [NOTIFICATION_STATES] = "states",
    [NOTIFICATION_GRIEVANCES] = "grievances",
    [NOTIFICATION_SOURCES] = "sources",
    [NOTIFICATION_DIGESTS] = "digests",
    [NOTIFICATION_MEMBERS] = "members",
    [NOTIFICATION_OUTGOING] = "outgoing",
    [NOTIFICATION_PRINTS] = "prints",
    [NOTIFICATION_LANES] = "lanes",
    [NOTIFICATION_COUNTS] = "counts",
    [NOTIFICATION_LOST] = "lost",
    [NOTIFICATION_AGAIN] = "again",
};

/* ---- ways ------------------------------------------------------------------------ */

static const char *const ways[WAY_COUNT] = {
    [WAY_NONE] = "none", [WAY_SMTP] = "smtp",   [WAY_HTTP] = "http",
    [WAY_PIPE] = "pipe", [WAY_PRINT] = "print",
};

const char *way_name (enum way way)
{
    return way < WAY_COUNT ? ways[way] : "none";
}

enum way way_find (const char *name)
{
    for (unsigned i = 0; name && i < WAY_COUNT; i++)
        if (strcmp (ways[i], name) == 0)
            return (enum way) i;
    return WAY_NONE;
}

enum way way_of_outlet (enum outlet_kind kind)
{
    switch (kind) {
    case OUTLET_SMTP:
        return WAY_SMTP;
    case OUTLET_HTTP:
        return WAY_HTTP;
    case OUTLET_PIPE:
        return WAY_PIPE;
    case OUTLET_NONE:
    case OUTLET_KIND_COUNT:
        break;
    }
    return WAY_NONE;
}

/* ---- keys ------------------------------------------------------------------------ */

static struct key key_of (uint64_t number)
{
    struct key key;

    key_init (&key);
    key_u64 (&key, number);
    return key;
}

static struct key key_pair (uint64_t first, uint64_t second)
{
    struct key key = key_of (first);

    key_u64 (&key, second);
    return key;
}

static struct key state_key (enum notice_state state, uint64_t notice)
{
    struct key key;

    key_init (&key);
    key_u8 (&key, (uint8_t) state);
    key_u64 (&key, notice);
    return key;
}

static struct key digest_prefix (enum recipient recipient, uint32_t to)
{
    struct key key;

    key_init (&key);
    key_u8 (&key, (uint8_t) recipient);
    key_u32 (&key, to);
    return key;
}

static struct key digest_key (enum recipient recipient, uint32_t to, uint64_t notice)
{
    struct key key = digest_prefix (recipient, to);

    key_u64 (&key, notice);
    return key;
}

static struct key print_key (uint32_t terminal, uint64_t notice)
{
    struct key key;

    key_init (&key);
    key_u32 (&key, terminal);
    key_u64 (&key, notice);
    return key;
}

static void mark (struct txn *txn, unsigned table, struct key key, bool on)
{
    if (on)
        txn_put (txn, core_table (table), key_view (&key), BYTES (NULL, 0));
    else
        txn_delete (txn, core_table (table), key_view (&key));
}

/* ---- records --------------------------------------------------------------------- */

bool notification_find (struct txn *txn, uint64_t notice, struct arena *arena,
                        struct notification_notice *ret)
{
    struct key key = key_of (notice);
    struct notification_notice found = { .notice = notice };
    struct bytes value;

    if (!txn_get (txn, core_table (NOTIFICATION_NOTICES), key_view (&key), &value))
        return false;
    found.state = key_take_u8 (&value);
    found.recipient = key_take_u8 (&value);
    found.way = key_take_u8 (&value);
    found.digest = (key_take_u8 (&value) & FLAG_DIGEST) != 0;
    found.to = key_take_u32 (&value);
    found.outlet = key_take_u16 (&value);
    found.attempts = key_take_u16 (&value);
    found.grievance = key_take_u64 (&value);
    found.queued_ms = (int64_t) key_take_u64 (&value);
    found.moved_ms = (int64_t) key_take_u64 (&value);
    found.next_ms = (int64_t) key_take_u64 (&value);
    found.until_ms = (int64_t) key_take_u64 (&value);
    found.lane = key_take_u64 (&value);
    found.leader = key_take_u64 (&value);
    if (value.size > 0)
        found.detail =
            arena_format (arena, "%.*s", (int) value.size, (const char *) value.data);
    *ret = found;
    return true;
}

static void record_put (struct txn *txn, const struct notification_notice *notice)
{
    struct bytes detail = text_fit (bytes_of_text (notice->detail), DETAIL_MAX);
    struct key key = key_of (notice->notice);
    uint8_t value[NOTICE_HEAD + DETAIL_MAX];

    value[0] = (uint8_t) notice->state;
    value[1] = (uint8_t) notice->recipient;
    value[2] = (uint8_t) notice->way;
    value[3] = notice->digest ? FLAG_DIGEST : 0;
    put_be32 (value + 4, notice->to);
    put_be16 (value + 8, notice->outlet);
    put_be16 (value + 10, notice->attempts);
    put_be64 (value + 12, notice->grievance);
    put_be64 (value + 20, (uint64_t) notice->queued_ms);
    put_be64 (value + 28, (uint64_t) notice->moved_ms);
    put_be64 (value + 36, (uint64_t) notice->next_ms);
    put_be64 (value + 44, (uint64_t) notice->until_ms);
    put_be64 (value + 52, notice->lane);
    put_be64 (value + 60, notice->leader);
    if (detail.size > 0)
        memcpy (value + NOTICE_HEAD, detail.data, detail.size);
    txn_put (txn, core_table (NOTIFICATION_NOTICES), key_view (&key),
             BYTES (value, NOTICE_HEAD + detail.size));
}

/* ---- which lists a record stands in ------------------------------------------------ */

static bool gathers (const struct notification_notice *notice)
{
    return notice->digest && notice->state == NOTICE_QUEUED && notice->leader == 0 &&
           notice->attempts == 0;
}

static bool is_to_print (const struct notification_notice *notice)
{
    return notice->way == WAY_PRINT &&
           (notice->state == NOTICE_QUEUED || notice->state == NOTICE_SENT ||
            notice->state == NOTICE_UNREACHABLE);
}

/* The agenda row of a record; false: it has none. */
static bool planned (const struct notification_notice *notice, struct agenda_row *ret)
{
    *ret = (struct agenda_row){ .subject = notice->notice };
    if (notice->way == WAY_PRINT) {
        ret->kind = AGENDA_EXPIRE;
        ret->due_ms = notice->until_ms;
        return is_to_print (notice) && notice->state != NOTICE_UNREACHABLE &&
               notice->until_ms != 0;
    }
    ret->kind = AGENDA_SEND;
    ret->due_ms = notice->next_ms;
    if (gathers (notice)) {
        ret->kind = AGENDA_DIGEST;
        ret->subject = (uint64_t) notice->recipient << 32 | notice->to;
    }
    return notice->next_ms != 0 && notice->leader == 0 &&
           (notice->state == NOTICE_QUEUED || notice->state == NOTICE_FAILED ||
            notice->state == NOTICE_MAYBE_SENT);
}

static void lists_leave (struct txn *txn, const struct notification_notice *was)
{
    struct agenda_row row;
    struct key digest = digest_key (was->recipient, was->to, was->notice);

    mark (txn, NOTIFICATION_STATES, state_key (was->state, was->notice), false);
    if (gathers (was))
        txn_delete (txn, core_table (NOTIFICATION_DIGESTS), key_view (&digest));
    if (planned (was, &row)) /* a digest's row goes with the first that leaves */
        agenda_remove (txn, CORE_AGENDA, &row);
    if (is_to_print (was))
        mark (txn, NOTIFICATION_PRINTS, print_key (was->to, was->notice), false);
    if (was->leader != 0)
        mark (txn, NOTIFICATION_MEMBERS, key_pair (was->leader, was->notice), false);
}

static void lists_enter (struct txn *txn, const struct notification_notice *is)
{
    struct agenda_row row;
    struct key digest = digest_key (is->recipient, is->to, is->notice);
    uint8_t next[8];

    mark (txn, NOTIFICATION_STATES, state_key (is->state, is->notice), true);
    put_be64 (next, (uint64_t) is->next_ms);
    if (gathers (is))
        txn_put (txn, core_table (NOTIFICATION_DIGESTS), key_view (&digest),
                 BYTES_OF (next));
    if (planned (is, &row))
        agenda_put (txn, CORE_AGENDA, &row);
    if (is_to_print (is))
        mark (txn, NOTIFICATION_PRINTS, print_key (is->to, is->notice), true);
    if (is->leader != 0)
        mark (txn, NOTIFICATION_MEMBERS, key_pair (is->leader, is->notice), true);
}

void notification_put (struct txn *txn, const struct notification_notice *was,
                       const struct notification_notice *is)
{
    if (was)
        lists_leave (txn, was);
    else if (is->grievance != 0)
        mark (txn, NOTIFICATION_GRIEVANCES, key_pair (is->grievance, is->notice), true);
    record_put (txn, is);
    lists_enter (txn, is);
}

/* ---- sources --------------------------------------------------------------------- */

static struct key source_prefix (enum speaker speaker, uint64_t sequence)
{
    struct key key;

    key_init (&key);
    key_u8 (&key, (uint8_t) speaker);
    key_u64 (&key, sequence);
    return key;
}

void notification_source_put (struct txn *txn, const struct source *source,
                              const struct notification_notice *notice)
{
    struct key key = source_prefix (source->speaker, source->sequence);
    uint8_t value[8];

    key_u8 (&key, (uint8_t) notice->recipient);
    key_u32 (&key, notice->to);
    put_be64 (value, notice->notice);
    txn_put (txn, core_table (NOTIFICATION_SOURCES), key_view (&key), BYTES_OF (value));
}

size_t notification_source_find (struct txn *txn, enum speaker speaker, uint64_t sequence,
                                 size_t max, uint64_t *ret_notices)
{
    struct key prefix = source_prefix (speaker, sequence);
    CLEANUP (cursor_done) struct cursor cursor;
    size_t count = 0;

    cursor_init (&cursor, txn, core_table (NOTIFICATION_SOURCES));
    for (cursor_seek (&cursor, key_view (&prefix));
         count < max && cursor_is_within (&cursor, key_view (&prefix));
         cursor_next (&cursor)) {
        struct bytes value = cursor_value (&cursor);

        ret_notices[count++] = key_take_u64 (&value);
    }
    return count;
}

/* ---- lists ----------------------------------------------------------------------- */

/* Keys that begin with 'prefix' and end in a notice's number, from 'from' on. */
static size_t list (struct txn *txn, unsigned table, struct key prefix, uint64_t after,
                    size_t max, uint64_t *ret)
{
    struct key from = prefix;
    CLEANUP (cursor_done) struct cursor cursor;
    size_t count = 0;

    key_u64 (&from, after + 1);
    cursor_init (&cursor, txn, core_table (table));
    for (cursor_seek (&cursor, key_view (&from));
         count < max && cursor_is_within (&cursor, key_view (&prefix));
         cursor_next (&cursor)) {
        struct bytes key = cursor_key (&cursor);

        key_take_bytes (&key, prefix.size);
        ret[count++] = key_take_u64 (&key);
    }
    return count;
}

size_t notification_of_grievance (struct txn *txn, uint64_t grievance, uint64_t after,
                                  size_t max, uint64_t *ret)
{
    return list (txn, NOTIFICATION_GRIEVANCES, key_of (grievance), after, max, ret);
}

size_t notification_in_state (struct txn *txn, enum notice_state state, uint64_t after,
                              size_t max, uint64_t *ret)
{
    struct key prefix;

    key_init (&prefix);
    key_u8 (&prefix, (uint8_t) state);
    return list (txn, NOTIFICATION_STATES, prefix, after, max, ret);
}

size_t notification_all (struct txn *txn, uint64_t after, size_t max, uint64_t *ret)
{
    struct key prefix;

    key_init (&prefix);
    return list (txn, NOTIFICATION_NOTICES, prefix, after, max, ret);
}

size_t notification_prints (struct txn *txn, uint32_t terminal, uint64_t after,
                            size_t max, uint64_t *ret)
{
    struct key prefix;

    key_init (&prefix);
    key_u32 (&prefix, terminal);
    return list (txn, NOTIFICATION_PRINTS, prefix, after, max, ret);
}

size_t notification_gathered (struct txn *txn, enum recipient recipient, uint32_t to,
                              size_t max, uint64_t *ret)
{
    return list (txn, NOTIFICATION_DIGESTS, digest_prefix (recipient, to), 0, max, ret);
}

size_t notification_members (struct txn *txn, uint64_t leader, size_t max, uint64_t *ret)
{
    return list (txn, NOTIFICATION_MEMBERS, key_of (leader), 0, max, ret);
}

int64_t notification_digest_ms (struct txn *txn, enum recipient recipient, uint32_t to)
{
    struct key prefix = digest_prefix (recipient, to);
    CLEANUP (cursor_done) struct cursor cursor;
    struct bytes value;

    cursor_init (&cursor, txn, core_table (NOTIFICATION_DIGESTS));
    if (!cursor_last_within (&cursor, key_view (&prefix)))
        return 0;
    value = cursor_value (&cursor);
    return (int64_t) key_take_u64 (&value);
}

/* ---- on their way ------------------------------------------------------------------ */

static struct notification_outgoing outgoing_of (uint64_t notice, struct bytes value)
{
    struct notification_outgoing outgoing = { .notice = notice };

    outgoing.since = key_take_u64 (&value);
    outgoing.lost_ms = (int64_t) key_take_u64 (&value);
    return outgoing;
}

size_t notification_outgoing_list (struct txn *txn, uint64_t after, size_t max,
                                   struct notification_outgoing *ret)
{
    struct key from = key_of (after + 1);
    CLEANUP (cursor_done) struct cursor cursor;
    size_t count = 0;

    cursor_init (&cursor, txn, core_table (NOTIFICATION_OUTGOING));
    for (cursor_seek (&cursor, key_view (&from)); count < max && cursor_is_on (&cursor);
         cursor_next (&cursor)) {
        struct bytes key = cursor_key (&cursor);

        ret[count++] = outgoing_of (key_take_u64 (&key), cursor_value (&cursor));
    }
    return count;
}

bool notification_outgoing_find (struct txn *txn, uint64_t notice,
                                 struct notification_outgoing *ret)
{
    struct key key = key_of (notice);
    struct bytes value;

    if (!txn_get (txn, core_table (NOTIFICATION_OUTGOING), key_view (&key), &value))
        return false;
    *ret = outgoing_of (notice, value);
    return true;
}

void notification_outgoing_put (struct txn *txn,
                                const struct notification_outgoing *outgoing)
{
    struct key key = key_of (outgoing->notice);
    uint8_t value[16];

    put_be64 (value, outgoing->since);
    put_be64 (value + 8, (uint64_t) outgoing->lost_ms);
    txn_put (txn, core_table (NOTIFICATION_OUTGOING), key_view (&key), BYTES_OF (value));
}

void notification_outgoing_delete (struct txn *txn, uint64_t notice)
{
    struct key key = key_of (notice);

    txn_delete (txn, core_table (NOTIFICATION_OUTGOING), key_view (&key));
}

/* ---- restored sources ----------------------------------------------------------------- */

static struct key lost_prefix (enum speaker speaker)
{
    struct key key;

    key_init (&key);
    key_u8 (&key, (uint8_t) speaker);
    return key;
}

void notification_lost_put (struct txn *txn, enum speaker speaker, uint32_t incarnation,
                            uint64_t kept)
{
    struct key key = lost_prefix (speaker);
    uint8_t value[8];

    key_u32 (&key, incarnation);
    put_be64 (value, kept);
    txn_put (txn, core_table (NOTIFICATION_LOST), key_view (&key), BYTES_OF (value));
}

bool notification_has_lost (struct txn *txn, enum speaker speaker)
{
    struct key prefix = lost_prefix (speaker);
    CLEANUP (cursor_done) struct cursor cursor;

    cursor_init (&cursor, txn, core_table (NOTIFICATION_LOST));
    cursor_seek (&cursor, key_view (&prefix));
    return cursor_is_within (&cursor, key_view (&prefix));
}

bool notification_is_lost (struct txn *txn, const struct source *source)
{
    struct key prefix = lost_prefix (source->speaker);
    CLEANUP (cursor_done) struct cursor cursor;

    cursor_init (&cursor, txn, core_table (NOTIFICATION_LOST));
    for (cursor_seek (&cursor, key_view (&prefix));
         cursor_is_within (&cursor, key_view (&prefix)); cursor_next (&cursor)) {
        struct bytes key = cursor_key (&cursor), value = cursor_value (&cursor);

        key_take_u8 (&key);
        if (key_take_u32 (&key) > position_incarnation (source->sequence) &&
            key_take_u64 (&value) < position_sequence (source->sequence))
            return true;
    }
    return false;
}

void notification_again_put (struct txn *txn, uint64_t notice)
{
    mark (txn, NOTIFICATION_AGAIN, key_of (notice), true);
}

bool notification_was_again (struct txn *txn, uint64_t notice)
{
    struct key key = key_of (notice);

    return txn_get (txn, core_table (NOTIFICATION_AGAIN), key_view (&key), NULL);
}

/* ---- lanes and counts ---------------------------------------------------------------- */

int64_t notification_lane_ms (struct txn *txn, uint64_t lane)
{
    struct key key = key_of (lane);
    struct bytes value;

    if (!txn_get (txn, core_table (NOTIFICATION_LANES), key_view (&key), &value))
        return 0;
    return (int64_t) key_take_u64 (&value);
}

void notification_lane_put (struct txn *txn, uint64_t lane, int64_t slot_ms)
{
    struct key key = key_of (lane);
    uint8_t value[8];

    put_be64 (value, (uint64_t) slot_ms);
    txn_put (txn, core_table (NOTIFICATION_LANES), key_view (&key), BYTES_OF (value));
}

static const uint8_t meta_key[1] = { 'm' };

void notification_counts_read (struct txn *txn, struct notification_counts *ret)
{
    struct bytes value = { NULL, 0 };

    if (!txn_get (txn, core_table (NOTIFICATION_COUNTS), BYTES_OF (meta_key), &value))
        value = BYTES (NULL, 0);
    for (size_t i = 0; i < ARRAY_SIZE (ret->of); i++)
        ret->of[i] = key_take_u64 (&value);
}

void notification_counts_put (struct txn *txn, const struct notification_counts *counts)
{
    uint8_t value[8 * ARRAY_SIZE (counts->of)];

    for (size_t i = 0; i < ARRAY_SIZE (counts->of); i++)
        put_be64 (value + 8 * i, counts->of[i]);
    txn_put (txn, core_table (NOTIFICATION_COUNTS), BYTES_OF (meta_key),
             BYTES_OF (value));
}
