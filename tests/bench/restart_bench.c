/* SPDX-License-Identifier: Apache-2.0 */
/* How long a daemon takes from its start to its first answer when its store has grown large,
 * and what a scrub beside the work costs.
 *
 *     fill     a town files N grievances through all four cores (stores not synced)
 *     restart  for each daemon, a fresh process opens the store as a daemon does: open, take
 *              the tables into force and commit 'started', answer a question of status
 *     scrub    intake takes filings as fast as it can, without and with a scrub beside
 *
 * Exit status 1 when a start takes a second, or the scrub more than an eighth of the rate. */
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/file.h"
#include "base/log.h"
#include "base/number.h"
#include "escalation/escalation.h"
#include "intake/intake.h"
#include "notification/notification.h"
#include "routing/routing.h"
#include "support/town_inside.h"

#define TABLES         SOURCE_DIR "/deploy/config/tables"
#define MAP_MIB        65536
#define TERMINALS      40
#define TERMINAL_FIRST 101
#define FRAME_FILINGS  50
#define TEXT_SIZE      600
#define START_MOST_MS  1000.0
#define RATIO_LEAST    0.875
#define LOAD_SECONDS   8

static const struct service_spec *const specs[] = { &intake_service, &routing_service,
                                                    &escalation_service,
                                                    &notification_service };

static struct options {
    uint64_t grievances;
    const char *dir;
    const char *one; /* measure this daemon, in this process */
    bool keeps, is_filled, loads;
} options = { .grievances = 1000000 };

static _Noreturn void die (const char *what, const struct err *err)
{
    fprintf (stderr, "restart_bench: %s%s%s\n", what, err != NULL ? ": " : "",
             err != NULL ? err->text : "");
    exit (EX_SOFTWARE);
}

static double seconds (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static int64_t steady_us (void)
{
    return (int64_t) (seconds () * 1e6);
}

static int64_t wall_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    return now.tv_sec * INT64_C (1000) + now.tv_nsec / 1000000;
}

/* Now, so that the daemons may start on the same stores; the town's day is 2026-11-23. */
static int64_t start_ms (void)
{
    const int64_t town_ms = INT64_C (1795395600000) + CIVIL_DAY_MS / 2;
    return wall_ms () > town_ms ? wall_ms () : town_ms;
}

static const char *path_of (const char *name, const char *more)
{
    static char path[1200];
    snprintf (path, sizeof path, "%s/%s%s", options.dir, name, more);
    return path;
}

/* ---- a filing ----------------------------------------------------------------------- */

struct letter_parts {
    char text[TEXT_SIZE + 1];
    struct petitioner person;
    struct statement statement;
    struct matter matter;
    struct filing filing;
};

/* The next of a terminal. */
static void filing_make (struct letter_parts *parts, unsigned terminal, uint32_t serial,
                         int64_t now_ms)
{
    uint32_t number = TERMINAL_FIRST + terminal;
    memset (parts->text, 'a' + (int) (serial % 26), TEXT_SIZE);
    parts->text[TEXT_SIZE] = '\0';
    parts->person = (struct petitioner){ .name = "张三", .telephone = "13800000000" };
    parts->statement =
        (struct statement){ .text = parts->text, .person = &parts->person };
    parts->matter = (struct matter){ .village = 340522100001 + terminal % 8,
                                     .terminal = number,
                                     .category = "国土资源/土地征收",
                                     .purpose = PURPOSE_REQUEST };
    parts->filing = (struct filing){
        .number = number_make (civil_day (now_ms), number, serial),
        .query_code = "0123ABCD",
        .filed_at_ms = now_ms,
        .matter = &parts->matter,
        .statement = &parts->statement,
    };
}

/* ---- fill --------------------------------------------------------------------------- */

static struct town_client *clients[TERMINALS], *operator_client;
static uint32_t serials[TERMINALS];

