/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a file with named columns: CSV with a header line, or JSON lines (one flat
 * object each), plain or gzipped, by what is in the file, not by its name. */
#ifndef MINQING_CLI_ROWS_H
#define MINQING_CLI_ROWS_H

#include "base/arena.h"
#include "base/err.h"

#define ROWS_COLUMNS_MAX 64
#define ROWS_ROW_BYTES   (4u << 20) /* one row; a letter has some ten thousand bytes */

struct rows;

/* '-' reads stdin. -errno and a sentence. */
MUST_CHECK int rows_open (const char *file, struct rows **ret_rows, struct err *err);
void rows_close (struct rows **rows);

/* The next row: 1; 0 at the end; -EINVAL with "file:row: what". Rows count from 1, the
 * header line is none. */
MUST_CHECK int rows_next (struct rows *rows, struct err *err);
uint64_t rows_at (const struct rows *rows);

/* The cell under one of the names (NULL-terminated alternatives, the first that the file
 * has), "" when there is none. UTF-8 as it stands in the file, invalid bytes replaced by
 * U+FFFD and NULs dropped. Memory: until the next row. */
const char *rows_cell (struct rows *rows, const char *const *names);
/* A column by its place, for those who list them: NULL at the end. */
const char *rows_column (const struct rows *rows, size_t i);

/* Bytes read of the file as it lies on disk, and its size (0: not known): for progress. */
uint64_t rows_bytes (const struct rows *rows, uint64_t *ret_size);

#endif
