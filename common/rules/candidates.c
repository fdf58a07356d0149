/* SPDX-License-Identifier: Apache-2.0 */
/* Help for the dispatcher: which departments a grievance without an answer may belong to.
 *
 * Every category has words that people use for it; a word found in the title counts three
 * times its length, in the text once, and each word once. A department gets the sum over
 * the categories it answers for in this village. What is found is told ("why") in words of
 * the tables only: the petitioner's own never leave. This suggests, it never decides. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "rules/loading.h"
#include "rules/responsibility.h"

#define TITLE_WEIGHT    3
#define TEXT_WEIGHT     1
#define TEXT_CHARACTERS 2000 /* what a letter is about stands at its beginning */

/* ---- the index of keywords ---------------------------------------------------------- */

static int compare_keywords (const void *a, const void *b)
{
    const struct keyword *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    int order = strcmp (x->word, y->word);
    return order != 0 ? order : (x->category > y->category) - (x->category < y->category);
}

static void add_keyword (struct rules *rules, struct keyword *keywords, const char *word,
                         const struct category *category)
{
    struct bytes text = bytes_of_text (word);
    size_t characters = text_count (text), at = 0;
    if (characters < 2)
        return;
    uint64_t first = text_next (text, &at), second = text_next (text, &at);
    keywords[rules->keyword_count++] = (struct keyword){
        .start = first << 32 | second,
        .word = word,
        .size = text.size,
        .characters = (uint32_t) characters,
        .category = category,
    };
}

void keywords_index (struct rules *rules)
{
    size_t most = rules->category_count;
    for (size_t i = 0; i < rules->category_count; i++)
        most += rules->categories[i].keyword_count;
    struct keyword *keywords = ARENA_ARRAY (&rules->arena, struct keyword, most + 1);
    for (size_t i = 0; i < rules->category_count; i++) {
        const struct category *category = &rules->categories[i];
        if (strcmp (category->name, "其他") != 0)
            add_keyword (rules, keywords, category->name, category);
        for (size_t k = 0; k < category->keyword_count; k++)
            add_keyword (rules, keywords, category->keywords[k], category);
    }
    qsort (keywords, rules->keyword_count, sizeof *keywords, compare_keywords);
    rules->keywords = keywords;
}

/* ---- scoring ------------------------------------------------------------------------ */

/* What was found: by keyword, and by category. */
struct findings {
    const struct rules *rules;
    uint8_t *seen;      /* weight a keyword has been counted with */
    uint32_t *score;    /* of a category */
    const char **words; /* the best word of a category */
    uint32_t *best;     /* and what it counted */
};

static void count_keyword (struct findings *findings, size_t index, uint8_t weight)
{
    const struct keyword *keyword = &findings->rules->keywords[index];
    size_t category = (size_t) (keyword->category - findings->rules->categories);
    if (findings->seen[index] >= weight)
        return;
    uint32_t gain = keyword->characters * (uint32_t) (weight - findings->seen[index]);
    findings->seen[index] = weight;
    findings->score[category] += gain;
    if (gain > findings->best[category]) {
        findings->best[category] = gain;
        findings->words[category] = keyword->word;
    }
}

static size_t first_keyword (const struct rules *rules, uint64_t start)
{
    size_t low = 0, high = rules->keyword_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rules->keywords[middle].start < start)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void scan (struct findings *findings, struct bytes text, uint8_t weight)
{
    const struct rules *rules = findings->rules;
    size_t before_at = 0;
    uint64_t before = 0;
    for (size_t at = 0; at < text.size;) {
        size_t here = at;
        uint64_t character = text_next (text, &at);
        uint64_t start = before << 32 | character;
        for (size_t i = first_keyword (rules, start);
             i < rules->keyword_count && rules->keywords[i].start == start; i++) {
            const struct keyword *keyword = &rules->keywords[i];
            if (keyword->size <= text.size - before_at &&
                memcmp (text.data + before_at, keyword->word, keyword->size) == 0)
                count_keyword (findings, i, weight);
        }
        before = character;
        before_at = here;
    }
}

