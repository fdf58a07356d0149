/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of a place. Everything is made under its own name first and renamed, so that
 * a second run after a crash finds all of a file or nothing. */
#include "cli/place.h"

#include "cli/seal.h"

#include "base/civil.h"
#include "base/file.h"

#include "clients/clients.h"
#include "link/keys.h"
#include "rules/rules.h"
#include "wire/names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const enum speaker speakers[] = { SPEAKER_INTAKE, SPEAKER_ROUTING,
                                         SPEAKER_ESCALATION, SPEAKER_NOTIFICATION };

/* Numbers by custom, so that none collide: terminals have their own (1 … 99999). */
#define NUMBER_DAEMON     900000
#define NUMBER_OPERATOR   900010
#define NUMBER_DISPATCHER 900020
#define NUMBER_KEEPER     900030
#define NUMBER_DESK       1000000 /* + department */
#define NUMBER_LEADER     2000000 /* + department */

const char *place_share (struct cli *cli)
{
    const char *said = getenv ("MINQING_SHARE");
    char self[PATH_MAX];
    ssize_t length = readlink ("/proc/self/exe", self, sizeof self - 1);
    const char *beside = "";
    if (length > 0) {
        self[length] = '\0';
        *strrchr (self, '/') = '\0';
        beside = arena_format (&cli->arena, "%s/../share/minqing", self);
    }
    const char *candidates[] = { said != NULL ? said : beside, beside, MINQING_SHIPPED };
    for (size_t i = 0; i < ARRAY_SIZE (candidates); i++) {
        const char *tables = arena_format (&cli->arena, "%s/tables", candidates[i]);
        if (access (tables, R_OK) == 0)
            return candidates[i];
    }
    err_set (&cli->err, -ENOENT,
             _ ("the shipped configuration is not in %s; set MINQING_SHARE"),
             candidates[0]);
    return NULL;
}

static int dir_make (struct cli *cli, const char *path, mode_t mode)
{
    if (mkdir (path, mode) < 0 && errno != EEXIST)
        return err_set (&cli->err, -errno, "%s: %s", path, strerror (errno));
    return 0;
}

/* ---- files ------------------------------------------------------------------------- */

static int copy_file (struct cli *cli, const char *from, const char *to)
{
    struct buffer content = { 0 };
    struct stat stat_from;
    if (access (to, F_OK) == 0)
        return 0;
    if (stat (from, &stat_from) < 0)
        return err_set (&cli->err, -errno, "%s: %s", from, strerror (errno));
    int rc = file_read (from, CLI_FILE_MAX, &content, &cli->err);
    if (rc == 0)
        rc =
            file_write (to, buffer_bytes (&content), stat_from.st_mode & 0777, &cli->err);
    buffer_done (&content);
    return rc;
}

/* The shipped files of one folder. */
static int copy_folder (struct cli *cli, const char *share, const char *dir,
                        const char *name)
{
    const char *from = arena_format (&cli->arena, "%s/%s", share, name);
    const char *to = arena_format (&cli->arena, "%s/%s", dir, name);
    DIR *folder = opendir (from);
    if (folder == NULL)
        return err_set (&cli->err, -errno, "%s: %s", from, strerror (errno));
    int rc = dir_make (cli, to, 0755);
    for (struct dirent *entry; rc == 0 && (entry = readdir (folder)) != NULL;)
        if (entry->d_name[0] != '.')
            rc = copy_file (cli, arena_format (&cli->arena, "%s/%s", from, entry->d_name),
                            arena_format (&cli->arena, "%s/%s", to, entry->d_name));
    closedir (folder);
    return rc;
}

/* ---- clients ----------------------------------------------------------------------- */

static const char clients_header[] =
    "# Who may come in, and as what. A line a key; the key files are in keys/.\n"
    "# role: terminal, dispatcher, desk, leader, daemon, operator, keeper. territory: "
    "beginning of\n"
    "# village codes, empty: everywhere. until: last day, empty: open. Reload after a "
    "change.\n"
    "number\trole\tkey\tterritory\tdepartment\tname\tuntil\n";

