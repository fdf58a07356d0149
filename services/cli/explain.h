/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of 'minqing deadline explain': the clocks (explain.c), the days and whose they were
 * (explain_days.c). */
#ifndef MINQING_CLI_EXPLAIN_H
#define MINQING_CLI_EXPLAIN_H

#include "cli/cli.h"
#include "wire/escalation.h"

/* Days one after the other of which the same is said. */
struct day_run {
    int32_t first, last;
    uint32_t first_number, last_number; /* 0: not counted */
    const char *why, *with;
    bool known;
};

struct explaining {
    struct cli *cli;
    const struct ledger *ledger;
    const struct rules *rules; /* NULL: days cannot be walked */
    int64_t now_ms;            /* escalation's */
    struct cli_table *table;   /* of the days that are being told */
    struct day_run run;        /* not told yet; why NULL: none */
    json_t *days;
    const struct duty_row *row; /* whose days they are */
    uint32_t stood_still;       /* days of it so far, by a hearing */
};

/* How long the clock ran in this line: the lines of one clock add up. */
int64_t explain_spent_ms (const struct explaining *it, const struct duty_row *row);

/* The days of the clock at place 'i' of the ledger, as a table with a row for each run of
 * days of which the same is said; nothing where it cannot be walked. Each day for itself as
 * a JSON array, or NULL. */
void explain_days (struct explaining *it, size_t i);
json_t *explain_days_json (struct explaining *it, const struct duty_row *row);

/* Who had it from when to when, and how many of the days were theirs. */
void explain_holders (struct explaining *it);
json_t *explain_holders_json (const struct explaining *it);

/* Texts in the arena: "办理", "2027-01-22 24:00 ?", "12 d 3 h". */
const char *explain_stage (const char *token);
const char *explain_due (struct cli *cli, int64_t due_ms, bool provisional);
const char *explain_span (struct cli *cli, int64_t ms);
const char *explain_period (struct cli *cli, const struct duty_row *row); /* "75 days" */

#endif
