/* SPDX-License-Identifier: Apache-2.0 */
/* What the placeholders of a document stand for, in Chinese as offices write it. A value
 * that does not apply is not set: then the form's line is left out (rules/documents.h). */
#include "routing/document_words.h"

#include "base/civil.h"
#include "base/number.h"
#include "base/text.h"
#include "rules/deadline.h"
#include "wire/limits.h"
#include "wire/names.h"

#define TITLE_CHARACTERS 40 /* of a text without title */

static void set (struct document_words *words, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    assert (words->count < DOCUMENT_WORDS_MAX);
    words->values[words->count++] = (struct template_value){ name, value };
}

/* An "if_…": stands for nothing, and keeps its line. */
static void set_flag (struct document_words *words, const char *name, bool holds)
{
    if (!holds)
        return;
    assert (words->count < DOCUMENT_WORDS_MAX);
    words->values[words->count++] = (struct template_value){ name, "" };
}

/* ---- days and periods ------------------------------------------------------------------ */

static const char *day_text (struct arena *arena, int32_t day)
{
    struct civil civil = civil_of_day (day);
    return arena_format (arena, "%d年%u月%u日", civil.year, civil.month, civil.day);
}

static const char *date_of (struct document_words *words, int64_t at_ms)
{
    return at_ms == 0 ? NULL : day_text (words->arena, civil_day (at_ms));
}

/* A day behind the calendar may yet move: whoever reads it is told. */
#define PROVISIONAL "（暂定，遇法定节假日顺延）"

/* The last day of a period that ends at 24:00; of one in hours also the time. */
static const char *due_text (struct document_words *words, int64_t due_ms)
{
    if (due_ms == 0)
        return NULL;
    if (civil_day_start_ms (civil_day (due_ms)) == due_ms) {
        int32_t day = civil_day (due_ms) - 1;
        bool is_known = day <= words->scene->rules->known_until;
        return arena_format (words->arena, "%s%s", day_text (words->arena, day),
                             is_known ? "" : PROVISIONAL);
    }
    struct civil civil = civil_of_ms (due_ms);
    return arena_format (words->arena, "%s%u时%02u分",
                         day_text (words->arena, civil_day (due_ms)), civil.hour,
                         civil.minute);
}

static enum urgency urgency (const struct document_scene *scene)
{
    const struct category *category =
        category_find (scene->rules, scene->matter->category);
    return urgency_of (category, scene->matter->urgent || scene->matter->threat);
}

static const char *due_of (struct document_words *words, enum stage stage, bool extended,
                           int64_t from_ms)
{
    const struct document_scene *scene = words->scene;
    struct duty_plan plan;
    if (duty_plan (scene->rules, stage, scene->matter->purpose, urgency (scene), extended,
                   from_ms, &plan) < 0)
        return NULL;
    return due_text (words, plan.due.due_ms);
}

/* "30日", "5个工作日"; 'otherwise' where the table has no such row. */
static const char *period_of (struct document_words *words, enum stage stage,
                              const char *otherwise)
{
    const struct document_scene *scene = words->scene;
    const struct deadline_row *row =
        deadline_row_find (scene->rules, stage, scene->matter->purpose, urgency (scene));
    if (row == NULL || row->amount == 0)
        return otherwise;
    return arena_format (words->arena, "%u%s", (unsigned) row->amount,
                         row->unit == UNIT_WORKING_DAY ? "个工作日"
                         : row->unit == UNIT_HOUR      ? "小时"
                                                       : "日");
}

/* ---- names -------------------------------------------------------------------------- */

static const char *department_name (struct document_words *words, uint32_t number)
{
    const struct department *department = department_find (words->scene->rules, number);
    if (department != NULL)
        return department->name;
    return number == 0 ? NULL
                       : arena_format (words->arena, "%u号单位", (unsigned) number);
}

static const char *department_names (struct document_words *words,
                                     const uint32_t *numbers, size_t count)
{
    const char *text = NULL;
    for (size_t i = 0; i < count; i++) {
        const char *name = department_name (words, numbers[i]);
        text = text == NULL ? name
                            : arena_format (words->arena, "%s、%s", text,
                                            name != NULL ? name : "");
    }
    return text;
}

