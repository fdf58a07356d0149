/* SPDX-License-Identifier: Apache-2.0 */
/* Queues in their order, offers to desks, counts that survive a failed batch. */
#include "flow_people.h"

#include <errno.h>

#include "routing/course.h"
#include "routing/offers.h"

static int build (void **state UNUSED)
{
    flow_build ();
    return 0;
}

static int demolish (void **state UNUSED)
{
    assert_true (town_rebuild (town, SPEAKER_ROUTING));
    town_destroy (&town);
    return 0;
}

#define LAND "国土资源/土地征收"

/* ---- order and pages ------------------------------------------------------------------ */

static void a_queue_is_ordered_by_priority_deadline_and_age (void **state UNUSED)
{
    uint64_t ordinary = file_with (0, LAND, 1, false);
    town_step (town, CIVIL_DAY_MS);
    uint64_t later = file_with (1, LAND, 1, false);
    uint64_t latest = file_with (0, LAND, 1, false);
    uint64_t weak =
        file_matter (2, (struct matter){ .category = LAND, .hardship = true });
    uint64_t five = file_with (0, LAND, 5, false);
    uint64_t twenty = file_with (0, LAND, 20, false);
    uint64_t threat =
        file_matter (1, (struct matter){ .category = LAND, .threat = true });
    const uint64_t expected[] = { threat, twenty, weak, five, ordinary, later, latest };

    struct queue *queue = queue_by (desk, (struct queue_query){ .department = 11 });
    assert_int_equal (queue->n_rows, ARRAY_SIZE (expected));
    for (size_t i = 0; i < queue->n_rows; i++)
        assert_int_equal (queue->rows[i].number, expected[i]);
    assert_int_equal (queue->rows[0].priority, 3);
}

static void pages_follow_one_another_while_the_queue_is_emptied (void **state UNUSED)
{
    enum { FILED = 23, PAGE = 5 };
    for (unsigned i = 0; i < FILED; i++)
        file_with (i % 2, NULL, 1, false);
    uint64_t after = 0, seen = 0;
    for (;;) {
        struct queue *queue =
            queue_by (dispatcher, (struct queue_query){ .limit = PAGE, .after = after });
        if (queue->n_rows == 0)
            break;
        assert_int_equal (queue->total, FILED - seen);
        for (size_t i = 0; i < queue->n_rows; i++) {
            after = queue->rows[i].number;
            take_step (dispatcher, 3121, a_step (after, STEP_DISPATCH, .department = 12));
        }
        seen += queue->n_rows;
    }
    assert_int_equal (seen, FILED);
    assert_int_equal (queue_by (dispatcher, (struct queue_query){ 0 })->total, 0);
    assert_int_equal (
        queue_by (other_desk, (struct queue_query){ .department = 12 })->total, FILED);
}

static void a_worker_finds_what_is_in_hand (void **state UNUSED)
{
    uint64_t mine = file (0), theirs = file (0);
    town_settle (town);
    take_step (desk, 1131, a_step (mine, STEP_CLAIM));
    take_step (desk, 1132, a_step (theirs, STEP_CLAIM));
    struct queue *queue = queue_by (
        desk, (struct queue_query){ .department = 11, .held = true, .holder = 1131 });
    assert_int_equal (queue->n_rows, 1);
    assert_int_equal (queue->rows[0].number, mine);
    assert_int_equal (queue->total, 2);
}

static void a_dispatcher_sees_its_own_territory (void **state UNUSED)
{
    file_with (0, NULL, 1, false);
    struct town_client *elsewhere =
        town_client (town, ROLE_DISPATCHER, 2099, .territory = 340522101);
    assert_int_equal (queue_by (elsewhere, (struct queue_query){ 0 })->n_rows, 0);
    uint64_t number = queue_by (dispatcher, (struct queue_query){ 0 })->rows[0].number;
    assert_int_equal (
        refused_step (elsewhere, 0, a_step (number, STEP_DISPATCH, .department = 12))
            ->code,
        REFUSAL_TERRITORY);
}

/* ---- counts --------------------------------------------------------------------------- */

static uint64_t shaped (bool by_village, uint64_t village, uint32_t department,
                        enum state state)
{
    struct shape_query query = { .by_village = by_village };
    struct reply *reply =
        town_query (leader, SPEAKER_ROUTING, &(struct query){ .shape = &query });
    uint64_t count = 0;
    for (size_t i = 0; i < reply->shape->n_rows; i++) {
        const struct shape_row *row = &reply->shape->rows[i];
        for (size_t j = 0; j < row->n_counts; j++)
            if (row->village == village && row->department == department &&
                row->counts[j].state == state)
                count += row->counts[j].count;
    }
    return count;
}

