/* SPDX-License-Identifier: Apache-2.0 */
/* The one state table of routing (DOMAIN §4), drawn in four parts.
 *
 * Whose it is:
 *
 *   place ──▶ UNDECIDED ── dispatch ──┐      ┌── place
 *                                     ▼      ▼
 *   OBJECTED ─────── dispatch ─────▶ DISPATCHED ◀────── arbitrate ───── ARBITRATION
 *      ▲                              │      ▲                              ▲
 *      │                claim, assign │      │ hand back, lapse,            │
 *      │                              ▼      │ the holder recused           │
 *      └── object, the first time ── CLAIMED ───────── object again ────────┘
 *                                       │
 *                                       └── accept ──▶ HANDLING
 *
 *   What is DISPATCHED is objected to as what is CLAIMED. DISPATCHED, CLAIMED, HANDLING,
 *   MEDIATING and DIVERTED may be dispatched anew.
 *
 * The work:
 *
 *   HANDLING ── decide ──▶ DECIDED ── support, served ──▶ EXECUTING ─ claim done ─▶ DONE
 *    │    ▲                   │                            ▲    ▲                   │
 *    │    │ end mediation     │ explain, not support,      │    └──── disputed ─────┘
 *    ▼    │                   ▼ served                     │
 *   MEDIATING               WINDOW                         │
 *       └────────────────────── agree ─────────────────────┘
 *
 * Reviews, while the petitioner may ask for one:
 *
 *   WINDOW, EXECUTING, DONE, CLOSED ─┬─ of the first decision ─▶ REVIEWING
 *                                    └─ of a review ───────────▶ REREVIEWING ◀─▶ HEARING
 *   REVIEWING, REREVIEWING ── decide ──▶ DECIDED, as above
 *
 * Endings, and the way back:
 *
 *   UNDECIDED, OBJECTED, CLAIMED ─ refuse, by two ─▶ REFUSED ── served ────────┐
 *   these, and HANDLING ────────── divert, by two ─▶ DIVERTED ─ arrived ───────┤
 *   DECIDED ── an answer, or a re-review that does not support: served ────────┤
 *   WINDOW ─── confirmed, unused ──────────────────────────────────────────────┼─▶ CLOSED
 *   DONE ───── confirmed; by two: nobody was reached ──────────────────────────┤
 *   what is not decided ── linked, by two ─────────────────────────────────────┤
 *   what is open ── withdrawn by the petitioner, confirmed by a second person ─┘
 *
 *   CLOSED ── disputed in time, or its lead ended ──▶ to where the last word was spoken:
 *   UNDECIDED, DISPATCHED, HANDLING, EXECUTING, REVIEWING, REREVIEWING
 *
 * The holder is beside the state: where a state is HOLDABLE, claim, assign, transfer and
 * hand back change who holds it and leave it where it stands. Extension, contacts,
 * category, purpose and recusal stand beside it too; a linked one is served where it is,
 * CLOSED. */
#include "routing/course.h"

#include <stdio.h>

#define IN(state)    (UINT32_C (1) << STATE_##state)
#define FOR(purpose) (1u << PURPOSE_##purpose)

#define UNPLACED (IN (UNDECIDED) | IN (OBJECTED))
#define REVIEWS  (IN (REVIEWING) | IN (REREVIEWING))
/* Nobody has said yet what is right. */
#define BEFORE_DECISION                                                                  \
    (UNPLACED | IN (DISPATCHED) | IN (ARBITRATION) | IN (CLAIMED) | IN (HANDLING) |      \
     IN (MEDIATING))
/* Somebody of the department may hold it without the state changing. */
#define HOLDABLE                                                                         \
    (IN (HANDLING) | IN (MEDIATING) | IN (DECIDED) | IN (WINDOW) | IN (EXECUTING) |      \
     IN (DONE) | IN (DIVERTED) | IN (REFUSED) | REVIEWS | IN (HEARING))
#define OPEN (BEFORE_DECISION | HOLDABLE)

#define MERITS (FOR (APPEAL) | FOR (REQUEST) | FOR (OTHER))
#define CLEAR  (MERITS | FOR (SUGGESTION) | FOR (INQUIRY))
#define ALL    (CLEAR | FOR (ACCUSATION))

#define SAME STATE_NONE /* as a target: it stays where it is */

