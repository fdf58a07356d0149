/* SPDX-License-Identifier: Apache-2.0 */
/* A course as whom it concerns reads it: where it stands, who had it and for how long, and
 * every step with the article it rests on. */
#include "cli/course.h"

#include "cli/language.h"

#include "base/civil.h"
#include "base/number.h"
#include "wire/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- parts ------------------------------------------------------------------------- */

const char *course_number (struct cli *cli, uint64_t number)
{
    char text[NUMBER_TEXT_SIZE];
    if (!number_is_valid (number))
        return "";
    return arena_text (&cli->arena, number_format (number, text));
}

const char *course_time (struct cli *cli, int64_t at_ms)
{
    char text[CIVIL_TIME_SIZE];
    return at_ms == 0 ? "" : arena_text (&cli->arena, civil_format_time (at_ms, text));
}

const char *course_due (struct cli *cli, int64_t due_ms, bool provisional)
{
    char text[CIVIL_TIME_SIZE];
    if (due_ms == 0)
        return "";
    civil_format_due (due_ms, text);
    cli->has_provisional |= provisional;
    return arena_format (&cli->arena, "%s%s", text, provisional ? " ?" : "");
}

const char *course_marks (struct cli *cli, const struct matter *matter)
{
    return arena_format (
        &cli->arena, "%s%s%s%s", matter->threat ? _ ("threat ") : "",
        matter->urgent ? _ ("urgent ") : "",
        matter->vulnerable || matter->hardship ? _ ("weak ") : "",
        matter->persons > 1
            ? arena_format (&cli->arena, _ ("%u persons"), matter->persons)
            : "");
}

const char *course_instance (uint32_t instance)
{
    return instance < 2 ? "" : instance == 2 ? _ ("review") : _ ("re-review");
}

/* The Regulations have fifty articles. */
const char *course_article_text (struct cli *cli, uint32_t article)
{
    static const char *const digits[] = { "",   "一", "二", "三", "四",
                                          "五", "六", "七", "八", "九" };
    if (article == 0 || article > 99)
        return "";
    if (!language_is_chinese ())
        return arena_format (&cli->arena, _ ("art. %u"), article);
    return arena_format (&cli->arena, "第%s%s%s条",
                         article >= 20 ? digits[article / 10] : "",
                         article >= 10 ? "十" : "", digits[article % 10]);
}

void course_heading (struct cli *cli, uint64_t number, const struct matter *matter)
{
    printf ("%s  %s  %s  %s", course_number (cli, number),
            cli_village_name (cli, matter->village),
            matter->category != NULL ? matter->category : "—",
            language_word (purpose, matter->purpose));
    const char *said = course_marks (cli, matter);
    printf ("%s%s\n", said[0] != '\0' ? "  " : "", said);
}

/* ---- steps ------------------------------------------------------------------------- */

static const char *step_token (const struct course_step *step)
{
    return step->step != 0 ? step_name ((enum step) step->step) : NULL;
}

static json_t *step_json (const struct course_step *step)
{
    const char *ground =
        step->ground != 0 ? ground_name ((enum ground) step->ground) : NULL;
    const char *reason = step->close_reason != 0
                             ? close_reason_name ((enum close_reason) step->close_reason)
                             : NULL;
    return json_pack (
        "{s:I, s:s, s:s*, s:I, s:I, s:s, s:I, s:I, s:I, s:s*, s:s*, s:I, s:I, s:s*}",
        "time_ms", (json_int_t) step->time_ms, "kind", kind_name (step->kind), "step",
        step_token (step), "department", (json_int_t) step->department, "person",
        (json_int_t) step->person, "state", state_name (step->state), "due_ms",
        (json_int_t) step->due_ms, "level", (json_int_t) step->level, "article",
        (json_int_t) step->article, "ground", ground, "close_reason", reason, "instance",
        (json_int_t) step->instance, "previous_department",
        (json_int_t) step->previous_department, "text", step->text);
}

json_t *course_steps_json (const struct course_step *steps, size_t n_steps)
{
    json_t *array = json_array ();
    for (size_t i = 0; i < n_steps; i++)
        json_array_append_new (array, step_json (&steps[i]));
    return array;
}

/* What is done inside the house and changes nothing for whom it concerns. */
static bool is_inside (const struct course_step *step)
{
    return step->text == NULL &&
           (step->kind == KIND_NOTICE || step->kind == KIND_NOTICE_MOVED);
}

static const char *joined (struct cli *cli, const char *what, const char *of)
{
    return of[0] == '\0' ? what : arena_format (&cli->arena, _ ("%s: %s"), what, of);
}

