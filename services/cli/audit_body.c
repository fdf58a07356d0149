/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies, for whoever may have them (a keeper; an operator reads headers): that they are the
 * body that the leaf says was seen to already; here, that a table is the one its version
 * names, and a document says what its hash says. */
#include "cli/audit_inside.h"

#include "wire/wire.h"

static void audit_table_bytes (struct audit *audit)
{
    struct hash hash;
    hash_bytes (audit->body, &hash);
    if (get_be64 (hash.data) != audit->entry->table->version)
        audit_fault (audit, AUDIT_BODY, "the table is not of version %016llx",
                     (unsigned long long) audit->entry->table->version);
}

static void audit_document_text (struct audit *audit)
{
    struct document_body body;
    struct arena arena;
    struct hash hash;
    arena_init (&arena, 0);
    if (document_body_decode (&arena, audit->body, &body, NULL) != 0)
        audit_fault (audit, AUDIT_BODY, "the document cannot be read");
    else {
        hash_bytes (bytes_of_text (body.text), &hash);
        if (!bytes_equal (audit->entry->document->hash,
                          BYTES (hash.data, sizeof hash.data)))
            audit_fault (audit, AUDIT_BODY, "the document has another text");
    }
    arena_done (&arena);
}

void audit_body (struct audit *audit)
{
    if (audit->entry->kind == KIND_TABLE && audit->entry->table != NULL)
        audit_table_bytes (audit);
    else if (audit->entry->kind == KIND_DOCUMENT && audit->entry->document != NULL)
        audit_document_text (audit);
}
