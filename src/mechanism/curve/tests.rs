//! Handshakes and traffic command by command: byte for byte as captured, between our own two sides, and
//! with everything that can be wrong.

use super::super::{
    Choice, Cipher, CurveKeys, Failure, Finished, Local, Mechanism, Question, Security, Verdict,
};
use super::*;
use crate::curve::{KEY, PublicKey, Random, SecretKey};
use crate::error::Error;
use crate::msg::Flags;
use crate::options::SocketType;
use proptest::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

const CLIENT_SECRET: [u8; KEY] = [0x11; KEY];
const SERVER_SECRET: [u8; KEY] = [0x22; KEY];

fn local(socket_type: SocketType) -> Local<'static> {
    Local { socket_type, routing_id: b"", application: &[] }
}

// ---- randomness ----

thread_local! {
    static DRAWN: Cell<u8> = const { Cell::new(0) };
    static SCRIPT: RefCell<VecDeque<Vec<u8>>> = const { RefCell::new(VecDeque::new()) };
}

/// Different ones each time.
const DIFFERENT: Random = |room| {
    DRAWN.set(DRAWN.get().wrapping_add(1));
    room.fill(DRAWN.get());
    Ok(())
};

/// Those that a capture was made with.
const SCRIPTED: Random = |room| {
    let next = SCRIPT.with_borrow_mut(VecDeque::pop_front).expect("more than was foreseen");
    room.copy_from_slice(&next);
    Ok(())
};

const NONE: Random = |_| Err(Error::Os(libc::ENOSYS));

fn script(draws: &[&[u8]]) {
    SCRIPT.set(draws.iter().map(|draw| draw.to_vec()).collect());
}

// ---- two sides ----

fn client_with(secret: [u8; KEY], server: PublicKey) -> Box<dyn Mechanism> {
    let secret = SecretKey::new(&secret);
    let mechanism = Choice::CurveClient(CurveKeys { public: secret.public(), secret, server });
    let security = Security { mechanism, ..Security::default() };
    security.start(&local(SocketType::Dealer), DIFFERENT).expect("a server's key")
}

fn client() -> Box<dyn Mechanism> {
    client_with(CLIENT_SECRET, SecretKey::new(&SERVER_SECRET).public())
}

fn server_of(security: Security) -> Box<dyn Mechanism> {
    let mechanism = Choice::CurveServer(SecretKey::new(&SERVER_SECRET));
    Security { mechanism, ..security }.start(&local(SocketType::Router), DIFFERENT).expect("nothing missing")
}

fn server() -> Box<dyn Mechanism> {
    server_of(Security::default())
}

/// What a client and a server say up to READY.
struct Said {
    hello: Vec<u8>,
    welcome: Vec<u8>,
    initiate: Vec<u8>,
    ready: Vec<u8>,
}

/// A whole handshake.
fn shake(client: &mut dyn Mechanism, server: &mut dyn Mechanism) -> Said {
    let hello = client.next_command().expect("HELLO");
    server.handle_command(&hello).expect("HELLO");
    let welcome = server.next_command().expect("WELCOME");
    client.handle_command(&welcome).expect("WELCOME");
    let initiate = client.next_command().expect("INITIATE");
    server.handle_command(&initiate).expect("INITIATE");
    if server.question().is_some() {
        server.handle_verdict(Verdict::Absent).expect("not needed");
    }
    let ready = server.next_command().expect("READY");
    client.handle_command(&ready).expect("READY");
    Said { hello, welcome, initiate, ready }
}

/// The ciphers of a client and a server.
fn ciphers() -> (Box<dyn Cipher>, Box<dyn Cipher>) {
    let (mut client, mut server) = (client(), server());
    shake(&mut *client, &mut *server);
    let cipher = |finished: Finished| finished.cipher.expect("traffic is sealed");
    (cipher(client.finish().expect("through")), cipher(server.finish().expect("through")))
}

fn sealed(cipher: &mut dyn Cipher, flags: Flags, body: &[u8]) -> Vec<u8> {
    let mut out = b"before".to_vec();
    cipher.seal(flags, body, &mut out);
    assert_eq!(out.len(), 6 + cipher.overhead() + body.len());
    out.split_off(6)
}

