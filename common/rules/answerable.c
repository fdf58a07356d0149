/* SPDX-License-Identifier: Apache-2.0 */
/* From a department and a level to the person on duty. Levels 1 and 2 are looked up along
 * the department's own line; 3 and 4 are the persons named for a territory, those of a
 * department above this one first. Whatever is missing, somebody is named: the next level
 * up, and at last the topmost department as a whole. */
#include "rules/answerable.h"

/* Where we look from. */
struct view {
    const struct rules *rules;
    const struct department *department; /* in force; NULL if unknown */
    uint64_t territory;
    int32_t day;
};

static bool take (const struct view *view, uint32_t department, uint32_t person,
                  struct answerable *ret)
{
    uint32_t acting = officer_acting (view->rules, person, view->day);
    if (acting == 0)
        return false;
    ret->department = department;
    ret->person = acting;
    ret->stands_in_for = acting == person ? 0 : person;
    return true;
}

static const struct department *superior_of (const struct view *view,
                                             const struct department *department)
{
    return department->superior == 0
               ? NULL
               : department_in_force (view->rules, department->superior);
}

/* The first person of the department in this office on the day, or who stands in. */
static bool take_office (const struct view *view, const struct department *department,
                         enum office office, struct answerable *ret)
{
    const struct officer *officer;
    for (size_t at = 0; (officer = officer_next (view->rules, department->number, office,
                                                 view->day, &at)) != NULL;) {
        uint32_t person =
            officer->stands_in_for != 0 ? officer->stands_in_for : officer->number;
        if (take (view, department->number, person, ret))
            return true;
    }
    return false;
}

static bool find_handler (const struct view *view, struct answerable *ret)
{
    if (view->department == NULL)
        return false;
    ret->department = view->department->number;
    ret->person = ret->stands_in_for = 0;
    return true;
}

static bool find_head (const struct view *view, struct answerable *ret)
{
    return view->department != NULL &&
           (take_office (view, view->department, OFFICE_HEAD, ret) ||
            take_office (view, view->department, OFFICE_DEPUTY, ret));
}

/* The leader in charge, or that of a superior of the same level: a county department's
 * leader is no township leader. */
static bool find_leader (const struct view *view, struct answerable *ret)
{
    const struct department *at = view->department;
    for (int i = 0; i <= RULES_CHAIN_MAX && at != NULL; i++) {
        if (at->level != view->department->level)
            break;
        if (at->leader != 0) {
            const struct officer *leader = officer_find (view->rules, at->leader);
            uint32_t department = leader == NULL ? at->number : leader->department;
            if (take (view, department, at->leader, ret))
                return true;
        }
        at = superior_of (view, at);
    }
    return false;
}

/* What discipline organs deal with stays with them, and they hear of nothing else. */
static bool is_in_our_line (const struct view *view, const struct department *other)
{
    bool ours = view->department != NULL &&
                (view->department->flags & DEPARTMENT_DISCIPLINE) != 0;
    bool theirs = (other->flags & DEPARTMENT_DISCIPLINE) != 0;
    return ours == theirs && other->successor == 0 &&
           territory_contains (other->territory, view->territory);
}

static bool has_office (const struct view *view, const struct department *department,
                        enum office office)
{
    struct answerable unused;
    return take_office (view, department, office, &unused);
}

/* Along the superiors first, then the narrowest territory around ours. */
static bool find_named (const struct view *view, enum office office,
                        struct answerable *ret)
{
    const struct department *at = view->department;
    for (int i = 0; i <= RULES_CHAIN_MAX && at != NULL; i++) {
        if (take_office (view, at, office, ret))
            return true;
        at = superior_of (view, at);
    }
    const struct department *best = NULL;
    for (size_t i = 0; i < view->rules->department_count; i++) {
        at = &view->rules->departments[i];
        if (is_in_our_line (view, at) &&
            (best == NULL || at->territory > best->territory) &&
            has_office (view, at, office))
            best = at;
    }
    return best != NULL && take_office (view, best, office, ret);
}

static bool find_level (const struct view *view, unsigned level, struct answerable *ret)
{
    switch (level) {
    case LEVEL_HANDLER:
        return find_handler (view, ret);
    case LEVEL_HEAD:
        return find_head (view, ret);
    case LEVEL_LEADER:
        return find_leader (view, ret);
    case LEVEL_JOINT:
        return find_named (view, OFFICE_JOINT, ret);
    default:
        return find_named (view, OFFICE_COUNTY, ret);
    }
}

static uint32_t topmost (const struct view *view)
{
    const struct department *at = view->department;
    uint32_t number = 0;
    for (int i = 0; i <= RULES_CHAIN_MAX && at != NULL; i++) {
        number = at->number;
        at = superior_of (view, at);
    }
    return number;
}

void rules_answerable (const struct rules *rules, uint32_t department, unsigned level,
                       uint64_t village, int32_t day, struct answerable *ret)
{
    struct view view = { .rules = rules, .day = day, .territory = village };
    view.department = department_in_force (rules, department);
    if (view.department != NULL)
        view.territory = view.department->territory;
    *ret = (struct answerable){ 0 };
    for (unsigned at = level; at < LEVEL_COUNT; at++) {
        if (!find_level (&view, at, ret))
            continue;
        ret->level = (uint8_t) at;
        ret->filled = at != level;
        return;
    }
    ret->department = topmost (&view);
    ret->level = LEVEL_COUNTY;
    ret->filled = ret->nobody = true;
}
