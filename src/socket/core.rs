//! A socket: pattern, pipes, mailbox, and what belongs to it in the I/O domains.

use super::backlog::Backlog;
use super::delivery::Delivery;
use super::environment::Environment;
use super::monitor::Monitor;
use super::{POLLIN, POLLOUT};
use crate::error::{Error, Result};
use crate::options::{SocketOptions, SocketType};
use crate::pattern::{self, Attachment, Pattern, PipeId, Pipes};
use crate::pipe::{Address, Pipe};
use crate::reactor::{ActorId, Domain, Lead};
use crate::session::{
    EndpointId, NewPipe, Record, Restarted, SocketCommand, SocketMailbox, Totals, message_of,
};
use crate::sync::{Handle, Look, Notify};
use crate::sys::epoll::WakeFd;
use slotmap::{SecondaryMap, SlotMap};
use smallvec::SmallVec;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The application side of a socket. Touched only with its slot in the table locked.
pub struct Socket {
    pub(super) environment: Arc<Environment>,
    pub(super) handle: Option<Handle>,
    pub(super) socket_type: SocketType,
    pub(super) options: SocketOptions,
    pub(super) pattern: Box<dyn Pattern>,
    pub(super) pipes: Pipes,
    /// What is behind each pipe.
    pub(super) links: SecondaryMap<PipeId, Link>,
    pub(super) endpoints: SlotMap<EndpointId, Endpoint>,
    pub(super) domains: Vec<Arc<Domain>>,
    pub(super) mailbox: Arc<SocketMailbox>,
    /// Who is told of calls that may change what the socket is ready for.
    pub(super) watchers: SmallVec<[Arc<dyn Notify>; 1]>,
    pub(super) monitor: Arc<Monitor>,
    pub(super) totals: Arc<Totals>,
    pub(super) last_endpoint: String,
    /// Whether an endpoint was taken off it again; its sessions want to know.
    pub(super) removed_any: Arc<AtomicBool>,
    /// Name for the next connection (`ZMQ_CONNECT_ROUTING_ID`).
    pub(super) connect_routing_id: Option<Vec<u8>>,
    /// The part last received has successors.
    pub(super) receive_more: bool,
    /// `ZMQ_FD`, once it was asked for.
    pub(super) fd: Option<Arc<WakeFd>>,
    pub(super) terminated: bool,
    /// What the first who connects over inproc is given.
    pub(super) backlog: Option<Arc<Backlog>>,
    pub(super) delivery: Delivery,
}

/// What is at the other end of a pipe.
pub(super) struct Link {
    /// A session in one of the socket's domains; otherwise a socket of this process.
    session: Option<(Arc<Domain>, ActorId)>,
    /// What the session notes about its connections.
    pub(super) record: Option<Arc<Record>>,
    pub(super) endpoint: Option<EndpointId>,
    /// This side connected, rather than bound.
    pub(super) connected: bool,
    /// The limits that an inproc peer adds to this socket's own.
    peer_hwm: Option<PeerHwm>,
    /// What an inproc peer wants to be sent in the end; empty for nothing.
    farewell: Vec<u8>,
}

/// An inproc peer's part of a pipe's limits, in messages.
#[derive(Clone, Copy)]
pub(super) struct PeerHwm {
    pub(super) send: usize,
    pub(super) receive: usize,
}

/// An endpoint that was bound or connected.
pub(super) struct Endpoint {
    /// As it was recorded: for a bind the resolved address, for a connect the caller's text.
    pub(super) text: String,
    pub(super) place: Place,
}

/// Where an endpoint lives.
pub(super) enum Place {
    /// A listener or connecting session.
    Actor(Arc<Domain>, ActorId),
    /// A bound inproc name.
    Name(String),
    /// A connection to an inproc name.
    Peer(PipeId),
}

/// What a call obeys at the most: peers may come and go faster than they can be attached.
const MOST_COMMANDS: usize = 1000;

