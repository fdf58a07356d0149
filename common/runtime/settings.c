/* SPDX-License-Identifier: Apache-2.0 */
/* The table of settings, and what each type takes. A name that is not here is an error:
 * a setting that is silently ignored is a bug found months later. */
#include "runtime/settings.h"

#include "rules/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A map is address space, not disk: only what is used takes room (TRAPS: growing it
 * while others have it open needs care). */
#define MAP_MIB "65536"

/* clang-format off */
#define DAEMON(name)                                                                     \
    { .path = name "/door", .type = SETTING_ENDPOINT, .many = true,                      \
      .help = "where clients come in besides RUNTIME/" name ".door: tcp://0.0.0.0:5550" }, \
    { .path = name "/map_mib", .type = SETTING_NUMBER, .initial = MAP_MIB,               \
      .min = 16, .max = 1 << 24, .help = "the most its store can ever hold, MiB" }

const struct setting settings[] = {
    { .path = "place", .type = SETTING_TEXT, .initial = "",
      .help = "name of the place, for people" },
    { .path = "language", .type = SETTING_CHOICE, .initial = "zh", .choices = "zh en",
      .help = "of notices" },
    { .path = "log", .type = SETTING_CHOICE, .initial = "info",
      .choices = "error warning notice info debug", .help = "what the daemons say" },
    { .path = "state", .type = SETTING_PATH, .initial = "/var/lib/minqing",
      .help = "folder of the stores, one folder per daemon in it" },
    { .path = "runtime", .type = SETTING_PATH, .initial = "/run/minqing",
      .help = "folder of the local doors; its group may come in" },
    { .path = "tables", .type = SETTING_PATH, .initial = "tables",
      .help = "folder of the *.tsv tables" },
    { .path = "clients", .type = SETTING_PATH, .initial = "clients.tsv",
      .help = "table of clients and their public keys" },
    { .path = "keys", .type = SETTING_PATH, .initial = "keys",
      .help = "folder of the *.key files" },
    DAEMON ("intake"),
    DAEMON ("routing"),
    DAEMON ("escalation"),
    DAEMON ("notification"),
    { .path = "notification/language", .type = SETTING_CHOICE, .inherits = "language",
      .choices = "zh en", .help = "of notices" },
    { .path = "notification/sms", .type = SETTING_URL, .choices = "http: https: pipe:",
      .help = "gateway to petitioners' telephones: http:URL or pipe:PROGRAM" },
    { .path = "notification/instead", .type = SETTING_URL, .choices = "http: https: pipe:",
      .help = "one outlet for all officers instead of the tables': to try, or a gateway" },
    { .path = "notification/digest_minutes", .type = SETTING_NUMBER, .initial = "10",
      .min = 0, .max = 1440, .help = "how long arrivals of a department gather" },
    { .path = "notification/digest_at", .type = SETTING_MINUTE, .initial = "08:30",
      .help = "when a person's daily digest goes" },
    { .path = "notification/quiet_from", .type = SETTING_MINUTE, .initial = "21:30",
      .help = "petitioners are left in peace from" },
    { .path = "notification/quiet_until", .type = SETTING_MINUTE, .initial = "07:30",
      .help = "until; urgent matters excepted" },
    { .path = "notification/parallel", .type = SETTING_NUMBER, .initial = "8",
      .min = 1, .max = 64, .help = "notices on their way at once" },
    { .path = "notification/smtp/url", .type = SETTING_URL, .choices = "smtp: smtps:",
      .help = "mail server: smtp://HOST:PORT" },
    { .path = "notification/smtp/from", .type = SETTING_TEXT,
      .help = "sender of mails: minqing@example.org" },
    { .path = "notification/smtp/user", .type = SETTING_TEXT, .help = "if it asks for one" },
    { .path = "notification/smtp/password_file", .type = SETTING_PATH,
      .help = "file whose first line is the password" },
    { .path = "notification/smtp/timeout_ms", .type = SETTING_NUMBER, .initial = "30000",
      .min = 100, .max = 300000, .help = "for one mail" },
    { .path = "notification/http/timeout_ms", .type = SETTING_NUMBER, .initial = "10000",
      .min = 100, .max = 300000, .help = "for one call" },
    { .path = "notification/pipe/dir", .type = SETTING_PATH, .initial = "pipe",
      .help = "folder of the programs that may be run, and of no others" },
    { .path = "notification/pipe/timeout_ms", .type = SETTING_NUMBER, .initial = "30000",
      .min = 100, .max = 300000, .help = "then the program is killed" },
};
/* clang-format on */
const size_t settings_count = ARRAY_SIZE (settings);

