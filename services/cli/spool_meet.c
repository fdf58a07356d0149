/* SPDX-License-Identifier: Apache-2.0 */
/* The sender's side of the spool: what the daemon says of us at every connection, and
 * what came of what was said. */
#include "cli/spool_records.h"

#include <errno.h>

/* Move what waits up by one and put the enrolment first. Backwards, so that no counter is
 * overwritten before it has moved. */
static void enrol_first (struct spool *spool, struct txn *txn, enum speaker speaker,
                         struct spool_door *door, int64_t now_ms)
{
    struct arena arena;
    arena_init (&arena, 0);
    for (uint64_t counter = door->next - 1; counter >= 1; counter--) {
        struct key key = spool_key_counter (speaker, counter);
        struct bytes value;
        struct command command;
        if (!txn_get (txn, SPOOL_COMMANDS, key_view (&key), &value) ||
            !spool_take_command (value, &arena, &command)) {
            txn_fail (txn, -EBADMSG);
            break;
        }
        command.counter = counter + 1;
        command.incarnation = door->incarnation;
        spool_put_command (spool, txn, speaker, &command, now_ms);
        if (command.file != NULL) {
            struct key number = spool_key_u64 (command.file->number);
            spool_put_u64 (txn, SPOOL_SLIPS, &number, command.counter);
        }
        arena_reset (&arena);
    }
    struct enrol enrol = { .why = "a fresh spool" };
    struct command first = { .counter = 1,
                             .incarnation = door->incarnation,
                             .enrol = &enrol };
    spool_put_command (spool, txn, speaker, &first, now_ms);
    door->next++;
    door->shift++;
    arena_done (&arena);
}

int spool_meet (struct spool *spool, enum speaker speaker,
                const struct standing *standing, int64_t now_ms, struct err *err)
{
    struct txn *txn = txn_begin_write (spool->store);
    struct spool_door door = spool_get_door (txn, speaker);
    uint32_t theirs = standing->incarnation == 0 ? 1 : standing->incarnation;
    if (door.incarnation == 0 && standing->next_counter > 1) {
        door.incarnation = theirs + 1;
        enrol_first (spool, txn, speaker, &door, now_ms);
    } else if (door.incarnation == 0) {
        door.incarnation = theirs;
    } else if (theirs > door.incarnation) {
        txn_abort (&txn);
        return err_set (
            err, -ESTALE,
            "this spool was replaced: another one has enrolled with the same "
            "key (incarnation %u, ours is %u); use that one, or ask for a new "
            "key",
            theirs, door.incarnation);
    } else if (theirs == door.incarnation && standing->next_counter <= door.acked) {
        door.acked = standing->next_counter - 1;
    }
    spool_put_door (txn, speaker, &door);
    return spool_end (spool, &txn, err);
}

int spool_record (struct spool *spool, enum speaker speaker,
                  const struct outcome *outcomes, size_t n_outcomes, int64_t now_ms,
                  struct err *err)
{
    struct txn *txn = txn_begin_write (spool->store);
    struct spool_door door = spool_get_door (txn, speaker);
    for (size_t i = 0; i < n_outcomes; i++) {
        const struct outcome *outcome = &outcomes[i];
        if (outcome->counter != door.acked + 1 || outcome->counter >= door.next)
            continue;
        struct key key = spool_key_counter (speaker, outcome->counter);
        spool_put_outcome (spool, txn, speaker, outcome, now_ms);
        if (outcome->refusal != NULL)
            txn_put (txn, SPOOL_REFUSED, key_view (&key), BYTES (NULL, 0));
        door.acked++;
    }
    spool_put_door (txn, speaker, &door);
    return spool_end (spool, &txn, err);
}
