/* SPDX-License-Identifier: Apache-2.0 */
/* Every figure is a sum over grievances, so a group is a row of sums. A grievance counts in
 * the group of the department whose it is (rates_fold.h); the days are attributed to whoever
 * had it. */
#include "cli/rates_figures.h"

#include "cli/map.h"

#include "base/civil.h"
#include "rules/rules.h"

#include <stdlib.h>
#include <string.h>

struct making {
    const struct rates_fold *fold;
    const struct rates_selection *selection;
    struct rates_figures *figures;
    uint32_t *first_level; /* category → the first one with the same level 1 */
    struct map groups;     /* digest of the keys → index + 1 */
    struct map holders;    /* department + 1 → index + 1 */
};

#define ROOM(array, count, capacity)                                                     \
    do {                                                                                 \
        if ((count) < (capacity))                                                        \
            break;                                                                       \
        (capacity) = (capacity) == 0 ? 16 : (capacity) *2;                               \
        (array) = reallocarray ((array), (capacity), sizeof *(array));                   \
        if ((array) == NULL)                                                             \
            abort ();                                                                    \
    } while (0)

/* ---- which, and in which group ------------------------------------------------------ */

size_t rates_category_level (const char *path)
{
    return strcspn (path, "/");
}

static bool category_is_under (const char *path, const char *asked)
{
    size_t length = strlen (asked);
    return strncmp (path, asked, length) == 0 &&
           (path[length] == '\0' || path[length] == '/');
}

/* All but the department, which days are attributed to without. */
static bool is_selected (const struct making *it, const struct rates_grievance *grievance)
{
    const struct rates_selection *selection = it->selection;
    int32_t day = civil_day (grievance->filed_ms);
    return day >= selection->from && day <= selection->until &&
           territory_contains (selection->village, grievance->village) &&
           (selection->category == NULL ||
            category_is_under (rates_fold_category (it->fold, grievance->category),
                               selection->category));
}

static uint64_t key_of (const struct making *it, enum rates_dimension dimension,
                        const struct rates_grievance *grievance, uint32_t department)
{
    uint64_t day = civil_number (civil_day (grievance->filed_ms));
    switch (dimension) {
    case RATES_BY_DEPARTMENT:
        return department;
    case RATES_BY_TOWNSHIP:
        return grievance->village / 1000;
    case RATES_BY_VILLAGE:
        return grievance->village;
    case RATES_BY_CATEGORY:
        return it->first_level[grievance->category];
    case RATES_BY_SUBCATEGORY:
        return grievance->category;
    case RATES_BY_PURPOSE:
        return grievance->purpose;
    case RATES_BY_MONTH:
        return day / 100;
    case RATES_BY_YEAR:
        return day / 10000;
    case RATES_BY_COUNT:
        break;
    }
    return 0;
}

/* FNV-1a; two groups of one digest lie one behind the other. */
static uint64_t digest_of (const uint64_t keys[RATES_BY_MAX])
{
    uint64_t digest = UINT64_C (0xCBF29CE484222325);
    for (size_t i = 0; i < RATES_BY_MAX; i++)
        digest = (digest ^ keys[i]) * UINT64_C (0x100000001B3);
    return digest;
}

static struct rates_group *
group_of (struct making *it, const struct rates_grievance *grievance, uint32_t department)
{
    struct rates_figures *figures = it->figures;
    struct rates_group group = { 0 };
    for (size_t i = 0; i < it->selection->n_by; i++)
        group.keys[i] = key_of (it, it->selection->by[i], grievance, department);
    for (uint64_t digest = digest_of (group.keys);; digest++) {
        bool is_new;
        uint64_t *index = map_at (&it->groups, digest | 1, &is_new);
        if (is_new) {
            ROOM (figures->groups, figures->n_groups, figures->groups_capacity);
            figures->groups[figures->n_groups] = group;
            *index = ++figures->n_groups;
        }
        if (memcmp (figures->groups[*index - 1].keys, group.keys, sizeof group.keys) == 0)
            return &figures->groups[*index - 1];
    }
}

/* ---- a grievance's part in the sums -------------------------------------------------- */

