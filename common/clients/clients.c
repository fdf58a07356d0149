/* SPDX-License-Identifier: Apache-2.0 */
/* clients.tsv: a table of at most CLIENTS_MAX rows, sorted twice (by number, by key), so
 * that the lookup of every message is a binary search in memory.
 *
 * Lines, columns and comments are as in the tables of rules/rules.h; the room of rules
 * reads only its own ten, and a key is no rule. */
#include "clients/clients.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/civil.h"
#include "base/number.h"
#include "rules/rules.h"
#include "wire/names.h"

enum column { NUMBER, ROLE, KEY, TERRITORY, DEPARTMENT, NAME, UNTIL, COLUMNS };

static const char *const column_names[COLUMNS] = {
    [NUMBER] = "number",
    [ROLE] = "role",
    [KEY] = "key",
    [TERRITORY] = "territory",
    [DEPARTMENT] = "department",
    [NAME] = "name",
    [UNTIL] = "until",
};

/* Behind these the table may end: they may be left out as a whole. */
static const bool column_needed[COLUMNS] = {
    [NUMBER] = true, [ROLE] = true, [KEY] = true
};

struct clients {
    struct arena arena;  /* names */
    struct client *rows; /* by number */
    const struct client **by_key;
    size_t count;
    size_t capacity;
};

struct reading {
    struct clients *clients;
    const struct rules *rules;
    struct err *err;
    const char *source;
    unsigned line;
    int place[COLUMNS]; /* in the file; -1: not there */
    bool has_header;
    const char *cells[COLUMNS]; /* "" where nothing is said */
};

static int bad (const struct reading *reading, const char *format, ...)
    PRINTF_LIKE (2, 3);
static int bad (const struct reading *reading, const char *format, ...)
{
    char text[ERR_TEXT_SIZE];
    va_list args;
    va_start (args, format);
    vsnprintf (text, sizeof text, format, args);
    va_end (args);
    return err_set (reading->err, -EINVAL, "%s:%u: %s", reading->source, reading->line,
                    text);
}

/* ---- cells -------------------------------------------------------------------------- */

static int read_number (const struct reading *reading, enum column column, uint64_t most,
                        uint64_t *ret)
{
    const char *cell = reading->cells[column];
    uint64_t value = 0;
    for (const char *c = cell; *c != '\0'; c++) {
        if (*c < '0' || *c > '9' || value > most)
            return bad (reading, "column %s: %s is no number up to %llu",
                        column_names[column], cell, (unsigned long long) most);
        value = value * 10 + (uint64_t) (*c - '0');
    }
    if (value > most)
        return bad (reading, "column %s: %s is above %llu", column_names[column], cell,
                    (unsigned long long) most);
    *ret = value;
    return 0;
}

static int read_role (const struct reading *reading, struct client *client)
{
    if (!role_parse (reading->cells[ROLE], &client->role))
        return bad (reading,
                    "column role: \"%s\" is none of terminal, dispatcher, desk, leader, "
                    "daemon, operator, keeper",
                    reading->cells[ROLE]);
    if (client->role == ROLE_DAEMON &&
        !speaker_parse (reading->cells[NAME], &client->speaker))
        return bad (reading,
                    "column name: a daemon is called intake, routing, escalation or "
                    "notification, not \"%s\"",
                    reading->cells[NAME]);
    return 0;
}

static int read_key (const struct reading *reading, struct client *client)
{
    struct hash key;
    static_assert (sizeof key.data == CLIENT_KEY_SIZE, "a key is as long as a hash");
    if (!hash_parse (reading->cells[KEY], &key))
        return bad (reading, "column key: a public key is 64 hex digits "
                             "('public' in its key file)");
    memcpy (client->key, key.data, sizeof client->key);
    return 0;
}

static int read_territory (const struct reading *reading, struct client *client)
{
    const char *cell = reading->cells[TERRITORY];
    size_t digits = strlen (cell);
    if (strcmp (cell, "*") == 0 || digits == 0)
        return 0;
    if (digits != 2 && digits != 4 && digits != 6 && digits != 9 && digits != 12)
        return bad (reading,
                    "column territory: \"%s\" is no territory; write * or 12 (village), "
                    "9 (township), 6 (county), 4 or 2 digits",
                    cell);
    return read_number (reading, TERRITORY, UINT64_C (999999999999), &client->territory);
}

