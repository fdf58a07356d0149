/* SPDX-License-Identifier: Apache-2.0 */
/* The one state table of routing (DOMAIN §4).
 *
 *               place                      dispatch
 *   (none) ──┬──────────▶ DISPATCHED ◀──────────────────┬─────────────┐
 *            │             │  ▲   │ object              │             │
 *            │       claim,│  │   └──────────────────▶ OBJECTED       │
 *            │      assign │  │ hand back, lapse        ▲    │ divert │
 *            │             ▼  │                         │    │        │
 *            │            CLAIMED ───────── object ─────┘    │        │
 *            │             │ accept                          │        │
 *            │             ▼                                 ▼        │
 *            │            HANDLING ───── divert ──────────▶ DIVERTED ─┤
 *            │             │ decide                          ▲  │     │
 *            │             ▼                                 │  │     │
 *            │            DECIDED                     divert │  │close│
 *            │   explain,  │ serve      │ support            │  │     │
 *            │  not support│            ▼                    │  │     │
 *            │             ▼          EXECUTING ◀─┐ reopen   │  │     │
 *            │           WINDOW         │claim    │          │  │     │
 *            │             │            ▼  done   │          │  │     │
 *            │             │           DONE ──────┘          │  │     │
 *            │             │ close      │ close              │  │     │
 *            │             ▼            ▼                    │  │     │
 *            │            CLOSED ◀──────┴────────────────────┼──┘     │
 *            │ place                                         │        │
 *            └──────────────────────▶ UNDECIDED ─────────────┴────────┘
 *
 * Not drawn: an answer (inquiry, suggestion) closes when it is served; any open state is
 * closed by a withdrawal; a closed one that is disputed, and one whose review is asked in
 * time, goes back to where its last word was spoken; whoever has accepted may still be
 * overruled by the dispatcher. The holder is beside the state: from HANDLING on, claim,
 * assign, transfer and hand back change who holds it and leave it where it stands. */
#include "routing/course.h"

enum condition {
    ALWAYS,
    IF_PLACED,      /* a department */
    IF_UNPLACED,    /* the dispatcher */
    IF_NEW_PLACED,  /* a department, and nothing decided yet */
    IF_WORK_PLACED, /* a department, and it had decided */
    IF_SUPPORT,
    IF_REFUSED, /* explained, or not supported */
    IF_ANSWERED
};

