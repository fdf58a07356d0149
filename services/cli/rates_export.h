/* SPDX-License-Identifier: Apache-2.0 */
/* The figures for programs (rates_print_json, rates_print_csv), and the names of groups,
 * which both have. */
#ifndef MINQING_CLI_RATES_EXPORT_H
#define MINQING_CLI_RATES_EXPORT_H

#include "cli/rates_print.h"
#include "cli/rates_table.h"

/* Can this figure be shown with what was read, for these rows? */
bool rates_has_figure (const struct rates_view *view, const struct rates_figure *figure);

/* What a person reads of the 'nth' key of a group. Memory: the arena, or static. */
const char *rates_key_name (struct cli *cli, const struct rates_view *view,
                            const struct rates_group *group, size_t nth);
const char *rates_department_name (struct cli *cli, uint32_t department);

#endif
