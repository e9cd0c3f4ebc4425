//! The table against the documented ranges, sizes and defaults.

use super::numbers as n;
use super::row::{Get, Row, Set};
use super::table::OPTIONS;
use super::*;
use crate::error::{Error, Result};
use proptest::prelude::*;
use std::time::Duration;

const DEALER: SocketType = SocketType::Dealer;
const BAD: Result<()> = Err(Error::Invalid);

fn fresh() -> SocketOptions {
    SocketOptions::new(DEALER, &ContextOptions::default())
}

fn set_int(options: &mut SocketOptions, option: i32, number: i32) -> Result<()> {
    options.set(DEALER, option, &number.to_ne_bytes()[..])
}

fn int(options: &SocketOptions, option: i32) -> Result<i32> {
    let mut buffer = [0; 4];
    options.get(DEALER, option, &mut buffer)?;
    Ok(i32::from_ne_bytes(buffer))
}

fn text(options: &SocketOptions, option: i32) -> Result<Vec<u8>> {
    let mut buffer = [0xFF; 400];
    let used = options.get(DEALER, option, &mut buffer)?;
    assert!(buffer[used..].iter().all(|byte| *byte == 0));
    Ok(buffer[..used].to_vec())
}

fn row(option: i32) -> &'static Row {
    OPTIONS.iter().find(|row| row.number == option).expect("a row")
}

#[test]
fn every_number_has_its_row() {
    let unused = [10, 20, 26, 29, 30, 67, 70, 82, 83];
    let expected: Vec<i32> = (4..=124).filter(|number| !unused.contains(number)).collect();
    assert_eq!(OPTIONS.iter().map(|row| row.number).collect::<Vec<_>>(), expected);
    let mut options = fresh();
    for option in unused.into_iter().chain([-1, 0, 3, 125, i32::MIN, i32::MAX]) {
        assert_eq!(set_int(&mut options, option, 1), BAD, "{option}");
        assert_eq!(int(&options, option), Err(Error::Invalid), "{option}");
    }
}

#[test]
fn ints_have_their_defaults_and_ranges() {
    const ALL: i32 = i32::MIN;
    // Number, default, smallest and largest value accepted.
    for (option, default, least, most) in [
        (n::RATE, 100, 1, i32::MAX),
        (n::RECOVERY_IVL, 10_000, 0, i32::MAX),
        (n::SNDBUF, -1, -1, i32::MAX),
        (n::RCVBUF, -1, -1, i32::MAX),
        (n::LINGER, -1, -1, i32::MAX),
        (n::RECONNECT_IVL, 100, -1, i32::MAX),
        (n::BACKLOG, 100, 0, i32::MAX),
        (n::RECONNECT_IVL_MAX, 0, 0, i32::MAX),
        (n::SNDHWM, 1000, 0, i32::MAX),
        (n::RCVHWM, 1000, 0, i32::MAX),
        (n::MULTICAST_HOPS, 1, 1, i32::MAX),
        (n::RCVTIMEO, -1, -1, i32::MAX),
        (n::SNDTIMEO, -1, -1, i32::MAX),
        (n::IPV4ONLY, 1, 0, 1),
        (n::TCP_KEEPALIVE, -1, -1, 1),
        (n::TCP_KEEPALIVE_CNT, -1, -1, i32::MAX),
        (n::TCP_KEEPALIVE_IDLE, -1, -1, i32::MAX),
        (n::TCP_KEEPALIVE_INTVL, -1, -1, i32::MAX),
        (n::IMMEDIATE, 0, 0, 1),
        (n::IPV6, 0, 0, 1),
        (n::PLAIN_SERVER, 0, 0, 1),
        (n::CONFLATE, 0, 0, 1),
        (n::TOS, 0, 0, i32::MAX),
        (n::HANDSHAKE_IVL, 30_000, 0, i32::MAX),
        (n::HEARTBEAT_IVL, 0, 0, i32::MAX),
        (n::HEARTBEAT_TIMEOUT, -1, 0, i32::MAX),
        (n::CONNECT_TIMEOUT, 0, 0, i32::MAX),
        (n::TCP_MAXRT, 0, 0, i32::MAX),
        (n::MULTICAST_MAXTPDU, 1500, 1, i32::MAX),
        (n::USE_FD, -1, -1, i32::MAX),
        (n::IN_BATCH_SIZE, 8192, 1, i32::MAX),
        (n::OUT_BATCH_SIZE, 8192, 1, i32::MAX),
        (n::RECONNECT_STOP, 0, ALL, i32::MAX),
        (n::PRIORITY, 0, 0, i32::MAX),
    ] {
        assert_eq!(int(&fresh(), option), Ok(default), "{option}");
        let around = [i32::MIN, -2, -1, 0, 1, 2, i32::MAX];
        for number in around.into_iter().chain([least, most, least.saturating_sub(1), most.saturating_add(1)])
        {
            let mut options = fresh();
            let expected = if (least..=most).contains(&number) { Ok(()) } else { BAD };
            assert_eq!(set_int(&mut options, option, number), expected, "{option} = {number}");
            let read = if expected.is_ok() { number } else { default };
            assert_eq!(int(&options, option), Ok(read), "{option} = {number}");
        }
    }
}

