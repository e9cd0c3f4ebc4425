//! The message: 64 bytes that C holds as `zmq_msg_t`.
//!
//! Up to [`INLINE_CAPACITY`] bytes lie inside the object. More are looked at through a pointer and a
//! length: into a reference-counted block (allocated here, or lent by the application with a free
//! function) or into constant memory that nobody frees. Copying shares the block; moving a `Message`
//! moves 64 bytes.
//!
//! While a message is in a lane, what a block of up to 256 bytes holds, or says of lent bytes, may lie there instead.
//!
//! A message belongs to one thread at a time and may be handed to another. All unsafe code about
//! message contents is in this module.

mod annex;
mod buffer;
mod content;
mod copied;
mod giveback;
mod group;
mod heap;
mod incoming;
mod label;
mod metadata;
mod spare;

pub use annex::{Annex, AnnexPool, AnnexStock, SharedAnnex};
pub use buffer::ReceiveBuffer;
pub use content::FreeFn;
pub use copied::Copied;
pub use giveback::{Loan, Section};
pub use group::{GROUP_MAX_LEN, group_of, stored_group};
#[cfg(test)]
pub(crate) use heap::EXHAUSTED;
pub use incoming::Incoming;
pub use metadata::{Metadata, name};

use crate::error::{Error, Result};
use crate::sync::Relocate;
use crate::sync::prefetch;
use annex::Counted;
use content::{Content, LENT_LEN, Reference};
use label::{Label, kind};
use std::ffi::c_void;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr::{self, NonNull};

/// Bytes that fit inside the object.
pub const INLINE_CAPACITY: usize = 48;

/// The most bytes that a lane takes along with a message.
const HOSTED_MAX: usize = spare::SMALL_MAX;

bitflags::bitflags! {
    /// Properties of a message besides its bytes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Flags: u8 {
        /// Another part of the same message follows.
        const MORE = 1;
        /// A protocol command, not for the application.
        const COMMAND = 2;
        /// The content is or was shared by reference (`ZMQ_SHARED`).
        const SHARED = 4;
        /// A subscription (first byte 1) or cancellation (first byte 0) that the library itself
        /// made; goes to peers that know the SUBSCRIBE command as such.
        const SUBSCRIPTION = 8;
    }
}

/// A message part.
#[repr(C, align(8))]
pub struct Message {
    body: Body,
    /// `SharedAnnex::into_raw`, or null.
    annex: *const Counted,
    label: Label,
}

#[repr(C)]
#[derive(Clone, Copy)]
union Body {
    inline: [MaybeUninit<u8>; INLINE_CAPACITY],
    view: View,
}

/// Bytes outside the object. `content` is null for constant data.
#[repr(C)]
#[derive(Clone, Copy)]
struct View {
    content: *mut Content,
    data: *mut u8,
    len: usize,
}

const _: () = assert!(size_of::<Message>() == 64 && align_of::<Message>() == 8);
const _: () = assert!(size_of::<View>() <= INLINE_CAPACITY && INLINE_CAPACITY > 33);

// SAFETY: the content is reference-counted atomically, or constant, or the lane's that the message is in, which keeps
// it until the message has left; so is the annex, and nothing refers to the object's own address.
unsafe impl Send for Message {}
// SAFETY: `&Message` allows reading the bytes and taking references, both fine from many threads.
unsafe impl Sync for Message {}

impl Message {
    /// An empty message.
    #[inline]
    pub const fn new() -> Message {
        Message {
            body: Body { inline: [MaybeUninit::uninit(); INLINE_CAPACITY] },
            annex: ptr::null(),
            label: Label::new(kind::INLINE, 0),
        }
    }

    /// Room for `len` bytes.
    ///
    /// # Safety
    /// The caller fills it through [`Message::as_mut_ptr`] before anybody looks at the bytes.
    #[inline]
    pub unsafe fn uninit(len: usize) -> Result<Message> {
        let mut message = Message::new();
        // SAFETY: passed on to our caller.
        unsafe { message.reserve(len)? };
        Ok(message)
    }

