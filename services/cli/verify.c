/* SPDX-License-Identifier: Apache-2.0 */
/* minqing verify: proves from the four journals that nothing was lost or doubled, and
 * holds what the daemons say of themselves against it.
 *
 *   1  every journal is read from its first entry; leaves are hashed here, and the root
 *      of the RFC 6962 tree over them must be the daemon's
 *   2  the entries are folded (cli/audit.h) and held against each other
 *   3  each follower's position must be an entry of its source, with that entry's hash
 *   4  the sums by state, village and department must be routing's own, and the counts of
 *      the others the journals'
 *   5  each daemon folds a shadow of its facts and compares (--quick leaves that out)
 *
 * It wants the daemons at rest; while one is still behind, it waits for it a while. */
#include "cli/tail.h"
#include "cli/verify_inside.h"

#include "wire/names.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* How long followers may take to come to the end of what they follow. */
#define REST_PATIENCE_MS 60000
#define REST_LOOK_MS     100

enum { OPTION_QUICK };
static const struct cli_option options[] = {
    [OPTION_QUICK] = { "quick", NULL, N_ ("the journals only: daemons fold no shadow") },
    { NULL, NULL, NULL },
};

/* ---- at rest ----------------------------------------------------------------------- */

static int look (struct verification *it, struct status *ret_status)
{
    for (size_t i = 0; i < ARRAY_SIZE (verify_speakers); i++) {
        struct control control = { .verb = CONTROL_STATUS };
        struct control_reply reply;
        int rc = session_control (it->session, verify_speakers[i], &control, &reply);
        if (rc < 0)
            return rc;
        if (reply.status == NULL)
            return err_set (&it->cli->err, -EPROTO, _ ("%s gives no status"),
                            speaker_name (verify_speakers[i]));
        ret_status[verify_speakers[i]] = *reply.status;
    }
    return 0;
}

/* Have the positions of the later look reached the heads of the earlier one? */
static bool has_caught_up (const struct status *earlier, const struct status *later)
{
    for (size_t i = 0; i < ARRAY_SIZE (verify_speakers); i++) {
        const struct status *status = &later[verify_speakers[i]];
        for (size_t j = 0; j < status->n_positions; j++)
            if (status->positions[j].acted < earlier[status->positions[j].speaker].head)
                return false;
    }
    return true;
}

/* Journals may go on growing while we look (notices are being sent). So three looks, one
 * after the other: what the sources had, how far the followers are, and then the heads
 * and roots that the journals are read up to: no position lies behind those. */
static int await_rest (struct verification *it)
{
    int64_t deadline = cli_now_ms () + REST_PATIENCE_MS;
    struct status before[SPEAKER_COUNT];
    for (;;) {
        int rc = look (it, before);
        if (rc == 0)
            rc = look (it, it->followers);
        if (rc < 0)
            return rc;
        it->is_at_rest = has_caught_up (before, it->followers);
        if (it->is_at_rest || cli_now_ms () > deadline)
            return look (it, it->status);
        poll (NULL, 0, REST_LOOK_MS);
    }
}

/* ---- journals ---------------------------------------------------------------------- */

static int take_entry (void *arg, const struct entry *entry, const struct followed *raw,
                       const struct hash *leaf_hash)
{
    struct verification *it = arg;
    tree_append (&it->tree, leaf_hash, NULL, NULL);
    for (unsigned follower = 0; follower < SPEAKER_COUNT; follower++) {
        struct verify_mark *mark = &it->marks[follower][it->reading];
        if (mark->sequence == entry->sequence)
            mark->leaf = *leaf_hash;
    }
    audit_entry (it->audit, it->reading, entry, leaf_hash, raw->body);
    uint64_t head = it->status[it->reading].head;
    if (entry->sequence % 1024 == 0 || entry->sequence == head)
        cli_progress (it->cli, speaker_name (it->reading), entry->sequence, head);
    return 0;
}

/* Where followers stand, before the journals are read. */
static void set_marks (struct verification *it)
{
    for (size_t i = 0; i < ARRAY_SIZE (verify_speakers); i++) {
        const struct status *status = &it->followers[verify_speakers[i]];
        for (size_t j = 0; j < status->n_positions; j++)
            it->marks[verify_speakers[i]][status->positions[j].speaker].sequence =
                status->positions[j].acted;
    }
}

