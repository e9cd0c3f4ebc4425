//! Context options (zmq_ctx_set(3), zmq_ctx_get(3)).

use super::buffer::{put_bytes, put_exact};
use super::numbers;
use super::row::{Rule, Stability};
use crate::error::{Error, Result};
use crate::sys::thread::ThreadSettings;

/// What an application has set on a context. It may set anything at any time; what is read when the
/// first socket starts the threads does not change any more after that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextOptions {
    io_threads: i32,
    max_sockets: i32,
    thread_priority: i32,
    thread_policy: i32,
    max_message_size: i32,
    /// For the library's threads, each once; empty for all.
    cpus: Vec<i32>,
    thread_name_prefix: Vec<u8>,
    zero_copy: i32,
    ipv6: i32,
    blocky: i32,
}

/// One context option.
pub struct ContextRow {
    /// Number in the C interface.
    pub number: i32,
    /// Name without `ZMQ_`.
    pub name: &'static str,
    /// Whether the header shows it without asking.
    pub stability: Stability,
    /// How it is set from an int; None: not at all.
    pub set: Option<(Rule, Store)>,
    /// How it is read as an int; None: not at all.
    pub get: Option<fn(&ContextOptions) -> i32>,
    /// Its value to begin with.
    pub default: &'static str,
    /// From when on a new value counts.
    pub effect: &'static str,
}

/// Takes a number that its rule has accepted.
pub type Store = fn(&mut ContextOptions, i32) -> Result<()>;

/// Sockets that a context can be allowed at most.
const SOCKET_LIMIT: i32 = 65_535;
/// Bytes of a `zmq_msg_t`.
const MSG_T_SIZE: i32 = 64;
/// Bytes of the longest prefix of thread names.
const LONGEST_PREFIX: usize = 16;

const START: &str = "first socket";
const SOCKET: &str = "next socket";

/// Every context option. Number 3 has two names: it is set as one and read as the other.
#[rustfmt::skip]
pub static CONTEXT_OPTIONS: [ContextRow; 13] = [
    row(1, "IO_THREADS", at_least(0, |o, v| store(&mut o.io_threads, v)), Some(|o| o.io_threads), "1", START),
    row(2, "MAX_SOCKETS", at_least(1, |o, v| store(&mut o.max_sockets, v)), Some(|o| o.max_sockets), "1023", START),
    row(3, "SOCKET_LIMIT", None, Some(|_| SOCKET_LIMIT), "65535", "-"),
    row(3, "THREAD_PRIORITY", at_least(0, |o, v| store(&mut o.thread_priority, v)), None, "-1", START),
    row(4, "THREAD_SCHED_POLICY", at_least(0, |o, v| store(&mut o.thread_policy, v)), Some(|o| o.thread_policy), "-1", START),
    row(5, "MAX_MSGSZ", at_least(0, |o, v| store(&mut o.max_message_size, v)), Some(|o| o.max_message_size), "2147483647", "stored and returned only"),
    row(6, "MSG_T_SIZE", None, Some(|_| MSG_T_SIZE), "64", "-"),
    row(7, "THREAD_AFFINITY_CPU_ADD", at_least(0, ContextOptions::add_cpu), None, "none", START),
    row(8, "THREAD_AFFINITY_CPU_REMOVE", at_least(0, ContextOptions::remove_cpu), None, "-", START),
    row(9, "THREAD_NAME_PREFIX", Some((Rule::Any, ContextOptions::set_numeric_prefix)), Some(ContextOptions::numeric_prefix), "\"\"", START),
    draft(10, "ZERO_COPY_RECV", at_least(0, |o, v| store(&mut o.zero_copy, v)), Some(|o| i32::from(o.zero_copy != 0)), "1", "no effect: what is received is never left in the I/O buffer"),
    row(42, "IPV6", at_least(0, |o, v| store(&mut o.ipv6, v)), Some(|o| i32::from(o.ipv6 != 0)), "0", SOCKET),
    row(70, "BLOCKY", at_least(0, |o, v| store(&mut o.blocky, v)), Some(|o| i32::from(o.blocky != 0)), "1", SOCKET),
];

impl ContextOptions {
    /// Sets an option from the bytes of its value: an int, or for the prefix of thread names also 1
    /// to 16 bytes of text (4 bytes are an int). Errors: `Invalid`.
    pub fn set(&mut self, option: i32, value: &[u8]) -> Result<()> {
        match value.try_into() {
            Ok(int) => self.set_int(option, i32::from_ne_bytes(int)),
            Err(_) if option == numbers::THREAD_NAME_PREFIX => self.set_prefix(value),
            Err(_) => Err(Error::Invalid),
        }
    }

