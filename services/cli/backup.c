/* SPDX-License-Identifier: Apache-2.0 */
/* minqing backup: the journals, whole, into files (archive/archive.h), beside the work.
 *
 *     status (head, root), keepsake ─▶ Follow behind what the folder has ─▶ entries, proved
 *       ─▶ at that head: our root is the daemon's ─▶ flush
 *
 * It is a follower with a memory in the folder, so a run takes what is new. Where the
 * daemon was restored meanwhile, what the folder has of the time behind that is moved
 * aside, and the new incarnation is followed. Killed at any moment it leaves a valid
 * folder, so no signal needs handling. */
#include "cli/cli.h"
#include "cli/program.h"
#include "cli/session.h"

#include "archive/archive.h"
#include "base/civil.h"
#include "wire/names.h"
#include "wire/wire.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CREDIT        8192
#define EVERY_SECONDS 10

enum { OPTION_FOLLOW, OPTION_EVERY, OPTION_CHECK };
static const struct cli_option options[] = {
    [OPTION_FOLLOW] = { "follow", NULL, N_ ("go on, until Ctrl-C") },
    [OPTION_EVERY] = { "every", N_ ("SECONDS"), N_ ("with --follow: how often [10]") },
    [OPTION_CHECK] = { "check", NULL, N_ ("prove what the folder has; ask no daemon") },
    { NULL, NULL, NULL },
};

/* One service in one run. */
struct keeping {
    struct cli *cli;
    struct session *session;
    enum speaker speaker;
    const char *dir; /* its folder */
    struct archive_writer *writer;
    struct archive_extent extent;
    uint8_t journal[JOURNAL_ID_SIZE]; /* that is followed */
    uint64_t before;                  /* entries that the folder had */
    uint64_t goal;
    struct hash goal_root;
    struct line *line;
    uint64_t connection; /* on which Follow was said */
    uint32_t credit;
    size_t heard;                  /* bytes since credit was given */
    uint64_t n_bodiless, bodiless; /* taken without their text; the first */
    struct arena arena;            /* one frame */
};

/* ---- what the daemon says of itself ------------------------------------------------ */

static int ask (struct keeping *it, enum control_verb verb, struct control_reply *reply)
{
    struct cli *cli = it->cli;
    struct control control = { .verb = verb };
    int rc = session_control (it->session, it->speaker, &control, reply);
    if (rc == -EPERM)
        return err_set (&cli->err, rc,
                        _ ("%s does not let this key; a backup needs one of role keeper: "
                           "minqing keys add keeper"),
                        speaker_name (it->speaker));
    if (rc == 0 && reply->problem != NULL)
        return err_set (&cli->err, -EPROTO, "%s: %s", speaker_name (it->speaker),
                        reply->problem);
    return rc;
}

static int goal_take (struct keeping *it)
{
    struct control_reply reply;
    int rc = ask (it, CONTROL_STATUS, &reply);
    if (rc == 0 && (reply.status == NULL || reply.status->root.size != HASH_SIZE))
        rc = err_set (&it->cli->err, -EPROTO, _ ("%s does not say how far it is"),
                      speaker_name (it->speaker));
    if (rc < 0)
        return rc;
    it->goal = reply.status->head;
    memcpy (it->goal_root.data, reply.status->root.data, HASH_SIZE);
    return 0;
}

static int folder_open (struct keeping *it)
{
    struct control_reply reply;
    int rc = ask (it, CONTROL_KEEPSAKE, &reply);
    if (rc == 0 && reply.keepsake == NULL)
        rc = err_set (&it->cli->err, -EPROTO, _ ("%s gives no keepsake"),
                      speaker_name (it->speaker));
    if (rc == 0)
        rc = archive_append_open (it->dir, reply.keepsake, &it->writer, &it->cli->err);
    if (rc < 0)
        return rc;
    archive_appended (it->writer, &it->extent);
    memcpy (it->journal, it->extent.journal, JOURNAL_ID_SIZE);
    it->before = it->extent.last;
    return 0;
}

/* ---- following --------------------------------------------------------------------- */

static int say (struct keeping *it, const struct to_door *message)
{
    return line_send (it->line, to_door_encode (&it->arena, message));
}

