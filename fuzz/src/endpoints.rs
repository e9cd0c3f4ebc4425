//! Texts for zmq_bind and zmq_connect.

use ferrozmq::transport::{ConnectAddress, Endpoint};
use ferrozmq::z85;

pub fn run(data: &[u8]) {
    if let Ok(bytes) = z85::decode(data) {
        assert_eq!(z85::encode(&bytes).as_deref(), Ok(data));
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    one(text);
    for scheme in ["tcp", "ipc", "inproc"] {
        one(&format!("{scheme}://{text}"));
    }
}

fn one(text: &str) {
    let Ok(endpoint) = Endpoint::parse(text) else { return };
    assert_eq!(endpoint.text(), text);
    assert!(!endpoint.address().is_empty() && text.ends_with(endpoint.address()));
    let _ = endpoint.bind_address();
    if let Ok(ConnectAddress::Tcp(tcp)) = endpoint.connect_address()
        && let Ok(route) = tcp.route()
    {
        assert!(!route.host.is_empty());
    }
}
