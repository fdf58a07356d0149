/* SPDX-License-Identifier: Apache-2.0 */
/* The figures of the law from what the journals were folded into: which grievances, in
 * which groups, and for each group its sums. Pure; what the sums are made into (rates,
 * means) and how they are called stands in rates_table.h. */
#ifndef MINQING_CLI_RATES_FIGURES_H
#define MINQING_CLI_RATES_FIGURES_H

#include "cli/rates_fold.h"

enum rates_dimension {
    RATES_BY_DEPARTMENT,
    RATES_BY_TOWNSHIP,
    RATES_BY_VILLAGE,
    RATES_BY_CATEGORY,    /* level 1 */
    RATES_BY_SUBCATEGORY, /* the whole path */
    RATES_BY_PURPOSE,
    RATES_BY_MONTH, /* of filing */
    RATES_BY_YEAR,
    RATES_BY_COUNT
};

#define RATES_BY_MAX 3
#define RATES_LEVELS 5 /* 0 not above the township, 1 county … 4 the capital */

/* When a period that began at 'from_ms' is over. */
typedef int64_t (rates_due_fn) (void *arg, int64_t from_ms, uint32_t amount,
                                enum unit unit);

struct rates_selection {
    int32_t from, until; /* days of filing, both included */
    bool has_department;
    uint32_t department;  /* 0: the dispatcher */
    uint64_t village;     /* a prefix of its code; 0: all */
    const char *category; /* it and what is under it; NULL: all */
    enum rates_dimension by[RATES_BY_MAX];
    size_t n_by;
    int64_t now_ms; /* up to when periods have run */
    /* A department that was not the first has its own time to accept, from its own receipt
     * (art. 23), which escalation's ledger does not have: the petitioner's clock goes on.
     * NULL: by the petitioner's. */
    rates_due_fn *due;
    void *due_arg;
};

struct rates_sums {
    uint64_t registered, open, closed, resolved;
    uint64_t told_in_time, told_due;
    uint64_t answered, answered_in_time, answer_due;
    uint64_t median_days, ninetieth_days; /* of those answered; nearest rank */
    uint64_t satisfied[RATES_ASPECT_COUNT], rated[RATES_ASPECT_COUNT],
        ratings[RATES_ASPECT_COUNT][4]; /* [0]: not rated */
    uint64_t repeats, objections, hand_overs;
    uint64_t department_ms, dispatcher_ms;
    uint64_t own_ms, own; /* of the department of the row, whoever is responsible */
    uint64_t ends, ends_by[GROUND_COUNT];
    uint64_t skipped, skipped_by[RATES_LEVELS];
    uint64_t collective, collective_by[RATES_LEVELS];
    uint64_t extended, reviewed, rereviewed, reversed, reopened;
};

struct rates_group {
    uint64_t keys[RATES_BY_MAX]; /* number, code, category, purpose, 202611, 2026 */
    struct rates_sums sums;
    uint32_t *days; /* to the answer, rising */
    size_t n_days, days_capacity;
};

/* Who had them how long, all groups together. */
struct rates_holder {
    uint32_t department; /* 0: the dispatcher */
    uint64_t spent_ms, grievances;
};

struct rates_figures {
    struct rates_group total;
    struct rates_group *groups; /* by their keys, rising; categories by name */
    size_t n_groups, groups_capacity;
    struct rates_holder *holders; /* by department */
    size_t n_holders, holders_capacity;
    /* Accusations of these days. They are in no group, and are not told where a place, a
     * department or a category was asked for: so few are anybody's. */
    uint64_t accusations;
    bool has_accusations;
};

struct rates_figures *rates_figures_create (const struct rates_fold *fold,
                                            const struct rates_selection *selection);
void rates_figures_destroy (struct rates_figures **figures);

/* The first level of a category's path: how many bytes of it. */
size_t rates_category_level (const char *path);

#endif
