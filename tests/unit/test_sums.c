/* SPDX-License-Identifier: Apache-2.0 */
/* What check compares of the daemons' counts, and when it may. */
#include "cli/sums.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* Seven were registered; four are open. Everybody has heard everything. */
static struct gauge intake_gauges[] = { { "grievances", 7 } };
static struct gauge routing_gauges[] = { { "grievances{state=\"dispatched\"}", 1 },
                                         { "grievances{state=\"handling\"}", 3 },
                                         { "grievances{state=\"closed\"}", 3 },
                                         { "queued{place=\"held\"}", 3 } };
static struct gauge escalation_gauges[] = { { "grievances", 7 }, { "open", 4 } };
static struct position routing_follows[] = { { .speaker = SPEAKER_ESCALATION },
                                             { .speaker = SPEAKER_INTAKE, .acted = 20 } };
static struct position escalation_follows[] = {
    { .speaker = SPEAKER_INTAKE, .acted = 20 },
    { .speaker = SPEAKER_ROUTING, .acted = 31 }
};

static struct sums sums_at (uint64_t intake_head, uint64_t routing_head)
{
    struct status status[SPEAKER_COUNT] = {
        [SPEAKER_INTAKE] = { .head = intake_head,
                             .gauges = intake_gauges,
                             .n_gauges = ARRAY_SIZE (intake_gauges) },
        [SPEAKER_ROUTING] = { .head = routing_head,
                              .gauges = routing_gauges,
                              .n_gauges = ARRAY_SIZE (routing_gauges),
                              .positions = routing_follows,
                              .n_positions = ARRAY_SIZE (routing_follows) },
        [SPEAKER_ESCALATION] = { .gauges = escalation_gauges,
                                 .n_gauges = ARRAY_SIZE (escalation_gauges),
                                 .positions = escalation_follows,
                                 .n_positions = ARRAY_SIZE (escalation_follows) },
    };
    struct sums sums;
    sums_of (status, &sums);
    return sums;
}

static void what_is_registered_is_the_sum_over_the_states (void **state)
{
    (void) state;
    struct sums sums = sums_at (20, 31);
    assert_true (sums.are_comparable);
    assert_int_equal (sums.registered, 7);
    assert_int_equal (sums.placed, 7);
    assert_int_equal (sums.closed, 3);
    assert_int_equal (sums.watched, sums.placed - sums.closed);
}

static void nothing_is_compared_while_one_is_behind (void **state)
{
    (void) state;
    assert_false (sums_at (21, 31).are_comparable);
    assert_false (sums_at (20, 32).are_comparable);
    assert_false (sums_at (19, 31).are_comparable); /* it went on while we asked */
}

static void a_gauge_that_is_not_there_is_nought (void **state)
{
    (void) state;
    struct status none = { 0 };
    assert_int_equal (sums_gauge (&none, "open"), 0);
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (what_is_registered_is_the_sum_over_the_states),
        cmocka_unit_test (nothing_is_compared_while_one_is_behind),
        cmocka_unit_test (a_gauge_that_is_not_there_is_nought),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
