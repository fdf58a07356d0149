/* SPDX-License-Identifier: Apache-2.0 */
/* ZPL, the format of *.conf and *.key files (rfc.zeromq.org/spec/4): one name a line, with
 * or without a value, nested by four spaces, comments behind '#'.
 *
 *     intake
 *         door = "tcp://0.0.0.0:5550"   # quotes where a value holds a #
 *
 * Read line by line and strictly, so that whoever wrote the file is told the line: tabs,
 * a BOM, CRLF, odd indentation and values without a name are errors, never guessed at. */
#ifndef MINQING_BASE_ZPL_H
#define MINQING_BASE_ZPL_H

#include "base/bytes.h"
#include "base/err.h"

#define ZPL_DEPTH_MAX  8
#define ZPL_PATH_SIZE  256
#define ZPL_VALUE_SIZE 1024
#define ZPL_FILE_MAX   (1u << 20) /* bytes, for file_read: such a file is a page or two */

struct zpl {
    const char *source; /* for sentences: the file's name */
    struct bytes rest;
    unsigned line;
    unsigned depth;                  /* of the last item */
    size_t path_ends[ZPL_DEPTH_MAX]; /* where in 'path' each level ends */
    char path[ZPL_PATH_SIZE];
    char value[ZPL_VALUE_SIZE];
};

struct zpl_item {
    unsigned line;
    const char *path;  /* "intake/door" */
    const char *value; /* NULL: a section. Both until the next call */
};

/* Read 'text', which must live as long as the reader. Nothing is to be freed. */
void zpl_init (struct zpl *zpl, const char *source, struct bytes text);

/* 1 and the next item; 0 at the end; -EINVAL and "source:line: what" for a line that is
 * not ZPL: the next call goes on behind it, so that all of them can be told. */
MUST_CHECK int zpl_next (struct zpl *zpl, struct zpl_item *ret_item, struct err *err);

/* Append 'value' so that reading gives it back; false if no ZPL can hold it (control
 * characters, both kinds of quotes). */
MUST_CHECK bool zpl_append_value (struct buffer *buffer, const char *value);

#endif