#[test]
fn ints_that_read_differently() {
    for (option, number, read) in [
        (n::INVERT_MATCHING, -5, 1),
        (n::INVERT_MATCHING, 0, 0),
        (n::ZAP_ENFORCE_DOMAIN, 2, 1),
        (n::MULTICAST_LOOP, 7, 1),
        (n::LOOPBACK_FASTPATH, -1, 1),
        (n::HEARTBEAT_TTL, -99, 0),
        (n::HEARTBEAT_TTL, 99, 0),
        (n::HEARTBEAT_TTL, 100, 100),
        (n::HEARTBEAT_TTL, 6_553_599, 6_553_500),
    ] {
        let mut options = fresh();
        assert_eq!(set_int(&mut options, option, number), Ok(()));
        assert_eq!(int(&options, option), Ok(read), "{option} = {number}");
    }
    for number in [i32::MIN, -100, 6_553_600, i32::MAX] {
        assert_eq!(set_int(&mut fresh(), n::HEARTBEAT_TTL, number), BAD);
    }
    let mut options = fresh();
    assert_eq!(set_int(&mut options, n::IPV4ONLY, 0), Ok(()));
    assert_eq!((int(&options, n::IPV6), options.ipv6()), (Ok(1), true));
    assert_eq!(set_int(&mut options, n::BUSY_POLL, -3), Ok(()));
    assert_eq!(int(&options, n::BUSY_POLL), Err(Error::Invalid));
}

#[test]
fn wide_ints() {
    let mut options = fresh();
    for (option, default) in [(n::AFFINITY, 0_i64), (n::MAXMSGSIZE, -1)] {
        let mut buffer = [0; 8];
        assert_eq!(options.get(DEALER, option, &mut buffer), Ok(8));
        assert_eq!(i64::from_ne_bytes(buffer), default);
        assert_eq!(options.set(DEALER, option, &i64::MIN.to_ne_bytes()[..]), Ok(()));
        assert_eq!(options.get(DEALER, option, &mut buffer), Ok(8));
        assert_eq!(i64::from_ne_bytes(buffer), i64::MIN);
        assert_eq!(options.set(DEALER, option, &[0; 4][..]), BAD);
        assert_eq!(options.get(DEALER, option, &mut [0; 9]), Err(Error::Invalid));
    }
    assert_eq!((options.affinity(), options.max_message_size()), (1 << 63, None));
}

#[test]
fn sizes_are_exact() {
    let mut options = fresh();
    for row in OPTIONS.iter().filter(|row| matches!(row.set, Set::Int(..)) && matches!(row.get, Get::Int(_)))
    {
        for size in [0, 1, 3, 5, 8] {
            assert_eq!(options.set(DEALER, row.number, &vec![0; size][..]), BAD, "{}", row.name);
            assert_eq!(options.get(DEALER, row.number, &mut vec![0; size]), Err(Error::Invalid));
        }
        assert_eq!(options.set(DEALER, row.number, None), BAD, "{}", row.name);
    }
}

