//! docs/compatibility.md says what this library does of the reference library's interface. It is printed
//! from the tables that the code itself follows, and from the table of functions below; this test fails
//! when the committed page is not what they say. `UPDATE=1 cargo test --test compatibility` rewrites it.

use ferrozmq::msg::INLINE_CAPACITY;
use ferrozmq::options::capabilities::CAPABILITIES;
use ferrozmq::options::context::CONTEXT_OPTIONS;
use ferrozmq::options::numbers;
use ferrozmq::options::row::{Rule, Set, Stability, State};
use ferrozmq::options::table::OPTIONS;
use ferrozmq::options::{SocketType, has};
use ferrozmq::pattern::{self, Pipes};
use ferrozmq::transport::address::{SCHEMES, Support};
use std::fmt::{Display, Write};
use std::path::Path;

const STABLE: Stability = Stability::Stable;
const DEPRECATED: Stability = Stability::Deprecated;
const DRAFT: Stability = Stability::Draft;

const YES: &str = "yes";
const OURS: &str = "yes; not in the reference";

/// Every exported function: name without `zmq_`, standing in the header, and what this library does.
#[rustfmt::skip]
const FUNCTIONS: [(&str, Stability, &str); 100] = [
    ("errno", STABLE, YES),
    ("strerror", STABLE, YES),
    ("version", STABLE, YES),
    ("has", STABLE, YES),
    ("ctx_new", STABLE, YES),
    ("ctx_term", STABLE, YES),
    ("ctx_shutdown", STABLE, YES),
    ("ctx_set", STABLE, YES),
    ("ctx_get", STABLE, YES),
    ("ctx_set_ext", DRAFT, YES),
    ("ctx_get_ext", DRAFT, YES),
    ("init", DEPRECATED, YES),
    ("term", DEPRECATED, YES),
    ("ctx_destroy", DEPRECATED, YES),
    ("socket", STABLE, YES),
    ("close", STABLE, YES),
    ("setsockopt", STABLE, YES),
    ("getsockopt", STABLE, YES),
    ("bind", STABLE, YES),
    ("connect", STABLE, YES),
    ("unbind", STABLE, YES),
    ("disconnect", STABLE, YES),
    ("connect_peer", DRAFT, YES),
    ("disconnect_peer", DRAFT, YES),
    ("join", DRAFT, YES),
    ("leave", DRAFT, YES),
    ("socket_get_peer_state", DRAFT, YES),
    ("socket_monitor", STABLE, YES),
    ("socket_monitor_versioned", DRAFT, YES),
    ("socket_monitor_pipes_stats", DRAFT, YES),
    ("socket_stats", DRAFT, OURS),
    ("socket_stats_peer", DRAFT, OURS),
    ("socket_stats_destroy", DRAFT, OURS),
    ("send", STABLE, YES),
    ("send_const", STABLE, YES),
    ("msg_send", STABLE, YES),
    ("sendmsg", DEPRECATED, YES),
    ("recv", STABLE, YES),
    ("msg_recv", STABLE, YES),
    ("recvmsg", DEPRECATED, YES),
    ("sendiov", STABLE, YES),
    ("recviov", STABLE, YES),
    ("msg_init", STABLE, YES),
    ("msg_init_size", STABLE, YES),
    ("msg_init_buffer", DRAFT, YES),
    ("msg_init_data", STABLE, YES),
    ("msg_close", STABLE, YES),
    ("msg_move", STABLE, YES),
    ("msg_copy", STABLE, YES),
    ("msg_data", STABLE, YES),
    ("msg_size", STABLE, YES),
    ("msg_more", STABLE, YES),
    ("msg_get", STABLE, YES),
    ("msg_set", STABLE, YES),
    ("msg_gets", STABLE, YES),
    ("msg_set_routing_id", DRAFT, YES),
    ("msg_routing_id", DRAFT, YES),
    ("msg_set_group", DRAFT, YES),
    ("msg_group", DRAFT, YES),
    ("poll", STABLE, YES),
    ("ppoll", DRAFT, YES),
    ("poller_new", DRAFT, YES),
    ("poller_destroy", DRAFT, YES),
    ("poller_size", DRAFT, YES),
    ("poller_add", DRAFT, YES),
    ("poller_modify", DRAFT, YES),
    ("poller_remove", DRAFT, YES),
    ("poller_add_fd", DRAFT, YES),
    ("poller_modify_fd", DRAFT, YES),
    ("poller_remove_fd", DRAFT, YES),
    ("poller_wait", DRAFT, YES),
    ("poller_wait_all", DRAFT, YES),
    ("poller_fd", DRAFT, YES),
    ("proxy", STABLE, YES),
    ("proxy_steerable", STABLE, YES),
    ("device", DEPRECATED, YES),
    ("z85_encode", STABLE, YES),
    ("z85_decode", STABLE, YES),
    ("curve_keypair", STABLE, YES),
    ("curve_public", STABLE, YES),
    ("atomic_counter_new", STABLE, YES),
    ("atomic_counter_set", STABLE, YES),
    ("atomic_counter_inc", STABLE, YES),
    ("atomic_counter_dec", STABLE, YES),
    ("atomic_counter_value", STABLE, YES),
    ("atomic_counter_destroy", STABLE, YES),
    ("timers_new", STABLE, YES),
    ("timers_destroy", STABLE, YES),
    ("timers_add", STABLE, YES),
    ("timers_cancel", STABLE, YES),
    ("timers_set_interval", STABLE, YES),
    ("timers_reset", STABLE, YES),
    ("timers_timeout", STABLE, YES),
    ("timers_execute", STABLE, YES),
    ("stopwatch_start", STABLE, YES),
    ("stopwatch_intermediate", STABLE, YES),
    ("stopwatch_stop", STABLE, YES),
    ("sleep", STABLE, YES),
    ("threadstart", STABLE, YES),
    ("threadclose", STABLE, YES),
];

