//! Reference-counted bytes behind a message that are too many to sit inside it.
//!
//! A block starts with a [`Content`] header: a count and the function that releases the block when
//! the count falls to zero. Two kinds share it: bytes allocated with the header ([`Owned`]), and bytes
//! the application lent with a free function ([`Lent`]).

use super::giveback::Loan;
use super::heap;
use super::spare;
use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Function that an application gives with the bytes it lends (`zmq_free_fn`).
pub type FreeFn = unsafe extern "C" fn(data: *mut c_void, hint: *mut c_void);

/// Header of every block.
#[repr(C)]
pub(super) struct Content {
    references: AtomicUsize,
    release: Release,
}

type Release = unsafe fn(NonNull<Content>);

/// A block whose bytes follow the header in the same allocation.
#[repr(C, align(16))]
struct Owned {
    head: Content,
}

/// A block whose bytes belong to the application.
#[repr(C)]
struct Lent {
    head: Content,
    data: *mut c_void,
    hint: *mut c_void,
    free: FreeFn,
}

/// Bytes that say what is lent.
pub(super) const LENT_LEN: usize = size_of::<Lent>();

/// One counted reference to a block.
#[repr(transparent)]
pub(super) struct Reference(NonNull<Content>);

// SAFETY: the count is atomic, and the bytes behind it are written only by the one holder that
// created the block, before it shares it. The free function of lent bytes is documented to be
// called from any thread.
unsafe impl Send for Reference {}
// SAFETY: as above; `&Reference` only allows taking another reference.
unsafe impl Sync for Reference {}

impl Reference {
    /// Allocates a block with room for `capacity` bytes, not initialised. None when there is no memory.
    #[inline]
    pub(super) fn allocate(capacity: usize) -> Option<(Reference, NonNull<u8>)> {
        if let 1..=spare::SMALL_MAX = capacity {
            return Reference::allocate_small(spare::size_for(capacity));
        }
        let block = heap::allocate(owned_size(capacity)?)?;
        // SAFETY: fresh, and of that size.
        Some(unsafe { Reference::begin(block, release_owned) })
    }

    /// A block of one of the sizes that are kept.
    #[inline]
    fn allocate_small(size: usize) -> Option<(Reference, NonNull<u8>)> {
        let block = match spare::take(size) {
            Some(block) => block.cast(),
            None => heap::allocate(owned_size(spare::capacity_of(size))?)?,
        };
        // SAFETY: fresh or nobody's, and of that size.
        Some(unsafe { Reference::begin(block, RELEASE_SMALL[size]) })
    }

    /// # Safety
    /// `block` must be memory from the heap that is nobody's, of `owned_size` of some capacity, and be right for
    /// `release`.
    #[inline]
    unsafe fn begin(block: NonNull<u8>, release: Release) -> (Reference, NonNull<u8>) {
        let block = block.cast::<Owned>();
        let head = Content { references: AtomicUsize::new(1), release };
        // SAFETY: by contract.
        unsafe { block.write(Owned { head }) };
        let block = block.cast();
        // SAFETY: written above; `owned_size` counted the bytes.
        (Reference(block), unsafe { Reference::bytes_of(block) })
    }

    /// Wraps bytes the application lends; `free(data, hint)` is called once, with the last reference.
    ///
    /// # Safety
    /// `free` must be callable with `data` and `hint` from any thread.
    pub(super) unsafe fn lend(data: *mut c_void, hint: *mut c_void, free: FreeFn) -> Option<Reference> {
        let block = allocate_lent()?;
        let head = Content { references: AtomicUsize::new(1), release: release_lent };
        // SAFETY: memory for exactly this type.
        unsafe { block.write(Lent { head, data, hint, free }) };
        Some(Reference(block.cast()))
    }

    /// Whether the bytes are lent, this is the only reference, and a block says so.
    pub(super) fn is_only_loan(&self) -> bool {
        self.is_unique() && std::ptr::fn_addr_eq(self.content().release, release_lent as Release)
    }

    /// Moves what a block of lent bytes says to `room`, and frees the block.
    ///
    /// # Safety
    /// This must be the only reference to lent bytes, and the room of [`LENT_LEN`] bytes, aligned for any type.
    pub(super) unsafe fn lodge(self, room: NonNull<u8>) {
        let block = self.into_raw();
        // SAFETY: by contract; the block is not used any more.
        unsafe {
            room.cast::<Lent>().write(block.cast::<Lent>().read());
            spare::put(spare::LENT, block);
        }
    }

    /// The opposite of [`Reference::lodge`]. None if there is no memory.
    ///
    /// # Safety
    /// What `lodge` put there must be there, and is not used again if a reference is returned.
    pub(super) unsafe fn from_lodged(room: NonNull<u8>) -> Option<Reference> {
        let block = allocate_lent()?;
        // SAFETY: by contract.
        unsafe { block.write(room.cast::<Lent>().read()) };
        Some(Reference(block.cast()))
    }

    /// As [`Reference::from_lodged`], leaving it where it is.
    ///
    /// # Safety
    /// As there; and the room is not used for anything else.
    pub(super) unsafe fn stay_lodged(room: NonNull<u8>) -> Reference {
        let lodged = room.cast::<Lent>();
        // SAFETY: by contract.
        unsafe { (*lodged.as_ptr()).head.release = release_staying };
        Reference(lodged.cast())
    }

