//! The inproc name space of a context.
//!
//! A connection made before anybody bound the name is parked here with the binder's end of its
//! pipe; whoever binds the name takes it over.

use super::backlog::Backlog;
use crate::error::{Error, Result};
use crate::pipe::Pipe;
use crate::session::{EndpointId, SocketMailbox};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// What a binder tells about itself to those who connect.
#[derive(Clone)]
pub struct Binder {
    /// Where to attach.
    pub mailbox: Arc<SocketMailbox>,
    /// Its limits, in messages.
    pub send_hwm: usize,
    /// Its limits, in messages.
    pub receive_hwm: usize,
    /// Its name for what it has bound here.
    pub endpoint: EndpointId,
    /// Its routing id.
    pub routing_id: Vec<u8>,
    /// What it says first (`ZMQ_HELLO_MSG`), and what it wants to be sent in the end
    /// (`ZMQ_DISCONNECT_MSG`); empty for nothing.
    pub hello: Vec<u8>,
    /// See `hello`.
    pub farewell: Vec<u8>,
    /// What the first who connects is given.
    pub backlog: Option<Arc<Backlog>>,
}

/// A connection that waits for its name to be bound.
pub struct Parked {
    /// The binder's end.
    pub pipe: Pipe,
    /// Who connected.
    pub connecter: Arc<SocketMailbox>,
    /// The connecter's key for its end.
    pub key: u64,
    /// The connecter's limits, in messages.
    pub send_hwm: usize,
    /// The connecter's limits, in messages.
    pub receive_hwm: usize,
    /// The connecter's routing id.
    pub routing_id: Vec<u8>,
    /// What the connecter wants to be sent in the end.
    pub farewell: Vec<u8>,
}

/// Names in use and connections that wait for one.
#[derive(Default)]
pub struct Names(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    bound: HashMap<String, Binder>,
    parked: HashMap<String, Vec<Parked>>,
}

impl Names {
    /// Binds a name; returns the connections that waited for it. `EADDRINUSE` when it is taken.
    pub fn bind(&self, name: &str, binder: Binder) -> Result<Vec<Parked>> {
        let mut tables = self.0.lock();
        if tables.bound.contains_key(name) {
            return Err(Error::AddressInUse);
        }
        tables.bound.insert(name.to_owned(), binder);
        Ok(tables.parked.remove(name).unwrap_or_default())
    }

    /// Frees a name, if it is this socket's.
    pub fn unbind(&self, name: &str, mailbox: &Arc<SocketMailbox>) {
        let mut tables = self.0.lock();
        if tables.bound.get(name).is_some_and(|binder| Arc::ptr_eq(&binder.mailbox, mailbox)) {
            tables.bound.remove(name);
        }
    }

    /// Calls `connect` with the binder of a name, if there is one, and parks what it returns. No bind
    /// or unbind comes in between, so a pipe that `connect` posts to the binder's mailbox is there
    /// before the binder can be gone.
    pub fn connect(&self, name: &str, connect: impl FnOnce(Option<&Binder>) -> Option<Parked>) {
        let mut tables = self.0.lock();
        if let Some(parked) = connect(tables.bound.get(name)) {
            tables.parked.entry(name.to_owned()).or_default().push(parked);
        }
    }

    /// Forgets the parked connections of a socket to a name. Those of a socket that closes stay: what it
    /// has sent is there for whoever binds the name.
    pub fn forget(&self, mailbox: &Arc<SocketMailbox>, name: &str) {
        let mut tables = self.0.lock();
        let Some(parked) = tables.parked.get_mut(name) else { return };
        let forgotten: Vec<Parked> =
            parked.extract_if(.., |parked| Arc::ptr_eq(&parked.connecter, mailbox)).collect();
        if parked.is_empty() {
            tables.parked.remove(name);
        }
        // Dropped after the lock: a message may call the application's free function.
        drop(tables);
        drop(forgotten);
    }
}
