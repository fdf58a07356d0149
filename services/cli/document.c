/* SPDX-License-Identifier: Apache-2.0 */
/* minqing document: the legal documents of a grievance, as lines for a printer or as an A4
 * page. Whoever handles it asks at routing, the petitioner and the terminal that filed it
 * at intake; both give the text that routing's journal holds, and its hash is checked
 * here. */
#include "cli/document.h"

#include "cli/document_page.h"
#include "cli/language.h"

#include "base/civil.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/number.h"
#include "wire/limits.h"
#include "wire/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { OPTION_CODE, OPTION_HTML, OPTION_TEXT };
static const struct cli_option options[] = {
    [OPTION_CODE] = { "code", N_ ("CODE"), N_ ("query code on the slip") },
    [OPTION_HTML] = { "html", N_ ("FILE"), N_ ("write it as an A4 page; -: to stdout") },
    [OPTION_TEXT] = { "text", NULL, N_ ("as lines for a printer [so without --html]") },
    { NULL, NULL, NULL },
};

static int ask (struct session *session, struct document_query *documents,
                struct documents *ret_documents)
{
    bool is_filer = session_key (session)->role == ROLE_TERMINAL;
    struct query query = { .documents = documents };
    struct reply reply;
    int rc = session_query (session, is_filer ? SPEAKER_INTAKE : SPEAKER_ROUTING, &query,
                            &reply);
    *ret_documents =
        rc == 0 && reply.documents != NULL ? *reply.documents : (struct documents){ 0 };
    return rc;
}

/* ---- all --------------------------------------------------------------------------- */

static void document_json (const struct document_row *row)
{
    struct hash hash = { 0 };
    char text[HASH_TEXT_SIZE];
    if (row->hash.size == HASH_SIZE)
        memcpy (hash.data, row->hash.data, HASH_SIZE);
    hash_text (&hash, text);
    cli_json_line (
        json_pack ("{s:I, s:s, s:I, s:I, s:I, s:s, s:s*, s:s*}", "ordinal",
                   (json_int_t) row->ordinal, "kind", document_kind_name (row->kind),
                   "sequence", (json_int_t) row->sequence, "time_ms",
                   (json_int_t) row->time_ms, "department", (json_int_t) row->department,
                   "hash", text, "title", row->title, "text", row->text));
}

static void list_rows (struct cli *cli, const struct documents *documents)
{
    struct cli_table *table = cli_table_create ();
    cli_table_column (table, _ ("N"), CLI_RIGHT);
    cli_table_column (table, _ ("DOCUMENT"), CLI_LEFT);
    cli_table_column (table, _ ("TIME"), CLI_LEFT);
    cli_table_column (table, _ ("ISSUED BY"), CLI_LEFT);
    for (size_t i = 0; i < documents->n_rows; i++) {
        const struct document_row *row = &documents->rows[i];
        char time[CIVIL_TIME_SIZE];
        cli_table_row (table);
        cli_table_cell (table, "%u", row->ordinal);
        cli_table_cell (table, "%s", language_word (document_kind, row->kind));
        cli_table_cell (table, "%s", civil_format_time (row->time_ms, time));
        cli_table_cell (table, "%s", cli_department_name (cli, row->department));
    }
    cli_table_print (&table);
}

static int list (struct cli *cli, struct session *session,
                 struct document_query *documents)
{
    struct documents found;
    if (ask (session, documents, &found) < 0)
        return cli_fail_err (cli);
    if (!cli->json)
        list_rows (cli, &found);
    for (size_t i = 0; cli->json && i < found.n_rows; i++)
        document_json (&found.rows[i]);
    if (found.n_rows == 0)
        cli_say (cli, _ ("no document yet"));
    return EX_OK;
}

/* ---- one --------------------------------------------------------------------------- */

/* What a court would ask: is this the text that the journal has? */
static int check_hash (struct cli *cli, const struct document_row *row)
{
    struct hash hash;
    if (row->text == NULL)
        return 0; /* erased: the hash alone stays */
    hash_bytes (bytes_of_text (row->text), &hash);
    if (bytes_equal (row->hash, hash_view (&hash)))
        return 0;
    return err_set (&cli->err, -EBADMSG,
                    _ ("document %u: the text is not the one that was issued"),
                    row->ordinal);
}

