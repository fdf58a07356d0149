/* SPDX-License-Identifier: Apache-2.0 */
/* A million open grievances, every one of which is late once:
 *
 *     build     registered over 31 hours, placed, nine of ten claimed; each is owed an
 *               acceptance within 48 hours (water, power, gas, heat)
 *     day       24 hours of stepped clock, second by second
 *     downtime  six hours, in which 1,000 of the due were closed; caught up after it
 *     hour      a fresh process opens that store and runs an hour
 *
 * The core is the daemon's, its store is on disk and durable (but for the build), its
 * sources are fed (bench/feed.h). Every raise is then held against what was due. Exit
 * status 1 when a figure misses. */
#include <errno.h>
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
#include "base/log.h"
#include "base/number.h"
#include "bench/feed.h"
#include "escalation/escalation.h"
#include "wire/wire.h"

#define TERMINALS        40 /* a fiftieth of a province files at each */
#define TERMINAL_FIRST   101
#define LONELY_FIRST     901 /* departments without a superior */
#define LONELY_COUNT     5
#define CLOSED_MEANWHILE 1000
#define SECOND_MS        INT64_C (1000)
#define BUILD_MS         (31 * CIVIL_HOUR_MS) /* registrations, and so breaches, spread over */
#define BUILD_BATCH      2000                 /* grievances in a turn, */
#define BUILD_FRAME      200 /* and in a frame: each has up to two entries of routing */
#define ACCEPT_MS        (48 * CIVIL_HOUR_MS)
#define DAY_END_MS       (72 * CIVIL_HOUR_MS)
#define DOWN_END_MS      (78 * CIVIL_HOUR_MS)
#define HOUR_END_MS      (79 * CIVIL_HOUR_MS)
#define MAP_MIB          32768

/* What is asked of it. */
#define START_MOST_MS 1000.0
#define ANON_MOST_KIB (32 * 1024)
#define LATE_MOST_MS  1000

static int64_t zero_ms; /* Monday 2026-11-23, 00:00: the first registration */

/* ---- one grievance -------------------------------------------------------------------- */

static struct options {
    uint64_t grievances;
    const char *dir;
    bool json, keeps, is_hour;
} options = { .grievances = 1000000 };

static uint64_t number_of (uint64_t i)
{
    return number_make (civil_day (zero_ms), TERMINAL_FIRST + (uint32_t) (i % TERMINALS),
                        1 + (uint32_t) (i / TERMINALS));
}

static uint64_t index_of (uint64_t number)
{
    return (uint64_t) (number_serial (number) - 1) * TERMINALS +
           (number_terminal (number) - TERMINAL_FIRST);
}

/* When it was registered; two days later its acceptance is due. */
static int64_t registered_ms (uint64_t i)
{
    return zero_ms +
           (int64_t) ((double) BUILD_MS * (double) i / (double) options.grievances);
}

static int64_t due_ms (uint64_t i)
{
    return registered_ms (i) + ACCEPT_MS;
}

/* Of those due during the downtime every so manieth was closed meanwhile. */
static bool is_closed_meanwhile (uint64_t i)
{
    uint64_t in_downtime = options.grievances * 6 / 31;
    uint64_t every = in_downtime / CLOSED_MEANWHILE;

    return due_ms (i) > zero_ms + DAY_END_MS && due_ms (i) <= zero_ms + DOWN_END_MS &&
           i % (every > 0 ? every : 1) == 0;
}

static uint32_t department_of (uint64_t i)
{
    return i % 20 == 7 ? LONELY_FIRST + (uint32_t) (i / 20 % LONELY_COUNT)
                       : 11 + (uint32_t) (i % 9);
}

static struct matter matter_of (uint64_t i)
{
    return (struct matter){ .village = 340522100001 + i % 8,
                            .category = "城乡建设/城市建设和市政管理/自来水供应",
                            .purpose = PURPOSE_REQUEST,
                            .form = FORM_TELEPHONE,
                            .terminal = TERMINAL_FIRST + (uint32_t) (i % TERMINALS) };
}

