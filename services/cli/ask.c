/* SPDX-License-Identifier: Apache-2.0 */
/* minqing supplement, withdraw, rate, confirm, dispute, review: what a petitioner says after
 * the filing. Intake records it; for an ask routing says whether it was taken or came too
 * late, which the course shows. Asks need the code on the slip: they are the
 * petitioner's alone. */
#include "cli/act.h"
#include "cli/cli.h"
#include "cli/session.h"
#include "cli/waiting.h"

#include "base/number.h"
#include "wire/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ASK_EXAMPLE "20261123-00101-00034-X 7QF4M2TD"

/* What every one of them begins with: the slip, and a key that speaks. */
struct asking {
    uint64_t number;
    char code[QUERY_CODE_TEXT_SIZE]; /* "": not said */
    struct session *session;
};

static int begin (struct cli *cli, const struct cli_arguments *arguments,
                  struct asking *ret)
{
    *ret = (struct asking){ 0 };
    int rc = cli_number (cli, arguments->rest[0], &ret->number);
    if (rc == 0 && arguments->n_rest == 2)
        rc = query_code_parse (arguments->rest[1], ret->code, &cli->err);
    return rc < 0 ? rc : session_open (cli, NULL, &ret->session);
}

static int say (struct cli *cli, struct asking *asking, struct command *command,
                const char *said)
{
    struct outcome outcome;
    int rc = say_and_wait (asking->session, SPEAKER_INTAKE, command, &outcome);
    session_close (&asking->session);
    if (rc < 0)
        return cli_fail_err (cli);
    if (cli->json)
        cli_json_line (json_pack ("{s:s}", "state", "recorded"));
    else
        printf ("%s\n", said);
    return EX_OK;
}

/* ---- supplement -------------------------------------------------------------------- */

enum { OPTION_TEXT };
static const struct cli_option supplement_options[] = {
    [OPTION_TEXT] = { "text", N_ ("TEXT"), N_ ("what is to be added") },
    { NULL, NULL, NULL },
};

static int run_supplement (struct cli *cli, const struct cli_arguments *arguments)
{
    struct supplement supplement = { .text = arguments->values[OPTION_TEXT] };
    struct command command = { .supplement = &supplement };
    struct asking asking;
    if (supplement.text == NULL)
        return cli_fail (cli, EX_USAGE, _ ("what is to be added? --text TEXT"));
    if (begin (cli, arguments, &asking) < 0)
        return cli_fail_err (cli);
    supplement.number = asking.number;
    supplement.query_code = asking.code[0] != '\0' ? asking.code : NULL;
    return say (cli, &asking, &command, _ ("recorded"));
}

const struct cli_command subcommand_supplement = {
    .name = "supplement",
    .arguments = "NUMBER [CODE]",
    .summary = N_ ("add to a grievance that was filed"),
    .example = "minqing supplement " ASK_EXAMPLE " --text '补充：收据在村委会。'",
    .description = N_ ("Without the code at the terminal that filed it."),
    .options = supplement_options,
    .min = 1,
    .max = 2,
    .run = run_supplement,
};

/* ---- asks -------------------------------------------------------------------------- */

enum {
    OPTION_REASON,
    OPTION_GROUND,
    OPTION_RECEPTION = OPTION_GROUND,
    OPTION_RECEPTION_MANNER,
    OPTION_DEPARTMENT,
    OPTION_DEPARTMENT_MANNER
};
static const struct cli_option reason_options[] = {
    [OPTION_REASON] = { "reason", N_ ("TEXT"), N_ ("why") },
    { NULL, NULL, NULL },
};
static const struct cli_option withdraw_options[] = {
    [OPTION_REASON] = { "reason", N_ ("TEXT"), N_ ("why, in own words") },
    [OPTION_GROUND] = { "ground", N_ ("WORD"),
                        N_ ("settled, other_way, mistaken, own_wish") },
    { NULL, NULL, NULL },
};
static const struct cli_option rate_options[] = {
    [OPTION_REASON] = { "reason", N_ ("TEXT"), N_ ("why") },
    [OPTION_RECEPTION] = { "reception", N_ ("WORD"),
                           N_ ("what came of the reception: satisfied, fair, "
                               "dissatisfied") },
    [OPTION_RECEPTION_MANNER] = { "reception-manner", N_ ("WORD"),
                                  N_ ("how one was received: the same words") },
    [OPTION_DEPARTMENT] = { "department", N_ ("WORD"),
                            N_ ("what the department brought about: the same words") },
    [OPTION_DEPARTMENT_MANNER] = { "department-manner", N_ ("WORD"),
                                   N_ ("how the department went about it: the same "
                                       "words") },
    { NULL, NULL, NULL },
};

static int parse_rating (struct cli *cli, const char *word, uint32_t *ret_rating)
{
    static const char *const words[][2] = { { "satisfied", "满意" },
                                            { "fair", "基本满意" },
                                            { "dissatisfied", "不满意" } };
    for (uint32_t i = 0; word != NULL && i < ARRAY_SIZE (words); i++)
        if (strcmp (word, words[i][0]) == 0 || strcmp (word, words[i][1]) == 0) {
            *ret_rating = i + 1;
            return 0;
        }
    return word == NULL
               ? 0
               : err_set (&cli->err, -EINVAL,
                          _ ("\"%s\" is none of satisfied, fair, dissatisfied"), word);
}