/// What a program may see that was written with the reference at hand: where, and how it is there and here.
fn differences() -> [[String; 3]; 15] {
    let inline = format!(
        "up to {INLINE_CAPACITY}. Between 34 and {INLINE_CAPACITY} bytes, the address that `zmq_msg_data` gave does \
         not hold after `zmq_msg_move`, a send or a receive, nor when the object itself is moved, and `zmq_msg_copy` \
         copies: `ZMQ_SHARED` is 0. What was lent by `zmq_msg_init_data` stays where it is, whatever its size"
    );
    [
        ["content inside a `zmq_msg_t`", "up to 33 bytes", &inline],
        [
            "address of the content over inproc",
            "the receiver sees the one that the sender saw, above 33 bytes",
            "above 256 bytes, and of all that is lent, constant or shared. Up to 256 bytes may be copied by a send and a \
             receive, so that no pointer that `zmq_msg_data` gave to the sender holds after the send",
        ],
        [
            "`ZMQ_TCP_ACCEPT_FILTER`",
            "takes IPv4 addresses in all forms of inet_aton(3) (`127` is 0.0.0.127), and IPv6 zones",
            "takes four decimal numbers, and no zones; others are EINVAL, as a filter that is read otherwise than it \
             was meant lets the wrong peers in",
        ],
        [
            "`zmq_bind` to the name of a host",
            "ENODEV in 4.3.4",
            "looked up, as `zmq_connect` does; may wait for a name server",
        ],
        ["errno after a failed `zmq_bind` that a monitor hears of", "any", "the reason"],
        ["`ZMQ_EVENT_ACCEPT_FAILED` for a peer that no filter lets in", "what errno was left at", "EACCES"],
        [
            "what a peer says in the handshake",
            "any size up to `ZMQ_MAXMSGSIZE`",
            "64 KiB at a time, at most (docs/security.md)",
        ],
        [
            "`ZMQ_LINGER` of a SUB or XSUB, and subscriptions no publisher has heard of",
            "waits for one, unless closed right after `zmq_connect`",
            "does not wait; for what an XSUB sends itself it does",
        ],
        [
            "`zmq_disconnect`, or `zmq_connect` of the same endpoint, after a handshake that ended the connection for good",
            "the endpoint is still there, once: 0, and nothing happens",
            "it is gone: ENOENT, and a new connection",
        ],
        [
            "bytes written to a connection at once",
            "8192; `ZMQ_OUT_BATCH_SIZE` changes it",
            "64 KiB unless `ZMQ_OUT_BATCH_SIZE` was set. As many may be lost with a connection",
        ],
        [
            "a message sent up by an XSUB that ends with a withheld cancellation",
            "its last part never comes, and the next message takes its place",
            "the cancellation goes with it",
        ],
        [
            "a thread that is ended, or jumps away, within a call: `pthread_cancel`, `pthread_exit` in a free function, \
             `siglongjmp` from a handler",
            "a blocked call is cancelled; the others work as a rule",
            "a call is not cancelled; the others end the process or leave the socket locked",
        ],
        [
            "a signal while `zmq_poll`, a send or a receive over inproc looks around before it sleeps (up to a tenth of a \
             millisecond), or whose handler made the socket ready",
            "EINTR",
            "the handler runs, and the call goes on: it sleeps, or returns what it has",
        ],
        [
            "inherited sockets in a forked child",
            "may be closed, and used as long as nothing goes wrong",
            "ENOTSOCK",
        ],
        [
            "membarrier(2)",
            "not called",
            "called, so that a socket's usual thread need not lock it for others. A sandbox may make it fail, best from the \
             start; one that kills has to let it through",
        ],
    ]
    .map(|row| row.map(str::to_owned))
}

