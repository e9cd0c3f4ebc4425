//! The socket options that patterns keep themselves, and how their values are read.

use crate::error::{Error, Result};

pub const ROUTING_ID: i32 = 5;
pub const SUBSCRIBE: i32 = 6;
pub const UNSUBSCRIBE: i32 = 7;
pub const ROUTER_MANDATORY: i32 = 33;
pub const XPUB_VERBOSE: i32 = 40;
pub const ROUTER_RAW: i32 = 41;
pub const PROBE_ROUTER: i32 = 51;
pub const REQ_CORRELATE: i32 = 52;
pub const REQ_RELAXED: i32 = 53;
pub const ROUTER_HANDOVER: i32 = 56;
pub const XPUB_NODROP: i32 = 69;
pub const XPUB_MANUAL: i32 = 71;
pub const XPUB_WELCOME_MSG: i32 = 72;
pub const STREAM_NOTIFY: i32 = 73;
pub const INVERT_MATCHING: i32 = 74;
pub const XPUB_VERBOSER: i32 = 78;
pub const ROUTER_NOTIFY: i32 = 97;
pub const XPUB_MANUAL_LAST_VALUE: i32 = 98;
pub const ONLY_FIRST_SUBSCRIBE: i32 = 108;
pub const XSUB_VERBOSE_UNSUBSCRIBE: i32 = 115;
pub const TOPICS_COUNT: i32 = 116;

/// An `int`, of exactly that size.
pub fn int(value: &[u8]) -> Result<i32> {
    value.try_into().map(i32::from_ne_bytes).map_err(|_| Error::Invalid)
}

/// 0 is off, a positive number on, a negative one an error.
pub fn nonneg_switch(value: &[u8]) -> Result<bool> {
    match int(value)? {
        number @ 0.. => Ok(number != 0),
        _ => Err(Error::Invalid),
    }
}

/// 0 or 1 and nothing else.
pub fn strict_switch(value: &[u8]) -> Result<bool> {
    match int(value)? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Error::Invalid),
    }
}

/// 0 is off, any other number on.
pub fn relaxed_switch(value: &[u8]) -> Result<bool> {
    Ok(int(value)? != 0)
}

/// On if any of the first four bytes is set; the size does not matter.
pub fn unsized_switch(value: &[u8]) -> bool {
    value.iter().take(size_of::<i32>()).any(|byte| *byte != 0)
}

/// A count, as the `int` that an application reads.
pub fn count(number: usize) -> Vec<u8> {
    i32::try_from(number).unwrap_or(i32::MAX).to_ne_bytes().to_vec()
}

/// Stores what a setter parsed.
pub fn store<T>(place: &mut T, parsed: Result<T>) -> Option<Result<()>> {
    Some(parsed.map(|value| *place = value))
}