    /// Gives back what was lent.
    ///
    /// # Safety
    /// As [`Reference::from_lodged`].
    pub(super) unsafe fn release_lodged(room: NonNull<u8>) {
        // SAFETY: by contract.
        unsafe { room.cast::<Lent>().read().give_back() }
    }

    /// Counts more references, which the caller makes.
    pub(super) fn add(&self, count: usize) {
        // Relaxed: new references are made from one that this thread already holds.
        self.content().references.fetch_add(count, Ordering::Relaxed);
    }

    /// Whether this is the only reference, so that its holder may write the bytes.
    pub(super) fn is_unique(&self) -> bool {
        self.content().references.load(Ordering::Acquire) == 1
    }

    /// Whether the bytes were allocated here, rather than lent by the application.
    pub(super) fn is_owned(&self) -> bool {
        let release = self.content().release;
        ![release_lent as Release, release_staying]
            .into_iter()
            .any(|lent| std::ptr::fn_addr_eq(release, lent))
    }

    /// Whether the block is of the size that `len` bytes are given, if that is one of those that are kept.
    #[inline]
    pub(super) fn is_for(&self, len: usize) -> bool {
        matches!(len, 1..=spare::SMALL_MAX)
            && std::ptr::fn_addr_eq(self.content().release, RELEASE_SMALL[spare::size_for(len)])
    }

    /// Where the bytes of an owned block lie.
    ///
    /// # Safety
    /// The block must be alive, and one that was allocated here.
    #[inline]
    pub(super) unsafe fn bytes_of(block: NonNull<Content>) -> NonNull<u8> {
        // SAFETY: they are right behind the header.
        unsafe { block.cast::<Owned>().add(1) }.cast()
    }

    pub(super) fn into_raw(self) -> NonNull<Content> {
        let raw = self.0;
        std::mem::forget(self);
        raw
    }

    /// # Safety
    /// `raw` must come from [`Reference::into_raw`] and not be used for another reference.
    pub(super) unsafe fn from_raw(raw: NonNull<Content>) -> Reference {
        Reference(raw)
    }

    fn content(&self) -> &Content {
        // SAFETY: the block lives as long as a reference to it does.
        unsafe { self.0.as_ref() }
    }
}

impl Clone for Reference {
    fn clone(&self) -> Reference {
        self.add(1);
        Reference(self.0)
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        let content = self.content();
        // A reference that is the only one stays the only one: nobody else can take another from it. So
        // the usual case needs no exchange.
        if self.is_unique() || content.references.fetch_sub(1, Ordering::Release) == 1 {
            let release = content.release;
            // Whatever other holders did with the bytes happens before they are released. (A fence would
            // say the same, but not to ThreadSanitizer.)
            content.references.load(Ordering::Acquire);
            // SAFETY: the count was one and was ours, so nobody else can reach the block; `release`
            // was stored by the function that allocated it.
            unsafe { release(self.0) }
        }
    }
}

fn owned_size(capacity: usize) -> Option<usize> {
    size_of::<Owned>().checked_add(capacity).filter(|size| isize::try_from(*size).is_ok())
}

/// What releases a block of each of the sizes that are kept.
const RELEASE_SMALL: [Release; spare::SIZES] =
    [release_small::<0>, release_small::<1>, release_small::<2>, release_small::<3>];

/// # Safety
/// `block` must be an `Owned` block from the heap, of that size, without references.
unsafe fn release_small<const SIZE: usize>(block: NonNull<Content>) {
    // SAFETY: by contract.
    unsafe { spare::put(SIZE, block) }
}

/// # Safety
/// `block` must be an `Owned` block from the heap, without references.
unsafe fn release_owned(block: NonNull<Content>) {
    // SAFETY: by contract.
    unsafe { heap::release(block.cast()) }
}

/// # Safety
/// `block` must be a `Lent` block without references.
unsafe fn release_lent(block: NonNull<Content>) {
    // SAFETY: by contract the block is a `Lent`, read out here once before it is freed.
    let lent = unsafe { block.cast::<Lent>().read() };
    // SAFETY: allocated by `allocate_lent`.
    unsafe { spare::put(spare::LENT, block) };
    // SAFETY: this is the only one, as the block is gone.
    unsafe { lent.give_back() };
}

/// # Safety
/// `block` must be a `Lent` without references that is not in a block of its own.
unsafe fn release_staying(block: NonNull<Content>) {
    // SAFETY: by contract; this is the only one.
    unsafe { block.cast::<Lent>().read().give_back() };
}

impl Lent {
    /// # Safety
    /// Only once, after the last use of the bytes.
    unsafe fn give_back(self) {
        // SAFETY: contract of `Reference::lend`.
        unsafe { Loan::new(self.data, self.hint, self.free) }.give_back();
    }
}

/// Memory for what says that bytes are lent.
fn allocate_lent() -> Option<NonNull<Lent>> {
    match spare::take(spare::LENT) {
        Some(block) => Some(block.cast()),
        None => heap::allocate(LENT_LEN).map(NonNull::cast),
    }
}