static void ask_to_follow (struct keeping *it)
{
    struct follow follow = { .journal = BYTES_OF (it->journal),
                             .after = it->extent.last,
                             .credit = CREDIT };
    if (it->extent.last > 0)
        follow.after_hash = hash_view (&it->extent.leaf);
    if (say (it, &(struct to_door){ .follow = &follow }) < 0)
        return;
    it->connection = line_connections (it->line);
    it->credit = CREDIT;
}

static void give_credit (struct keeping *it)
{
    struct follow_credit credit = { .acted = it->extent.last,
                                    .credit = CREDIT - it->credit };
    if (say (it, &(struct to_door){ .follow_credit = &credit }) < 0)
        return;
    it->credit = CREDIT;
    it->heard = 0;
}

/* Its body is damaged at the source, which then gives the header alone. */
static bool lacks_body (const struct followed *followed)
{
    return followed->body_hash.size == HASH_SIZE && followed->body.size == 0;
}

static int entry_take (struct keeping *it, const struct followed *followed)
{
    struct cli *cli = it->cli;
    struct entry entry;
    int rc = entry_decode (&it->arena, followed->header, &entry, &cli->err);
    if (rc < 0)
        return rc;
    if (entry.sequence <= it->extent.last)
        return 0; /* said again after a reconnection */
    if (followed->damaged)
        return err_set (&cli->err, -EBADMSG,
                        _ ("%s: its entry %llu is damaged there, and this folder does "
                           "not have it; it "
                           "ends before that entry"),
                        speaker_name (it->speaker), (unsigned long long) entry.sequence);
    rc = archive_append (it->writer, followed, &cli->err);
    if (rc < 0)
        return err_prefix (&cli->err, "%s", speaker_name (it->speaker));
    if (lacks_body (followed) && it->n_bodiless++ == 0)
        it->bodiless = entry.sequence;
    if (it->credit > 0)
        it->credit--;
    archive_appended (it->writer, &it->extent);
    if (it->extent.last % 1024 == 0)
        cli_progress (cli, speaker_name (it->speaker), it->extent.last - it->before,
                      it->goal - it->before);
    return 0;
}

/* It was restored: what it lost is moved aside here, and the next one followed. */
static int restored (struct keeping *it, const struct follow_refused *refused)
{
    struct cli *cli = it->cli;
    struct entry entry;
    if (refused->opening == NULL ||
        entry_decode (&it->arena, refused->opening->header, &entry, &cli->err) < 0 ||
        entry.incarnation == NULL ||
        !bytes_equal (entry.incarnation->previous, BYTES_OF (it->journal)))
        return err_set (&cli->err, -EPROTO,
                        _ ("%s was restored, but does not say from where it goes on"),
                        speaker_name (it->speaker));
    const struct incarnation *opening = entry.incarnation;
    if (it->extent.last > opening->previous_size) {
        cli_say (cli,
                 _ ("%s was restored to entry %llu; entries %llu to %llu, which it lost, "
                    "are kept in %s/lost-%u"),
                 speaker_name (it->speaker), (unsigned long long) opening->previous_size,
                 (unsigned long long) opening->previous_size + 1,
                 (unsigned long long) it->extent.last, it->dir, opening->incarnation - 1);
        int rc = archive_set_aside (it->writer, opening->previous_size,
                                    opening->incarnation - 1, &cli->err);
        if (rc < 0)
            return rc;
        archive_appended (it->writer, &it->extent);
        it->before = it->extent.last;
    }
    memcpy (it->journal, opening->journal.data, JOURNAL_ID_SIZE);
    ask_to_follow (it);
    return 0;
}

static int refused (struct keeping *it, const struct follow_refused *refused)
{
    struct cli *cli = it->cli;
    const char *name = speaker_name (it->speaker);
    switch (refused->problem) {
    case FOLLOW_RESTORED:
        return restored (it, refused);
    case FOLLOW_WRONG_JOURNAL:
    case FOLLOW_WRONG_HASH:
    case FOLLOW_AHEAD:
        return err_set (
            &cli->err, -ESTALE,
            _ ("%s is not the journal that %s was made from (%s): keep that folder, and "
               "back up into a new one"),
            name, it->dir, follow_problem_name (refused->problem));
    case FOLLOW_NO_RIGHT:
    case FOLLOW_NONE:
    case FOLLOW_COUNT:
        break;
    }
    return err_set (&cli->err, -EPERM,
                    _ ("%s does not let this key; a backup needs one of role keeper: "
                       "minqing keys add keeper"),
                    name);
}

