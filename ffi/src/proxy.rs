//! Proxies. Failures: EFAULT for a missing socket, ETERM, EINTR and what sending and receiving give.

use crate::arguments::{handle, optional_handle};
use crate::entry::status;
use ferrozmq::error::{Error, Result};
use ferrozmq::proxy;
use std::ffi::{c_int, c_void};

/// Passes messages between two sockets, with a copy to capture unless that is NULL, until one fails.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_proxy(frontend: *mut c_void, backend: *mut c_void, capture: *mut c_void) -> c_int {
    status(|| run(frontend, backend, capture, std::ptr::null_mut()))
}

/// As zmq_proxy, steered by PAUSE, RESUME, TERMINATE and STATISTICS; 0 after TERMINATE.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_proxy_steerable(
    frontend: *mut c_void,
    backend: *mut c_void,
    capture: *mut c_void,
    control: *mut c_void,
) -> c_int {
    status(|| run(frontend, backend, capture, control))
}

/// Deprecated: zmq_proxy without capture.
#[unsafe(no_mangle)]
#[allow(unused_variables, reason = "the names are those in the header")]
pub extern "C" fn zmq_device(r#type: c_int, frontend: *mut c_void, backend: *mut c_void) -> c_int {
    status(|| run(frontend, backend, std::ptr::null_mut(), std::ptr::null_mut()))
}

fn run(
    frontend: *mut c_void,
    backend: *mut c_void,
    capture: *mut c_void,
    control: *mut c_void,
) -> Result<()> {
    if frontend.is_null() || backend.is_null() {
        return Err(Error::Fault);
    }
    proxy::run(handle(frontend), handle(backend), optional_handle(capture), optional_handle(control))
}
