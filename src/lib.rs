#![deny(unsafe_code)]
//! ZeroMQ behind libzmq's C interface.
//!
//! The inside of the library, of which `ffi` makes C's functions; not an interface for programs in Rust, as
//! anything may change with every commit. The modules are layers, and each uses only those below it:
//! docs/architecture.md has the table, and is the tour.

pub mod actor;
pub mod context;
pub mod curve;
pub mod engine;
pub mod error;
pub mod mechanism;
#[allow(unsafe_code)]
pub mod msg;
pub mod options;
pub mod pattern;
pub mod pipe;
pub mod poller;
pub mod proxy;
pub mod reactor;
pub mod session;
pub mod socket;
#[allow(unsafe_code)]
pub mod sync;
#[allow(unsafe_code)]
pub mod sys;
pub mod timers;
pub mod transport;
pub mod wire;
pub mod z85;
