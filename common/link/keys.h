/* SPDX-License-Identifier: Apache-2.0 */
/* Curve25519 keys, and the enrolment file: the one file that makes a machine a client.
 *
 *     # Minqing key of client 101 (terminal). Keep it secret; never copy it.
 *     number = 101
 *     role = terminal
 *     name = 龙台村
 *     incarnation = 1
 *     public = 5e0f…
 *     secret = 91c2…
 *     servers
 *         intake
 *             connect = "tcp://192.0.2.1:5550"
 *             public = 77aa…
 *
 * Daemons have one too (role daemon, no servers). */
#ifndef MINQING_LINK_KEYS_H
#define MINQING_LINK_KEYS_H

#include "base/err.h"
#include "wire/control.h"
#include "wire/journal.h"
#include "wire/limits.h"

#define KEY_SIZE      32 /* binary, as CURVE sockets take them */
#define KEY_TEXT_SIZE 65 /* hex and NUL */
#define ENDPOINT_SIZE 256

struct key_pair {
    uint8_t public_key[KEY_SIZE];
    uint8_t secret_key[KEY_SIZE];
};

/* From the kernel's randomness; cannot fail (without libsodium the process ends). */
void key_pair_make (struct key_pair *ret_pair);
void key_pair_forget (struct key_pair *pair); /* overwrite */

void key_format (const uint8_t key[KEY_SIZE], char ret_text[KEY_TEXT_SIZE]);
bool key_parse (const char *text, uint8_t ret_key[KEY_SIZE]); /* exactly 64 hex digits */

/* Where a daemon's door is and by which key it is known. */
struct key_server {
    char endpoint[ENDPOINT_SIZE]; /* "": the file does not say */
    uint8_t public_key[KEY_SIZE];
};

struct key_file {
    uint32_t number;
    enum role role;
    char name[LIMIT_NAME + 1]; /* may be "" */
    uint32_t incarnation;
    struct key_pair pair;
    struct key_server servers[SPEAKER_COUNT];
};

/* Read and check. -EINVAL and "file:line: what, what to do"; -EACCES when others than the
 * owner may read it; -ENOENT and what the system says. The result holds a secret:
 * 'key_pair_forget' when done. */
MUST_CHECK int key_file_load (const char *file, struct key_file *ret_key,
                              struct err *err);

/* Write with mode 0600, under a name of its own first, so that there is all of it or
 * nothing; when it returns 0 it is durable. -EEXIST: a key is never overwritten. */
MUST_CHECK int key_file_save (const char *file, const struct key_file *key,
                              struct err *err);

#endif
