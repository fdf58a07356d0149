/* SPDX-License-Identifier: Apache-2.0 */
/* The law of notices alone: who is told what, by which outlet, when, and what comes next. */
#include "rules_tables.h"

#include <stdlib.h>
#include <string.h>

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
    struct registered registered = { .counted_from_ms = entry.time_ms,
                                     .expected_department = 11 };

    (void) state;
    entry.registered = &registered;
    assert_int_equal (tell (&entry, false), 1);
    assert_int_equal (told[0].recipient, RECIPIENT_PETITIONER);
    assert_int_equal (told[0].to, 101);
    assert_string_equal (told[0].template, TEMPLATE_REGISTERED);
    assert_string_equal (parameter (&told[0], "due"), "2026-12-08 24:00");
    assert_int_equal (told[0].gathering, GATHER_NOT);
}

/* Fifteen days to dispatch it, and fifteen from there to accept it. */
static void what_waits_for_the_dispatcher_is_told_with_both_periods (void **state)
{
    struct matter matter = a_matter ();
    struct entry entry = an_entry (KIND_REGISTERED, &matter);
    struct registered registered = { .counted_from_ms = entry.time_ms };

    (void) state;
    entry.registered = &registered;
    assert_int_equal (tell (&entry, false), 1);
    assert_string_equal (parameter (&told[0], "due"), "2026-12-23 24:00");
    assert_null (parameter (&told[0], "department"));
    matter.urgent = true;
    tell (&entry, false);
    assert_string_equal (parameter (&told[0], "due"), "2026-11-23 14:00:00");
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

/* ---- the whole course ---------------------------------------------------------------------- */

/* One move of an ordinary grievance that lies with department 11; tests change one thing. */
static struct matter moved_matter;
static struct moved a_move (enum step step, enum state to)
{
    moved_matter = a_matter ();
    return (struct moved){
        .step = step, .from = STATE_HANDLING, .to = to, .department = 11, .instance = 1
    };
}

static size_t tell_moved (enum kind kind, struct moved *moved)
{
    struct entry entry = an_entry (kind, &moved_matter);

    entry.moved = moved;
    return tell (&entry, false);
}

static const struct notification_telling *telling_to (size_t count,
                                                      enum recipient recipient)
{
    for (size_t i = 0; i < count; i++)
        if (told[i].recipient == recipient)
            return &told[i];
    return NULL;
}

/* What the petitioner hears of it; NULL: nothing. */
static const char *petitioner_hears (enum kind kind, struct moved moved)
{
    const struct notification_telling *telling =
        telling_to (tell_moved (kind, &moved), RECIPIENT_PETITIONER);

    return telling ? telling->template : NULL;
}

static void assert_hears (struct moved moved, const char *template)
{
    const char *heard = petitioner_hears (KIND_MOVED, moved);

    assert_non_null (heard);
    assert_string_equal (heard, template);
}

static void every_ending_has_its_own_words_and_a_way_back (void **state)
{
    static const char *const templates[CLOSE_COUNT] = {
        [CLOSE_CONFIRMED] = TEMPLATE_CLOSED,
        [CLOSE_CALL_BACK] = TEMPLATE_CLOSED,
        [CLOSE_WINDOW_UNUSED] = TEMPLATE_CLOSED,
        [CLOSE_CONTACT_FAILED] = TEMPLATE_CONTACT_FAILED,
        [CLOSE_WITHDRAWN] = TEMPLATE_WITHDRAWN,
        [CLOSE_DIVERSION_ARRIVED] = TEMPLATE_CLOSED,
        [CLOSE_ANSWERED] = TEMPLATE_CLOSED,
        [CLOSE_NOT_ACCEPTED] = TEMPLATE_NOT_ACCEPTED,
        [CLOSE_NO_LONGER_ACCEPTED] = TEMPLATE_NO_LONGER_ACCEPTED,
        [CLOSE_FINAL] = TEMPLATE_FINAL,
        [CLOSE_LINKED] = TEMPLATE_LINKED,
        [CLOSE_STATUTORY_ANSWERED] = TEMPLATE_CLOSED,
    };

    (void) state;
    for (unsigned reason = CLOSE_NONE + 1; reason < CLOSE_COUNT; reason++) {
        struct moved moved =
            a_move (reason == CLOSE_LINKED ? STEP_LINK : STEP_CLOSE, STATE_CLOSED);

        moved.close_reason = (enum close_reason) reason;
        assert_hears (moved, templates[reason]);
        const char *text = template_find (rules, templates[reason], LANGUAGE_ZH)->text;
        const char *due = parameter (&told[0], "due");
        if (strstr (text, "{due}")) /* closed on the 23rd of November */
            assert_string_equal (due, "2026-12-23 24:00");
        else
            assert_true (reason == CLOSE_FINAL || strstr (text, "30 日内") != NULL);
    }
}

static void decisions_are_told_by_instance_and_answers_without_review (void **state)
{
    struct moved moved = a_move (STEP_DECIDE, STATE_DECIDED);

    (void) state;
    moved.outcome = OUTCOME_NOT_SUPPORT;
    moved.document = 2;
    assert_hears (moved, TEMPLATE_DECIDED);
    assert_string_equal (parameter (&told[0], "document"), "2");
    assert_string_equal (parameter (&told[0], "outcome"), "3");
    moved.instance = 2;
    assert_hears (moved, TEMPLATE_REVIEW_DECIDED);
    moved.instance = 3;
    assert_hears (moved, TEMPLATE_REREVIEW_DECIDED);
    moved.instance = 0;
    moved.outcome = OUTCOME_ANSWERED;
    assert_hears (moved, TEMPLATE_ANSWERED);
    assert_null (
        strstr (template_find (rules, TEMPLATE_ANSWERED, LANGUAGE_ZH)->text, "复查"));
}

static void each_step_that_concerns_the_petitioner_is_told (void **state)
{
    static const struct {
        enum step step;
        enum state from, to;
        const char *template;
    } rows[] = {
        { STEP_ACCEPT, STATE_CLAIMED, STATE_HANDLING, TEMPLATE_ACCEPTED },
        { STEP_REFUSE, STATE_CLAIMED, STATE_REFUSED, TEMPLATE_REFUSED },
        { STEP_DIVERT, STATE_HANDLING, STATE_DIVERTED, TEMPLATE_DIVERTED },
        { STEP_REPURPOSE, STATE_CLAIMED, STATE_CLAIMED, TEMPLATE_REPURPOSED },
        { STEP_EXTEND, STATE_HANDLING, STATE_HANDLING, TEMPLATE_EXTENDED },
        { STEP_MEDIATE, STATE_HANDLING, STATE_MEDIATING, TEMPLATE_MEDIATION },
        { STEP_END_MEDIATION, STATE_MEDIATING, STATE_HANDLING, TEMPLATE_MEDIATION_ENDED },
        { STEP_AGREE, STATE_MEDIATING, STATE_EXECUTING, TEMPLATE_AGREED },
        { STEP_CLAIM_DONE, STATE_EXECUTING, STATE_DONE, TEMPLATE_DONE },
        { STEP_REVIEW, STATE_WINDOW, STATE_REVIEWING, TEMPLATE_REVIEW },
        { STEP_REVIEW, STATE_CLOSED, STATE_REREVIEWING, TEMPLATE_REREVIEW },
        { STEP_HEAR, STATE_REREVIEWING, STATE_HEARING, TEMPLATE_HEARING },
        { STEP_REOPEN, STATE_CLOSED, STATE_EXECUTING, TEMPLATE_REOPENED },
        { STEP_OBJECT, STATE_CLAIMED, STATE_OBJECTED, NULL },
        { STEP_OBJECT, STATE_CLAIMED, STATE_ARBITRATION, NULL },
        { STEP_RECUSE, STATE_CLAIMED, STATE_DISPATCHED, NULL },
        { STEP_CATEGORISE, STATE_HANDLING, STATE_HANDLING, NULL },
        { STEP_CONTACT, STATE_DONE, STATE_DONE, NULL },
        { STEP_WENT_UP, STATE_HANDLING, STATE_HANDLING, NULL },
        { STEP_END_HEARING, STATE_HEARING, STATE_REREVIEWING, NULL },
        { STEP_OPINION, STATE_HANDLING, STATE_HANDLING, NULL },
    };

    (void) state;
    for (size_t i = 0; i < ARRAY_SIZE (rows); i++) {
        struct moved moved = a_move (rows[i].step, rows[i].to);

        moved.from = rows[i].from;
        if (rows[i].template)
            assert_hears (moved, rows[i].template);
        else
            assert_null (petitioner_hears (KIND_MOVED, moved));
    }
    struct moved disputed = a_move (STEP_CONTACT, STATE_EXECUTING);
    disputed.from = STATE_DONE;
    disputed.contacted = CONTACTED_DISPUTES;
    assert_hears (disputed, TEMPLATE_REOPENED);
}

static void what_is_accepted_again_is_told_with_the_day_that_stands (void **state)
{
    struct matter matter = a_matter ();
    struct entry entry = an_entry (KIND_MOVED, &matter);
    struct moved moved = { .step = STEP_ACCEPT,
                           .from = STATE_CLAIMED,
                           .to = STATE_HANDLING,
                           .department = 12,
                           .counted_from_ms = at_ms ("2026-11-03 10:00:00") };

    (void) state;
    entry.moved = &moved;
    assert_int_equal (tell (&entry, true), 1);
    assert_string_equal (told[0].template, TEMPLATE_ACCEPTED);
    assert_string_equal (parameter (&told[0], "due"), "2027-01-04 24:00");
}

static void who_is_linked_hears_of_the_lead_and_of_their_own_review (void **state)
{
    char lead[NUMBER_TEXT_SIZE];
    struct moved moved = a_move (STEP_LINK, STATE_CLOSED);

    (void) state;
    moved.close_reason = CLOSE_LINKED;
    moved.link_to = number_make (day_of ("2026-11-20"), 102, 7);
    assert_hears (moved, TEMPLATE_LINKED);
    assert_string_equal (parameter (&told[0], "link"),
                         number_format (moved.link_to, lead));

    moved.step = STEP_SERVE;
    moved.from = STATE_CLOSED;
    moved.outcome = OUTCOME_EXPLAIN;
    moved.lapses_at_ms = at_ms ("2026-12-24 00:00:00");
    assert_hears (moved, TEMPLATE_LEAD_DECIDED);
    assert_string_equal (parameter (&told[0], "due"), "2026-12-23 24:00");

    moved.step = STEP_REOPEN; /* the lead ended without a word for this one */
    moved.to = STATE_DISPATCHED;
    size_t count = tell_moved (KIND_MOVED, &moved);
    assert_string_equal (telling_to (count, RECIPIENT_PETITIONER)->template,
                         TEMPLATE_UNLINKED);
    assert_string_equal (telling_to (count, RECIPIENT_DEPARTMENT)->template,
                         TEMPLATE_RETURNED);
}

static void a_withdrawal_is_told_when_it_waits_and_when_it_is_answered (void **state)
{
    struct moved moved = a_move (STEP_WITHDRAW, STATE_HANDLING);

    (void) state;
    moved.by_petitioner = true;
    moved.ground = GROUND_SETTLED;
    assert_string_equal (petitioner_hears (KIND_PROPOSED, moved),
                         TEMPLATE_WITHDRAWAL_WAITS);
    assert_string_equal (petitioner_hears (KIND_REJECTED, moved),
                         TEMPLATE_WITHDRAWAL_REJECTED);
    moved.step = STEP_REFUSE; /* what the house proposes to itself is its own */
    moved.by_petitioner = false;
    assert_null (petitioner_hears (KIND_PROPOSED, moved));
    assert_null (petitioner_hears (KIND_REJECTED, moved));
}

/* ---- second persons ------------------------------------------------------------------------- */

/* Who is told that it waits. */
static uint32_t second_person (struct moved moved)
{
    size_t count = tell_moved (KIND_PROPOSED, &moved);
    const struct notification_telling *telling = telling_to (count, RECIPIENT_PERSON);

    assert_int_equal (count, moved.by_petitioner ? 2 : 1);
    if (!telling)
        return 0;
    assert_string_equal (telling->template, TEMPLATE_PROPOSED);
    return telling->to;
}

static void what_waits_is_told_to_the_head_who_did_not_propose_it (void **state)
{
    struct moved moved = a_move (STEP_EXTEND, STATE_HANDLING);

    (void) state;
    moved.proposer = 1131;
    assert_int_equal (second_person (moved), 1111);
    moved.proposer = 1111; /* the head proposes: the deputy answers */
    assert_int_equal (second_person (moved), 1112);
    moved.department = 0; /* the dispatcher proposes: the head of that office */
    moved.proposer = 3121;
    uint32_t head = second_person (moved);
    assert_true (officer_may (rules, head, 31, OFFICE_HEAD, day_of ("2026-11-23")) ||
                 officer_may (rules, head, 31, OFFICE_DEPUTY, day_of ("2026-11-23")));
    moved = a_move (STEP_WITHDRAW, STATE_CLAIMED);
    moved.by_petitioner = true;
    moved.holder = 1111; /* whoever holds it does not confirm its withdrawal */
    assert_int_equal (second_person (moved), 1112);
}

static void where_there_is_no_head_the_next_level_up_hears_it (void **state)
{
    static struct rules_problems problems;
    struct rules *shipped = rules;
    char *people = strdup (small_tables[RULES_PEOPLE]), *row;
    struct moved moved = a_move (STEP_EXTEND, STATE_HANDLING);

    (void) state;
    while ((row = strstr (people, "\t11\t负责人")) != NULL)
        memcpy (row, "\t11\t承办人", strlen ("\t11\t承办人"));
    while ((row = strstr (people, "\t11\t副职")) != NULL)
        memcpy (row, "\t12\t副职", strlen ("\t12\t副职"));
    if (parse_with (RULES_PEOPLE, people, &rules, &problems) < 0)
        fail_msg ("%s", problems.texts[0]);
    moved.proposer = 1131;
    assert_int_equal (second_person (moved), 1004); /* the leader in charge */
    rules_destroy (&rules);
    rules = shipped;
    free (people);
}

static void a_rejected_proposal_goes_back_to_who_made_it (void **state)
{
    struct moved moved = a_move (STEP_EXTEND, STATE_HANDLING);

    (void) state;
    moved.proposer = 1131;
    assert_int_equal (tell_moved (KIND_REJECTED, &moved), 1);
    assert_int_equal (told[0].recipient, RECIPIENT_PERSON);
    assert_int_equal (told[0].to, 1131);
    assert_string_equal (told[0].template, TEMPLATE_REJECTED);
}

/* Of an accusation nothing is said but that something waits: no gap shows what is left out. */
static void what_is_proposed_is_told_without_a_word_of_it_too (void **state)
{
    static const char *const names[] = { TEMPLATE_PROPOSED, TEMPLATE_REJECTED };

    (void) state;
    for (size_t i = 0; i < 2 * ARRAY_SIZE (names); i++) {
        const struct notice_template *template =
            template_find (rules, names[i / 2], i % 2 ? LANGUAGE_EN : LANGUAGE_ZH);
        CLEANUP (buffer_done) struct buffer text = { 0 };

        assert_non_null (template);
        template_fill (template->subject, NULL, 0, &text);
        buffer_append_bytes (&text, bytes_of_text ("\n"));
        template_fill (template->text, NULL, 0, &text);
        buffer_append (&text, "", 1);
        assert_null (strstr ((const char *) text.data, "—"));
        assert_null (strstr ((const char *) text.data, "{"));
    }
}

static void what_waits_of_an_accusation_stays_inside_of_its_organ (void **state)
{
    struct moved moved = a_move (STEP_REFUSE, STATE_CLAIMED);

    (void) state;
    moved.department = 22;
    moved.proposer = 2231;
    moved_matter.purpose = PURPOSE_ACCUSATION;
    assert_int_equal (second_person (moved), 2211);
    assert_null (parameter (&told[0], "number"));
    assert_null (parameter (&told[0], "step"));
    moved.by_petitioner = true; /* the petitioner hears nothing at a village */
    moved.step = STEP_WITHDRAW;
    assert_int_equal (tell_moved (KIND_PROPOSED, &moved), 1);
    assert_int_equal (told[0].recipient, RECIPIENT_PERSON);
    for (unsigned step = STEP_NONE + 1; step < STEP_COUNT; step++)
        for (unsigned to = STATE_NONE + 1; to < STATE_COUNT; to++) {
            struct moved any = a_move ((enum step) step, (enum state) to);

            any.department = 22;
            moved_matter.purpose = PURPOSE_ACCUSATION;
            size_t count = tell_moved (KIND_MOVED, &any);
            assert_null (telling_to (count, RECIPIENT_PETITIONER));
            assert_null (telling_to (count, RECIPIENT_DISPATCHER));
            for (size_t i = 0; i < count; i++)
                assert_null (parameter (&told[i], "number"));
        }
}

/* ---- departments above ------------------------------------------------------------------------ */

static void arbiter_and_who_is_named_are_told (void **state)
{
    struct moved moved = a_move (STEP_OBJECT, STATE_ARBITRATION);

    (void) state;
    moved.department = 51;
    assert_int_equal (tell_moved (KIND_MOVED, &moved), 1);
    assert_int_equal (told[0].to, 51);
    assert_string_equal (told[0].template, TEMPLATE_ARBITRATE);
    assert_non_null (parameter (&told[0], "due"));
    moved = a_move (STEP_ARBITRATE, STATE_DISPATCHED);
    moved.department = 12;
    assert_int_equal (tell_moved (KIND_MOVED, &moved), 1);
    assert_int_equal (told[0].to, 12);
    assert_string_equal (told[0].template, TEMPLATE_NAMED);
    assert_null (parameter (&told[0], "due")); /* no clock began anew */
}

static void a_review_is_told_above_and_what_it_supports_below (void **state)
{
    struct moved moved = a_move (STEP_REVIEW, STATE_REVIEWING);

    (void) state;
    moved.from = STATE_WINDOW;
    moved.department = 54;
    size_t count = tell_moved (KIND_MOVED, &moved);
    assert_int_equal (count, 2);
    assert_int_equal (telling_to (count, RECIPIENT_DEPARTMENT)->to, 54);
    assert_string_equal (parameter (telling_to (count, RECIPIENT_DEPARTMENT), "due"),
                         "2026-12-23 24:00");
    moved.department = 0; /* nobody is above: the dispatcher names who reviews */
    count = tell_moved (KIND_MOVED, &moved);
    assert_int_equal (telling_to (count, RECIPIENT_DISPATCHER)->to, 31);

    moved = a_move (STEP_SERVE, STATE_EXECUTING);
    moved.from = STATE_DECIDED;
    moved.previous_department = 54;
    assert_int_equal (tell_moved (KIND_MOVED, &moved), 1);
    assert_int_equal (told[0].to, 11);
    assert_string_equal (told[0].template, TEMPLATE_EXECUTE);
    moved.previous_department = 0; /* its own decision */
    assert_int_equal (tell_moved (KIND_MOVED, &moved), 0);
}

static void supervision_is_told_below_with_the_day_of_its_answer (void **state)
{
    uint32_t persons[] = { 1111 };
    struct matter matter = a_matter ();
    struct entry entry = an_entry (KIND_RAISED, &matter);
    struct raised raised = { .raise = 9,
                             .cause = CAUSE_SUPERVISION,
                             .level = 2,
                             .department = 11,
                             .persons = persons,
                             .n_persons = 1,
                             .open = true,
                             .answer_due_ms = at_ms ("2026-12-08 00:00:00") };

    (void) state;
    entry.raised = &raised;
    assert_int_equal (tell (&entry, false), 2);
    assert_int_equal (told[0].recipient, RECIPIENT_DEPARTMENT);
    assert_int_equal (told[0].to, 11);
    assert_int_equal (told[1].to, 1111);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal (told[i].template, TEMPLATE_SUPERVISED);
        assert_string_equal (parameter (&told[i], "answer"), "2026-12-07 24:00");
        assert_int_equal (told[i].gathering, GATHER_NOT);
    }
    raised.n_persons = 0; /* the head of the day, whoever it is */
    assert_int_equal (tell (&entry, false), 2);
    assert_int_equal (told[1].to, 1111);
    raised.department = 0; /* it waits for the dispatcher */
    assert_int_equal (tell (&entry, false), 2);
    assert_int_equal (told[0].recipient, RECIPIENT_DISPATCHER);

    raised.cause = CAUSE_UNANSWERED;
    raised.department = 11;
    raised.n_persons = 1;
    raised.of = 5;
    assert_int_equal (tell (&entry, false), 1);
    assert_string_equal (told[0].template, TEMPLATE_UNANSWERED);
    assert_string_equal (parameter (&told[0], "of"), "5");
}

