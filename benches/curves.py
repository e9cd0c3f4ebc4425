#!/usr/bin/python3
"""Draws cost against load: throughput and latency from 1 to 10,000 connections, memory from 100 to
1,000,000 subscriptions, on our library and on the reference, in docs/curves/.

Needs what compare.py needs, and matplotlib (apt-get install python3-matplotlib).
"""

import argparse
import os
import shutil
import tempfile

import compare

CURVES = os.path.join(compare.ROOT, "docs", "curves")

# File, title, horizontal and vertical axis, arguments to which the load is added, loads.
FIGURES = [
    ("throughput", "one DEALER to one ROUTER, 64 B, tcp", "connections", "messages per second",
     "throughput --transport tcp --pattern dealer --seconds 1 --connections", (1, 10, 100, 1000, 10000)),
    ("latency", "REQ/REP, 64 B, tcp, one of the connections is busy", "connections",
     "microseconds one way", "latency --transport tcp --seconds 1 --connections", (1, 10, 100, 1000, 10000)),
    ("subscriptions", "SUB and XPUB, tcp, topics of 15 bytes", "subscriptions",
     "bytes per subscription, both sides",
     "subscriptions --transport tcp --measure memory --count", (100, 1000, 10000, 100000, 1000000)),
]


def draw(name, title, across, up, loads, curves):
    import matplotlib
    matplotlib.use("svg")
    # The same picture has the same bytes.
    matplotlib.rcParams["svg.hashsalt"] = name
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(figsize=(6.4, 4))
    for key, style in (("ours", "o-"), ("reference", "s--")):
        points = [(load, value) for load, value in zip(loads, curves[key])
                  if not isinstance(value, compare.Failed)]
        axes.plot(*zip(*points), style, label={"ours": "ferrozmq", "reference": "libzmq 4.3.4"}[key])
    axes.set(title=title, xlabel=across, ylabel=up, xscale="log")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(os.path.join(CURVES, name + ".svg"), metadata={"Date": None}, bbox_inches="tight")
    pyplot.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--ours", metavar="DIR", default=os.path.join(compare.TARGET, "release"))
    parser.add_argument("--reference", metavar="DIR")
    parser.add_argument("--runs", type=int, default=5, help="measured runs a point and library (5)")
    options = parser.parse_args()
    scratch = tempfile.mkdtemp(prefix="curves-")
    # 20,000 sockets take a while to come and go.
    compare.STUCK = 120
    try:
        libraries = {
            "ours": compare.Library(options.ours, os.path.join(scratch, "ours")),
            "reference": compare.Library(options.reference or compare.find_reference(),
                                         os.path.join(scratch, "reference")),
        }
        compare.build(libraries["reference"])
        os.makedirs(CURVES, exist_ok=True)
        for name, title, across, up, arguments, loads in FIGURES:
            curves = {key: [] for key in libraries}
            print(f"\n{title}: {up}\n{across:>14} {'ours':>13} {'reference':>13}")
            for load in loads:
                results, _ = compare.measure([*arguments.split(), str(load)], libraries,
                                             options.runs, False, scratch)
                for key, value in results.items():
                    curves[key].append(value)
                print(f"{load:14,} {compare.number(results['ours']):>13} "
                      f"{compare.number(results['reference']):>13}", flush=True)
            draw(name, title, across, up, loads, curves)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
