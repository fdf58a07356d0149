/* SPDX-License-Identifier: Apache-2.0 */
/* Counting days. One function walks them and says of each why it counts or not; computing
 * is walking without listening, so that an explanation can never differ from the result. */
#include "rules/deadline.h"

#include "base/civil.h"
#include "rules/loading.h"

static const struct calendar_day *calendar_search (const struct rules *rules, int32_t day)
{
    size_t low = 0, high = rules->calendar_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rules->calendar[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < rules->calendar_count && rules->calendar[low].day == day;
    return found ? &rules->calendar[low] : NULL;
}

const struct calendar_day *calendar_find (const struct rules *rules, int32_t day)
{
    if (rules->calendar_places == NULL)
        return calendar_search (rules, day);
    if (day < rules->calendar[0].day ||
        day > rules->calendar[rules->calendar_count - 1].day)
        return NULL;
    uint16_t place = rules->calendar_places[day - rules->calendar[0].day];
    return place == 0 ? NULL : &rules->calendar[place - 1];
}

bool calendar_is_working_day (const struct rules *rules, int32_t day)
{
    const struct calendar_day *row = calendar_find (rules, day);
    return row != NULL ? !row->off : !civil_is_weekend (day);
}

uint32_t calendar_count (const struct rules *rules, int32_t after, int32_t through,
                         enum unit unit)
{
    uint32_t count = 0;
    for (int32_t day = after + 1; day <= through; day++)
        count += unit == UNIT_DAY || calendar_is_working_day (rules, day);
    return count;
}

/* A count in progress. */
struct walk {
    const struct rules *rules;
    deadline_day_fn *fn;
    void *context;
    int32_t day;
    uint32_t number;  /* counted so far */
    bool provisional; /* a day behind the calendar was asked */
};

static void tell (const struct walk *walk, enum deadline_day_reason reason)
{
    if (walk->fn == NULL)
        return;
    const struct calendar_day *row = calendar_find (walk->rules, walk->day);
    struct deadline_day day = {
        .day = walk->day,
        .reason = reason,
        .number = walk->number,
        .name = row == NULL ? NULL : row->name,
        .known = walk->day <= walk->rules->known_until,
    };
    walk->fn (&day, walk->context);
}

/* Is the day a working day; and that we had to ask. */
static bool ask (struct walk *walk)
{
    walk->provisional = walk->provisional || walk->day > walk->rules->known_until;
    return calendar_is_working_day (walk->rules, walk->day);
}

static enum deadline_day_reason why_off (const struct walk *walk)
{
    return calendar_find (walk->rules, walk->day) != NULL ? DAY_HOLIDAY : DAY_WEEKEND;
}

static void count_working_days (struct walk *walk, uint32_t amount)
{
    while (walk->number < amount) {
        walk->day++;
        bool working = ask (walk);
        walk->number += working;
        if (!working)
            tell (walk, why_off (walk));
        else
            tell (walk, civil_is_weekend (walk->day) ? DAY_MAKEUP : DAY_COUNTED);
    }
}

static void roll_on (struct walk *walk)
{
    if (ask (walk)) {
        tell (walk, DAY_COUNTED);
        return;
    }
    tell (walk, DAY_REST_AT_END);
    for (walk->day++; !ask (walk); walk->day++)
        tell (walk, why_off (walk));
    tell (walk, DAY_ROLLED);
}

static void count_days (struct walk *walk, uint32_t amount, bool roll)
{
    while (walk->number < amount) {
        walk->day++;
        walk->number++;
        if (!roll || walk->number < amount)
            tell (walk, DAY_COUNTED);
    }
    if (roll)
        roll_on (walk);
}

static void count_hours (struct walk *walk, int64_t start_ms, uint32_t amount,
                         struct expiry *ret)
{
    ret->due_ms = start_ms + amount * CIVIL_HOUR_MS;
    ret->last_day = walk->day = civil_day (ret->due_ms - 1);
    ret->provisional = false;
    walk->number = amount;
    tell (walk, DAY_COUNTED);
}

void deadline_explain (const struct rules *rules, int64_t start_ms, uint32_t amount,
                       enum unit unit, bool roll, deadline_day_fn *fn, void *context,
                       struct expiry *ret)
{
    assert (amount <= DEADLINE_AMOUNT_MAX);
    struct walk walk = {
        .rules = rules, .fn = fn, .context = context, .day = civil_day (start_ms)
    };
    if (unit == UNIT_HOUR) {
        count_hours (&walk, start_ms, amount, ret);
        return;
    }
    tell (&walk, DAY_FIRST);
    if (unit == UNIT_WORKING_DAY)
        count_working_days (&walk, amount);
    else
        count_days (&walk, amount, roll);
    *ret = (struct expiry){
        .due_ms = civil_day_end_ms (walk.day),
        .last_day = walk.day,
        .provisional = walk.provisional,
    };
}

/* Days are counted from today again and again: what was counted last is kept, by day and
 * period. It belongs to the rules, with whose calendar it goes. */
#define COUNTED_MOST 1024

struct deadline_counted {
    int32_t day;
    uint16_t amount;
    uint8_t unit;
    bool roll, is_there;
    struct expiry expiry;
};

static struct deadline_counted *counted_place (const struct rules *rules, int32_t day,
                                               uint32_t amount, enum unit unit, bool roll)
{
    uint32_t hash =
        (uint32_t) day * 2654435761u + amount * 40503u + (uint32_t) unit * 97u;
    return &rules->counted[((hash >> 12) ^ hash ^ roll) % COUNTED_MOST];
}

void deadline_compute (const struct rules *rules, int64_t start_ms, uint32_t amount,
                       enum unit unit, bool roll, struct expiry *ret)
{
    int32_t day = civil_day (start_ms);
    if (rules->counted == NULL || unit == UNIT_HOUR) {
        deadline_explain (rules, start_ms, amount, unit, roll, NULL, NULL, ret);
        return;
    }
    struct deadline_counted *at = counted_place (rules, day, amount, unit, roll);
    if (at->is_there && at->day == day && at->amount == amount && at->unit == unit &&
        at->roll == roll) {
        *ret = at->expiry;
        return;
    }
    deadline_explain (rules, start_ms, amount, unit, roll, NULL, NULL, ret);
    *at = (struct deadline_counted){ .day = day,
                                     .amount = (uint16_t) amount,
                                     .unit = (uint8_t) unit,
                                     .roll = roll,
                                     .is_there = true,
                                     .expiry = *ret };
}

struct deadline_counted *deadline_counted_create (struct arena *arena)
{
    return ARENA_ARRAY (arena, struct deadline_counted, COUNTED_MOST);
}

const char *deadline_day_text (enum deadline_day_reason reason, enum language language)
{
    static const char *const texts[][LANGUAGE_COUNT] = {
        [DAY_FIRST] = { "起算当日，不计", "the first day, not counted" },
        [DAY_COUNTED] = { "计算", "counted" },
        [DAY_MAKEUP] = { "调休上班，计算", "counted: worked in exchange for a holiday" },
        [DAY_WEEKEND] = { "周末，不计", "weekend, not counted" },
        [DAY_HOLIDAY] = { "节假日，不计", "holiday, not counted" },
        [DAY_ROLLED] = { "休息日后第一个工作日，期限届满",
                         "first working day after the rest days: it ends here" },
        [DAY_REST_AT_END] = { "计算；期末为休息日，顺延",
                              "counted; a rest day, so that the end moves on" },
    };
    return texts[reason][language];
}
