/* SPDX-License-Identifier: Apache-2.0 */
/* What holds between rows and between tables, once all are read. A table whose own lines
 * were wrong is not looked at again: the second complaint would only repeat the first. */
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "rules/deadline.h"
#include "rules/documents.h"
#include "rules/loading.h"
#include "rules/responsibility.h"
#include "rules/templates.h"

/* ---- departments and people ------------------------------------------------------- */

/* Follow superiors or successors; both chains end, and soon. */
static void check_chain (struct loading *loading, const struct department *department,
                         const char *column, size_t offset)
{
    const struct department *at = department;
    for (int i = 0; i <= RULES_CHAIN_MAX; i++) {
        uint32_t next;
        memcpy (&next, (const char *) at + offset, sizeof next);
        if (next == 0)
            return;
        const struct department *other = department_find (loading->rules, next);
        if (other == NULL) {
            /* Said once, at the row that names it. */
            if (at == department)
                problem_at (loading, RULES_DEPARTMENTS, department->line,
                            "column %s: there is no department %u", column, next);
            return;
        }
        at = other;
    }
    problem_at (loading, RULES_DEPARTMENTS, department->line,
                "column %s: the chain from department %u goes in a circle or has more "
                "than %d links",
                column, department->number, RULES_CHAIN_MAX);
}

static void check_departments (struct loading *loading)
{
    const struct rules *rules = loading->rules;
    for (size_t i = 0; i < rules->department_count; i++) {
        const struct department *department = &rules->departments[i];
        check_chain (loading, department, "superior",
                     offsetof (struct department, superior));
        check_chain (loading, department, "successor",
                     offsetof (struct department, successor));
        if (department->leader != 0 && !loading->broken[RULES_PEOPLE] &&
            officer_find (rules, department->leader) == NULL)
            problem_at (loading, RULES_DEPARTMENTS, department->line,
                        "column leader: there is no person %u in the people table",
                        department->leader);
    }
}

static void check_people (struct loading *loading)
{
    const struct rules *rules = loading->rules;
    for (size_t i = 0; i < rules->officer_count; i++) {
        const struct officer *officer = &rules->officers[i];
        if (officer->stands_in_for != 0 &&
            officer_find (rules, officer->stands_in_for) == NULL)
            problem_at (loading, RULES_PEOPLE, officer->line,
                        "column stands_in_for: there is no person %u",
                        officer->stands_in_for);
        if (i == 0 || rules->officers[i - 1].number != officer->number)
            continue;
        if (strcmp (rules->officers[i - 1].name, officer->name) != 0)
            problem_at (loading, RULES_PEOPLE, officer->line,
                        "person %u is called %s here and %s in line %u", officer->number,
                        officer->name, rules->officers[i - 1].name,
                        rules->officers[i - 1].line);
    }
}

/* ---- categories -------------------------------------------------------------------- */

static void check_categories (struct loading *loading)
{
    const struct rules *rules = loading->rules;
    for (size_t i = 0; i < rules->category_count; i++) {
        const struct category *category = &rules->categories[i];
        if (category->depth > 1 && category->parent == NULL)
            problem_at (loading, RULES_CATEGORIES, category->line,
                        "%s has no parent; add a row for the level above",
                        category->path);
        const struct category *const *at = &rules->categories_by_number[i];
        if (i > 0 && at[-1]->number == at[0]->number)
            problem_at (loading, RULES_CATEGORIES, at[0]->line,
                        "number %u is that of %s in line %u", at[0]->number, at[-1]->path,
                        at[-1]->line);
    }
}

/* ---- responsibility ------------------------------------------------------------------ */

static void check_row_numbers (struct loading *loading)
{
    const struct rules *rules = loading->rules;
    for (size_t i = 0; i < rules->responsibility_count; i++)
        for (size_t k = i + 1; k < rules->responsibility_count; k++) {
            const struct responsibility *a = &rules->responsibilities[i];
            const struct responsibility *b = &rules->responsibilities[k];
            if (a->row == b->row)
                problem_at (loading, RULES_RESPONSIBILITY,
                            a->line > b->line ? a->line : b->line,
                            "row %u stands in line %u already; give it a new number",
                            a->row, a->line > b->line ? b->line : a->line);
        }
}

