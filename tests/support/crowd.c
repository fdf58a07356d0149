/* SPDX-License-Identifier: Apache-2.0 */
/* Who is in the crowd, its dice, and a round: everybody says what they are about to. */
#include "crowd_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

#define FRAME_MAX     64
#define SPEAKING_MAX  32
#define FILED_AT_ONCE 24 /* the others may have to do with what is there */

const char crowd_query_code[] = "0123ABCD";

const struct office_of crowd_offices[OFFICES] = {
    { 10, 1011, 1012, { 1031, 1032 } }, { 11, 1111, 1112, { 1131, 1132 } },
    { 12, 1211, 1212, { 1231, 1232 } }, { 13, 1311, 1312, { 1331, 1332 } },
    { 14, 1411, 1412, { 1431, 1432 } }, { 15, 1511, 1512, { 1531, 1532 } },
    { 16, 1611, 1612, { 1631, 1632 } }, { 22, 2211, 2212, { 2231, 2232 } },
    { 51, 5111, 5102, { 5131, 5131 } }, { 53, 5311, 5301, { 5331, 5331 } },
    { 54, 5411, 5411, { 5431, 5431 } }, { 101, 10111, 10112, { 10131, 10132 } },
};

const uint64_t crowd_villages[TERMINALS] = { 340522100001, 340522100002, 340522100003,
                                             340522101001, 340522100200, 340522101200,
                                             340522100201, 340522100004, 340522100206,
                                             340522100207 };

const uint32_t crowd_dispatchers[DISPATCHERS] = { 3121, 3122, 3111, 3112 };
const uint32_t crowd_leaders[LEADERS] = { 1001, 1002, 1003, 1004, 1005, 1006, 1007 };

const char *const crowd_categories[CATEGORIES] = {
    "国土资源/土地征收",
    "国土资源/土地征收/安置补偿",
    "环境保护",
    "民政",
    "劳动和社会保障",
    "农村农业",
    "城乡建设/重点工程施工环境/爆破震损",
    "城乡建设/城市建设和市政管理/自来水供应",
    NULL,
};

/* ---- chance ------------------------------------------------------------------------- */

