/* SPDX-License-Identifier: Apache-2.0 */
/* The record of the witness, and what is true of every entry whoever wrote it: journals
 * have no gaps and their time does not go back. */
#include "witness_inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 256

/* ---- grievances --------------------------------------------------------------------- */

static size_t slot_of (const struct witness *witness, uint64_t number)
{
    uint64_t mixed = number * UINT64_C (0x9E3779B97F4A7C15);
    size_t slot = (size_t) (mixed >> 32) & (witness->n_slots - 1);
    while (witness->slots[slot] != 0 &&
           witness->grievances[witness->slots[slot] - 1].number != number)
        slot = (slot + 1) & (witness->n_slots - 1);
    return slot;
}

struct witnessed *witness_grievance (struct witness *witness, uint64_t number)
{
    if (witness->n_slots == 0)
        return NULL;
    uint32_t at = witness->slots[slot_of (witness, number)];
    return at != 0 ? &witness->grievances[at - 1] : NULL;
}

static void slots_grow (struct witness *witness)
{
    free (witness->slots);
    witness->n_slots = witness->n_slots == 0 ? SLOTS_FIRST : witness->n_slots * 2;
    witness->slots = calloc (witness->n_slots, sizeof *witness->slots);
    assert (witness->slots != NULL);
    for (size_t i = 0; i < witness->n_grievances; i++)
        witness->slots[slot_of (witness, witness->grievances[i].number)] =
            (uint32_t) i + 1;
}

static void *grow (void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    *room = *room == 0 ? 64 : *room * 2;
    items = realloc (items, *room * size);
    assert (items != NULL);
    return items;
}

struct witnessed *witness_grievance_add (struct witness *witness, uint64_t number)
{
    if (2 * (witness->n_grievances + 1) > witness->n_slots)
        slots_grow (witness);
    witness->grievances = grow (witness->grievances, witness->n_grievances,
                                &witness->room, sizeof *witness->grievances);
    size_t slot = slot_of (witness, number);
    struct witnessed *of = &witness->grievances[witness->n_grievances++];
    *of = (struct witnessed){ .number = number };
    witness->slots[slot] = (uint32_t) witness->n_grievances;
    return of;
}

/* ---- life --------------------------------------------------------------------------- */

struct witness *witness_create (void)
{
    struct witness *witness = calloc (1, sizeof *witness);
    assert (witness != NULL);
    arena_init (&witness->arena, 0);
    return witness;
}

void witness_destroy (struct witness **witness)
{
    if (*witness == NULL)
        return;
    free ((*witness)->grievances);
    free ((*witness)->slots);
    free ((*witness)->heard);
    arena_done (&(*witness)->arena);
    free (TAKE (*witness));
}

/* ---- entries ------------------------------------------------------------------------ */

bool witness_complain (struct witness *witness, const struct entry *entry,
                       const char *format, ...)
{
    va_list arguments;
    if (witness->complaint[0] != '\0')
        return false;
    int used = entry == NULL
                   ? 0
                   : snprintf (witness->complaint, sizeof witness->complaint,
                               "entry %llu, kind %u, of %llu: ",
                               (unsigned long long) entry->sequence, entry->kind,
                               (unsigned long long) entry->grievance);
    witness->accused = entry != NULL ? entry->grievance : 0;
    va_start (arguments, format);
    vsnprintf (witness->complaint + used, sizeof witness->complaint - (size_t) used,
               format, arguments);
    va_end (arguments);
    return false;
}

static void hear (struct witness *witness, const struct entry *entry)
{
    witness->heard = grow (witness->heard, witness->n_heard, &witness->heard_room,
                           sizeof *witness->heard);
    struct heard *heard = &witness->heard[witness->n_heard++];
    *heard = (struct heard){ .time_ms = entry->time_ms, .kind = (enum kind) entry->kind };
    if (entry->moved != NULL) {
        heard->step = entry->moved->step;
        heard->from = entry->moved->from;
        heard->to = entry->moved->to;
        heard->done_at_ms = entry->moved->done_at_ms;
        heard->link_to = entry->moved->link_to;
    }
}

void witness_entry (struct witness *witness, enum speaker speaker,
                    const struct entry *entry, struct bytes body)
{
    arena_reset (&witness->arena);
    if (entry->sequence != witness->last_sequence[speaker] + 1)
        witness_complain (witness, entry, "a gap in the journal of %u", speaker);
    if (entry->time_ms < witness->last_ms[speaker])
        witness_complain (witness, entry, "time goes back in the journal of %u", speaker);
    witness->last_sequence[speaker] = entry->sequence;
    witness->last_ms[speaker] = entry->time_ms;
    if (speaker == SPEAKER_ROUTING) {
        hear (witness, entry);
        witness_routing (witness, entry, body);
    } else if (speaker == SPEAKER_ESCALATION) {
        witness_escalation (witness, entry);
    }
}

const char *witness_complaint (const struct witness *witness)
{
    return witness->complaint[0] != '\0' ? witness->complaint : NULL;
}

uint64_t witness_accused (const struct witness *witness)
{
    return witness->accused;
}

/* ---- looking ------------------------------------------------------------------------ */

size_t witness_count (const struct witness *witness)
{
    return witness->n_grievances;
}

const struct witnessed *witness_at (const struct witness *witness, size_t index)
{
    assert (index < witness->n_grievances);
    return &witness->grievances[index];
}

const struct witnessed *witness_find (const struct witness *witness, uint64_t number)
{
    if (witness->n_slots == 0)
        return NULL;
    uint32_t at = witness->slots[slot_of (witness, number)];
    return at != 0 ? &witness->grievances[at - 1] : NULL;
}
