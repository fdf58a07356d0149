/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/feed.h"

#include <string.h>

#include "wire/wire.h"

void feed_init (struct feed *feed, enum speaker speaker, uint64_t sequence)
{
    *feed = (struct feed){ .speaker = speaker, .sequence = sequence };
    memset (feed->journal, 'a' + (int) speaker, sizeof feed->journal);
    arena_init (&feed->arena, 0);
}

void feed_done (struct feed *feed)
{
    arena_done (&feed->arena);
}

bool feed_say (struct feed *feed, struct entry *entry)
{
    /* A body that escalation is not sent: of text and person. */
    static const uint8_t body_hash[WIRE_HASH_SIZE] = { 1 };
    struct followed *followed = &feed->followed[feed->count];

    if (feed->count == ARRAY_SIZE (feed->followed))
        return false;
    entry->sequence = ++feed->sequence;
    followed->header = entry_encode (&feed->arena, entry);
    followed->body = BYTES (NULL, 0);
    followed->body_hash = BYTES_OF (body_hash);
    feed->count++;
    return true;
}

struct input feed_input (struct feed *feed, int64_t complete_ms)
{
    struct entries entries = { .journal = BYTES_OF (feed->journal),
                               .entries = feed->followed,
                               .n_entries = feed->count,
                               .complete = feed->sequence,
                               .complete_ms = complete_ms,
                               .head = feed->sequence };

    return (struct input){
        .kind = INPUT_LINK,
        .link = feed->speaker,
        .frame =
            from_door_encode (&feed->arena, &(struct from_door){ .entries = &entries }),
    };
}

void feed_clear (struct feed *feed)
{
    arena_reset (&feed->arena);
    feed->count = 0;
}