/* "decided: support", "closed: confirmed"; of what leaves the state where it was, the step:
 * "extend". */
static const char *moved_text (struct cli *cli, const struct course_step *step,
                               uint32_t state_before)
{
    const char *what = step->state != state_before || step->step == 0
                           ? language_word (state, step->state)
                           : language_word (step, step->step);
    if (step->step == STEP_SERVE && step->state != state_before)
        what =
            arena_format (&cli->arena, "%s → %s", language_word (step, step->step), what);
    if (step->close_reason != 0)
        return joined (cli, what, language_word (close_reason, step->close_reason));
    if (step->outcome != OUTCOME_NONE && step->instance > 1)
        what =
            arena_format (&cli->arena, "%s (%s)", what, course_instance (step->instance));
    if (step->outcome != OUTCOME_NONE)
        return joined (cli, what, language_word (decision_outcome, step->outcome));
    return what;
}

/* "asked to withdraw", "taken". */
static const char *asked_text (struct cli *cli, const struct course_step *step)
{
    const char *kind = language_word (kind, step->kind);
    if (step->kind == KIND_ASKED && step->outcome != 0)
        return joined (cli, kind, language_word (asked, step->outcome));
    if (step->kind == KIND_ASK_ANSWERED && step->outcome != 0)
        return joined (cli, kind,
                       step->outcome == 1 ? _ ("taken")
                                          : _ ("not taken, it is not the time for it"));
    return kind;
}

static const char *what_text (struct cli *cli, const struct course_step *step,
                              uint32_t state_before)
{
    const char *kind = language_word (kind, step->kind);
    switch (step->kind) {
    case KIND_RAISED:
        return step->level > 0
                   ? arena_format (&cli->arena, _ ("raised to level %u"), step->level)
                   : kind;
    case KIND_MOVED:
        return step->state == STATE_NONE ? kind : moved_text (cli, step, state_before);
    case KIND_CLOCKS:
        return _ ("last day changed");
    case KIND_PROPOSED:
    case KIND_REJECTED:
        return joined (cli, kind,
                       step->step != 0 ? language_word (step, step->step) : "");
    case KIND_DOCUMENT:
        return joined (cli, kind,
                       step->outcome != 0 ? language_word (document_kind, step->outcome)
                                          : "");
    default:
        return asked_text (cli, step);
    }
}

/* With whom it lay after the step, and who had it before where it was handed on. */
static const char *by_text (struct cli *cli, const struct course_step *step)
{
    const char *department = "", *person = "";
    if (step->department != 0 || step->previous_department != 0)
        department = cli_department_name (cli, step->department);
    if (step->previous_department != 0 && step->previous_department != step->department)
        department = arena_format (&cli->arena, "%s → %s",
                                   cli_department_name (cli, step->previous_department),
                                   department);
    if (step->person != 0)
        person = cli_person_name (cli, step->person);
    return arena_format (&cli->arena, "%s%s%s", department,
                         department[0] != '\0' && person[0] != '\0' ? " " : "", person);
}

static void step_print (struct cli *cli, struct cli_table *table,
                        const struct course_step *step, uint32_t state_before)
{
    cli_table_row (table);
    cli_table_cell (table, "%s", course_time (cli, step->time_ms));
    cli_table_cell (table, "%s", cli_words (cli, what_text (cli, step, state_before)));
    cli_table_cell (
        table, "%s",
        step->ground != 0 ? cli_words (cli, language_word (ground, step->ground)) : "");
    cli_table_cell (table, "%s", by_text (cli, step));
    /* What is urgent was due at once; a document's text is its title. */
    bool is_ahead = step->due_ms > step->time_ms;
    cli_table_cell (table, "%s",
                    is_ahead ? course_due (cli, step->due_ms, step->provisional) : "");
    cli_table_cell (table, "%s", course_article_text (cli, step->article));
    cli_table_cell (table, "%s",
                    step->text != NULL && step->kind != KIND_DOCUMENT ? step->text : "");
}

void course_steps_print (struct cli *cli, const struct course_step *steps, size_t n_steps)
{
    struct cli_table *table = cli_table_create ();
    uint32_t state = STATE_NONE;
    cli_table_column (table, _ ("TIME"), CLI_LEFT);
    cli_table_column (table, _ ("WHAT"), CLI_LEFT);
    cli_table_column (table, _ ("GROUND"), CLI_LEFT);
    cli_table_column (table, _ ("BY"), CLI_LEFT);
    cli_table_column (table, _ ("DUE"), CLI_LEFT);
    cli_table_column (table, _ ("ARTICLE"), CLI_LEFT);
    cli_table_column (table, _ ("SAID"), CLI_CUT);
    for (size_t i = 0; i < n_steps; i++) {
        if (!is_inside (&steps[i]))
            step_print (cli, table, &steps[i], state);
        if (steps[i].kind == KIND_MOVED)
            state = steps[i].state;
    }
    cli_table_print (&table);
}

