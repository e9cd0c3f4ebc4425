//! What lies beside the bytes of a message, and is shared by the messages of a connection.
//!
//! The count of references is the one word that the thread which receives from the network and the
//! application's would both write for every message. So the former takes them in stock ([`AnnexStock`]).

use super::metadata::Metadata;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Metadata of the connection that a message came by and the RADIO group.
#[derive(Debug, Default, Clone)]
pub struct Annex {
    /// Properties of the connection.
    pub metadata: Option<Arc<Metadata>>,
    /// Group text with a terminating zero; empty when there is none.
    pub group: Box<[u8]>,
}

const _: () = {
    const fn is_shared<T: Send + Sync>() {}
    is_shared::<Annex>();
};

pub(super) struct Counted {
    references: AtomicUsize,
    annex: Annex,
}

impl Counted {
    #[inline]
    pub(super) fn annex(&self) -> &Annex {
        &self.annex
    }
}

/// One counted reference to an [`Annex`].
pub struct SharedAnnex(NonNull<Counted>);

// SAFETY: the count is atomic, and the annex `Send + Sync` and never written.
unsafe impl Send for SharedAnnex {}
// SAFETY: as above.
unsafe impl Sync for SharedAnnex {}

impl From<Annex> for SharedAnnex {
    fn from(annex: Annex) -> SharedAnnex {
        let counted = Box::new(Counted { references: AtomicUsize::new(1), annex });
        SharedAnnex(NonNull::from(Box::leak(counted)))
    }
}

impl SharedAnnex {
    #[inline]
    pub(super) fn into_raw(self) -> *const Counted {
        ManuallyDrop::new(self).0.as_ptr()
    }

    /// None for null.
    ///
    /// # Safety
    /// `raw` must be null or come from [`SharedAnnex::into_raw`] and not be used for another reference.
    #[inline]
    pub(super) unsafe fn from_raw(raw: *const Counted) -> Option<SharedAnnex> {
        NonNull::new(raw.cast_mut()).map(SharedAnnex)
    }

    /// Counts more references to what `raw` stands for, which the caller makes.
    ///
    /// # Safety
    /// `raw` must be null or come from [`SharedAnnex::into_raw`] and not be given back yet.
    #[inline]
    pub(super) unsafe fn add_to(raw: *const Counted, count: usize) {
        // SAFETY: by contract; the reference stays the caller's.
        if let Some(annex) = unsafe { SharedAnnex::from_raw(raw) } {
            ManuallyDrop::new(annex).add(count);
        }
    }

    #[inline]
    fn counted(&self) -> &Counted {
        // SAFETY: it lives as long as a reference to it does.
        unsafe { self.0.as_ref() }
    }

    #[inline]
    fn add(&self, count: usize) {
        // Relaxed: new references are made from one that this thread already holds.
        self.counted().references.fetch_add(count, Ordering::Relaxed);
    }

    #[inline]
    fn give_back(&self, count: usize) {
        if self.counted().references.fetch_sub(count, Ordering::Release) == count {
            self.release();
        }
    }

    #[cold]
    fn release(&self) {
        // Whatever other holders did with it happens before it is released. (A fence would say the same,
        // but not to ThreadSanitizer.)
        self.counted().references.load(Ordering::Acquire);
        // SAFETY: made by a box; the last reference was given back, so nobody else can reach it.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

impl Deref for SharedAnnex {
    type Target = Annex;

    #[inline]
    fn deref(&self) -> &Annex {
        &self.counted().annex
    }
}

impl std::fmt::Debug for SharedAnnex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (**self).fmt(f)
    }
}

impl Clone for SharedAnnex {
    #[inline]
    fn clone(&self) -> SharedAnnex {
        self.add(1);
        SharedAnnex(self.0)
    }
}

impl Drop for SharedAnnex {
    #[inline]
    fn drop(&mut self) {
        self.give_back(1);
    }
}

/// References to one annex that were counted all at once, for one thread to hand out.
pub struct AnnexStock {
    annex: SharedAnnex,
    /// References that are counted and not handed out yet.
    left: usize,
}

/// References that are counted or given back at once.
const BATCH: usize = 1024;

impl AnnexStock {
    /// An empty stock.
    pub fn new(annex: SharedAnnex) -> AnnexStock {
        AnnexStock { annex, left: 0 }
    }

    /// The annex.
    pub fn annex(&self) -> &SharedAnnex {
        &self.annex
    }

    /// A reference.
    #[inline]
    pub fn take(&mut self) -> SharedAnnex {
        if self.left == 0 {
            self.annex.add(BATCH);
            self.left = BATCH;
        }
        self.left -= 1;
        SharedAnnex(self.annex.0)
    }
}

