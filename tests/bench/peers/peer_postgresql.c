/* SPDX-License-Identifier: Apache-2.0 */
/* The two hops of a grievance over PostgreSQL, as a queue that is taken from with SKIP
 * LOCKED. Three durable commits: a filer inserts into 'intake', a router moves the row to
 * 'queue', a desk claims it there.
 *
 *     filer --INSERT--> intake --router: DELETE, INSERT--> queue --desk: claim-->
 *
 * All connections are of this one process, in one poll loop without threads, each with
 * one prepared statement whose parameters and rows are binary. Routers and desks are
 * woken by the process itself, which knows from the answers what is waiting: cheaper than
 * asking on and on, and than NOTIFY. Each statement is a transaction of its own, its
 * answer the acknowledgement. The schema and the statements of the second hop are in
 * the file that the command gives to psql. */
#include <errno.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/bytes.h"
#include "load.h"

#define BATCH_MAX       10000u
#define CONNECTIONS_MAX 256u
#define POLL_MS         100
#define TEXT_FORMAT     0
#define BINARY_FORMAT   1

/* Types of the catalog (pg_type), which never change. */
#define OID_INT8  20u
#define OID_INT4  23u
#define OID_TEXT  25u
#define OID_INT8S 1016u
#define OID_INT4S 1007u
#define OID_TEXTS 1009u

enum column {
    COLUMN_NUMBER,
    COLUMN_TERMINAL,
    COLUMN_COUNTER,
    COLUMN_VILLAGE,
    COLUMN_CATEGORY,
    COLUMN_DEPARTMENT,
    COLUMN_TEXT,
    COLUMN_COUNT
};

static const struct {
    Oid one, many;
} types[COLUMN_COUNT] = {
    [COLUMN_NUMBER] = { OID_INT8, OID_INT8S },
    [COLUMN_TERMINAL] = { OID_INT4, OID_INT4S },
    [COLUMN_COUNTER] = { OID_INT8, OID_INT8S },
    [COLUMN_VILLAGE] = { OID_TEXT, OID_TEXTS },
    [COLUMN_CATEGORY] = { OID_INT4, OID_INT4S },
    [COLUMN_DEPARTMENT] = { OID_INT4, OID_INT4S },
    [COLUMN_TEXT] = { OID_TEXT, OID_TEXTS },
};

#define COLUMNS "number, terminal, counter, village, category, department, text"

static const char insert_one[] =
    "INSERT INTO intake (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7)";
static const char insert_many[] =
    "INSERT INTO intake (" COLUMNS ") SELECT * FROM unnest ($1, $2, $3, $4, $5, $6, $7)";

/* By ctid: the row was just locked there. From 'id >= ' on, because what was taken lies
 * dead at the head of the index until a vacuum, and would be walked over every time. */
static const char move_rows[] =
    "WITH taken AS ("
    " DELETE FROM intake WHERE ctid = ANY (ARRAY ("
    "  SELECT ctid FROM intake WHERE id >= $2"
    "  ORDER BY id FOR UPDATE SKIP LOCKED LIMIT $1))"
    " RETURNING id, " COLUMNS "),"
    " moved AS ("
    "  INSERT INTO queue (" COLUMNS ") SELECT " COLUMNS " FROM taken)"
    " SELECT id, department FROM taken";

static const char claim_rows[] =
    "UPDATE queue SET desk = $4 WHERE ctid = ANY (ARRAY ("
    " SELECT ctid FROM queue WHERE department = $3 AND desk IS NULL AND id >= $2"
    " ORDER BY id FOR UPDATE SKIP LOCKED LIMIT $1))"
    " RETURNING id, terminal, counter, number, text";

enum role { ROLE_FILER, ROLE_ROUTER, ROLE_DESK, ROLE_COUNT };

/* Rows that are taken from a table, by id: all below 'least' are. */
struct taken {
    bool *is_taken;
    uint64_t capacity, least;
};

struct connection {
    PGconn *pg;
    enum role role;
    unsigned index; /* among those of its role */
    bool is_busy, is_flushing;
    unsigned asked;      /* rows of the statement under way */
    uint64_t *sequences; /* a filer's, of the same */
};

