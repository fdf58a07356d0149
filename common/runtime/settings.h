/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of what may stand in minqing.conf: "minqing config check" and the man page
 * are read off it. */
#ifndef MINQING_RUNTIME_SETTINGS_H
#define MINQING_RUNTIME_SETTINGS_H

#include "base/err.h"

enum setting_type {
    SETTING_TEXT,
    SETTING_PATH,     /* made absolute by the file's folder */
    SETTING_NUMBER,   /* min … max */
    SETTING_MINUTE,   /* "21:30": minutes of the day, 24:00 is 1440 */
    SETTING_CHOICE,   /* one of the words in 'choices', separated by spaces */
    SETTING_ENDPOINT, /* ipc://PATH, tcp://ADDRESS:PORT */
    SETTING_URL,      /* begins with one of the words in 'choices' */
    SETTING_TYPE_COUNT
};

struct setting {
    const char *path;
    enum setting_type type;
    const char *initial;  /* NULL: not set */
    const char *inherits; /* not set: what this other setting says; or NULL */
    int64_t min, max;     /* NUMBER */
    const char *choices;
    bool many; /* may be repeated */
    const char *help;
};

extern const struct setting settings[];
extern const size_t settings_count;

/* Index in the table, or -1. */
int setting_find (const char *path);
/* "intake" and "notification/smtp" are sections: the beginning of some setting. */
bool setting_is_section (const char *path);
/* The last name of some path in the same section that was probably meant, or NULL. */
const char *setting_suggest (const char *path);

/* -EINVAL and what is wrong with 'value' ("is not a number"), without file, line and
 * name. '*ret_number' for NUMBER and MINUTE. */
MUST_CHECK int setting_check (const struct setting *setting, const char *value,
                              int64_t *ret_number, struct err *err);

#endif
