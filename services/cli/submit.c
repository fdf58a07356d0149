/* SPDX-License-Identifier: Apache-2.0 */
/* minqing submit: file one grievance. The slip comes from the spool at once, link or no
 * link; the receipt follows if the link is up. */
#include "cli/cli.h"
#include "cli/filing.h"
#include "cli/sender.h"
#include "cli/sentence.h"
#include "cli/session.h"
#include "cli/spool.h"
#include "cli/waiting.h"

#include "base/civil.h"
#include "wire/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* With a link an answer takes milliseconds; without one nobody should wait long for what
 * is safe on the disk already. */
#define SUBMIT_PATIENCE_MS 2000

enum { OPTION_WAIT = FILING_FIELDS };

static const struct cli_option options[] = {
    [FILING_VILLAGE] = { "village", N_ ("CODE"),
                         N_ ("village of the matter, 12 digits") },
    [FILING_TITLE] = { "title", N_ ("TEXT"), N_ ("in a few words") },
    [FILING_TEXT] = { "text", N_ ("TEXT"), N_ ("what it is about; '-' reads stdin") },
    [FILING_CATEGORY] = { "category", N_ ("PATH"),
                          N_ ("such as 国土资源/土地征收; the dispatcher decides "
                              "without") },
    [FILING_PURPOSE] = { "purpose", N_ ("WORD"),
                         N_ ("request, appeal, suggestion, accusation, inquiry, other") },
    [FILING_FORM] = { "form", N_ ("WORD"), N_ ("online, letter, telephone, fax, visit") },
    [FILING_SOURCE] = { "source", N_ ("WORD"),
                        N_ ("direct, cadre_visit, forwarded, assigned") },
    [FILING_UPSTREAM_NUMBER] = { "upstream-number", N_ ("TEXT"),
                                 N_ ("number given by the superior") },
    [FILING_UPSTREAM_DUE] = { "upstream-due", N_ ("DAY"),
                              N_ ("when the superior wants the report") },
    [FILING_PERSONS] = { "persons", N_ ("N"), N_ ("how many put it forward") },
    [FILING_NAME] = { "name", N_ ("TEXT"), N_ ("petitioner") },
    [FILING_TELEPHONE] = { "telephone", N_ ("TEXT"), N_ ("where notices go") },
    [FILING_IDENTITY] = { "identity", N_ ("TEXT"), N_ ("identity card number") },
    [FILING_ADDRESS] = { "address", N_ ("TEXT"), N_ ("where letters go") },
    [FILING_RESIDENCE] = { "residence", N_ ("CODE"), N_ ("where the petitioner lives") },
    [FILING_ON_BEHALF] = { "on-behalf", NULL, N_ ("a helper files for the petitioner") },
    [FILING_ANONYMOUS] = { "anonymous", NULL, N_ ("the petitioner is not to be named") },
    [FILING_VULNERABLE] = { "vulnerable", NULL, N_ ("belongs to a vulnerable group") },
    [FILING_HARDSHIP] = { "hardship", NULL, N_ ("lives in hardship") },
    [FILING_URGENT] = { "urgent", NULL, N_ ("cannot wait") },
    [FILING_THREAT] = { "threat", NULL, N_ ("somebody may come to harm") },
    [FILING_CONSENT_PUBLISH] = { "consent-publish", NULL,
                                 N_ ("the answer may be published") },
    [FILING_ACCUSED] = { "accused", N_ ("LIST"),
                         N_ ("departments complained of, DEPARTMENT[/OFFICER],…") },
    [FILING_FILED_AT] = { "filed-at", N_ ("TIME"),
                          N_ ("\"2026-11-23 10:20:30\", where it was written down "
                              "earlier") },
    [FILING_REPEATS] = { "repeats", N_ ("NUMBER"), N_ ("the earlier grievance") },
    [FILING_REACHED] = { "reached", N_ ("WORD"),
                         N_ ("how far up it was put forward before: county, city, "
                             "province, capital") },
    [OPTION_WAIT] = { "wait", N_ ("SECONDS"),
                      N_ ("how long to wait for the receipt [2]") },
    { NULL, NULL, NULL },
};

static const char *read_stdin (struct cli *cli)
{
    struct buffer text = { 0 };
    char chunk[4096];
    for (size_t n;
         (n = fread (chunk, 1, sizeof chunk, stdin)) > 0 && text.size < 1u << 20;)
        buffer_append (&text, chunk, n);
    buffer_append (&text, "", 1);
    const char *copy = arena_text (&cli->arena, (const char *) text.data);
    buffer_done (&text);
    return copy;
}

static void print_slip (struct cli *cli, const struct spool_slip *slip)
{
    char number[NUMBER_TEXT_SIZE];
    number_format (slip->number, number);
    if (cli->json)
        return;
    printf ("%s  %s\n%s  %s\n", _ ("number"), number, _ ("code  "), slip->code);
    fflush (stdout);
}

