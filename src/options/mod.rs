//! What an application can set on sockets and contexts.
//!
//! Data before code: [`table::OPTIONS`] and [`context::CONTEXT_OPTIONS`] have a row per option, and
//! setting and reading follow them. Pure: nothing here calls the system or knows a socket. What only a
//! socket or its pattern can answer has a row that says so; they use [`put_int`] and its like, so that
//! the size rules are in one place.

mod buffer;
pub mod capabilities;
pub mod context;
mod filters;
mod integer;
pub mod numbers;
pub mod row;
mod socket;
mod socket_type;
pub mod table;

pub use buffer::{put_bytes, put_exact, put_int, put_text};
pub use capabilities::has;
pub use context::ContextOptions;
pub use integer::leading_integer;
pub use socket::{Mechanism, SecurityOptions, SocketOptions};
pub use socket_type::SocketType;

#[cfg(test)]
mod tests;
