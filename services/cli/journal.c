/* SPDX-License-Identifier: Apache-2.0 */
/* minqing journal: read a daemon's journal as it is written, one line an entry. Headers
 * only: text and person stay where they are. Of an accusation it is said that there is an
 * entry, and nothing else (DOMAIN §8): who runs the machines may not learn which it is. */
#include "cli/cli.h"
#include "cli/language.h"
#include "cli/map.h"
#include "cli/session.h"
#include "cli/tail.h"

#include "base/civil.h"
#include "base/number.h"
#include "wire/names.h"

#include <stdio.h>
#include <string.h>

enum { OPTION_FROM, OPTION_FOLLOW, OPTION_LIMIT, OPTION_NUMBER };
static const struct cli_option options[] = {
    [OPTION_FROM] = { "from", N_ ("N"), N_ ("begin with this entry [1]") },
    [OPTION_FOLLOW] = { "follow", NULL, N_ ("go on with what comes, until Ctrl-C") },
    [OPTION_LIMIT] = { "limit", N_ ("N"), N_ ("end after so many") },
    [OPTION_NUMBER] = { "number", N_ ("NUMBER"), N_ ("only of this grievance") },
    { NULL, NULL, NULL },
};

struct printing {
    struct cli *cli;
    uint64_t number; /* 0: all */
    uint64_t left;
    bool is_whole;          /* read from the first entry on */
    struct map accusations; /* their numbers, as far as was read */
};

/* Some entries say the number alone: whose it is was said with the registration, or the
 * first notice. Where that was not read it may be an accusation's. */
static bool is_hidden (struct printing *printing, const struct entry *entry)
{
    if (entry->grievance == 0)
        return false;
    if (entry->matter == NULL)
        return !printing->is_whole ||
               map_find (&printing->accusations, entry->grievance) != NULL;
    if (entry->matter->purpose != PURPOSE_ACCUSATION)
        return false;
    *map_at (&printing->accusations, entry->grievance, NULL) = 1;
    return true;
}

/* What a kind has to say beyond number and time, in a few words. */
static const char *moved_text (struct cli *cli, const struct moved *moved)
{
    return arena_format (
        &cli->arena, "%s: %s → %s  %s", language_word (step, moved->step),
        language_word (state, moved->from), language_word (state, moved->to),
        cli_department_name (cli, moved->department));
}

static const char *registered_text (struct cli *cli, const struct entry *entry)
{
    char due[CIVIL_TIME_SIZE];
    return arena_format (
        &cli->arena, _ ("due %s  %s"),
        civil_format_due (entry->registered->last_day_ms, due),
        cli_village_name (cli, entry->matter != NULL ? entry->matter->village : 0));
}

/* What became of a journal itself. */
static const char *life_text (struct arena *arena, const struct entry *entry)
{
    if (entry->incarnation != NULL)
        return arena_format (arena, _ ("restored: number %u, with %llu entries kept"),
                             entry->incarnation->incarnation,
                             (unsigned long long) entry->incarnation->previous_size);
    if (entry->crossed != NULL)
        return arena_format (
            arena, _ ("%s was restored and lost %llu to %llu: %zu grievances"),
            speaker_name (entry->crossed->speaker),
            (unsigned long long) entry->crossed->kept + 1,
            (unsigned long long) entry->crossed->acted, entry->crossed->n_grievances);
    if (entry->time_settled != NULL) {
        char until[CIVIL_TIME_SIZE], wall[CIVIL_TIME_SIZE];
        return arena_format (arena, _ ("time was in doubt at %s, and is %s"),
                             civil_format_time (entry->time_settled->until_ms, until),
                             civil_format_time (entry->time_settled->wall_ms, wall));
    }
    if (entry->damaged != NULL)
        return arena_format (arena, _ ("entry %llu"),
                             (unsigned long long) entry->damaged->damaged);
    if (entry->restated_all != NULL)
        return arena_format (arena, _ ("%llu are open"),
                             (unsigned long long) entry->restated_all->count);
    return "";
}

