/* SPDX-License-Identifier: Apache-2.0 */
/* The 'minqing' command: how every person meets the system.
 *
 * Manners, for every subcommand: data on stdout, talk on stderr; human tables by
 * default, '--json' for programs (one object a line for streams); exit codes of
 * sysexits(3); '--help' begins with an example; nothing personal in logs or file names.
 *
 * Text for people goes through _() (gettext, domain "minqing"; po/ has the Chinese). */
#ifndef MINQING_CLI_CLI_H
#define MINQING_CLI_CLI_H

#include "base/arena.h"
#include "base/err.h"
#include "runtime/config.h"

#include <jansson.h>
#include <libintl.h>
#include <sysexits.h>

#define _(text)  gettext (text)
#define N_(text) (text)

struct rules;

/* One run of the command: what the options before and behind the subcommand said. */
struct cli {
    const char *program;     /* argv[0] */
    const char *config_path; /* --config, $MINQING_CONFIG, /etc/minqing/minqing.conf */
    const char *key_path;    /* --key, $MINQING_KEY; NULL: by --as */
    const char *as;          /* --as NAME: the key file NAME.key of the keys folder */
    const char *spool_path;  /* --spool; NULL: beside the key */
    uint32_t person;         /* --person N: who acts, where a desk has several workers */
    bool json;
    bool has_provisional;  /* a day was shown with '?' */
    struct config *config; /* read at the first 'cli_config' */
    struct rules *rules;   /* read at the first 'cli_rules' */
    struct arena arena;    /* for the whole run */
    struct err err;
};

/* An option of a subcommand: "--name VALUE" or a flag. */
struct cli_option {
    const char *name;  /* without the dashes */
    const char *value; /* what stands for the value in the help; NULL: a flag */
    const char *help;
};

/* Options and arguments of one call, sorted as the command's table says. */
struct cli_arguments {
    const char *values[32]; /* by index of the option; a flag that was given is "" */
    char **rest;            /* what is no option, in order */
    int n_rest;             /* min … max of the command */
};

struct cli_command {
    const char *name;
    const char *arguments;            /* "NUMBER [CODE]" */
    const char *summary;              /* one line */
    const char *example;              /* one or several lines, each a command */
    const char *description;          /* some sentences; may be NULL */
    const struct cli_option *options; /* ends with a NULL name; may be NULL */
    int min, max;                     /* how many arguments that are no options */
    /* Do it; an exit code. */
    int (*run) (struct cli *cli, const struct cli_arguments *arguments);
    void (*more_help) (void); /* what the help ends with; may be NULL */
};

/* What a file that the command copies or changes may have: tables, clients, keys. */
#define CLI_FILE_MAX (4u << 20)

/* Say on stderr "minqing submit: SENTENCE" and return the exit code. */
int cli_fail (struct cli *cli, int exit_code, const char *format, ...) PRINTF_LIKE (3, 4);
/* The same for 'cli->err': the exit code follows from its errno. */
int cli_fail_err (struct cli *cli);
int cli_exit_code (int negative_errno);

/* Talk on stderr; nothing when stdout is not what a person looks at and --json is set. */
void cli_say (struct cli *cli, const char *format, ...) PRINTF_LIKE (2, 3);

/* The configuration and the tables beside it. NULL, with 'cli->err' set, when they cannot
 * be read or do not hold together. They belong to 'cli'. */
struct config *cli_config (struct cli *cli);
const struct rules *cli_rules (struct cli *cli);

int64_t cli_now_ms (void);

/* Numbers people type. -EINVAL and a sentence in cli->err. */
MUST_CHECK int cli_number (struct cli *cli, const char *text, uint64_t *ret_number);
MUST_CHECK int cli_unsigned (struct cli *cli, const char *what, const char *text,
                             uint64_t max, uint64_t *ret_value);
/* A department by number or by (part of) its name. */
MUST_CHECK int cli_department (struct cli *cli, const char *text, uint32_t *ret_number);
/* Names for people: of a department, village, person; their number where the tables do
 * not know them. Memory: the arena. */
const char *cli_department_name (struct cli *cli, uint32_t number);
/* How far up: "county", "city", "province", "capital", or 县, 市, 省, 京: 1 … REACHED_MOST. */
MUST_CHECK bool cli_reached_parse (const char *text, uint32_t *ret_level);
/* How many rows to ask for next: of 'limit' (0: all) so many were shown, and one reply holds
 * at most 'page'. 0: no more are wanted. */
uint32_t cli_page (uint64_t limit, uint64_t shown, uint32_t page);
/* Says on stderr when no table has this category, and what may have been meant. It is filed
 * all the same: intake keeps what was said. Nothing where there are no tables. */
void cli_category_doubt (struct cli *cli, const char *path);
const char *cli_village_name (struct cli *cli, uint64_t code);
const char *cli_person_name (struct cli *cli, uint32_t number);

/* ---- output ---------------------------------------------------------------------- */

/* A table for people, aligned also where characters are two columns wide. CLI_CUT columns
 * are cut to the width of a terminal (in a pipe nothing is); a column with nothing in any
 * row is not shown. */
struct cli_table;
enum cli_align { CLI_LEFT, CLI_RIGHT, CLI_CUT };
struct cli_table *cli_table_create (void);
void cli_table_column (struct cli_table *table, const char *title, enum cli_align align);
void cli_table_row (struct cli_table *table);
void cli_table_cell (struct cli_table *table, const char *format, ...) PRINTF_LIKE (2, 3);
void cli_table_print (struct cli_table **table); /* prints and frees */

/* People's words for the screen, without what would move its cursor; from the arena. NULL
 * is "". */
const char *cli_clean (struct cli *cli, const char *text);

/* A token of the protocol for people, where no Chinese stands for it: "maybe_sent" is two
 * words. From the arena. */
const char *cli_words (struct cli *cli, const char *token);

/* One JSON object on one line of stdout; takes the reference. */
void cli_json_line (json_t *object);

/* A progress bar on stderr, only on a terminal; 'done' clears the line. */
void cli_progress (struct cli *cli, const char *what, uint64_t at, uint64_t of);
void cli_progress_done (struct cli *cli);

/* ---- the subcommands, one file each ---------------------------------------------- */

extern const struct cli_command subcommand_up, subcommand_demo, subcommand_submit,
    subcommand_query, subcommand_terminal, subcommand_replay, subcommand_dispatch,
    subcommand_desk, subcommand_queue, subcommand_route, subcommand_deadline,
    subcommand_journal, subcommand_verify, subcommand_check, subcommand_config,
    subcommand_keys, subcommand_metrics, subcommand_raises, subcommand_supplement,
    subcommand_withdraw, subcommand_rate, subcommand_dispute, subcommand_review,
    subcommand_confirm, subcommand_approve, subcommand_arbitrate, subcommand_assign,
    subcommand_supervise, subcommand_notices, subcommand_document, subcommand_rates,
    subcommand_backup, subcommand_restore, subcommand_scrub, subcommand_rebuild,
    subcommand_bench;

int cli_main (int argc, char **argv);

#endif
