/* SPDX-License-Identifier: Apache-2.0 */
/* The steps there are (proto/minqing/v1/routing.proto, DOMAIN §4): from which states, to
 * which. What a way depends on beside that (purpose, outcome, how often) is not asked here;
 * routing's own table has it, and this one is kept apart from it on purpose. */
#include "cli/audit_inside.h"

#define IN(state) (UINT32_C (1) << STATE_##state)

#define WAITING  (IN (UNDECIDED) | IN (OBJECTED))
#define OPENING  (WAITING | IN (DISPATCHED) | IN (ARBITRATION) | IN (CLAIMED))
#define WORKING  (OPENING | IN (HANDLING) | IN (MEDIATING))
#define REVIEWED (IN (REVIEWING) | IN (REREVIEWING))
#define LATER                                                                            \
    (IN (DECIDED) | IN (WINDOW) | IN (EXECUTING) | IN (DONE) | IN (DIVERTED) |           \
     IN (REFUSED) | REVIEWED | IN (HEARING))
#define HELD  (IN (CLAIMED) | IN (HANDLING) | IN (MEDIATING) | LATER)
#define OPEN  (WORKING | LATER)
#define STAYS UINT32_C (0)

static const struct {
    uint8_t step;
    uint32_t from, to; /* sets of states; STAYS: where it was */
} ways[] = {
    { STEP_PLACE, IN (NONE) | IN (UNDECIDED), IN (UNDECIDED) | IN (DISPATCHED) },
    { STEP_DISPATCH,
      WAITING | IN (DISPATCHED) | IN (CLAIMED) | IN (HANDLING) | IN (MEDIATING) |
          IN (DIVERTED),
      IN (DISPATCHED) },
    { STEP_DISPATCH, REVIEWED, STAYS },
    { STEP_OBJECT, IN (DISPATCHED) | IN (CLAIMED), IN (OBJECTED) | IN (ARBITRATION) },
    { STEP_ARBITRATE, IN (ARBITRATION), IN (DISPATCHED) },
    { STEP_CLAIM, IN (DISPATCHED), IN (CLAIMED) },
    { STEP_CLAIM, HELD & ~IN (CLAIMED), STAYS },
    { STEP_ASSIGN, IN (DISPATCHED), IN (CLAIMED) },
    { STEP_ASSIGN, HELD, STAYS },
    { STEP_TRANSFER, HELD, STAYS },
    { STEP_HAND_BACK, IN (CLAIMED), IN (DISPATCHED) },
    { STEP_HAND_BACK, HELD & ~IN (CLAIMED), STAYS },
    { STEP_LAPSE, IN (CLAIMED), IN (DISPATCHED) },
    { STEP_LAPSE, IN (HEARING), IN (REREVIEWING) },
    { STEP_RECUSE, IN (CLAIMED), IN (DISPATCHED) },
    { STEP_RECUSE, OPEN, STAYS },
    { STEP_ACCEPT, IN (CLAIMED), IN (HANDLING) },
    { STEP_REFUSE, WAITING | IN (CLAIMED), IN (REFUSED) },
    { STEP_DIVERT, WAITING | IN (CLAIMED) | IN (HANDLING), IN (DIVERTED) },
    { STEP_MEDIATE, IN (HANDLING), IN (MEDIATING) },
    { STEP_END_MEDIATION, IN (MEDIATING), IN (HANDLING) },
    { STEP_AGREE, IN (MEDIATING), IN (EXECUTING) },
    { STEP_EXTEND, IN (HANDLING) | IN (MEDIATING), STAYS },
    { STEP_DECIDE, IN (HANDLING) | REVIEWED, IN (DECIDED) },
    { STEP_SERVE, IN (DECIDED), IN (EXECUTING) | IN (WINDOW) | IN (CLOSED) },
    { STEP_SERVE, IN (REFUSED), IN (CLOSED) },
    { STEP_SERVE, IN (CLOSED), STAYS }, /* of what a link closed, with its lead */
    { STEP_CLAIM_DONE, IN (EXECUTING), IN (DONE) },
    { STEP_HEAR, IN (REREVIEWING), IN (HEARING) },
    { STEP_END_HEARING, IN (HEARING), IN (REREVIEWING) },
    { STEP_CONFIRM, IN (DONE) | IN (WINDOW), IN (CLOSED) },
    { STEP_REOPEN, IN (DONE), IN (EXECUTING) },
    { STEP_REOPEN, IN (CLOSED),
      IN (UNDECIDED) | IN (DISPATCHED) | IN (EXECUTING) | IN (HANDLING) | REVIEWED },
    { STEP_REVIEW, IN (WINDOW) | IN (EXECUTING) | IN (DONE) | IN (CLOSED), REVIEWED },
    { STEP_WITHDRAW, OPEN, IN (CLOSED) },
    { STEP_CLOSE, IN (WINDOW) | IN (DONE) | IN (DIVERTED), IN (CLOSED) },
    { STEP_LINK, WORKING, IN (CLOSED) },
    { STEP_REPURPOSE, WORKING, STAYS },
    { STEP_CATEGORISE, WORKING, STAYS },
    { STEP_OPINION, WORKING, STAYS },
    { STEP_CONTACT, IN (DONE), IN (EXECUTING) }, /* the petitioner says that it is not */
    { STEP_CONTACT, OPEN, STAYS },
    { STEP_WENT_UP, OPEN | IN (CLOSED), STAYS },
};

bool audit_way_exists (enum step step, enum state from, enum state to)
{
    if (from >= STATE_COUNT || to >= STATE_COUNT)
        return false;
    for (size_t i = 0; i < ARRAY_SIZE (ways); i++)
        if (ways[i].step == step && (ways[i].from >> from & 1) != 0 &&
            (ways[i].to == STAYS ? from == to : (ways[i].to >> to & 1) != 0))
            return true;
    return false;
}
