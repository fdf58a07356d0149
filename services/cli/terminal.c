/* SPDX-License-Identifier: Apache-2.0 */
/* minqing terminal: a village terminal. It sends what the spool holds (sending.c), and it
 * shows what is unsent, what was refused and what came to print. */
#include "cli/cli.h"
#include "cli/document.h"
#include "cli/document_page.h"
#include "cli/filing.h"
#include "cli/sending.h"
#include "cli/sentence.h"
#include "cli/session.h"
#include "cli/spool.h"
#include "cli/waiting.h"

#include "base/civil.h"
#include "base/number.h"
#include "wire/names.h"
#include "wire/wire.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum { OPTION_ONCE, OPTION_VILLAGE, OPTION_CATEGORY, OPTION_TO };
static const struct cli_option options[] = {
    [OPTION_ONCE] = { "once", NULL, N_ ("send what there is and end") },
    [OPTION_VILLAGE] = { "village", N_ ("CODE"), N_ ("correct: the right village") },
    [OPTION_CATEGORY] = { "category", N_ ("PATH"), N_ ("correct: the right category") },
    [OPTION_TO] = { "to", N_ ("TEXT"), N_ ("handed: to whom") },
    { NULL, NULL, NULL },
};

static const char *number_of (struct cli *cli, uint64_t number)
{
    char text[NUMBER_TEXT_SIZE];
    return number_is_valid (number)
               ? arena_text (&cli->arena, number_format (number, text))
               : "";
}

/* ---- lists ------------------------------------------------------------------------- */

/* Rows at once; the rest of a very long list is counted, not shown. */
#define UNSENT_SHOWN 200

static int list_unsent (struct cli *cli, struct spool *spool)
{
    struct spool_door door = spool_standing (spool, SPEAKER_INTAKE);
    struct command *commands = ARENA_ARRAY (&cli->arena, struct command, UNSENT_SHOWN);
    size_t n = spool_read (spool, SPEAKER_INTAKE, door.acked + 1, UNSENT_SHOWN, SIZE_MAX,
                           &cli->arena, commands);
    struct cli_table *table = cli_table_create ();
    cli_table_column (table, _ ("COUNTER"), CLI_RIGHT);
    cli_table_column (table, _ ("NUMBER"), CLI_LEFT);
    cli_table_column (table, _ ("FILED"), CLI_LEFT);
    for (size_t i = 0; i < n; i++) {
        const struct filing *filing = commands[i].file;
        const char *number = filing != NULL ? number_of (cli, filing->number) : "";
        char filed[CIVIL_TIME_SIZE] = "";
        if (filing != NULL)
            civil_format_time (filing->filed_at_ms, filed);
        if (cli->json) {
            cli_json_line (json_pack ("{s:I, s:s}", "counter",
                                      (json_int_t) commands[i].counter, "number",
                                      number));
            continue;
        }
        cli_table_row (table);
        cli_table_cell (table, "%llu", (unsigned long long) commands[i].counter);
        cli_table_cell (table, "%s", number);
        cli_table_cell (table, "%s", filed);
    }
    cli_table_print (&table);
    cli_say (cli, _ ("%llu unsent"), (unsigned long long) (door.next - 1 - door.acked));
    return EX_OK;
}

struct refused_list {
    struct cli *cli;
    struct cli_table *table;
    size_t count;
};

static void show_refused (void *arg, enum speaker speaker, const struct command *command,
                          const struct refusal *refusal)
{
    struct refused_list *list = arg;
    struct cli *cli = list->cli;
    const char *number =
        command->file != NULL ? number_of (cli, command->file->number) : "";
    const char *sentence = refusal->sentence != NULL ? refusal->sentence : "";
    list->count++;
    if (cli->json) {
        cli_json_line (json_pack ("{s:s, s:I, s:s, s:s, s:s}", "to",
                                  speaker_name (speaker), "counter",
                                  (json_int_t) command->counter, "number", number, "code",
                                  refusal_name (refusal->code), "sentence", sentence));
        return;
    }
    cli_table_row (list->table);
    cli_table_cell (list->table, "%s", number);
    cli_table_cell (list->table, "%s", sentence_of_refusal (cli, refusal));
}

static int list_refused (struct cli *cli, struct spool *spool)
{
    struct refused_list list = { .cli = cli, .table = cli_table_create () };
    cli_table_column (list.table, _ ("NUMBER"), CLI_LEFT);
    cli_table_column (list.table, _ ("WHY"), CLI_LEFT);
    spool_refused (spool, &cli->arena, show_refused, &list);
    cli_table_print (&list.table);
    cli_say (
        cli,
        list.count == 0
            ? _ ("nothing to correct")
            : _ ("file one again: minqing terminal correct NUMBER --village CODE; or "
                 "give it up: minqing terminal drop NUMBER"));
    return EX_OK;
}

