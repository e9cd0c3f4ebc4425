//! Keys as text, and their making.

use crate::arguments::{bytes, text};
use crate::entry::{entry, status};
use ferrozmq::error::Error;
use ferrozmq::z85;
use std::ffi::{c_char, c_int};
use std::ptr;

/// Writes data as Z85 text with a terminating zero, size * 5 / 4 + 1 bytes; returns dest. NULL, EINVAL if
/// size is not a multiple of 4.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_z85_encode(dest: *mut c_char, data: *const u8, size: usize) -> *mut c_char {
    entry(|| {
        // SAFETY: the caller's word; read within this call, before anything is written.
        let text = z85::encode(unsafe { bytes(data.cast(), size) }.ok_or(Error::Fault)?)?;
        if dest.is_null() {
            return Err(Error::Fault);
        }
        // SAFETY: the caller's word that there is room for the text and its zero.
        unsafe {
            ptr::copy_nonoverlapping(text.as_ptr().cast(), dest, text.len());
            dest.add(text.len()).write(0);
        }
        Ok(dest)
    })
}

/// Writes the bytes that a Z85 text stands for, 4 / 5 of its length; returns dest. NULL, EINVAL if it is not
/// such a text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_z85_decode(dest: *mut u8, string: *const c_char) -> *mut u8 {
    entry(|| {
        // SAFETY: the caller's word; read within this call, before anything is written.
        let data = z85::decode(unsafe { text(string) }.ok_or(Error::Fault)?.to_bytes())?;
        if dest.is_null() {
            return Err(Error::Fault);
        }
        // SAFETY: the caller's word that there is room for the bytes.
        unsafe { ptr::copy_nonoverlapping(data.as_ptr(), dest, data.len()) };
        Ok(dest)
    })
}

/// Makes a key pair, each 40 characters and a zero. ENOTSUP in a library without CURVE.
#[unsafe(no_mangle)]
#[allow(unused_variables, reason = "the names are those in the header")]
pub extern "C" fn zmq_curve_keypair(z85_public_key: *mut c_char, z85_secret_key: *mut c_char) -> c_int {
    status(|| Err(Error::NotSupported))
}

/// Derives the public key of a secret key. EINVAL; ENOTSUP in a library without CURVE.
#[unsafe(no_mangle)]
#[allow(unused_variables, reason = "the names are those in the header")]
pub extern "C" fn zmq_curve_public(z85_public_key: *mut c_char, z85_secret_key: *const c_char) -> c_int {
    status(|| Err(Error::NotSupported))
}
