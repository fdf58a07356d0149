/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: a negative errno for the program, a sentence for the person.
 *
 * A function that can fail for reasons a person should read takes a
 * 'struct err *err' as its last parameter and returns 0 or a negative errno.
 * 'err' may be NULL. Outputs are untouched on failure. The sentence says what,
 * where and what to do; it carries no personal data. */
#ifndef MINQING_BASE_ERR_H
#define MINQING_BASE_ERR_H

#include "base/macros.h"

#define ERR_TEXT_SIZE 384

struct err {
    int code; /* 0 or a negative errno */
    char text[ERR_TEXT_SIZE];
};

/* Record 'code' and the sentence; returns 'code', so that a caller can write
 * 'return err_set (err, -EINVAL, "village %s is unknown", code);'. */
int err_set (struct err *err, int code, const char *format, ...) PRINTF_LIKE (3, 4);

/* Put "where: " before the sentence that is already there. Returns err->code. */
int err_prefix (struct err *err, const char *format, ...) PRINTF_LIKE (2, 3);

#endif
