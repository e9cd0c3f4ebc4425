#!/usr/bin/python3
"""Runs the benchmark programs alternately on our library and on the reference, and prints a table
of ratios.

Needs gcc and a directory that holds the reference's libzmq.so.5. The programs are compiled once;
which library they run on is decided by LD_LIBRARY_PATH, and each run checks in /proc/self/maps
that it is that one. A benchmark is not a test: a slower row is marked, and is no failure of the
command. A row that could not be measured on ours is (exit code 1).
"""

import argparse
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

BENCHES = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(BENCHES)
TARGET = os.path.abspath(os.environ.get("CARGO_TARGET_DIR") or os.path.join(ROOT, "target"))
BUILT = os.path.join(TARGET, "benches")
PROGRAMS = ["latency", "throughput", "pub", "memory", "subscriptions", "poll", "paced"]
SONAME = "libzmq.so.5"

# Seconds after which a run is taken for stuck.
STUCK = 30


def rows():
    """(name, arguments, only with --long) of every row. Names are what --only matches."""

    def row(name, arguments, long=False):
        return name, arguments.split(), long

    for transport in ("tcp", "ipc", "inproc"):
        at = f"--transport {transport}"
        for size, text in ((16, "16 B"), (64, "64 B"), (1024, "1 KiB"), (131072, "128 KiB")):
            of = f"{at} --size {size}"
            yield row(f"REQ/REP {transport} {text}", f"latency {of}")
            yield row(f"REQ/REP {transport} {text} pinned", f"latency {of} --pinned")
        yield row(f"DEALER/ROUTER poll {transport} 64 B", f"latency {at} --pattern dealer")
        yield row(f"DEALER/ROUTER poll {transport} 64 B pinned",
                  f"latency {at} --pattern dealer --pinned")
    yield row("REQ/REP tcp 64 B pinned, switches",
              "latency --transport tcp --pinned --measure switches")
    yield row("REQ/REP tcp 64 B pinned, cpu", "latency --transport tcp --pinned --measure cpu")
    yield row("REQ/REP tcp 64 B threads", "latency --transport tcp --threads")
    yield row("REQ/REP ipc 64 B threads", "latency --transport ipc --threads")
    yield row("paced tcp 64 B 1000/s p50", "paced --transport tcp --percentile 50")
    yield row("paced tcp 64 B 1000/s p99", "paced --transport tcp --percentile 99")
    yield row("paced tcp 64 B 10000/s cpu", "paced --transport tcp --rate 10000 --measure cpu")

    for transport in ("tcp", "ipc", "inproc"):
        at = f"--transport {transport}"
        for size, text in ((16, "16 B"), (64, "64 B"), (1024, "1 KiB"), (131072, "128 KiB")):
            yield row(f"PUSH/PULL {transport} {text}", f"throughput {at} --size {size}")
        yield row(f"PUSH/PULL {transport} 64 B pinned", f"throughput {at} --pinned")
    yield row("PUSH/PULL tcp 64 B threads", "throughput --transport tcp --threads")
    yield row("PUSH/PULL inproc 1 MiB pointer",
              "throughput --transport inproc --size 1048576 --pointer")
    for size, text in ((64, "64 B"), (1024, "1 KiB"), (65536, "64 KiB")):
        yield row(f"PUSH/PULL tcp CURVE {text}", f"throughput --transport tcp --curve --size {size}")
    yield row("REQ/REP tcp CURVE 64 B", "latency --transport tcp --curve")
    yield row("connect tcp CURVE 500", "memory --transport tcp --curve --count 500 --measure time")
    for peers in (1, 32):
        yield row(f"DEALER/ROUTER tcp 64 B {peers} clients",
                  f"throughput --transport tcp --pattern dealer --peers {peers}")
    yield row("proxy ROUTER/DEALER tcp 64 B", "throughput --transport tcp --pattern dealer --proxy")
    yield row("proxy XSUB/XPUB tcp 64 B", "pub --transport tcp --proxy")

    for transport in ("tcp", "ipc", "inproc"):
        for peers in (1, 16, 64):
            yield row(f"PUB {transport} 64 B {peers} SUB",
                      f"pub --transport {transport} --peers {peers}")
        yield row(f"PUB {transport} 1 KiB 16 SUB",
                  f"pub --transport {transport} --peers 16 --size 1024")

    for transport in ("tcp", "ipc"):
        for measure in ("both", "bound", "connected"):
            yield row(f"memory {transport} 2000 connections, {measure}",
                      f"memory --transport {transport} --measure {measure}")
        yield row(f"memory {transport} 2000 DEALER to ROUTER, both",
                  f"memory --transport {transport} --pattern router")
        yield row(f"connect {transport} 2000", f"memory --transport {transport} --measure time")
    yield row("memory inproc 2000 connections", "memory --transport inproc")
    yield row("files inproc 1000 sockets",
              "memory --transport inproc --pattern router --count 1000 --measure fds")
    yield row("memory tcp 10000 connections, both", "memory --transport tcp --count 10000", True)
    yield row("connect tcp 10000", "memory --transport tcp --count 10000 --measure time", True)

    for count, long in ((100000, False), (1000000, True)):
        of = f"subscriptions --transport tcp --count {count} --measure"
        yield row(f"subscriptions {count}, subscribe", f"{of} subscribe", long)
        yield row(f"subscriptions {count}, send", f"{of} send", long)
        yield row(f"subscriptions {count}, memory", f"{of} memory", long)

    for transport in ("inproc", "tcp"):
        yield row(f"zmq_poll 2000 sockets {transport}", f"poll --transport {transport}")
        # A reference without drafts has zmq_poll to show instead.
        yield row(f"zmq_poller 2000 sockets {transport}",
                  f"poll --transport {transport} --pattern poller")