static int frame_take (struct keeping *it, struct bytes frame)
{
    struct from_door message;
    int rc = from_door_decode (&it->arena, frame, &message, &it->cli->err);
    if (rc < 0)
        return rc;
    if (message.refusal != NULL)
        return session_refused (it->session, message.refusal);
    if (message.follow_refused != NULL)
        return refused (it, message.follow_refused);
    /* Of the stream from before a restoration nothing is taken. */
    if (message.entries == NULL ||
        !bytes_equal (message.entries->journal, BYTES_OF (it->journal)))
        return 0;
    for (size_t i = 0;
         rc == 0 && i < message.entries->n_entries && it->extent.last < it->goal; i++)
        rc = entry_take (it, &message.entries->entries[i]);
    return rc;
}

/* One round of what can be done without waiting. */
static int turn (struct keeping *it)
{
    int rc = 0;
    arena_reset (&it->arena);
    line_look (it->line);
    if (line_is_refused (it->line))
        return session_unreachable (it->session, it->speaker);
    if (line_is_connected (it->line) && line_connections (it->line) != it->connection)
        ask_to_follow (it);
    for (struct bytes frame;
         rc == 0 && it->extent.last < it->goal && line_next (it->line, &frame);
         arena_reset (&it->arena)) {
        it->heard += frame.size;
        rc = frame_take (it, frame);
    }
    if (rc == 0 && (it->credit < CREDIT / 2 || it->heard >= FOLLOW_CREDIT_BYTES))
        give_credit (it);
    return rc;
}

static int entries_read (struct keeping *it)
{
    int64_t last_ms = cli_now_ms ();
    uint64_t last = it->extent.last;
    int rc = 0;
    it->line = session_line (it->session, it->speaker);
    if (it->line == NULL)
        return it->cli->err.code;
    /* A line used before has its connection already: ask again on it. */
    it->connection = UINT64_MAX;
    while (rc == 0) {
        rc = turn (it);
        if (rc < 0 || it->extent.last >= it->goal)
            break;
        if (it->extent.last != last) {
            last = it->extent.last;
            last_ms = cli_now_ms ();
        }
        int64_t left = last_ms + SESSION_PATIENCE_MS - cli_now_ms ();
        if (left <= 0)
            return session_unreachable (it->session, it->speaker);
        rc = line_wait (&it->line, 1, NULL, 0, left);
        rc = rc == -EINTR || rc >= 0
                 ? 0
                 : err_set (&it->cli->err, rc, _ ("waiting: %s"), strerror (-rc));
    }
    cli_progress_done (it->cli);
    return rc;
}

/* ---- one run ----------------------------------------------------------------------- */

/* The tree over what we have is the daemon's: of the whole, and so of every part. */
static int root_check (struct keeping *it)
{
    if (it->extent.last > it->goal)
        return err_set (
            &it->cli->err, -ESTALE,
            _ ("%s has %llu entries, and %s has %llu: keep that folder, and back up into "
               "a new one"),
            speaker_name (it->speaker), (unsigned long long) it->goal, it->dir,
            (unsigned long long) it->extent.last);
    if (it->extent.last < it->goal || hash_equal (&it->extent.root, &it->goal_root))
        return 0;
    return err_set (
        &it->cli->err, -EBADMSG,
        _ ("%s: the %llu entries do not give the root that the daemon has; run 'minqing "
           "verify', and 'minqing backup --check'"),
        speaker_name (it->speaker), (unsigned long long) it->goal);
}

static void show (struct keeping *it)
{
    char root[HASH_TEXT_SIZE];
    const struct archive_extent *extent = &it->extent;
    if (!it->cli->json) {
        printf (_ ("%-13s %8llu entries, %llu of them new; files: %u\n"),
                speaker_name (it->speaker), (unsigned long long) extent->last,
                (unsigned long long) (extent->last - it->before), extent->segments);
        return;
    }
    hash_text (&extent->root, root);
    cli_json_line (json_pack (
        "{s:s, s:I, s:I, s:I, s:I, s:s}", "service", speaker_name (it->speaker),
        "entries", (json_int_t) extent->last, "new",
        (json_int_t) (extent->last - it->before), "files", (json_int_t) extent->segments,
        "incarnation", (json_int_t) extent->incarnation, "root", root));
}

