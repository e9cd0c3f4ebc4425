//! Keys as text, and their making.

use crate::arguments::{bytes, text};
use crate::entry::{entry, status};
use ferrozmq::curve::{KEY, SecretKey};
use ferrozmq::error::{Error, Result};
use ferrozmq::sys::random;
use ferrozmq::z85;
use std::ffi::{c_char, c_int};
use std::ptr;
use zeroize::Zeroizing;

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
        unsafe { put_text(dest, &text) };
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

/// Makes a key pair, each 40 characters and a zero. EFAULT for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_curve_keypair(
    z85_public_key: *mut c_char,
    z85_secret_key: *mut c_char,
) -> c_int {
    status(|| {
        if z85_public_key.is_null() || z85_secret_key.is_null() {
            return Err(Error::Fault);
        }
        let secret = SecretKey::random(random::fill)?;
        // SAFETY: the caller's word that there is room for 41 bytes each.
        unsafe {
            put_key(z85_public_key, &secret.public())?;
            put_key(z85_secret_key, secret.bytes())
        }
    })
}

/// Derives the public key of a secret key. EINVAL if that is not one; EFAULT for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_curve_public(
    z85_public_key: *mut c_char,
    z85_secret_key: *const c_char,
) -> c_int {
    status(|| {
        // SAFETY: the caller's word; read within this call, before anything is written.
        let secret = unsafe { text(z85_secret_key) }.ok_or(Error::Fault)?.to_bytes();
        let secret = Zeroizing::new(z85::decode(secret)?);
        let secret = secret.first_chunk().ok_or(Error::Invalid)?;
        if z85_public_key.is_null() {
            return Err(Error::Fault);
        }
        // SAFETY: the caller's word that there is room for 41 bytes.
        unsafe { put_key(z85_public_key, &SecretKey::new(secret).public()) }
    })
}

/// # Safety
/// There is room for 41 bytes at `dest`.
unsafe fn put_key(dest: *mut c_char, key: &[u8; KEY]) -> Result<()> {
    let text = Zeroizing::new(z85::encode(key)?);
    // SAFETY: by contract: a key is 40 characters, and a zero.
    unsafe { put_text(dest, &text) };
    Ok(())
}

/// # Safety
/// There is room for the text and a zero at `dest`.
unsafe fn put_text(dest: *mut c_char, text: &[u8]) {
    // SAFETY: by contract.
    unsafe {
        ptr::copy_nonoverlapping(text.as_ptr().cast(), dest, text.len());
        dest.add(text.len()).write(0);
    }
}
