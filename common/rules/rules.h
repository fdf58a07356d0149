/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of a place: eleven tables that clerks keep in a spreadsheet, read whole, checked
 * whole, and then a plain structure in memory that every lookup only reads.
 *
 * A table is UTF-8 text, columns separated by tabs. Lines beginning with '#' and empty
 * lines are comments; the first other line names the columns, in any order. A BOM and CRLF
 * are tolerated. '-' or nothing means "not said", '*' "any". In text columns "\n", "\t" and
 * "\\" stand for line break, tab and backslash.
 *
 * Nothing here opens a socket or reads a clock; only 'rules_read_dir' and 'rules_load_dir'
 * touch files. Pointers inside a 'struct rules' live as long as it does. */
#ifndef MINQING_RULES_RULES_H
#define MINQING_RULES_RULES_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "rules/names.h"

enum rules_table {
    RULES_VILLAGES,
    RULES_DEPARTMENTS,
    RULES_PEOPLE,
    RULES_CATEGORIES,
    RULES_RESPONSIBILITY,
    RULES_DEADLINES,
    RULES_LADDER,
    RULES_CALENDAR,
    RULES_TEMPLATES,
    RULES_URGENT_WORDS,
    RULES_DOCUMENTS,
    RULES_TABLE_COUNT
};

/* LIMIT_TABLE of the protocol: a table is journaled as one entry. */
#define RULES_TABLE_BYTES_MAX 900000

#define RULES_ASSISTING_MAX 8 /* LIMIT_ASSISTING */
#define RULES_OUTLETS_MAX   4 /* an outlet and its fallbacks */
#define RULES_CHAIN_MAX     8 /* superiors, successors, stand-ins: longer is a mistake */
#define RULES_BANDS_MAX     6
#define RULES_PROBLEMS_MAX  20 /* told at once; a clerk corrects and runs again */
#define SEAL_KEY_SIZE       32 /* X25519 */

/* Every row knows its line, for messages. */
struct village {
    unsigned line;
    uint64_t code; /* 12 digits; / 1000 is the township */
    const char *name;
    const char *township;
};

struct outlet {
    enum outlet_kind kind;
    const char *address; /* mail address, URL, or path of a program */
};

struct department {
    unsigned line;
    uint32_t number;
    const char *name;
    const char *name_en;
    enum department_level level;
    uint64_t territory; /* decimal prefix of village codes */
    uint32_t superior;  /* 0: none */
    uint32_t leader;    /* person: the leader in charge (分管领导); 0: none */
    uint32_t successor; /* not 0: this department is abolished */
    unsigned flags;     /* DEPARTMENT_… */
    bool can_unseal;    /* 'seal_key' is set */
    uint8_t seal_key[SEAL_KEY_SIZE];
    struct outlet outlets[RULES_OUTLETS_MAX]; /* first is best */
    size_t outlet_count;
};

/* One row: a person in an office of a department. A number may stand in several rows. */
struct officer {
    unsigned line;
    uint32_t number;
    const char *name;
    uint32_t department;
    enum office office;
    int32_t from_day;       /* base/civil.h; INT32_MIN: since ever */
    int32_t until_day;      /* last day; INT32_MAX: until further notice */
    uint32_t stands_in_for; /* not 0: does that person's office from … until */
    struct outlet outlets[RULES_OUTLETS_MAX];
    size_t outlet_count;
};

struct category {
    unsigned line;
    uint32_t number;  /* for keys */
    const char *path; /* "国土资源/土地征收": levels joined by '/' */
    const char *name; /* last level */
    const char *name_en;
    unsigned depth;                /* 1 … */
    const struct category *parent; /* NULL: level 1 */
    enum matter_kind kind;         /* inherited from the parent where not said */
    enum urgency urgency;          /* UTILITY, EMERGENCY or ORDINARY; inherited */
    const char *const *keywords;   /* what people write; for candidates only */
    size_t keyword_count;
};

/* A keyword, or the name of a category, as the search for candidates finds it. */
struct keyword {
    uint64_t start; /* the first two characters */
    const char *word;
    size_t size;
    uint32_t characters;
    const struct category *category;
};

/* Which category a responsibility row is for. */
enum category_scope {
    CATEGORY_NAMED,   /* '*': any, but the grievance names one */
    CATEGORY_MISSING, /* '-': only grievances without a category */
    CATEGORY_TREE,    /* this one and everything below it */
};

