/* SPDX-License-Identifier: Apache-2.0 */
/* The town's clients: they keep counters as a spool does, and repeat as a spool does
 * until they have an outcome. */
#include "town_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define ATTEMPTS_MAX 6   /* how often a client says the same before the test fails */
#define PATIENCE_MS  500 /* what it waits in between */

/* ---- clients ------------------------------------------------------------------------ */

struct town_client *town_client_with (struct town *town, enum role role, uint32_t number,
                                      const struct town_client_options *options)
{
    struct town_client *client = calloc (1, sizeof *client);
    assert (client != NULL);
    client->town = town;
    client->role = role;
    client->number = number;
    client->options = *options;
    client->connection = 1;
    snprintf (client->name, sizeof client->name, "%s",
              options->name != NULL ? options->name : "client");
    for (size_t i = 0; i < sizeof client->key; i++)
        client->key[i] = (uint8_t) (i + 1);
    put_be32 (client->key, number);
    for (unsigned i = 0; i < SPEAKER_COUNT; i++) {
        client->next_counter[i] = 1;
        client->incarnation[i] = 1;
    }
    letters_init (&client->inbox);
    client->next = town->clients;
    town->clients = client;
    town->must_reload = true;
    return client;
}

struct bytes town_client_peer (const struct town_client *client, char ret[PEER_SIZE])
{
    snprintf (ret, PEER_SIZE, "client-%u-%u", client->number, client->connection);
    return bytes_of_text (ret);
}

void town_hang_up (struct town_client *client)
{
    char peer[PEER_SIZE];
    struct town *town = client->town;
    struct input gone = { .kind = INPUT_GONE, .peer = town_client_peer (client, peer) };
    town_start (town);
    for (size_t i = 0; i < town->n_daemons; i++)
        town_post (town, town->order[i], &gone);
    client->connection++;
    letters_clear (&client->inbox);
}

uint64_t town_next_counter (const struct town_client *client, enum speaker speaker)
{
    return client->next_counter[speaker];
}

void town_forget (struct town *town)
{
    arena_reset (&town->arena);
}

/* ---- saying ------------------------------------------------------------------------- */

void town_send_frame (struct town_client *client, enum speaker speaker,
                      struct bytes frame)
{
    char peer[PEER_SIZE];
    town_start (client->town);
    town_post (client->town, speaker,
               &(struct input){ .kind = INPUT_DOOR,
                                .peer = town_client_peer (client, peer),
                                .key = BYTES (client->key, KEY_BYTES),
                                .frame = frame });
}

void town_send (struct town_client *client, enum speaker speaker,
                const struct to_door *message)
{
    town_send_frame (client, speaker, to_door_encode (&client->town->arena, message));
}

void town_send_stranger (struct town *town, enum speaker speaker, struct bytes frame)
{
    uint8_t key[KEY_BYTES] = { 0xFF };
    town_start (town);
    town_post (town, speaker,
               &(struct input){ .kind = INPUT_DOOR,
                                .peer = bytes_of_text (STRANGER_PEER),
                                .key = BYTES_OF (key),
                                .frame = frame });
}

/* ---- hearing ------------------------------------------------------------------------ */

static struct from_door *receive (struct town *town, struct letters *inbox)
{
    struct letter *letter = letters_take (inbox);
    struct err err = { 0 };
    if (letter == NULL)
        return NULL;
    struct from_door *message = ARENA_NEW (&town->arena, struct from_door);
    if (from_door_decode (&town->arena, letter->input.frame, message, &err) < 0) {
        log_error ("a daemon sends what cannot be read: %s", err.text);
        assert (!"a frame that breaks the protocol");
    }
    letter_destroy (&letter);
    return message;
}

struct from_door *town_receive (struct town_client *client)
{
    return receive (client->town, &client->inbox);
}

struct from_door *town_receive_stranger (struct town *town)
{
    return receive (town, &town->stranger.inbox);
}

/* ---- commands ----------------------------------------------------------------------- */

/* The client's counter for a daemon after an outcome, as a spool keeps it. */
static void count (struct town_client *client, enum speaker speaker,
                   const struct command *command, const struct outcome *outcome)
{
    uint64_t *next = &client->next_counter[speaker];
    const struct refusal *refusal = outcome->refusal;
    if (refusal != NULL && refusal->next_counter != 0) { /* nothing was consumed */
        *next = refusal->next_counter;
        return;
    }
    if (command->incarnation != client->incarnation[speaker]) {
        client->incarnation[speaker] = command->incarnation;
        *next = 1;
    }
    if (command->counter >= *next)
        *next = command->counter + 1;
}