static bool answers (const struct rules *rules, uint64_t village, enum purpose purpose,
                     const char *category)
{
    struct responsibility_question question = { .village = village,
                                                .purpose = purpose,
                                                .category = category };
    struct responsibility_answer answer;
    rules_responsible (rules, &question, &answer);
    return answer.outcome == RESPONSIBILITY_FOUND;
}

/* An accusation nobody answers for would have to lie with the general dispatcher, who may
 * not see it: the one hole in the table that is refused. */
static bool accusations_answered (const struct rules *rules, uint64_t village)
{
    if (!answers (rules, village, PURPOSE_ACCUSATION, NULL))
        return false;
    for (size_t i = 0; i < rules->category_count; i++)
        if (rules->categories[i].depth == 1 &&
            !answers (rules, village, PURPOSE_ACCUSATION, rules->categories[i].path))
            return false;
    return true;
}

static bool county_person_there (const struct rules *rules, uint64_t village)
{
    for (size_t i = 0; i < rules->officer_count; i++) {
        const struct officer *officer = &rules->officers[i];
        const struct department *department =
            department_find (rules, officer->department);
        if (officer->office == OFFICE_COUNTY && department != NULL &&
            territory_contains (department->territory, village))
            return true;
    }
    return false;
}

/* One sentence a township is enough: its villages have the same rows as a rule. */
static void check_villages (struct loading *loading)
{
    const struct rules *rules = loading->rules;
    uint64_t told = 0;
    for (size_t i = 0; i < rules->village_count; i++) {
        const struct village *village = &rules->villages[i];
        unsigned long long code = village->code;
        if (village->code / 1000 == told)
            continue;
        size_t before = loading->problems->count;
        if (!accusations_answered (rules, village->code))
            problem_at (
                loading, RULES_RESPONSIBILITY, 0,
                "no row answers accusations (检举控告) from village %llu; add rows "
                "with that purpose, one for category * and one for category -",
                code);
        if (department_dispatching (rules, village->code) == NULL)
            problem_at (loading, RULES_DEPARTMENTS, 0,
                        "village %llu has no dispatcher; give a department of its "
                        "territory the flag dispatching (分办)",
                        code);
        if (!county_person_there (rules, village->code))
            problem_at (loading, RULES_PEOPLE, 0,
                        "nobody answers at level 4 for village %llu; add a person with "
                        "office county (县级)",
                        code);
        if (loading->problems->count > before)
            told = village->code / 1000;
    }
}

/* ---- deadlines ----------------------------------------------------------------------- */

/* Stages in which a grievance can stand still, and what beside them always has a clock. */
static const enum stage always[] = {
    STAGE_DISPATCH, STAGE_ACCEPT,  STAGE_REDISPATCH, STAGE_DECIDE, STAGE_SERVE,
    STAGE_DIVERT,   STAGE_EXECUTE, STAGE_CONFIRM,    STAGE_HOLDER, STAGE_ASSIST,
    STAGE_WHOLE,    STAGE_RAISE,   STAGE_CLAIM,      STAGE_WAIT,
};

static void check_extension (struct loading *loading, enum purpose purpose,
                             enum urgency urgency)
{
    const struct rules *rules = loading->rules;
    const struct deadline_row *more =
        deadline_row_find (rules, STAGE_EXTEND, purpose, urgency);
    const struct deadline_row *decide =
        deadline_row_find (rules, STAGE_DECIDE, purpose, urgency);
    if (more != NULL && decide != NULL && more->unit != decide->unit)
        problem_at (loading, RULES_DEADLINES, more->line,
                    "an extension in %s of 'decide' in %s (line %u): use the same unit",
                    name_word (&unit_names, more->unit),
                    name_word (&unit_names, decide->unit), decide->line);
}

