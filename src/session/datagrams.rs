//! A udp descriptor of a RADIO, a DISH or a DGRAM: datagrams to messages and back.
//!
//! There is no connection and no protocol: what is sent may be lost, and nobody is told.

use crate::error::Error;
use crate::msg::{Message, group_of};
use crate::pipe::{Address, Pipe};
use crate::reactor::{Actor, Fate, Notice, Turn};
use crate::sys::epoll::Readiness;
use crate::sys::net;
use std::net::{SocketAddr, SocketAddrV4};
use std::time::{Duration, Instant};

/// Bytes of a datagram at the most: more is not sent, and what is longer arrives cut.
const LARGEST: usize = 8192;

/// Datagrams sent and received in a row before others have their turn.
const BUDGET: usize = 64;

/// What the socket makes of datagrams.
#[derive(Clone, Copy, Debug)]
pub enum Use {
    /// RADIO: sends group and body to one address.
    Radio(SocketAddr),
    /// DISH: receives group and body.
    Dish,
    /// DGRAM: sends and receives bodies, with addresses beside them.
    Dgram,
}

/// The actor.
pub struct Datagrams {
    socket: net::Datagrams,
    meaning: Use,
    pipe: Pipe,
    /// What there was no room for in the kernel.
    waiting: Option<(Vec<u8>, SocketAddr)>,
    /// There may be something to receive, and room to send.
    readable: bool,
    writable: bool,
    dismissed: bool,
    linger_until: Option<Instant>,
}

impl Datagrams {
    /// An actor for a descriptor; `pipe` is the end of a pipe that the socket has attached.
    pub fn new(socket: net::Datagrams, meaning: Use, pipe: Pipe) -> Datagrams {
        Datagrams {
            socket,
            meaning,
            pipe,
            waiting: None,
            readable: true,
            writable: true,
            dismissed: false,
            linger_until: None,
        }
    }

    fn run(&mut self, turn: &mut Turn) -> Fate {
        let more_in = self.listens() && self.receive();
        let more_out = self.send();
        self.wake();
        if self.waiting.is_none() && self.pipe.is_ended() {
            return Fate::Ends;
        }
        if more_in || more_out {
            turn.again();
        }
        Fate::Lives
    }

    fn wake(&mut self) {
        if self.pipe.take_wake()
            && let Some(peer) = self.pipe.peer()
        {
            peer.home.wake(peer.key);
        }
    }

    // ---- inbound ----

    /// Whether what comes is of interest. A RADIO leaves it to the kernel, which drops what is too much.
    fn listens(&self) -> bool {
        self.readable && !self.dismissed && !matches!(self.meaning, Use::Radio(_))
    }

    /// Whether it stopped only because others should have their turn.
    fn receive(&mut self) -> bool {
        let mut buffer = [0; LARGEST];
        let mut received = false;
        for _ in 0..BUDGET {
            // While the socket has no room, the kernel keeps what comes, and drops what is too much.
            if !self.readable || !self.pipe.check_write() {
                self.pipe.flush();
                return false;
            }
            match self.socket.receive(&mut buffer) {
                Ok((len, from)) => {
                    received = true;
                    self.deliver(buffer.get(..len).unwrap_or_default(), from);
                }
                Err(Error::Again) => self.readable = false,
                // The news that an earlier datagram found nobody, for example.
                Err(_) => {}
            }
        }
        self.pipe.flush();
        // After errors alone, the next datagram is reason enough to look again.
        received
    }

    /// Passes a datagram on, if it is one that means something here.
    fn deliver(&mut self, datagram: &[u8], from: SocketAddr) {
        match self.meaning {
            // It does not listen.
            Use::Radio(_) => {}
            Use::Dish => {
                if let Some(message) = grouped(datagram) {
                    self.pipe.write(message);
                }
            }
            Use::Dgram => {
                let address = [from.to_string().as_bytes(), &[0]].concat();
                let parts =
                    Message::from_slice(&address).and_then(|a| Ok((a, Message::from_slice(datagram)?)));
                if let Ok((mut address, body)) = parts {
                    address.set_more(true);
                    self.pipe.write(address);
                    self.pipe.write(body);
                }
            }
        }
    }

    // ---- outbound ----