static void leader_who_supervised_hears_what_became_of_the_advice (void **state)
{
    struct matter matter = a_matter ();
    struct entry entry = an_entry (KIND_RAISE_ENDED, &matter);
    struct raise_ended ended = { .raise = 9,
                                 .adoption = ADOPTION_PARTLY,
                                 .opened_by = 1004 };

    (void) state;
    entry.raise_ended = &ended;
    assert_int_equal (tell (&entry, false), 1);
    assert_int_equal (told[0].recipient, RECIPIENT_PERSON);
    assert_int_equal (told[0].to, 1004);
    assert_string_equal (told[0].template, TEMPLATE_RAISE_ANSWERED);
    assert_string_equal (parameter (&told[0], "adoption"), "2");
    assert_string_equal (parameter (&told[0], "raise"), "9");
    assert_non_null (parameter (&told[0], "number"));
    matter.purpose = PURPOSE_ACCUSATION; /* supervised from inside of the organ */
    assert_int_equal (tell (&entry, false), 1);
    assert_null (parameter (&told[0], "number"));
    ended.adoption = ADOPTION_NONE; /* it was closed, or was no supervision */
    assert_int_equal (tell (&entry, false), 0);
}

static void urgent_matter_is_told_to_the_line_and_the_joint_office_too (void **state)
{
    static uint32_t persons[] = { 1004 };
    struct matter matter = a_matter ();
    struct entry entry = an_entry (KIND_RAISED, &matter);
    struct raised raised = { .raise = 9,
                             .cause = CAUSE_URGENT,
                             .level = 2,
                             .department = 11,
                             .persons = persons,
                             .n_persons = 1,
                             .open = true };

    (void) state;
    matter.threat = true;
    entry.raised = &raised;
    assert_int_equal (tell (&entry, false), 3);
    assert_string_equal (told[0].template, TEMPLATE_RAISED);
    assert_int_equal (told[0].to, 1004);
    assert_int_equal (told[1].to, 54); /* the county bureau above 11 */
    assert_int_equal (told[2].to, 10); /* the joint conference's office */
    for (size_t i = 1; i < 3; i++) {
        assert_int_equal (told[i].recipient, RECIPIENT_DEPARTMENT);
        assert_string_equal (told[i].template, TEMPLATE_URGENT);
        assert_int_equal (told[i].gathering, GATHER_NOT);
    }
    raised.department = 12; /* directly below that office: told once */
    assert_int_equal (tell (&entry, false), 2);
    assert_int_equal (told[1].to, 10);

    raised.cause = CAUSE_BREACH; /* late is not urgent */
    raised.share = 105;
    assert_int_equal (tell (&entry, false), 1);
    raised.cause = CAUSE_URGENT; /* an accusation is told to nobody outside */
    matter.purpose = PURPOSE_ACCUSATION;
    assert_int_equal (tell (&entry, false), 1);
}

