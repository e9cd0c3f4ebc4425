//! What an application can set on sockets and contexts.

mod socket_type;

pub use socket_type::SocketType;
