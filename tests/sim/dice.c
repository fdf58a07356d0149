/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/sim.h"

/* splitmix64 */
static uint64_t next (uint64_t *state)
{
    uint64_t z = (*state += UINT64_C (0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C (0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C (0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void dice_init (struct sim *sim, uint64_t seed)
{
    uint64_t state = seed;
    for (size_t i = 0; i < DICE_COUNT; i++)
        sim->dice[i] = next (&state);
}

uint64_t dice_bits (struct sim *sim, enum dice dice)
{
    return next (&sim->dice[dice]);
}

uint64_t dice_below (struct sim *sim, enum dice dice, uint64_t n)
{
    return (uint64_t) (((unsigned __int128) dice_bits (sim, dice) * n) >> 64);
}

int64_t dice_between (struct sim *sim, enum dice dice, int64_t from, int64_t to)
{
    return from + (int64_t) dice_below (sim, dice, (uint64_t) (to - from + 1));
}

bool dice_one_in (struct sim *sim, enum dice dice, uint64_t n)
{
    return n > 0 && dice_below (sim, dice, n) == 0;
}

void dice_fill (struct sim *sim, enum dice dice, uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t) dice_bits (sim, dice);
}
