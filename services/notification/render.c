/* SPDX-License-Identifier: Apache-2.0 */
/* Template and parameters → subject, text and JSON, at the moment of sending: in the
 * language of the place and with the names that the tables have now. A digest of one is the
 * notice itself; of many, a count and its first lines.
 *
 * The JSON is one form for robots (msgtype, text.content), SMS gateways (template of the
 * provider, parameters, telephone) and programs. */
#include "notification/inside.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/number.h"
#include "rules/templates.h"
#include "wire/limits.h"
#include "wire/names.h"

#define VALUES_MAX   28
#define DIGEST_LINES 20 /* a robot takes about 2,000 bytes */

struct values {
    struct template_value of[VALUES_MAX];
    size_t count;
};

static void value_add (struct values *values, const char *name, const char *value)
{
    if (value && value[0] != '\0' && values->count < VALUES_MAX)
        values->of[values->count++] =
            (struct template_value){ .name = name, .value = value };
}

static const char *department_name (const struct rules *rules, enum language language,
                                    const char *number)
{
    const struct department *department =
        department_find (rules, (uint32_t) strtoul (number, NULL, 10));

    if (!department)
        return NULL;
    return language == LANGUAGE_EN && department->name_en ? department->name_en
                                                          : department->name;
}

static const char *level_text (enum language language, const char *level)
{
    static const char *const names[][LANGUAGE_COUNT] = {
        { "承办人", "handler" },
        { "承办单位负责人", "head of department" },
        { "分管领导", "leader in charge" },
        { "党政联席会", "joint meeting" },
        { "县级", "county" },
    };
    unsigned long i = strtoul (level, NULL, 10);

    return i < ARRAY_SIZE (names) ? names[i][language] : NULL;
}

/* Why it was raised, in words; a step of a clock says how far it is. */
static const char *cause_text (enum language language, unsigned cause, unsigned share,
                               struct arena *arena)
{
    static const char *const names[CAUSE_COUNT][LANGUAGE_COUNT] = {
        [CAUSE_BREACH] = { "超期", "overdue" },
        [CAUSE_OBJECTIONS] = { "多次退单", "objected to more than once" },
        [CAUSE_HAND_OVERS] = { "多次转办", "handed over many times" },
        [CAUSE_DISPUTE] = { "信访人有异议", "disputed by the petitioner" },
        [CAUSE_GROUP] = { "群体诉求", "put forward by a group" },
        [CAUSE_URGENT] = { "紧急", "urgent" },
        [CAUSE_SOURCE_SILENT] = { "数据源中断", "a source is silent" },
        [CAUSE_SUPERVISION] = { "督办", "under supervision" },
        [CAUSE_UNANSWERED] = { "提级逾期未答复", "a raise had no answer in time" },
    };
    bool is_english = language == LANGUAGE_EN;

    if (cause == CAUSE_BAND)
        return arena_format (
            arena, is_english ? "%u%% of the time is used" : "时限已用%u%%", share);
    if (cause == CAUSE_BREACH && share > 100)
        return arena_format (arena,
                             is_english ? "%u working days overdue" : "超期%u个工作日",
                             share - 100);
    return cause < CAUSE_COUNT ? names[cause][language] : NULL;
}

static unsigned number_of (const struct notice *notice, const char *name)
{
    for (size_t i = 0; i < notice->n_parameters; i++)
        if (strcmp (notice->parameters[i].name, name) == 0)
            return (unsigned) strtoul (notice->parameters[i].value, NULL, 10);
    return 0;
}

static const char *outcome_text (enum language language, const char *outcome)
{
    static const char *const names[OUTCOME_COUNT][LANGUAGE_COUNT] = {
        [OUTCOME_SUPPORT] = { "支持", "supported" },
        [OUTCOME_EXPLAIN] = { "解释说明", "explained" },
        [OUTCOME_NOT_SUPPORT] = { "不予支持", "not supported" },
        [OUTCOME_ANSWERED] = { "已答复", "answered" },
        [OUTCOME_AGREED] = { "达成调解协议", "agreed by mediation" },
    };
    unsigned long i = strtoul (outcome, NULL, 10);

    return i < OUTCOME_COUNT ? names[i][language] : NULL;
}

/* A word of the protocol as people read it: "hand_back" is "hand back". */
static const char *spoken (const char *token, struct arena *arena)
{
    char *text = arena_text (arena, token);

    for (char *at = text; *at != '\0'; at++)
        if (*at == '_')
            *at = ' ';
    return text;
}

