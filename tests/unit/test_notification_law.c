/* SPDX-License-Identifier: Apache-2.0 */
/* The law of notices alone: who is told what, by which outlet, when, and what comes next. */
#include "rules_tables.h"

#include "base/number.h"
#include "notification/law.h"
#include "rules/templates.h"

static struct rules *rules;
static struct arena arena;

static const struct notification_policy policy = { .language = LANGUAGE_ZH,
                                                   .digest_ms = 600000,
                                                   .daily_minute = 8 * 60 + 30,
                                                   .quiet_from_minute = 21 * 60 + 30,
                                                   .quiet_until_minute = 7 * 60 + 30 };

static int build (void **state)
{
    (void) state;
    rules = shipped_rules ();
    arena_init (&arena, 0);
    return 0;
}

static int demolish (void **state)
{
    (void) state;
    arena_done (&arena);
    rules_destroy (&rules);
    return 0;
}

static struct matter a_matter (void)
{
    return (struct matter){ .village = 340522100207,
                            .purpose = PURPOSE_REQUEST,
                            .category = "国土资源/土地征收",
                            .terminal = 101 };
}

static struct entry an_entry (enum kind kind, struct matter *matter)
{
    return (struct entry){ .sequence = 7,
                           .kind = kind,
                           .time_ms = at_ms ("2026-11-23 10:00:00"),
                           .grievance = number_make (day_of ("2026-11-23"), 101, 1),
                           .matter = matter };
}

static struct notification_telling told[TELLINGS_MAX];

static size_t tell (const struct entry *entry, bool was_told)
{
    struct notification_question question = {
        .rules = rules, .arena = &arena, .entry = entry, .was_told = was_told
    };

    return notification_tellings (&question, told);
}

static const char *parameter (const struct notification_telling *telling,
                              const char *name)
{
    for (size_t i = 0; i < telling->n_parameters; i++)
        if (strcmp (telling->parameters[i].name, name) == 0)
            return telling->parameters[i].value;
    return NULL;
}

/* ---- who is told what ------------------------------------------------------------------ */

static void petitioner_hears_of_the_registration_and_by_when (void **state)
{
    struct matter matter = a_matter ();
    struct entry entry = an_entry (KIND_REGISTERED, &matter);
    struct registered registered = { .counted_from_ms = entry.time_ms };

    (void) state;
    entry.registered = &registered;
    assert_int_equal (tell (&entry, false), 1);
    assert_int_equal (told[0].recipient, RECIPIENT_PETITIONER);
    assert_int_equal (told[0].to, 101);
    assert_string_equal (told[0].template, TEMPLATE_REGISTERED);
    assert_string_equal (parameter (&told[0], "due"), "2026-12-08 24:00");
    assert_int_equal (told[0].gathering, GATHER_NOT);
}

static void department_and_those_that_assist_hear_of_the_arrival (void **state)
{
    uint32_t assisting[] = { 12, 13 };
    struct matter matter = a_matter ();
    struct entry entry = an_entry (KIND_MOVED, &matter);
    struct moved moved = { .step = STEP_PLACE,
                           .to = STATE_DISPATCHED,
                           .department = 11,
                           .assisting = assisting,
                           .n_assisting = 2 };

    (void) state;
    entry.moved = &moved;
    assert_int_equal (tell (&entry, false), 3);
    assert_int_equal (told[0].to, 11);
    assert_int_equal (told[0].gathering, GATHER_SHORT);
    assert_int_equal (told[1].to, 12);
    assert_int_equal (told[2].to, 13);
    matter.urgent = true;
    tell (&entry, false);
    assert_int_equal (told[0].gathering, GATHER_NOT); /* urgent goes singly */
}

static void what_comes_back_to_a_department_is_told_as_returned (void **state)
{
    struct matter matter = a_matter ();
    struct entry entry = an_entry (KIND_MOVED, &matter);
    struct moved moved = { .step = STEP_DISPATCH,
                           .from = STATE_OBJECTED,
                           .to = STATE_DISPATCHED,
                           .department = 11 };

    (void) state;
    entry.moved = &moved;
    assert_int_equal (tell (&entry, true), 1);
    assert_string_equal (told[0].template, TEMPLATE_RETURNED);
    assert_null (parameter (&told[0], "due")); /* its clocks did not begin here */
    assert_int_equal (tell (&entry, false), 1);
    assert_string_equal (told[0].template, TEMPLATE_ARRIVED);
    moved.step = STEP_LAPSE; /* claimed, and nothing done */
    moved.from = STATE_CLAIMED;
    assert_int_equal (tell (&entry, false), 1);
    assert_string_equal (told[0].template, TEMPLATE_RETURNED);
}