fn opened(cipher: &mut dyn Cipher, sealed: &[u8]) -> Result<(Flags, Vec<u8>), Failure> {
    let mut sealed = sealed.to_vec();
    let flags = cipher.open(&mut sealed)?;
    Ok((flags, sealed[cipher.overhead()..].to_vec()))
}

// ---- captured bytes ----

const RAW_CLIENT: &str = include_str!("../../../tests/vectors/curve_raw_client.txt");
const RAW_SERVER: &str = include_str!("../../../tests/vectors/curve_raw_server.txt");

fn hex(text: &str) -> Vec<u8> {
    let byte = |pair: &str| u8::from_str_radix(pair, 16).expect("hexadecimal");
    let group = |group: &str| match group.split_once('*') {
        Some((pair, times)) => vec![byte(pair); times.parse().expect("a count")],
        None => (0..group.len()).step_by(2).map(|at| byte(&group[at..at + 2])).collect(),
    };
    text.split(' ').flat_map(group).collect()
}

/// What comes after some words in the comments, a key.
fn told(text: &str, words: &str) -> [u8; KEY] {
    let (_, rest) = text.split_once(words).expect("told");
    hex(&rest[..2 * KEY]).try_into().expect("a key")
}

/// The bodies of a side's frames, from the first command on.
fn bodies(text: &str, side: &str) -> Vec<Vec<u8>> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(side)?.strip_prefix(' '));
    let bytes = lines.map(|line| hex(line.split("  #").next().expect("data")));
    let frames = bytes.filter(|bytes| matches!(bytes[..], [0 | 4 | 6, _, _, ..]));
    frames.map(|frame| frame[if frame[0] & 2 == 2 { 9 } else { 2 }..].to_vec()).collect()
}

#[test]
fn a_client_with_captured_secrets_says_the_captured_bytes() {
    let (theirs, ours) = (bodies(RAW_CLIENT, "S"), bodies(RAW_CLIENT, "C"));
    let own = told(RAW_CLIENT, "client ephemeral secret c' = ");
    script(&[&own, &std::array::from_fn::<u8, LONG, _>(|at| at as u8)]);
    let secret = SecretKey::new(&told(RAW_CLIENT, "client long-term secret c = "));
    let keys = CurveKeys {
        public: secret.public(),
        secret,
        server: told(RAW_CLIENT, "server long-term public S = "),
    };
    let security = Security { mechanism: Choice::CurveClient(keys), ..Security::default() };
    let local = Local { routing_id: b"raw", ..local(SocketType::Dealer) };
    let mut client = security.start(&local, SCRIPTED).expect("a server's key");
    assert_eq!(client.next_command().expect("HELLO"), ours[0]);
    client.handle_command(&theirs[0]).expect("WELCOME");
    assert_eq!(client.next_command().expect("INITIATE"), ours[1]);
    client.handle_command(&theirs[1]).expect("READY");
    let finished = client.finish().expect("through");
    assert_eq!(finished.peer.value("Socket-Type"), Some(&b"ROUTER"[..]));
    let mut cipher = finished.cipher.expect("traffic is sealed");
    assert_eq!(sealed(&mut *cipher, Flags::MORE, b"one"), ours[2]);
    assert_eq!(sealed(&mut *cipher, Flags::empty(), b"two"), ours[3]);
    assert_eq!(sealed(&mut *cipher, Flags::COMMAND, b"\x04PING\0\0ctx"), ours[4]);
    assert_eq!(opened(&mut *cipher, &theirs[2]), Ok((Flags::empty(), b"re".to_vec())));
    assert_eq!(opened(&mut *cipher, &theirs[3]), Ok((Flags::COMMAND, b"\x04PONGctx".to_vec())));
}

