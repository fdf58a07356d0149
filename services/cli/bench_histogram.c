/* SPDX-License-Identifier: Apache-2.0 */
/* Log-linear buckets. Values below 2^BITS have a bucket each; above, the highest BITS + 1
 * bits of the value say which:
 *
 *     value   1 b b b b b b x x x … x      e: place of the highest bit
 *     bucket  (e − BITS + 1) · 2^BITS + bbbbbb */
#include "cli/bench_histogram.h"

#define STEPS (UINT64_C (1) << HISTOGRAM_BITS)

static size_t bucket_of (uint64_t value)
{
    if (value < STEPS)
        return (size_t) value;
    unsigned shift = 63u - (unsigned) __builtin_clzll (value) - HISTOGRAM_BITS;
    return (size_t) (shift * STEPS + (value >> shift));
}

/* The largest value of the bucket. */
static uint64_t end_of (size_t bucket)
{
    if (bucket < 2 * STEPS)
        return bucket;
    unsigned shift = (unsigned) (bucket >> HISTOGRAM_BITS) - 1;
    uint64_t first = ((bucket & (STEPS - 1)) + STEPS) << shift;
    return first + ((UINT64_C (1) << shift) - 1);
}

void histogram_note (struct histogram *histogram, uint64_t value)
{
    histogram->count++;
    histogram->buckets[bucket_of (value)]++;
    if (value > histogram->max)
        histogram->max = value;
}

uint64_t histogram_at (const struct histogram *histogram, unsigned permille)
{
    assert (permille <= 1000);
    if (permille == 1000 || histogram->count == 0)
        return histogram->max;
    uint64_t wanted = (histogram->count * permille + 999) / 1000, seen = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->buckets[i];
        if (seen >= wanted && seen > 0)
            return end_of (i) < histogram->max ? end_of (i) : histogram->max;
    }
    return histogram->max;
}
