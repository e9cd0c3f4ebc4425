//! Over the loopback interface, with ports that the kernel chooses.

use super::*;
use crate::error::Error;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::IoSlice;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, IntoRawFd};

const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Waits generously for an event that is bound to come.
fn wait(fd: impl AsFd, flags: PollFlags) {
    let patience = Timespec { tv_sec: 10, tv_nsec: 0 };
    let ready = poll(&mut [PollFd::new(&fd, flags)], Some(&patience)).expect("poll");
    assert_eq!(ready, 1, "nothing came");
}

fn connected(mut outcome: ConnectOutcome) -> crate::error::Result<Stream> {
    loop {
        match outcome {
            ConnectOutcome::Connected(stream) => return Ok(stream),
            ConnectOutcome::InProgress(connecting) => {
                wait(&connecting, PollFlags::OUT);
                outcome = connecting.finish();
            }
            ConnectOutcome::Failed(error, number) => {
                assert!(number >= 0);
                return Err(error);
            }
        }
    }
}

fn accepted(listener: &Listener) -> Stream {
    wait(listener, PollFlags::IN);
    listener.accept().expect("a connection")
}

fn port(listener: &Listener) -> u16 {
    let endpoint = listener.local_endpoint();
    endpoint.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
}

fn tcp_pair(settings: &TcpSettings) -> (Listener, Stream, Stream) {
    let listener = listen_tcp(LOOPBACK, 10, settings).expect("a listener");
    let target = (Ipv4Addr::LOCALHOST, port(&listener)).into();
    let near = connected(connect_tcp(target, None, settings).expect("started")).expect("connected");
    let far = accepted(&listener);
    settings.apply(&far);
    (listener, near, far)
}

fn receive(stream: &Stream, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while filled < length {
        wait(stream, PollFlags::IN);
        filled += stream.read(&mut bytes[filled..]).expect("bytes");
    }
    bytes
}

#[test]
fn tcp_connections_carry_bytes_and_have_texts() {
    let (listener, near, far) = tcp_pair(&TcpSettings::default());
    assert!(matches!(listener.accept(), Err(AcceptError::WouldBlock)));
    assert_eq!(near.read(&mut [0; 8]), Err(Error::Again));
    let slices = [IoSlice::new(b"one"), IoSlice::new(b""), IoSlice::new(b"two")];
    assert_eq!(near.write_vectored(&slices), Ok(6));
    assert_eq!(far.write_vectored(&slices[..1]), Ok(3));
    assert_eq!(receive(&far, 6), b"onetwo");
    assert_eq!(receive(&near, 3), b"one");
    assert_eq!(near.remote_endpoint(), listener.local_endpoint());
    assert_eq!(near.local_endpoint(), far.remote_endpoint());
    assert_eq!(far.peer_address(), "127.0.0.1");
    assert_eq!(far.peer_ip(), Some(Ipv4Addr::LOCALHOST.into()));
    assert_eq!(far.credentials(), None);
    drop(near);
    wait(&far, PollFlags::IN);
    assert_eq!(far.read(&mut [0; 8]), Ok(0));
}

#[test]
fn many_slices_and_full_buffers_are_written_in_part() {
    let (_listener, near, far) = tcp_pair(&TcpSettings::default());
    let bytes = [7u8; 16];
    let slices = vec![IoSlice::new(&bytes); 5000];
    let mut sent = near.write_vectored(&slices).expect("a part");
    assert!(sent <= 1024 * 16);
    loop {
        match near.write_vectored(&slices) {
            Ok(count) => sent += count,
            Err(error) => break assert_eq!(error, Error::Again),
        }
    }
    assert!(receive(&far, sent).iter().all(|byte| *byte == 7));
}

#[test]
fn writing_to_a_closed_peer_is_an_error_and_no_signal() {
    let (_listener, near, far) = tcp_pair(&TcpSettings::default());
    near.write_vectored(&[IoSlice::new(b"unread")]).expect("sent");
    wait(&far, PollFlags::IN);
    drop(far);
    wait(&near, PollFlags::IN);
    let errors = [Error::Os(libc::EPIPE), Error::Os(libc::ECONNRESET)];
    for _ in 0..2 {
        assert!(errors.contains(&near.write_vectored(&[IoSlice::new(b"x")]).expect_err("closed")));
    }
    let slices = [IoSlice::new(b"x"), IoSlice::new(b"y")];
    assert_eq!(near.write_vectored(&slices), Err(Error::Os(libc::EPIPE)));
}

