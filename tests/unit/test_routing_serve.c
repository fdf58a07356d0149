/* SPDX-License-Identifier: Apache-2.0 */
/* Service: how, to whom, when and by whom; the petitioner's periods run from it. */
#include "flow_people.h"

static void a_service_says_how_and_to_whom (void **state UNUSED)
{
    struct held held = decided (OUTCOME_EXPLAIN);
    struct step_command serve = a_service (&held);
    serve.means = MEANS_NONE;
    assert_string_equal (refused_step (desk, 1131, serve)->field, "means");
    serve.means = MEANS_POST;
    serve.to = NULL;
    assert_string_equal (refused_step (desk, 1131, serve)->field, "to");
    serve.to = "同住成年家属";
    serve.worker = 1132;
    take_step (desk, 1131, serve);
    assert_int_equal (last_moved ()->means, MEANS_POST);
    assert_int_equal (last_moved ()->worker, 1132);
    assert_int_equal (last_moved ()->done_at_ms, town_now_ms (town));
}

static void
whoever_serves_has_handed_it_over_if_nobody_else_is_named (void **state UNUSED)
{
    struct held held = decided (OUTCOME_EXPLAIN);
    struct step_command serve = a_service (&held);
    serve.worker = 99999;
    assert_int_equal (refused_step (desk, 1131, serve)->code, REFUSAL_UNKNOWN_PERSON);
    take_step (desk, 1131, a_service (&held));
    assert_int_equal (last_moved ()->worker, 1131);
}

static void a_decision_is_not_served_by_telephone (void **state UNUSED)
{
    struct held held = decided (OUTCOME_SUPPORT);
    struct step_command serve = a_service (&held);
    serve.means = MEANS_TELEPHONE;
    struct refusal *refusal = refused_step (desk, 1131, serve);
    assert_int_equal (refusal->code, REFUSAL_MALFORMED);
    assert_string_equal (refusal->field, "means");
    struct held inquiry = { .number = file_matter (
                                0, (struct matter){ .category = "国土资源/土地征收",
                                                    .purpose = PURPOSE_INQUIRY }) };
    inquiry.fencing = claim (inquiry.number);
    accept (inquiry.number, inquiry.fencing);
    take_step (desk, 1131, a_decision (&inquiry, OUTCOME_ANSWERED));
    serve = a_service (&inquiry);
    serve.means = MEANS_TELEPHONE;
    assert_int_equal (take_step (desk, 1131, serve)->state, STATE_CLOSED);
    assert_int_equal (last_moved ()->close_reason, CLOSE_ANSWERED);
}

static void it_was_served_after_it_was_written_and_not_tomorrow (void **state UNUSED)
{
    struct held held = decided (OUTCOME_EXPLAIN); /* Monday 2026-11-23, nine o'clock */
    town_step_until (town, at_ms ("2026-11-27 09:00:00"));
    struct step_command serve = a_service (&held);
    serve.done_at_ms = at_ms ("2026-11-27 09:00:01");
    assert_int_equal (refused_step (desk, 1131, serve)->code, REFUSAL_FUTURE);
    serve.done_at_ms = at_ms ("2026-11-22 23:59:59");
    struct refusal *refusal = refused_step (desk, 1131, serve);
    assert_int_equal (refusal->code, REFUSAL_MALFORMED);
    assert_string_equal (refusal->field, "done_at_ms");
    serve.done_at_ms = at_ms ("2026-11-23 08:00:00"); /* of the same day */
    take_step (desk, 1131, serve);
}

static void the_window_runs_from_the_day_it_was_handed_over (void **state UNUSED)
{
    struct held held = decided (OUTCOME_EXPLAIN);
    town_step_until (town, at_ms ("2026-12-09 09:00:00"));
    struct step_command serve = a_service (&held);
    serve.done_at_ms = at_ms ("2026-11-24 10:00:00");
    take_step (desk, 1131, serve);
    assert_int_equal (last_moved ()->lapses_at_ms, at_ms ("2026-12-25 00:00:00"));
    town_step_until (town, at_ms ("2026-12-24 23:59:59"));
    assert_int_equal (state_of (held.number), STATE_WINDOW);
    town_step_until (town, at_ms ("2026-12-25 00:01:00"));
    assert_int_equal (state_of (held.number), STATE_CLOSED);
    assert_int_equal (last_moved ()->close_reason, CLOSE_WINDOW_UNUSED);
}

