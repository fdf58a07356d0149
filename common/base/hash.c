/* SPDX-License-Identifier: Apache-2.0 */
/* Digests. SHA-256 comes from libcrypto, which uses the processor's instructions for
 * it; the context is fetched once, since fetching costs more than hashing an entry.
 * One thread: a daemon has one, and so has every tool. */
#include "base/hash.h"

#include <openssl/evp.h>
#include <sodium.h>
#include <string.h>

static_assert (HASH_SIZE == crypto_generichash_BYTES, "BLAKE2b-256 fits a struct hash");
static_assert (HASH_KEY_SIZE == crypto_generichash_KEYBYTES, "its key too");

static EVP_MD_CTX *sha256_begin (void)
{
    static EVP_MD *sha256;
    static EVP_MD_CTX *context;
    if (context == NULL) {
        sha256 = EVP_MD_fetch (NULL, "SHA256", NULL);
        context = EVP_MD_CTX_new ();
        assert (sha256 != NULL && context != NULL);
    }
    int done = EVP_DigestInit_ex2 (context, sha256, NULL);
    assert (done == 1);
    return context;
}

void hash_parts (const struct bytes *parts, size_t count, struct hash *ret_hash)
{
    EVP_MD_CTX *context = sha256_begin ();
    for (size_t i = 0; i < count; i++) {
        int done = EVP_DigestUpdate (context, parts[i].data, parts[i].size);
        assert (done == 1);
    }
    int done = EVP_DigestFinal_ex (context, ret_hash->data, NULL);
    assert (done == 1);
}

void hash_bytes (struct bytes bytes, struct hash *ret_hash)
{
    hash_parts (&bytes, 1, ret_hash);
}

void content_hash16 (struct bytes bytes, uint8_t ret_hash[HASH16_SIZE])
{
    struct hash hash;
    hash_bytes (bytes, &hash);
    memcpy (ret_hash, hash.data, HASH16_SIZE);
}

void keyed_hash (const uint8_t key[HASH_KEY_SIZE], struct bytes bytes,
                 struct hash *ret_hash)
{
    int rc = crypto_generichash (ret_hash->data, HASH_SIZE, bytes.data, bytes.size, key,
                                 HASH_KEY_SIZE);
    assert (rc == 0);
}

bool hash_equal (const struct hash *a, const struct hash *b)
{
    return memcmp (a->data, b->data, HASH_SIZE) == 0;
}

bool hash_equal_secret (const struct hash *a, const struct hash *b)
{
    return sodium_memcmp (a->data, b->data, HASH_SIZE) == 0;
}

bool hash_is_zero (const struct hash *hash)
{
    static const struct hash zero;
    return hash_equal (hash, &zero);
}

struct bytes hash_view (const struct hash *hash)
{
    return BYTES (hash->data, HASH_SIZE);
}

void hash_text (const struct hash *hash, char ret_text[HASH_TEXT_SIZE])
{
    sodium_bin2hex (ret_text, HASH_TEXT_SIZE, hash->data, HASH_SIZE);
}

bool hash_parse (const char *text, struct hash *ret_hash)
{
    struct hash hash;
    size_t size;
    const char *end;
    size_t length = strlen (text);
    if (length != HASH_TEXT_SIZE - 1)
        return false;
    if (sodium_hex2bin (hash.data, HASH_SIZE, text, length, NULL, &size, &end) != 0)
        return false;
    if (size != HASH_SIZE || *end != '\0')
        return false;
    *ret_hash = hash;
    return true;
}