/* Who is above the department that signs: to whom one appeals. */
static const char *superior_name (struct document_words *words)
{
    const struct rules *rules = words->scene->rules;
    const struct department *issuer = department_in_force (rules, words->scene->issuer);
    const struct department *superior =
        issuer != NULL ? department_in_force (rules, issuer->superior) : NULL;
    return superior != NULL ? superior->name : "上一级机关、单位";
}

static const char *person_name (struct document_words *words, uint32_t person)
{
    const struct officer *officer =
        person != 0 ? officer_find (words->scene->rules, person) : NULL;
    return officer != NULL ? officer->name : NULL;
}

static const char *village_name (struct document_words *words)
{
    uint64_t code = words->scene->matter->village;
    const struct village *village = village_find (words->scene->rules, code);
    if (village == NULL)
        return arena_format (words->arena, "%llu", (unsigned long long) code);
    return arena_format (words->arena, "%s%s", village->township, village->name);
}

/* People's words on one line. */
static const char *on_a_line (struct document_words *words, const char *text,
                              size_t characters)
{
    struct buffer line = { 0 };
    text_cell (bytes_of_text (text), &line);
    struct bytes all = buffer_bytes (&line), head = text_head (all, characters);
    const char *ret =
        arena_format (words->arena, "%.*s%s", (int) head.size, (const char *) head.data,
                      head.size < all.size ? "……" : "");
    buffer_done (&line);
    return ret;
}

static const char *petitioner_name (struct document_words *words)
{
    const struct document_scene *scene = words->scene;
    const struct petitioner *person =
        scene->statement != NULL ? scene->statement->person : NULL;
    if (scene->matter->anonymous || person == NULL || person->name == NULL)
        return "信访人";
    const char *name = on_a_line (words, person->name, LIMIT_NAME);
    if (name[0] == '\0')
        return "信访人";
    if (scene->matter->persons < 2)
        return name;
    return arena_format (words->arena, "%s等%u人", name,
                         (unsigned) scene->matter->persons);
}

/* What it is about: as it was headed, or how it begins. */
static const char *title_of (struct document_words *words)
{
    const struct statement *statement = words->scene->statement;
    if (statement == NULL)
        return "有关事项";
    const char *title = statement->title != NULL
                            ? on_a_line (words, statement->title, LIMIT_TITLE)
                            : on_a_line (words, statement->text, TITLE_CHARACTERS);
    return title[0] != '\0' ? title : "有关事项";
}

static const char *number_text (struct document_words *words, uint64_t number)
{
    if (!number_is_valid (number))
        return NULL;
    char text[NUMBER_TEXT_SIZE];
    return arena_text (words->arena, number_format (number, text));
}

static const char *other_text (struct document_words *words,
                               const struct document_other *other)
{
    if (other->kind == DOCUMENT_NONE)
        return NULL;
    return arena_format (words->arena, "%s（第%u号文书）",
                         document_kind_chinese (other->kind), (unsigned) other->ordinal);
}

/* ---- what every document may say ------------------------------------------------------- */

static bool is_answered (enum purpose purpose)
{
    return purpose == PURPOSE_SUGGESTION || purpose == PURPOSE_INQUIRY;
}

