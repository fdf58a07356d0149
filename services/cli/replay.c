/* SPDX-License-Identifier: Apache-2.0 */
/* minqing replay: file a whole set through the terminal's spool. Each row is written down
 * with where it came from, in the transaction that gives it its number: killed at any
 * moment and run again, it goes on behind the last row that is on the disk. */
#include "cli/cli.h"
#include "cli/filing.h"
#include "cli/rows.h"
#include "cli/sender.h"
#include "cli/session.h"
#include "cli/spool.h"
#include "cli/waiting.h"

#include "base/hash.h"
#include "wire/names.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Rows written down in one transaction: one sync, and little to read again. */
#define REPLAY_BATCH 500

enum { OPTION_ORIGIN, OPTION_NOW, OPTION_OFFLINE };
static const struct cli_option options[] = {
    [OPTION_ORIGIN] = { "origin", N_ ("NAME"),
                        N_ ("what the rows are remembered by [the file's name]") },
    [OPTION_NOW] = { "filed-now", NULL,
                     N_ ("filed when registered, whatever the column filed_at says") },
    [OPTION_OFFLINE] = { "offline", NULL,
                         N_ ("write everything into the spool and send nothing") },
    { NULL, NULL, NULL },
};

struct replay {
    struct cli *cli;
    struct session *session;
    struct spool *spool;
    struct rows *rows;
    struct sender *sender; /* NULL: offline, or another process sends */
    const char *origin;
    uint64_t file; /* digest of 'origin' */
    bool filed_now;
    uint64_t in_batch, filed_in_batch;
    uint64_t read, written, before, elsewhere, odd;
    uint64_t first_counter; /* of what this run wrote */
    struct arena arena;     /* one row */
};

static uint64_t digest_of (const char *name)
{
    struct hash hash;
    hash_bytes (bytes_of_text (name), &hash);
    return get_be64 (hash.data);
}

/* A row may say which terminal wrote it down; each terminal files its own. */
static bool is_ours (struct replay *replay)
{
    static const char *const names[] = { "terminal", NULL };
    const char *terminal = rows_cell (replay->rows, names);
    return terminal[0] == '\0' ||
           strtoul (terminal, NULL, 10) == session_key (replay->session)->number;
}

static int file_row (struct replay *replay, const struct spool_origin *origin)
{
    const char *texts[FILING_FIELDS];
    for (size_t i = 0; i < FILING_FIELDS; i++)
        texts[i] = rows_cell (replay->rows, filing_names[i]);
    if (replay->filed_now)
        texts[FILING_FILED_AT] = NULL;
    struct filing *filing;
    uint8_t random[QUERY_CODE_RANDOM];
    struct spool_slip slip;
    const char *from = arena_format (&replay->arena, "%s:%llu", replay->origin,
                                     (unsigned long long) origin->row);
    int rc = filing_build (replay->cli, texts, session_key (replay->session)->number,
                           from, cli_now_ms (), &replay->arena, &filing);
    if (rc < 0)
        return rc;
    if (getrandom (random, sizeof random, 0) != sizeof random)
        return err_set (&replay->cli->err, -EIO, _ ("no randomness: %s"),
                        strerror (errno));
    return spool_file (replay->spool, filing, session_key (replay->session)->number,
                       random, origin, cli_now_ms (), &slip, &replay->cli->err);
}

static void show (struct replay *replay)
{
    uint64_t size, at = rows_bytes (replay->rows, &size);
    cli_progress (replay->cli, _ ("reading"), at < size ? at : size, size);
}

/* Send what is there while the next rows are read; a missing link stops nothing. */
static int end_batch (struct replay *replay)
{
    int rc = spool_commit (replay->spool, &replay->cli->err);
    if (rc == 0)
        replay->written += replay->filed_in_batch;
    if (rc == 0 && replay->sender != NULL)
        rc = sender_turn (replay->sender);
    replay->in_batch = replay->filed_in_batch = 0;
    show (replay);
    return rc;
}

/* One row: 0; 1: it cannot be filed and was told; -errno: stop. */
static int take_row (struct replay *replay)
{
    struct spool_origin origin = { .file = replay->file, .row = rows_at (replay->rows) };
    replay->read++;
    arena_reset (&replay->arena);
    if (!is_ours (replay)) {
        replay->elsewhere++;
        return 0;
    }
    if (replay->in_batch == 0)
        spool_begin (replay->spool);
    replay->in_batch++;
    if (spool_has_origin (replay->spool, &origin)) {
        replay->before++;
        return 0;
    }
    int rc = file_row (replay, &origin);
    if (rc == 0) {
        replay->filed_in_batch++;
        return 0;
    }
    if (rc != -EINVAL)
        return rc;
    replay->odd++;
    cli_progress_done (replay->cli);
    fprintf (stderr, _ ("%s: row %llu is not filed: %s\n"), replay->origin,
             (unsigned long long) origin.row, replay->cli->err.text);
    return 1;
}

static int read_all (struct replay *replay)
{
    int rc;
    while ((rc = rows_next (replay->rows, &replay->cli->err)) > 0) {
        rc = take_row (replay);
        if (rc < 0)
            break;
        if (replay->in_batch >= REPLAY_BATCH && (rc = end_batch (replay)) < 0)
            return rc;
    }
    if (replay->in_batch > 0 && rc < 0)
        spool_abort (replay->spool);
    else if (replay->in_batch > 0)
        rc = end_batch (replay);
    cli_progress_done (replay->cli);
    return rc < 0 ? rc : 0;
}

