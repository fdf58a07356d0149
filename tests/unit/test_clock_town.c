/* SPDX-License-Identifier: Apache-2.0 */
/* A wrong clock in a township of four daemons: what is filed is there, says that its time
 * is uncertain, and nothing is raised by it, early or twice. */
#include "whole_people.h"

#include "runtime/trust.h"

#define HOUR_MS (60 * INT64_C (60000))

/* The machine's clocks, its law, and the town's time, which is what the law believes. */
static struct trust trust;
static struct trust_clocks clocks;

static void clocks_begin (void)
{
    clocks = (struct trust_clocks){ .wall_ms = town_now_ms (town),
                                    .boot_ms = 60000,
                                    .boot = { 1 } };
    trust_begin (&trust, NULL, &clocks);
    town_doubt (town, SPEAKER_NONE, false);
}

static void look (void)
{
    assert_int_equal (trust_step (&trust, &clocks), town_now_ms (town));
    town_doubt (town, SPEAKER_NONE, trust.state != TRUST_SURE);
    town_settle (town);
}

static void pass (int64_t ms)
{
    town_step (town, ms);
    clocks.wall_ms += ms;
    clocks.boot_ms += ms;
    look ();
}

/* What the journals say of time. */
struct told {
    unsigned registered_uncertain, registered_sure, raised, settled;
    struct time_settled settling;
};

static void tell (void *arg, const struct entry *entry, struct bytes body UNUSED)
{
    struct told *told = arg;
    if (entry->kind == KIND_REGISTERED) {
        told->registered_uncertain += entry->time_uncertain;
        told->registered_sure += !entry->time_uncertain;
    }
    if (entry->kind == KIND_RAISED) {
        told->raised++;
        assert_false (entry->time_uncertain);
        if (entry->raised->due_ms != 0) /* never early */
            assert_true (entry->raised->due_ms <= entry->time_ms);
    }
    if (entry->kind == KIND_TIME_SETTLED) {
        told->settled++;
        told->settling = *entry->time_settled;
    }
}

static struct told told_by (enum speaker speaker)
{
    struct told told = { 0 };
    town_journal (town, speaker, tell, &told);
    return told;
}

static void clock_forty_days_ahead_ten_filings_then_corrected (void **state UNUSED)
{
    uint64_t before, filed[10];
    clocks_begin ();
    before = file (0);
    pass (HOUR_MS);

    int64_t doubt_ms = town_now_ms (town);
    clocks.wall_ms += 40 * CIVIL_DAY_MS;
    look ();
    assert_int_equal (trust.state, TRUST_JUMPED);
    for (unsigned i = 0; i < 10; i++) {
        filed[i] = file (i % VILLAGE_COUNT);
        struct entry *entry = town_last (town, SPEAKER_INTAKE, KIND_REGISTERED);
        assert_int_equal (entry->grievance, filed[i]);
        assert_int_equal (entry->time_ms, town_now_ms (town)); /* not forty days on */
        pass (5 * HOUR_MS);
    }
    /* The first is overdue by now. Everything can be asked; nothing was raised. */
    pass (20 * CIVIL_DAY_MS);
    assert_int_equal (told_by (SPEAKER_ESCALATION).raised, 0);
    assert_int_equal (told_by (SPEAKER_INTAKE).registered_uncertain, 10);
    assert_non_null (runs (before, DUTY_WHOLE));
    assert_non_null (runs (filed[9], DUTY_WHOLE));
    /* A daemon that starts anew meanwhile doubts as before. */
    town_restart (town, SPEAKER_ESCALATION);
    pass (CIVIL_DAY_MS);
    assert_int_equal (told_by (SPEAKER_ESCALATION).raised, 0);

    clocks.wall_ms -= 40 * CIVIL_DAY_MS;
    look ();
    assert_int_equal (trust.state, TRUST_SURE);
    for (enum speaker speaker = SPEAKER_INTAKE; speaker < SPEAKER_COUNT; speaker++) {
        struct told told = told_by (speaker);
        assert_int_equal (told.settled, 1);
        assert_int_equal (told.settling.from_ms, doubt_ms);
        assert_int_equal (told.settling.wall_ms, town_now_ms (town));
    }
    /* What became due meanwhile is raised now; that nothing is twice, the witness says. */
    assert_true (raised_by (before, CAUSE_BREACH, DUTY_STAGE) > 0);
    for (unsigned i = 0; i < 10; i++)
        assert_true (raised_by (filed[i], CAUSE_BREACH, DUTY_STAGE) > 0);
    pass (3 * CIVIL_DAY_MS);
    file (0);
    assert_int_equal (told_by (SPEAKER_INTAKE).registered_sure, 2);
}

/* One machine of four is wrong: the others go on. */
static void routing_in_doubt_does_not_stop_the_others (void **state UNUSED)
{
    clocks_begin ();
    uint64_t number = file (0);
    town_doubt (town, SPEAKER_ROUTING, true);
    uint64_t fencing = claim (number);
    accept (number, fencing);
    assert_true (town_last (town, SPEAKER_ROUTING, KIND_MOVED)->time_uncertain);
    town_step (town, 70 * CIVIL_DAY_MS);
    assert_true (raised_by (number, CAUSE_BREACH, DUTY_STAGE) > 0);
    assert_int_equal (state_of (number), STATE_HANDLING);
    town_doubt (town, SPEAKER_ROUTING, false);
    town_settle (town);
    assert_int_equal (told_by (SPEAKER_ROUTING).settled, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, whole_build, whole_demolish)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (clock_forty_days_ahead_ten_filings_then_corrected),
        TEST (routing_in_doubt_does_not_stop_the_others),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