enum condition {
    ALWAYS,
    IF_PLACED,       /* it lies with a department */
    IF_NOBODYS,      /* it lies with none */
    IF_NEW_UNPLACED, /* the same, and it is no review */
    IF_NEW_PLACED,   /* a department, no review, and nothing was decided */
    IF_TO_EXECUTE,   /* supported or agreed */
    IF_TO_HANDLE,    /* a department, and its own decision, not one on a review */
    IF_TO_REVIEW,    /* a review that nothing was served on */
    IF_TO_REREVIEW,
    IF_FIRST_OBJECT, /* the objection is the first */
    IF_OBJECT_AGAIN,
    IF_SUPPORT,
    IF_REFUSED, /* explained, or not supported; a further appeal is left */
    IF_LAST,    /* the same, on the re-review */
    IF_ANSWERED,
    IF_FIRST,  /* the decision is the first one */
    IF_SECOND, /* the decision is one on a review */
    IF_HOLDER_LEAVES,
    IF_DISPUTED,
    IF_LINKED,
    IF_NOT_HEARD /* its time is not counted: once a re-review */
};

static const struct {
    uint32_t from; /* states */
    enum step step;
    unsigned purposes;
    enum condition condition;
    enum state to;
} ways[] = {
    { IN (NONE), STEP_PLACE, ALL, IF_PLACED, STATE_DISPATCHED },
    { IN (NONE), STEP_PLACE, ALL, IF_NOBODYS, STATE_UNDECIDED },
    /* By better tables: an accusation that no row could place. */
    { IN (UNDECIDED), STEP_PLACE, ALL, IF_PLACED, STATE_DISPATCHED },
    { IN (UNDECIDED), STEP_PLACE, ALL, IF_NOBODYS, STATE_UNDECIDED },

    /* ---- whose it is --------------------------------------------------------------- */
    { UNPLACED | IN (DISPATCHED) | IN (CLAIMED) | IN (HANDLING) | IN (MEDIATING) |
          IN (DIVERTED),
      STEP_DISPATCH, ALL, ALWAYS, STATE_DISPATCHED },
    /* A review that no superior could be found for. */
    { REVIEWS, STEP_DISPATCH, ALL, IF_NOBODYS, SAME },
    { IN (DISPATCHED) | IN (CLAIMED), STEP_OBJECT, ALL, IF_FIRST_OBJECT, STATE_OBJECTED },
    { IN (DISPATCHED) | IN (CLAIMED), STEP_OBJECT, ALL, IF_OBJECT_AGAIN,
      STATE_ARBITRATION },
    { IN (ARBITRATION), STEP_ARBITRATE, ALL, ALWAYS, STATE_DISPATCHED },

    /* ---- who holds it -------------------------------------------------------------- */
    { IN (DISPATCHED), STEP_CLAIM, ALL, ALWAYS, STATE_CLAIMED },
    { IN (DISPATCHED), STEP_ASSIGN, ALL, ALWAYS, STATE_CLAIMED },
    { IN (CLAIMED), STEP_ASSIGN, ALL, ALWAYS, SAME },
    { IN (CLAIMED), STEP_TRANSFER, ALL, ALWAYS, SAME },
    { IN (CLAIMED), STEP_HAND_BACK, ALL, ALWAYS, STATE_DISPATCHED },
    { IN (CLAIMED), STEP_LAPSE, ALL, ALWAYS, STATE_DISPATCHED },
    { IN (CLAIMED), STEP_RECUSE, ALL, IF_HOLDER_LEAVES, STATE_DISPATCHED },
    { HOLDABLE, STEP_CLAIM, ALL, IF_PLACED, SAME },
    { HOLDABLE, STEP_ASSIGN, ALL, IF_PLACED, SAME },
    { HOLDABLE, STEP_TRANSFER, ALL, IF_PLACED, SAME },
    { HOLDABLE, STEP_HAND_BACK, ALL, IF_PLACED, SAME },
    { OPEN, STEP_RECUSE, ALL, IF_PLACED, SAME },

    /* ---- the work ------------------------------------------------------------------ */
    { IN (CLAIMED), STEP_ACCEPT, ALL, ALWAYS, STATE_HANDLING },
    { UNPLACED | IN (CLAIMED), STEP_REFUSE, ALL, ALWAYS, STATE_REFUSED },
    { IN (REFUSED), STEP_SERVE, ALL, ALWAYS, STATE_CLOSED },
    { UNPLACED | IN (CLAIMED) | IN (HANDLING), STEP_DIVERT, ALL, ALWAYS, STATE_DIVERTED },
    { IN (HANDLING), STEP_MEDIATE, MERITS, ALWAYS, STATE_MEDIATING },
    { IN (MEDIATING), STEP_END_MEDIATION, ALL, ALWAYS, STATE_HANDLING },
    { IN (MEDIATING), STEP_AGREE, ALL, ALWAYS, STATE_EXECUTING },
    { IN (HANDLING) | IN (MEDIATING), STEP_EXTEND, MERITS, ALWAYS, SAME },
    { IN (HANDLING) | REVIEWS, STEP_DECIDE, ALL, ALWAYS, STATE_DECIDED },
    { IN (DECIDED), STEP_SERVE, ALL, IF_SUPPORT, STATE_EXECUTING },
    { IN (DECIDED), STEP_SERVE, ALL, IF_REFUSED, STATE_WINDOW },
    { IN (DECIDED), STEP_SERVE, ALL, IF_LAST, STATE_CLOSED },
    { IN (DECIDED), STEP_SERVE, ALL, IF_ANSWERED, STATE_CLOSED },
    /* The lead of its group was decided: its own time to ask for review begins. */
    { IN (CLOSED), STEP_SERVE, ALL, IF_LINKED, STATE_CLOSED },
    { IN (EXECUTING), STEP_CLAIM_DONE, ALL, ALWAYS, STATE_DONE },
    { IN (REREVIEWING), STEP_HEAR, ALL, IF_NOT_HEARD, STATE_HEARING },
    { IN (HEARING), STEP_END_HEARING, ALL, ALWAYS, STATE_REREVIEWING },
    { IN (HEARING), STEP_LAPSE, ALL, ALWAYS, STATE_REREVIEWING },

    /* ---- the petitioner ------------------------------------------------------------ */
    { IN (DONE) | IN (WINDOW), STEP_CONFIRM, ALL, ALWAYS, STATE_CLOSED },
    /* What is disputed is the fact of execution; the decision stands. */
    { IN (DONE), STEP_REOPEN, ALL, ALWAYS, STATE_EXECUTING },
    { IN (DONE), STEP_CONTACT, CLEAR, IF_DISPUTED, STATE_EXECUTING },
    { IN (CLOSED), STEP_REOPEN, ALL, IF_NEW_UNPLACED, STATE_UNDECIDED },
    { IN (CLOSED), STEP_REOPEN, ALL, IF_NEW_PLACED, STATE_DISPATCHED },
    { IN (CLOSED), STEP_REOPEN, ALL, IF_TO_EXECUTE, STATE_EXECUTING },
    { IN (CLOSED), STEP_REOPEN, ALL, IF_TO_HANDLE, STATE_HANDLING },
    { IN (CLOSED), STEP_REOPEN, ALL, IF_TO_REVIEW, STATE_REVIEWING },
    { IN (CLOSED), STEP_REOPEN, ALL, IF_TO_REREVIEW, STATE_REREVIEWING },
    { IN (WINDOW) | IN (EXECUTING) | IN (DONE) | IN (CLOSED), STEP_REVIEW, MERITS,
      IF_FIRST, STATE_REVIEWING },
    { IN (WINDOW) | IN (EXECUTING) | IN (DONE) | IN (CLOSED), STEP_REVIEW, MERITS,
      IF_SECOND, STATE_REREVIEWING },
    { OPEN, STEP_WITHDRAW, ALL, ALWAYS, STATE_CLOSED },

    /* ---- endings, and what stands beside -------------------------------------------- */
    { IN (WINDOW) | IN (DONE) | IN (DIVERTED), STEP_CLOSE, ALL, ALWAYS, STATE_CLOSED },
    { BEFORE_DECISION, STEP_LINK, CLEAR, ALWAYS, STATE_CLOSED },
    { BEFORE_DECISION & ~IN (MEDIATING) & ~IN (ARBITRATION), STEP_REPURPOSE, CLEAR,
      ALWAYS, SAME },
    { BEFORE_DECISION, STEP_CATEGORISE, CLEAR, ALWAYS, SAME },
    { BEFORE_DECISION, STEP_OPINION, ALL, ALWAYS, SAME },
    { OPEN, STEP_CONTACT, CLEAR, IF_PLACED, SAME },
    { OPEN | IN (CLOSED), STEP_WENT_UP, CLEAR, ALWAYS, SAME },
};

