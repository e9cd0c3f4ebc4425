#![deny(unsafe_code)]
//! ZeroMQ behind libzmq's C interface.
pub mod error;
#[allow(unsafe_code)]
pub mod msg;
pub mod options;
pub mod pattern;
pub mod pipe;
#[allow(unsafe_code)]
pub mod sync;
