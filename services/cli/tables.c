/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration and the tables a subcommand may look things up in: numbers that people
 * type, names that people read. */
#include "cli/cli.h"
#include "cli/sentence.h"

#include "base/number.h"
#include "rules/rules.h"
#include "wire/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct config *cli_config (struct cli *cli)
{
    if (cli->config == NULL &&
        config_load (cli->config_path, &cli->config, &cli->err) < 0)
        return NULL;
    return cli->config;
}

const struct rules *cli_rules (struct cli *cli)
{
    if (cli->rules != NULL)
        return cli->rules;
    struct config *config = cli_config (cli);
    if (config == NULL)
        return NULL;
    if (rules_load_dir (&cli->rules, config_get_text (config, "tables"), &cli->err) < 0)
        return NULL;
    return cli->rules;
}

int cli_number (struct cli *cli, const char *text, uint64_t *ret_number)
{
    int rc = number_parse (text, ret_number, &cli->err);
    if (rc < 0) { /* out of the text that it is written over */
        const char *said = arena_text (&cli->arena, cli->err.text);
        err_set (&cli->err, rc, "%s", sentence_in_language (cli, said));
    }
    return rc;
}

int cli_unsigned (struct cli *cli, const char *what, const char *text, uint64_t max,
                  uint64_t *ret_value)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull (text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || value > max)
        return err_set (&cli->err, -EINVAL, _ ("%s: \"%s\" is no number from 0 to %llu"),
                        what, text, (unsigned long long) max);
    *ret_value = value;
    return 0;
}

int cli_department (struct cli *cli, const char *text, uint32_t *ret_number)
{
    char *end;
    unsigned long number = strtoul (text, &end, 10);
    if (end != text && *end == '\0' && number <= UINT32_MAX) {
        *ret_number = (uint32_t) number;
        return 0;
    }
    const struct rules *rules = cli_rules (cli);
    if (rules == NULL)
        return cli->err.code;
    const struct department *found = NULL;
    for (size_t i = 0; i < rules->department_count; i++) {
        const struct department *department = &rules->departments[i];
        bool exact = strcmp (department->name, text) == 0;
        bool partly =
            strstr (department->name, text) != NULL ||
            (department->name_en != NULL && strcasestr (department->name_en, text));
        if (exact || (partly && found == NULL)) {
            found = department;
            if (exact)
                break;
        } else if (partly) {
            return err_set (
                &cli->err, -EINVAL, _ ("\"%s\" fits %u %s and %u %s; say the number"),
                text, found->number, found->name, department->number, department->name);
        }
    }
    if (found == NULL)
        return err_set (&cli->err, -EINVAL,
                        _ ("no department is called \"%s\"; 'minqing queue' lists them"),
                        text);
    *ret_number = found->number;
    return 0;
}

bool cli_reached_parse (const char *text, uint32_t *ret_level)
{
    static const char *const words[REACHED_MOST][2] = {
        { "county", "县" }, { "city", "市" }, { "province", "省" }, { "capital", "京" }
    };
    for (uint32_t i = 0; i < REACHED_MOST; i++)
        if (strcmp (text, words[i][0]) == 0 || strcmp (text, words[i][1]) == 0) {
            *ret_level = i + 1;
            return true;
        }
    return false;
}

uint32_t cli_page (uint64_t limit, uint64_t shown, uint32_t page)
{
    if (limit == 0)
        return page;
    uint64_t left = limit > shown ? limit - shown : 0;
    return left < page ? (uint32_t) left : page;
}

void cli_category_doubt (struct cli *cli, const char *path)
{
    const struct rules *rules = path != NULL ? cli_rules (cli) : NULL;
    if (rules == NULL || category_find (rules, path) != NULL)
        return;
    const char **paths = ARENA_ARRAY (&cli->arena, const char *, rules->category_count);
    for (size_t i = 0; i < rules->category_count; i++)
        paths[i] = rules->categories[i].path;
    const char *meant = name_suggest (path, paths, rules->category_count);
    const struct category *nearest = category_nearest (rules, path);
    if (meant != NULL)
        cli_say (cli, _ ("no table has the category %s; did you mean %s?"), path, meant);
    else if (nearest != NULL)
        cli_say (cli, _ ("no table has the category %s; it counts as %s"), path,
                 nearest->path);
    else
        cli_say (cli, _ ("no table has the category %s; the dispatcher decides"), path);
}

const char *cli_department_name (struct cli *cli, uint32_t number)
{
    const struct rules *rules = cli_rules (cli);
    const struct department *department =
        rules != NULL ? department_find (rules, number) : NULL;
    if (number == 0)
        return _ ("dispatcher");
    return department != NULL ? department->name
                              : arena_format (&cli->arena, "%u", number);
}

const char *cli_village_name (struct cli *cli, uint64_t code)
{
    const struct rules *rules = cli_rules (cli);
    const struct village *village = rules != NULL ? village_find (rules, code) : NULL;
    return village != NULL
               ? village->name
               : arena_format (&cli->arena, "%llu", (unsigned long long) code);
}

const char *cli_person_name (struct cli *cli, uint32_t number)
{
    const struct rules *rules = cli_rules (cli);
    const struct officer *officer = rules != NULL ? officer_find (rules, number) : NULL;
    return officer != NULL ? officer->name : arena_format (&cli->arena, "%u", number);
}
