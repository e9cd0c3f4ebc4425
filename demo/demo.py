#!/usr/bin/python3
"""Debian's python3-zmq, an unmodified program, on our libzmq.so.5.

demo.py LIBRARY: runs four patterns over three transports, checks every message, proves from the
process's memory map that LIBRARY and no other libzmq is loaded, and prints message rates.
Run by ../demo.sh, which puts LIBRARY where the dynamic linker finds it.
"""

import os
import signal
import sys
import threading
import time

import zmq

TRANSPORTS = {"tcp": "tcp://127.0.0.1:*", "ipc": "ipc://*", "inproc": "inproc://demo"}

# Milliseconds after which a message that must come is taken for lost.
PATIENCE = 10_000

MESSAGES = 20_000
ROUND_TRIPS = 5_000


def loaded_libraries():
    """Files of this process's memory map that are some libzmq, and whether pyzmq is there."""
    libraries, pyzmq = set(), False
    with open("/proc/self/maps") as maps:
        for line in maps:
            path = line.rstrip("\n").partition("/")
            if not path[1]:
                continue
            path = "/" + path[2]
            name = os.path.basename(path)
            if "/zmq/" in path and ".so" in name:
                pyzmq = True
            elif name.startswith("libzmq"):
                libraries.add(path)
    return libraries, pyzmq


def check_library(expected):
    libraries, pyzmq = loaded_libraries()
    if not pyzmq:
        sys.exit("demo: pyzmq's extension is not in the memory map")
    if libraries != {os.path.realpath(expected)}:
        sys.exit(f"demo: loaded {sorted(libraries) or 'no libzmq'}, expected only {expected}")


def check(received, expected, what):
    if received != expected:
        raise AssertionError(f"{what}: received {received!r}, expected {expected!r}")


class Sockets:
    """The sockets of one run: made with time-outs, closed together."""

    def __init__(self, context, address):
        self.context, self.address, self.endpoint, self.open = context, address, None, []

    def make(self, kind, **options):
        socket = self.context.socket(kind)
        self.open.append(socket)
        socket.setsockopt(zmq.RCVTIMEO, PATIENCE)
        socket.setsockopt(zmq.SNDTIMEO, PATIENCE)
        socket.setsockopt(zmq.LINGER, 0)
        for name, value in options.items():
            socket.setsockopt(getattr(zmq, name), value)
        if self.endpoint:
            socket.connect(self.endpoint)
        else:
            socket.bind(self.address)
            self.endpoint = socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()
        return socket

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for socket in self.open:
            socket.close()


class Beside:
    """Runs a function in a thread; what it raised is raised again at the end of the block."""

    def __init__(self, function, *arguments):
        self.failure = None
        self.thread = threading.Thread(target=self.run, args=(function, arguments), daemon=True)

    def run(self, function, arguments):
        try:
            function(*arguments)
        except BaseException as failure:
            self.failure = failure

    def __enter__(self):
        self.thread.start()

    def __exit__(self, kind, *_):
        self.thread.join(PATIENCE / 1000 + 5)
        if kind is None and self.failure:
            raise self.failure
        if kind is None and self.thread.is_alive():
            raise AssertionError("the other side does not end")


def body(number):
    """A message that depends on its number; some are longer than what fits in a zmq_msg_t."""
    return b"message %d %s" % (number, b"." * (number % 100))


def req_rep(sockets):
    rep, req = sockets.make(zmq.REP), sockets.make(zmq.REQ)

    def answer():
        for number in range(ROUND_TRIPS):
            check(rep.recv(), body(number), "request")
            rep.send(b"reply to " + body(number))

    with Beside(answer):
        for number in range(ROUND_TRIPS):
            req.send(body(number))
            check(req.recv(), b"reply to " + body(number), "reply")
    return 2 * ROUND_TRIPS


def push_pull(sockets):
    pull, push = sockets.make(zmq.PULL), sockets.make(zmq.PUSH)

    def produce():
        for number in range(MESSAGES):
            push.send(body(number))

    with Beside(produce):
        for number in range(MESSAGES):
            check(pull.recv(), body(number), "message")
    return MESSAGES


def pub_sub(sockets):
    # Without high-water marks nothing may be lost once the subscription has arrived.
    pub = sockets.make(zmq.PUB, SNDHWM=0)
    sub = sockets.make(zmq.SUB, RCVHWM=0, SUBSCRIBE=b"even")
    end = time.monotonic() + PATIENCE / 1000
    while not sub.poll(1):
        check(time.monotonic() < end, True, "first publication in time")
        pub.send_multipart([b"even", b"are you there?"])
    pub.send_multipart([b"even", b"begin"])
    while sub.recv_multipart() != [b"even", b"begin"]:
        pass

    def publish():
        for number in range(MESSAGES):
            pub.send_multipart([b"odd" if number % 2 else b"even", body(number)])

    with Beside(publish):
        for number in range(0, MESSAGES, 2):
            check(sub.recv_multipart(), [b"even", body(number)], "publication")
    return MESSAGES


def router_dealer(sockets):
    router = sockets.make(zmq.ROUTER)
    names = [b"dealer-%d" % number for number in range(4)]
    dealers = [sockets.make(zmq.DEALER, ROUTING_ID=name) for name in names]
    turns = ROUND_TRIPS // len(names)

    def route():
        for _ in range(turns * len(names)):
            name, empty, content = router.recv_multipart()
            check((name in names, empty), (True, b""), "envelope")
            router.send_multipart([name, empty, content + b" for " + name])

    poller = zmq.Poller()
    for dealer in dealers:
        poller.register(dealer, zmq.POLLIN)
    with Beside(route):
        for number in range(turns):
            for dealer in dealers:
                dealer.send_multipart([b"", body(number)])
            waiting = dict(zip(dealers, names))
            while waiting:
                ready = poller.poll(PATIENCE)
                check(bool(ready), True, "poll")
                for dealer, _ in ready:
                    check(dealer.recv_multipart(),
                          [b"", body(number) + b" for " + waiting.pop(dealer)], "routed reply")
    return 2 * turns * len(names)


PATTERNS = {"REQ/REP": req_rep, "PUB/SUB": pub_sub, "PUSH/PULL": push_pull,
            "ROUTER/DEALER": router_dealer}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    signal.alarm(300)
    check_library(sys.argv[1])
    print(f"pyzmq {zmq.pyzmq_version()} on zmq_version {zmq.zmq_version()}, "
          f"loaded from {os.path.realpath(sys.argv[1])}")

    print(f"\n{'messages/s':14}" + "".join(f"{transport:>12}" for transport in TRANSPORTS))
    for pattern, run in PATTERNS.items():
        rates = []
        for transport, address in TRANSPORTS.items():
            context = zmq.Context()
            try:
                with Sockets(context, address) as sockets:
                    start = time.monotonic()
                    messages = run(sockets)
                    rates.append(messages / (time.monotonic() - start))
            except (AssertionError, zmq.ZMQError) as failure:
                # Not context.term(): sockets may still be in use by the other side's thread.
                print(f"demo: {pattern} over {transport}: {failure}", file=sys.stderr, flush=True)
                os._exit(1)
            context.term()
        print(f"{pattern:14}" + "".join(f"{rate:12,.0f}" for rate in rates))

    check_library(sys.argv[1])
    print("\nevery message arrived as it was sent; no other libzmq was loaded")


if __name__ == "__main__":
    main()