    /// Sets an option from an int. Errors: `Invalid`.
    pub fn set_int(&mut self, option: i32, number: i32) -> Result<()> {
        let mut rows = CONTEXT_OPTIONS.iter().filter(|row| row.number == option);
        let (rule, store) = rows.find_map(|row| row.set).ok_or(Error::Invalid)?;
        store(self, rule.check(number)?)
    }

    /// Reads an option as an int. Errors: `Invalid`.
    pub fn get(&self, option: i32) -> Result<i32> {
        let mut rows = CONTEXT_OPTIONS.iter().filter(|row| row.number == option);
        rows.find_map(|row| row.get).map(|read| read(self)).ok_or(Error::Invalid)
    }

    /// Reads an option into a buffer: of exactly an int's size, or for the prefix of thread names of
    /// the text's length at least (no zero is added). Errors: `Invalid`.
    pub fn get_ext(&self, option: i32, buffer: &mut [u8]) -> Result<()> {
        if option == numbers::THREAD_NAME_PREFIX {
            return put_bytes(buffer, &self.thread_name_prefix).map(drop);
        }
        put_exact(buffer, &self.get(option)?.to_ne_bytes()).map(drop)
    }

    /// Number of I/O threads; 0 is enough for inproc alone.
    pub fn io_threads(&self) -> usize {
        usize::try_from(self.io_threads).unwrap_or(0)
    }

    /// Sockets that may be open at the same time.
    pub fn max_sockets(&self) -> usize {
        usize::try_from(self.max_sockets).unwrap_or(0)
    }

    /// How the library's threads are to be started.
    pub fn thread_settings(&self) -> ThreadSettings {
        ThreadSettings {
            name_prefix: self.thread_name_prefix.clone(),
            cpus: self.cpus.iter().filter_map(|cpu| usize::try_from(*cpu).ok()).collect(),
            policy: (self.thread_policy >= 0).then_some(self.thread_policy),
            priority: (self.thread_priority >= 0).then_some(self.thread_priority),
        }
    }

    /// `ZMQ_IPV6` of new sockets.
    pub fn ipv6(&self) -> bool {
        self.ipv6 != 0
    }

    /// Whether new sockets linger for ever.
    pub fn blocky(&self) -> bool {
        self.blocky != 0
    }

    fn add_cpu(&mut self, cpu: i32) -> Result<()> {
        if !self.cpus.contains(&cpu) {
            self.cpus.push(cpu);
        }
        Ok(())
    }

    fn remove_cpu(&mut self, cpu: i32) -> Result<()> {
        let known = self.cpus.iter().position(|known| *known == cpu).ok_or(Error::Invalid)?;
        self.cpus.remove(known);
        Ok(())
    }

    fn set_prefix(&mut self, text: &[u8]) -> Result<()> {
        if text.is_empty() || text.len() > LONGEST_PREFIX {
            return Err(Error::Invalid);
        }
        self.thread_name_prefix = text.to_vec();
        Ok(())
    }

    fn set_numeric_prefix(&mut self, number: i32) -> Result<()> {
        self.thread_name_prefix = number.to_string().into_bytes();
        Ok(())
    }

    /// 0 for what is no number.
    fn numeric_prefix(&self) -> i32 {
        std::str::from_utf8(&self.thread_name_prefix).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
    }
}

impl Default for ContextOptions {
    fn default() -> ContextOptions {
        ContextOptions {
            io_threads: numbers::IO_THREADS_DFLT,
            max_sockets: numbers::MAX_SOCKETS_DFLT,
            thread_priority: numbers::THREAD_PRIORITY_DFLT,
            thread_policy: numbers::THREAD_SCHED_POLICY_DFLT,
            max_message_size: i32::MAX,
            cpus: Vec::new(),
            thread_name_prefix: Vec::new(),
            zero_copy: 1,
            ipv6: 0,
            blocky: 1,
        }
    }
}

const fn row(
    number: i32,
    name: &'static str,
    set: Option<(Rule, Store)>,
    get: Option<fn(&ContextOptions) -> i32>,
    default: &'static str,
    effect: &'static str,
) -> ContextRow {
    ContextRow { number, name, stability: Stability::Stable, set, get, default, effect }
}

const fn draft(
    number: i32,
    name: &'static str,
    set: Option<(Rule, Store)>,
    get: Option<fn(&ContextOptions) -> i32>,
    default: &'static str,
    effect: &'static str,
) -> ContextRow {
    ContextRow { number, name, stability: Stability::Draft, set, get, default, effect }
}

const fn at_least(least: i32, store: Store) -> Option<(Rule, Store)> {
    Some((Rule::AtLeast(least), store))
}