static struct load_options options = {
    .seconds = 10,
    .warm_seconds = 2,
    .window = 1000,
    .batch = 1,
    .filers = 8,
    .routers = 8,
    .desks = 8,
    .departments = 8,
};
static struct connection connections[CONNECTIONS_MAX];
static size_t connection_count;
static unsigned busy[ROLE_COUNT]; /* connections with a statement under way */
static uint64_t waiting_intake, waiting_queue[LOAD_DEPARTMENTS_MAX];
static struct taken moved = { .least = 1 }, claimed = { .least = 1 };
static struct buffer parameters[COLUMN_COUNT];

/* ---- connecting ----------------------------------------------------------------------- */

static void check (PGconn *pg, PGresult *result, ExecStatusType expected)
{
    if (PQresultStatus (result) != expected)
        load_die ("postgresql: %s", PQerrorMessage (pg));
    PQclear (result);
}

static void connect_one (enum role role, unsigned index)
{
    if (connection_count == CONNECTIONS_MAX)
        load_die ("more than %u connections", CONNECTIONS_MAX);
    struct connection *connection = &connections[connection_count++];
    const char *const names[] = { "host", "dbname", "user", NULL };
    const char *const values[] = { options.socket, "postgres", "postgres", NULL };
    *connection = (struct connection){ .pg = PQconnectdbParams (names, values, 0),
                                       .role = role,
                                       .index = index };
    if (PQstatus (connection->pg) != CONNECTION_OK)
        load_die ("postgresql: %s", PQerrorMessage (connection->pg));
    Oid of[COLUMN_COUNT] = { OID_INT4, OID_INT8, OID_INT4, OID_INT4 };
    if (role == ROLE_FILER)
        for (unsigned i = 0; i < COLUMN_COUNT; i++)
            of[i] = options.batch == 1 ? types[i].one : types[i].many;
    const char *said = role == ROLE_ROUTER  ? move_rows
                       : role == ROLE_DESK  ? claim_rows
                       : options.batch == 1 ? insert_one
                                            : insert_many;
    int count = role == ROLE_FILER ? COLUMN_COUNT : role == ROLE_ROUTER ? 2 : 4;
    check (connection->pg, PQprepare (connection->pg, "work", said, count, of),
           PGRES_COMMAND_OK);
    connection->sequences = calloc (options.batch, sizeof (uint64_t));
    if (connection->sequences == NULL || PQsetnonblocking (connection->pg, 1) < 0)
        load_die ("postgresql: no connection");
}

static void connect_all (void)
{
    for (unsigned i = 0; i < options.filers; i++)
        connect_one (ROLE_FILER, i);
    for (unsigned i = 0; i < options.routers; i++)
        connect_one (ROLE_ROUTER, i);
    for (unsigned i = 0; i < options.desks; i++)
        connect_one (ROLE_DESK, i);
}

/* ---- asking --------------------------------------------------------------------------- */

static void send_statement (struct connection *connection, int count,
                            const char *const *values, const int *sizes)
{
    static const int binary[COLUMN_COUNT] = { 1, 1, 1, 1, 1, 1, 1 };
    if (PQsendQueryPrepared (connection->pg, "work", count, values, sizes, binary,
                             BINARY_FORMAT) == 0)
        load_die ("postgresql: %s", PQerrorMessage (connection->pg));
    connection->is_busy = true;
    busy[connection->role]++;
    connection->is_flushing = PQflush (connection->pg) == 1;
}

/* An element of an array has its size before it; a single value has not. */
static void put_number (enum column column, uint64_t value)
{
    uint8_t bytes[8];
    uint8_t size = types[column].one == OID_INT8 ? 8 : 4;
    put_be64 (bytes, value);
    if (options.batch > 1)
        put_be32 (buffer_extend (&parameters[column], 4), size);
    buffer_append (&parameters[column], bytes + 8 - size, size);
}

static void put_text (enum column column, const char *text, uint32_t size)
{
    if (options.batch > 1)
        put_be32 (buffer_extend (&parameters[column], 4), size);
    buffer_append (&parameters[column], text, size);
}

static void begin_parameters (unsigned count)
{
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        buffer_clear (&parameters[i]);
        if (options.batch == 1)
            continue;
        uint8_t *head = buffer_extend (&parameters[i], 20);
        put_be32 (head, 1);     /* dimensions */
        put_be32 (head + 4, 0); /* no NULL among them */
        put_be32 (head + 8, types[i].one);
        put_be32 (head + 12, count);
        put_be32 (head + 16, 1); /* the first index */
    }
}