/* ---- correcting -------------------------------------------------------------------- */

/* The refused filing of this number, as it was spooled. */
static int find_refused (struct cli *cli, struct spool *spool, const char *text,
                         struct command *ret_command)
{
    uint64_t number;
    if (cli_number (cli, text, &number) < 0)
        return cli->err.code;
    uint64_t counter = spool_counter_of (spool, number);
    struct outcome outcome;
    if (counter == 0 || spool_read (spool, SPEAKER_INTAKE, counter, 1, SIZE_MAX,
                                    &cli->arena, ret_command) == 0)
        return err_set (&cli->err, -ENOENT, _ ("%s was not filed here"), text);
    if (!spool_outcome (spool, SPEAKER_INTAKE, counter, &cli->arena, &outcome) ||
        outcome.refusal == NULL)
        return err_set (&cli->err, -EINVAL, _ ("%s was not refused"), text);
    return 0;
}

/* Off the list once: whoever corrects it again, or drops it after all, is told. */
static int take_off (struct cli *cli, struct spool *spool, uint64_t counter,
                     const char *number)
{
    if (spool_settle (spool, SPEAKER_INTAKE, counter))
        return 0;
    return err_set (&cli->err, -EINVAL, _ ("%s was corrected or dropped before"), number);
}

/* The corrected filing is a new one, with a new slip: the refused number was never
 * registered, and a number says what was said under it. */
static int correct (struct cli *cli, struct spool *spool,
                    const struct cli_arguments *arguments)
{
    struct command command;
    uint64_t village;
    if (find_refused (cli, spool, arguments->rest[1], &command) < 0)
        return cli_fail_err (cli);
    struct filing *filing = command.file;
    if (arguments->values[OPTION_VILLAGE] != NULL) {
        if (cli_unsigned (cli, "--village", arguments->values[OPTION_VILLAGE],
                          UINT64_C (999999999999), &village) < 0)
            return cli_fail_err (cli);
        filing->matter->village = village;
    }
    if (arguments->values[OPTION_CATEGORY] != NULL)
        filing->matter->category = arguments->values[OPTION_CATEGORY];
    uint8_t random[QUERY_CODE_RANDOM];
    if (getrandom (random, sizeof random, 0) != sizeof random)
        return cli_fail (cli, EX_OSERR, _ ("no randomness: %s"), strerror (errno));
    struct spool_slip slip;
    spool_begin (spool);
    if (take_off (cli, spool, command.counter, arguments->rest[1]) < 0 ||
        spool_file (spool, filing, filing->matter->terminal, random, NULL, cli_now_ms (),
                    &slip, &cli->err) < 0) {
        spool_abort (spool);
        return cli_fail_err (cli);
    }
    if (spool_commit (spool, &cli->err) < 0)
        return cli_fail_err (cli);
    if (cli->json)
        cli_json_line (json_pack ("{s:s, s:s, s:s}", "number",
                                  number_of (cli, slip.number), "code", slip.code,
                                  "state", "kept"));
    else
        printf ("%s  %s\n%s  %s\n", _ ("number"), number_of (cli, slip.number),
                _ ("code  "), slip.code);
    return EX_OK;
}

static int drop (struct cli *cli, struct spool *spool, const char *number)
{
    struct command command;
    if (find_refused (cli, spool, number, &command) < 0)
        return cli_fail_err (cli);
    spool_begin (spool);
    int rc = take_off (cli, spool, command.counter, number);
    if (rc == 0)
        rc = spool_commit (spool, &cli->err);
    else
        spool_abort (spool);
    return rc < 0 ? cli_fail_err (cli) : EX_OK;
}

/* ---- two spools of one key --------------------------------------------------------- */

static int take_over (struct cli *cli, struct spool *spool)
{
    if (spool_take_over (spool, &cli->err) < 0)
        return cli_fail_err (cli);
    cli_say (cli,
             _ ("%s goes on with this key; what it has unsent goes with the next "
                "sending"),
             spool_dir (spool));
    return EX_OK;
}

/* ---- what came to print ------------------------------------------------------------ */

/* The document that a notice announces is handed over with it. */
static const char *document_text (struct session *session, const struct print_item *item)
{
    struct cli *cli = session_cli (session);
    struct document_row row;
    struct buffer page = { 0 };
    if (item->document == 0)
        return NULL;
    if (document_read (session, item->number, NULL, item->document, &row) < 0) {
        cli_say (cli, "%s", cli->err.text);
        return NULL;
    }
    document_page_text (&row, &page);
    buffer_append (&page, "", 1);
    const char *text = arena_text (&cli->arena, (const char *) page.data);
    buffer_done (&page);
    return text;
}

