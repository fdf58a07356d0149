/* SPDX-License-Identifier: Apache-2.0 */
/* Desks: they are offered what waits for their department and claim it. A grievance is at
 * the desk when it is offered, and theirs when the outcome of the claim has come: each time
 * routing has it on its disk. */
#include "cli/bench_inside.h"

#include "wire/wire.h"

#include <errno.h>

#define PAUSE_NS (20 * INT64_C (1000000))

void desk_greet (struct bench_load *load, struct bench_desk *desk)
{
    struct subscribe subscribe = { .department = desk->key->matter->department,
                                   .credit = LIMIT_DESK_CREDIT };
    struct to_door message = { .subscribe = &subscribe };
    arena_reset (&load->arena);
    if (port_send (load, &desk->port, to_door_encode (&load->arena, &message)) < 0)
        desk->port.is_met = desk->port.is_greeted = false; /* all of it again */
}

/* One frame of what has been offered: a number and what to do with it each. */
static struct bytes claims (struct bench_load *load, const struct bench_desk *desk,
                            size_t n)
{
    arena_reset (&load->arena);
    struct command *commands = ARENA_ARRAY (&load->arena, struct command, n);
    struct step_command *steps = ARENA_ARRAY (&load->arena, struct step_command, n);
    for (size_t i = 0; i < n; i++) {
        uint64_t counter = desk->sent + 1 + i;
        steps[i] = (struct step_command){ .number = desk->numbers[counter % DESK_RING],
                                          .step = STEP_CLAIM };
        commands[i] = (struct command){ .counter = counter,
                                        .incarnation = desk->key->key.incarnation,
                                        .person = desk->key->matter->person,
                                        .step = &steps[i] };
    }
    struct to_door message = { .commands = commands, .n_commands = n };
    return to_door_encode (&load->arena, &message);
}

void desk_send (struct bench_load *load, struct bench_desk *desk, int64_t now_ns)
{
    while (desk->sent < desk->made && now_ns >= desk->resume_ns) {
        size_t n = (size_t) (desk->made - desk->sent);
        if (n > LIMIT_COMMANDS)
            n = LIMIT_COMMANDS;
        if (port_send (load, &desk->port, claims (load, desk, n)) < 0)
            return;
        desk->sent += n;
    }
}

static void arrive (struct bench_load *load, uint64_t number, int64_t now_ns)
{
    int64_t *due_ns = terminal_due_of (load, number);
    if (due_ns == NULL || (*due_ns & DUE_ARRIVED) != 0)
        return; /* of a run before, in a folder that is used again; or offered again */
    if (bench_is_within (load, due_time (*due_ns)))
        histogram_note (&load->run->arrival, (uint64_t) (now_ns - due_time (*due_ns)));
    *due_ns |= DUE_ARRIVED;
}

static int take_offers (struct bench_load *load, struct bench_desk *desk,
                        const struct from_door *message, int64_t now_ns)
{
    for (size_t i = 0; i < message->n_offers; i++) {
        uint64_t number = message->offers[i].row->number;
        if (desk->made - desk->acked == DESK_RING)
            return err_set (&load->cli->err, -EREMOTEIO,
                            _ ("a desk was offered more than its credit"));
        desk->numbers[++desk->made % DESK_RING] = number;
        arrive (load, number, now_ns);
    }
    return 0;
}

static int claimed (struct bench_load *load, uint64_t number, int64_t now_ns)
{
    struct bench_run *run = load->run;
    int64_t *due_ns = terminal_due_of (load, number);
    if (due_ns == NULL)
        return 0; /* left by a run before, in a folder that is used again */
    if ((*due_ns & DUE_CLAIMED) != 0)
        return err_set (&load->cli->err, -EREMOTEIO,
                        _ ("grievance %llu was claimed twice"),
                        (unsigned long long) number);
    run->claimed++;
    run->claimed_within += bench_is_within (load, now_ns);
    if (bench_is_within (load, due_time (*due_ns)))
        histogram_note (&run->claim, (uint64_t) (now_ns - due_time (*due_ns)));
    *due_ns |= DUE_CLAIMED;
    return 0;
}

static int take_outcome (struct bench_load *load, struct bench_desk *desk,
                         const struct outcome *outcome, int64_t now_ns)
{
    if (outcome->counter != desk->acked + 1)
        return 0; /* a repeat */
    if (outcome->step_done == NULL)
        return bench_unexpected (load, _ ("a claim"), outcome->refusal);
    desk->acked++;
    if (desk->sent < desk->acked)
        desk->sent = desk->acked;
    return claimed (load, outcome->step_done->number, now_ns);
}

int desk_hear (struct bench_load *load, struct bench_desk *desk,
               const struct from_door *message, int64_t now_ns)
{
    int rc = take_offers (load, desk, message, now_ns);
    for (size_t i = 0; rc == 0 && i < message->n_outcomes; i++) {
        if (bench_is_put_off (&message->outcomes[i])) {
            load->run->put_off += desk->resume_ns <= now_ns;
            desk->sent = desk->acked;
            desk->resume_ns = now_ns + PAUSE_NS;
            return 0;
        }
        rc = take_outcome (load, desk, &message->outcomes[i], now_ns);
    }
    return rc;
}