static struct town *town_make (void)
{
    struct town_options town_options = {
        .tables_dir = TABLES,
        .specs = { specs[0], specs[1], specs[2], specs[3] },
        .map_mib = MAP_MIB,
        .batch_max = 4096,
    };
    struct town *town = town_create (&town_options);
    for (unsigned i = 0; i < TERMINALS; i++)
        clients[i] =
            town_client (town, ROLE_TERMINAL, TERMINAL_FIRST + i, .territory = 340522100);
    operator_client = town_client (town, ROLE_OPERATOR, 4001, .name = "ops");
    return town;
}

static void file_round (struct town *town, unsigned terminal)
{
    struct letter_parts parts[FRAME_FILINGS];
    struct command commands[FRAME_FILINGS] = { 0 };
    struct outcome *outcomes[FRAME_FILINGS];
    for (unsigned i = 0; i < FRAME_FILINGS; i++) {
        filing_make (&parts[i], terminal, ++serials[terminal], town_now_ms (town));
        commands[i].file = &parts[i].filing;
    }
    struct command *posted =
        town_post_commands (clients[terminal], SPEAKER_INTAKE, commands, FRAME_FILINGS);
    town_await_outcomes (clients[terminal], SPEAKER_INTAKE, posted, FRAME_FILINGS,
                         outcomes);
    if (outcomes[0] == NULL || outcomes[0]->receipt == NULL)
        die (outcomes[0] != NULL && outcomes[0]->refusal != NULL
                 ? outcomes[0]->refusal->sentence
                 : "a filing had no answer",
             NULL);
}

struct keeping {
    struct buffer clients;
};

/* The table of clients as it was taken last: a daemon starts with the same. */
static void clients_keep (void *arg, const struct entry *entry, struct bytes body)
{
    struct keeping *keeping = arg;
    if (entry->table == NULL || strcmp (entry->table->name, "clients") != 0)
        return;
    buffer_clear (&keeping->clients);
    buffer_append_bytes (&keeping->clients, body);
}

static void fill (void)
{
    struct town *town = town_make ();
    struct keeping keeping = { 0 };
    struct err err = { 0 };
    uint64_t filed = 0;
    double since = seconds ();
    for (unsigned i = 0; filed < options.grievances; i = (i + 1) % TERMINALS) {
        file_round (town, i);
        filed += FRAME_FILINGS;
        town_forget (town);
        if (isatty (STDERR_FILENO) && filed % 10000 == 0)
            fprintf (stderr, "\rfiled %" PRIu64, filed);
    }
    town_step (town, 2000);
    town_journal (town, SPEAKER_INTAKE, clients_keep, &keeping);
    if (file_write (path_of ("clients.tsv", ""), buffer_bytes (&keeping.clients), 0600,
                    &err) < 0)
        die ("clients", &err);
    buffer_done (&keeping.clients);
    for (size_t i = 0; i < ARRAY_SIZE (specs); i++) {
        struct daemon *daemon = &town->daemons[specs[i]->speaker];
        town_stop (town, specs[i]->speaker);
        if (rename (daemon->dir, path_of (specs[i]->name, "")) < 0)
            die ("the store cannot be moved: another disk?", NULL);
    }
    town_destroy (&town);
    printf ("filled with %" PRIu64 " grievances in %.0f s\n", filed, seconds () - since);
}

/* ---- restart ------------------------------------------------------------------------ */

static uint64_t anon_kib (void)
{
    char line[256];
    uint64_t kib = 0;
    FILE *status = fopen ("/proc/self/status", "r");
    while (status != NULL && fgets (line, sizeof line, status) != NULL)
        if (sscanf (line, "RssAnon: %" SCNu64, &kib) == 1)
            break;
    if (status != NULL)
        fclose (status);
    return kib;
}

static struct core *open_durable (const struct service_spec *spec)
{
    struct core_options core_options = { .dir = path_of (spec->name, ""),
                                         .map_mib = MAP_MIB,
                                         .steady_us = steady_us };
    struct core *core;
    struct err err = { 0 };
    memset (core_options.random, 5, sizeof core_options.random);
    if (core_open (spec, &core_options, &core, &err) < 0)
        die (spec->name, &err);
    return core;
}

