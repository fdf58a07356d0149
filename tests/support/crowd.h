/* SPDX-License-Identifier: Apache-2.0 */
/* A crowd: petitioners at terminals, desks, dispatchers, heads and leaders of the shipped
 * township, who at any time do what is right, what is wrong, or anything at all. What they
 * know of the grievances is what a witness knows. The same seed does the same. */
#ifndef MINQING_SUPPORT_CROWD_H
#define MINQING_SUPPORT_CROWD_H

#include "town.h"
#include "witness.h"

struct crowd;

/* Adds its clients to the town, which must not have started. */
struct crowd *crowd_create (struct town *town, uint64_t seed);
void crowd_destroy (struct crowd **crowd);

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
