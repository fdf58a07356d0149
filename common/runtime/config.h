/* SPDX-License-Identifier: Apache-2.0 */
/* minqing.conf: one file for the four daemons and the command. ZPL (base/zpl.h); every
 * setting stands in the table of settings.c with its type, bounds and default, and a name
 * that is not there is an error. Relative paths are relative to the file. Knows no
 * sockets. */
#ifndef MINQING_RUNTIME_CONFIG_H
#define MINQING_RUNTIME_CONFIG_H

#include "base/err.h"
#include "wire/journal.h"

#define CONFIG_DEFAULT      "/etc/minqing/minqing.conf"
#define CONFIG_VARIABLE     "MINQING_CONFIG"
#define CONFIG_PROBLEMS_MAX 20

struct config;

/* Everything that is wrong: "minqing.conf:12: unknown setting "dorr", did you mean
 * "door"?". */
struct config_problems {
    size_t count; /* all; the first CONFIG_PROBLEMS_MAX are in 'texts' */
    char texts[CONFIG_PROBLEMS_MAX][ERR_TEXT_SIZE];
};

/* The file that counts: 'option' (--config, may be NULL), else $MINQING_CONFIG, else
 * CONFIG_DEFAULT. */
const char *config_file (const char *option);

/* Read whole, check whole. On failure 'err' says the first problem and how many more
 * there are, 'problems' (may be NULL) says them all. '*ret' is the caller's. */
MUST_CHECK int config_load (const char *file, struct config **ret, struct err *err);
MUST_CHECK int config_load_all (const char *file, struct config **ret,
                                struct config_problems *problems, struct err *err);
void config_destroy (struct config **config); /* NULL inside is fine */

/* What the file says, or the default. Paths are absolute. Everything handed out lives as
 * long as the config.
 *   text     any type as text; NULL: not set and no default, or no such setting
 *   number   of a NUMBER or MINUTE, which must exist and have a value (assert)
 *   list     of a setting that may be repeated: '*ret' has as many as are returned */
const char *config_get_text (const struct config *config, const char *path);
int64_t config_get_number (const struct config *config, const char *path);
size_t config_get_list (const struct config *config, const char *path,
                        const char *const **ret);

/* config_get_text in the form of core_options.setting: 'arg' is the config. */
const char *config_setting (void *arg, const char *path);

const char *config_name (const struct config *config); /* the file */

/* What follows from names; endpoints of local daemons and clients.
 *   state     STATE/NAME, the daemon's store
 *   key       KEYS/NAME.key
 *   door      ipc://RUNTIME/NAME.door, always there
 *   control   ipc://RUNTIME/NAME.control */
const char *config_state (const struct config *config, enum speaker speaker);
const char *config_key (const struct config *config, enum speaker speaker);
const char *config_door (const struct config *config, enum speaker speaker);
const char *config_control (const struct config *config, enum speaker speaker);

#endif
