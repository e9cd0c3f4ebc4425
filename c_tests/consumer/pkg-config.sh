#!/bin/sh
# pkg-config.sh PREFIX LIBDIR CC WORK: builds and runs the consumer with what libzmq.pc says.

set -eu
prefix=$1 libdir=$1/$2 cc=$3 work=$4
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$work"
unset PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
export PKG_CONFIG_LIBDIR="$libdir/pkgconfig"

version=$(pkg-config --modversion libzmq)
header=$(sed -n 's/^#define ZMQ_VERSION_\(MAJOR\|MINOR\|PATCH\) \([0-9]*\).*/\2/p' "$prefix/include/zmq.h" | paste -sd.)
[ "$version" = "$header" ] || { echo "libzmq.pc says $version, zmq.h $header" >&2; exit 1; }

# Wherever the tree was moved to, the file points into it.
for variable in libdir includedir; do
    directory=$(pkg-config --variable=$variable libzmq)
    [ "$(cd "$directory" && pwd -P)" != "" ]
    case $(cd "$directory" && pwd -P)/ in
    "$(cd "$prefix" && pwd -P)"/*) ;;
    *) echo "$variable is $directory, outside $prefix" >&2; exit 1 ;;
    esac
done

$cc -o "$work/shared" "$here/consumer.c" $(pkg-config --cflags --libs libzmq)
LD_LIBRARY_PATH=$libdir "$work/shared" shared

libraries=$(pkg-config --static --libs libzmq | sed 's/-lzmq/-l:libzmq.a/')
$cc -o "$work/static" "$here/consumer.c" $(pkg-config --cflags libzmq) $libraries
"$work/static" static
