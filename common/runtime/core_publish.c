/* SPDX-License-Identifier: Apache-2.0 */
/* Being followed: committed entries go out in order, as far as each follower's credit
 * goes, and heartbeats that say how far the journal is complete.
 *
 * A follower is a connection, kept in memory: it says Follow again when it comes back.
 * Nothing is queued here for a slow one, its place in the journal is one number; and what
 * waits in its connection is bounded in bytes, since credit counts entries. */
#include "runtime/core_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "wire/check.h"
#include "wire/names.h"
#include "wire/wire.h"

/* Who may have bodies (text, person, reasons) of whose journal. Everybody else is sent
 * headers. Routing shows desks the text, and a supervision's advice is a letter of its own;
 * intake shows petitioners the reasons. */
static const bool bodies_right[SPEAKER_COUNT][SPEAKER_COUNT] = {
    /* follower */ [SPEAKER_ROUTING] = { [SPEAKER_INTAKE] = true,
                                         [SPEAKER_ESCALATION] = true },
    /* follower */[SPEAKER_INTAKE] = { [SPEAKER_ROUTING] = true },
};

static bool may_follow (const struct client *client)
{
    return client->role == ROLE_DAEMON || client->role == ROLE_OPERATOR ||
           client->role == ROLE_KEEPER;
}

/* The keeper's files are what a journal is restored from: they have everything. */
static bool may_have_bodies (const struct core *core, const struct client *client)
{
    return client->role == ROLE_KEEPER ||
           bodies_right[client->speaker][core->spec->speaker];
}

/* ---- who follows ------------------------------------------------------------------- */

static struct follower *follower_find (struct core *core, struct bytes peer)
{
    for (size_t i = 0; i < core->n_followers; i++)
        if (bytes_equal (BYTES (core->followers[i].peer, core->followers[i].peer_size),
                         peer))
            return &core->followers[i];
    return NULL;
}

void follower_remove (struct core *core, struct bytes peer)
{
    struct follower *follower = follower_find (core, peer);
    if (follower != NULL)
        *follower = core->followers[--core->n_followers];
}

/* A daemon has one connection: a new one takes the place of the old, whose end may not
 * have been noticed yet. */
static struct follower *follower_place (struct core *core, const struct sender *sender)
{
    struct follower *follower = follower_find (core, sender->peer);
    for (size_t i = 0; follower == NULL && i < core->n_followers; i++)
        if (core->followers[i].is_daemon &&
            core->followers[i].client == sender->client->number)
            follower = &core->followers[i];
    if (follower == NULL && core->n_followers < FOLLOWERS_MAX)
        follower = &core->followers[core->n_followers++];
    return follower;
}

static enum follow_problem hash_check (struct core *core, struct txn *txn,
                                       const struct follow *follow)
{
    struct journal_record record;
    if (follow->after == 0 || follow->after_hash.size == 0 ||
        damaged_is_here (core, txn, follow->after) ||
        damaged_was_named (txn, follow->after)) /* it may have been given a stand-in */
        return FOLLOW_NONE;
    if (journal_read_header (core->journal, txn, follow->after, &record) < 0 ||
        !bytes_equal (hash_view (&record.leaf_hash), follow->after_hash))
        return FOLLOW_WRONG_HASH;
    return FOLLOW_NONE;
}

/* An id that is not ours: an earlier incarnation? Then the entry that closed it. */
static enum follow_problem ancestor_check (struct core *core, struct txn *txn,
                                           const struct follow *follow,
                                           uint64_t *ret_opening)
{
    struct entry opening;
    uint64_t sequence;
    if (!incarnation_find (txn, follow->journal, &sequence) ||
        !core_entry (core, txn, sequence, &core->scratch, &opening, NULL) ||
        opening.incarnation == NULL)
        return FOLLOW_WRONG_JOURNAL;
    if (follow->after <= opening.incarnation->previous_size &&
        hash_check (core, txn, follow) != FOLLOW_NONE)
        return FOLLOW_WRONG_HASH;
    *ret_opening = sequence;
    return FOLLOW_RESTORED;
}

/* Is what it followed until now this journal, at that place? */
static enum follow_problem place_check (struct core *core, struct txn *txn,
                                        const struct follow *follow,
                                        uint64_t *ret_opening)
{
    const struct journal_identity *identity = journal_identity (core->journal);
    if (follow->journal.size != 0 &&
        !bytes_equal (follow->journal, BYTES (identity->id, JOURNAL_ID_SIZE)))
        return ancestor_check (core, txn, follow, ret_opening);
    if (follow->after > core->head)
        return FOLLOW_AHEAD;
    return hash_check (core, txn, follow);
}

