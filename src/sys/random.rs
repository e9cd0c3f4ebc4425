//! Random bytes that nobody can guess, from the kernel (getrandom(2)).

use super::os_error;
use crate::error::Result;
use rustix::io::Errno;
use rustix::rand::{GetRandomFlags, getrandom};

/// Fills `room`. Waits only if the system has just been started and has not gathered randomness yet.
pub fn fill(mut room: &mut [u8]) -> Result<()> {
    while !room.is_empty() {
        match getrandom(&mut *room, GetRandomFlags::empty()) {
            Ok(filled) => room = &mut room[filled..],
            Err(Errno::INTR) => {}
            Err(errno) => return Err(os_error(errno)),
        }
    }
    Ok(())
}
