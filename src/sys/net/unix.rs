//! unix-domain stream sockets (unix(7)) and who may use them.

use super::listener::{Listener, Listening};
use super::stream::ConnectOutcome;
use super::stream_socket;
use crate::error::{Error, Result};
use crate::sys::{io_error, os_error};
use rustix::net::{AddressFamily, SocketAddrUnix};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A name that a socket can be bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnixName<'a> {
    /// A file.
    Path(&'a str),
    /// A name in Linux's abstract namespace.
    Abstract(&'a str),
}

/// Where temporary directories may be, best first; otherwise in the current directory.
const TEMPORARY: [&str; 3] = ["TMPDIR", "TEMPDIR", "TMP"];

/// What a wildcard address created, to be removed in the end.
#[derive(Debug)]
pub(super) struct Cleanup {
    file: Option<PathBuf>,
    directory: PathBuf,
}

/// Listens; a file of that name is removed first, whoever made it.
///
/// Errors: `ENAMETOOLONG`, `EADDRINUSE` for an abstract name, `ENOENT`, `EACCES`, ...
pub fn listen_unix(name: UnixName<'_>, backlog: i32) -> Listening {
    if let UnixName::Path(path) = name {
        // Should that fail for another reason than there being nothing, bind will tell.
        let _ = fs::remove_file(path);
    }
    listen(name, backlog, None)
}

/// Listens on a file in a fresh directory that only this user may enter; both are removed when the
/// listener is closed. [`Listener::local_endpoint`] tells where.
pub fn listen_unix_wildcard(backlog: i32) -> Listening {
    let mut cleanup = Cleanup { file: None, directory: private_directory()? };
    let file = cleanup.directory.join("socket");
    // The directory's name is ours and its parent's came from a variable: if that is no text, no
    // endpoint could show it.
    let path = file.to_str().ok_or(Error::Invalid)?.to_owned();
    cleanup.file = Some(file);
    listen(UnixName::Path(&path), backlog, Some(cleanup))
}

/// Starts to connect; as a rule it is done at once, or refused.
///
/// Failures: `ECONNREFUSED`, `ENOENT`, `EACCES`, `Again` when the listener's backlog is full. Errors, before
/// there is a descriptor: `ENAMETOOLONG`, `EMFILE`, ...
pub fn connect_unix(name: UnixName<'_>) -> Result<ConnectOutcome> {
    let address = name.address()?;
    let fd = stream_socket(AddressFamily::UNIX)?;
    Ok(ConnectOutcome::of(rustix::net::connect(&fd, &address), fd))
}

/// Whether the user is listed as a member of the group (group(5)). False when either is unknown.
/// Asks the system's user database, which can take a while where that is on another machine.
pub fn is_group_member(uid: u32, gid: u32) -> bool {
    user_name(uid).is_some_and(|user| group_lists(gid, &user))
}

impl UnixName<'_> {
    fn address(self) -> Result<SocketAddrUnix> {
        match self {
            UnixName::Path(path) => SocketAddrUnix::new(path),
            UnixName::Abstract(name) => SocketAddrUnix::new_abstract_name(name.as_bytes()),
        }
        .map_err(os_error)
    }
}

impl Cleanup {
    /// Removes file and directory; the first failure is told, yet both are tried.
    pub(super) fn run(mut self) -> Result<()> {
        let file = self.file.take().map_or(Ok(()), fs::remove_file);
        let directory = fs::remove_dir(std::mem::take(&mut self.directory));
        file.and(directory).map_err(io_error)
    }
}

impl Drop for Cleanup {
    /// For a bind that failed half-way; after [`Cleanup::run`] there is nothing left to do.
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            let _ = fs::remove_file(file);
        }
        if !self.directory.as_os_str().is_empty() {
            let _ = fs::remove_dir(&self.directory);
        }
    }
}

fn listen(name: UnixName<'_>, backlog: i32, cleanup: Option<Cleanup>) -> Listening {
    let address = name.address()?;
    Listener::begin(stream_socket(AddressFamily::UNIX)?, &address, backlog, cleanup)
}

/// Creates `tmpXXXXXX`.
fn private_directory() -> Result<PathBuf> {
    let variables = TEMPORARY.iter().filter_map(std::env::var_os).map(PathBuf::from);
    let parent = variables.into_iter().find(|path| Path::is_dir(path)).unwrap_or_default();
    loop {
        let suffix: String = std::iter::repeat_with(fastrand::alphanumeric).take(6).collect();
        let directory = parent.join(format!("tmp{suffix}"));
        match DirBuilder::new().mode(0o700).create(&directory) {
            Ok(()) => return Ok(directory),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(io_error(error)),
        }
    }
}

/// Room for an entry of the user or group database; the C library says when it is too small.
const ENTRY: usize = 1024;
/// No entry needs as much; beyond it the user counts as unknown.
const LARGEST_ENTRY: usize = 1 << 20;

fn user_name(uid: u32) -> Option<std::ffi::CString> {
    let mut buffer = vec![0 as libc::c_char; ENTRY];
    loop {
        // SAFETY: passwd is a plain C structure; all zero is null pointers and zero ids.
        let mut entry: libc::passwd = unsafe { std::mem::zeroed() };
        let mut found = std::ptr::null_mut();
        // SAFETY: every pointer is to a live local of the stated size (getpwuid_r(3)).
        let result =
            unsafe { libc::getpwuid_r(uid, &mut entry, buffer.as_mut_ptr(), buffer.len(), &mut found) };
        if result == libc::ERANGE && buffer.len() < LARGEST_ENTRY {
            buffer.resize(buffer.len() * 2, 0);
            continue;
        }
        if result != 0 || found.is_null() || entry.pw_name.is_null() {
            return None;
        }
        // SAFETY: on success the name is a text in `buffer`, which outlives this use.
        return Some(unsafe { std::ffi::CStr::from_ptr(entry.pw_name) }.to_owned());
    }
}

fn group_lists(gid: u32, user: &std::ffi::CStr) -> bool {
    let mut buffer = vec![0 as libc::c_char; ENTRY];
    loop {
        // SAFETY: group is a plain C structure; all zero is null pointers and zero ids.
        let mut entry: libc::group = unsafe { std::mem::zeroed() };
        let mut found = std::ptr::null_mut();
        // SAFETY: every pointer is to a live local of the stated size (getgrgid_r(3)).
        let result =
            unsafe { libc::getgrgid_r(gid, &mut entry, buffer.as_mut_ptr(), buffer.len(), &mut found) };
        if result == libc::ERANGE && buffer.len() < LARGEST_ENTRY {
            buffer.resize(buffer.len() * 2, 0);
            continue;
        }
        if result != 0 || found.is_null() || entry.gr_mem.is_null() {
            return false;
        }
        let mut member = entry.gr_mem;
        // SAFETY: gr_mem is an array of texts in `buffer` that ends with a null pointer; each step
        // stays within it as the null has not been seen yet.
        unsafe {
            while !(*member).is_null() {
                if std::ffi::CStr::from_ptr(*member) == user {
                    return true;
                }
                member = member.add(1);
            }
        }
        return false;
    }
}
