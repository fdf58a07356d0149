/* SPDX-License-Identifier: Apache-2.0 */
/* Control's verification of the own journal and its tree: a slice with each turn, so that
 * nobody waits for it, and an answer at the end. One at a time; it is forgotten with the
 * daemon. */
#include "runtime/core_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* About five milliseconds, in which a slice's entries are hashed. */
#define VERIFY_SLICE 2048

static void say (struct core *core, enum output_kind kind, struct bytes peer,
                 struct control_reply *reply)
{
    reply->verb = CONTROL_VERIFY;
    outbox_frame (core, kind, peer, &(struct from_door){ .control = reply });
}

void verify_begin (struct core *core, const struct sender *sender, enum output_kind kind)
{
    struct verifying *it = &core->verifying;
    if (it->next != 0 || sender->peer.size > sizeof it->peer) {
        say (core, kind, sender->peer,
             &(struct control_reply){ .problem = "it is verified already: wait for it" });
        return;
    }
    it->kind = kind;
    it->peer_size = sender->peer.size;
    memcpy (it->peer, sender->peer.data, sender->peer.size);
    it->next = 1;
}

void verify_forget (struct core *core, struct bytes peer)
{
    struct verifying *it = &core->verifying;
    if (bytes_equal (BYTES (it->peer, it->peer_size), peer))
        it->next = 0;
}

void verify_go_on (struct core *core, struct txn *txn)
{
    struct verifying *it = &core->verifying;
    struct err err = { 0 };
    struct control_reply reply = { 0 };
    if (it->next == 0)
        return;
    /* The last slice goes to the end, and to the root there. */
    bool is_last = core->head < it->next + VERIFY_SLICE;
    uint64_t to = is_last ? 0 : it->next + VERIFY_SLICE - 1;
    arena_reset (&core->scratch);
    if (journal_verify (core->journal, txn, it->next, to, NULL, &err) < 0) {
        snprintf (core->trouble, sizeof core->trouble, "%.200s", err.text);
        reply.problem = err.text;
    } else if (!is_last) {
        it->next = to + 1;
        core->wants_turn = true;
        return;
    } else {
        reply.text =
            arena_format (&core->scratch, "%" PRIu64 " entries and their tree are intact",
                          journal_size (core->journal, txn));
    }
    it->next = 0;
    say (core, it->kind, BYTES (it->peer, it->peer_size), &reply);
}
