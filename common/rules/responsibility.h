/* SPDX-License-Identifier: Apache-2.0 */
/* Whose is it? (village of the matter, category, purpose) → department, DOMAIN §6.
 *
 * The most specific row answers. Specific means, in this order:
 *   1. a row that names the purpose before one for any purpose;
 *   2. the longer village prefix before the shorter (12, 9, 6, 4, 2 digits, '*');
 *   3. the deeper category before its parents, and these before '*'.
 * '*' as category stands for any category that is named. A grievance without a category is
 * answered only by rows whose category is '-': else it goes to the dispatcher, which is
 * nothing bad. Accusations are answered only by rows that name the purpose.
 * A row that leads to an excluded department (an accused one) is passed over. An abolished
 * department is replaced by its successor. */
#ifndef MINQING_RULES_RESPONSIBILITY_H
#define MINQING_RULES_RESPONSIBILITY_H

#include "rules/rules.h"

/* What is to be routed. Borrowed for the call. */
struct responsibility_question {
    uint64_t village;
    const char *category; /* path, or NULL */
    enum purpose purpose;
    const uint32_t *excluded; /* departments that may not have it */
    size_t excluded_count;
};

enum responsibility_outcome {
    RESPONSIBILITY_FOUND,
    RESPONSIBILITY_NO_CATEGORY,      /* none given, and no row for that */
    RESPONSIBILITY_UNKNOWN_CATEGORY, /* not even its first level is in the table */
    RESPONSIBILITY_NO_ROW,
    RESPONSIBILITY_EXCLUDED, /* rows answer, but all lead to excluded departments */
    RESPONSIBILITY_UNKNOWN_VILLAGE,
    RESPONSIBILITY_OUTCOME_COUNT
};

struct responsibility_answer {
    enum responsibility_outcome outcome;
    uint32_t department; /* in force; 0 where there is no answer */
    uint32_t assisting[RULES_ASSISTING_MAX];
    size_t assisting_count;
    uint32_t row;      /* 0 where there is no answer */
    uint64_t version;  /* of the responsibility table */
    uint32_t replaced; /* the abolished department that the row names, or 0 */
    const struct category *category; /* that the row was looked up for, or NULL */
};

/* One step of the walk, for 'minqing route explain'. */
enum responsibility_step { TRY_NO_ROW, TRY_ANSWERS, TRY_EXCLUDED };
struct responsibility_try {
    enum purpose purpose; /* PURPOSE_NONE: any */
    uint64_t prefix;
    enum category_scope scope;
    const struct category *category;
    const struct responsibility *row; /* NULL: TRY_NO_ROW */
    enum responsibility_step step;
};
typedef void (responsibility_try_fn) (const struct responsibility_try *tried,
                                      void *context);

/* Never fails: an unanswered matter is an outcome. 'fn' (may be NULL) is called for every
 * step of the walk, in order. */
void rules_responsible (const struct rules *rules,
                        const struct responsibility_question *question,
                        struct responsibility_answer *ret);
void rules_responsible_explain (const struct rules *rules,
                                const struct responsibility_question *question,
                                responsibility_try_fn *fn, void *context,
                                struct responsibility_answer *ret);

/* Who would answer for a category that has no row of its own: the walk over the rows with
 * '*' alone. */
void rules_responsible_general (const struct rules *rules,
                                const struct responsibility_question *question,
                                struct responsibility_answer *ret);

/* The outcome as a sentence in Chinese or English. Static. */
const char *responsibility_reason (enum responsibility_outcome outcome,
                                   enum language language);

#define CANDIDATES_MAX 3 /* LIMIT_CANDIDATES */

struct responsibility_candidate {
    uint32_t department;
    uint32_t row;      /* responsibility row it comes from */
    uint32_t category; /* number of the category it would have, or 0 */
    uint32_t score;
    char why[160]; /* in Chinese, made of table words only, never of the petitioner's */
};

/* For the dispatcher: up to CANDIDATES_MAX departments, best first, each once. By words of
 * the title (and text) that belong to a category, then by the village's row for any
 * category. Accusations and excluded departments get none. Returns how many. */
size_t rules_candidates (const struct rules *rules,
                         const struct responsibility_question *question,
                         struct bytes title, struct bytes text,
                         struct responsibility_candidate ret[CANDIDATES_MAX]);

#endif
