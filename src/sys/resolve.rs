//! From hosts and interfaces to addresses (getaddrinfo(3), getifaddrs(3)).
//!
//! A listener's address is looked up while its bind waits ([`local_address`]). A connection is made
//! by an I/O thread, which must never wait for a name server: [`Resolver`] answers at once where the
//! host is numeric, and otherwise from a thread of its own.
//!
//! With `ipv6` every address is an IPv6 one: what exists only in IPv4 comes mapped (`::ffff:a.b.c.d`),
//! for use with a dual-stack socket. Without it every address is IPv4.

use super::os_error;
use super::thread::{ThreadSettings, spawn};
use crate::error::{Error, Result};
use crate::sync::boundary;
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::ffi::{CStr, CString};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

/// Lookups that run at the same time; a slow name server holds up that many before the rest waits.
const MOST_THREADS: usize = 4;
/// How long a thread waits for another name before it ends.
const IDLE: Duration = Duration::from_secs(5);

/// Told what a host stands for: at least one address, best first, or why there is none.
pub type Completion = Box<dyn FnOnce(Result<Vec<SocketAddr>>) + Send>;

/// The address that stands for all of this machine's.
pub fn any_address(port: u16, ipv6: bool) -> SocketAddr {
    match ipv6 {
        true => (Ipv6Addr::UNSPECIFIED, port).into(),
        false => (Ipv4Addr::UNSPECIFIED, port).into(),
    }
}

/// Where to listen: `host` is the name of an interface (its first address of the right family
/// counts), a numeric address or a host name, tried in this order. May wait for a name server.
///
/// Errors: `NoDevice` when it is nothing of the kind, or of the wrong family.
pub fn local_address(host: &str, port: u16, ipv6: bool) -> Result<SocketAddr> {
    if let Some(address) = own_address(host, port, ipv6)? {
        return Ok(address);
    }
    let found = look_up(host, port, ipv6).map_err(|_| Error::NoDevice)?;
    found.into_iter().next().ok_or(Error::NoDevice)
}

/// Where to send to: a numeric address or a host name. May wait for a name server. `Invalid` when it is
/// neither.
pub fn remote_address(host: &str, port: u16, ipv6: bool) -> Result<SocketAddr> {
    if let Some(address) = numeric(host, port, ipv6) {
        return Ok(address);
    }
    look_up(host, port, ipv6)?.into_iter().next().ok_or(Error::Invalid)
}

/// Where to connect from: as [`local_address`], but without host names, so it never waits.
pub fn source_address(host: &str, port: u16, ipv6: bool) -> Result<SocketAddr> {
    own_address(host, port, ipv6)?.ok_or(Error::NoDevice)
}

/// A numeric address, IPv6 ones perhaps with a `%zone`. None when the text is something else, or an
/// IPv6 address without `ipv6`.
pub fn numeric(host: &str, port: u16, ipv6: bool) -> Option<SocketAddr> {
    let (text, zone) = host.split_once('%').map_or((host, None), |(text, zone)| (text, Some(zone)));
    match (text.parse().ok()?, ipv6, zone) {
        (IpAddr::V4(v4), _, None) => Some(of_family(SocketAddrV4::new(v4, port), ipv6)),
        (IpAddr::V6(v6), true, zone) => {
            let scope = zone.map_or(Some(0), interface_index)?;
            Some(SocketAddrV6::new(v6, port, 0, scope).into())
        }
        _ => None,
    }
}

/// Looks names up for those who cannot wait. Dropping it gives up what is still queued.
pub struct Resolver {
    shared: Arc<Shared>,
}

struct Shared {
    settings: ThreadSettings,
    queue: Mutex<Queue>,
    work: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Query>,
    threads: usize,
    idle: usize,
    closed: bool,
}

struct Query {
    host: String,
    port: u16,
    ipv6: bool,
    done: Completion,
}

