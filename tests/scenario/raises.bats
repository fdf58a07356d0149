#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is raised reaches the leader's list, and stays there until somebody answers who may.
source "$BATS_TEST_DIRNAME/../support/place.bash"

setup_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    place_up
}

setup ()
{
    place_use "$BATS_FILE_TMPDIR/place"
}

teardown_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    place_drop
}

raise_of () # NUMBER: sets $raise
{
    raise=$(minqing --json raises "$1" | field raise)
    [ -n "$raise" ]
}

@test "a_threat_is_raised_at_once_and_ends_with_a_written_answer" {
    number=$(terminal 113 --json submit --village 340522100201 --threat \
        --category 国土资源/土地征收 --text '再不给钱就去拦路。' | field number)
    wait_until raise_of "$number"
    [ "$(minqing --json raises "$number" | field cause)" = urgent ]
    [ "$(minqing --json raises "$number" | field level)" = 2 ]

    # The operator sees it and may not answer; nor does a desk whom it is not about.
    run minqing --as operator raises answer "$raise" --text '知道了。'
    [ "$status" != 0 ]
    run minqing --as desk-13 --person 1331 raises answer "$raise" --text '知道了。'
    [ "$status" != 0 ]
    raise_of "$number"

    minqing --as leader-51 raises answer "$raise" --text '已到现场，三日内答复。'
    run minqing raises
    [[ $output == *"nothing is raised"* ]]
    # Answered is not forgotten.
    [ "$(minqing --json raises "$number" | field ended_at_ms)" -gt 0 ]
}

@test "an_answer_says_what_and_who" {
    run minqing raises answer 1
    [ "$status" = 64 ]
    run minqing raises answer 1 --text '知道了。'
    [ "$status" = 64 ]
    run minqing --as leader-51 raises answer 999999 --text '知道了。'
    [[ $output == *"no raise 999999"* ]]
}
