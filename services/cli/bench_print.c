/* SPDX-License-Identifier: Apache-2.0 */
/* How the figures of a bench look: two tables for people (runs, daemons), an object or a
 * line for programs. */
#include "cli/bench_load.h"

#include "wire/names.h"

#include <inttypes.h>
#include <stdio.h>

static double ms (uint64_t ns)
{
    return (double) ns / 1e6;
}

static double a_second (uint64_t count, double seconds)
{
    return seconds > 0 ? (double) count / seconds : 0;
}

/* CPU seconds of so many grievances, for a million. */
static double per_million (double cpu_s, const struct bench_run *run)
{
    return run->filed > 0 ? cpu_s * 1e6 / (double) run->filed : 0;
}

/* Of so many for the whole run, how many come on one grievance. */
static double for_each (uint64_t count, const struct bench_run *run)
{
    return run->filed > 0 ? (double) count / (double) run->filed : 0;
}

static double all_bytes_each (const struct bench_run *run)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < ARRAY_SIZE (bench_speakers); i++)
        bytes += run->daemons[bench_speakers[i]].disk;
    return for_each (bytes, run);
}

/* Of the interval, entries or inputs of a batch. */
static double each_batch (const struct bench_run *run, enum speaker speaker, bool inputs)
{
    const struct bench_look *before = &run->before[speaker],
                            *after = &run->after[speaker];
    uint64_t batches = after->batches - before->batches;
    uint64_t count = inputs ? after->inputs - before->inputs : after->head - before->head;
    bool is_told = before->is_told && after->is_told && after->batches > before->batches;
    return is_told ? (double) count / (double) batches : 0;
}

/* ---- for people -------------------------------------------------------------------- */

static void times_columns (struct cli_table *table, const char *what)
{
    static const char *const points[] = { "P50", "P90", "P99", "MAX" };
    char title[64];
    for (size_t i = 0; i < ARRAY_SIZE (points); i++) {
        snprintf (title, sizeof title, "%s %s", what, points[i]);
        cli_table_column (table, title, CLI_RIGHT);
    }
}

static void times_cells (struct cli_table *table, const struct histogram *histogram)
{
    static const unsigned points[] = { 500, 900, 990, 1000 };
    for (size_t i = 0; i < ARRAY_SIZE (points); i++)
        if (histogram->count > 0)
            cli_table_cell (table, "%.3f", ms (histogram_at (histogram, points[i])));
        else
            cli_table_cell (table, "%s", "");
}

static void run_name (struct cli_table *table, const struct bench_plan *plan,
                      const struct bench_run *run)
{
    if (run->window > 0)
        cli_table_cell (table, "%" PRIu64, run->window);
    else
        cli_table_cell (table, "%" PRIu64 "/s", plan->rate);
}

static void print_runs (const struct bench_plan *plan, const struct bench_run *runs,
                        size_t n_runs)
{
    struct cli_table *table = cli_table_create ();
    cli_table_column (table, _ ("WINDOW"), CLI_RIGHT);
    cli_table_column (table, _ ("FILED"), CLI_RIGHT);
    cli_table_column (table, _ ("ACKNOWLEDGED/S"), CLI_RIGHT);
    cli_table_column (table, _ ("CLAIMED/S"), CLI_RIGHT);
    times_columns (table, _ ("RECEIPT"));
    times_columns (table, _ ("DESK"));
    times_columns (table, _ ("CLAIM"));
    times_columns (table, _ ("QUERY"));
    cli_table_column (table, _ ("PUT OFF"), CLI_RIGHT);
    for (size_t i = 0; i < n_runs; i++) {
        const struct bench_run *run = &runs[i];
        cli_table_row (table);
        run_name (table, plan, run);
        cli_table_cell (table, "%" PRIu64, run->filed);
        cli_table_cell (table, "%.0f",
                        a_second (run->acknowledged_within, run->within_s));
        cli_table_cell (table, "%.0f", a_second (run->claimed_within, run->within_s));
        times_cells (table, &run->acknowledgement);
        times_cells (table, &run->arrival);
        times_cells (table, &run->claim);
        times_cells (table, &run->query);
        cli_table_cell (table, run->put_off > 0 ? "%" PRIu64 : "", run->put_off);
    }
    cli_table_print (&table);
}