/* ---- reminders, and who is not reached --------------------------------------------------------- */

static const struct notification_telling *reminder_of (struct moved moved)
{
    size_t count = tell_moved (KIND_MOVED, &moved);

    for (size_t i = 0; i < count; i++)
        if (strcmp (told[i].template, TEMPLATE_RATE) == 0)
            return &told[i];
    return NULL;
}

static void petitioner_is_reminded_to_rate_seven_days_after_the_closing (void **state)
{
    struct moved moved = a_move (STEP_CONFIRM, STATE_CLOSED);

    (void) state;
    moved.close_reason = CLOSE_CONFIRMED;
    moved_matter.urgent = true; /* a reminder is not: it lets people sleep */
    const struct notification_telling *reminder = reminder_of (moved);
    assert_non_null (reminder);
    assert_int_equal (reminder->not_before_ms, at_ms ("2026-12-01 00:00:00"));
    assert_false (reminder->urgent);
    moved.close_reason = CLOSE_LINKED; /* rated with its lead */
    assert_null (reminder_of (moved));
    moved.from = STATE_CLOSED; /* it was reminded of before */
    assert_null (reminder_of (moved));
}

static void paper_that_nobody_hands_over_is_told_to_the_dispatcher (void **state)
{
    struct matter matter = a_matter ();
    struct entry entry = an_entry (KIND_NOTICE, &matter);
    struct notice notice = { .notice = 7,
                             .recipient = RECIPIENT_PETITIONER,
                             .to = 101,
                             .template = TEMPLATE_REGISTERED };

    (void) state;
    entry.notice = &notice;
    assert_int_equal (tell (&entry, false), 1);
    assert_int_equal (told[0].recipient, RECIPIENT_DISPATCHER);
    assert_int_equal (told[0].to, 31);
    assert_int_equal (told[0].gathering, GATHER_SHORT);
    assert_string_equal (parameter (&told[0], "terminal"), "101");
    assert_string_equal (parameter (&told[0], "date"), "2026-11-23");
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
        cmocka_unit_test (what_waits_for_the_dispatcher_is_told_with_both_periods),
        cmocka_unit_test (department_and_those_that_assist_hear_of_the_arrival),
        cmocka_unit_test (what_comes_back_to_a_department_is_told_as_returned),
        cmocka_unit_test (dispatcher_hears_of_what_waits_and_of_objections),
        cmocka_unit_test (steps_that_concern_nobody_else_are_told_nobody),
        cmocka_unit_test (bands_wait_for_the_days_digest_and_breaches_go_singly),
        cmocka_unit_test (withdrawn_raise_is_told_to_those_who_heard_of_it),
        cmocka_unit_test (of_an_accusation_only_its_department_hears_and_no_number),
        cmocka_unit_test (every_ending_has_its_own_words_and_a_way_back),
        cmocka_unit_test (decisions_are_told_by_instance_and_answers_without_review),
        cmocka_unit_test (each_step_that_concerns_the_petitioner_is_told),
        cmocka_unit_test (what_is_accepted_again_is_told_with_the_day_that_stands),
        cmocka_unit_test (who_is_linked_hears_of_the_lead_and_of_their_own_review),
        cmocka_unit_test (a_withdrawal_is_told_when_it_waits_and_when_it_is_answered),
        cmocka_unit_test (what_waits_is_told_to_the_head_who_did_not_propose_it),
        cmocka_unit_test (where_there_is_no_head_the_next_level_up_hears_it),
        cmocka_unit_test (a_rejected_proposal_goes_back_to_who_made_it),
        cmocka_unit_test (what_is_proposed_is_told_without_a_word_of_it_too),
        cmocka_unit_test (what_waits_of_an_accusation_stays_inside_of_its_organ),
        cmocka_unit_test (arbiter_and_who_is_named_are_told),
        cmocka_unit_test (a_review_is_told_above_and_what_it_supports_below),
        cmocka_unit_test (supervision_is_told_below_with_the_day_of_its_answer),
        cmocka_unit_test (leader_who_supervised_hears_what_became_of_the_advice),
        cmocka_unit_test (urgent_matter_is_told_to_the_line_and_the_joint_office_too),
        cmocka_unit_test (petitioner_is_reminded_to_rate_seven_days_after_the_closing),
        cmocka_unit_test (paper_that_nobody_hands_over_is_told_to_the_dispatcher),
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
