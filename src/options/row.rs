//! What a row of the option table says, and how it is carried out.

use super::buffer::{put_bytes, put_exact, put_text};
use super::socket::SocketOptions;
use super::socket_type::SocketType;
use crate::error::{Error, Result};
use crate::z85;
use std::fmt;
use zeroize::Zeroizing;

/// One socket option.
pub struct Row {
    /// Number in the C interface.
    pub number: i32,
    /// Name without `ZMQ_`.
    pub name: &'static str,
    /// Whether the header shows it without asking.
    pub stability: Stability,
    /// How it is set.
    pub set: Set,
    /// How it is read.
    pub get: Get,
    /// Its value to begin with.
    pub default: &'static str,
    /// The types that can set it; empty: all.
    pub types: &'static [SocketType],
    /// From when on a new value counts.
    pub effect: Effect,
    /// Whether this build does what it says.
    pub state: State,
}

/// Standing of a name in the C header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stability {
    /// For good.
    Stable,
    /// Kept for old programs.
    Deprecated,
    /// Only with `ZMQ_BUILD_DRAFT_API`.
    Draft,
}

/// From when on a new value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// At once, existing connections included.
    AtOnce,
    /// For endpoints that are bound or connected later.
    NextEndpoint,
    /// For connections that are made later.
    NextConnection,
    /// It is a question, not a setting.
    None,
}