static struct entry registered_entry (uint64_t i, struct matter *matter,
                                      struct registered *registered)
{
    static const uint8_t code_hash[WIRE_HASH_SIZE] = { 2 };

    *registered = (struct registered){ .filed_at_ms = registered_ms (i),
                                       .counted_from_ms = registered_ms (i),
                                       .expected_department = department_of (i),
                                       .responsibility_row = 11,
                                       .table_version = 1,
                                       .code_hash = BYTES_OF (code_hash) };
    return (struct entry){ .kind = KIND_REGISTERED,
                           .time_ms = registered_ms (i),
                           .grievance = number_of (i),
                           .matter = matter,
                           .registered = registered };
}

static struct entry moved_entry (uint64_t i, struct matter *matter, struct moved *moved,
                                 enum step step, enum state from, enum state to,
                                 int64_t time_ms)
{
    *moved =
        (struct moved){ .step = step,
                        .from = from,
                        .to = to,
                        .department = department_of (i),
                        .counted_from_ms = step == STEP_PLACE ? registered_ms (i) : 0 };
    return (struct entry){ .kind = KIND_MOVED,
                           .time_ms = time_ms,
                           .grievance = number_of (i),
                           .matter = matter,
                           .moved = moved };
}

/* ---- the daemon, without its sockets -------------------------------------------------- */

enum { INTAKE, ROUTING, NOTIFICATION, FEEDS };

static struct daemon {
    struct core *core;
    struct feed feeds[FEEDS];
} escalation;

static void die (const char *what, const struct err *err)
{
    fprintf (stderr, "escalation_bench: %s: %s\n", what,
             err ? err->text : strerror (errno));
    exit (EX_SOFTWARE);
}