impl Resolver {
    /// Threads are started when there is a name to look up, with these settings, and end when there
    /// has been none for a while.
    pub fn new(settings: ThreadSettings) -> Resolver {
        Resolver { shared: Arc::new(Shared { settings, queue: Mutex::default(), work: Condvar::new() }) }
    }

    /// Calls `done` with the addresses: before returning, on this thread, if the host is numeric or
    /// no thread can be started; otherwise later, on another thread. It is not called any more once
    /// the resolver is dropped.
    ///
    /// Errors for `done`: `Invalid` when there is no such host, `Again`, `OutOfMemory`.
    pub fn resolve(&self, host: &str, port: u16, ipv6: bool, done: Completion) {
        match numeric(host, port, ipv6) {
            Some(address) => done(Ok(vec![address])),
            None => self.enqueue(Query { host: host.to_owned(), port, ipv6, done }),
        }
    }

    fn enqueue(&self, query: Query) {
        let mut queue = self.shared.queue.lock();
        queue.waiting.push_back(query);
        if queue.idle >= queue.waiting.len() || queue.threads == MOST_THREADS {
            drop(queue);
            self.shared.work.notify_one();
            return;
        }
        let shared = self.shared.clone();
        match spawn("ZMQbg/Resolver", &self.shared.settings, move || shared.serve()) {
            Ok(_) => queue.threads += 1,
            Err(_) if queue.threads > 0 => {}
            Err(error) => {
                let refused = std::mem::take(&mut queue.waiting);
                drop(queue);
                refused.into_iter().for_each(|query| (query.done)(Err(error)));
            }
        }
    }
}

impl Drop for Resolver {
    fn drop(&mut self) {
        let mut queue = self.shared.queue.lock();
        queue.closed = true;
        let given_up = std::mem::take(&mut queue.waiting);
        drop(queue);
        self.shared.work.notify_all();
        drop(given_up);
    }
}

impl Shared {
    /// A thread's work: names until none has come for a while.
    fn serve(&self) {
        while let Some(query) = self.next() {
            let found = look_up(&query.host, query.port, query.ipv6);
            if !self.queue.lock().closed {
                // A panic in there must not cost the thread: others wait for their answers.
                boundary(|| (query.done)(found));
            }
        }
    }

    /// The next name; None when the thread, counted out by then, is to end.
    fn next(&self) -> Option<Query> {
        let mut queue = self.queue.lock();
        while queue.waiting.is_empty() && !queue.closed {
            queue.idle += 1;
            let timed_out = self.work.wait_for(&mut queue, IDLE).timed_out();
            queue.idle -= 1;
            if timed_out {
                break;
            }
        }
        let query = queue.waiting.pop_front();
        if query.is_none() {
            queue.threads -= 1;
        }
        query
    }
}

/// Interface, or else numeric address.
fn own_address(host: &str, port: u16, ipv6: bool) -> Result<Option<SocketAddr>> {
    Ok(interface_address(host, port, ipv6)?.or_else(|| numeric(host, port, ipv6)))
}

/// As IPv4, or mapped to IPv6.
fn of_family(address: SocketAddrV4, ipv6: bool) -> SocketAddr {
    match ipv6 {
        true => SocketAddrV6::new(address.ip().to_ipv6_mapped(), address.port(), 0, 0).into(),
        false => address.into(),
    }
}

