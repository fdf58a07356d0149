/* SPDX-License-Identifier: Apache-2.0 */
/* Assembling a course. Two lists, each in order of time, are gathered from their newest
 * end backwards until the answer is full, and then merged. State, department, what waits
 * for a second person and the list of hand-overs are read from the steps: nothing is kept
 * beside them that could contradict them. */
#include "intake/intake_course.h"

#include <string.h>

#include "base/number.h"
#include "wire/wire.h"

/* One list of steps, newest first. */
struct gathering {
    struct course_step steps[LIMIT_ROWS];
    size_t count;
    size_t bytes;
};

static bool gathering_is_full (const struct gathering *gathering, size_t size)
{
    return gathering->count == LIMIT_ROWS - 1 ||
           gathering->bytes + size > INTAKE_COURSE_BYTES / 2;
}

static void gather (struct gathering *gathering, const struct course_step *step,
                    size_t size, enum intake_sight sight)
{
    struct course_step *kept = &gathering->steps[gathering->count++];
    *kept = *step;
    if (sight == INTAKE_SIGHT_STEPS)
        kept->text = NULL;
    gathering->bytes += size;
}

static bool said_step (struct core *core, struct txn *txn, uint64_t sequence,
                       struct arena *arena, struct course_step *ret_step,
                       size_t *ret_size)
{
    struct entry entry;
    struct bytes body;
    if (!core_entry (core, txn, sequence, arena, &entry, &body))
        return false;
    *ret_step = (struct course_step){ .time_ms = entry.time_ms, .kind = entry.kind };
    *ret_size = body.size;
    if (entry.asked) {
        ret_step->outcome = entry.asked->what;
        ret_step->ground = entry.asked->ground;
    }
    struct asked_body said;
    if (body.data && asked_body_decode (arena, body, &said, NULL) == 0)
        ret_step->text = said.text;
    return true;
}

static void gather_said (struct core *core, struct txn *txn, uint64_t number,
                         enum intake_sight sight, struct arena *arena,
                         struct gathering *ret)
{
    uint64_t sequence = UINT64_MAX;
    while ((sequence = intake_said_before (txn, number, sequence)) != 0) {
        struct course_step step;
        size_t size;
        if (!said_step (core, txn, sequence, arena, &step, &size))
            continue;
        if (gathering_is_full (ret, size))
            return;
        gather (ret, &step, size, sight);
    }
}

static void gather_views (struct txn *txn, uint64_t number, enum intake_sight sight,
                          struct arena *arena, struct gathering *ret)
{
    struct key prefix = intake_steps_of (number);
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, txn, core_table (INTAKE_STEPS));
    for (cursor_last_within (&cursor, key_view (&prefix));
         cursor_is_within (&cursor, key_view (&prefix)); cursor_prev (&cursor)) {
        struct bytes value = cursor_value (&cursor);
        struct course_step step;
        if (gathering_is_full (ret, value.size))
            return;
        if (course_step_decode (arena, value, &step, NULL) == 0)
            gather (ret, &step, value.size, sight);
    }
}

/* Oldest first into 'course', the registration always first; what does not fit is cut
 * off behind it. */
static void merge (const struct gathering *said, const struct gathering *views,
                   const struct course_step *registration, struct arena *arena,
                   struct course *course)
{
    size_t a = said->count, b = views->count;
    struct course_step *steps = ARENA_ARRAY (arena, struct course_step, a + b + 1);
    size_t n = 0;
    steps[n++] = *registration;
    while (a > 0 || b > 0) {
        bool take_said = b == 0 || (a > 0 && said->steps[a - 1].time_ms <=
                                                 views->steps[b - 1].time_ms);
        steps[n++] = take_said ? said->steps[--a] : views->steps[--b];
    }
    size_t excess = n > LIMIT_ROWS ? n - LIMIT_ROWS : 0;
    memmove (steps + 1, steps + 1 + excess, (n - 1 - excess) * sizeof (*steps));
    course->steps = steps;
    course->n_steps = n - excess;
}

static void set_standing (const struct gathering *views, struct course *course)
{
    for (size_t i = 0; i < views->count; i++) {
        if (views->steps[i].state == STATE_NONE)
            continue;
        course->state = views->steps[i].state;
        course->department = views->steps[i].department;
        course->instance = views->steps[i].instance;
        return;
    }
}

/* Has a later step taken what was proposed, or passed over it? The petitioner's withdrawal
 * waits wherever the grievance goes meanwhile; what a desk proposed is gone with it. */
static bool proposal_is_over (const struct course_step *proposed,
                              const struct course_step *later)
{
    if (later->kind == KIND_REJECTED || later->state == STATE_CLOSED)
        return true;
    if (later->kind != KIND_MOVED)
        return false;
    bool has_gone =
        later->state != proposed->state || later->department != proposed->department;
    return later->step == proposed->step || (has_gone && proposed->step != STEP_WITHDRAW);
}

static void set_proposed (const struct gathering *views, struct course *course)
{
    size_t at = 0;
    while (at < views->count && views->steps[at].kind != KIND_PROPOSED)
        at++;
    if (at == views->count)
        return;
    for (size_t i = 0; i < at; i++)
        if (proposal_is_over (&views->steps[at], &views->steps[i]))
            return;
    course->proposed = views->steps[at].step;
}

