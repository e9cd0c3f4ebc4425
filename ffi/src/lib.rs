//! libzmq's C interface: 100 functions that convert pointers, call the core and set errno.
//!
//! There is no logic here. Every function runs inside [`entry::entry`] (or a sibling of it), which is
//! the panic boundary and the only place that sets errno, last of all. What C may pass is checked in
//! [`arguments`], and that is where most of the unsafe code is. There is one module per section of
//! the header, with the drafts of all sections in `draft`, `poller` and
//! `statistics`.
//!
//! What C promises, and every `SAFETY` comment means by *the caller's word*: a pointer is NULL or
//! refers to memory that is large enough, that lives through the call and that no other thread changes
//! meanwhile. Handles need no promise: they are numbers, looked up in tables.

mod arguments;
pub mod constants;
mod context;
mod curve;
mod draft;
mod entry;
mod message;
mod poll;
mod poller;
mod proxy;
mod send_recv;
mod socket;
mod statistics;
mod timers;
mod utilities;

#[cfg(test)]
mod tests;