#[test]
fn a_server_with_captured_secrets_says_the_captured_bytes() {
    let (theirs, ours) = (bodies(RAW_SERVER, "C"), bodies(RAW_SERVER, "S"));
    let own = told(RAW_SERVER, "server ephemeral secret s' = ");
    // The nonces can be read: one in WELCOME, one in the cookie that comes back.
    let (cookie_nonce, welcome_nonce) = (&theirs[1][9..25], &ours[0][8..24]);
    script(&[&own, &told(RAW_SERVER, "cookie key = "), cookie_nonce, welcome_nonce]);
    let secret = SecretKey::new(&told(RAW_SERVER, "server long-term secret s = "));
    let security = Security { mechanism: Choice::CurveServer(secret), ..Security::default() };
    let mut server = security.start(&local(SocketType::Router), SCRIPTED).expect("nothing missing");
    server.handle_command(&theirs[0]).expect("HELLO");
    assert_eq!(server.next_command().expect("WELCOME"), ours[0]);
    server.handle_command(&theirs[1]).expect("INITIATE");
    let question = server.question().expect("a question");
    let client = told(RAW_SERVER, "client long-term public C = ").to_vec();
    assert_eq!(question, Question { mechanism: "CURVE", credentials: vec![client] });
    server.handle_verdict(Verdict::Absent).expect("not needed");
    assert_eq!(server.next_command().expect("READY"), ours[1]);
    let mut cipher = server.finish().expect("through").cipher.expect("traffic is sealed");
    assert_eq!(opened(&mut *cipher, &theirs[2]), Ok((Flags::MORE, b"hello".to_vec())));
    assert_eq!(opened(&mut *cipher, &theirs[3]), Ok((Flags::empty(), b"".to_vec())));
    assert_eq!(sealed(&mut *cipher, Flags::empty(), b"answer"), ours[2]);
}

// ---- the handshake ----

#[test]
fn commands_have_the_sizes_of_the_protocol_and_nothing_in_the_clear() {
    let (mut client, mut server) = (client(), server());
    let said = shake(&mut *client, &mut *server);
    let properties = local(SocketType::Dealer).properties().len();
    assert_eq!((said.hello.len(), said.welcome.len(), said.initiate.len()), (200, 168, 257 + properties));
    assert_eq!(said.ready.len(), 30 + local(SocketType::Router).properties().len());
    for command in [&said.hello, &said.welcome, &said.initiate, &said.ready] {
        assert!(!command.windows(11).any(|bytes| bytes == b"Socket-Type"));
        for secret in [&CLIENT_SECRET, &SERVER_SECRET, &SecretKey::new(&CLIENT_SECRET).public()] {
            assert!(!command.windows(KEY).any(|bytes| bytes == secret));
        }
    }
    assert_eq!(server.finish().expect("through").peer.value("Socket-Type"), Some(&b"DEALER"[..]));
    assert!(server.finish().is_none(), "once: never without its cipher");
}

#[test]
fn the_authenticator_decides_about_the_clients_key() {
    let accepted = || {
        let properties = vec![("Identity".to_owned(), b"by handler".to_vec())];
        Verdict::Accepted { user_id: b"alice".to_vec(), properties }
    };
    let asked = |security: Security| {
        let (mut client, mut server) = (client(), server_of(security));
        server.handle_command(&client.next_command().expect("HELLO")).expect("HELLO");
        client.handle_command(&server.next_command().expect("WELCOME")).expect("WELCOME");
        server.handle_command(&client.next_command().expect("INITIATE")).expect("INITIATE");
        (client, server)
    };
    let domain = |zap_enforced| Security { zap_domain: b"d".to_vec(), zap_enforced, ..Security::default() };

    let (_, mut server) = asked(domain(false));
    let question = server.question().expect("a question");
    let public = SecretKey::new(&CLIENT_SECRET).public();
    assert_eq!(question, Question { mechanism: "CURVE", credentials: vec![public.to_vec()] });
    assert!(server.question().is_none() && server.next_command().is_none() && server.finish().is_none());
    assert_eq!(server.handle_command(b"\x05HELLO"), Err(Violation::CommandOutOfTurn.into()));
    server.handle_verdict(accepted()).expect("accepted");
    server.next_command().expect("READY");
    let finished = server.finish().expect("through");
    assert_eq!(finished.routing_id, b"by handler", "what it says comes last");
    assert_eq!(finished.authenticated[0], ("User-Id".to_owned(), b"alice".to_vec()));

    for status in [400, 500] {
        let (mut client, mut server) = asked(Security::default());
        server.question().expect("a question");
        server.handle_verdict(Verdict::Refused(status)).expect("refused");
        let error = server.next_command().expect("ERROR");
        assert_eq!(error, format!("\x05ERROR\x03{status}").as_bytes());
        assert_eq!(client.handle_command(&error), Err(Failure::Refused(Some(status))));
        assert!(server.next_command().is_none() && server.finish().is_none());
    }
    let (_, mut server) = asked(Security::default());
    server.question().expect("a question");
    server.handle_verdict(Verdict::Refused(300)).expect("refused");
    assert!(server.next_command().is_none() && server.finish().is_none(), "those hear nothing");

    for (security, absent) in [
        (Security::default(), Ok(())),
        (domain(false), Ok(())),
        (domain(true), Err(Failure::NoAuthenticator)),
    ] {
        let (_, mut server) = asked(security);
        server.question().expect("a question");
        assert_eq!(server.handle_verdict(Verdict::Absent), absent);
        assert_eq!(server.next_command().is_some(), absent.is_ok());
    }
    let (_, mut server) = asked(Security { zap_enforced: true, ..Security::default() });
    assert!(server.question().is_none(), "no domain to ask about");
    server.next_command().expect("READY");
}