static int write_page (struct cli *cli, const struct document_row *row, const char *file)
{
    struct buffer page = { 0 };
    int rc = 0;
    if (file != NULL)
        document_page_html (row, &page);
    else
        document_page_text (row, &page);
    if (file != NULL && strcmp (file, "-") != 0)
        rc = file_write (file, buffer_bytes (&page), 0644, &cli->err);
    else
        fwrite (page.data, 1, page.size, stdout);
    buffer_done (&page);
    return rc;
}

int document_read (struct session *session, uint64_t number, const char *code,
                   uint32_t ordinal, struct document_row *ret_row)
{
    struct cli *cli = session_cli (session);
    struct document_query documents = { .number = number, .query_code = code };
    struct documents found;
    int rc = ask (session, &documents, &found);
    if (rc < 0)
        return rc;
    if (ordinal == 0 && found.n_rows > 0)
        ordinal = found.rows[found.n_rows - 1].ordinal;
    for (size_t i = 0; i < found.n_rows; i++)
        if (found.rows[i].ordinal == ordinal)
            documents.sequence = found.rows[i].sequence;
    if (found.n_rows == 0)
        return err_set (&cli->err, -ENOENT, "%s", _ ("no document yet"));
    if (documents.sequence == 0)
        return err_set (&cli->err, -ENOENT, _ ("there is no document %u; %zu there are"),
                        ordinal, found.n_rows);
    rc = ask (session, &documents, &found);
    if (rc == 0 && found.n_rows != 1)
        rc = err_set (&cli->err, -EBADMSG, _ ("document %u: no answer"), ordinal);
    if (rc == 0)
        rc = check_hash (cli, &found.rows[0]);
    if (rc == 0)
        *ret_row = found.rows[0];
    return rc;
}

static int show (struct cli *cli, struct session *session,
                 const struct document_query *documents,
                 const struct cli_arguments *arguments)
{
    struct document_row row;
    uint64_t ordinal = 0;
    if ((arguments->n_rest > 1 &&
         cli_unsigned (cli, "N", arguments->rest[1], UINT32_MAX, &ordinal) < 0) ||
        document_read (session, documents->number, documents->query_code,
                       (uint32_t) ordinal, &row) < 0)
        return cli_fail_err (cli);
    if (cli->json) {
        document_json (&row);
        return EX_OK;
    }
    return write_page (cli, &row, arguments->values[OPTION_HTML]) < 0 ? cli_fail_err (cli)
                                                                      : EX_OK;
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    struct document_query documents = { 0 };
    char code[QUERY_CODE_TEXT_SIZE];
    if (cli_number (cli, arguments->rest[0], &documents.number) < 0)
        return cli_fail_err (cli);
    if (arguments->values[OPTION_CODE] != NULL) {
        if (query_code_parse (arguments->values[OPTION_CODE], code, &cli->err) < 0)
            return cli_fail_err (cli);
        documents.query_code = code;
    }
    struct session *session;
    if (session_open (cli, NULL, &session) < 0)
        return cli_fail_err (cli);
    bool is_list = arguments->n_rest == 1 && arguments->values[OPTION_HTML] == NULL &&
                   arguments->values[OPTION_TEXT] == NULL;
    int rc = is_list ? list (cli, session, &documents)
                     : show (cli, session, &documents, arguments);
    session_close (&session);
    return rc;
}

const struct cli_command subcommand_document = {
    .name = "document",
    .arguments = "NUMBER [N]",
    .summary = N_ ("the legal documents of a grievance: list them, print one"),
    .example = "minqing document 20261123-00101-00034-X --as desk-11\n"
               "minqing document 20261123-00101-00034-X 1 --code 7QF4M2TD\n"
               "minqing document 20261123-00101-00034-X --as desk-11 --html 意见书.html",
    .description = N_ (
        "With the key of a desk, the dispatcher or a leader from routing; with that of "
        "a\nterminal, by the code or at the terminal that filed it, from intake. With "
        "--html "
        "or\n--text and without N the newest."),
    .options = options,
    .min = 1,
    .max = 2,
    .run = run,
};
