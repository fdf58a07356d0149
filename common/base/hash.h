/* SPDX-License-Identifier: Apache-2.0 */
/* Digests: SHA-256 (FIPS 180-4) for everything that is compared or proved, keyed
 * BLAKE2b (RFC 7693) for short secrets such as query codes. */
#ifndef MINQING_BASE_HASH_H
#define MINQING_BASE_HASH_H

#include "base/bytes.h"

#define HASH_SIZE      32
#define HASH_TEXT_SIZE (2 * HASH_SIZE + 1)
#define HASH_KEY_SIZE  32
#define HASH16_SIZE    16

struct hash {
    uint8_t data[HASH_SIZE];
};

/* SHA-256 of one run of bytes, or of several as if they stood one after the other.
 * Absent bytes are empty. Cannot fail: without a working libcrypto the process ends. */
void hash_bytes (struct bytes bytes, struct hash *ret_hash);
void hash_parts (const struct bytes *parts, size_t count, struct hash *ret_hash);

/* The first 16 bytes of SHA-256: tells contents apart ("same counter, other content")
 * where 32 bytes a record would be dear. Proves nothing against an attacker with 2^64
 * tries. */
void content_hash16 (struct bytes bytes, uint8_t ret_hash[HASH16_SIZE]);

/* BLAKE2b-256 with a secret key: what is guessable (a query code) is kept only so. */
void keyed_hash (const uint8_t key[HASH_KEY_SIZE], struct bytes bytes,
                 struct hash *ret_hash);

bool hash_equal (const struct hash *a, const struct hash *b);
/* In constant time: for what somebody may try to guess. */
bool hash_equal_secret (const struct hash *a, const struct hash *b);
bool hash_is_zero (const struct hash *hash);
struct bytes hash_view (const struct hash *hash); /* as long as the hash lives */

/* 64 lower-case hex digits and a NUL. 'hash_parse' takes upper case too; false, and
 * '*ret_hash' untouched, for anything else. */
void hash_text (const struct hash *hash, char ret_text[HASH_TEXT_SIZE]);
bool hash_parse (const char *text, struct hash *ret_hash);

#endif