#[test]
fn nobody_gets_through_with_the_wrong_key() {
    // The client takes another server for this one.
    let mut astray = client_with(CLIENT_SECRET, SecretKey::new(&[9; KEY]).public());
    let hello = astray.next_command().expect("HELLO");
    assert_eq!(server().handle_command(&hello), Err(Violation::Unopenable.into()));

    // Its own two keys are not a pair.
    let keys = CurveKeys {
        public: SecretKey::new(&[9; KEY]).public(),
        secret: SecretKey::new(&CLIENT_SECRET),
        server: SecretKey::new(&SERVER_SECRET).public(),
    };
    let security = Security { mechanism: Choice::CurveClient(keys), ..Security::default() };
    let mut client = security.start(&local(SocketType::Dealer), DIFFERENT).expect("a server's key");
    let mut server = server();
    server.handle_command(&client.next_command().expect("HELLO")).expect("HELLO");
    client.handle_command(&server.next_command().expect("WELCOME")).expect("WELCOME");
    let initiate = client.next_command().expect("INITIATE");
    assert_eq!(server.handle_command(&initiate), Err(Violation::Unopenable.into()));
}

#[test]
fn a_server_key_that_is_none_is_found_out_before_anything_is_said() {
    let secret = SecretKey::new(&CLIENT_SECRET);
    let keys = CurveKeys { public: secret.public(), secret, server: [0; KEY] };
    let security = Security { mechanism: Choice::CurveClient(keys), ..Security::default() };
    let started = security.start(&local(SocketType::Dealer), DIFFERENT);
    assert_eq!(started.err(), Some(Violation::Unopenable.into()));
}

#[test]
fn without_randomness_there_is_no_handshake() {
    let mechanism = Choice::CurveServer(SecretKey::new(&SERVER_SECRET));
    let security = Security { mechanism, ..Security::default() };
    let mut server = security.start(&local(SocketType::Router), NONE).expect("nothing needed yet");
    let hello = client().next_command().expect("HELLO");
    assert_eq!(server.handle_command(&hello), Err(Failure::NoRandomness));
    let secret = SecretKey::new(&CLIENT_SECRET);
    let server = SecretKey::new(&SERVER_SECRET).public();
    let keys = CurveKeys { public: secret.public(), secret, server };
    let security = Security { mechanism: Choice::CurveClient(keys), ..Security::default() };
    let started = security.start(&local(SocketType::Dealer), NONE);
    assert_eq!(started.err(), Some(Failure::NoRandomness));
}

#[test]
fn what_is_said_on_one_connection_is_worth_nothing_on_another() {
    let (mut client_a, mut server_a) = (client(), server());
    let said = shake(&mut *client_a, &mut *server_a);
    let (mut client_b, mut server_b) = (client(), server());
    // The same HELLO is answered, but not with the same keys.
    server_b.handle_command(&said.hello).expect("HELLO");
    assert_ne!(server_b.next_command().expect("WELCOME"), said.welcome);
    assert_eq!(server_b.handle_command(&said.initiate), Err(Violation::Unopenable.into()));
    client_b.next_command().expect("HELLO");
    assert_eq!(client_b.handle_command(&said.welcome), Err(Violation::Unopenable.into()));
}

