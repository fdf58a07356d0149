/* SPDX-License-Identifier: Apache-2.0 */
/* minqing rates: the figures of the law, computed from the journals of intake, routing and
 * escalation (headers only), never from what a daemon says of itself.
 *
 * They are as good as the journals were when they were read: escalation may be a moment
 * behind routing, and that is said. Where its journal cannot be read, its figures are left
 * out rather than computed another way. */
#include "cli/cli.h"
#include "cli/rates_print.h"
#include "cli/session.h"
#include "cli/tail.h"

#include "base/civil.h"
#include "rules/deadline.h"
#include "wire/names.h"

#include <errno.h>
#include <string.h>

enum {
    OPTION_BY,
    OPTION_FROM,
    OPTION_UNTIL,
    OPTION_DEPARTMENT,
    OPTION_VILLAGE,
    OPTION_CATEGORY,
    OPTION_LONG,
    OPTION_CSV
};
static const struct cli_option options[] = {
    [OPTION_BY] = { "by", N_ ("WHAT,…"),
                    N_ ("a row for each: department, township, village, category, "
                        "subcategory, purpose, month, year; up to three") },
    [OPTION_FROM] = { "from", N_ ("DAY"), N_ ("filed on this day or later") },
    [OPTION_UNTIL] = { "until", N_ ("DAY"), N_ ("filed on this day or before") },
    [OPTION_DEPARTMENT] = { "department", N_ ("N"),
                            N_ ("only this department's, by number or name; 0: the "
                                "dispatcher's") },
    [OPTION_VILLAGE] = { "village", N_ ("CODE"),
                         N_ ("only of this village, or of the township, county … whose "
                             "code begins so") },
    [OPTION_CATEGORY] = { "category", N_ ("PATH"),
                          N_ ("only of this category and what is under it") },
    [OPTION_LONG] = { "long", NULL, N_ ("every figure, also where rows were asked for") },
    [OPTION_CSV] = { "csv", NULL, N_ ("for a spreadsheet") },
    { NULL, NULL, NULL },
};

/* ---- reading ----------------------------------------------------------------------- */

struct reading {
    struct cli *cli;
    struct session *session;
    struct rates_fold *fold;
    struct status status[SPEAKER_COUNT];
    enum speaker speaker;
};

static int take_entry (void *arg, const struct entry *entry, const struct followed *raw,
                       const struct hash *leaf_hash)
{
    struct reading *reading = arg;
    (void) raw;
    (void) leaf_hash;
    rates_fold_entry (reading->fold, reading->speaker, entry);
    uint64_t head = reading->status[reading->speaker].head;
    if (entry->sequence % 1024 == 0 || entry->sequence == head)
        cli_progress (reading->cli, speaker_name (reading->speaker), entry->sequence,
                      head);
    return 0;
}

/* Up to what the daemon has now. */
static int read_journal (struct reading *reading, enum speaker speaker)
{
    struct control control = { .verb = CONTROL_STATUS };
    struct control_reply reply;
    int rc = session_control (reading->session, speaker, &control, &reply);
    if (rc < 0)
        return rc;
    if (reply.status == NULL)
        return err_set (&reading->cli->err, -EPROTO, _ ("%s gives no status"),
                        speaker_name (speaker));
    reading->status[speaker] = *reply.status;
    reading->speaker = speaker;
    struct tail tail = { .speaker = speaker,
                         .until = reply.status->head,
                         .visit = take_entry,
                         .arg = reading };
    rc = reply.status->head == 0 ? 0 : tail_read (reading->session, &tail);
    cli_progress_done (reading->cli);
    return rc;
}

/* What escalation has not heard of yet has no clocks: so many entries of routing. */
static uint64_t lag (const struct reading *reading)
{
    const struct status *status = &reading->status[SPEAKER_ESCALATION];
    uint64_t head = reading->status[SPEAKER_ROUTING].head;
    for (size_t i = 0; i < status->n_positions; i++)
        if (status->positions[i].speaker == SPEAKER_ROUTING &&
            status->positions[i].acted < head)
            return head - status->positions[i].acted;
    return 0;
}

/* A figure that is missing, or of before, is said to programs too. */
static int read_all (struct reading *reading, struct rates_view *view)
{
    struct cli *cli = reading->cli;
    int rc = read_journal (reading, SPEAKER_INTAKE);
    if (rc == 0)
        rc = read_journal (reading, SPEAKER_ROUTING);
    if (rc < 0)
        return rc;
    view->has_clocks = read_journal (reading, SPEAKER_ESCALATION) == 0;
    view->behind = view->has_clocks ? lag (reading) : 0;
    if (!view->has_clocks)
        cli_fail (cli, EX_OK,
                  _ ("left out, since escalation's journal cannot be read: timely "
                     "acceptance, timely answer, days held (%s)"),
                  cli->err.text);
    else if (view->behind > 0)
        cli_fail (cli, EX_OK,
                  _ ("escalation is %llu entries behind routing; figures by its clocks "
                     "are of before"),
                  (unsigned long long) view->behind);
    return 0;
}

/* The time of the daemons, which may be stepped. */
static int64_t now_ms (const struct reading *reading)
{
    int64_t now = 0;
    for (size_t i = 0; i < SPEAKER_COUNT; i++)
        if (reading->status[i].now_ms > now)
            now = reading->status[i].now_ms;
    return now;
}

/* ---- what is asked ----------------------------------------------------------------- */

