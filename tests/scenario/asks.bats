#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a petitioner says after the filing, with the code on the slip.
source "$BATS_TEST_DIRNAME/../support/place.bash"

setup_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    place_up
}

setup ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    slip=$(terminal 113 --json submit --village 340522100201 \
        --category 国土资源/土地征收 --text '补偿款没有打到卡上。')
    number=$(field number <<<"$slip")
    code=$(field code <<<"$slip")
    wait_until state_is "$number" 113 dispatched
}

teardown_file ()
{
    place_use "$BATS_FILE_TMPDIR/place"
    place_drop
}

handle () # a worker of the department brings it to 'claimed done'
{
    desk 11 1131 claim "$number"
    desk 11 1131 accept "$number"
    desk 11 1131 decide "$number" --outcome support --text '三日内打卡。' --basis '第四十八条'
    desk 11 1131 serve "$number" --means in_person --to 本人
    desk 11 1131 done "$number"
    wait_until state_is "$number" 113 done
}

@test "withdrawal_needs_the_code_and_a_ground_and_a_second_person" {
    run terminal 113 withdraw "$number" 00000000 --ground settled
    [ "$status" != 0 ]
    [[ $output == *"no grievance of this number and code"* ]]
    run terminal 113 withdraw "$number" "$code"
    [ "$status" = 65 ]
    [[ $output == *"settled, other_way, mistaken, own_wish"* ]]
    # From any terminal: the slip shows who asks.
    terminal 140 withdraw "$number" "$code" --ground settled --reason '已经解决'
    wait_until waits_for_approval "$number"
    [ "$(state_of "$number" 113)" = dispatched ]
    # Whoever confirms it writes down how.
    run minqing --as desk-11 --person 1111 approve "$number"
    [ "$status" != 0 ]
    minqing --as desk-11 --person 1111 approve "$number" --text '电话核实，本人自愿撤回。'
    wait_until state_is "$number" 113 closed
}

waits_for_approval () # NUMBER
{
    minqing --json --as desk-11 approve | grep -q -- "$1"
}

@test "confirmation_closes_what_was_claimed_done" {
    run terminal 140 confirm "$number" 00000000
    [ "$status" != 0 ]
    handle
    terminal 140 confirm "$number" "$code" --reason '钱收到了'
    wait_until state_is "$number" 113 closed
}

@test "dispute_brings_back_what_was_claimed_done" {
    handle
    terminal 140 dispute "$number" "$code" --reason '没有到账'
    wait_until state_is "$number" 113 executing
}

@test "supplement_is_taken_at_its_terminal_without_the_code" {
    terminal 113 supplement "$number" --text '收据在村委会。'
    run terminal 140 supplement "$number" --text '别人说的'
    [ "$status" != 0 ]
    terminal 140 supplement "$number" "$code" --text '本人在镇上补充。'
}

@test "rating_takes_words_and_refuses_others" {
    terminal 140 rate "$number" "$code" --reception satisfied --department 基本满意 \
        --reception-manner satisfied --department-manner dissatisfied
    run terminal 140 rate "$number" "$code" --reception good
    [ "$status" = 65 ]
    run terminal 140 rate "$number" "$code"
    [ "$status" != 0 ]
    [[ $output == *"rate the reception"* ]]
}

@test "review_that_comes_too_early_moves_nothing" {
    terminal 140 review "$number" "$code" --reason '标准有误'
    wait_until state_is "$number" 113 dispatched
}
