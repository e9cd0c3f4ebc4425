//! zmq_proxy and zmq_proxy_steerable: whole messages from one socket to another, both ways.

use crate::error::{Error, Result};
use crate::msg::Message;
use crate::poller::{PollItem, poll};
use crate::socket::{self, DONTWAIT, POLLIN, POLLOUT, SNDMORE};
use crate::sync::Handle;

/// Messages moved in one direction before the other has its turn.
const BURST: usize = 1000;

/// Traffic of one side.
#[derive(Default)]
struct Counts {
    received: u64,
    received_bytes: u64,
    sent: u64,
    sent_bytes: u64,
}

/// What the control socket has said.
enum State {
    Active,
    Paused,
    Terminated,
}

/// Moves messages until a socket fails or the control socket says `TERMINATE`. The sockets stay the
/// caller's. Errors: those of the sockets.
pub fn run(
    frontend: Handle,
    backend: Handle,
    capture: Option<Handle>,
    control: Option<Handle>,
) -> Result<()> {
    let mut proxy = Proxy {
        sides: [frontend, backend],
        capture,
        control,
        counts: Default::default(),
        state: State::Active,
    };
    while !matches!(proxy.state, State::Terminated) {
        proxy.step()?;
    }
    Ok(())
}

struct Proxy {
    /// Frontend and backend; they may be the same socket.
    sides: [Handle; 2],
    capture: Option<Handle>,
    control: Option<Handle>,
    counts: [Counts; 2],
    state: State,
}

impl Proxy {
    /// Waits for something to do and does it.
    fn step(&mut self) -> Result<()> {
        let ready = self.wait()?;
        if let Some(control) = self.control
            && ready.control
        {
            self.obey(control)?;
        }
        if matches!(self.state, State::Active) {
            for from in [0, 1] {
                if ready.readable[from] {
                    self.forward(from)?;
                }
            }
        }
        Ok(())
    }

    /// Waits until a side can be read and its other side written, or the control socket speaks. A
    /// readable side whose other side is full is waited for by that other side's room.
    fn wait(&self) -> Result<Ready> {
        let mut items = [PollItem::default(); 3];
        let active = matches!(self.state, State::Active);
        let both = self.sides.map(|side| if active { socket::events(side) } else { Ok(0) });
        let [front, back] = [both[0]?, both[1]?];
        let same = self.is_loop();
        let wanted = |own: i16, other: i16| match (own & POLLIN != 0, other & POLLIN != 0) {
            _ if !active => 0,
            _ if same => POLLIN,
            (false, false) => POLLIN,
            (false, true) => POLLIN | POLLOUT,
            (true, false) => 0,
            (true, true) => POLLOUT,
        };
        items[0] =
            PollItem { socket: Some(self.sides[0]), events: wanted(front, back), ..PollItem::default() };
        items[1] =
            PollItem { socket: Some(self.sides[1]), events: wanted(back, front), ..PollItem::default() };
        let mut count = 2;
        if let Some(control) = self.control {
            items[2] = PollItem { socket: Some(control), events: POLLIN, ..PollItem::default() };
            count = 3;
        }
        let can = |from: i16, to: i16| from & POLLIN != 0 && (same || to & POLLOUT != 0);
        let go = can(front, back) || can(back, front);
        poll(&mut items[..count], if go { 0 } else { -1 })?;
        let control = self.control.is_some() && items[2].revents & POLLIN != 0;
        let [front, back] =
            if active { [socket::events(self.sides[0])?, socket::events(self.sides[1])?] } else { [0, 0] };
        Ok(Ready { readable: [can(front, back), can(back, front)], control })
    }

    /// Whether messages go back out by the socket they came by. Room for them is then only looked for
    /// when there is one: a REP can be written only once its request has been read.
    fn is_loop(&self) -> bool {
        self.sides[0] == self.sides[1]
    }

    /// Moves messages from one side to the other while there are some and there is room.
    fn forward(&mut self, from: usize) -> Result<()> {
        let (source, target) = (self.sides[from], self.sides[1 - from]);
        for _ in 0..BURST {
            if !self.is_loop() && !socket::is_writable(target)? {
                return Ok(());
            }
            let mut part = Message::new();
            match socket::recv(source, &mut part, DONTWAIT) {
                Err(Error::Again) => return Ok(()),
                received => received?,
            }
            loop {
                let more = part.more();
                self.count(from, part.len());
                self.capture(&mut part, more)?;
                socket::send(target, &mut part, if more { SNDMORE } else { 0 })?;
                if !more {
                    break;
                }
                socket::recv(source, &mut part, 0)?;
            }
        }
        Ok(())
    }

    fn count(&mut self, from: usize, len: usize) {
        self.counts[from].received += 1;
        self.counts[from].received_bytes += len as u64;
        self.counts[1 - from].sent += 1;
        self.counts[1 - from].sent_bytes += len as u64;
    }

    fn capture(&self, part: &mut Message, more: bool) -> Result<()> {
        match self.capture {
            Some(capture) => socket::send(capture, &mut part.share(), if more { SNDMORE } else { 0 }),
            None => Ok(()),
        }
    }

    /// Obeys one command; a REP socket always gets an answer.
    fn obey(&mut self, control: Handle) -> Result<()> {
        let mut command = Message::new();
        match socket::recv(control, &mut command, DONTWAIT) {
            Err(Error::Again) => return Ok(()),
            received => received?,
        }
        while command.more() {
            // A command has one part; the rest of a longer message is none.
            socket::recv(control, &mut command, 0)?;
            command = if command.more() { command } else { Message::new() };
        }
        match command.data() {
            b"PAUSE" => self.state = State::Paused,
            b"RESUME" => self.state = State::Active,
            b"TERMINATE" => self.state = State::Terminated,
            b"STATISTICS" => return self.send_statistics(control),
            _ => {}
        }
        if socket::is_rep(control)? {
            socket::send(control, &mut Message::new(), 0)?;
        }
        Ok(())
    }

    /// Eight parts of 8 bytes in host byte order.
    fn send_statistics(&self, control: Handle) -> Result<()> {
        let numbers: Vec<u64> =
            self.counts.iter().flat_map(|c| [c.received, c.received_bytes, c.sent, c.sent_bytes]).collect();
        for (index, number) in numbers.iter().enumerate() {
            let mut part = Message::from_slice(&number.to_ne_bytes())?;
            socket::send(control, &mut part, if index + 1 < numbers.len() { SNDMORE } else { 0 })?;
        }
        Ok(())
    }
}

/// What there is to do.
struct Ready {
    /// For each side: it can be read and the other written.
    readable: [bool; 2],
    control: bool,
}
