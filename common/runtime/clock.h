/* SPDX-License-Identifier: Apache-2.0 */
/* Trusted time: the wall clock, believed as long as it agrees with the time since boot
 * (DESIGN §5). Milliseconds since 1970-01-01 UTC.
 *
 * When the wall clock jumps by more than CLOCK_DOUBT_MS against the boot clock, trusted
 * time goes on from where it was at the boot clock's pace, until the wall agrees again or
 * somebody says that the wall is right (clock_settle). */
#ifndef MINQING_RUNTIME_CLOCK_H
#define MINQING_RUNTIME_CLOCK_H

#include "base/err.h"

#define CLOCK_DOUBT_MS        (INT64_C (300) * 1000)
#define CLOCK_VARIABLE        "MINQING_CLOCK_FILE"
#define CLOCK_STEPPED_POLL_MS 20

/* The law alone, for tests: no clock is read. Zero-initialised it believes the first
 * wall time it is told. */
struct trust {
    int64_t trusted_ms; /* 0: nothing known yet */
    int64_t boot_ms;
    bool is_doubting;
    uint64_t jumps; /* how often doubt began */
};
int64_t trust_step (struct trust *trust, int64_t wall_ms, int64_t boot_ms);

struct clock;

/* For tests with whole daemons $MINQING_CLOCK_FILE may name a file of 8 bytes (int64_t,
 * milliseconds, native order) that is read instead of the clocks. */
MUST_CHECK int clock_open (struct clock **ret_clock, struct err *err);
void clock_close (struct clock **clock);

/* Trusted now. Says in the log when doubt begins and ends. */
int64_t clock_now_ms (struct clock *clock);
/* Believe the wall clock from now on. */
void clock_settle (struct clock *clock);
uint64_t clock_jumps (const struct clock *clock);
bool clock_is_doubting (const struct clock *clock);
/* Time comes from a file: look at it every CLOCK_STEPPED_POLL_MS. */
bool clock_is_stepped (const struct clock *clock);

#endif
