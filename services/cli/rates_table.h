/* SPDX-License-Identifier: Apache-2.0 */
/* What each figure is called and how it is computed: the one table behind the screen, the
 * help, JSON and CSV. */
#ifndef MINQING_CLI_RATES_TABLE_H
#define MINQING_CLI_RATES_TABLE_H

#include "cli/rates_figures.h"

enum rates_kind {
    RATES_NUMBER,  /* part */
    RATES_SHARE,   /* part ÷ of, a share of 1; shown in per cent */
    RATES_MEAN,    /* part ÷ of, a number */
    RATES_DAYS,    /* part milliseconds ÷ of grievances: days each */
    RATES_QUANTILE /* part days, of 'of' values */
};

struct rates_figure {
    const char *key;     /* for programs; what it is made of is KEY_part and KEY_of */
    const char *title;   /* translated where it is shown */
    const char *column;  /* its title in a wide table; NULL: not there */
    const char *formula; /* NULL: the title says it */
    enum rates_kind kind;
    size_t part, of; /* places in struct rates_sums */
    bool by_clock;   /* only with escalation's journal */
    bool by_holder;  /* only in rows of one department */
};

extern const struct rates_figure rates_figures_table[];
extern const size_t rates_figures_table_count;

uint64_t rates_figure_part (const struct rates_figure *figure,
                            const struct rates_sums *sums);
uint64_t rates_figure_of (const struct rates_figure *figure,
                          const struct rates_sums *sums);
/* False where nothing was divided by: "—", not 0. */
MUST_CHECK bool rates_figure_value (const struct rates_figure *figure,
                                    const struct rates_sums *sums, double *ret_value);

/* "reception_result" and what a person reads. */
const char *rates_aspect_key (enum rates_aspect aspect);
const char *rates_aspect_title (enum rates_aspect aspect);

#endif
