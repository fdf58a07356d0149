/* SPDX-License-Identifier: Apache-2.0 */
/* Notices: which templates there are, what may stand in braces, and filling them in. */
#include "rules/templates.h"

#include <string.h>

const char *const template_names[] = {
    TEMPLATE_REGISTERED,    TEMPLATE_ACCEPTED,
    TEMPLATE_DIVERTED,      TEMPLATE_EXTENDED,
    TEMPLATE_DECIDED,       TEMPLATE_CLOSED,
    TEMPLATE_REOPENED,      TEMPLATE_LATE,
    TEMPLATE_ARRIVED,       TEMPLATE_RETURNED,
    TEMPLATE_REOPENED_DESK, TEMPLATE_DISPATCHER,
    TEMPLATE_RAISED,        TEMPLATE_RAISE_ENDED,
    TEMPLATE_DIGEST,        TEMPLATE_DIGEST_LINE,
    TEMPLATE_SOURCE_SILENT, TEMPLATE_SLIP,
    TEMPLATE_PRINTED,       NULL,
};

const char *const template_placeholders[] = {
    "number", "query_code", "village", "township", "category", "purpose", "department",
    "person", "level",      "due",     "filed",    "received", "state",   "row",
    "days",   "reason",     "outcome", "terminal", "count",    "lines",   "cause",
    "share",  "source",     "stage",   "place",    "name",     "subject", "text",
    "raise",  "time",       "date",    NULL,
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

static const char *value_of (const struct template_value *values, size_t count,
                             const char *name, size_t size)
{
    for (size_t i = 0; i < count; i++)
        if (strlen (values[i].name) == size && memcmp (values[i].name, name, size) == 0 &&
            values[i].value != NULL)
            return values[i].value;
    return "—";
}

void template_fill (const char *text, const struct template_value *values, size_t count,
                    struct buffer *ret)
{
    while (*text != '\0') {
        size_t plain = strcspn (text, "{");
        buffer_append (ret, text, plain);
        text += plain;
        const char *end = *text == '\0' ? NULL : strchr (text, '}');
        if (text[0] == '{' && text[1] == '{') {
            buffer_append (ret, "{", 1);
            text += 2;
        } else if (end != NULL) {
            size_t size = (size_t) (end - text - 1);
            buffer_append_bytes (
                ret, bytes_of_text (value_of (values, count, text + 1, size)));
            text = end + 1;
        } else {
            buffer_append_bytes (ret, bytes_of_text (text));
            return;
        }
    }
}
