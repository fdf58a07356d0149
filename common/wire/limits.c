/* SPDX-License-Identifier: Apache-2.0 */
/* Holds the C table of limits against the one of the protocol. */
#include "wire/limits.h"

#include "minqing/v1/limits.pb-c.h"

#define SAME(name)                                                                       \
    static_assert ((int) LIMIT_##name == (int) MINQING__V1__LIMIT__LIMIT_##name,         \
                   "limits.h and limits.proto say the same")

SAME (CLIENT_FRAME);
SAME (SERVER_FRAME);
SAME (DEPTH);
SAME (FRAME_FIELDS);
SAME (COMMANDS);
SAME (QUERIES);
SAME (ROWS);
SAME (DESK_CREDIT);
SAME (FOLLOW_CREDIT);
SAME (WITHOUT);
SAME (TEXT);
SAME (TITLE);
SAME (REASON);
SAME (SENTENCE);
SAME (NAME);
SAME (CONTACT);
SAME (CATEGORY);
SAME (ORIGIN);
SAME (SEALED);
SAME (TABLE);
SAME (DOCUMENT);
SAME (PERSONS);
SAME (ACCUSED);
SAME (ASSISTING);
SAME (CANDIDATES);
SAME (CLOCK_CHANGES);
SAME (RECUSED);
