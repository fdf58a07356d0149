/* SPDX-License-Identifier: Apache-2.0 */
/* A filing from what was written down: a row of a file, or options of a command line.
 * What is merely odd is passed on as it is; what cannot be filed at all says why. */
#ifndef MINQING_CLI_FILING_H
#define MINQING_CLI_FILING_H

#include "cli/cli.h"
#include "cli/rows.h"
#include "wire/intake.h"

/* The fields that a filing has, by the names of columns and options. */
enum filing_field {
    FILING_VILLAGE,
    FILING_TITLE,
    FILING_TEXT,
    FILING_CATEGORY,
    FILING_PURPOSE,
    FILING_FORM,
    FILING_SOURCE,
    FILING_UPSTREAM_NUMBER,
    FILING_UPSTREAM_DUE,
    FILING_PERSONS,
    FILING_NAME,
    FILING_TELEPHONE,
    FILING_IDENTITY,
    FILING_ADDRESS,
    FILING_RESIDENCE,
    FILING_ON_BEHALF,
    FILING_ANONYMOUS,
    FILING_VULNERABLE,
    FILING_HARDSHIP,
    FILING_URGENT,
    FILING_THREAT,
    FILING_CONSENT_PUBLISH,
    FILING_ACCUSED,
    FILING_FILED_AT,
    FILING_REPEATS,
    FILING_REACHED,
    FILING_FIELDS
};

/* Names under which a field may stand in a file, NULL-terminated; the first is the name
 * of the option of 'minqing submit', with '-' for '_'. */
extern const char *const filing_names[FILING_FIELDS][6];

/* Build the filing from 'texts' (NULL or "": not said). Number and code come from the
 * spool. -EINVAL and a sentence in cli->err that names the field. An accusation is sealed
 * here, for the discipline organ of the village; 'seal_key' may be NULL when nothing has
 * to be sealed. Memory: the arena. */
MUST_CHECK int filing_build (struct cli *cli, const char *const texts[FILING_FIELDS],
                             uint32_t terminal, const char *origin, int64_t now_ms,
                             struct arena *arena, struct filing **ret_filing);

#endif
