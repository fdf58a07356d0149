/* SPDX-License-Identifier: Apache-2.0 */
/* Who is told at a level, DOMAIN §5: 0 the department, 1 its head, 2 the township leader in
 * charge, 3 the person named by the joint meeting, 4 the county. Whoever is on duty on that
 * day answers. A level without a person is filled by the next one up, and says so: nothing
 * is skipped silently. */
#ifndef MINQING_RULES_ANSWERABLE_H
#define MINQING_RULES_ANSWERABLE_H

#include "rules/rules.h"

#define LEVEL_HANDLER 0
#define LEVEL_HEAD    1
#define LEVEL_LEADER  2
#define LEVEL_JOINT   3
#define LEVEL_COUNTY  4
#define LEVEL_COUNT   5

struct answerable {
    uint32_t department;    /* in force; whose person it is */
    uint32_t person;        /* who is told; 0: the department as a whole */
    uint32_t stands_in_for; /* 0, or the person replaced on that day */
    uint8_t level;          /* that answers, >= the one asked */
    bool filled;            /* a level was vacant, the next one up answers */
    bool nobody;            /* not even the county has a person: the topmost department */
};

/* Never fails; an unknown department is answered like one without head and superior: by
 * the joint meeting and the county of 'village' (0: of any). */
void rules_answerable (const struct rules *rules, uint32_t department, unsigned level,
                       uint64_t village, int32_t day, struct answerable *ret);

#endif
