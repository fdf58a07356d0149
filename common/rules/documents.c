/* SPDX-License-Identifier: Apache-2.0 */
/* Filling in the forms of legal documents. Unlike a notice, a document quotes people at
 * length: their words are cleaned, kept inside their paragraph, and bounded. */
#include "rules/documents.h"

#include <string.h>

#include "base/text.h"

/* Grievance and matter; time and money of the law; what was decided; flags. */
const char *const document_placeholders[] = {
    "number",
    "ordinal",
    "petitioner",
    "persons",
    "village",
    "category",
    "purpose",
    "title",
    "filed",
    "accepted",
    "department",
    "to_department",
    "assisting",
    "date",
    "accept_due",
    "object_due",
    "decide_due",
    "review_period",
    "extended_due",
    "extension_period",
    "execute_period",
    "appeal_period",
    "dispute_period",
    "appeal_to",
    "window_due",
    "outcome",
    "text",
    "reason",
    "legal_basis",
    "ground",
    "article",
    "decision_document",
    "final_number",
    "means",
    "to",
    "worker",
    "served",
    "served_document",
    "closed",
    "upstream",
    "upstream_due",
    "advice",
    "leader",
    "raise",
    "answer_due",
    "if_merits",
    "if_answered",
    "if_support",
    "if_explain",
    "if_not_support",
    "if_agreed",
    "if_final",
    "if_divert",
    "if_inside",
    "if_review",
    "if_rereview",
    NULL,
};

const char *const document_personal_placeholders[] = { "petitioner", "title", "to",
                                                       NULL };

bool document_is_personal (enum document_kind kind)
{
    return kind != DOCUMENT_FORWARD && kind != DOCUMENT_ASSIGNMENT &&
           kind != DOCUMENT_SUPERVISION && kind != DOCUMENT_REPORT;
}

const struct document_form *document_form_find (const struct rules *rules,
                                                enum document_kind kind)
{
    for (size_t i = 0; i < rules->document_count; i++)
        if (rules->documents[i].kind == kind)
            return &rules->documents[i];
    return NULL;
}

#define INDENT "　　"
#define CUT    "……（全文存卷）"

/* Room that a long value leaves to reasons, names and dates behind it. */
#define RESERVE    20000
#define VALUE_LONG 6600

struct filling {
    const struct template_value *values;
    size_t count;
    size_t room; /* for values */
    struct buffer *ret;
};

/* Text up to the next placeholder of the line; then its name. False: there is none. */
static bool next_placeholder (const char *at, const char *end, const char **ret_name,
                              size_t *ret_size)
{
    for (; at < end; at++) {
        if (*at != '{')
            continue;
        if (at + 1 < end && at[1] == '{') {
            at++;
            continue;
        }
        const char *close = memchr (at, '}', (size_t) (end - at));
        if (!close)
            return false;
        *ret_name = at + 1;
        *ret_size = (size_t) (close - at - 1);
        return true;
    }
    return false;
}

static bool line_holds (const struct filling *filling, const char *line, const char *end)
{
    const char *name;
    size_t size;
    for (const char *at = line; next_placeholder (at, end, &name, &size);
         at = name + size + 1)
        if (!template_value_find (filling->values, filling->count, name, size))
            return false;
    return true;
}

/* Clean, without TABs and empty lines, every line after the first a paragraph. */
static void append_laid_out (struct buffer *to, struct bytes clean)
{
    bool is_new_line = false;
    for (size_t i = 0; i < clean.size; i++) {
        uint8_t byte = clean.data[i];
        if (byte == '\n') {
            is_new_line = true;
            continue;
        }
        if (is_new_line && to->size > 0)
            buffer_append (to, "\n" INDENT, sizeof "\n" INDENT - 1);
        is_new_line = false;
        buffer_append (to, byte == '\t' ? " " : (const char *) &byte, 1);
    }
}

static void append_value (struct filling *filling, const char *value)
{
    struct buffer clean = { 0 }, laid_out = { 0 };
    text_clean (bytes_of_text (value), &clean);
    append_laid_out (&laid_out, buffer_bytes (&clean));
    struct bytes bytes = buffer_bytes (&laid_out);
    size_t most = bytes.size > VALUE_LONG && filling->room > RESERVE
                      ? filling->room - RESERVE
                      : filling->room;
    bool fits = bytes.size <= most;
    if (!fits && most > sizeof CUT)
        bytes = text_fit (bytes, most - sizeof CUT);
    else if (!fits)
        bytes.size = 0;
    buffer_append_bytes (filling->ret, bytes);
    filling->room -= bytes.size;
    if (!fits && filling->room >= sizeof CUT) {
        buffer_append (filling->ret, CUT, sizeof CUT - 1);
        filling->room -= sizeof CUT - 1;
    }
    buffer_done (&clean);
    buffer_done (&laid_out);
}

/* "{{" is one brace. */
static void append_literal (struct buffer *ret, const char *from, const char *to)
{
    for (; from < to; from++) {
        buffer_append (ret, from, 1);
        if (*from == '{' && from + 1 < to && from[1] == '{')
            from++;
    }
}

static void append_line (struct filling *filling, const char *line, const char *end)
{
    const char *name;
    size_t size;
    const char *at = line;
    while (next_placeholder (at, end, &name, &size)) {
        append_literal (filling->ret, at, name - 1);
        append_value (filling,
                      template_value_find (filling->values, filling->count, name, size));
        at = name + size + 1;
    }
    append_literal (filling->ret, at, end);
}

void document_fill (const struct document_form *form, const struct template_value *values,
                    size_t count, size_t most, struct buffer *ret)
{
    size_t literal = strlen (form->text);
    assert (most >= 32768);
    struct filling filling = { .values = values,
                               .count = count,
                               .room = most > literal ? most - literal : 0,
                               .ret = ret };
    bool is_first = true;
    for (const char *line = form->text; *line != '\0';) {
        const char *end = line + strcspn (line, "\n");
        if (line_holds (&filling, line, end)) {
            if (!is_first)
                buffer_append (ret, "\n", 1);
            is_first = false;
            append_line (&filling, line, end);
        }
        line = *end == '\0' ? end : end + 1;
    }
}
