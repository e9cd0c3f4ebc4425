//! Endpoints, and how listeners and connections come from them.
//!
//! An [`Endpoint`] is parsed text and nothing else; [`listen()`] and [`dial`] ask the operating system.

pub mod address;
pub mod dial;
mod ipc;
mod listen;
mod tcp;
mod udp;

pub use address::{BindAddress, ConnectAddress, Endpoint, Scheme};
pub use ipc::{IpcBind, IpcName, LONGEST_PATH};
pub use listen::{listen, resolved_text};
pub use tcp::{Host, TcpBind, TcpConnect, TcpRoute};
pub use udp::UdpAddress;
