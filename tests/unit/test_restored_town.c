/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon of the town is put back to what a backup has, and the others go on: what the
 * people keep is said again, what was acknowledged to somebody who still has it is not lost,
 * and the journals that are left add up. */
#include "restored_people.h"

#include "support/town_inside.h"

/* ---- intake ------------------------------------------------------------------------- */

static void intake_restored_hears_its_terminals_again (void **state UNUSED)
{
    uint64_t kept = filed ();
    CLEANUP (town_backup_destroy)
    struct town_backup *backup = town_backup (town, SPEAKER_INTAKE);
    town_step (town, CIVIL_HOUR_MS);
    uint64_t lost = filed ();
    struct held held = desk_accepts (lost);
    uint64_t notices = town_count (town, SPEAKER_NOTIFICATION, KIND_NOTICE);
    town_restore (town, SPEAKER_INTAKE, backup);
    struct reckoning before = it_adds_up ();
    assert_int_equal (before.registered, 1);
    assert_int_equal (before.unregistered, 1); /* and is worked on all the while */
    everybody_connects_again ();
    struct reckoning after = it_adds_up ();
    assert_int_equal (after.registered, 2);
    assert_int_equal (after.unregistered, 0);
    assert_int_equal (after.unplaced, 0);
    assert_int_equal (after.open, 2);
    assert_int_equal (teller_refused (village, REFUSAL_NONE), 0);
    /* Registered once more, it is told to nobody once more. */
    assert_int_equal (town_count (town, SPEAKER_NOTIFICATION, KIND_NOTICE), notices);
    desk_takes (a_decision (&held, OUTCOME_SUPPORT));
    assert_int_equal (stands (lost), STATE_DECIDED);
    assert_int_equal (stands (kept), STATE_DISPATCHED);
}

static void what_only_intake_had_stays_with_who_works_on_it (void **state UNUSED)
{
    filed ();
    CLEANUP (town_backup_destroy)
    struct town_backup *backup = town_backup (town, SPEAKER_INTAKE);
    uint64_t lost = filed ();
    town_restore (town, SPEAKER_INTAKE, backup);
    /* The terminal burnt with its spool: nobody says it again. */
    town_step (town, CIVIL_HOUR_MS);
    struct reckoning reckoning = it_adds_up ();
    assert_int_equal (reckoning.unregistered, 1);
    assert_int_equal (reckoning.open, 2);
    struct held held = desk_accepts (lost);
    desk_takes (a_decision (&held, OUTCOME_SUPPORT));
    /* Those who had acted on it name it. */
    struct entry *crossed = town_last (town, SPEAKER_ROUTING, KIND_CROSSED);
    assert_non_null (crossed);
    assert_int_equal (crossed->crossed->n_grievances, 1);
    assert_int_equal (crossed->crossed->grievances[0], lost);
}

static void an_ask_that_is_made_again_is_answered_once (void **state UNUSED)
{
    uint64_t number = filed ();
    desk_serves (number, OUTCOME_SUPPORT);
    CLEANUP (town_backup_destroy)
    struct town_backup *backup = town_backup (town, SPEAKER_INTAKE);
    town_step (town, 1000);
    char code[QUERY_CODE_TEXT_SIZE];
    query_code_make ((const uint8_t[QUERY_CODE_RANDOM]){ 101, 1 }, code);
    struct ask ask = {
        .number = number, .query_code = code, .what = ASKED_RATE, .rating_department = 1
    };
    teller_say (village, SPEAKER_INTAKE, &(struct command){ .ask = &ask });
    hand_in (village, SPEAKER_INTAKE);
    town_settle (town);
    assert_int_equal (town_count (town, SPEAKER_ROUTING, KIND_ASK_ANSWERED), 1);
    town_restore (town, SPEAKER_INTAKE, backup);
    everybody_connects_again ();
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_ASKED), 1);
    assert_int_equal (town_count (town, SPEAKER_ROUTING, KIND_ASK_ANSWERED), 1);
    it_adds_up ();
}

