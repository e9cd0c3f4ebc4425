//! Contexts. All these functions may be called from any thread.

use crate::arguments::{handle, pointer};
use crate::constants::ZMQ_IO_THREADS;
use crate::entry::{entry, errno, set_errno, status};
use ferrozmq::context;
use ferrozmq::error::Error;
use std::ffi::{c_int, c_void};

/// Creates a context. NULL: EMFILE, ENOMEM.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_ctx_new() -> *mut c_void {
    entry(|| context::new().map(pointer))
}

/// Waits until all sockets are closed and lingering is over, then ends the context. EFAULT, EINTR.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_ctx_term(context: *mut c_void) -> c_int {
    let before = errno();
    status(|| {
        context::terminate(handle(context))?;
        set_errno(before);
        Ok(())
    })
}

/// Makes all calls on the context's sockets fail with ETERM, without waiting. EFAULT.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_ctx_shutdown(context: *mut c_void) -> c_int {
    status(|| context::shutdown(handle(context)))
}

/// Sets a context option. EFAULT, EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_ctx_set(context: *mut c_void, option: c_int, optval: c_int) -> c_int {
    status(|| context::set_option(handle(context), option, &optval.to_ne_bytes()))
}

/// Reads a context option. EFAULT, EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_ctx_get(context: *mut c_void, option: c_int) -> c_int {
    entry(|| context::option(handle(context), option))
}

/// Deprecated: zmq_ctx_new with a number of I/O threads. NULL: EINVAL if that is negative.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_init(io_threads: c_int) -> *mut c_void {
    entry(|| {
        if io_threads < 0 {
            return Err(Error::Invalid);
        }
        let context = context::new()?;
        context::set_option(context, ZMQ_IO_THREADS, &io_threads.to_ne_bytes())?;
        Ok(pointer(context))
    })
}

/// Deprecated: zmq_ctx_term.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_term(context: *mut c_void) -> c_int {
    zmq_ctx_term(context)
}

/// Deprecated: zmq_ctx_term.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_ctx_destroy(context: *mut c_void) -> c_int {
    zmq_ctx_term(context)
}
