/* SPDX-License-Identifier: Apache-2.0 */
/* minqing restore: stores from a backup. Each daemon's own program makes its store, since
 * it knows how facts are folded; here is decided which, and said what comes next. */
#include "cli/cli.h"
#include "cli/program.h"

#include "archive/archive.h"
#include "base/civil.h"
#include "runtime/config.h"
#include "wire/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_ENTRY };
static const struct cli_option options[] = {
    [OPTION_ENTRY] = { "entry", N_ ("N"),
                       N_ ("put back this one damaged entry, into the store there is") },
    { NULL, NULL, NULL },
};

struct restoring {
    struct cli *cli;
    const char *dir;
    struct cli_table *table;
    int code;
};

static const char *folder_of (struct restoring *it, enum speaker speaker)
{
    return arena_format (&it->cli->arena, "%s/%s", it->dir, speaker_name (speaker));
}

static bool is_there (struct restoring *it, enum speaker speaker)
{
    return access (arena_format (&it->cli->arena, "%s/keepsake", folder_of (it, speaker)),
                   F_OK) == 0;
}

static void show (struct restoring *it, enum speaker speaker, uint64_t entries,
                  int64_t last_ms, unsigned incarnation)
{
    char time[CIVIL_TIME_SIZE] = "";
    if (last_ms > 0)
        civil_format_time (last_ms, time);
    if (it->cli->json) {
        cli_json_line (json_pack ("{s:s, s:I, s:s, s:I}", "service",
                                  speaker_name (speaker), "entries", (json_int_t) entries,
                                  "last_at", time, "incarnation",
                                  (json_int_t) incarnation));
        return;
    }
    cli_table_row (it->table);
    cli_table_cell (it->table, "%s", speaker_name (speaker));
    cli_table_cell (it->table, "%" PRIu64, entries);
    cli_table_cell (it->table, "%s", time);
    cli_table_cell (it->table, "%u", incarnation);
}

/* What to do about it: the daemon's own sentence goes into its log, in English. */
static void advise (struct restoring *it, enum speaker speaker, int code)
{
    struct cli *cli = it->cli;
    const char *name = speaker_name (speaker);
    const char *folder = config_state (cli_config (cli), speaker);
    if (code == EX_CANTCREAT)
        cli_say (cli,
                 _ ("  → move what is left of it away, and run this again: mv %s %s.old"),
                 folder, folder);
    else if (code == EX_DATAERR)
        cli_say (
            cli,
            _ ("  → the backup is damaged or of another service; 'minqing backup "
               "--check %s %s' says where. Take another copy of the folder, if there "
               "is one. Nothing was written"),
            it->dir, name);
    else if (code == EX_NOINPUT)
        cli_say (cli, _ ("  → there is no backup of %s in %s"), name, it->dir);
}

/* No entry at all proves as well as many do; of its segments somebody has lost the first. */
static bool is_empty (struct restoring *it, enum speaker speaker)
{
    struct archive_reader *reader;
    struct followed followed;
    struct err err;
    if (archive_open (folder_of (it, speaker), &reader, &err) < 0)
        return false; /* the daemon says why */
    bool is_empty = archive_next (reader, &followed, &err) == 0;
    archive_close (&reader);
    return is_empty;
}

static void restore_one (struct restoring *it, enum speaker speaker)
{
    const char *const arguments[] = { "--restore", folder_of (it, speaker), NULL };
    char answer[256];
    uint64_t entries;
    int64_t last_ms;
    unsigned incarnation;
    if (program_is_running (it->cli, speaker)) {
        it->code = EX_IOERR;
        return;
    }
    if (is_empty (it, speaker)) {
        it->code = cli_fail (it->cli, EX_DATAERR,
                             _ ("%s has no entry; nothing can be restored from it"),
                             folder_of (it, speaker));
        return;
    }
    int code = program_read (it->cli, speaker, arguments, answer, sizeof answer);
    if (code != EX_OK) {
        cli_fail (it->cli, code, _ ("%s is not restored; why stands above"),
                  speaker_name (speaker));
        advise (it, speaker, code);
        it->code = code;
    } else if (sscanf (answer, "restored %" SCNu64 " %" SCNd64 " %u", &entries, &last_ms,
                       &incarnation) == 3) {
        show (it, speaker, entries, last_ms, incarnation);
    }
}

