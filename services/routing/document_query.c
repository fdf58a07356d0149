/* SPDX-License-Identifier: Apache-2.0 */
/* Who may see which document of a grievance: that it is there, everybody who may see the
 * grievance (its desk, an assisting one, the dispatcher and the leaders of its territory);
 * its text, where it names the petitioner, the department that has the grievance or signed
 * the document, and where it does not, all of them. Of accusations there are none. */
#include "routing/document.h"
#include "routing/document_add.h"
#include "routing/document_store.h"
#include "routing/routing_query.h"
#include "rules/documents.h"
#include "wire/wire.h"

static bool may_list (const struct routing_reader *reader, const struct client *client,
                      const struct routing_grievance *grievance)
{
    if (grievance->purpose == PURPOSE_ACCUSATION)
        return false;
    if (routing_sight (reader, client, grievance) != ROUTING_SEES_NOTHING)
        return true;
    return (client->role == ROLE_DISPATCHER || client->role == ROLE_LEADER) &&
           client_covers (client, grievance->village);
}

/* The department signed it: its desk, or its dispatcher (who may be named without one). */
static bool is_signed_by (const struct routing_reader *reader,
                          const struct client *client, uint32_t department)
{
    const struct department *its = department_find (reader->rules, department);
    if (client->role != ROLE_DISPATCHER)
        return routing_is_desk_of (reader->rules, client, department);
    if (client->department != 0)
        return client->department == department;
    return its != NULL && (its->flags & DEPARTMENT_DISPATCHING) != 0;
}

static bool may_read (const struct routing_reader *reader, const struct client *client,
                      const struct routing_grievance *grievance,
                      const struct document *document)
{
    return !document_is_personal (document->kind) ||
           is_signed_by (reader, client, document->department) ||
           routing_is_desk_of (reader->rules, client, grievance->department);
}

/* False: the journal cannot give it. */
static bool row_fill (const struct routing_reader *reader, uint64_t sequence,
                      bool with_text, struct entry *ret_entry,
                      struct document_row *ret_row)
{
    struct bytes body;
    struct document_body said = { 0 };
    if (!core_entry (reader->core, reader->txn, sequence, reader->arena, ret_entry,
                     &body) ||
        ret_entry->document == NULL)
        return false;
    const struct document *document = ret_entry->document;
    if (body.data && document_body_decode (reader->arena, body, &said, NULL) < 0)
        said = (struct document_body){ 0 };
    *ret_row = (struct document_row){ .sequence = sequence,
                                      .kind = document->kind,
                                      .ordinal = document->ordinal,
                                      .time_ms = ret_entry->time_ms,
                                      .department = document->department,
                                      .hash = document->hash,
                                      .title = said.title,
                                      .text = with_text ? said.text : NULL };
    return true;
}

static void one (const struct routing_reader *reader, const struct client *client,
                 const struct routing_grievance *grievance,
                 const struct document_query *query, struct reply *ret_reply)
{
    struct documents *documents = ARENA_NEW (reader->arena, struct documents);
    struct entry entry;
    documents->rows = ARENA_NEW (reader->arena, struct document_row);
    bool is_there =
        row_fill (reader, query->sequence, true, &entry, &documents->rows[0]) &&
        entry.grievance == query->number;
    if (!is_there) {
        routing_refuse_query (reader, REFUSAL_NOT_FOUND, "no such document", ret_reply);
    } else if (!may_read (reader, client, grievance, entry.document)) {
        routing_refuse_query (
            reader, REFUSAL_NO_RIGHT,
            "it names the petitioner: the department that signed it, or "
            "has the grievance, reads it",
            ret_reply);
    } else {
        documents->n_rows = 1;
        ret_reply->documents = documents;
    }
}

static void all (const struct routing_reader *reader, const struct document_query *query,
                 struct reply *ret_reply)
{
    struct documents *documents = ARENA_NEW (reader->arena, struct documents);
    struct routing_document document = { 0 };
    documents->rows = ARENA_ARRAY (reader->arena, struct document_row, LIMIT_ROWS);
    while (
        documents->n_rows < LIMIT_ROWS &&
        routing_document_next (reader->txn, query->number, document.ordinal, &document)) {
        struct entry entry;
        struct routing_reader brief = *reader;
        brief.arena = reader->scratch;
        struct document_row *row = &documents->rows[documents->n_rows];
        if (row_fill (&brief, document.sequence, false, &entry, row)) {
            row->hash = arena_bytes (reader->arena, row->hash);
            row->title = arena_text (reader->arena, row->title);
            documents->n_rows++;
        }
        arena_reset (reader->scratch);
    }
    ret_reply->documents = documents;
}

void routing_query_documents (const struct routing_reader *reader,
                              const struct client *client,
                              const struct document_query *query, struct reply *ret_reply)
{
    struct routing_grievance grievance;
    bool is_there = routing_grievance_find (reader->txn, query->number, &grievance);
    if (!is_there || grievance.purpose == PURPOSE_ACCUSATION)
        routing_refuse_query (reader, REFUSAL_NOT_FOUND, "no such grievance", ret_reply);
    else if (!may_list (reader, client, &grievance))
        routing_refuse_query (reader, REFUSAL_TERRITORY,
                              "it lies with another department", ret_reply);
    else if (query->sequence != 0)
        one (reader, client, &grievance, query, ret_reply);
    else
        all (reader, query, ret_reply);
}
