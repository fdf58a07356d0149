/* SPDX-License-Identifier: Apache-2.0 */
/* Notices: which templates there are, what may stand in braces, and filling them in. */
#include "rules/templates.h"

#include <string.h>

const char *const template_names[] = {
    TEMPLATE_REGISTERED,
    TEMPLATE_ACCEPTED,
    TEMPLATE_REFUSED,
    TEMPLATE_NOT_ACCEPTED,
    TEMPLATE_NO_LONGER_ACCEPTED,
    TEMPLATE_DIVERTED,
    TEMPLATE_LINKED,
    TEMPLATE_LEAD_DECIDED,
    TEMPLATE_UNLINKED,
    TEMPLATE_REPURPOSED,
    TEMPLATE_WITHDRAWAL_WAITS,
    TEMPLATE_WITHDRAWAL_REJECTED,
    TEMPLATE_WITHDRAWN,
    TEMPLATE_EXTENDED,
    TEMPLATE_MEDIATION,
    TEMPLATE_MEDIATION_ENDED,
    TEMPLATE_AGREED,
    TEMPLATE_DECIDED,
    TEMPLATE_ANSWERED,
    TEMPLATE_REVIEW,
    TEMPLATE_REREVIEW,
    TEMPLATE_HEARING,
    TEMPLATE_REVIEW_DECIDED,
    TEMPLATE_REREVIEW_DECIDED,
    TEMPLATE_DONE,
    TEMPLATE_CLOSED,
    TEMPLATE_CONTACT_FAILED,
    TEMPLATE_FINAL,
    TEMPLATE_REOPENED,
    TEMPLATE_LATE,
    TEMPLATE_RATE,
    TEMPLATE_ARRIVED,
    TEMPLATE_RETURNED,
    TEMPLATE_NAMED,
    TEMPLATE_ARBITRATE,
    TEMPLATE_REVIEW_DESK,
    TEMPLATE_EXECUTE,
    TEMPLATE_REOPENED_DESK,
    TEMPLATE_URGENT,
    TEMPLATE_DISPATCHER,
    TEMPLATE_UNREACHABLE,
    TEMPLATE_PROPOSED,
    TEMPLATE_REJECTED,
    TEMPLATE_RAISED,
    TEMPLATE_SUPERVISED,
    TEMPLATE_UNANSWERED,
    TEMPLATE_RAISE_ENDED,
    TEMPLATE_RAISE_ANSWERED,
    TEMPLATE_SOURCE_SILENT,
    TEMPLATE_DIGEST,
    TEMPLATE_DIGEST_LINE,
    TEMPLATE_SLIP,
    TEMPLATE_PRINTED,
    NULL,
};

const char *const template_placeholders[] = {
    "number", "query_code", "village", "township", "category", "purpose", "department",
    "person", "level",      "due",     "filed",    "received", "state",   "row",
    "days",   "reason",     "outcome", "terminal", "count",    "lines",   "cause",
    "share",  "source",     "stage",   "place",    "name",     "subject", "text",
    "raise",  "time",       "date",    "document", "link",     "step",    "answer",
    "of",     "adoption",   NULL,
};

const struct notice_template *template_find (const struct rules *rules, const char *name,
                                             enum language language)
{
    for (size_t i = 0; i < rules->template_count; i++)
        if (rules->templates[i].language == language &&
            strcmp (rules->templates[i].name, name) == 0)
            return &rules->templates[i];
    return NULL;
}

/* ---- filling in ---------------------------------------------------------------------- */

struct filling {
    const struct template_value *values;
    size_t count;
    struct buffer *ret;
};

const char *template_value_find (const struct template_value *values, size_t count,
                                 const char *name, size_t size)
{
    for (size_t i = 0; i < count; i++)
        if (strlen (values[i].name) == size && memcmp (values[i].name, name, size) == 0)
            return values[i].value;
    return NULL;
}

/* From a '{' behind the placeholder that begins there; NULL: none does. */
static const char *placeholder_end (const char *text, const char *end)
{
    if (end - text < 2 || text[1] == '{')
        return NULL;
    const char *close = memchr (text, '}', (size_t) (end - text));
    return close ? close + 1 : NULL;
}

/* An optional part has a placeholder, and holds if all of them have values. */
static void part_look (const struct filling *filling, const char *text, const char *end,
                       bool *ret_is_optional, bool *ret_holds)
{
    *ret_is_optional = false;
    *ret_holds = true;
    while ((text = memchr (text, '{', (size_t) (end - text))) != NULL) {
        const char *behind = placeholder_end (text, end);
        if (behind) {
            *ret_is_optional = true;
            *ret_holds &= template_value_find (filling->values, filling->count, text + 1,
                                               (size_t) (behind - text - 2)) != NULL;
        }
        text = behind ? behind : text + (end - text < 2 ? 1 : 2);
    }
}

static void fill (const struct filling *filling, const char *text, const char *end);

/* What begins with a brace or a bracket; behind it. */
static const char *fill_mark (const struct filling *filling, const char *text,
                              const char *end)
{
    if (*text == '{') {
        const char *behind = placeholder_end (text, end);
        if (behind) {
            const char *value = template_value_find (
                filling->values, filling->count, text + 1, (size_t) (behind - text - 2));
            buffer_append_bytes (filling->ret, bytes_of_text (value ? value : "—"));
            return behind;
        }
        buffer_append (filling->ret, "{", 1);
        return text + (end - text > 1 && text[1] == '{' ? 2 : 1);
    }
    const char *close = memchr (text, ']', (size_t) (end - text));
    bool is_optional = false, holds = false;
    if (close)
        part_look (filling, text + 1, close, &is_optional, &holds);
    if (!is_optional) {
        buffer_append (filling->ret, "[", 1);
        return text + 1;
    }
    if (holds)
        fill (filling, text + 1, close);
    return close + 1;
}

static void fill (const struct filling *filling, const char *text, const char *end)
{
    while (text < end) {
        size_t plain = 0;
        while (text + plain < end && text[plain] != '{' && text[plain] != '[')
            plain++;
        buffer_append (filling->ret, text, plain);
        text += plain;
        if (text < end)
            text = fill_mark (filling, text, end);
    }
}

void template_fill (const char *text, const struct template_value *values, size_t count,
                    struct buffer *ret)
{
    struct filling filling = { .values = values, .count = count, .ret = ret };
    fill (&filling, text, text + strlen (text));
}
