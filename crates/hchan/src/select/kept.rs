//! What a [`Select`](super::Select) keeps for its cases: the values to send, and one place where a
//! received value arrives.
//!
//! 1. *Full Until Sent*: a [`Parcel`] holds a value until `sent` was called or the value was taken.
//! 2. *One Arrival*: of all receives of one select at most one is done (J7), so one place, large
//!    enough for each, serves them all.

use core::mem::MaybeUninit;
use core::ptr::NonNull;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};

/// A value to send, in a place of its own.
pub(super) struct Parcel {
    place: NonNull<()>,
    open: unsafe fn(NonNull<()>, Content),
    content: Content,
}

/// Whether a parcel still holds its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Value,
    Nothing,
}

impl Parcel {
    /// A parcel with `value`.
    pub(super) fn new<T>(value: T) -> Self {
        /// Frees the place, and drops the value in it, if there is one.
        unsafe fn open<T>(place: NonNull<()>, content: Content) {
            // SAFETY: `new` leaked this very box; nobody uses it again.
            let mut place = unsafe { Box::from_raw(place.cast::<MaybeUninit<T>>().as_ptr()) };
            if content == Content::Value {
                // SAFETY: Full Until Sent.
                unsafe { place.assume_init_drop() };
            }
        }
        let place = NonNull::from(Box::leak(Box::new(MaybeUninit::new(value)))).cast();
        Self { place, open: open::<T>, content: Content::Value }
    }

    /// Where the value lies.
    pub(super) fn place(&self) -> *mut () {
        self.place.as_ptr()
    }

    /// The value was moved away.
    pub(super) fn sent(&mut self) {
        self.content = Content::Nothing;
    }

    /// The value, if it is still here.
    ///
    /// # Safety
    ///
    /// It is a `T`.
    pub(super) unsafe fn take<T>(&mut self) -> Option<T> {
        if core::mem::replace(&mut self.content, Content::Nothing) == Content::Nothing {
            return None;
        }
        // SAFETY: Full Until Sent; the caller's promise.
        Some(unsafe { self.place.cast::<T>().read() })
    }
}

impl Drop for Parcel {
    fn drop(&mut self) {
        // SAFETY: made by `new` with this place, which is not used again.
        unsafe { (self.open)(self.place, self.content) };
    }
}

/// The place where received values arrive.
pub(super) struct Landing {
    place: NonNull<()>,
    layout: Layout,
}

impl Landing {
    /// Room for nothing.
    pub(super) const fn new() -> Self {
        Self { place: NonNull::dangling(), layout: Layout::new::<()>() }
    }

    /// Makes room for a `T` too; says where, if that is another place. What lay there is gone.
    pub(super) fn fit<T>(&mut self) -> Option<*mut ()> {
        let wanted = Layout::new::<T>();
        let (size, align) = (self.layout.size(), self.layout.align());
        if wanted.size() <= size && wanted.align() <= align {
            return None;
        }
        let whole = Layout::from_size_align(wanted.size().max(size), wanted.align().max(align));
        let layout = whole.expect("no larger than one of two types, but for its alignment");
        self.free();
        if layout.size() == 0 {
            (self.place, self.layout) = (aligned(layout), layout);
            return Some(self.place());
        }
        // SAFETY: the size is not zero.
        let place = unsafe { alloc(layout) };
        let Some(place) = NonNull::new(place.cast()) else { handle_alloc_error(layout) };
        (self.place, self.layout) = (place, layout);
        Some(self.place())
    }

    /// Where a value arrives.
    pub(super) fn place(&self) -> *mut () {
        self.place.as_ptr()
    }

    fn free(&mut self) {
        if self.layout.size() > 0 {
            // SAFETY: allocated by `fit` with this layout, and used no more.
            unsafe { dealloc(self.place.as_ptr().cast(), self.layout) };
        }
        (self.place, self.layout) = (NonNull::dangling(), Layout::new::<()>());
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.free();
    }
}

/// Drops a value that nobody asked for.
pub(super) type Discard = unsafe fn(*mut ());

/// How to drop a `T`.
pub(super) fn discard<T>() -> Discard {
    unsafe fn drop_in_place<T>(place: *mut ()) {
        // SAFETY: the promise of `discard`'s caller: a `T` lies there, and is not used again.
        unsafe { place.cast::<T>().drop_in_place() };
    }
    drop_in_place::<T>
}

/// A place for values without bytes.
fn aligned(layout: Layout) -> NonNull<()> {
    NonNull::new(core::ptr::without_provenance_mut(layout.align())).expect("aligned, so not null")
}
