/* SPDX-License-Identifier: Apache-2.0 */
/* The two hops of a grievance over Redis streams with 'appendfsync always': a filer adds
 * to the stream 'intake', a router reads it as a group, adds to the stream of the
 * department and acknowledges, a desk reads that one as a group and acknowledges.
 *
 *     filer --XADD--> intake --router: XREADGROUP; MULTI XADD… XACK EXEC-->
 *           queue:3 --desk: XREADGROUP; XACK-->
 *
 * Redis syncs its file once a turn of its loop, before it answers anybody in that turn:
 * what many clients have sent meanwhile is one commit. So everything here is pipelined:
 * a filer sends on without waiting, a router sends a whole batch and its next question in
 * one piece. A desk's claim is the answer to its XREADGROUP: that the entry is its own
 * (pending) has been synced by then; the XACK goes along with its next question.
 *
 * All connections are of this one process, in one poll loop without threads. */
#include <errno.h>
#include <fcntl.h>
#include <hiredis.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "load.h"

#define BATCH_MAX       10000u
#define CONNECTIONS_MAX 256u
#define POLL_MS         100
/* An entry is two fields, the department and the message as one piece, as a client that
 * wants to be fast packs it: "number terminal counter village category text". */
#define FIELDS           4
#define FIELD_DEPARTMENT 1
#define FIELD_MESSAGE    3
#define HEAD_SIZE_MAX    128

enum role { ROLE_FILER, ROLE_ROUTER, ROLE_DESK };

struct connection {
    redisContext *redis;
    enum role role;
    unsigned index; /* among those of its role */
    bool is_flushing;
    unsigned skipped;    /* answers to come before the one to the XREADGROUP */
    bool is_reading;     /* an XREADGROUP is under way */
    char stream[32];     /* what it reads */
    uint64_t *sequences; /* a filer's outstanding: a ring as large as the window */
    uint64_t sent, answered;
};

static struct load_options options = {
    .seconds = 10,
    .warm_seconds = 2,
    .window = 1000,
    .batch = 1000,
    .filers = 8,
    .routers = 2,
    .desks = 8,
    .departments = 8,
};
static struct connection connections[CONNECTIONS_MAX];
static size_t connection_count;

/* ---- connecting ----------------------------------------------------------------------- */

static redisReply *command (redisContext *redis, const char *said, const char *argument)
{
    redisReply *reply = redisCommand (redis, said, argument);
    if (reply == NULL || reply->type == REDIS_REPLY_ERROR)
        load_die ("redis: %s: %s", said, reply == NULL ? redis->errstr : reply->str);
    return reply;
}

static redisContext *connect_redis (void)
{
    redisContext *redis = redisConnectUnix (options.socket);
    if (redis == NULL || redis->err != 0)
        load_die ("redis: %s", redis == NULL ? "no memory" : redis->errstr);
    return redis;
}

static void connect_one (enum role role, unsigned index)
{
    if (connection_count == CONNECTIONS_MAX)
        load_die ("more than %u connections", CONNECTIONS_MAX);
    struct connection *connection = &connections[connection_count++];
    *connection = (struct connection){
        .redis = connect_redis (),
        .role = role,
        .index = index,
        .sequences = calloc (options.window, sizeof (uint64_t)),
    };
    if (connection->sequences == NULL)
        load_die ("out of memory");
    if (role == ROLE_DESK)
        snprintf (connection->stream, sizeof connection->stream, "queue:%u",
                  index % options.departments);
    else
        snprintf (connection->stream, sizeof connection->stream, "intake");
    /* From here on the poll loop decides when to read and write. */
    connection->redis->flags &= ~REDIS_BLOCK;
    if (fcntl (connection->redis->fd, F_SETFL, O_NONBLOCK) < 0)
        load_die ("redis: %s", strerror (errno));
}

static void connect_all (void)
{
    redisContext *redis = connect_redis ();
    char stream[32];
    freeReplyObject (command (redis, "XGROUP CREATE %s work 0 MKSTREAM", "intake"));
    for (unsigned i = 0; i < options.departments; i++) {
        snprintf (stream, sizeof stream, "queue:%u", i);
        freeReplyObject (command (redis, "XGROUP CREATE %s work 0 MKSTREAM", stream));
    }
    redisFree (redis);
    for (unsigned i = 0; i < options.filers; i++)
        connect_one (ROLE_FILER, i);
    for (unsigned i = 0; i < options.routers; i++)
        connect_one (ROLE_ROUTER, i);
    for (unsigned i = 0; i < options.desks; i++)
        connect_one (ROLE_DESK, i);
}