static int parse_ratings (struct cli *cli, const char *const *values, struct ask *ask)
{
    const struct {
        const char *word;
        uint32_t *rating;
    } parts[] = {
        { values[OPTION_RECEPTION], &ask->rating_reception },
        { values[OPTION_RECEPTION_MANNER], &ask->rating_reception_manner },
        { values[OPTION_DEPARTMENT], &ask->rating_department },
        { values[OPTION_DEPARTMENT_MANNER], &ask->rating_department_manner },
    };
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < ARRAY_SIZE (parts); i++)
        rc = parse_rating (cli, parts[i].word, parts[i].rating);
    return rc;
}

/* A withdrawal ends it without an answer: why is said with a word of the closed list. */
static int parse_ground (struct cli *cli, const char *word, struct ask *ask)
{
    if (word != NULL && ground_parse (word, &ask->ground) &&
        ask->ground >= GROUND_SETTLED && ask->ground <= GROUND_OWN_WISH)
        return 0;
    return err_set (&cli->err, -EINVAL, _ ("on which ground? --ground %s"),
                    act_grounds (cli, STEP_WITHDRAW));
}

static int run_ask (struct cli *cli, const struct cli_arguments *arguments,
                    enum asked what)
{
    const char *const *values = arguments->values;
    struct ask ask = { .what = what, .reason = values[OPTION_REASON] };
    struct command command = { .ask = &ask };
    struct asking asking;
    if ((what == ASKED_RATE && parse_ratings (cli, values, &ask) < 0) ||
        (what == ASKED_WITHDRAW && parse_ground (cli, values[OPTION_GROUND], &ask) < 0))
        return cli_fail_err (cli);
    if (begin (cli, arguments, &asking) < 0)
        return cli_fail_err (cli);
    ask.number = asking.number;
    ask.query_code = asking.code;
    return say (cli, &asking, &command,
                _ ("recorded; 'minqing query' says whether it was taken"));
}

static int run_withdraw (struct cli *cli, const struct cli_arguments *arguments)
{
    return run_ask (cli, arguments, ASKED_WITHDRAW);
}

static int run_rate (struct cli *cli, const struct cli_arguments *arguments)
{
    return run_ask (cli, arguments, ASKED_RATE);
}

static int run_confirm (struct cli *cli, const struct cli_arguments *arguments)
{
    return run_ask (cli, arguments, ASKED_CONFIRM);
}

static int run_dispute (struct cli *cli, const struct cli_arguments *arguments)
{
    return run_ask (cli, arguments, ASKED_DISPUTE);
}

static int run_review (struct cli *cli, const struct cli_arguments *arguments)
{
    return run_ask (cli, arguments, ASKED_REVIEW);
}

const struct cli_command subcommand_withdraw = {
    .name = "withdraw",
    .arguments = "NUMBER CODE",
    .summary = N_ ("the petitioner withdraws a grievance"),
    .example = "minqing withdraw " ASK_EXAMPLE " --ground settled --reason '已经解决'",
    .description =
        N_ ("It ends when a second person has confirmed that it is the petitioner's own "
            "will."),
    .options = withdraw_options,
    .min = 2,
    .max = 2,
    .run = run_withdraw,
};

const struct cli_command subcommand_rate = {
    .name = "rate",
    .arguments = "NUMBER CODE",
    .summary = N_ ("the petitioner rates reception and department"),
    .example = "minqing rate " ASK_EXAMPLE " --reception satisfied --department fair \\\n"
               "    --reception-manner satisfied --department-manner dissatisfied",
    .options = rate_options,
    .min = 2,
    .max = 2,
    .run = run_rate,
};

const struct cli_command subcommand_confirm = {
    .name = "confirm",
    .arguments = "NUMBER CODE",
    .summary = N_ ("the petitioner confirms that it was carried out: it is closed"),
    .example = "minqing confirm " ASK_EXAMPLE,
    .description =
        N_ ("Where execution is claimed, and after an answer that is accepted as it is."),
    .options = reason_options,
    .min = 2,
    .max = 2,
    .run = run_confirm,
};

const struct cli_command subcommand_dispute = {
    .name = "dispute",
    .arguments = "NUMBER CODE",
    .summary = N_ ("it was not carried out: back to the department, one level up"),
    .example = "minqing dispute " ASK_EXAMPLE " --reason '说打了卡，没有到账'",
    .description = N_ ("Where execution is claimed, and within 30 days of the closing."),
    .options = reason_options,
    .min = 2,
    .max = 2,
    .run = run_dispute,
};

const struct cli_command subcommand_review = {
    .name = "review",
    .arguments = "NUMBER CODE",
    .summary = N_ ("the petitioner asks for review of a decision"),
    .example = "minqing review " ASK_EXAMPLE " --reason '补偿标准适用有误'",
    .description = N_ ("Within 30 days of receiving the written decision (article 35)."),
    .options = reason_options,
    .min = 2,
    .max = 2,
    .run = run_review,
};
