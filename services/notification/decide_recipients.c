/* SPDX-License-Identifier: Apache-2.0 */
/* LAW: who the recipients of a telling are on that day.
 *
 * What waits for a second person is told to that person: the head of the department, by
 * office on that day, who is not the one who proposed it; the deputy; the next level up
 * where there is none.
 *
 * Accusations (DOMAIN §8): nobody but the department that has it, its head, and the persons
 * its raises name, hears anything, and they hear only that there is one: no number, no
 * village, no petitioner's notice, nothing printed. */
#include "notification/tellings.h"

#include <string.h>

#include "base/civil.h"
#include "rules/answerable.h"

static bool is_accusation (const struct entry *entry)
{
    return entry->matter && entry->matter->purpose == PURPOSE_ACCUSATION;
}

/* Nobody is told the same twice of one entry, whatever offices they hold. */
static bool is_told (const struct tellings *to, enum recipient recipient, uint32_t number)
{
    for (size_t i = 0; i < to->count; i++)
        if (to->ret[i].recipient == recipient && to->ret[i].to == number &&
            strcmp (to->ret[i].template, to->row->template) == 0)
            return true;
    return false;
}

static void tell (struct tellings *to, enum recipient recipient, uint32_t number)
{
    const struct matter *matter = to->question->entry->matter;
    enum stage after = to->row->after;
    bool urgent = matter && (matter->urgent || matter->threat) && after == STAGE_ANY;
    int64_t not_before_ms =
        after == STAGE_ANY ? 0 : notification_due_ms (to->question, after);
    struct notification_telling *telling;

    if (to->count == TELLINGS_MAX || number == 0 ||
        (after != STAGE_ANY && not_before_ms == 0) || /* the table has no such row */
        is_told (to, recipient, number))
        return;
    telling = &to->ret[to->count++];
    *telling = (struct notification_telling){
        .recipient = recipient,
        .to = number,
        .template = to->row->template,
        .gathering = urgent ? GATHER_NOT : to->row->gathering,
        .urgent = urgent,
        .not_before_ms = not_before_ms,
    };
    notification_parameters (to->question, to->row->due, telling);
}

static const struct department *dispatching (const struct tellings *to)
{
    const struct entry *entry = to->question->entry;

    return entry->matter && !is_accusation (entry)
               ? department_dispatching (to->question->rules, entry->matter->village)
               : NULL;
}

static void tell_dispatcher (struct tellings *to)
{
    const struct department *department = dispatching (to);

    if (department)
        tell (to, RECIPIENT_DISPATCHER, department->number);
}

static void tell_department (struct tellings *to, uint32_t number)
{
    const struct department *department =
        department_in_force (to->question->rules, number);

    if (number == 0)
        tell_dispatcher (to);
    else
        tell (to, RECIPIENT_DEPARTMENT, department ? department->number : 0);
}

/* Somebody of the department in this office on the day, but not 'other'. */
static uint32_t find_other (const struct tellings *to, uint32_t department,
                            enum office office, int32_t day, uint32_t other)
{
    const struct rules *rules = to->question->rules;
    const struct officer *officer;

    for (size_t at = 0;
         (officer = officer_next (rules, department, office, day, &at)) != NULL;) {
        uint32_t acting = officer_acting (
            rules, officer->stands_in_for ? officer->stands_in_for : officer->number,
            day);

        if (acting != 0 && acting != other)
            return acting;
    }
    return 0;
}

/* The head on that day; the deputy where the head is 'other' or there is none; else the
 * next level up, but an accusation stays inside of the organ that has it. */
