/* SPDX-License-Identifier: Apache-2.0 */
/* Who sees what: the dispatcher the whole dispatcher's queue of its territory, a desk its
 * own department's, a leader that of the department in charge, and in the territory what
 * waits for a second person; everybody who works here how many there are and where. Of
 * accusations none but their desk sees more than that they count. */
#include "routing/routing_query.h"

#include "routing/counts.h"
#include "routing/decide_step.h"
#include "rules/responsibility.h"
#include "wire/wire.h"

#define QUEUE_ROWS_DEFAULT 50

/* Half a frame: what else stands in it has room. */
#define ANSWER_BYTES (LIMIT_SERVER_FRAME / 2)

void routing_refuse_query (const struct routing_reader *reader, enum refusal_code code,
                           const char *sentence, struct reply *ret_reply)
{
    ret_reply->refusal = ARENA_NEW (reader->arena, struct refusal);
    ret_reply->refusal->code = code;
    ret_reply->refusal->sentence = sentence;
}

/* ---- a queue ---------------------------------------------------------------------- */

/* May this client see the rows of the queue, or only how many they are? */
static bool may_list (const struct routing_reader *reader, const struct client *client,
                      uint32_t department, bool is_proposed)
{
    if (client->role == ROLE_LEADER)
        return is_proposed || routing_is_of (reader->rules, client, department);
    if (department == 0)
        return client->role == ROLE_DISPATCHER;
    return routing_is_desk_of (reader->rules, client, department);
}

static bool may_see_row (const struct client *client, const struct queue_query *query,
                         const struct routing_grievance *grievance)
{
    bool is_desk = client->role == ROLE_DESK;
    if (!is_desk && grievance->purpose == PURPOSE_ACCUSATION)
        return false;
    if (!is_desk && !client_covers (client, grievance->village))
        return false;
    return query->holder == 0 || query->holder == grievance->holder;
}

/* On the first row, or on the one behind 'after': wherever that one lies by now, its place
 * in this queue's order is known. */
static void seek (const struct routing_reader *reader, const struct queue_query *query,
                  enum routing_place place, struct cursor *cursor)
{
    struct key key = routing_queue_of (query->department, place);
    struct routing_grievance after;
    if (query->after == 0 ||
        !routing_grievance_find (reader->txn, query->after, &after)) {
        cursor_seek (cursor, key_view (&key));
        return;
    }
    key = routing_queue_key (query->department, place, query->after, &after);
    cursor_seek (cursor, key_view (&key));
    if (cursor_is_on (cursor) && bytes_equal (cursor_key (cursor), key_view (&key)))
        cursor_next (cursor);
}

static void list_rows (const struct routing_reader *reader, const struct client *client,
                       const struct queue_query *query, enum routing_place place,
                       struct queue *queue)
{
    size_t limit = query->limit != 0 ? query->limit : QUEUE_ROWS_DEFAULT;
    limit = limit < LIMIT_ROWS ? limit : LIMIT_ROWS;
    queue->rows = ARENA_ARRAY (reader->arena, struct row, limit);
    size_t bytes = 0;

    struct key prefix = routing_queue_of (query->department, place);
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, reader->txn, core_table (ROUTING_QUEUE));
    for (seek (reader, query, place, &cursor);
         cursor_is_within (&cursor, key_view (&prefix)) && queue->n_rows < limit &&
         bytes < ANSWER_BYTES;
         cursor_next (&cursor)) {
        uint64_t number = routing_queue_number (cursor_key (&cursor));
        struct routing_grievance grievance;
        if (!routing_grievance_find (reader->txn, number, &grievance) ||
            !may_see_row (client, query, &grievance))
            continue;
        struct row *row = &queue->rows[queue->n_rows++];
        routing_row_fill (reader, number, &grievance, query->candidates, row);
        bytes += row_size (row);
    }
}