static uint32_t custom_number (const struct new_client *client)
{
    switch (client->role) {
    case ROLE_DISPATCHER:
        return NUMBER_DISPATCHER;
    case ROLE_OPERATOR:
        return NUMBER_OPERATOR;
    case ROLE_KEEPER:
        return NUMBER_KEEPER;
    case ROLE_DESK:
        return NUMBER_DESK + client->department;
    case ROLE_LEADER:
        return NUMBER_LEADER + client->department;
    case ROLE_NONE:
    case ROLE_TERMINAL:
    case ROLE_DAEMON:
    case ROLE_COUNT:
        break;
    }
    return 0;
}

/* Where the door is for a client on this machine, or for one that knows it as 'host': the
 * first door for others, at that address. "": there is none. */
static void find_door (struct config *config, enum speaker speaker, const char *host,
                       char ret_endpoint[ENDPOINT_SIZE])
{
    char setting[64];
    const char *const *doors;
    snprintf (ret_endpoint, ENDPOINT_SIZE, "%s",
              host == NULL ? config_door (config, speaker) : "");
    snprintf (setting, sizeof setting, "%s/door", speaker_name (speaker));
    size_t n_doors = config_get_list (config, setting, &doors);
    for (size_t i = 0; host != NULL && i < n_doors && ret_endpoint[0] == '\0'; i++)
        if (strncmp (doors[i], "tcp://", 6) == 0)
            snprintf (ret_endpoint, ENDPOINT_SIZE, "tcp://%s%s", host,
                      strrchr (doors[i], ':'));
}

/* Public keys of the daemons, from their key files; and where their doors are. */
static int fill_servers (struct cli *cli, const char *host, struct key_file *key)
{
    struct config *config = cli_config (cli);
    bool is_reached = false;
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++) {
        struct key_file daemon;
        const char *path = config_key (config, speakers[i]);
        if (key_file_load (path, &daemon, &cli->err) < 0)
            return cli->err.code;
        struct key_server *server = &key->servers[speakers[i]];
        memcpy (server->public_key, daemon.pair.public_key, KEY_SIZE);
        find_door (config, speakers[i], host, server->endpoint);
        is_reached = is_reached || server->endpoint[0] != '\0';
        key_pair_forget (&daemon.pair);
    }
    if (!is_reached)
        return err_set (&cli->err, -EINVAL,
                        _ ("no daemon has a door for other machines; give intake one in "
                           "%s, such as door = \"tcp://0.0.0.0:5550\", and restart it"),
                        config_name (config));
    return 0;
}

/* -EEXIST: the number has its line, and its key is on another machine perhaps. A second
 * one would make the whole table unreadable. */
static int check_new (struct cli *cli, uint32_t number)
{
    const char *path = config_get_text (cli_config (cli), "clients");
    struct buffer content = { 0 };
    struct clients *clients = NULL;
    if (access (path, F_OK) < 0)
        return 0;
    int rc = file_read (path, CLI_FILE_MAX, &content, &cli->err);
    if (rc == 0)
        rc = clients_parse (&clients, path, buffer_bytes (&content), NULL, &cli->err);
    if (rc == 0 && clients_find_number (clients, number) != NULL)
        rc = err_set (&cli->err, -EEXIST,
                      _ ("client %u stands in %s already; take its line out first, or "
                         "choose another --number"),
                      number, path);
    clients_destroy (&clients);
    buffer_done (&content);
    return rc;
}

/* Never write a table that the daemons would not take: a slip of the pen in one line
 * shuts out everybody at the next reload. */
static int check_table (struct cli *cli, const char *path, const struct buffer *content)
{
    struct clients *clients = NULL;
    int rc = clients_parse (&clients, path, buffer_bytes (content), NULL, &cli->err);
    clients_destroy (&clients);
    return rc;
}

