//! Handshakes command by command, and the authenticator's answers.

use super::*;
use proptest::prelude::*;

const DEALER: Local<'_> = Local { socket_type: SocketType::Dealer, routing_id: b"cli", application: &[] };
const ROUTER: Local<'_> = Local { socket_type: SocketType::Router, routing_id: b"rtr", application: &[] };

/// NULL and PLAIN have no secrets of their own.
const NO_RANDOM: Random = |_| Err(crate::error::Error::Again);

fn client() -> Box<dyn Mechanism> {
    let mechanism = Choice::PlainClient { username: b"admin".to_vec(), password: b"secret".to_vec().into() };
    Security { mechanism, ..Security::default() }.start(&DEALER, NO_RANDOM).expect("no need of it")
}

fn server_of(security: Security) -> Box<dyn Mechanism> {
    Security { mechanism: Choice::PlainServer, ..security }.start(&ROUTER, NO_RANDOM).expect("no need of it")
}

fn server() -> Box<dyn Mechanism> {
    server_of(Security::default())
}

/// A server that has asked and got that answer.
fn judged(verdict: Verdict) -> (Box<dyn Mechanism>, Result<(), Failure>) {
    let mut server = server();
    server.handle_command(b"\x05HELLO\x01u\x01p").expect("HELLO");
    let question = server.question().expect("one question");
    let asked = Question { mechanism: "PLAIN", credentials: vec![b"u".to_vec(), b"p".to_vec()] };
    assert_eq!(question, asked);
    assert!(server.question().is_none() && server.next_command().is_none() && server.finish().is_none());
    let outcome = server.handle_verdict(verdict);
    (server, outcome)
}

fn accepted() -> Verdict {
    let properties = vec![("Identity".to_owned(), b"by handler".to_vec())];
    Verdict::Accepted { user_id: b"alice".to_vec(), properties }
}

#[test]
fn plain_takes_four_commands() {
    let mut client = client();
    assert_eq!(client.next_command().expect("HELLO"), b"\x05HELLO\x05admin\x06secret");
    assert!(client.next_command().is_none() && client.question().is_none());
    let (mut server, outcome) = judged(accepted());
    assert_eq!(outcome, Ok(()));
    let welcome = server.next_command().expect("WELCOME");
    assert_eq!(welcome, b"\x07WELCOME");
    assert_eq!(client.handle_command(&welcome), Ok(()));
    let initiate = client.next_command().expect("INITIATE");
    assert_eq!(initiate, [&b"\x08INITIATE"[..], &DEALER.properties()[..]].concat());
    assert_eq!(server.handle_command(&initiate), Ok(()));
    assert!(server.finish().is_none(), "READY is to be sent first");
    let ready = server.next_command().expect("READY");
    assert_eq!(ready, [&b"\x05READY"[..], &ROUTER.properties()[..]].concat());
    assert_eq!(client.handle_command(&ready), Ok(()));

    let finished = server.finish().expect("through");
    assert_eq!(finished.routing_id, b"cli", "the peer's own word comes last");
    assert_eq!(finished.authenticated[0], ("User-Id".to_owned(), b"alice".to_vec()));
    assert_eq!(finished.peer.value("Socket-Type"), Some(&b"DEALER"[..]));
    assert_eq!(client.finish().expect("through").routing_id, b"rtr");
}

#[test]
fn the_authenticator_names_peers_that_do_not_name_themselves() {
    let (mut server, _) = judged(accepted());
    server.next_command().expect("WELCOME");
    server.handle_command(b"\x08INITIATE").expect("no properties");
    server.next_command().expect("READY");
    assert_eq!(server.finish().expect("through").routing_id, b"by handler");

    for ready_first in [true, false] {
        let mut null = Security { zap_domain: b"d".to_vec(), ..Security::default() }
            .start(&ROUTER, NO_RANDOM)
            .expect("no need of it");
        null.question().expect("a question");
        let ready = [&b"\x05READY"[..], &DEALER.properties()[..]].concat();
        if ready_first {
            null.handle_command(&ready).expect("READY");
        }
        null.handle_verdict(accepted()).expect("accepted");
        null.next_command().expect("READY");
        if !ready_first {
            null.handle_command(&ready).expect("READY");
        }
        let last: &[u8] = if ready_first { b"by handler" } else { b"cli" };
        assert_eq!(null.finish().expect("through").routing_id, last);
    }
}

#[test]
fn a_plain_server_tells_the_refused_as_the_reference_does() {
    for status in [400, 500] {
        let (mut server, outcome) = judged(Verdict::Refused(status));
        assert_eq!(outcome, Ok(()));
        let error = server.next_command().expect("ERROR");
        assert_eq!(error, format!("^RROR\x03{status}").as_bytes());
        let mut client = client();
        client.next_command().expect("HELLO");
        assert_eq!(client.handle_command(&error), Err(Failure::Refused(Some(status))));
        assert_eq!(server.handle_command(b"\x05HELLO"), Err(Violation::CommandOutOfTurn.into()));
        assert!(server.finish().is_none());
    }
    let (mut server, outcome) = judged(Verdict::Refused(300));
    assert!(outcome.is_ok() && server.next_command().is_none() && server.finish().is_none());
    assert_eq!(judged(Verdict::Absent).1, Err(Failure::NoAuthenticator));
}