static void dispatcher_hears_of_what_waits_and_of_objections (void **state)
{
    struct matter matter = a_matter ();
    struct entry entry = an_entry (KIND_MOVED, &matter);
    struct moved moved = { .step = STEP_OBJECT,
                           .from = STATE_DISPATCHED,
                           .to = STATE_OBJECTED };

    (void) state;
    entry.moved = &moved;
    assert_int_equal (tell (&entry, false), 1);
    assert_int_equal (told[0].recipient, RECIPIENT_DISPATCHER);
    assert_int_equal (told[0].to, 31);
}

static void steps_that_concern_nobody_else_are_told_nobody (void **state)
{
    static const enum step quiet[] = { STEP_CLAIM, STEP_ASSIGN, STEP_TRANSFER,
                                       STEP_LAPSE };
    struct matter matter = a_matter ();
    struct entry entry = an_entry (KIND_MOVED, &matter);

    (void) state;
    for (size_t i = 0; i < ARRAY_SIZE (quiet); i++) {
        struct moved moved = { .step = quiet[i],
                               .from = STATE_DISPATCHED,
                               .to = STATE_CLAIMED,
                               .department = 11 };

        entry.moved = &moved;
        assert_int_equal (tell (&entry, false), 0);
    }
    entry = an_entry (KIND_STARTED, NULL);
    assert_int_equal (tell (&entry, false), 0);
}

static void bands_wait_for_the_days_digest_and_breaches_go_singly (void **state)
{
    uint32_t persons[] = { 1111 };
    struct matter matter = a_matter ();
    struct entry entry = an_entry (KIND_RAISED, &matter);
    struct raised raised = { .raise = 9,
                             .cause = CAUSE_BAND,
                             .level = 1,
                             .duty = DUTY_STAGE,
                             .share = 85,
                             .department = 11,
                             .persons = persons,
                             .n_persons = 1 };

    (void) state;
    entry.raised = &raised;
    assert_int_equal (tell (&entry, false), 1);
    assert_int_equal (told[0].recipient, RECIPIENT_PERSON);
    assert_int_equal (told[0].gathering, GATHER_DAILY);
    raised.cause = CAUSE_BREACH;
    raised.share = 100;
    assert_int_equal (tell (&entry, false), 1);
    assert_int_equal (told[0].gathering, GATHER_NOT);
    raised.n_persons = 0; /* nobody named: the department as a whole */
    assert_int_equal (tell (&entry, false), 1);
    assert_int_equal (told[0].recipient, RECIPIENT_DEPARTMENT);
    raised.duty = DUTY_WHOLE; /* the petitioner is told that it is late */
    assert_int_equal (tell (&entry, false), 2);
}

static void withdrawn_raise_is_told_to_those_who_heard_of_it (void **state)
{
    struct notification_notice heard[] = { { .recipient = RECIPIENT_PERSON, .to = 1111 },
                                           { .recipient = RECIPIENT_PETITIONER,
                                             .to = 101 } };
    struct matter matter = a_matter ();
    struct entry entry = an_entry (KIND_RAISE_ENDED, &matter);
    struct raise_ended ended = { .raise = 9, .withdrawn = true };
    struct notification_question question = {
        .rules = rules, .arena = &arena, .entry = &entry, .told = heard, .n_told = 2
    };

    (void) state;
    entry.raise_ended = &ended;
    assert_int_equal (notification_tellings (&question, told), 1);
    assert_int_equal (told[0].to, 1111);
    assert_string_equal (parameter (&told[0], "raise"), "9");
    ended.withdrawn = false;
    assert_int_equal (notification_tellings (&question, told), 0);
}

