/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/act.h"

#include "cli/language.h"

#include "base/civil.h"
#include "rules/rules.h"
#include "wire/check.h"
#include "wire/limits.h"
#include "wire/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct act_verb *act_verb_find (const struct act_verb *verbs, const char *name)
{
    for (; verbs->name != NULL; verbs++)
        if (strcmp (verbs->name, name) == 0)
            return verbs;
    return NULL;
}

/* ---- the closed list --------------------------------------------------------------- */

/* The word to type, and in Chinese what it says: "court 诉讼". */
static const char *ground_said (struct cli *cli, enum ground ground)
{
    return !language_is_chinese ()
               ? ground_name (ground)
               : arena_format (&cli->arena, "%s %s", ground_name (ground),
                               ground_chinese (ground));
}

const char *act_grounds (struct cli *cli, enum step step)
{
    const char *text = "", *between = language_is_chinese () ? "；" : ", ";
    for (unsigned ground = GROUND_NONE + 1; ground < GROUND_COUNT; ground++)
        if (ground_is_for ((enum ground) ground, step))
            text =
                arena_format (&cli->arena, "%s%s%s", text, text[0] != '\0' ? between : "",
                              ground_said (cli, (enum ground) ground));
    return text;
}

/* ---- options ----------------------------------------------------------------------- */

static int number_of (struct cli *cli, const char *option, const char *value,
                      uint32_t *ret)
{
    uint64_t number;
    int rc = cli_unsigned (cli, option, value, UINT32_MAX, &number);
    if (rc == 0)
        *ret = (uint32_t) number;
    return rc;
}

static int none_of (struct cli *cli, const char *option, const char *value,
                    const char *words)
{
    return err_set (&cli->err, -EINVAL, _ ("%s: \"%s\" is none of %s"), option, value,
                    words);
}

/* To a worker, or to whom a document was handed. */
static int set_to (struct cli *cli, const char *value, struct step_command *step)
{
    if (step->step == STEP_SERVE) {
        step->to = value;
        return 0;
    }
    return number_of (cli, "--to", value, &step->worker);
}

static int set_by (struct cli *cli, const char *value, struct step_command *step)
{
    return number_of (cli, "--by", value, &step->worker);
}

static int set_whom (struct cli *cli, const char *value, struct step_command *step)
{
    return number_of (cli, "--whom", value, &step->worker);
}

static int set_fencing (struct cli *cli, const char *value, struct step_command *step)
{
    return cli_unsigned (cli, "--fencing", value, UINT64_MAX, &step->fencing);
}

static int set_outcome (struct cli *cli, const char *value, struct step_command *step)
{
    if (decision_outcome_parse (value, &step->outcome) && step->outcome != OUTCOME_AGREED)
        return 0;
    return none_of (cli, "--outcome", value, "support, explain, not_support, answered");
}

/* Of a closing the closed list comes first, and the record of it is its reason. */
static int set_reason (struct cli *cli, const char *value, struct step_command *step)
{
    if (step->step != STEP_CLOSE) {
        step->reason = value;
        return 0;
    }
    if (close_reason_parse (value, &step->close_reason))
        return 0;
    return none_of (cli, "--reason", value,
                    "call_back, window_unused, contact_failed, diversion_arrived, "
                    "statutory_answered");
}

static int set_text (struct cli *cli, const char *value, struct step_command *step)
{
    (void) cli;
    if (step->step == STEP_CLOSE)
        step->reason = value;
    else
        step->text = value;
    return 0;
}

static int set_basis (struct cli *cli, const char *value, struct step_command *step)
{
    (void) cli;
    step->legal_basis = value;
    return 0;
}

static int set_ground (struct cli *cli, const char *value, struct step_command *step)
{
    if (ground_parse (value, &step->ground) && ground_is_for (step->ground, step->step))
        return 0;
    const char *fitting = act_grounds (cli, step->step);
    if (fitting[0] == '\0')
        return err_set (&cli->err, -EINVAL, _ ("%s takes no --ground"),
                        language_word (step, step->step));
    return none_of (cli, "--ground", value, fitting);
}

static int set_means (struct cli *cli, const char *value, struct step_command *step)
{
    if (means_parse (value, &step->means))
        return 0;
    return none_of (cli, "--means", value,
                    "in_person, post, left, electronic, announced, telephone, message");
}