static void start (struct core *core, int64_t now_ms)
{
    struct rules_files files;
    struct buffer tsv = { 0 };
    struct err err = { 0 };
    if (rules_read_dir (&files, TABLES, &err) < 0 ||
        file_read (path_of ("clients.tsv", ""), 1 << 20, &tsv, &err) < 0 ||
        core_start (core, files.sources, buffer_bytes (&tsv), now_ms, &err) < 0)
        die ("start", &err);
    buffer_done (&tsv);
    rules_files_done (&files);
}

static struct outbox *turn (struct core *core, const struct input *inputs, size_t count,
                            int64_t now_ms)
{
    struct outbox *outbox;
    struct err err = { 0 };
    if (core_turn (core, inputs, count, now_ms, &outbox, &err) < 0)
        die ("turn", &err);
    return outbox;
}

static struct bytes key_of (uint32_t number)
{
    static uint8_t key[KEY_BYTES]; /* as the town makes them */
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t) (i + 1);
    put_be32 (key, number);
    return BYTES_OF (key);
}

static void ask_status (struct core *core, int64_t now_ms)
{
    struct control control = { .verb = CONTROL_STATUS };
    struct arena arena;
    arena_init (&arena, 0);
    struct input input = {
        .kind = INPUT_CONTROL,
        .peer = bytes_of_text ("ops"),
        .key = key_of (4001),
        .frame = to_door_encode (&arena, &(struct to_door){ .control = &control }),
    };
    if (turn (core, &input, 1, now_ms)->n_outputs == 0)
        die ("no answer", NULL);
    arena_done (&arena);
}

/* Out of the page cache: as after the machine's start. */
static void make_cold (const struct service_spec *spec)
{
    int fd = open (path_of (spec->name, "/data.mdb"), O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fsync (fd) < 0 || posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED) != 0)
        die ("the store cannot be put out of the cache", NULL);
    close (fd);
}

static double restart (const struct service_spec *spec, bool is_cold)
{
    struct status status;
    struct arena arena;
    int64_t now_ms = start_ms ();
    if (is_cold)
        make_cold (spec);
    double since = seconds ();
    struct core *core = open_durable (spec);
    double opened = seconds ();
    start (core, now_ms);
    double started = seconds ();
    ask_status (core, now_ms);
    double answered = seconds ();
    arena_init (&arena, 0);
    core_status (core, &arena, now_ms, &status);
    printf ("%-13s %-5s open %6.1f ms, started %6.1f ms, first answer %6.1f ms; "
            "RssAnon %" PRIu64 " KiB; %" PRIu64 " entries\n",
            spec->name, is_cold ? "cold" : "warm", 1000 * (opened - since),
            1000 * (started - since), 1000 * (answered - since), anon_kib (),
            status.head);
    fflush (stdout);
    arena_done (&arena);
    core_close (&core, true);
    return 1000 * (answered - since);
}

static bool restart_twice (const struct service_spec *spec)
{
    bool is_cold_good = restart (spec, true) < START_MOST_MS;
    return restart (spec, false) < START_MOST_MS && is_cold_good;
}

/* ---- scrub -------------------------------------------------------------------------- */

struct loading {
    struct core *core;
    struct arena arena;
    uint64_t counters[TERMINALS];
    uint32_t serials[TERMINALS];
    unsigned terminal; /* whose turn it is */
    int64_t now_ms;
    uint64_t taken;
    double longest;
};

/* One turn with a frame of filings of the next terminal. */
static void load_turn (struct loading *it)
{
    unsigned terminal = it->terminal++ % TERMINALS;
    struct letter_parts parts[FRAME_FILINGS];
    struct command commands[FRAME_FILINGS] = { 0 };
    arena_reset (&it->arena);
    for (unsigned i = 0; i < FRAME_FILINGS; i++) {
        filing_make (&parts[i], terminal, ++it->serials[terminal], it->now_ms);
        commands[i].counter = ++it->counters[terminal];
        commands[i].incarnation = 1;
        commands[i].file = &parts[i].filing;
    }
    struct to_door message = { .commands = commands, .n_commands = FRAME_FILINGS };
    struct input input = { .kind = INPUT_DOOR,
                           .peer = bytes_of_text ("terminal"),
                           .key = key_of (TERMINAL_FIRST + terminal),
                           .frame = to_door_encode (&it->arena, &message) };
    double since = seconds ();
    const struct outbox *outbox = turn (it->core, &input, 1, it->now_ms);
    if (outbox->n_outputs == 0 || outbox->outputs[0].frame.size < FRAME_FILINGS * 50)
        die ("the filings were not taken", NULL);
    double took = seconds () - since;
    it->longest = took > it->longest ? took : it->longest;
    it->taken += FRAME_FILINGS;
}

