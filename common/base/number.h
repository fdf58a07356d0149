/* SPDX-License-Identifier: Apache-2.0 */
/* The two things on a petitioner's slip: the grievance number and the query code.
 *
 * A grievance number is made at the terminal, offline: filing date (8 digits), terminal
 * (5 digits), serial of the terminal's day (5 digits) and a check character by
 * ISO 7064 MOD 11-2 over the 18 digits, which may be X, as on resident identity cards.
 * In memory and in keys it is the uint64_t of the 18 digits (the check character follows
 * from them); on paper "20261123-00101-00034-X". 0 is no number. */
#ifndef MINQING_BASE_NUMBER_H
#define MINQING_BASE_NUMBER_H

#include "base/err.h"

#define NUMBER_TERMINAL_MAX  UINT32_C (99999) /* terminals are 1 … this */
#define NUMBER_SERIAL_MAX    UINT32_C (99999) /* serials are 1 … this */
#define NUMBER_TEXT_SIZE     23               /* with dashes and NUL */
#define QUERY_CODE_RANDOM    5                /* bytes of randomness */
#define QUERY_CODE_TEXT_SIZE 9                /* with NUL */

/* 'day' as in base/civil.h. The parts must be in range: assert. */
uint64_t number_make (int32_t day, uint32_t terminal, uint32_t serial);

/* False for 0 and for every value that 'number_make' cannot yield. For numbers that come
 * in as integers. */
bool number_is_valid (uint64_t number);

/* Parts of a valid number. */
int32_t number_day (uint64_t number);
uint32_t number_terminal (uint64_t number);
uint32_t number_serial (uint64_t number);
char number_check (uint64_t number); /* '0' … '9' or 'X' */

char *number_format (uint64_t number, char ret[NUMBER_TEXT_SIZE]);

/* Reads what people type: with or without dashes and spaces, lower-case x, full-width
 * digits, letters and dashes. -EINVAL and a sentence that says which part is wrong
 * (length, a character, date, terminal, serial, check character). */
MUST_CHECK int number_parse (const char *text, uint64_t *ret_number, struct err *err);

/* ISO 7064 MOD 11-2 of 'count' digit characters: '0' … '9' or 'X'. */
char check_mod_11_2 (const char *digits, size_t count);

/* The query code: 8 characters of Crockford's base32 (no I, L, O, U) made of 40 random
 * bits that the caller hands in. */
char *query_code_make (const uint8_t random[QUERY_CODE_RANDOM],
                       char ret[QUERY_CODE_TEXT_SIZE]);

/* Bring what people type to the canonical form: lower-case, full-width, dashes and
 * spaces, O for 0, I and L for 1. -EINVAL and a sentence that does not repeat the code.
 * Compare and hash canonical forms only. */
MUST_CHECK int query_code_parse (const char *text, char ret[QUERY_CODE_TEXT_SIZE],
                                 struct err *err);

#endif