static const struct {
    enum state from;
    enum step step;
    enum condition condition;
    enum state to;
} ways[] = {
    { STATE_NONE, STEP_PLACE, IF_PLACED, STATE_DISPATCHED },
    { STATE_NONE, STEP_PLACE, IF_UNPLACED, STATE_UNDECIDED },

    /* By better tables: an accusation that no row could place. */
    { STATE_UNDECIDED, STEP_PLACE, IF_PLACED, STATE_DISPATCHED },
    { STATE_UNDECIDED, STEP_PLACE, IF_UNPLACED, STATE_UNDECIDED },
    { STATE_UNDECIDED, STEP_DISPATCH, ALWAYS, STATE_DISPATCHED },
    { STATE_UNDECIDED, STEP_DIVERT, ALWAYS, STATE_DIVERTED },
    { STATE_UNDECIDED, STEP_WITHDRAW, ALWAYS, STATE_CLOSED },

    { STATE_DISPATCHED, STEP_DISPATCH, ALWAYS, STATE_DISPATCHED },
    { STATE_DISPATCHED, STEP_CLAIM, ALWAYS, STATE_CLAIMED },
    { STATE_DISPATCHED, STEP_ASSIGN, ALWAYS, STATE_CLAIMED },
    { STATE_DISPATCHED, STEP_OBJECT, ALWAYS, STATE_OBJECTED },
    { STATE_DISPATCHED, STEP_OPINION, ALWAYS, STATE_DISPATCHED },
    { STATE_DISPATCHED, STEP_WITHDRAW, ALWAYS, STATE_CLOSED },

    { STATE_OBJECTED, STEP_DISPATCH, ALWAYS, STATE_DISPATCHED },
    { STATE_OBJECTED, STEP_OPINION, ALWAYS, STATE_OBJECTED },
    { STATE_OBJECTED, STEP_DIVERT, ALWAYS, STATE_DIVERTED },
    { STATE_OBJECTED, STEP_WITHDRAW, ALWAYS, STATE_CLOSED },

    { STATE_CLAIMED, STEP_DISPATCH, ALWAYS, STATE_DISPATCHED },
    { STATE_CLAIMED, STEP_ASSIGN, ALWAYS, STATE_CLAIMED },
    { STATE_CLAIMED, STEP_TRANSFER, ALWAYS, STATE_CLAIMED },
    { STATE_CLAIMED, STEP_HAND_BACK, ALWAYS, STATE_DISPATCHED },
    { STATE_CLAIMED, STEP_LAPSE, ALWAYS, STATE_DISPATCHED },
    { STATE_CLAIMED, STEP_ACCEPT, ALWAYS, STATE_HANDLING },
    { STATE_CLAIMED, STEP_OBJECT, ALWAYS, STATE_OBJECTED },
    { STATE_CLAIMED, STEP_DIVERT, ALWAYS, STATE_DIVERTED },
    { STATE_CLAIMED, STEP_OPINION, ALWAYS, STATE_CLAIMED },
    { STATE_CLAIMED, STEP_WITHDRAW, ALWAYS, STATE_CLOSED },

    { STATE_HANDLING, STEP_DISPATCH, ALWAYS, STATE_DISPATCHED },
    { STATE_HANDLING, STEP_CLAIM, ALWAYS, STATE_HANDLING },
    { STATE_HANDLING, STEP_ASSIGN, ALWAYS, STATE_HANDLING },
    { STATE_HANDLING, STEP_TRANSFER, ALWAYS, STATE_HANDLING },
    { STATE_HANDLING, STEP_HAND_BACK, ALWAYS, STATE_HANDLING },
    { STATE_HANDLING, STEP_DECIDE, ALWAYS, STATE_DECIDED },
    { STATE_HANDLING, STEP_DIVERT, ALWAYS, STATE_DIVERTED },
    { STATE_HANDLING, STEP_OPINION, ALWAYS, STATE_HANDLING },
    { STATE_HANDLING, STEP_WITHDRAW, ALWAYS, STATE_CLOSED },

    { STATE_DECIDED, STEP_CLAIM, ALWAYS, STATE_DECIDED },
    { STATE_DECIDED, STEP_ASSIGN, ALWAYS, STATE_DECIDED },
    { STATE_DECIDED, STEP_TRANSFER, ALWAYS, STATE_DECIDED },
    { STATE_DECIDED, STEP_HAND_BACK, ALWAYS, STATE_DECIDED },
    { STATE_DECIDED, STEP_SERVE, IF_SUPPORT, STATE_EXECUTING },
    { STATE_DECIDED, STEP_SERVE, IF_REFUSED, STATE_WINDOW },
    { STATE_DECIDED, STEP_SERVE, IF_ANSWERED, STATE_CLOSED },
    { STATE_DECIDED, STEP_WITHDRAW, ALWAYS, STATE_CLOSED },

    { STATE_WINDOW, STEP_CLAIM, ALWAYS, STATE_WINDOW },
    { STATE_WINDOW, STEP_ASSIGN, ALWAYS, STATE_WINDOW },
    { STATE_WINDOW, STEP_TRANSFER, ALWAYS, STATE_WINDOW },
    { STATE_WINDOW, STEP_HAND_BACK, ALWAYS, STATE_WINDOW },
    { STATE_WINDOW, STEP_CLOSE, ALWAYS, STATE_CLOSED },
    /* The review that was asked in time: it is decided again (art. 35). */
    { STATE_WINDOW, STEP_REOPEN, ALWAYS, STATE_HANDLING },
    { STATE_WINDOW, STEP_WITHDRAW, ALWAYS, STATE_CLOSED },

    { STATE_EXECUTING, STEP_CLAIM, ALWAYS, STATE_EXECUTING },
    { STATE_EXECUTING, STEP_ASSIGN, ALWAYS, STATE_EXECUTING },
    { STATE_EXECUTING, STEP_TRANSFER, ALWAYS, STATE_EXECUTING },
    { STATE_EXECUTING, STEP_HAND_BACK, ALWAYS, STATE_EXECUTING },
    { STATE_EXECUTING, STEP_CLAIM_DONE, ALWAYS, STATE_DONE },
    { STATE_EXECUTING, STEP_WITHDRAW, ALWAYS, STATE_CLOSED },

    { STATE_DONE, STEP_CLAIM, ALWAYS, STATE_DONE },
    { STATE_DONE, STEP_ASSIGN, ALWAYS, STATE_DONE },
    { STATE_DONE, STEP_TRANSFER, ALWAYS, STATE_DONE },
    { STATE_DONE, STEP_HAND_BACK, ALWAYS, STATE_DONE },
    { STATE_DONE, STEP_CLOSE, ALWAYS, STATE_CLOSED },
    /* What is disputed is the fact of execution; the decision stands. */
    { STATE_DONE, STEP_REOPEN, ALWAYS, STATE_EXECUTING },
    { STATE_DONE, STEP_WITHDRAW, ALWAYS, STATE_CLOSED },

    { STATE_DIVERTED, STEP_DISPATCH, ALWAYS, STATE_DISPATCHED },
    { STATE_DIVERTED, STEP_CLAIM, IF_PLACED, STATE_DIVERTED },
    { STATE_DIVERTED, STEP_ASSIGN, IF_PLACED, STATE_DIVERTED },
    { STATE_DIVERTED, STEP_TRANSFER, IF_PLACED, STATE_DIVERTED },
    { STATE_DIVERTED, STEP_HAND_BACK, IF_PLACED, STATE_DIVERTED },
    { STATE_DIVERTED, STEP_CLOSE, ALWAYS, STATE_CLOSED },
    { STATE_DIVERTED, STEP_WITHDRAW, ALWAYS, STATE_CLOSED },

    { STATE_CLOSED, STEP_REOPEN, IF_UNPLACED, STATE_UNDECIDED },
    { STATE_CLOSED, STEP_REOPEN, IF_NEW_PLACED, STATE_DISPATCHED },
    { STATE_CLOSED, STEP_REOPEN, IF_WORK_PLACED, STATE_HANDLING },
};

