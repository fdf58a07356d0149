/* SPDX-License-Identifier: Apache-2.0 */
/* Three of four acts are meant well: the step that the grievance is waiting for, by who may
 * take it. The others are anybody's anything, and then a field of every fourth is wrong:
 * else nothing would ever come far, or nothing would ever be refused. */
#include "crowd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/number.h"
#include "routing/course.h"

#define TERMINALS     4
#define FRAME_MAX     64
#define SPEAKING_MAX  32
#define FILED_AT_ONCE 24 /* the others may have to do with what is there */
#define ACTS_MAX      512
#define WRONG_ONE_IN  4 /* acts that are not meant well, and of those the doctored ones */

const char crowd_query_code[] = "0123ABCD";

static const uint64_t villages[TERMINALS] = { 340522100001, 340522100002, 340522100003,
                                              340522101001 };

/* People of people.tsv. */
static const struct office_of {
    uint32_t department, head, deputy, workers[2];
} offices[] = {
    { 10, 1011, 1012, { 1031, 1032 } }, { 11, 1111, 1112, { 1131, 1132 } },
    { 12, 1211, 1212, { 1231, 1232 } }, { 13, 1311, 1312, { 1331, 1332 } },
    { 14, 1411, 1412, { 1431, 1432 } }, { 15, 1511, 1512, { 1531, 1532 } },
    { 16, 1611, 1612, { 1631, 1632 } }, { 22, 2211, 2212, { 2231, 2232 } },
    { 51, 5111, 5102, { 5131, 5131 } }, { 53, 5311, 5301, { 5331, 5331 } },
    { 54, 5411, 5411, { 5431, 5431 } }, { 101, 10111, 10112, { 10131, 10132 } },
};
#define OFFICES ARRAY_SIZE (offices)

static const uint32_t dispatchers[] = { 3121, 3122, 3111, 3112 };
static const uint32_t leaders[] = { 1001, 1002, 1003, 1004, 1005, 1006, 1007 };

static const char *const categories[] = {
    "国土资源/土地征收",
    "国土资源/土地征收/安置补偿",
    "环境保护",
    "民政",
    "劳动和社会保障",
    "农村农业",
    "城乡建设/重点工程施工环境/爆破震损",
    "城乡建设/城市建设和市政管理/自来水供应",
    NULL,
};

struct act {
    struct town_client *client;
    enum speaker speaker;
    struct command command;
};

struct crowd {
    struct town *town;
    uint64_t state; /* of the random numbers */
    struct arena arena;
    struct town_client *terminals[TERMINALS], *desks[OFFICES], *dispatcher,
        *far_dispatcher, *leader, *county;
    uint32_t serials[TERMINALS];
    int32_t day; /* of the serials */
    struct act acts[ACTS_MAX];
    size_t n_acts;
    uint64_t counts[REFUSAL_COUNT];
};

/* ---- chance ------------------------------------------------------------------------- */

