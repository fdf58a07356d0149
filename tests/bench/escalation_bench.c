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
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/number.h"
#include "bench/fed.h"
#include "bench/million.h"

#define SECOND_MS   INT64_C (1000)
#define BUILD_BATCH 2000 /* grievances in a turn, */
#define BUILD_FRAME 200  /* and in a frame: each has up to two entries of routing */

/* What is asked of it. */
#define START_MOST_MS 1000.0
#define ANON_MOST_KIB (32 * 1024)
#define LATE_MOST_MS  1000

static struct options {
    uint64_t grievances;
    const char *dir;
    bool json, keeps, is_hour;
} options = { .grievances = 1000000 };

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
        fed_die ("a frame is full", NULL);
}

/* Registered and placed; claimed where it is not one of the ten per cent. Frames hold 500
 * entries: a few for each turn. */
static void build (void)
{
    double since = fed_seconds ();
    uint64_t i = 0;

    fed_open (options.dir, true);
    fed_start (million_zero_ms ());
    while (i < options.grievances) {
        struct input inputs[FED_FEEDS * BUILD_BATCH / BUILD_FRAME];
        struct arena frames;
        size_t count = 0;
        uint64_t end =
            i + BUILD_BATCH < options.grievances ? i + BUILD_BATCH : options.grievances;
        int64_t now_ms = million_zero_ms ();

        arena_init (&frames, 0);
        while (i < end) {
            for (unsigned n = 0; n < BUILD_FRAME && i < end; n++, i++) {
                struct matter matter = million_matter (i);
                struct registered registered;
                struct moved moved;

                now_ms = million_registered_ms (i);
                say (&fed.feeds[FED_INTAKE],
                     million_registered (i, &matter, &registered));
                say (&fed.feeds[FED_ROUTING],
                     million_moved (i, &matter, &moved, STEP_PLACE, STATE_NONE,
                                    STATE_DISPATCHED, now_ms));
                if (i % 10 != 3)
                    say (&fed.feeds[FED_ROUTING],
                         million_moved (i, &matter, &moved, STEP_CLAIM, STATE_DISPATCHED,
                                        STATE_CLAIMED, now_ms));
            }
            for (size_t k = 0; k < FED_FEEDS; k++) {
                inputs[count] = feed_input (&fed.feeds[k], now_ms);
                inputs[count].frame = arena_bytes (&frames, inputs[count].frame);
                count++;
                feed_clear (&fed.feeds[k]);
            }
        }
        fed_turn (inputs, count, now_ms);
        arena_done (&frames);
    }
    fed_close ();
    figures.build = fed_seconds () - since;
}

static void run_day (void)
{
    double since = fed_seconds (), day_since;

    fed_open (options.dir, false);
    fed_start (million_zero_ms () + MILLION_BUILD_MS);
    fed_turn (NULL, 0, million_zero_ms () + MILLION_BUILD_MS);
    figures.start_ms = 1000 * (fed_seconds () - since);
    day_since = fed_seconds ();
    for (int64_t at_ms = million_zero_ms () + MILLION_ACCEPT_MS;
         at_ms <= million_zero_ms () + MILLION_DAY_END_MS; at_ms += SECOND_MS) {
        double second = fed_seconds ();

        fed_turns (at_ms, at_ms);
        if (fed_seconds () - second > figures.slowest_second)
            figures.slowest_second = fed_seconds () - second;
    }
    fed_close ();
    figures.day = fed_seconds () - day_since;
}