struct responsibility {
    unsigned line;
    uint32_t row;    /* number given by the clerk; stands in events */
    uint64_t prefix; /* decimal prefix of village codes; 0: everywhere */
    enum category_scope scope;
    const struct category *category; /* CATEGORY_TREE */
    enum purpose purpose;            /* PURPOSE_NONE: any but accusation */
    uint32_t department;
    uint32_t assisting[RULES_ASSISTING_MAX];
    size_t assisting_count;
    const char *note;
};

struct deadline_row {
    unsigned line;
    uint32_t row;
    enum stage stage;
    enum row_kind kind;
    enum purpose purpose; /* PURPOSE_NONE: any */
    enum urgency urgency;
    uint32_t amount; /* 0 for a sum */
    enum unit unit;
    bool roll; /* last day of a period in days moves on to a working day */
    uint8_t
        bands[RULES_BANDS_MAX]; /* per cent, rising; the last is 100; none for windows */
    size_t band_count;
    enum stage sum[3]; /* the stages it sums, if it does */
    size_t sum_count;
    bool is_law; /* else policy: a custom of practice */
    const char *article;
    const char *note;
};

/* "At this share of the duty tell that level." Shares are numbered as in the protocol:
 * 1 … 100 per cent, 100 + n is n working days after the breach. */
struct ladder_row {
    unsigned line;
    enum stage stage; /* STAGE_ANY: every stage without rows of its own */
    enum urgency urgency;
    uint16_t share;
    uint8_t level; /* 0 handler … 4 county */
};

struct calendar_day {
    unsigned line;
    int32_t day;
    bool off; /* holiday; else a working day although it is a weekend (调休) */
    const char *name;
};

struct notice_template {
    unsigned line;
    const char *name;
    enum language language;
    const char *subject;
    const char *text;
    const char *provider; /* its approved number at the SMS provider, or NULL */
};

struct urgent_word {
    unsigned line;
    const char *word;
    size_t size;    /* of the word */
    unsigned flags; /* WORD_URGENT, WORD_THREAT */
};

/* What a legal document says: rules/documents.h. */
struct document_form {
    unsigned line;
    enum document_kind kind;
    const char *title;
    const char *article; /* 依据条款; NULL: none */
    const char *text;
    const char *note;
};

/* Rows are sorted by what they are looked up by. */
struct rules {
    struct arena arena;
    unsigned users;                      /* rules_parse */
    struct rules *next;                  /* of those that are shared */
    uint64_t version[RULES_TABLE_COUNT]; /* see rules_version */
    const struct village *villages;
    const struct department *departments;
    const struct officer *officers;    /* by number, department, office */
    const struct category *categories; /* by path */
    const struct category *const *categories_by_number;
    const struct keyword *keywords; /* of all categories, by their first two characters */
    const struct responsibility *responsibilities;
    const struct deadline_row *deadlines;
    const struct ladder_row *ladder;
    const struct calendar_day *calendar;
    const uint16_t *calendar_places; /* from its first day: place in it + 1; 0: no row */
    const struct notice_template *templates;
    const struct urgent_word *urgent_words; /* by word */
    const uint64_t *urgent_starts;          /* a bit for how one begins (words.c) */
    const struct document_form *documents;  /* by kind */
    size_t village_count, department_count, officer_count, category_count, keyword_count,
        responsibility_count, deadline_count, ladder_count, calendar_count,
        template_count, urgent_word_count, document_count;
    int32_t known_until;              /* last day of the calendar */
    struct deadline_counted *counted; /* deadline.c remembers; NULL while they are read */
};

/* ---- loading -------------------------------------------------------------------- */

struct rules_source {
    const char *name; /* for messages: a path, or where the journal has it */
    struct bytes bytes;
    uint64_t version; /* where it is known already; 0: it is counted */
};

/* Files of a directory, as bytes: what a daemon journals when they take effect. */
struct rules_files {
    struct arena arena;
    struct rules_source sources[RULES_TABLE_COUNT];
};

/* Everything that is wrong, one sentence each: "file:line: what, what to do". */
struct rules_problems {
    size_t count; /* all; the first RULES_PROBLEMS_MAX are in 'texts' */
    char texts[RULES_PROBLEMS_MAX][ERR_TEXT_SIZE];
};

/* "villages" … "documents"; the file is that and ".tsv". */
const char *rules_table_name (enum rules_table table);
int rules_table_find (const char *name); /* -1: none */

/* Read all tables of a directory. 0, or -errno and a sentence (missing, too large).
 * '*ret' is the caller's, ended by 'rules_files_done'; untouched on failure. */
