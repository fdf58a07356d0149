/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a whole file that must not be large. */
#ifndef MINQING_BASE_FILE_H
#define MINQING_BASE_FILE_H

#include "base/bytes.h"
#include "base/err.h"

/* Append the bytes of a regular file to 'ret', which the caller owns also on failure.
 * -EFBIG: more than 'max' bytes; -EINVAL: no regular file; else what the system says,
 * with the file's name in the sentence. */
MUST_CHECK int file_read (const char *file, size_t max, struct buffer *ret,
                          struct err *err);

#endif