#[test]
fn dual_stack_sockets_show_ipv4_as_mapped() {
    if !has_ipv6() {
        return;
    }
    let settings = TcpSettings::default();
    let listener = listen_tcp((Ipv6Addr::UNSPECIFIED, 0).into(), 10, &settings).expect("listener");
    assert!(listener.local_endpoint().starts_with("tcp://[::]:"));
    let target = (Ipv4Addr::LOCALHOST, port(&listener)).into();
    let _near = connected(connect_tcp(target, None, &settings).expect("started")).expect("connected");
    let far = accepted(&listener);
    assert_eq!(far.peer_address(), "::ffff:127.0.0.1");
    assert_eq!(far.peer_ip(), Some(Ipv4Addr::LOCALHOST.into()));
    assert!(far.remote_endpoint().starts_with("tcp://[::ffff:127.0.0.1]:"));
}

#[test]
fn refused_and_impossible_connections() {
    let settings = TcpSettings::default();
    let listener = listen_tcp(LOOPBACK, 1, &settings).expect("a listener");
    let target = (Ipv4Addr::LOCALHOST, port(&listener)).into();
    assert_eq!(listen_tcp(target, 1, &settings).expect_err("taken").error, Error::AddressInUse);
    let foreign = (Ipv4Addr::new(192, 0, 2, 77), 0).into();
    assert_eq!(listen_tcp(foreign, 1, &settings).expect_err("foreign").error, Error::AddressNotAvailable);
    drop(listener);
    let outcome = connect_tcp(target, None, &settings).and_then(connected);
    assert_eq!(outcome.expect_err("refused"), Error::Os(libc::ECONNREFUSED));
    let odd = TcpSettings { device: b"no-such-device".to_vec(), ..settings };
    assert!(listen_tcp(LOOPBACK, 1, &odd).is_err());
}

#[test]
fn connections_come_from_their_source() {
    let settings = TcpSettings::default();
    let listener = listen_tcp(LOOPBACK, 10, &settings).expect("a listener");
    let target = (Ipv4Addr::LOCALHOST, port(&listener)).into();
    let source = (Ipv4Addr::new(127, 0, 0, 2), 0).into();
    let _near = connected(connect_tcp(target, Some(source), &settings).expect("started"));
    assert_eq!(accepted(&listener).peer_address(), "127.0.0.2");
}

#[test]
fn settings_reach_both_ends() {
    let details = KeepAlive { on: true, count: Some(7), idle: Some(321), interval: Some(43) };
    let settings = TcpSettings {
        send_buffer: Some(20_000),
        receive_buffer: Some(30_000),
        keep_alive: Some(details),
        max_retransmit: 12_345,
        type_of_service: 0x28,
        priority: 3,
        ..Default::default()
    };
    let (_listener, near, far) = tcp_pair(&settings);
    for stream in [near, far] {
        use rustix::net::sockopt as option;
        assert_eq!(option::tcp_nodelay(&stream), Ok(true));
        assert_eq!(option::socket_send_buffer_size(&stream), Ok(40_000));
        assert_eq!(option::socket_recv_buffer_size(&stream), Ok(60_000));
        assert_eq!(option::socket_keepalive(&stream), Ok(true));
        assert_eq!(option::tcp_keepcnt(&stream), Ok(7));
        assert_eq!(option::tcp_keepidle(&stream).map(|idle| idle.as_secs()), Ok(321));
        assert_eq!(option::tcp_keepintvl(&stream).map(|interval| interval.as_secs()), Ok(43));
        assert_eq!(option::tcp_user_timeout(&stream), Ok(12_345));
        assert_eq!(option::ip_tos(&stream), Ok(0x28));
        assert_eq!(socket2::SockRef::from(&stream).priority().expect("priority"), 3);
    }
}

#[test]
fn descriptors_do_not_block_and_are_closed_on_exec() {
    let (listener, near, far) = tcp_pair(&TcpSettings::default());
    for fd in [listener.as_fd(), near.as_fd(), far.as_fd()] {
        assert!(rustix::io::fcntl_getfd(fd).expect("flags").contains(rustix::io::FdFlags::CLOEXEC));
        assert!(rustix::fs::fcntl_getfl(fd).expect("flags").contains(rustix::fs::OFlags::NONBLOCK));
    }
}

