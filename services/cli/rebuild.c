/* SPDX-License-Identifier: Apache-2.0 */
/* minqing rebuild: facts folded anew from the journal, by the daemon's own program; the
 * daemon must not be running. */
#include "cli/cli.h"
#include "cli/program.h"

static int run_rebuild (struct cli *cli, const struct cli_arguments *arguments)
{
    static const char *const option[] = { "--rebuild", NULL };
    enum speaker speakers[SPEAKER_COUNT];
    size_t count;
    int rc = program_services (cli, arguments, speakers, &count);
    if (rc == EX_OK && cli_config (cli) == NULL)
        return cli_fail_err (cli);
    for (size_t i = 0; rc == EX_OK && i < count; i++) {
        if (program_is_running (cli, speakers[i]))
            return EX_IOERR;
        rc = program_run (cli, speakers[i], option);
        if (rc != EX_OK)
            return cli_fail (cli, rc, _ ("%s could not be rebuilt; see above"),
                             speaker_name (speakers[i]));
        cli_say (cli, _ ("%s: the facts are folded anew; views are followed again"),
                 speaker_name (speakers[i]));
    }
    return rc;
}

const struct cli_command subcommand_rebuild = {
    .name = "rebuild",
    .arguments = "SERVICE …",
    .summary = N_ ("fold a stopped daemon's facts anew from its journal"),
    .example = "minqing rebuild routing",
    .description =
        N_ ("What 'minqing scrub' found to differ is as the journal says afterwards. The "
            "journal itself is not touched; what is followed from others is followed "
            "again at the next start. Stop the daemon first."),
    .min = 1,
    .max = SPEAKER_COUNT - 1,
    .run = run_rebuild,
};