/* Did the clock run out while it ran, with nothing told or answered? */
static bool has_run_out (const struct rates_clock *clock, int64_t due_ms, int64_t now_ms)
{
    int64_t until_ms = clock->stopped_ms != 0 ? clock->stopped_ms : now_ms;
    return until_ms >= due_ms;
}

/* The end of the time to accept, for the department that told the petitioner or has it now,
 * from its own receipt. */
static int64_t accept_due_ms (const struct making *it,
                              const struct rates_grievance *grievance)
{
    const struct rates_clock *accept = &grievance->accept;
    if (it->selection->due == NULL || accept->unit == UNIT_NONE ||
        grievance->received_ms <= accept->from_ms)
        return accept->due_ms;
    return it->selection->due (it->selection->due_arg, grievance->received_ms,
                               accept->amount, accept->unit);
}

/* Timely acceptance: told before the end ÷ those told, and those not told whose period ran
 * out. Withdrawn or linked after that it still counts: it was late. */
static void add_acceptance (const struct making *it, struct rates_sums *sums,
                            const struct rates_grievance *grievance)
{
    if (grievance->accept.due_ms == 0)
        return;
    int64_t due_ms = accept_due_ms (it, grievance);
    if (grievance->told_ms != 0) {
        sums->told_due++;
        sums->told_in_time += grievance->told_ms < due_ms;
    } else {
        sums->told_due += has_run_out (&grievance->accept, due_ms, it->selection->now_ms);
    }
}

/* Timely answer: the first decision served before the end of the time to decide, with the
 * extension in force ÷ those served, and those not served whose period ran out. */
static void add_answer (const struct making *it, struct rates_sums *sums,
                        const struct rates_grievance *grievance)
{
    sums->answered += grievance->answered_ms != 0;
    if (grievance->decide.due_ms == 0)
        return;
    if (grievance->answered_ms != 0) {
        sums->answer_due++;
        sums->answered_in_time += grievance->answered_ms < grievance->decide.due_ms;
    } else {
        sums->answer_due += has_run_out (&grievance->decide, grievance->decide.due_ms,
                                         it->selection->now_ms);
    }
}

/* Settled: the petitioner said so, or asked for no more than an answer. */
static bool is_resolved (const struct rates_grievance *grievance)
{
    return grievance->close_reason == CLOSE_CONFIRMED ||
           grievance->close_reason == CLOSE_CALL_BACK ||
           grievance->close_reason == CLOSE_ANSWERED;
}

static void add_ratings (struct rates_sums *sums, const struct rates_grievance *grievance)
{
    bool may_rate = grievance->answered_ms != 0 || grievance->close_reason != CLOSE_NONE;
    for (size_t i = 0; i < RATES_ASPECT_COUNT; i++) {
        unsigned rating = grievance->ratings[i];
        if (rating > 3 || (rating == 0 && !may_rate))
            continue;
        sums->ratings[i][rating]++;
        sums->rated[i] += rating != 0;
        sums->satisfied[i] += rating == 1 || rating == 2;
    }
}

/* Made another purpose and withdrawn later it has two grounds and is one end. */
static void add_ends (struct rates_sums *sums, const struct rates_grievance *grievance)
{
    sums->ends +=
        grievance->ground != GROUND_NONE || grievance->repurposed != GROUND_NONE;
    if (grievance->ground != GROUND_NONE && grievance->ground < GROUND_COUNT)
        sums->ends_by[grievance->ground]++;
    if (grievance->repurposed != GROUND_NONE && grievance->repurposed < GROUND_COUNT)
        sums->ends_by[grievance->repurposed]++;
}

/* Each counts once, at the highest level it reached. */
static void add_levels (struct rates_sums *sums, const struct rates_grievance *grievance)
{
    if (grievance->skipped > 0 && grievance->skipped < RATES_LEVELS) {
        sums->skipped++;
        sums->skipped_by[grievance->skipped]++;
    }
    if (grievance->collective > 0 && grievance->collective <= RATES_LEVELS) {
        sums->collective++;
        sums->collective_by[grievance->collective - 1]++;
    }
}

