/* SPDX-License-Identifier: Apache-2.0 */
/* Trusted time, the law alone (DESIGN §5): it reads no clock and no file.
 *
 * The wall clock knows the date and anybody can set it. The boot clock counts on through
 * suspend, nobody can set it, and it knows no date. What is believed is the wall, as long
 * as it agrees with what the boot clock makes of what was believed before.
 *
 *   SURE    trusted time is the wall's
 *   JUMPED  the wall jumped; trusted time goes on from what was believed, at the pace of
 *           the boot clock
 *   LOST    at a start after a boot the wall says what cannot be; trusted time begins at
 *           the newest thing that is known to have happened, and goes on at the pace of
 *           the boot clock: so it is never ahead
 *
 * In the two latter time is uncertain: nothing is raised by it, and what is journaled
 * says so. Milliseconds since 1970-01-01 UTC. */
#ifndef MINQING_RUNTIME_TRUST_H
#define MINQING_RUNTIME_TRUST_H

#include "base/bytes.h"

/* A wall that differs by no more agrees. */
#define TRUST_DOUBT_MS (INT64_C (300) * 1000)
/* A wall that nobody keeps right is believed after a boot up to so far behind the newest
 * thing known: a village office closes for weeks, a dead battery says anything. */
#define TRUST_AHEAD_MS (INT64_C (31) * 86400 * 1000)
/* 2020-01-01: what a machine without a battery says at its first start is before it. */
#define TRUST_FLOOR_MS INT64_C (1577836800000)

#define TRUST_BOOT_SIZE 16

enum trust_state { TRUST_SURE, TRUST_JUMPED, TRUST_LOST, TRUST_STATE_COUNT };

/* What the clocks say now. */
struct trust_clocks {
    int64_t wall_ms;
    int64_t boot_ms;               /* since boot */
    uint8_t boot[TRUST_BOOT_SIZE]; /* which boot; all zero: not known */
    bool is_synchronised;          /* somebody keeps the wall right (NTP) */
    int64_t newest_ms;             /* of the newest entry; 0: none */
};

struct trust {
    enum trust_state state;
    int64_t trusted_ms;            /* trusted time was this, */
    int64_t boot_ms;               /* when the boot clock said this, */
    uint8_t boot[TRUST_BOOT_SIZE]; /* in this boot */
    uint64_t jumps;                /* how often doubt began in this life */
};

/* The start of a life. 'kept' is what the store kept of the last one (NULL: nothing): in
 * the same boot time goes on from it, so that nothing is taken back that was said. */
void trust_begin (struct trust *trust, const struct trust *kept,
                  const struct trust_clocks *clocks);
/* Trusted now. */
int64_t trust_step (struct trust *trust, const struct trust_clocks *clocks);
/* A person says that the wall is right. */
void trust_settle (struct trust *trust, const struct trust_clocks *clocks);
/* What it will be when the boot clock says so, if nothing jumps. */
int64_t trust_expect_ms (const struct trust *trust, int64_t boot_ms);
/* Is 'b' in the boot of 'a', and not before it? An unknown boot is none's. */
bool trust_is_same_boot (const struct trust *a, const uint8_t boot[TRUST_BOOT_SIZE],
                         int64_t boot_ms);

/* As the store keeps it:  state (1) trusted (8) boot clock (8) boot (16) */
#define TRUST_RECORD_SIZE (1 + 8 + 8 + TRUST_BOOT_SIZE)
void trust_encode (const struct trust *trust, uint8_t ret[TRUST_RECORD_SIZE]);
bool trust_decode (struct bytes record, struct trust *ret); /* false: not one */

#endif
