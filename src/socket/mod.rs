//! The application's side: sockets by handle.
//!
//! A socket lives in a slot of a table; a call locks the slot, does its work, and leaves. A call that
//! has to wait registers with the socket's mailbox, leaves the lock, sleeps, and enters again, so that
//! several threads may use one socket. Within the lock a call obeys the commands in the mailbox, lets
//! the pattern move messages between the caller and the pipes, and then delivers the wake-ups that
//! this caused.

mod backlog;
pub(crate) mod core;
mod delivery;
mod endpoints;
mod environment;
mod monitor;
mod names;
mod options;
mod statistics;
mod transfer;

pub use delivery::note_wait;
pub use environment::Environment;
pub use statistics::{PeerStatistics, Statistics};
pub use transfer::{recv, send, send_copy, thread_event};

use crate::error::{Error, Result};
use crate::msg::Section;
use crate::options::SocketType;
use crate::reactor::Lead;
use crate::sync::{Guard, Handle, Look, Notify, Table};
use core::Socket;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// Programs look at the memory behind a socket's handle: see [`Table::readable`].
static SOCKETS: Table<Box<Socket>> = Table::readable();

/// Flag of send and recv: do not wait (`ZMQ_DONTWAIT`).
pub const DONTWAIT: i32 = 1;
/// Flag of send: another part follows (`ZMQ_SNDMORE`).
pub const SNDMORE: i32 = 2;

/// Something can be received (`ZMQ_POLLIN`).
pub const POLLIN: i16 = 1;
/// Something can be sent (`ZMQ_POLLOUT`).
pub const POLLOUT: i16 = 2;

/// Opens a socket of a type given as its number. Errors: `EINVAL` (type), `ETERM`, `EMFILE`.
pub fn open(environment: &Arc<Environment>, socket_type: i32) -> Result<Handle> {
    open_in(environment, SocketType::from_number(socket_type).ok_or(Error::Invalid)?)
}

/// As [`open`], of a type that is known.
fn open_in(environment: &Arc<Environment>, socket_type: SocketType) -> Result<Handle> {
    environment.reserve()?;
    let opened = Socket::new(Arc::clone(environment), socket_type).and_then(|mut socket| {
        let mailbox = socket.mailbox();
        let handle = SOCKETS.insert_with(|handle| {
            socket.set_handle(handle);
            Box::new(socket)
        });
        handle.map(|handle| (handle, mailbox)).ok_or(Error::TooManyOpen)
    });
    match opened {
        Ok((handle, mailbox)) => {
            environment.enter(handle, &mailbox);
            Ok(handle)
        }
        Err(error) => {
            environment.unreserve();
            Err(error)
        }
    }
}

/// Closes a socket: its handle is dead at once; what it has sent is delivered for as long as
/// `ZMQ_LINGER` says. Never waits. `ENOTSOCK`.
pub fn close(handle: Handle) -> Result<()> {
    let socket = SOCKETS.remove(handle).ok_or(Error::NotSocket)?;
    socket.close();
    Ok(())
}

/// Starts accepting on an endpoint; on return the listener exists.
pub fn bind(handle: Handle, endpoint: &str) -> Result<()> {
    enter_to_act(handle)?.bind(endpoint)
}

/// Starts connecting to an endpoint in the background.
pub fn connect(handle: Handle, endpoint: &str) -> Result<()> {
    enter_to_act(handle)?.connect(endpoint).map(drop)
}

/// Removes every endpoint, bound or connected, recorded under that string.
pub fn unbind(handle: Handle, endpoint: &str) -> Result<()> {
    enter_to_act(handle)?.remove_endpoint(endpoint)
}

/// The same as [`unbind`].
pub fn disconnect(handle: Handle, endpoint: &str) -> Result<()> {
    unbind(handle, endpoint)
}

/// Sets an option; no value at all clears some. Does not look at the mailbox, so a stop that the socket has
/// not noticed yet does not matter.
pub fn set_option(handle: Handle, option: i32, value: Option<&[u8]>) -> Result<()> {
    let mut socket = enter(handle)?;
    socket.check_alive()?;
    socket.tell_watchers();
    socket.set_option(option, value)
}

/// Reads an option into `buffer`; returns the size used.
pub fn option(handle: Handle, option: i32, buffer: &mut [u8]) -> Result<usize> {
    let mut socket = enter(handle)?;
    socket.check_alive()?;
    socket.option(option, buffer)
}

/// What the socket is ready for: `POLLIN`, `POLLOUT`. Errors: `ENOTSOCK`, `ETERM`.
pub fn events(handle: Handle) -> Result<i16> {
    Ok(enter_alive(handle)?.events())
}

/// As [`events`], for one who is going to wait if there are none: what has arrived and nobody has looked
/// at, the wait finds.
pub fn known_events(handle: Handle) -> Result<i16> {
    Ok(enter_alive(handle)?.known_events())
}

/// As [`events`], for one who looks at the socket only when something has happened to it: an I/O domain
/// that nobody waits for goes back to its I/O thread.
pub fn watched_events(handle: Handle) -> Result<i16> {
    let mut socket = enter_alive(handle)?;
    socket.hand_back_domains();
    Ok(socket.events())
}

/// Whether the socket is a REP.
pub fn is_rep(handle: Handle) -> Result<bool> {
    Ok(enter(handle)?.socket_type == SocketType::Rep)
}