static bool condition_holds (enum condition condition, const struct course_facts *facts)
{
    switch (condition) {
    case ALWAYS:
        return true;
    case IF_PLACED:
        return facts->has_department;
    case IF_UNPLACED:
        return !facts->has_department;
    case IF_NEW_PLACED:
        return facts->has_department && facts->outcome == OUTCOME_NONE;
    case IF_WORK_PLACED:
        return facts->has_department && facts->outcome != OUTCOME_NONE;
    case IF_SUPPORT:
        return facts->outcome == OUTCOME_SUPPORT;
    case IF_REFUSED:
        return facts->outcome == OUTCOME_EXPLAIN || facts->outcome == OUTCOME_NOT_SUPPORT;
    case IF_ANSWERED:
        return facts->outcome == OUTCOME_ANSWERED;
    }
    return false;
}

enum state course_next (enum state from, enum step step, const struct course_facts *facts)
{
    for (size_t i = 0; i < ARRAY_SIZE (ways); i++)
        if (ways[i].from == from && ways[i].step == step &&
            condition_holds (ways[i].condition, facts))
            return ways[i].to;
    return STATE_NONE;
}

bool course_is_open (enum state state)
{
    return state != STATE_NONE && state != STATE_CLOSED;
}

bool course_outcome_fits (enum purpose purpose, enum decision_outcome outcome)
{
    bool is_answer = outcome == OUTCOME_ANSWERED;
    switch (purpose) {
    case PURPOSE_APPEAL:
    case PURPOSE_REQUEST:
        return outcome != OUTCOME_NONE && !is_answer;
    case PURPOSE_SUGGESTION:
    case PURPOSE_ACCUSATION:
    case PURPOSE_INQUIRY:
        return is_answer;
    case PURPOSE_OTHER:
        return outcome != OUTCOME_NONE;
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
    { STATE_WINDOW, CLOSE_CONFIRMED },
    { STATE_WINDOW, CLOSE_CALL_BACK },
    { STATE_WINDOW, CLOSE_WINDOW_UNUSED },
    { STATE_DONE, CLOSE_CONFIRMED },
    { STATE_DONE, CLOSE_CALL_BACK },
    { STATE_DONE, CLOSE_CONTACT_FAILED },
    { STATE_DIVERTED, CLOSE_DIVERSION_ARRIVED },
};

bool course_reason_fits (enum state from, enum close_reason reason)
{
    for (size_t i = 0; i < ARRAY_SIZE (endings); i++)
        if (endings[i].from == from && endings[i].reason == reason)
            return true;
    return false;
}

const char *course_state_name (enum state state)
{
    static const char *const names[STATE_COUNT] = {
        [STATE_NONE] = "none",
        [STATE_UNDECIDED] = "undecided",
        [STATE_DISPATCHED] = "dispatched",
        [STATE_OBJECTED] = "objected",
        [STATE_CLAIMED] = "claimed",
        [STATE_HANDLING] = "handling",
        [STATE_DECIDED] = "decided",
        [STATE_WINDOW] = "window",
        [STATE_EXECUTING] = "executing",
        [STATE_DONE] = "done",
        [STATE_CLOSED] = "closed",
        [STATE_DIVERTED] = "diverted",
    };
    return state < STATE_COUNT ? names[state] : "?";
}

const char *course_step_name (enum step step)
{
    static const char *const names[STEP_COUNT] = {
        [STEP_NONE] = "none",
        [STEP_DISPATCH] = "dispatch",
        [STEP_CLAIM] = "claim",
        [STEP_ASSIGN] = "assign",
        [STEP_ACCEPT] = "accept",
        [STEP_OBJECT] = "object",
        [STEP_TRANSFER] = "transfer",
        [STEP_HAND_BACK] = "hand back",
        [STEP_DECIDE] = "decide",
        [STEP_SERVE] = "serve",
        [STEP_CLAIM_DONE] = "claim done",
        [STEP_CLOSE] = "close",
        [STEP_OPINION] = "opinion",
        [STEP_DIVERT] = "divert",
        [STEP_REOPEN] = "reopen",
        [STEP_WITHDRAW] = "withdraw",
        [STEP_LAPSE] = "lapse",
        [STEP_PLACE] = "place",
    };
    return step < STEP_COUNT ? names[step] : "?";
}