static int read_department (const struct reading *reading, struct client *client)
{
    uint64_t number = 0;
    int rc = read_number (reading, DEPARTMENT, UINT32_MAX, &number);
    if (rc < 0)
        return rc;
    client->department = (uint32_t) number;
    if (number == 0 && client->role == ROLE_DESK)
        return bad (reading, "column department is empty; a desk works for one");
    if (number != 0 && reading->rules != NULL &&
        department_find (reading->rules, client->department) == NULL)
        return bad (reading,
                    "column department: there is no department %s in the departments "
                    "table",
                    reading->cells[DEPARTMENT]);
    return 0;
}

static int read_until (const struct reading *reading, struct client *client)
{
    struct err err = { 0 };
    client->until_day = INT32_MAX;
    if (reading->cells[UNTIL][0] == '\0')
        return 0;
    if (civil_parse_day (reading->cells[UNTIL], &client->until_day, &err) < 0)
        return bad (reading, "column until: %s", err.text);
    return 0;
}

/* ---- lines -------------------------------------------------------------------------- */

static int read_row (struct reading *reading)
{
    struct clients *clients = reading->clients;
    struct client client = { 0 };
    uint64_t number = 0;
    int rc = read_number (reading, NUMBER, UINT32_MAX, &number);
    if (rc == 0)
        rc = read_role (reading, &client);
    if (rc == 0)
        rc = read_key (reading, &client);
    if (rc == 0)
        rc = read_territory (reading, &client);
    if (rc == 0)
        rc = read_department (reading, &client);
    if (rc == 0)
        rc = read_until (reading, &client);
    if (rc < 0)
        return rc;
    if (number == 0 || (client.role == ROLE_TERMINAL && number > NUMBER_TERMINAL_MAX))
        return bad (reading, "column number: clients count from 1, terminals to %u",
                    NUMBER_TERMINAL_MAX);
    if (clients->count == CLIENTS_MAX)
        return bad (reading, "more than %d clients", CLIENTS_MAX);

    client.number = (uint32_t) number;
    client.name = arena_text (&clients->arena, reading->cells[NAME]);
    if (clients->count == clients->capacity) {
        clients->capacity = clients->capacity == 0 ? 64 : 2 * clients->capacity;
        clients->rows =
            reallocarray (clients->rows, clients->capacity, sizeof *clients->rows);
        if (clients->rows == NULL)
            abort ();
    }
    clients->rows[clients->count++] = client;
    return 0;
}

static int read_header (struct reading *reading, char *const *cells, int count)
{
    for (int i = 0; i < count; i++) {
        int column = 0;
        while (column < COLUMNS && strcmp (cells[i], column_names[column]) != 0)
            column++;
        if (column == COLUMNS) {
            const char *meant = name_suggest (cells[i], column_names, COLUMNS);
            return bad (reading, "unknown column \"%s\"%s%s%s", cells[i],
                        meant != NULL ? ", did you mean " : "",
                        meant != NULL ? meant : "", meant != NULL ? "?" : "");
        }
        if (reading->place[column] >= 0)
            return bad (reading, "column %s stands twice", cells[i]);
        reading->place[column] = i;
    }
    for (int column = 0; column < COLUMNS; column++)
        if (column_needed[column] && reading->place[column] < 0)
            return bad (reading, "column %s is missing", column_names[column]);
    reading->has_header = true;
    return 0;
}

/* Cut off blanks at both ends; '-' says nothing. */
static char *trim (char *cell)
{
    size_t size = strlen (cell);
    while (size > 0 && isspace ((unsigned char) cell[size - 1]))
        cell[--size] = '\0';
    while (isspace ((unsigned char) *cell))
        cell++;
    return strcmp (cell, "-") == 0 ? cell + 1 : cell;
}

#define CELLS_MAX 32 /* more columns than this are not a client table */

static int read_line (struct reading *reading, char *line)
{
    char *cells[CELLS_MAX];
    int count = 0;
    if (line[strspn (line, " \t\r")] == '\0' || line[0] == '#')
        return 0;
    for (char *cell = line; cell != NULL; count++) {
        if (count == CELLS_MAX)
            return bad (reading, "more than %d columns", CELLS_MAX);
        char *tab = strchr (cell, '\t');
        if (tab != NULL)
            *tab++ = '\0';
        cells[count] = trim (cell);
        cell = tab;
    }
    if (!reading->has_header)
        return read_header (reading, cells, count);
    for (int column = 0; column < COLUMNS; column++) {
        int place = reading->place[column];
        reading->cells[column] = place >= 0 && place < count ? cells[place] : "";
    }
    return read_row (reading);
}