static int set_at (struct cli *cli, const char *value, struct step_command *step)
{
    return civil_parse_time (value, &step->done_at_ms, &cli->err);
}

static int set_result (struct cli *cli, const char *value, struct step_command *step)
{
    if (contacted_parse (value, &step->contacted))
        return 0;
    return none_of (cli, "--result", value, "not_reached, confirms, disputes");
}

static int set_purpose (struct cli *cli, const char *value, struct step_command *step)
{
    if (purpose_parse (value, &step->purpose))
        return 0;
    return none_of (cli, "--purpose", value,
                    "appeal, request, suggestion, inquiry, other");
}

static int set_category (struct cli *cli, const char *value, struct step_command *step)
{
    (void) cli;
    step->category = value;
    return 0;
}

static int set_lead (struct cli *cli, const char *value, struct step_command *step)
{
    return cli_number (cli, value, &step->link_to);
}

static int set_level (struct cli *cli, const char *value, struct step_command *step)
{
    if (cli_reached_parse (value, &step->level))
        return 0;
    return none_of (cli, "--level", value, "county, city, province, capital");
}

static int set_persons (struct cli *cli, const char *value, struct step_command *step)
{
    return number_of (cli, "--persons", value, &step->persons);
}

static const struct {
    const char *option;
    int (*set) (struct cli *cli, const char *value, struct step_command *step);
} settings[] = {
    { "to", set_to },           { "by", set_by },
    { "whom", set_whom },       { "fencing", set_fencing },
    { "outcome", set_outcome }, { "reason", set_reason },
    { "text", set_text },       { "basis", set_basis },
    { "ground", set_ground },   { "means", set_means },
    { "at", set_at },           { "result", set_result },
    { "purpose", set_purpose }, { "category", set_category },
    { "lead", set_lead },       { "level", set_level },
    { "persons", set_persons },
};

static int set_option (struct cli *cli, const char *option, const char *value,
                       struct step_command *step)
{
    for (size_t i = 0; i < ARRAY_SIZE (settings); i++)
        if (strcmp (settings[i].option, option) == 0)
            return settings[i].set (cli, value, step);
    return 0; /* about something else than the step */
}

/* ---- what is missing --------------------------------------------------------------- */

enum said {
    SAID_WORKER = 1 << 0,
    SAID_OUTCOME = 1 << 1,
    SAID_CLOSE_REASON = 1 << 2,
    SAID_REASON = 1 << 3,
    SAID_TEXT = 1 << 4,
    SAID_MEANS = 1 << 5,
    SAID_TO = 1 << 6,
    SAID_RESULT = 1 << 7,
    SAID_LEAD = 1 << 8,
    SAID_CATEGORY = 1 << 9,
    SAID_PURPOSE = 1 << 10,
    SAID_LEVEL = 1 << 11
};

static unsigned said_of (const struct step_command *step)
{
    return (step->worker != 0 ? SAID_WORKER : 0u) |
           (step->outcome != OUTCOME_NONE ? SAID_OUTCOME : 0u) |
           (step->close_reason != CLOSE_NONE ? SAID_CLOSE_REASON : 0u) |
           (step->reason != NULL ? SAID_REASON : 0u) |
           (step->text != NULL ? SAID_TEXT : 0u) |
           (step->means != MEANS_NONE ? SAID_MEANS : 0u) |
           (step->to != NULL ? SAID_TO : 0u) |
           (step->contacted != CONTACTED_NONE ? SAID_RESULT : 0u) |
           (step->link_to != 0 ? SAID_LEAD : 0u) |
           (step->category != NULL ? SAID_CATEGORY : 0u) |
           (step->purpose != PURPOSE_NONE ? SAID_PURPOSE : 0u) |
           (step->level != 0 ? SAID_LEVEL : 0u);
}