#[test]
fn faults_of_clients() {
    let (mut client, mut other) = (client(), server());
    let said = shake(&mut *client, &mut *other);
    let changed = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    let hello = |body: &[u8]| server().handle_command(body).err();
    for (body, violation) in [
        (&b""[..], Violation::MalformedCommand),
        (b"\x00", Violation::MalformedCommand),
        (b"\x05HELL", Violation::MalformedCommand),
        (b"\x05HELP!", Violation::UnexpectedCommand),
        (b"\x05READY", Violation::UnexpectedCommand),
        (b"\x05HELLO", Violation::MalformedHello),
        (&said.hello[..199], Violation::MalformedHello),
        (&[&said.hello[..], &[0]].concat(), Violation::MalformedHello),
        (&changed(&said.hello, 6), Violation::MalformedHello),
        (&changed(&said.hello, 7), Violation::MalformedHello),
        (&said.initiate, Violation::UnexpectedCommand),
    ] {
        assert_eq!(hello(body), Some(violation.into()), "{body:?}");
    }
    for at in 80..200 {
        assert_eq!(hello(&changed(&said.hello, at)), Some(Violation::Unopenable.into()), "{at}");
    }
    assert_eq!(hello(&changed(&said.hello, 40)), None, "padding is padding");

    // An INITIATE for the server that is asked, with one bit wrong or cut somewhere.
    let initiate = |change: &dyn Fn(Vec<u8>) -> Vec<u8>| {
        let (mut client, mut server) = (super::tests::client(), super::tests::server());
        server.handle_command(&client.next_command().expect("HELLO")).expect("HELLO");
        client.handle_command(&server.next_command().expect("WELCOME")).expect("WELCOME");
        server.handle_command(&change(client.next_command().expect("INITIATE"))).err()
    };
    assert_eq!(initiate(&|body| body), None);
    for at in (9..290).step_by(7) {
        let failure = initiate(&|body| changed(&body, at));
        assert_eq!(failure, Some(Violation::Unopenable.into()), "{at}");
    }
    for len in [9, 100, 256] {
        let failure = initiate(&|body| body[..len].to_vec());
        assert_eq!(failure, Some(Violation::MalformedInitiate.into()), "{len}");
    }
    assert_eq!(initiate(&|body| body[..257].to_vec()), Some(Violation::Unopenable.into()));
    let again = |_: Vec<u8>| said.hello.clone();
    assert_eq!(initiate(&again), Some(Violation::UnexpectedCommand.into()));
}

