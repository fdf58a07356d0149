/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/queues.h"

#include "wire/limits.h"
#include "wire/names.h"

#include <errno.h>
#include <string.h>

int queues_standing (struct session *session, enum speaker speaker,
                     struct standing *ret_standing)
{
    struct standing_query standing = { 0 };
    struct query query = { .standing = &standing };
    struct reply reply;
    int rc = session_query (session, speaker, &query, &reply);
    if (rc == 0 && reply.standing == NULL)
        rc = err_set (&session_cli (session)->err, -EPROTO,
                      _ ("%s does not say who we are"), speaker_name (speaker));
    if (rc == 0)
        *ret_standing = *reply.standing;
    return rc;
}

/* One queue to its end; 'only' a state, or STATE_NONE: all. */
static int gather (struct session *session, uint32_t department, bool proposed,
                   enum state only, struct buffer *rows)
{
    struct queue_query queue = { .department = department,
                                 .proposed = proposed,
                                 .limit = LIMIT_ROWS };
    for (;;) {
        struct query query = { .queue = &queue };
        struct reply reply;
        int rc = session_query (session, SPEAKER_ROUTING, &query, &reply);
        if (rc < 0)
            return rc;
        if (reply.queue == NULL || reply.queue->n_rows == 0)
            return 0;
        for (size_t i = 0; i < reply.queue->n_rows; i++)
            if (only == STATE_NONE || reply.queue->rows[i].state == only)
                buffer_append (rows, &reply.queue->rows[i], sizeof (struct row));
        queue.after = reply.queue->rows[reply.queue->n_rows - 1].number;
    }
}

/* Wherever anything lies; of what is outside the territory routing shows no row. */
static int gather_proposed (struct session *session, struct buffer *rows)
{
    struct shape_query shape = { 0 };
    struct reply reply;
    int rc;
    do {
        struct query query = { .shape = &shape };
        rc = session_query (session, SPEAKER_ROUTING, &query, &reply);
        for (size_t i = 0; rc == 0 && reply.shape != NULL && i < reply.shape->n_rows;
             i++) {
            shape.after = reply.shape->rows[i].department;
            rc =
                gather (session, reply.shape->rows[i].department, true, STATE_NONE, rows);
        }
    } while (rc == 0 && reply.shape != NULL && reply.shape->more &&
             reply.shape->n_rows > 0);
    return rc;
}

int queues_proposed (struct session *session, struct buffer *ret_rows)
{
    struct standing standing;
    int rc = queues_standing (session, SPEAKER_ROUTING, &standing);
    if (rc < 0)
        return rc;
    if (standing.role == ROLE_LEADER)
        return gather_proposed (session, ret_rows);
    return gather (session, standing.role == ROLE_DESK ? standing.department : 0, true,
                   STATE_NONE, ret_rows);
}

int queues_contested (struct session *session, struct buffer *ret_rows)
{
    struct standing standing;
    int rc = queues_standing (session, SPEAKER_ROUTING, &standing);
    return rc < 0 ? rc
                  : gather (session, standing.department, false, STATE_ARBITRATION,
                            ret_rows);
}
