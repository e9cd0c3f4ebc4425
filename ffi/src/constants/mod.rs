//! The numbers of the header, from which its macros are generated.

pub mod draft;
mod stable;

pub use stable::*;

const _: () = assert!(
    equal(env!("CARGO_PKG_VERSION_MAJOR"), ZMQ_VERSION_MAJOR)
        && equal(env!("CARGO_PKG_VERSION_MINOR"), ZMQ_VERSION_MINOR)
        && equal(env!("CARGO_PKG_VERSION_PATCH"), ZMQ_VERSION_PATCH)
);

/// Whether a text of one digit is that number.
const fn equal(text: &str, number: std::ffi::c_int) -> bool {
    text.len() == 1 && text.as_bytes()[0] as i32 - b'0' as i32 == number
}
