/* SPDX-License-Identifier: Apache-2.0 */
/* Time as the core keeps it: what is trusted comes in from the shell, goes into the store
 * with every batch, and while it is uncertain says so in every entry.
 *
 *   meta "core.time"      runtime/trust.h's record: so that a start in the same boot goes on
 *                         from it, and stamps nothing before what followers were promised
 *   meta "core.promised"  the latest promise (8) when that record was written
 *   meta "core.doubt"     journal time (8) since when it has been uncertain; absent: it is not
 *
 * A promise (Entries.complete_ms) is trusted time, which runs at the pace of the boot
 * clock but for what slewing does to the wall: TIME_SLACK_MS bounds that, since the
 * record is written anew when it was further off, or older than TIME_KEPT_MS. Where the
 * wall is set back by so little that it is believed, the promise of before stays. */
#include "runtime/core_inside.h"

#include <inttypes.h>
#include <string.h>

#include "base/civil.h"
#include "base/log.h"

#define TIME_KEPT_MS  60000
#define TIME_SLACK_MS 100

static int64_t later (int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* ---- from the shell ------------------------------------------------------------------ */

/* The latest that the life before can have promised. A wall that is believed after a boot
 * may still be a little behind that. Unless it ended with a clean stop, the record may be
 * some time older than the end. */
static int64_t promised_before (const struct core *core, const struct trust *now)
{
    const struct trust *kept = &core->kept;
    if (trust_is_same_boot (kept, now->boot, now->boot_ms))
        return trust_expect_ms (kept, now->boot_ms) + TIME_SLACK_MS;
    return core->was_unclean ? kept->trusted_ms + TIME_KEPT_MS + TIME_SLACK_MS
                             : kept->trusted_ms;
}

void core_trust (struct core *core, const struct trust *trust)
{
    if (!core->is_started && core->has_kept)
        core->promised_ms = later (core->promised_ms, promised_before (core, trust));
    core->trust = *trust;
    core->has_trust = true;
}

const struct trust *core_kept_trust (const struct core *core)
{
    return core->has_kept ? &core->kept : NULL;
}

int64_t core_newest_ms (const struct core *core)
{
    return core->done_last_time_ms;
}

bool core_time_is_uncertain (const struct core *core)
{
    return core->has_trust && core->trust.state != TRUST_SURE;
}

/* ---- the store ----------------------------------------------------------------------- */

void time_load (struct core *core, struct txn *txn)
{
    struct bytes value;
    core->has_kept = meta_get (txn, "time", &value) && trust_decode (value, &core->kept);
    if (meta_get (txn, "promised", &value) && value.size == 8)
        core->promised_ms = (int64_t) get_be64 (value.data);
    if (meta_get (txn, "doubt", &value) && value.size == 8)
        core->doubt_ms = core->done_doubt_ms = (int64_t) get_be64 (value.data);
}

/* A batch that writes nothing else writes no time either, unless it has to. */
static bool must_keep (const struct core *core)
{
    if (!core->has_kept || core->kept.state != core->trust.state ||
        !trust_is_same_boot (&core->kept, core->trust.boot, core->trust.boot_ms))
        return true;
    int64_t passed_ms = core->trust.boot_ms - core->kept.boot_ms;
    int64_t off_ms =
        core->trust.trusted_ms - trust_expect_ms (&core->kept, core->trust.boot_ms);
    return passed_ms >= TIME_KEPT_MS || off_ms > TIME_SLACK_MS / 2 ||
           off_ms < -TIME_SLACK_MS / 2;
}

void time_keep (struct core *core, struct txn *txn)
{
    uint8_t record[TRUST_RECORD_SIZE], promised[8];
    if (!core->has_trust)
        return;
    trust_encode (&core->trust, record);
    meta_put (txn, "time", BYTES_OF (record));
    put_be64 (promised, (uint64_t) core->promised_ms);
    meta_put (txn, "promised", BYTES_OF (promised));
}

void time_save (struct core *core, bool is_writing)
{
    core->is_keeping = core->has_trust && (is_writing || must_keep (core));
    if (core->is_keeping)
        time_keep (core, core->txn);
}

void time_done (struct core *core, bool committed)
{
    if (committed && core->is_keeping) {
        core->kept = core->trust;
        core->has_kept = true;
    }
    core->is_keeping = false;
    if (committed)
        core->done_doubt_ms = core->doubt_ms;
    else
        core->doubt_ms = core->done_doubt_ms;
}

/* ---- doubt --------------------------------------------------------------------------- */

static void doubt_begins (struct core *core)
{
    uint8_t since[8];
    core->doubt_ms = entry_time_ms (core);
    put_be64 (since, (uint64_t) core->doubt_ms);
    meta_put (core->txn, "doubt", BYTES_OF (since));
}

static void doubt_ends (struct core *core)
{
    struct key key;
    char from[CIVIL_TIME_SIZE], wall[CIVIL_TIME_SIZE];
    arena_reset (&core->scratch);
    struct event *event = ARENA_NEW (&core->scratch, struct event);
    event->entry.kind = KIND_TIME_SETTLED;
    event->entry.informative = true;
    event->entry.time_settled = ARENA_NEW (&core->scratch, struct time_settled);
    *event->entry.time_settled = (struct time_settled){ .from_ms = core->doubt_ms,
                                                        .until_ms = entry_time_ms (core),
                                                        .wall_ms = core->now_ms };
    civil_format_time (core->doubt_ms, from);
    civil_format_time (core->now_ms, wall);
    core_emit (core, event, NULL, NULL, NULL, NULL);
    key_init (&key);
    key_text (&key, "core.doubt");
    txn_delete (core->txn, CORE_META, key_view (&key));
    core->doubt_ms = 0;
    log_notice ("time was uncertain since %s and is settled: it is %s", from, wall);
}

void time_look (struct core *core)
{
    bool is_uncertain = core_time_is_uncertain (core);
    if (is_uncertain && core->doubt_ms == 0)
        doubt_begins (core);
    else if (!is_uncertain && core->doubt_ms != 0)
        doubt_ends (core);
}

bool time_wants_turn (const struct core *core)
{
    return core_time_is_uncertain (core) != (core->done_doubt_ms != 0);
}