def find_reference():
    """The system's directory that holds the genuine libzmq.so.5."""
    try:
        triple = subprocess.run(["gcc", "-print-multiarch"], capture_output=True, text=True,
                                check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        triple = f"{platform.machine()}-linux-gnu"
    for directory in (f"/usr/lib/{triple}", f"/lib/{triple}", "/usr/lib64", "/usr/lib"):
        if os.path.exists(os.path.join(directory, SONAME)):
            return directory
    for ldconfig in ("/sbin/ldconfig", "/usr/sbin/ldconfig"):
        if os.path.exists(ldconfig):
            cache = subprocess.run([ldconfig, "-p"], capture_output=True, text=True).stdout
            found = re.search(re.escape(SONAME) + r" .*=> (\S+)", cache)
            if found:
                return os.path.dirname(found.group(1))
    sys.exit(f"no {SONAME} in the system's directories: apt-get install libzmq5, or --reference DIR")


class Library:
    """A directory to put in LD_LIBRARY_PATH and the file that must then be loaded."""

    def __init__(self, directory, link_directory):
        for name in (SONAME, "libzmq.so"):
            path = os.path.join(directory, name)
            if os.path.exists(path):
                break
        else:
            sys.exit(f"neither {SONAME} nor libzmq.so in {directory}")
        self.file = os.path.realpath(path)
        self.directory = os.path.abspath(directory)
        if name != SONAME:
            os.makedirs(link_directory)
            os.symlink(self.file, os.path.join(link_directory, SONAME))
            self.directory = link_directory

    def environment(self, scratch):
        return dict(os.environ, LD_LIBRARY_PATH=self.directory, BENCH_LIBRARY=self.file,
                    TMPDIR=scratch, LC_ALL="C")

    def version(self):
        code = ("import ctypes,sys; l = ctypes.CDLL(sys.argv[1]); v = [ctypes.c_int() for _ in '123'];"
                "l.zmq_version(*map(ctypes.byref, v)); print('.'.join(str(x.value) for x in v))")
        run = subprocess.run([sys.executable, "-c", code, self.file], capture_output=True, text=True)
        return run.stdout.strip() or "?"


def build(reference):
    os.makedirs(BUILT, exist_ok=True)
    include = os.path.join(ROOT, "include")
    flags = ["-I", include] if os.path.exists(os.path.join(include, "zmq.h")) else []
    for program in PROGRAMS:
        subprocess.run(
            ["gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", *flags,
             "-o", os.path.join(BUILT, program), os.path.join(BENCHES, program + ".c"),
             os.path.join(reference.directory, SONAME), "-lpthread"],
            check=True)


class Failed(Exception):
    """A run that gave no number, and why."""


def run_once(arguments, library, scratch):
    """(value, unit) of one run."""
    process = subprocess.Popen(
        [os.path.join(BUILT, arguments[0]), *arguments[1:]], cwd=scratch,
        env=library.environment(scratch), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        out, err = process.communicate(timeout=STUCK)
    except subprocess.TimeoutExpired:
        raise Failed(f"stuck for {STUCK} s") from None
    finally:
        # Whatever the run left behind: its group is its own.
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
    words = out.split()
    if process.returncode != 0 or len(words) < 3:
        raise Failed(err.strip().split("\n")[-1] or f"exit code {process.returncode}")
    return float(words[-2]), words[-1]


def measure(arguments, libraries, runs, warm_up, scratch):
    """Alternating runs: per library the median, or Failed; and the unit."""
    values = {key: [] for key in libraries}
    failed = {}
    unit = ""
    for turn in range(-1 if warm_up else 0, runs):
        for key, library in libraries.items():
            if key in failed:
                continue
            try:
                value, unit = run_once(arguments, library, scratch)
            except Failed as failure:
                failed[key] = failure
                continue
            if turn >= 0:
                values[key].append(value)
    return {key: failed.get(key) or statistics.median(values[key]) for key in libraries}, unit


def number(value):
    if isinstance(value, Failed):
        return "failed"
    if abs(value) >= 100000:
        return f"{value:,.0f}"
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--ours", metavar="DIR", default=os.path.join(TARGET, "release"),
                        help="directory of our libzmq.so.5 or libzmq.so (target/release)")
    parser.add_argument("--reference", metavar="DIR", help="directory of the other libzmq.so.5")
    parser.add_argument("--runs", type=int, default=5, help="measured runs a row and library (5)")
    parser.add_argument("--only", metavar="PATTERN", default="",
                        help="regular expression: rows whose name it matches")
    parser.add_argument("--short", action="store_true",
                        help="one short run of each, to see that everything works")
    parser.add_argument("--long", action="store_true", help="also the rows that take seconds")
    parser.add_argument("--pinned", action="store_true", help="every row on one CPU")
    parser.add_argument("--list", action="store_true", help="print the rows and stop")
    options = parser.parse_args()

    chosen = [(name, arguments) for name, arguments, long in rows()
              if re.search(options.only, name) and (options.long or not long)]
    if options.list:
        for name, arguments in chosen:
            print(f"{name:45} {' '.join(arguments)}")
        return 0
    if not chosen:
        sys.exit("no row has such a name")

    scratch = tempfile.mkdtemp(prefix="bench-")
    try:
        return compare(options, chosen, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def compare(options, chosen, scratch):
    libraries = {
        "ours": Library(options.ours, os.path.join(scratch, "ours")),
        "reference": Library(options.reference or find_reference(),
                             os.path.join(scratch, "reference")),
    }
    build(libraries["reference"])
    runs = 1 if options.short else options.runs
    extra = (["--seconds", "0.1"] if options.short else []) + (["--pinned"] if options.pinned else [])

    for key, library in libraries.items():
        print(f"{key}: {library.version()}  {library.file}")
    print(f"{len(os.sched_getaffinity(0))} CPUs, {'everything pinned to one, ' * options.pinned}"
          f"{'one short run' if runs == 1 else f'median of {runs} runs'} of each\n")
    width = max(len(name) for name, _ in chosen)
    print(f"{'row':{width}}  {'ours':>13} {'reference':>13} {'ratio':>7}  {'unit':18} better")
    slower, unmeasured, notes = [], [], []
    for name, arguments in chosen:
        results, unit = measure(arguments + extra, libraries, runs, not options.short, scratch)
        ours, reference = results["ours"], results["reference"]
        higher = unit.endswith("/s")
        ratio = mark = ""
        for key, result in results.items():
            if isinstance(result, Failed):
                notes.append(f"{name}: {key}: {result}")
                if key == "ours":
                    unmeasured.append(name)
        if not any(isinstance(result, Failed) for result in results.values()):
            ratio = f"{ours / reference:.3f}" if reference else "1.000" if ours == reference else "inf"
            if (ours < reference) if higher else (ours > reference):
                slower.append(name)
                mark = "  <-- worse"
        print(f"{name:{width}}  {number(ours):>13} {number(reference):>13} {ratio:>7}  {unit:18} "
              f"{'higher' if higher else 'lower'}{mark}", flush=True)

    print(f"\n{len(chosen)} rows: {len(slower)} worse than the reference, "
          f"{len(unmeasured)} not measured on ours")
    for note in notes:
        print(f"  {note}")
    return 1 if unmeasured else 0


if __name__ == "__main__":
    sys.exit(main())