/* Another terminal asks about what was filed at the first, and is connected before it. */
static void an_ask_waits_for_the_filing_that_is_said_again (void **state UNUSED)
{
    CLEANUP (town_backup_destroy)
    struct town_backup *backup = town_backup (town, SPEAKER_INTAKE);
    uint64_t number = filed ();
    struct teller *other = teller_at (terminals[1], 102, "other village");
    char code[QUERY_CODE_TEXT_SIZE];
    query_code_make ((const uint8_t[QUERY_CODE_RANDOM]){ 101, 1 }, code);
    struct supplement supplement = { .number = number,
                                     .query_code = code,
                                     .text = "补充材料" };
    teller_say (other, SPEAKER_INTAKE, &(struct command){ .supplement = &supplement });
    hand_in (other, SPEAKER_INTAKE);
    assert_int_equal (teller_refused (other, REFUSAL_NONE), 0);
    town_restore (town, SPEAKER_INTAKE, backup);
    town_step (town, 2000);
    teller_hang_up (other);
    assert_int_equal (teller_send (other, SPEAKER_INTAKE, 3000), 0);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_SUPPLEMENTED), 0);
    teller_hang_up (village);
    hand_in (village, SPEAKER_INTAKE);
    hand_in (other, SPEAKER_INTAKE);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_SUPPLEMENTED), 1);
    assert_int_equal (teller_refused (other, REFUSAL_NONE), 0);
    teller_destroy (&other);
    it_adds_up ();
}

/* Two are back in the day it is, and routing writes on under the day that a wrong wall once
 * said: no clock begins later than it is said to. */
static void who_is_ahead_of_the_day_begins_no_clock_beyond_it (void **state UNUSED)
{
    filed ();
    CLEANUP (town_backup_destroy)
    struct town_backup *intake = town_backup (town, SPEAKER_INTAKE);
    CLEANUP (town_backup_destroy)
    struct town_backup *escalation = town_backup (town, SPEAKER_ESCALATION);
    town->now_ms += 40 * CIVIL_DAY_MS;
    filed ();
    town->now_ms -= 40 * CIVIL_DAY_MS;
    town_restore (town, SPEAKER_INTAKE, intake);
    town_restore (town, SPEAKER_ESCALATION, escalation);
    everybody_connects_again ();
    uint64_t number = filed ();
    assert_true (town_last (town, SPEAKER_ROUTING, KIND_MOVED)->time_ms >
                 town_now_ms (town) + 30 * CIVIL_DAY_MS);
    struct entry *said = town_last (town, SPEAKER_ESCALATION, KIND_CLOCKS);
    assert_int_equal (said->grievance, number);
    assert_true (said->time_ms < town_now_ms (town) + CIVIL_DAY_MS);
    for (size_t i = 0; i < said->clocks->n_changes; i++) {
        const struct clock_change *change = &said->clocks->changes[i];
        assert_true (change->from_ms + change->spent_ms + change->paused_ms <=
                     said->time_ms);
    }
}

/* ---- routing ------------------------------------------------------------------------ */

static void
routing_restored_says_what_is_open_and_desks_say_the_rest (void **state UNUSED)
{
    uint64_t first = filed (), second = filed ();
    struct held held = desk_accepts (first);
    town_step (town, CIVIL_HOUR_MS);
    CLEANUP (town_backup_destroy)
    struct town_backup *backup = town_backup (town, SPEAKER_ROUTING);
    town_step (town, CIVIL_HOUR_MS);
    desk_takes (a_decision (&held, OUTCOME_SUPPORT));
    desk_takes (a_service (&held));
    uint64_t third = filed ();
    desk_accepts (second);
    town_step (town, CIVIL_HOUR_MS);
    town_restore (town, SPEAKER_ROUTING, backup);
    town_step (town, 2000);
    struct reckoning before = it_adds_up (); /* the clocks went back with it */
    assert_int_equal (before.open, 3);
    assert_int_equal (before.unplaced, 0);
    assert_int_equal (stands (first), STATE_HANDLING);
    assert_int_equal (stands (third), STATE_DISPATCHED);
    assert_int_equal (town_count (town, SPEAKER_ROUTING, KIND_RESTATED), 2);
    assert_int_equal (
        town_last (town, SPEAKER_ROUTING, KIND_RESTATED_ALL)->restated_all->count, 2);
    everybody_connects_again ();
    it_adds_up ();
    assert_int_equal (stands (first), STATE_EXECUTING);
    /* Claims are counted, so what is said again under their numbers fits again. */
    assert_int_equal (stands (second), STATE_HANDLING);
    assert_int_equal (teller_refused (office_desk, REFUSAL_NONE), 0);
}