    /// Gives this message, which holds nothing, room for `len` bytes.
    ///
    /// # Safety
    /// As [`Message::uninit`].
    #[inline]
    unsafe fn reserve(&mut self, len: usize) -> Result<()> {
        if len <= INLINE_CAPACITY {
            self.label = Label::new(kind::INLINE, len as u8);
        } else {
            let (reference, data) = Reference::allocate(len).ok_or(Error::OutOfMemory)?;
            self.label = Label::new(kind::INLINE, 0);
            self.look_at(Some(reference), data.as_ptr(), len);
        }
        Ok(())
    }

    /// Whether there is memory for `len` bytes, without touching it: bytes that nobody may ever send cost
    /// neither time nor memory.
    pub fn try_room(len: usize) -> Result<()> {
        match Reference::allocate(len) {
            Some(_) => Ok(()),
            None => Err(Error::OutOfMemory),
        }
    }

    /// A copy of `bytes`.
    #[inline]
    pub fn from_slice(bytes: &[u8]) -> Result<Message> {
        let mut message = Message::new();
        message.copy_from(bytes)?;
        Ok(message)
    }

    /// Makes this message, which holds nothing, a copy of `bytes`: where it is, as a message that was just
    /// written is slow to be moved. On error it is as it was.
    #[inline]
    pub fn copy_from(&mut self, bytes: &[u8]) -> Result<()> {
        debug_assert!(!self.holds_reference());
        // SAFETY: filled on the next line.
        unsafe { self.reserve(bytes.len())? };
        // SAFETY: the message has just been given room for exactly these bytes.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.as_mut_ptr(), bytes.len()) };
        Ok(())
    }

    /// `first` followed by `rest`: a prefix byte or header before a body.
    pub fn from_two_slices(first: &[u8], rest: &[u8]) -> Result<Message> {
        let len = first.len().checked_add(rest.len()).ok_or(Error::OutOfMemory)?;
        // SAFETY: filled below.
        let mut message = unsafe { Message::uninit(len)? };
        // SAFETY: room for both was made above; the second lands right behind the first.
        unsafe {
            let data = message.as_mut_ptr();
            ptr::copy_nonoverlapping(first.as_ptr(), data, first.len());
            ptr::copy_nonoverlapping(rest.as_ptr(), data.add(first.len()), rest.len());
        }
        Ok(message)
    }

    /// A subscription to `topic`, or its cancellation, as the library sends it upstream.
    pub fn subscription(subscribe: bool, topic: &[u8]) -> Result<Message> {
        let mut message = Message::from_two_slices(&[u8::from(subscribe)], topic)?;
        message.set_flags(Flags::SUBSCRIPTION, true);
        Ok(message)
    }

    /// Bytes that live for ever.
    pub fn from_static(bytes: &'static [u8]) -> Message {
        // SAFETY: 'static and never written through the message.
        unsafe { Message::constant(bytes.as_ptr().cast_mut(), bytes.len()) }
    }

    /// Bytes that nobody frees.
    ///
    /// # Safety
    /// `data` must point to `len` bytes that stay valid and unchanged while any copy lives.
    pub unsafe fn constant(data: *mut u8, len: usize) -> Message {
        let mut message = Message::new();
        message.look_at(None, data, len);
        message
    }

    /// Bytes that the application lends: `free(data, hint)` runs once, after the last user, from
    /// whichever thread that is. On error it is not called.
    ///
    /// # Safety
    /// `data` must point to `len` bytes valid until `free` is called, and `free` must be callable
    /// from any thread.
    pub unsafe fn lent(data: *mut u8, len: usize, free: FreeFn, hint: *mut c_void) -> Result<Message> {
        // SAFETY: passed on to our caller.
        let reference = unsafe { Reference::lend(data.cast(), hint, free) };
        let mut message = Message::new();
        message.look_at(Some(reference.ok_or(Error::OutOfMemory)?), data, len);
        Ok(message)
    }

    /// Whether the memory at `self` holds a message rather than something else; C passes anything.
    pub fn is_valid(&self) -> bool {
        self.label.is_valid()
    }

    /// The bytes.
    #[inline]
    pub fn data(&self) -> &[u8] {
        let len = self.len();
        if len == 0 {
            return &[];
        }
        // SAFETY: the pointer is to `len` bytes; they are initialised by the constructor or, after
        // `uninit`, by the caller, who promised to.
        unsafe { std::slice::from_raw_parts(self.as_ptr(), len) }
    }

