/* SPDX-License-Identifier: Apache-2.0 */
/* From the queue to the desks that want to be offered work: after the commit, the first
 * rows of each touched queue go to whoever has credit left. */
#include "routing/offering.h"

/* Rows offered in one turn, and in one frame: a desk that connects to a long queue must
 * not keep the others waiting. */
#define OFFERS_A_TURN  1000
#define OFFERS_A_FRAME 100

/* What was chosen in one turn, in order of the queue. */
struct chosen {
    const struct routing_desk *desk;
    struct offer offer;
};

static size_t choose (struct routing_offers *offers, const struct routing_reader *reader,
                      uint32_t department, struct chosen *ret_chosen, size_t max)
{
    size_t count = 0;
    struct key prefix = routing_queue_of (department, ROUTING_WAITING);
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, reader->txn, core_table (ROUTING_QUEUE));
    for (cursor_seek (&cursor, key_view (&prefix));
         cursor_is_within (&cursor, key_view (&prefix)) && count < max &&
         routing_offers_is_hungry (offers, department);
         cursor_next (&cursor)) {
        uint64_t number = routing_queue_number (cursor_key (&cursor));
        struct routing_grievance grievance;
        if (routing_offers_has (offers, number) ||
            !routing_grievance_find (reader->txn, number, &grievance) ||
            (department == 0 && grievance.purpose == PURPOSE_ACCUSATION))
            continue;
        const struct routing_desk *desk =
            routing_offers_desk (offers, department, grievance.village);
        if (!desk)
            continue;
        routing_offers_put (offers, desk, number);
        struct row *row = ARENA_NEW (reader->arena, struct row);
        routing_row_fill (reader, number, &grievance, department == 0, row);
        ret_chosen[count++] =
            (struct chosen){ desk, { .department = department, .row = row } };
    }
    return count;
}

/* Everything chosen for one desk, in frames of bounded size. */
static void tell (struct core *core, struct outbox *outbox,
                  const struct routing_desk *desk, const struct chosen *chosen,
                  size_t count)
{
    struct offer offers[OFFERS_A_FRAME];
    size_t n = 0;
    struct bytes peer = BYTES (desk->peer, desk->peer_size);
    for (size_t i = 0; i < count; i++) {
        if (chosen[i].desk != desk)
            continue;
        offers[n++] = chosen[i].offer;
        if (n == OFFERS_A_FRAME) {
            core_offer (core, outbox, peer, offers, n);
            n = 0;
        }
    }
    if (n > 0)
        core_offer (core, outbox, peer, offers, n);
}

static void tell_all (struct core *core, struct outbox *outbox,
                      const struct chosen *chosen, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool is_first = true;
        for (size_t j = 0; j < i; j++)
            is_first &= chosen[j].desk != chosen[i].desk;
        if (is_first)
            tell (core, outbox, chosen[i].desk, chosen + i, count - i);
    }
}

void routing_offers_tell (struct routing_offers *offers,
                          const struct routing_reader *reader, struct outbox *outbox)
{
    struct chosen *chosen = NULL;
    uint32_t department;
    for (size_t room = OFFERS_A_TURN;
         room > 0 && routing_offers_next (offers, &department);) {
        if (!chosen)
            chosen = ARENA_ARRAY (reader->arena, struct chosen, OFFERS_A_TURN);
        size_t count = choose (offers, reader, department, chosen, room);
        tell_all (reader->core, outbox, chosen, count);
        room -= count;
        if (room == 0)
            routing_offers_touch (offers, department);
    }
}
