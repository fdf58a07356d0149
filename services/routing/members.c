/* SPDX-License-Identifier: Apache-2.0 */
/* Table: lead u64 | member u64 → what the member has been told: own sequence of the lead's
 * service u64; 0: nothing yet.
 *
 * The row on the agenda is a fact like every other and follows from the tables alone: it is
 * there as long as a member is behind the lead. Its part grows, since a row that fires is
 * to be gone when it has fired. */
#include "routing/members.h"

static struct key key_of (uint64_t lead, uint64_t member)
{
    struct key key;
    key_init (&key);
    key_u64 (&key, lead);
    key_u64 (&key, member);
    return key;
}

void routing_member_told (struct txn *txn, uint64_t lead, uint64_t member,
                          uint64_t served)
{
    struct key key = key_of (lead, member);
    uint8_t value[8];
    put_be64 (value, served);
    txn_put (txn, core_table (ROUTING_MEMBERS), key_view (&key), BYTES_OF (value));
}

void routing_member_put (struct txn *txn, uint64_t lead, uint64_t member)
{
    routing_member_told (txn, lead, member, 0);
}

void routing_member_delete (struct txn *txn, uint64_t lead, uint64_t member)
{
    struct key key = key_of (lead, member);
    txn_delete (txn, core_table (ROUTING_MEMBERS), key_view (&key));
}

/* A settlement binds those who signed it; the others are heard again. */
static enum step step_for (const struct routing_grievance *lead, uint64_t told)
{
    bool is_answer = lead->outcome != OUTCOME_NONE && lead->outcome != OUTCOME_AGREED;
    if (lead->served > told && is_answer && lead->state != STATE_DECIDED)
        return STEP_SERVE;
    bool has_ended = lead->state == STATE_CLOSED || lead->outcome == OUTCOME_AGREED;
    return has_ended && told == 0 ? STEP_REOPEN : STEP_NONE;
}

static bool has_members (struct txn *txn, uint64_t lead)
{
    struct key prefix;
    key_init (&prefix);
    key_u64 (&prefix, lead);
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, txn, core_table (ROUTING_MEMBERS));
    cursor_seek (&cursor, key_view (&prefix));
    return cursor_is_within (&cursor, key_view (&prefix));
}

size_t routing_members_next (struct txn *txn, uint64_t lead,
                             const struct routing_grievance *grievance, size_t max,
                             struct routing_member *ret_members)
{
    size_t count = 0;
    struct key prefix;
    key_init (&prefix);
    key_u64 (&prefix, lead);
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, txn, core_table (ROUTING_MEMBERS));
    for (cursor_seek (&cursor, key_view (&prefix));
         cursor_is_within (&cursor, key_view (&prefix)) && count < max;
         cursor_next (&cursor)) {
        struct bytes key = cursor_key (&cursor), value = cursor_value (&cursor);
        enum step step = step_for (grievance, key_take_u64 (&value));
        key_take_u64 (&key);
        if (step != STEP_NONE)
            ret_members[count++] = (struct routing_member){ key_take_u64 (&key), step };
    }
    return count;
}

void routing_members_plan (struct txn *txn, uint64_t lead,
                           struct routing_grievance *grievance, int64_t now_ms)
{
    struct agenda_row row = { .due_ms = grievance->members_due_ms,
                              .kind = ROUTING_DUE_MEMBERS,
                              .subject = lead,
                              .part = grievance->members_part };
    struct routing_member behind;
    if (row.due_ms != 0)
        agenda_remove (txn, CORE_AGENDA, &row);
    grievance->members_due_ms = 0;
    grievance->is_lead = has_members (txn, lead);
    if (routing_members_next (txn, lead, grievance, 1, &behind) == 0)
        return;
    row.due_ms = grievance->members_due_ms = now_ms;
    row.part = ++grievance->members_part;
    agenda_put (txn, CORE_AGENDA, &row);
}