#[test]
fn texts_and_bytes_have_lengths() {
    let long = [b'a'; 300];
    // Number, longest accepted, whether NULL and whether an empty value do something.
    for (option, most, null, empty) in [
        (n::ROUTING_ID, 255, false, false),
        (n::PLAIN_USERNAME, 255, true, false),
        (n::PLAIN_PASSWORD, 255, true, false),
        (n::ZAP_DOMAIN, 255, false, false),
        (n::SOCKS_PROXY, 300, true, false),
        (n::BINDTODEVICE, 16, true, false),
        (n::SOCKS_USERNAME, 255, true, true),
        (n::SOCKS_PASSWORD, 255, true, true),
    ] {
        let terminator = usize::from(option != n::ROUTING_ID);
        for length in [1, 4, 16, 17, 255, 256, 300] {
            let mut options = fresh();
            let expected = if length <= most { Ok(()) } else { BAD };
            assert_eq!(options.set(DEALER, option, &long[..length]), expected, "{option}: {length}");
            let mut stored = long[..if length <= most { length } else { 0 }].to_vec();
            stored.resize(stored.len() + terminator, 0);
            assert_eq!(text(&options, option), Ok(stored), "{option}: {length}");
        }
        let mut options = fresh();
        let result = |does| if does { Ok(()) } else { BAD };
        assert_eq!(options.set(DEALER, option, &b""[..]), result(empty), "{option}");
        assert_eq!(options.set(DEALER, option, None), result(null), "{option}");
        assert_eq!(options.get(DEALER, option, &mut vec![0; terminator]), Ok(terminator));
    }
}

#[test]
fn plain_options_select_the_mechanism() {
    let mut options = fresh();
    let state = |options: &SocketOptions| {
        (int(options, n::MECHANISM).expect("a number"), int(options, n::PLAIN_SERVER).expect("a number"))
    };
    assert_eq!(state(&options), (n::NULL, 0));
    assert_eq!(options.check_security(), Ok(()));
    assert_eq!(set_int(&mut options, n::PLAIN_SERVER, 1), Ok(()));
    assert_eq!(state(&options), (n::PLAIN, 1));
    assert_eq!(options.check_security(), Ok(()));
    assert_eq!(options.set(DEALER, n::PLAIN_PASSWORD, &b"pw"[..]), Ok(()));
    assert_eq!(state(&options), (n::PLAIN, 0));
    assert_eq!(options.mechanism(), Mechanism::Plain);
    assert_eq!(options.set(DEALER, n::PLAIN_USERNAME, None), Ok(()));
    assert_eq!(state(&options), (n::NULL, 0));
    assert_eq!(text(&options, n::PLAIN_PASSWORD), Ok(b"pw\0".to_vec()));
    assert_eq!(options.set(DEALER, n::PLAIN_PASSWORD, None), Ok(()));
    assert_eq!(text(&options, n::PLAIN_PASSWORD), Ok(b"pw\0".to_vec()));
    assert_eq!(set_int(&mut options, n::PLAIN_SERVER, 1), Ok(()));
    assert_eq!(set_int(&mut options, n::PLAIN_SERVER, 0), Ok(()));
    assert_eq!(state(&options), (n::NULL, 0));
    assert_eq!(options.check_security(), Ok(()));
    assert_eq!(options.set(DEALER, n::ZAP_DOMAIN, &b"global"[..]), Ok(()));
    assert_eq!(options.check_security(), Ok(()));
}

#[test]
fn no_connection_is_made_without_the_mechanism_asked_for() {
    let mut options = fresh();
    options.security.mechanism = Mechanism::Gssapi;
    assert_eq!(options.check_security(), Err(Error::ProtocolNotSupported));
}

#[test]
fn no_secret_is_printed() {
    let mut options = fresh();
    assert_eq!(options.set(DEALER, n::PLAIN_PASSWORD, &b"secret"[..]), Ok(()));
    let printed = format!("{options:?}");
    assert!(printed.contains("Plain") && !printed.contains(&format!("{:?}", b"secret")));
}

