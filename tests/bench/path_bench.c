/* SPDX-License-Identifier: Apache-2.0 */
/* What a grievance costs on its way, in processor time, without sockets and disks: the cores
 * of the daemons in one process (support/town.h), on stores that are not synced. Terminals
 * file in frames of fifty, desks claim in frames of fifty; once with intake alone, then with
 * one more daemon each time, so that the differences are what each adds.
 *
 *     path_bench [--grievances N] [--only K]
 *
 * Printed: microseconds a grievance. What the clients and the post office of the town do is
 * in the first line. --only 4 runs one of the four settings, for a profiler. */
#include <assert.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/civil.h"
#include "base/number.h"
#include "escalation/escalation.h"
#include "intake/intake.h"
#include "notification/notification.h"
#include "routing/routing.h"
#include "support/town.h"

#define TABLES    SOURCE_DIR "/deploy/config/tables"
#define VILLAGE   UINT64_C (340522100001)
#define CATEGORY  "国土资源/土地征收" /* department 11 */
#define PERSON    1131
#define TERMINALS 10
#define FRAME     50
#define TEXT_SIZE 600

static struct bench {
    struct town *town;
    struct town_client *terminals[TERMINALS], *desk;
    char text[TEXT_SIZE + 1];
    uint64_t filed, serial;
} bench;

static const struct setting {
    const char *name;
    const struct service_spec *specs[TOWN_SPECS_MAX];
    bool claims;
} settings[] = {
    { "file: intake", { &intake_service }, false },
    { "+ place: routing", { &intake_service, &routing_service }, false },
    { "+ claim: routing", { &intake_service, &routing_service }, true },
    { "+ clocks: escalation",
      { &intake_service, &routing_service, &escalation_service },
      true },
    { "+ notices: notification",
      { &intake_service, &routing_service, &escalation_service, &notification_service },
      true },
};

static double seconds (void)
{
    struct timespec now;
    clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static void build (const struct setting *setting)
{
    struct town_options options = { .tables_dir = TABLES, .map_mib = 4096 };
    memcpy (options.specs, setting->specs, sizeof options.specs);
    bench.town = town_create (&options);
    for (uint32_t i = 0; i < TERMINALS; i++)
        bench.terminals[i] =
            town_client (bench.town, ROLE_TERMINAL, 101 + i, .territory = 340522100);
    bench.desk = town_client (bench.town, ROLE_DESK, 2011, .territory = 340522100,
                              .department = 11);
    for (size_t i = 0; i + 3 <= TEXT_SIZE; i += 3)
        memcpy (bench.text + i, "征地补偿款没有到卡路灯不亮" + i % 36, 3);
    bench.serial = 0;
}

static void file_frame (uint32_t terminal, uint64_t *ret_numbers)
{
    struct command commands[FRAME] = { 0 };
    struct filing filings[FRAME];
    struct matter matter = { .village = VILLAGE,
                             .terminal = 101 + terminal,
                             .category = CATEGORY,
                             .purpose = PURPOSE_REQUEST };
    struct petitioner petitioner = { .name = "张三", .telephone = "13800000000" };
    struct statement statement = { .text = bench.text, .person = &petitioner };
    struct outcome *outcomes[FRAME];
    int32_t day = civil_day (town_now_ms (bench.town));
    for (size_t i = 0; i < FRAME; i++) {
        ret_numbers[i] =
            number_make (day, 101 + terminal, (uint32_t) (bench.serial + i + 1));
        filings[i] = (struct filing){ .number = ret_numbers[i],
                                      .query_code = "0123ABCD",
                                      .filed_at_ms = town_now_ms (bench.town),
                                      .matter = &matter,
                                      .statement = &statement };
        commands[i].file = &filings[i];
    }
    town_commands (bench.terminals[terminal], SPEAKER_INTAKE, commands, FRAME, outcomes);
    for (size_t i = 0; i < FRAME; i++)
        assert (outcomes[i] != NULL && outcomes[i]->receipt != NULL);
}

static void claim_frame (const uint64_t *numbers)
{
    struct command commands[FRAME] = { 0 };
    struct step_command steps[FRAME];
    struct outcome *outcomes[FRAME];
    for (size_t i = 0; i < FRAME; i++) {
        steps[i] = (struct step_command){ .number = numbers[i], .step = STEP_CLAIM };
        commands[i] = (struct command){ .person = PERSON, .step = &steps[i] };
    }
    town_commands (bench.desk, SPEAKER_ROUTING, commands, FRAME, outcomes);
    for (size_t i = 0; i < FRAME; i++)
        assert (outcomes[i] != NULL && outcomes[i]->step_done != NULL);
}

/* Entries in each journal, for one grievance. */
static void count_entries (const struct setting *setting, uint64_t filed,
                           double ret_entries[TOWN_SPECS_MAX])
{
    for (size_t i = 0; i < TOWN_SPECS_MAX && setting->specs[i] != NULL; i++)
        ret_entries[i] =
            (double) town_count (bench.town, setting->specs[i]->speaker, KIND_NONE) /
            (double) filed;
}

static double run (const struct setting *setting, uint64_t grievances,
                   double ret_entries[TOWN_SPECS_MAX])
{
    uint64_t numbers[TERMINALS][FRAME];
    build (setting);
    town_settle (bench.town);
    double began = seconds ();
    uint64_t filed = 0;
    while (filed < grievances) {
        for (uint32_t i = 0; i < TERMINALS; i++)
            file_frame (i, numbers[i]);
        bench.serial += FRAME;
        town_settle (bench.town);
        for (uint32_t i = 0; i < TERMINALS && setting->claims; i++)
            claim_frame (numbers[i]);
        town_settle (bench.town);
        town_forget (bench.town);
        town_step (bench.town, 10);
        filed += TERMINALS * FRAME;
    }
    double each = (seconds () - began) / (double) filed * 1e6;
    count_entries (setting, filed, ret_entries);
    town_destroy (&bench.town);
    return each;
}

int main (int argc, char **argv)
{
    static const struct option known[] = { { "grievances", required_argument, NULL, 'n' },
                                           { "only", required_argument, NULL, 'o' },
                                           { NULL, 0, NULL, 0 } };
    uint64_t grievances = 20000, only = 0;
    for (int c; (c = getopt_long (argc, argv, "", known, NULL)) != -1;) {
        if (c == 'n')
            grievances = strtoull (optarg, NULL, 10);
        else if (c == 'o')
            only = strtoull (optarg, NULL, 10);
        else
            return EX_USAGE;
    }
    double before = 0;
    printf ("%-26s %10s %10s   %s\n", "", "us each", "adds", "entries of each daemon");
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (only != 0 && only != i + 1)
            continue;
        double entries[TOWN_SPECS_MAX] = { 0 };
        double each = run (&settings[i], grievances, entries);
        printf ("%-26s %10.1f %10.1f  ", settings[i].name, each, each - before);
        for (size_t k = 0; k < TOWN_SPECS_MAX && settings[i].specs[k] != NULL; k++)
            printf (" %.1f", entries[k]);
        printf ("\n");
        before = each;
    }
    return EX_OK;
}