static int parse_by (struct cli *cli, const char *text, struct rates_selection *selection)
{
    while (*text != '\0') {
        size_t length = strcspn (text, ",");
        unsigned found = 0;
        for (; found < RATES_BY_COUNT; found++) {
            const char *key = rates_dimension_key ((enum rates_dimension) found);
            if (strlen (key) == length && memcmp (key, text, length) == 0)
                break;
        }
        if (found == RATES_BY_COUNT)
            return err_set (&cli->err, -EINVAL,
                            _ ("--by %.*s: one of department, township, village, "
                               "category, subcategory, purpose, month, year"),
                            (int) length, text);
        if (selection->n_by == RATES_BY_MAX)
            return err_set (&cli->err, -EINVAL, _ ("--by takes at most %d"),
                            RATES_BY_MAX);
        selection->by[selection->n_by++] = (enum rates_dimension) found;
        text += length + (text[length] == ',');
    }
    return 0;
}

/* A code, the beginning of one, or a name. */
static int parse_village (struct cli *cli, const char *text, uint64_t *ret_village)
{
    const struct rules *rules = cli_rules (cli);
    for (size_t i = 0; rules != NULL && i < rules->village_count; i++)
        if (strcmp (rules->villages[i].name, text) == 0) {
            *ret_village = rules->villages[i].code;
            return 0;
        }
    return cli_unsigned (cli, "--village", text, UINT64_C (999999999999), ret_village);
}

static int parse (struct cli *cli, const struct cli_arguments *arguments,
                  struct rates_selection *ret)
{
    const char *const *values = arguments->values;
    int rc = 0;
    *ret = (struct rates_selection){ .from = INT32_MIN,
                                     .until = INT32_MAX,
                                     .category = values[OPTION_CATEGORY] };
    if (values[OPTION_BY] != NULL)
        rc = parse_by (cli, values[OPTION_BY], ret);
    if (rc == 0 && values[OPTION_FROM] != NULL)
        rc = civil_parse_day (values[OPTION_FROM], &ret->from, &cli->err);
    if (rc == 0 && values[OPTION_UNTIL] != NULL)
        rc = civil_parse_day (values[OPTION_UNTIL], &ret->until, &cli->err);
    if (rc == 0 && values[OPTION_DEPARTMENT] != NULL) {
        ret->has_department = true;
        rc = cli_department (cli, values[OPTION_DEPARTMENT], &ret->department);
    }
    if (rc == 0 && values[OPTION_VILLAGE] != NULL)
        rc = parse_village (cli, values[OPTION_VILLAGE], &ret->village);
    return rc;
}

/* From a later receipt, by the same row of the tables. */
static int64_t accept_due (void *arg, int64_t from_ms, uint32_t amount, enum unit unit)
{
    const struct rules *rules = arg;
    struct expiry due;
    bool roll = false;
    for (size_t i = 0; i < rules->deadline_count; i++) {
        const struct deadline_row *row = &rules->deadlines[i];
        if (row->stage == STAGE_ACCEPT && row->amount == amount && row->unit == unit)
            roll = row->roll;
    }
    if (amount > DEADLINE_AMOUNT_MAX)
        amount = DEADLINE_AMOUNT_MAX;
    deadline_compute (rules, from_ms, amount, unit, roll, &due);
    return due.due_ms;
}

/* ---- the command ------------------------------------------------------------------- */

static void print (struct cli *cli, const struct cli_arguments *arguments,
                   const struct rates_view *view)
{
    if (cli->json)
        rates_print_json (cli, view);
    else if (arguments->values[OPTION_CSV] != NULL)
        rates_print_csv (cli, view);
    else if (arguments->values[OPTION_LONG] != NULL)
        rates_print_long (cli, view);
    else
        rates_print_table (cli, view);
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    struct rates_selection selection;
    if (cli->json && arguments->values[OPTION_CSV] != NULL)
        return cli_fail (cli, EX_USAGE, _ ("--json or --csv, not both"));
    if (parse (cli, arguments, &selection) < 0)
        return cli_fail (cli, EX_USAGE, "%s", cli->err.text);
    struct reading reading = { .cli = cli };
    if (session_open (cli, "operator", &reading.session) < 0)
        return cli_fail_err (cli);
    struct rates_view view = { .selection = &selection };
    int rc = EX_OK;
    reading.fold = rates_fold_create ();
    if (read_all (&reading, &view) < 0) {
        rc = cli_fail_err (cli);
    } else {
        const struct rules *rules = cli_rules (cli);
        selection.now_ms = now_ms (&reading);
        selection.due = rules != NULL ? accept_due : NULL;
        selection.due_arg = cli->rules;
        struct rates_figures *figures = rates_figures_create (reading.fold, &selection);
        view.fold = reading.fold;
        view.figures = figures;
        print (cli, arguments, &view);
        rates_figures_destroy (&figures);
    }
    rates_fold_destroy (&reading.fold);
    session_close (&reading.session);
    return rc;
}

const struct cli_command subcommand_rates = {
    .name = "rates",
    .arguments = "",
    .summary =
        N_ ("the figures of the law, from the journals: in time, settled, satisfied"),
    .example = "minqing rates --by department --from 2026-01-01 --until 2026-03-31\n"
               "minqing rates --department 11\n"
               "minqing rates --by village,month --csv >rates.csv",
    .description =
        N_ ("Periods are those of filing. A grievance counts for the department that "
            "answered it, or has it; \"—\" is where nothing was divided by. Accusations "
            "are counted once, in no row."),
    .options = options,
    .run = run,
    .more_help = rates_print_formulas,
};
