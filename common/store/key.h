/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of tables: fixed-width big-endian numbers one after the other, so that the
 * order of the bytes is the order of the numbers.
 *
 *     struct key key;
 *     key_init (&key);
 *     key_u32 (&key, department);
 *     key_u64 (&key, sequence);
 *     txn_put (txn, TABLE_QUEUE, key_view (&key), value);
 */
#ifndef MINQING_STORE_KEY_H
#define MINQING_STORE_KEY_H

#include "base/bytes.h"

#define KEY_SIZE_MAX 96 /* LMDB takes 511; short keys make wide, shallow trees */

struct key {
    uint8_t data[KEY_SIZE_MAX];
    size_t size;
};

/* Empty the key; then append. Passing KEY_SIZE_MAX is our bug (assert). */
void key_init (struct key *key);
void key_u8 (struct key *key, uint8_t value);
void key_u16 (struct key *key, uint16_t value);
void key_u32 (struct key *key, uint32_t value);
void key_u64 (struct key *key, uint64_t value);
void key_bytes (struct key *key, struct bytes bytes);
void key_text (struct key *key, const char *text); /* without the NUL; last in its key */

struct bytes key_view (const struct key *key); /* until the key changes */

/* Read back, from keys and from records of the same form: take the first part off
 * '*rest'. Past the end every take yields 0 (or absent bytes) and leaves '*rest'
 * absent, so one look at the end is enough: 'key_taken_whole' is true when nothing
 * was missing and nothing is left. */
uint8_t key_take_u8 (struct bytes *rest);
uint16_t key_take_u16 (struct bytes *rest);
uint32_t key_take_u32 (struct bytes *rest);
uint64_t key_take_u64 (struct bytes *rest);
struct bytes key_take_bytes (struct bytes *rest, size_t size);
bool key_taken_whole (const struct bytes *rest);

#endif