/* Append the line; the file is made with its header at the first. */
static int append_client (struct cli *cli, const struct key_file *key,
                          const struct new_client *client)
{
    const char *path = config_get_text (cli_config (cli), "clients");
    struct buffer content = { 0 };
    int rc = 0;
    if (access (path, F_OK) == 0)
        rc = file_read (path, CLI_FILE_MAX, &content, &cli->err);
    else
        buffer_append (&content, clients_header, sizeof clients_header - 1);
    char text[KEY_TEXT_SIZE], territory[24] = "", department[16] = "";
    key_format (key->pair.public_key, text);
    if (client->territory != 0)
        snprintf (territory, sizeof territory, "%llu",
                  (unsigned long long) client->territory);
    if (client->department != 0)
        snprintf (department, sizeof department, "%u", client->department);
    const char *line = arena_format (
        &cli->arena, "%s%u\t%s\t%s\t%s\t%s\t%s\t\n",
        content.size > 0 && content.data[content.size - 1] != '\n' ? "\n" : "",
        key->number, role_name (key->role), text, territory, department,
        client->label != NULL ? client->label : client->name);
    buffer_append (&content, line, strlen (line));
    if (rc == 0)
        rc = check_table (cli, path, &content);
    if (rc == 0)
        rc = file_write (path, buffer_bytes (&content), 0644, &cli->err);
    buffer_done (&content);
    return rc;
}

int client_add (struct cli *cli, const struct new_client *client)
{
    struct config *config = cli_config (cli);
    if (config == NULL)
        return cli->err.code;
    const char *folder = config_get_text (config, "keys");
    struct key_file key = { .number = client->number != 0 ? client->number
                                                          : custom_number (client),
                            .role = client->role,
                            .incarnation = 1 };
    snprintf (key.name, sizeof key.name, "%s",
              client->label != NULL ? client->label : client->name);
    int rc = check_new (cli, key.number);
    if (rc == 0)
        rc = dir_make (cli, folder, 0700);
    if (rc == 0 && client->role != ROLE_DAEMON)
        rc = fill_servers (cli, client->host, &key);
    if (rc < 0)
        return rc;
    key_pair_make (&key.pair);
    const char *file = arena_format (&cli->arena, "%s/%s.key", folder, client->name);
    rc = key_file_save (file, &key, &cli->err);
    if (rc == 0 && (rc = append_client (cli, &key, client)) < 0)
        unlink (file); /* a key that nobody knows */
    key_pair_forget (&key.pair);
    return rc;
}

static int add_missing (struct cli *cli, const struct new_client *client)
{
    int rc = client_add (cli, client);
    return rc == -EEXIST ? 0 : rc;
}

int clients_init (struct cli *cli)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < ARRAY_SIZE (speakers); i++) {
        struct new_client daemon = { .role = ROLE_DAEMON,
                                     .number = NUMBER_DAEMON + speakers[i],
                                     .name = speaker_name (speakers[i]) };
        rc = add_missing (cli, &daemon);
    }
    struct new_client operator= { .role = ROLE_OPERATOR, .name = "operator" };
    struct new_client dispatcher = { .role = ROLE_DISPATCHER, .name = "dispatcher" };
    struct new_client keeper = { .role = ROLE_KEEPER, .name = "keeper" };
    if (rc == 0)
        rc = add_missing (cli, &operator);
    if (rc == 0)
        rc = add_missing (cli, &dispatcher);
    return rc == 0 ? add_missing (cli, &keeper) : rc;
}

/* ---- the whole place --------------------------------------------------------------- */

/* Terminals as the sample set has them: 101 … one for each village of the township in the
 * order of the table, 140 the township's window, 199 for everything in the county. */
static int make_terminals (struct cli *cli, const struct rules *rules)
{
    uint32_t number = 101;
    uint64_t township = rules->village_count > 0 ? rules->villages[0].code / 1000 : 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < rules->village_count; i++) {
        if (rules->villages[i].code / 1000 != township)
            continue;
        struct new_client terminal = { .role = ROLE_TERMINAL,
                                       .number = number,
                                       .territory = rules->villages[i].code,
                                       .name = arena_format (&cli->arena, "terminal-%u",
                                                             number),
                                       .label = rules->villages[i].name };
        rc = add_missing (cli, &terminal);
        number++;
    }
    struct new_client window = { .role = ROLE_TERMINAL,
                                 .number = 140,
                                 .territory = township,
                                 .name = "terminal-140",
                                 .label = "township window" };
    struct new_client county = { .role = ROLE_TERMINAL,
                                 .number = 199,
                                 .territory = township / 1000,
                                 .name = "terminal-199",
                                 .label = "county" };
    if (rc == 0)
        rc = add_missing (cli, &window);
    return rc == 0 ? add_missing (cli, &county) : rc;
}

