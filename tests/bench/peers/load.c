/* SPDX-License-Identifier: Apache-2.0 */
/* One record of three times a message, kept until the end and sorted then: percentiles are
 * exact. Measured is what was filed and what arrived within the interval after the
 * warming up; what is filed before or arrives after counts for the check alone. */
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <time.h>

#include "load.h"

#define TERMINALS      199u /* as many as the township has */
#define TERMINAL_FIRST 101u
#define CATEGORIES     150u
#define AHEAD_TIMES    10u
#define SILENCE_US     UINT64_C (20000000)
#define NEVER          UINT32_MAX
#define DAY            UINT64_C (20261123)
#define SERIALS        99999u

struct record {
    uint32_t filed_us, acknowledged_us, arrived_us; /* since the start; NEVER: not yet */
};

static struct {
    struct load_options options;
    struct record *records;
    size_t capacity;
    uint64_t filed, acknowledged, arrived;
    uint64_t began_us, last_us; /* the last arrival */
    char text[LOAD_TEXT_SIZE + 1];
} load;

_Noreturn void load_die (const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    vfprintf (stderr, format, arguments);
    va_end (arguments);
    fputc ('\n', stderr);
    exit (EX_SOFTWARE);
}

static uint64_t clock_us (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

static uint32_t since_start_us (void)
{
    return (uint32_t) (clock_us () - load.began_us);
}

static uint32_t measured_from_us (void)
{
    return load.options.warm_seconds * 1000000u;
}

static uint32_t measured_until_us (void)
{
    return measured_from_us () + load.options.seconds * 1000000u;
}

/* ---- filing and arriving -------------------------------------------------------------- */

void load_start (const struct load_options *options)
{
    static const char words[] =
        "村道年久失修，雨后积水，车辆难行，望有关部门核实后早日修缮。";
    load.options = *options;
    if (load.options.ahead == 0)
        load.options.ahead =
            load.options.window == 1 ? 1 : AHEAD_TIMES * load.options.window;
    for (size_t i = 0; i < LOAD_TEXT_SIZE; i++)
        load.text[i] = ' ';
    for (size_t at = 24; at + sizeof words <= LOAD_TEXT_SIZE; at += sizeof words - 1)
        memcpy (load.text + at, words, sizeof words - 1);
    load.began_us = load.last_us = clock_us ();
}

bool load_is_filing (void)
{
    return since_start_us () < measured_until_us ();
}

unsigned load_may_file (void)
{
    if (!load_is_filing ())
        return 0;
    uint64_t outstanding = load.filed - load.acknowledged;
    uint64_t unclaimed = load.filed - load.arrived;
    if (outstanding >= load.options.window || unclaimed >= load.options.ahead)
        return 0;
    uint64_t by_window = load.options.window - outstanding;
    uint64_t by_ahead = load.options.ahead - unclaimed;
    return (unsigned) (by_window < by_ahead ? by_window : by_ahead);
}

void load_file (struct message *ret_message)
{
    uint64_t sequence = load.filed++;
    if (sequence == load.capacity) {
        load.capacity = load.capacity == 0 ? 1u << 20 : 2 * load.capacity;
        load.records = realloc (load.records, load.capacity * sizeof *load.records);
        if (load.records == NULL)
            load_die ("out of memory");
    }
    uint64_t counter = sequence / TERMINALS + 1;
    uint32_t terminal = TERMINAL_FIRST + (uint32_t) (sequence % TERMINALS);
    *ret_message = (struct message){
        .sequence = sequence,
        .number = (DAY + counter / SERIALS) * UINT64_C (10000000000) +
                  terminal * UINT64_C (100000) + counter % SERIALS + 1,
        .counter = counter,
        .terminal = terminal,
        .category = (uint32_t) (sequence * 7 % CATEGORIES) + 1,
        .department = (uint32_t) (sequence % load.options.departments),
        .text = load.text,
    };
    snprintf (ret_message->village, sizeof ret_message->village, "330100%06u",
              terminal % 1000000);
    char serial[24];
    int length = snprintf (serial, sizeof serial, "%020" PRIu64, ret_message->number);
    memcpy (load.text, serial, (size_t) length);
    load.records[sequence] = (struct record){ since_start_us (), NEVER, NEVER };
}

void load_acknowledged (uint64_t sequence)
{
    if (sequence >= load.filed || load.records[sequence].acknowledged_us != NEVER)
        load_die ("message %" PRIu64 " was acknowledged twice or never filed", sequence);
    load.records[sequence].acknowledged_us = since_start_us ();
    load.acknowledged++;
}

void load_arrived (uint64_t terminal, uint64_t counter)
{
    uint64_t sequence = (counter - 1) * TERMINALS + (terminal - TERMINAL_FIRST);
    if (sequence >= load.filed || load.records[sequence].arrived_us != NEVER)
        load_die ("filing %" PRIu64 " of terminal %" PRIu64
                  " was claimed twice or never filed",
                  counter, terminal);
    load.records[sequence].arrived_us = since_start_us ();
    load.arrived++;
    load.last_us = clock_us ();
}

bool load_is_done (void)
{
    if (clock_us () - load.last_us > SILENCE_US)
        load_die ("nothing arrived for %" PRIu64 " s: %" PRIu64 " filed, %" PRIu64
                  " acknowledged, %" PRIu64 " claimed",
                  SILENCE_US / 1000000, load.filed, load.acknowledged, load.arrived);
    return !load_is_filing () && load.arrived == load.filed &&
           load.acknowledged == load.filed;
}

uint64_t load_filed (void)
{
    return load.filed;
}

/* ---- figures -------------------------------------------------------------------------- */

static int by_size (const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *) a, other = *(const uint32_t *) b;
    return (one > other) - (one < other);
}

