/* SPDX-License-Identifier: Apache-2.0 */
/* For people. Programs are served by rates_export.c. */
#include "cli/rates_print.h"

#include "cli/language.h"
#include "cli/rates_export.h"
#include "cli/rates_table.h"

#include "base/civil.h"
#include "rules/rules.h"
#include "wire/names.h"

#include <stdio.h>

static const char *dimension_title (enum rates_dimension dimension)
{
    static const char *const titles[RATES_BY_COUNT] = {
        [RATES_BY_DEPARTMENT] = N_ ("DEPARTMENT"), [RATES_BY_TOWNSHIP] = N_ ("TOWNSHIP"),
        [RATES_BY_VILLAGE] = N_ ("VILLAGE"),       [RATES_BY_CATEGORY] = N_ ("CATEGORY"),
        [RATES_BY_SUBCATEGORY] = N_ ("CATEGORY"),  [RATES_BY_PURPOSE] = N_ ("PURPOSE"),
        [RATES_BY_MONTH] = N_ ("MONTH"),           [RATES_BY_YEAR] = N_ ("YEAR"),
    };
    return _ (titles[dimension]);
}

/* ---- cells ------------------------------------------------------------------------- */

static void value_cell (struct cli_table *table, const struct rates_figure *figure,
                        const struct rates_sums *sums)
{
    double value;
    if (!rates_figure_value (figure, sums, &value)) {
        cli_table_cell (table, "—");
        return;
    }
    switch (figure->kind) {
    case RATES_NUMBER:
    case RATES_QUANTILE:
        cli_table_cell (table, "%llu",
                        (unsigned long long) rates_figure_part (figure, sums));
        break;
    case RATES_SHARE:
        cli_table_cell (table, "%.1f %%", 100 * value);
        break;
    case RATES_MEAN:
        cli_table_cell (table, "%.2f", value);
        break;
    case RATES_DAYS:
        cli_table_cell (table, "%.1f", value);
        break;
    }
}

/* ---- the wide table ---------------------------------------------------------------- */

static bool is_wide (const struct rates_view *view, const struct rates_figure *figure)
{
    return figure->column != NULL && rates_has_figure (view, figure);
}

static void print_row (struct cli_table *table, const struct rates_view *view,
                       const struct rates_sums *sums)
{
    for (size_t i = 0; i < rates_figures_table_count; i++)
        if (is_wide (view, &rates_figures_table[i]))
            value_cell (table, &rates_figures_table[i], sums);
}

static void print_groups (struct cli *cli, const struct rates_view *view)
{
    const struct rates_selection *selection = view->selection;
    struct cli_table *table = cli_table_create ();
    for (size_t i = 0; i < selection->n_by; i++)
        cli_table_column (table, dimension_title (selection->by[i]), CLI_LEFT);
    for (size_t i = 0; i < rates_figures_table_count; i++)
        if (is_wide (view, &rates_figures_table[i]))
            cli_table_column (table, _ (rates_figures_table[i].column), CLI_RIGHT);
    for (size_t i = 0; i < view->figures->n_groups; i++) {
        const struct rates_group *group = &view->figures->groups[i];
        cli_table_row (table);
        for (size_t j = 0; j < selection->n_by; j++)
            cli_table_cell (table, "%s", rates_key_name (cli, view, group, j));
        print_row (table, view, &group->sums);
    }
    cli_table_row (table);
    for (size_t j = 0; j < selection->n_by; j++)
        cli_table_cell (table, "%s", j == 0 ? _ ("all") : "");
    print_row (table, view, &view->figures->total.sums);
    cli_table_print (&table);
}

/* ---- the long form ----------------------------------------------------------------- */

static void print_figures (const struct rates_view *view, const struct rates_sums *sums)
{
    struct cli_table *table = cli_table_create ();
    cli_table_column (table, _ ("FIGURE"), CLI_LEFT);
    cli_table_column (table, _ ("VALUE"), CLI_RIGHT);
    cli_table_column (table, _ ("NUMBERS"), CLI_RIGHT);
    for (size_t i = 0; i < rates_figures_table_count; i++) {
        const struct rates_figure *figure = &rates_figures_table[i];
        if (!rates_has_figure (view, figure))
            continue;
        cli_table_row (table);
        cli_table_cell (table, "%s", _ (figure->title));
        value_cell (table, figure, sums);
        if (figure->kind == RATES_SHARE || figure->kind == RATES_MEAN)
            cli_table_cell (table, "%llu / %llu",
                            (unsigned long long) rates_figure_part (figure, sums),
                            (unsigned long long) rates_figure_of (figure, sums));
        else if (figure->kind == RATES_DAYS)
            cli_table_cell (table, "%.1f / %llu",
                            (double) rates_figure_part (figure, sums) /
                                (double) CIVIL_DAY_MS,
                            (unsigned long long) rates_figure_of (figure, sums));
    }
    cli_table_print (&table);
}

static void count_cell (struct cli_table *table, uint64_t count)
{
    cli_table_cell (table, "%llu", (unsigned long long) count);
}

