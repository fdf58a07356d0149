/* SPDX-License-Identifier: Apache-2.0 */
/* What is to be said of the simulator itself, stories that are told in it, and every seed
 * that once found something. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "sim/sim.h"

/* ---- the same again ----------------------------------------------------------------- */

static char *trace_of (uint64_t seed, size_t *ret_size)
{
    char *text = NULL, complaint[600];
    struct sim_counts counts;
    struct sim_options options = { .seed = seed,
                                   .trace = open_memstream (&text, ret_size) };
    assert_non_null (options.trace);
    assert_true (sim_run (&options, &counts, complaint, sizeof complaint));
    fclose (options.trace);
    return text;
}

static void a_seed_replays_byte_for_byte (void **state UNUSED)
{
    size_t size = 0, size_again = 0;
    char *first = trace_of (7, &size);
    free (trace_of (8, &size_again)); /* another one in between leaves nothing behind */
    char *again = trace_of (7, &size_again);
    assert_true (size > 100000);
    assert_int_equal (size, size_again);
    assert_memory_equal (first, again, size);
    free (first);
    free (again);
}

/* ---- seeds that once found something ------------------------------------------------ */

static const uint64_t once_failed[] = {
    1,     /* a dead caller was connected (the simulator's own) */
    666,   /* power was cut for a failure that never was (likewise) */
    1399,  /* a follower that was refused twice followed no more */
    1615,  /* nobody looked at a clock that was set right (the simulator's own) */
    13739, /* a wall that was behind was believed after a boot, lawfully (likewise) */
    41159, /* restored, and a source restored too before another was ever followed */
    47108, /* an answer in a storm, of before the receipt (the simulator's own) */
};

static void seeds_that_once_failed (void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE (once_failed); i++) {
        char complaint[600];
        struct sim_counts counts;
        struct sim_options options = { .seed = once_failed[i] };
        if (!sim_run (&options, &counts, complaint, sizeof complaint))
            fail_msg ("seed %llu: %s", (unsigned long long) once_failed[i], complaint);
    }
}

/* ---- a terminal on its own ---------------------------------------------------------- */

#define FILINGS     10000
#define KILLS       100
#define CUT_FROM_MS (6 * CIVIL_HOUR_MS)
#define CUT_TO_MS   (78 * CIVIL_HOUR_MS)
#define ALL_MS      (90 * CIVIL_HOUR_MS)

static void file_one (struct sim *sim, struct terminal *terminal)
{
    struct matter matter = { .village = 340522100001,
                             .terminal = terminal->number,
                             .purpose = PURPOSE_REQUEST,
                             .persons = 1 };
    struct petitioner person = { .name = "张三" };
    struct statement statement = { .text = "反映的情况如下", .person = &person };
    struct filing filing = { .filed_at_ms = sim->now_ms,
                             .matter = &matter,
                             .statement = &statement };
    terminal_say (sim, terminal, &(struct command){ .file = &filing });
}

static uint64_t registered_of (const struct sim *sim)
{
    uint64_t count = 0;
    for (size_t i = 0; i < sim->n_slips; i++)
        count += watch_registered (sim, sim->slips[i].number) != 0;
    return count;
}

/* Its link is cut for three days and its process killed a hundred times, between any two of
 * its writes, while it files: nothing is lost, nothing doubled, the order is kept. */
static void ten_thousand_filings_over_a_cut_link_and_a_hundred_kills (void **state UNUSED)
{
    struct sim_options options = {
        .seed = 10000, .is_calm = true, .is_quiet = true, .days = 4, .map_mib = 1024
    };
    struct sim *sim = sim_open (&options);
    struct terminal *terminal = &sim->terminals[0];
    int64_t start_ms = sim->now_ms, at_ms = start_ms;
    while (sim->n_slips < FILINGS && sim->complaint[0] == '\0') {
        at_ms += ALL_MS / FILINGS;
        sim_pass (sim, at_ms);
        bool is_cut = at_ms - start_ms >= CUT_FROM_MS && at_ms - start_ms < CUT_TO_MS;
        if (is_cut && !terminal->road.is_cut) {
            terminal->road.is_cut = true;
            road_break (sim, &terminal->road);
        } else if (!is_cut && terminal->road.is_cut) {
            road_mend (sim, &terminal->road);
        }
        sim->options.killed_one_in = terminal->kills < KILLS ? 2 * FILINGS / KILLS : 0;
        file_one (sim, terminal);
    }
    if (sim->complaint[0] == '\0')
        rest_check (sim);
    if (sim->complaint[0] != '\0')
        fail_msg ("%s", sim->complaint);
    assert_int_equal (terminal->kills, KILLS);
    assert_int_equal (sim->n_slips, FILINGS);
    assert_int_equal (registered_of (sim), FILINGS);
    assert_int_equal (sim->counts.missing + sim->counts.doubled, 0);
    print_message ("%u kills; %zu printed, %zu registered with those nobody printed\n",
                   terminal->kills, sim->n_slips, sim->n_filed);
    sim_close (&sim);
}

static int open_all (void **state UNUSED)
{
    int rc = log_set_level ("critical");
    disk_open ();
    return rc;
}

static int close_all (void **state UNUSED)
{
    disk_close ();
    return 0;
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_seed_replays_byte_for_byte),
        cmocka_unit_test (seeds_that_once_failed),
        cmocka_unit_test (ten_thousand_filings_over_a_cut_link_and_a_hundred_kills),
    };
    return cmocka_run_group_tests (tests, open_all, close_all);
}
