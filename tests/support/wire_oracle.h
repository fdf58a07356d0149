/* SPDX-License-Identifier: Apache-2.0 */
/* Another reader and writer of the same messages: protobuf-c's. */
#ifndef MINQING_TESTS_WIRE_ORACLE_H
#define MINQING_TESTS_WIRE_ORACLE_H

#include "wire/rules.h"

/* False: protobuf-c takes it for no such message. It judges less than 'wire_decode' does;
 * what that takes, both take alike. */
bool oracle_decode (const struct wire_message *rules, struct arena *arena,
                    struct bytes frame, void *ret_message);
struct bytes oracle_encode (const struct wire_message *rules, struct arena *arena,
                            const void *message);

#endif