static void the_shape_says_how_much_lies_where (void **state UNUSED)
{
    file (0);
    file (0);
    uint64_t number = file (1);
    file_with (1, NULL, 1, false);
    claim (number);
    assert_int_equal (shaped (true, villages[0], 11, STATE_DISPATCHED), 2);
    assert_int_equal (shaped (true, villages[1], 11, STATE_CLAIMED), 1);
    assert_int_equal (shaped (true, villages[1], 0, STATE_UNDECIDED), 1);
    assert_int_equal (shaped (false, 0, 11, STATE_DISPATCHED), 2);
    assert_int_equal (shaped (false, 0, 11, STATE_CLAIMED), 1);
    assert_int_equal (shaped (false, 0, 0, STATE_UNDECIDED), 1);
    assert_int_equal (town_gauge (town, SPEAKER_ROUTING, "queued{place=\"waiting\"}"), 2);
    assert_int_equal (town_gauge (town, SPEAKER_ROUTING, "queued{place=\"held\"}"), 1);
    assert_int_equal (town_gauge (town, SPEAKER_ROUTING, "queued{place=\"dispatcher\"}"),
                      1);
}

/* Whichever write fails: the batch is undone, comes again, and nothing is counted twice
 * or not at all. */
static void counts_survive_every_failed_write (void **state UNUSED)
{
    enum { EACH = 3 };
    unsigned tried = 0;
    for (unsigned n = 1; n <= 40; n++) {
        town_fail_store (town, SPEAKER_ROUTING, n, n % 2 == 0 ? -ENOSPC : -EIO);
        for (unsigned i = 0; i < EACH; i++, tried++)
            file (i);
        town_step (town, 120000);
        assert_int_equal (in_state ("dispatched"), tried);
    }
    assert_int_equal (shaped (false, 0, 11, STATE_DISPATCHED), tried);
    assert_int_equal (queue_by (desk, (struct queue_query){ .department = 11 })->total,
                      tried);
}

/* ---- offers ---------------------------------------------------------------------------- */

static void subscribe (struct town_client *client, uint32_t department, uint32_t credit)
{
    struct subscribe wanted = { .department = department, .credit = credit };
    town_send (client, SPEAKER_ROUTING, &(struct to_door){ .subscribe = &wanted });
    town_settle (town);
}

/* Numbers offered since the last look, in order. */
static size_t offered (struct town_client *client, uint64_t *ret_numbers, size_t max)
{
    size_t count = 0;
    town_settle (town);
    for (struct from_door *frame; (frame = town_receive (client)) != NULL;)
        for (size_t i = 0; i < frame->n_offers && count < max; i++)
            ret_numbers[count++] = frame->offers[i].row->number;
    return count;
}

static void a_desk_is_offered_the_top_of_its_queue_up_to_its_credit (void **state UNUSED)
{
    uint64_t first = file (0), second = file (0), third = file (0), numbers[8];
    subscribe (desk, 11, 2);
    assert_int_equal (offered (desk, numbers, 8), 2);
    assert_int_equal (numbers[0], first);
    assert_int_equal (numbers[1], second);
    uint64_t urgent = file_with (1, LAND, 1, true);
    assert_int_equal (offered (desk, numbers, 8), 0); /* no credit is left */

    take_step (second_desk, 1131, a_step (first, STEP_CLAIM));
    assert_int_equal (offered (desk, numbers, 8), 1);
    assert_int_equal (numbers[0], urgent);
    subscribe (desk, 11, 3); /* more of it */
    assert_int_equal (offered (desk, numbers, 8), 1);
    assert_int_equal (numbers[0], third);
}

static void a_row_is_offered_to_one_connection_at_a_time (void **state UNUSED)
{
    uint64_t first[8], second[8];
    for (unsigned i = 0; i < 5; i++)
        file (0);
    subscribe (desk, 11, 3);
    subscribe (second_desk, 11, 8);
    assert_int_equal (offered (desk, first, 8), 3);
    assert_int_equal (offered (second_desk, second, 8), 2);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 2; j++)
            assert_int_not_equal (first[i], second[j]);
    town_hang_up (desk); /* what it was offered dies with the connection */
    assert_int_equal (offered (second_desk, second, 8), 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal (second[i], first[i]);
}

static void what_is_taken_unoffered_costs_nobody_credit (void **state UNUSED)
{
    uint64_t first = file (0), second = file (0), numbers[8];
    subscribe (second_desk, 11, 1);
    assert_int_equal (offered (second_desk, numbers, 8), 1);
    assert_int_equal (numbers[0], first);
    take_step (desk, 1131, a_step (second, STEP_CLAIM));
    take_step (desk, 1131, a_step (first, STEP_CLAIM)); /* the other's offer is void */
    uint64_t third = file (0);
    assert_int_equal (offered (second_desk, numbers, 8), 1);
    assert_int_equal (numbers[0], third);
}

