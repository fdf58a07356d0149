/* SPDX-License-Identifier: Apache-2.0 */
/* Urgent words in what people write. Every filing passes here, and hardly one has such a
 * word: a bit for the first three bytes of each word (one character, in Chinese) says for
 * almost every place of a text that none begins there. */
#include <string.h>

#include "base/text.h"
#include "rules/loading.h"

#define START_SIZE 3
#define STARTS     (1u << 16)

/* Exact for a character of three bytes in UTF-8. Bit 0 is also that of shorter words. */
static inline unsigned start_of (const uint8_t *at)
{
    return (at[0] & 0x0fu) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
}

void urgent_words_index (struct rules *rules)
{
    uint64_t *starts = ARENA_ARRAY (&rules->arena, uint64_t, STARTS / 64);
    for (size_t i = 0; i < rules->urgent_word_count; i++) {
        struct bytes word = bytes_of_text (rules->urgent_words[i].word);
        unsigned start = word.size < START_SIZE ? 0 : start_of (word.data);
        starts[start / 64] |= UINT64_C (1) << start % 64;
    }
    rules->urgent_starts = starts;
}

/* The first word that does not stand before what begins like this. */
static size_t first_word (const struct rules *rules, const uint8_t start[START_SIZE])
{
    size_t low = 0, high = rules->urgent_word_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strncmp (rules->urgent_words[middle].word, (const char *) start, START_SIZE) <
            0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Flags of the words that stand at the beginning of this. */
static unsigned flags_at (const struct rules *rules, struct bytes text)
{
    unsigned flags = 0;
    for (size_t i = first_word (rules, text.data); i < rules->urgent_word_count; i++) {
        const struct urgent_word *word = &rules->urgent_words[i];
        if (strncmp (word->word, (const char *) text.data, START_SIZE) != 0)
            break;
        if (word->size <= text.size && memcmp (text.data, word->word, word->size) == 0)
            flags |= word->flags;
    }
    return flags;
}

/* Two letters: too short to begin with three bytes. */
static unsigned flags_of_short (const struct rules *rules, struct bytes text)
{
    unsigned flags = 0;
    for (size_t i = 0; i < rules->urgent_word_count; i++) {
        const struct urgent_word *word = &rules->urgent_words[i];
        if (word->size < START_SIZE &&
            memmem (text.data, text.size, word->word, word->size) != NULL)
            flags |= word->flags;
    }
    return flags;
}

unsigned urgent_flags (const struct rules *rules, struct bytes text)
{
    if (rules->urgent_word_count == 0 || text.size == 0)
        return 0;
    unsigned flags =
        (rules->urgent_starts[0] & 1) != 0 ? flags_of_short (rules, text) : 0;
    /* A word begins where a character does; most characters are three bytes. */
    for (size_t at = 0; at + START_SIZE <= text.size;
         at += (text.data[at] & 0xf0) == 0xe0 ? 3 : 1) {
        unsigned start = start_of (text.data + at);
        if ((rules->urgent_starts[start / 64] >> start % 64 & 1) != 0)
            flags |= flags_at (rules, BYTES (text.data + at, text.size - at));
    }
    return flags;
}
