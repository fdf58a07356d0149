/* SPDX-License-Identifier: Apache-2.0 */
/* What came out: sums by state; what is wrong; what a restoration lost and what to do about
 * it. An accusation is counted and never named. */
#include "cli/verify_inside.h"

#include "cli/language.h"

#include "base/civil.h"
#include "base/number.h"
#include "wire/names.h"

#include <stdio.h>

/* Nothing is wrong, but something that was acknowledged is to be sent or done again. */
#define EXIT_MISSING EX_NOINPUT

#define MISSING_SHOWN 200

/* ---- what is missing ---------------------------------------------------------------- */

struct missing {
    struct cli *cli;
    uint64_t count, hidden, filings, shown;
    json_t *list;
    struct cli_table *table;
};

static const char *day_text (int32_t day, char ret[CIVIL_DATE_SIZE])
{
    ret[0] = '\0';
    if (day != INT32_MIN)
        civil_format_day (day, ret);
    return ret;
}

static void count_missing (void *arg, const struct audit_missing *missing)
{
    struct missing *it = arg;
    it->count++;
    it->filings += missing->at == SPEAKER_INTAKE;
    it->hidden += missing->number == 0;
}

static void list_missing (void *arg, const struct audit_missing *missing)
{
    struct missing *it = arg;
    char number[NUMBER_TEXT_SIZE], day[CIVIL_DATE_SIZE];
    if (missing->number == 0)
        return;
    json_array_append_new (
        it->list,
        json_pack ("{s:s, s:s, s:I, s:s, s:I}", "at", speaker_name (missing->at),
                   "number", number_format (missing->number, number), "village",
                   (json_int_t) missing->village, "day", day_text (missing->day, day),
                   "department", (json_int_t) missing->department));
}

static void show_missing (void *arg, const struct audit_missing *missing)
{
    struct missing *it = arg;
    char number[NUMBER_TEXT_SIZE], day[CIVIL_DATE_SIZE];
    if (missing->number == 0 || it->shown++ >= MISSING_SHOWN)
        return;
    cli_table_row (it->table);
    cli_table_cell (it->table, "%s", number_format (missing->number, number));
    cli_table_cell (it->table, "%s", cli_village_name (it->cli, missing->village));
    cli_table_cell (it->table, "%s", day_text (missing->day, day));
    cli_table_cell (it->table, "%s",
                    missing->department == 0
                        ? ""
                        : cli_department_name (it->cli, missing->department));
    cli_table_cell (it->table, "%s",
                    missing->at == SPEAKER_INTAKE ? _ ("its filing")
                                                  : _ ("its last steps"));
}

static void print_missing (struct cli *cli, const struct audit *audit)
{
    struct missing it = { .cli = cli };
    audit_each_missing (audit, count_missing, &it);
    if (it.count == 0)
        return;
    printf (_ ("\nwhat restorations lost:\n"));
    it.table = cli_table_create ();
    cli_table_column (it.table, _ ("NUMBER"), CLI_LEFT);
    cli_table_column (it.table, _ ("VILLAGE"), CLI_LEFT);
    cli_table_column (it.table, _ ("FILED"), CLI_LEFT);
    cli_table_column (it.table, _ ("DEPARTMENT"), CLI_LEFT);
    cli_table_column (it.table, _ ("MISSING"), CLI_LEFT);
    audit_each_missing (audit, show_missing, &it);
    cli_table_print (&it.table);
    if (it.hidden > 0)
        printf (_ ("and %llu that are not named here\n"), (unsigned long long) it.hidden);
    if (it.shown > MISSING_SHOWN)
        printf (_ ("and %llu more: --json lists all\n"),
                (unsigned long long) (it.shown - MISSING_SHOWN));
}

/* ---- the figures -------------------------------------------------------------------- */

static json_t *days_json (const struct audit *audit)
{
    const struct audit_days_sum *days = audit_days (audit);
    return json_pack (
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "villages",
        (json_int_t) days->villages, "villages_agree", (json_int_t) days->villages_agree,
        "departments", (json_int_t) days->departments, "departments_agree",
        (json_int_t) days->departments_agree, "pending", (json_int_t) days->pending,
        "parked", (json_int_t) days->parked, "missing", (json_int_t) days->missing,
        "lost", (json_int_t) days->lost);
}