/* Of this process: what other programs do to the disk is not in it. */
static double cpu_seconds (void)
{
    struct timespec now;
    clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static double load_for (struct loading *it, const char *what)
{
    double since = seconds (), cpu = cpu_seconds ();
    it->taken = 0;
    it->longest = 0;
    while (seconds () - since < LOAD_SECONDS)
        load_turn (it);
    double rate = (double) it->taken / (seconds () - since);
    printf ("intake %-14s %8.0f filings/s, %.1f us of processor each, longest turn "
            "%.1f ms, RssAnon %" PRIu64 " KiB\n",
            what, rate, 1e6 * (cpu_seconds () - cpu) / (double) it->taken,
            1000 * it->longest, anon_kib ());
    return rate;
}

static struct scrub scrub_of (struct loading *it)
{
    static struct arena arena;
    struct status status;
    arena_reset (&arena);
    core_status (it->core, &arena, it->now_ms, &status);
    return *status.scrub;
}

static void scrub_ask (struct loading *it)
{
    struct control control = { .verb = CONTROL_SCRUB };
    arena_reset (&it->arena);
    struct input input = {
        .kind = INPUT_CONTROL,
        .peer = bytes_of_text ("ops"),
        .key = key_of (4001),
        .frame = to_door_encode (&it->arena, &(struct to_door){ .control = &control }),
    };
    turn (it->core, &input, 1, it->now_ms);
    if (!scrub_of (it).running)
        die ("the scrub did not begin", NULL);
}

/* Beside two thousand commands a second: it folds a few thousand more than come. */
static void scrub_to_its_end (struct loading *it)
{
    double since = seconds (), next = since;
    uint64_t anon = 0, rounds = 0;
    if (!scrub_of (it).running)
        scrub_ask (it);
    it->longest = 0;
    it->taken = 0;
    while (scrub_of (it).running) {
        if (seconds () >= next) {
            load_turn (it);
            next += FRAME_FILINGS / 2000.0;
        } else {
            turn (it->core, NULL, 0, it->now_ms);
        }
        if (++rounds % 256 == 0 && anon_kib () > anon)
            anon = anon_kib ();
    }
    double took = seconds () - since;
    struct scrub scrub = scrub_of (it);
    printf ("scrub of %" PRIu64 " records beside %.0f filings/s: %.0f s, %" PRIu64
            " differ, longest turn %.1f ms, RssAnon at most %" PRIu64 " KiB\n",
            scrub.records, (double) it->taken / took, took, scrub.differences,
            1000 * it->longest, anon);
}

/* Go on where each terminal's counter is. */
static void counters_read (struct loading *it)
{
    static const struct clients_tables tables = { .counters = CORE_COUNTERS,
                                                  .outcomes = CORE_OUTCOMES };
    struct txn *txn = txn_begin_read (core_store (it->core));
    for (unsigned i = 0; i < TERMINALS; i++) {
        struct client_place place;
        clients_place (txn, &tables, TERMINAL_FIRST + i, &place);
        it->counters[i] = place.next_counter - 1;
    }
    txn_abort (&txn);
}

static bool load (void)
{
    struct loading it = { .core = open_durable (&intake_service),
                          .now_ms = start_ms () + CIVIL_DAY_MS };
    arena_init (&it.arena, 0);
    start (it.core, it.now_ms);
    counters_read (&it);
    load_for (&it, "from cold");
    double alone = load_for (&it, "alone");
    scrub_ask (&it);
    double beside = load_for (&it, "beside a scrub");
    printf ("ratio %.3f\n", beside / alone);
    fflush (stdout);
    scrub_to_its_end (&it);
    arena_done (&it.arena);
    core_close (&it.core, true);
    return beside / alone >= RATIO_LEAST;
}

/* At one go, as by --scrub. */
static bool scrub_alone (void)
{
    struct core *core = open_durable (&intake_service);
    struct scrub scrub;
    struct err err = { 0 };
    double since = cpu_seconds ();
    if (core_scrub (core, &scrub, &err) < 0)
        die ("scrub", &err);
    printf ("scrub of %" PRIu64
            " records at one go: %.1f s of processor, RssAnon %" PRIu64 " KiB\n",
            scrub.records, cpu_seconds () - since, anon_kib ());
    core_close (&core, false);
    return scrub.differences == 0;
}

/* ---- the program -------------------------------------------------------------------- */

/* In a process of its own, so that memory is its own too. */
static bool ask_process (const char *name)
{
    int status = 0;
    fflush (NULL);
    pid_t pid = fork ();
    if (pid == 0) {
        execl ("/proc/self/exe", "restart_bench", "--dir", options.dir, "--one", name,
               (char *) NULL);
        _exit (EX_OSERR);
    }
    return pid > 0 && waitpid (pid, &status, 0) == pid && WIFEXITED (status) &&
           WEXITSTATUS (status) == 0;
}

static int measure_one (void)
{
    if (strcmp (options.one, "load") == 0)
        return load () ? 0 : 1;
    if (strcmp (options.one, "scrub") == 0)
        return scrub_alone () ? 0 : 1;
    for (size_t i = 0; i < ARRAY_SIZE (specs); i++)
        if (strcmp (options.one, specs[i]->name) == 0)
            return restart_twice (specs[i]) ? 0 : 1;
    return EX_USAGE;
}

static void arguments_take (int argc, char **argv)
{
    static const struct option known[] = { { "grievances", required_argument, NULL, 'n' },
                                           { "dir", required_argument, NULL, 'd' },
                                           { "one", required_argument, NULL, 'o' },
                                           { "filled", no_argument, NULL, 'f' },
                                           { "keep", no_argument, NULL, 'k' },
                                           { 0 } };
    int option;
    while ((option = getopt_long (argc, argv, "", known, NULL)) != -1)
        switch (option) {
        case 'n':
            options.grievances = strtoull (optarg, NULL, 10);
            break;
        case 'd':
            options.dir = optarg;
            break;
        case 'o':
            options.one = optarg;
            break;
        case 'f':
            options.is_filled = true;
            break;
        case 'k':
            options.keeps = true;
            break;
        default:
            fprintf (stderr, "restart_bench [--grievances N] [--dir FOLDER] [--filled] "
                             "[--keep]\n");
            exit (EX_USAGE);
        }
}

/* What is kept stays as it was filled: filings are taken into a copy of intake's store. */
static bool copy_make (void)
{
    static char copy[1024];
    char command[6000];
    snprintf (copy, sizeof copy, "%s/copy", options.dir);
    snprintf (command, sizeof command,
              "mkdir -p '%s/intake' && cp '%s/clients.tsv' '%s' && "
              "cp --sparse=always '%s/intake/data.mdb' '%s/intake'",
              copy, options.dir, copy, options.dir, copy);
    options.dir = copy;
    return system (command) == 0;
}

int main (int argc, char **argv)
{
    char made[] = "/tmp/minqing-bench-XXXXXX", command[1100];
    arguments_take (argc, argv);
    if (log_set_level ("error") < 0)
        die ("the log's level", NULL);
    if (options.one != NULL)
        return measure_one ();
    if (options.dir == NULL)
        options.dir = mkdtemp (made);
    if (options.dir == NULL)
        die ("a folder", NULL);
    if (!options.is_filled)
        fill ();
    bool is_good = true;
    for (size_t i = 0; i < ARRAY_SIZE (specs); i++)
        is_good &= ask_process (specs[i]->name);
    is_good &= ask_process ("scrub");
    if (options.keeps && !copy_make ())
        die ("intake's store cannot be copied", NULL);
    is_good &= ask_process ("load");
    snprintf (command, sizeof command, "rm -r '%s'", options.dir); /* or the copy */
    if (system (command) != 0)
        die ("the folder stays", NULL);
    return is_good ? 0 : 1;
}