/* Whole days of the calendar: answered on the day of filing is 0. */
static void add_days (struct rates_group *group, const struct rates_grievance *grievance)
{
    if (grievance->answered_ms == 0)
        return;
    int32_t days = civil_day (grievance->answered_ms) - civil_day (grievance->filed_ms);
    ROOM (group->days, group->n_days, group->days_capacity);
    group->days[group->n_days++] = days > 0 ? (uint32_t) days : 0;
}

static void add (const struct making *it, struct rates_group *group,
                 const struct rates_grievance *grievance)
{
    struct rates_sums *sums = &group->sums;
    bool is_closed = grievance->state == STATE_CLOSED;
    sums->registered++;
    sums->closed += is_closed;
    sums->open += !is_closed;
    sums->resolved += is_closed && is_resolved (grievance);
    add_acceptance (it, sums, grievance);
    add_answer (it, sums, grievance);
    add_ratings (sums, grievance);
    add_ends (sums, grievance);
    add_levels (sums, grievance);
    add_days (group, grievance);
    sums->repeats += grievance->is_repeat;
    sums->objections += grievance->objections;
    sums->hand_overs += grievance->transfers;
    sums->extended += grievance->is_extended;
    sums->reviewed += grievance->is_reviewed;
    sums->rereviewed += grievance->is_rereviewed;
    sums->reversed += grievance->is_reversed;
    sums->reopened += grievance->is_reopened;
}

/* ---- days ---------------------------------------------------------------------------- */

static uint64_t spent_ms (const struct making *it, const struct rates_holding *holding)
{
    int64_t spent = holding->spent_ms;
    if (holding->since_ms != 0 && it->selection->now_ms > holding->since_ms)
        spent += it->selection->now_ms - holding->since_ms;
    return spent > 0 ? (uint64_t) spent : 0;
}

static void add_holder (struct making *it, uint32_t department, uint64_t spent)
{
    struct rates_figures *figures = it->figures;
    bool is_new;
    uint64_t *index = map_at (&it->holders, (uint64_t) department + 1, &is_new);
    if (is_new) {
        ROOM (figures->holders, figures->n_holders, figures->holders_capacity);
        figures->holders[figures->n_holders] =
            (struct rates_holder){ .department = department };
        *index = ++figures->n_holders;
    }
    figures->holders[*index - 1].spent_ms += spent;
    figures->holders[*index - 1].grievances++;
}

static bool names_department (const struct rates_selection *selection)
{
    bool names = selection->has_department;
    for (size_t i = 0; i < selection->n_by; i++)
        names |= selection->by[i] == RATES_BY_DEPARTMENT;
    return names;
}

/* What the row's own department had, whoever's the grievance is in the end. */
static void add_own (struct making *it, const struct rates_grievance *grievance,
                     const struct rates_holding *holding)
{
    const struct rates_selection *selection = it->selection;
    if (selection->has_department && holding->department != selection->department)
        return;
    struct rates_group *group = group_of (it, grievance, holding->department);
    group->sums.own_ms += spent_ms (it, holding);
    group->sums.own++;
    it->figures->total.sums.own_ms += spent_ms (it, holding);
    it->figures->total.sums.own++;
}

static void add_holdings (struct making *it, const struct rates_grievance *grievance,
                          bool is_its)
{
    const struct rates_holding *holding =
        rates_fold_holding (it->fold, grievance->holdings);
    for (; holding != NULL; holding = rates_fold_holding (it->fold, holding->next)) {
        if (names_department (it->selection))
            add_own (it, grievance, holding);
        if (!is_its)
            continue;
        uint64_t spent = spent_ms (it, holding);
        struct rates_sums *sums = &group_of (it, grievance, grievance->department)->sums;
        struct rates_sums *total = &it->figures->total.sums;
        *(holding->department == 0 ? &sums->dispatcher_ms : &sums->department_ms) +=
            spent;
        *(holding->department == 0 ? &total->dispatcher_ms : &total->department_ms) +=
            spent;
        add_holder (it, holding->department, spent);
    }
}

/* ---- the whole ----------------------------------------------------------------------- */

static int compare_days (const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *) a, right = *(const uint32_t *) b;
    return (left > right) - (left < right);
}

