/* SPDX-License-Identifier: Apache-2.0 */
/* Finds what documents are filled in with, and puts them behind the step that makes them:
 * what was said stands in the MOVED before it, who filed in the first placing, when it was
 * accepted in the record, on which paper it was decided in the documents made before. */
#include "routing/document_add.h"

#include <string.h>

#include "routing/document.h"
#include "routing/document_store.h"
#include "wire/wire.h"

/* ---- what was before ------------------------------------------------------------------- */

static const struct statement *statement_of (const struct routing_reader *reader,
                                             const struct routing_grievance *grievance,
                                             int64_t *ret_filed_at_ms)
{
    struct entry entry;
    struct bytes body;
    struct moved_body said;
    *ret_filed_at_ms = grievance->registered_at_ms;
    if (!core_entry (reader->core, reader->txn, grievance->placed, reader->arena, &entry,
                     &body))
        return NULL;
    if (entry.moved != NULL && entry.moved->filed_at_ms != 0)
        *ret_filed_at_ms = entry.moved->filed_at_ms;
    if (!body.data || moved_body_decode (reader->arena, body, &said, NULL) < 0 ||
        !said.filing)
        return NULL;
    return said.filing->statement;
}

/* What is served, or what a report names: a decision, an agreement; of a refused one its
 * refusal. An answer is on no paper of ours. */
static struct document_other decided (const struct routing_reader *reader,
                                      const struct document_scene *scene)
{
    struct routing_document document;
    uint32_t kinds = scene->moved->from == STATE_REFUSED
                         ? ROUTING_REFUSALS
                         : ROUTING_DECISIONS | ROUTING_DOCUMENT (DOCUMENT_AGREEMENT);
    if (scene->outcome == OUTCOME_ANSWERED ||
        !routing_document_last (reader->txn, scene->number, kinds, &document))
        return (struct document_other){ .kind = DOCUMENT_NONE };
    return (struct document_other){ document.kind, document.ordinal };
}

static uint32_t next_ordinal (const struct routing_reader *reader, uint64_t number)
{
    struct routing_document document;
    bool is_there =
        routing_document_last (reader->txn, number, ROUTING_EVERY_DOCUMENT, &document);
    return is_there ? document.ordinal + 1 : 1;
}

static uint32_t dispatching (const struct rules *rules, uint64_t village)
{
    const struct department *department = department_dispatching (rules, village);
    return department ? department->number : 0;
}

/* ---- behind a step --------------------------------------------------------------------- */

/* Who signs: with whom it lay, and what the dispatcher sends the dispatcher signs. */
static uint32_t issuer (const struct routing_reader *reader, enum step step,
                        const struct routing_grievance *grievance, uint32_t dispatcher)
{
    if (step != STEP_DISPATCH && grievance->department != 0)
        return grievance->department;
    return dispatcher != 0 ? dispatcher : dispatching (reader->rules, grievance->village);
}

static struct event *document_event (const struct document_scene *scene,
                                     enum document_kind kind, uint32_t ordinal,
                                     struct arena *arena)
{
    struct event *event = ARENA_NEW (arena, struct event);
    struct document_body body;
    event->entry.kind = KIND_DOCUMENT;
    event->entry.grievance = scene->number;
    event->entry.matter = ARENA_NEW (arena, struct matter);
    *event->entry.matter = *scene->matter;
    event->entry.document = ARENA_NEW (arena, struct document);
    document_make (scene, kind, ordinal, arena, event->entry.document, &body);
    event->body = document_body_encode (arena, &body);
    return event;
}

static void insert (struct decision *decision, size_t at, struct event *event)
{
    assert (decision->n_events < DECISION_EVENTS_MAX);
    memmove (&decision->events[at + 1], &decision->events[at],
             (decision->n_events - at) * sizeof decision->events[0]);
    decision->events[at] = event;
    decision->n_events++;
}

