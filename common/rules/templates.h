/* SPDX-License-Identifier: Apache-2.0 */
/* Notices are templates with parameters, as SMS providers approve them. Every template is
 * there in both languages; the loader checks that placeholders are known. */
#ifndef MINQING_RULES_TEMPLATES_H
#define MINQING_RULES_TEMPLATES_H

#include "rules/rules.h"

#define TEMPLATE_REGISTERED    "petitioner-registered"
#define TEMPLATE_ACCEPTED      "petitioner-accepted"
#define TEMPLATE_DIVERTED      "petitioner-diverted"
#define TEMPLATE_EXTENDED      "petitioner-extended"
#define TEMPLATE_DECIDED       "petitioner-decided"
#define TEMPLATE_CLOSED        "petitioner-closed"
#define TEMPLATE_REOPENED      "petitioner-reopened"
#define TEMPLATE_LATE          "petitioner-late"
#define TEMPLATE_ARRIVED       "department-arrived"
#define TEMPLATE_RETURNED      "department-returned"
#define TEMPLATE_REOPENED_DESK "department-reopened"
#define TEMPLATE_DISPATCHER    "dispatcher-waiting"
#define TEMPLATE_RAISED        "raised"
#define TEMPLATE_RAISE_ENDED   "raise-ended"
#define TEMPLATE_DIGEST        "digest"
#define TEMPLATE_DIGEST_LINE   "digest-line"
#define TEMPLATE_SOURCE_SILENT "source-silent"
#define TEMPLATE_SLIP          "slip"
#define TEMPLATE_PRINTED       "printed"

/* Placeholders that a template may use, by name without braces; ends with NULL. */
extern const char *const template_placeholders[];

/* Names of the templates that must be there; ends with NULL. */
extern const char *const template_names[];

/* NULL: no such template. */
const struct notice_template *template_find (const struct rules *rules, const char *name,
                                             enum language language);

struct template_value {
    const char *name;
    const char *value;
};

/* 'text' with every {name} replaced by its value, "—" where there is none. "{{" is one
 * brace. Appends to 'ret'. Values are not looked at again: braces in them stay. */
void template_fill (const char *text, const struct template_value *values, size_t count,
                    struct buffer *ret);

#endif