static int read_lines (struct reading *reading, struct bytes tsv)
{
    static const uint8_t bom[] = { 0xEF, 0xBB, 0xBF };
    if (tsv.size >= sizeof bom && memcmp (tsv.data, bom, sizeof bom) == 0)
        tsv = BYTES (tsv.data + sizeof bom, tsv.size - sizeof bom);
    struct buffer line = { 0 };
    int rc = 0;
    while (rc == 0 && tsv.size > 0) {
        const uint8_t *end = memchr (tsv.data, '\n', tsv.size);
        size_t size = end != NULL ? (size_t) (end - tsv.data) : tsv.size;
        buffer_clear (&line);
        buffer_append (&line, tsv.data, size);
        buffer_append (&line, "", 1);
        reading->line++;
        rc = memchr (tsv.data, '\0', size) != NULL
                 ? bad (reading, "a NUL byte: this is no text")
                 : read_line (reading, (char *) line.data);
        size += end != NULL;
        tsv = BYTES (tsv.data + size, tsv.size - size);
    }
    buffer_done (&line);
    if (rc == 0 && !reading->has_header)
        return bad (reading, "the line with the names of the columns is missing");
    return rc;
}

/* ---- the table ---------------------------------------------------------------------- */

static int compare_number (const void *a, const void *b)
{
    const struct client *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

static int compare_key (const void *a, const void *b)
{
    const struct client *const *x = a, *const *y = b;
    return memcmp ((*x)->key, (*y)->key, CLIENT_KEY_SIZE);
}

/* Two rows with one number or one key would be one client with two rights. */
static int index_rows (struct clients *clients, const char *source, struct err *err)
{
    size_t count = clients->count;
    if (count == 0)
        return err_set (err, -EINVAL, "%s: no client at all: nobody could come in",
                        source);
    qsort (clients->rows, count, sizeof *clients->rows, compare_number);
    clients->by_key = calloc (count, sizeof (const struct client *));
    if (clients->by_key == NULL)
        abort ();
    for (size_t i = 0; i < count; i++)
        clients->by_key[i] = &clients->rows[i];
    qsort (clients->by_key, count, sizeof (const struct client *), compare_key);
    for (size_t i = 1; i < count; i++) {
        if (clients->rows[i].number == clients->rows[i - 1].number)
            return err_set (err, -EINVAL, "%s: client %u stands twice", source,
                            clients->rows[i].number);
        if (compare_key (&clients->by_key[i], &clients->by_key[i - 1]) == 0)
            return err_set (err, -EINVAL, "%s: clients %u and %u have the same key",
                            source, clients->by_key[i - 1]->number,
                            clients->by_key[i]->number);
    }
    return 0;
}

int clients_parse (struct clients **ret, const char *source, struct bytes tsv,
                   const struct rules *rules, struct err *err)
{
    struct clients *clients = calloc (1, sizeof *clients);
    if (clients == NULL)
        abort ();
    arena_init (&clients->arena, 0);
    struct reading reading = {
        .clients = clients, .rules = rules, .err = err, .source = source
    };
    for (int column = 0; column < COLUMNS; column++)
        reading.place[column] = -1;
    int rc = read_lines (&reading, tsv);
    if (rc == 0)
        rc = index_rows (clients, source, err);
    if (rc < 0)
        clients_destroy (&clients);
    else
        *ret = clients;
    return rc;
}

void clients_destroy (struct clients **clients)
{
    if (*clients == NULL)
        return;
    arena_done (&(*clients)->arena);
    free ((*clients)->rows);
    free (TAKE ((*clients)->by_key));
    free (TAKE (*clients));
}

const struct client *clients_find_key (const struct clients *clients, struct bytes key)
{
    struct client wanted;
    const struct client *at = &wanted;
    if (clients == NULL || key.size != CLIENT_KEY_SIZE)
        return NULL;
    memcpy (wanted.key, key.data, CLIENT_KEY_SIZE);
    const struct client **found = bsearch (&at, clients->by_key, clients->count,
                                           sizeof (const struct client *), compare_key);
    return found != NULL ? *found : NULL;
}

const struct client *clients_find_number (const struct clients *clients, uint32_t number)
{
    struct client wanted = { .number = number };
    if (clients == NULL)
        return NULL;
    return bsearch (&wanted, clients->rows, clients->count, sizeof *clients->rows,
                    compare_number);
}

size_t clients_count (const struct clients *clients)
{
    return clients->count;
}

const struct client *clients_at (const struct clients *clients, size_t i)
{
    assert (i < clients->count);
    return &clients->rows[i];
}

bool client_is_current (const struct client *client, int64_t now_ms)
{
    return civil_day (now_ms) <= client->until_day;
}

bool client_covers (const struct client *client, uint64_t village)
{
    return territory_contains (client->territory, village);
}