/* splitmix64 */
static uint64_t next (struct crowd *crowd)
{
    uint64_t z = (crowd->state += UINT64_C (0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C (0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C (0x94D049BB133111EB);
    return z ^ (z >> 31);
}

uint32_t crowd_below (struct crowd *crowd, uint32_t n)
{
    return (uint32_t) ((next (crowd) >> 32) * n >> 32);
}

bool crowd_one_in (struct crowd *crowd, uint32_t n)
{
    return n > 0 && crowd_below (crowd, n) == 0;
}

size_t crowd_a_terminal (struct crowd *crowd)
{
    uint32_t open = crowd->manners.terminals;
    return crowd_below (crowd, open == 0 || open > TERMINALS ? TERMINALS : open);
}

/* ---- a round ------------------------------------------------------------------------ */

static struct town_client *member (struct crowd *crowd, uint32_t number)
{
    for (size_t i = 0; i < CLIENTS; i++)
        if (crowd_client (i).number == number)
            return crowd->members[i];
    assert (!"nobody has that number");
    return NULL;
}

/* What a client says to one daemon at once. */
struct frame {
    uint32_t client;
    enum speaker speaker;
    struct command *commands;
    size_t count;
};

/* All of the first act's client and daemon that are left. */
static void frame_take (struct crowd *crowd, size_t first, struct frame *frame)
{
    struct command commands[FRAME_MAX] = { 0 };
    *frame = (struct frame){ .client = crowd->acts[first].client,
                             .speaker = crowd->acts[first].speaker };
    for (size_t i = first; i < crowd->n_acts && frame->count < FRAME_MAX; i++)
        if (crowd->acts[i].client == frame->client &&
            crowd->acts[i].speaker == frame->speaker) {
            commands[frame->count++] = crowd->acts[i].command;
            crowd->acts[i].client = 0;
        }
    frame->commands = town_post_commands (member (crowd, frame->client), frame->speaker,
                                          commands, frame->count);
}

static size_t frame_answered (struct crowd *crowd, const struct frame *frame)
{
    struct outcome *outcomes[FRAME_MAX];
    size_t answered = 0;
    town_await_outcomes (member (crowd, frame->client), frame->speaker, frame->commands,
                         frame->count, outcomes);
    for (size_t i = 0; i < frame->count; i++) {
        if (outcomes[i] == NULL)
            continue;
        answered++;
        crowd->counts[outcomes[i]->refusal != NULL ? outcomes[i]->refusal->code
                                                   : REFUSAL_NONE]++;
    }
    return answered;
}

/* Everybody speaks at once, each to one daemon at a time. Returns how many were answered. */
static size_t speak (struct crowd *crowd)
{
    struct frame frames[SPEAKING_MAX];
    size_t n_frames = 0, answered = 0;
    for (size_t i = 0; i < crowd->n_acts && n_frames < SPEAKING_MAX; i++) {
        bool speaks = crowd->acts[i].client == 0;
        for (size_t j = 0; j < n_frames; j++)
            speaks |= frames[j].client == crowd->acts[i].client;
        if (!speaks)
            frame_take (crowd, i, &frames[n_frames++]);
    }
    for (size_t i = 0; i < n_frames; i++)
        answered += frame_answered (crowd, &frames[i]);
    return answered;
}

static bool is_silent (const struct crowd *crowd)
{
    for (size_t i = 0; i < crowd->n_acts; i++)
        if (crowd->acts[i].client != 0)
            return false;
    return true;
}

static void plan_anew (struct crowd *crowd, int64_t now_ms)
{
    crowd->now_ms = now_ms;
    crowd->n_acts = 0;
    arena_reset (&crowd->arena);
}

const struct act *crowd_plan_filing (struct crowd *crowd, int64_t now_ms)
{
    plan_anew (crowd, now_ms);
    crowd_act_file (crowd);
    return &crowd->acts[0];
}

const struct act *crowd_plan_act (struct crowd *crowd, const struct witness *witness,
                                  int64_t now_ms)
{
    plan_anew (crowd, now_ms);
    crowd_act_any (crowd, witness);
    return &crowd->acts[0];
}

size_t crowd_act (struct crowd *crowd, const struct witness *witness, size_t acts,
                  size_t most)
{
    size_t answered = 0, open = witness_count_open (witness);
    plan_anew (crowd, town_now_ms (crowd->town));
    for (; open < most && crowd->n_acts < acts && crowd->n_acts < FILED_AT_ONCE; open++)
        crowd_act_file (crowd);
    while (crowd->n_acts < acts && crowd->n_acts < ACTS_MAX &&
           witness_count (witness) > 0)
        crowd_act_any (crowd, witness);
    while (!is_silent (crowd))
        answered += speak (crowd);
    return answered;
}

/* ---- life --------------------------------------------------------------------------- */

struct crowd_client crowd_client (size_t index)
{
    static const struct crowd_client others[] = {
        { DISPATCHER, ROLE_DISPATCHER, 340522100, 31 },
        { FAR_DISPATCHER, ROLE_DISPATCHER, 340522, 52 },
        { LEADER, ROLE_LEADER, 340522100, 10 },
        { COUNTY, ROLE_LEADER, 340522, 51 },
    };
    assert (index < CLIENTS);
    if (index < TERMINALS)
        return (struct crowd_client){ .number = FIRST_TERMINAL + (uint32_t) index,
                                      .role = ROLE_TERMINAL,
                                      .territory = crowd_villages[index] / 1000 };
    if (index < TERMINALS + OFFICES)
        return (struct crowd_client){ .number = crowd_desk (index - TERMINALS),
                                      .role = ROLE_DESK,
                                      .territory = 340522,
                                      .department =
                                          crowd_offices[index - TERMINALS].department };
    return others[index - TERMINALS - OFFICES];
}

struct crowd *crowd_create (struct town *town, uint64_t seed)
{
    struct crowd *crowd = calloc (1, sizeof *crowd);
    assert (crowd != NULL);
    crowd->town = town;
    crowd->state = seed;
    crowd->manners = (struct crowd_manners){ .wrong_one_in = 4, .doctored_one_in = 16 };
    arena_init (&crowd->arena, 0);
    for (size_t i = 0; town != NULL && i < CLIENTS; i++) {
        struct crowd_client client = crowd_client (i);
        crowd->members[i] =
            town_client (town, client.role, client.number, .territory = client.territory,
                         .department = client.department);
    }
    return crowd;
}

void crowd_behave (struct crowd *crowd, const struct crowd_manners *manners)
{
    crowd->manners = *manners;
}

void crowd_destroy (struct crowd **crowd)
{
    if (*crowd == NULL)
        return;
    arena_done (&(*crowd)->arena);
    free (TAKE (*crowd));
}

struct town_client *crowd_dispatcher (const struct crowd *crowd)
{
    return crowd->members[TERMINALS + OFFICES + 1]; /* the county's */
}

struct town_client *crowd_terminal (const struct crowd *crowd, uint64_t number)
{
    uint32_t terminal = number_terminal (number);
    bool is_ours = terminal >= FIRST_TERMINAL && terminal < FIRST_TERMINAL + TERMINALS;
    return crowd->members[is_ours ? terminal - FIRST_TERMINAL : 0];
}

uint64_t crowd_count (const struct crowd *crowd, enum refusal_code code)
{
    return crowd->counts[code];
}