static void tell_times (const char *name, uint32_t *took_us, size_t count)
{
    static const struct {
        const char *name;
        unsigned percent;
    } shares[] = { { "p50", 50 }, { "p90", 90 }, { "p99", 99 }, { "max", 100 } };
    qsort (took_us, count, sizeof *took_us, by_size);
    for (size_t i = 0; i < ARRAY_SIZE (shares); i++)
        printf (", \"%s_%s_ms\": %.3f", name, shares[i].name,
                count == 0 ? 0 : took_us[(count - 1) * shares[i].percent / 100] / 1e3);
}

static double processor_seconds (void)
{
    struct rusage used;
    getrusage (RUSAGE_SELF, &used);
    return (double) (used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double) (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

void load_tell (const char *peer)
{
    uint32_t *acknowledged = calloc (load.filed + 1, sizeof *acknowledged);
    uint32_t *arrived = calloc (load.filed + 1, sizeof *arrived);
    uint64_t within = 0;
    size_t count = 0;
    if (acknowledged == NULL || arrived == NULL)
        load_die ("out of memory");
    for (uint64_t i = 0; i < load.filed; i++) {
        const struct record *record = &load.records[i];
        within += record->arrived_us >= measured_from_us () &&
                  record->arrived_us < measured_until_us ();
        if (record->filed_us < measured_from_us ())
            continue;
        acknowledged[count] = record->acknowledged_us - record->filed_us;
        arrived[count++] = record->arrived_us - record->filed_us;
    }
    printf ("{\"peer\": \"%s\", \"window\": %u, \"batch\": %u, \"seconds\": %u, "
            "\"messages\": %" PRIu64 ", \"rate\": %.1f",
            peer, load.options.window, load.options.batch, load.options.seconds,
            load.filed, (double) within / load.options.seconds);
    tell_times ("ack", acknowledged, count);
    tell_times ("desk", arrived, count);
    printf (", \"client_cpu_s_per_million\": %.2f, \"connections\": [%u, %u, %u]}\n",
            processor_seconds () * 1e6 / (double) load.filed, load.options.filers,
            load.options.routers, load.options.desks);
    free (acknowledged);
    free (arrived);
    free (load.records);
}

/* ---- options -------------------------------------------------------------------------- */

void load_take_options (struct load_options *options, int argc, char **argv)
{
    static const struct option known[] = {
        { "socket", required_argument, NULL, 'x' },
        { "seconds", required_argument, NULL, 's' },
        { "warm-seconds", required_argument, NULL, 'a' },
        { "window", required_argument, NULL, 'w' },
        { "ahead", required_argument, NULL, 'g' },
        { "batch", required_argument, NULL, 'b' },
        { "filers", required_argument, NULL, 'f' },
        { "routers", required_argument, NULL, 'r' },
        { "desks", required_argument, NULL, 'd' },
        { "departments", required_argument, NULL, 'p' },
        { NULL, 0, NULL, 0 },
    };
    int found;
    while ((found = getopt_long (argc, argv, "", known, NULL)) != -1) {
        unsigned number =
            found == 'x' || found == '?' ? 0 : (unsigned) strtoul (optarg, NULL, 10);
        switch (found) {
        case 'x':
            options->socket = optarg;
            break;
        case 's':
            options->seconds = number;
            break;
        case 'a':
            options->warm_seconds = number;
            break;
        case 'w':
            options->window = number;
            break;
        case 'g':
            options->ahead = number;
            break;
        case 'b':
            options->batch = number;
            break;
        case 'f':
            options->filers = number;
            break;
        case 'r':
            options->routers = number;
            break;
        case 'd':
            options->desks = number;
            break;
        case 'p':
            options->departments = number;
            break;
        default:
            exit (EX_USAGE);
        }
    }
    bool is_usable = options->socket != NULL && options->seconds > 0 &&
                     options->seconds + options->warm_seconds < 3600 &&
                     options->window > 0 && options->batch > 0 && options->filers > 0 &&
                     options->routers > 0 && options->departments > 0 &&
                     options->departments <= LOAD_DEPARTMENTS_MAX &&
                     options->desks >= options->departments;
    if (!is_usable)
        exit (EX_USAGE);
}
