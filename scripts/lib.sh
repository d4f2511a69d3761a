# What the scripts beside this file share: folders, messages, and a check of each tool. Sourced,
# never run. shellcheck shell=bash

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/flowstone
python_env=$cache/python
# Servers of other makers, apart from the rest: they pin much of what other packages use too.
peers_env=${FLOWSTONE_PEERS:-$cache/python-peers}
# Where the Rust tests look for the vector servers that they start.
vector_env=${FLOWSTONE_VECTOR_SERVERS:-$cache/vector-servers}
# Where they look for what vendors answered once.
recordings=${FLOWSTONE_RECORDINGS:-$cache/recordings}

# `make run` and `make test` share these, so that the second reuses the work of the first.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
export FLOWSTONE_MODELS_DIR=${FLOWSTONE_MODELS_DIR:-$cache/models}
quick_binary=$CARGO_TARGET_DIR/debug/flowstone

# say TEXT: announces a step.
say() {
    if [[ -t 1 ]]; then printf '\033[1m==> %s\033[0m\n' "$*"; else printf '==> %s\n' "$*"; fi
}

# fail TEXT: ends the script with one sentence that says what to do.
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# have COMMAND: whether it is on the PATH.
have() { command -v "$1" >/dev/null 2>&1; }

# at_least HAVE WANTED: whether version HAVE is WANTED or newer.
at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort --version-sort | head -n 1) == "$2" ]]; }

need_rust() {
    local wanted found
    wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$root/Cargo.toml")
    have cargo || fail "Rust is missing. Install Rust $wanted or newer (https://rustup.rs), open a new shell and try again."
    found=$(rustc --version | cut -d ' ' -f 2)
    at_least "$found" "$wanted" || fail "Rust $found is too old: $wanted or newer is needed. Run 'rustup update'."
    have cc || fail "A C compiler is missing. On Debian: 'apt-get install build-essential'."
}

need_node() {
    local wanted found
    wanted=$(sed -n 's/.*"node": ">=\([0-9.]*\).*".*/\1/p' "$root/web/package.json")
    have node || fail "Node.js is missing. Install Node.js $wanted or newer."
    found=$(node --version | tr -d v)
    at_least "$found" "$wanted" || fail "Node.js $found is too old: $wanted or newer is needed."
    have npm || fail "npm is missing. It comes with Node.js; on Debian: 'apt-get install npm'."
}

need_python() {
    have python3 || fail "Python is missing. Install Python 3.10 or newer; on Debian: 'apt-get install python3 python3-venv'."
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
        || fail "$(python3 --version) is too old: Python 3.10 or newer is needed."
    has_python_venv || fail "Python's venv module is missing. On Debian: 'apt-get install python3-venv'."
}

has_python_venv() { python3 -c 'import venv, ensurepip' 2>/dev/null; }

# make_python_env [FOLDER]: makes the Python environment that holds pip and the packages of the tests.
make_python_env() {
    local env=${1:-$python_env}
    [[ -x $env/bin/pip ]] && "$env/bin/python" -c '' 2>/dev/null && return
    say "Making a Python environment in $env"
    rm -rf "$env"
    mkdir -p "$cache"
    python3 -m venv "$env"
}

# hash_of FILE…: one hash over names and contents of files of the project, wherever it is checked out.
hash_of() { (cd "$root" && sha256sum -- "${@#"$root/"}") | sha256sum | cut -d ' ' -f 1; }

# npm_install FOLDER: installs what its package-lock.json says, unless that is there already.
npm_install() {
    local folder=$1 stamp=$1/node_modules/.installed wanted
    wanted="$(node --version) $(hash_of "$folder/package-lock.json")"
    [[ -f $stamp && $(<"$stamp") == "$wanted" ]] && return
    say "Installing the npm packages of ${folder#"$root/"} (a minute or two the first time)"
    (cd "$folder" && npm ci --no-audit --no-fund --prefer-offline)
    printf '%s' "$wanted" >"$stamp"
}

# Cargo tells by file times whether our crates changed, and takes two checkouts that share a target
# folder for one. So when the folder served another checkout last, our own crates (not their
# dependencies) are built anew.
claim_target() {
    local owner=$CARGO_TARGET_DIR/.checkout profile
    mkdir -p "$CARGO_TARGET_DIR"
    [[ -f $owner && $(<"$owner") == "$root" ]] && return
    for profile in "$CARGO_TARGET_DIR"/*/; do
        [[ -d $profile/.fingerprint ]] || continue
        flock "$profile/.cargo-lock" \
            find "$profile/.fingerprint" -maxdepth 1 \( -name 'flowstone-*' -o -name 'xtask-*' \) -exec rm -rf {} +
    done
    printf '%s' "$root" >"$owner"
}

# Builds flowstone in the quick profile. With the features of the whole workspace, as the tests are
# built, so that `make test` finds every dependency compiled.
build_quickly() {
    need_rust
    claim_target
    say "Building flowstone (the first time compiles every dependency: ten minutes on two cores)"
    (cd "$root" && cargo build --locked --workspace --bin flowstone)
}