impl Link {
    /// Of an endpoint that has the pipe from the beginning.
    pub(super) fn of(endpoint: EndpointId, connected: bool) -> Link {
        Link {
            session: None,
            record: None,
            endpoint: Some(endpoint),
            connected,
            peer_hwm: None,
            farewell: Vec::new(),
        }
    }
}

impl Socket {
    /// A socket without endpoints. `EINVAL` for a type that this build does not have.
    pub fn new(environment: Arc<Environment>, socket_type: SocketType) -> Result<Socket> {
        let options = SocketOptions::new(socket_type, &environment.options.lock());
        Ok(Socket {
            environment,
            handle: None,
            socket_type,
            options,
            pattern: pattern::new(socket_type),
            pipes: Pipes::default(),
            links: SecondaryMap::new(),
            endpoints: SlotMap::with_key(),
            domains: Vec::new(),
            mailbox: Arc::default(),
            watchers: SmallVec::new(),
            monitor: Arc::default(),
            totals: Arc::default(),
            last_endpoint: String::new(),
            removed_any: Arc::default(),
            connect_routing_id: None,
            receive_more: false,
            fd: None,
            terminated: false,
            backlog: None,
            delivery: Delivery::default(),
        })
    }

    /// The handle under which C knows it.
    pub fn set_handle(&mut self, handle: Handle) {
        self.handle = Some(handle);
    }

    /// Where others reach it.
    pub fn mailbox(&self) -> Arc<SocketMailbox> {
        Arc::clone(&self.mailbox)
    }

    /// `ETERM` after a stop.
    pub fn check_alive(&self) -> Result<()> {
        if self.terminated { Err(Error::Terminated) } else { Ok(()) }
    }

    /// Leads the socket's domain, for a thread that is going to wait: unless its connections are spread
    /// over several I/O threads, an event loop watches its `ZMQ_FD`, or another thread leads.
    pub fn lead(&self) -> Option<Lead> {
        match (&*self.domains, &self.fd) {
            ([domain], None) => domain.lead(),
            _ => None,
        }
    }

    /// For how long it is worth looking around before a wait for this socket.
    pub fn look(&self) -> Look {
        // Who does its I/O may need this processor.
        if self.domains.is_empty() { Look::Long } else { Look::Short }
    }

    /// Does the I/O of domains that nobody waits for at the moment.
    pub fn attend_domains(&mut self) {
        self.pay_off();
        for domain in &self.domains {
            domain.attend();
        }
        self.obey_commands();
    }

    /// Gives domains that nobody waits for at the moment back to their I/O threads.
    pub fn hand_back_domains(&self) {
        for domain in &self.domains {
            domain.hand_back();
        }
    }

    /// Says that a call may change what the socket is ready for.
    #[inline]
    pub fn tell_watchers(&self) {
        for watcher in &self.watchers {
            watcher.notify();
        }
    }

    /// Joins a group or leaves it. `NotSupported` for all types but DISH, `Invalid` if there is nothing to
    /// change.
    pub fn set_membership(&mut self, group: &[u8], member: bool) -> Result<()> {
        let changed = self.pattern.set_membership(&mut self.pipes, group, member);
        self.settle();
        changed
    }

    /// What the peer with this routing id is ready for. `NotSupported`, `HostUnreachable`.
    pub fn peer_state(&mut self, routing_id: &[u8]) -> Result<i32> {
        let writable = self.pattern.is_peer_writable(&mut self.pipes, routing_id);
        self.settle();
        writable.map(|writable| if writable { POLLOUT.into() } else { 0 })
    }

    /// Whether something can be sent.
    pub fn is_writable(&mut self) -> bool {
        self.pattern.is_writable(&mut self.pipes)
    }

    /// What it is ready for.
    pub fn events(&mut self) -> i16 {
        // A poster may signal the descriptor after its command has been obeyed; so first of all, and
        // whether or not commands are pending.
        if let Some(fd) = &self.fd {
            fd.clear();
        }
        self.attend_domains();
        self.known_events()
    }