/// Whether this build does what an option says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It does.
    Now,
    /// It keeps the value, and does without what the value asks for only where that harms nobody: a
    /// connection that would need the named feature is not made.
    Stored(&'static str),
    /// Setting and reading are `EINVAL`, as in a reference build without the named feature.
    Refused(&'static str),
    /// The same for good: the named feature is not planned.
    LeftOut(&'static str),
}

impl State {
    /// Whether setting and reading fail.
    pub fn is_refused(self) -> bool {
        matches!(self, State::Refused(_) | State::LeftOut(_))
    }
}

/// How an option is set.
pub enum Set {
    /// It is read-only.
    No,
    /// The socket's pattern takes it before the table is asked; the text says what.
    Pattern(&'static str),
    /// An `int`, of 4 bytes exactly.
    Int(Rule, fn(&mut SocketOptions, i32)),
    /// An `int64_t`, of 8 bytes exactly.
    Int64(fn(&mut SocketOptions, i64)),
    /// A `uint64_t`, of 8 bytes exactly.
    Uint64(fn(&mut SocketOptions, u64)),
    /// Bytes; the setter gets None when they are to be cleared.
    Bytes(Length, fn(&mut SocketOptions, Option<&[u8]>)),
    /// A value of 4 bytes that is added to a list, or NULL to clear the list.
    Element(fn(&mut SocketOptions, Option<[u8; 4]>)),
    /// A CURVE key: 32 bytes, 40 characters of Z85, or these with a terminating zero.
    Key(fn(&mut SocketOptions, &[u8; 32])),
    /// Something else, as the text says.
    Parsed(&'static str, fn(&mut SocketOptions, Option<&[u8]>) -> Result<()>),
}

/// Which ints are accepted, and as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Every one.
    Any,
    /// 0 or 1.
    Switch,
    /// Every one; what is not 0 counts as 1.
    Relaxed,
    /// That or more.
    AtLeast(i32),
    /// These and what is between them.
    Range(i32, i32),
}

/// How many bytes are accepted; a NULL pointer has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// 1 to that many; NULL clears.
    OrNull(usize),
    /// 1 to that many; nothing clears.
    Only(usize),
    /// Up to that many; none clears.
    UpTo(usize),
}

/// How an option is read.
pub enum Get {
    /// It is write-only.
    No,
    /// The socket answers it before the table is asked; the text says what it gives.
    Socket(&'static str),
    /// The socket's pattern answers it first.
    Pattern(&'static str),
    /// An `int` into 4 bytes exactly.
    Int(fn(&SocketOptions) -> i32),
    /// An `int64_t` into 8 bytes exactly.
    Int64(fn(&SocketOptions) -> i64),
    /// A `uint64_t` into 8 bytes exactly.
    Uint64(fn(&SocketOptions) -> u64),
    /// Bytes into a buffer.
    Bytes(fn(&SocketOptions) -> &[u8]),
    /// Text and a terminating zero into a buffer.
    Text(fn(&SocketOptions) -> &[u8]),
    /// A key, as 32 bytes or as 40 characters with a terminating zero.
    Key(fn(&SocketOptions) -> &[u8; 32]),
    /// An `int` that follows from the type alone, into 4 bytes exactly.
    OfType(fn(SocketType) -> i32),
    /// The same into a buffer.
    OfTypeBuffer(fn(SocketType) -> i32),
}

impl Row {
    /// Carries out a set call; `value` is None for NULL.
    pub(super) fn set(&self, options: &mut SocketOptions, value: Option<&[u8]>) -> Result<()> {
        match self.set {
            Set::No | Set::Pattern(_) => return Err(Error::Invalid),
            Set::Int(rule, store) => store(options, rule.check(i32::from_ne_bytes(exactly(value)?))?),
            Set::Int64(store) => store(options, i64::from_ne_bytes(exactly(value)?)),
            Set::Uint64(store) => store(options, u64::from_ne_bytes(exactly(value)?)),
            Set::Bytes(length, store) => store(options, length.check(value)?),
            Set::Element(store) => match value {
                None => store(options, None),
                given => store(options, Some(exactly(given)?)),
            },
            Set::Key(store) => store(options, &*key(value.ok_or(Error::Invalid)?)?),
            Set::Parsed(_, store) => return store(options, value),
        }
        Ok(())
    }

    /// Carries out a get call; returns the bytes used.
    pub(super) fn get(
        &self,
        options: &SocketOptions,
        socket_type: SocketType,
        buffer: &mut [u8],
    ) -> Result<usize> {
        match self.get {
            Get::No | Get::Socket(_) | Get::Pattern(_) => Err(Error::Invalid),
            Get::Int(read) => put_exact(buffer, &read(options).to_ne_bytes()),
            Get::Int64(read) => put_exact(buffer, &read(options).to_ne_bytes()),
            Get::Uint64(read) => put_exact(buffer, &read(options).to_ne_bytes()),
            Get::Bytes(read) => put_bytes(buffer, read(options)),
            Get::Text(read) => put_text(buffer, read(options)),
            Get::Key(read) => put_key(buffer, read(options)),
            Get::OfType(read) => put_exact(buffer, &read(socket_type).to_ne_bytes()),
            Get::OfTypeBuffer(read) => put_bytes(buffer, &read(socket_type).to_ne_bytes()),
        }
    }
}

impl Rule {
    /// The number to store, or `Invalid`.
    pub fn check(self, number: i32) -> Result<i32> {
        let (accepted, stored) = match self {
            Rule::Any => (true, number),
            Rule::Relaxed => (true, i32::from(number != 0)),
            Rule::Switch => (number == 0 || number == 1, number),
            Rule::AtLeast(least) => (number >= least, number),
            Rule::Range(least, most) => ((least..=most).contains(&number), number),
        };
        if accepted { Ok(stored) } else { Err(Error::Invalid) }
    }
}

impl Length {
    /// The bytes to store, None to clear, or `Invalid`.
    fn check(self, value: Option<&[u8]>) -> Result<Option<&[u8]>> {
        match (self, value.unwrap_or_default().len()) {
            (Length::OrNull(_), 0) if value.is_none() => Ok(None),
            (Length::UpTo(_), 0) => Ok(None),
            (Length::OrNull(most) | Length::Only(most) | Length::UpTo(most), 1..) => {
                value.filter(|bytes| bytes.len() <= most).map(Some).ok_or(Error::Invalid)
            }
            _ => Err(Error::Invalid),
        }
    }
}

/// A value of exactly so many bytes.
fn exactly<const N: usize>(value: Option<&[u8]>) -> Result<[u8; N]> {
    value.unwrap_or_default().try_into().map_err(|_| Error::Invalid)
}

/// A key in any of its three shapes.
fn key(value: &[u8]) -> Result<Zeroizing<[u8; 32]>> {
    let text = match value.len() {
        32 => return exactly(Some(value)).map(Zeroizing::new),
        40 => value,
        41 if value[40] == 0 => &value[..40],
        _ => return Err(Error::Invalid),
    };
    exactly(Some(&Zeroizing::new(z85::decode(text)?))).map(Zeroizing::new)
}

fn put_key(buffer: &mut [u8], key: &[u8; 32]) -> Result<usize> {
    match buffer.len() {
        32 => put_exact(buffer, key),
        41 => put_text(buffer, &Zeroizing::new(z85::encode(key)?)),
        _ => Err(Error::Invalid),
    }
}

// ---- as docs/compatibility.md shows them ----

impl fmt::Display for Stability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stability::Stable => "stable",
            Stability::Deprecated => "deprecated",
            Stability::Draft => "draft",
        })
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Effect::AtOnce => "at once",
            Effect::NextEndpoint => "next bind or connect",
            Effect::NextConnection => "next connection",
            Effect::None => "-",
        })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            State::Now => f.write_str("yes"),
            State::Stored(feature) => write!(f, "stored; later: {feature}"),
            State::Refused(feature) => write!(f, "EINVAL; later: {feature}"),
            State::LeftOut(feature) => write!(f, "EINVAL; not planned: {feature}"),
        }
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Set::No => f.write_str("-"),
            Set::Pattern(text) | Set::Parsed(text, _) => f.write_str(text),
            Set::Int(rule, _) => write!(f, "int{rule}"),
            Set::Int64(_) => f.write_str("int64"),
            Set::Uint64(_) => f.write_str("uint64"),
            Set::Bytes(length, _) => write!(f, "{length}"),
            Set::Element(_) => f.write_str("int, NULL clears"),
            Set::Key(_) => f.write_str("32 bytes, 40 or 41 characters"),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rule::Any => Ok(()),
            Rule::Switch => f.write_str(" 0 or 1"),
            Rule::Relaxed => f.write_str(", not 0 is 1"),
            Rule::AtLeast(least) => write!(f, " >= {least}"),
            Rule::Range(least, most) => write!(f, " {least} to {most}"),
        }
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most, clears) = match *self {
            Length::OrNull(most) => (1, most, ", NULL clears"),
            Length::Only(most) => (1, most, ""),
            Length::UpTo(most) => (0, most, ""),
        };
        match most {
            usize::MAX => write!(f, "{least} or more bytes{clears}"),
            _ => write!(f, "{least} to {most} bytes{clears}"),
        }
    }
}

impl fmt::Display for Get {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Get::No => "-",
            Get::Socket(text) | Get::Pattern(text) => text,
            Get::Int(_) | Get::OfType(_) => "int",
            Get::OfTypeBuffer(_) => "int, buffer",
            Get::Int64(_) => "int64",
            Get::Uint64(_) => "uint64",
            Get::Bytes(_) => "bytes, buffer",
            Get::Text(_) => "text, buffer",
            Get::Key(_) => "32 bytes or 41",
        })
    }
}