static void file (struct connection *connection, unsigned count)
{
    struct message message;
    begin_parameters (count);
    for (unsigned i = 0; i < count; i++) {
        load_file (&message);
        connection->sequences[i] = message.sequence;
        put_number (COLUMN_NUMBER, message.number);
        put_number (COLUMN_TERMINAL, message.terminal);
        put_number (COLUMN_COUNTER, message.counter);
        put_text (COLUMN_VILLAGE, message.village, LOAD_VILLAGE_SIZE);
        put_number (COLUMN_CATEGORY, message.category);
        put_number (COLUMN_DEPARTMENT, message.department);
        put_text (COLUMN_TEXT, message.text, LOAD_TEXT_SIZE);
    }
    const char *values[COLUMN_COUNT];
    int sizes[COLUMN_COUNT];
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        values[i] = (const char *) parameters[i].data;
        sizes[i] = (int) parameters[i].size;
    }
    connection->asked = count;
    send_statement (connection, COLUMN_COUNT, values, sizes);
}

/* How many to take of what is waiting: a full batch, or all of it once nobody is under way
 * to bring more. Small batches cost as many commits as full ones. */
static unsigned take_from (uint64_t *waiting, bool may_come_more)
{
    if (*waiting < options.batch && may_come_more)
        return 0;
    uint64_t count = *waiting < options.batch ? *waiting : options.batch;
    *waiting -= count;
    return (unsigned) count;
}

static void ask (struct connection *connection, unsigned count, unsigned department)
{
    uint64_t least = connection->role == ROLE_ROUTER ? moved.least : claimed.least;
    uint8_t numbers[4][8];
    const char *values[4];
    static const int sizes[4] = { 4, 8, 4, 4 };
    put_be32 (numbers[0], count);
    put_be64 (numbers[1], least);
    put_be32 (numbers[2], department);
    put_be32 (numbers[3], connection->index + 1);
    for (unsigned i = 0; i < 4; i++)
        values[i] = (const char *) numbers[i];
    connection->asked = count;
    send_statement (connection, connection->role == ROLE_ROUTER ? 2 : 4, values, sizes);
}

/* Give an idle connection what there is to do. A filer waits until its batch is full. */
static void give_work (struct connection *connection)
{
    unsigned department = connection->index % options.departments;
    unsigned count = 0;
    switch (connection->role) {
    case ROLE_FILER:
        count = options.batch < options.window ? options.batch : options.window;
        if (load_may_file () >= count)
            file (connection, count);
        break;
    case ROLE_ROUTER:
        if ((count = take_from (&waiting_intake, busy[ROLE_FILER] > 0)) > 0)
            ask (connection, count, 0);
        break;
    case ROLE_DESK:
        if ((count = take_from (&waiting_queue[department],
                                busy[ROLE_ROUTER] > 0 || waiting_intake > 0)) > 0)
            ask (connection, count, department);
        break;
    case ROLE_COUNT:
        break;
    }
}

/* ---- answers -------------------------------------------------------------------------- */

static uint64_t number_at (PGresult *result, int row, int column)
{
    const uint8_t *value = (const uint8_t *) PQgetvalue (result, row, column);
    return PQgetlength (result, row, column) == 8 ? get_be64 (value) : get_be32 (value);
}

static void take_id (struct taken *taken, uint64_t id)
{
    if (id >= taken->capacity) {
        uint64_t capacity = id < 1u << 20 ? 1u << 20 : 2 * id;
        taken->is_taken = realloc (taken->is_taken, capacity);
        if (taken->is_taken == NULL)
            load_die ("out of memory");
        memset (taken->is_taken + taken->capacity, 0, capacity - taken->capacity);
        taken->capacity = capacity;
    }
    taken->is_taken[id] = true;
    while (taken->least < taken->capacity && taken->is_taken[taken->least])
        taken->least++;
}