    /// Whether it stopped only because others should have their turn.
    fn send(&mut self) -> bool {
        for _ in 0..BUDGET {
            if !self.writable {
                return false;
            }
            let Some((datagram, to)) = self.waiting.take().or_else(|| self.next_datagram()) else {
                return false;
            };
            match self.socket.send(&datagram, to) {
                Ok(()) => {}
                Err(Error::Again) => {
                    self.writable = false;
                    self.waiting = Some((datagram, to));
                }
                Err(_) => self.pipe.note_lost(),
            }
        }
        true
    }

    /// What the next message says that is to be sent; those that cannot be are dropped.
    fn next_datagram(&mut self) -> Option<(Vec<u8>, SocketAddr)> {
        loop {
            if !self.pipe.check_read() {
                return None;
            }
            let first = self.pipe.read()?;
            let datagram = match self.meaning {
                Use::Radio(to) => {
                    let group = first.group().to_bytes();
                    let datagram = [&[group.len() as u8], group, first.data()].concat();
                    (datagram.len() <= LARGEST).then_some((datagram, to))
                }
                // It is told nothing: see `Attachment::without_subscriptions`.
                Use::Dish => None,
                Use::Dgram => {
                    let body = if first.more() { self.pipe.read() } else { None };
                    destination(first.data()).zip(body).map(|(to, body)| (body.data().to_vec(), to))
                }
            };
            match datagram {
                Some(datagram) => return Some(datagram),
                None => self.pipe.note_lost(),
            }
        }
    }
}

/// The message in a datagram: the length of the group, the group, the body.
fn grouped(datagram: &[u8]) -> Option<Message> {
    let (&len, rest) = datagram.split_first()?;
    let (group, body) = rest.split_at_checked(len.into())?;
    let mut message = Message::from_slice(body).ok()?;
    message.set_group_bytes(group_of(group));
    Some(message)
}

/// An IPv4 address and port, with or without a zero at the end.
fn destination(text: &[u8]) -> Option<SocketAddr> {
    let text = text.strip_suffix(&[0]).unwrap_or(text);
    let address: SocketAddrV4 = std::str::from_utf8(text).ok()?.parse().ok()?;
    (address.port() != 0).then_some(address.into())
}

impl Actor for Datagrams {
    fn started(&mut self, turn: &mut Turn) -> Fate {
        self.pipe.settle(Address { home: turn.domain().clone(), key: turn.id().to_bits() });
        if turn.watch(&self.socket).is_err() {
            return Fate::Ends;
        }
        self.run(turn)
    }

    fn ready(&mut self, turn: &mut Turn, readiness: Readiness) -> Fate {
        self.readable |= readiness.readable;
        self.writable |= readiness.writable;
        self.run(turn)
    }

    fn activated(&mut self, turn: &mut Turn) -> Fate {
        self.pipe.stay_awake(turn.delivers());
        self.run(turn)
    }

    fn timer(&mut self, _turn: &mut Turn, _kind: u8) -> Fate {
        match self.linger_until {
            Some(until) if until <= Instant::now() => Fate::Ends,
            _ => Fate::Lives,
        }
    }

    fn noticed(&mut self, _turn: &mut Turn, _notice: Notice) -> Fate {
        Fate::Lives
    }

    fn dismissed(&mut self, turn: &mut Turn, linger: Option<Duration>) -> Fate {
        self.dismissed = true;
        if linger == Some(Duration::ZERO) {
            return Fate::Ends;
        }
        if let Some(linger) = linger {
            let until = Instant::now() + linger;
            self.linger_until = Some(until);
            turn.set_timer(until, 0);
        }
        self.run(turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_are_group_and_body() {
        let message = grouped(b"\x03grpbody").expect("well-formed");
        assert_eq!((message.group(), message.data()), (c"grp", &b"body"[..]));
        assert_eq!(grouped(b"\x00").map(|message| message.len()), Some(0));
        assert_eq!(grouped(b"\x03a\0bc").map(|message| message.group().to_owned()), Some(c"a".to_owned()));
        assert!(grouped(b"").is_none() && grouped(b"\x03gr").is_none());
    }

    #[test]
    fn destinations_are_numeric() {
        let there = "127.0.0.1:5".parse().ok();
        assert_eq!(destination(b"127.0.0.1:5"), there);
        assert_eq!(destination(b"127.0.0.1:5\0"), there);
        for wrong in [&b""[..], b"127.0.0.1:0", b"127.0.0.1", b"localhost:5", b"[::1]:5", b"\xff:5"] {
            assert_eq!(destination(wrong), None);
        }
    }
}
