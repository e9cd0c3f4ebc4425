//! What happens to endpoints and connections, for an application that monitors its socket.

/// Something that a monitor reports; numbers as in zmq_socket_monitor(3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Transport connected; value: descriptor.
    Connected,
    /// An attempt to connect goes on in the background; value: errno.
    ConnectDelayed,
    /// The next attempt is scheduled; value: milliseconds.
    ConnectRetried,
    /// Bound; value: descriptor.
    Listening,
    /// A bind failed; value: errno.
    BindFailed,
    /// A connection was accepted; value: descriptor.
    Accepted,
    /// An accept failed or was filtered; value: errno.
    AcceptFailed,
    /// A listener or an attempt to connect was closed; value: descriptor.
    Closed,
    /// An ipc wildcard could not be removed; value: errno.
    CloseFailed,
    /// A connection ended; value: descriptor.
    Disconnected,
    /// Monitoring ends.
    MonitorStopped,
    /// The connection was lost in the handshake; value: errno.
    HandshakeFailedNoDetail,
    /// Handshake done.
    HandshakeSucceeded,
    /// The peer broke the protocol in the handshake; value: ZMQ_PROTOCOL_ERROR_*.
    HandshakeFailedProtocol,
    /// Authentication was refused; value: status.
    HandshakeFailedAuth,
    /// Messages queued in a pipe, on request; values: outbound, inbound.
    PipesStats,
}

impl Event {
    /// The bit in masks and messages.
    pub fn bit(self) -> u64 {
        match self {
            Event::Connected => 0x1,
            Event::ConnectDelayed => 0x2,
            Event::ConnectRetried => 0x4,
            Event::Listening => 0x8,
            Event::BindFailed => 0x10,
            Event::Accepted => 0x20,
            Event::AcceptFailed => 0x40,
            Event::Closed => 0x80,
            Event::CloseFailed => 0x100,
            Event::Disconnected => 0x200,
            Event::MonitorStopped => 0x400,
            Event::HandshakeFailedNoDetail => 0x800,
            Event::HandshakeSucceeded => 0x1000,
            Event::HandshakeFailedProtocol => 0x2000,
            Event::HandshakeFailedAuth => 0x4000,
            Event::PipesStats => 0x1_0000,
        }
    }
}

/// Who is told of events. Called from any thread, within turns; must not wait.
pub trait Events: Send + Sync {
    /// `local` and `remote` are endpoint texts, empty when there is none; `bound` says that the event
    /// is about a bound or accepted object, which is known by its local endpoint.
    fn raise(&self, event: Event, value: u64, local: &str, remote: &str, bound: bool);
}