static void print_receipt (struct cli *cli, const struct spool_slip *slip,
                           const struct receipt *receipt)
{
    char number[NUMBER_TEXT_SIZE], due[CIVIL_TIME_SIZE];
    number_format (slip->number, number);
    civil_format_due (receipt->last_day_ms, due);
    if (cli->json) {
        cli_json_line (json_pack (
            "{s:s, s:s, s:s, s:I, s:I, s:b, s:I, s:I}", "number", number, "code",
            slip->code, "state", "registered", "registered_at_ms",
            (json_int_t) receipt->registered_at_ms, "last_day_ms",
            (json_int_t) receipt->last_day_ms, "provisional", receipt->provisional,
            "expected_department", (json_int_t) receipt->expected_department, "sequence",
            (json_int_t) receipt->sequence));
        return;
    }
    printf ("%s\n", _ ("registered"));
    printf (_ ("answer due by  %s%s\n"), due,
            receipt->provisional ? _ (" (provisional)") : "");
    printf (_ ("expected at    %s\n"),
            receipt->expected_department == 0
                ? _ ("the dispatcher decides")
                : cli_department_name (cli, receipt->expected_department));
}

static int print_kept (struct cli *cli, const struct spool_slip *slip)
{
    char number[NUMBER_TEXT_SIZE];
    number_format (slip->number, number);
    if (cli->json)
        cli_json_line (json_pack ("{s:s, s:s, s:s}", "number", number, "code", slip->code,
                                  "state", "kept"));
    cli_say (cli,
             _ ("No receipt yet: it is kept in the spool and goes out by itself with "
                "'minqing terminal' when the link is back. The slip is valid."));
    return EX_TEMPFAIL;
}

static int print_outcome (struct cli *cli, const struct spool_slip *slip,
                          const struct outcome *outcome)
{
    if (outcome->refusal != NULL)
        return cli_fail (
            cli, EX_DATAERR,
            _ ("refused: %s. Correct it: 'minqing terminal refused' lists it"),
            sentence_of_refusal (cli, outcome->refusal));
    if (outcome->receipt != NULL)
        print_receipt (cli, slip, outcome->receipt);
    return EX_OK;
}

static int submit (struct cli *cli, struct session *session, struct spool *spool,
                   struct filing *filing, int64_t patience_ms)
{
    uint8_t random[QUERY_CODE_RANDOM];
    struct spool_slip slip;
    if (getrandom (random, sizeof random, 0) != sizeof random)
        return cli_fail (cli, EX_OSERR, _ ("no randomness: %s"), strerror (errno));
    int64_t deadline_ms = cli_now_ms () + patience_ms;
    meet_first (session, spool, patience_ms);
    spool_begin (spool);
    if (spool_file (spool, filing, session_key (session)->number, random, NULL,
                    cli_now_ms (), &slip, &cli->err) < 0) {
        spool_abort (spool);
        return cli_fail_err (cli);
    }
    uint64_t shift = spool_standing (spool, SPEAKER_INTAKE).shift;
    if (spool_commit (spool, &cli->err) < 0)
        return cli_fail_err (cli);
    print_slip (cli, &slip);

    struct outcome outcome;
    int64_t left_ms = deadline_ms - cli_now_ms ();
    int rc = await_outcome (session, spool, SPEAKER_INTAKE, slip.counter, shift,
                            left_ms > 0 ? left_ms : 0, &outcome);
    if (rc == -ETIMEDOUT || rc == -EHOSTUNREACH)
        return print_kept (cli, &slip);
    if (rc < 0)
        return cli_fail_err (cli);
    return print_outcome (cli, &slip, &outcome);
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    int rc = EX_OK;
    uint64_t wait_s = SUBMIT_PATIENCE_MS / 1000;
    if (arguments->values[OPTION_WAIT] != NULL &&
        cli_unsigned (cli, "--wait", arguments->values[OPTION_WAIT], 86400, &wait_s) < 0)
        return cli_fail (cli, EX_USAGE, "%s", cli->err.text);

    const char *texts[FILING_FIELDS];
    for (size_t i = 0; i < FILING_FIELDS; i++) {
        const char *value = arguments->values[i];
        texts[i] = value != NULL && options[i].value == NULL ? "1" : value;
    }
    if (texts[FILING_TEXT] != NULL && strcmp (texts[FILING_TEXT], "-") == 0)
        texts[FILING_TEXT] = read_stdin (cli);

    struct session *session;
    struct spool *spool;
    if (session_open_terminal (cli, &session) < 0)
        return cli_fail_err (cli);
    struct filing *filing;
    cli_category_doubt (cli, texts[FILING_CATEGORY]);
    if (filing_build (cli, texts, session_key (session)->number, NULL, cli_now_ms (),
                      &cli->arena, &filing) < 0)
        rc = cli_fail_err (cli);
    else if (spool_open (session_spool_dir (session), &spool, &cli->err) < 0)
        rc = cli_fail_err (cli);
    else {
        rc = submit (cli, session, spool, filing, (int64_t) wait_s * 1000);
        spool_close (&spool);
    }
    session_close (&session);
    return rc;
}

const struct cli_command subcommand_submit = {
    .name = "submit",
    .arguments = "",
    .summary =
        N_ ("file a grievance: prints the slip at once, the receipt if the link is up"),
    .example = "minqing submit --village 340522100201 --category 国土资源/土地征收 \\\n"
               "    --title '征地补偿款未到卡' --text "
               "'三亩地征收半年，补偿款没有打到卡上。' \\\n"
               "    --name 王某 --telephone 13900000000",
    .description = N_ (
        "The slip (number and query code) is made here and is valid for ever. Exit code "
        "75: no receipt yet, the grievance is kept in the spool and 'minqing terminal' "
        "sends it."),
    .options = options,
    .run = run,
};