static int restore_entry (struct restoring *it, enum speaker speaker, const char *entry)
{
    const char *const arguments[] = { "--restore", folder_of (it, speaker), "--entry",
                                      entry, NULL };
    const char *state = config_state (cli_config (it->cli), speaker);
    const char *name = speaker_name (speaker);
    if (program_is_running (it->cli, speaker))
        return EX_IOERR;
    if (access (arena_format (&it->cli->arena, "%s/data.mdb", state), F_OK) < 0)
        return cli_fail (it->cli, EX_NOINPUT,
                         _ ("there is no store in %s into which an entry could be put; "
                            "the whole: minqing restore %s %s"),
                         state, it->dir, name);
    int code = program_run (it->cli, speaker, arguments);
    if (code != EX_OK)
        return cli_fail (it->cli, code,
                         _ ("entry %s of %s is not put back; why stands above"), entry,
                         name);
    cli_say (
        it->cli,
        _ ("entry %s of %s is as the backup has it; start it, then 'minqing scrub %s'"),
        entry, name, name);
    return EX_OK;
}

static void say_what_next (struct restoring *it)
{
    cli_say (it->cli,
             _ ("Start the daemons. Those that follow a restored one are led across by "
                "themselves; terminals and desks send again what they keep. Then "
                "'minqing verify' lists what stays missing, and 'minqing backup' goes on "
                "in the same folder."));
}

static int restore_all (struct restoring *it, const enum speaker *speakers, size_t count,
                        bool is_named)
{
    size_t found = 0;
    it->table = cli_table_create ();
    cli_table_column (it->table, _ ("SERVICE"), CLI_LEFT);
    cli_table_column (it->table, _ ("ENTRIES"), CLI_RIGHT);
    cli_table_column (it->table, _ ("UP TO"), CLI_LEFT);
    cli_table_column (it->table, _ ("INCARNATION"), CLI_RIGHT);
    for (size_t i = 0; i < count; i++) {
        if (!is_named && !is_there (it, speakers[i]))
            continue;
        found++;
        restore_one (it, speakers[i]);
    }
    cli_table_print (&it->table);
    if (found == 0)
        return cli_fail (it->cli, EX_NOINPUT, _ ("there is no backup in %s"), it->dir);
    if (it->code == EX_OK)
        say_what_next (it);
    return it->code;
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    struct restoring it = { .cli = cli, .dir = arguments->rest[0] };
    struct cli_arguments services = *arguments;
    enum speaker speakers[SPEAKER_COUNT];
    size_t count;
    const char *entry = arguments->values[OPTION_ENTRY];
    uint64_t sequence;
    services.rest++;
    services.n_rest--;
    int rc = program_services (cli, &services, speakers, &count);
    if (rc != EX_OK)
        return rc;
    if (cli_config (cli) == NULL)
        return cli_fail_err (cli);
    if (entry == NULL)
        return restore_all (&it, speakers, count, services.n_rest > 0);
    if (cli_unsigned (cli, "--entry", entry, UINT64_MAX, &sequence) < 0)
        return cli_fail_err (cli);
    if (services.n_rest != 1 || sequence == 0)
        return cli_fail (cli, EX_USAGE,
                         _ ("say whose entry: minqing restore DIR SERVICE --entry N"));
    return restore_entry (&it, speakers[0], entry);
}

const struct cli_command subcommand_restore = {
    .name = "restore",
    .arguments = "DIR [SERVICE …]",
    .summary = N_ ("make lost stores again from a backup"),
    .example = "minqing restore /var/backups/minqing intake\n"
               "minqing restore /var/backups/minqing routing --entry 4711",
    .description =
        N_ ("For daemons that are stopped, and whose state folder is empty: move what is "
            "left of the old store away. The backup is proved to its last bit before "
            "anything is written. The journal then goes on as a new incarnation, so that "
            "whoever followed the old one notices."),
    .options = options,
    .min = 1,
    .max = SPEAKER_COUNT,
    .run = run,
};