static_assert (STATE_COUNT <= 32, "a set of states is 32 bits");

static bool is_refusal (enum decision_outcome outcome)
{
    return outcome == OUTCOME_EXPLAIN || outcome == OUTCOME_NOT_SUPPORT;
}

static bool condition_holds (enum condition condition, const struct course_facts *facts)
{
    bool is_to_execute =
        facts->outcome == OUTCOME_SUPPORT || facts->outcome == OUTCOME_AGREED;
    switch (condition) {
    case ALWAYS:
        return true;
    case IF_PLACED:
        return facts->has_department;
    case IF_NOBODYS:
        return !facts->has_department;
    case IF_NEW_UNPLACED:
        return !facts->has_department && facts->instance < 2;
    case IF_NEW_PLACED:
        return facts->has_department && facts->instance < 2 &&
               facts->outcome == OUTCOME_NONE;
    case IF_TO_EXECUTE:
        return facts->has_department && is_to_execute;
    case IF_TO_HANDLE:
        return facts->has_department && facts->instance < 2 && !is_to_execute &&
               facts->outcome != OUTCOME_NONE;
    case IF_TO_REVIEW:
        return facts->instance == 2 && facts->outcome == OUTCOME_NONE;
    case IF_TO_REREVIEW:
        return facts->instance >= 3 && facts->outcome == OUTCOME_NONE;
    case IF_FIRST_OBJECT:
        return facts->objections == 0;
    case IF_OBJECT_AGAIN:
        return facts->objections > 0;
    case IF_SUPPORT:
        return facts->outcome == OUTCOME_SUPPORT;
    case IF_REFUSED:
        return is_refusal (facts->outcome) && facts->instance < 3;
    case IF_LAST:
        return is_refusal (facts->outcome) && facts->instance >= 3;
    case IF_ANSWERED:
        return facts->outcome == OUTCOME_ANSWERED;
    case IF_FIRST:
        return facts->instance < 2;
    case IF_SECOND:
        return facts->instance == 2;
    case IF_HOLDER_LEAVES:
        return facts->holder_leaves;
    case IF_DISPUTED:
        return facts->is_disputed;
    case IF_LINKED:
        return facts->is_linked;
    case IF_NOT_HEARD:
        return !facts->is_heard;
    }
    return false;
}

