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

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (answer_to_a_supervision_names_the_leader_who_is_to_hear_of_it),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