/* All else is kept: half a journal more is better than none. */
static int bodiless_say (struct cli *cli, const char *dir, uint64_t count, uint64_t first)
{
    return err_set (
        &cli->err, -EINVAL,
        _ ("%s: the text of entry %llu (%llu in all) is missing: it was damaged at the "
           "daemon when it was taken. Put it back there from an older backup, and "
           "begin a new folder"),
        dir, (unsigned long long) first, (unsigned long long) count);
}

static int run_one (struct cli *cli, struct session *session, enum speaker speaker,
                    const char *dir, bool is_quiet)
{
    struct keeping it = { .cli = cli,
                          .session = session,
                          .speaker = speaker,
                          .dir = arena_format (&cli->arena, "%s/%s", dir,
                                               speaker_name (speaker)) };
    arena_init (&it.arena, 0);
    int rc = goal_take (&it);
    if (rc == 0)
        rc = folder_open (&it);
    /* Always asked, also when nothing is new: it may have been restored. */
    if (rc == 0)
        rc = entries_read (&it);
    if (rc == 0)
        rc = root_check (&it);
    /* What came before something went wrong is proved entry by entry, and kept; but not
     * behind a root that is another one. */
    struct err err = cli->err;
    if (it.writer != NULL && (rc == 0 || it.extent.last < it.goal)) {
        int flushed = archive_flush (it.writer, &cli->err);
        if (rc == 0)
            rc = flushed;
        else
            cli->err = err;
    }
    if (it.writer != NULL)
        archive_appended (it.writer, &it.extent);
    if (rc == 0 && (!is_quiet || it.extent.last != it.before))
        show (&it);
    if (rc == 0 && it.n_bodiless > 0)
        rc = bodiless_say (cli, it.dir, it.n_bodiless, it.bodiless);
    archive_append_close (&it.writer);
    arena_done (&it.arena);
    fflush (stdout);
    return rc;
}

static int run_all (struct cli *cli, const char *dir, const enum speaker *speakers,
                    size_t count, bool is_quiet)
{
    struct session *session;
    int code = EX_OK;
    if (session_open (cli, "keeper", &session) < 0)
        return cli_fail_err (cli);
    session_call_all (session);
    for (size_t i = 0; i < count; i++)
        if (run_one (cli, session, speakers[i], dir, is_quiet) < 0)
            code = cli_fail_err (cli);
    session_close (&session);
    return code;
}

/* Until somebody ends it. Each run has memory of its own, as it may be one of many. */
static _Noreturn void go_on (struct cli *cli, const char *dir,
                             const enum speaker *speakers, size_t count, unsigned every)
{
    bool is_quiet = false;
    cli_config (cli); /* once; what is wrong with it is said by the run */
    for (;;) {
        struct cli one = *cli;
        arena_init (&one.arena, 0);
        run_all (&one, dir, speakers, count, is_quiet);
        arena_done (&one.arena);
        is_quiet = true;
        sleep (every);
    }
}

/* ---- proving ----------------------------------------------------------------------- */

static bool is_there (struct cli *cli, const char *dir, enum speaker speaker)
{
    return access (
               arena_format (&cli->arena, "%s/%s/keepsake", dir, speaker_name (speaker)),
               F_OK) == 0;
}

/* To the end; and how many entries lack their text. */
static int read_all (const char *folder, struct archive_extent *ret, uint64_t *ret_count,
                     uint64_t *ret_first, struct err *err)
{
    struct archive_reader *reader;
    struct followed followed;
    uint64_t sequence = 0;
    int rc = archive_open (folder, &reader, err);
    if (rc < 0)
        return rc;
    while ((rc = archive_next (reader, &followed, err)) > 0) {
        sequence++;
        if (lacks_body (&followed) && (*ret_count)++ == 0)
            *ret_first = sequence;
    }
    archive_extent (reader, ret);
    archive_close (&reader);
    return rc;
}

