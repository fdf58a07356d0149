/* SPDX-License-Identifier: Apache-2.0 */
/* Rows and items. Texts are read from the journal entry that has them, each time: bodies
 * stand once per daemon. */
#include "routing/routing_rows.h"

#include "routing/decide_step.h"
#include "routing/document_store.h"
#include "wire/wire.h"

/* What the steps of one item carry at most, newest first. */
#define ITEM_STEPS_BYTES (384u << 10)

bool routing_is_desk_of (const struct rules *rules, const struct client *client,
                         uint32_t department)
{
    return client->role == ROLE_DESK && routing_is_of (rules, client, department);
}

static bool is_assisting (const struct rules *rules, const struct client *client,
                          const struct routing_grievance *grievance)
{
    for (size_t i = 0; i < grievance->n_assisting; i++)
        if (routing_is_desk_of (rules, client, grievance->assisting[i]))
            return true;
    return false;
}

/* What a leader is to decide as arbiter or second person. */
static bool is_leaders (const struct rules *rules, const struct client *client,
                        const struct routing_grievance *grievance)
{
    return client->role == ROLE_LEADER && client_covers (client, grievance->village) &&
           (grievance->proposed != 0 ||
            (grievance->state == STATE_ARBITRATION &&
             routing_is_of (rules, client, grievance->department)));
}

/* What lies with no department, or what a colleague or head has to decide. */
static bool is_dispatchers (const struct client *client,
                            const struct routing_grievance *grievance)
{
    return client->role == ROLE_DISPATCHER && grievance->department == 0 &&
           client_covers (client, grievance->village);
}

enum routing_sight routing_sight (const struct routing_reader *reader,
                                  const struct client *client,
                                  const struct routing_grievance *grievance)
{
    if (routing_is_desk_of (reader->rules, client, grievance->department))
        return grievance->holder != 0 ? ROUTING_SEES_PERSON : ROUTING_SEES_TEXT;
    if (grievance->purpose == PURPOSE_ACCUSATION)
        return ROUTING_SEES_NOTHING;
    bool sees = is_assisting (reader->rules, client, grievance) ||
                is_dispatchers (client, grievance) ||
                is_leaders (reader->rules, client, grievance);
    return sees ? ROUTING_SEES_TEXT : ROUTING_SEES_NOTHING;
}

/* ---- what the journal has --------------------------------------------------------- */

static bool read_body (const struct routing_reader *reader, uint64_t sequence,
                       struct arena *arena, struct entry *ret_entry,
                       struct moved_body *ret_body)
{
    struct bytes body;
    *ret_body = (struct moved_body){ 0 };
    if (!core_entry (reader->core, reader->txn, sequence, arena, ret_entry, &body))
        return false;
    if (body.data && moved_body_decode (arena, body, ret_body, NULL) < 0)
        *ret_body = (struct moved_body){ 0 };
    return true;
}

const struct moved_body *routing_decided (const struct routing_reader *reader,
                                          uint64_t number)
{
    uint64_t sequence = UINT64_MAX;
    while ((sequence = routing_step_before (reader->txn, number, sequence)) != 0) {
        struct entry entry;
        struct bytes body;
        struct moved_body *said = ARENA_NEW (reader->arena, struct moved_body);
        if (!core_entry (reader->core, reader->txn, sequence, reader->arena, &entry,
                         &body) ||
            entry.kind != KIND_MOVED || entry.moved->step != STEP_DECIDE)
            continue;
        bool is_read =
            body.data && moved_body_decode (reader->arena, body, said, NULL) == 0;
        return is_read ? said : NULL;
    }
    return NULL;
}

struct accused *routing_accused (const struct routing_reader *reader,
                                 const struct routing_grievance *grievance,
                                 size_t *ret_count)
{
    struct entry entry;
    struct moved_body said;
    *ret_count = 0;
    if (!read_body (reader, grievance->placed, reader->arena, &entry, &said) ||
        !said.filing)
        return NULL;
    *ret_count = said.filing->n_accused;
    return said.filing->accused;
}