/* Else a desk could enter, on the last day, a service that nobody could answer. */
static void a_service_is_entered_within_fifteen_days (void **state UNUSED)
{
    struct held held = decided (OUTCOME_NOT_SUPPORT);
    town_step_until (town, at_ms ("2026-12-10 09:00:00"));
    struct step_command serve = a_service (&held);
    serve.done_at_ms = at_ms ("2026-11-24 23:59:59");
    assert_string_equal (refused_step (desk, 1131, serve)->field, "done_at_ms");
    serve.done_at_ms = at_ms ("2026-11-25 00:00:00");
    assert_int_equal (take_step (desk, 1131, serve)->state, STATE_WINDOW);
}

static void the_window_outlives_the_holder (void **state UNUSED)
{
    struct held held = served (OUTCOME_EXPLAIN);
    take_step (desk, 1131, a_step (held.number, STEP_HAND_BACK, .fencing = held.fencing));
    town_step (town, 40 * CIVIL_DAY_MS);
    assert_int_equal (state_of (held.number), STATE_CLOSED);
}

static void the_petitioner_confirms_and_it_is_closed (void **state UNUSED)
{
    struct held waiting = served (OUTCOME_EXPLAIN);
    ask (waiting.number, ASKED_CONFIRM, NULL);
    assert_true (is_taken ());
    assert_int_equal (last_moved ()->close_reason, CLOSE_CONFIRMED);
    struct held held = claimed_done ();
    ask (held.number, ASKED_CONFIRM, NULL);
    assert_true (is_taken ());
    assert_int_equal (state_of (held.number), STATE_CLOSED);
    ask (held.number, ASKED_CONFIRM, NULL);
    assert_false (is_taken ());
    struct held early = accepted ();
    ask (early.number, ASKED_CONFIRM, NULL);
    assert_false (is_taken ());
}

static void a_desk_does_not_confirm_for_the_petitioner (void **state UNUSED)
{
    struct held held = claimed_done ();
    struct step_command close = a_step (held.number, STEP_CLOSE, .fencing = held.fencing,
                                        .close_reason = CLOSE_CONFIRMED);
    assert_int_equal (refused_step (desk, 1131, close)->code, REFUSAL_WRONG_STATE);
    assert_int_equal (refused_step (desk, 1131, a_step (held.number, STEP_CONFIRM))->code,
                      REFUSAL_NO_RIGHT);
}

static void a_refusal_names_the_steps_that_there_are (void **state UNUSED)
{
    struct held held = accepted ();
    struct refusal *refusal = refused_step (desk, 1131, a_service (&held));
    assert_int_equal (refusal->code, REFUSAL_WRONG_STATE);
    assert_non_null (strstr (refusal->sentence, "decide"));
    assert_non_null (strstr (refusal->sentence, "mediate"));
    assert_null (strstr (refusal->sentence, "lapse")); /* nobody's to command */
}

#define STORY(name) cmocka_unit_test_setup_teardown (name, flow_setup, flow_demolish)

int main (void)
{
    const struct CMUnitTest tests[] = {
        STORY (a_service_says_how_and_to_whom),
        STORY (whoever_serves_has_handed_it_over_if_nobody_else_is_named),
        STORY (a_decision_is_not_served_by_telephone),
        STORY (it_was_served_after_it_was_written_and_not_tomorrow),
        STORY (the_window_runs_from_the_day_it_was_handed_over),
        STORY (a_service_is_entered_within_fifteen_days),
        STORY (the_window_outlives_the_holder),
        STORY (the_petitioner_confirms_and_it_is_closed),
        STORY (a_desk_does_not_confirm_for_the_petitioner),
        STORY (a_refusal_names_the_steps_that_there_are),
    };
    return cmocka_run_group_tests_name ("routing serve", tests, NULL, NULL);
}
