//! The bytes of ZMTP: greeting, frames, commands and properties, for versions 1.0 to 3.1.
//!
//! A codec here is a function from bytes to a value that cannot be invalid, and back. Nothing here
//! keeps state between calls, knows which side of a handshake it is on, or allocates more than what
//! it was given justifies.

pub mod command;
pub mod frame;
pub mod greeting;
pub mod properties;
mod violation;

pub use violation::Violation;