    /// As `events`, without looking what has arrived for domains that nobody waits for.
    pub fn known_events(&mut self) -> i16 {
        let readable = if self.pattern.is_readable(&mut self.pipes) { POLLIN } else { 0 };
        let writable = if self.pattern.is_writable(&mut self.pipes) { POLLOUT } else { 0 };
        self.settle();
        readable | writable
    }

    /// Obeys what is in the mailbox.
    #[inline]
    pub fn obey_commands(&mut self) {
        if self.mailbox.is_pending() {
            self.obey_pending();
        }
    }

    #[cold]
    fn obey_pending(&mut self) {
        // In this order: a command that comes in between leaves the descriptor readable, which is
        // harmless, and never unreadable with the mailbox pending.
        if let Some(fd) = &self.fd {
            fd.clear();
        }
        self.mailbox.begin();
        let mut obeyed = 0;
        while obeyed < MOST_COMMANDS
            && let Some(command) = self.mailbox.take()
        {
            self.obey(command);
            obeyed += 1;
        }
        if obeyed == MOST_COMMANDS {
            self.mailbox.remind();
        }
        // Whoever posted a command may not have told them yet, and they must not know less than this
        // thread does now.
        self.tell_watchers();
        self.settle();
    }

    /// Delivers the wake-ups that the last operations caused and removes the pipes that ended.
    #[inline]
    pub fn settle(&mut self) {
        if self.pipes.is_unsettled() {
            self.settle_pipes();
        }
    }

    fn settle_pipes(&mut self) {
        loop {
            while let Some((pipe, address)) = self.pipes.next_wake() {
                self.wake(pipe, &address);
            }
            let Some(ended) = self.pipes.next_ended() else { break };
            self.detach(ended);
        }
        while let Some(unread) = self.pipes.next_unread() {
            self.mailbox.post(SocketCommand::Activate(unread.to_bits()));
        }
    }

    /// Puts a pipe to use.
    pub(super) fn attach(&mut self, new: NewPipe) {
        let (id, attachment) = self.admit(new);
        self.pattern.attached(&mut self.pipes, id, attachment);
    }

    /// Takes a pipe in that somebody else has made, for the pattern to be told of.
    pub(super) fn admit(&mut self, new: NewPipe) -> (PipeId, Attachment) {
        let NewPipe { pipe, attachment, session, record, endpoint, peer_hwm, farewell } = new;
        let connected = attachment.connected;
        let id =
            self.insert_pipe(pipe, Link { session, record, endpoint, connected, peer_hwm: None, farewell });
        if let Some((send, receive)) = peer_hwm {
            self.limit(id, PeerHwm { send, receive });
        }
        (id, attachment)
    }

    /// Begins a connection to a socket of this process with what this one says first (`ZMQ_HELLO_MSG`).
    pub(super) fn greet(&mut self, id: PipeId) {
        let hello = message_of(self.options.hello_message(self.socket_type, true));
        if let Some(hello) = hello
            && self.pipes.check_write(id)
        {
            self.pipes.write(id, hello);
        }
    }

    /// Ends one with what the other socket wants to be told then (`ZMQ_DISCONNECT_MSG`).
    fn bid_farewell(&mut self, id: PipeId) {
        let farewell = self.links.get_mut(id).map(|link| std::mem::take(&mut link.farewell));
        if let Some(farewell) = message_of(&farewell.unwrap_or_default())
            && let Some(pipe) = self.pipes.get_mut(id)
        {
            pipe.rollback();
            pipe.write(farewell);
        }
    }

    /// Takes a pipe in, for the pattern to be told of.
    pub(super) fn insert_pipe(&mut self, pipe: Pipe, link: Link) -> PipeId {
        let id = self.pipes.insert(pipe);
        self.links.insert(id, link);
        if let Some(pipe) = self.pipes.get_mut(id) {
            pipe.settle(Address { home: self.mailbox.clone(), key: id.to_bits() });
        }
        if self.socket_type.is_thread_safe() {
            // Another thread may be waiting for somebody to send to.
            self.mailbox.notify();
        }
        id
    }