/// Leads the socket's I/O domain, if that can be. Without that, for how long to look around before a wait.
pub fn lead(handle: Handle) -> Result<(Option<Lead>, Look)> {
    let socket = enter(handle)?;
    Ok((socket.lead(), socket.look()))
}

/// Whether something can be sent: `POLLOUT` alone.
pub fn is_writable(handle: Handle) -> Result<bool> {
    let mut socket = enter_alive(handle)?;
    Ok(socket.is_writable())
}

/// Adds a listener to the socket's mailbox; true when it should look again at once.
pub fn listen(handle: Handle, listener: Arc<dyn Notify>) -> Result<bool> {
    let socket = enter(handle)?;
    Ok(socket.mailbox().listen(listener))
}

/// Removes a listener; a closed socket has none.
pub fn unlisten(handle: Handle, listener: &Arc<dyn Notify>) {
    if let Ok(socket) = enter(handle) {
        socket.mailbox().unlisten(listener);
    }
}

/// Tells `commands` when a command comes for the socket, and `calls` of each call that may change what
/// the socket is ready for: together they hear of every such change.
pub fn watch(handle: Handle, commands: Arc<dyn Notify>, calls: Arc<dyn Notify>) -> Result<()> {
    let mut socket = enter(handle)?;
    socket.watchers.push(calls);
    if socket.mailbox().listen(Arc::clone(&commands)) {
        commands.notify();
    }
    Ok(())
}

/// Undoes [`watch`]; nobody watches a closed socket.
pub fn unwatch(handle: Handle, commands: &Arc<dyn Notify>, calls: &Arc<dyn Notify>) {
    if let Ok(mut socket) = enter(handle) {
        socket.watchers.retain(|known| !Arc::ptr_eq(known, calls));
        socket.mailbox().unlisten(commands);
    }
}

/// What `ZMQ_THREAD_SAFE` says of the socket.
pub fn is_thread_safe(handle: Handle) -> Result<bool> {
    Ok(enter(handle)?.socket_type.is_thread_safe())
}

/// Starts or, without an endpoint, stops the stream of events. `version` 1 and socket type PAIR are
/// what the stable interface has; 2, PUB and PUSH are drafts.
pub fn monitor(
    handle: Handle,
    endpoint: Option<&str>,
    events: u64,
    version: i32,
    socket_type: i32,
) -> Result<()> {
    enter_alive(handle)?.monitor(endpoint, events, version, socket_type)
}

/// Draft: connect and learn the peer's number. PEER only.
pub fn connect_peer(handle: Handle, endpoint: &str) -> Result<u32> {
    enter_to_act(handle)?.connect_peer(endpoint)
}

/// Draft: drop a peer by number. SERVER and PEER only, and ROUTER for the ids that it has generated.
pub fn disconnect_peer(handle: Handle, number: u32) -> Result<()> {
    let mut socket = enter(handle)?;
    socket.obey_commands();
    socket.disconnect_peer(number)
}

/// Draft: join a group or leave it. DISH only.
pub fn set_membership(handle: Handle, group: &[u8], member: bool) -> Result<()> {
    let mut socket = enter(handle)?;
    socket.obey_commands();
    socket.set_membership(group, member)
}

/// Draft: what a peer of a ROUTER is ready for: `POLLOUT` or nothing.
pub fn peer_state(handle: Handle, routing_id: &[u8]) -> Result<i32> {
    let mut socket = enter(handle)?;
    socket.obey_commands();
    socket.peer_state(routing_id)
}

/// Draft: has the monitor told how many messages wait in each pipe. `ENOTSOCK`, `EINVAL`, `EAGAIN`.
pub fn monitor_pipes_stats(handle: Handle) -> Result<()> {
    enter(handle)?.monitor_pipes_stats()
}

/// Draft: what the socket has counted, also after its context was terminated. `ENOTSOCK`.
pub fn statistics(handle: Handle) -> Result<Statistics> {
    let mut socket = enter(handle)?;
    socket.obey_commands();
    Ok(socket.statistics())
}

/// A socket that this thread is in. What was lent by the application and is not used any more is given back
/// when it has left.
struct Entered {
    // In this order: the lock first.
    socket: Guard<'static, Box<Socket>>,
    _section: Section,
}

impl Deref for Entered {
    type Target = Socket;

    #[inline]
    fn deref(&self) -> &Socket {
        &self.socket
    }
}

impl DerefMut for Entered {
    #[inline]
    fn deref_mut(&mut self) -> &mut Socket {
        &mut self.socket
    }
}

#[inline(always)]
fn enter(handle: Handle) -> Result<Entered> {
    let section = Section::begin();
    let socket = SOCKETS.lock(handle).ok_or(Error::NotSocket)?;
    Ok(Entered { socket, _section: section })
}

/// Enters, obeys what is in the mailbox, and fails with `ETERM` after a stop.
#[inline(always)]
fn enter_alive(handle: Handle) -> Result<Entered> {
    let mut socket = enter(handle)?;
    socket.obey_commands();
    socket.check_alive()?;
    Ok(socket)
}

/// As [`enter_alive`], for a call that may change what the socket is ready for.
#[inline(always)]
fn enter_to_act(handle: Handle) -> Result<Entered> {
    let socket = enter_alive(handle)?;
    // They look when this call leaves the socket.
    socket.tell_watchers();
    Ok(socket)
}