/* A sum has a row for each of its stages, and days are not added to working days. */
static void check_sum (struct loading *loading, const struct deadline_row *sum,
                       enum purpose purpose, enum urgency urgency)
{
    const struct rules *rules = loading->rules;
    const struct deadline_row *first = NULL;
    for (size_t i = 0; i < sum->sum_count; i++) {
        const struct deadline_row *row =
            deadline_row_find (rules, sum->sum[i], purpose, urgency);
        if (row == NULL || row->sum_count > 0) {
            problem_at (loading, RULES_DEADLINES, sum->line,
                        "%s sums %s, which has no amount of its own for purpose %s",
                        name_word (&stage_names, sum->stage),
                        name_word (&stage_names, sum->sum[i]),
                        name_word (&purpose_names, purpose));
            return;
        }
        if (row->unit == UNIT_HOUR)
            continue;
        if (first != NULL && first->unit != row->unit)
            problem_at (loading, RULES_DEADLINES, sum->line,
                        "%s would sum days and working days (lines %u and %u) for "
                        "purpose %s",
                        name_word (&stage_names, sum->stage), first->line, row->line,
                        name_word (&purpose_names, purpose));
        first = row;
    }
}

static void check_sums (struct loading *loading, enum purpose purpose,
                        enum urgency urgency)
{
    for (unsigned stage = STAGE_REGISTER; stage < STAGE_COUNT; stage++) {
        const struct deadline_row *row =
            deadline_row_find (loading->rules, stage, purpose, urgency);
        if (row != NULL)
            check_sum (loading, row, purpose, urgency);
    }
}

static void check_clocks (struct loading *loading)
{
    const struct rules *rules = loading->rules;
    for (unsigned purpose = PURPOSE_APPEAL; purpose < PURPOSE_COUNT; purpose++) {
        size_t before = loading->problems->count;
        for (size_t i = 0; i < ARRAY_SIZE (always); i++)
            if (deadline_row_find (rules, always[i], purpose, URGENCY_ORDINARY) == NULL)
                problem_at (loading, RULES_DEADLINES, 0,
                            "stage %s has no clock for purpose %s; add a row, with * "
                            "for any purpose and any urgency",
                            name_word (&stage_names, always[i]),
                            name_word (&purpose_names, purpose));
        for (unsigned urgency = URGENCY_ORDINARY;
             urgency < URGENCY_COUNT && loading->problems->count == before; urgency++) {
            check_sums (loading, purpose, urgency);
            check_extension (loading, purpose, urgency);
        }
        /* The next purpose would say the same. */
        if (loading->problems->count > before)
            return;
    }
}

static void check_deadline_rows (struct loading *loading)
{
    const struct rules *rules = loading->rules;
    for (size_t i = 0; i < rules->deadline_count; i++)
        for (size_t k = i + 1; k < rules->deadline_count; k++) {
            const struct deadline_row *a = &rules->deadlines[i];
            const struct deadline_row *b = &rules->deadlines[k];
            if (a->row == b->row)
                problem_at (loading, RULES_DEADLINES,
                            a->line > b->line ? a->line : b->line,
                            "row %u stands in line %u already; give it a new number",
                            a->row, a->line > b->line ? b->line : a->line);
        }
}

/* ---- ladder -------------------------------------------------------------------------- */

static void check_bands (struct loading *loading, const struct deadline_row *row,
                         const struct ladder_row *steps, size_t count)
{
    for (size_t i = 0; i < row->band_count; i++) {
        bool there = false;
        for (size_t k = 0; k < count; k++)
            there = there || steps[k].share == row->bands[i];
        if (!there)
            problem_at (loading, RULES_DEADLINES, row->line,
                        "the ladder has no step at %u%% for stage %s: nobody would be "
                        "told",
                        row->bands[i], name_word (&stage_names, row->stage));
    }
}

