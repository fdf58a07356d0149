/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/holder.h"

#include "rules/deadline.h"

bool holder_is_said (enum duty duty, const char *stage)
{
    if (duty == DUTY_HOLDER)
        return true;
    if (duty != DUTY_STAGE || stage == NULL)
        return false;
    enum stage which = stage_of_name (stage);
    return which == STAGE_EXECUTE || which == STAGE_CONFIRM || which == STAGE_DIVERT;
}
