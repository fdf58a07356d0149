/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the place and the table of clients: read whole, handed to the core, which
 * checks, journals and takes them into force, or refuses them as a whole.
 *
 * The tables in force stand in the journal. So a machine that reboots over a half-saved
 * spreadsheet goes on with the last good ones, loudly, instead of not at all. */
#include "runtime/service_inside.h"

#include "base/file.h"
#include "base/log.h"

#include <errno.h>

static int read_clients (const struct shell *shell, struct buffer *ret, struct err *err)
{
    return file_read (config_get_text (shell->config, "clients"), RULES_TABLE_BYTES_MAX,
                      ret, err);
}

/* Without that row nobody could follow us. */
static int check_key (const struct shell *shell, const struct clients *clients,
                      struct err *err)
{
    struct bytes key = BYTES_OF (shell->key.pair.public_key);
    const struct client *client = clients_find_key (clients, key);
    const char *name = shell->spec->name;
    if (client != NULL && client->role == ROLE_DAEMON &&
        client->speaker == shell->spec->speaker)
        return 0;
    return err_set (err, -EINVAL,
                    "%s: has no row of role daemon and name %s with the public key of %s",
                    config_get_text (shell->config, "clients"), name,
                    config_key (shell->config, shell->spec->speaker));
}

int shell_check (struct shell *shell, struct err *err)
{
    CLEANUP (rules_destroy) struct rules *rules = NULL;
    CLEANUP (clients_destroy) struct clients *clients = NULL;
    struct buffer text = { 0 };
    int rc = rules_load_dir (&rules, config_get_text (shell->config, "tables"), err);
    if (rc == 0)
        rc = read_clients (shell, &text, err);
    if (rc == 0)
        rc = clients_parse (&clients, config_get_text (shell->config, "clients"),
                            buffer_bytes (&text), rules, err);
    if (rc == 0)
        rc = key_file_load (config_key (shell->config, shell->spec->speaker), &shell->key,
                            err);
    if (rc == 0)
        rc = check_key (shell, clients, err);
    buffer_done (&text);
    return rc;
}

/* A table that the next start would refuse is refused now, by the one who saved it. */
static int check_clients (const struct shell *shell, struct bytes text, struct err *err)
{
    CLEANUP (clients_destroy) struct clients *clients = NULL;
    int rc = clients_parse (&clients, config_get_text (shell->config, "clients"), text,
                            NULL, err);
    return rc < 0 ? rc : check_key (shell, clients, err);
}

/* A table that cannot be read is refused like a wrong one: -EIO is the store's word here,
 * after which the daemon must exit. */
static int read_failed (int rc)
{
    return rc == -EIO ? -EINVAL : rc;
}

int shell_take_tables (struct shell *shell, struct err *err)
{
    struct rules_files files;
    struct buffer text = { 0 };
    int rc = rules_read_dir (&files, config_get_text (shell->config, "tables"), err);
    if (rc < 0)
        return read_failed (rc);
    rc = read_failed (read_clients (shell, &text, err));
    if (rc == 0)
        rc = check_clients (shell, buffer_bytes (&text), err);
    if (rc == 0)
        rc = core_start (shell->core, files.sources, buffer_bytes (&text), shell->now_ms,
                         err);
    buffer_done (&text);
    rules_files_done (&files);
    return rc;
}

/* The store's failure, not the tables': a full disk mends when there is room again. */
static bool is_of_store (int rc)
{
    return rc == -EIO || rc == -EUCLEAN || rc == -ENOSPC || rc == -ENOMEM;
}

int shell_start_tables (struct shell *shell, struct err *err)
{
    int rc = shell_take_tables (shell, err);
    if (rc < 0 && !is_of_store (rc)) {
        struct err none;
        rc = core_start (shell->core, NULL, BYTES (NULL, 0), shell->now_ms, &none);
        if (is_of_store (rc))
            *err = none;
        if (rc < 0)
            return is_of_store (rc) ? rc : -EINVAL;
        log_error ("tables on disk are refused, the last good ones stay in force: %s",
                   err->text);
    }
    return rc < 0 ? rc : check_key (shell, core_clients (shell->core), err);
}
