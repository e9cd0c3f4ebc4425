//! Contexts by handle: zmq_ctx_*.

use crate::error::{Error, Result};
use crate::socket::{self, Environment};
use crate::sync::{Handle, Table};
use crate::sys::fork;
use std::sync::Arc;

static CONTEXTS: Table<Arc<Environment>> = Table::new(1);

/// A new context; threads start with its first socket.
pub fn new() -> Result<Handle> {
    fork::watch();
    CONTEXTS.insert(Environment::new()).ok_or(Error::TooManyOpen)
}

/// Opens a socket. Errors: `EFAULT` (context), `EINVAL` (type), `ETERM`, `EMFILE`.
pub fn open_socket(handle: Handle, socket_type: i32) -> Result<Handle> {
    socket::open(&environment(handle)?, socket_type)
}

/// The context behind a handle; `EFAULT` when there is none.
fn environment(handle: Handle) -> Result<Arc<Environment>> {
    CONTEXTS.lock(handle).map(|environment| Arc::clone(&environment)).ok_or(Error::Fault)
}

/// Ends a context: wakes its sockets with `ETERM`, waits until all are closed and have delivered what
/// they linger for, ends the threads. `EINTR`: interrupted, call again.
pub fn terminate(handle: Handle) -> Result<()> {
    if CONTEXTS.is_inherited(handle) {
        // A forked child has none of the threads that the wait would be for.
        return Err(Error::Interrupted);
    }
    let environment = environment(handle)?;
    environment.shut_down();
    environment.finish()?;
    CONTEXTS.remove(handle).map(drop).ok_or(Error::Fault)
}

/// Wakes all sockets of a context with `ETERM`; does not wait.
pub fn shutdown(handle: Handle) -> Result<()> {
    environment(handle)?.shut_down();
    Ok(())
}

/// Sets an option from its bytes.
pub fn set_option(handle: Handle, option: i32, value: &[u8]) -> Result<()> {
    environment(handle)?.options.lock().set(option, value)
}

/// Reads an int option.
pub fn option(handle: Handle, option: i32) -> Result<i32> {
    environment(handle)?.options.lock().get(option)
}

/// Reads an option into a buffer, whose length says what is expected.
pub fn option_ext(handle: Handle, option: i32, buffer: &mut [u8]) -> Result<()> {
    environment(handle)?.options.lock().get_ext(option, buffer)
}