/* ---- asking --------------------------------------------------------------------------- */

static void append (struct connection *connection, int count, const char **words,
                    const size_t *sizes)
{
    if (redisAppendCommandArgv (connection->redis, count, words, sizes) != REDIS_OK)
        load_die ("redis: %s", connection->redis->errstr);
}

static void append_format (struct connection *connection, const char *said)
{
    if (redisAppendCommand (connection->redis, said) != REDIS_OK)
        load_die ("redis: %s", connection->redis->errstr);
}

static void flush (struct connection *connection)
{
    int done = 0;
    if (redisBufferWrite (connection->redis, &done) != REDIS_OK)
        load_die ("redis: %s", connection->redis->errstr);
    connection->is_flushing = done == 0;
}

static void add_message (struct connection *connection, const struct message *message)
{
    char department[16], packed[HEAD_SIZE_MAX + LOAD_TEXT_SIZE];
    int length = snprintf (department, sizeof department, "%u", message->department);
    int head = snprintf (packed, HEAD_SIZE_MAX, "%" PRIu64 " %u %" PRIu64 " %s %u ",
                         message->number, message->terminal, message->counter,
                         message->village, message->category);
    memcpy (packed + head, message->text, LOAD_TEXT_SIZE);
    const char *words[3 + FIELDS] = { "XADD",     "intake",  "*",   "department",
                                      department, "message", packed };
    const size_t sizes[3 + FIELDS] = {
        4, 6, 1, 10, (size_t) length, 7, (size_t) head + LOAD_TEXT_SIZE
    };
    append (connection, 3 + FIELDS, words, sizes);
    connection->sequences[connection->sent++ % options.window] = message->sequence;
}

/* Each filer has its share of the window, as each terminal has. */
static void file (struct connection *connection)
{
    struct message message;
    uint64_t share = (options.window + options.filers - 1) / options.filers;
    bool has_filed = false;
    while (connection->sent - connection->answered < share && load_may_file () > 0) {
        load_file (&message);
        add_message (connection, &message);
        has_filed = true;
    }
    if (has_filed)
        flush (connection);
}

static void read_next (struct connection *connection)
{
    char said[160];
    snprintf (said, sizeof said,
              "XREADGROUP GROUP work worker-%u COUNT %u BLOCK 0 STREAMS %s >",
              connection->index, options.batch, connection->stream);
    append_format (connection, said);
    connection->is_reading = true;
    flush (connection);
}

static void acknowledge (struct connection *connection, redisReply *const *entries,
                         size_t count)
{
    const char *words[BATCH_MAX + 3] = { "XACK", connection->stream, "work" };
    size_t sizes[BATCH_MAX + 3] = { 4, strlen (connection->stream), 4 };
    for (size_t i = 0; i < count; i++) {
        words[3 + i] = entries[i]->element[0]->str;
        sizes[3 + i] = (size_t) entries[i]->element[0]->len;
    }
    append (connection, (int) count + 3, words, sizes);
}

/* ---- answers -------------------------------------------------------------------------- */

static const redisReply *field_of (const redisReply *entry, size_t index)
{
    const redisReply *fields = entry->element[1];
    if (fields->type != REDIS_REPLY_ARRAY || fields->elements != FIELDS)
        load_die ("redis: an entry without its fields");
    return fields->element[index];
}

/* Add each entry to its department's stream, acknowledge all of them, both or neither. */
static void route (struct connection *connection, redisReply *const *entries,
                   size_t count)
{
    append_format (connection, "MULTI");
    for (size_t i = 0; i < count; i++) {
        char stream[40];
        const redisReply *queue = field_of (entries[i], FIELD_DEPARTMENT);
        const char *words[3 + FIELDS] = { "XADD", stream, "*" };
        size_t sizes[3 + FIELDS] = { 4, 0, 1 };
        sizes[1] = (size_t) snprintf (stream, sizeof stream, "queue:%s", queue->str);
        for (size_t j = 0; j < FIELDS; j++) {
            words[3 + j] = field_of (entries[i], j)->str;
            sizes[3 + j] = (size_t) field_of (entries[i], j)->len;
        }
        append (connection, 3 + FIELDS, words, sizes);
    }
    acknowledge (connection, entries, count);
    append_format (connection, "EXEC");
    connection->skipped = (unsigned) count + 3;
}

