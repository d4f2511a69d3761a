# What the end-to-end tests share: a server with the example flows and the built-in model. Sourced,
# never run. shellcheck shell=bash

source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"

e2e=$root/tests/e2e
# The first example flow, whose id is the same everywhere.
example_flow=00000000-0000-4000-8000-00000000f101
server_id=

# passed TEXT: one check that went well.
passed() { printf 'ok   %s\n' "$*"; }

# start_server [NAME=VALUE…]: starts the program in a new home on a free port of this machine, and
# sets `origin` once it is ready. It ends with the script.
start_server() {
    [[ -n ${FLOWSTONE_BIN:-} ]] || fail "FLOWSTONE_BIN is not set. Run 'cargo xtask ci --only build,e2e-NAME'."
    [[ -d $FLOWSTONE_MODELS_DIR/smollm2-135m-instruct ]] || fail "The built-in model is missing. Run 'make models'."
    home=$(mktemp -d)
    trap stop_server EXIT
    exec 3< <(exec env -i PATH="$PATH" HOME="$home" HOST=127.0.0.1 PORT=0 \
        FLOWSTONE_MODELS_DIR="$FLOWSTONE_MODELS_DIR" "$@" "$FLOWSTONE_BIN" start 2>&1)
    server_id=$!
    local line origin_line=''
    while [[ -z $origin_line ]] && IFS= read -r -t 60 -u 3 line; do
        printf '%s\n' "$line" >>"$home/log"
        [[ $line == *'Flowstone is ready: '* ]] && origin_line=$line
    done
    # Somebody must read on, or a full pipe would stop the server.
    cat <&3 >>"$home/log" &
    origin=${origin_line##*: }
    origin=${origin/localhost/127.0.0.1}
    [[ -n $origin ]] || fail "The server did not start."
    passed "the server is ready at $origin"
}

stop_server() {
    local status=$?
    if [[ $status != 0 && -f $home/log ]]; then
        printf -- '── the last lines of the server\n' >&2
        tail -n 20 "$home/log" >&2
    fi
    if [[ -n $server_id ]]; then
        kill "$server_id" 2>/dev/null || true
        wait "$server_id" 2>/dev/null || true
    fi
    rm -rf "$home"
    return "$status"
}
