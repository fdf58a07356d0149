/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's clock: reads what the machine says of time and believes it by the law of
 * runtime/trust.h. Milliseconds since 1970-01-01 UTC.
 *
 * The boot's name is read from /proc, or from $MINQING_BOOT_ID where /proc is closed (the
 * shipped units hand it in); whether somebody keeps the wall right is asked of the
 * kernel, or seen from systemd-timesyncd's mark where the kernel may not be asked.
 *
 * For tests with whole daemons $MINQING_CLOCK_FILE may name a file (int64_t, native
 * order):
 *   8 bytes   trusted time itself, always certain
 *   32 bytes  wall, boot clock, number of the boot, whether somebody keeps the wall
 *             right: what the machine says; the law is that of the real clocks */
#ifndef MINQING_RUNTIME_CLOCK_H
#define MINQING_RUNTIME_CLOCK_H

#include "base/err.h"
#include "runtime/trust.h"

#define CLOCK_VARIABLE        "MINQING_CLOCK_FILE"
#define CLOCK_BOOT_VARIABLE   "MINQING_BOOT_ID"
#define CLOCK_STEPPED_POLL_MS 20

struct clock;

MUST_CHECK int clock_open (struct clock **ret_clock, struct err *err);
void clock_close (struct clock **clock);

/* Go on from what the store kept (NULL: nothing) and from its newest entry (0: none). Until
 * then the wall is believed. */
void clock_begin (struct clock *clock, const struct trust *kept, int64_t newest_ms);

/* Trusted now; 'newest_ms' as above. Says in the log when doubt begins and ends. */
int64_t clock_now_ms (struct clock *clock, int64_t newest_ms);
/* Believe the wall clock from now on: somebody says that it is right. */
void clock_settle (struct clock *clock);
/* What is believed, for the core; NULL: time is stepped, and certain. */
const struct trust *clock_trust (const struct clock *clock);
uint64_t clock_jumps (const struct clock *clock);
bool clock_is_doubting (const struct clock *clock);
/* Time comes from a file: look at it every CLOCK_STEPPED_POLL_MS. */
bool clock_is_stepped (const struct clock *clock);

#endif