/* Without these routing would only say no, in English; a step may have several rows. */
static const struct {
    enum step step;
    unsigned needs;
    const char *sentence;
} needs[] = {
    { STEP_ASSIGN, SAID_WORKER, N_ ("to whom? --to N") },
    { STEP_TRANSFER, SAID_WORKER, N_ ("to whom? --to N") },
    { STEP_DECIDE, SAID_OUTCOME | SAID_TEXT,
      N_ ("a decision says --outcome support, explain, not_support or answered, --text "
          "and --basis") },
    { STEP_SERVE, SAID_MEANS | SAID_TO,
      N_ ("service says how and to whom: --means in_person, post, left, electronic or "
          "announced, and --to NAME") },
    { STEP_CLOSE, SAID_CLOSE_REASON,
      N_ ("why is it closed? --reason call_back, window_unused, contact_failed, "
          "diversion_arrived or statutory_answered") },
    { STEP_CONTACT, SAID_MEANS | SAID_RESULT,
      N_ ("how, and what came of it? --means telephone …, and --result not_reached, "
          "confirms or disputes") },
    { STEP_LINK, SAID_LEAD, N_ ("with which? --lead NUMBER") },
    { STEP_CATEGORISE, SAID_CATEGORY, N_ ("into which category? --category PATH") },
    { STEP_REPURPOSE, SAID_PURPOSE, N_ ("for which purpose? --purpose WORD") },
    { STEP_WENT_UP, SAID_LEVEL,
      N_ ("how far up? --level county, city, province or capital") },
    { STEP_OBJECT, SAID_REASON, N_ ("why? --reason TEXT") },
    { STEP_REFUSE, SAID_REASON, N_ ("why? --reason TEXT") },
    { STEP_DIVERT, SAID_REASON, N_ ("why? --reason TEXT") },
    { STEP_EXTEND, SAID_REASON, N_ ("why? --reason TEXT") },
    { STEP_END_MEDIATION, SAID_REASON, N_ ("why? --reason TEXT") },
    { STEP_REPURPOSE, SAID_REASON, N_ ("why? --reason TEXT") },
    { STEP_RECUSE, SAID_REASON, N_ ("why? --reason TEXT") },
    { STEP_ARBITRATE, SAID_REASON, N_ ("why? --reason TEXT") },
    { STEP_REJECT, SAID_REASON, N_ ("why? --reason TEXT") },
    { STEP_OPINION, SAID_TEXT, N_ ("what does it say? --text TEXT") },
    { STEP_AGREE, SAID_TEXT, N_ ("what does it say? --text TEXT") },
};

static int check_missing (struct cli *cli, const struct step_command *step)
{
    unsigned said = said_of (step);
    for (size_t i = 0; i < ARRAY_SIZE (needs); i++)
        if (needs[i].step == step->step && (needs[i].needs & ~said) != 0)
            return err_set (&cli->err, -EINVAL, "%s", _ (needs[i].sentence));
    const char *fitting = act_grounds (cli, step->step);
    bool asks_ground = fitting[0] != '\0' && (step->step != STEP_CLOSE ||
                                              step->close_reason == CLOSE_CONTACT_FAILED);
    if (asks_ground && step->ground == GROUND_NONE)
        return err_set (&cli->err, -EINVAL, _ ("on which ground? --ground %s"), fitting);
    return 0;
}

int act_fill (struct cli *cli, const struct cli_option *options,
              const struct cli_arguments *arguments, struct step_command *step)
{
    for (size_t i = 0; options[i].name != NULL; i++) {
        const char *value = arguments->values[i];
        int rc = value != NULL ? set_option (cli, options[i].name, value, step) : 0;
        if (rc < 0)
            return rc;
    }
    return check_missing (cli, step);
}

/* ---- who --------------------------------------------------------------------------- */

int act_check_person (struct cli *cli, uint32_t department, enum act_who who)
{
    const struct rules *rules = cli->person == 0 ? cli_rules (cli) : NULL;
    struct buffer workers = { 0 };
    size_t at = 0;
    int32_t day = civil_day (cli_now_ms ());
    if (rules == NULL)
        return 0;
    for (const struct officer *officer;
         (officer = officer_next (rules, department, 0, day, &at)) != NULL;) {
        if (who == ACT_WHO_LEADS && officer->office == OFFICE_WORKER)
            continue;
        const char *one =
            arena_format (&cli->arena, "  %u %s", officer->number, officer->name);
        if (workers.size == 0 ||
            memmem (workers.data, workers.size, one, strlen (one)) == NULL)
            buffer_append (&workers, one, strlen (one));
    }
    buffer_append (&workers, "", 1);
    err_set (&cli->err, -EINVAL, _ ("say who acts: --person N, one of%s"),
             (const char *) workers.data);
    buffer_done (&workers);
    return cli->err.code;
}

int act_check_key (struct cli *cli, const char *example)
{
    if (cli->as != NULL || cli->key_path != NULL)
        return 0;
    return err_set (&cli->err, -EINVAL, _ ("say who speaks, and who acts: %s"), example);
}
