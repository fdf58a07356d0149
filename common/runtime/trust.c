/* SPDX-License-Identifier: Apache-2.0 */
/* The law of trusted time. Every way out of doubt is here:
 *
 *   JUMPED ─▶ SURE   the wall agrees again with what the boot clock expects
 *   LOST   ─▶ SURE   the wall is where it can be: not before the newest entry, and at
 *                    most TRUST_AHEAD_MS behind it
 *   both   ─▶ SURE   somebody keeps the wall right, and it is not before the newest entry
 *   both   ─▶ SURE   a person says so (trust_settle)
 *
 * A jump into the past that NTP made itself (time was wrong before) waits for the person:
 * entries of the future would stand in the journal otherwise without a word. */
#include "runtime/trust.h"

#include "base/fault.h"

#include <string.h>

static int64_t later (int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t apart (int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

static bool is_known_boot (const uint8_t boot[TRUST_BOOT_SIZE])
{
    static const uint8_t none[TRUST_BOOT_SIZE];
    return memcmp (boot, none, TRUST_BOOT_SIZE) != 0;
}

bool trust_is_same_boot (const struct trust *a, const uint8_t boot[TRUST_BOOT_SIZE],
                         int64_t boot_ms)
{
    return is_known_boot (boot) && memcmp (a->boot, boot, TRUST_BOOT_SIZE) == 0 &&
           boot_ms >= a->boot_ms;
}

int64_t trust_expect_ms (const struct trust *trust, int64_t boot_ms)
{
    return trust->trusted_ms + (boot_ms - trust->boot_ms);
}

/* Can the wall be right, when 'known_ms' is behind us for certain? */
static bool can_be (const struct trust_clocks *clocks, int64_t known_ms)
{
    return clocks->wall_ms >= known_ms - TRUST_DOUBT_MS &&
           (clocks->is_synchronised || clocks->wall_ms <= known_ms + TRUST_AHEAD_MS);
}

static bool is_believed (const struct trust *trust, const struct trust_clocks *clocks,
                         int64_t expected_ms)
{
    if (FAULT (BELIEVE_CLOCK))
        return true;
    switch (trust->state) {
    case TRUST_SURE:
        return apart (clocks->wall_ms, expected_ms) <= TRUST_DOUBT_MS;
    case TRUST_JUMPED:
        return apart (clocks->wall_ms, expected_ms) <= TRUST_DOUBT_MS ||
               (clocks->is_synchronised && clocks->wall_ms >= clocks->newest_ms);
    case TRUST_LOST:
        return can_be (clocks, expected_ms);
    case TRUST_STATE_COUNT:
        break;
    }
    return false;
}

static void take (struct trust *trust, enum trust_state state, int64_t now_ms,
                  const struct trust_clocks *clocks)
{
    trust->jumps += trust->state == TRUST_SURE && state != TRUST_SURE;
    trust->state = state;
    trust->trusted_ms = now_ms;
    trust->boot_ms = clocks->boot_ms;
}

/* After a boot, or with nothing kept: the wall, if it can be. A first store has nothing
 * that it could be too far behind of. */
static void begin_anew (struct trust *trust, const struct trust *kept,
                        const struct trust_clocks *clocks)
{
    int64_t known_ms = later (clocks->newest_ms, kept != NULL ? kept->trusted_ms : 0);
    bool is_first = known_ms == 0;
    known_ms = later (known_ms, TRUST_FLOOR_MS);
    bool believed = is_first ? clocks->wall_ms >= known_ms : can_be (clocks, known_ms);
    if (believed || FAULT (BELIEVE_CLOCK))
        take (trust, TRUST_SURE, clocks->wall_ms, clocks);
    else
        take (trust, TRUST_LOST, known_ms, clocks);
}

void trust_begin (struct trust *trust, const struct trust *kept,
                  const struct trust_clocks *clocks)
{
    *trust = (struct trust){ .state = TRUST_SURE };
    if (kept != NULL && trust_is_same_boot (kept, clocks->boot, clocks->boot_ms)) {
        *trust = *kept;
        trust->jumps = 0;
        trust_step (trust, clocks);
        return;
    }
    memcpy (trust->boot, clocks->boot, TRUST_BOOT_SIZE);
    begin_anew (trust, kept, clocks);
}

int64_t trust_step (struct trust *trust, const struct trust_clocks *clocks)
{
    int64_t expected_ms = trust_expect_ms (trust, clocks->boot_ms);
    if (is_believed (trust, clocks, expected_ms))
        take (trust, TRUST_SURE, clocks->wall_ms, clocks);
    else
        take (trust, trust->state == TRUST_LOST ? TRUST_LOST : TRUST_JUMPED, expected_ms,
              clocks);
    return trust->trusted_ms;
}

void trust_settle (struct trust *trust, const struct trust_clocks *clocks)
{
    take (trust, TRUST_SURE, clocks->wall_ms, clocks);
}

/* ---- the record -------------------------------------------------------------------- */

void trust_encode (const struct trust *trust, uint8_t ret[TRUST_RECORD_SIZE])
{
    ret[0] = (uint8_t) trust->state;
    put_be64 (ret + 1, (uint64_t) trust->trusted_ms);
    put_be64 (ret + 9, (uint64_t) trust->boot_ms);
    memcpy (ret + 17, trust->boot, TRUST_BOOT_SIZE);
}

bool trust_decode (struct bytes record, struct trust *ret)
{
    if (record.size != TRUST_RECORD_SIZE || record.data[0] >= TRUST_STATE_COUNT)
        return false;
    *ret = (struct trust){ .state = (enum trust_state) record.data[0],
                           .trusted_ms = (int64_t) get_be64 (record.data + 1),
                           .boot_ms = (int64_t) get_be64 (record.data + 9) };
    memcpy (ret->boot, record.data + 17, TRUST_BOOT_SIZE);
    return true;
}
