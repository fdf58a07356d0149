/* SPDX-License-Identifier: Apache-2.0 */
/* Seal keys: an accusation is sealed at the terminal for the discipline organ alone. The
 * public half stands in departments.tsv, where terminals find it; the secret half is a
 * file of the organ's desk, keys/seal-NUMBER.key, and nowhere else. */
#ifndef MINQING_CLI_SEAL_H
#define MINQING_CLI_SEAL_H

#include "cli/cli.h"
#include "wire/intake.h"

/* Make a seal key for the department: its secret file, and the public half in the table.
 * -EEXIST where the file is there already: what was sealed for it could not be read with
 * another one. The tables must be read again afterwards. */
MUST_CHECK int seal_make (struct cli *cli, uint32_t department);

/* Open a sealed statement with the department's secret file. -ENOENT: this desk does not
 * have it; -EBADMSG: it was sealed for another key. Memory: the arena. */
MUST_CHECK int seal_open (struct cli *cli, uint32_t department, struct bytes sealed,
                          struct statement *ret_statement);

#endif
