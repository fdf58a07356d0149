/* SPDX-License-Identifier: Apache-2.0 */
/* Finding rows: villages, departments and their lines, people by date, categories, words.
 * Sorted arrays and binary search; chains of superiors, successors and stand-ins are
 * followed RULES_CHAIN_MAX steps, which the loader has seen to be enough. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "rules/rules.h"

/* The first of 'count' rows for which 'before' is false: lower bound. */
#define LOWER_BOUND(rows, count, row, before)                                            \
    ({                                                                                   \
        size_t low_ = 0, high_ = (count);                                                \
        while (low_ < high_) {                                                           \
            size_t middle_ = low_ + (high_ - low_) / 2;                                  \
            __typeof__ (&(rows)[0]) row = &(rows)[middle_];                              \
            if (before)                                                                  \
                low_ = middle_ + 1;                                                      \
            else                                                                         \
                high_ = middle_;                                                         \
        }                                                                                \
        low_;                                                                            \
    })

const struct village *village_find (const struct rules *rules, uint64_t code)
{
    size_t at =
        LOWER_BOUND (rules->villages, rules->village_count, row, row->code < code);
    bool found = at < rules->village_count && rules->villages[at].code == code;
    return found ? &rules->villages[at] : NULL;
}

bool territory_contains (uint64_t prefix, uint64_t code)
{
    if (prefix == 0)
        return true;
    while (code > prefix)
        code /= 10;
    return code == prefix;
}

/* ---- departments ---------------------------------------------------------------- */

const struct department *department_find (const struct rules *rules, uint32_t number)
{
    size_t at = LOWER_BOUND (rules->departments, rules->department_count, row,
                             row->number < number);
    bool found = at < rules->department_count && rules->departments[at].number == number;
    return found ? &rules->departments[at] : NULL;
}

const struct department *department_in_force (const struct rules *rules, uint32_t number)
{
    const struct department *department = department_find (rules, number);
    for (int i = 0; i < RULES_CHAIN_MAX && department != NULL; i++) {
        if (department->successor == 0)
            break;
        department = department_find (rules, department->successor);
    }
    return department;
}

static const struct department *superior_of (const struct rules *rules,
                                             const struct department *department)
{
    return department->superior == 0 ? NULL
                                     : department_in_force (rules, department->superior);
}

static bool is_at_or_above (const struct rules *rules, const struct department *above,
                            const struct department *department)
{
    for (int i = 0; i <= RULES_CHAIN_MAX && department != NULL; i++) {
        if (department == above)
            return true;
        department = superior_of (rules, department);
    }
    return false;
}

/* The department with this flag and the narrowest territory around both; the lowest
 * number of several. */
static const struct department *narrowest (const struct rules *rules, unsigned flag,
                                           uint64_t one, uint64_t other)
{
    const struct department *found = NULL;
    for (size_t i = 0; i < rules->department_count; i++) {
        const struct department *department = &rules->departments[i];
        if (department->successor != 0 || (department->flags & flag) == 0 ||
            !territory_contains (department->territory, one) ||
            !territory_contains (department->territory, other))
            continue;
        if (found == NULL || department->territory > found->territory)
            found = department;
    }
    return found;
}

const struct department *department_common_superior (const struct rules *rules,
                                                     uint32_t a, uint32_t b)
{
    const struct department *one = department_in_force (rules, a);
    const struct department *other = department_in_force (rules, b);
    if (one == NULL || other == NULL)
        return NULL;
    const struct department *above = one;
    for (int i = 0; i <= RULES_CHAIN_MAX && above != NULL; i++) {
        if (is_at_or_above (rules, above, other))
            return above;
        above = superior_of (rules, above);
    }
    return narrowest (rules, DEPARTMENT_ARBITER, one->territory, other->territory);
}

const struct department *department_dispatching (const struct rules *rules,
                                                 uint64_t village)
{
    return narrowest (rules, DEPARTMENT_DISPATCHING, village, village);
}

/* ---- people ---------------------------------------------------------------------- */

static bool in_force (const struct officer *officer, int32_t day)
{
    return officer->from_day <= day && day <= officer->until_day;
}

const struct officer *officer_find (const struct rules *rules, uint32_t number)
{
    size_t at =
        LOWER_BOUND (rules->officers, rules->officer_count, row, row->number < number);
    bool found = at < rules->officer_count && rules->officers[at].number == number;
    return found ? &rules->officers[at] : NULL;
}

const struct officer *officer_next (const struct rules *rules, uint32_t department,
                                    enum office office, int32_t day, size_t *at)
{
    while (*at < rules->officer_count) {
        const struct officer *officer = &rules->officers[(*at)++];
        if (officer->department == department && in_force (officer, day) &&
            (office == 0 || officer->office == office))
            return officer;
    }
    return NULL;
}