static int read_journal (struct verification *it, enum speaker speaker)
{
    const struct status *status = &it->status[speaker];
    it->reading = speaker;
    it->tree = (struct tree_frontier){ 0 };
    struct tail tail = {
        .speaker = speaker, .until = status->head, .visit = take_entry, .arg = it
    };
    int rc = status->head == 0 ? 0 : tail_read (it->session, &tail);
    cli_progress_done (it->cli);
    if (rc < 0)
        return rc;
    if (it->tree.size < status->head) /* Ctrl-C: what was read proves nothing */
        return err_set (&it->cli->err, -EAGAIN,
                        _ ("stopped at entry %llu of %llu of %s: nothing is proved"),
                        (unsigned long long) it->tree.size,
                        (unsigned long long) status->head, speaker_name (speaker));
    struct hash root;
    tree_frontier_root (&it->tree, &root);
    if (status->root.size != sizeof root.data ||
        memcmp (status->root.data, root.data, sizeof root.data) != 0)
        audit_complain (it->audit,
                        _ ("%s: the tree over %llu entries has another root than the "
                           "daemon says"),
                        speaker_name (speaker), (unsigned long long) status->head);
    return 0;
}

static void check_position (struct verification *it, enum speaker speaker,
                            const struct position *position)
{
    const struct status *source = &it->status[position->speaker];
    const char *name = speaker_name (speaker), *of = speaker_name (position->speaker);
    if (position->problem != NULL)
        audit_complain (it->audit, _ ("%s does not follow %s: %s"), name, of,
                        position->problem);
    if (position->acted > source->head) {
        audit_complain (it->audit,
                        _ ("%s has followed %s to %llu, which has only %llu entries"),
                        name, of, (unsigned long long) position->acted,
                        (unsigned long long) source->head);
        return;
    }
    if (!it->is_at_rest && position->acted < source->head)
        audit_complain (
            it->audit, _ ("%s is at entry %llu of %s, which has %llu: not at rest"), name,
            (unsigned long long) position->acted, of, (unsigned long long) source->head);
    if (position->acted > 0 && !bytes_equal (position->journal, source->journal))
        audit_complain (it->audit,
                        _ ("%s follows a journal of %s that is not the one there is"),
                        name, of);
    const struct hash *leaf = &it->marks[speaker][position->speaker].leaf;
    if (position->acted > 0 && position->acted_hash.size > 0 && /* else it was damaged */
        !bytes_equal (position->acted_hash, BYTES (leaf->data, sizeof leaf->data)))
        audit_complain (it->audit, _ ("%s remembers another entry %llu of %s"), name,
                        (unsigned long long) position->acted, of);
}

/* ---- the whole --------------------------------------------------------------------- */

static uint64_t acted_on (const struct verification *it, enum speaker follower,
                          enum speaker source)
{
    const struct status *status = &it->followers[follower];
    for (size_t i = 0; i < status->n_positions; i++)
        if (status->positions[i].speaker == source)
            return status->positions[i].acted;
    return 0;
}

static int verify (struct verification *it, bool is_quick)
{
    int rc = await_rest (it);
    set_marks (it);
    for (size_t i = 0; rc == 0 && i < ARRAY_SIZE (verify_speakers); i++)
        rc = read_journal (it, verify_speakers[i]);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < ARRAY_SIZE (verify_speakers); i++)
        for (size_t j = 0; j < it->followers[verify_speakers[i]].n_positions; j++)
            check_position (it, verify_speakers[i],
                            &it->followers[verify_speakers[i]].positions[j]);
    struct audit_positions positions = {
        .routing_at = acted_on (it, SPEAKER_ROUTING, SPEAKER_INTAKE),
        .escalation_at = acted_on (it, SPEAKER_ESCALATION, SPEAKER_ROUTING),
        .notification_at = acted_on (it, SPEAKER_NOTIFICATION, SPEAKER_INTAKE),
    };
    audit_finish (it->audit, &positions);
    rc = verify_sums (it);
    return rc < 0 || is_quick ? rc : verify_scrub (it);
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    int rc = EX_OK;
    struct verification it = { .cli = cli, .audit = audit_create () };
    if (session_open (cli, "operator", &it.session) < 0)
        rc = cli_fail_err (cli);
    else if (verify (&it, arguments->values[OPTION_QUICK] != NULL) < 0)
        rc = cli_fail_err (cli);
    else
        rc = verify_report (&it);
    if (it.session != NULL)
        session_close (&it.session);
    audit_destroy (&it.audit);
    return rc;
}

const struct cli_command subcommand_verify = {
    .name = "verify",
    .arguments = "",
    .summary = N_ ("prove from the four journals that nothing was lost or doubled"),
    .example = "minqing verify\nminqing verify --quick",
    .description =
        N_ ("Reads every journal from its first entry (headers only), holds them against "
            "each other and against what the daemons say, and lets each daemon hold its "
            "facts against its journal. Exit code 0: all of it holds; 65: something is "
            "wrong; 66: nothing is, but a restoration lost something, which is listed "
            "with what to do."),
    .options = options,
    .run = run,
};