/* splitmix64 */
static uint64_t next (struct crowd *crowd)
{
    uint64_t z = (crowd->state += UINT64_C (0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C (0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C (0x94D049BB133111EB);
    return z ^ (z >> 31);
}

uint32_t crowd_below (struct crowd *crowd, uint32_t n)
{
    return (uint32_t) ((next (crowd) >> 32) * n >> 32);
}

static bool one_in (struct crowd *crowd, uint32_t n)
{
    return crowd_below (crowd, n) == 0;
}

#define PICK(crowd, array) ((array)[crowd_below ((crowd), ARRAY_SIZE (array))])

/* One of the words of an enum that begin at 1. */
#define PICK_WORD(crowd, count) (1 + crowd_below ((crowd), (count) -1))

/* ---- who ---------------------------------------------------------------------------- */

static size_t office_index (uint32_t department)
{
    for (size_t i = 0; i < OFFICES; i++)
        if (offices[i].department == department)
            return i;
    return 0;
}

static uint32_t member (struct crowd *crowd, const struct office_of *office)
{
    return crowd_below (crowd, 8) == 0 ? office->head : PICK (crowd, office->workers);
}

static struct town_client *any_client (struct crowd *crowd)
{
    switch (crowd_below (crowd, 10)) {
    case 0:
        return crowd->dispatcher;
    case 1:
        return crowd->far_dispatcher;
    case 2:
        return crowd->leader;
    case 3:
        return crowd->county;
    case 4:
        return PICK (crowd, crowd->terminals);
    default:
        return PICK (crowd, crowd->desks);
    }
}

static uint32_t any_person (struct crowd *crowd, const struct witnessed *of)
{
    const struct office_of *office = &PICK (crowd, offices);
    switch (crowd_below (crowd, 6)) {
    case 0:
        return PICK (crowd, dispatchers);
    case 1:
        return PICK (crowd, leaders);
    case 2:
        return of->holder;
    case 3:
        return office->head;
    default:
        return member (crowd, office);
    }
}

/* ---- what a step says --------------------------------------------------------------- */

static uint32_t a_department (struct crowd *crowd, const struct witnessed *of)
{
    static const uint32_t township[] = { 10, 11, 12, 13, 14, 15, 16, 54 };
    return of->village / 1000 == 340522101 ? 101 : PICK (crowd, township);
}

static enum ground a_ground (struct crowd *crowd, enum step step,
                             enum close_reason reason, enum purpose purpose)
{
    for (unsigned i = 0; i < 4 * GROUND_COUNT; i++) {
        enum ground ground = (enum ground) PICK_WORD (crowd, GROUND_COUNT);
        if (course_ground_fits (step, ground, reason, purpose))
            return ground;
    }
    return GROUND_NONE;
}

static enum decision_outcome an_outcome (struct crowd *crowd, const struct witnessed *of)
{
    static const enum decision_outcome merits[] = { OUTCOME_SUPPORT, OUTCOME_EXPLAIN,
                                                    OUTCOME_NOT_SUPPORT };
    return course_outcome_fits (of->purpose, of->instance, OUTCOME_ANSWERED)
               ? OUTCOME_ANSWERED
               : PICK (crowd, merits);
}

static enum close_reason a_close_reason (struct crowd *crowd, const struct witnessed *of)
{
    if (of->state == STATE_DIVERTED)
        return one_in (crowd, 2) ? CLOSE_DIVERSION_ARRIVED : CLOSE_STATUTORY_ANSWERED;
    if (of->state == STATE_DONE && of->try_days >= 3 && one_in (crowd, 2))
        return CLOSE_CONTACT_FAILED;
    return one_in (crowd, 8) ? (enum close_reason) PICK_WORD (crowd, CLOSE_COUNT)
                             : CLOSE_CALL_BACK;
}

static enum purpose another_purpose (struct crowd *crowd)
{
    static const enum purpose purposes[] = { PURPOSE_APPEAL, PURPOSE_REQUEST,
                                             PURPOSE_SUGGESTION, PURPOSE_INQUIRY,
                                             PURPOSE_OTHER };
    return PICK (crowd, purposes);
}

static int64_t a_while_ago (struct crowd *crowd)
{
    int64_t now_ms = town_now_ms (crowd->town);
    return one_in (crowd, 2) ? 0
                             : now_ms - crowd_below (crowd, 3 * 86400) * INT64_C (1000);
}

static void fill_dispatch (struct crowd *crowd, const struct witnessed *of,
                           struct step_command *step)
{
    step->department = a_department (crowd, of);
    step->reason = "按职责分工";
    if (step->step != STEP_DISPATCH || one_in (crowd, 2))
        return;
    step->assisting = ARENA_ARRAY (&crowd->arena, uint32_t, 2);
    step->assisting[step->n_assisting++] = a_department (crowd, of);
    if (one_in (crowd, 2))
        step->assisting[step->n_assisting++] = a_department (crowd, of);
}

/* 不再受理 refers to one that became final; most grounds refer to nothing. */
static void refer_to_final (struct crowd *crowd, const struct witness *witness,
                            struct step_command *step)
{
    uint32_t count = (uint32_t) witness_count (witness),
             first = crowd_below (crowd, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct witnessed *of = witness_at (witness, (first + i) % count);
        if (of->state != STATE_CLOSED || of->close_reason != CLOSE_FINAL)
            continue;
        step->ground = GROUND_FINAL;
        step->link_to = of->number;
        return;
    }
}

static void fill_ending (struct crowd *crowd, const struct witnessed *of,
                         const struct witness *witness, struct step_command *step)
{
    step->reason = "见调查记录";
    if (step->step == STEP_CLOSE)
        step->close_reason = a_close_reason (crowd, of);
    if (step->step == STEP_REPURPOSE)
        step->purpose = another_purpose (crowd);
    if (step->step == STEP_LINK)
        step->link_to =
            witness_at (witness, crowd_below (crowd, (uint32_t) witness_count (witness)))
                ->number;
    if (step->step != STEP_CLOSE || step->close_reason == CLOSE_CONTACT_FAILED)
        step->ground = a_ground (crowd, step->step, step->close_reason, step->purpose);
    if (step->step == STEP_REFUSE && one_in (crowd, 3))
        refer_to_final (crowd, witness, step);
}

static void fill_contact (struct crowd *crowd, struct step_command *step)
{
    static const enum means calls[] = { MEANS_TELEPHONE, MEANS_MESSAGE, MEANS_POST,
                                        MEANS_IN_PERSON };
    step->means = PICK (crowd, calls);
    step->contacted = one_in (crowd, 5)   ? CONTACTED_DISPUTES
                      : one_in (crowd, 3) ? CONTACTED_CONFIRMS
                                          : CONTACTED_NOT_REACHED;
    step->done_at_ms = a_while_ago (crowd);
}

static void fill_work (struct crowd *crowd, const struct witnessed *of,
                       struct step_command *step)
{
    const struct office_of *office = &offices[office_index (of->department)];
    enum step what = step->step;
    if (what == STEP_ASSIGN || what == STEP_TRANSFER)
        step->worker = member (crowd, office);
    if (what == STEP_RECUSE) {
        step->reason = "与信访人有利害关系";
        step->worker = one_in (crowd, 2) ? of->holder : member (crowd, office);
    }
    if (what == STEP_DECIDE) {
        step->outcome = an_outcome (crowd, of);
        step->text = "经调查，答复如下";
        step->legal_basis = step->outcome == OUTCOME_ANSWERED ? NULL : "条例第三十二条";
    }
    if (what == STEP_SERVE) {
        step->means = (enum means) PICK_WORD (crowd, MEANS_COUNT);
        step->to = "本人";
        step->done_at_ms = a_while_ago (crowd);
    }
    if (what == STEP_CATEGORISE)
        step->category = categories[crowd_below (crowd, ARRAY_SIZE (categories) - 1)];
    if (what == STEP_WENT_UP) {
        step->level = PICK_WORD (crowd, 5);
        step->persons = PICK_WORD (crowd, 20);
    }
    if (what == STEP_AGREE || what == STEP_OPINION)
        step->text = "双方同意";
}

/* Everything that the step needs, and no more. */
static void fill (struct crowd *crowd, const struct witnessed *of,
                  const struct witness *witness, struct step_command *step)
{
    static const enum step with_reason[] = { STEP_OBJECT,        STEP_EXTEND,
                                             STEP_END_MEDIATION, STEP_APPROVE,
                                             STEP_REJECT,        STEP_HAND_BACK };
    static const enum step without_fencing[] = {
        STEP_DISPATCH, STEP_ARBITRATE, STEP_CLAIM,   STEP_ASSIGN, STEP_OPINION,
        STEP_CONTACT,  STEP_RECUSE,    STEP_APPROVE, STEP_REJECT, STEP_WENT_UP
    };
    step->number = of->number;
    step->fencing = of->fencing;
    for (size_t i = 0; i < ARRAY_SIZE (with_reason); i++)
        if (with_reason[i] == step->step)
            step->reason = "情况如此";
    for (size_t i = 0; i < ARRAY_SIZE (without_fencing); i++)
        if (without_fencing[i] == step->step)
            step->fencing = 0;
    if (step->step == STEP_DISPATCH || step->step == STEP_ARBITRATE)
        fill_dispatch (crowd, of, step);
    else if (step->step == STEP_CLOSE ||
             (course_asks_two (step->step, CLOSE_NONE) && step->step != STEP_EXTEND))
        fill_ending (crowd, of, witness, step);
    else if (step->step == STEP_CONTACT)
        fill_contact (crowd, step);
    else
        fill_work (crowd, of, step);
}

static void doctor (struct crowd *crowd, const struct witnessed *of,
                    struct step_command *step)
{
    switch (crowd_below (crowd, 10)) {
    case 0:
        step->fencing = of->fencing_most > 0 ? of->fencing_most - 1 : 7;
        break;
    case 1:
        step->fencing = 0;
        break;
    case 2:
        step->fencing = crowd_below (crowd, 9);
        break;
    case 3:
        step->ground = (enum ground) crowd_below (crowd, GROUND_COUNT);
        break;
    case 4:
        step->outcome = (enum decision_outcome) crowd_below (crowd, OUTCOME_COUNT);
        break;
    case 5:
        step->close_reason = (enum close_reason) crowd_below (crowd, CLOSE_COUNT);
        break;
    case 6:
        step->department = crowd_below (crowd, 70);
        break;
    case 7:
        step->reason = NULL;
        step->text = NULL;
        break;
    case 8:
        step->done_at_ms = town_now_ms (crowd->town) + 86400000;
        break;
    default:
        step->number = number_make (civil_day (town_now_ms (crowd->town)), 103, 9999);
        break;
    }
}

/* ---- acts --------------------------------------------------------------------------- */

static struct act *act_new (struct crowd *crowd, struct town_client *client,
                            enum speaker speaker, uint32_t person)
{
    struct act *act = &crowd->acts[crowd->n_acts++];
    *act = (struct act){ .client = client, .speaker = speaker };
    act->command.person = person;
    return act;
}

static void act_step (struct crowd *crowd, const struct witnessed *of,
                      const struct witness *witness, struct town_client *client,
                      uint32_t person, enum step what)
{
    struct act *act = act_new (crowd, client, SPEAKER_ROUTING, person);
    struct step_command *step = ARENA_NEW (&crowd->arena, struct step_command);
    step->step = what;
    fill (crowd, of, witness, step);
    if (one_in (crowd, WRONG_ONE_IN * WRONG_ONE_IN))
        doctor (crowd, of, step);
    act->command.step = step;
}

/* The steps that lead on from here, the likelier ones more than once. */
static enum step a_step_on (struct crowd *crowd, const struct witnessed *of)
{
    static const enum step on[STATE_COUNT][12] = {
        [STATE_UNDECIDED] = { STEP_DISPATCH, STEP_DISPATCH, STEP_DISPATCH, STEP_DISPATCH,
                              STEP_DISPATCH, STEP_CATEGORISE, STEP_REFUSE, STEP_DIVERT,
                              STEP_LINK, STEP_WENT_UP, STEP_DISPATCH, STEP_DISPATCH },
        [STATE_DISPATCHED] = { STEP_CLAIM, STEP_CLAIM, STEP_CLAIM, STEP_CLAIM, STEP_CLAIM,
                               STEP_ASSIGN, STEP_OBJECT, STEP_CATEGORISE, STEP_LINK,
                               STEP_RECUSE, STEP_CONTACT, STEP_CLAIM },
        [STATE_OBJECTED] = { STEP_DISPATCH, STEP_DISPATCH, STEP_DISPATCH, STEP_DISPATCH,
                             STEP_REFUSE, STEP_DIVERT, STEP_DISPATCH, STEP_CATEGORISE,
                             STEP_LINK, STEP_DISPATCH, STEP_DISPATCH, STEP_DISPATCH },
        [STATE_CLAIMED] = { STEP_ACCEPT, STEP_ACCEPT, STEP_ACCEPT, STEP_ACCEPT,
                            STEP_OBJECT, STEP_TRANSFER, STEP_HAND_BACK, STEP_REFUSE,
                            STEP_DIVERT, STEP_LINK, STEP_REPURPOSE, STEP_RECUSE },
        [STATE_HANDLING] = { STEP_DECIDE, STEP_DECIDE, STEP_DECIDE, STEP_MEDIATE,
                             STEP_EXTEND, STEP_EXTEND, STEP_DIVERT, STEP_TRANSFER,
                             STEP_CONTACT, STEP_REPURPOSE, STEP_RECUSE, STEP_DECIDE },
        [STATE_MEDIATING] = { STEP_AGREE, STEP_AGREE, STEP_END_MEDIATION, STEP_EXTEND,
                              STEP_CONTACT, STEP_TRANSFER, STEP_AGREE, STEP_HAND_BACK,
                              STEP_LINK, STEP_END_MEDIATION, STEP_AGREE, STEP_WENT_UP },
        [STATE_DECIDED] = { STEP_SERVE, STEP_SERVE, STEP_SERVE, STEP_SERVE, STEP_SERVE,
                            STEP_SERVE, STEP_SERVE, STEP_TRANSFER, STEP_HAND_BACK,
                            STEP_CONTACT, STEP_SERVE, STEP_SERVE },
        [STATE_WINDOW] = { STEP_CONTACT, STEP_CONTACT, STEP_CLOSE, STEP_WENT_UP,
                           STEP_HAND_BACK, STEP_CONTACT, STEP_CONTACT, STEP_CLOSE,
                           STEP_RECUSE, STEP_CONTACT, STEP_CONTACT, STEP_CLOSE },
        [STATE_EXECUTING] = { STEP_CLAIM_DONE, STEP_CLAIM_DONE, STEP_CLAIM_DONE,
                              STEP_CLAIM_DONE, STEP_CLAIM_DONE, STEP_CLAIM_DONE,
                              STEP_TRANSFER, STEP_CONTACT, STEP_HAND_BACK, STEP_RECUSE,
                              STEP_CLAIM_DONE, STEP_CLAIM_DONE },
        [STATE_DONE] = { STEP_CONTACT, STEP_CONTACT, STEP_CONTACT, STEP_CONTACT,
                         STEP_CONTACT, STEP_CLOSE, STEP_CLOSE, STEP_CLOSE, STEP_CONTACT,
                         STEP_WENT_UP, STEP_CLOSE, STEP_CONTACT },
        [STATE_CLOSED] = { STEP_WENT_UP, STEP_CLAIM, STEP_DISPATCH, STEP_SERVE,
                           STEP_CONTACT, STEP_CLOSE, STEP_REOPEN, STEP_WENT_UP,
                           STEP_REVIEW, STEP_OPINION, STEP_LINK, STEP_DECIDE },
        [STATE_DIVERTED] = { STEP_CLOSE, STEP_CLOSE, STEP_CLOSE, STEP_DISPATCH,
                             STEP_CONTACT, STEP_CLOSE, STEP_CLAIM, STEP_CLOSE,
                             STEP_HAND_BACK, STEP_TRANSFER, STEP_CLOSE, STEP_RECUSE },
        [STATE_ARBITRATION] = { STEP_ARBITRATE, STEP_ARBITRATE, STEP_ARBITRATE,
                                STEP_ARBITRATE, STEP_ARBITRATE, STEP_LINK, STEP_ARBITRATE,
                                STEP_CATEGORISE, STEP_ARBITRATE, STEP_DISPATCH,
                                STEP_ARBITRATE, STEP_ARBITRATE },
        [STATE_REFUSED] = { STEP_SERVE, STEP_SERVE, STEP_SERVE, STEP_SERVE, STEP_SERVE,
                            STEP_TRANSFER, STEP_SERVE, STEP_SERVE, STEP_HAND_BACK,
                            STEP_SERVE, STEP_CLAIM, STEP_SERVE },
        [STATE_REVIEWING] = { STEP_CLAIM, STEP_DECIDE, STEP_DECIDE, STEP_DECIDE,
                              STEP_ASSIGN, STEP_DISPATCH, STEP_DECIDE, STEP_DECIDE,
                              STEP_DECIDE, STEP_TRANSFER, STEP_RECUSE, STEP_DECIDE },
        [STATE_REREVIEWING] = { STEP_CLAIM, STEP_HEAR, STEP_HEAR, STEP_DECIDE,
                                STEP_DECIDE, STEP_DISPATCH, STEP_ASSIGN, STEP_DECIDE,
                                STEP_HEAR, STEP_RECUSE, STEP_DECIDE, STEP_DECIDE },
        [STATE_HEARING] = { STEP_END_HEARING, STEP_CLAIM, STEP_TRANSFER, STEP_END_HEARING,
                            STEP_HAND_BACK, STEP_END_HEARING, STEP_CONTACT,
                            STEP_END_HEARING, STEP_WENT_UP, STEP_END_HEARING, STEP_RECUSE,
                            STEP_END_HEARING },
    };
    enum step step = PICK (crowd, on[of->state]);
    return step == STEP_NONE ? STEP_CLAIM : step;
}

static bool is_of_dispatcher (const struct witnessed *of, enum step step)
{
    return step == STEP_DISPATCH || of->department == 0 ||
           (step == STEP_CATEGORISE && of->holder == 0);
}

/* What waits for its second person. */
static void act_second (struct crowd *crowd, const struct witnessed *of,
                        const struct witness *witness)
{
    const struct office_of *office = &offices[office_index (of->department)];
    enum step step = one_in (crowd, 4) ? STEP_REJECT : STEP_APPROVE;
    if (one_in (crowd, 6))
        act_step (crowd, of, witness, crowd->leader, PICK (crowd, leaders), step);
    else if (of->department == 0)
        act_step (crowd, of, witness, crowd->dispatcher, PICK (crowd, dispatchers), step);
    else
        act_step (crowd, of, witness, crowd->desks[office_index (of->department)],
                  one_in (crowd, 3) ? office->deputy : office->head, step);
}

static void act_well (struct crowd *crowd, const struct witnessed *of,
                      const struct witness *witness)
{
    const struct office_of *office = &offices[office_index (of->department)];
    enum step step = a_step_on (crowd, of);
    bool is_held = of->holder != 0;
    uint32_t person = is_held ? of->holder : member (crowd, office);
    if (of->proposal.step != STEP_NONE && !one_in (crowd, 3)) {
        act_second (crowd, of, witness);
        return;
    }
    if (!is_held && of->department != 0 && of->state != STATE_ARBITRATION &&
        !is_of_dispatcher (of, step) && !one_in (crowd, 3))
        step = one_in (crowd, 6) ? STEP_ASSIGN : STEP_CLAIM;
    if (is_of_dispatcher (of, step))
        act_step (crowd, of, witness, crowd->dispatcher, PICK (crowd, dispatchers), step);
    else
        act_step (crowd, of, witness, crowd->desks[office_index (of->department)],
                  step == STEP_ASSIGN || step == STEP_ARBITRATE ||
                          (step == STEP_RECUSE && one_in (crowd, 2))
                      ? office->head
                      : person,
                  step);
}

static void act_badly (struct crowd *crowd, const struct witnessed *of,
                       const struct witness *witness)
{
    act_step (crowd, of, witness, any_client (crowd), any_person (crowd, of),
              (enum step) PICK_WORD (crowd, STEP_COUNT));
}

/* An assisting department's word; who does not assist is refused. */
static void act_opinion (struct crowd *crowd, const struct witnessed *of,
                         const struct witness *witness)
{
    size_t at = crowd_below (crowd, OFFICES);
    act_step (crowd, of, witness, crowd->desks[at], member (crowd, &offices[at]),
              STEP_OPINION);
}

/* ---- petitioners -------------------------------------------------------------------- */

static enum asked an_ask (struct crowd *crowd, const struct witnessed *of)
{
    if (one_in (crowd, 3))
        return (enum asked) PICK_WORD (crowd, ASKED_COUNT);
    if (of->state == STATE_WINDOW)
        return one_in (crowd, 4) ? ASKED_CONFIRM : ASKED_REVIEW;
    if (of->state == STATE_DONE)
        return one_in (crowd, 3) ? ASKED_DISPUTE : ASKED_CONFIRM;
    if (of->state == STATE_CLOSED)
        return one_in (crowd, 2) ? ASKED_DISPUTE : ASKED_REVIEW;
    return one_in (crowd, 4) ? ASKED_WITHDRAW : ASKED_RATE;
}

static void act_ask (struct crowd *crowd, const struct witnessed *of)
{
    struct act *act = act_new (crowd, PICK (crowd, crowd->terminals), SPEAKER_INTAKE, 0);
    if (one_in (crowd, 6)) {
        struct supplement *more = ARENA_NEW (&crowd->arena, struct supplement);
        *more = (struct supplement){ .number = of->number,
                                     .query_code = crowd_query_code,
                                     .text = "补充材料" };
        act->command.supplement = more;
        return;
    }
    struct ask *ask = ARENA_NEW (&crowd->arena, struct ask);
    *ask = (struct ask){ .number = of->number,
                         .query_code = crowd_query_code,
                         .what = an_ask (crowd, of) };
    if (ask->what == ASKED_RATE)
        ask->rating_department = 1 + crowd_below (crowd, 3);
    if (ask->what == ASKED_WITHDRAW)
        ask->ground = a_ground (crowd, STEP_WITHDRAW, CLOSE_NONE, PURPOSE_NONE);
    act->command.ask = ask;
}

static struct matter *a_matter (struct crowd *crowd, size_t at)
{
    static const enum purpose purposes[] = {
        PURPOSE_REQUEST, PURPOSE_REQUEST, PURPOSE_REQUEST,    PURPOSE_REQUEST,
        PURPOSE_APPEAL,  PURPOSE_APPEAL,  PURPOSE_APPEAL,     PURPOSE_OTHER,
        PURPOSE_INQUIRY, PURPOSE_OTHER,   PURPOSE_SUGGESTION, PURPOSE_ACCUSATION,
    };
    static const uint32_t persons[] = { 1, 1, 1, 1, 1, 1, 1, 5, 20, 50 };
    struct matter *matter = ARENA_NEW (&crowd->arena, struct matter);
    matter->village = villages[at];
    matter->terminal = 101 + (uint32_t) at;
    matter->category = PICK (crowd, categories);
    matter->purpose = PICK (crowd, purposes);
    matter->persons = PICK (crowd, persons);
    matter->urgent = one_in (crowd, 20);
    matter->vulnerable = one_in (crowd, 5);
    return matter;
}

static void act_file (struct crowd *crowd)
{
    size_t at = crowd_below (crowd, TERMINALS);
    int32_t today = civil_day (town_now_ms (crowd->town));
    if (today != crowd->day)
        memset (crowd->serials, 0, sizeof crowd->serials);
    crowd->day = today;
    struct act *act = act_new (crowd, crowd->terminals[at], SPEAKER_INTAKE, 0);
    struct filing *filing = ARENA_NEW (&crowd->arena, struct filing);
    struct statement *statement = ARENA_NEW (&crowd->arena, struct statement);
    statement->text = "反映的情况如下";
    statement->person = ARENA_NEW (&crowd->arena, struct petitioner);
    statement->person->name = "张三";
    *filing = (struct filing){
        .number = number_make (today, 101 + (uint32_t) at, ++crowd->serials[at]),
        .query_code = crowd_query_code,
        .filed_at_ms = town_now_ms (crowd->town),
        .matter = a_matter (crowd, at),
        .statement = statement,
    };
    if (one_in (crowd, 6)) {
        const struct office_of *office = &PICK (crowd, offices);
        filing->accused = ARENA_NEW (&crowd->arena, struct accused);
        filing->accused->department = office->department;
        filing->accused->person = member (crowd, office);
        filing->n_accused = 1;
    }
    act->command.file = filing;
}

/* ---- raises ------------------------------------------------------------------------- */

static void act_answer (struct crowd *crowd, const struct witnessed *of)
{
    const struct office_of *office = &offices[office_index (of->department)];
    struct answer_raise *answer = ARENA_NEW (&crowd->arena, struct answer_raise);
    bool is_leader = one_in (crowd, 2);
    answer->text = "已督促办理";
    answer->raise = of->raises[crowd_below (crowd, (uint32_t) of->n_raises)].raise;
    answer->adoption = (enum adoption) crowd_below (crowd, ADOPTION_COUNT);
    if (one_in (crowd, 2))
        answer->adoption = ADOPTION_NONE;
    act_new (crowd,
             is_leader ? crowd->leader : crowd->desks[office_index (of->department)],
             SPEAKER_ESCALATION, is_leader ? PICK (crowd, leaders) : office->head)
        ->command.answer_raise = answer;
}

static void act_supervise (struct crowd *crowd, const struct witnessed *of)
{
    struct supervise *supervise = ARENA_NEW (&crowd->arena, struct supervise);
    bool is_county = one_in (crowd, 4);
    *supervise = (struct supervise){ .number = of->number, .advice = "限期办结" };
    act_new (crowd, is_county ? crowd->county : crowd->leader, SPEAKER_ESCALATION,
             is_county ? 5101 : PICK (crowd, leaders))
        ->command.supervise = supervise;
}

/* ---- a round ------------------------------------------------------------------------ */

/* Newer ones more often: those that are closed have nothing left but what is refused. */
static const struct witnessed *a_grievance (struct crowd *crowd,
                                            const struct witness *witness)
{
    uint32_t count = (uint32_t) witness_count (witness);
    const struct witnessed *of = witness_at (witness, crowd_below (crowd, count));
    for (unsigned i = 0; i < 6 && !course_is_open (of->state); i++)
        of = witness_at (witness, crowd_below (crowd, count));
    return of;
}

static void act_any (struct crowd *crowd, const struct witness *witness)
{
    const struct witnessed *of = a_grievance (crowd, witness);
    uint32_t chance = crowd_below (crowd, 100);
    if (chance < 10)
        act_ask (crowd, of);
    else if (chance < 14)
        act_opinion (crowd, of, witness);
    else if (chance < 15)
        act_supervise (crowd, of);
    else if (chance < 20 && of->n_raises > 0)
        act_answer (crowd, of);
    else if (one_in (crowd, WRONG_ONE_IN))
        act_badly (crowd, of, witness);
    else
        act_well (crowd, of, witness);
}

/* What a client says to one daemon at once. */
struct frame {
    struct town_client *client;
    enum speaker speaker;
    struct command *commands;
    size_t count;
};

/* All of the first act's client and daemon that are left. */
static void frame_take (struct crowd *crowd, size_t first, struct frame *frame)
{
    struct command commands[FRAME_MAX] = { 0 };
    *frame = (struct frame){ .client = crowd->acts[first].client,
                             .speaker = crowd->acts[first].speaker };
    for (size_t i = first; i < crowd->n_acts && frame->count < FRAME_MAX; i++)
        if (crowd->acts[i].client == frame->client &&
            crowd->acts[i].speaker == frame->speaker) {
            commands[frame->count++] = crowd->acts[i].command;
            crowd->acts[i].client = NULL;
        }
    frame->commands =
        town_post_commands (frame->client, frame->speaker, commands, frame->count);
}

static size_t frame_answered (struct crowd *crowd, const struct frame *frame)
{
    struct outcome *outcomes[FRAME_MAX];
    size_t answered = 0;
    town_await_outcomes (frame->client, frame->speaker, frame->commands, frame->count,
                         outcomes);
    for (size_t i = 0; i < frame->count; i++) {
        if (outcomes[i] == NULL)
            continue;
        answered++;
        crowd->counts[outcomes[i]->refusal != NULL ? outcomes[i]->refusal->code
                                                   : REFUSAL_NONE]++;
    }
    return answered;
}

/* Everybody speaks at once, each to one daemon at a time. Returns how many were answered. */
static size_t speak (struct crowd *crowd)
{
    struct frame frames[SPEAKING_MAX];
    size_t n_frames = 0, answered = 0;
    for (size_t i = 0; i < crowd->n_acts && n_frames < SPEAKING_MAX; i++) {
        bool speaks = crowd->acts[i].client == NULL;
        for (size_t j = 0; j < n_frames; j++)
            speaks |= frames[j].client == crowd->acts[i].client;
        if (!speaks)
            frame_take (crowd, i, &frames[n_frames++]);
    }
    for (size_t i = 0; i < n_frames; i++)
        answered += frame_answered (crowd, &frames[i]);
    return answered;
}

static bool is_silent (const struct crowd *crowd)
{
    for (size_t i = 0; i < crowd->n_acts; i++)
        if (crowd->acts[i].client != NULL)
            return false;
    return true;
}

size_t crowd_act (struct crowd *crowd, const struct witness *witness, size_t acts,
                  size_t most)
{
    size_t answered = 0, open = witness_count_open (witness);
    crowd->n_acts = 0;
    arena_reset (&crowd->arena);
    for (; open < most && crowd->n_acts < acts && crowd->n_acts < FILED_AT_ONCE; open++)
        act_file (crowd);
    while (crowd->n_acts < acts && crowd->n_acts < ACTS_MAX &&
           witness_count (witness) > 0)
        act_any (crowd, witness);
    while (!is_silent (crowd))
        answered += speak (crowd);
    return answered;
}

/* ---- life --------------------------------------------------------------------------- */

struct crowd *crowd_create (struct town *town, uint64_t seed)
{
    struct crowd *crowd = calloc (1, sizeof *crowd);
    assert (crowd != NULL);
    crowd->town = town;
    crowd->state = seed;
    arena_init (&crowd->arena, 0);
    for (uint32_t i = 0; i < TERMINALS; i++)
        crowd->terminals[i] =
            town_client (town, ROLE_TERMINAL, 101 + i, .territory = villages[i] / 1000);
    for (uint32_t i = 0; i < OFFICES; i++)
        crowd->desks[i] =
            town_client (town, ROLE_DESK, 2000 + offices[i].department,
                         .territory = 340522, .department = offices[i].department);
    crowd->dispatcher = town_client (town, ROLE_DISPATCHER, 2931, .territory = 340522100,
                                     .department = 31);
    crowd->far_dispatcher =
        town_client (town, ROLE_DISPATCHER, 2952, .territory = 340522, .department = 52);
    crowd->leader =
        town_client (town, ROLE_LEADER, 3001, .territory = 340522100, .department = 10);
    crowd->county =
        town_client (town, ROLE_LEADER, 3051, .territory = 340522, .department = 51);
    return crowd;
}

void crowd_destroy (struct crowd **crowd)
{
    if (*crowd == NULL)
        return;
    arena_done (&(*crowd)->arena);
    free (TAKE (*crowd));
}

struct town_client *crowd_dispatcher (const struct crowd *crowd)
{
    return crowd->far_dispatcher;
}

struct town_client *crowd_terminal (const struct crowd *crowd, uint64_t number)
{
    uint32_t terminal = number_terminal (number);
    return crowd
        ->terminals[terminal >= 101 && terminal < 101 + TERMINALS ? terminal - 101 : 0];
}

uint64_t crowd_count (const struct crowd *crowd, enum refusal_code code)
{
    return crowd->counts[code];
}