static void gather_matter (struct document_words *words)
{
    const struct document_scene *scene = words->scene;
    const struct matter *matter = scene->matter;
    set (words, "number", number_text (words, scene->number));
    set (words, "petitioner", petitioner_name (words));
    set (words, "persons",
         arena_format (words->arena, "%u",
                       (unsigned) (matter->persons > 1 ? matter->persons : 1)));
    set (words, "village", village_name (words));
    set (words, "category", matter->category);
    set (words, "purpose", purpose_chinese (matter->purpose));
    set (words, "title", title_of (words));
    set (words, "filed", date_of (words, scene->filed_at_ms));
    set (words, "accepted", date_of (words, scene->accepted_at_ms));
    set (words, "department", department_name (words, scene->issuer));
    set (words, "date", date_of (words, scene->now_ms));
    set (words, "appeal_to", superior_name (words));
    set (words, "execute_period", period_of (words, STAGE_EXECUTE, "规定期限"));
    set (words, "dispute_period", period_of (words, STAGE_DISPUTE, "30日"));
    set (words, "extension_period", period_of (words, STAGE_EXTEND, NULL));
    set_flag (words, "if_merits", !is_answered (matter->purpose));
    set_flag (words, "if_answered", is_answered (matter->purpose));
    if (matter->channel == CHANNEL_ASSIGNED) {
        if (matter->upstream_due_ms != 0)
            set (words, "upstream_due", date_of (words, matter->upstream_due_ms - 1));
        if (scene->statement != NULL)
            set (words, "upstream", scene->statement->upstream_number);
    }
}

/* ---- a step ------------------------------------------------------------------------------ */

static const char *procedure_of (enum ground ground)
{
    if (ground == GROUND_COURT)
        return "有管辖权的人民法院";
    if (ground == GROUND_ARBITRATION)
        return "有管辖权的仲裁机构";
    if (ground == GROUND_ADMINISTRATIVE_REVIEW)
        return "有管辖权的行政复议机关";
    return "有权处理的机关、单位";
}

/* A report goes to who dispatched it; theirs goes further up. */
static const char *report_to (struct document_words *words)
{
    const struct document_scene *scene = words->scene;
    const struct department *dispatching =
        department_dispatching (scene->rules, scene->matter->village);
    if (dispatching == NULL || dispatching->number == scene->issuer)
        return superior_name (words);
    return dispatching->name;
}

static bool is_review (const struct moved *moved)
{
    return moved->to == STATE_REVIEWING || moved->to == STATE_REREVIEWING ||
           moved->to == STATE_HEARING;
}

static void gather_handing_on (struct document_words *words)
{
    const struct document_scene *scene = words->scene;
    const struct moved *moved = scene->moved;
    set_flag (words, "if_inside", moved->step != STEP_DIVERT);
    if (moved->step == STEP_DIVERT) {
        set (words, "to_department", procedure_of (moved->ground));
        set_flag (words, "if_divert", true);
    } else if (moved->to == STATE_CLOSED) {
        set (words, "to_department", report_to (words));
    } else {
        set (words, "to_department", department_name (words, moved->department));
    }
    if (moved->step != STEP_DISPATCH)
        return;
    if (is_review (moved)) {
        enum stage stage = moved->instance == 2 ? STAGE_REVIEW : STAGE_REREVIEW;
        set (words, "review_period", period_of (words, stage, "30日"));
    } else {
        set (words, "accept_due", due_of (words, STAGE_ACCEPT, false, scene->now_ms));
        set (words, "object_due", due_of (words, STAGE_OBJECT, false, scene->now_ms));
    }
}

/* The clock of the decision runs from the acceptance, and what is extended from there too:
 * both ends are those of the ledger. */
static void gather_decision_time (struct document_words *words)
{
    const struct document_scene *scene = words->scene;
    int64_t from_ms = scene->accepted_at_ms != 0 ? scene->accepted_at_ms : scene->now_ms;
    set (words, "decide_due", due_of (words, STAGE_DECIDE, false, from_ms));
    if (scene->moved->step == STEP_EXTEND)
        set (words, "extended_due", due_of (words, STAGE_DECIDE, true, from_ms));
}

static void gather_outcome (struct document_words *words)
{
    const struct document_scene *scene = words->scene;
    enum decision_outcome outcome = scene->outcome;
    uint32_t instance = scene->moved->instance;
    if (outcome != OUTCOME_NONE)
        set (words, "outcome", decision_outcome_chinese (outcome));
    set_flag (words, "if_support", outcome == OUTCOME_SUPPORT);
    set_flag (words, "if_explain", outcome == OUTCOME_EXPLAIN);
    set_flag (words, "if_not_support", outcome == OUTCOME_NOT_SUPPORT);
    set_flag (words, "if_agreed", outcome == OUTCOME_AGREED);
    set_flag (words, "if_review", instance == 2);
    set_flag (words, "if_rereview", instance > 2);
    set_flag (words, "if_final", scene->moved->close_reason == CLOSE_FINAL);
    set (words, "appeal_period",
         period_of (words, instance < 2 ? STAGE_ASK_REVIEW : STAGE_ASK_REREVIEW, "30日"));
}

