/* SPDX-License-Identifier: Apache-2.0 */
/* Between the table of who is told what (decide_notices.c) and whoever that is on the day
 * (decide_recipients.c). */
#ifndef MINQING_SERVICES_NOTIFICATION_TELLINGS_H
#define MINQING_SERVICES_NOTIFICATION_TELLINGS_H

#include "notification/law.h"

enum audience {
    TELL_PETITIONER,
    TELL_DEPARTMENT, /* that has it now; the dispatcher where none has */
    TELL_ASSISTING,
    TELL_DISPATCHER,
    TELL_SECOND,   /* who may approve what was proposed */
    TELL_PROPOSER, /* whose proposal was rejected */
    TELL_PERSONS,  /* of a raise; the department where it names none */
    TELL_LINE, /* of a raise: the one above the department, the joint conference office */
    TELL_PRESSED, /* the department, its head, and whom the raise names */
    TELL_TOLD,    /* who heard of the raise */
    TELL_OPENER,  /* who supervised */
};

typedef bool (when_fn) (const struct notification_question *question);

struct telling_row {
    enum kind kind;
    enum step step; /* STEP_NONE: any */
    enum audience audience;
    const char *template;
    enum stage due;           /* whose end is told; STAGE_ANY: the entry's own */
    enum state to;            /* STATE_NONE: any */
    enum close_reason ending; /* CLOSE_NONE: any */
    enum cause cause;         /* CAUSE_NONE: any that has no row of its own */
    when_fn *when;            /* NULL: always */
    enum gathering gathering; /* unless it is urgent */
    enum stage after;         /* told when so much time has passed; STAGE_ANY: now */
};

/* What one entry tells, as it is gathered. */
struct tellings {
    const struct notification_question *question;
    const struct telling_row *row;
    struct notification_telling *ret;
    size_t count;
};

/* Add everybody whom this row tells. */
void notification_tell_audience (struct tellings *to);

#endif