enum state course_next (enum state from, enum step step, const struct course_facts *facts)
{
    assert (from < STATE_COUNT);
    for (size_t i = 0; i < ARRAY_SIZE (ways); i++)
        if ((ways[i].from >> from & 1) != 0 && ways[i].step == step &&
            (ways[i].purposes >> facts->purpose & 1) != 0 &&
            condition_holds (ways[i].condition, facts))
            return ways[i].to == SAME ? from : ways[i].to;
    return STATE_NONE;
}

bool course_is_commanded (enum step step)
{
    return step != STEP_NONE && step < STEP_COUNT && step != STEP_PLACE &&
           step != STEP_LAPSE && step != STEP_REOPEN && step != STEP_WITHDRAW &&
           step != STEP_CONFIRM && step != STEP_REVIEW;
}

const char *course_steps (enum state from, const struct course_facts *facts,
                          char ret[COURSE_STEPS_SIZE])
{
    size_t used = 0;
    ret[0] = '\0';
    for (unsigned step = STEP_NONE + 1; step < STEP_COUNT; step++) {
        if (!course_is_commanded ((enum step) step) ||
            course_next (from, (enum step) step, facts) == STATE_NONE)
            continue;
        int more = snprintf (ret + used, COURSE_STEPS_SIZE - used, "%s%s",
                             used > 0 ? ", " : "", course_step_name ((enum step) step));
        if (more < 0 || (size_t) more >= COURSE_STEPS_SIZE - used) {
            ret[used] = '\0';
            break;
        }
        used += (size_t) more;
    }
    return ret;
}

bool course_is_open (enum state state)
{
    return state != STATE_NONE && state != STATE_CLOSED;
}

/* ---- names -------------------------------------------------------------------------- */

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
        [STATE_ARBITRATION] = "arbitration",
        [STATE_REFUSED] = "refused",
        [STATE_MEDIATING] = "mediating",
        [STATE_REVIEWING] = "reviewing",
        [STATE_REREVIEWING] = "rereviewing",
        [STATE_HEARING] = "hearing",
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
        [STEP_REFUSE] = "refuse",
        [STEP_EXTEND] = "extend",
        [STEP_MEDIATE] = "mediate",
        [STEP_END_MEDIATION] = "end mediation",
        [STEP_AGREE] = "agree",
        [STEP_ARBITRATE] = "arbitrate",
        [STEP_LINK] = "link",
        [STEP_REPURPOSE] = "repurpose",
        [STEP_CATEGORISE] = "categorise",
        [STEP_CONTACT] = "contact",
        [STEP_RECUSE] = "recuse",
        [STEP_HEAR] = "hear",
        [STEP_END_HEARING] = "end hearing",
        [STEP_APPROVE] = "approve",
        [STEP_REJECT] = "reject",
        [STEP_REVIEW] = "review",
        [STEP_CONFIRM] = "confirm",
        [STEP_WENT_UP] = "went up",
    };
    return step < STEP_COUNT ? names[step] : "?";
}