#[test]
fn faults_of_servers() {
    let mut eager = client();
    for body in [&b"\x07WELCOME"[..], b"\x05READY", b"\x05ERROR\x03400"] {
        assert_eq!(eager.handle_command(body), Err(Violation::UnexpectedCommand.into()), "HELLO comes first");
    }
    let greeted = |change: &dyn Fn(Vec<u8>) -> Vec<u8>| {
        let (mut client, mut server) = (client(), server());
        server.handle_command(&client.next_command().expect("HELLO")).expect("HELLO");
        client.handle_command(&change(server.next_command().expect("WELCOME"))).err()
    };
    let initiated = |change: &dyn Fn(Vec<u8>) -> Vec<u8>| {
        let (mut client, mut server) = (client(), server());
        server.handle_command(&client.next_command().expect("HELLO")).expect("HELLO");
        client.handle_command(&server.next_command().expect("WELCOME")).expect("WELCOME");
        server.handle_command(&client.next_command().expect("INITIATE")).expect("INITIATE");
        server.question().expect("a question");
        server.handle_verdict(Verdict::Absent).expect("not needed");
        client.handle_command(&change(server.next_command().expect("READY"))).err()
    };
    assert_eq!((greeted(&|body| body), initiated(&|body| body)), (None, None));
    for at in 8..168 {
        let failure = greeted(&|mut body| {
            body[at] ^= 0x10;
            body
        });
        assert_eq!(failure, Some(Violation::Unopenable.into()), "{at}");
    }
    for len in [8, 23, 24, 40, 167] {
        assert_eq!(greeted(&|body| body[..len].to_vec()), Some(Violation::Unopenable.into()), "{len}");
    }
    let longer = |body: Vec<u8>| [&body[..], &[0]].concat();
    assert_eq!(greeted(&longer), Some(Violation::Unopenable.into()));
    for at in 6..60 {
        let failure = initiated(&|mut body| {
            body[at] ^= 0x10;
            body
        });
        assert_eq!(failure, Some(Violation::Unopenable.into()), "{at}");
    }
    for len in [6, 13, 29] {
        let failure = initiated(&|body| body[..len].to_vec());
        assert_eq!(failure, Some(Violation::MalformedReady.into()), "{len}");
    }
    for (body, failure) in [
        (&b"\x05ERROR\x03300"[..], Failure::Refused(Some(300))),
        (b"\x05ERROR\x02no", Failure::Refused(None)),
        (b"\x05ERROR", Violation::MalformedError.into()),
        (b"\x05ERROR\x04400", Violation::MalformedError.into()),
        (b"", Violation::UnexpectedCommand.into()),
        (b"\x05HELLO", Violation::UnexpectedCommand.into()),
        (b"\x07MESSAGE", Violation::UnexpectedCommand.into()),
    ] {
        assert_eq!(greeted(&|_| body.to_vec()), Some(failure), "{body:?}");
        assert_eq!(initiated(&|_| body.to_vec()), Some(failure), "{body:?}");
    }
}

#[test]
fn a_client_vouches_for_its_own_key_alone() {
    // As a client that has got hold of the voucher of another would: the boxes open, the keys do not fit.
    let server_key = SecretKey::new(&SERVER_SECRET);
    let (own, long) = (SecretKey::new(&[0x33; KEY]), SecretKey::new(&CLIENT_SECRET));
    let mut server = server();
    let opening = own.agree(&server_key.public()).expect("a key");
    let number = 1_u64.to_be_bytes();
    let mut hello = [&b"\x05HELLO\x01\x00"[..], &[0; 72], &own.public(), &number].concat();
    opening.push_box(&counted_nonce(counted::HELLO, number), &[&[0; 64]], &mut hello);
    server.handle_command(&hello).expect("HELLO");
    let welcome = server.next_command().expect("WELCOME");
    let nonce = random_nonce(random::WELCOME, welcome[8..24].try_into().expect("16 bytes"));
    let opened = opening.open_box(&nonce, &welcome[24..]).expect("opens");
    let theirs: PublicKey = opened[..KEY].try_into().expect("a key");
    let mut voucher = Vec::new();
    let vouched: [&[u8]; 2] = [&[0x44; KEY], &server_key.public()];
    long.agree(&theirs).expect("a key").push_box(
        &random_nonce(random::VOUCH, &[5; 16]),
        &vouched,
        &mut voucher,
    );
    let mut initiate = [&b"\x08INITIATE"[..], &opened[KEY..], &number].concat();
    own.agree(&theirs).expect("a key").push_box(
        &counted_nonce(counted::INITIATE, number),
        &[&long.public(), &[5; 16], &voucher],
        &mut initiate,
    );
    assert_eq!(server.handle_command(&initiate), Err(Violation::KeyExchange.into()));
}

// ---- traffic ----

#[test]
fn frames_go_both_ways_with_their_flags() {
    let (mut client, mut server) = ciphers();
    let flags = [Flags::empty(), Flags::MORE, Flags::COMMAND, Flags::MORE | Flags::COMMAND];
    for (round, len) in [0, 1, 31, 32, 33, 64, 1000, 70_000].into_iter().enumerate() {
        let body: Vec<u8> = (0..len).map(|at| (at * 7) as u8).collect();
        let flags = flags[round % 4];
        let there = sealed(&mut *client, flags | Flags::SHARED, &body);
        assert_eq!(opened(&mut *server, &there), Ok((flags, body.clone())));
        let back = sealed(&mut *server, flags, &body);
        assert_ne!(there, back);
        assert_eq!(opened(&mut *client, &back), Ok((flags, body)));
    }
}

