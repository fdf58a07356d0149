/* SPDX-License-Identifier: Apache-2.0 */
/* The walk from the most specific row to the least:
 *
 *   purpose:   the named one, then any        (an accusation: the named one only)
 *   village:   340522100207 340522100 340522 3405 34 *
 *   category:  国土资源/土地征收/安置补偿, 国土资源/土地征收, 国土资源, *     or: -
 *
 * Purpose is the outer loop, category the inner one: a row that names the purpose wins
 * over one for the very village, and the village over the category. At most
 * 2 x 6 x (depth + 1) binary searches. */
#include "rules/responsibility.h"

#include <string.h>

#define PREFIXES 6

static int order_of (const struct responsibility *row, enum purpose purpose,
                     uint64_t prefix, enum category_scope scope, uint32_t category)
{
    uint32_t number = row->category == NULL ? 0 : row->category->number;
    if (row->purpose != purpose)
        return row->purpose < purpose ? -1 : 1;
    if (row->prefix != prefix)
        return row->prefix < prefix ? -1 : 1;
    if (row->scope != scope)
        return row->scope < scope ? -1 : 1;
    return (number > category) - (number < category);
}

static const struct responsibility *find_row (const struct rules *rules,
                                              const struct responsibility_try *tried)
{
    uint32_t category = tried->category == NULL ? 0 : tried->category->number;
    size_t low = 0, high = rules->responsibility_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct responsibility *row = &rules->responsibilities[middle];
        int order = order_of (row, tried->purpose, tried->prefix, tried->scope, category);
        if (order == 0)
            return row;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool is_excluded (const struct responsibility_question *question,
                         uint32_t department)
{
    for (size_t i = 0; i < question->excluded_count; i++)
        if (question->excluded[i] == department)
            return true;
    return false;
}

/* One walk in progress. */
struct walk {
    const struct rules *rules;
    const struct responsibility_question *question;
    const struct category *category; /* deepest known, or NULL */
    bool general;                    /* rows for any category only */
    responsibility_try_fn *fn;
    void *context;
    struct responsibility_answer *answer;
};

static void add_assisting (struct walk *walk, uint32_t number)
{
    struct responsibility_answer *answer = walk->answer;
    const struct department *department = department_in_force (walk->rules, number);
    if (department == NULL || department->number == answer->department ||
        is_excluded (walk->question, department->number))
        return;
    for (size_t i = 0; i < answer->assisting_count; i++)
        if (answer->assisting[i] == department->number)
            return;
    answer->assisting[answer->assisting_count++] = department->number;
}

static void take_row (struct walk *walk, const struct responsibility *row,
                      const struct department *department)
{
    *walk->answer = (struct responsibility_answer){
        .outcome = RESPONSIBILITY_FOUND,
        .department = department->number,
        .row = row->row,
        .version = walk->rules->version[RULES_RESPONSIBILITY],
        .replaced = department->number == row->department ? 0 : row->department,
        .category = walk->category,
    };
    for (size_t i = 0; i < row->assisting_count; i++)
        add_assisting (walk, row->assisting[i]);
}

/* True: this row answers, the walk is over. */
static bool try_row (struct walk *walk, enum purpose purpose, uint64_t prefix,
                     enum category_scope scope, const struct category *category)
{
    struct responsibility_try tried = {
        .purpose = purpose, .prefix = prefix, .scope = scope, .category = category
    };
    const struct department *department = NULL;
    tried.row = find_row (walk->rules, &tried);
    if (tried.row != NULL)
        department = department_in_force (walk->rules, tried.row->department);
    if (department != NULL) {
        /* Either name of an abolished department may stand on the list of accused. */
        bool excluded = is_excluded (walk->question, department->number) ||
                        is_excluded (walk->question, tried.row->department);
        tried.step = excluded ? TRY_EXCLUDED : TRY_ANSWERS;
    }
    if (walk->fn != NULL)
        walk->fn (&tried, walk->context);
    if (tried.step == TRY_EXCLUDED)
        walk->answer->outcome = RESPONSIBILITY_EXCLUDED;
    if (tried.step == TRY_ANSWERS)
        take_row (walk, tried.row, department);
    return tried.step == TRY_ANSWERS;
}

static bool try_prefix (struct walk *walk, enum purpose purpose, uint64_t prefix)
{
    if (walk->category == NULL && !walk->general)
        return try_row (walk, purpose, prefix, CATEGORY_MISSING, NULL);
    for (const struct category *at = walk->category; at != NULL; at = at->parent)
        if (try_row (walk, purpose, prefix, CATEGORY_TREE, at))
            return true;
    return try_row (walk, purpose, prefix, CATEGORY_NAMED, NULL);
}

static bool try_purpose (struct walk *walk, enum purpose purpose)
{
    uint64_t village = walk->question->village;
    const uint64_t prefixes[PREFIXES] = { village,
                                          village / 1000,
                                          village / 1000000,
                                          village / 100000000,
                                          village / 10000000000,
                                          0 };
    for (size_t i = 0; i < PREFIXES; i++)
        if (try_prefix (walk, purpose, prefixes[i]))
            return true;
    return false;
}

static bool names_category (const struct responsibility_question *question)
{
    return question->category != NULL && question->category[0] != '\0';
}

void rules_responsible_explain (const struct rules *rules,
                                const struct responsibility_question *question,
                                responsibility_try_fn *fn, void *context,
                                struct responsibility_answer *ret)
{
    struct walk walk = {
        .rules = rules,
        .question = question,
        .category = category_nearest (rules, question->category),
        .fn = fn,
        .context = context,
        .answer = ret,
    };
    *ret = (struct responsibility_answer){
        .outcome = RESPONSIBILITY_NO_ROW,
        .version = rules->version[RULES_RESPONSIBILITY],
        .category = walk.category,
    };
    if (village_find (rules, question->village) == NULL) {
        ret->outcome = RESPONSIBILITY_UNKNOWN_VILLAGE;
        return;
    }
    if (walk.category == NULL)
        ret->outcome = names_category (question) ? RESPONSIBILITY_UNKNOWN_CATEGORY
                                                 : RESPONSIBILITY_NO_CATEGORY;
    if (question->purpose != PURPOSE_NONE && try_purpose (&walk, question->purpose))
        return;
    if (question->purpose != PURPOSE_ACCUSATION)
        try_purpose (&walk, PURPOSE_NONE);
}

void rules_responsible_general (const struct rules *rules,
                                const struct responsibility_question *question,
                                struct responsibility_answer *ret)
{
    struct walk walk = {
        .rules = rules, .question = question, .general = true, .answer = ret
    };
    *ret = (struct responsibility_answer){
        .outcome = RESPONSIBILITY_NO_ROW,
        .version = rules->version[RULES_RESPONSIBILITY],
    };
    if (question->purpose != PURPOSE_NONE && try_purpose (&walk, question->purpose))
        return;
    if (question->purpose != PURPOSE_ACCUSATION)
        try_purpose (&walk, PURPOSE_NONE);
}

void rules_responsible (const struct rules *rules,
                        const struct responsibility_question *question,
                        struct responsibility_answer *ret)
{
    rules_responsible_explain (rules, question, NULL, NULL, ret);
}

const struct department *department_discipline_above (const struct rules *rules,
                                                      uint64_t village,
                                                      const uint32_t *excluded,
                                                      size_t excluded_count)
{
    const struct responsibility_question question = { .excluded = excluded,
                                                      .excluded_count = excluded_count };
    const struct department *found = NULL;
    for (size_t i = 0; i < rules->department_count; i++) {
        const struct department *department = &rules->departments[i];
        if ((department->flags & DEPARTMENT_DISCIPLINE) == 0 ||
            department->successor != 0 || department->level <= DEPARTMENT_TOWNSHIP ||
            !territory_contains (department->territory, village) ||
            is_excluded (&question, department->number))
            continue;
        if (found == NULL || department->level < found->level)
            found = department;
    }
    return found;
}

const struct department *department_sealing (const struct rules *rules, uint64_t village,
                                             const uint32_t *excluded,
                                             size_t excluded_count)
{
    struct responsibility_question question = { .village = village,
                                                .purpose = PURPOSE_ACCUSATION,
                                                .excluded = excluded,
                                                .excluded_count = excluded_count };
    struct responsibility_answer answer;
    rules_responsible (rules, &question, &answer);
    const struct department *department =
        answer.department != 0
            ? department_find (rules, answer.department)
            : department_discipline_above (rules, village, excluded, excluded_count);
    return department != NULL && department->can_unseal ? department : NULL;
}

const char *responsibility_reason (enum responsibility_outcome outcome,
                                   enum language language)
{
    static const char *const reasons[RESPONSIBILITY_OUTCOME_COUNT][LANGUAGE_COUNT] = {
        [RESPONSIBILITY_FOUND] = { "责任表已有规定",
                                   "a row of the responsibility table" },
        [RESPONSIBILITY_NO_CATEGORY] = { "未填类别，由分办员确定",
                                         "no category was given: the dispatcher "
                                         "decides" },
        [RESPONSIBILITY_UNKNOWN_CATEGORY] = { "类别不在类别表中，由分办员确定",
                                              "the category is not in the table: the "
                                              "dispatcher decides" },
        [RESPONSIBILITY_NO_ROW] = { "责任表没有对应的行，由分办员确定",
                                    "no row of the responsibility table answers: the "
                                    "dispatcher decides" },
        [RESPONSIBILITY_EXCLUDED] = { "责任表所列单位均须回避",
                                      "every department that the table names is "
                                      "excluded" },
        [RESPONSIBILITY_UNKNOWN_VILLAGE] = { "问题属地不在村居表中",
                                             "the village of the matter is not in the "
                                             "table" },
    };
    return reasons[outcome][language];
}