    /// Applies this socket's limits, and those of an inproc peer if there is one, to a pipe.
    pub(super) fn apply_limits(&mut self, id: PipeId) {
        let (Some(pipe), Some(link)) = (self.pipes.get_mut(id), self.links.get(id)) else { return };
        let (send, receive) = (self.options.send_hwm(), self.options.receive_hwm());
        match link.peer_hwm {
            Some(peer) => pipe.set_limits(joint_hwm(send, peer.receive), joint_hwm(peer.send, receive)),
            None => pipe.set_limits(send, receive),
        }
    }

    /// Notes the limits that an inproc peer adds and applies them.
    pub(super) fn limit(&mut self, id: PipeId, peer: PeerHwm) {
        if let Some(link) = self.links.get_mut(id) {
            link.peer_hwm = Some(peer);
            self.apply_limits(id);
        }
    }

    /// Notes what an inproc peer wants to be sent in the end.
    pub(super) fn set_farewell(&mut self, id: PipeId, farewell: Vec<u8>) {
        if let Some(link) = self.links.get_mut(id) {
            link.farewell = farewell;
        }
    }

    /// Names the session behind a pipe, when it was made after the pipe.
    pub(super) fn link(&mut self, pipe: PipeId, domain: &Arc<Domain>, session: ActorId, record: Arc<Record>) {
        if let Some(link) = self.links.get_mut(pipe) {
            link.session = Some((Arc::clone(domain), session));
            link.record = Some(record);
        }
    }

    /// The session behind a pipe.
    pub(super) fn session_of(&self, pipe: PipeId) -> Option<(Arc<Domain>, ActorId)> {
        self.links.get(pipe)?.session.clone()
    }

    /// Ends a pipe whose endpoint is taken off the socket. What has come by a connection that this side made
    /// is not received any more; what others sent who had connected is, before the pipe ends.
    pub(super) fn end_pipe(&mut self, id: PipeId) {
        if self.links.get(id).is_some_and(|link| link.connected) {
            self.bid_farewell(id);
            self.pipes.terminate(id);
        } else {
            self.close_pipe(id);
        }
    }

    /// Ends the outbound side of a pipe; what its peer has sent stays readable.
    pub(super) fn close_pipe(&mut self, id: PipeId) {
        self.bid_farewell(id);
        if let Some(pipe) = self.pipes.get_mut(id) {
            pipe.close_out();
            if pipe.take_wake()
                && let Some(address) = pipe.peer().cloned()
            {
                address.home.wake(address.key);
            }
        }
    }

    /// The two ends of what is behind a link, as far as they are known.
    pub(super) fn endpoints_of(&self, link: &Link) -> (String, String) {
        if let Some(peer) = link.record.as_ref().and_then(|record| record.peer()) {
            return (peer.endpoints.local.clone(), peer.endpoints.remote.clone());
        }
        let endpoint = link.endpoint.and_then(|id| self.endpoints.get(id));
        let text = endpoint.map(|endpoint| endpoint.text.clone()).unwrap_or_default();
        if link.connected { (String::new(), text) } else { (text, String::new()) }
    }

    /// The pipes of an endpoint.
    pub(super) fn pipes_of(&self, endpoint: EndpointId) -> Vec<PipeId> {
        self.links.iter().filter(|(_, link)| link.endpoint == Some(endpoint)).map(|(id, _)| id).collect()
    }

