#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A second client, in another language, from the .proto files alone: what is not written
# there does not work here.
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

file_in_python () # VILLAGE ARGUMENT …: sets $number and $code
{
    local village=$1
    shift
    receipt=$(python_client terminal-101 file --village "$village" "$@")
    number=$(field slip <<<"$receipt")
    code=$(field code <<<"$receipt")
}

is_at () # NUMBER STATE
{
    [ "$(python_client terminal-101 query "$1" | field state_name)" = "STATE_$2" ]
}

at_desk () # STEP ARGUMENT …
{
    python_client desk-11 --person 1131 step "$number" "$@"
}

@test "files_and_shows_the_whole_course" {
    file_in_python 340522100001 --category 国土资源/土地征收 --title '补偿款未到卡' \
        --text '三亩地征收半年，补偿款没有打到卡上。' --name 王某 --telephone 13900000000
    [ "$(field expected_department <<<"$receipt")" = 11 ]
    wait_until is_at "$number" DISPATCHED
    # The same number and code open it at another terminal, for the other client.
    [ "$(minqing --json --as terminal-140 query "$number" "$code" | field department)" = 11 ]
    # Without the code only the terminal that filed it is answered.
    run minqing --as terminal-140 query "$number"
    [ "$status" != 0 ]
}

@test "dispatches_and_works_a_desk_to_the_end" {
    file_in_python 340522100001 --text '路灯坏了三个月，没有人修。' --name 李某
    wait_until is_at "$number" UNDECIDED
    undecided=$(python_client dispatcher queue | grep -- "$number")
    [ "$(field state <<<"$undecided")" = STATE_UNDECIDED ]
    python_client dispatcher dispatch "$number" 11 --reason '土地征收引起'

    # Pushed to the desk that subscribes, and to no other.
    offered=$(python_client desk-11 offers 11 --count 2)
    grep -q -- "$number" <<<"$offered"

    fencing=$(at_desk claim | field fencing)
    [ "$(at_desk accept --fencing "$fencing" | field state)" = STATE_HANDLING ]
    at_desk decide --fencing "$fencing" --outcome support --text '十日内修好。' \
        --legal-basis '信访工作条例第三十二条'
    # To whom and how it was handed over has to be said.
    run at_desk serve --fencing "$fencing"
    [ "$status" = 65 ]
    [[ $output == *REFUSAL_MISSING*means* ]]
    at_desk serve --fencing "$fencing" --means in_person --to 李某
    [ "$(at_desk claim-done --fencing "$fencing" | field state)" = STATE_DONE ]
    # That it is done is not for the desk to confirm.
    run at_desk close --fencing "$fencing" --close-reason confirmed
    [ "$status" = 65 ]
    wait_until is_at "$number" DONE
    python_client terminal-101 ask "$number" "$code" confirm
    wait_until is_at "$number" CLOSED
}

@test "diverts_by_two_persons" {
    file_in_python 340522100001 --category 国土资源/土地征收 --text '要求重新测量。'
    wait_until is_at "$number" DISPATCHED
    fencing=$(at_desk claim | field fencing)
    at_desk accept --fencing "$fencing"
    proposed=$(at_desk divert --fencing "$fencing" --ground court --reason '已向法院起诉')
    [ "$(field proposed <<<"$proposed")" = true ]
    run at_desk approve
    [ "$status" = 65 ]
    [[ $output == *REFUSAL_NO_RIGHT*"the head"* ]]
    python_client desk-11 --person 1111 step "$number" approve
    wait_until is_at "$number" DIVERTED
    echo "$number" >"$PLACE/number"
}

@test "documents_of_the_law_are_there_with_their_hashes" {
    number=$(cat "$PLACE/number")
    python_client desk-11 documents "$number" >"$PLACE/documents"
    grep -q DOCUMENT_ACCEPTANCE "$PLACE/documents"
    sequence=$(field sequence <"$PLACE/documents")
    python_client desk-11 documents "$number" --sequence "$sequence" >"$PLACE/document"
    /usr/bin/python3 - "$PLACE/document" <<'HASH'
import base64, hashlib, json, sys
row = json.load(open(sys.argv[1]))
assert hashlib.sha256(row["text"].encode()).digest() == base64.b64decode(row["hash"])
HASH
}

@test "two_who_claim_at_once_one_wins_and_the_other_is_told_who" {
    file_in_python 340522100001 --category 国土资源/土地征收 --text '地界不清。'
    wait_until is_at "$number" DISPATCHED
    at_desk claim
    run python_client desk-11 --person 1132 step "$number" claim
    [ "$status" = 65 ]
    [[ $output == *REFUSAL_HELD*1131* ]]
    run python_client desk-11 --person 1131 step "$number" accept --fencing 7
    [ "$status" = 65 ]
    [[ $output == *REFUSAL_FENCED* ]]
}

@test "journals_prove_themselves_in_python" {
    for daemon in "${DAEMONS[@]}"; do
        proof=$(python_client operator prove "$daemon")
        [ "$(field entries <<<"$proof")" -gt 10 ]
    done
}

@test "terminal_may_not_read_a_journal" {
    run python_client terminal-101 prove intake
    [ "$status" = 65 ]
    [[ $output == *REFUSAL_NO_RIGHT* ]]
}

@test "lost_memory_opens_a_new_incarnation" {
    file_in_python 340522100001 --text '第一件。'
    rm "$PLACE/terminal-101.json"
    file_in_python 340522100001 --text '硬盘换了以后的第一件。'
    standing=$(python_client terminal-101 standing intake)
    [ "$(field incarnation <<<"$standing")" = 2 ]
}

waits_at_the_organ ()
{
    python_client desk-22 queue 22 | grep -q -- "$number"
}

@test "accusation_travels_sealed_and_only_the_organ_opens_it" {
    file_in_python 340522100001 --purpose accusation --accused 12 \
        --text '有人收了好处。' --name 张某
    [ "$(field expected_department <<<"$receipt")" = 22 ]
    wait_until waits_at_the_organ
    run python_client dispatcher queue
    [[ $output != *"$number"* ]]
    run grep --text --quiet '有人收了好处' "$PLACE"/state/*/data.mdb
    [ "$status" = 1 ]

    fencing=$(python_client desk-22 --person 2231 step "$number" claim | field fencing)
    [ "$fencing" = 1 ]
    # The secret half of the key lies with the organ, and nowhere else.
    secret=$(sed -n 's/^secret = //p' "$PLACE/keys/seal-22.key")
    opened=$(python_client desk-22 --person 2231 open "$number" --secret "$secret")
    [ "$(field text <<<"$opened")" = '有人收了好处。' ]
}
