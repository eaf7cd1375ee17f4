# shellcheck shell=bash
# Starting programs so that none of them outlives the tool.
#
# Each gets a session of its own, so that all that it starts can be ended with it (swift build puts its compilers into
# process groups of their own), and Ctrl-C on the terminal reaches the tool alone, which then ends the others in order.
# Should the tool itself be killed, the kernel tells them.

declare -A sessions=()

# start NAME COMMAND…: in the background; the caller redirects what it prints.
start() {
    local name=$1
    shift
    setsid setpriv --pdeathsig TERM -- "$@" </dev/null &
    sessions[$name]=$!
}

# is_running NAME
is_running() {
    [[ -n ${sessions[$1]:-} ]] && kill -0 "${sessions[$1]}" 2>/dev/null
}

# members SESSION: the processes in it that have not ended yet. (See proc(5): state and session are fields 3 and 6 of stat.)
members() {
    local stat line fields
    for stat in /proc/[0-9]*/stat; do
        read -r line <"$stat" || continue
        read -ra fields <<<"${line##*) }"
        if [[ ${fields[3]} == "$1" && ${fields[0]} != Z ]]; then
            stat=${stat#/proc/}
            printf '%s\n' "${stat%/stat}"
        fi
    done 2>/dev/null
}

# stop NAME: asks it to end, waits up to ten seconds, then ends it. Returns its exit status; 0 if it does not run.
stop() {
    local session=${sessions[$1]:-} tick left status=0
    [[ -n $session ]] || return 0
    unset "sessions[$1]"
    mapfile -t left < <(members "$session")
    for ((tick = 0; tick < 100 && ${#left[@]} > 0; tick++)); do
        ((tick > 0)) || kill -TERM "${left[@]}" 2>/dev/null || true
        sleep 0.1
        mapfile -t left < <(members "$session")
    done
    ((${#left[@]} == 0)) || kill -KILL "${left[@]}" 2>/dev/null || true
    wait "$session" 2>/dev/null || status=$?
    return "$status"
}

# attend NAME: waits for it to end by itself and returns its exit status.
attend() {
    local session=${sessions[$1]} status=0
    wait "$session" || status=$?
    # A signal to the tool ends `wait` early, with the trap run in between.
    unset "sessions[$1]"
    return "$status"
}

# pause SECONDS: a sleep that a signal to the tool ends at once.
pause() {
    sleep "$1" &
    wait $! || true
}

# is_listening PORT: whether something answers on that port of loopback.
is_listening() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# free_port FIRST: the first port from there on that nobody listens on.
free_port() {
    local port
    for ((port = $1; port < $1 + 1000 && port < 65536; port++)); do
        if ! is_listening "$port"; then
            printf '%s' "$port"
            return
        fi
    done
    fail "no free port among 1000 from $1 on"
}