/* With whom it lay, from when to when. A closed grievance lies with nobody. */
static void set_holdings (const struct gathering *views, struct arena *arena,
                          struct course *course)
{
    struct holding *last = NULL;
    course->holdings = ARENA_ARRAY (arena, struct holding, views->count + 1);
    for (size_t i = views->count; i-- > 0;) {
        const struct course_step *step = &views->steps[i];
        if (step->kind != KIND_MOVED || step->state == STATE_NONE)
            continue;
        bool is_open = step->state != STATE_CLOSED;
        if (last && is_open && last->department == step->department)
            continue;
        if (last)
            last->until_ms = step->time_ms;
        last = NULL;
        if (!is_open)
            continue;
        last = &course->holdings[course->n_holdings++];
        *last = (struct holding){ .department = step->department,
                                  .from_ms = step->time_ms,
                                  .step = step->step };
    }
}

/* The last day in force: of the registration, until the ledger has moved the whole. */
static void set_last_day (const struct gathering *views, struct course *course)
{
    for (size_t i = 0; i < views->count; i++) {
        if (views->steps[i].kind != KIND_CLOCKS)
            continue;
        course->last_day_ms = views->steps[i].due_ms;
        course->provisional = views->steps[i].provisional;
        return;
    }
}

static const char *title_of (struct bytes body, struct arena *arena)
{
    struct filing_body filing;
    if (!body.data || filing_body_decode (arena, body, &filing, NULL) < 0 ||
        !filing.statement)
        return NULL;
    return filing.statement->title;
}

struct course *intake_course (struct core *core, struct txn *txn, uint64_t number,
                              const struct intake_grievance *grievance,
                              enum intake_sight sight, struct arena *arena)
{
    struct entry entry;
    struct bytes body;
    if (!core_entry (core, txn, grievance->registered, arena, &entry, &body))
        return NULL;

    struct course *course = ARENA_NEW (arena, struct course);
    course->number = number;
    course->matter = entry.matter;
    intake_matter_find (txn, number, arena, course->matter);
    course->registered_at_ms = entry.time_ms;
    course->filed_at_ms = entry.registered->filed_at_ms;
    course->last_day_ms = entry.registered->last_day_ms;
    course->provisional = entry.registered->provisional;
    course->level = intake_level (txn, number);
    if (sight == INTAKE_SIGHT_TEXT)
        course->title = title_of (body, arena);

    struct gathering *said = ARENA_NEW (arena, struct gathering);
    struct gathering *views = ARENA_NEW (arena, struct gathering);
    gather_said (core, txn, number, sight, arena, said);
    gather_views (txn, number, sight, arena, views);
    struct course_step registration = {
        .time_ms = entry.time_ms,
        .kind = KIND_REGISTERED,
        .department = entry.registered->expected_department,
        .due_ms = entry.registered->last_day_ms,
        .provisional = entry.registered->provisional,
    };
    merge (said, views, &registration, arena, course);
    set_standing (views, course);
    set_last_day (views, course);
    set_proposed (views, course);
    set_holdings (views, arena, course);
    return course;
}

/* ---- documents ---------------------------------------------------------------------- */

static struct documents *documents_create (size_t max, struct arena *arena)
{
    struct documents *documents = ARENA_NEW (arena, struct documents);
    documents->rows = ARENA_ARRAY (arena, struct document_row, max);
    return documents;
}

struct documents *intake_documents (struct txn *txn, uint64_t number, struct arena *arena)
{
    struct documents *documents = documents_create (LIMIT_ROWS, arena);
    struct key prefix = intake_documents_of (number);
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, txn, core_table (INTAKE_DOCUMENTS));
    for (cursor_seek (&cursor, key_view (&prefix));
         documents->n_rows < LIMIT_ROWS && cursor_is_within (&cursor, key_view (&prefix));
         cursor_next (&cursor))
        documents->n_rows += intake_document_read (cursor_value (&cursor), false, arena,
                                                   &documents->rows[documents->n_rows]);
    return documents;
}

struct documents *intake_document (struct txn *txn, uint64_t number, uint64_t sequence,
                                   struct arena *arena)
{
    struct documents *documents = documents_create (1, arena);
    struct key key = intake_document_key (number, sequence);
    struct bytes record;
    if (!txn_get (txn, core_table (INTAKE_DOCUMENTS), key_view (&key), &record) ||
        !intake_document_read (record, true, arena, documents->rows))
        return NULL;
    documents->n_rows = 1;
    return documents;
}

/* ---- contacts ----------------------------------------------------------------------- */

struct petitioner_contact *intake_contact (struct core *core, struct txn *txn,
                                           uint64_t number,
                                           const struct intake_grievance *grievance,
                                           struct arena *arena)
{
    struct petitioner_contact *contact = ARENA_NEW (arena, struct petitioner_contact);
    contact->number = number;
    contact->terminal = number_terminal (number);

    /* Nothing about an accusation goes out by name, sealed or not. */
    struct entry entry;
    struct bytes body;
    struct filing_body filing;
    if (grievance->is_accusation ||
        !core_entry (core, txn, grievance->registered, arena, &entry, &body) ||
        !body.data || filing_body_decode (arena, body, &filing, NULL) < 0 ||
        !filing.statement || !filing.statement->person)
        return contact;
    contact->name = filing.statement->person->name;
    contact->telephone = filing.statement->person->telephone;
    return contact;
}