    /// Leaves everything in order: names freed, peers told, and what was sent left to the sessions,
    /// which go on for as long as the linger option says.
    pub fn close(mut self: Box<Self>) {
        for (_, endpoint) in &self.endpoints {
            if let Place::Name(name) = &endpoint.place {
                self.environment.names.unbind(name, &self.mailbox);
            }
        }
        let linger = self.options.linger();
        for id in self.pipes.ids() {
            self.bid_farewell(id);
            drop(self.pipes.remove(id));
        }
        for domain in &self.domains {
            domain.orphan(linger);
        }
        self.monitor.stop();
        // Commands that nobody will obey hold pipes; dropping them tells the peers.
        while self.mailbox.take().is_some() {}
        // Wakes threads that wait in a call on this socket: they find it closed.
        self.mailbox.notify();
        let (environment, handle) = (Arc::clone(&self.environment), self.handle);
        // Messages that were fetched go now: the context may end as soon as the socket has left.
        drop(self);
        if let Some(handle) = handle {
            environment.leave(handle);
        }
    }

    fn obey(&mut self, command: SocketCommand) {
        match command {
            SocketCommand::Activate(key) => {
                let id = PipeId::from_bits(key);
                if self.pipes.contains(id) {
                    self.pattern.activated(&mut self.pipes, id);
                    if self.pipes.get_mut(id).is_some_and(Pipe::is_ended) {
                        self.detach(id);
                    }
                }
            }
            SocketCommand::Attach(new) => self.attach(*new),
            SocketCommand::Identified(key, attachment) => self.identify(PipeId::from_bits(key), attachment),
            SocketCommand::Hiccup(key) => {
                let id = PipeId::from_bits(key);
                if self.pipes.contains(id) {
                    self.confirm_loss(id);
                    self.pattern.hiccuped(&mut self.pipes, id);
                }
            }
            SocketCommand::Joined { pipe, send_hwm, receive_hwm, announced, farewell } => {
                let id = PipeId::from_bits(pipe);
                self.set_farewell(id, farewell);
                self.limit(id, PeerHwm { send: send_hwm, receive: receive_hwm });
                if self.pipes.contains(id) {
                    // It may have been full and have room now.
                    self.pattern.activated(&mut self.pipes, id);
                }
                self.identify(id, Attachment { announced: Some(announced), ..Attachment::default() });
            }
            SocketCommand::EndpointEnded(endpoint) => {
                self.endpoints.remove(endpoint);
            }
            SocketCommand::Stop => self.terminated = true,
        }
    }

    /// Tells a session that has lost its connection from where on the pattern says everything again.
    fn confirm_loss(&mut self, id: PipeId) {
        if self.socket_type.repeats_itself()
            && let (Some((domain, session)), Some(counts)) = (self.session_of(id), self.pipes.counts_of(id))
        {
            domain.notice(session, Box::new(Restarted { written: counts.messages_out }));
        }
    }

    fn identify(&mut self, id: PipeId, attachment: Attachment) {
        if self.pipes.contains(id) {
            self.pattern.identified(&mut self.pipes, id, attachment.announced.unwrap_or_default());
        }
    }

    fn detach(&mut self, id: PipeId) {
        self.pattern.detached(&mut self.pipes, id);
        if let Some(endpoint) = self.links.remove(id).and_then(|link| link.endpoint)
            && matches!(self.endpoints.get(endpoint), Some(Endpoint { place: Place::Peer(_), .. }))
        {
            // A name that was connected to is not connected to again.
            self.endpoints.remove(endpoint);
        }
        let pipe = self.pipes.remove(id);
        // Dropping it tells a peer that has not closed its side yet.
        drop(pipe);
    }

    /// Wakes the other end of a pipe.
    fn wake(&mut self, pipe: PipeId, address: &Address) {
        if let Some((domain, session)) = self.session_of(pipe)
            && self.hand_over(pipe, &domain, session)
        {
            return;
        }
        address.home.wake(address.key);
    }
}

/// The limit of one direction of an inproc pipe: the sender's and the receiver's together, none if
/// either has none.
fn joint_hwm(send: usize, receive: usize) -> usize {
    if send == 0 || receive == 0 { 0 } else { send.saturating_add(receive) }
}