#[test]
fn an_enforced_domain_that_is_not_set_lets_nobody_in() {
    let mut server = server_of(Security { zap_enforced: true, ..Security::default() });
    assert_eq!(server.handle_command(b"\x05HELLO\x01u\x01p"), Err(Failure::NoAuthenticator));
    let (zap_domain, zap_enforced) = (b"d".to_vec(), true);
    let mut server = server_of(Security { zap_domain, zap_enforced, ..Security::default() });
    assert_eq!(server.handle_command(b"\x05HELLO\x00\x00"), Ok(()));
    assert!(server.question().is_some());
}

#[test]
fn faults_of_plain_clients() {
    let hello: [(&[u8], Violation); 13] = [
        (b"", Violation::MalformedCommand),
        (b"\x00", Violation::MalformedCommand),
        (b"\x05HELL", Violation::MalformedCommand),
        (b"\x05HELP!\x00\x00", Violation::UnexpectedCommand),
        (b"\x08INITIATE", Violation::UnexpectedCommand),
        (b"\x05READY", Violation::UnexpectedCommand),
        (b"\x05HELLO", Violation::MalformedHello),
        (b"\x05HELLO\x05ab", Violation::MalformedHello),
        (b"\x05HELLO\x01u", Violation::MalformedHello),
        (b"\x05HELLO\x01u\x02p", Violation::MalformedHello),
        (b"\x05HELLO\x01u\x01pX", Violation::MalformedHello),
        (b"\x06HELLO\x01u", Violation::UnexpectedCommand),
        (b"^RROR\x03400", Violation::MalformedCommand),
    ];
    for (body, violation) in hello {
        assert_eq!(server().handle_command(body), Err(violation.into()), "{body:?}");
    }
    let waiting = |body: &[u8]| {
        let mut server = server();
        server.handle_command(b"\x05HELLO\x00\x00").expect("HELLO");
        server.question().expect("a question");
        server.handle_command(body)
    };
    assert_eq!(waiting(b"\x08INITIATE"), Err(Violation::CommandOutOfTurn.into()));
    let welcomed = |body: &[u8]| {
        let (mut server, _) = judged(accepted());
        server.next_command().expect("WELCOME");
        server.handle_command(body)
    };
    for (body, violation) in [
        (&b"\x05HELLO\x00\x00"[..], Violation::UnexpectedCommand),
        (b"", Violation::UnexpectedCommand),
        (b"\x08INITIATE\x01", Violation::MalformedProperties),
        (b"\x08INITIATE\x0bSocket-Type\x00\x00\x00\x04PUSH", Violation::IncompatibleSocket),
    ] {
        assert_eq!(welcomed(body), Err(violation.into()), "{body:?}");
    }
}

#[test]
fn faults_of_plain_servers() {
    let mut eager = client();
    for body in [&b"\x07WELCOME"[..], b"^RROR\x03400"] {
        assert_eq!(eager.handle_command(body), Err(Violation::UnexpectedCommand.into()), "HELLO comes first");
    }
    let greeted = |body: &[u8]| {
        let mut client = client();
        client.next_command().expect("HELLO");
        client.handle_command(body)
    };
    let welcomed = |body: &[u8]| {
        let mut client = client();
        client.next_command().expect("HELLO");
        client.handle_command(b"\x07WELCOME").expect("WELCOME");
        client.next_command().expect("INITIATE");
        client.handle_command(body)
    };
    for (body, failure) in [
        (&b"\x07WELCOMEx"[..], Failure::from(Violation::MalformedWelcome)),
        (b"\x05READY", Violation::UnexpectedCommand.into()),
        (b"\x05HELLO\x01u\x01p", Violation::UnexpectedCommand.into()),
        (b"", Violation::UnexpectedCommand.into()),
    ] {
        assert_eq!(greeted(body), Err(failure), "{body:?}");
    }
    for (body, failure) in [
        (&b"\x07WELCOME"[..], Failure::from(Violation::UnexpectedCommand)),
        (b"\x05READY\x01", Violation::UnacceptableProperties.into()),
        (b"\x05READY\x0bSocket-Type\x00\x00\x00\x04PULL", Violation::UnacceptableProperties.into()),
    ] {
        assert_eq!(welcomed(body), Err(failure), "{body:?}");
    }
    for prefix in [&b"^RROR"[..], b"\x05ERROR"] {
        for (data, failure) in [
            (&b"\x03300"[..], Failure::Refused(Some(300))),
            (b"\x03400", Failure::Refused(Some(400))),
            (b"\x02no", Failure::Refused(None)),
            (b"", Violation::MalformedError.into()),
            (b"\x04400", Violation::MalformedError.into()),
        ] {
            let body = [prefix, data].concat();
            assert_eq!(greeted(&body), Err(failure), "{body:?}");
            assert_eq!(welcomed(&body), Err(failure), "{body:?}");
        }
    }
}