static void print_ratings (const struct rates_sums *sums)
{
    struct cli_table *table = cli_table_create ();
    cli_table_column (table, _ ("RATING OF"), CLI_LEFT);
    cli_table_column (table, _ ("SATISFIED"), CLI_RIGHT);
    cli_table_column (table, _ ("BASICALLY"), CLI_RIGHT);
    cli_table_column (table, _ ("NOT SATISFIED"), CLI_RIGHT);
    cli_table_column (table, _ ("NOT RATED"), CLI_RIGHT);
    for (unsigned i = 0; i < RATES_ASPECT_COUNT; i++) {
        cli_table_row (table);
        cli_table_cell (table, "%s", _ (rates_aspect_title ((enum rates_aspect) i)));
        for (unsigned rating = 1; rating <= 3; rating++)
            count_cell (table, sums->ratings[i][rating]);
        count_cell (table, sums->ratings[i][0]);
    }
    putchar ('\n');
    cli_table_print (&table);
}

static void print_ends (const struct rates_sums *sums)
{
    if (sums->ends == 0)
        return;
    struct cli_table *table = cli_table_create ();
    cli_table_column (table, _ ("ENDED WITHOUT THE MERITS"), CLI_LEFT);
    cli_table_column (table, _ ("GRIEVANCES"), CLI_RIGHT);
    for (unsigned ground = 1; ground < GROUND_COUNT; ground++) {
        if (sums->ends_by[ground] == 0)
            continue;
        cli_table_row (table);
        cli_table_cell (table, "%s", language_word (ground, (enum ground) ground));
        count_cell (table, sums->ends_by[ground]);
    }
    putchar ('\n');
    cli_table_print (&table);
}

static void print_levels (const struct rates_sums *sums)
{
    static const char *const names[RATES_LEVELS] = { N_ ("township"), N_ ("county"),
                                                     N_ ("city"), N_ ("province"),
                                                     N_ ("the capital") };
    if (sums->skipped + sums->collective == 0)
        return;
    struct cli_table *table = cli_table_create ();
    cli_table_column (table, _ ("LEVEL REACHED"), CLI_LEFT);
    cli_table_column (table, _ ("SKIP-LEVEL"), CLI_RIGHT);
    cli_table_column (table, _ ("COLLECTIVE"), CLI_RIGHT);
    for (unsigned level = 0; level < RATES_LEVELS; level++) {
        cli_table_row (table);
        cli_table_cell (table, "%s", _ (names[level]));
        count_cell (table, sums->skipped_by[level]);
        count_cell (table, sums->collective_by[level]);
    }
    putchar ('\n');
    cli_table_print (&table);
}

static void print_holders (struct cli *cli, const struct rates_view *view)
{
    const struct rates_figures *figures = view->figures;
    if (!view->has_clocks || figures->n_holders == 0)
        return;
    struct cli_table *table = cli_table_create ();
    cli_table_column (table, _ ("LAY WITH"), CLI_LEFT);
    cli_table_column (table, _ ("GRIEVANCES"), CLI_RIGHT);
    cli_table_column (table, _ ("DAYS"), CLI_RIGHT);
    cli_table_column (table, _ ("DAYS EACH"), CLI_RIGHT);
    for (size_t i = 0; i < figures->n_holders; i++) {
        const struct rates_holder *holder = &figures->holders[i];
        double days = (double) holder->spent_ms / (double) CIVIL_DAY_MS;
        cli_table_row (table);
        cli_table_cell (table, "%s", rates_department_name (cli, holder->department));
        count_cell (table, holder->grievances);
        cli_table_cell (table, "%.1f", days);
        cli_table_cell (table, "%.1f", days / (double) holder->grievances);
    }
    putchar ('\n');
    cli_table_print (&table);
}

static void print_sums (const struct rates_view *view, const struct rates_sums *sums)
{
    print_figures (view, sums);
    print_ratings (sums);
    print_ends (sums);
    print_levels (sums);
}

static void print_accusations (const struct rates_figures *figures)
{
    if (figures->has_accusations)
        printf (_ ("\naccusations: %llu\n"), (unsigned long long) figures->accusations);
}

void rates_print_long (struct cli *cli, const struct rates_view *view)
{
    const struct rates_selection *selection = view->selection;
    for (size_t i = 0; selection->n_by > 0 && i < view->figures->n_groups; i++) {
        const struct rates_group *group = &view->figures->groups[i];
        for (size_t j = 0; j < selection->n_by; j++)
            printf ("%s%s", j == 0 ? "── " : " · ", rates_key_name (cli, view, group, j));
        printf (" ──\n");
        print_sums (view, &group->sums);
        putchar ('\n');
    }
    if (selection->n_by > 0)
        printf ("── %s ──\n", _ ("all"));
    print_sums (view, &view->figures->total.sums);
    print_holders (cli, view);
    print_accusations (view->figures);
}

void rates_print_table (struct cli *cli, const struct rates_view *view)
{
    if (view->selection->n_by == 0) {
        rates_print_long (cli, view);
        return;
    }
    print_groups (cli, view);
    print_accusations (view->figures);
}

/* ---- the help ---------------------------------------------------------------------- */

void rates_print_formulas (void)
{
    printf ("\n%s\n", _ ("Figures, by their names in --json and --csv:"));
    for (size_t i = 0; i < rates_figures_table_count; i++) {
        const struct rates_figure *figure = &rates_figures_table[i];
        printf ("  %s: %s\n", figure->key, _ (figure->title));
        if (figure->formula != NULL)
            printf ("      %s\n", _ (figure->formula));
    }
}
