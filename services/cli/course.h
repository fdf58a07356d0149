/* SPDX-License-Identifier: Apache-2.0 */
/* How a course, a row of a queue and one grievance look: shared by query, desk, dispatch and
 * the commands of heads. */
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

/* ---- parts of them; texts are in the arena ----------------------------------------- */

/* "20261123-00101-00034-X"; "" for 0. */
const char *course_number (struct cli *cli, uint64_t number);
/* "2026-11-23 10:20:30"; "" for 0. */
const char *course_time (struct cli *cli, int64_t at_ms);
/* "2026-12-08 24:00", with " ?" where it is provisional; "" for 0. */
const char *course_due (struct cli *cli, int64_t due_ms, bool provisional);
/* "urgent 5 persons": what a person looks for first. */
const char *course_marks (struct cli *cli, const struct matter *matter);
/* "review", "re-review", or "" for a first decision. */
const char *course_instance (uint32_t instance);
/* "第三十四条"; "" for 0: custom of practice. */
const char *course_article_text (struct cli *cli, uint32_t article);

/* Number, village, category, purpose and marks on one line. */
void course_heading (struct cli *cli, uint64_t number, const struct matter *matter);
/* The steps as a table, and as a JSON array. */
void course_steps_print (struct cli *cli, const struct course_step *steps,
                         size_t n_steps);
json_t *course_steps_json (const struct course_step *steps, size_t n_steps);

#endif
