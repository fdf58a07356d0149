/* SPDX-License-Identifier: Apache-2.0 */
/* Facts equal the fold of the journal: each daemon folds a shadow beside its work and
 * compares (control.proto: SCRUB). All four are asked at once, since each paces itself. */
#include "cli/verify_inside.h"

#include "wire/names.h"

#include <errno.h>
#include <poll.h>

#define LOOK_MS 200

static int ask (struct verification *it, enum speaker speaker, enum control_verb verb,
                struct scrub *ret)
{
    struct control control = { .verb = verb };
    struct control_reply reply;
    int rc = session_control (it->session, speaker, &control, &reply);
    if (rc < 0)
        return rc;
    if (reply.problem != NULL)
        return err_set (&it->cli->err, -EBUSY, "%s: %s", speaker_name (speaker),
                        reply.problem);
    if (reply.status == NULL || reply.status->scrub == NULL)
        return err_set (&it->cli->err, -EPROTO, _ ("%s gives no status"),
                        speaker_name (speaker));
    *ret = *reply.status->scrub;
    return 0;
}

static void judge (struct verification *it, enum speaker speaker)
{
    const struct scrub *scrub = &it->scrubs[speaker];
    const char *name = speaker_name (speaker);
    if (scrub->damaged > 0)
        audit_complain (it->audit, _ ("%s: %llu entries are not what their hashes say"),
                        name, (unsigned long long) scrub->damaged);
    if (scrub->differences > 0)
        audit_complain (it->audit,
                        _ ("%s: %llu of its facts are not the fold of its journal: %s"),
                        name, (unsigned long long) scrub->differences,
                        scrub->first != NULL ? scrub->first : "?");
    else if (scrub->first != NULL)
        audit_complain (it->audit, _ ("%s: its facts could not be compared: %s"), name,
                        scrub->first);
}

int verify_scrub (struct verification *it)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < ARRAY_SIZE (verify_speakers); i++)
        rc = ask (it, verify_speakers[i], CONTROL_SCRUB, &it->scrubs[verify_speakers[i]]);
    for (size_t i = 0; rc == 0 && i < ARRAY_SIZE (verify_speakers); i++) {
        enum speaker speaker = verify_speakers[i];
        struct scrub *scrub = &it->scrubs[speaker];
        while ((rc = ask (it, speaker, CONTROL_STATUS, scrub)) == 0 && scrub->running) {
            cli_progress (it->cli, speaker_name (speaker), scrub->permille, 1000);
            poll (NULL, 0, LOOK_MS);
        }
        cli_progress_done (it->cli);
        if (rc == 0)
            judge (it, speaker);
    }
    it->is_scrubbed = rc == 0;
    return rc;
}
