/* SPDX-License-Identifier: Apache-2.0 */
/* How the figures look: a wide table, a long form for one row, JSON lines, CSV. */
#ifndef MINQING_CLI_RATES_PRINT_H
#define MINQING_CLI_RATES_PRINT_H

#include "cli/cli.h"
#include "cli/rates_figures.h"

struct rates_view {
    const struct rates_fold *fold;
    const struct rates_selection *selection;
    const struct rates_figures *figures;
    bool has_clocks; /* escalation's journal was read */
    uint64_t behind; /* entries of routing that escalation had not acted on */
};

/* "department", "village" … for --by, and what a person reads. */
const char *rates_dimension_key (enum rates_dimension dimension);

/* A row for each group and one for all; where nothing was grouped, the long form. */
void rates_print_table (struct cli *cli, const struct rates_view *view);

/* The long form of every group. */
void rates_print_long (struct cli *cli, const struct rates_view *view);

/* An object, or a record, for each group; the one of all where nothing was grouped. CSV
 * begins with a BOM, since spreadsheets take it for GBK otherwise, and ends lines as
 * RFC 4180 says. */
void rates_print_json (struct cli *cli, const struct rates_view *view);
void rates_print_csv (struct cli *cli, const struct rates_view *view);

/* The formulas, for the help. */
void rates_print_formulas (void);

#endif