static void run_downtime (void)
{
    int64_t down_ms = million_zero_ms () + MILLION_DAY_END_MS,
            now_ms = million_zero_ms () + MILLION_DOWN_END_MS;
    double since;

    fed_open (options.dir, false);
    fed_start (now_ms);
    fed_turn (NULL, 0, now_ms);
    since = fed_seconds ();
    for (uint64_t i = 0; i < options.grievances; i++) {
        struct matter matter = million_matter (i);
        struct moved moved;
        struct entry entry;

        if (!million_is_closed_meanwhile (i))
            continue;
        entry = million_moved (i, &matter, &moved, STEP_WITHDRAW, STATE_CLAIMED,
                               STATE_CLOSED, down_ms + 1);
        if (feed_say (&fed.feeds[FED_ROUTING], &entry))
            continue;
        fed_turns (0, now_ms);
        say (&fed.feeds[FED_ROUTING], entry);
    }
    figures.longest_turn = fed_turns (now_ms, now_ms);
    figures.catch_up = fed_seconds () - since;
    fed_close ();
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
    double since = fed_seconds (), start_ms;

    fed_open (options.dir, false);
    fed_start (million_zero_ms () + MILLION_DOWN_END_MS);
    fed_turn (NULL, 0, million_zero_ms () + MILLION_DOWN_END_MS);
    start_ms = 1000 * (fed_seconds () - since);
    for (int64_t at_ms = million_zero_ms () + MILLION_DOWN_END_MS;
         at_ms <= million_zero_ms () + MILLION_HOUR_END_MS; at_ms += SECOND_MS)
        fed_turns (at_ms, at_ms);
    printf ("%" PRIu64 " %f\n", status_kib ("RssAnon:"), start_ms);
    fed_close ();
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
        fed_die ("the fresh process", NULL);
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
        fed_die ("memory", NULL);
    fed_open (options.dir, false);
    arena_init (&arena, 0);
    txn = txn_begin_read (core_store (fed.core));
    head = journal_size (core_journal (fed.core), txn);
    for (uint64_t sequence = 1; sequence <= head; sequence++) {
        struct entry entry;
        const struct raised *raised;
        int64_t late_ms;
        uint64_t i;

        arena_reset (&arena);
        if (!core_entry (fed.core, txn, sequence, &arena, &entry, NULL))
            fed_die ("an entry cannot be read", NULL);
        raised = entry.raised;
        if (!raised || raised->cause != CAUSE_BREACH || raised->duty != DUTY_STAGE ||
            raised->share != 100)
            continue;
        i = million_index (entry.grievance);
        figures.early +=
            entry.time_ms < raised->due_ms || raised->due_ms != million_due_ms (i);
        figures.out_of_order += raised->due_ms < last_due_ms;
        last_due_ms = raised->due_ms;
        if (fired[i] < UINT8_MAX)
            fired[i]++;
        late_ms = entry.time_ms - raised->due_ms;
        /* Those of the downtime are late by what they waited. */
        if (raised->due_ms <= million_zero_ms () + MILLION_DAY_END_MS &&
            (uint64_t) late_ms > figures.most_late_ms)
            figures.most_late_ms = (uint64_t) late_ms;
    }
    figures.entries = head;
    txn_abort (&txn);
    arena_done (&arena);
    fed_close ();
    for (uint64_t i = 0; i < options.grievances; i++) {
        if (million_is_closed_meanwhile (i)) {
            figures.closed_raised += fired[i] != 0;
        } else if (million_due_ms (i) <= million_zero_ms () + MILLION_DAY_END_MS) {
            figures.due++;
            figures.fired += fired[i];
            figures.once += fired[i] == 1;
        } else if (million_due_ms (i) <= million_zero_ms () + MILLION_DOWN_END_MS) {
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
        options.grievances > MILLION_TERMINALS * (uint64_t) NUMBER_SERIAL_MAX)
        options.grievances = 1000000;
}

int main (int argc, char **argv)
{
    char made[] = "/tmp/minqing-bench-XXXXXX", command[1100];
    bool is_good;

    arguments_take (argc, argv);
    if (log_set_level ("error") < 0)
        fed_die ("the log's level", NULL);
    million_begin (options.grievances);
    if (options.is_hour)
        return run_hour ();
    if (!options.dir)
        options.dir = mkdtemp (made);
    if (!options.dir)
        fed_die ("a folder", NULL);
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
        fed_die ("the folder stays", NULL);
    return is_good ? 0 : 1;
}
