/* SPDX-License-Identifier: Apache-2.0 */
/* After the commit: what is SENDING leaves, each once in this process. A petitioner's
 * contact is asked from intake first, and forgotten when the effect is on its way. */
#include "notification/inside.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/log.h"

#define PAGE 64

struct flight *flight_find (struct notification *self, uint64_t notice)
{
    for (size_t i = 0; i < self->n_flights; i++)
        if (self->flights[i].notice == notice)
            return &self->flights[i];
    return NULL;
}

static struct flight *flight_of (struct notification *self, uint64_t notice,
                                 uint64_t since)
{
    struct flight *flight = flight_find (self, notice);

    if (flight && flight->since == since)
        return flight;
    if (!flight) {
        if (self->n_flights == self->capacity) {
            self->capacity = self->capacity ? 2 * self->capacity : PAGE;
            self->flights =
                realloc (self->flights, self->capacity * sizeof *self->flights);
            assert (self->flights);
        }
        flight = &self->flights[self->n_flights++];
    }
    *flight = (struct flight){ .notice = notice, .since = since };
    return flight;
}

/* What has landed is forgotten, contacts with it. */
static void flights_sweep (struct notification *self)
{
    size_t kept = 0;

    for (size_t i = 0; i < self->n_flights; i++)
        if (self->flights[i].seen)
            self->flights[kept++] = self->flights[i];
    for (size_t i = kept; i < self->n_flights; i++)
        explicit_bzero (&self->flights[i], sizeof self->flights[i]);
    self->n_flights = kept;
}

static void ask (struct notification *self, struct flight *flight, uint64_t grievance,
                 struct arena *arena, struct outbox *outbox)
{
    struct query *query = ARENA_NEW (arena, struct query);

    query->contact = ARENA_NEW (arena, struct contact_query);
    query->contact->number = grievance;
    if (core_ask (self->core, outbox, SPEAKER_INTAKE, flight->notice, query))
        flight->stage = FLIGHT_ASKED; /* else with the next turn: too many are open */
}

/* By what a mail is known (Message-ID): who is told what of which entry. A store that was
 * restored makes a notice of it anew, under another number, and the mail is the same. */
static uint64_t mark_of (struct notification *self, struct txn *txn,
                         const struct notification_notice *notice, struct arena *arena)
{
    uint8_t hash[HASH16_SIZE];
    struct entry entry;

    if (!core_entry (self->core, txn, position_sequence (notice->notice), arena, &entry,
                     NULL) ||
        !entry.notice || !entry.source)
        return notice->notice;
    const char *text = arena_format (
        arena, "%u %" PRIu64 " %u %u %s", entry.source->speaker, entry.source->sequence,
        notice->recipient, notice->to, entry.notice->template);
    content_hash16 (bytes_of_text (text), hash);
    return get_be64 (hash) | 1;
}

static void start (struct notification *self, struct txn *txn, struct flight *flight,
                   const struct notification_notice *notice, struct arena *arena,
                   struct outbox *outbox)
{
    struct notification_route route;
    struct notification_text text;
    struct effect effect = { .id = notice->notice,
                             .mark = mark_of (self, txn, notice, arena),
                             .channel = way_name (notice->way) };

    notification_route (core_rules (self->core), &self->policy, notice->recipient,
                        notice->to, notice->outlet, &route);
    if (!notification_render (self, txn, notice, flight, arena, &text)) {
        log_error ("notice %" PRIu64
                   " has no text: its entry or its template cannot be read; "
                   "it is looked at again at the next start",
                   notice->notice);
        flight->stage = FLIGHT_STARTED;
        return;
    }
    effect.address = route.address ? route.address : "";
    effect.subject = text.subject;
    effect.text = text.text;
    effect.json = text.json;
    core_effect (self->core, outbox, &effect);
    flight->stage = FLIGHT_STARTED;
    explicit_bzero (flight->name, sizeof flight->name);
    explicit_bzero (flight->telephone, sizeof flight->telephone);
}

static void leave (struct notification *self, struct txn *txn, struct flight *flight,
                   struct arena *arena, struct outbox *outbox)
{
    struct notification_notice notice;

    flight->seen = true;
    if (flight->stage == FLIGHT_STARTED || flight->stage == FLIGHT_ASKED ||
        !notification_find (txn, flight->notice, arena, &notice))
        return;
    if (notice.recipient == RECIPIENT_PETITIONER && flight->stage == FLIGHT_NEW)
        ask (self, flight, notice.grievance, arena, outbox);
    else
        start (self, txn, flight, &notice, arena, outbox);
}

void notification_leave (struct notification *self, struct txn *txn, struct arena *arena,
                         struct outbox *outbox)
{
    struct notification_outgoing outgoing[PAGE];
    uint64_t after = 0;
    size_t count;

    for (size_t i = 0; i < self->n_flights; i++)
        self->flights[i].seen = false;
    do {
        count = notification_outgoing_list (txn, after, PAGE, outgoing);
        for (size_t i = 0; i < count; i++) {
            after = outgoing[i].notice;
            if (outgoing[i].lost_ms == 0)
                leave (self, txn, flight_of (self, after, outgoing[i].since), arena,
                       outbox);
        }
    } while (count == PAGE);
    flights_sweep (self);
}