static void refusal_say (struct core *core, struct bytes peer, enum output_kind kind,
                         enum follow_problem problem, struct followed *opening)
{
    const struct journal_identity *identity = journal_identity (core->journal);
    struct follow_refused refused = { .problem = problem,
                                      .journal = BYTES (identity->id, JOURNAL_ID_SIZE),
                                      .head = core->head,
                                      .opening = opening };
    outbox_frame (core, kind, peer, &(struct from_door){ .follow_refused = &refused });
    follower_remove (core, peer); /* last: the peer's name may stand in its place */
}

static void follow_refuse (struct core *core, uint32_t client, struct bytes peer,
                           enum output_kind kind, enum follow_problem problem)
{
    log_warning ("client %u may not follow: %s", client, follow_problem_name (problem));
    refusal_say (core, peer, kind, problem, NULL);
}

/* It is told what closed the incarnation that it knows, and comes again. */
static void follow_lead (struct core *core, struct txn *txn, const struct sender *sender,
                         enum output_kind kind, uint64_t sequence)
{
    struct journal_record record;
    struct followed opening = { 0 };
    if (journal_read_header (core->journal, txn, sequence, &record) < 0)
        return; /* it was read a moment ago */
    opening.header = record.header;
    log_notice ("client %u follows an earlier incarnation and is led across",
                sender->client->number);
    refusal_say (core, sender->peer, kind, FOLLOW_RESTORED, &opening);
}

void follower_add (struct core *core, struct txn *txn, const struct sender *sender,
                   enum output_kind kind, const struct follow *follow)
{
    const struct client *client = sender->client;
    uint64_t opening = 0;
    enum follow_problem problem =
        may_follow (client) ? place_check (core, txn, follow, &opening) : FOLLOW_NO_RIGHT;
    /* What it never read waits in its connection still, however often it says Follow. */
    const struct follower *before = follower_find (core, sender->peer);
    size_t unread = before != NULL ? before->unread + before->unacked : 0;
    struct follower *follower = NULL;
    if (problem == FOLLOW_RESTORED) {
        follow_lead (core, txn, sender, kind, opening);
        return;
    }
    if (problem == FOLLOW_NONE && sender->peer.size <= sizeof follower->peer)
        follower = follower_place (core, sender);
    if (problem == FOLLOW_NONE && follower == NULL)
        problem = FOLLOW_NO_RIGHT; /* FOLLOWERS_MAX are there already */
    if (problem != FOLLOW_NONE) {
        follow_refuse (core, client->number, sender->peer, kind, problem);
        return;
    }
    *follower = (struct follower){ .kind = kind,
                                   .peer_size = sender->peer.size,
                                   .client = client->number,
                                   .is_daemon = client->role == ROLE_DAEMON,
                                   .bodies = may_have_bodies (core, client),
                                   .is_keeper = client->role == ROLE_KEEPER,
                                   .can_wait = follow->can_wait,
                                   .next = follow->after + 1,
                                   .credit = follow->credit,
                                   .unread = unread,
                                   .said_ms = core->now_ms - HEARTBEAT_MS };
    for (size_t i = 0; i < follow->n_without && i < LIMIT_WITHOUT; i++)
        follower->without[follower->n_without++] = follow->without[i];
    memcpy (follower->peer, sender->peer.data, sender->peer.size);
    memcpy (follower->key, client->key, CLIENT_KEY_SIZE);
}

/* ---- what is on its way ------------------------------------------------------------- */

static void sent_note (struct follower *follower, size_t bytes)
{
    struct sent *piece = &follower->sent[follower->n_sent - (follower->n_sent > 0)];
    if (follower->n_sent == 0 || piece->bytes >= ENTRIES_FRAME_BYTES) {
        assert (follower->n_sent < SENT_MAX);
        piece = &follower->sent[follower->n_sent++];
        piece->bytes = 0;
    }
    piece->last = follower->next - 1;
    piece->bytes += bytes;
    follower->unacked += bytes;
}

static void sent_acknowledge (struct follower *follower, uint64_t acted)
{
    size_t count = 0;
    for (; count < follower->n_sent && follower->sent[count].last <= acted; count++)
        follower->unacked -= follower->sent[count].bytes;
    follower->n_sent -= count;
    if (count > 0)
        follower->unread = 0; /* it does read */
    memmove (follower->sent, follower->sent + count,
             follower->n_sent * sizeof follower->sent[0]);
}

static bool may_send (const struct core *core, const struct follower *follower)
{
    return follower->next <= core->head && follower->credit > 0 &&
           follower->unacked < FOLLOWER_BYTES && follower->unread < UNREAD_BYTES;
}

static bool must_wait (const struct core *core, const struct follower *follower)
{
    return follower->can_wait && core->gathers && !core->serves_waiting &&
           core->head - follower->next + 1 < WAITING_ENTRIES;
}

static bool may_send_now (const struct core *core, const struct follower *follower)
{
    return may_send (core, follower) && !must_wait (core, follower);
}