static void tell_head (struct tellings *to, uint32_t number, uint32_t other)
{
    const struct entry *entry = to->question->entry;
    const struct department *department =
        number != 0 ? department_in_force (to->question->rules, number)
                    : dispatching (to);
    int32_t day = civil_day (entry->time_ms);
    struct answerable answerable;
    uint32_t person;

    if (!department)
        return;
    person = find_other (to, department->number, OFFICE_HEAD, day, other);
    if (person == 0)
        person = find_other (to, department->number, OFFICE_DEPUTY, day, other);
    if (person != 0) {
        tell (to, RECIPIENT_PERSON, person);
    } else if (is_accusation (entry)) {
        tell (to, RECIPIENT_DEPARTMENT, department->number);
    } else {
        rules_answerable (to->question->rules, department->number, LEVEL_LEADER,
                          entry->matter ? entry->matter->village : 0, day, &answerable);
        if (answerable.person != 0)
            tell (to, RECIPIENT_PERSON, answerable.person);
        else
            tell_department (to, answerable.department);
    }
}

/* Who may not be the second person: whoever proposed it; of the petitioner's withdrawal
 * whoever holds it. */
static uint32_t first_person (const struct moved *moved)
{
    return moved->by_petitioner ? moved->holder : moved->proposer;
}

static void tell_persons (struct tellings *to, const struct raised *raised)
{
    for (size_t i = 0; i < raised->n_persons; i++)
        tell (to, RECIPIENT_PERSON, raised->persons[i]);
}

/* The office of the joint conference (联席会议) nearest to the village. */
static const struct department *joint_office (const struct rules *rules, uint64_t village)
{
    const struct department *nearest = NULL;

    for (size_t i = 0; i < rules->department_count; i++) {
        const struct department *department = &rules->departments[i];

        if ((department->flags & DEPARTMENT_JOINT) != 0 && department->successor == 0 &&
            territory_contains (department->territory, village) &&
            (!nearest || department->territory > nearest->territory))
            nearest = department;
    }
    return nearest;
}

/* Major or urgent: the line department and the office of the joint conference too (art. 25);
 * an accusation stays where it is. */
static void tell_line (struct tellings *to)
{
    const struct rules *rules = to->question->rules;
    const struct entry *entry = to->question->entry;
    const struct department *below =
        department_in_force (rules, entry->raised->department);
    const struct department *joint;

    if (!entry->matter || is_accusation (entry))
        return;
    if (below && below->superior != 0)
        tell_department (to, below->superior);
    joint = joint_office (rules, entry->matter->village);
    if (joint && joint != below)
        tell (to, RECIPIENT_DEPARTMENT, joint->number);
}

void notification_tell_audience (struct tellings *to)
{
    const struct notification_question *question = to->question;
    const struct entry *entry = question->entry;

    switch (to->row->audience) {
    case TELL_PETITIONER:
        if (entry->matter && !is_accusation (entry))
            tell (to, RECIPIENT_PETITIONER, entry->matter->terminal);
        break;
    case TELL_DEPARTMENT:
        tell_department (to, entry->moved->department);
        break;
    case TELL_ASSISTING:
        for (size_t i = 0; i < entry->moved->n_assisting; i++)
            tell_department (to, entry->moved->assisting[i]);
        break;
    case TELL_DISPATCHER:
        tell_dispatcher (to);
        break;
    case TELL_SECOND:
        tell_head (to, entry->moved->department, first_person (entry->moved));
        break;
    case TELL_PROPOSER:
        if (entry->moved->proposer != 0)
            tell (to, RECIPIENT_PERSON, entry->moved->proposer);
        break;
    case TELL_PERSONS:
        tell_persons (to, entry->raised);
        if (entry->raised->n_persons == 0)
            tell_department (to, entry->raised->department);
        break;
    case TELL_LINE:
        tell_line (to);
        break;
    case TELL_PRESSED:
        tell_department (to, entry->raised->department);
        tell_persons (to, entry->raised);
        if (entry->raised->n_persons == 0)
            tell_head (to, entry->raised->department, 0);
        break;
    case TELL_TOLD:
        for (size_t i = 0; i < question->n_told; i++)
            if (question->told[i].recipient != RECIPIENT_PETITIONER)
                tell (to, question->told[i].recipient, question->told[i].to);
        break;
    case TELL_OPENER:
        tell (to, RECIPIENT_PERSON, entry->raise_ended->opened_by);
        break;
    }
}