void routing_query_queue (const struct routing_reader *reader,
                          const struct client *client, const struct queue_query *query,
                          struct reply *ret_reply)
{
    if (client->role == ROLE_TERMINAL) {
        routing_refuse_query (reader, REFUSAL_NO_RIGHT, "terminals see no queues",
                              ret_reply);
        return;
    }
    enum routing_place place = query->proposed ? ROUTING_PROPOSED
                               : query->held   ? ROUTING_HELD
                                               : ROUTING_WAITING;
    struct routing_count count = { .kind = ROUTING_COUNT_QUEUE,
                                   .department = query->department,
                                   .which = (uint8_t) place };
    struct queue *queue = ARENA_NEW (reader->arena, struct queue);
    queue->total = routing_count_get (reader->txn, &count);
    if (may_list (reader, client, query->department, query->proposed))
        list_rows (reader, client, query, place, queue);
    ret_reply->queue = queue;
}

/* ---- one grievance ------------------------------------------------------------------ */

void routing_query_item (const struct routing_reader *reader, const struct client *client,
                         const struct item_query *query, struct reply *ret_reply)
{
    struct routing_grievance grievance;
    bool is_there = routing_grievance_find (reader->txn, query->number, &grievance);
    enum routing_sight sight =
        is_there ? routing_sight (reader, client, &grievance) : ROUTING_SEES_NOTHING;
    if (sight != ROUTING_SEES_NOTHING)
        ret_reply->item = routing_item (reader, query->number, &grievance, client, sight);
    else if (!is_there || grievance.purpose == PURPOSE_ACCUSATION)
        routing_refuse_query (reader, REFUSAL_NOT_FOUND, "no such grievance", ret_reply);
    else
        routing_refuse_query (reader, REFUSAL_TERRITORY,
                              "it lies with another department", ret_reply);
}

/* ---- how much lies where -------------------------------------------------------------- */

/* Counts come by (village, department, state): a row is a run with the first two equal. */
static bool is_same_row (const struct shape_row *row, const struct routing_count *count)
{
    return row->village == count->village && row->department == count->department;
}

static void shape_add (struct shape *shape, struct arena *arena,
                       const struct routing_count *count, uint64_t value)
{
    struct shape_row *row = shape->n_rows > 0 ? &shape->rows[shape->n_rows - 1] : NULL;
    if (!row || !is_same_row (row, count)) {
        row = &shape->rows[shape->n_rows++];
        row->village = count->village;
        row->department = count->department;
        row->counts = ARENA_ARRAY (arena, struct state_count, STATE_COUNT);
    }
    assert (row->n_counts < STATE_COUNT);
    row->counts[row->n_counts++] =
        (struct state_count){ .state = (enum state) count->which, .count = value };
}

/* A page ends between two villages, so that 'after' can name the last one. */
static bool page_is_full (const struct shape *shape, bool by_village,
                          const struct routing_count *count)
{
    if (shape->n_rows == 0)
        return false;
    const struct shape_row *last = &shape->rows[shape->n_rows - 1];
    if (by_village)
        return last->village != count->village && shape->n_rows > LIMIT_ROWS / 2;
    return !is_same_row (last, count) && shape->n_rows == LIMIT_ROWS;
}

void routing_query_shape (const struct routing_reader *reader,
                          const struct client *client, const struct shape_query *query,
                          struct reply *ret_reply)
{
    if (client->role == ROLE_TERMINAL) {
        routing_refuse_query (reader, REFUSAL_NO_RIGHT, "terminals see no counts",
                              ret_reply);
        return;
    }
    struct shape *shape = ARENA_NEW (reader->arena, struct shape);
    shape->rows = ARENA_ARRAY (reader->arena, struct shape_row, LIMIT_ROWS);
    ret_reply->shape = shape;

    struct routing_count first = { .kind = query->by_village ? ROUTING_COUNT_VILLAGE
                                                             : ROUTING_COUNT_DEPARTMENT };
    if (query->after != 0 && query->by_village)
        first.village = query->after + 1;
    else if (query->after != 0)
        first.department = (uint32_t) query->after + 1;
    struct key from = routing_count_key (&first), prefix = routing_counts_of (first.kind);

    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, reader->txn, core_table (ROUTING_COUNTS));
    for (cursor_seek (&cursor, key_view (&from));
         cursor_is_within (&cursor, key_view (&prefix)); cursor_next (&cursor)) {
        struct routing_count count;
        uint64_t value =
            routing_count_read (cursor_key (&cursor), cursor_value (&cursor), &count);
        if (page_is_full (shape, query->by_village, &count)) {
            shape->more = true;
            return;
        }
        if (shape->n_rows == LIMIT_ROWS &&
            !is_same_row (&shape->rows[LIMIT_ROWS - 1], &count))
            continue; /* one village with hundreds of departments: more than is listed */
        shape_add (shape, reader->arena, &count, value);
    }
}