void core_gather (struct core *core)
{
    core->gathers = true;
}

bool core_is_waited_for (const struct core *core)
{
    for (size_t i = 0; i < core->n_followers; i++)
        if (may_send (core, &core->followers[i]) && must_wait (core, &core->followers[i]))
            return true;
    return false;
}

void core_serve_waiting (struct core *core)
{
    core->serves_waiting = true;
}

void follower_credit (struct core *core, const struct sender *sender,
                      const struct follow_credit *credit)
{
    struct follower *follower = follower_find (core, sender->peer);
    if (follower == NULL)
        return;
    sent_acknowledge (follower, credit->acted);
    follower->credit += credit->credit;
    if (follower->credit > LIMIT_FOLLOW_CREDIT)
        follower->credit = LIMIT_FOLLOW_CREDIT;
}

/* ---- what is sent ------------------------------------------------------------------ */

/* The next entries for one frame. */
struct gathered {
    struct followed *entries;
    size_t count, looked_at; /* entries to send; with those that are passed over */
    size_t passed;           /* of these behind the last that is sent */
    struct hash passed_hash;
};

static void entries_say (struct core *core, struct follower *follower,
                         const struct gathered *gathered)
{
    const struct journal_identity *identity = journal_identity (core->journal);
    uint64_t sent = follower->next - 1;
    struct entries entries = { .journal = BYTES (identity->id, JOURNAL_ID_SIZE),
                               .entries = gathered->entries,
                               .n_entries = gathered->count,
                               .passed = gathered->passed,
                               .complete = sent,
                               .head = core->head,
                               .tight = core->is_tight };
    if (gathered->passed > 0)
        entries.passed_hash = hash_view (&gathered->passed_hash);
    /* Only who has everything is told a time: nothing before it will follow, which
     * 'core_emit' keeps. */
    if (sent == core->head) {
        entries.complete_ms = core->now_ms;
        if (core->promised_ms < core->now_ms)
            core->promised_ms = core->now_ms;
    }
    follower->said_ms = core->now_ms;
    outbox_frame (core, follower->kind, BYTES (follower->peer, follower->peer_size),
                  &(struct from_door){ .entries = &entries });
}

/* One entry as it is sent. Header and body are the store's memory, which lives as long
 * as the read transaction. Only a table can be larger than a frame should be, and only a
 * keeper has a use for that: for others its body stays here, the hash still proves the
 * entry. */
static struct followed followed_of (struct core *core, const struct follower *follower,
                                    const struct journal_record *record)
{
    struct followed followed = { .header = record->header };
    if (record->body.size <= ENTRIES_FRAME_BYTES || follower->is_keeper)
        followed.body = record->body;
    if (!hash_is_zero (&record->body_hash))
        followed.body_hash = arena_bytes (&core->scratch, hash_view (&record->body_hash));
    return followed;
}

/* The next entry as it is sent; false: there is none. One that is damaged stops nobody: of a
 * damaged body the header goes, of a damaged header a stand-in. */
static bool followed_next (struct core *core, struct follower *follower,
                           struct journal_reader *reader, struct followed *ret,
                           struct hash *ret_leaf_hash)
{
    struct txn *txn = reader->cursor.txn;
    struct journal_record record;
    int rc = journal_reader_next (reader, &record);
    *ret_leaf_hash = (struct hash){ 0 };
    if (rc > 0) {
        *ret = followed_of (core, follower, &record);
        *ret_leaf_hash = record.leaf_hash;
        return true;
    }
    if (txn_error (txn) < 0 || (rc == 0 && reader->sequence >= core->head))
        return false;
    if (rc == 0)
        reader->sequence++; /* the last ones are missing */
    damaged_note (core, reader->sequence, NULL);
    if (journal_read_header (core->journal, txn, reader->sequence, &record) == 0)
        *ret = followed_of (core, follower, &record);
    else
        *ret = damaged_stand_in (core, txn, reader->sequence);
    return true;
}

/* Of a kind that this follower has no use for. What is damaged is told whatever it was. */
static bool is_passed_over (const struct follower *follower,
                            const struct followed *followed, const struct hash *leaf_hash)
{
    if (follower->n_without == 0 || followed->damaged || hash_is_zero (leaf_hash))
        return false;
    uint32_t kind = entry_kind (followed->header);
    for (size_t i = 0; i < follower->n_without; i++)
        if (kind != KIND_NONE && follower->without[i] == kind)
            return true;
    return false;
}

/* What this process appended a moment ago is sent as it was hashed then: followers read
 * nearly everything at the head, each of them. What is older is proved by who reads it. */
static uint64_t fresh_from (const struct core *core)
{
    uint64_t recent = core->head > FRESH_ENTRIES ? core->head - FRESH_ENTRIES : 0;
    return (recent > core->opened_head ? recent : core->opened_head) + 1;
}