/* ---- departments --------------------------------------------------------------------- */

static void *zeroed (size_t count, size_t size)
{
    void *memory = calloc (count + 1, size);
    if (memory == NULL)
        abort ();
    return memory;
}

struct tally {
    struct responsibility_candidate *all; /* one for each department that answers */
    size_t count;
};

static struct responsibility_candidate *tally_find (struct tally *tally,
                                                    uint32_t department)
{
    for (size_t i = 0; i < tally->count; i++)
        if (tally->all[i].department == department)
            return &tally->all[i];
    tally->all[tally->count].department = department;
    return &tally->all[tally->count++];
}

/* Add what speaks for one category to the department that answers for it here. */
static void tally_category (struct tally *tally, const struct findings *findings,
                            const struct responsibility_question *question, size_t index)
{
    const struct rules *rules = findings->rules;
    const struct category *category = &rules->categories[index];
    struct responsibility_question with = *question;
    struct responsibility_answer answer;
    with.category = category->path;
    rules_responsible (rules, &with, &answer);
    if (answer.outcome != RESPONSIBILITY_FOUND)
        return;
    struct responsibility_candidate *candidate = tally_find (tally, answer.department);
    const struct category *best = category_find_number (rules, candidate->category);
    candidate->score += findings->score[index];
    if (best == NULL ||
        findings->score[index] > findings->score[best - rules->categories]) {
        candidate->category = category->number;
        candidate->row = answer.row;
        struct bytes path = text_fit (bytes_of_text (category->path), 80);
        struct bytes word = text_fit (bytes_of_text (findings->words[index]), 24);
        snprintf (candidate->why, sizeof candidate->why, "有“%.*s”等词，属%.*s",
                  (int) word.size, (const char *) word.data, (int) path.size,
                  (const char *) path.data);
    }
}

/* Whoever answers here for what nobody else does. */
static void tally_general (struct tally *tally, const struct rules *rules,
                           const struct responsibility_question *question)
{
    struct responsibility_answer answer;
    rules_responsible_general (rules, question, &answer);
    if (answer.outcome != RESPONSIBILITY_FOUND)
        return;
    struct responsibility_candidate *candidate = tally_find (tally, answer.department);
    if (candidate->score++ == 0) {
        candidate->row = answer.row;
        snprintf (candidate->why, sizeof candidate->why, "承办本属地其他类别的诉求");
    }
}

static int compare_candidates (const void *a, const void *b)
{
    const struct responsibility_candidate *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (x->department > y->department) - (x->department < y->department);
}

size_t rules_candidates (const struct rules *rules,
                         const struct responsibility_question *question,
                         struct bytes title, struct bytes text,
                         struct responsibility_candidate ret[CANDIDATES_MAX])
{
    if (question->purpose == PURPOSE_ACCUSATION)
        return 0;
    struct findings findings = {
        .rules = rules,
        .seen = zeroed (rules->keyword_count, sizeof *findings.seen),
        .score = zeroed (rules->category_count, sizeof *findings.score),
        .words = zeroed (rules->category_count, sizeof *findings.words),
        .best = zeroed (rules->category_count, sizeof *findings.best),
    };
    struct tally tally = { .all = zeroed (rules->department_count, sizeof *tally.all) };
    scan (&findings, title, TITLE_WEIGHT);
    scan (&findings, text_head (text, TEXT_CHARACTERS), TEXT_WEIGHT);
    for (size_t i = 0; i < rules->category_count; i++)
        if (findings.score[i] > 0)
            tally_category (&tally, &findings, question, i);
    tally_general (&tally, rules, question);
    qsort (tally.all, tally.count, sizeof *tally.all, compare_candidates);
    size_t count = tally.count < CANDIDATES_MAX ? tally.count : CANDIDATES_MAX;
    memcpy (ret, tally.all, count * sizeof *ret);
    free (findings.seen);
    free (findings.score);
    free (findings.words);
    free (findings.best);
    free (tally.all);
    return count;
}