static void of_an_accusation_only_its_department_hears_and_no_number (void **state)
{
    struct matter matter = a_matter ();
    struct entry entry = an_entry (KIND_REGISTERED, &matter);
    struct registered registered = { .counted_from_ms = entry.time_ms };
    struct moved moved = { .step = STEP_PLACE, .to = STATE_DISPATCHED, .department = 22 };

    (void) state;
    matter.purpose = PURPOSE_ACCUSATION;
    matter.sealed = true;
    entry.registered = &registered;
    assert_int_equal (tell (&entry, false), 0);
    entry = an_entry (KIND_MOVED, &matter);
    entry.moved = &moved;
    assert_int_equal (tell (&entry, false), 1);
    assert_int_equal (told[0].to, 22);
    assert_null (parameter (&told[0], "number"));
    assert_null (parameter (&told[0], "village"));
    assert_null (parameter (&told[0], "category"));
    moved.to = STATE_UNDECIDED;
    moved.department = 0;
    assert_int_equal (tell (&entry, false), 0); /* never the dispatcher */
}

/* ---- by which outlet ------------------------------------------------------------------- */

static void outlets_are_taken_in_order_the_persons_before_the_offices (void **state)
{
    struct notification_route route;

    (void) state;
    notification_route (rules, &policy, RECIPIENT_PERSON, 1111, 0, &route);
    assert_int_equal (route.way, WAY_SMTP);
    assert_string_equal (route.address, "p1111@huanfeng.example");
    notification_route (rules, &policy, RECIPIENT_PERSON, 1111, 1, &route);
    assert_string_equal (route.address, "zrzy@huanfeng.example");
    struct notification_policy poor = policy; /* nobody named a mail server */
    poor.no_mail = true;
    notification_route (rules, &poor, RECIPIENT_PERSON, 1111, 0, &route);
    assert_int_equal (route.way, WAY_NONE);
    poor.instead_way = WAY_PIPE; /* one outlet for all officers, and only one */
    poor.instead_address = "outbox";
    notification_route (rules, &poor, RECIPIENT_DEPARTMENT, 11, 0, &route);
    assert_int_equal (route.way, WAY_PIPE);
    assert_string_equal (route.address, "outbox");
    notification_route (rules, &poor, RECIPIENT_DEPARTMENT, 11, 1, &route);
    assert_int_equal (route.way, WAY_NONE);
    notification_route (rules, &poor, RECIPIENT_PETITIONER, 101, 0, &route);
    assert_int_equal (route.way, WAY_PRINT);
    notification_route (rules, &policy, RECIPIENT_PERSON, 1111, 2, &route);
    assert_int_equal (route.way, WAY_NONE);
    notification_route (rules, &policy, RECIPIENT_DEPARTMENT, 999, 0, &route);
    assert_int_equal (route.way, WAY_NONE);
}

static void
petitioner_without_a_gateway_gets_paper_and_with_one_paper_second (void **state)
{
    struct notification_policy with = policy;
    struct notification_route route;

    (void) state;
    notification_route (rules, &policy, RECIPIENT_PETITIONER, 101, 0, &route);
    assert_int_equal (route.way, WAY_PRINT);
    with.sms_way = WAY_HTTP;
    with.sms_address = "http://sms.example/send";
    notification_route (rules, &with, RECIPIENT_PETITIONER, 101, 0, &route);
    assert_int_equal (route.way, WAY_HTTP);
    assert_false (route.is_robot);
    notification_route (rules, &with, RECIPIENT_PETITIONER, 101, 1, &route);
    assert_int_equal (route.way, WAY_PRINT);
    notification_route (rules, &with, RECIPIENT_PETITIONER, 101, 2, &route);
    assert_int_equal (route.way, WAY_NONE);
}

/* ---- when -------------------------------------------------------------------------------- */

static void petitioners_sleep_unless_it_is_urgent (void **state)
{
    static const struct {
        const char *now, *then;
    } nights[] = {
        { "2026-11-23 21:29:59", "2026-11-23 21:29:59" },
        { "2026-11-23 21:30:00", "2026-11-24 07:30:00" },
        { "2026-11-24 00:10:00", "2026-11-24 07:30:00" },
        { "2026-11-24 07:30:00", "2026-11-24 07:30:00" },
    };

    (void) state;
    for (size_t i = 0; i < ARRAY_SIZE (nights); i++) {
        int64_t now = at_ms (nights[i].now);

        assert_int_equal (notification_not_before_ms (&policy, RECIPIENT_PETITIONER,
                                                      WAY_HTTP, false, now),
                          at_ms (nights[i].then));
        assert_int_equal (notification_not_before_ms (&policy, RECIPIENT_PETITIONER,
                                                      WAY_HTTP, true, now),
                          now);
        assert_int_equal (notification_not_before_ms (&policy, RECIPIENT_DEPARTMENT,
                                                      WAY_HTTP, false, now),
                          now);
        assert_int_equal (notification_not_before_ms (&policy, RECIPIENT_PETITIONER,
                                                      WAY_PRINT, false, now),
                          now);
    }
}