static const char *detail (struct cli *cli, const struct entry *entry)
{
    struct arena *arena = &cli->arena;
    if (entry->moved != NULL)
        return moved_text (cli, entry->moved);
    if (entry->registered != NULL)
        return registered_text (cli, entry);
    if (entry->raised != NULL)
        return arena_format (
            arena, _ ("%s: to level %u  %s"), language_word (cause, entry->raised->cause),
            entry->raised->level, cli_department_name (cli, entry->raised->department));
    if (entry->clocks != NULL)
        return arena_format (arena, _ ("%zu clock changes"), entry->clocks->n_changes);
    if (entry->notice != NULL)
        return arena_format (arena, _ ("%s to %s %u by %s"), entry->notice->template,
                             language_word (recipient, entry->notice->recipient),
                             entry->notice->to, entry->notice->channel);
    if (entry->notice_moved != NULL)
        return arena_format (arena, _ ("notice %llu %s"),
                             (unsigned long long) entry->notice_moved->notice,
                             language_word (notice_state, entry->notice_moved->state));
    if (entry->refused != NULL)
        return language_word (refusal, entry->refused->refusal->code);
    if (entry->asked != NULL)
        return language_word (asked, entry->asked->what);
    if (entry->ask_answered != NULL)
        return arena_format (arena, "%s: %s",
                             language_word (asked, entry->ask_answered->what),
                             entry->ask_answered->taken ? _ ("taken") : _ ("too late"));
    if (entry->raise_ended != NULL)
        return arena_format (
            arena, _ ("raise %llu: %s"), (unsigned long long) entry->raise_ended->raise,
            entry->raise_ended->withdrawn ? _ ("withdrawn") : _ ("answered"));
    if (entry->started != NULL)
        return arena_format (arena, "%s%s", entry->started->version,
                             entry->started->unclean ? _ (", after an unclean stop")
                                                     : "");
    if (entry->table != NULL)
        return arena_format (arena, "%s %016llx", entry->table->name,
                             (unsigned long long) entry->table->version);
    return life_text (arena, entry);
}

#define KIND_COLUMNS 14

static void print_line (const struct entry *entry, const char *time, const char *number,
                        const char *text)
{
    const char *kind = language_word (kind, entry->kind);
    int gap = KIND_COLUMNS - language_width (kind);
    printf ("%8llu  %s%c %s%*s %-22s %s\n", (unsigned long long) entry->sequence, time,
            entry->time_uncertain ? '?' : ' ', kind, gap > 0 ? gap : 0, "", number, text);
}

static int print_entry (void *arg, const struct entry *entry, const struct followed *raw,
                        const struct hash *leaf_hash)
{
    struct printing *printing = arg;
    struct cli *cli = printing->cli;
    (void) raw;
    bool hides = is_hidden (printing, entry);
    if (printing->number != 0 && (hides || entry->grievance != printing->number))
        return 0;
    char time[CIVIL_TIME_SIZE], number[NUMBER_TEXT_SIZE] = "", leaf[HASH_TEXT_SIZE];
    civil_format_time (entry->time_ms, time);
    if (!hides && number_is_valid (entry->grievance))
        number_format (entry->grievance, number);
    const char *text = hides ? _ ("not shown") : detail (cli, entry);
    const struct actor *actor = hides ? NULL : entry->actor;
    hash_text (leaf_hash, leaf);
    if (cli->json)
        cli_json_line (json_pack (
            "{s:I, s:I, s:b, s:s, s:s, s:s, s:s, s:I, s:I}", "sequence",
            (json_int_t) entry->sequence, "time_ms", (json_int_t) entry->time_ms,
            "time_uncertain", entry->time_uncertain, "kind", kind_name (entry->kind),
            "number", number, "detail", text, "leaf", leaf, "client",
            (json_int_t) (actor != NULL ? actor->client : 0), "counter",
            (json_int_t) (actor != NULL ? actor->counter : 0)));
    else
        print_line (entry, time, number, text);
    fflush (stdout);
    arena_reset (&cli->arena);
    return --printing->left == 0;
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    int rc = EX_OK;
    struct printing printing = { .cli = cli, .left = UINT64_MAX };
    struct tail tail = { .follow = arguments->values[OPTION_FOLLOW] != NULL,
                         .visit = print_entry,
                         .arg = &printing };
    uint64_t from = 1;
    if (!speaker_parse (arguments->rest[0], &tail.speaker))
        return cli_fail (
            cli, EX_USAGE,
            _ ("\"%s\" is none of intake, routing, escalation, notification"),
            arguments->rest[0]);
    if ((arguments->values[OPTION_FROM] != NULL &&
         cli_unsigned (cli, "--from", arguments->values[OPTION_FROM], UINT64_MAX, &from) <
             0) ||
        (arguments->values[OPTION_LIMIT] != NULL &&
         cli_unsigned (cli, "--limit", arguments->values[OPTION_LIMIT], UINT64_MAX,
                       &printing.left) < 0) ||
        (arguments->values[OPTION_NUMBER] != NULL &&
         cli_number (cli, arguments->values[OPTION_NUMBER], &printing.number) < 0))
        return cli_fail_err (cli);
    tail.after = from > 0 ? from - 1 : 0;
    printing.is_whole = tail.after == 0;
    struct session *session;
    if (session_open (cli, "operator", &session) < 0)
        return cli_fail_err (cli);
    cli_rules (cli); /* names; without tables, numbers */
    rc = tail_read (session, &tail);
    session_close (&session);
    map_done (&printing.accusations);
    return rc < 0 ? cli_fail_err (cli) : EX_OK;
}

const struct cli_command subcommand_journal = {
    .name = "journal",
    .arguments = "SERVICE",
    .summary = N_ ("read a daemon's journal: what it says, entry by entry"),
    .example = "minqing journal routing --follow\n"
               "minqing journal intake --number 20261123-00101-00034-X",
    .options = options,
    .min = 1,
    .max = 1,
    .run = run,
};