static void print_item (struct session *session, const struct print_item *item)
{
    struct cli *cli = session_cli (session);
    const char *subject = item->subject != NULL ? item->subject : "";
    const char *text = item->text != NULL ? item->text : "";
    const char *document = document_text (session, item);
    if (cli->json) {
        cli_json_line (json_pack ("{s:I, s:s, s:s, s:s, s:s*}", "notice",
                                  (json_int_t) item->notice, "number",
                                  number_of (cli, item->number), "subject", subject,
                                  "text", text, "document", document));
        return;
    }
    printf (_ ("──── notice %llu · %s ────\n%s\n%s\n\n"),
            (unsigned long long) item->notice, number_of (cli, item->number),
            cli_clean (cli, subject), cli_clean (cli, text));
    if (document != NULL)
        printf ("%s\n", document);
}

static int list_prints (struct cli *cli, struct session *session)
{
    struct print_query prints = { .terminal = session_key (session)->number };
    uint64_t shown = 0;
    for (;;) {
        struct query query = { .prints = &prints };
        struct reply reply;
        if (session_query (session, SPEAKER_NOTIFICATION, &query, &reply) < 0)
            return cli_fail_err (cli);
        if (reply.prints == NULL || reply.prints->n_items == 0)
            break;
        for (size_t i = 0; i < reply.prints->n_items; i++) {
            print_item (session, &reply.prints->items[i]);
            prints.after = reply.prints->items[i].notice;
            shown++;
        }
    }
    cli_say (cli,
             _ ("%llu to hand over; when done: minqing terminal handed NOTICE --to NAME"),
             (unsigned long long) shown);
    return EX_OK;
}

static int handed (struct cli *cli, struct session *session,
                   const struct cli_arguments *arguments)
{
    struct hand_over hand_over = { .handed = true, .to = arguments->values[OPTION_TO] };
    if (cli_unsigned (cli, "NOTICE", arguments->rest[1], UINT64_MAX, &hand_over.notice) <
        0)
        return cli_fail_err (cli);
    struct command command = { .hand_over = &hand_over };
    struct outcome outcome;
    if (say_and_wait (session, SPEAKER_NOTIFICATION, &command, &outcome) < 0)
        return cli_fail_err (cli);
    return EX_OK;
}

/* ---- the command ------------------------------------------------------------------- */

static int with_spool (struct cli *cli, struct session *session, struct spool *spool,
                       const struct cli_arguments *arguments)
{
    const char *verb = arguments->n_rest > 0 ? arguments->rest[0] : "send";
    int given = arguments->n_rest;
    if (strcmp (verb, "send") == 0 && given <= 1)
        return send_spool (cli, session, spool, arguments->values[OPTION_ONCE] != NULL);
    if (strcmp (verb, "unsent") == 0 && given == 1)
        return list_unsent (cli, spool);
    if (strcmp (verb, "refused") == 0 && given == 1)
        return list_refused (cli, spool);
    if (strcmp (verb, "correct") == 0 && given == 2)
        return correct (cli, spool, arguments);
    if (strcmp (verb, "drop") == 0 && given == 2)
        return drop (cli, spool, arguments->rest[1]);
    if (strcmp (verb, "take-over") == 0 && given == 1)
        return take_over (cli, spool);
    return cli_fail (
        cli, EX_USAGE,
        _ ("\"%s\" is none of send, unsent, refused, correct NUMBER, drop NUMBER, "
           "prints, handed NOTICE, take-over; see --help"),
        verb);
}

static int terminal (struct cli *cli, struct session *session,
                     const struct cli_arguments *arguments)
{
    const char *verb = arguments->n_rest > 0 ? arguments->rest[0] : "send";
    struct spool *spool;
    if (strcmp (verb, "prints") == 0 && arguments->n_rest == 1)
        return list_prints (cli, session);
    if (strcmp (verb, "handed") == 0 && arguments->n_rest == 2)
        return handed (cli, session, arguments); /* opens the spool itself */
    if (spool_open (session_spool_dir (session), &spool, &cli->err) < 0)
        return cli_fail_err (cli);
    int code = with_spool (cli, session, spool, arguments);
    spool_close (&spool);
    return code;
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    struct session *session;
    if (session_open_terminal (cli, &session) < 0)
        return cli_fail_err (cli);
    int code = terminal (cli, session, arguments);
    session_close (&session);
    return code;
}

const struct cli_command subcommand_terminal = {
    .name = "terminal",
    .arguments = "[send | unsent | refused | correct NUMBER | drop NUMBER | prints | "
                 "handed NOTICE | take-over]",
    .summary =
        N_ ("send what was filed whenever the link is up; unsent, refused, prints"),
    .example = "minqing terminal --as terminal-101\n"
               "minqing terminal --as terminal-101 refused",
    .description = N_ ("Runs until Ctrl-C: in order, exactly once, through any number of "
                       "lost links and restarts."),
    .options = options,
    .max = 2,
    .run = run,
};