static void daemon_row (struct cli_table *table, const struct bench_plan *plan,
                        const struct bench_run *run, enum speaker speaker)
{
    const struct bench_daemon *daemon = &run->daemons[speaker];
    cli_table_row (table);
    run_name (table, plan, run);
    cli_table_cell (table, "%s", speaker_name (speaker));
    cli_table_cell (table, "%.1f", per_million (daemon->process.cpu_s, run));
    cli_table_cell (table, "%.0f", for_each (daemon->disk, run));
    cli_table_cell (table, "%.2f", for_each (daemon->entries, run));
    cli_table_cell (table, "%.1f", (double) daemon->process.pss_kib / 1024);
    cli_table_cell (table, "%.1f", (double) daemon->process.anon_kib / 1024);
    cli_table_cell (table, "%.1f", each_batch (run, speaker, false));
    cli_table_cell (table, "%.1f", each_batch (run, speaker, true));
    cli_table_cell (table, "%" PRIu64, daemon->behind);
    cli_table_cell (table, "%.2f%s", daemon->caught_up_s,
                    daemon->was_without ? _ (" (after its start)") : "");
}

static void load_row (struct cli_table *table, const struct bench_plan *plan,
                      const struct bench_run *run)
{
    cli_table_row (table);
    run_name (table, plan, run);
    cli_table_cell (table, "%s", _ ("(the load)"));
    cli_table_cell (table, "%.1f", per_million (run->load_cpu_s, run));
    cli_table_cell (table, "%.0f", all_bytes_each (run));
}

static void print_daemons (const struct bench_plan *plan, const struct bench_run *runs,
                           size_t n_runs)
{
    struct cli_table *table = cli_table_create ();
    cli_table_column (table, _ ("WINDOW"), CLI_RIGHT);
    cli_table_column (table, _ ("DAEMON"), CLI_LEFT);
    cli_table_column (table, _ ("CPU S/MILLION"), CLI_RIGHT);
    cli_table_column (table, _ ("DISK BYTES EACH"), CLI_RIGHT);
    cli_table_column (table, _ ("ENTRIES EACH"), CLI_RIGHT);
    cli_table_column (table, _ ("PSS MIB"), CLI_RIGHT);
    cli_table_column (table, _ ("ANON MIB"), CLI_RIGHT);
    cli_table_column (table, _ ("ENTRIES/BATCH"), CLI_RIGHT);
    cli_table_column (table, _ ("INPUTS/BATCH"), CLI_RIGHT);
    cli_table_column (table, _ ("BEHIND"), CLI_RIGHT);
    cli_table_column (table, _ ("CAUGHT UP S"), CLI_RIGHT);
    for (size_t i = 0; i < n_runs; i++) {
        for (size_t j = 0; j < ARRAY_SIZE (bench_speakers); j++)
            daemon_row (table, plan, &runs[i], bench_speakers[j]);
        load_row (table, plan, &runs[i]);
    }
    cli_table_print (&table);
}

void bench_print_tables (const struct bench_plan *plan, const struct bench_run *runs,
                         size_t n_runs)
{
    printf (_ ("%u terminals, %u desks, texts of %llu bytes, %llu s a run; times in "
               "milliseconds\n"),
            plan->terminals, plan->desks, (unsigned long long) plan->text,
            (unsigned long long) plan->seconds);
    print_runs (plan, runs, n_runs);
    putchar ('\n');
    print_daemons (plan, runs, n_runs);
}

/* ---- for programs ------------------------------------------------------------------ */

static json_t *times_json (const struct histogram *histogram)
{
    return json_pack ("{s:I, s:f, s:f, s:f, s:f}", "count", (json_int_t) histogram->count,
                      "p50_ms", ms (histogram_at (histogram, 500)), "p90_ms",
                      ms (histogram_at (histogram, 900)), "p99_ms",
                      ms (histogram_at (histogram, 990)), "max_ms", ms (histogram->max));
}

static json_t *daemon_json (const struct bench_run *run, enum speaker speaker)
{
    const struct bench_daemon *daemon = &run->daemons[speaker];
    return json_pack ("{s:b, s:f, s:f, s:f, s:I, s:I, s:f, s:f, s:I, s:f}", "without",
                      daemon->was_without, "cpu_s_per_million",
                      per_million (daemon->process.cpu_s, run), "disk_bytes_each",
                      for_each (daemon->disk, run), "entries_each",
                      for_each (daemon->entries, run), "pss_kib",
                      (json_int_t) daemon->process.pss_kib, "anon_kib",
                      (json_int_t) daemon->process.anon_kib, "entries_per_batch",
                      each_batch (run, speaker, false), "inputs_per_batch",
                      each_batch (run, speaker, true), "behind",
                      (json_int_t) daemon->behind, "caught_up_s", daemon->caught_up_s);
}

