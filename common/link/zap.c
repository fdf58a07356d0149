/* SPDX-License-Identifier: Apache-2.0 */
/* The ZAP handler: a REP socket at the well-known inproc address, answered inside the
 * owner's loop. czmq's zauth would be a thread of its own with a certificate store; our
 * keys are rows of a table that the loop has in memory anyway.
 *
 *   question: "1.0" | request id | domain | address | routing id | "CURVE" | 32-byte key
 *   answer:   "1.0" | request id | status | text | user id | metadata
 *
 * In libzmq a handshake that gets no answer fails by its own timeout. */
#include "link/zap.h"

#include "link/hub_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define ZAP_ENDPOINT   "inproc://zeromq.zap.01"
#define ZAP_VERSION    "1.0"
#define REQUEST_ID_MAX 255
#define FRAME_MAX      256

struct zap {
    void *socket;
    zap_known_fn *known;
    void *arg;
    struct zap_counts counts;
};

int zap_open (struct hub *hub, zap_known_fn *known, void *arg, struct zap **ret_zap,
              struct err *err)
{
    void *socket = hub_socket (hub, ZMQ_REP, err);
    if (socket == NULL)
        return err == NULL ? -ENOMEM : err->code;
    struct zap *zap = calloc (1, sizeof *zap);
    if (zap == NULL || zmq_bind (socket, ZAP_ENDPOINT) < 0) {
        int code = zap == NULL ? ENOMEM : errno;
        free (zap);
        zmq_close (socket);
        return err_set (err, -code, "the ZAP handler: %s", zmq_strerror (code));
    }
    *zap = (struct zap){ .socket = socket, .known = known, .arg = arg };
    *ret_zap = zap;
    return 0;
}

void zap_close (struct zap **zap)
{
    if (*zap == NULL)
        return;
    zmq_close ((*zap)->socket);
    free (*zap);
    *zap = NULL;
}

void *zap_socket (const struct zap *zap)
{
    return zap->socket;
}

/* ---- one question ---------------------------------------------------------------- */

enum part {
    PART_VERSION,
    PART_REQUEST,
    PART_DOMAIN,
    PART_ADDRESS,
    PART_ROUTING_ID,
    PART_MECHANISM,
    PART_KEY,
    PART_COUNT
};

struct question {
    uint8_t parts[PART_COUNT][FRAME_MAX];
    size_t sizes[PART_COUNT];
    unsigned count; /* may be more than PART_COUNT: then it is none of ours */
    bool is_cut;    /* some part was longer than FRAME_MAX */
};

static bool take_question (void *socket, struct question *ret)
{
    ret->count = 0;
    ret->is_cut = false;
    int more = 1;
    while (more) {
        uint8_t spill[1], *to = spill;
        size_t room = sizeof spill;
        if (ret->count < PART_COUNT) {
            to = ret->parts[ret->count];
            room = FRAME_MAX;
        }
        int size = zmq_recv (socket, to, room, ZMQ_DONTWAIT);
        if (size < 0)
            return false;
        if (ret->count < PART_COUNT) {
            ret->sizes[ret->count] = (size_t) size < room ? (size_t) size : room;
            ret->is_cut = ret->is_cut || (size_t) size > room;
        }
        ret->count++;
        size_t more_size = sizeof more;
        int rc = zmq_getsockopt (socket, ZMQ_RCVMORE, &more, &more_size);
        assert (rc == 0);
    }
    return true;
}

static bool part_is (const struct question *question, enum part part, const char *text)
{
    return bytes_equal (BYTES (question->parts[part], question->sizes[part]),
                        bytes_of_text (text));
}

static bool is_well_formed (const struct question *question)
{
    return question->count == PART_COUNT && !question->is_cut &&
           part_is (question, PART_VERSION, ZAP_VERSION) &&
           question->sizes[PART_REQUEST] <= REQUEST_ID_MAX &&
           part_is (question, PART_MECHANISM, "CURVE") &&
           question->sizes[PART_KEY] == KEY_SIZE;
}

static void answer_part (void *socket, const void *data, size_t size, int flags)
{
    /* Never blocks: the question came through a pipe that has room for its answer. When
     * it cannot be sent, the handshake is gone and nobody waits for it. */
    (void) zmq_send (socket, data, size, flags | ZMQ_DONTWAIT);
}

static void answer (void *socket, const struct question *question, bool is_admitted,
                    const char *user_id)
{
    size_t id_size = question->count > PART_REQUEST ? question->sizes[PART_REQUEST] : 0;
    const char *status = is_admitted ? "200" : "400";
    const char *text = is_admitted ? "OK" : "unknown key";
    answer_part (socket, ZAP_VERSION, strlen (ZAP_VERSION), ZMQ_SNDMORE);
    answer_part (socket, question->parts[PART_REQUEST], id_size, ZMQ_SNDMORE);
    answer_part (socket, status, strlen (status), ZMQ_SNDMORE);
    answer_part (socket, text, strlen (text), ZMQ_SNDMORE);
    answer_part (socket, user_id, strlen (user_id), ZMQ_SNDMORE);
    answer_part (socket, "", 0, 0);
}

unsigned zap_run (struct zap *zap, unsigned max)
{
    struct question question;
    unsigned answered = 0;
    while (answered < max && take_question (zap->socket, &question)) {
        char user_id[KEY_TEXT_SIZE] = "";
        bool is_admitted = false;
        if (!is_well_formed (&question)) {
            zap->counts.malformed++;
        } else if (!zap->known (zap->arg, question.parts[PART_KEY])) {
            zap->counts.refused++;
        } else {
            zap->counts.admitted++;
            is_admitted = true;
            key_format (question.parts[PART_KEY], user_id);
        }
        answer (zap->socket, &question, is_admitted, user_id);
        answered++;
    }
    return answered;
}

struct zap_counts zap_counts (const struct zap *zap)
{
    return zap->counts;
}