impl Drop for AnnexStock {
    fn drop(&mut self) {
        // Never the last ones: `annex` is one more.
        self.annex.give_back(self.left);
    }
}

/// References to the annex of one connection that one thread has in hand: of messages that held them and do not any
/// more, and for others that are to hold them. So they are counted and given back many at a time.
pub struct AnnexPool {
    /// Whose they are. It need not be there any more if there are none.
    annex: *const Counted,
    left: usize,
}

// SAFETY: the references are this object's, and counted atomically.
unsafe impl Send for AnnexPool {}
// SAFETY: a shared one cannot be used for anything.
unsafe impl Sync for AnnexPool {}

impl Default for AnnexPool {
    fn default() -> AnnexPool {
        AnnexPool { annex: std::ptr::null(), left: 0 }
    }
}

impl AnnexPool {
    /// Takes a reference, if it is to the annex that is expected here; otherwise it stays where it is.
    ///
    /// # Safety
    /// `raw` must be null or come from [`SharedAnnex::into_raw`], and not be given back yet.
    #[inline]
    pub(super) unsafe fn put(&mut self, raw: &mut *const Counted) {
        if !raw.is_null() && *raw == self.annex {
            *raw = std::ptr::null();
            self.left += 1;
            if self.left == 2 * BATCH {
                self.give_back(BATCH);
            }
        }
    }

    /// A reference to the annex that `raw` stands for, which is expected from now on.
    ///
    /// # Safety
    /// As [`SharedAnnex::add_to`].
    #[inline]
    pub(super) unsafe fn take(&mut self, raw: *const Counted) -> *const Counted {
        self.expect(raw);
        if raw.is_null() {
            return raw;
        }
        if self.left == 0 {
            // SAFETY: passed on to our caller.
            unsafe { SharedAnnex::add_to(raw, BATCH) };
            self.left = BATCH;
        }
        self.left -= 1;
        raw
    }

    /// Expects references to the annex that `raw` stands for from now on.
    #[inline]
    pub(super) fn expect(&mut self, raw: *const Counted) {
        if self.annex != raw {
            self.give_back(self.left);
            self.annex = raw;
        }
    }

    #[cold]
    fn give_back(&mut self, count: usize) {
        self.left -= count;
        if count == 0 {
            return;
        }
        // SAFETY: there are so many references, and nobody else has them.
        if let Some(annex) = unsafe { SharedAnnex::from_raw(self.annex) } {
            ManuallyDrop::new(annex).give_back(count);
        }
    }
}

impl Drop for AnnexPool {
    fn drop(&mut self) {
        self.give_back(self.left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annex_goes_with_its_last_reference() {
        let metadata = Arc::new(Metadata::default());
        let annex = SharedAnnex::from(Annex { metadata: Some(Arc::clone(&metadata)), ..Annex::default() });
        let mut stock = AnnexStock::new(annex);
        let taken: Vec<_> = (0..BATCH + 1).map(|_| stock.take()).collect();
        let copy = stock.annex().clone();
        drop(stock);
        drop(taken);
        assert_eq!(Arc::strong_count(&metadata), 2);
        drop(copy);
        assert_eq!(Arc::strong_count(&metadata), 1);
    }

    #[test]
    fn references_are_given_back_and_taken_together() {
        let metadata = Arc::new(Metadata::default());
        let annex = || SharedAnnex::from(Annex { metadata: Some(Arc::clone(&metadata)), ..Annex::default() });
        let (one, other) = (annex(), annex());
        let mut pool = AnnexPool::default();
        let give = |annex: &SharedAnnex, pool: &mut AnnexPool| {
            let mut raw = annex.clone().into_raw();
            // SAFETY: it is given back here, whoever does it.
            unsafe {
                pool.put(&mut raw);
                drop(SharedAnnex::from_raw(raw));
            }
            raw.is_null()
        };
        assert!(!give(&one, &mut pool), "nothing is expected");
        pool.expect(&raw const *one.counted());
        for _ in 0..2 * BATCH + 3 {
            assert!(give(&one, &mut pool));
        }
        let taken = (0..2 * BATCH).map(|_| {
            // SAFETY: there is one, and what is taken belongs to the caller.
            unsafe { SharedAnnex::from_raw(pool.take(&raw const *one.counted())) }
        });
        drop(taken.collect::<Vec<_>>());
        assert!(!give(&other, &mut pool));
        drop(one);
        assert_eq!(Arc::strong_count(&metadata), 3, "some are left");
        pool.expect(&raw const *other.counted());
        assert_eq!(Arc::strong_count(&metadata), 2);
        assert!(give(&other, &mut pool));
        drop(other);
        drop(pool);
        assert_eq!(Arc::strong_count(&metadata), 1);
    }
}
