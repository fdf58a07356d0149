/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/seal.h"

#include "base/file.h"
#include "link/keys.h"
#include "wire/wire.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *secret_path (struct cli *cli, uint32_t department)
{
    return arena_format (&cli->arena, "%s/seal-%u.key",
                         config_get_text (cli_config (cli), "keys"), department);
}

/* ---- one cell of a table ----------------------------------------------------------- */

/* Which column of a line of tab-separated names; -1: none. */
static int column_of (const char *header, const char *name)
{
    int column = 0;
    size_t length = strlen (name);
    for (const char *at = header;; column++) {
        size_t here = strcspn (at, "\t\r\n");
        if (here == length && strncmp (at, name, length) == 0)
            return column;
        if (at[here] != '\t')
            return -1;
        at += here + 1;
    }
}

/* Where the cell begins in its line; NULL: the line is shorter. */
static const char *cell_at (const char *line, int column)
{
    for (; column > 0; column--) {
        line += strcspn (line, "\t\r\n");
        if (*line++ != '\t')
            return NULL;
    }
    return line;
}

/* Copy the table with one cell replaced. False: no such row or column. */
static bool replace_cell (const char *table, uint32_t number, const char *column_name,
                          const char *value, struct buffer *ret)
{
    int key = -1, column = -1;
    bool is_done = false;
    for (const char *line = table; *line != '\0';) {
        size_t length = strcspn (line, "\n");
        size_t whole = length + (line[length] == '\n');
        const char *cell = NULL;
        if (line[0] == '#' || length == 0) {
            /* a comment */
        } else if (key < 0) {
            key = column_of (line, "number");
            column = column_of (line, column_name);
            if (key < 0 || column < 0)
                return false;
        } else if (!is_done && cell_at (line, key) != NULL &&
                   strtoul (cell_at (line, key), NULL, 10) == number) {
            cell = cell_at (line, column);
        }
        if (cell != NULL) {
            size_t old = strcspn (cell, "\t\r\n");
            buffer_append (ret, line, (size_t) (cell - line));
            buffer_append (ret, value, strlen (value));
            buffer_append (ret, cell + old, whole - (size_t) (cell - line) - old);
            is_done = true;
        } else {
            buffer_append (ret, line, whole);
        }
        line += whole;
    }
    return is_done;
}

static int publish (struct cli *cli, uint32_t department, const char *public_key)
{
    const char *path = arena_format (&cli->arena, "%s/departments.tsv",
                                     config_get_text (cli_config (cli), "tables"));
    struct buffer table = { 0 }, changed = { 0 };
    int rc = file_read (path, CLI_FILE_MAX, &table, &cli->err);
    buffer_append (&table, "", 1);
    if (rc == 0 && !replace_cell ((const char *) table.data, department, "seal_key",
                                  public_key, &changed))
        rc =
            err_set (&cli->err, -EINVAL,
                     _ ("%s: no department %u, or no column seal_key"), path, department);
    if (rc == 0)
        rc = file_write (path, buffer_bytes (&changed), 0644, &cli->err);
    buffer_done (&table);
    buffer_done (&changed);
    return rc;
}

/* ---- keys -------------------------------------------------------------------------- */

int seal_make (struct cli *cli, uint32_t department)
{
    if (cli_config (cli) == NULL)
        return cli->err.code;
    const char *path = secret_path (cli, department);
    if (access (path, F_OK) == 0)
        return err_set (&cli->err, -EEXIST,
                        _ ("%s is there already: what was sealed for it needs it"), path);
    struct key_pair pair;
    char public_text[KEY_TEXT_SIZE], secret_text[KEY_TEXT_SIZE];
    key_pair_make (&pair);
    key_format (pair.public_key, public_text);
    key_format (pair.secret_key, secret_text);
    const char *content = arena_format (
        &cli->arena,
        "# Opens what was sealed for department %u. Keep it secret; never copy it.\n"
        "public = %s\nsecret = %s\n",
        department, public_text, secret_text);
    int rc = file_write (path, bytes_of_text (content), 0600, &cli->err);
    if (rc == 0 && (rc = publish (cli, department, public_text)) < 0)
        unlink (path); /* nothing was sealed for it */
    key_pair_forget (&pair);
    sodium_memzero (secret_text, sizeof secret_text);
    return rc;
}

static bool read_pair (const char *text, struct key_pair *ret)
{
    char public_text[KEY_TEXT_SIZE] = "", secret_text[KEY_TEXT_SIZE] = "";
    const char *public_at = strstr (text, "public = "),
               *secret_at = strstr (text, "secret = ");
    if (public_at == NULL || secret_at == NULL)
        return false;
    snprintf (public_text, sizeof public_text, "%s", public_at + 9);
    snprintf (secret_text, sizeof secret_text, "%s", secret_at + 9);
    return key_parse (public_text, ret->public_key) &&
           key_parse (secret_text, ret->secret_key);
}

int seal_open (struct cli *cli, uint32_t department, struct bytes sealed,
               struct statement *ret_statement)
{
    if (cli_config (cli) == NULL)
        return cli->err.code;
    const char *path = secret_path (cli, department);
    struct buffer text = { 0 };
    struct key_pair pair;
    int rc = file_read (path, CLI_FILE_MAX, &text, &cli->err);
    buffer_append (&text, "", 1);
    if (rc == 0 && !read_pair ((const char *) text.data, &pair))
        rc = err_set (&cli->err, -EBADMSG, _ ("%s is no seal key"), path);
    if (text.size > 0)
        sodium_memzero (text.data, text.size);
    buffer_done (&text);
    if (rc < 0)
        return rc;
    if (sealed.size < crypto_box_SEALBYTES)
        return err_set (&cli->err, -EBADMSG, _ ("what is sealed is too short"));
    size_t size = sealed.size - crypto_box_SEALBYTES;
    uint8_t *clear = arena_take (&cli->arena, size + 1);
    rc = crypto_box_seal_open (clear, sealed.data, sealed.size, pair.public_key,
                               pair.secret_key) == 0
             ? statement_decode (&cli->arena, BYTES (clear, size), ret_statement,
                                 &cli->err)
             : err_set (&cli->err, -EBADMSG, _ ("it was sealed for another key than %s"),
                        path);
    key_pair_forget (&pair);
    return rc;
}