static void copy_candidates (const struct routing_reader *reader,
                             const struct moved *moved, struct row *row)
{
    size_t count = moved->n_candidates;
    row->candidates = ARENA_ARRAY (reader->arena, struct candidate, count + 1);
    row->n_candidates = count;
    for (size_t i = 0; i < count; i++) {
        row->candidates[i] = moved->candidates[i];
        row->candidates[i].why = arena_text (reader->arena, moved->candidates[i].why);
    }
}

void routing_row_fill (const struct routing_reader *reader, uint64_t number,
                       const struct routing_grievance *grievance, bool with_candidates,
                       struct row *ret_row)
{
    *ret_row = (struct row){
        .number = number,
        .matter = routing_matter (grievance, reader->arena),
        .state = grievance->state,
        .department = grievance->department,
        .holder = grievance->holder,
        .registered_at_ms = grievance->registered_at_ms,
        .due_ms = grievance->due_ms,
        .provisional = grievance->is_provisional,
        .priority = grievance->priority,
        .objections = grievance->objections,
        .instance = grievance->instance,
        .proposed = grievance->proposed_step,
    };
    struct routing_raises raises = routing_raises (reader->txn, number);
    ret_row->level = raises.level;
    ret_row->supervised = raises.supervised;
    struct entry entry;
    struct moved_body said;
    if (read_body (reader, grievance->placed, reader->scratch, &entry, &said)) {
        if (said.filing && said.filing->statement)
            ret_row->title = arena_text (reader->arena, said.filing->statement->title);
        if (with_candidates && entry.moved)
            copy_candidates (reader, entry.moved, ret_row);
    }
    bool is_objected =
        grievance->state == STATE_OBJECTED || grievance->state == STATE_ARBITRATION;
    if (is_objected &&
        read_body (reader, grievance->objected, reader->scratch, &entry, &said))
        ret_row->objection = arena_text (reader->arena, said.reason);
    arena_reset (reader->scratch);
}

/* ---- the whole of one -------------------------------------------------------------- */

struct steps {
    struct course_step *steps;
    size_t count;
    size_t bytes;
};

static bool add_step (struct steps *steps, const struct course_step *step)
{
    size_t size = course_step_size (step);
    if (steps->count == LIMIT_ROWS || steps->bytes + size > ITEM_STEPS_BYTES)
        return false;
    steps->bytes += size;
    steps->steps[steps->count++] = *step;
    return true;
}

static void own_step (const struct entry *entry, const struct moved_body *said,
                      struct course_step *ret_step)
{
    *ret_step = (struct course_step){ .time_ms = entry->time_ms, .kind = entry->kind };
    if (entry->ask_answered)
        ret_step->outcome = entry->ask_answered->taken ? 1 : 2;
    if (!entry->moved)
        return;
    ret_step->department = entry->moved->department;
    ret_step->person = entry->moved->holder;
    ret_step->state = entry->moved->to;
    ret_step->outcome = entry->moved->outcome;
    ret_step->step = entry->moved->step;
    ret_step->ground = entry->moved->ground;
    ret_step->article = entry->moved->article;
    ret_step->previous_department = entry->moved->previous_department;
    ret_step->text = said->text ? said->text : said->reason;
}

static void gather_own (const struct routing_reader *reader, uint64_t number,
                        struct steps *steps)
{
    for (uint64_t sequence = UINT64_MAX;
         (sequence = routing_step_before (reader->txn, number, sequence)) != 0;) {
        struct entry entry;
        struct moved_body said;
        struct course_step step;
        if (!read_body (reader, sequence, reader->arena, &entry, &said))
            continue;
        own_step (&entry, &said, &step);
        if (!add_step (steps, &step))
            return;
    }
}