static double seconds (void)
{
    struct timespec now;

    clock_gettime (CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static struct bytes patched (struct buffer *buffer, struct bytes table, const char *find,
                             const char *put, const char *more)
{
    const char *at = memmem (table.data, table.size, find, strlen (find));
    size_t before;

    if (!at)
        die ("the shipped tables are others", NULL);
    before = (size_t) (at - (const char *) table.data);
    buffer_append (buffer, table.data, before);
    buffer_append (buffer, put, strlen (put));
    buffer_append (buffer, at + strlen (find), table.size - before - strlen (find));
    buffer_append (buffer, more, strlen (more));
    return buffer_bytes (buffer);
}

/* The shipped township, with departments that have neither superior nor leader, and with
 * time enough to build before the breach that is counted, which nothing announces. */
static void start (int64_t now_ms)
{
    static const char clients[] =
        "number\trole\tkey\tterritory\tdepartment\tname\n"
        "1\toperator\t"
        "0101010101010101010101010101010101010101010101010101010101010101\t\t\tops\n";
    static const char row[] = "\taccept\t职责\t*\t水电气热\t24\t小时\t否\t-\t";
    static const char late[] = "\taccept\t职责\t*\t水电气热\t48\t小时\t否\t100\t";
    struct buffer departments = { 0 }, deadlines = { 0 };
    char lonely[1024] = "";
    struct rules_files files;
    struct err err = { 0 };

    for (unsigned i = 0; i < LONELY_COUNT; i++)
        snprintf (lonely + strlen (lonely), sizeof lonely - strlen (lonely),
                  "%u\t无上级单位%u\tlonely %u\t镇\t340522100\t-\t-\t-\t-\t-\t-\n",
                  LONELY_FIRST + i, i, i);
    if (rules_read_dir (&files, SOURCE_DIR "/deploy/config/tables", &err) < 0)
        die ("tables", &err);
    files.sources[RULES_DEADLINES].bytes =
        patched (&deadlines, files.sources[RULES_DEADLINES].bytes, row, late, "");
    files.sources[RULES_DEPARTMENTS].bytes = patched (
        &departments, files.sources[RULES_DEPARTMENTS].bytes, "\n", "\n", lonely);
    if (core_start (escalation.core, files.sources, bytes_of_text (clients), now_ms,
                    &err) < 0)
        die ("start", &err);
    rules_files_done (&files);
    buffer_done (&departments);
    buffer_done (&deadlines);
}

static void open_core (bool is_volatile)
{
    static const enum speaker speakers[FEEDS] = { SPEAKER_INTAKE, SPEAKER_ROUTING,
                                                  SPEAKER_NOTIFICATION };
    struct core_options core_options = { .dir = options.dir,
                                         .map_mib = MAP_MIB,
                                         .is_volatile = is_volatile };
    struct arena arena;
    struct status status;
    struct err err = { 0 };

    memset (core_options.random, 7, sizeof core_options.random);
    if (core_open (&escalation_service, &core_options, &escalation.core, &err) < 0)
        die ("open", &err);
    arena_init (&arena, 0);
    core_status (escalation.core, &arena, 0, &status);
    for (size_t i = 0; i < FEEDS; i++) {
        feed_init (&escalation.feeds[i], speakers[i], status.positions[i].acted);
        core_connected (escalation.core, speakers[i]);
    }
    arena_done (&arena);
}

static void close_core (void)
{
    core_close (&escalation.core, true);
    for (size_t i = 0; i < FEEDS; i++)
        feed_done (&escalation.feeds[i]);
}

static void turn (const struct input *inputs, size_t count, int64_t now_ms)
{
    struct outbox *outbox;
    struct err err = { 0 };

    if (core_turn (escalation.core, inputs, count, now_ms, &outbox, &err) < 0)
        die ("turn", &err);
}

/* What the three sources have said, in one turn; then whatever is due. Returns the wall
 * seconds of the longest turn. */
static double turns (int64_t complete_ms, int64_t now_ms)
{
    struct input inputs[FEEDS];
    double longest, since = seconds ();

    for (size_t i = 0; i < FEEDS; i++)
        inputs[i] = feed_input (&escalation.feeds[i], complete_ms);
    turn (inputs, FEEDS, now_ms);
    for (size_t i = 0; i < FEEDS; i++)
        feed_clear (&escalation.feeds[i]);
    longest = seconds () - since;
    while (core_wake_ms (escalation.core, now_ms) <= now_ms) {
        since = seconds ();
        turn (NULL, 0, now_ms);
        if (seconds () - since > longest)
            longest = seconds () - since;
    }
    return longest;
}

/* ---- the story ------------------------------------------------------------------------- */

static struct figures {
    uint64_t due, fired, once, early, most_late_ms;
    double slowest_second; /* wall seconds that a simulated one took */
    uint64_t down_due, down_once, closed_raised, out_of_order;
    double catch_up, longest_turn;
    double build, day, start_ms, hour_start_ms;
    uint64_t anon_kib, bytes, entries;
} figures;

static void say (struct feed *feed, struct entry entry)
{
    if (!feed_say (feed, &entry))
        die ("a frame is full", NULL);
}

/* Registered and placed; claimed where it is not one of the ten per cent. Frames hold 500
 * entries: a few for each turn. */
static void build (void)
{
    double since = seconds ();
    uint64_t i = 0;

    open_core (true);
    start (zero_ms);
    while (i < options.grievances) {
        struct input inputs[FEEDS * BUILD_BATCH / BUILD_FRAME];
        struct arena frames;
        size_t count = 0;
        uint64_t end =
            i + BUILD_BATCH < options.grievances ? i + BUILD_BATCH : options.grievances;
        int64_t now_ms = zero_ms;

        arena_init (&frames, 0);
        while (i < end) {
            for (unsigned n = 0; n < BUILD_FRAME && i < end; n++, i++) {
                struct matter matter = matter_of (i);
                struct registered registered;
                struct moved moved;

                now_ms = registered_ms (i);
                say (&escalation.feeds[INTAKE],
                     registered_entry (i, &matter, &registered));
                say (&escalation.feeds[ROUTING],
                     moved_entry (i, &matter, &moved, STEP_PLACE, STATE_NONE,
                                  STATE_DISPATCHED, now_ms));
                if (i % 10 != 3)
                    say (&escalation.feeds[ROUTING],
                         moved_entry (i, &matter, &moved, STEP_CLAIM, STATE_DISPATCHED,
                                      STATE_CLAIMED, now_ms));
            }
            for (size_t k = 0; k < FEEDS; k++) {
                inputs[count] = feed_input (&escalation.feeds[k], now_ms);
                inputs[count].frame = arena_bytes (&frames, inputs[count].frame);
                count++;
                feed_clear (&escalation.feeds[k]);
            }
        }
        turn (inputs, count, now_ms);
        arena_done (&frames);
    }
    close_core ();
    figures.build = seconds () - since;
}

static void run_day (void)
{
    double since = seconds (), day_since;

    open_core (false);
    start (zero_ms + BUILD_MS);
    turn (NULL, 0, zero_ms + BUILD_MS);
    figures.start_ms = 1000 * (seconds () - since);
    day_since = seconds ();
    for (int64_t at_ms = zero_ms + ACCEPT_MS; at_ms <= zero_ms + DAY_END_MS;
         at_ms += SECOND_MS) {
        double second = seconds ();

        turns (at_ms, at_ms);
        if (seconds () - second > figures.slowest_second)
            figures.slowest_second = seconds () - second;
    }
    close_core ();
    figures.day = seconds () - day_since;
}

static void run_downtime (void)
{
    int64_t down_ms = zero_ms + DAY_END_MS, now_ms = zero_ms + DOWN_END_MS;
    double since;

    open_core (false);
    start (now_ms);
    turn (NULL, 0, now_ms);
    since = seconds ();
    for (uint64_t i = 0; i < options.grievances; i++) {
        struct matter matter = matter_of (i);
        struct moved moved;
        struct entry entry;

        if (!is_closed_meanwhile (i))
            continue;
        entry = moved_entry (i, &matter, &moved, STEP_WITHDRAW, STATE_CLAIMED,
                             STATE_CLOSED, down_ms + 1);
        if (feed_say (&escalation.feeds[ROUTING], &entry))
            continue;
        turns (0, now_ms);
        say (&escalation.feeds[ROUTING], entry);
    }
    figures.longest_turn = turns (now_ms, now_ms);
    figures.catch_up = seconds () - since;
    close_core ();
}

static uint64_t status_kib (const char *field)
{
    FILE *file = fopen ("/proc/self/status", "r");
    char line[256];
    uint64_t value = 0;

    while (file && fgets (line, sizeof line, file))
        if (strncmp (line, field, strlen (field)) == 0)
            value = strtoull (line + strlen (field) + 1, NULL, 10);
    if (file)
        fclose (file);
    return value;
}

/* In the fresh process: the answer goes to the parent as a line. */
static int run_hour (void)
{
    double since = seconds (), start_ms;

    open_core (false);
    start (zero_ms + DOWN_END_MS);
    turn (NULL, 0, zero_ms + DOWN_END_MS);
    start_ms = 1000 * (seconds () - since);
    for (int64_t at_ms = zero_ms + DOWN_END_MS; at_ms <= zero_ms + HOUR_END_MS;
         at_ms += SECOND_MS)
        turns (at_ms, at_ms);
    printf ("%" PRIu64 " %f\n", status_kib ("RssAnon:"), start_ms);
    close_core ();
    return 0;
}

static void ask_fresh_process (void)
{
    char command[1024];
    FILE *child;

    snprintf (command, sizeof command,
              "/proc/%d/exe --hour --dir '%s' --grievances %" PRIu64, (int) getpid (),
              options.dir, options.grievances);
    child = popen (command, "r");
    if (!child ||
        fscanf (child, "%" SCNu64 " %lf", &figures.anon_kib, &figures.hour_start_ms) !=
            2 ||
        pclose (child) != 0)
        die ("the fresh process", NULL);
}

/* ---- what was raised -------------------------------------------------------------------- */

/* One breach of its acceptance for each grievance that was not closed before it was due. */
static void audit (void)
{
    uint8_t *fired = calloc (options.grievances, 1);
    int64_t last_due_ms = 0;
    struct arena arena;
    struct txn *txn;
    uint64_t head;

    if (!fired)
        die ("memory", NULL);
    open_core (false);
    arena_init (&arena, 0);
    txn = txn_begin_read (core_store (escalation.core));
    head = journal_size (core_journal (escalation.core), txn);
    for (uint64_t sequence = 1; sequence <= head; sequence++) {
        struct entry entry;
        const struct raised *raised;
        int64_t late_ms;
        uint64_t i;

        arena_reset (&arena);
        if (!core_entry (escalation.core, txn, sequence, &arena, &entry, NULL))
            die ("an entry cannot be read", NULL);
        raised = entry.raised;
        if (!raised || raised->cause != CAUSE_BREACH || raised->duty != DUTY_STAGE ||
            raised->share != 100)
            continue;
        i = index_of (entry.grievance);
        figures.early += entry.time_ms < raised->due_ms || raised->due_ms != due_ms (i);
        figures.out_of_order += raised->due_ms < last_due_ms;
        last_due_ms = raised->due_ms;
        if (fired[i] < UINT8_MAX)
            fired[i]++;
        late_ms = entry.time_ms - raised->due_ms;
        /* Those of the downtime are late by what they waited. */
        if (raised->due_ms <= zero_ms + DAY_END_MS &&
            (uint64_t) late_ms > figures.most_late_ms)
            figures.most_late_ms = (uint64_t) late_ms;
    }
    figures.entries = head;
    txn_abort (&txn);
    arena_done (&arena);
    close_core ();
    for (uint64_t i = 0; i < options.grievances; i++) {
        if (is_closed_meanwhile (i)) {
            figures.closed_raised += fired[i] != 0;
        } else if (due_ms (i) <= zero_ms + DAY_END_MS) {
            figures.due++;
            figures.fired += fired[i];
            figures.once += fired[i] == 1;
        } else if (due_ms (i) <= zero_ms + DOWN_END_MS) {
            figures.down_due++;
            figures.down_once += fired[i] == 1;
        }
    }
    free (fired);
}

static void measure_store (void)
{
    char path[1024];
    struct stat stat_of;

    snprintf (path, sizeof path, "%s/data.mdb", options.dir);
    if (stat (path, &stat_of) == 0)
        figures.bytes = (uint64_t) stat_of.st_blocks * 512;
}

/* ---- telling ----------------------------------------------------------------------------- */

static void tell_table (void)
{
    printf ("%" PRIu64 " open grievances; built in %.1f s\n", options.grievances,
            figures.build);
    printf ("a day      due %" PRIu64 ", fired %" PRIu64 ", exactly once %" PRIu64
            ", early %" PRIu64 ", most late %" PRIu64 " ms\n",
            figures.due, figures.fired, figures.once, figures.early,
            figures.most_late_ms);
    printf ("           %.1f s; a simulated second took at most %.1f ms\n", figures.day,
            1000 * figures.slowest_second);
    printf ("six hours  due %" PRIu64 ", exactly once %" PRIu64 ", out of order %" PRIu64
            ", raised for the closed %" PRIu64 "\n",
            figures.down_due, figures.down_once, figures.out_of_order,
            figures.closed_raised);
    printf ("           caught up in %.1f s; the longest turn took %.1f ms\n",
            figures.catch_up, 1000 * figures.longest_turn);
    printf ("start      %.1f ms, in a fresh process %.1f ms\n", figures.start_ms,
            figures.hour_start_ms);
    printf ("memory     %.1f MiB anonymous, after an hour\n",
            (double) figures.anon_kib / 1024);
    printf ("disk       %.0f bytes a grievance, %" PRIu64 " entries\n",
            (double) figures.bytes / (double) options.grievances, figures.entries);
}

static void tell_json (bool is_good)
{
    printf ("{\"grievances\":%" PRIu64 ",\"build_s\":%.2f,\"due\":%" PRIu64
            ",\"fired\":%" PRIu64 ",\"fired_once\":%" PRIu64 ",\"early\":%" PRIu64
            ",\"most_late_ms\":%" PRIu64 ",\"day_s\":%.2f,\"slowest_second_ms\":%.2f",
            options.grievances, figures.build, figures.due, figures.fired, figures.once,
            figures.early, figures.most_late_ms, figures.day,
            1000 * figures.slowest_second);
    printf (",\"down_due\":%" PRIu64 ",\"down_once\":%" PRIu64
            ",\"out_of_order\":%" PRIu64 ",\"closed_raised\":%" PRIu64
            ",\"catch_up_s\":%.2f,\"longest_turn_ms\":%.2f",
            figures.down_due, figures.down_once, figures.out_of_order,
            figures.closed_raised, figures.catch_up, 1000 * figures.longest_turn);
    printf (",\"start_ms\":%.2f,\"fresh_start_ms\":%.2f,\"anon_kib\":%" PRIu64
            ",\"bytes\":%" PRIu64 ",\"entries\":%" PRIu64 ",\"good\":%s}\n",
            figures.start_ms, figures.hour_start_ms, figures.anon_kib, figures.bytes,
            figures.entries, is_good ? "true" : "false");
}

static bool holds (void)
{
    return figures.once == figures.due && figures.fired == figures.due &&
           figures.early == 0 && figures.most_late_ms <= LATE_MOST_MS &&
           figures.slowest_second <= 1.0 && figures.down_once == figures.down_due &&
           figures.out_of_order == 0 && figures.closed_raised == 0 &&
           figures.start_ms < START_MOST_MS && figures.hour_start_ms < START_MOST_MS &&
           figures.anon_kib <= ANON_MOST_KIB;
}

static void arguments_take (int argc, char **argv)
{
    static const struct option known[] = { { "grievances", required_argument, NULL, 'n' },
                                           { "json", no_argument, NULL, 'j' },
                                           { "dir", required_argument, NULL, 'd' },
                                           { "keep", no_argument, NULL, 'k' },
                                           { "hour", no_argument, NULL, 'h' },
                                           { 0 } };
    int option;

    while ((option = getopt_long (argc, argv, "", known, NULL)) != -1)
        switch (option) {
        case 'n':
            options.grievances = strtoull (optarg, NULL, 10);
            break;
        case 'j':
            options.json = true;
            break;
        case 'd':
            options.dir = optarg;
            break;
        case 'k':
            options.keeps = true;
            break;
        case 'h':
            options.is_hour = true;
            break;
        default:
            fprintf (stderr, "escalation_bench [--grievances N] [--dir NEW-FOLDER] "
                             "[--keep] [--json]\n");
            exit (EX_USAGE);
        }
    if (options.grievances < 100 ||
        options.grievances > TERMINALS * (uint64_t) NUMBER_SERIAL_MAX)
        options.grievances = 1000000;
}

int main (int argc, char **argv)
{
    char made[] = "/tmp/minqing-bench-XXXXXX", command[1100];
    bool is_good;

    arguments_take (argc, argv);
    if (log_set_level ("error") < 0)
        die ("the log's level", NULL);
    zero_ms = civil_day_start_ms (civil_day_of (2026, 11, 23));
    if (options.is_hour)
        return run_hour ();
    if (!options.dir)
        options.dir = mkdtemp (made);
    if (!options.dir)
        die ("a folder", NULL);
    build ();
    run_day ();
    run_downtime ();
    ask_fresh_process ();
    measure_store ();
    audit ();
    is_good = holds ();
    if (options.json)
        tell_json (is_good);
    else
        tell_table ();
    snprintf (command, sizeof command, "rm -r '%s'", options.dir);
    if (!options.keeps && system (command) != 0)
        die ("the folder stays", NULL);
    return is_good ? 0 : 1;
}