static void nobody_hears_twice_what_a_restored_routing_says_again (void **state UNUSED)
{
    uint64_t number = filed ();
    struct held held = desk_accepts (number);
    town_step (town, CIVIL_HOUR_MS);
    CLEANUP (town_backup_destroy)
    struct town_backup *backup = town_backup (town, SPEAKER_ROUTING);
    desk_takes (a_decision (&held, OUTCOME_SUPPORT));
    uint64_t notices = town_count (town, SPEAKER_NOTIFICATION, KIND_NOTICE);
    town_restore (town, SPEAKER_ROUTING, backup);
    everybody_connects_again ();
    assert_int_equal (stands (number), STATE_DECIDED);
    assert_int_equal (town_count (town, SPEAKER_NOTIFICATION, KIND_NOTICE), notices);
    it_adds_up ();
    /* What happens the first time is told. */
    desk_takes (a_service (&held));
    assert_true (town_count (town, SPEAKER_NOTIFICATION, KIND_NOTICE) >= notices);
}

/* It was closed, and that is lost with whoever closed it: it is open again, in the time that
 * it had. */
static void what_is_open_again_goes_on_in_the_time_it_had (void **state UNUSED)
{
    uint64_t number = filed ();
    desk_accepts (number);
    struct deadline_query query = { .number = number };
    struct reply *reply =
        town_query (operator_, SPEAKER_ESCALATION, &(struct query){ .deadline = &query });
    int64_t due_ms[DUTY_COUNT] = { 0 };
    for (size_t i = 0; i < reply->deadline->n_duties; i++)
        if (reply->deadline->duties[i].running)
            due_ms[reply->deadline->duties[i].duty] = reply->deadline->duties[i].due_ms;
    town_step (town, CIVIL_HOUR_MS);
    CLEANUP (town_backup_destroy)
    struct town_backup *backup = town_backup (town, SPEAKER_ROUTING);
    town_step (town, 3 * CIVIL_DAY_MS);
    uint64_t at = town_count (town, SPEAKER_ROUTING, KIND_NONE);
    struct held held = { number, 1 };
    desk_takes (a_decision (&held, OUTCOME_NOT_SUPPORT));
    desk_takes (a_service (&held));
    town_step (town, 40 * CIVIL_DAY_MS); /* the window went by unused */
    assert_int_equal (stands (number), STATE_CLOSED);
    assert_true (town_count (town, SPEAKER_ROUTING, KIND_NONE) > at);
    town_restore (town, SPEAKER_ROUTING, backup);
    town_step (town, 2000);
    it_adds_up ();
    assert_int_equal (stands (number), STATE_HANDLING);
    reply =
        town_query (operator_, SPEAKER_ESCALATION, &(struct query){ .deadline = &query });
    unsigned running = 0;
    for (size_t i = 0; i < reply->deadline->n_duties; i++)
        if (reply->deadline->duties[i].running) {
            running++;
            assert_int_equal (reply->deadline->duties[i].due_ms,
                              due_ms[reply->deadline->duties[i].duty]);
        }
    assert_int_equal (running, 3);
}

/* Intake and routing were put back together: nobody knows it but those who counted time and
 * told people, and the slip that somebody has. */
static void clocks_of_what_nobody_says_again_end_and_are_named (void **state UNUSED)
{
    filed ();
    town_step (town, CIVIL_HOUR_MS);
    struct town_backup *intake = town_backup (town, SPEAKER_INTAKE);
    struct town_backup *routing = town_backup (town, SPEAKER_ROUTING);
    uint64_t lost = filed ();
    town_restore (town, SPEAKER_INTAKE, intake);
    town_restore (town, SPEAKER_ROUTING, routing);
    town_step (town, 2000);
    struct reckoning before = it_adds_up ();
    assert_int_equal (before.adrift, 1);
    town_step (town, 2 * CIVIL_HOUR_MS);
    struct reckoning after = it_adds_up ();
    assert_int_equal (after.adrift, 0);
    assert_int_equal (after.open, 1);
    struct entry *crossed = town_last (town, SPEAKER_ESCALATION, KIND_CROSSED);
    assert_int_equal (crossed->crossed->grievances[0], lost);
    /* And then the terminal comes back, days later. */
    town_step (town, 3 * CIVIL_DAY_MS);
    everybody_connects_again ();
    struct reckoning late = it_adds_up ();
    assert_int_equal (late.open, 2);
    assert_int_equal (late.unplaced, 0);
    town_backup_destroy (&intake);
    town_backup_destroy (&routing);
}