/// Asks the C library, which may ask a name server.
fn look_up(host: &str, port: u16, ipv6: bool) -> Result<Vec<SocketAddr>> {
    let host = CString::new(host).map_err(|_| Error::Invalid)?;
    // SAFETY: addrinfo is a plain C structure; all zero is null pointers and "anything".
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_socktype = libc::SOCK_STREAM;
    (hints.ai_family, hints.ai_flags) =
        if ipv6 { (libc::AF_INET6, libc::AI_V4MAPPED) } else { (libc::AF_INET, 0) };
    let mut list = ptr::null_mut();
    // SAFETY: a C text, no service, hints and a place for the result, all live (getaddrinfo(3)).
    match unsafe { libc::getaddrinfo(host.as_ptr(), ptr::null(), &hints, &mut list) } {
        0 => {}
        libc::EAI_MEMORY => return Err(Error::OutOfMemory),
        libc::EAI_AGAIN => return Err(Error::Again),
        _ => return Err(Error::Invalid),
    }
    let mut found = Vec::new();
    let mut entry = list;
    while !entry.is_null() {
        // SAFETY: an entry of the list, which lives until it is freed below.
        let (address, next) = unsafe { (socket_address((*entry).ai_addr), (*entry).ai_next) };
        found.extend(address.map(|address| with_port(address, port)));
        entry = next;
    }
    // SAFETY: made by getaddrinfo above and not used any more.
    unsafe { libc::freeaddrinfo(list) };
    found.dedup();
    if found.is_empty() { Err(Error::Invalid) } else { Ok(found) }
}

/// The first address of the right family of the interface with that name.
fn interface_address(name: &str, port: u16, ipv6: bool) -> Result<Option<SocketAddr>> {
    let mut list = ptr::null_mut();
    // SAFETY: a place for the result (getifaddrs(3)).
    if unsafe { libc::getifaddrs(&mut list) } != 0 {
        let errno = std::io::Error::last_os_error();
        return Err(errno
            .raw_os_error()
            .map_or(Error::NoDevice, |errno| os_error(rustix::io::Errno::from_raw_os_error(errno))));
    }
    let mut found = None;
    let mut entry = list;
    while !entry.is_null() && found.is_none() {
        // SAFETY: an entry of the list, which lives until it is freed below; its name is a C text.
        let (interface, address, next) = unsafe {
            let entry = &*entry;
            (CStr::from_ptr(entry.ifa_name), socket_address(entry.ifa_addr), entry.ifa_next)
        };
        if interface.to_bytes() == name.as_bytes() {
            found = address.filter(|address| address.is_ipv6() == ipv6);
        }
        entry = next;
    }
    // SAFETY: made by getifaddrs above and not used any more.
    unsafe { libc::freeifaddrs(list) };
    Ok(found.map(|address| with_port(address, port)))
}

/// What a C socket address says; None for null and for other families.
///
/// # Safety
/// `address` must be null or point to a socket address of the length its family has.
unsafe fn socket_address(address: *const libc::sockaddr) -> Option<SocketAddr> {
    if address.is_null() {
        return None;
    }
    // SAFETY: not null, so a socket address, whose family may be read and tells its type.
    unsafe {
        match i32::from((*address).sa_family) {
            libc::AF_INET => {
                let v4 = address.cast::<libc::sockaddr_in>().read_unaligned();
                let ip = Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr));
                Some(SocketAddrV4::new(ip, u16::from_be(v4.sin_port)).into())
            }
            libc::AF_INET6 => {
                let v6 = address.cast::<libc::sockaddr_in6>().read_unaligned();
                let ip = Ipv6Addr::from(v6.sin6_addr.s6_addr);
                Some(SocketAddrV6::new(ip, u16::from_be(v6.sin6_port), 0, v6.sin6_scope_id).into())
            }
            _ => None,
        }
    }
}

fn with_port(mut address: SocketAddr, port: u16) -> SocketAddr {
    address.set_port(port);
    address
}