static void claim (struct connection *connection, redisReply *const *entries,
                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *rest = field_of (entries[i], FIELD_MESSAGE)->str;
        strtoull (rest, &rest, 10); /* the number */
        uint64_t terminal = strtoull (rest, &rest, 10);
        load_arrived (terminal, strtoull (rest, &rest, 10));
    }
    acknowledge (connection, entries, count);
    connection->skipped = 1;
}

static void take_entries (struct connection *connection, const redisReply *reply)
{
    /* [[stream, [[id, [name, value, …]], …]]] */
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 1 ||
        reply->element[0]->elements != 2)
        load_die ("redis: an answer to XREADGROUP that is none");
    const redisReply *entries = reply->element[0]->element[1];
    connection->is_reading = false;
    if (connection->role == ROLE_ROUTER)
        route (connection, entries->element, entries->elements);
    else
        claim (connection, entries->element, entries->elements);
    read_next (connection);
}

static void check_reply (const redisReply *reply)
{
    if (reply->type == REDIS_REPLY_ERROR)
        load_die ("redis: %s", reply->str);
    for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++)
        if (reply->element[i]->type == REDIS_REPLY_ERROR)
            load_die ("redis: %s", reply->element[i]->str);
}

static void take_reply (struct connection *connection, const redisReply *reply)
{
    check_reply (reply);
    if (connection->role == ROLE_FILER)
        load_acknowledged (
            connection->sequences[connection->answered++ % options.window]);
    else if (connection->skipped > 0)
        connection->skipped--;
    else
        take_entries (connection, reply);
}

static void read_answers (struct connection *connection)
{
    void *reply = NULL;
    if (redisBufferRead (connection->redis) != REDIS_OK)
        load_die ("redis: %s", connection->redis->errstr);
    for (;;) {
        if (redisGetReplyFromReader (connection->redis, &reply) != REDIS_OK)
            load_die ("redis: %s", connection->redis->errstr);
        if (reply == NULL)
            break;
        take_reply (connection, reply);
        freeReplyObject (reply);
    }
}

/* ---- the loop ------------------------------------------------------------------------- */

static bool is_settled (void)
{
    for (size_t i = 0; i < connection_count; i++)
        if (connections[i].skipped > 0)
            return false;
    return true;
}

static void turn (void)
{
    struct pollfd polled[CONNECTIONS_MAX];
    for (size_t i = 0; i < connection_count; i++) {
        if (connections[i].role == ROLE_FILER)
            file (&connections[i]);
        polled[i] = (struct pollfd){
            .fd = connections[i].redis->fd,
            .events = (short) (connections[i].is_flushing ? POLLIN | POLLOUT : POLLIN),
        };
    }
    if (poll (polled, connection_count, POLL_MS) < 0 && errno != EINTR)
        load_die ("poll: %s", strerror (errno));
    for (size_t i = 0; i < connection_count; i++) {
        if ((polled[i].revents & POLLOUT) != 0)
            flush (&connections[i]);
        if ((polled[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
            read_answers (&connections[i]);
    }
}

static void run (void)
{
    for (size_t i = 0; i < connection_count; i++)
        if (connections[i].role != ROLE_FILER)
            read_next (&connections[i]);
    while (!load_is_done () || !is_settled ())
        turn ();
}

/* ---- what the streams say, apart from what the answers said ---------------------------- */

static void count_stream (redisContext *redis, const char *stream, uint64_t *ret_entries,
                          uint64_t *ret_pending)
{
    redisReply *length = command (redis, "XLEN %s", stream);
    redisReply *pending = command (redis, "XPENDING %s work", stream);
    *ret_entries += (uint64_t) length->integer;
    *ret_pending += (uint64_t) pending->element[0]->integer;
    freeReplyObject (length);
    freeReplyObject (pending);
}

static void verify (void)
{
    redisContext *redis = connect_redis ();
    uint64_t filed = 0, queued = 0, pending = 0;
    char stream[32];
    count_stream (redis, "intake", &filed, &pending);
    for (unsigned i = 0; i < options.departments; i++) {
        snprintf (stream, sizeof stream, "queue:%u", i);
        count_stream (redis, stream, &queued, &pending);
    }
    if (filed != load_filed () || queued != load_filed () || pending != 0)
        load_die ("%" PRIu64 " filed, but %" PRIu64 " in intake, %" PRIu64
                  " in the queues, %" PRIu64 " not acknowledged",
                  load_filed (), filed, queued, pending);
    redisFree (redis);
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
    load_tell ("redis");
    for (size_t i = 0; i < connection_count; i++) {
        redisFree (connections[i].redis);
        free (connections[i].sequences);
    }
    return EX_OK;
}