static const char *step_text (enum language language, unsigned long step,
                              struct arena *arena)
{
    if (step == STEP_NONE || step >= STEP_COUNT)
        return NULL;
    return language == LANGUAGE_EN ? spoken (step_name ((enum step) step), arena)
                                   : step_chinese ((enum step) step);
}

static const char *ground_text (enum language language, unsigned long ground,
                                struct arena *arena)
{
    if (ground == GROUND_NONE || ground >= GROUND_COUNT)
        return NULL;
    return language == LANGUAGE_EN ? spoken (ground_name ((enum ground) ground), arena)
                                   : ground_chinese ((enum ground) ground);
}

static const char *adoption_text (enum language language, unsigned long adoption,
                                  struct arena *arena)
{
    if (adoption == ADOPTION_NONE || adoption >= ADOPTION_COUNT)
        return NULL;
    return language == LANGUAGE_EN
               ? spoken (adoption_name ((enum adoption) adoption), arena)
               : adoption_chinese ((enum adoption) adoption);
}

/* A parameter is a result by number; people read its name. */
static const char *readable (const struct rules *rules, enum language language,
                             const struct parameter *parameter, struct arena *arena)
{
    const struct village *village;

    if (strcmp (parameter->name, "step") == 0)
        return step_text (language, strtoul (parameter->value, NULL, 10), arena);
    if (strcmp (parameter->name, "reason") == 0)
        return ground_text (language, strtoul (parameter->value, NULL, 10), arena);
    if (strcmp (parameter->name, "adoption") == 0)
        return adoption_text (language, strtoul (parameter->value, NULL, 10), arena);
    if (strcmp (parameter->name, "department") == 0)
        return department_name (rules, language, parameter->value);
    if (strcmp (parameter->name, "level") == 0)
        return level_text (language, parameter->value);
    if (strcmp (parameter->name, "outcome") == 0)
        return outcome_text (language, parameter->value);
    if (strcmp (parameter->name, "purpose") == 0)
        return language == LANGUAGE_EN
                   ? name_word (&purpose_names, (unsigned) atoi (parameter->value))
                   : name_zh (&purpose_names, (unsigned) atoi (parameter->value));
    if (strcmp (parameter->name, "village") == 0) {
        village = village_find (rules, strtoull (parameter->value, NULL, 10));
        return village ? village->name : NULL;
    }
    return parameter->value;
}

static const char *fill (const char *text, const struct values *values,
                         struct arena *arena)
{
    struct buffer buffer = { 0 };
    const char *filled;

    template_fill (text ? text : "", values->of, values->count, &buffer);
    filled = arena_format (arena, "%.*s", (int) buffer.size,
                           buffer.data ? (const char *) buffer.data : "");
    buffer_done (&buffer);
    return filled;
}

static void values_take (struct notification *self, const struct notice *notice,
                         struct arena *arena, struct values *values)
{
    enum language language = self->policy.language;
    unsigned cause = number_of (notice, "cause");

    for (size_t i = 0; i < notice->n_parameters; i++) {
        const struct parameter *parameter = &notice->parameters[i];

        if (strcmp (parameter->name, "cause") != 0)
            value_add (values, parameter->name,
                       readable (core_rules (self->core), language, parameter, arena));
    }
    if (cause != CAUSE_NONE)
        value_add (values, "cause",
                   cause_text (language, cause, number_of (notice, "share"), arena));
}

static bool entry_of (struct notification *self, struct txn *txn, uint64_t notice,
                      struct arena *arena, struct entry *ret)
{
    return core_entry (self->core, txn, position_sequence (notice), arena, ret, NULL) &&
           ret->notice;
}

/* ---- digests ---------------------------------------------------------------------------- */

static void line_add (struct notification *self, struct txn *txn, uint64_t notice,
                      struct arena *arena, struct buffer *lines)
{
    const struct rules *rules = core_rules (self->core);
    const struct notice_template *line =
        template_find (rules, TEMPLATE_DIGEST_LINE, self->policy.language);
    const struct notice_template *single;
    struct values values = { 0 };
    struct entry entry;

    if (!line || !entry_of (self, txn, notice, arena, &entry))
        return;
    single = template_find (rules, entry.notice->template, self->policy.language);
    values_take (self, entry.notice, arena, &values);
    value_add (&values, "subject",
               single ? fill (single->subject, &values, arena) : NULL);
    template_fill (line->text, values.of, values.count, lines);
    buffer_append (lines, "\n", 1);
}

static void digest_values (struct notification *self, struct txn *txn,
                           const struct notification_notice *leader,
                           const uint64_t *members, size_t n_members, struct arena *arena,
                           struct values *values)
{
    struct buffer lines = { 0 };

