//! The socket options that patterns keep themselves, and how their values are read.

pub use crate::options::numbers::{
    INVERT_MATCHING, ONLY_FIRST_SUBSCRIBE, PROBE_ROUTER, REQ_CORRELATE, REQ_RELAXED, ROUTER_HANDOVER,
    ROUTER_MANDATORY, ROUTER_NOTIFY, ROUTER_RAW, ROUTING_ID, STREAM_NOTIFY, SUBSCRIBE, TOPICS_COUNT,
    UNSUBSCRIBE, XPUB_MANUAL, XPUB_MANUAL_LAST_VALUE, XPUB_NODROP, XPUB_VERBOSE, XPUB_VERBOSER,
    XPUB_WELCOME_MSG, XSUB_VERBOSE_UNSUBSCRIBE,
};

use crate::error::{Error, Result};

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