/* ---- hand-overs -------------------------------------------------------------------- */

static json_t *holdings_json (const struct course *course)
{
    json_t *holdings = json_array ();
    for (size_t i = 0; i < course->n_holdings; i++) {
        const struct holding *holding = &course->holdings[i];
        json_array_append_new (holdings,
                               json_pack ("{s:I, s:I, s:I, s:s}", "department",
                                          (json_int_t) holding->department, "from_ms",
                                          (json_int_t) holding->from_ms, "until_ms",
                                          (json_int_t) holding->until_ms, "step",
                                          step_name ((enum step) holding->step)));
    }
    return holdings;
}

/* Who had it, from when to when: told where it went on at least once. A day is whose it was
 * at its end, as in 'deadline explain'. */
static void holdings_print (struct cli *cli, const struct course *course)
{
    if (course->n_holdings < 2)
        return;
    struct cli_table *table = cli_table_create ();
    const char *titles[] = { _ ("HELD BY"), _ ("FROM"), _ ("UNTIL"), _ ("DAYS"),
                             _ ("CAME BY") };
    for (size_t i = 0; i < ARRAY_SIZE (titles); i++)
        cli_table_column (table, titles[i], i == 3 ? CLI_RIGHT : CLI_LEFT);
    for (size_t i = 0; i < course->n_holdings; i++) {
        const struct holding *holding = &course->holdings[i];
        int64_t until_ms = holding->until_ms != 0 ? holding->until_ms : cli_now_ms ();
        int32_t days = civil_day (until_ms) - civil_day (holding->from_ms);
        cli_table_row (table);
        cli_table_cell (table, "%s", cli_department_name (cli, holding->department));
        cli_table_cell (table, "%s", course_time (cli, holding->from_ms));
        cli_table_cell (table, "%s",
                        holding->until_ms == 0 ? _ ("now")
                                               : course_time (cli, holding->until_ms));
        cli_table_cell (table, "%d", days > 0 ? days : 0);
        cli_table_cell (table, "%s",
                        cli_words (cli, language_word (step, holding->step)));
    }
    putchar ('\n');
    cli_table_print (&table);
}

/* ---- the course -------------------------------------------------------------------- */

static json_t *course_json (struct cli *cli, const struct course *course)
{
    const char *proposed =
        course->proposed != 0 ? step_name ((enum step) course->proposed) : NULL;
    return json_pack (
        "{s:s, s:I, s:s*, s:s, s:I, s:I, s:I, s:b, s:s, s:I, s:I, s:I, s:s*, s:o, s:o}",
        "number", course_number (cli, course->number), "village",
        (json_int_t) course->matter->village, "category", course->matter->category,
        "purpose", purpose_name (course->matter->purpose), "registered_at_ms",
        (json_int_t) course->registered_at_ms, "filed_at_ms",
        (json_int_t) course->filed_at_ms, "last_day_ms", (json_int_t) course->last_day_ms,
        "provisional", course->provisional, "state", state_name (course->state),
        "department", (json_int_t) course->department, "level",
        (json_int_t) course->level, "instance", (json_int_t) course->instance, "proposed",
        proposed, "steps", course_steps_json (course->steps, course->n_steps), "holdings",
        holdings_json (course));
}

void course_print (struct cli *cli, const struct course *course)
{
    const char *instance = course_instance (course->instance);
    if (cli->json) {
        cli_json_line (course_json (cli, course));
        return;
    }
    course_heading (cli, course->number, course->matter);
    if (course->title != NULL)
        printf ("%s\n", cli_clean (cli, course->title));
    if (course->state == STATE_CLOSED)
        printf (_ ("%s, last with %s\n"), language_word (state, course->state),
                cli_department_name (cli, course->department));
    else
        printf (_ ("%s, with %s; answer due by %s\n"),
                language_word (state, course->state),
                cli_department_name (cli, course->department),
                course_due (cli, course->last_day_ms, course->provisional));
    if (instance[0] != '\0')
        printf ("%s\n", instance);
    if (course->level > 0)
        printf (_ ("raised to level %u\n"), course->level);
    if (course->proposed != 0)
        printf (_ ("%s waits for a second person\n"),
                language_word (step, course->proposed));
    putchar ('\n');
    course_steps_print (cli, course->steps, course->n_steps);
    holdings_print (cli, course);
}
