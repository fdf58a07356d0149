/* SPDX-License-Identifier: Apache-2.0 */
/* The place: the shipped township with keys of its own for those who load it, so that
 * nothing of a real one is touched. Every terminal may file for the whole township; a desk
 * speaks for one department, and several desks of one department have a key each. */
#include "cli/bench_town.h"

#include "base/civil.h"
#include "rules/responsibility.h"
#include "rules/rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Beyond what the township's own clients have (place.c). */
#define NUMBER_TERMINAL 1001
#define NUMBER_DESK     3000001

/* ---- what is filed ----------------------------------------------------------------- */

static uint32_t person_of (const struct rules *rules, uint32_t department)
{
    static const enum office offices[] = { OFFICE_WORKER, OFFICE_HEAD, OFFICE_DEPUTY };
    int32_t today = civil_day (cli_now_ms ());
    for (size_t i = 0; i < ARRAY_SIZE (offices); i++) {
        size_t at = 0;
        const struct officer *officer =
            officer_next (rules, department, offices[i], today, &at);
        if (officer != NULL)
            return officer->number;
    }
    return 0;
}

static bool has_matter (const struct bench_town *town, uint32_t department)
{
    for (size_t i = 0; i < town->n_matters; i++)
        if (town->matters[i].department == department)
            return true;
    return false;
}

/* The first category of every department that the tables lead to without a dispatcher, for
 * as many departments as there are desks. */
static int choose_matters (struct bench_town *town, const struct rules *rules,
                           size_t n_desks)
{
    struct arena *arena = &town->cli->arena;
    town->matters = ARENA_ARRAY (arena, struct bench_matter, n_desks);
    for (size_t i = 0; i < rules->category_count && town->n_matters < n_desks; i++) {
        struct responsibility_question question = {
            .village = town->villages[0],
            .category = rules->categories[i].path,
            .purpose = PURPOSE_REQUEST,
        };
        struct responsibility_answer answer;
        rules_responsible (rules, &question, &answer);
        uint32_t person = answer.department == 0 || answer.assisting_count > 0
                              ? 0
                              : person_of (rules, answer.department);
        if (person == 0 || has_matter (town, answer.department))
            continue;
        town->matters[town->n_matters++] =
            (struct bench_matter){ .category = arena_text (arena, question.category),
                                   .department = answer.department,
                                   .person = person };
    }
    return town->n_matters > 0
               ? 0
               : err_set (&town->cli->err, -EINVAL,
                          _ ("the tables place nothing without a dispatcher"));
}

static int choose_villages (struct bench_town *town, const struct rules *rules)
{
    uint64_t township = rules->village_count > 0 ? rules->villages[0].code / 1000 : 0;
    town->villages = ARENA_ARRAY (&town->cli->arena, uint64_t, rules->village_count + 1);
    for (size_t i = 0; i < rules->village_count; i++)
        if (rules->villages[i].code / 1000 == township)
            town->villages[town->n_villages++] = rules->villages[i].code;
    return town->n_villages > 0
               ? 0
               : err_set (&town->cli->err, -EINVAL, _ ("the tables have no village"));
}

/* ---- keys -------------------------------------------------------------------------- */

static int load_key (struct bench_town *town, const char *name, struct key_file *ret)
{
    struct cli *cli = town->cli;
    const char *keys = config_get_text (cli_config (cli), "keys");
    return key_file_load (arena_format (&cli->arena, "%s/%s.key", keys, name), ret,
                          &cli->err);
}

/* The key of a client, made when the place has none yet. */
static int take_key (struct bench_town *town, const struct new_client *client,
                     struct key_file *ret)
{
    int rc = client_add (town->cli, client);
    return rc < 0 && rc != -EEXIST ? rc : load_key (town, client->name, ret);
}

static int take_terminals (struct bench_town *town, size_t count)
{
    struct arena *arena = &town->cli->arena;
    int rc = 0;
    town->terminals = ARENA_ARRAY (arena, struct key_file, count);
    town->n_terminals = count;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        uint32_t number = NUMBER_TERMINAL + (uint32_t) i;
        struct new_client terminal = {
            .role = ROLE_TERMINAL,
            .number = number,
            .territory = town->villages[0] / 1000,
            .name = arena_format (arena, "terminal-%u", number),
        };
        rc = take_key (town, &terminal, &town->terminals[i]);
    }
    return rc;
}

static int take_desks (struct bench_town *town, size_t count)
{
    struct arena *arena = &town->cli->arena;
    int rc = 0;
    town->desks = ARENA_ARRAY (arena, struct bench_desk_key, count);
    town->n_desks = count;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        const struct bench_matter *matter = &town->matters[i % town->n_matters];
        uint32_t number = NUMBER_DESK + (uint32_t) i;
        struct new_client desk = {
            .role = ROLE_DESK,
            .number = number,
            .department = matter->department,
            .name = arena_format (arena, "desk-%u-%u", matter->department, number),
        };
        town->desks[i].matter = matter;
        rc = take_key (town, &desk, &town->desks[i].key);
    }
    return rc;
}

/* ---- the place --------------------------------------------------------------------- */

/* 'client_add' reads the whole table each time: hundreds are a second's work. */
static int make (struct bench_town *town, const struct bench_plan *plan)
{
    struct cli *cli = town->cli;
    int rc = place_make (cli, town->dir, "minqing.local.conf");
    const struct rules *rules = rc < 0 ? NULL : cli_rules (cli);
    if (rules == NULL)
        return cli->err.code;
    rc = choose_villages (town, rules);
    if (rc == 0)
        rc = choose_matters (town, rules, plan->desks);
    if (rc == 0)
        rc = take_terminals (town, (size_t) plan->terminals + 1);
    if (rc == 0)
        rc = take_desks (town, plan->desks);
    return rc == 0 ? load_key (town, "operator", &town->operator_key) : rc;
}

static const char *make_dir (struct cli *cli)
{
    const char *tmp = getenv ("TMPDIR");
    char *dir =
        arena_format (&cli->arena, "%s/minqing-bench-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp (dir) == NULL) {
        err_set (&cli->err, -EEXIST, "%s: %s", dir, strerror (errno));
        return NULL;
    }
    return dir;
}

int bench_town_open (struct cli *cli, const struct bench_plan *plan,
                     struct bench_town *ret_town)
{
    *ret_town = (struct bench_town){ .cli = cli };
    ret_town->dir = plan->dir != NULL ? plan->dir : make_dir (cli);
    if (ret_town->dir == NULL)
        return cli->err.code;
    int rc = make (ret_town, plan);
    if (rc == 0)
        rc = place_start (cli, &ret_town->place);
    cli->as = NULL;
    cli->key_path = NULL;
    return rc == 0 ? session_open (cli, "operator", &ret_town->session) : rc;
}

void bench_town_close (struct bench_town *town, const struct bench_plan *plan)
{
    if (town->session != NULL)
        session_close (&town->session);
    place_stop (&town->place);
    for (size_t i = 0; i < town->n_terminals; i++)
        key_pair_forget (&town->terminals[i].pair);
    for (size_t i = 0; i < town->n_desks; i++)
        key_pair_forget (&town->desks[i].key.pair);
    key_pair_forget (&town->operator_key.pair);
    if (town->dir == NULL || plan->dir != NULL)
        return;
    if (plan->is_kept)
        cli_say (town->cli, _ ("kept: %s"), town->dir);
    else
        place_remove (town->dir);
}
