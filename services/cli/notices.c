/* SPDX-License-Identifier: Apache-2.0 */
/* minqing notices: who was told what, how, and whether it arrived; and whom nobody reaches:
 * what was printed and not handed over in time. */
#include "cli/cli.h"
#include "cli/language.h"
#include "cli/session.h"

#include "base/civil.h"
#include "base/number.h"
#include "wire/limits.h"
#include "wire/names.h"

#include <stdio.h>
#include <string.h>

enum { OPTION_UNREACHABLE, OPTION_STATE, OPTION_LIMIT };
static const struct cli_option options[] = {
    [OPTION_UNREACHABLE] = { "unreachable", NULL, N_ ("only who could not be reached") },
    [OPTION_STATE] = { "state", N_ ("WORD"),
                       N_ ("only queued, sending, sent, delivered, failed, maybe_sent, "
                           "abandoned, unreachable") },
    [OPTION_LIMIT] = { "limit", N_ ("N"), N_ ("at most so many [50; 0: all]") },
    { NULL, NULL, NULL },
};

static const char *recipient_text (struct cli *cli, const struct notice_row *row)
{
    switch (row->recipient) {
    case RECIPIENT_DEPARTMENT:
        return cli_department_name (cli, row->to);
    case RECIPIENT_PERSON:
        return cli_person_name (cli, row->to);
    case RECIPIENT_NONE:
    case RECIPIENT_PETITIONER:
    case RECIPIENT_DISPATCHER:
    case RECIPIENT_COUNT:
        break;
    }
    return language_word (recipient, row->recipient);
}

static void notice_print (struct cli *cli, struct cli_table *table,
                          const struct notice_row *row)
{
    char number[NUMBER_TEXT_SIZE] = "", time[CIVIL_TIME_SIZE], next[CIVIL_TIME_SIZE] = "";
    if (number_is_valid (row->number))
        number_format (row->number, number);
    if (cli->json) {
        cli_json_line (json_pack (
            "{s:I, s:s, s:s, s:I, s:s*, s:s*, s:s, s:I, s:I, s:I, s:s*}", "notice",
            (json_int_t) row->notice, "number", number, "recipient",
            recipient_name (row->recipient), "to", (json_int_t) row->to, "template",
            row->template, "channel", row->channel, "state",
            notice_state_name (row->state), "attempts", (json_int_t) row->attempts,
            "time_ms", (json_int_t) row->time_ms, "next_try_ms",
            (json_int_t) row->next_try_ms, "detail", row->detail));
        return;
    }
    if (row->next_try_ms != 0)
        civil_format_time (row->next_try_ms, next);
    cli_table_row (table);
    cli_table_cell (table, "%llu", (unsigned long long) row->notice);
    cli_table_cell (table, "%s", civil_format_time (row->time_ms, time));
    cli_table_cell (table, "%s", number);
    cli_table_cell (table, "%s", recipient_text (cli, row));
    cli_table_cell (table, "%s", row->template != NULL ? row->template : "");
    cli_table_cell (table, "%s", row->channel != NULL ? row->channel : "");
    cli_table_cell (table, "%s",
                    cli_words (cli, language_word (notice_state, row->state)));
    cli_table_cell (table, "%s", next);
    cli_table_cell (table, "%s", row->detail != NULL ? row->detail : "");
}

static int list (struct cli *cli, struct session *session, struct notice_query *notices,
                 uint64_t limit)
{
    const char *titles[] = { _ ("NOTICE"),   _ ("TIME"),     _ ("NUMBER"),
                             _ ("TO"),       _ ("WHAT"),     _ ("BY WAY OF"),
                             _ ("STANDING"), _ ("NEXT TRY"), "" };
    struct cli_table *table = cli_table_create ();
    for (size_t i = 0; i < ARRAY_SIZE (titles); i++)
        cli_table_column (table, titles[i],
                          i == 0                         ? CLI_RIGHT
                          : i + 1 == ARRAY_SIZE (titles) ? CLI_CUT
                                                         : CLI_LEFT);
    uint64_t shown = 0;
    int rc = 0;
    while ((notices->limit = cli_page (limit, shown, LIMIT_ROWS)) > 0) {
        struct query query = { .notices = notices };
        struct reply reply;
        rc = session_query (session, SPEAKER_NOTIFICATION, &query, &reply);
        if (rc < 0 || reply.notices == NULL || reply.notices->n_rows == 0)
            break;
        for (size_t i = 0; i < reply.notices->n_rows; i++)
            notice_print (cli, table, &reply.notices->rows[i]);
        notices->after = reply.notices->rows[reply.notices->n_rows - 1].notice;
        shown += reply.notices->n_rows;
    }
    cli_table_print (&table);
    if (rc < 0)
        return cli_fail_err (cli);
    if (shown == 0)
        cli_say (cli, _ ("no such notice"));
    return EX_OK;
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    const char *const *values = arguments->values;
    struct notice_query notices = { 0 };
    uint64_t limit = 50;
    if (values[OPTION_UNREACHABLE] != NULL)
        notices.state = NOTICE_UNREACHABLE;
    if (values[OPTION_STATE] != NULL &&
        !notice_state_parse (values[OPTION_STATE], &notices.state))
        return cli_fail (cli, EX_USAGE,
                         _ ("--state is one of queued, sending, sent, delivered, failed, "
                            "maybe_sent, abandoned, unreachable"));
    if ((arguments->n_rest == 1 &&
         cli_number (cli, arguments->rest[0], &notices.number) < 0) ||
        (values[OPTION_LIMIT] != NULL &&
         cli_unsigned (cli, "--limit", values[OPTION_LIMIT], UINT32_MAX, &limit) < 0))
        return cli_fail_err (cli);
    struct session *session;
    if (session_open (cli, "operator", &session) < 0)
        return cli_fail_err (cli);
    int rc = list (cli, session, &notices, limit);
    session_close (&session);
    return rc;
}

const struct cli_command subcommand_notices = {
    .name = "notices",
    .arguments = "[NUMBER]",
    .summary = N_ ("who was told what, and whether it arrived; whom nobody reaches"),
    .example = "minqing notices 20261123-00101-00034-X\n"
               "minqing notices --unreachable --as dispatcher",
    .options = options,
    .max = 1,
    .run = run,
};
