# SPDX-License-Identifier: Apache-2.0
# Bash completion of minqing(1). Options are asked from the command's own --help, so
# that this file cannot say otherwise; only second words stand here.

# The options of a subcommand: "--name" for a flag, "--name=WHAT" where a value follows.
_minqing_options ()
{
    LC_ALL=C "$1" "$2" --help 2>/dev/null |
        sed -nE 's/^  --([a-z-]+) ([^ ]+) .*/--\1=\2/p; t; s/^  --([a-z-]+)( .*)?$/--\1/p'
}

_minqing ()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local program=${COMP_WORDS[0]} command='' words='' options i
    local commands='up demo submit supplement query withdraw confirm rate dispute review
        terminal replay dispatch desk approve arbitrate assign raises rates supervise document
        notices queue route deadline journal verify check scrub rebuild backup
        restore config
        keys metrics bench'
    local services='intake routing escalation notification'
    local -a names behind=() # behind the subcommand, options left out
    COMPREPLY=()

    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --config | --key | --as | --spool | --person) ((i++)) ;;
        -*) ;;
        *)
            if [[ -z $command ]]; then
                command=${COMP_WORDS[i]}
            else
                behind+=("${COMP_WORDS[i]}")
            fi
            ;;
        esac
    done

    case $before in
    --config | --key)
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
        ;;
    --spool)
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        return
        ;;
    --as)
        names=("${MINQING_CONFIG:-/etc/minqing/minqing.conf}")
        names=("${names%/*}"/keys/*.key)
        [[ -e ${names[0]} ]] || return
        names=("${names[@]##*/}")
        mapfile -t COMPREPLY < <(compgen -W "${names[*]%.key}" -- "$word")
        return
        ;;
    --person) return ;;
    esac

    if [[ -z $command ]]; then
        [[ $word == -* ]] && commands='--config --key --as --spool --person --json --help'
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$word")
        return
    fi

    options=$(_minqing_options "$program" "$command")
    if [[ $before == --* && $options == *"$before="* ]]; then
        case $options in
        *"$before=FILE"*) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
        *"$before=DIR"*) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
        esac
        return
    fi
    if [[ $word == -* ]]; then
        mapfile -t names <<<"$options"
        mapfile -t COMPREPLY < <(compgen -W "${names[*]%%=*} --help" -- "$word")
        return
    fi

    case $command:${#behind[@]} in
    route:0 | deadline:0) words=explain ;;
    config:0) words=check ;;
    journal:0 | metrics:0 | scrub:* | rebuild:*) words=$services ;;
    keys:0) words='list init add seal' ;;
    keys:1) [[ ${behind[0]} != add ]] || words='terminal dispatcher desk leader operator
        keeper' ;;
    terminal:0) words='send unsent refused correct drop prints handed take-over' ;;
    dispatch:0) words='refuse divert link repurpose categorise went-up serve close' ;;
    raises:0) words=answer ;;
    desk:1)
        words='list follow show claim assign accept refuse object transfer hand-back extend
            mediate end-mediation agree decide serve done contact close opinion divert link
            repurpose categorise recuse hear end-hearing went-up'
        ;;
    backup:0 | restore:0)
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        return
        ;;
    backup:* | restore:*) words=$services ;;
    replay:*)
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -o filenames -F _minqing minqing
