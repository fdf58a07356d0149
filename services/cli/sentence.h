/* SPDX-License-Identifier: Apache-2.0 */
/* Why a daemon said no, in the language of who reads it. */
#ifndef MINQING_CLI_SENTENCE_H
#define MINQING_CLI_SENTENCE_H

#include "cli/cli.h"
#include "wire/matter.h"

/* A sentence of a daemon or of common/base, translated where the catalogue has it, else as
 * it is; "" for NULL. In cli's arena, or 'sentence' itself. */
const char *sentence_in_language (struct cli *cli, const char *sentence);

/* The refusal's sentence, and in brackets its kind and what is to be given:
 * "a decision on the merits names its legal basis (missing: --basis)". */
const char *sentence_of_refusal (struct cli *cli, const struct refusal *refusal);

#endif
