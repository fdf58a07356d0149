/* SPDX-License-Identifier: Apache-2.0 */
/* Does a follower far behind slow its source? One core with almost no law (support/toy.h) on
 * a durable store takes commands turn by turn; what is timed are its turns:
 *
 *     alone    nobody follows
 *     head     a follower that has everything, and gets what is new
 *     behind   a follower that begins at the first of a million entries
 *
 * Printed: commands a second, the longest turn, and the ratio to the first line. Exit
 * status 1 when the one behind leaves less than 0.7 of what the one at the head
 * does. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/log.h"
#include "support/scratch.h"
#include "support/toy.h"
#include "wire/wire.h"

#define TABLES      SOURCE_DIR "/deploy/config/tables"
#define NUMBER      UINT64_C (202611230010100001)
#define NOW_MS      INT64_C (1795395600000)
#define TEXT_SIZE   600
#define FRAME_MAX   90  /* of these in a client's frame */
#define RATIO_LEAST 0.7 /* behind to head, on a machine that does other things too */
#define CLIENTS                                                                          \
    "number\trole\tkey\tname\n"                                                          \
    "101\tterminal\t"                                                                    \
    "0100000000000000000000000000000000000000000000000000000000000000\tt\n"              \
    "7\toperator\t"                                                                      \
    "0200000000000000000000000000000000000000000000000000000000000000\to\n"

static const uint8_t terminal_key[32] = { 1 }, follower_key[32] = { 2 };

static struct options {
    uint64_t entries, commands;
    unsigned frame;         /* commands a turn */
    bool json, is_volatile; /* not synced: processor time alone */
} options = { .entries = 1000000, .commands = 50000, .frame = 64 };

static struct bench {
    struct core *core;
    struct arena arena;
    int64_t now_ms;
    uint64_t counter;
    uint64_t owed; /* credit to be given back to the follower */
    uint64_t followed;
    uint64_t position; /* of the follower */
} bench;

static struct figure {
    const char *name;
    double seconds, longest_ms;
    uint64_t commands, followed;
} figures[3] = { { .name = "alone" }, { .name = "head" }, { .name = "behind" } };

static void die (const char *what, const struct err *err)
{
    fprintf (stderr, "%s: %s\n", what, err != NULL ? err->text : "failed");
    exit (EX_SOFTWARE);
}

