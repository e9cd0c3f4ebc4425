//! The authenticator's protocol, ZAP 1.0 (RFC 27): questions and answers as the parts of messages.

use super::{Question, Verdict};
use crate::options::SocketType;
use crate::wire::Violation;
use crate::wire::properties::PeerProperties;

/// The inproc name under which an authenticator is bound.
pub const NAME: &str = "zeromq.zap.01";

const VERSION: &[u8] = b"1.0";

/// There is one question at a time between two ends.
const REQUEST_ID: &[u8] = b"1";

/// Who asks, and about whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker<'a> {
    /// The domain; may be empty.
    pub domain: &'a [u8],
    /// The peer's address; empty if it is not known.
    pub address: &'a [u8],
    /// The routing id of the asking socket, not of the peer.
    pub routing_id: &'a [u8],
}

/// The parts of a question, as a REQ would send them.
pub fn question<'a>(asker: &Asker<'a>, question: &'a Question) -> Vec<&'a [u8]> {
    let Asker { domain, address, routing_id } = *asker;
    let mechanism = question.mechanism.as_bytes();
    let mut parts = vec![b"", VERSION, REQUEST_ID, domain, address, routing_id, mechanism];
    parts.extend(question.credentials.iter().map(|credential| &credential[..]));
    parts
}

/// Takes an answer apart. Its properties are checked like those of a peer of a `local` socket.
pub fn verdict<P: AsRef<[u8]>>(answer: &[P], local: SocketType) -> Result<Verdict, Violation> {
    let [delimiter, version, request_id, status, _text, user_id, properties] = answer else {
        return Err(Violation::MalformedAnswer);
    };
    if !delimiter.as_ref().is_empty() {
        return Err(Violation::AnswerWithoutDelimiter);
    }
    if version.as_ref() != VERSION {
        return Err(Violation::AnswerVersion);
    }
    if request_id.as_ref() != REQUEST_ID {
        return Err(Violation::ForeignAnswer);
    }
    let refused = match status.as_ref() {
        b"200" => None,
        b"300" => Some(300),
        b"400" => Some(400),
        b"500" => Some(500),
        _ => return Err(Violation::AnswerStatus),
    };
    let properties = PeerProperties::parse(properties.as_ref(), local);
    let properties = properties.map_err(|_| Violation::AnswerProperties)?;
    Ok(match refused {
        Some(status) => Verdict::Refused(status),
        None => Verdict::Accepted {
            user_id: user_id.as_ref().to_vec(),
            properties: properties.iter().map(|(name, value)| (name.to_owned(), value.to_vec())).collect(),
        },
    })
}