/* All that the step's documents are filled in with. */
static void scene_fill (const struct routing_reader *reader, const struct event *event,
                        const struct routing_grievance *grievance, uint32_t dispatcher,
                        struct moved_body *said, struct document_scene *scene)
{
    const struct moved *moved = event->entry.moved;
    *said = (struct moved_body){ 0 };
    if (event->body.data &&
        moved_body_decode (reader->arena, event->body, said, NULL) < 0)
        *said = (struct moved_body){ 0 };
    bool is_dispatch = moved->step == STEP_DISPATCH;
    bool follows = moved->step == STEP_SERVE && moved->from == STATE_CLOSED;
    struct routing_grievance lead;
    scene->rules = reader->rules;
    scene->number = event->entry.grievance;
    scene->matter = event->entry.matter;
    scene->statement = statement_of (reader, grievance, &scene->filed_at_ms);
    scene->accepted_at_ms =
        moved->step == STEP_ACCEPT ? moved->counted_from_ms : grievance->accepted_at_ms;
    scene->issuer = issuer (reader, moved->step, grievance, dispatcher);
    if (follows && routing_grievance_find (reader->txn, moved->link_to, &lead)) {
        scene->accepted_at_ms = lead.accepted_at_ms; /* decided there, and signed there */
        scene->issuer = moved->previous_department;
    }
    scene->moved = moved;
    scene->said = said;
    scene->outcome = moved->outcome != OUTCOME_NONE ? moved->outcome : grievance->outcome;
    scene->assisting = is_dispatch ? moved->assisting : grievance->assisting;
    scene->n_assisting = is_dispatch ? moved->n_assisting : grievance->n_assisting;
    scene->decided = decided (reader, scene);
}

/* How many were put behind the event at 'at'. */
static size_t add_behind (const struct routing_reader *reader, uint32_t dispatcher,
                          uint32_t person, size_t at, struct decision *decision)
{
    const struct event *event = decision->events[at];
    struct moved *moved = event->entry.moved;
    const struct matter *matter = event->entry.matter;
    enum document_kind kinds[DOCUMENTS_A_STEP];
    struct routing_grievance grievance;
    struct moved_body said;
    struct document_scene scene = { .now_ms = decision->now_ms, .person = person };
    size_t count = event->entry.kind == KIND_MOVED && moved != NULL && matter != NULL
                       ? document_kinds (moved, matter, kinds)
                       : 0;
    if (count == 0 ||
        !routing_grievance_find (reader->txn, event->entry.grievance, &grievance))
        return 0;
    scene_fill (reader, event, &grievance, dispatcher, &said, &scene);
    moved->document = next_ordinal (reader, scene.number);
    for (size_t i = 0; i < count; i++)
        insert (decision, at + 1 + i,
                document_event (&scene, kinds[i], moved->document + (uint32_t) i,
                                reader->arena));
    return count;
}

void routing_documents_add (const struct routing_reader *reader, uint32_t dispatcher,
                            uint32_t person, struct decision *decision)
{
    for (size_t i = 0; i < decision->n_events; i++)
        i += add_behind (reader, dispatcher, person, i, decision);
}

/* ---- a supervision ----------------------------------------------------------------------- */

void routing_decide_supervision (const struct routing_reader *reader,
                                 const struct entry *raised, struct bytes body,
                                 struct decision *decision)
{
    struct routing_grievance grievance;
    struct raised_body said = { 0 };
    if (raised->kind != KIND_RAISED || !raised->raised ||
        raised->raised->cause != CAUSE_SUPERVISION ||
        !routing_grievance_find (reader->txn, raised->grievance, &grievance) ||
        grievance.purpose == PURPOSE_ACCUSATION)
        return;
    if (body.data && raised_body_decode (reader->arena, body, &said, NULL) < 0)
        said = (struct raised_body){ 0 };
    struct matter *matter = routing_matter (&grievance, reader->arena);
    const struct officer *opener =
        officer_find (reader->rules, raised->raised->opened_by);
    struct document_scene scene = {
        .rules = reader->rules,
        .number = raised->grievance,
        .now_ms = decision->now_ms,
        .matter = matter,
        .issuer =
            opener ? opener->department : dispatching (reader->rules, matter->village),
        .person = raised->raised->opened_by,
        .raised = raised->raised,
        .advice = said.advice,
    };
    scene.statement = statement_of (reader, &grievance, &scene.filed_at_ms);
    insert (decision, decision->n_events,
            document_event (&scene, DOCUMENT_SUPERVISION,
                            next_ordinal (reader, raised->grievance), reader->arena));
}