/* ---- escalation --------------------------------------------------------------------- */

static void
escalation_restored_fires_again_and_nobody_hears_it_twice (void **state UNUSED)
{
    filed ();
    town_step (town, CIVIL_HOUR_MS);
    CLEANUP (town_backup_destroy)
    struct town_backup *backup = town_backup (town, SPEAKER_ESCALATION);
    town_step (town, 30 * CIVIL_DAY_MS); /* nobody accepted it: breached, and climbed */
    uint64_t raised = town_count (town, SPEAKER_ESCALATION, KIND_RAISED);
    uint64_t notices = town_count (town, SPEAKER_NOTIFICATION, KIND_NOTICE);
    assert_true (raised > 0);
    town_restore (town, SPEAKER_ESCALATION, backup);
    town_step (town, 5000);
    it_adds_up ();
    /* What was due fires once, on complete knowledge; who was told is not told again. What
     * falls together after such a time tells the last warning only. */
    assert_true (town_count (town, SPEAKER_ESCALATION, KIND_RAISED) > 0);
    assert_true (town_count (town, SPEAKER_ESCALATION, KIND_RAISED) <= raised);
    assert_int_equal (town_count (town, SPEAKER_NOTIFICATION, KIND_NOTICE), notices);
}

static void a_raise_of_before_is_none_of_after (void **state UNUSED)
{
    filed ();
    town_step (town, CIVIL_HOUR_MS);
    CLEANUP (town_backup_destroy)
    struct town_backup *backup = town_backup (town, SPEAKER_ESCALATION);
    town_step (town, 30 * CIVIL_DAY_MS);
    uint64_t before = town_last (town, SPEAKER_ESCALATION, KIND_RAISED)->raised->raise;
    town_restore (town, SPEAKER_ESCALATION, backup);
    town_step (town, 5000);
    uint64_t after = town_last (town, SPEAKER_ESCALATION, KIND_RAISED)->raised->raise;
    assert_int_equal (position_incarnation (before), 1);
    assert_int_equal (position_incarnation (after), 2);
}

/* ---- notification ------------------------------------------------------------------- */

static void notification_restored_marks_what_may_have_gone (void **state UNUSED)
{
    filed ();
    town_step (town, CIVIL_HOUR_MS);
    CLEANUP (town_backup_destroy)
    struct town_backup *backup = town_backup (town, SPEAKER_NOTIFICATION);
    uint64_t number = filed ();
    desk_accepts (number);
    town_step (town, CIVIL_HOUR_MS);
    size_t effects = town_effects (town);
    assert_true (effects > 0);
    town_restore (town, SPEAKER_NOTIFICATION, backup);
    town_step (town, 1000);
    it_adds_up ();
    struct entry *notice = town_last (town, SPEAKER_NOTIFICATION, KIND_NOTICE);
    assert_true (notice->notice->maybe_sent);
    assert_int_equal (position_incarnation (notice->notice->notice), 2);
    assert_true (notices_in (NOTICE_MAYBE_SENT) > 0 || notices_in (NOTICE_SENT) > 0);
    /* What comes from now on is news. */
    town_step (town, CIVIL_HOUR_MS);
    filed ();
    notice = town_last (town, SPEAKER_NOTIFICATION, KIND_NOTICE);
    assert_false (notice->notice->maybe_sent);
    it_adds_up ();
}

static struct sent {
    uint64_t marks[64];
    size_t count;
} mails, robots;

static int keep_effect (void *arg UNUSED, enum speaker speaker UNUSED,
                        const struct effect *effect)
{
    struct sent *sent = strcmp (effect->channel, "smtp") == 0 ? &mails : &robots;
    assert_true (sent->count < ARRAY_SIZE (sent->marks));
    sent->marks[sent->count++] = effect->mark;
    return 0;
}

static bool was_sent (const struct sent *sent, size_t count, uint64_t mark)
{
    for (size_t i = 0; i < count; i++)
        if (sent->marks[i] == mark)
            return true;
    return false;
}

