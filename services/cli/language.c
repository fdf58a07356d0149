/* SPDX-License-Identifier: Apache-2.0 */
/* Names of departments and villages are Chinese in every language, so output is UTF-8
 * always. Where the locale asked for is not generated (a fresh Debian has none but
 * C.UTF-8), only the language is taken over from its name. */
#include "cli/language.h"

#include <langinfo.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define DOMAIN "minqing"

/* What setlocale would have looked at: "zh_CN.UTF-8", or NULL. */
static const char *locale_asked (void)
{
    static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv (variables[i]);
        if (value != NULL && *value != '\0')
            return value;
    }
    return NULL;
}

static void take_locale (void)
{
    const char *asked = locale_asked (), *language = getenv ("LANGUAGE");
    if (setlocale (LC_ALL, "") != NULL && strcmp (nl_langinfo (CODESET), "UTF-8") == 0)
        return;
    setlocale (LC_ALL, "C.UTF-8");
    if (asked == NULL)
        return;
    char name[32];
    snprintf (name, sizeof name, "%.*s", (int) strcspn (asked, ".@"), asked);
    if (strcmp (name, "C") == 0 || strcmp (name, "POSIX") == 0)
        unsetenv ("LANGUAGE"); /* a program that says LC_ALL=C wants the plain texts */
    else if (language == NULL || *language == '\0')
        setenv ("LANGUAGE", name, 1);
}

/* PROGRAM/../share/locale of an installation, PROGRAM/locale of a build. */
static void find_translations (char ret_dir[static PATH_MAX])
{
    static const char *const places[] = { "../share/locale", "locale" };
    char program[PATH_MAX - 64], probe[PATH_MAX];
    const char *said = getenv ("MINQING_LOCALE_DIR");
    ssize_t length = readlink ("/proc/self/exe", program, sizeof program - 1);
    snprintf (ret_dir, PATH_MAX, "%s", said != NULL ? said : "/usr/share/locale");
    if (said != NULL || length <= 0)
        return;
    program[length] = '\0';
    *strrchr (program, '/') = '\0';
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        snprintf (probe, sizeof probe, "%s/%s/zh_CN/LC_MESSAGES/" DOMAIN ".mo", program,
                  places[i]);
        if (access (probe, R_OK) != 0)
            continue;
        snprintf (ret_dir, PATH_MAX, "%s/%s", program, places[i]);
        return;
    }
}

void language_start (void)
{
    char dir[PATH_MAX];
    take_locale ();
    find_translations (dir);
    bindtextdomain (DOMAIN, dir);
    bind_textdomain_codeset (DOMAIN, "UTF-8");
    textdomain (DOMAIN);
}

bool language_is_chinese (void)
{
    const char *language = getenv ("LANGUAGE");
    if (language == NULL || language[0] == '\0')
        language = setlocale (LC_MESSAGES, NULL);
    return language != NULL && strncmp (language, "zh", 2) == 0;
}

int language_width (const char *text)
{
    mbstate_t state = { 0 };
    int width = 0;
    for (size_t left = strlen (text); left > 0;) {
        wchar_t character;
        size_t size = mbrtowc (&character, text, left, &state);
        if (size == 0 || size > left)
            return width + (int) left; /* not in the locale's encoding: a byte a column */
        int columns = wcwidth (character);
        width += columns > 0 ? columns : 0;
        text += size;
        left -= size;
    }
    return width;
}