/// The index of an interface, by its name or as a number (the zone of an IPv6 address).
pub fn interface_index(zone: &str) -> Option<u32> {
    let name = CString::new(zone).ok()?;
    // SAFETY: a live C text (if_nametoindex(3)).
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => zone.parse().ok(),
        index => Some(index),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn numeric_hosts() {
        for (host, ipv6, expected) in [
            ("127.0.0.1", false, Some("127.0.0.1:7")),
            ("127.0.0.1", true, Some("[::ffff:127.0.0.1]:7")),
            ("::1", true, Some("[::1]:7")),
            ("fe80::1%1", true, Some("[fe80::1%1]:7")),
            ("fe80::1%lo", true, Some("[fe80::1%1]:7")),
            ("fe80::1%no-such", true, None),
            ("::1", false, None),
            ("127.0.0.1%lo", true, None),
            ("300.1.1.1", false, None),
            ("localhost", true, None),
            ("", false, None),
        ] {
            assert_eq!(numeric(host, 7, ipv6).map(|address| address.to_string()).as_deref(), expected);
        }
    }

    #[test]
    fn local_addresses() {
        for (host, expected) in [
            ("lo", Ok("127.0.0.1:7")),
            ("127.0.0.2", Ok("127.0.0.2:7")),
            ("localhost", Ok("127.0.0.1:7")),
            ("no-such-interface", Err(Error::NoDevice)),
            ("300.1.1.1", Err(Error::NoDevice)),
            ("::1", Err(Error::NoDevice)),
            ("a b", Err(Error::NoDevice)),
            ("a\0b", Err(Error::NoDevice)),
        ] {
            let found = local_address(host, 7, false).map(|address| address.to_string());
            assert_eq!(found, expected.map(str::to_owned), "{host}");
        }
        assert_eq!(
            source_address("lo", 0, false).map(|address| address.to_string()),
            Ok("127.0.0.1:0".into())
        );
        assert_eq!(source_address("localhost", 0, false), Err(Error::NoDevice));
        assert_eq!(any_address(7, true).to_string(), "[::]:7");
        assert_eq!(any_address(7, false).to_string(), "0.0.0.0:7");
    }

    #[test]
    fn names_are_looked_up_elsewhere_and_numbers_at_once() {
        let resolver = Resolver::new(ThreadSettings::default());
        let (sender, receiver) = mpsc::channel();
        let ask = |host: &str, ipv6| {
            let sender = sender.clone();
            resolver.resolve(
                host,
                9,
                ipv6,
                Box::new(move |found| {
                    let _ = sender.send((found, std::thread::current().id()));
                }),
            );
        };
        ask("127.0.0.1", false);
        let (found, thread) = receiver.try_recv().expect("already answered");
        assert_eq!(found, Ok(vec![(Ipv4Addr::LOCALHOST, 9).into()]));
        assert_eq!(thread, std::thread::current().id());
        for _ in 0..3 * MOST_THREADS {
            ask("localhost", false);
        }
        for _ in 0..3 * MOST_THREADS {
            let (found, thread) = receiver.recv().expect("an answer");
            assert_eq!(found.expect("an address")[0], (Ipv4Addr::LOCALHOST, 9).into());
            assert_ne!(thread, std::thread::current().id());
        }
        assert!(resolver.shared.queue.lock().threads <= MOST_THREADS);
        ask("localhost", true);
        let (found, _) = receiver.recv().expect("an answer");
        assert!(found.expect("an address").iter().all(SocketAddr::is_ipv6));
        ask("no-such-host.invalid", false);
        let (found, _) = receiver.recv().expect("an answer");
        assert!(found.is_err());
    }

    #[test]
    fn a_dropped_resolver_answers_no_more() {
        struct Dropped(mpsc::Sender<()>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                let _ = self.0.send(());
            }
        }
        let (sender, receiver) = mpsc::channel();
        let resolver = Resolver::new(ThreadSettings::default());
        // As if all threads were busy.
        resolver.shared.queue.lock().threads = MOST_THREADS;
        let guard = Dropped(sender);
        resolver.resolve(
            "localhost",
            1,
            false,
            Box::new(move |_| {
                let _guard = guard;
                panic!("answered after the end");
            }),
        );
        assert!(receiver.try_recv().is_err());
        drop(resolver);
        assert_eq!(receiver.try_recv(), Ok(()));
    }
}