#[test]
fn questions_have_their_parts_in_order() {
    let asked = Question { mechanism: "PLAIN", credentials: vec![b"u".to_vec(), b"p".to_vec()] };
    let asker = zap::Asker { domain: b"dom", address: b"127.0.0.1", routing_id: b"rtr" };
    let parts: [&[u8]; 9] = [b"", b"1.0", b"1", b"dom", b"127.0.0.1", b"rtr", b"PLAIN", b"u", b"p"];
    assert_eq!(zap::question(&asker, &asked), parts);
}

#[test]
fn answers_are_taken_apart_and_checked_in_order() {
    const GOOD: [&[u8]; 7] = [b"", b"1.0", b"1", b"200", b"OK", b"alice", b"\x06X-Role\x00\x00\x00\x01a"];
    let verdict = |answer: &[&[u8]]| zap::verdict(answer, SocketType::Router);
    let properties = vec![("X-Role".to_owned(), b"a".to_vec())];
    assert_eq!(verdict(&GOOD), Ok(Verdict::Accepted { user_id: b"alice".to_vec(), properties }));
    for status in [300, 400, 500] {
        let text = status.to_string();
        let mut answer = GOOD;
        answer[3] = text.as_bytes();
        assert_eq!(verdict(&answer), Ok(Verdict::Refused(status)));
    }

    assert_eq!(verdict(&GOOD[..6]), Err(Violation::MalformedAnswer));
    assert_eq!(verdict(&[]), Err(Violation::MalformedAnswer));
    assert_eq!(verdict(&[&GOOD[..], &[b"x"]].concat()), Err(Violation::MalformedAnswer));
    let faults: [(usize, &[u8], Violation); 12] = [
        (6, b"\x06X-Role\x00\x00\x00\x02a", Violation::AnswerProperties),
        (6, b"\x0bSocket-Type\x00\x00\x00\x04PUSH", Violation::AnswerProperties),
        (3, b"", Violation::AnswerStatus),
        (3, b"201", Violation::AnswerStatus),
        (3, b"600", Violation::AnswerStatus),
        (3, b"100", Violation::AnswerStatus),
        (3, b"2000", Violation::AnswerStatus),
        (2, b"2", Violation::ForeignAnswer),
        (2, b"", Violation::ForeignAnswer),
        (1, b"1.1", Violation::AnswerVersion),
        (1, b"1.0 ", Violation::AnswerVersion),
        (0, b"x", Violation::AnswerWithoutDelimiter),
    ];
    // Each is found although all those before it are there, too.
    let mut answer = GOOD;
    for (part, bytes, violation) in faults {
        answer[part] = bytes;
        assert_eq!(verdict(&answer), Err(violation), "{answer:?}");
    }
}

#[test]
fn no_secret_is_printed() {
    let mechanism = Choice::PlainClient { username: b"admin".to_vec(), password: b"secret".to_vec().into() };
    let security = Security { mechanism, ..Security::default() };
    let question = Question { mechanism: "PLAIN", credentials: vec![b"secret".to_vec()] };
    let printed = format!("{security:?} {question:?}");
    assert!(printed.contains("PLAIN") && !printed.contains("secret") && !printed.contains("115"));
}

proptest! {
    #[test]
    fn no_command_makes_a_mechanism_panic(
        role in 0..4,
        commands in prop::collection::vec((
            prop::sample::select(vec![
                &b""[..], b"\x05HELLO", b"\x05HELLO\x01u\x01p", b"\x07WELCOME", b"\x08INITIATE", b"\x05READY",
                b"\x05ERROR", b"^RROR", b"\x05READY\x08Identity\x00\x00\x00\x01x",
            ]),
            prop::collection::vec(any::<u8>(), 0..4),
        ), 0..6),
        verdict in prop::option::of(prop::sample::select(vec![
            accepted(), Verdict::Refused(300), Verdict::Refused(400), Verdict::Absent,
        ])),
    ) {
        let zap_domain = b"d".to_vec();
        let mut mechanism = match role {
            0 => client(),
            1 => server(),
            2 => Security::default().start(&DEALER, NO_RANDOM).expect("no need of it"),
            _ => Security { zap_domain, ..Security::default() }.start(&ROUTER, NO_RANDOM).expect("no need of it"),
        };
        for (start, rest) in commands {
            let asked = mechanism.question().is_some();
            if asked && let Some(verdict) = &verdict && mechanism.handle_verdict(verdict.clone()).is_err() {
                break;
            }
            while mechanism.next_command().is_some() {}
            if mechanism.finish().is_some() || mechanism.handle_command(&[start, &rest].concat()).is_err() {
                break;
            }
        }
    }

    #[test]
    fn answers_are_taken_apart_whatever_they_are(
        parts in prop::collection::vec(prop_oneof![
            Just(b"1.0".to_vec()), Just(b"1".to_vec()), Just(b"200".to_vec()), Just(Vec::new()),
            prop::collection::vec(any::<u8>(), 0..20),
        ], 0..9),
    ) {
        let whole = parts.len() == 7;
        prop_assert_eq!(zap::verdict(&parts, SocketType::Router) != Err(Violation::MalformedAnswer), whole);
    }
}
