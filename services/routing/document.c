/* SPDX-License-Identifier: Apache-2.0 */
/* Which documents a step makes: one table. Placing by the table makes none: nobody wrote
 * anything, and it is what most grievances see. */
#include "routing/document.h"

#include "base/hash.h"
#include "routing/document_words.h"
#include "rules/documents.h"
#include "wire/limits.h"

enum condition {
    ALWAYS,
    IF_FINAL, /* refused because it was final before */
    IF_NOT_FINAL,
    IF_FIRST, /* on the merits, of this instance */
    IF_SECOND,
    IF_THIRD,
    IF_ASSIGNED,      /* handed on, and a report is due upwards */
    IF_HANDED_ON,     /* handed on otherwise */
    IF_OPEN,          /* not of one that follows its lead */
    IF_FOLLOWS_FIRST, /* one that follows its lead: what was decided there, its instance */
    IF_FOLLOWS_SECOND,
    IF_FOLLOWS_THIRD,
    IF_ENDED_ON_MERITS,
};

static const struct {
    enum step step; /* STEP_NONE: any */
    enum condition condition;
    enum document_kind kind;
} makings[] = {
    { STEP_DISPATCH, IF_ASSIGNED, DOCUMENT_ASSIGNMENT },
    { STEP_DISPATCH, IF_HANDED_ON, DOCUMENT_FORWARD },
    { STEP_DIVERT, ALWAYS, DOCUMENT_FORWARD },
    { STEP_ACCEPT, ALWAYS, DOCUMENT_ACCEPTANCE },
    { STEP_REFUSE, IF_NOT_FINAL, DOCUMENT_REFUSAL },
    { STEP_REFUSE, IF_FINAL, DOCUMENT_NO_LONGER },
    { STEP_EXTEND, ALWAYS, DOCUMENT_EXTENSION },
    { STEP_AGREE, ALWAYS, DOCUMENT_AGREEMENT },
    { STEP_DECIDE, IF_FIRST, DOCUMENT_DECISION },
    { STEP_DECIDE, IF_SECOND, DOCUMENT_REVIEW },
    { STEP_DECIDE, IF_THIRD, DOCUMENT_REREVIEW },
    { STEP_SERVE, IF_OPEN, DOCUMENT_SERVICE },
    { STEP_SERVE, IF_FOLLOWS_FIRST, DOCUMENT_DECISION },
    { STEP_SERVE, IF_FOLLOWS_SECOND, DOCUMENT_REVIEW },
    { STEP_SERVE, IF_FOLLOWS_THIRD, DOCUMENT_REREVIEW },
    { STEP_NONE, IF_ENDED_ON_MERITS, DOCUMENT_REPORT },
};

static bool is_on_merits (enum decision_outcome outcome)
{
    return outcome == OUTCOME_SUPPORT || outcome == OUTCOME_EXPLAIN ||
           outcome == OUTCOME_NOT_SUPPORT;
}

/* Not the ways of ending without an answer on the merits. */
static bool ends_on_merits (enum close_reason reason)
{
    return reason == CLOSE_CONFIRMED || reason == CLOSE_CALL_BACK ||
           reason == CLOSE_WINDOW_UNUSED || reason == CLOSE_ANSWERED ||
           reason == CLOSE_FINAL;
}

static bool condition_holds (enum condition condition, const struct moved *moved,
                             const struct matter *matter)
{
    bool follows = moved->from == STATE_CLOSED && is_on_merits (moved->outcome);
    bool is_handed_on =
        moved->department != 0 && moved->department != moved->previous_department;
    switch (condition) {
    case ALWAYS:
        return true;
    case IF_FINAL:
        return moved->ground == GROUND_FINAL;
    case IF_NOT_FINAL:
        return moved->ground != GROUND_FINAL;
    case IF_FIRST:
        return is_on_merits (moved->outcome) && moved->instance < 2;
    case IF_SECOND:
        return is_on_merits (moved->outcome) && moved->instance == 2;
    case IF_THIRD:
        return is_on_merits (moved->outcome) && moved->instance > 2;
    case IF_ASSIGNED:
        return is_handed_on && matter->channel == CHANNEL_ASSIGNED;
    case IF_HANDED_ON:
        return is_handed_on && matter->channel != CHANNEL_ASSIGNED;
    case IF_OPEN:
        return moved->from != STATE_CLOSED;
    case IF_FOLLOWS_FIRST:
        return follows && moved->instance < 2;
    case IF_FOLLOWS_SECOND:
        return follows && moved->instance == 2;
    case IF_FOLLOWS_THIRD:
        return follows && moved->instance > 2;
    case IF_ENDED_ON_MERITS:
        return moved->from != STATE_CLOSED && moved->to == STATE_CLOSED &&
               ends_on_merits (moved->close_reason);
    }
    return false;
}

size_t document_kinds (const struct moved *moved, const struct matter *matter,
                       enum document_kind ret[DOCUMENTS_A_STEP])
{
    size_t count = 0;
    if (matter->purpose == PURPOSE_ACCUSATION || matter->sealed)
        return 0;
    for (size_t i = 0; i < ARRAY_SIZE (makings); i++)
        if ((makings[i].step == moved->step || makings[i].step == STEP_NONE) &&
            condition_holds (makings[i].condition, moved, matter)) {
            assert (count < DOCUMENTS_A_STEP);
            ret[count++] = makings[i].kind;
        }
    return count;
}

void document_make (const struct document_scene *scene, enum document_kind kind,
                    uint32_t ordinal, struct arena *arena, struct document *ret_document,
                    struct document_body *ret_body)
{
    const struct document_form *form = document_form_find (scene->rules, kind);
    assert (form != NULL); /* the loader sees to it */
    struct document_words words = { .scene = scene, .arena = arena };
    document_words_gather (&words, form, ordinal);

    struct buffer text = { 0 };
    document_fill (form, words.values, words.count, LIMIT_DOCUMENT, &text);
    /* A form of nothing but lines without values: the journal wants a text. */
    if (text.size == 0)
        buffer_append_bytes (&text, bytes_of_text (form->title));
    struct hash *hash = ARENA_NEW (arena, struct hash);
    hash_bytes (buffer_bytes (&text), hash);
    *ret_document =
        (struct document){ .kind = kind,
                           .ordinal = ordinal,
                           .hash = hash_view (hash),
                           .department = scene->issuer,
                           .table_version = scene->rules->version[RULES_DOCUMENTS] };
    *ret_body = (struct document_body){
        .title = arena_text (arena, form->title),
        .text = arena_format (arena, "%.*s", (int) text.size, (const char *) text.data),
    };
    buffer_done (&text);
}
