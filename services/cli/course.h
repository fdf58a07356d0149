/* SPDX-License-Identifier: Apache-2.0 */
/* How a course, a row of a queue and its parts look: shared by query, desk and dispatch. */
#ifndef MINQING_CLI_COURSE_H
#define MINQING_CLI_COURSE_H

#include "cli/cli.h"
#include "wire/routing.h"

void course_print (struct cli *cli, const struct course *course);

/* A table of queue rows, or one JSON object a row. 'with_candidates': for the dispatcher. */
void rows_print (struct cli *cli, const struct row *rows, size_t n_rows,
                 bool with_candidates);
json_t *row_json (struct cli *cli, const struct row *row);

/* One grievance for the desk that holds it. */
void item_print (struct cli *cli, const struct item *item);

#endif