#[test]
fn abstract_names_are_taken_once_and_know_their_peers() {
    let text = format!("ferrozmq-test-{}-{}", std::process::id(), fastrand::u64(..));
    let name = UnixName::Abstract(&text);
    let listener = listen_unix(name, 10).expect("a listener");
    assert_eq!(listen_unix(name, 10).expect_err("taken").error, Error::AddressInUse);
    assert_eq!(listener.local_endpoint(), format!("ipc://@{text}"));
    let near = connected(connect_unix(name).expect("started")).expect("connected");
    let far = accepted(&listener);
    near.write_vectored(&[IoSlice::new(b"local")]).expect("sent");
    assert_eq!(receive(&far, 5), b"local");
    assert_eq!(near.remote_endpoint(), format!("ipc://@{text}"));
    assert_eq!(near.local_endpoint(), "ipc://");
    assert_eq!(far.remote_endpoint(), "ipc://");
    let own = Credentials {
        pid: std::process::id() as i32,
        uid: rustix::process::geteuid().as_raw(),
        gid: rustix::process::getegid().as_raw(),
    };
    assert_eq!(far.credentials(), Some(own));
    assert_eq!(far.peer_address(), format!("localhost:{}:{}:{}", own.uid, own.gid, own.pid));
    assert_eq!(far.peer_ip(), None);
}

#[test]
fn paths_are_replaced_and_stay_while_wildcards_go() {
    let listener = listen_unix_wildcard(10).expect("a listener");
    let file = listener.local_endpoint().strip_prefix("ipc://").expect("a path").to_owned();
    let directory = std::path::Path::new(&file).parent().expect("a directory").to_owned();
    assert!(directory.file_name().is_some_and(|name| name.to_string_lossy().len() == 9));
    let beside = directory.join("beside");
    let path = beside.to_str().expect("a text");
    std::fs::write(path, "in the way").expect("written");
    let first = listen_unix(UnixName::Path(path), 1).expect("a listener");
    let second = listen_unix(UnixName::Path(path), 1).expect("a listener");
    let near = connected(connect_unix(UnixName::Path(path)).expect("started")).expect("connected");
    let _far = accepted(&second);
    assert!(matches!(first.accept(), Err(AcceptError::WouldBlock)));
    drop((first, second, near));
    assert!(beside.exists());
    // With a stranger in it the directory cannot go.
    assert!(listener.close().is_err());
    assert!(!std::path::Path::new(&file).exists());
    std::fs::remove_dir_all(&directory).expect("removed");

    let clean = listen_unix_wildcard(10).expect("a listener");
    let file = clean.local_endpoint().strip_prefix("ipc://").expect("a path").to_owned();
    assert_eq!(clean.close(), Ok(()));
    assert!(!std::path::Path::new(&file).parent().expect("a directory").exists());
}

#[test]
fn nobody_listens_there() {
    let missing = connect_unix(UnixName::Path("/tmp/ferrozmq-no-such-directory/socket")).and_then(connected);
    assert_eq!(missing.expect_err("missing"), Error::NotFound);
    let nowhere = listen_unix(UnixName::Path("/tmp/ferrozmq-no-such-directory/socket"), 1);
    assert_eq!(nowhere.expect_err("missing").error, Error::NotFound);
    let unheard = connect_unix(UnixName::Abstract("ferrozmq-nobody")).and_then(connected);
    assert_eq!(unheard.expect_err("refused"), Error::Os(libc::ECONNREFUSED));
}

#[test]
fn listening_descriptors_are_taken_over_and_closed_once() {
    let given = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
    let endpoint = endpoint_text(given.local_addr().expect("an address"));
    let number = given.into_raw_fd();
    let first = Listener::adopt(number).expect("adopted");
    let second = Listener::adopt(number).expect("adopted again");
    assert_eq!(first.number(), number);
    assert_ne!(second.number(), number);
    assert_eq!(second.local_endpoint(), endpoint);
    assert!(matches!(first.accept(), Err(AcceptError::WouldBlock)));
    drop(first);
    assert!(matches!(second.accept(), Err(AcceptError::WouldBlock)));
    let target = (Ipv4Addr::LOCALHOST, port(&second)).into();
    let _near = connected(connect_tcp(target, None, &TcpSettings::default()).expect("started"));
    accepted(&second);
}

#[test]
fn other_descriptors_are_not_taken_over() {
    let file = std::fs::File::open("/dev/null").expect("a file");
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let idle = stream_socket(rustix::net::AddressFamily::INET).expect("a socket");
    for (number, error) in [
        (-1, Error::Os(libc::EBADF)),
        (1_000_000, Error::Os(libc::EBADF)),
        (file.as_raw_fd(), Error::Os(libc::ENOTSOCK)),
        (socket.as_raw_fd(), Error::Invalid),
        (idle.as_raw_fd(), Error::Invalid),
    ] {
        assert_eq!(Listener::adopt(number).expect_err("not adopted"), error);
    }
}

#[test]
fn group_members() {
    assert!(!is_group_member(4_000_000_001, 4_000_000_002));
    assert!(!is_group_member(0, 4_000_000_002));
}