/* ---- the way to a department ------------------------------------------------------------ */

struct walk {
    struct route *route;
    struct arena *arena;
    const struct rules *rules;
};

static const char *category_text (const struct responsibility_try *tried)
{
    switch (tried->scope) {
    case CATEGORY_NAMED:
        return "*";
    case CATEGORY_MISSING:
        return "-";
    case CATEGORY_TREE:
        return tried->category ? tried->category->path : "?";
    }
    return "?";
}

static const char *result_text (const struct walk *walk,
                                const struct responsibility_try *tried)
{
    if (tried->step == TRY_NO_ROW || !tried->row)
        return "no row";
    const struct department *department =
        department_find (walk->rules, tried->row->department);
    return arena_format (walk->arena, "row %u, %u %s%s", (unsigned) tried->row->row,
                         (unsigned) tried->row->department,
                         department ? department->name : "?",
                         tried->step == TRY_EXCLUDED ? ", excluded" : "");
}

/* "340522100 · 国土资源/土地征收 · request: row 12, 201 …" */
static void note_try (const struct responsibility_try *tried, void *context)
{
    struct walk *walk = context;
    if (walk->route->n_steps == LIMIT_ROWS)
        return;
    const char *prefix =
        tried->prefix == 0
            ? "*"
            : arena_format (walk->arena, "%llu", (unsigned long long) tried->prefix);
    walk->route->steps[walk->route->n_steps++] = arena_format (
        walk->arena, "%s · %s · %s: %s", prefix, category_text (tried),
        tried->purpose == PURPOSE_NONE ? "*" : name_word (&purpose_names, tried->purpose),
        result_text (walk, tried));
}

static void fill_route (const struct routing_reader *reader,
                        const struct responsibility_answer *answer, struct route *route)
{
    route->department = answer->department;
    route->row = answer->row;
    route->table_version = reader->rules->version[RULES_RESPONSIBILITY];
    route->assisting = ARENA_ARRAY (reader->arena, uint32_t, RULES_ASSISTING_MAX);
    for (size_t i = 0; i < answer->assisting_count; i++)
        route->assisting[route->n_assisting++] = answer->assisting[i];
    if (route->n_steps < LIMIT_ROWS)
        route->steps[route->n_steps++] =
            responsibility_reason (answer->outcome, LANGUAGE_ZH);
}

void routing_query_route (const struct routing_reader *reader,
                          const struct route_query *query, struct reply *ret_reply)
{
    struct route *route = ARENA_NEW (reader->arena, struct route);
    route->steps = ARENA_ARRAY (reader->arena, const char *, LIMIT_ROWS);
    struct responsibility_question question = { .village = query->village,
                                                .category = query->category,
                                                .purpose = query->purpose };
    struct walk walk = { route, reader->arena, reader->rules };
    struct responsibility_answer answer;
    rules_responsible_explain (reader->rules, &question, note_try, &walk, &answer);
    fill_route (reader, &answer, route);
    if (route->department == 0) {
        struct responsibility_candidate found[CANDIDATES_MAX];
        size_t count =
            rules_candidates (reader->rules, &question, bytes_of_text (query->category),
                              (struct bytes){ 0 }, found);
        route->candidates = ARENA_ARRAY (reader->arena, struct candidate, count + 1);
        for (size_t i = 0; i < count; i++)
            route->candidates[route->n_candidates++] =
                (struct candidate){ .department = found[i].department,
                                    .row = found[i].row,
                                    .why = arena_text (reader->arena, found[i].why) };
    }
    ret_reply->route = route;
}