fn store(place: &mut i32, number: i32) -> Result<()> {
    *place = number;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_and_ranges() {
        const NO: Result<i32> = Err(Error::Invalid);
        let mut options = ContextOptions::default();
        // Number, default, smallest value that is accepted.
        for (option, default, least) in [
            (numbers::IO_THREADS, Ok(1), Some(0)),
            (numbers::MAX_SOCKETS, Ok(1023), Some(1)),
            (numbers::SOCKET_LIMIT, Ok(65_535), Some(0)),
            (numbers::THREAD_SCHED_POLICY, Ok(-1), Some(0)),
            (numbers::MAX_MSGSZ, Ok(i32::MAX), Some(0)),
            (numbers::MSG_T_SIZE, Ok(64), None),
            (numbers::THREAD_AFFINITY_CPU_ADD, NO, Some(0)),
            (numbers::THREAD_NAME_PREFIX, Ok(0), Some(i32::MIN)),
            (numbers::ZERO_COPY_RECV, Ok(1), Some(0)),
            (numbers::IPV6, Ok(0), Some(0)),
            (numbers::BLOCKY, Ok(1), Some(0)),
            (0, NO, None),
            (11, NO, None),
            (-1, NO, None),
        ] {
            assert_eq!(options.get(option), default, "{option}");
            for number in [i32::MIN, -1, 0, 1, i32::MAX] {
                let accepted = least.is_some_and(|least| number >= least);
                assert_eq!(options.set_int(option, number).is_ok(), accepted, "{option} = {number}");
            }
        }
        assert_eq!(options.io_threads(), i32::MAX as usize);
        assert_eq!(options.get(numbers::IPV6), Ok(1));
        assert_eq!(options.get(numbers::SOCKET_LIMIT), Ok(65_535));
        assert_eq!(options.thread_settings().policy, Some(i32::MAX));
    }

    #[test]
    fn cpus_are_added_once_and_removed_when_known() {
        let mut options = ContextOptions::default();
        for (option, cpu, result) in [
            (numbers::THREAD_AFFINITY_CPU_REMOVE, 3, Err(Error::Invalid)),
            (numbers::THREAD_AFFINITY_CPU_ADD, 3, Ok(())),
            (numbers::THREAD_AFFINITY_CPU_ADD, 3, Ok(())),
            (numbers::THREAD_AFFINITY_CPU_ADD, 5, Ok(())),
            (numbers::THREAD_AFFINITY_CPU_REMOVE, 3, Ok(())),
            (numbers::THREAD_AFFINITY_CPU_REMOVE, 3, Err(Error::Invalid)),
        ] {
            assert_eq!(options.set_int(option, cpu), result);
        }
        assert_eq!(options.thread_settings().cpus, [5]);
    }

    #[test]
    fn prefixes_are_texts_or_numbers() {
        const PREFIX: i32 = numbers::THREAD_NAME_PREFIX;
        let mut options = ContextOptions::default();
        for (value, result) in [
            (&b""[..], Err(Error::Invalid)),
            (b"abc", Ok(())),
            (b"sixteen bytes ok", Ok(())),
            (b"seventeen bytes n", Err(Error::Invalid)),
        ] {
            assert_eq!(options.set(PREFIX, value), result);
        }
        assert_eq!(options.get(PREFIX), Ok(0));
        let mut buffer = [9; 20];
        assert_eq!(options.get_ext(PREFIX, &mut buffer), Ok(()));
        assert!(buffer.starts_with(b"sixteen bytes ok\0"));
        assert_eq!(options.get_ext(PREFIX, &mut [0; 15]), Err(Error::Invalid));
        assert_eq!(options.set(PREFIX, &1234_i32.to_ne_bytes()), Ok(()));
        assert_eq!(options.get(PREFIX), Ok(1234));
        assert_eq!(options.thread_settings().name_prefix, b"1234");
    }

    #[test]
    fn the_general_form_wants_an_int_exactly() {
        let mut options = ContextOptions::default();
        for size in [0, 1, 3, 5, 8] {
            assert_eq!(options.set(numbers::IO_THREADS, &vec![0; size]), Err(Error::Invalid));
            assert_eq!(options.get_ext(numbers::IO_THREADS, &mut vec![0; size]), Err(Error::Invalid));
        }
        assert_eq!(options.set(numbers::IO_THREADS, &7_i32.to_ne_bytes()), Ok(()));
        let mut buffer = [0; 4];
        assert_eq!(options.get_ext(numbers::IO_THREADS, &mut buffer), Ok(()));
        assert_eq!(i32::from_ne_bytes(buffer), 7);
        assert_eq!(options.get_ext(numbers::THREAD_PRIORITY, &mut buffer), Ok(()));
        assert_eq!(i32::from_ne_bytes(buffer), SOCKET_LIMIT);
    }
}
