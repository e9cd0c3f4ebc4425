//! Frame headers, commands and properties: what is read is written back the same, and what is written is
//! read.

use super::input::Input;
use ferrozmq::msg::Flags;
use ferrozmq::wire::command::{self, Command, Ping};
use ferrozmq::wire::frame::{Framing, MAX_HEADER};
use ferrozmq::wire::greeting;
use ferrozmq::wire::properties::{self, PeerProperties};

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let socket_type = input.socket_type();
    let bytes = input.rest();

    for framing in [Framing::Zmtp1, Framing::Zmtp2] {
        header(framing, bytes);
    }
    let _ = greeting::opening(bytes);

    if let Some(command) = Command::parse(bytes) {
        assert_eq!(command::body(command.name, command.data), bytes);
        assert_eq!(command::body_len(command.name, command.data.len()), bytes.len());
    }
    if let Some(ping) = Ping::parse(bytes) {
        assert!(ping.context.len() <= command::MAX_CONTEXT);
    }

    if let Ok(parsed) = PeerProperties::parse(bytes, socket_type) {
        let mut written = Vec::new();
        for (name, value) in parsed.iter() {
            properties::push(&mut written, name, value);
        }
        assert_eq!(PeerProperties::parse(&written, socket_type), Ok(parsed));
    }
}

fn header(framing: Framing, bytes: &[u8]) {
    let whole = framing.header(bytes);
    let Ok(Some(header)) = whole else { return };
    assert!(header.len <= MAX_HEADER.min(bytes.len()));
    assert!(!header.flags.intersects((Flags::MORE | Flags::COMMAND).complement()));
    for cut in 0..header.len {
        assert_eq!(framing.header(&bytes[..cut]), Ok(None), "known before it was whole");
    }
    // Written again, it says the same; perhaps in fewer bytes.
    if let Ok(body_len) = usize::try_from(header.body_len)
        && body_len < usize::MAX
    {
        let mut written = Vec::new();
        framing.push_header(&mut written, header.flags, body_len);
        let again = framing.header(&written).expect("valid").expect("whole");
        assert_eq!((again.flags, again.body_len), (header.flags, header.body_len));
        assert!(again.len == written.len() && again.len <= header.len);
    }
}
