/* SPDX-License-Identifier: Apache-2.0 */
/* minqing scrub: every running daemon holds its facts against its journal, and the journal
 * against its hashes, beside its work; this waits and prints what came of it. A daemon that
 * does not run does it by its own option, --scrub. */
#include "cli/cli.h"
#include "cli/program.h"
#include "cli/session.h"

#include "base/civil.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define LOOK_MS      250
#define EXIT_DIFFERS 1

struct scrubbing {
    struct cli *cli;
    struct session *session;
    struct cli_table *table;
    size_t n_wrong;
    int rc; /* of the daemons that did not answer */
};

/* 0 and how it stands; negative: no answer, with a sentence in cli->err. */
static int look (struct scrubbing *it, enum speaker speaker, enum control_verb verb,
                 struct scrub *ret)
{
    struct cli *cli = it->cli;
    struct control control = { .verb = verb };
    struct control_reply reply;
    int rc = session_control (it->session, speaker, &control, &reply);
    if (rc < 0)
        return rc;
    if (reply.problem != NULL)
        return err_set (&cli->err, -EBUSY, "%s: %s", speaker_name (speaker),
                        reply.problem);
    if (reply.status == NULL || reply.status->scrub == NULL)
        return err_set (&cli->err, -EPROTO, _ ("%s gives no status"),
                        speaker_name (speaker));
    *ret = *reply.status->scrub;
    return 0;
}

/* All at once: each paces itself. */
static void begin_all (struct scrubbing *it, const enum speaker *speakers, size_t count,
                       bool *is_begun)
{
    struct scrub scrub;
    for (size_t i = 0; i < count; i++) {
        is_begun[i] = look (it, speakers[i], CONTROL_SCRUB, &scrub) == 0;
        if (!is_begun[i])
            it->rc = cli_fail_err (it->cli);
    }
}

static int await (struct scrubbing *it, enum speaker speaker, struct scrub *ret)
{
    int rc;
    while ((rc = look (it, speaker, CONTROL_STATUS, ret)) == 0 && ret->running) {
        cli_progress (it->cli, speaker_name (speaker), ret->permille, 1000);
        poll (NULL, 0, LOOK_MS);
    }
    cli_progress_done (it->cli);
    return rc;
}

static void show (struct scrubbing *it, enum speaker speaker, const struct scrub *scrub)
{
    char done[CIVIL_TIME_SIZE] = "";
    bool was_given_up = scrub->first != NULL && scrub->differences == 0;
    civil_format_time (scrub->done_ms, done);
    it->n_wrong += scrub->differences > 0 || scrub->damaged > 0 || was_given_up;
    if (it->cli->json) {
        cli_json_line (json_pack (
            "{s:s, s:I, s:I, s:I, s:I, s:s*}", "service", speaker_name (speaker),
            "done_ms", (json_int_t) scrub->done_ms, "records",
            (json_int_t) scrub->records, "differences", (json_int_t) scrub->differences,
            "damaged_entries", (json_int_t) scrub->damaged, "first", scrub->first));
        return;
    }
    cli_table_row (it->table);
    cli_table_cell (it->table, "%s", speaker_name (speaker));
    cli_table_cell (it->table, "%s", done);
    cli_table_cell (it->table, "%llu", (unsigned long long) scrub->records);
    cli_table_cell (it->table, "%llu", (unsigned long long) scrub->differences);
    cli_table_cell (it->table, "%llu", (unsigned long long) scrub->damaged);
}

/* What is wrong, and what to do about it. */
static void advise (struct scrubbing *it, enum speaker speaker, const struct scrub *scrub)
{
    const char *name = speaker_name (speaker);
    if (it->cli->json)
        return;
    if (scrub->first != NULL)
        fprintf (stderr, "  ✗ %s: %s\n", name, scrub->first);
    if (scrub->damaged > 0)
        fprintf (
            stderr,
            _ ("  ✗ %s: entries of the journal are damaged; 'minqing check' names "
               "them. Stop it and put them back from a backup: minqing restore DIR %s "
               "--entry N\n"),
            name, name);
    if (scrub->differences > 0)
        fprintf (stderr, _ ("  ✗ %s: stop it and refold its facts: minqing rebuild %s\n"),
                 name, name);
}

static void table_begin (struct scrubbing *it)
{
    it->table = cli_table_create ();
    cli_table_column (it->table, _ ("SERVICE"), CLI_LEFT);
    cli_table_column (it->table, _ ("ENDED"), CLI_LEFT);
    cli_table_column (it->table, _ ("RECORDS"), CLI_RIGHT);
    cli_table_column (it->table, _ ("DIFFERENT"), CLI_RIGHT);
    cli_table_column (it->table, _ ("DAMAGED ENTRIES"), CLI_RIGHT);
}

static void scrub_all (struct scrubbing *it, const enum speaker *speakers, size_t count)
{
    struct scrub scrubs[SPEAKER_COUNT];
    bool is_begun[SPEAKER_COUNT] = { false };
    session_call_all (it->session);
    begin_all (it, speakers, count, is_begun);
    if (!it->cli->json)
        table_begin (it);
    for (size_t i = 0; i < count; i++) {
        if (!is_begun[i])
            continue;
        is_begun[i] = await (it, speakers[i], &scrubs[i]) == 0;
        if (is_begun[i])
            show (it, speakers[i], &scrubs[i]);
        else
            it->rc = cli_fail_err (it->cli);
    }
    if (it->table != NULL)
        cli_table_print (&it->table);
    for (size_t i = 0; i < count; i++)
        if (is_begun[i])
            advise (it, speakers[i], &scrubs[i]);
}

static int run_scrub (struct cli *cli, const struct cli_arguments *arguments)
{
    struct scrubbing it = { .cli = cli };
    enum speaker speakers[SPEAKER_COUNT];
    size_t count;
    int rc = program_services (cli, arguments, speakers, &count);
    if (rc != EX_OK)
        return rc;
    if (session_open (cli, "operator", &it.session) < 0)
        return cli_fail_err (cli);
    scrub_all (&it, speakers, count);
    session_close (&it.session);
    if (it.rc != EX_OK)
        return it.rc;
    if (it.n_wrong > 0)
        return cli_fail (cli, EXIT_DIFFERS, _ ("%zu of %zu services are not sound"),
                         it.n_wrong, count);
    cli_say (cli, _ ("sound: the facts are what the journals say"));
    return EX_OK;
}

const struct cli_command subcommand_scrub = {
    .name = "scrub",
    .arguments = "[SERVICE …]",
    .summary = N_ ("hold facts and entries against the journals, beside the work"),
    .example = "minqing scrub\nminqing scrub routing",
    .description =
        N_ ("Each daemon folds its journal once more into a shadow and compares every "
            "record with it; a fifteenth of its time goes into that while there is other "
            "work. Exit code 0: sound; 1: something differs or is damaged, with what to "
            "do. A daemon that does not run: minqing-SERVICE --scrub."),
    .max = SPEAKER_COUNT - 1,
    .run = run_scrub,
};
