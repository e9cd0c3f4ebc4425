//! What is in a lane, and how it gets in and out.

use std::mem::{ManuallyDrop, MaybeUninit};
use std::ops::Deref;
use std::ptr::{self, NonNull};

/// What can be in a lane.
///
/// # Safety
/// [`Relocate::enter`] and [`Relocate::leave`] initialise `place`. After `enter` and [`Relocate::release`], nothing is
/// lost if the value is overwritten without being dropped. What has left a lane does not refer to `room` any more,
/// unless `leave` says so.
pub unsafe trait Relocate: Sized {
    /// Bytes that the value would take along to another thread; 0 for none.
    fn payload_len(&self) -> usize;

    /// Moves the value to `place`, and what it takes along to `room`, if there is room; leaves another value that
    /// is of no use.
    ///
    /// # Safety
    /// The room is of `payload_len` bytes, begins with a cache line, and stays as it is until the value has left
    /// `place`.
    unsafe fn enter(&mut self, place: &mut MaybeUninit<Self>, room: Option<NonNull<u8>>);

    /// Moves a value that may have taken something along to `place`, which holds nothing. False if there was no memory
    /// for what it took along: then it goes on to refer to the room, which must not be used for anything else.
    ///
    /// # Safety
    /// The original is neither used nor dropped any more.
    unsafe fn leave(&mut self, place: &mut MaybeUninit<Self>) -> bool;

    /// As [`Relocate::leave`], in place of what is at `place`, which is released.
    ///
    /// # Safety
    /// As [`Relocate::leave`].
    unsafe fn leave_for(&mut self, place: &mut Self) -> bool {
        place.release();
        // SAFETY: by contract. The place is of the same type but for the promise that it is initialised, which
        // `leave` keeps, and what is overwritten there holds nothing.
        unsafe { self.leave(&mut *ptr::from_mut(place).cast::<MaybeUninit<Self>>()) }
    }

    /// Releases what the value holds, leaving another one that is of no use.
    fn release(&mut self);

    /// Fetches what the value refers to.
    fn prefetch(&self);
}

/// What becomes an item in its slot, from what lies elsewhere.
///
/// # Safety
/// [`Draft::enter`] initialises `place`.
pub unsafe trait Draft<T> {
    /// Bytes that lie beside the slot; 0 for none.
    fn payload_len(&self) -> usize;

    /// Makes the item at `place`, and of what it takes along in `room`.
    ///
    /// # Safety
    /// As [`Relocate::enter`]; there is room unless `payload_len` is 0.
    unsafe fn enter(self, place: &mut MaybeUninit<T>, room: Option<NonNull<u8>>);
}

/// An item that was read, where it is. Released at the end, unless it is taken.
pub struct InPlace<'a, T: Relocate>(Place<'a, T>);

enum Place<'a, T> {
    /// In a lane, of which it may keep room.
    Slot(&'a mut T, &'a mut bool),
    /// Elsewhere, as nobody has it in hand who is in a hurry.
    Here(Box<T>),
}

impl<'a, T: Relocate> InPlace<'a, T> {
    /// Of an item whose slot was passed.
    #[inline]
    pub(super) fn in_slot(item: &'a mut T, keeps_room: &'a mut bool) -> InPlace<'a, T> {
        InPlace(Place::Slot(item, keeps_room))
    }

    /// Takes it.
    pub fn into_inner(self) -> T {
        match &mut ManuallyDrop::new(self).0 {
            Place::Slot(item, keeps_room) => {
                let mut place = MaybeUninit::uninit();
                // SAFETY: the item is not dropped.
                **keeps_room |= unsafe { !item.leave(&mut place) };
                // SAFETY: `leave` has moved it there.
                unsafe { place.assume_init() }
            }
            // SAFETY: it is not dropped.
            Place::Here(item) => *unsafe { ptr::read(item) },
        }
    }
}

/// One that is not in a lane.
impl<T: Relocate> From<T> for InPlace<'_, T> {
    fn from(item: T) -> Self {
        InPlace(Place::Here(Box::new(item)))
    }
}

impl<T: Relocate> Deref for InPlace<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match &self.0 {
            Place::Slot(item, _) => item,
            Place::Here(item) => item,
        }
    }
}

impl<T: Relocate> Drop for InPlace<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Place::Slot(item, _) = &mut self.0 {
            item.release();
        }
    }
}
