/* SPDX-License-Identifier: Apache-2.0 */
/* Two tables: desks in an array, offered rows in a hash table with linear probing, from
 * number to desk. Its size follows from the bounds: desks × credit would be half a
 * million, which nobody reads; what is offered at all is bounded instead. */
#include "routing/offers.h"

#include <stdlib.h>
#include <string.h>

#include "wire/limits.h"

#define SLOTS   65536
#define OFFERED (SLOTS / 2) /* rows offered at a time, all desks together */

struct slot {
    uint64_t number; /* 0: free */
    uint16_t desk;
};

struct routing_offers {
    struct routing_desk desks[ROUTING_DESKS_MAX];
    bool is_touched[ROUTING_DESKS_MAX];
    size_t desk_count;
    size_t offered;
    struct slot slots[SLOTS];
};

struct routing_offers *routing_offers_create (void)
{
    struct routing_offers *offers = calloc (1, sizeof (*offers));
    assert (offers);
    return offers;
}

void routing_offers_destroy (struct routing_offers **offers)
{
    free (*offers);
    *offers = NULL;
}

/* ---- rows ------------------------------------------------------------------------ */

static size_t home (uint64_t number)
{
    return (size_t) ((number * UINT64_C (0x9E3779B97F4A7C15)) >> 48) % SLOTS;
}

static size_t slot_of (const struct routing_offers *offers, uint64_t number)
{
    size_t at = home (number);
    while (offers->slots[at].number != 0 && offers->slots[at].number != number)
        at = (at + 1) % SLOTS;
    return at;
}

/* Take a slot away and move up what had stepped aside for it. */
static void slot_clear (struct routing_offers *offers, size_t hole)
{
    offers->slots[hole] = (struct slot){ 0 };
    for (size_t at = (hole + 1) % SLOTS; offers->slots[at].number != 0;
         at = (at + 1) % SLOTS) {
        size_t away = (at + SLOTS - home (offers->slots[at].number)) % SLOTS;
        if (away < (at + SLOTS - hole) % SLOTS)
            continue;
        offers->slots[hole] = offers->slots[at];
        offers->slots[at] = (struct slot){ 0 };
        hole = at;
    }
}

bool routing_offers_has (const struct routing_offers *offers, uint64_t number)
{
    return offers->slots[slot_of (offers, number)].number == number;
}

void routing_offers_put (struct routing_offers *offers, const struct routing_desk *desk,
                         uint64_t number)
{
    size_t index = (size_t) (desk - offers->desks);
    size_t at = slot_of (offers, number);
    assert (index < offers->desk_count && offers->slots[at].number == 0);
    offers->slots[at] = (struct slot){ .number = number, .desk = (uint16_t) index };
    offers->desks[index].offered++;
    offers->offered++;
}

void routing_offers_forget (struct routing_offers *offers, uint64_t number)
{
    size_t at = slot_of (offers, number);
    if (offers->slots[at].number == 0)
        return;
    size_t desk = offers->slots[at].desk;
    offers->desks[desk].offered--;
    offers->offered--;
    offers->is_touched[desk] = true;
    slot_clear (offers, at);
}

/* ---- desks ----------------------------------------------------------------------- */

static bool desk_is (const struct routing_desk *desk, struct bytes peer)
{
    return bytes_equal (BYTES (desk->peer, desk->peer_size), peer);
}

static size_t desk_find (const struct routing_offers *offers, struct bytes peer)
{
    size_t i = 0;
    while (i < offers->desk_count && !desk_is (&offers->desks[i], peer))
        i++;
    return i;
}

/* All that this desk was offered is free. Clearing a slot may move a row into one that was
 * passed, hence until none is left. */
static void rows_release (struct routing_offers *offers, size_t desk)
{
    for (size_t at = 0; offers->desks[desk].offered > 0; at = (at + 1) % SLOTS)
        while (offers->slots[at].number != 0 && offers->slots[at].desk == desk)
            routing_offers_forget (offers, offers->slots[at].number);
}

static void rows_rename (struct routing_offers *offers, size_t from, size_t to)
{
    for (size_t at = 0; at < SLOTS; at++)
        if (offers->slots[at].number != 0 && offers->slots[at].desk == from)
            offers->slots[at].desk = (uint16_t) to;
}

bool routing_offers_subscribe (struct routing_offers *offers, struct bytes peer,
                               uint32_t department, uint64_t territory, uint32_t credit)
{
    size_t i = desk_find (offers, peer);
    if (i < offers->desk_count && offers->desks[i].department != department)
        rows_release (offers, i);
    if (i == offers->desk_count) {
        if (i == ROUTING_DESKS_MAX || peer.size > ROUTING_DESK_PEER_MAX)
            return false;
        offers->desks[i] = (struct routing_desk){ .peer_size = (uint16_t) peer.size };
        memcpy (offers->desks[i].peer, peer.data, peer.size);
        offers->desk_count++;
    }
    offers->desks[i].department = department;
    offers->desks[i].territory = territory;
    offers->desks[i].credit = credit < LIMIT_DESK_CREDIT ? credit : LIMIT_DESK_CREDIT;
    offers->is_touched[i] = true;
    return true;
}

void routing_offers_gone (struct routing_offers *offers, struct bytes peer)
{
    size_t i = desk_find (offers, peer);
    if (i == offers->desk_count)
        return;
    uint32_t department = offers->desks[i].department;
    rows_release (offers, i);
    size_t last = --offers->desk_count;
    if (i != last) {
        offers->desks[i] = offers->desks[last];
        offers->is_touched[i] = offers->is_touched[last];
        rows_rename (offers, last, i);
    }
    routing_offers_touch (offers, department);
}

void routing_offers_touch (struct routing_offers *offers, uint32_t department)
{
    for (size_t i = 0; i < offers->desk_count; i++)
        if (offers->desks[i].department == department)
            offers->is_touched[i] = true;
}

bool routing_offers_next (struct routing_offers *offers, uint32_t *ret_department)
{
    for (size_t i = 0; i < offers->desk_count; i++) {
        if (!offers->is_touched[i])
            continue;
        *ret_department = offers->desks[i].department;
        for (size_t j = i; j < offers->desk_count; j++)
            if (offers->desks[j].department == *ret_department)
                offers->is_touched[j] = false;
        return true;
    }
    return false;
}

static bool desk_has_room (const struct routing_offers *offers,
                           const struct routing_desk *desk, uint32_t department)
{
    return desk->department == department && desk->offered < desk->credit &&
           offers->offered < OFFERED;
}

/* Both are decimal prefixes of statistical codes; 0 is everywhere. */
static bool desk_covers (const struct routing_desk *desk, uint64_t village)
{
    while (village > desk->territory)
        village /= 10;
    return desk->territory == 0 || village == desk->territory;
}

const struct routing_desk *routing_offers_desk (const struct routing_offers *offers,
                                                uint32_t department, uint64_t village)
{
    const struct routing_desk *best = NULL;
    for (size_t i = 0; i < offers->desk_count; i++) {
        const struct routing_desk *desk = &offers->desks[i];
        if (desk_has_room (offers, desk, department) && desk_covers (desk, village) &&
            (!best || desk->offered < best->offered))
            best = desk;
    }
    return best;
}

bool routing_offers_is_hungry (const struct routing_offers *offers, uint32_t department)
{
    for (size_t i = 0; i < offers->desk_count; i++)
        if (desk_has_room (offers, &offers->desks[i], department))
            return true;
    return false;
}

size_t routing_offers_desk_count (const struct routing_offers *offers)
{
    return offers->desk_count;
}