MUST_CHECK int rules_read_dir (struct rules_files *ret, const char *dir, struct err *err);
void rules_files_done (struct rules_files *files);

/* Build the rules from eleven tables in memory: all or nothing. The bytes may go when it
 * returns. On failure -EINVAL, 'err' says the first problem and how many more there are,
 * 'problems' says them all. 'rules_parse' hands out a set that is in use already once more
 * where all eleven versions are the same: a daemon reads what is in force from its journal
 * and then from the folder, and a simulator has many daemons. */
MUST_CHECK int rules_parse (struct rules **ret,
                            const struct rules_source sources[RULES_TABLE_COUNT],
                            struct err *err);
MUST_CHECK int rules_parse_all (struct rules **ret,
                                const struct rules_source sources[RULES_TABLE_COUNT],
                                struct rules_problems *problems, struct err *err);

/* The two in one. */
MUST_CHECK int rules_load_dir (struct rules **ret, const char *dir, struct err *err);
void rules_destroy (struct rules **rules);

/* The version of a table: the first 8 bytes of its SHA-256, big-endian. */
uint64_t rules_version (struct bytes table);

/* ---- lookups: NULL where there is none ------------------------------------------- */

const struct village *village_find (const struct rules *rules, uint64_t code);

/* Does the village or territory 'code' lie in the territory 'prefix'? Both are decimal
 * prefixes of statistical codes; 0 is everywhere; equal ones contain each other. */
bool territory_contains (uint64_t prefix, uint64_t code);

const struct department *department_find (const struct rules *rules, uint32_t number);

/* The department that answers today for this number: itself, or the last of its line of
 * successors. NULL for an unknown number. */
const struct department *department_in_force (const struct rules *rules, uint32_t number);

/* The lowest department above both (or one of them, where it is above the other); where
 * there is none, the arbiter of a territory that has both; else NULL. */
const struct department *department_common_superior (const struct rules *rules,
                                                     uint32_t a, uint32_t b);

/* Whose dispatcher's queue a village belongs to: the dispatching department with the
 * narrowest territory that contains it. NULL: no such department. */
const struct department *department_dispatching (const struct rules *rules,
                                                 uint64_t village);

/* The lowest discipline organ above the township whose territory has the village and that
 * is not among those 'excluded': where an accusation goes that no row can place. NULL:
 * there is none. */
const struct department *department_discipline_above (const struct rules *rules,
                                                      uint64_t village,
                                                      const uint32_t *excluded,
                                                      size_t excluded_count);

/* The department that an accusation of this village is sealed for: where routing will
 * place it, past those that are accused ('excluded'), if it has a key; NULL where there is
 * none. */
const struct department *department_sealing (const struct rules *rules, uint64_t village,
                                             const uint32_t *excluded,
                                             size_t excluded_count);

/* Any row of the person. */
const struct officer *officer_find (const struct rules *rules, uint32_t number);

/* The next row after '*at' (start with 0) in force on 'day' of this department in this
 * office (0: any), stand-ins included; NULL at the end:
 *   for (size_t at = 0; (officer = officer_next (rules, department, office, day, &at)); ) */
const struct officer *officer_next (const struct rules *rules, uint32_t department,
                                    enum office office, int32_t day, size_t *at);

/* Who does the office of 'number' on 'day': the person, or the stand-in in force (and the
 * stand-in's own stand-in). 0: the person holds no office on that day and nobody stands
 * in. */
uint32_t officer_acting (const struct rules *rules, uint32_t number, int32_t day);

/* May this person act for the department in this office on this day? A stand-in may do what
 * the replaced person may. */
bool officer_may (const struct rules *rules, uint32_t number, uint32_t department,
                  enum office office, int32_t day);

/* Category by its path, by its number, and the deepest known beginning of a path
 * ("国土资源/土地征收/其他" → "国土资源/土地征收"; full-width slashes and spaces around levels
 * are tolerated). NULL and "" are no category. */
const struct category *category_find (const struct rules *rules, const char *path);
const struct category *category_find_number (const struct rules *rules, uint32_t number);
const struct category *category_nearest (const struct rules *rules, const char *path);

/* WORD_… flags of the urgent words that occur in the text. */
unsigned urgent_flags (const struct rules *rules, struct bytes text);

/* Urgency of a matter: EMERGENCY if it is marked urgent or a threat, else its category's,
 * else ORDINARY. 'category' may be NULL. */
enum urgency urgency_of (const struct category *category, bool urgent);

#endif