/* Put back to before anything was sent, and nothing new has happened since. */
static void put_back_after_sending (void)
{
    mails.count = robots.count = 0;
    town_on_effect (town, keep_effect, NULL);
    CLEANUP (town_backup_destroy)
    struct town_backup *backup = town_backup (town, SPEAKER_NOTIFICATION);
    filed ();
    town_step (town, CIVIL_DAY_MS);
    assert_true (mails.count + robots.count > 0);
    size_t n_mails = mails.count, n_robots = robots.count;
    town_restore (town, SPEAKER_NOTIFICATION, backup);
    town_step (town, CIVIL_DAY_MS);
    assert_true (notices_in (NOTICE_MAYBE_SENT) > 0 || n_mails > 0);
    assert_int_equal (robots.count, n_robots); /* it would say it twice */
    assert_true (n_mails == 0 || mails.count > n_mails);
    for (size_t i = n_mails; i < mails.count; i++)
        assert_true (was_sent (&mails, n_mails, mails.marks[i])); /* the same mail */
}

static void a_mail_that_may_have_gone_goes_again_as_the_same_mail (void **state UNUSED)
{
    put_back_after_sending ();
    assert_true (mails.count > 0);
    filed ();
    size_t before = mails.count;
    town_step (town, CIVIL_DAY_MS);
    assert_true (mails.count > before); /* news */
}

static void a_robot_is_not_asked_twice_over_a_restoration (void **state UNUSED)
{
    put_back_after_sending ();
    assert_true (robots.count > 0 && mails.count == 0);
    assert_true (notices_in (NOTICE_MAYBE_SENT) > 0);
    filed ();
    size_t before = robots.count;
    town_step (town, CIVIL_DAY_MS);
    assert_true (robots.count > before);
}

static int robots_build (void **state)
{
    town_build ();
    town_set (town, "notification/instead", "pipe:robot");
    return restored_begin (state);
}

/* ---- several ------------------------------------------------------------------------ */

static void all_four_restored_to_different_moments (void **state UNUSED)
{
    struct town_backup *backups[SPEAKER_COUNT] = { NULL };
    uint64_t numbers[8];
    filed ();
    for (unsigned i = 0; i < 8; i++) {
        static const enum speaker order[] = { SPEAKER_ESCALATION, SPEAKER_INTAKE,
                                              SPEAKER_NOTIFICATION, SPEAKER_ROUTING };
        numbers[i] = filed ();
        if (i % 2 == 0)
            desk_accepts (numbers[i]);
        town_step (town, 20 * CIVIL_HOUR_MS);
        if (i % 2 == 0)
            backups[order[i / 2]] = town_backup (town, order[i / 2]);
    }
    for (unsigned speaker = SPEAKER_INTAKE; speaker <= SPEAKER_NOTIFICATION; speaker++) {
        town_restore (town, (enum speaker) speaker, backups[speaker]);
        town_backup_destroy (&backups[speaker]);
    }
    everybody_connects_again ();
    struct reckoning after = it_adds_up ();
    assert_int_equal (after.registered, 9);
    assert_int_equal (after.placed, 9);
    assert_int_equal (after.open, 9);
    assert_int_equal (after.adrift, 0);
    assert_int_equal (teller_refused (village, REFUSAL_NONE), 0);
    town_step (town, 2 * CIVIL_DAY_MS);
    it_adds_up ();
}

static void routing_restored_before_what_escalation_was_restored_to (void **state UNUSED)
{
    uint64_t number = filed ();
    town_step (town, CIVIL_HOUR_MS);
    struct town_backup *routing = town_backup (town, SPEAKER_ROUTING);
    struct held held = desk_accepts (number);
    town_step (town, CIVIL_HOUR_MS);
    struct town_backup *escalation = town_backup (town, SPEAKER_ESCALATION);
    desk_takes (a_decision (&held, OUTCOME_SUPPORT));
    town_restore (town, SPEAKER_ROUTING, routing);
    town_restore (town, SPEAKER_ESCALATION, escalation);
    town_step (town, 2000);
    it_adds_up ();
    assert_int_equal (town_count (town, SPEAKER_ESCALATION, KIND_CROSSED), 1);
    assert_int_equal (stands (number), STATE_DISPATCHED);
    everybody_connects_again ();
    it_adds_up ();
    town_backup_destroy (&routing);
    town_backup_destroy (&escalation);
}