static void take_answer (struct connection *connection, PGresult *result)
{
    ExecStatusType status = PQresultStatus (result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        load_die ("postgresql: %s", PQerrorMessage (connection->pg));
    unsigned rows = (unsigned) PQntuples (result);
    switch (connection->role) {
    case ROLE_FILER:
        for (unsigned i = 0; i < connection->asked; i++)
            load_acknowledged (connection->sequences[i]);
        waiting_intake += connection->asked;
        break;
    case ROLE_ROUTER:
        for (unsigned i = 0; i < rows; i++)
            take_id (&moved, number_at (result, (int) i, 0));
        for (unsigned i = 0; i < rows; i++)
            waiting_queue[number_at (result, (int) i, 1)]++;
        waiting_intake += connection->asked - rows;
        break;
    case ROLE_DESK:
        for (unsigned i = 0; i < rows; i++)
            take_id (&claimed, number_at (result, (int) i, 0));
        for (unsigned i = 0; i < rows; i++)
            load_arrived (number_at (result, (int) i, 1), number_at (result, (int) i, 2));
        waiting_queue[connection->index % options.departments] +=
            connection->asked - rows;
        break;
    case ROLE_COUNT:
        break;
    }
}

static void read_answers (struct connection *connection)
{
    if (PQconsumeInput (connection->pg) == 0)
        load_die ("postgresql: %s", PQerrorMessage (connection->pg));
    while (connection->is_busy && PQisBusy (connection->pg) == 0) {
        PGresult *result = PQgetResult (connection->pg);
        if (result == NULL) {
            connection->is_busy = false;
            busy[connection->role]--;
            break;
        }
        take_answer (connection, result);
        PQclear (result);
    }
}

/* ---- the loop ------------------------------------------------------------------------- */

static void run (void)
{
    struct pollfd polled[CONNECTIONS_MAX];
    while (!load_is_done ()) {
        /* From the desks back to the filers: what is under way first. */
        for (size_t i = connection_count; i-- > 0;)
            if (!connections[i].is_busy)
                give_work (&connections[i]);
        for (size_t i = 0; i < connection_count; i++)
            polled[i] = (struct pollfd){
                .fd = PQsocket (connections[i].pg),
                .events =
                    (short) (connections[i].is_flushing ? POLLIN | POLLOUT : POLLIN),
            };
        if (poll (polled, connection_count, POLL_MS) < 0 && errno != EINTR)
            load_die ("poll: %s", strerror (errno));
        for (size_t i = 0; i < connection_count; i++) {
            if ((polled[i].revents & POLLOUT) != 0)
                connections[i].is_flushing = PQflush (connections[i].pg) == 1;
            if ((polled[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
                read_answers (&connections[i]);
        }
    }
}

static uint64_t ask_number (PGconn *pg, const char *said)
{
    PGresult *result = PQexec (pg, said);
    if (PQresultStatus (result) != PGRES_TUPLES_OK)
        load_die ("postgresql: %s", PQerrorMessage (pg));
    uint64_t number = strtoull (PQgetvalue (result, 0, 0), NULL, 10);
    PQclear (result);
    return number;
}

/* What the tables say, apart from what the answers said. */
static void verify (void)
{
    PGconn *pg = connections[0].pg;
    PQsetnonblocking (pg, 0);
    uint64_t left = ask_number (pg, "SELECT count (*) FROM intake");
    uint64_t done = ask_number (
        pg,
        "SELECT count (DISTINCT (terminal, counter)) FROM queue WHERE desk IS NOT NULL");
    uint64_t all = ask_number (pg, "SELECT count (*) FROM queue");
    if (left != 0 || done != load_filed () || all != load_filed ())
        load_die ("%" PRIu64 " filed, but %" PRIu64 " left in intake, %" PRIu64
                  " in the queue, %" PRIu64 " claimed",
                  load_filed (), left, all, done);
}

int main (int argc, char **argv)
{
    load_take_options (&options, argc, argv);
    if (options.batch > BATCH_MAX)
        return EX_USAGE;
    connect_all ();
    load_start (&options);
    run ();
    verify ();
    load_tell ("postgresql");
    for (size_t i = 0; i < connection_count; i++) {
        PQfinish (connections[i].pg);
        free (connections[i].sequences);
    }
    free (moved.is_taken);
    free (claimed.is_taken);
    for (unsigned i = 0; i < COLUMN_COUNT; i++)
        buffer_done (&parameters[i]);
    return EX_OK;
}