#[test]
fn a_number_is_good_once_and_in_order() {
    let (mut client, mut server) = ciphers();
    let frames: Vec<Vec<u8>> = (0..4).map(|at| sealed(&mut *client, Flags::empty(), &[at])).collect();
    assert_eq!(frames[0][8..16], 3_u64.to_be_bytes(), "HELLO and INITIATE were the first");
    assert!(opened(&mut *server, &frames[0]).is_ok());
    assert_eq!(opened(&mut *server, &frames[0]), Err(Violation::Sequence.into()), "again");
    assert!(opened(&mut *server, &frames[2]).is_ok(), "gaps are fine");
    assert_eq!(opened(&mut *server, &frames[1]), Err(Violation::Sequence.into()), "late");
    // A forged one does not use up the numbers.
    let mut forged = frames[3].clone();
    forged[8..16].fill(0xFF);
    assert_eq!(opened(&mut *server, &forged), Err(Violation::Unopenable.into()));
    assert!(opened(&mut *server, &frames[3]).is_ok());
    // Nor does what this side has sent come back to it as the peer's.
    let echo = sealed(&mut *server, Flags::empty(), b"echo");
    assert!(opened(&mut *server, &echo).is_err());
}

#[test]
fn faults_in_traffic() {
    let (mut client, mut server) = ciphers();
    let frame = sealed(&mut *client, Flags::MORE, b"body");
    for (body, violation) in [
        (&b""[..], Violation::MalformedCommand),
        (b"\x00", Violation::MalformedCommand),
        (b"plain text", Violation::MalformedCommand),
        (b"\x04PING\0\0", Violation::UnexpectedCommand),
        (b"\x07MESSAGE", Violation::MalformedMessage),
        (&frame[..32], Violation::MalformedMessage),
        (&frame[..33], Violation::Unopenable),
    ] {
        assert_eq!(opened(&mut *server, body), Err(violation.into()), "{body:?}");
    }
    for at in 16..frame.len() {
        let mut changed = frame.clone();
        changed[at] ^= 2;
        assert_eq!(opened(&mut *server, &changed), Err(Violation::Unopenable.into()), "{at}");
    }
    assert_eq!(opened(&mut *server, &frame), Ok((Flags::MORE, b"body".to_vec())));
}

proptest! {
    #[test]
    fn no_command_makes_either_side_panic(
        is_server: bool,
        commands in prop::collection::vec((0..8usize, 0..400usize, any::<u8>(), 0..3usize), 1..6),
        verdict in prop::option::of(prop::sample::select(vec![
            Verdict::Refused(300), Verdict::Refused(400), Verdict::Absent,
        ])),
    ) {
        let (mut client, mut server) = (client(), server());
        let said = shake(&mut *client, &mut *server);
        let mut tested = if is_server { super::tests::server() } else { super::tests::client() };
        let mut through = false;
        for (which, at, bits, how) in commands {
            let names: [&[u8]; 8] = [
                &said.hello, &said.welcome, &said.initiate, &said.ready,
                b"\x05ERROR\x03400", b"\x07MESSAGE", b"", b"\x05HELLO",
            ];
            let mut body = names[which].to_vec();
            match how {
                0 => body.truncate(at),
                1 => if let Some(byte) = body.get_mut(at) { *byte ^= bits },
                _ => {}
            }
            while tested.next_command().is_some() {}
            if tested.handle_command(&body).is_err() {
                break;
            }
            if tested.question().is_some() && let Some(verdict) = &verdict
                && tested.handle_verdict(verdict.clone()).is_err() {
                break;
            }
            through |= tested.finish().is_some();
        }
        prop_assert!(!through, "with what was said elsewhere");
    }

    #[test]
    fn no_frame_makes_a_cipher_panic_and_none_that_was_not_sealed_opens(
        body in prop::collection::vec(any::<u8>(), 0..200),
        named: bool,
    ) {
        let (_, mut server) = ciphers();
        let frame = if named { [&b"\x07MESSAGE"[..], &body].concat() } else { body };
        prop_assert!(opened(&mut *server, &frame).is_err());
    }
}