const ABOUT: &str = "\
# Compatibility

What this library does of the interface of libzmq 4.3.x. Printed from the code's own tables by
`UPDATE=1 cargo test --test compatibility`; not edited by hand.

*yes*: as the reference library does it. *later*: not there yet; until then the call fails with the error
named, as in a reference build without that feature. *stored*: the value is kept and read back, but what it
asks for comes later; where connections cannot be made as it asks, none are made. *not planned*: vmci, the sockets
of VMware's guests, which have vsock.
";

const ABOUT_OPTIONS: &str = "\
Values are set with exactly the size of their type. An *int* is read into exactly 4 bytes, an *int64* or
*uint64* into exactly 8; what says *buffer* is read into a buffer that may be larger. Texts are set without
a terminating zero and read with one.
";

#[test]
fn the_page_is_what_the_tables_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/compatibility.md");
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).expect("docs/compatibility.md can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == page, "docs/compatibility.md is out of date: run this test with UPDATE=1");
}

#[test]
fn all_exported_functions_are_listed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/exports.txt");
    let exported = std::fs::read_to_string(path).expect("packaging/exports.txt");
    let mut exported: Vec<_> =
        exported.lines().map(str::trim).filter(|line| line.starts_with("zmq_")).collect();
    let mut listed: Vec<_> = FUNCTIONS.iter().map(|(name, ..)| format!("zmq_{name}")).collect();
    exported.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, exported);
}

/// What the table says of options that patterns keep is what the patterns do. PUB and XPUB take
/// subscriptions in manual mode only, and `CONNECT_ROUTING_ID` is kept by the socket.
#[test]
fn patterns_take_the_options_that_the_table_leaves_to_them() {
    for row in OPTIONS.iter().filter(|row| matches!(row.set, Set::Pattern(_)) && row.state == State::Now) {
        for socket_type in socket_types() {
            let mut pattern = pattern::new(socket_type);
            let expected = row.types.contains(&socket_type);
            let taken = match row.number {
                numbers::CONNECT_ROUTING_ID => pattern.takes_connect_routing_id(),
                number => {
                    let set = pattern.set_option(&mut Pipes::default(), number, &1_i32.to_ne_bytes());
                    set.is_some_and(|result| result.is_ok())
                }
            };
            let manual = matches!(row.number, numbers::SUBSCRIBE | numbers::UNSUBSCRIBE)
                && matches!(socket_type, SocketType::Pub | SocketType::Xpub);
            assert!(taken == expected || manual, "{} on {}", row.name, socket_type.name());
        }
    }
}