#[test]
fn a_proxy_is_not_gone_around() {
    let mut options = fresh();
    assert_eq!(options.set(DEALER, n::SOCKS_PROXY, &b"127.0.0.1:1080"[..]), Ok(()));
    assert_eq!(options.check_proxy(), Err(Error::ProtocolNotSupported));
    assert_eq!(options.set(DEALER, n::SOCKS_PROXY, None), Ok(()));
    assert_eq!(options.check_proxy(), Ok(()));
}

#[test]
fn keys_come_in_three_shapes() {
    const TEXT: &[u8; 41] = b"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\0";
    let mut options = fresh();
    for row in [row(n::CURVE_PUBLICKEY), row(n::CURVE_SECRETKEY), row(n::CURVE_SERVERKEY)] {
        let (mut raw, mut shown) = ([0; 32], [0; 41]);
        assert_eq!(row.set(&mut options, Some(TEXT)), Ok(()));
        assert_eq!(row.get(&options, DEALER, &mut raw), Ok(32));
        assert_eq!(row.set(&mut options, Some(&[0; 32])), Ok(()));
        assert_eq!(row.set(&mut options, Some(&TEXT[..40])), Ok(()));
        assert_eq!(row.get(&options, DEALER, &mut shown), Ok(41));
        assert_eq!(&shown, TEXT);
        assert_eq!(row.set(&mut options, Some(&raw)), Ok(()));
        assert_eq!(row.get(&options, DEALER, &mut shown), Ok(41));
        assert_eq!(&shown, TEXT);
        let unterminated = [b'0'; 41];
        for value in [None, Some(&b""[..]), Some(&TEXT[..39]), Some(&unterminated), Some(&[b' '; 40])] {
            assert_eq!(row.set(&mut options, value), BAD);
        }
        for size in [0, 31, 33, 40, 42, 100] {
            assert_eq!(row.get(&options, DEALER, &mut vec![0; size]), Err(Error::Invalid));
        }
    }
    assert_eq!(options.mechanism(), Mechanism::Curve);
    assert_eq!(row(n::CURVE_SERVER).set(&mut options, Some(&1_i32.to_ne_bytes())), Ok(()));
    assert!(options.security().as_server);
}

#[test]
fn features_that_are_not_there_are_refused() {
    let mut options = fresh();
    let before = options.clone();
    for row in OPTIONS.iter().filter(|row| row.state.is_refused()) {
        for size in [0, 4, 8, 32, 40, 41] {
            assert_eq!(options.set(DEALER, row.number, &vec![b'0'; size][..]), BAD, "{}", row.name);
            assert_eq!(options.get(DEALER, row.number, &mut vec![0; size]), Err(Error::Invalid));
        }
    }
    assert_eq!(options, before);
    let refused: Vec<i32> = (62..=65).chain(85..=88).chain([90, 91]).chain(117..=124).collect();
    assert!(refused.into_iter().all(|option| row(option).state.is_refused()));
}

#[test]
fn options_of_the_socket_or_its_pattern_are_not_answered_here() {
    let mut options = fresh();
    for option in
        [n::SUBSCRIBE, n::ROUTER_MANDATORY, n::STREAM_NOTIFY, n::RCVMORE, n::EVENTS, n::LAST_ENDPOINT]
    {
        for socket_type in (0..=20).filter_map(SocketType::from_number) {
            assert_eq!(options.set(socket_type, option, &1_i32.to_ne_bytes()[..]), BAD);
            assert_eq!(options.get(socket_type, option, &mut [0; 4]), Err(Error::Invalid));
        }
    }
    assert_eq!(int(&options, n::ROUTER_NOTIFY), Ok(0));
    assert_eq!(int(&options, n::TYPE), Ok(DEALER.number()));
    assert_eq!(int(&options, n::THREAD_SAFE), Ok(0));
    let mut wide = [9; 8];
    assert_eq!(options.get(SocketType::Server, n::THREAD_SAFE, &mut wide), Ok(4));
    assert_eq!(wide, [1_i32.to_ne_bytes(), [0; 4]].concat()[..]);
}