    /// Number of bytes.
    #[inline]
    pub fn len(&self) -> usize {
        match self.label.kind() {
            kind::INLINE => usize::from(self.label.inline_len()),
            // SAFETY: every other kind has a view.
            _ => unsafe { self.body.view.len },
        }
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Address of the bytes; for inline content, inside the object itself.
    #[inline]
    pub fn as_ptr(&self) -> *const u8 {
        match self.label.kind() {
            kind::INLINE => (&raw const self.body).cast(),
            // SAFETY: every other kind has a view.
            _ => unsafe { self.body.view.data },
        }
    }

    /// As [`Message::as_ptr`], for filling a message made by [`Message::uninit`].
    #[inline]
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        match self.label.kind() {
            kind::INLINE => (&raw mut self.body).cast(),
            // SAFETY: every other kind has a view.
            _ => unsafe { self.body.view.data },
        }
    }

    /// The bytes for writing, if this message alone owns them: inline, or a block without other
    /// references that was not lent.
    pub fn body_mut(&mut self) -> Option<&mut [u8]> {
        match self.content() {
            Some(content) if !is_ours_alone(content) => return None,
            None if self.label.kind() != kind::INLINE => return None,
            _ => {}
        }
        let len = self.len();
        // SAFETY: the bytes were initialised by the constructor (or by the caller of `uninit`), and
        // nobody else can reach them while this borrow lasts.
        Some(unsafe { std::slice::from_raw_parts_mut(self.as_mut_ptr(), len) })
    }

    /// Takes the first `count` bytes away, or all of them if there are fewer.
    pub fn skip(&mut self, count: usize) {
        let len = self.len();
        let count = count.min(len);
        if self.label.kind() == kind::INLINE {
            // SAFETY: inline messages have no view.
            unsafe { &mut self.body.inline }.copy_within(count..len, 0);
            self.label.set_inline_len((len - count) as u8);
        } else {
            // SAFETY: every other kind has a view; what it looks at ends where it did.
            unsafe {
                self.body.view.data = self.body.view.data.add(count);
                self.body.view.len = len - count;
            }
        }
    }

    /// Shares the content with a second message; flags, metadata, routing id and group go along.
    pub fn share(&mut self) -> Message {
        let mut copy = Message::new();
        self.share_into(&mut copy);
        copy
    }

    /// As [`Message::share`], in place of `place`.
    #[inline]
    pub fn share_into(&mut self, place: &mut Message) {
        place.release();
        self.count_shares(1);
        // SAFETY: the image owns the counts that were taken for it, and `place` holds nothing.
        unsafe { ptr::copy_nonoverlapping(self, place, 1) };
    }

    /// As [`Message::share`], `count` times. The references are counted all at once: those who have got
    /// theirs may be giving them back already, and each would wait for the other.
    #[inline]
    pub fn share_with(&mut self, count: usize, mut give: impl FnMut(&mut Message)) {
        self.count_shares(count);
        for _ in 0..count {
            // SAFETY: the image owns the counts that were taken for it; the rest is plain data.
            give(&mut unsafe { ptr::read(self) });
        }
    }

    /// Counts the references of that many copies, which the caller makes.
    #[inline]
    fn count_shares(&mut self, count: usize) {
        if self.label.kind() != kind::INLINE {
            self.set_flags(Flags::SHARED, true);
        }
        if let Some(content) = self.content() {
            // SAFETY: this object's reference is only looked at and kept; those that are added belong to
            // the copies.
            ManuallyDrop::new(unsafe { Reference::from_raw(content) }).add(count);
        }
        // SAFETY: null or from `into_raw`; as above.
        unsafe { SharedAnnex::add_to(self.annex, count) };
    }

    /// Whether dropping the message releases something.
    #[inline]
    pub fn holds_reference(&self) -> bool {
        matches!(self.label.kind(), kind::COUNTED | kind::LODGED) || !self.annex.is_null()
    }

    /// Takes the message out, leaving an empty one.
    pub fn take(&mut self) -> Message {
        std::mem::take(self)
    }

    /// Marks the memory as no message any more, for C, which keeps it. Does not release anything.
    pub fn invalidate(&mut self) {
        self.label = Label::invalid();
    }

