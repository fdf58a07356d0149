/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set (struct err *err, int code, const char *format, ...)
{
    if (err == NULL)
        return code;
    va_list args;
    va_start (args, format);
    err->code = code;
    vsnprintf (err->text, sizeof err->text, format, args);
    va_end (args);
    return code;
}

int err_prefix (struct err *err, const char *format, ...)
{
    if (err == NULL)
        return 0;
    char before[ERR_TEXT_SIZE], after[ERR_TEXT_SIZE];
    va_list args;
    va_start (args, format);
    vsnprintf (before, sizeof before, format, args);
    va_end (args);
    memcpy (after, err->text, sizeof after);
    int room = (int) sizeof err->text;
    int used = snprintf (err->text, sizeof err->text, "%.*s: ", room / 2, before);
    /* What does not fit is cut: a longer sentence would not be read either. */
    int wanted = snprintf (err->text + used, (size_t) (room - used), "%s", after);
    assert (wanted >= 0);
    return err->code;
}