#[test]
fn metadata_properties() {
    let mut options = fresh();
    let long = [b"X-".as_slice(), &[b'n'; 254], b":v"].concat();
    for (value, expected) in [
        (Some(&b"X-a:1"[..]), Ok(())),
        (Some(b"X-a:2"), Ok(())),
        (Some(b"X-b:c:d"), Ok(())),
        (Some(&long[1..]), BAD),
        (Some(&long), BAD),
        (Some(b"X-:v"), BAD),
        (Some(b"X-:valu"), Ok(())),
        (Some(b"Y-a:1"), BAD),
        (Some(b"x-a:1"), BAD),
        (Some(b"X-abc"), BAD),
        (Some(b"X-abc:"), BAD),
        (Some(b":value"), BAD),
        (Some(b"X-\xff:v"), BAD),
        (Some(b""), BAD),
        (None, BAD),
    ] {
        assert_eq!(options.set(DEALER, n::METADATA, value), expected, "{value:?}");
    }
    let expected = [("X-a", &b"1"[..]), ("X-b", b"c:d"), ("X-", b"valu")];
    let stored = options.application_metadata().iter().map(|(name, value)| (name.as_str(), value.as_slice()));
    assert_eq!(stored.collect::<Vec<_>>(), expected);
}

#[test]
fn accept_filters_are_added_and_cleared() {
    let mut options = fresh();
    let (inside, outside) = ([10, 1, 2, 3].into(), [127, 0, 0, 1].into());
    assert!(options.admits_ip(outside));
    assert_eq!(options.set(DEALER, n::TCP_ACCEPT_FILTER, &b"10.0.0.0/8"[..]), Ok(()));
    assert_eq!(options.set(DEALER, n::TCP_ACCEPT_FILTER, &b""[..]), BAD);
    assert!(options.admits_ip(inside) && !options.admits_ip(outside));
    assert_eq!(options.set(DEALER, n::TCP_ACCEPT_FILTER, &b"127.0.0.1"[..]), Ok(()));
    assert!(options.admits_ip(inside) && options.admits_ip(outside));
    assert_eq!(options.set(DEALER, n::TCP_ACCEPT_FILTER, None), Ok(()));
    assert!(options.admits_ip([1, 1, 1, 1].into()));
}

#[test]
fn process_filters_admit_what_matches_one_of_them() {
    const PEER: (u32, u32, i32) = (1000, 100, 4242);
    // Options set, groups that list the user, whether the peer is admitted.
    for (settings, groups, admitted) in [
        (&[][..], &[][..], true),
        (&[(n::IPC_FILTER_PID, 4242)], &[], true),
        (&[(n::IPC_FILTER_PID, 1)], &[], false),
        (&[(n::IPC_FILTER_UID, 1000)], &[], true),
        (&[(n::IPC_FILTER_UID, 4242)], &[], false),
        (&[(n::IPC_FILTER_GID, 100)], &[], true),
        (&[(n::IPC_FILTER_GID, 7)], &[], false),
        (&[(n::IPC_FILTER_GID, 7)], &[7], true),
        (&[(n::IPC_FILTER_UID, 1), (n::IPC_FILTER_PID, 4242)], &[], true),
        (&[(n::IPC_FILTER_PID, 1), (n::IPC_FILTER_PID, 4242)], &[], true),
        (&[(n::IPC_FILTER_UID, 1)], &[1, 7, 1000], false),
    ] {
        let mut options = fresh();
        for (option, number) in settings {
            assert_eq!(set_int(&mut options, *option, *number), Ok(()));
            assert_eq!(options.set(DEALER, *option, &[0; 8][..]), BAD);
            assert_eq!(options.set(DEALER, *option, &b""[..]), BAD);
        }
        let is_member = |gid| groups.contains(&gid);
        assert_eq!(options.admits_process(PEER.0, PEER.1, PEER.2, is_member), admitted, "{settings:?}");
        for (option, _) in settings {
            assert_eq!(options.set(DEALER, *option, None), Ok(()));
        }
        assert!(options.admits_process(PEER.0, PEER.1, PEER.2, |_| false));
    }
}

