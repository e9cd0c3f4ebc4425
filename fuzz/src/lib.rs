//! The bodies of the fuzz targets. `tests/fuzz.rs` of the library runs the same over a small corpus and
//! invented inputs, so that they stay alive without a fuzzer.

pub mod codecs;
mod conversation;
pub mod endpoints;
pub mod engine;
mod input;
pub mod options;
pub mod sockets;

/// A target's name and body.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 5] = [
    ("engine", engine::run),
    ("codecs", codecs::run),
    ("endpoints", endpoints::run),
    ("options", options::run),
    ("sockets", sockets::run),
];