static void restored_twice_and_once_more_from_the_older_backup (void **state UNUSED)
{
    uint64_t number = filed ();
    town_step (town, CIVIL_HOUR_MS);
    struct town_backup *older = town_backup (town, SPEAKER_ROUTING);
    desk_accepts (number);
    filed ();
    town_step (town, CIVIL_HOUR_MS);
    struct town_backup *newer = town_backup (town, SPEAKER_ROUTING);
    filed ();
    struct town_backup *const backups[] = { newer, older, newer, older };
    for (unsigned i = 0; i < 3; i++) {
        town_restore (town, SPEAKER_ROUTING, backups[i]);
        town_step (town, 2000);
        it_adds_up ();
        everybody_connects_again ();
        struct reckoning after = it_adds_up ();
        assert_int_equal (after.open, 3);
        assert_int_equal (after.unplaced, 0);
    }
    town_backup_destroy (&older);
    town_backup_destroy (&newer);
}

static void everybody_follows_to_the_end (enum speaker follower)
{
    struct control_reply *reply = town_control (operator_, follower, CONTROL_STATUS);
    assert_int_equal (reply->status->n_positions, 3);
    for (size_t i = 0; i < reply->status->n_positions; i++) {
        const struct position *position = &reply->status->positions[i];
        if (position->problem != NULL)
            fail_msg ("%s", position->problem);
        struct control_reply *of =
            town_control (operator_, position->speaker, CONTROL_STATUS);
        assert_int_equal (position->acted, of->status->head);
    }
}

/* Led across by one source before it ever met the other: of that one it knows no place. */
static void
restored_while_a_source_is_away_it_follows_that_one_later (void **state UNUSED)
{
    filed ();
    town_step (town, CIVIL_HOUR_MS);
    struct town_backup *intake = town_backup (town, SPEAKER_INTAKE);
    struct town_backup *notification = town_backup (town, SPEAKER_NOTIFICATION);
    filed ();
    town_step (town, CIVIL_HOUR_MS);
    town_stop (town, SPEAKER_ESCALATION);
    town_restore (town, SPEAKER_INTAKE, intake);
    town_step (town, CIVIL_HOUR_MS);
    town_restore (town, SPEAKER_NOTIFICATION, notification);
    town_step (town, CIVIL_HOUR_MS);
    town_restart (town, SPEAKER_INTAKE); /* what it knows now is what it kept */
    town_restart (town, SPEAKER_ESCALATION);
    everybody_connects_again ();
    everybody_follows_to_the_end (SPEAKER_INTAKE);
    it_adds_up ();
    town_backup_destroy (&intake);
    town_backup_destroy (&notification);
}

#define RESTORED(test)                                                                   \
    cmocka_unit_test_setup_teardown (test, restored_build, restored_demolish)

int main (void)
{
    const struct CMUnitTest tests[] = {
        RESTORED (intake_restored_hears_its_terminals_again),
        RESTORED (what_only_intake_had_stays_with_who_works_on_it),
        RESTORED (who_is_ahead_of_the_day_begins_no_clock_beyond_it),
        RESTORED (an_ask_that_is_made_again_is_answered_once),
        RESTORED (an_ask_waits_for_the_filing_that_is_said_again),
        RESTORED (routing_restored_says_what_is_open_and_desks_say_the_rest),
        RESTORED (nobody_hears_twice_what_a_restored_routing_says_again),
        RESTORED (what_is_open_again_goes_on_in_the_time_it_had),
        RESTORED (clocks_of_what_nobody_says_again_end_and_are_named),
        RESTORED (escalation_restored_fires_again_and_nobody_hears_it_twice),
        RESTORED (a_raise_of_before_is_none_of_after),
        RESTORED (notification_restored_marks_what_may_have_gone),
        RESTORED (a_mail_that_may_have_gone_goes_again_as_the_same_mail),
        cmocka_unit_test_setup_teardown (a_robot_is_not_asked_twice_over_a_restoration,
                                         robots_build, restored_demolish),
        RESTORED (all_four_restored_to_different_moments),
        RESTORED (routing_restored_before_what_escalation_was_restored_to),
        RESTORED (restored_twice_and_once_more_from_the_older_backup),
        RESTORED (restored_while_a_source_is_away_it_follows_that_one_later),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