static void daily_digest_goes_in_the_morning (void **state)
{
    (void) state;
    assert_int_equal (
        notification_gathered_ms (&policy, GATHER_DAILY, at_ms ("2026-11-23 00:00:00")),
        at_ms ("2026-11-23 08:30:00"));
    assert_int_equal (
        notification_gathered_ms (&policy, GATHER_DAILY, at_ms ("2026-11-23 08:30:00")),
        at_ms ("2026-11-24 08:30:00"));
    assert_int_equal (
        notification_gathered_ms (&policy, GATHER_SHORT, at_ms ("2026-11-23 10:00:00")),
        at_ms ("2026-11-23 10:10:00"));
}

static void retries_wait_longer_and_longer_up_to_an_hour (void **state)
{
    int64_t last = 0;

    (void) state;
    for (unsigned tries = 1; tries <= 20; tries++) {
        int64_t wait = notification_retry_ms (42, tries, 1000) - 1000;

        assert_true (wait >= 30000);
        assert_true (wait <= 75 * 60 * 1000);
        if (tries < 7)
            assert_true (wait > last);
        assert_int_equal (wait, notification_retry_ms (42, tries, 1000) - 1000);
        last = wait;
    }
    assert_int_not_equal (notification_retry_ms (42, 1, 0),
                          notification_retry_ms (43, 1, 0));
}

/* ---- how it goes on --------------------------------------------------------------------- */

static void what_has_ended_does_not_move (void **state)
{
    (void) state;
    for (unsigned event = 0; event < NOTICE_EVENT_COUNT; event++) {
        assert_int_equal (notification_next (NOTICE_DELIVERED, (enum notice_event) event),
                          NOTICE_NONE);
        assert_int_equal (notification_next (NOTICE_ABANDONED, (enum notice_event) event),
                          NOTICE_NONE);
    }
}

static void nothing_is_sent_that_was_not_committed_as_sending (void **state)
{
    (void) state;
    for (unsigned from = 1; from < NOTICE_COUNT; from++)
        if (from != NOTICE_SENDING)
            assert_int_equal (notification_next ((enum notice_state) from, NOTICE_OK),
                              NOTICE_NONE);
    assert_int_equal (notification_next (NOTICE_SENDING, NOTICE_STOPPED),
                      NOTICE_MAYBE_SENT);
    assert_int_equal (notification_next (NOTICE_UNREACHABLE, NOTICE_HANDED),
                      NOTICE_DELIVERED);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (petitioner_hears_of_the_registration_and_by_when),
        cmocka_unit_test (department_and_those_that_assist_hear_of_the_arrival),
        cmocka_unit_test (what_comes_back_to_a_department_is_told_as_returned),
        cmocka_unit_test (dispatcher_hears_of_what_waits_and_of_objections),
        cmocka_unit_test (steps_that_concern_nobody_else_are_told_nobody),
        cmocka_unit_test (bands_wait_for_the_days_digest_and_breaches_go_singly),
        cmocka_unit_test (withdrawn_raise_is_told_to_those_who_heard_of_it),
        cmocka_unit_test (of_an_accusation_only_its_department_hears_and_no_number),
        cmocka_unit_test (outlets_are_taken_in_order_the_persons_before_the_offices),
        cmocka_unit_test (
            petitioner_without_a_gateway_gets_paper_and_with_one_paper_second),
        cmocka_unit_test (petitioners_sleep_unless_it_is_urgent),
        cmocka_unit_test (daily_digest_goes_in_the_morning),
        cmocka_unit_test (retries_wait_longer_and_longer_up_to_an_hour),
        cmocka_unit_test (what_has_ended_does_not_move),
        cmocka_unit_test (nothing_is_sent_that_was_not_committed_as_sending),
    };

    return cmocka_run_group_tests (tests, build, demolish);
}
