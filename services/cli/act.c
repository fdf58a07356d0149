/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/act.h"

#include "cli/language.h"

#include "base/civil.h"
#include "rules/rules.h"
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

/* As the law of routing has them; it refuses what does not fit, and this says so before
 * anything is kept in a spool. */
static const struct {
    enum step step;
    enum ground first, last;
} grounds[] = {
    { STEP_DIVERT, GROUND_COURT, GROUND_OTHER_PROCEDURE },
    { STEP_REFUSE, GROUND_PROCEDURE_RUNS, GROUND_FINAL },
    { STEP_WITHDRAW, GROUND_SETTLED, GROUND_OWN_WISH },
    { STEP_LINK, GROUND_REPEATED, GROUND_SAME_MATTER },
    { STEP_REPURPOSE, GROUND_ASKS_ONLY, GROUND_CLAIMS },
    { STEP_CLOSE, GROUND_NO_ANSWER, GROUND_DECLINES },
};

static bool ground_fits (enum step step, enum ground ground)
{
    for (size_t i = 0; i < ARRAY_SIZE (grounds); i++)
        if (grounds[i].step == step)
            return ground >= grounds[i].first && ground <= grounds[i].last;
    return false;
}

const char *act_grounds (struct cli *cli, enum step step)
{
    const char *text = "";
    for (unsigned ground = GROUND_NONE + 1; ground < GROUND_COUNT; ground++)
        if (ground_fits (step, (enum ground) ground))
            text = arena_format (&cli->arena, "%s%s%s", text, text[0] != '\0' ? ", " : "",
                                 ground_name ((enum ground) ground));
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
    if (ground_parse (value, &step->ground) && ground_fits (step->step, step->ground))
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
    static const char *const words[][2] = {
        { "county", "县" }, { "city", "市" }, { "province", "省" }, { "capital", "京" }
    };
    for (uint32_t i = 0; i < ARRAY_SIZE (words); i++)
        if (strcmp (value, words[i][0]) == 0 || strcmp (value, words[i][1]) == 0) {
            step->level = i + 1;
            return 0;
        }
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

static const enum step reasoned[] = { STEP_OBJECT, STEP_REFUSE,        STEP_DIVERT,
                                      STEP_EXTEND, STEP_END_MEDIATION, STEP_REPURPOSE,
                                      STEP_RECUSE, STEP_ARBITRATE,     STEP_REJECT };
static const enum step written[] = { STEP_DECIDE, STEP_OPINION, STEP_AGREE };

static bool needs (const enum step *steps, size_t n_steps, enum step step)
{
    for (size_t i = 0; i < n_steps; i++)
        if (steps[i] == step)
            return true;
    return false;
}

/* Without these routing would only say no, in English. */
static int check_missing (struct cli *cli, const struct step_command *step)
{
    const char *fitting = act_grounds (cli, step->step);
    const char *missing = NULL;
    if (step->step == STEP_DECIDE && step->outcome == OUTCOME_NONE)
        missing = _ ("a decision says --outcome support, explain, not_support or "
                     "answered, --text and --basis");
    else if ((step->step == STEP_ASSIGN || step->step == STEP_TRANSFER) &&
             step->worker == 0)
        missing = _ ("to whom? --to N");
    else if (step->step == STEP_SERVE &&
             (step->means == MEANS_NONE || step->to == NULL || step->to[0] == '\0'))
        missing = _ ("service says how and to whom: --means in_person, post, left, "
                     "electronic or announced, and --to NAME");
    else if (step->step == STEP_CLOSE && step->close_reason == CLOSE_NONE)
        missing = _ ("why is it closed? --reason call_back, window_unused, "
                     "contact_failed, diversion_arrived or statutory_answered");
    else if (step->step == STEP_CONTACT &&
             (step->means == MEANS_NONE || step->contacted == CONTACTED_NONE))
        missing = _ ("how, and what came of it? --means telephone …, and --result "
                     "not_reached, confirms or disputes");
    else if (step->step == STEP_LINK && step->link_to == 0)
        missing = _ ("with which? --lead NUMBER");
    else if (step->step == STEP_CATEGORISE && step->category == NULL)
        missing = _ ("into which category? --category PATH");
    else if (step->step == STEP_REPURPOSE && step->purpose == PURPOSE_NONE)
        missing = _ ("for which purpose? --purpose WORD");
    else if (step->step == STEP_WENT_UP && step->level == 0)
        missing = _ ("how far up? --level county, city, province or capital");
    else if (needs (reasoned, ARRAY_SIZE (reasoned), step->step) && step->reason == NULL)
        missing = _ ("why? --reason TEXT");
    else if (needs (written, ARRAY_SIZE (written), step->step) && step->text == NULL)
        missing = _ ("what does it say? --text TEXT");
    if (missing != NULL)
        return err_set (&cli->err, -EINVAL, "%s", missing);
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

int act_check_person (struct cli *cli, uint32_t department)
{
    const struct rules *rules = cli->person == 0 ? cli_rules (cli) : NULL;
    struct buffer workers = { 0 };
    size_t at = 0;
    int32_t day = civil_day (cli_now_ms ());
    if (rules == NULL)
        return 0;
    for (const struct officer *officer;
         (officer = officer_next (rules, department, 0, day, &at)) != NULL;) {
        const char *one =
            arena_format (&cli->arena, "  %u %s", officer->number, officer->name);
        if (workers.size == 0 ||
            memmem (workers.data, workers.size, one, strlen (one)) == NULL)
            buffer_append (&workers, one, strlen (one));
    }
    buffer_append (&workers, "", 1);
    err_set (&cli->err, -EINVAL, _ ("say which worker acts: --person N, one of%s"),
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
