/* SPDX-License-Identifier: Apache-2.0 */
/* In which language the command speaks, and that it does so in UTF-8. */
#ifndef MINQING_CLI_LANGUAGE_H
#define MINQING_CLI_LANGUAGE_H

/* Take the language from the environment and find the translations: $MINQING_LOCALE_DIR,
 * else where an installation or a build has them beside this program. Call it once, first
 * of all. */
void language_start (void);

/* Columns that the text takes on a terminal: a Chinese character takes two. */
int language_width (const char *text);

#endif
