/* SPDX-License-Identifier: Apache-2.0 */
/* Law: what a petitioner adds to a grievance or asks of its course. Intake records it;
 * whether it is taken or too late is routing's to say. */
#ifndef MINQING_INTAKE_DECIDE_ASK_H
#define MINQING_INTAKE_DECIDE_ASK_H

#include "intake/codes.h"
#include "intake/intake_store.h"

/* How somebody came to a grievance. */
enum intake_access {
    INTAKE_BY_CODE,     /* number and code: the petitioner, or who has the slip */
    INTAKE_BY_TERMINAL, /* number alone, from the terminal that filed it */
    INTAKE_NOT_FOUND,   /* no such grievance, or a wrong code: not told apart */
    INTAKE_CLOSED       /* five wrong codes within the hour */
};

/* Whose slip? 'grievance' NULL: there is none of this number. 'code' as it was typed, or
 * NULL. A wrong code is counted in 'codes'; nothing else is changed. Accusations are
 * opened by their code alone: their terminal is in the village too. */
enum intake_access intake_access (const struct intake_grievance *grievance,
                                  uint64_t number, const char *code, uint32_t terminal,
                                  const uint8_t *secret, struct intake_codes *codes,
                                  int64_t now_ms);

/* The refusal that goes with NOT_FOUND and CLOSED: code and sentence. */
enum refusal_code intake_access_refusal (enum intake_access access,
                                         const char **ret_sentence);

/* One SUPPLEMENTED or ASKED event, or a refusal. 'access' as found above. */
void intake_decide_supplement (const struct intake_grievance *grievance,
                               enum intake_access access,
                               const struct supplement *supplement,
                               struct decision *decision);
void intake_decide_ask (const struct intake_grievance *grievance,
                        enum intake_access access, const struct ask *ask,
                        struct decision *decision);

#endif