    /// Flags.
    #[inline]
    pub fn flags(&self) -> Flags {
        self.label.flags()
    }

    /// Adds and removes flags.
    #[inline]
    pub fn set_flags(&mut self, flags: Flags, on: bool) {
        let mut all = self.flags();
        all.set(flags, on);
        self.label.set_flags(all);
    }

    /// Whether another part of the same message follows.
    #[inline]
    pub fn more(&self) -> bool {
        self.flags().contains(Flags::MORE)
    }

    /// Sets whether another part follows.
    #[inline]
    pub fn set_more(&mut self, more: bool) {
        self.set_flags(Flags::MORE, more);
    }

    /// `ZMQ_SHARED`: is or was shared, or constant.
    pub fn is_shared(&self) -> bool {
        self.flags().contains(Flags::SHARED) || self.label.kind() == kind::CONSTANT
    }

    /// Routing id of SERVER and PEER; 0 for none.
    pub fn routing_id(&self) -> u32 {
        self.label.routing_id()
    }

    /// Sets the routing id.
    pub fn set_routing_id(&mut self, id: u32) {
        self.label.set_routing_id(id);
    }

    /// Properties of the connection the message came by.
    pub fn metadata(&self) -> Option<&Metadata> {
        self.annex().and_then(|annex| annex.metadata.as_deref())
    }

    /// What lies beside the bytes.
    pub fn annex(&self) -> Option<&Annex> {
        // SAFETY: null or from `into_raw`, kept alive by this object's reference.
        unsafe { self.annex.as_ref() }.map(Counted::annex)
    }

    /// Has `pool` expect references to what lies beside this message, as the next one may, too.
    #[inline]
    pub fn announce_annex(&self, pool: &mut AnnexPool) {
        pool.expect(self.annex);
    }

    /// Leaves the reference to what lies beside this message to `pool`, if it is expected there.
    #[inline]
    pub fn leave_annex(&mut self, pool: &mut AnnexPool) {
        // SAFETY: it is this message's reference, which is taken out of it.
        unsafe { pool.put(&mut self.annex) };
    }

    /// As [`Message::set_annex`], of what lies beside `other`.
    #[inline]
    pub fn share_annex(&mut self, other: &Message, pool: &mut AnnexPool) {
        self.set_annex(None);
        // SAFETY: `other` has a reference.
        self.annex = unsafe { pool.take(other.annex) };
    }

    /// Replaces what lies beside the bytes.
    #[inline]
    pub fn set_annex(&mut self, annex: Option<SharedAnnex>) {
        let old = std::mem::replace(&mut self.annex, annex.map_or(ptr::null(), SharedAnnex::into_raw));
        // SAFETY: the old pointer was null or came from `into_raw`, its reference was this object's.
        drop(unsafe { SharedAnnex::from_raw(old) });
    }

    /// Forgets the connection, as every send does; the group stays.
    pub fn clear_metadata(&mut self) {
        match self.annex() {
            None => {}
            Some(annex) if annex.group.is_empty() => self.set_annex(None),
            Some(annex) if annex.metadata.is_none() => {}
            Some(annex) => {
                let group = annex.group.clone();
                self.set_annex(Some(Annex { metadata: None, group }.into()));
            }
        }
    }

    /// Points the (inline, empty) message at bytes outside it.
    #[inline]
    fn look_at(&mut self, reference: Option<Reference>, data: *mut u8, len: usize) {
        self.label.set_kind(if reference.is_some() { kind::COUNTED } else { kind::CONSTANT });
        let content = reference.map_or(ptr::null_mut(), |reference| reference.into_raw().as_ptr());
        self.body.view = View { content, data, len };
    }

    /// The counted block, if there is one.
    #[inline]
    fn content(&self) -> Option<NonNull<Content>> {
        match self.label.kind() {
            // SAFETY: counted messages have a view.
            kind::COUNTED => NonNull::new(unsafe { self.body.view.content }),
            _ => None,
        }
    }
}

