/* SPDX-License-Identifier: Apache-2.0 */
/* Reading minqing.conf. The whole file is looked at before anything is said, so that
 * whoever edits it corrects everything at once; nothing is taken from a file that has a
 * single mistake. */
#include "runtime/config.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/zpl.h"
#include "runtime/settings.h"
#include "wire/names.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define LIST_MAX 8 /* endpoints of one door */

struct value {
    const char *texts[LIST_MAX]; /* none: not set */
    size_t count;
    int64_t number;
    unsigned line; /* of the first; 0: the default */
};

struct config {
    struct arena arena;
    const char *file;
    const char *folder;   /* of the file, absolute */
    struct value *values; /* by index of settings[] */
    const char *state[SPEAKER_COUNT], *key[SPEAKER_COUNT], *door[SPEAKER_COUNT],
        *control[SPEAKER_COUNT];
};

const char *config_file (const char *option)
{
    const char *variable = getenv (CONFIG_VARIABLE);
    if (option != NULL)
        return option;
    return variable != NULL && *variable != '\0' ? variable : CONFIG_DEFAULT;
}

void config_destroy (struct config **config)
{
    if (*config == NULL)
        return;
    arena_done (&(*config)->arena);
    free (*config);
    *config = NULL;
}

/* ---- problems -------------------------------------------------------------------- */

static void add_problem (struct config_problems *problems, const char *format, ...)
    PRINTF_LIKE (2, 3);
static void add_problem (struct config_problems *problems, const char *format, ...)
{
    if (problems->count < CONFIG_PROBLEMS_MAX) {
        va_list args;
        va_start (args, format);
        vsnprintf (problems->texts[problems->count], ERR_TEXT_SIZE, format, args);
        va_end (args);
    }
    problems->count++;
}

static int tell_problems (const struct config_problems *problems, struct err *err)
{
    if (problems->count == 1)
        return err_set (err, -EINVAL, "%s", problems->texts[0]);
    return err_set (err, -EINVAL, "%.*s (and %zu more)", ERR_TEXT_SIZE - 40,
                    problems->texts[0], problems->count - 1);
}

/* ---- one line -------------------------------------------------------------------- */

static const char *last_name (const char *path)
{
    const char *slash = strrchr (path, '/');
    return slash == NULL ? path : slash + 1;
}

static const char *absolute (struct config *config, const char *path)
{
    return *path == '/' ? arena_text (&config->arena, path)
                        : arena_format (&config->arena, "%s/%s", config->folder, path);
}

static const char *keep (struct config *config, const struct setting *setting,
                         const char *text)
{
    return setting->type == SETTING_PATH ? absolute (config, text)
                                         : arena_text (&config->arena, text);
}

static void take_value (struct config *config, size_t index, const struct zpl_item *item,
                        struct config_problems *problems)
{
    const struct setting *setting = &settings[index];
    struct value *value = &config->values[index];
    struct err err;
    if (setting_check (setting, item->value, &value->number, &err) < 0)
        add_problem (problems, "%s:%u: %s: \"%s\" %s", config->file, item->line,
                     setting->path, item->value, err.text);
    else if (value->count > 0 && !setting->many)
        add_problem (problems, "%s:%u: %s stands here a second time, first in line %u",
                     config->file, item->line, setting->path, value->line);
    else if (value->count == LIST_MAX)
        add_problem (problems, "%s:%u: %s: at most %d of them", config->file, item->line,
                     setting->path, LIST_MAX);
    else
        value->texts[value->count++] = keep (config, setting, item->value);
    if (value->line == 0)
        value->line = item->line;
}

static void tell_unknown (const struct config *config, const struct zpl_item *item,
                          struct config_problems *problems)
{
    const char *meant = setting_suggest (item->path);
    const char *what = item->value == NULL ? "section" : "setting";
    if (meant != NULL)
        add_problem (problems, "%s:%u: unknown %s \"%s\", did you mean \"%s\"?",
                     config->file, item->line, what, last_name (item->path), meant);
    else
        add_problem (problems, "%s:%u: unknown %s \"%s\"", config->file, item->line, what,
                     item->path);
}

static void take_item (struct config *config, const struct zpl_item *item,
                       struct config_problems *problems)
{
    int index = setting_find (item->path);
    if (index >= 0 && item->value != NULL)
        take_value (config, (size_t) index, item, problems);
    else if (index >= 0)
        add_problem (problems, "%s:%u: %s has no value", config->file, item->line,
                     item->path);
    else if (!setting_is_section (item->path))
        tell_unknown (config, item, problems);
    else if (item->value != NULL)
        add_problem (problems, "%s:%u: %s is a section and takes no value", config->file,
                     item->line, item->path);
}

/* ---- the whole ------------------------------------------------------------------- */

static bool is_below (const char *path, const char *section)
{
    size_t size = strlen (section);
    return size > 0 && strncmp (path, section, size) == 0 && path[size] == '/';
}

