/* SPDX-License-Identifier: Apache-2.0 */
/* How long things took: counts in buckets that are 1/64 of their value wide, so that a
 * percentile is right to 1.6 % from nanoseconds to years, in 30 KiB, and noting one costs a
 * few instructions. Pure. */
#ifndef MINQING_CLI_BENCH_HISTOGRAM_H
#define MINQING_CLI_BENCH_HISTOGRAM_H

#include "base/macros.h"

#define HISTOGRAM_BITS    6 /* 2^6 buckets between a power of two and the next */
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS)

/* Zeroed is empty and valid. */
struct histogram {
    uint64_t count;
    uint64_t max;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_note (struct histogram *histogram, uint64_t value);

/* The smallest value that at least 'permille' of a thousand do not pass, as the upper end
 * of its bucket and never more than the largest that was noted; 0 when nothing was.
 * 1000 is the largest, exactly. */
uint64_t histogram_at (const struct histogram *histogram, unsigned permille);

#endif
