/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/codes.h"

static const struct intake_codes_slot *slot_find (const struct intake_codes *codes,
                                                  uint64_t number)
{
    const struct intake_codes_slot *set = codes->slots[number % INTAKE_CODES_SETS];
    for (unsigned i = 0; i < INTAKE_CODES_WAYS; i++)
        if (set[i].number == number)
            return &set[i];
    return NULL;
}

/* When the n-th last wrong code came; 1 is the last. */
static int64_t wrong_at (const struct intake_codes_slot *slot, unsigned n)
{
    return slot->wrong_at_ms[(slot->wrong - n) % INTAKE_CODES_WRONG_MAX];
}

static bool slot_is_over (const struct intake_codes_slot *slot, int64_t now_ms)
{
    return now_ms >= slot->closed_until_ms &&
           now_ms - wrong_at (slot, 1) >= INTAKE_CODES_HOUR_MS;
}

/* The slot of this number, or the one that is missed least: free or over, else the one
 * with the fewest wrong codes. */
static struct intake_codes_slot *slot_take (struct intake_codes *codes, uint64_t number,
                                            int64_t now_ms)
{
    struct intake_codes_slot *set = codes->slots[number % INTAKE_CODES_SETS];
    struct intake_codes_slot *least = &set[0];
    for (unsigned i = 0; i < INTAKE_CODES_WAYS; i++) {
        if (set[i].number == number)
            return &set[i];
        if (set[i].number != 0 && slot_is_over (&set[i], now_ms))
            set[i] = (struct intake_codes_slot){ 0 };
        if (set[i].wrong < least->wrong)
            least = &set[i];
    }
    *least = (struct intake_codes_slot){ .number = number };
    return least;
}

bool intake_codes_are_closed (const struct intake_codes *codes, uint64_t number,
                              int64_t now_ms)
{
    const struct intake_codes_slot *slot = slot_find (codes, number);
    return slot && now_ms < slot->closed_until_ms;
}

void intake_codes_note_wrong (struct intake_codes *codes, uint64_t number, int64_t now_ms)
{
    struct intake_codes_slot *slot = slot_take (codes, number, now_ms);
    slot->wrong_at_ms[slot->wrong++ % INTAKE_CODES_WRONG_MAX] = now_ms;
    if (slot->wrong >= INTAKE_CODES_WRONG_MAX &&
        now_ms - wrong_at (slot, INTAKE_CODES_WRONG_MAX) < INTAKE_CODES_HOUR_MS)
        slot->closed_until_ms = now_ms + INTAKE_CODES_HOUR_MS;
}

unsigned intake_codes_closed_count (const struct intake_codes *codes, int64_t now_ms)
{
    unsigned count = 0;
    for (unsigned set = 0; set < INTAKE_CODES_SETS; set++)
        for (unsigned i = 0; i < INTAKE_CODES_WAYS; i++)
            count += now_ms < codes->slots[set][i].closed_until_ms;
    return count;
}