static void take_text (struct config *config, struct bytes text,
                       struct config_problems *problems)
{
    char unknown[ZPL_PATH_SIZE] = ""; /* told once, not again for every line in it */
    struct zpl zpl;
    struct zpl_item item;
    struct err err;
    int rc;
    zpl_init (&zpl, config->file, text);
    while ((rc = zpl_next (&zpl, &item, &err)) != 0) {
        if (rc < 0) {
            add_problem (problems, "%s", err.text);
            continue;
        }
        if (is_below (item.path, unknown))
            continue;
        if (item.value == NULL && setting_find (item.path) < 0 &&
            !setting_is_section (item.path))
            snprintf (unknown, sizeof unknown, "%s", item.path);
        take_item (config, &item, problems);
    }
}

static void take_defaults (struct config *config)
{
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *setting = &settings[i];
        struct value *value = &config->values[i];
        if (value->count > 0 || setting->initial == NULL)
            continue;
        int rc = setting_check (setting, setting->initial, &value->number, NULL);
        assert (rc == 0 || setting->type == SETTING_TEXT);
        value->texts[value->count++] = keep (config, setting, setting->initial);
    }
    for (size_t i = 0; i < settings_count; i++)
        if (config->values[i].count == 0 && settings[i].inherits != NULL)
            config->values[i] = config->values[setting_find (settings[i].inherits)];
}

static void derive (struct config *config, struct config_problems *problems)
{
    const char *state = config_get_text (config, "state");
    const char *keys = config_get_text (config, "keys");
    const char *runtime = config_get_text (config, "runtime");
    for (unsigned i = SPEAKER_NONE + 1; i < SPEAKER_COUNT; i++) {
        const char *name = speaker_name ((enum speaker) i);
        struct arena *arena = &config->arena;
        config->state[i] = arena_format (arena, "%s/%s", state, name);
        config->key[i] = arena_format (arena, "%s/%s.key", keys, name);
        config->door[i] = arena_format (arena, "ipc://%s/%s.door", runtime, name);
        config->control[i] = arena_format (arena, "ipc://%s/%s.control", runtime, name);
    }
    struct sockaddr_un address;
    size_t longest = strlen (runtime) + strlen ("/notification.control");
    if (longest >= sizeof address.sun_path)
        add_problem (problems,
                     "%s:%u: runtime: the path is %zu bytes too long for sockets",
                     config->file, config->values[setting_find ("runtime")].line,
                     longest - sizeof address.sun_path + 1);
}

/* The folder in which the name stands, wherever a symbolic link leads from there. */
static int find_folder (struct config *config, struct err *err)
{
    char real[PATH_MAX];
    const char *slash = strrchr (config->file, '/');
    const char *folder = slash == NULL
                             ? "."
                             : arena_format (&config->arena, "%.*s/",
                                             (int) (slash - config->file), config->file);
    if (access (config->file, R_OK) < 0 || realpath (folder, real) == NULL)
        return err_set (err, -errno,
                        "%s: %s; name the configuration with --config or $%s",
                        config->file, strerror (errno), CONFIG_VARIABLE);
    config->folder = arena_text (&config->arena, real);
    return 0;
}

int config_load_all (const char *file, struct config **ret,
                     struct config_problems *problems, struct err *err)
{
    struct config_problems own, *told = problems != NULL ? problems : &own;
    struct buffer text = { 0 };
    CLEANUP (config_destroy) struct config *config = calloc (1, sizeof *config);
    if (config == NULL)
        return err_set (err, -ENOMEM, "no memory for the configuration");
    told->count = 0;
    arena_init (&config->arena, 0);
    config->file = arena_text (&config->arena, file);
    config->values = ARENA_ARRAY (&config->arena, struct value, settings_count);
    int rc = find_folder (config, err);
    if (rc == 0)
        rc = file_read (file, ZPL_FILE_MAX, &text, err);
    if (rc == 0) {
        take_text (config, buffer_bytes (&text), told);
        take_defaults (config);
        derive (config, told);
        if (told->count > 0)
            rc = tell_problems (told, err);
        else
            *ret = TAKE (config);
    } else if (err != NULL) {
        add_problem (told, "%s", err->text);
    }
    buffer_done (&text);
    return rc;
}

int config_load (const char *file, struct config **ret, struct err *err)
{
    return config_load_all (file, ret, NULL, err);
}

/* ---- asking ---------------------------------------------------------------------- */

static const struct value *find (const struct config *config, const char *path)
{
    int index = setting_find (path);
    return index < 0 ? NULL : &config->values[index];
}

const char *config_get_text (const struct config *config, const char *path)
{
    const struct value *value = find (config, path);
    return value == NULL || value->count == 0 ? NULL : value->texts[0];
}

int64_t config_get_number (const struct config *config, const char *path)
{
    const struct value *value = find (config, path);
    assert (value != NULL && value->count > 0);
    return value->number;
}

size_t config_get_list (const struct config *config, const char *path,
                        const char *const **ret)
{
    const struct value *value = find (config, path);
    assert (value != NULL);
    *ret = value->texts;
    return value->count;
}

const char *config_setting (void *arg, const char *path)
{
    return config_get_text (arg, path);
}

const char *config_name (const struct config *config)
{
    return config->file;
}

const char *config_state (const struct config *config, enum speaker speaker)
{
    return config->state[speaker];
}

const char *config_key (const struct config *config, enum speaker speaker)
{
    return config->key[speaker];
}

const char *config_door (const struct config *config, enum speaker speaker)
{
    return config->door[speaker];
}

const char *config_control (const struct config *config, enum speaker speaker)
{
    return config->control[speaker];
}
