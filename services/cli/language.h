/* SPDX-License-Identifier: Apache-2.0 */
/* In which language the command speaks, and that it does so in UTF-8. */
#ifndef MINQING_CLI_LANGUAGE_H
#define MINQING_CLI_LANGUAGE_H

#include <stdbool.h>

/* Take the language from the environment and find the translations: $MINQING_LOCALE_DIR,
 * else where an installation or a build has them beside this program. Call it once, first
 * of all. */
void language_start (void);

/* Texts come from gettext, words of the protocol (wire/names.h) from its own table: the
 * same words as on the documents. language_word (state, row->state): "dispatched", 已分派. */
bool language_is_chinese (void);
#define language_word(kind, value)                                                       \
    (language_is_chinese () ? kind##_chinese (value) : kind##_name (value))

/* Columns that the text takes on a terminal: a Chinese character takes two. */
int language_width (const char *text);

#endif
