/* SPDX-License-Identifier: Apache-2.0 */
/* What a person types of a step, as the command that says it: shared by desk, dispatch and
 * the commands of heads and leaders. An option means the same wherever it stands, so one
 * table sets the fields of a step from the options of any subcommand. */
#ifndef MINQING_CLI_ACT_H
#define MINQING_CLI_ACT_H

#include "cli/cli.h"
#include "cli/session.h"

/* Whose a step is: the holder shows the fencing number, everybody else has none. */
enum act_by { ACT_BY_ANYBODY, ACT_BY_HOLDER, ACT_BY_HOLDER_OR_HEAD };

struct act_verb {
    const char *name; /* "hand-back"; the table ends with NULL */
    enum step step;
    enum act_by by;
};

/* NULL: no verb of the table. */
const struct act_verb *act_verb_find (const struct act_verb *verbs, const char *name);

/* Set what the options say; 'step->step' is set already. -EINVAL with a sentence for a word
 * that is none, for a ground that does not fit the step, and for what routing would miss. */
MUST_CHECK int act_fill (struct cli *cli, const struct cli_option *options,
                         const struct cli_arguments *arguments,
                         struct step_command *step);

/* Say who acts: 0 where --person did, else -EINVAL with those of the department, or of
 * them only who lead it, by number and name. Without tables routing decides. */
enum act_who { ACT_WHO_WORKS, ACT_WHO_LEADS };
MUST_CHECK int act_check_person (struct cli *cli, uint32_t department, enum act_who who);

/* Who speaks for heads, arbiters and leaders is said, never guessed: -EINVAL with 'example'
 * where neither --as nor a key was named. */
MUST_CHECK int act_check_key (struct cli *cli, const char *example);

/* "court, arbitration, …": the grounds of the closed list that fit a step. From the arena;
 * "" where the step takes none. */
const char *act_grounds (struct cli *cli, enum step step);

#endif
