//! tcp addresses: `host:port` to bind to, `[source;]host:port` to connect to (zmq_tcp(7)).

use crate::error::{Error, Result};
use crate::options::leading_integer;

/// The host part of an address, not looked up yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// `*`: every address of this machine.
    Any,
    /// An interface, a numeric address (without brackets, with its `%zone`) or a name. Not empty.
    Named(String),
}

/// `host:port` for a listener, or for the near end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TcpBind {
    /// Where to listen.
    pub host: Host,
    /// Port; 0 lets the kernel choose.
    pub port: u16,
}

/// An address that looks as if one could connect to it. Only each attempt to connect finds out
/// whether that is so, as zmq_connect does not wait for name servers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TcpConnect {
    text: String,
}

/// Both ends of a connection to be made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TcpRoute {
    /// Interface or numeric address to connect from, when the application chose one.
    pub source: Option<TcpBind>,
    /// Host to connect to.
    pub host: String,
    /// Port to connect to.
    pub port: u16,
}

impl TcpBind {
    /// Reads `host:port`; the port may be `*` or `0` for any free one. Errors: `Invalid` for bad
    /// syntax, `NoDevice` for an empty host.
    pub fn parse(address: &str) -> Result<TcpBind> {
        let (host, port) = split(address)?;
        let port = match port {
            "*" | "0" => 0,
            text => parse_port(text)?,
        };
        let host = if host == "*" { Host::Any } else { Host::Named(host.to_owned()) };
        Ok(TcpBind { host, port })
    }
}

impl TcpConnect {
    /// Checks roughly: which characters occur, what comes first and that a digit follows the last
    /// colon.
    pub fn parse(address: &str) -> Result<TcpConnect> {
        let bytes = address.as_bytes();
        let first = bytes.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"[:".contains(byte));
        let rest = bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-:%;[]_*".contains(byte));
        let port =
            address.rsplit_once(':').is_some_and(|(_, port)| port.starts_with(|c: char| c.is_ascii_digit()));
        if !(first && rest && port) {
            return Err(Error::Invalid);
        }
        Ok(TcpConnect { text: address.to_owned() })
    }

    /// What an attempt has to resolve. `Invalid` when the rough check was too kind; the attempt then
    /// fails like one to a host that does not exist.
    pub fn route(&self) -> Result<TcpRoute> {
        let (source, target) = match self.text.rsplit_once(';') {
            Some((source, target)) => (Some(TcpBind::parse(source)?), target),
            None => (None, self.text.as_str()),
        };
        let (host, port) = split(target)?;
        if host == "*" {
            return Err(Error::Invalid);
        }
        Ok(TcpRoute { source, host: host.to_owned(), port: parse_port(port)? })
    }
}

/// Host, without the brackets of IPv6, and port. `NoDevice` when there is no host.
fn split(address: &str) -> Result<(&str, &str)> {
    let (host, port) = address.rsplit_once(':').ok_or(Error::Invalid)?;
    let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    match (host.is_empty(), port.is_empty()) {
        (_, true) => Err(Error::Invalid),
        (true, false) => Err(Error::NoDevice),
        (false, false) => Ok((host, port)),
    }
}

/// The number that the text begins with, modulo 65536; it must not be 0.
fn parse_port(text: &str) -> Result<u16> {
    match leading_integer(text) as u16 {
        0 => Err(Error::Invalid),
        port => Ok(port),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(host: &str, port: u16) -> Result<TcpBind> {
        Ok(TcpBind { host: Host::Named(host.to_owned()), port })
    }

    #[test]
    fn addresses_to_bind() {
        for (text, expected) in [
            ("127.0.0.1:5555", named("127.0.0.1", 5555)),
            ("127.0.0.1:*", named("127.0.0.1", 0)),
            ("lo:0", named("lo", 0)),
            ("*:*", Ok(TcpBind { host: Host::Any, port: 0 })),
            ("*:80", Ok(TcpBind { host: Host::Any, port: 80 })),
            ("[::1]:80", named("::1", 80)),
            ("::1:80", named("::1", 80)),
            ("[fe80::1%eth0]:80", named("fe80::1%eth0", 80)),
            ("a:70000", named("a", 4464)),
            ("a:80x", named("a", 80)),
            ("a:99999999999999999999999", named("a", 65535)),
            ("a: +80", named("a", 80)),
            ("a:-5", named("a", 65531)),
            ("a", Err(Error::Invalid)),
            ("a:", Err(Error::Invalid)),
            ("[*]:80", Ok(TcpBind { host: Host::Any, port: 80 })),
            (":80", Err(Error::NoDevice)),
            ("[]:80", Err(Error::NoDevice)),
            ("a:abc", Err(Error::Invalid)),
            ("a:*x", Err(Error::Invalid)),
            ("a:0x50", Err(Error::Invalid)),
            ("a:65536", Err(Error::Invalid)),
            ("a:+0", Err(Error::Invalid)),
        ] {
            assert_eq!(TcpBind::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn addresses_to_connect_are_checked_roughly() {
        for (text, valid) in [
            ("127.0.0.1:0", true),
            ("host.invalid:5555", true),
            ("a_b:5", true),
            ("[::1]:5555", true),
            ("::1:5", true),
            ("127.0.0.1:*;127.0.0.1:1", true),
            ("a:5x", true),
            ("127.0.0.1", false),
            ("127.0.0.1:", false),
            ("127.0.0.1:*", false),
            ("127.0.0.1:-5", false),
            ("*:5555", false),
            ("a b:5555", false),
            ("a@b:5", false),
            ("-a:5", false),
            ("_a:5", false),
            (".a:5", false),
            ("%lo:5", false),
            (";127.0.0.1:5", false),
            ("a/b:5", false),
            ("ä:5", false),
        ] {
            assert_eq!(TcpConnect::parse(text).is_ok(), valid, "{text}");
        }
    }

    #[test]
    fn routes() {
        for (text, source, target) in [
            ("a:1", None, Some(("a", 1))),
            ("127.0.0.2:0;a:1", Some(("127.0.0.2", 0)), Some(("a", 1))),
            ("[::1]:*;[::2]:3", Some(("::1", 0)), Some(("::2", 3))),
            ("lo:7;a:1", Some(("lo", 7)), Some(("a", 1))),
            ("lo;a:1", None, None),
            ("a:0", None, None),
            ("[*]:1", None, None),
        ] {
            let route = TcpConnect::parse(text).expect(text).route();
            match (route, target) {
                (Ok(route), Some((host, port))) => {
                    let source = source.map(|(host, port)| named(host, port).expect(host));
                    assert_eq!(route, TcpRoute { source, host: host.to_owned(), port });
                }
                (route, target) => assert!(route.is_err() && target.is_none(), "{text}"),
            }
        }
    }
}
