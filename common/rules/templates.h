/* SPDX-License-Identifier: Apache-2.0 */
/* Notices are templates with parameters, as SMS providers approve them. Every template is
 * there in both languages; the loader checks that placeholders are known. */
#ifndef MINQING_RULES_TEMPLATES_H
#define MINQING_RULES_TEMPLATES_H

#include "rules/rules.h"

/* To the petitioner. */
#define TEMPLATE_REGISTERED          "petitioner-registered"
#define TEMPLATE_ACCEPTED            "petitioner-accepted"
#define TEMPLATE_REFUSED             "petitioner-refused"
#define TEMPLATE_NOT_ACCEPTED        "petitioner-not-accepted"
#define TEMPLATE_NO_LONGER_ACCEPTED  "petitioner-no-longer-accepted"
#define TEMPLATE_DIVERTED            "petitioner-diverted"
#define TEMPLATE_LINKED              "petitioner-linked"
#define TEMPLATE_LEAD_DECIDED        "petitioner-lead-decided"
#define TEMPLATE_UNLINKED            "petitioner-unlinked"
#define TEMPLATE_REPURPOSED          "petitioner-repurposed"
#define TEMPLATE_WITHDRAWAL_WAITS    "petitioner-withdrawal-waits"
#define TEMPLATE_WITHDRAWAL_REJECTED "petitioner-withdrawal-rejected"
#define TEMPLATE_WITHDRAWN           "petitioner-withdrawn"
#define TEMPLATE_EXTENDED            "petitioner-extended"
#define TEMPLATE_MEDIATION           "petitioner-mediation"
#define TEMPLATE_MEDIATION_ENDED     "petitioner-mediation-ended"
#define TEMPLATE_AGREED              "petitioner-agreed"
#define TEMPLATE_DECIDED             "petitioner-decided"
#define TEMPLATE_ANSWERED            "petitioner-answered"
#define TEMPLATE_REVIEW              "petitioner-review"
#define TEMPLATE_REREVIEW            "petitioner-rereview"
#define TEMPLATE_HEARING             "petitioner-hearing"
#define TEMPLATE_REVIEW_DECIDED      "petitioner-review-decided"
#define TEMPLATE_REREVIEW_DECIDED    "petitioner-rereview-decided"
#define TEMPLATE_DONE                "petitioner-done"
#define TEMPLATE_CLOSED              "petitioner-closed"
#define TEMPLATE_CONTACT_FAILED      "petitioner-contact-failed"
#define TEMPLATE_FINAL               "petitioner-final"
#define TEMPLATE_REOPENED            "petitioner-reopened"
#define TEMPLATE_LATE                "petitioner-late"
#define TEMPLATE_RATE                "petitioner-rate"
/* To a department. */
#define TEMPLATE_ARRIVED       "department-arrived"
#define TEMPLATE_RETURNED      "department-returned"
#define TEMPLATE_NAMED         "department-named"
#define TEMPLATE_ARBITRATE     "department-arbitrate"
#define TEMPLATE_REVIEW_DESK   "department-review"
#define TEMPLATE_EXECUTE       "department-execute"
#define TEMPLATE_REOPENED_DESK "department-reopened"
#define TEMPLATE_URGENT        "department-urgent"
/* To the dispatcher. */
#define TEMPLATE_DISPATCHER  "dispatcher-waiting"
#define TEMPLATE_UNREACHABLE "dispatcher-unreachable"
/* To persons. */
#define TEMPLATE_PROPOSED       "proposal-waits"
#define TEMPLATE_REJECTED       "proposal-rejected"
#define TEMPLATE_RAISED         "raised"
#define TEMPLATE_SUPERVISED     "supervised"
#define TEMPLATE_UNANSWERED     "unanswered"
#define TEMPLATE_RAISE_ENDED    "raise-ended"
#define TEMPLATE_RAISE_ANSWERED "raise-answered"
#define TEMPLATE_SOURCE_SILENT  "source-silent"
/* Around others. */
#define TEMPLATE_DIGEST      "digest"
#define TEMPLATE_DIGEST_LINE "digest-line"
#define TEMPLATE_SLIP        "slip"
#define TEMPLATE_PRINTED     "printed"

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

/* The value of the name with this many bytes; NULL: there is none. */
const char *template_value_find (const struct template_value *values, size_t count,
                                 const char *name, size_t size);

/* 'text' with every {name} replaced by its value, "—" where there is none. "{{" is one
 * brace. A part in brackets, "[, due {due}]", is left out where a placeholder of it has no
 * value; brackets without a placeholder stay as they are. Appends to 'ret'. Values are not
 * looked at again: braces in them stay. */
void template_fill (const char *text, const struct template_value *values, size_t count,
                    struct buffer *ret);

#endif
