/* SPDX-License-Identifier: Apache-2.0 */
/* Three of four acts are meant well: the step that the grievance is waiting for, by who may
 * take it. The others are anybody's anything: else nothing would ever come far, or nothing
 * would ever be refused. */
#include "crowd_inside.h"

#include <string.h>

#include "base/civil.h"
#include "base/number.h"
#include "routing/course.h"

/* ---- who ---------------------------------------------------------------------------- */

size_t crowd_office (uint32_t department)
{
    for (size_t i = 0; i < OFFICES; i++)
        if (crowd_offices[i].department == department)
            return i;
    return 0;
}

uint32_t crowd_member (struct crowd *crowd, const struct office_of *office)
{
    return crowd_below (crowd, 8) == 0 ? office->head : PICK (crowd, office->workers);
}

static uint32_t any_client (struct crowd *crowd)
{
    switch (crowd_below (crowd, 10)) {
    case 0:
        return DISPATCHER;
    case 1:
        return FAR_DISPATCHER;
    case 2:
        return LEADER;
    case 3:
        return COUNTY;
    case 4:
        return FIRST_TERMINAL + (uint32_t) crowd_a_terminal (crowd);
    default:
        return crowd_desk (crowd_below (crowd, OFFICES));
    }
}

static uint32_t any_person (struct crowd *crowd, const struct witnessed *of)
{
    const struct office_of *office = &PICK (crowd, crowd_offices);
    switch (crowd_below (crowd, 6)) {
    case 0:
        return PICK (crowd, crowd_dispatchers);
    case 1:
        return PICK (crowd, crowd_leaders);
    case 2:
        return of->holder;
    case 3:
        return office->head;
    default:
        return crowd_member (crowd, office);
    }
}

/* ---- acts --------------------------------------------------------------------------- */

static struct act *act_new (struct crowd *crowd, uint32_t client, enum speaker speaker,
                            uint32_t person)
{
    struct act *act = &crowd->acts[crowd->n_acts++];
    *act = (struct act){ .client = client, .speaker = speaker };
    act->command.person = person;
    return act;
}

static void act_step (struct crowd *crowd, const struct witnessed *of,
                      const struct witness *witness, uint32_t client, uint32_t person,
                      enum step what)
{
    struct act *act = act_new (crowd, client, SPEAKER_ROUTING, person);
    struct step_command *step = ARENA_NEW (&crowd->arena, struct step_command);
    step->step = what;
    crowd_fill (crowd, of, witness, step);
    act->command.step = step;
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
    const struct office_of *office = &crowd_offices[crowd_office (of->department)];
    enum step step = crowd_one_in (crowd, 4) ? STEP_REJECT : STEP_APPROVE;
    if (crowd_one_in (crowd, 6))
        act_step (crowd, of, witness, LEADER, PICK (crowd, crowd_leaders), step);
    else if (of->department == 0)
        act_step (crowd, of, witness, DISPATCHER, PICK (crowd, crowd_dispatchers), step);
    else
        act_step (crowd, of, witness, crowd_desk (crowd_office (of->department)),
                  crowd_one_in (crowd, 3) ? office->deputy : office->head, step);
}

