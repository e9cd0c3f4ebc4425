#!/bin/bash
# Builds the library and runs Debian's python3-zmq, an unmodified program, on it.
# Needs a Rust toolchain, gcc, and root if something has to be installed.

set -euo pipefail
cd "$(dirname "$0")"
. packaging/requirements.sh

require cargo "install a Rust toolchain"
require_packages gcc libc6-dev python3 python3-zmq

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
cargo build --quiet --release --workspace
library=$target/release/libzmq.so
[ -f "$library" ] || fail "cargo did not build $library"

# A directory of its own: it holds nothing but the name that programs look for.
mkdir -p "$target/demo"
ln -sfn "$library" "$target/demo/libzmq.so.5"

# A preloaded library would come before ours.
unset LD_PRELOAD
LD_LIBRARY_PATH="$target/demo" /usr/bin/python3 demo/demo.py "$library"
