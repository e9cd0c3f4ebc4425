//! Threads of the library: named, deaf to signals, and where the application wants them.

use super::io_error;
use crate::error::Result;
use rustix::thread::{CpuSet, sched_setaffinity, set_name};
use std::ffi::CString;
use std::mem::MaybeUninit;
use std::thread::{Builder, JoinHandle};

/// Characters of a thread's name that Linux keeps.
const LONGEST_NAME: usize = 15;

/// What the context's options say about threads. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadSettings {
    /// Stands before the name with a slash between; empty for none.
    pub name_prefix: Vec<u8>,
    /// CPUs to run on; empty for all.
    pub cpus: Vec<usize>,
    /// Scheduling policy (`SCHED_OTHER`, `SCHED_FIFO`, ...).
    pub policy: Option<i32>,
    /// Static priority for the policies that have one; with others, more than 0 asks for the best
    /// nice value.
    pub priority: Option<i32>,
}

/// Starts a thread that no signal is delivered to. What the system refuses of the settings is left
/// out: a thread with the wrong priority serves better than none.
///
/// Errors: `EAGAIN` (`Again`), `ENOMEM`: no thread can be made.
pub fn spawn(
    name: &str,
    settings: &ThreadSettings,
    body: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>> {
    let name = full_name(name, &settings.name_prefix);
    let settings = settings.clone();
    let _blocked = SignalsBlocked::new();
    let start = move || {
        let _ = set_name(&name);
        settings.apply();
        body();
    };
    Builder::new().spawn(start).map_err(io_error)
}

impl ThreadSettings {
    /// To the calling thread.
    fn apply(&self) {
        let mut cpus = CpuSet::new();
        for cpu in self.cpus.iter().filter(|cpu| **cpu < CpuSet::MAX_CPU) {
            cpus.set(*cpu);
        }
        if cpus.count() > 0 {
            let _ = sched_setaffinity(None, &cpus);
        }
        if self.policy.is_some() || self.priority.is_some() {
            schedule(self.policy, self.priority);
        }
    }
}

/// sched(7): policy and static priority, or the nice value.
fn schedule(policy: Option<i32>, priority: Option<i32>) {
    // SAFETY: asks about the calling thread; changes nothing.
    let policy = policy.unwrap_or_else(|| unsafe { libc::sched_getscheduler(0) });
    let has_priority = matches!(policy, libc::SCHED_FIFO | libc::SCHED_RR);
    let wanted = if has_priority { priority.unwrap_or(0) } else { 0 };
    let parameters = libc::sched_param { sched_priority: wanted };
    // SAFETY: the parameters are a live local; the call concerns the calling thread alone.
    unsafe { libc::sched_setscheduler(0, policy, &parameters) };
    if !has_priority && priority.is_some_and(|priority| priority > 0) {
        // SAFETY: no pointers; on Linux it concerns the calling thread alone.
        unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, -20) };
    }
}

/// `prefix/name`, cut to what fits.
fn full_name(name: &str, prefix: &[u8]) -> CString {
    let mut full = prefix.to_vec();
    if !full.is_empty() {
        full.push(b'/');
    }
    full.extend_from_slice(name.as_bytes());
    full.retain(|byte| *byte != 0);
    full.truncate(LONGEST_NAME);
    CString::new(full).unwrap_or_default()
}

/// While it lives, the calling thread has all signals blocked, and so have from their first moment
/// the threads that it starts.
struct SignalsBlocked {
    before: Option<libc::sigset_t>,
}

impl SignalsBlocked {
    fn new() -> SignalsBlocked {
        let mut all = MaybeUninit::<libc::sigset_t>::uninit();
        let mut before = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: sigfillset initialises the first set; pthread_sigmask reads it and, on success,
        // initialises the second (pthread_sigmask(3)).
        let before = unsafe {
            libc::sigfillset(all.as_mut_ptr());
            let result = libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
            (result == 0).then(|| before.assume_init())
        };
        SignalsBlocked { before }
    }
}

impl Drop for SignalsBlocked {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            // SAFETY: puts back the mask that `new` read from this thread; the type is not `Send`
            // in use, as it lives within one call of `spawn`.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before, std::ptr::null_mut()) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::sync::mpsc;

    /// Lines of /proc/thread-self/status by their names.
    fn status(settings: &ThreadSettings) -> impl Fn(&str) -> String {
        let (sender, receiver) = mpsc::channel();
        let read = move || {
            let text = fs::read("/proc/thread-self/status").expect("procfs");
            let _ = sender.send(String::from_utf8_lossy(&text).into_owned());
        };
        spawn("ZMQbg/IO/0", settings, read).expect("a thread").join().expect("no panic");
        let text = receiver.recv().expect("a status");
        move |field| {
            let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
            line.expect(field).trim().to_owned()
        }
    }

    #[test]
    fn threads_have_names_and_no_signals() {
        for (prefix, name) in
            [("", "ZMQbg/IO/0"), ("app", "app/ZMQbg/IO/0"), ("application", "application/ZMQ")]
        {
            let settings = ThreadSettings { name_prefix: prefix.into(), ..Default::default() };
            let field = status(&settings);
            assert_eq!(field("Name"), name);
            let blocked = u64::from_str_radix(&field("SigBlk"), 16).expect("hexadecimal");
            // All but KILL and STOP, which cannot be blocked, and 32 and 33, the C library's own.
            assert_eq!(blocked | 1 << 8 | 1 << 18 | 3 << 31, u64::MAX);
        }
    }

    #[test]
    fn the_caller_keeps_its_signals() {
        let blocked = || {
            let status = fs::read_to_string("/proc/thread-self/status").expect("procfs");
            status.lines().find(|line| line.starts_with("SigBlk")).map(str::to_owned)
        };
        let before = blocked();
        spawn("x", &ThreadSettings::default(), || {}).expect("a thread").join().expect("no panic");
        assert_eq!(blocked(), before);
    }

    #[test]
    fn cpus_are_chosen_and_impossible_settings_are_left_out() {
        let allowed = rustix::thread::sched_getaffinity(None).expect("a set of CPUs");
        let first = (0..CpuSet::MAX_CPU).find(|cpu| allowed.is_set(*cpu)).expect("a CPU");
        let settings = ThreadSettings { cpus: vec![first, 100_000], ..Default::default() };
        assert_eq!(status(&settings)("Cpus_allowed_list"), first.to_string());
        let odd = ThreadSettings {
            name_prefix: b"a\0b\xff".to_vec(),
            cpus: vec![CpuSet::MAX_CPU - 1],
            policy: Some(12345),
            priority: Some(i32::MAX),
        };
        status(&odd)("Name");
    }
}
