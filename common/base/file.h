/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing a whole file that must not be large. */
#ifndef MINQING_BASE_FILE_H
#define MINQING_BASE_FILE_H

#include "base/bytes.h"
#include "base/err.h"

#include <sys/stat.h>

/* Append the bytes of a regular file to 'ret', which the caller owns also on failure.
 * -EFBIG: more than 'max' bytes; -EINVAL: no regular file; else what the system says,
 * with the file's name in the sentence. */
MUST_CHECK int file_read (const char *file, size_t max, struct buffer *ret,
                          struct err *err);

/* Write the file under another name first (FILE.new) and rename it: after a crash there
 * is all of the new one or all of the old. Durable when it returns 0. */
MUST_CHECK int file_write (const char *file, struct bytes content, mode_t mode,
                           struct err *err);

#endif
