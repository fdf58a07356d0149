/* SPDX-License-Identifier: Apache-2.0 */
/* Who subscribed, as what. Offers are pushed without another word from the desk, so the
 * key's row is looked up again whenever it may have changed: with the table of clients,
 * and with the day on which a row runs out. A desk whose row is not what it was is gone
 * for the service, is told so, and may subscribe again by the rights it has now. */
#include "runtime/core_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/log.h"

struct subscriber {
    struct subscriber *next;
    enum output_kind kind;
    struct client as; /* 'name' is not ours to keep */
    size_t peer_size;
    uint8_t peer[];
};

static struct bytes peer_of (const struct subscriber *subscriber)
{
    return BYTES (subscriber->peer, subscriber->peer_size);
}

static void drop (struct subscriber **place)
{
    struct subscriber *subscriber = *place;
    *place = subscriber->next;
    free (subscriber);
}

/* Bounded by the service, which says no when it has enough. */
void subscriber_note (struct core *core, const struct sender *sender,
                      enum output_kind kind)
{
    subscriber_forget (core, sender->peer);
    struct subscriber *subscriber = calloc (1, sizeof *subscriber + sender->peer.size);
    if (subscriber == NULL)
        abort ();
    *subscriber = (struct subscriber){ .next = core->subscribers,
                                       .kind = kind,
                                       .as = *sender->client,
                                       .peer_size = sender->peer.size };
    subscriber->as.name = NULL;
    memcpy (subscriber->peer, sender->peer.data, sender->peer.size);
    core->subscribers = subscriber;
}

void subscriber_forget (struct core *core, struct bytes peer)
{
    for (struct subscriber **place = &core->subscribers; *place != NULL;) {
        if (peer.data == NULL || bytes_equal (peer_of (*place), peer))
            drop (place);
        else
            place = &(*place)->next;
    }
}

static bool is_what_it_was (const struct core *core, const struct client *as)
{
    const struct client *now = clients_find_key (core->clients, BYTES_OF (as->key));
    return now != NULL && client_is_current (now, core->now_ms) &&
           now->number == as->number && now->role == as->role &&
           now->department == as->department && now->territory == as->territory;
}

static void dismiss (struct core *core, const struct subscriber *subscriber)
{
    log_notice ("client %u is no longer subscribed: its row has changed or run out",
                subscriber->as.number);
    if (core->spec->gone != NULL)
        core->spec->gone (core->self, peer_of (subscriber));
    outbox_frame (
        core, subscriber->kind, peer_of (subscriber),
        &(struct from_door){
            .refusal = refusal_make (&core->scratch, REFUSAL_NO_RIGHT,
                                     "the rights of this key have changed; subscribe "
                                     "again") });
}

void subscribers_check (struct core *core)
{
    int32_t day = civil_day (core->now_ms);
    if (day == core->subscribers_day)
        return;
    core->subscribers_day = day;
    for (struct subscriber **place = &core->subscribers; *place != NULL;) {
        if (is_what_it_was (core, &(*place)->as)) {
            place = &(*place)->next;
            continue;
        }
        dismiss (core, *place);
        drop (place);
    }
}