// SAFETY: all words are written; a message that holds no reference has nothing to release; and one that
// refers to a lane's room becomes one with a block of its own when it leaves.
unsafe impl Relocate for Message {
    /// A few bytes that this message alone refers to, or the block of bytes that are lent to it alone: copying them
    /// costs less than freeing them in another thread than allocated them.
    #[inline]
    fn payload_len(&self) -> usize {
        let Some(content) = self.content() else { return 0 };
        // SAFETY: the reference is only looked at and kept.
        let reference = ManuallyDrop::new(unsafe { Reference::from_raw(content) });
        match self.len() {
            len if len <= HOSTED_MAX && reference.is_unique() && reference.is_owned() => len,
            _ if reference.is_only_loan() => LENT_LEN,
            _ => 0,
        }
    }

    /// Leaves an empty message.
    #[inline(always)]
    unsafe fn enter(&mut self, place: &mut MaybeUninit<Message>, room: Option<NonNull<u8>>) {
        match room {
            // SAFETY: by contract.
            Some(room) => unsafe { self.put_up(place, room) },
            None => self.copy_words(place),
        }
        // SAFETY: what the message owned has been moved or released.
        unsafe { ptr::write(self, Message::new()) };
    }

    #[inline(always)]
    unsafe fn leave(&mut self, place: &mut MaybeUninit<Message>) -> bool {
        if self.is_put_up() {
            // SAFETY: by contract.
            return unsafe { self.see_off(place) };
        }
        self.copy_words(place);
        true
    }

    #[inline(always)]
    unsafe fn leave_for(&mut self, place: &mut Message) -> bool {
        if self.is_put_up() && self.see_off_into_block(place) {
            return true;
        }
        place.release();
        // SAFETY: by contract. `leave` initialises the place, and what is overwritten there holds nothing.
        unsafe { self.leave(&mut *ptr::from_mut(place).cast::<MaybeUninit<Message>>()) }
    }

    #[inline]
    fn release(&mut self) {
        if self.holds_reference() {
            drop(self.take());
        }
    }

    /// The beginning of the content, for a message that will be used soon.
    #[inline]
    fn prefetch(&self) {
        match self.label.kind() {
            kind::HOSTED => prefetch(self.as_ptr()),
            kind::COUNTED | kind::LODGED => {
                // SAFETY: these have a view.
                prefetch(unsafe { self.body.view.content });
            }
            _ => {}
        }
    }
}

/// In and out of a lane's room.
impl Message {
    /// Whether the lane that this message is in has what it refers to.
    #[inline]
    fn is_put_up(&self) -> bool {
        matches!(self.label.kind(), kind::HOSTED | kind::LODGED)
    }

    /// Makes `place` this message, with what it refers to in `room`. What is left of this one owns nothing.
    ///
    /// # Safety
    /// As [`Relocate::enter`], and there was something to take along.
    #[inline(never)]
    unsafe fn put_up(&mut self, place: &mut MaybeUninit<Message>, room: NonNull<u8>) {
        let Some(content) = self.content() else { return self.copy_words(place) };
        // SAFETY: the reference that this message owned, and does not any more.
        let reference = unsafe { Reference::from_raw(content) };
        if reference.is_owned() {
            // SAFETY: the room is of that length, by contract.
            unsafe { ptr::copy_nonoverlapping(self.as_ptr(), room.as_ptr(), self.len()) };
            place.write(self.elsewhere(kind::HOSTED, ptr::null_mut(), room.as_ptr()));
        } else {
            place.write(self.elsewhere(kind::LODGED, room.cast().as_ptr(), self.as_ptr().cast_mut()));
            // SAFETY: as `payload_len` has found; room begins with a cache line.
            unsafe { reference.lodge(room) };
        }
    }

    /// Makes `place` this message, with a block of its own. False if there is no memory for that: then it keeps the
    /// room.
    ///
    /// # Safety
    /// As [`Relocate::leave`], of a message that was put up.
    #[inline(never)]
    unsafe fn see_off(&mut self, place: &mut MaybeUninit<Message>) -> bool {
        let data = self.as_ptr().cast_mut();
        let Some(room) = self.lodging() else {
            let Some((reference, block)) = Reference::allocate(self.len()) else {
                place.write(self.elsewhere(kind::CONSTANT, ptr::null_mut(), data));
                return false;
            };
            // SAFETY: fresh memory of that length.
            unsafe { ptr::copy_nonoverlapping(data, block.as_ptr(), self.len()) };
            place.write(self.elsewhere(kind::COUNTED, reference.into_raw().as_ptr(), block.as_ptr()));
            return true;
        };
        // SAFETY: it was lodged there by `put_up`.
        let moved = unsafe { Reference::from_lodged(room) };
        let is_moved = moved.is_some();
        // SAFETY: as above; the lane leaves the room to it.
        let reference = moved.unwrap_or_else(|| unsafe { Reference::stay_lodged(room) });
        place.write(self.elsewhere(kind::COUNTED, reference.into_raw().as_ptr(), data));
        is_moved
    }