static void what_comes_back_is_offered_again (void **state UNUSED)
{
    uint64_t number = file (0), numbers[8];
    subscribe (second_desk, 11, 4);
    assert_int_equal (offered (second_desk, numbers, 8), 1);
    uint64_t fencing = claim (number);
    take_step (desk, 1131, a_step (number, STEP_HAND_BACK, .fencing = fencing));
    assert_int_equal (offered (second_desk, numbers, 8), 1);
    assert_int_equal (numbers[0], number);
}

static void a_dispatcher_is_offered_what_is_undecided (void **state UNUSED)
{
    uint64_t number = file_with (0, NULL, 1, false), numbers[8];
    subscribe (dispatcher, 0, 4);
    assert_int_equal (offered (dispatcher, numbers, 8), 1);
    assert_int_equal (numbers[0], number);
}

static void nobody_is_offered_anothers_queue (void **state UNUSED)
{
    uint64_t numbers[8];
    file (0);
    file_with (0, NULL, 1, false);
    subscribe (strange_desk, 11, 4);
    subscribe (desk, 0, 4);
    subscribe (operator_, 11, 4);
    assert_int_equal (offered (strange_desk, numbers, 8), 0);
    assert_int_equal (offered (desk, numbers, 8), 0);
    assert_int_equal (offered (operator_, numbers, 8), 0);
}

/* ---- the book of offers alone ------------------------------------------------------------ */

static struct bytes peer (const char *name)
{
    return bytes_of_text (name);
}

static void thousands_of_offers_come_and_go (void **state UNUSED)
{
    enum { DESKS = 40, ROWS = 20000 };
    struct routing_offers *offers = routing_offers_create ();
    char name[16];
    for (unsigned i = 0; i < DESKS; i++) {
        snprintf (name, sizeof name, "desk %u", i);
        assert_true (routing_offers_subscribe (offers, peer (name), 11, 0, 1000));
    }
    for (uint64_t number = 1; number <= ROWS; number++)
        routing_offers_put (offers, routing_offers_desk (offers, 11, 340522100001),
                            number * 65536); /* neighbours in the table */
    for (uint64_t number = 1; number <= ROWS; number++)
        assert_true (routing_offers_has (offers, number * 65536));
    for (uint64_t number = 1; number <= ROWS; number += 2)
        routing_offers_forget (offers, number * 65536);
    for (uint64_t number = 1; number <= ROWS; number++)
        assert_int_equal (routing_offers_has (offers, number * 65536), number % 2 == 0);
    for (unsigned i = 0; i < DESKS; i++) {
        snprintf (name, sizeof name, "desk %u", i);
        routing_offers_gone (offers, peer (name));
    }
    assert_int_equal (routing_offers_desk_count (offers), 0);
    for (uint64_t number = 1; number <= ROWS; number++)
        assert_false (routing_offers_has (offers, number * 65536));
    routing_offers_destroy (&offers);
}

static void more_desks_than_there_is_room_for_are_told (void **state UNUSED)
{
    struct routing_offers *offers = routing_offers_create ();
    char name[16];
    for (unsigned i = 0; i <= ROUTING_DESKS_MAX; i++) {
        snprintf (name, sizeof name, "desk %u", i);
        assert_int_equal (routing_offers_subscribe (offers, peer (name), 11, 0, 1),
                          i < ROUTING_DESKS_MAX);
    }
    routing_offers_destroy (&offers);
}

#define STORY(name) cmocka_unit_test_setup_teardown (name, build, demolish)

int main (void)
{
    const struct CMUnitTest tests[] = {
        STORY (a_queue_is_ordered_by_priority_deadline_and_age),
        STORY (pages_follow_one_another_while_the_queue_is_emptied),
        STORY (a_worker_finds_what_is_in_hand),
        STORY (a_dispatcher_sees_its_own_territory),
        STORY (the_shape_says_how_much_lies_where),
        STORY (counts_survive_every_failed_write),
        STORY (a_desk_is_offered_the_top_of_its_queue_up_to_its_credit),
        STORY (a_row_is_offered_to_one_connection_at_a_time),
        STORY (what_is_taken_unoffered_costs_nobody_credit),
        STORY (what_comes_back_is_offered_again),
        STORY (a_dispatcher_is_offered_what_is_undecided),
        STORY (nobody_is_offered_anothers_queue),
        cmocka_unit_test (thousands_of_offers_come_and_go),
        cmocka_unit_test (more_desks_than_there_is_room_for_are_told),
    };
    return cmocka_run_group_tests_name ("routing queues", tests, NULL, NULL);
}