#[test]
fn type_and_context_choose_defaults() {
    let mut context = ContextOptions::default();
    let linger = |socket_type, context: &ContextOptions| SocketOptions::new(socket_type, context).linger();
    for socket_type in (0..=20).filter_map(SocketType::from_number) {
        let expected = match socket_type {
            SocketType::Sub | SocketType::Xsub | SocketType::Dish => Some(Duration::ZERO),
            _ => None,
        };
        assert_eq!(linger(socket_type, &context), expected);
    }
    assert_eq!(context.set_int(n::BLOCKY, 0), Ok(()));
    assert_eq!(context.set_int(n::IPV6, 2), Ok(()));
    assert_eq!(linger(DEALER, &context), Some(Duration::ZERO));
    assert!(SocketOptions::new(DEALER, &context).ipv6());
}

#[test]
fn values_are_told_in_their_units() {
    let mut options = fresh();
    for (option, number) in [
        (n::LINGER, 0),
        (n::HEARTBEAT_IVL, 1500),
        (n::HEARTBEAT_TTL, 2500),
        (n::HANDSHAKE_IVL, 0),
        (n::CONNECT_TIMEOUT, 7),
        (n::RECONNECT_STOP, 5),
        (n::TCP_KEEPALIVE, 0),
        (n::TCP_KEEPALIVE_IDLE, 60),
        (n::SNDBUF, 0),
        (n::TOS, 0x1B8),
    ] {
        assert_eq!(set_int(&mut options, option, number), Ok(()));
    }
    assert_eq!(options.linger(), Some(Duration::ZERO));
    assert_eq!(options.heartbeat_interval(), Some(Duration::from_millis(1500)));
    assert_eq!(options.heartbeat_timeout(Duration::from_secs(1)), Some(Duration::from_secs(1)));
    assert_eq!(options.heartbeat_ttl(), 25);
    assert_eq!(options.handshake_interval(), None);
    assert_eq!(options.connect_timeout(), Some(Duration::from_millis(7)));
    assert!(options.stops_when_refused() && options.stops_after_disconnect());
    assert!(!options.stops_when_handshake_fails());
    let settings = options.tcp_settings();
    let keep_alive = settings.keep_alive.expect("set");
    assert!(!keep_alive.on && keep_alive.idle == Some(60) && keep_alive.count.is_none());
    assert_eq!((settings.send_buffer, settings.receive_buffer), (Some(0), None));
    assert_eq!(settings.type_of_service, 0xB8);
    assert_eq!(set_int(&mut options, n::HEARTBEAT_TIMEOUT, 0), Ok(()));
    assert_eq!(options.heartbeat_timeout(Duration::from_secs(1)), None);
}

proptest! {
    #[test]
    fn nothing_that_c_passes_panics(
        option in -2..130_i32,
        type_number in 0..21_i32,
        value in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..300)),
        size in 0..300_usize,
    ) {
        let socket_type = SocketType::from_number(type_number).expect("a type");
        let mut options = SocketOptions::new(socket_type, &ContextOptions::default());
        let before = options.clone();
        if options.set(socket_type, option, value.as_deref()).is_err() {
            prop_assert_eq!(&options, &before);
        }
        let mut buffer = vec![0xFF; size];
        match options.get(socket_type, option, &mut buffer) {
            Ok(used) => prop_assert!(used <= size && buffer[used..].iter().all(|byte| *byte == 0)),
            Err(error) => {
                prop_assert_eq!(error, Error::Invalid);
                prop_assert!(buffer.iter().all(|byte| *byte == 0xFF));
            }
        }
        let _ = (options.tcp_settings(), options.linger(), options.reconnect_interval());
    }

    #[test]
    fn accepted_ints_are_read_back(index in 0..OPTIONS.len(), number in any::<i32>()) {
        let Row { number: option, set: Set::Int(rule, _), get: Get::Int(_), .. } = &OPTIONS[index] else {
            return Ok(());
        };
        let mut options = fresh();
        let rounded = *option == n::HEARTBEAT_TTL;
        if set_int(&mut options, *option, number).is_ok() && !rounded {
            prop_assert_eq!(int(&options, *option), rule.check(number));
        }
    }
}