static double seconds (void)
{
    struct timespec now;
    clock_gettime (options.is_volatile ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC,
                   &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* ---- inputs -------------------------------------------------------------------------- */

static struct input commands_input (unsigned count)
{
    static char text[TEXT_SIZE + 1];
    static struct supplement supplements[LIMIT_COMMANDS];
    static struct command commands[LIMIT_COMMANDS];
    memset (text, 'x', TEXT_SIZE);
    for (unsigned i = 0; i < count; i++) {
        supplements[i] =
            (struct supplement){ .number = NUMBER + bench.counter % 1000, .text = text };
        commands[i] = (struct command){ .incarnation = 1,
                                        .counter = ++bench.counter,
                                        .supplement = &supplements[i] };
    }
    struct to_door message = { .commands = commands, .n_commands = count };
    return (struct input){ .kind = INPUT_DOOR,
                           .peer = BYTES (terminal_key, 8),
                           .key = BYTES_OF (terminal_key),
                           .frame = to_door_encode (&bench.arena, &message) };
}

static struct input follower_says (const struct to_door *message)
{
    return (struct input){ .kind = INPUT_CONTROL,
                           .peer = BYTES (follower_key, 8),
                           .key = BYTES_OF (follower_key),
                           .frame = to_door_encode (&bench.arena, message) };
}

/* ---- a turn -------------------------------------------------------------------------- */

/* The follower acts on what it is sent at once. */
static void hear (const struct outbox *outbox)
{
    for (size_t i = 0; i < outbox->n_outputs; i++) {
        struct from_door message;
        struct err err = { 0 };
        const struct output *output = &outbox->outputs[i];
        if (output->kind != OUTPUT_CONTROL)
            continue;
        if (from_door_decode (&bench.arena, output->frame, &message, &err) < 0)
            die ("a frame", &err);
        if (message.entries == NULL)
            continue;
        bench.owed += message.entries->n_entries;
        bench.followed += message.entries->n_entries;
        bench.position = message.entries->complete;
    }
}

static double turn (struct input *inputs, size_t count)
{
    struct outbox *outbox;
    struct err err = { 0 };
    struct follow_credit credit = { .acted = bench.position };
    if (bench.owed > 2000) { /* as a daemon gives it: half a window at a time */
        credit.credit = (uint32_t) bench.owed;
        inputs[count++] = follower_says (&(struct to_door){ .follow_credit = &credit });
        bench.owed = 0;
    }
    bench.now_ms++;
    double from = seconds ();
    if (core_turn (bench.core, inputs, count, bench.now_ms, &outbox, &err) < 0)
        die ("turn", &err);
    double took = seconds () - from;
    hear (outbox);
    arena_reset (&bench.arena);
    return took;
}

static uint64_t entries (void)
{
    struct status status;
    core_status (bench.core, &bench.arena, bench.now_ms, &status);
    arena_reset (&bench.arena);
    return status.head;
}

static void measure (struct figure *figure)
{
    struct input inputs[4];
    uint64_t before = entries ();
    bench.followed = 0;
    while (figure->commands < options.commands) {
        inputs[0] = commands_input (options.frame);
        double took = turn (inputs, 1);
        figure->seconds += took;
        figure->commands += options.frame;
        if (took * 1000 > figure->longest_ms)
            figure->longest_ms = took * 1000;
    }
    figure->followed = bench.followed;
    if (entries () - before != figure->commands)
        die ("not every command was taken", NULL);
}

static void follow (uint64_t after)
{
    struct follow ask = { .after = after, .credit = 4096 };
    struct input inputs[4] = { follower_says (&(struct to_door){ .follow = &ask }) };
    bench.owed = 0;
    turn (inputs, 1);
    arena_reset (&bench.arena);
}

static void unfollow (void)
{
    struct input gone = { .kind = INPUT_GONE, .peer = BYTES (follower_key, 8) };
    turn ((struct input[4]){ gone }, 1);
}

/* ---- the story ------------------------------------------------------------------------ */

static void open_core (const char *dir, bool is_volatile)
{
    struct rules_files files;
    struct err err = { 0 };
    struct core_options how = { .dir = dir,
                                .map_mib = 16384,
                                .is_volatile = is_volatile };
    if (core_open (&toy_source, &how, &bench.core, &err) < 0 ||
        rules_read_dir (&files, TABLES, &err) < 0 ||
        core_start (bench.core, files.sources, bytes_of_text (CLIENTS), NOW_MS, &err) < 0)
        die ("start", &err);
    rules_files_done (&files);
}

static void build (const char *dir)
{
    struct input inputs[17];
    open_core (dir, true);
    while (bench.counter < options.entries) {
        for (unsigned i = 0; i < 16; i++)
            inputs[i] = commands_input (FRAME_MAX);
        turn (inputs, 16);
    }
    if (toy_count (bench.core, NUMBER) == 0)
        die ("build", NULL);
    core_close (&bench.core, true);
}

static int tell (void)
{
    double rates[ARRAY_SIZE (figures)];
    for (size_t i = 0; i < ARRAY_SIZE (figures); i++) {
        const struct figure *figure = &figures[i];
        rates[i] = (double) figure->commands / figure->seconds;
        printf (options.json
                    ? "{\"follower\": \"%s\", \"commands_s\": %.0f, \"ratio\": %.3f, "
                      "\"longest_turn_ms\": %.1f, \"followed\": %" PRIu64 "}\n"
                    : "%-7s %9.0f commands/s  ratio %.3f  longest turn %6.1f ms  "
                      "followed meanwhile %" PRIu64 "\n",
                figure->name, rates[i], rates[i] / rates[0], figure->longest_ms,
                figure->followed);
    }
    return rates[2] >= RATIO_LEAST * rates[1] ? EX_OK : 1;
}

static void take_options (int argc, char **argv)
{
    static const struct option known[] = { { "entries", required_argument, NULL, 'e' },
                                           { "commands", required_argument, NULL, 'c' },
                                           { "frame", required_argument, NULL, 'f' },
                                           { "json", no_argument, NULL, 'j' },
                                           { "volatile", no_argument, NULL, 'v' },
                                           { NULL, 0, NULL, 0 } };
    int found;
    while ((found = getopt_long (argc, argv, "", known, NULL)) != -1) {
        if (found == 'e')
            options.entries = strtoull (optarg, NULL, 10);
        else if (found == 'c')
            options.commands = strtoull (optarg, NULL, 10);
        else if (found == 'f')
            options.frame = (unsigned) strtoul (optarg, NULL, 10);
        else if (found == 'j')
            options.json = true;
        else if (found == 'v')
            options.is_volatile = true;
        else
            exit (EX_USAGE);
    }
    if (options.frame == 0 || options.frame > FRAME_MAX)
        exit (EX_USAGE);
}

int main (int argc, char **argv)
{
    take_options (argc, argv);
    struct scratch scratch = scratch_make ();
    char dir[SCRATCH_PATH_SIZE + 8];
    if (log_set_level ("error") < 0)
        return EX_SOFTWARE;
    snprintf (dir, sizeof dir, "%s/store", scratch.path);
    arena_init (&bench.arena, 0);
    bench.now_ms = NOW_MS;
    build (dir);
    open_core (dir, options.is_volatile);
    measure (&figures[0]);
    follow (entries ());
    measure (&figures[1]);
    unfollow ();
    follow (0);
    measure (&figures[2]);
    core_close (&bench.core, true);
    arena_done (&bench.arena);
    scratch_remove (&scratch);
    return tell ();
}