    /// As [`Message::see_off`], into the block that is there, if that is right for the bytes. If so, nothing is left
    /// of this message.
    #[inline(never)]
    fn see_off_into_block(&mut self, place: &mut Message) -> bool {
        let Some(content) = place.content() else { return false };
        if self.label.kind() != kind::HOSTED || !is_ours_alone_for(content, self.len()) {
            return false;
        }
        // SAFETY: the block is nobody else's, its bytes start there, and there is room for so many.
        let block = unsafe {
            let block = Reference::bytes_of(content);
            ptr::copy_nonoverlapping(self.as_ptr(), block.as_ptr(), self.len());
            block
        };
        place.set_annex(None);
        // SAFETY: what was there is part of what is written, or gone.
        unsafe { ptr::write(place, self.elsewhere(kind::COUNTED, content.as_ptr(), block.as_ptr())) };
        true
    }

    /// What this message, which has a view, is once its bytes lie elsewhere. The annex becomes that one's.
    #[inline]
    fn elsewhere(&self, kind: u8, content: *mut Content, data: *mut u8) -> Message {
        let body = Body { view: View { content, data, len: self.len() } };
        Message { body, annex: self.annex, label: self.label.with_kind(kind) }
    }

    /// Where what a message in a lane says of lent bytes lies.
    #[inline]
    fn lodging(&self) -> Option<NonNull<u8>> {
        match self.label.kind() {
            // SAFETY: these have a view.
            kind::LODGED => NonNull::new(unsafe { self.body.view.content }.cast()),
            _ => None,
        }
    }

    /// Makes `place` an image of this message, word by word, as it was written: see `label`.
    #[inline]
    fn copy_words(&self, place: &mut MaybeUninit<Message>) {
        const WORDS: usize = size_of::<Message>() / size_of::<u64>();
        let from: *const MaybeUninit<u64> = ptr::from_ref(self).cast();
        let to: *mut MaybeUninit<u64> = place.as_mut_ptr().cast();
        for word in 0..WORDS {
            // SAFETY: both are of that many words and aligned for them, and exclusive. Volatile, as the
            // compiler would put pairs of words together.
            unsafe { to.add(word).write(from.add(word).read_volatile()) };
        }
    }
}

/// Whether a block was allocated here and has no other reference, so that its bytes need not lie there.
#[inline]
fn is_ours_alone(content: NonNull<Content>) -> bool {
    // SAFETY: the caller's reference is only looked at and kept.
    let reference = ManuallyDrop::new(unsafe { Reference::from_raw(content) });
    reference.is_unique() && reference.is_owned()
}

/// Whether, besides, it is one that `len` bytes would be given.
#[inline]
fn is_ours_alone_for(content: NonNull<Content>, len: usize) -> bool {
    // SAFETY: as above.
    let reference = ManuallyDrop::new(unsafe { Reference::from_raw(content) });
    reference.is_unique() && reference.is_for(len)
}

impl Default for Message {
    fn default() -> Message {
        Message::new()
    }
}

impl Drop for Message {
    #[inline]
    fn drop(&mut self) {
        if let Some(content) = self.content() {
            // SAFETY: the reference this object owned is given back, once.
            drop(unsafe { Reference::from_raw(content) });
        } else if let Some(room) = self.lodging() {
            // SAFETY: it was lodged there by `put_up`, and did not leave.
            unsafe { Reference::release_lodged(room) };
        }
        if !self.annex.is_null() {
            self.set_annex(None);
        }
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Message({} bytes, {:?})", self.len(), self.flags())
    }
}

#[cfg(test)]
mod tests;