/* Level by level: nobody is told who was not preceded by the one below. */
static void check_steps (struct loading *loading)
{
    const struct rules *rules = loading->rules;
    for (size_t i = 0; i < rules->ladder_count; i++) {
        const struct ladder_row *row = &rules->ladder[i];
        const struct ladder_row *before = i == 0 ? NULL : &rules->ladder[i - 1];
        bool first = before == NULL || before->stage != row->stage ||
                     before->urgency != row->urgency;
        unsigned below = first ? 0 : before->level;
        if (row->level > below + 1)
            problem_at (loading, RULES_LADDER, row->line,
                        "level %u directly after level %u: go up level by level",
                        row->level, below);
        if (!first && row->level < before->level)
            problem_at (loading, RULES_LADDER, row->line,
                        "level %u after level %u: a later step is never lower",
                        row->level, before->level);
    }
}

static void check_ladder (struct loading *loading)
{
    const struct rules *rules = loading->rules;
    check_steps (loading);
    for (size_t i = 0; i < rules->deadline_count; i++) {
        const struct deadline_row *row = &rules->deadlines[i];
        struct ladder_row steps[LADDER_STEPS_MAX];
        unsigned from = row->urgency == URGENCY_ANY ? URGENCY_ORDINARY : row->urgency;
        unsigned to = row->urgency == URGENCY_ANY ? URGENCY_EMERGENCY : row->urgency;
        size_t before = loading->problems->count;
        for (unsigned urgency = from; urgency <= to && loading->problems->count == before;
             urgency++)
            check_bands (loading, row, steps,
                         ladder_steps (rules, row->stage, urgency, steps));
    }
}

/* ---- calendar ------------------------------------------------------------------------ */

static void check_calendar (struct loading *loading)
{
    const struct rules *rules = loading->rules;
    char text[CIVIL_DATE_SIZE];
    if (rules->known_until == INT32_MIN) {
        problem_at (loading, RULES_CALENDAR, 0,
                    "a line \"# known until 2026-12-31\" is missing: it says how far the "
                    "calendar is complete");
        return;
    }
    for (size_t i = 0; i < rules->calendar_count; i++)
        if (rules->calendar[i].day > rules->known_until)
            problem_at (loading, RULES_CALENDAR, rules->calendar[i].line,
                        "the day lies behind \"known until %s\"; correct one of the two",
                        civil_format_day (rules->known_until, text));
}

/* ---- templates ----------------------------------------------------------------------- */

static size_t count_names (const char *const *names)
{
    size_t count = 0;
    while (names[count] != NULL)
        count++;
    return count;
}

static bool is_name (const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp (*names, name) == 0)
            return true;
    return false;
}

/* Of one row: which table it stands in, how it is called in sentences. */
struct worded {
    enum rules_table table;
    unsigned line;
    const char *what, *name;
    const char *const *placeholders;
};

static void check_placeholders (struct loading *loading, const struct worded *row,
                                const char *text)
{
    char name[64], text_of_hint[HINT_SIZE];
    while ((text = strchr (text, '{')) != NULL) {
        if (text[1] == '{') {
            text += 2;
            continue;
        }
        const char *end = strchr (text, '}');
        size_t size = end == NULL ? 0 : (size_t) (end - text - 1);
        if (size == 0 || size >= sizeof name) {
            problem_at (loading, row->table, row->line,
                        "%s %s: a brace without its end; write {{ for a brace", row->what,
                        row->name);
            return;
        }
        memcpy (name, text + 1, size);
        name[size] = '\0';
        if (!is_name (name, row->placeholders))
            problem_at (loading, row->table, row->line,
                        "%s %s: unknown placeholder {%s}%s", row->what, row->name, name,
                        hint (text_of_hint, name, row->placeholders,
                              count_names (row->placeholders)));
        text = end + 1;
    }
}

/* A part that may be left out ends before another one begins. */
static void check_parts (struct loading *loading, const struct notice_template *row,
                         const char *text)
{
    while ((text = strchr (text, '[')) != NULL) {
        const char *next = strpbrk (text + 1, "[]");
        if (next == NULL || *next != ']') {
            problem_at (
                loading, RULES_TEMPLATES, row->line,
                "template %s: a bracket without its end; [, due {due}] is left out "
                "where there is no {due}",
                row->name);
            return;
        }
        text = next + 1;
    }
}

