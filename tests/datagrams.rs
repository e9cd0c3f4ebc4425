//! The captures of datagrams (tests/vectors/udp_*.txt), replayed between sockets of this library and a plain
//! one: what arrives in a datagram that was captured, and which bytes are sent.

use ferrozmq::msg::Message;
use ferrozmq::options::{SocketType, numbers};
use ferrozmq::sync::Handle;
use ferrozmq::{context, socket};
use std::ffi::CString;
use std::net::UdpSocket;
use std::time::Duration;

/// Milliseconds that what must come may take.
const PATIENCE: i32 = 20_000;

const SNDMORE: i32 = 2;

/// A socket in a context of its own, and a plain one.
struct Fixture {
    context: Handle,
    socket: Handle,
    plain: UdpSocket,
}

impl Fixture {
    fn new(socket_type: SocketType) -> Fixture {
        let context = context::new().expect("a context");
        let socket = context::open_socket(context, socket_type.number()).expect("a socket");
        for (option, value) in [(numbers::RCVTIMEO, PATIENCE), (numbers::LINGER, 0)] {
            socket::set_option(socket, option, Some(&value.to_ne_bytes())).expect("an option");
        }
        let plain = UdpSocket::bind("127.0.0.1:0").expect("loopback");
        plain.set_read_timeout(Some(Duration::from_millis(PATIENCE as u64))).expect("an option");
        Fixture { context, socket, plain }
    }

    /// Binds to a free port, and has the plain socket send there.
    fn bind(&self) {
        socket::bind(self.socket, "udp://127.0.0.1:*").expect("a port");
        let mut buffer = [0; 64];
        let len = socket::option(self.socket, numbers::LAST_ENDPOINT, &mut buffer).expect("bound");
        let address = std::str::from_utf8(&buffer[..len - 1]).expect("text");
        self.plain.connect(address).expect("an address");
    }

    fn plain_address(&self) -> String {
        self.plain.local_addr().expect("bound").to_string()
    }

    fn send(&self, mut message: Message, flags: i32) {
        socket::send(self.socket, &mut message, flags).expect("room");
    }

    fn recv(&self) -> Message {
        let mut message = Message::new();
        socket::recv(self.socket, &mut message, 0).expect("a message in time");
        message
    }

    fn datagram(&self) -> Vec<u8> {
        let mut buffer = vec![0; 10_000];
        let len = self.plain.recv(&mut buffer).expect("a datagram in time");
        buffer.truncate(len);
        buffer
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        socket::close(self.socket).expect("open");
        context::terminate(self.context).expect("no socket left");
    }
}

fn message(bytes: &[u8]) -> Message {
    Message::from_slice(bytes).expect("memory")
}

fn grouped(group: &[u8], body: &[u8]) -> Message {
    let mut message = message(body);
    message.set_group(&CString::new(group).expect("no zero"));
    message
}

/// The lines of a capture: key and data.
fn lines(text: &str) -> Vec<(char, &str)> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let data = |line: &'_ str| line.split("  #").next().map_or(0, str::len);
    lines.map(|line| (line.chars().next().expect("a key"), line[2..data(line)].trim())).collect()
}

/// Bytes as the captures write them.
fn bytes(data: &str) -> Vec<u8> {
    let digits = |text: &str| -> Vec<u8> {
        let pairs = text.as_bytes().chunks(2);
        pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hex"))
            .collect()
    };
    let group = |group: &str| match group.split_once('*') {
        Some((byte, count)) => digits(byte).repeat(count.parse().expect("a count")),
        None => digits(group),
    };
    if data == "-" { Vec::new() } else { data.split(' ').flat_map(group).collect() }
}

#[test]
fn a_radio_sends_what_was_captured() {
    let fixture = Fixture::new(SocketType::Radio);
    socket::connect(fixture.socket, &format!("udp://{}", fixture.plain_address())).expect("an address");
    let mut sent = 0;
    for (key, data) in lines(include_str!("vectors/udp_radio.txt")) {
        if key == 'X' {
            assert!(data.contains("8193 bytes: silently dropped"));
            fixture.send(grouped(b"grp", &[b'x'; 8189]), 0);
            continue;
        }
        let expected = bytes(data);
        let (group, body) = expected[1..].split_at(expected[0].into());
        fixture.send(grouped(group, body), 0);
        assert_eq!(fixture.datagram(), expected);
        sent += 1;
    }
    assert_eq!(sent, 5);
}

#[test]
fn a_dish_makes_of_them_what_was_captured() {
    let fixture = Fixture::new(SocketType::Dish);
    socket::set_membership(fixture.socket, b"grp", true).expect("new");
    fixture.bind();
    let (mut sent, mut received) = (Vec::new(), 0);
    for (key, data) in lines(include_str!("vectors/udp_dish.txt")) {
        if key == 'D' {
            sent = bytes(data);
            fixture.plain.send(&sent).expect("room");
            continue;
        }
        if data != "DISH recv nothing" {
            let rest = data.strip_prefix("DISH recv b'").and_then(|rest| rest.strip_suffix("' group=b'grp'"));
            let message = fixture.recv();
            assert_eq!(message.group(), c"grp");
            assert_eq!(message.data(), &sent[4..sent.len().min(8192)]);
            // The capture tells the first bytes.
            assert!(message.data().starts_with(rest.expect("a body").as_bytes()));
            received += 1;
        }
    }
    assert_eq!(received, 3, "and what it ignored was not received in between");
}

#[test]
fn a_dgram_receives_and_sends_what_was_captured() {
    let fixture = Fixture::new(SocketType::Dgram);
    fixture.bind();
    let text = include_str!("vectors/udp_dgram.txt");
    let captured: Vec<Vec<u8>> =
        lines(text).iter().filter(|(key, _)| *key == 'D').map(|(_, data)| bytes(data)).collect();
    let [ping, pong, echo] = &captured[..] else { panic!("three datagrams") };

    fixture.plain.send(ping).expect("room");
    let address = fixture.recv();
    assert!(address.more());
    assert_eq!(address.data(), [fixture.plain_address().as_bytes(), &[0]].concat());
    let body = fixture.recv();
    assert!(!body.more());
    assert_eq!(body.data(), ping);

    fixture.send(message(fixture.plain_address().as_bytes()), SNDMORE);
    fixture.send(message(pong), 0);
    assert_eq!(&fixture.datagram(), pong);
    fixture.send(message(address.data()), SNDMORE);
    fixture.send(message(echo), 0);
    assert_eq!(&fixture.datagram(), echo);
}