fn page() -> String {
    let sections = [
        ABOUT.to_owned(),
        section("Functions", "", &["Function", "Header", "Here"], FUNCTIONS.iter().map(function)),
        section("Socket types", "", &["Type", "Header", "Here"], socket_types().map(socket_type)),
        section("Transports", "", &["Scheme", "Here"], SCHEMES.iter().map(transport)),
        section(
            "Capabilities",
            "What `zmq_has` says.\n",
            &["Name", "Here"],
            CAPABILITIES.iter().map(capability),
        ),
        section(
            "Socket options",
            ABOUT_OPTIONS,
            &["No", "Option", "Header", "Set", "Get", "Default", "Types", "Takes effect", "Here"],
            OPTIONS.iter().map(option),
        ),
        section(
            "Context options",
            "",
            &["No", "Option", "Header", "Set", "Get", "Default", "Takes effect"],
            CONTEXT_OPTIONS.iter().map(context_option),
        ),
        section(
            "Differences",
            "Where a program may notice which library it runs with, besides what says *later* above.\n",
            &["Where", "Reference", "Here"],
            differences().into_iter().map(Vec::from),
        ),
    ];
    sections.join("\n")
}

fn section(title: &str, about: &str, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut text = format!("## {title}\n\n");
    if !about.is_empty() {
        let _ = writeln!(text, "{about}");
    }
    let rule = heads.iter().map(|_| "---");
    let _ = writeln!(text, "| {} |\n|{}|", heads.join(" | "), rule.collect::<Vec<_>>().join("|"));
    for cells in rows {
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

fn socket_types() -> impl Iterator<Item = SocketType> {
    (0..).map_while(SocketType::from_number)
}

fn function((name, stability, state): &(&str, Stability, &str)) -> Vec<String> {
    vec![format!("`zmq_{name}`"), stability.to_string(), (*state).to_owned()]
}

fn socket_type(socket_type: SocketType) -> Vec<String> {
    let stability = if socket_type.is_draft() { DRAFT } else { STABLE };
    vec![format!("`ZMQ_{}`", socket_type.name()), stability.to_string(), YES.to_owned()]
}

fn transport((name, support): &(&str, Support)) -> Vec<String> {
    let state = match support {
        Support::Built(_) => YES,
        Support::NotBuilt => "EPROTONOSUPPORT; later",
        Support::LeftOut => "EPROTONOSUPPORT; not planned",
    };
    vec![format!("`{name}`"), state.to_owned()]
}

fn capability((name, there): &(&str, bool)) -> Vec<String> {
    assert_eq!(has(name.as_bytes()), *there);
    vec![format!("`{name}`"), if *there { "1" } else { "0" }.to_owned()]
}

fn option(row: &ferrozmq::options::row::Row) -> Vec<String> {
    let types: Vec<_> = row.types.iter().map(|socket_type| socket_type.name()).collect();
    vec![
        row.number.to_string(),
        format!("`ZMQ_{}`", row.name),
        row.stability.to_string(),
        row.set.to_string(),
        row.get.to_string(),
        row.default.to_owned(),
        if types.is_empty() { "all".to_owned() } else { types.join(", ") },
        row.effect.to_string(),
        row.state.to_string(),
    ]
}

fn context_option(row: &ferrozmq::options::context::ContextRow) -> Vec<String> {
    let set = match row.set {
        None => "-".to_owned(),
        Some((Rule::Any, _)) => "int, or 1 to 16 bytes".to_owned(),
        Some((rule, _)) => format!("int{rule}"),
    };
    vec![
        row.number.to_string(),
        format!("`ZMQ_{}`", row.name),
        row.stability.to_string(),
        set,
        dash(row.get.map(|_| "int")),
        row.default.to_owned(),
        row.effect.to_owned(),
    ]
}

fn dash(text: Option<impl Display>) -> String {
    text.map_or("-".to_owned(), |text| text.to_string())
}