static void on_progress (void *arg, uint64_t acked)
{
    struct replay *replay = arg;
    uint64_t last = spool_standing (replay->spool, SPEAKER_INTAKE).next - 1;
    cli_progress (replay->cli, _ ("sending"), acked, last);
}

/* Everything the spool holds, also of earlier runs, to its outcome. A link that is away
 * for this long is left to 'minqing terminal'. */
static int send_all (struct replay *replay)
{
    uint64_t last = spool_standing (replay->spool, SPEAKER_INTAKE).next - 1;
    int rc = 0;
    if (replay->sender == NULL)
        return 0;
    for (uint64_t acked = sender_acked (replay->sender); acked < last;) {
        rc =
            sender_await (replay->sender, last, SESSION_PATIENCE_MS, on_progress, replay);
        if (rc != -ETIMEDOUT || sender_acked (replay->sender) == acked)
            break;
        acked = sender_acked (replay->sender);
    }
    cli_progress_done (replay->cli);
    return rc;
}

struct tally {
    uint64_t refused;
};

static void count_refused (void *arg, enum speaker speaker, const struct command *command,
                           const struct refusal *refusal)
{
    struct tally *tally = arg;
    (void) refusal;
    if (speaker == SPEAKER_INTAKE && command->file != NULL)
        tally->refused++;
}

static int report (struct replay *replay, int rc)
{
    struct spool_door door = spool_standing (replay->spool, SPEAKER_INTAKE);
    uint64_t waiting = door.next - 1 - door.acked;
    struct tally tally = { 0 };
    spool_refused (replay->spool, &replay->cli->arena, count_refused, &tally);
    if (replay->cli->json) {
        cli_json_line (json_pack (
            "{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "rows", (json_int_t) replay->read,
            "filed", (json_int_t) replay->written, "filed_before",
            (json_int_t) replay->before, "of_other_terminals",
            (json_int_t) replay->elsewhere, "not_fileable", (json_int_t) replay->odd,
            "refused", (json_int_t) tally.refused, "unsent", (json_int_t) waiting));
    } else {
        printf (_ ("%llu rows: %llu filed now, %llu before, %llu of other terminals, "
                   "%llu not "
                   "fileable\n"),
                (unsigned long long) replay->read, (unsigned long long) replay->written,
                (unsigned long long) replay->before,
                (unsigned long long) replay->elsewhere, (unsigned long long) replay->odd);
        printf (_ ("%llu unsent, %llu refused (to correct: minqing terminal refused)\n"),
                (unsigned long long) waiting, (unsigned long long) tally.refused);
    }
    if (rc == -ETIMEDOUT || (rc == 0 && waiting > 0))
        return EX_TEMPFAIL;
    if (rc < 0)
        return cli_fail_err (replay->cli);
    return replay->odd > 0 ? EX_DATAERR : EX_OK;
}

static int replay_with (struct replay *replay, const struct cli_arguments *arguments)
{
    struct cli *cli = replay->cli;
    int lock = -1, rc = 0;
    if (arguments->values[OPTION_OFFLINE] == NULL)
        meet_first (replay->session, replay->spool, SESSION_PATIENCE_MS);
    if (arguments->values[OPTION_OFFLINE] == NULL) {
        rc = sender_lock (spool_dir (replay->spool), &lock, &cli->err);
        if (rc == 0)
            rc = sender_create (replay->session, replay->spool, SPEAKER_INTAKE,
                                &replay->sender);
        else if (rc == -EBUSY)
            rc = 0; /* a running 'minqing terminal' sends what we write down */
        if (rc == 0 && lock < 0)
            cli_say (cli,
                     _ ("another process sends from this spool, also what is filed now"));
    }
    if (rc == 0)
        rc = read_all (replay);
    if (rc == 0)
        rc = send_all (replay);
    int code = report (replay, rc);
    sender_destroy (&replay->sender);
    if (lock >= 0)
        close (lock);
    return code;
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    int rc = EX_OK;
    struct replay replay = { .cli = cli,
                             .filed_now = arguments->values[OPTION_NOW] != NULL };
    replay.origin = arguments->values[OPTION_ORIGIN];
    if (replay.origin == NULL)
        replay.origin = basename (arena_text (&cli->arena, arguments->rest[0]));
    replay.file = digest_of (replay.origin);
    arena_init (&replay.arena, 0);
    if (session_open_terminal (cli, &replay.session) < 0 ||
        spool_open (session_spool_dir (replay.session), &replay.spool, &cli->err) < 0 ||
        rows_open (arguments->rest[0], &replay.rows, &cli->err) < 0)
        rc = cli_fail_err (cli);
    else
        rc = replay_with (&replay, arguments);
    rows_close (&replay.rows);
    spool_close (&replay.spool);
    session_close (&replay.session);
    arena_done (&replay.arena);
    return rc;
}

const struct cli_command subcommand_replay = {
    .name = "replay",
    .arguments = "FILE",
    .summary =
        N_ ("file a whole CSV or JSON-lines set through the spool; resumes where it was"),
    .example = "minqing replay --as terminal-101 letters.csv.gz",
    .description = N_ (
        "Columns by name: village, title (topic), text (detail), category (level1), "
        "purpose,\n"
        "form, source, filed_at, name (petitioner), telephone, persons, urgent and the "
        "other\n"
        "options of 'minqing submit'; others are passed over. Rows with a column "
        "'terminal'\n"
        "that names another terminal are left to it. A row is remembered by (file name, "
        "row):\n"
        "run it again and it goes on. Exit code 75: some are kept in the spool, unsent."),
    .options = options,
    .min = 1,
    .max = 1,
    .run = run,
};