static void check_templates (struct loading *loading)
{
    const struct rules *rules = loading->rules;
    char text[HINT_SIZE];
    for (size_t i = 0; i < rules->template_count; i++) {
        const struct notice_template *row = &rules->templates[i];
        if (!is_name (row->name, template_names))
            problem_at (
                loading, RULES_TEMPLATES, row->line, "unknown template %s%s", row->name,
                hint (text, row->name, template_names, count_names (template_names)));
        struct worded worded = { RULES_TEMPLATES, row->line, "template", row->name,
                                 template_placeholders };
        check_placeholders (loading, &worded, row->subject);
        check_placeholders (loading, &worded, row->text);
        check_parts (loading, row, row->subject);
        check_parts (loading, row, row->text);
    }
    for (size_t i = 0; template_names[i] != NULL; i++)
        for (unsigned language = 0; language < LANGUAGE_COUNT; language++)
            if (template_find (rules, template_names[i], language) == NULL)
                problem_at (loading, RULES_TEMPLATES, 0,
                            "template %s is missing in language %s", template_names[i],
                            name_word (&language_names, language));
}

/* ---- documents ----------------------------------------------------------------------- */

/* Letters between departments are read by who may not know the petitioner. */
static void check_letter (struct loading *loading, const struct document_form *form)
{
    char text[64];
    for (size_t i = 0; document_personal_placeholders[i] != NULL; i++) {
        snprintf (text, sizeof text, "{%s}", document_personal_placeholders[i]);
        if (strstr (form->text, text) != NULL)
            problem_at (loading, RULES_DOCUMENTS, form->line,
                        "document %s: %s names the petitioner; a letter between "
                        "departments may not",
                        name_word (&document_names, form->kind), text);
    }
}

static void check_documents (struct loading *loading)
{
    const struct rules *rules = loading->rules;
    for (size_t i = 0; i < rules->document_count; i++) {
        const struct document_form *form = &rules->documents[i];
        struct worded worded = { RULES_DOCUMENTS, form->line, "document",
                                 name_word (&document_names, form->kind),
                                 document_placeholders };
        check_placeholders (loading, &worded, form->text);
        if (!document_is_personal (form->kind))
            check_letter (loading, form);
    }
    for (unsigned kind = DOCUMENT_NONE + 1; kind < DOCUMENT_COUNT; kind++)
        if (document_form_find (rules, (enum document_kind) kind) == NULL)
            problem_at (loading, RULES_DOCUMENTS, 0, "document %s (%s) is missing",
                        name_word (&document_names, kind),
                        name_zh (&document_names, kind));
}

/* ---- all ----------------------------------------------------------------------------- */

void check_rules (struct loading *loading)
{
    static const struct {
        void (*check) (struct loading *loading);
        unsigned needs; /* bits of tables whose own lines must be right */
    } checks[] = {
        { check_departments, 1u << RULES_DEPARTMENTS },
        { check_people, 1u << RULES_PEOPLE },
        { check_categories, 1u << RULES_CATEGORIES },
        { check_row_numbers, 1u << RULES_RESPONSIBILITY },
        { check_villages, 1u << RULES_VILLAGES | 1u << RULES_DEPARTMENTS |
                              1u << RULES_PEOPLE | 1u << RULES_CATEGORIES |
                              1u << RULES_RESPONSIBILITY },
        { check_deadline_rows, 1u << RULES_DEADLINES },
        { check_clocks, 1u << RULES_DEADLINES },
        { check_ladder, 1u << RULES_DEADLINES | 1u << RULES_LADDER },
        { check_calendar, 1u << RULES_CALENDAR },
        { check_templates, 1u << RULES_TEMPLATES },
        { check_documents, 1u << RULES_DOCUMENTS },
    };
    unsigned broken = 0;
    for (size_t i = 0; i < ARRAY_SIZE (checks); i++) {
        for (unsigned table = 0; table < RULES_TABLE_COUNT; table++)
            broken |= loading->broken[table] ? 1u << table : 0;
        if ((broken & checks[i].needs) == 0)
            checks[i].check (loading);
    }
}
