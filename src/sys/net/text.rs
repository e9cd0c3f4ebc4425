//! How the addresses of descriptors are written: in LAST_ENDPOINT, monitor events and metadata.

use rustix::net::{SocketAddrAny, SocketAddrUnix};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::BorrowedFd;

/// `tcp://a.b.c.d:port`, or `tcp://[v6]:port`; an IPv6 zone appears by its interface name.
pub fn endpoint_text(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(_) => format!("tcp://{address}"),
        SocketAddr::V6(_) => format!("tcp://[{}]:{}", host_text(address), address.port()),
    }
}

/// The numeric host alone, without brackets.
pub(super) fn host_text(address: SocketAddr) -> String {
    match address {
        SocketAddr::V6(v6) if v6.scope_id() != 0 => {
            let zone = interface_name(v6.scope_id()).unwrap_or_else(|| v6.scope_id().to_string());
            format!("{}%{zone}", v6.ip())
        }
        _ => address.ip().to_string(),
    }
}

/// The near end of a socket as an endpoint; empty when it has none that can be shown.
pub(super) fn local_text(fd: BorrowedFd<'_>) -> String {
    rustix::net::getsockname(fd).map(text).unwrap_or_default()
}

/// The far end of a socket as an endpoint; empty when it is not connected.
pub(super) fn remote_text(fd: BorrowedFd<'_>) -> String {
    rustix::net::getpeername(fd).ok().flatten().map(text).unwrap_or_default()
}

/// The far end of an internet socket.
pub(super) fn remote_address(fd: BorrowedFd<'_>) -> Option<SocketAddr> {
    SocketAddr::try_from(rustix::net::getpeername(fd).ok().flatten()?).ok()
}

/// The host of an address, IPv4 as such even when an IPv6 socket maps it.
pub(super) fn plain_ip(address: SocketAddr) -> IpAddr {
    address.ip().to_canonical()
}

fn text(address: SocketAddrAny) -> String {
    if let Ok(internet) = SocketAddr::try_from(address.clone()) {
        return endpoint_text(internet);
    }
    match SocketAddrUnix::try_from(address) {
        Ok(unix) => unix_text(&unix),
        Err(_) => String::new(),
    }
}

/// `ipc://path`, `ipc://@name`, or `ipc://` for a socket without a name.
fn unix_text(address: &SocketAddrUnix) -> String {
    match address.abstract_name() {
        // How a socket without a name can come back.
        Some([]) => "ipc://".to_owned(),
        Some(name) => format!("ipc://@{}", String::from_utf8_lossy(name)),
        None => format!("ipc://{}", address.path().unwrap_or_default().to_string_lossy()),
    }
}

/// Name of the interface with that index (if_indextoname(3)).
fn interface_name(index: u32) -> Option<String> {
    let mut name = [0u8; libc::IF_NAMESIZE];
    // SAFETY: the buffer has the IF_NAMESIZE bytes that the call may write.
    let found = unsafe { libc::if_indextoname(index, name.as_mut_ptr().cast()) };
    if found.is_null() {
        return None;
    }
    let name = std::ffi::CStr::from_bytes_until_nul(&name).ok()?;
    Some(name.to_string_lossy().into_owned())
}
