/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/fed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "bench/million.h"
#include "escalation/escalation.h"
#include "wire/wire.h"

#define MAP_MIB 32768

struct fed fed;

void fed_die (const char *what, const struct err *err)
{
    fprintf (stderr, "escalation_bench: %s: %s\n", what,
             err ? err->text : strerror (errno));
    exit (EX_SOFTWARE);
}

double fed_seconds (void)
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
        fed_die ("the shipped tables are others", NULL);
    before = (size_t) (at - (const char *) table.data);
    buffer_append (buffer, table.data, before);
    buffer_append (buffer, put, strlen (put));
    buffer_append (buffer, at + strlen (find), table.size - before - strlen (find));
    buffer_append (buffer, more, strlen (more));
    return buffer_bytes (buffer);
}

void fed_start (int64_t now_ms)
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

    for (unsigned i = 0; i < MILLION_LONELY_COUNT; i++)
        snprintf (lonely + strlen (lonely), sizeof lonely - strlen (lonely),
                  "%u\t无上级单位%u\tlonely %u\t镇\t340522100\t-\t-\t-\t-\t-\t-\n",
                  MILLION_LONELY_FIRST + i, i, i);
    if (rules_read_dir (&files, SOURCE_DIR "/deploy/config/tables", &err) < 0)
        fed_die ("tables", &err);
    files.sources[RULES_DEADLINES].bytes =
        patched (&deadlines, files.sources[RULES_DEADLINES].bytes, row, late, "");
    files.sources[RULES_DEPARTMENTS].bytes = patched (
        &departments, files.sources[RULES_DEPARTMENTS].bytes, "\n", "\n", lonely);
    if (core_start (fed.core, files.sources, bytes_of_text (clients), now_ms, &err) < 0)
        fed_die ("start", &err);
    rules_files_done (&files);
    buffer_done (&departments);
    buffer_done (&deadlines);
}

void fed_open (const char *dir, bool is_volatile)
{
    static const enum speaker speakers[FED_FEEDS] = { SPEAKER_INTAKE, SPEAKER_ROUTING,
                                                      SPEAKER_NOTIFICATION };
    struct core_options core_options = { .dir = dir,
                                         .map_mib = MAP_MIB,
                                         .is_volatile = is_volatile };
    struct arena arena;
    struct status status;
    struct err err = { 0 };

    memset (core_options.random, 7, sizeof core_options.random);
    if (core_open (&escalation_service, &core_options, &fed.core, &err) < 0)
        fed_die ("open", &err);
    arena_init (&arena, 0);
    core_status (fed.core, &arena, 0, &status);
    for (size_t i = 0; i < FED_FEEDS; i++) {
        feed_init (&fed.feeds[i], speakers[i], status.positions[i].acted);
        core_connected (fed.core, speakers[i]);
    }
    arena_done (&arena);
}

void fed_close (void)
{
    core_close (&fed.core, true);
    for (size_t i = 0; i < FED_FEEDS; i++)
        feed_done (&fed.feeds[i]);
}

void fed_turn (const struct input *inputs, size_t count, int64_t now_ms)
{
    struct outbox *outbox;
    struct err err = { 0 };

    if (core_turn (fed.core, inputs, count, now_ms, &outbox, &err) < 0)
        fed_die ("turn", &err);
}

double fed_turns (int64_t complete_ms, int64_t now_ms)
{
    struct input inputs[FED_FEEDS];
    double longest, since = fed_seconds ();

    for (size_t i = 0; i < FED_FEEDS; i++)
        inputs[i] = feed_input (&fed.feeds[i], complete_ms);
    fed_turn (inputs, FED_FEEDS, now_ms);
    for (size_t i = 0; i < FED_FEEDS; i++)
        feed_clear (&fed.feeds[i]);
    longest = fed_seconds () - since;
    while (core_wake_ms (fed.core, now_ms) <= now_ms) {
        since = fed_seconds ();
        fed_turn (NULL, 0, now_ms);
        if (fed_seconds () - since > longest)
            longest = fed_seconds () - since;
    }
    return longest;
}
