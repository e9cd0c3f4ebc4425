//! The socket types: numbers, names and who may talk to whom.

/// A socket type; the number is that of the C interface and of the ZMTP 2.0 greeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum SocketType {
    /// One peer at most.
    Pair = 0,
    /// Publishes to matching subscribers.
    Pub = 1,
    /// Subscribes and filters.
    Sub = 2,
    /// Request, then reply.
    Req = 3,
    /// Answers requests.
    Rep = 4,
    /// Load-balanced requests, fair-queued replies.
    Dealer = 5,
    /// Addresses its peers by routing id.
    Router = 6,
    /// Receives from PUSH.
    Pull = 7,
    /// Load-balances to PULL.
    Push = 8,
    /// PUB that shows subscriptions to the application.
    Xpub = 9,
    /// SUB whose subscriptions are messages.
    Xsub = 10,
    /// Raw TCP connections.
    Stream = 11,
    /// Draft: addresses CLIENTs by number.
    Server = 12,
    /// Draft: talks to SERVERs.
    Client = 13,
    /// Draft: publishes to groups.
    Radio = 14,
    /// Draft: joins groups.
    Dish = 15,
    /// Draft: receives from SCATTER.
    Gather = 16,
    /// Draft: load-balances to GATHER.
    Scatter = 17,
    /// Draft: UDP datagrams.
    Dgram = 18,
    /// Draft: peers that address each other by number.
    Peer = 19,
    /// Draft: thread-safe PAIR.
    Channel = 20,
}

use SocketType::*;

/// Every type with its name on the wire and the types it talks to (ZMTP 3.1, section "socket type").
const TYPES: [(SocketType, &str, &[SocketType]); 21] = [
    (Pair, "PAIR", &[Pair]),
    (Pub, "PUB", &[Sub, Xsub]),
    (Sub, "SUB", &[Pub, Xpub]),
    (Req, "REQ", &[Rep, Router]),
    (Rep, "REP", &[Req, Dealer]),
    (Dealer, "DEALER", &[Rep, Dealer, Router]),
    (Router, "ROUTER", &[Req, Dealer, Router]),
    (Pull, "PULL", &[Push]),
    (Push, "PUSH", &[Pull]),
    (Xpub, "XPUB", &[Sub, Xsub]),
    (Xsub, "XSUB", &[Pub, Xpub]),
    (Stream, "STREAM", &[]),
    (Server, "SERVER", &[Client]),
    (Client, "CLIENT", &[Server]),
    (Radio, "RADIO", &[Dish]),
    (Dish, "DISH", &[Radio]),
    (Gather, "GATHER", &[Scatter]),
    (Scatter, "SCATTER", &[Gather]),
    (Dgram, "DGRAM", &[Dgram]),
    (Peer, "PEER", &[Peer]),
    (Channel, "CHANNEL", &[Channel]),
];

impl SocketType {
    /// The type with that number.
    pub fn from_number(number: i32) -> Option<SocketType> {
        let (socket_type, ..) = TYPES.get(usize::try_from(number).ok()?)?;
        Some(*socket_type)
    }

    /// The number in the C interface.
    pub fn number(self) -> i32 {
        self as i32
    }

    /// The name in the `Socket-Type` property.
    pub fn name(self) -> &'static str {
        TYPES[self as usize].1
    }

    /// Whether a peer that calls itself `name` may talk to this type.
    pub fn accepts(self, name: &[u8]) -> bool {
        TYPES[self as usize].2.iter().any(|peer| peer.name().as_bytes() == name)
    }

    /// Whether the type belongs to the draft API.
    pub fn is_draft(self) -> bool {
        self as usize >= Server as usize
    }

    /// `ZMQ_THREAD_SAFE`, as the reference library reports it: such a type has no `ZMQ_FD` there.
    pub fn is_thread_safe(self) -> bool {
        matches!(self, Server | Client | Radio | Dish | Gather | Scatter | Peer | Channel)
    }

    /// Whether `ZMQ_CONFLATE` has an effect on what this type sends, and on what it receives: pipes
    /// that keep only the latest message. Subscriptions are never conflated.
    pub fn conflates(self) -> (bool, bool) {
        (matches!(self, Dealer | Push | Pub), matches!(self, Dealer | Pull | Sub))
    }

    /// Whether what is queued to a peer is thrown away when its connection is lost, as all of it is
    /// said again to the next one: subscriptions.
    pub fn repeats_itself(self) -> bool {
        matches!(self, Sub | Xsub | Dish)
    }

    /// Whether `ZMQ_HELLO_MSG` goes first on every new connection; `local`: over inproc.
    pub fn says_hello(self, local: bool) -> bool {
        matches!(self, Dealer | Router | Rep | Server | Client | Peer) || local && self == Req
    }

    /// Whether `ZMQ_DISCONNECT_MSG` is delivered when an accepted connection ends.
    pub fn hears_of_disconnects(self) -> bool {
        matches!(self, Router | Rep | Server | Peer)
    }

    /// Whether `ZMQ_HICCUP_MSG` is delivered when a connection that is made anew was lost.
    pub fn hears_of_hiccups(self) -> bool {
        matches!(self, Dealer | Req | Client | Peer)
    }

    /// Types whose sockets do not linger to begin with, whatever the context says.
    pub(super) fn never_lingers(self) -> bool {
        matches!(self, Sub | Xsub | Dish)
    }

    /// Types that announce a routing id in the handshake.
    pub fn announces_identity(self) -> bool {
        matches!(self, Req | Dealer | Router)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_numeric_order_and_compatibility_is_mutual() {
        for (index, (socket_type, name, peers)) in TYPES.iter().enumerate() {
            assert_eq!(socket_type.number(), index as i32);
            assert_eq!(SocketType::from_number(index as i32), Some(*socket_type));
            for peer in *peers {
                assert!(peer.accepts(name.as_bytes()), "{name} and {}", peer.name());
            }
        }
        assert_eq!(SocketType::from_number(21), None);
        assert_eq!(SocketType::from_number(-1), None);
    }
}