static void act_well (struct crowd *crowd, const struct witnessed *of,
                      const struct witness *witness)
{
    const struct office_of *office = &crowd_offices[crowd_office (of->department)];
    enum step step = crowd_step_on (crowd, of);
    bool is_held = of->holder != 0;
    uint32_t person = is_held ? of->holder : crowd_member (crowd, office);
    if (of->proposal.step != STEP_NONE && !crowd_one_in (crowd, 3)) {
        act_second (crowd, of, witness);
        return;
    }
    if (!is_held && of->department != 0 && of->state != STATE_ARBITRATION &&
        !is_of_dispatcher (of, step) && !crowd_one_in (crowd, 3))
        step = crowd_one_in (crowd, 6) ? STEP_ASSIGN : STEP_CLAIM;
    if (is_of_dispatcher (of, step))
        act_step (crowd, of, witness, DISPATCHER, PICK (crowd, crowd_dispatchers), step);
    else
        act_step (crowd, of, witness, crowd_desk (crowd_office (of->department)),
                  step == STEP_ASSIGN || step == STEP_ARBITRATE ||
                          (step == STEP_RECUSE && crowd_one_in (crowd, 2))
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
    act_step (crowd, of, witness, crowd_desk (at),
              crowd_member (crowd, &crowd_offices[at]), STEP_OPINION);
}

/* ---- petitioners -------------------------------------------------------------------- */

static enum asked an_ask (struct crowd *crowd, const struct witnessed *of)
{
    if (crowd_one_in (crowd, 3))
        return (enum asked) PICK_WORD (crowd, ASKED_COUNT);
    if (of->state == STATE_WINDOW)
        return crowd_one_in (crowd, 4) ? ASKED_CONFIRM : ASKED_REVIEW;
    if (of->state == STATE_DONE)
        return crowd_one_in (crowd, 3) ? ASKED_DISPUTE : ASKED_CONFIRM;
    if (of->state == STATE_CLOSED)
        return crowd_one_in (crowd, 2) ? ASKED_DISPUTE : ASKED_REVIEW;
    return crowd_one_in (crowd, 4) ? ASKED_WITHDRAW : ASKED_RATE;
}

static void act_ask (struct crowd *crowd, const struct witnessed *of)
{
    struct act *act = act_new (
        crowd, FIRST_TERMINAL + (uint32_t) crowd_a_terminal (crowd), SPEAKER_INTAKE, 0);
    if (crowd_one_in (crowd, 6)) {
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
        ask->ground = crowd_ground (crowd, STEP_WITHDRAW, CLOSE_NONE, PURPOSE_NONE);
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
    matter->village = crowd_villages[at];
    matter->terminal = FIRST_TERMINAL + (uint32_t) at;
    matter->category = PICK (crowd, crowd_categories);
    matter->purpose = PICK (crowd, purposes);
    matter->persons = PICK (crowd, persons);
    matter->urgent = crowd_one_in (crowd, 20);
    matter->vulnerable = crowd_one_in (crowd, 5);
    return matter;
}

void crowd_act_file (struct crowd *crowd)
{
    size_t at = crowd_a_terminal (crowd);
    int32_t today = civil_day (crowd->now_ms);
    if (today != crowd->day)
        memset (crowd->serials, 0, sizeof crowd->serials);
    crowd->day = today;
    struct act *act = act_new (crowd, FIRST_TERMINAL + (uint32_t) at, SPEAKER_INTAKE, 0);
    struct filing *filing = ARENA_NEW (&crowd->arena, struct filing);
    struct statement *statement = ARENA_NEW (&crowd->arena, struct statement);
    statement->text = "反映的情况如下";
    statement->person = ARENA_NEW (&crowd->arena, struct petitioner);
    statement->person->name = "张三";
    *filing = (struct filing){
        .number =
            number_make (today, FIRST_TERMINAL + (uint32_t) at, ++crowd->serials[at]),
        .query_code = crowd_query_code,
        .filed_at_ms = crowd->now_ms,
        .matter = a_matter (crowd, at),
        .statement = statement,
    };
    if (crowd_one_in (crowd, 6)) {
        const struct office_of *office = &PICK (crowd, crowd_offices);
        filing->accused = ARENA_NEW (&crowd->arena, struct accused);
        filing->accused->department = office->department;
        filing->accused->person = crowd_member (crowd, office);
        filing->n_accused = 1;
    }
    act->command.file = filing;
}

/* ---- raises ------------------------------------------------------------------------- */

static void act_answer (struct crowd *crowd, const struct witnessed *of)
{
    const struct office_of *office = &crowd_offices[crowd_office (of->department)];
    struct answer_raise *answer = ARENA_NEW (&crowd->arena, struct answer_raise);
    bool is_leader = crowd_one_in (crowd, 2);
    answer->text = "已督促办理";
    answer->raise = of->raises[crowd_below (crowd, (uint32_t) of->n_raises)].raise;
    answer->adoption = (enum adoption) crowd_below (crowd, ADOPTION_COUNT);
    if (crowd_one_in (crowd, 2))
        answer->adoption = ADOPTION_NONE;
    act_new (crowd, is_leader ? LEADER : crowd_desk (crowd_office (of->department)),
             SPEAKER_ESCALATION, is_leader ? PICK (crowd, crowd_leaders) : office->head)
        ->command.answer_raise = answer;
}

static void act_supervise (struct crowd *crowd, const struct witnessed *of)
{
    struct supervise *supervise = ARENA_NEW (&crowd->arena, struct supervise);
    bool is_county = crowd_one_in (crowd, 4);
    *supervise = (struct supervise){ .number = of->number, .advice = "限期办结" };
    act_new (crowd, is_county ? COUNTY : LEADER, SPEAKER_ESCALATION,
             is_county ? 5101 : PICK (crowd, crowd_leaders))
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

void crowd_act_any (struct crowd *crowd, const struct witness *witness)
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
    else if (crowd_one_in (crowd, crowd->manners.wrong_one_in))
        act_badly (crowd, of, witness);
    else
        act_well (crowd, of, witness);
}