void bench_print_json (const struct bench_plan *plan, const struct bench_run *run)
{
    json_t *object = json_pack (
        "{s:I, s:I, s:I, s:i, s:i, s:I, s:f, s:I, s:I, s:I, s:I, s:f, s:f}", "window",
        (json_int_t) run->window, "ahead",
        (json_int_t) (run->window > 0 ? run->ahead : 0), "rate", (json_int_t) plan->rate,
        "terminals", (int) plan->terminals, "desks", (int) plan->desks, "text",
        (json_int_t) plan->text, "seconds", run->within_s, "filed",
        (json_int_t) run->filed, "acknowledged", (json_int_t) run->acknowledged,
        "claimed", (json_int_t) run->claimed, "put_off", (json_int_t) run->put_off,
        "acknowledged_per_second", a_second (run->acknowledged_within, run->within_s),
        "claimed_per_second", a_second (run->claimed_within, run->within_s));
    json_object_set_new (object, "acknowledgement", times_json (&run->acknowledgement));
    json_object_set_new (object, "arrival", times_json (&run->arrival));
    json_object_set_new (object, "claim", times_json (&run->claim));
    if (plan->queries > 0)
        json_object_set_new (object, "query", times_json (&run->query));
    json_object_set_new (object, "load_cpu_s_per_million",
                         json_real (per_million (run->load_cpu_s, run)));
    json_object_set_new (object, "disk_bytes_each", json_real (all_bytes_each (run)));
    json_t *daemons = json_object ();
    for (size_t i = 0; i < ARRAY_SIZE (bench_speakers); i++)
        json_object_set_new (daemons, speaker_name (bench_speakers[i]),
                             daemon_json (run, bench_speakers[i]));
    json_object_set_new (object, "daemons", daemons);
    cli_json_line (object);
}

static void times_csv (const struct histogram *histogram)
{
    printf (",%.4f,%.4f,%.4f,%.4f", ms (histogram_at (histogram, 500)),
            ms (histogram_at (histogram, 900)), ms (histogram_at (histogram, 990)),
            ms (histogram->max));
}

static void header_csv (void)
{
    static const char *const times[] = { "ack", "desk", "claim", "query" };
    printf ("window,rate,terminals,desks,text,seconds,filed,acknowledged,claimed,"
            "acknowledged_per_second,claimed_per_second");
    for (size_t i = 0; i < ARRAY_SIZE (times); i++)
        printf (",%s_p50_ms,%s_p90_ms,%s_p99_ms,%s_max_ms", times[i], times[i], times[i],
                times[i]);
    printf (",disk_bytes_each,load_cpu_s_per_million");
    for (size_t i = 0; i < ARRAY_SIZE (bench_speakers); i++) {
        const char *name = speaker_name (bench_speakers[i]);
        printf (",%s_cpu_s_per_million,%s_disk_bytes_each,%s_entries_each,%s_pss_kib,%s_"
                "anon_kib,"
                "%s_entries_per_batch,%s_behind,%s_caught_up_s",
                name, name, name, name, name, name, name, name);
    }
    putchar ('\n');
}

void bench_print_csv (const struct bench_plan *plan, const struct bench_run *run,
                      bool is_first)
{
    if (is_first)
        header_csv ();
    printf ("%" PRIu64 ",%" PRIu64 ",%u,%u,%" PRIu64 ",%.3f,%" PRIu64 ",%" PRIu64
            ",%" PRIu64 ",%.1f,%.1f",
            run->window, plan->rate, plan->terminals, plan->desks, plan->text,
            run->within_s, run->filed, run->acknowledged, run->claimed,
            a_second (run->acknowledged_within, run->within_s),
            a_second (run->claimed_within, run->within_s));
    times_csv (&run->acknowledgement);
    times_csv (&run->arrival);
    times_csv (&run->claim);
    times_csv (&run->query);
    printf (",%.1f,%.2f", all_bytes_each (run), per_million (run->load_cpu_s, run));
    for (size_t i = 0; i < ARRAY_SIZE (bench_speakers); i++) {
        const struct bench_daemon *daemon = &run->daemons[bench_speakers[i]];
        printf (",%.2f,%.1f,%.3f,%" PRIu64 ",%" PRIu64 ",%.1f,%" PRIu64 ",%.2f",
                per_million (daemon->process.cpu_s, run), for_each (daemon->disk, run),
                for_each (daemon->entries, run), daemon->process.pss_kib,
                daemon->process.anon_kib, each_batch (run, bench_speakers[i], false),
                daemon->behind, daemon->caught_up_s);
    }
    putchar ('\n');
    fflush (stdout);
}
