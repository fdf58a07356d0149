/* SPDX-License-Identifier: Apache-2.0 */
/* What fits which step: grounds and reasons of the closed lists, outcomes of a purpose, the
 * article that a step rests on; and which steps ask for two persons. */
#include "routing/course.h"

#include "wire/check.h"

bool course_asks_two (enum step step, enum close_reason reason)
{
    return step == STEP_REFUSE || step == STEP_DIVERT || step == STEP_LINK ||
           step == STEP_REPURPOSE || step == STEP_EXTEND || step == STEP_WITHDRAW ||
           (step == STEP_CLOSE && reason == CLOSE_CONTACT_FAILED);
}

static bool purpose_fits (enum ground ground, enum purpose purpose)
{
    if (ground == GROUND_ASKS_ONLY)
        return purpose == PURPOSE_INQUIRY;
    if (ground == GROUND_PROPOSES_ONLY)
        return purpose == PURPOSE_SUGGESTION;
    return purpose == PURPOSE_APPEAL || purpose == PURPOSE_REQUEST ||
           purpose == PURPOSE_OTHER;
}

bool course_ground_fits (enum step step, enum ground ground, enum close_reason reason,
                         enum purpose purpose)
{
    if (step == STEP_CLOSE && reason != CLOSE_CONTACT_FAILED)
        return ground == GROUND_NONE;
    return ground_is_for (ground, step) &&
           (step != STEP_REPURPOSE || purpose_fits (ground, purpose));
}

/* What is decided, and served: suggestions, accusations, and what is decided on the merits
 * have articles of their own; that inquiries are answered is custom. */
static uint32_t article_of_decision (enum purpose purpose, uint32_t instance)
{
    static const uint8_t articles[PURPOSE_COUNT] = {
        [PURPOSE_SUGGESTION] = 29, [PURPOSE_ACCUSATION] = 30, [PURPOSE_APPEAL] = 34,
        [PURPOSE_REQUEST] = 34,    [PURPOSE_OTHER] = 34,
    };
    if (instance >= 2)
        return instance == 2 ? 35 : 36;
    return purpose < PURPOSE_COUNT ? articles[purpose] : 0;
}

uint32_t course_article (enum step step, enum ground ground, enum purpose purpose,
                         uint32_t instance)
{
    static const uint8_t articles[STEP_COUNT] = {
        [STEP_PLACE] = 22,  [STEP_DISPATCH] = 22,      [STEP_ACCEPT] = 23,
        [STEP_REFUSE] = 23, [STEP_OBJECT] = 23,        [STEP_ARBITRATE] = 24,
        [STEP_RECUSE] = 28, [STEP_DIVERT] = 31,        [STEP_MEDIATE] = 33,
        [STEP_AGREE] = 33,  [STEP_END_MEDIATION] = 33, [STEP_EXTEND] = 34,
        [STEP_HEAR] = 36,   [STEP_END_HEARING] = 36,
    };
    if (ground == GROUND_FINAL)
        return 36;
    if (step == STEP_SERVE && ground != GROUND_NONE)
        return articles[STEP_REFUSE];
    if (step == STEP_DECIDE || step == STEP_SERVE)
        return article_of_decision (purpose, instance);
    if (step == STEP_REVIEW)
        return instance >= 3 ? 36 : 35;
    return step < STEP_COUNT ? articles[step] : 0;
}

bool course_outcome_fits (enum purpose purpose, uint32_t instance,
                          enum decision_outcome outcome)
{
    bool is_answer = outcome == OUTCOME_ANSWERED;
    if (outcome == OUTCOME_NONE || outcome == OUTCOME_AGREED)
        return false;
    if (instance >= 2)
        return !is_answer;
    switch (purpose) {
    case PURPOSE_APPEAL:
    case PURPOSE_REQUEST:
        return !is_answer;
    case PURPOSE_SUGGESTION:
    case PURPOSE_ACCUSATION:
    case PURPOSE_INQUIRY:
        return is_answer;
    case PURPOSE_OTHER:
        return true;
    case PURPOSE_NONE:
    case PURPOSE_COUNT:
        break;
    }
    return false;
}

static const struct {
    enum state from;
    enum close_reason reason;
} endings[] = {
    { STATE_WINDOW, CLOSE_CALL_BACK },
    { STATE_WINDOW, CLOSE_WINDOW_UNUSED },
    { STATE_DONE, CLOSE_CALL_BACK },
    { STATE_DONE, CLOSE_CONTACT_FAILED },
    { STATE_DIVERTED, CLOSE_DIVERSION_ARRIVED },
    { STATE_DIVERTED, CLOSE_STATUTORY_ANSWERED },
};

bool course_reason_fits (enum state from, enum close_reason reason)
{
    for (size_t i = 0; i < ARRAY_SIZE (endings); i++)
        if (endings[i].from == from && endings[i].reason == reason)
            return true;
    return false;
}

enum close_reason course_served_reason (enum state from, enum ground refused,
                                        uint32_t instance, enum decision_outcome outcome)
{
    if (from == STATE_REFUSED)
        return refused == GROUND_FINAL ? CLOSE_NO_LONGER_ACCEPTED : CLOSE_NOT_ACCEPTED;
    if (outcome == OUTCOME_ANSWERED)
        return CLOSE_ANSWERED;
    bool is_refusal = outcome == OUTCOME_EXPLAIN || outcome == OUTCOME_NOT_SUPPORT;
    return is_refusal && instance >= 3 ? CLOSE_FINAL : CLOSE_NONE;
}