static void print_json (struct cli *cli, const struct audit *audit)
{
    struct missing missing = { .cli = cli, .list = json_array () };
    audit_each_missing (audit, count_missing, &missing);
    audit_each_missing (audit, list_missing, &missing);
    json_t *states = json_object (), *notices = json_object (), *findings = json_array ();
    for (unsigned state = 0; state < STATE_COUNT; state++)
        if (audit_in_state (audit, state) > 0)
            json_object_set_new (
                states, state_name (state),
                json_integer ((json_int_t) audit_in_state (audit, state)));
    for (unsigned state = 1; state < NOTICE_COUNT; state++)
        if (audit_notices (audit, state) > 0)
            json_object_set_new (
                notices, notice_state_name (state),
                json_integer ((json_int_t) audit_notices (audit, state)));
    for (size_t i = 0; audit_finding (audit, i) != NULL; i++)
        json_array_append_new (findings, json_string (audit_finding (audit, i)));
    cli_json_line (json_pack (
        "{s:I, s:I, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:o}",
        "registered", (json_int_t) audit_registered (audit), "refused",
        (json_int_t) audit_refused (audit), "states", states, "notices", notices, "days",
        days_json (audit), "mended", (json_int_t) audit_mended (audit), "intake_entries",
        (json_int_t) audit_entries (audit, SPEAKER_INTAKE), "routing_entries",
        (json_int_t) audit_entries (audit, SPEAKER_ROUTING), "escalation_entries",
        (json_int_t) audit_entries (audit, SPEAKER_ESCALATION), "notification_entries",
        (json_int_t) audit_entries (audit, SPEAKER_NOTIFICATION), "problems",
        (json_int_t) audit_problems (audit), "findings", findings, "missing",
        (json_int_t) missing.count, "missing_unnamed", (json_int_t) missing.hidden,
        "missing_list", missing.list));
}

static void print_days (const struct audit *audit)
{
    const struct audit_days_sum *days = audit_days (audit);
    printf (
        _ ("days of villages: %llu of %llu agree (registered = placed + %llu pending + "
           "%llu set aside + %llu missing)\n"),
        (unsigned long long) days->villages_agree, (unsigned long long) days->villages,
        (unsigned long long) days->pending, (unsigned long long) days->parked,
        (unsigned long long) days->missing);
    printf (_ ("days of departments: %llu of %llu agree (came, and went on)\n"),
            (unsigned long long) days->departments_agree,
            (unsigned long long) days->departments);
    if (audit_mended (audit) > 0)
        printf (_ ("%llu entries were damaged and are back\n"),
                (unsigned long long) audit_mended (audit));
}

static void print_table (const struct audit *audit)
{
    uint64_t registered = audit_registered (audit), sum = 0;
    struct cli_table *table = cli_table_create ();
    cli_table_column (table, _ ("STATE"), CLI_LEFT);
    cli_table_column (table, _ ("GRIEVANCES"), CLI_RIGHT);
    for (unsigned state = 0; state < STATE_COUNT; state++) {
        uint64_t count = audit_in_state (audit, state);
        sum += count;
        if (count == 0)
            continue;
        cli_table_row (table);
        cli_table_cell (table, "%s",
                        state == STATE_NONE ? _ ("registered only")
                                            : language_word (state, state));
        cli_table_cell (table, "%llu", (unsigned long long) count);
    }
    cli_table_row (table);
    cli_table_cell (table, "%s", _ ("sum"));
    cli_table_cell (table, "%llu", (unsigned long long) sum);
    cli_table_print (&table);
    printf (_ ("registered %llu %s sum over all states %llu; %llu commands refused\n"),
            (unsigned long long) registered, registered == sum ? "=" : "≠",
            (unsigned long long) sum, (unsigned long long) audit_refused (audit));
    print_days (audit);
    for (size_t i = 0; i < ARRAY_SIZE (verify_speakers); i++)
        printf (_ ("%s: %llu entries\n"), speaker_name (verify_speakers[i]),
                (unsigned long long) audit_entries (audit, verify_speakers[i]));
}

static void tell_missing (struct cli *cli, const struct audit *audit)
{
    struct missing it = { .cli = cli };
    audit_each_missing (audit, count_missing, &it);
    if (it.filings > 0)
        fprintf (
            stderr,
            _ ("  → %llu filings: run 'minqing terminal' at the terminals that wrote "
               "them down, which still keep them; where a terminal is lost, file "
               "them again from the slips\n"),
            (unsigned long long) it.filings);
    if (it.count > it.filings)
        fprintf (stderr,
                 _ ("  → %llu courses: the departments look at them and take again the "
                    "steps that were lost\n"),
                 (unsigned long long) (it.count - it.filings));
}

int verify_report (struct verification *it)
{
    struct cli *cli = it->cli;
    const struct audit *audit = it->audit;
    struct missing missing = { .cli = cli };
    if (cli->json)
        print_json (cli, audit);
    else {
        print_table (audit);
        print_missing (cli, audit);
    }
    for (size_t i = 0; !cli->json && audit_finding (audit, i) != NULL; i++)
        fprintf (stderr, "  ✗ %s\n", audit_finding (audit, i));
    if (audit_problems (audit) > 0)
        return cli_fail (cli, EX_DATAERR,
                         audit_problems (audit) == 1 ? _ ("one thing is wrong")
                                                     : _ ("%zu things are wrong"),
                         audit_problems (audit));
    audit_each_missing (audit, count_missing, &missing);
    if (missing.count > 0) {
        tell_missing (cli, audit);
        return cli_fail (cli, EXIT_MISSING,
                         _ ("nothing is wrong, but a restoration lost something about "
                            "%llu grievances"),
                         (unsigned long long) missing.count);
    }
    cli_say (
        cli,
        it->is_scrubbed
            ? _ ("verified: nothing lost, nothing doubled, trees and positions hold, "
                 "facts are the fold of the journals")
            : _ ("verified: nothing lost, nothing doubled, trees and positions hold"));
    return EX_OK;
}
