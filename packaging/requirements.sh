# Sourced by demo.sh, test.sh and .ci/run: what they need, installed through apt-get if missing.

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# require COMMAND HINT
require() {
    # shellcheck source=/dev/null
    command -v "$1" >/dev/null || { [ -f "$HOME/.cargo/env" ] && . "$HOME/.cargo/env"; } || :
    command -v "$1" >/dev/null || fail "no $1: $2"
}

# require_packages PACKAGE...
require_packages() {
    local package missing=() log
    for package; do
        dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' \
            || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    [ "$(id -u)" = 0 ] || fail "not installed, and only root can: ${missing[*]}"
    echo "installing ${missing[*]}"
    log=$(mktemp)
    if ! { apt-get update && DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        fail "apt-get could not install ${missing[*]}"
    fi
    rm -f "$log"
}

# quietly NAME COMMAND...: prints one line; what the command printed only when it fails.
quietly() {
    local name=$1 start=$SECONDS log
    shift
    log=$(mktemp)
    if "$@" >"$log" 2>&1; then
        echo "ok      $name ($((SECONDS - start)) s)"
        rm -f "$log"
        return 0
    fi
    cat "$log"
    rm -f "$log"
    echo "FAILED  $name ($((SECONDS - start)) s)"
    failures+=("$name")
}

# Every step is run, whatever fails before it; this ends the script.
failures=()
summary() {
    if [ ${#failures[@]} -gt 0 ]; then
        echo "$(basename "$0"): FAILED: $(printf '%s; ' "${failures[@]}" | sed 's/; $//')"
        exit 1
    fi
    echo "$(basename "$0"): all passed ($SECONDS s)"
}
