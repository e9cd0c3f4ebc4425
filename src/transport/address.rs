//! Endpoints as the application writes them: `scheme://address`.
//!
//! Text becomes a value that cannot be malformed, once, in zmq_bind, zmq_connect and their
//! opposites. Nothing here looks a name up or touches the network; what a host name or an interface
//! stands for is found out later (`sys::resolve`). Formats and errors: zmq_tcp(7), zmq_ipc(7),
//! zmq_inproc(7).

use super::ipc::{IpcBind, IpcName};
use super::tcp::{TcpBind, TcpConnect};
use super::udp::UdpAddress;
use crate::error::{Error, Result};

/// The transports that this build speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// TCP over IPv4 and IPv6.
    Tcp,
    /// Unix-domain stream sockets.
    Ipc,
    /// Threads of one context.
    Inproc,
    /// Datagrams, for some draft types of socket.
    Udp,
}

/// What becomes of an endpoint of some scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// It is parsed and used.
    Built(Scheme),
    /// `EPROTONOSUPPORT`, as for an unknown scheme.
    NotBuilt,
    /// The same, and it is not planned either.
    LeftOut,
}

/// Every scheme that the reference library can have, and whether this build does.
pub const SCHEMES: [(&str, Support); 12] = [
    ("tcp", Support::Built(Scheme::Tcp)),
    ("ipc", Support::Built(Scheme::Ipc)),
    ("inproc", Support::Built(Scheme::Inproc)),
    ("udp", Support::Built(Scheme::Udp)),
    ("ws", Support::NotBuilt),
    ("wss", Support::NotBuilt),
    ("pgm", Support::NotBuilt),
    ("epgm", Support::NotBuilt),
    ("norm", Support::NotBuilt),
    ("tipc", Support::NotBuilt),
    ("vsock", Support::NotBuilt),
    ("vmci", Support::LeftOut),
];

/// An endpoint of a transport that is there; its address is not looked at yet, for it means
/// something else to bind than to connect.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    text: String,
    scheme: Scheme,
    address_start: usize,
}

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BindAddress {
    /// Interface or host, and port.
    Tcp(TcpBind),
    /// File, abstract name or wildcard.
    Ipc(IpcBind),
    /// Any name.
    Inproc(String),
    /// Address and port, perhaps with an interface.
    Udp(UdpAddress),
}

/// Where to connect to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ConnectAddress {
    /// Host and port, perhaps with a source address.
    Tcp(TcpConnect),
    /// File or abstract name.
    Ipc(IpcName),
    /// Any name.
    Inproc(String),
    /// Address and port, perhaps with an interface.
    Udp(UdpAddress),
}

impl Endpoint {
    /// Takes the text apart. Schemes are lower case only.
    ///
    /// Errors: `Invalid` without `://` or when a side of it is empty, `ProtocolNotSupported`
    /// as [`SCHEMES`] says.
    pub fn parse(text: &str) -> Result<Endpoint> {
        let (name, address) = text.split_once("://").ok_or(Error::Invalid)?;
        if name.is_empty() || address.is_empty() {
            return Err(Error::Invalid);
        }
        let support = SCHEMES.iter().find(|(known, _)| *known == name).map(|(_, support)| *support);
        match support.unwrap_or(Support::NotBuilt) {
            Support::Built(scheme) => {
                Ok(Endpoint { text: text.to_owned(), scheme, address_start: text.len() - address.len() })
            }
            Support::NotBuilt | Support::LeftOut => Err(Error::ProtocolNotSupported),
        }
    }

    /// The transport.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// What follows `://`.
    pub fn address(&self) -> &str {
        &self.text[self.address_start..]
    }

    /// The whole text as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The address as zmq_bind reads it. Errors: `Invalid` for bad syntax, `NameTooLong` for a path.
    pub fn bind_address(&self) -> Result<BindAddress> {
        Ok(match self.scheme {
            Scheme::Tcp => BindAddress::Tcp(TcpBind::parse(self.address())?),
            Scheme::Ipc => BindAddress::Ipc(IpcBind::parse(self.address())?),
            Scheme::Inproc => BindAddress::Inproc(self.address().to_owned()),
            Scheme::Udp => BindAddress::Udp(UdpAddress::parse(self.address())?),
        })
    }

    /// The address as zmq_connect reads it. Errors: as [`Endpoint::bind_address`]; for tcp only what
    /// a rough look finds.
    pub fn connect_address(&self) -> Result<ConnectAddress> {
        Ok(match self.scheme {
            Scheme::Tcp => ConnectAddress::Tcp(TcpConnect::parse(self.address())?),
            Scheme::Ipc => ConnectAddress::Ipc(IpcName::parse(self.address())?),
            Scheme::Inproc => ConnectAddress::Inproc(self.address().to_owned()),
            Scheme::Udp => ConnectAddress::Udp(UdpAddress::parse_remote(self.address())?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn endpoints_are_taken_apart() {
        for (text, scheme, address) in [
            ("tcp://127.0.0.1:5555", Scheme::Tcp, "127.0.0.1:5555"),
            ("ipc:///tmp/a", Scheme::Ipc, "/tmp/a"),
            ("ipc://@a", Scheme::Ipc, "@a"),
            ("inproc://a://b", Scheme::Inproc, "a://b"),
            ("inproc:// ", Scheme::Inproc, " "),
        ] {
            let endpoint = Endpoint::parse(text).expect(text);
            assert_eq!((endpoint.scheme(), endpoint.address()), (scheme, address));
            assert_eq!(endpoint.text(), text);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for (text, error) in [
            ("", Error::Invalid),
            ("tcp", Error::Invalid),
            ("tcp:", Error::Invalid),
            ("tcp:/127.0.0.1:80", Error::Invalid),
            ("://", Error::Invalid),
            ("://address", Error::Invalid),
            ("tcp://", Error::Invalid),
            ("foo://", Error::Invalid),
            ("foo://address", Error::ProtocolNotSupported),
            ("TCP://127.0.0.1:80", Error::ProtocolNotSupported),
            (" tcp://127.0.0.1:80", Error::ProtocolNotSupported),
            ("ws://127.0.0.1:80", Error::ProtocolNotSupported),
            ("vmci://@:5555", Error::ProtocolNotSupported),
        ] {
            assert_eq!(Endpoint::parse(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in ".*", address in ".+") {
            let _ = Endpoint::parse(&text);
            for scheme in ["tcp", "ipc", "inproc"] {
                let endpoint = Endpoint::parse(&format!("{scheme}://{address}")).expect("not empty");
                prop_assert_eq!(endpoint.address(), &address);
                let _ = endpoint.bind_address();
                if let Ok(ConnectAddress::Tcp(tcp)) = endpoint.connect_address() {
                    let _ = tcp.route();
                }
            }
        }
    }
}
