/* SPDX-License-Identifier: Apache-2.0 */
/* The limits of proto/minqing/v1/limits.proto, for C: one table, held against the
 * generated one when limits.c is compiled. Bytes of UTF-8 unless the name says else. */
#ifndef MINQING_WIRE_LIMITS_H
#define MINQING_WIRE_LIMITS_H

#include "base/macros.h"

enum limit {
    /* One ZeroMQ frame from a client, one from a server. */
    LIMIT_CLIENT_FRAME = 131072,
    LIMIT_SERVER_FRAME = 1048576,
    /* Nesting and fields of one frame, before anything is decoded. */
    LIMIT_DEPTH = 12,
    LIMIT_FRAME_FIELDS = 40000,

    /* Commands and queries in one frame; rows in one reply. */
    LIMIT_COMMANDS = 256,
    LIMIT_QUERIES = 64,
    LIMIT_ROWS = 500,

    /* Messages a desk, entries a follower may be sent ahead. */
    LIMIT_DESK_CREDIT = 1000,
    LIMIT_FOLLOW_CREDIT = 100000,
    LIMIT_WITHOUT = 24,

    LIMIT_TEXT = 60000,
    LIMIT_TITLE = 1500,
    LIMIT_REASON = 6000,
    LIMIT_SENTENCE = 600,
    LIMIT_NAME = 120,
    LIMIT_CONTACT = 200,
    LIMIT_CATEGORY = 180,
    LIMIT_ORIGIN = 300,
    LIMIT_SEALED = 64000,
    LIMIT_TABLE = 900000,
    LIMIT_DOCUMENT = 90000,

    /* Counts inside one grievance. */
    LIMIT_PERSONS = 1000000,
    LIMIT_ACCUSED = 16,
    LIMIT_ASSISTING = 8,
    LIMIT_CANDIDATES = 3,
    LIMIT_CLOCK_CHANGES = 32,
    LIMIT_RECUSED = 6
};

/* Sizes that are exact. */
#define WIRE_QUERY_CODE_SIZE 8  /* Crockford base32 from the slip, canonical */
#define WIRE_CONTENT_SIZE    16 /* digest of a command, wire/check.h */
#define WIRE_JOURNAL_ID_SIZE 16
#define WIRE_HASH_SIZE       32 /* SHA-256, keyed BLAKE2b */
#define WIRE_KEY_SIZE        32 /* X25519 public key */

/* Ratings: 1 满意, 2 基本满意, 3 不满意; 0 not rated. */
#define RATING_MOST 3

/* How far up a matter was put forward: 1 county, 2 city, 3 province, 4 the capital. */
#define REACHED_MOST 4

/* Times are milliseconds since 1970-01-01T00:00Z, from 0 to the end of the year 2999 at
 * UTC+8: what every calendar function takes. Beyond the range of a proto enum. */
#define LIMIT_TIME_MS INT64_C (32503651199999)

#endif
