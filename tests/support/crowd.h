/* SPDX-License-Identifier: Apache-2.0 */
/* A crowd: petitioners at terminals, desks, dispatchers, heads and leaders of the shipped
 * township, who at any time do what is right, what is wrong, or anything at all. What they
 * know of the grievances is what a witness knows. The same seed does the same. */
#ifndef MINQING_SUPPORT_CROWD_H
#define MINQING_SUPPORT_CROWD_H

#include "town.h"
#include "witness.h"

struct crowd;

/* Who its clients are: village terminals first, then desks, dispatchers, leaders. */
#define CROWD_TERMINALS 10
#define CROWD_CLIENTS   26
struct crowd_client {
    uint32_t number;
    enum role role;
    uint64_t territory;
    uint32_t department;
};
struct crowd_client crowd_client (size_t index);

/* How they behave: one act of so many is anybody's anything, one step of so many has a
 * mistake in it; 0: none. Only the first so many terminals are open; 0: all. */
struct crowd_manners {
    uint32_t wrong_one_in;
    uint32_t doctored_one_in;
    uint32_t terminals;
};

/* Adds its clients to the town, which must not have started. Without a town (NULL) it only
 * plans. */
struct crowd *crowd_create (struct town *town, uint64_t seed);
void crowd_destroy (struct crowd **crowd);
void crowd_behave (struct crowd *crowd, const struct crowd_manners *manners);

/* What somebody is about to say. A terminal's filing has a number and a code of the
 * crowd's, which a spool will replace. */
struct act {
    uint32_t client; /* 0: it was said */
    enum speaker speaker;
    struct command command;
};

/* Plan a filing, or an act about what the witness knows (something must have been placed).
 * It lives until the next plan. */
const struct act *crowd_plan_filing (struct crowd *crowd, int64_t now_ms);
const struct act *crowd_plan_act (struct crowd *crowd, const struct witness *witness,
                                  int64_t now_ms);

/* About 'acts' acts of random persons, several in a frame. New grievances are filed while
 * fewer than 'most' are open. Returns how many commands were sent and answered. */
size_t crowd_act (struct crowd *crowd, const struct witness *witness, size_t acts,
                  size_t most);

/* A number in 0 … n - 1, from the crowd's seed. */
uint32_t crowd_below (struct crowd *crowd, uint32_t n);

/* A client that may read everything that is not sealed. */
struct town_client *crowd_dispatcher (const struct crowd *crowd);
/* The terminal that filed it, and its code. */
struct town_client *crowd_terminal (const struct crowd *crowd, uint64_t number);
extern const char crowd_query_code[];

/* How many commands had this refusal (REFUSAL_NONE: were taken). */
uint64_t crowd_count (const struct crowd *crowd, enum refusal_code code);

#endif