/* The petitioner's period runs from the service of a decision, as long as one is left. */
static const char *window_due (struct document_words *words)
{
    const struct document_scene *scene = words->scene;
    const struct moved *moved = scene->moved;
    bool is_left = (moved->to == STATE_WINDOW || moved->to == STATE_EXECUTING) &&
                   moved->instance < 3;
    if (!is_left)
        return NULL;
    if (moved->lapses_at_ms != 0)
        return due_text (words, moved->lapses_at_ms);
    return due_of (words, moved->instance < 2 ? STAGE_ASK_REVIEW : STAGE_ASK_REREVIEW,
                   false, moved->done_at_ms != 0 ? moved->done_at_ms : scene->now_ms);
}

static void gather_service (struct document_words *words)
{
    const struct document_scene *scene = words->scene;
    const struct moved *moved = scene->moved;
    const char *what = other_text (words, &scene->decided);
    if (moved->means != MEANS_NONE)
        set (words, "means", means_chinese (moved->means));
    set (words, "served",
         date_of (words, moved->done_at_ms != 0 ? moved->done_at_ms : scene->now_ms));
    if (scene->said->to != NULL)
        set (words, "to", on_a_line (words, scene->said->to, LIMIT_NAME));
    set (words, "worker",
         person_name (words, moved->worker != 0 ? moved->worker : scene->person));
    set (words, "served_document", what != NULL ? what : "书面答复");
    set (words, "window_due", window_due (words));
}

static void gather_step (struct document_words *words)
{
    const struct document_scene *scene = words->scene;
    const struct moved *moved = scene->moved;
    gather_handing_on (words);
    gather_decision_time (words);
    gather_outcome (words);
    if (moved->step == STEP_SERVE)
        gather_service (words);
    if (moved->ground != GROUND_NONE)
        set (words, "ground", ground_chinese (moved->ground));
    if (moved->close_reason != CLOSE_NONE)
        set (words, "closed", close_reason_chinese (moved->close_reason));
    set (words, "final_number", number_text (words, moved->link_to));
    set (words, "decision_document", other_text (words, &scene->decided));
    set (words, "assisting",
         department_names (words, scene->assisting, scene->n_assisting));
    set (words, "reason", scene->said->reason);
    if (moved->step == STEP_DECIDE || moved->step == STEP_AGREE ||
        moved->step == STEP_SERVE || moved->step == STEP_DISPATCH)
        set (words, "text", scene->said->text); /* else a note of the second person */
    set (words, "legal_basis", scene->said->legal_basis);
}

/* ---- a supervision ----------------------------------------------------------------------- */

static void gather_supervision (struct document_words *words)
{
    const struct document_scene *scene = words->scene;
    const struct raised *raised = scene->raised;
    const struct department *dispatching =
        department_dispatching (scene->rules, scene->matter->village);
    const char *to = department_name (words, raised->department);
    if (to == NULL && dispatching != NULL)
        to = dispatching->name;
    set (words, "to_department", to);
    set (words, "advice", scene->advice);
    set (words, "leader", person_name (words, raised->opened_by));
    set (words, "raise",
         arena_format (words->arena, "%llu", (unsigned long long) raised->raise));
    set (words, "answer_due", due_text (words, raised->answer_due_ms));
}

void document_words_gather (struct document_words *words,
                            const struct document_form *form, uint32_t ordinal)
{
    words->count = 0;
    set (words, "ordinal", arena_format (words->arena, "%u", (unsigned) ordinal));
    set (words, "article", form->article);
    gather_matter (words);
    if (words->scene->moved != NULL)
        gather_step (words);
    if (words->scene->raised != NULL)
        gather_supervision (words);
}