    line_add (self, txn, leader->notice, arena, &lines);
    for (size_t i = 0; i < n_members && i + 1 < DIGEST_LINES; i++)
        line_add (self, txn, members[i], arena, &lines);
    if (n_members + 1 > DIGEST_LINES)
        buffer_append (&lines, "…\n", strlen ("…\n"));
    if (lines.size > 0)
        lines.size--; /* the last line break */
    value_add (values, "count", arena_format (arena, "%zu", n_members + 1));
    value_add (values, "lines",
               arena_format (arena, "%.*s", (int) lines.size,
                             lines.data ? (const char *) lines.data : ""));
    buffer_done (&lines);
}

/* ---- JSON --------------------------------------------------------------------------------- */

static const char *json_text (const struct notification_notice *notice,
                              const struct notice *said,
                              const struct notice_template *template,
                              const struct values *values, const struct flight *contact,
                              const struct notification_text *text, struct arena *arena)
{
    json_t *parameters = json_object ();
    json_t *object;
    char *dumped;
    const char *kept;

    for (size_t i = 0; i < values->count; i++)
        json_object_set_new (parameters, values->of[i].name,
                             json_string (values->of[i].value));
    object = json_pack (
        "{s:s, s:{s:o}, s:I, s:s, s:s*, s:s, s:I, s:s, s:o}", "msgtype", "text", "text",
        "content",
        json_string (arena_format (arena, "%s\n%s", text->subject, text->text)), "notice",
        (json_int_t) notice->notice, "template", said->template, "provider",
        template->provider, "channel", way_name (notice->way), "to",
        (json_int_t) notice->to, "subject", text->subject, "parameters", parameters);
    assert (object); /* texts were valid UTF-8 when they came in */
    if (contact && contact->telephone[0] != '\0')
        json_object_set_new (object, "telephone", json_string (contact->telephone));
    dumped = json_dumps (object, JSON_COMPACT);
    assert (dumped);
    kept = arena_text (arena, dumped);
    free (dumped);
    json_decref (object);
    return kept;
}

static const char *filed_text (uint64_t number, struct arena *arena)
{
    char day[CIVIL_DATE_SIZE];

    return number_is_valid (number)
               ? arena_text (arena, civil_format_day (number_day (number), day))
               : NULL;
}

bool notification_render (struct notification *self, struct txn *txn,
                          const struct notification_notice *notice,
                          const struct flight *contact, struct arena *arena,
                          struct notification_text *ret)
{
    const struct rules *rules = core_rules (self->core);
    uint64_t *members = ARENA_ARRAY (arena, uint64_t, LIMIT_ROWS);
    size_t n_members =
        notice->digest ? notification_members (txn, notice->notice, LIMIT_ROWS, members)
                       : 0;
    const struct notice_template *template;
    struct values values = { 0 };
    struct entry entry;

    if (!entry_of (self, txn, notice->notice, arena, &entry))
        return false;
    template =
        template_find (rules, n_members > 0 ? TEMPLATE_DIGEST : entry.notice->template,
                       self->policy.language);
    if (!template)
        return false;
    if (n_members > 0)
        digest_values (self, txn, notice, members, n_members, arena, &values);
    else
        values_take (self, entry.notice, arena, &values);
    /* Who sends it learns no name that its text does not say. */
    if (contact && contact->name[0] != '\0' && strstr (template->text, "{name}"))
        value_add (&values, "name", contact->name);
    value_add (&values, "filed", filed_text (notice->grievance, arena));
    ret->subject = fill (template->subject, &values, arena);
    ret->text = fill (template->text, &values, arena);
    ret->json = json_text (notice, entry.notice, template, &values, contact, ret, arena);
    return true;
}

bool notification_render_print (struct notification *self, struct txn *txn,
                                const struct notification_notice *notice,
                                struct arena *arena, struct notification_text *ret)
{
    const struct notice_template *sheet =
        template_find (core_rules (self->core), TEMPLATE_PRINTED, self->policy.language);
    char number[NUMBER_TEXT_SIZE], day[CIVIL_DATE_SIZE];
    struct values values = { 0 };

    if (!notification_render (self, txn, notice, NULL, arena, ret))
        return false;
    if (!sheet)
        return true;
    if (number_is_valid (notice->grievance))
        value_add (&values, "number", number_format (notice->grievance, number));
    value_add (&values, "text", ret->text);
    value_add (&values, "date", civil_format_day (civil_day (notice->queued_ms), day));
    ret->text = fill (sheet->text, &values, arena);
    return true;
}