/* Looks at no more than 'max' entries. */
static void entries_gather (struct core *core, struct txn *txn, struct follower *follower,
                            size_t max, struct gathered *ret)
{
    struct journal_reader reader;
    struct followed followed;
    struct hash leaf_hash;
    size_t size = 0, sent = 0;
    journal_reader_init (&reader, core->journal, txn, follower->next,
                         follower->bodies ? JOURNAL_BODIES : JOURNAL_HEADERS);
    reader.known_from = fresh_from (core);
    while (ret->looked_at < max && ret->looked_at < follower->credit &&
           followed_next (core, follower, &reader, &followed, &leaf_hash)) {
        if (is_passed_over (follower, &followed, &leaf_hash)) {
            ret->looked_at++;
            ret->passed++;
            ret->passed_hash = leaf_hash;
            continue;
        }
        size += followed.header.size + followed.body.size + HASH_SIZE;
        if (ret->count > 0 && size > ENTRIES_FRAME_BYTES)
            break;
        sent = size;
        followed.passed = ret->passed;
        ret->passed = 0;
        ret->entries[ret->count++] = followed;
        ret->looked_at++;
    }
    journal_reader_done (&reader);
    follower->next += ret->looked_at;
    if (ret->looked_at > 0 && !FAULT (FORGET_CREDIT)) {
        follower->credit -= ret->looked_at;
        sent_note (follower, sent);
    }
}

/* Entries for one follower in this turn. While the journal grows, one far behind catches up
 * at half its pace, so that it takes little more of the turns than who is at the head;
 * when it does not, as fast as it reads. */
static size_t entries_a_turn (const struct core *core)
{
    size_t most = (size_t) ENTRIES_FRAMES_A_TURN * ENTRIES_FRAME_MAX;
    uint64_t grown = core->head - core->turn_head;
    uint64_t share = grown + grown / 2 + ENTRIES_SPARE;
    return grown == 0 || share > most ? most : (size_t) share;
}

static void follower_serve (struct core *core, struct txn *txn, struct follower *follower)
{
    unsigned frames = 0;
    size_t left = entries_a_turn (core);
    if (core->gathers && follower->can_wait)
        left += WAITING_ENTRIES; /* it waited, and is not behind */
    while (may_send_now (core, follower) && left > 0 && frames < ENTRIES_FRAMES_A_TURN) {
        arena_reset (&core->scratch);
        size_t max = left < ENTRIES_FRAME_MAX ? left : ENTRIES_FRAME_MAX;
        if (core->head - follower->next < max) /* mostly one or two */
            max = (size_t) (core->head - follower->next + 1);
        struct gathered gathered = {
            .entries = ARENA_ARRAY (&core->scratch, struct followed, max),
        };
        entries_gather (core, txn, follower, max, &gathered);
        if (gathered.looked_at == 0)
            break;
        left -= gathered.looked_at;
        entries_say (core, follower, &gathered);
        frames++;
    }
    /* Time may have been set back behind what was said last. */
    bool is_time = core->now_ms < follower->said_ms ||
                   core->now_ms - follower->said_ms >= HEARTBEAT_MS;
    if (frames == 0 && is_time)
        entries_say (core, follower, &(struct gathered){ 0 });
}

/* A key that was taken out of the table keeps its connection, and a follower need not
 * say a word to be sent entries: so its right is looked up before it is served. */
static bool is_still_welcome (const struct core *core, const struct follower *follower)
{
    const struct client *client =
        clients_find_key (core->clients, BYTES_OF (follower->key));
    return client != NULL && client->number == follower->client &&
           client_is_current (client, core->now_ms) && may_follow (client);
}

void followers_serve (struct core *core, struct txn *txn)
{
    for (size_t i = 0; i < core->n_followers;) {
        struct follower *follower = &core->followers[i];
        if (is_still_welcome (core, follower)) {
            follower_serve (core, txn, follower);
            i++;
        } else { /* the last one takes its place */
            follow_refuse (core, follower->client,
                           BYTES (follower->peer, follower->peer_size), follower->kind,
                           FOLLOW_NO_RIGHT);
        }
    }
    core->serves_waiting = false;
}

int64_t followers_wake_ms (const struct core *core, bool with_heartbeats)
{
    int64_t wake_ms = INT64_MAX;
    for (size_t i = 0; i < core->n_followers; i++) {
        const struct follower *follower = &core->followers[i];
        int64_t own_ms = with_heartbeats ? follower->said_ms + HEARTBEAT_MS : INT64_MAX;
        if (may_send_now (core, follower))
            own_ms = 0;
        if (own_ms < wake_ms)
            wake_ms = own_ms;
    }
    return wake_ms;
}