/* Nearest rank: the smallest value with at least so many per cent at or below it. */
static uint64_t rank (const struct rates_group *group, size_t per_cent)
{
    return group->n_days == 0 ? 0
                              : group->days[(group->n_days * per_cent + 99) / 100 - 1];
}

static void finish (struct rates_group *group)
{
    if (group->n_days > 0)
        qsort (group->days, group->n_days, sizeof *group->days, compare_days);
    group->sums.median_days = rank (group, 50);
    group->sums.ninetieth_days = rank (group, 90);
}

static int compare_key (const struct making *it, enum rates_dimension dimension,
                        uint64_t a, uint64_t b)
{
    if (dimension == RATES_BY_CATEGORY || dimension == RATES_BY_SUBCATEGORY)
        return strcmp (rates_fold_category (it->fold, (uint32_t) a),
                       rates_fold_category (it->fold, (uint32_t) b));
    return (a > b) - (a < b);
}

static int compare_groups (const void *a, const void *b, void *arg)
{
    const struct making *it = arg;
    const struct rates_group *left = a, *right = b;
    for (size_t i = 0; i < it->selection->n_by; i++) {
        int order = compare_key (it, it->selection->by[i], left->keys[i], right->keys[i]);
        if (order != 0)
            return order;
    }
    return 0;
}

static int compare_holders (const void *a, const void *b)
{
    const struct rates_holder *left = a, *right = b;
    return (left->department > right->department) -
           (left->department < right->department);
}

/* Some hundred categories: each is held against those before it. */
static void find_first_levels (struct making *it)
{
    size_t count = rates_fold_categories (it->fold);
    it->first_level = calloc (count, sizeof *it->first_level);
    if (it->first_level == NULL)
        abort ();
    for (size_t i = 0; i < count; i++) {
        const char *path = rates_fold_category (it->fold, (uint32_t) i);
        size_t length = rates_category_level (path), first = 0;
        for (; first < i; first++) {
            const char *other = rates_fold_category (it->fold, (uint32_t) first);
            if (rates_category_level (other) == length &&
                memcmp (other, path, length) == 0)
                break;
        }
        it->first_level[i] = (uint32_t) first;
    }
}

static void make (struct making *it)
{
    const struct rates_selection *selection = it->selection;
    struct rates_figures *figures = it->figures;
    for (size_t i = 0; i < rates_fold_count (it->fold); i++) {
        const struct rates_grievance *grievance = rates_fold_at (it->fold, i);
        if (!is_selected (it, grievance))
            continue;
        bool is_its =
            !selection->has_department || grievance->department == selection->department;
        if (is_its) {
            add (it, group_of (it, grievance, grievance->department), grievance);
            add (it, &figures->total, grievance);
        }
        add_holdings (it, grievance, is_its);
    }
    finish (&figures->total);
    for (size_t i = 0; i < figures->n_groups; i++)
        finish (&figures->groups[i]);
    if (figures->n_groups > 0)
        qsort_r (figures->groups, figures->n_groups, sizeof *figures->groups,
                 compare_groups, it);
    if (figures->n_holders > 0)
        qsort (figures->holders, figures->n_holders, sizeof *figures->holders,
               compare_holders);
    figures->has_accusations = !selection->has_department && selection->village == 0 &&
                               selection->category == NULL;
    if (figures->has_accusations)
        figures->accusations =
            rates_fold_accusations (it->fold, selection->from, selection->until);
}

struct rates_figures *rates_figures_create (const struct rates_fold *fold,
                                            const struct rates_selection *selection)
{
    struct making it = { .fold = fold, .selection = selection };
    assert (selection->n_by <= RATES_BY_MAX);
    it.figures = calloc (1, sizeof *it.figures);
    if (it.figures == NULL)
        abort ();
    find_first_levels (&it);
    make (&it);
    free (it.first_level);
    map_done (&it.groups);
    map_done (&it.holders);
    return it.figures;
}

void rates_figures_destroy (struct rates_figures **figures)
{
    if (*figures == NULL)
        return;
    for (size_t i = 0; i < (*figures)->n_groups; i++)
        free ((*figures)->groups[i].days);
    free ((*figures)->groups);
    free ((*figures)->total.days);
    free ((*figures)->holders);
    free (*figures);
    *figures = NULL;
}