/* Who stands in for 'number' on 'day'; 0: nobody. */
static uint32_t stand_in (const struct rules *rules, uint32_t number, int32_t day)
{
    for (size_t i = 0; i < rules->officer_count; i++)
        if (rules->officers[i].stands_in_for == number &&
            in_force (&rules->officers[i], day))
            return rules->officers[i].number;
    return 0;
}

static bool holds_office (const struct rules *rules, uint32_t number, int32_t day)
{
    const struct officer *officer = officer_find (rules, number);
    const struct officer *end = rules->officers + rules->officer_count;
    for (; officer != NULL && officer < end && officer->number == number; officer++)
        if (in_force (officer, day))
            return true;
    return false;
}

uint32_t officer_acting (const struct rules *rules, uint32_t number, int32_t day)
{
    /* Two who stand in for each other by mistake: the bound ends it with one of them. */
    for (int i = 0; i < RULES_CHAIN_MAX; i++) {
        uint32_t other = stand_in (rules, number, day);
        if (other == 0)
            break;
        number = other;
    }
    return holds_office (rules, number, day) ? number : 0;
}

/* Has the person a row for this department and office, in force or not? */
static bool has_row (const struct rules *rules, uint32_t number, uint32_t department,
                     enum office office)
{
    const struct officer *end = rules->officers + rules->officer_count;
    const struct officer *row = officer_find (rules, number);
    for (; row != NULL && row < end && row->number == number; row++)
        if (row->department == department && (office == 0 || row->office == office))
            return true;
    return false;
}

bool officer_may (const struct rules *rules, uint32_t number, uint32_t department,
                  enum office office, int32_t day)
{
    const struct officer *end = rules->officers + rules->officer_count;
    const struct officer *row = officer_find (rules, number);
    for (; row != NULL && row < end && row->number == number; row++) {
        if (!in_force (row, day))
            continue;
        if (row->department == department && (office == 0 || row->office == office))
            return true;
        /* Whose office it is may be out of it just now: that is why somebody stands in. */
        if (row->stands_in_for != 0 &&
            has_row (rules, row->stands_in_for, department, office))
            return true;
    }
    return false;
}

/* ---- categories -------------------------------------------------------------------- */

static const struct category *find_path (const struct rules *rules, const char *path,
                                         size_t size)
{
    size_t low = 0, high = rules->category_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *other = rules->categories[middle].path;
        int order = strncmp (other, path, size);
        if (order == 0)
            order = other[size] == '\0' ? 0 : 1;
        if (order == 0)
            return &rules->categories[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct category *category_find (const struct rules *rules, const char *path)
{
    return path == NULL ? NULL : find_path (rules, path, strlen (path));
}

const struct category *category_find_number (const struct rules *rules, uint32_t number)
{
    size_t at = LOWER_BOUND (rules->categories_by_number, rules->category_count, row,
                             (*row)->number < number);
    bool found =
        at < rules->category_count && rules->categories_by_number[at]->number == number;
    return found ? rules->categories_by_number[at] : NULL;
}

#define PATH_SIZE 256

/* The path as the table would have it: narrow slashes, no spaces around levels. Cut at
 * PATH_SIZE: no path of a table is as long. */
static size_t tidy_path (const char *path, char ret[PATH_SIZE])
{
    struct bytes text = bytes_of_text (path);
    size_t used = 0;
    for (size_t at = 0; at < text.size;) {
        size_t start = at;
        uint32_t c = text_next (text, &at);
        uint32_t narrow = text_narrow_character (c);
        if (narrow == ' ' || narrow == '\t' || narrow == '\n' || narrow == '\r')
            continue;
        bool slash = narrow == '/';
        size_t size = slash ? 1 : at - start;
        if (used + size > PATH_SIZE || (slash && used == 0))
            break;
        if (slash)
            ret[used] = '/';
        else
            memcpy (ret + used, text.data + start, size);
        used += size;
    }
    while (used > 0 && ret[used - 1] == '/')
        used--;
    return used;
}

const struct category *category_nearest (const struct rules *rules, const char *path)
{
    char tidy[PATH_SIZE];
    const struct category *as_said = category_find (rules, path);
    if (as_said != NULL)
        return as_said; /* picked from the table, as nearly all are */
    size_t size = path == NULL ? 0 : tidy_path (path, tidy);
    while (size > 0) {
        const struct category *category = find_path (rules, tidy, size);
        if (category != NULL)
            return category;
        while (size > 0 && tidy[size - 1] != '/')
            size--;
        if (size > 0)
            size--;
    }
    return NULL;
}

/* ---- urgency ------------------------------------------------------------------------ */

enum urgency urgency_of (const struct category *category, bool urgent)
{
    if (urgent)
        return URGENCY_EMERGENCY;
    return category == NULL ? URGENCY_ORDINARY : category->urgency;
}
