/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MINQING_BASE_MACROS_H
#define MINQING_BASE_MACROS_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK               __attribute__ ((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__ ((format (printf, text, first)))
#define UNUSED                   __attribute__ ((unused))

/* Call 'destroy (&variable)' when the variable leaves its scope. Works with every
 * destructor of the form 'void x_destroy (struct x **)'; such destructors accept
 * a pointer to NULL. */
#define CLEANUP(destroy) __attribute__ ((cleanup (destroy)))

#define ARRAY_SIZE(array) (sizeof (array) / sizeof ((array)[0]))

/* Hand a pointer on to another owner: yields it and leaves NULL behind, so that
 * CLEANUP on the variable does nothing. */
#define TAKE(pointer)                                                                    \
    ({                                                                                   \
        __typeof__ (pointer) taken_ = (pointer);                                         \
        (pointer) = NULL;                                                                \
        taken_;                                                                          \
    })

#endif