static int check_one (struct cli *cli, const char *dir, enum speaker speaker)
{
    struct archive_extent extent;
    char root[HASH_TEXT_SIZE], time[CIVIL_TIME_SIZE] = "";
    const char *folder = arena_format (&cli->arena, "%s/%s", dir, speaker_name (speaker));
    uint64_t count = 0, first = 0;
    int rc = read_all (folder, &extent, &count, &first, &cli->err);
    if (rc == 0 && extent.speaker != speaker)
        rc = err_set (&cli->err, -EINVAL, _ ("it is a backup of %s"),
                      speaker_name (extent.speaker));
    if (rc == 0 && extent.last == 0)
        rc = err_set (&cli->err, -EBADMSG,
                      _ ("it has no entry; nothing can be restored from it"));
    if (rc < 0)
        return err_prefix (&cli->err, "%s", folder);
    if (count > 0)
        return bodiless_say (cli, folder, count, first);
    hash_text (&extent.root, root);
    if (extent.last_ms > 0)
        civil_format_time (extent.last_ms, time);
    if (cli->json)
        cli_json_line (
            json_pack ("{s:s, s:I, s:I, s:I, s:s, s:s}", "service",
                       speaker_name (speaker), "entries", (json_int_t) extent.last,
                       "files", (json_int_t) extent.segments, "incarnation",
                       (json_int_t) extent.incarnation, "last_at", time, "root", root));
    else
        printf (_ ("%-13s %8llu entries up to %s; files: %u; intact\n"),
                speaker_name (speaker), (unsigned long long) extent.last, time,
                extent.segments);
    return 0;
}

static int check_all (struct cli *cli, const char *dir, const enum speaker *speakers,
                      size_t count, bool is_named)
{
    const char *absent = "";
    int code = EX_OK;
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_named && !is_there (cli, dir, speakers[i])) {
            absent =
                arena_format (&cli->arena, "%s %s", absent, speaker_name (speakers[i]));
            continue;
        }
        found++;
        if (check_one (cli, dir, speakers[i]) < 0) {
            int failed = cli_fail_err (cli);
            code = failed == EX_PROTOCOL ? EX_DATAERR : failed;
        }
    }
    if (found == 0)
        return cli_fail (cli, EX_NOINPUT, _ ("there is no backup in %s"), dir);
    if (absent[0] != '\0')
        cli_say (cli, _ ("not in this folder:%s"), absent);
    return code;
}

/* ---- the command ------------------------------------------------------------------- */

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    struct cli_arguments services = *arguments;
    enum speaker speakers[SPEAKER_COUNT];
    size_t count;
    uint64_t every = EVERY_SECONDS;
    const char *dir = arguments->rest[0];
    services.rest++;
    services.n_rest--;
    int rc = program_services (cli, &services, speakers, &count);
    if (rc != EX_OK)
        return rc;
    if (arguments->values[OPTION_EVERY] != NULL &&
        cli_unsigned (cli, "--every", arguments->values[OPTION_EVERY], 86400, &every) < 0)
        return cli_fail_err (cli);
    if (arguments->values[OPTION_CHECK] != NULL)
        return check_all (cli, dir, speakers, count, services.n_rest > 0);
    if (mkdir (dir, 0700) < 0 && errno != EEXIST)
        return cli_fail (cli, cli_exit_code (-errno), "%s: %s", dir, strerror (errno));
    if (arguments->values[OPTION_FOLLOW] == NULL)
        return run_all (cli, dir, speakers, count, false);
    go_on (cli, dir, speakers, count, every > 0 ? (unsigned) every : 1);
}

const struct cli_command subcommand_backup = {
    .name = "backup",
    .arguments = "DIR [SERVICE …]",
    .summary = N_ ("the journals into files, whole, while everything runs"),
    .example = "minqing backup /var/backups/minqing\n"
               "minqing backup --check /var/backups/minqing",
    .description = N_ (
        "Needs a key of role keeper, which reads everything: keep it, and the folder, "
        "as you keep the stores. A run takes what is new and proves it against the "
        "daemon; killed at any moment it leaves a valid folder."),
    .options = options,
    .min = 1,
    .max = SPEAKER_COUNT,
    .run = run,
};