/* Sort what came in to the commands; true when all have an outcome. */
static bool outcomes_sort (struct town_client *client, enum speaker speaker,
                           const struct command *commands, size_t n_commands,
                           struct outcome **ret_outcomes)
{
    struct from_door *message;
    bool is_refused = false;
    size_t missing = 0;
    while ((message = town_receive (client)) != NULL) {
        is_refused |= message->refusal != NULL;
        for (size_t i = 0; i < message->n_outcomes; i++)
            for (size_t j = 0; j < n_commands; j++)
                if (commands[j].counter == message->outcomes[i].counter) {
                    ret_outcomes[j] = &message->outcomes[i];
                    count (client, speaker, &commands[j], ret_outcomes[j]);
                }
    }
    for (size_t i = 0; i < n_commands; i++)
        missing += ret_outcomes[i] == NULL;
    return missing == 0 || is_refused;
}

struct command *town_post_commands (struct town_client *client, enum speaker speaker,
                                    const struct command *commands, size_t n_commands)
{
    struct arena *arena = &client->town->arena;
    struct command *numbered = ARENA_ARRAY (arena, struct command, n_commands);
    for (size_t i = 0; i < n_commands; i++) {
        numbered[i] = commands[i];
        if (numbered[i].counter == 0)
            numbered[i].counter = client->next_counter[speaker] + i;
        if (numbered[i].incarnation == 0)
            numbered[i].incarnation = client->incarnation[speaker];
    }
    town_send (client, speaker,
               &(struct to_door){ .commands = numbered, .n_commands = n_commands });
    return numbered;
}

void town_await_outcomes (struct town_client *client, enum speaker speaker,
                          struct command *numbered, size_t n_commands,
                          struct outcome **ret_outcomes)
{
    for (size_t i = 0; i < n_commands; i++)
        ret_outcomes[i] = NULL;
    for (unsigned attempt = 1;; attempt++) {
        town_settle (client->town);
        if (outcomes_sort (client, speaker, numbered, n_commands, ret_outcomes))
            return;
        town_step (client->town, PATIENCE_MS);
        if (attempt == ATTEMPTS_MAX)
            return;
        town_send (client, speaker,
                   &(struct to_door){ .commands = numbered, .n_commands = n_commands });
    }
}

void town_commands (struct town_client *client, enum speaker speaker,
                    const struct command *commands, size_t n_commands,
                    struct outcome **ret_outcomes)
{
    struct command *numbered = town_post_commands (client, speaker, commands, n_commands);
    town_await_outcomes (client, speaker, numbered, n_commands, ret_outcomes);
}

struct outcome *town_command (struct town_client *client, enum speaker speaker,
                              const struct command *command)
{
    struct outcome *outcome;
    town_commands (client, speaker, command, 1, &outcome);
    return outcome;
}

/* ---- questions ---------------------------------------------------------------------- */

static struct reply *reply_find (struct town_client *client, uint64_t id)
{
    struct from_door *message;
    while ((message = town_receive (client)) != NULL)
        for (size_t i = 0; i < message->n_replies; i++)
            if (message->replies[i].id == id)
                return &message->replies[i];
    return NULL;
}

struct reply *town_query (struct town_client *client, enum speaker speaker,
                          const struct query *query)
{
    struct query asked = *query;
    struct reply *reply = NULL;
    if (asked.id == 0)
        asked.id = ++client->town->last_query;
    for (unsigned attempt = 0; reply == NULL && attempt < ATTEMPTS_MAX; attempt++) {
        if (attempt > 0)
            town_step (client->town, PATIENCE_MS);
        town_send (client, speaker,
                   &(struct to_door){ .queries = &asked, .n_queries = 1 });
        town_settle (client->town);
        reply = reply_find (client, asked.id);
    }
    return reply;
}

struct control_reply *town_control (struct town_client *client, enum speaker speaker,
                                    enum control_verb verb)
{
    struct control control = { .verb = verb };
    struct from_door *message;
    town_send (client, speaker, &(struct to_door){ .control = &control });
    town_settle (client->town);
    while ((message = town_receive (client)) != NULL)
        if (message->control != NULL)
            return message->control;
    return NULL;
}