int setting_find (const char *path)
{
    for (size_t i = 0; i < settings_count; i++)
        if (strcmp (settings[i].path, path) == 0)
            return (int) i;
    return -1;
}

bool setting_is_section (const char *path)
{
    size_t size = strlen (path);
    for (size_t i = 0; i < settings_count; i++)
        if (strncmp (settings[i].path, path, size) == 0 && settings[i].path[size] == '/')
            return true;
    return false;
}

const char *setting_suggest (const char *path)
{
    static char names[ARRAY_SIZE (settings)][64];
    const char *words[ARRAY_SIZE (settings)];
    size_t count = 0;
    const char *slash = strrchr (path, '/');
    size_t section = slash == NULL ? 0 : (size_t) (slash - path) + 1;
    for (size_t i = 0; i < settings_count; i++) {
        if (strncmp (settings[i].path, path, section) != 0)
            continue;
        size_t size = strcspn (settings[i].path + section, "/");
        assert (size < sizeof names[0]);
        memcpy (names[count], settings[i].path + section, size);
        names[count][size] = '\0';
        words[count] = names[count];
        count++;
    }
    return name_suggest (path + section, words, count);
}

/* ---- types ----------------------------------------------------------------------- */

/* Digits only: no sign, no space, no base. */
static bool take_digits (const char *text, const char *end, int64_t *ret)
{
    int64_t number = 0;
    if (text == end || end - text > 15)
        return false;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9')
            return false;
        number = 10 * number + (*text - '0');
    }
    *ret = number;
    return true;
}

static int check_number (const struct setting *setting, const char *value, int64_t *ret,
                         struct err *err)
{
    if (!take_digits (value, value + strlen (value), ret))
        return err_set (err, -EINVAL, "is not a number");
    if (*ret < setting->min || *ret > setting->max)
        return err_set (err, -EINVAL, "is not between %lld and %lld",
                        (long long) setting->min, (long long) setting->max);
    return 0;
}

static int check_minute (const char *value, int64_t *ret, struct err *err)
{
    const char *colon = strchr (value, ':');
    int64_t hour, minute;
    if (colon == NULL || !take_digits (value, colon, &hour) ||
        !take_digits (colon + 1, value + strlen (value), &minute) || minute > 59 ||
        60 * hour + minute > INT64_C (1440))
        return err_set (err, -EINVAL, "is not a time of day like 21:30");
    *ret = 60 * hour + minute;
    return 0;
}

/* Is 'value' (or, for a prefix, its beginning) one of the words? */
static bool is_choice (const char *choices, const char *value, bool is_prefix)
{
    for (const char *word = choices; *word != '\0';) {
        size_t size = strcspn (word, " ");
        if (strncmp (value, word, size) == 0 &&
            (is_prefix ? value[size] != '\0' : value[size] == '\0'))
            return true;
        word += size + strspn (word + size, " ");
    }
    return false;
}

static bool is_tcp (const char *address)
{
    const char *colon = strrchr (address, ':');
    int64_t port;
    if (colon == NULL || colon == address)
        return false;
    return take_digits (colon + 1, address + strlen (address), &port) && port >= 1 &&
           port <= 65535;
}

static bool is_endpoint (const char *value)
{
    if (strncmp (value, "ipc://", 6) == 0)
        return value[6] == '/';
    return strncmp (value, "tcp://", 6) == 0 && is_tcp (value + 6);
}

int setting_check (const struct setting *setting, const char *value, int64_t *ret_number,
                   struct err *err)
{
    switch (setting->type) {
    case SETTING_TEXT:
        return 0;
    case SETTING_PATH:
        return *value != '\0' ? 0 : err_set (err, -EINVAL, "is empty");
    case SETTING_NUMBER:
        return check_number (setting, value, ret_number, err);
    case SETTING_MINUTE:
        return check_minute (value, ret_number, err);
    case SETTING_CHOICE:
        if (is_choice (setting->choices, value, false))
            return 0;
        return err_set (err, -EINVAL, "is none of: %s", setting->choices);
    case SETTING_ENDPOINT:
        if (is_endpoint (value))
            return 0;
        return err_set (err, -EINVAL, "is neither ipc:///PATH nor tcp://ADDRESS:PORT");
    case SETTING_URL:
        if (is_choice (setting->choices, value, true))
            return 0;
        return err_set (err, -EINVAL, "begins with none of: %s", setting->choices);
    case SETTING_TYPE_COUNT:
        break;
    }
    assert (false);
    return -EINVAL;
}
