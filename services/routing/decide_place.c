/* SPDX-License-Identifier: Apache-2.0 */
/* Law of the placing.
 *
 * The responsibility table answers, or the dispatcher does, with candidates. Nothing else
 * is tried: an answer by a guess would look like one by the table.
 *
 * Accusations (信访工作条例 art. 30) go by rows that name the purpose, past the accused, or
 * to the discipline organ of the level above the township. They never come before the
 * dispatcher: where the tables have no organ for one, it waits undecided, shown to nobody
 * and counted, and is tried again by better tables. */
#include "routing/decide_place.h"

#include "base/fault.h"
#include "routing/course.h"
#include "rules/responsibility.h"
#include "wire/wire.h"

enum routing_priority routing_priority (const struct matter *matter)
{
    if (matter->threat)
        return ROUTING_THREAT;
    if (matter->urgent || matter->persons >= 20)
        return ROUTING_URGENT;
    if (matter->hardship || matter->vulnerable || matter->persons >= 5)
        return ROUTING_WEAK;
    return ROUTING_ORDINARY;
}

struct placing {
    struct responsibility_question question;
    uint32_t excluded[LIMIT_ACCUSED];
    struct responsibility_answer answer;
};

/* The accused may lawfully answer a complaint about them, but never see an accusation. */
static void ask (struct placing *placing, const struct rules *rules,
                 const struct matter *matter, const struct accused *accused,
                 size_t n_accused)
{
    struct responsibility_question *question = &placing->question;
    question->village = matter->village;
    question->category = matter->category;
    question->purpose = matter->purpose;
    question->excluded = placing->excluded;
    if (matter->purpose == PURPOSE_ACCUSATION)
        for (size_t i = 0; i < n_accused && i < LIMIT_ACCUSED; i++)
            placing->excluded[question->excluded_count++] = accused[i].department;
    rules_responsible (rules, question, &placing->answer);
}

static bool is_excluded (const struct responsibility_question *question,
                         uint32_t department)
{
    for (size_t i = 0; i < question->excluded_count; i++)
        if (question->excluded[i] == department)
            return true;
    return false;
}

static uint32_t discipline_above (const struct rules *rules,
                                  const struct responsibility_question *question)
{
    const struct department *department = department_discipline_above (
        rules, question->village, question->excluded, question->excluded_count);
    return department ? department->number : 0;
}

/* Header fields of the place found, assisting ones in the arena. */
static void fill_place (const struct placing *placing, const struct rules *rules,
                        struct arena *arena, struct moved *moved)
{
    const struct responsibility_answer *answer = &placing->answer;
    moved->step = STEP_PLACE;
    moved->department = answer->department;
    moved->responsibility_row = answer->row;
    moved->table_version = rules->version[RULES_RESPONSIBILITY];
    if (moved->department == 0 && placing->question.purpose == PURPOSE_ACCUSATION)
        moved->department = discipline_above (rules, &placing->question);
    moved->assisting = ARENA_ARRAY (arena, uint32_t, RULES_ASSISTING_MAX);
    for (size_t i = 0; i < answer->assisting_count; i++)
        if (!is_excluded (&placing->question, answer->assisting[i]))
            moved->assisting[moved->n_assisting++] = answer->assisting[i];
    moved->article =
        course_article (STEP_PLACE, GROUND_NONE, placing->question.purpose, 0);
    struct course_facts facts = { .purpose = placing->question.purpose,
                                  .has_department = moved->department != 0 };
    moved->to = course_next (moved->from, STEP_PLACE, &facts);
}

/* By the words of title and text; a category that the tables do not have is worth as much
 * as a title. */
static void fill_candidates (const struct placing *placing, const struct rules *rules,
                             const struct statement *statement, struct arena *arena,
                             struct moved *moved)
{
    const char *title = statement ? statement->title : NULL;
    if (statement && statement->category)
        title = arena_format (arena, "%s %s", statement->category, title ? title : "");
    struct responsibility_candidate found[CANDIDATES_MAX];
    size_t count =
        rules_candidates (rules, &placing->question, bytes_of_text (title),
                          bytes_of_text (statement ? statement->text : NULL), found);
    moved->candidates = ARENA_ARRAY (arena, struct candidate, count);
    moved->n_candidates = count;
    for (size_t i = 0; i < count; i++)
        moved->candidates[i] = (struct candidate){
            .department = found[i].department,
            .row = found[i].row,
            .why = arena_text (arena, found[i].why),
        };
}

static struct moved *place (const struct rules *rules, enum state from,
                            const struct matter *matter, const struct filing_body *filing,
                            struct decision *decision)
{
    struct placing placing = { 0 };
    ask (&placing, rules, matter, filing->accused, filing->n_accused);

    struct moved *moved = ARENA_NEW (decision->arena, struct moved);
    moved->from = from;
    fill_place (&placing, rules, decision->arena, moved);
    if (moved->to == STATE_UNDECIDED && matter->purpose == PURPOSE_ACCUSATION)
        moved->lapses_at_ms = decision->now_ms + ROUTING_PLACE_AGAIN_MS;
    else if (moved->to == STATE_UNDECIDED)
        fill_candidates (&placing, rules, filing->statement, decision->arena, moved);
    return moved;
}

void routing_decide_place (const struct rules *rules, const struct entry *registered,
                           struct bytes body, struct decision *decision)
{
    struct filing_body filing = { 0 };
    bool has_filing =
        body.data && filing_body_decode (decision->arena, body, &filing, NULL) == 0;
    assert (!FAULT (DIE_OF_INPUT) || filing.statement == NULL ||
            !fault_is_poison (filing.statement->title));

    struct moved *moved =
        place (rules, STATE_NONE, registered->matter, &filing, decision);
    moved->filed_at_ms = registered->registered->filed_at_ms;
    moved->registered_at_ms = registered->time_ms;
    moved->counted_from_ms = registered->registered->counted_from_ms;
    moved->last_day_ms = registered->registered->last_day_ms;
    moved->provisional = registered->registered->provisional;
    moved->priority = routing_priority (registered->matter);

    struct event *event = decision_event_about (
        decision, KIND_MOVED, registered->grievance, registered->matter);
    event->entry.moved = moved;
    if (has_filing) {
        struct moved_body said = { .filing = &filing };
        event->body = moved_body_encode (decision->arena, &said);
    }
}

void routing_decide_place_again (const struct rules *rules, uint64_t number,
                                 const struct matter *matter,
                                 const struct accused *accused, size_t n_accused,
                                 struct decision *decision)
{
    struct accused *copy = ARENA_ARRAY (decision->arena, struct accused, n_accused);
    for (size_t i = 0; i < n_accused; i++)
        copy[i] = accused[i];
    struct filing_body filing = { .accused = copy, .n_accused = n_accused };
    struct moved *moved = place (rules, STATE_UNDECIDED, matter, &filing, decision);
    decision_event_about (decision, KIND_MOVED, number, matter)->entry.moved = moved;
}