static void gather_said (const struct routing_reader *reader, uint64_t number,
                         struct steps *steps)
{
    struct key prefix = routing_said_of (number);
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, reader->txn, core_table (ROUTING_SAID));
    for (cursor_last_within (&cursor, key_view (&prefix));
         cursor_is_within (&cursor, key_view (&prefix)); cursor_prev (&cursor)) {
        struct course_step step;
        if (course_step_decode (reader->arena, cursor_value (&cursor), &step, NULL) ==
                0 &&
            !add_step (steps, &step))
            return;
    }
}

/* Into order of time. Each list comes newest first, so of equals the later in the array is
 * the earlier in truth. Two sorted runs: insertion is cheap. */
static void sort_steps (struct steps *steps)
{
    for (size_t i = 1; i < steps->count; i++) {
        struct course_step step = steps->steps[i];
        size_t at = i;
        for (; at > 0 && steps->steps[at - 1].time_ms >= step.time_ms; at--)
            steps->steps[at] = steps->steps[at - 1];
        steps->steps[at] = step;
    }
}

static void fill_steps (const struct routing_reader *reader, uint64_t number,
                        struct item *item)
{
    struct steps steps = { .steps = ARENA_ARRAY (reader->arena, struct course_step,
                                                 LIMIT_ROWS) };
    gather_own (reader, number, &steps);
    gather_said (reader, number, &steps);
    sort_steps (&steps);
    item->steps = steps.steps;
    item->n_steps = steps.count;
}

static void fill_text (const struct routing_reader *reader,
                       const struct routing_grievance *grievance, bool with_person,
                       struct item *item)
{
    struct entry entry;
    struct moved_body said;
    if (!read_body (reader, grievance->placed, reader->arena, &entry, &said) ||
        !said.filing)
        return;
    item->statement = said.filing->statement;
    item->sealed = said.filing->sealed;
    if (item->statement && !with_person)
        item->statement->person = NULL;
}

static void fill_proposal (const struct routing_reader *reader,
                           const struct routing_grievance *grievance, struct item *item)
{
    struct entry entry;
    struct moved_body said;
    if (grievance->proposed == 0 ||
        !read_body (reader, grievance->proposed, reader->arena, &entry, &said) ||
        !entry.moved)
        return;
    struct proposal *proposal = ARENA_NEW (reader->arena, struct proposal);
    *proposal = (struct proposal){ .step = entry.moved->step,
                                   .person = grievance->proposer,
                                   .time_ms = entry.time_ms,
                                   .ground = entry.moved->ground,
                                   .reason = said.reason,
                                   .link_to = entry.moved->link_to,
                                   .purpose = entry.moved->purpose };
    item->proposal = proposal;
}

struct item *routing_item (const struct routing_reader *reader, uint64_t number,
                           const struct routing_grievance *grievance,
                           const struct client *client, enum routing_sight sight)
{
    struct item *item = ARENA_NEW (reader->arena, struct item);
    item->row = ARENA_NEW (reader->arena, struct row);
    bool with_candidates = grievance->department == 0;
    routing_row_fill (reader, number, grievance, with_candidates, item->row);
    fill_text (reader, grievance, sight == ROUTING_SEES_PERSON, item);
    fill_steps (reader, number, item);
    fill_proposal (reader, grievance, item);
    if (grievance->holder != 0 &&
        routing_is_desk_of (reader->rules, client, grievance->department))
        item->fencing = grievance->fencing;
    item->assisting = ARENA_ARRAY (reader->arena, uint32_t, LIMIT_ASSISTING);
    for (size_t i = 0; i < grievance->n_assisting; i++)
        item->assisting[item->n_assisting++] = grievance->assisting[i];
    item->recused = ARENA_ARRAY (reader->arena, uint32_t, LIMIT_RECUSED);
    for (size_t i = 0; i < grievance->n_recused; i++)
        item->recused[item->n_recused++] = grievance->recused[i];
    return item;
}