/* Discipline organs need a key before the first accusation is written down. */
static int make_seals (struct cli *cli, const struct rules *rules)
{
    int rc = dir_make (cli, config_get_text (cli_config (cli), "keys"), 0700);
    for (size_t i = 0; rc == 0 && i < rules->department_count; i++) {
        const struct department *department = &rules->departments[i];
        if ((department->flags & DEPARTMENT_DISCIPLINE) != 0 && !department->can_unseal)
            rc = seal_make (cli, department->number);
        if (rc == -EEXIST)
            rc = 0;
    }
    return rc;
}

static int make_desks (struct cli *cli, const struct rules *rules)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < rules->department_count; i++) {
        const struct department *department = &rules->departments[i];
        if (department->successor != 0)
            continue;
        struct new_client desk = { .role = ROLE_DESK,
                                   .department = department->number,
                                   .name = arena_format (&cli->arena, "desk-%u",
                                                         department->number),
                                   .label = department->name };
        rc = add_missing (cli, &desk);
    }
    return rc;
}

/* Somebody of it answers for a territory: the joint meeting's office, the county. */
static bool is_leading (const struct rules *rules, const struct department *department)
{
    size_t at = 0;
    if (department->successor != 0 || (department->flags & DEPARTMENT_DISCIPLINE) != 0)
        return false;
    return (department->flags & DEPARTMENT_JOINT) != 0 ||
           officer_next (rules, department->number, OFFICE_COUNTY,
                         civil_day (cli_now_ms ()), &at) != NULL;
}

/* Who answers what is raised in the territory, and is its second person. */
static int make_leaders (struct cli *cli, const struct rules *rules)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < rules->department_count; i++) {
        const struct department *department = &rules->departments[i];
        if (!is_leading (rules, department))
            continue;
        struct new_client leader = { .role = ROLE_LEADER,
                                     .department = department->number,
                                     .territory = department->territory,
                                     .name = arena_format (&cli->arena, "leader-%u",
                                                           department->number),
                                     .label = department->name };
        rc = add_missing (cli, &leader);
    }
    return rc;
}

int place_make (struct cli *cli, const char *dir, const char *conf)
{
    const char *share = place_share (cli);
    if (share == NULL)
        return cli->err.code;
    const char *config = arena_format (&cli->arena, "%s/minqing.conf", dir);
    int rc = dir_make (cli, dir, 0700);
    if (rc == 0)
        rc = copy_folder (cli, share, dir, "tables");
    if (rc == 0)
        rc = copy_folder (cli, share, dir, "pipe");
    if (rc == 0)
        rc = copy_file (cli, arena_format (&cli->arena, "%s/%s", share, conf), config);
    const char *folders[] = { "state", "run" };
    for (size_t i = 0; rc == 0 && i < ARRAY_SIZE (folders); i++)
        rc = dir_make (cli, arena_format (&cli->arena, "%s/%s", dir, folders[i]), 0700);
    if (rc < 0)
        return rc;
    cli->config_path = config;
    const struct rules *rules = cli_rules (cli);
    rc = rules == NULL ? cli->err.code : make_seals (cli, rules);
    rules_destroy (&cli->rules);
    if (rc == 0)
        rules = cli_rules (cli);
    if (rc == 0)
        rc = rules == NULL ? cli->err.code : clients_init (cli);
    if (rc == 0)
        rc = make_terminals (cli, rules);
    if (rc == 0)
        rc = make_desks (cli, rules);
    if (rc == 0)
        rc = make_leaders (cli, rules);
    return rc;
}
