/* SPDX-License-Identifier: Apache-2.0 */
/* The closed lists of words that the tables use, and their numbers. Numbers go into
 * journals and keys: they never change their meaning; new ones are appended.
 * Purpose, unit and document are the protocol's own. */
#ifndef MINQING_RULES_NAMES_H
#define MINQING_RULES_NAMES_H

#include "base/macros.h"
#include "base/words.h"

enum department_level {
    DEPARTMENT_VILLAGE = 1,
    DEPARTMENT_TOWNSHIP,
    DEPARTMENT_COUNTY,
    DEPARTMENT_CITY,
    DEPARTMENT_PROVINCE,
    DEPARTMENT_LEVEL_COUNT
};

enum office {
    OFFICE_WORKER = 1, /* 承办人 */
    OFFICE_HEAD,       /* answers at level 1 */
    OFFICE_DEPUTY,     /* answers where there is no head on that day */
    OFFICE_DISPATCHER, /* 分办员 */
    OFFICE_LEADER,     /* 分管领导: level 2 */
    OFFICE_JOINT,      /* named by the joint meeting: level 3 */
    OFFICE_COUNTY,     /* level 4 */
    OFFICE_ARBITER,    /* 指定受理 */
    OFFICE_COUNT
};

/* How hot: decides between rows of the deadline and the ladder table. */
enum urgency {
    URGENCY_ANY, /* '*' */
    URGENCY_ORDINARY,
    URGENCY_COMPLEX,   /* extended, or said to be */
    URGENCY_UTILITY,   /* water, power, gas, heat: by its category */
    URGENCY_EMERGENCY, /* marked urgent or a threat */
    URGENCY_COUNT
};

/* Everything that has a clock: the names of the deadline table. */
enum stage {
    STAGE_ANY,        /* ladder table only: '*' */
    STAGE_REGISTER,   /* written down → registered */
    STAGE_DISPATCH,   /* in the dispatcher's queue */
    STAGE_ACCEPT,     /* in a department's queue or claimed, not yet accepted */
    STAGE_REDISPATCH, /* objected: the sender agrees and sends it elsewhere, or not */
    STAGE_ARBITRATE,  /* the arbiter names the department */
    STAGE_DECIDE,     /* accepted → written decision served */
    STAGE_SERVE,      /* written → served, inside of 'decide' */
    STAGE_EXTEND,     /* what an extension adds to 'decide' and 'whole' */
    STAGE_DIVERT,     /* led elsewhere, until it has arrived */
    STAGE_EXECUTE,    /* support decided → claimed done */
    STAGE_CONFIRM,    /* claimed done → confirmed or called back */
    STAGE_CALL_BACK,
    STAGE_MEDIATE,
    STAGE_REVIEW,        /* 复查 */
    STAGE_REREVIEW,      /* 复核 */
    STAGE_HOLDER,        /* each holder, from its own receipt */
    STAGE_ASSIST,        /* each assisting department, from its own receipt */
    STAGE_RESPOND,       /* hotline practice: the first answer */
    STAGE_WHOLE,         /* sum of stages, from filing */
    STAGE_RAISE,         /* a raise waits for its written answer */
    STAGE_SUPERVISE,     /* 督办 waits for its answer */
    STAGE_REPORT_URGENT, /* major or urgent: reported upwards */
    STAGE_CLAIM,         /* a claim unused for so long lapses */
    STAGE_CONTACT,       /* a printed notice nobody handed over → unreachable list */
    STAGE_RATE,          /* reminder to rate */
    STAGE_OBJECT,        /* window: "not ours" */
    STAGE_ASK_REVIEW,    /* window: the petitioner asks for review */
    STAGE_ASK_REREVIEW,  /* window */
    STAGE_DISPUTE,       /* window: a closed one is disputed */
    STAGE_HEARING,       /* pause: hearing time in the re-review */
    STAGE_WAIT,          /* in the dispatcher's hands: their own duty */
    STAGE_COUNT
};

/* The three kinds of row on the agenda. */
enum row_kind { ROW_DUTY = 1, ROW_WINDOW, ROW_PAUSE, ROW_KIND_COUNT };

/* The five kinds of DOMAIN §1. */
enum matter_kind {
    MATTER_OTHER,
    MATTER_LAND,        /* 土地征收 */
    MATTER_DEMOLITION,  /* 房屋拆迁 */
    MATTER_ENVIRONMENT, /* 环境保护 */
    MATTER_PROJECT,     /* 重点工程施工环境 */
    MATTER_ENTERPRISE,  /* 村企矛盾 */
    MATTER_KIND_COUNT
};

enum outlet_kind {
    OUTLET_NONE,
    OUTLET_SMTP,
    OUTLET_HTTP,
    OUTLET_PIPE,
    OUTLET_KIND_COUNT
};
enum language { LANGUAGE_ZH, LANGUAGE_EN, LANGUAGE_COUNT };

/* Flags. */
#define DEPARTMENT_DISPATCHING 0x1u /* has the dispatcher's queue of its territory */
#define DEPARTMENT_DISCIPLINE  0x2u /* takes accusations */
#define DEPARTMENT_ARBITER     0x4u /* names the department where no common superior is */
#define DEPARTMENT_JOINT       0x8u /* office of the joint meeting */

#define WORD_URGENT 0x1u
#define WORD_THREAT 0x2u

/* One list of words: index = number; NULL where the list has no such number. 'zh' is
 * what a person reads. */
struct name {
    const char *word;
    const char *zh;
};

struct name_list {
    const char *what; /* "purpose": for sentences */
    const struct name *names;
    unsigned count;
};

extern const struct name_list basis_names, purpose_names, department_level_names,
    office_names, unit_names, urgency_names, stage_names, row_kind_names,
    matter_kind_names, outlet_kind_names, language_names, document_names;
/* Index = number of the bit. */
extern const struct name_list department_flag_names, word_flag_names;

/* The word for a number ("?" for a wrong one), the Chinese one, and the number of a word
 * (-1: none). */
const char *name_word (const struct name_list *list, unsigned number);
const char *name_zh (const struct name_list *list, unsigned number);
int name_find (const struct name_list *list, const char *word);

/* Of 'count' words the one that is most likely meant (Levenshtein over bytes, at most a
 * third of its length away), or NULL. */
const char *name_suggest (const char *word, const char *const *words, size_t count);

#endif
