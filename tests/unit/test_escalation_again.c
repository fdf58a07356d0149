/* SPDX-License-Identifier: Apache-2.0 */
/* What comes back: to its own way from a group, to the execution from a call-back, to the
 * leader who supervised; and to whoever took over an abolished department's work. */
#include "course_people.h"

static void step_days (int days)
{
    town_step (town, days * CIVIL_DAY_MS);
}

/* ---- supervision --------------------------------------------------------------------- */

static void answer_to_a_supervision_names_the_leader_who_is_to_hear_of_it (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    assert_null (supervise (leader, 1004, number)->refusal);
    uint64_t raise = raise_of (number, CAUSE_SUPERVISION)->raise;
    assert_null (answer_with (desk, 1111, raise, ADOPTION_PARTLY)->refusal);
    const struct entry *entry = town_last (town, SPEAKER_ESCALATION, KIND_RAISE_ENDED);
    assert_int_equal (entry->raise_ended->opened_by, 1004);
    assert_int_equal (entry->raise_ended->adoption, ADOPTION_PARTLY);
    step_days (30); /* nobody else's answer is anybody's to hear of */
    const struct raise_row *breach = raise_of (number, CAUSE_BREACH);
    assert_null (answer (county, 5101, breach->raise)->refusal);
    entry = town_last (town, SPEAKER_ESCALATION, KIND_RAISE_ENDED);
    assert_int_equal (entry->raise_ended->opened_by, 0);
    town_destroy (&town);
}

/* ---- departments --------------------------------------------------------------------- */

static bool is_shown (struct town_client *client, uint64_t number)
{
    struct deadline_query query = { .number = number };
    struct reply *reply =
        town_query (client, SPEAKER_ESCALATION, &(struct query){ .deadline = &query });

    assert_non_null (reply);
    return reply->deadline != NULL;
}

static void what_lay_with_an_abolished_department_is_its_successors (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (32); /* town building, taken over by 12 */
    assert_true (is_shown (other_desk, number));
    assert_false (is_shown (desk, number));
    assert_null (supervise (leader, 1004, number)->refusal);
    const struct raise_row *raise = raise_of (number, CAUSE_SUPERVISION);
    assert_int_equal (raise->raised->persons[0], 1211); /* the successor's head */
    assert_non_null (answer_with (desk, 1111, raise->raise, ADOPTION_ADOPTED)->refusal);
    struct town_client *old =
        town_client (town, ROLE_DESK, 2132, .territory = 340522100, .department = 32);
    assert_int_equal (
        answer_with (old, 1131, raise->raise, ADOPTION_ADOPTED)->refusal->code,
        REFUSAL_NO_RIGHT);
    assert_null (answer_with (other_desk, 1211, raise->raise, ADOPTION_ADOPTED)->refusal);
    town_step_until (town, at_ms ("2026-12-09 08:00:00"));
    for (size_t i = 0; i < raises (number)->n_rows; i++) /* bands and the breach */
        assert_int_equal (raises (number)->rows[i].raised->department, 32);
    town_destroy (&town);
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (answer_to_a_supervision_names_the_leader_who_is_to_hear_of_it),
        cmocka_unit_test (what_lay_with_an_abolished_department_is_its_successors),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
