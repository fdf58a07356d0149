/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer: any bytes as a frame from a client. What is taken must be encodable and come
 * back in the same bytes.
 *
 *     CC=clang cmake -B build-fuzz -DMINQING_FUZZ=ON && ninja -C build-fuzz fuzz_to_door
 *     build-fuzz/fuzz_to_door -max_len=4096 -max_total_time=60 */
#include "wire/wire.h"

#include "wire/door.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    struct arena arena;
    struct err err;
    struct to_door message, again;
    arena_init (&arena, 0);
    if (to_door_decode (&arena, BYTES (data, size), &message, &err) == 0) {
        assert (arena.used <= 4096 + 64 * size);
        struct bytes frame = to_door_encode (&arena, &message);
        int rc = to_door_decode (&arena, frame, &again, &err);
        assert (rc == 0);
        assert (bytes_equal (frame, to_door_encode (&arena, &again)));
    }
    arena_done (&arena);
    return 0;
}
