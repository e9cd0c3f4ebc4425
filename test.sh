#!/bin/bash
# Runs every test: those in Rust, the C programs on our library and on the genuine one, the package,
# its exports and its header. Arguments are passed on to ctest (for example -R name, -L ours).
# Needs a Rust toolchain, gcc, and root if something has to be installed.
#
# TEST_CHECKED=1 adds the C programs under valgrind and with AddressSanitizer.

set -euo pipefail
cd "$(dirname "$0")"
. packaging/requirements.sh

require cargo "install a Rust toolchain"
require_packages gcc g++ libc6-dev binutils make cmake pkg-config python3 python3-zmq \
    libzmq5 libzmq3-dev libczmq-dev valgrind
# Tests of names use the one that every machine should know; a bare chroot may have no /etc/hosts.
[[ $(getent ahostsv4 localhost) == 127.0.0.1\ * ]] || fail "localhost is not 127.0.0.1: add it to /etc/hosts"

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
build=$target/cmake
checked=OFF
[ -z "${TEST_CHECKED:-}" ] || checked=ON

# ctest says what failed and why; its list of what passed is of no interest.
run_ctest() {
    # Twice the CPUs: most tests wait.
    ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$((2 * $(nproc)))" "$@"
}

quietly "cargo test" cargo test --quiet --no-fail-fast --workspace
quietly "cmake build" bash -c 'cmake -S . -B "$1" -DTEST_VALGRIND="$2" -DTEST_ASAN="$2" \
    && cmake --build "$1" --parallel "$(nproc)"' build "$build" "$checked"
quietly "ctest" run_ctest "$@"
quietly "exports" packaging/check-exports "$build/lib/libzmq.so" "$build/lib/libzmq.a"
summary
