//! The ring of a buffered channel: places in a row, the oldest value first.
//!
//! Values move in and out as bytes, so one ring serves every element type; [`Elem`] says how many
//! bytes a value has. The typed owner makes the memory, and takes it back when the channel goes.
//!
//! Named invariants:
//! 1. *Ring Owns*: exactly the `count` places from `head` on, round the end, hold a value each.
//! 2. *Room For All*: `base` is valid for `cap` elements of the one type this ring is used with.

use core::mem::MaybeUninit;
use core::ptr::NonNull;

/// The size of a channel's elements. Known at compile time on the typed paths.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elem {
    size: usize,
}

impl Elem {
    /// The elements are `T`s.
    #[inline(always)]
    pub(crate) const fn of<T>() -> Self {
        Self { size: size_of::<T>() }
    }

    /// In bytes.
    #[inline]
    pub(crate) fn size(self) -> usize {
        self.size
    }

    /// Moves one value.
    ///
    /// # Safety
    ///
    /// Both places are valid for this element, apart from each other, and the value at `from` is
    /// the caller's to move; it is gone from there afterwards.
    #[inline(always)]
    pub(crate) unsafe fn copy(self, from: *const (), to: *mut ()) {
        let (from, to) = (from.cast::<u8>(), to.cast::<u8>());
        // SAFETY: the caller's promise; an untyped copy keeps padding and provenance.
        unsafe { core::ptr::copy_nonoverlapping(from, to, self.size) };
    }
}

/// What most elements are as large as.
type Word = MaybeUninit<[u8; size_of::<usize>()]>;

impl Elem {
    /// As [`copy`](Self::copy), where the size may not be known at compile time: one word, the
    /// usual case, needs no call.
    ///
    /// # Safety
    ///
    /// As for [`copy`](Self::copy).
    #[inline(always)]
    pub(crate) unsafe fn copy_any(self, from: *const (), to: *mut ()) {
        if self.size == size_of::<usize>() {
            // SAFETY: the caller's promise; as bytes, for padding and provenance.
            let word = unsafe { from.cast::<Word>().read_unaligned() };
            // SAFETY: as above.
            unsafe { to.cast::<Word>().write_unaligned(word) };
            return;
        }
        // SAFETY: the caller's promise.
        unsafe { self.copy(from, to) };
    }
}

/// The ring itself. It knows no lock: its owner puts it behind one.
#[derive(Debug)]
pub(crate) struct Ring {
    base: NonNull<()>,
    cap: usize,
    head: usize,
    count: usize,
}

impl Ring {
    /// An empty ring of `cap` places at `base`.
    ///
    /// # Safety
    ///
    /// Room For All, for as long as the ring is used.
    pub(crate) const unsafe fn new(base: NonNull<()>, cap: usize) -> Self {
        Self { base, cap, head: 0, count: 0 }
    }

    /// How many values it holds.
    #[inline(always)]
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// How many values it may hold.
    #[inline(always)]
    pub(crate) fn cap(&self) -> usize {
        self.cap
    }

    /// Where the places begin.
    pub(crate) fn base(&self) -> NonNull<()> {
        self.base
    }

    /// The place number `index`.
    #[inline(always)]
    fn place(&self, elem: Elem, index: usize) -> *mut () {
        // Within the allocation by Room For All; wrapping, so that no promise is needed here.
        self.base.as_ptr().wrapping_byte_add(index * elem.size)
    }

    /// Moves the value at `from` behind the last one; false if there is no room.
    ///
    /// # Safety
    ///
    /// `elem` is this ring's element, and `from` holds such a value, the caller's to move.
    #[inline(always)]
    pub(crate) unsafe fn push(&mut self, elem: Elem, from: *const ()) -> bool {
        if self.count == self.cap {
            return false;
        }
        let mut tail = self.head + self.count; // below 2 * isize::MAX
        if tail >= self.cap {
            tail -= self.cap;
        }
        // SAFETY: Room For All; the place is free by Ring Owns.
        unsafe { elem.copy_any(from, self.place(elem, tail)) };
        self.count += 1;
        true
    }

    /// Moves the value at `from` before the oldest; false if there is no room.
    ///
    /// # Safety
    ///
    /// As for [`push`](Self::push).
    #[cfg(feature = "futures")]
    pub(crate) unsafe fn push_front(&mut self, elem: Elem, from: *const ()) -> bool {
        if self.count == self.cap {
            return false;
        }
        let head = if self.head == 0 { self.cap } else { self.head } - 1;
        // SAFETY: Room For All; the place is free by Ring Owns.
        unsafe { elem.copy(from, self.place(elem, head)) };
        self.head = head;
        self.count += 1;
        true
    }

    /// Of a full ring with places: the value at `from` becomes the oldest, and the last one lies at `from` instead.
    ///
    /// # Safety
    ///
    /// As for [`push`](Self::push).
    #[cfg(feature = "futures")]
    pub(crate) unsafe fn rotate(&mut self, elem: Elem, from: *mut ()) {
        debug_assert!(
            self.count == self.cap && self.cap > 0,
            "the last place comes before the first"
        );
        let head = if self.head == 0 { self.cap } else { self.head } - 1;
        let last = self.place(elem, head).cast::<MaybeUninit<u8>>();
        // SAFETY: Room For All, Ring Owns: a value lies in either place, and they are apart.
        unsafe { core::ptr::swap_nonoverlapping(last, from.cast(), elem.size) };
        self.head = head;
    }

    /// Moves the oldest value to `to`; false if there is none.
    ///
    /// # Safety
    ///
    /// `elem` is this ring's element, and `to` is a free place for one.
    #[inline(always)]
    pub(crate) unsafe fn pop(&mut self, elem: Elem, to: *mut ()) -> bool {
        if self.count == 0 {
            return false;
        }
        // SAFETY: Ring Owns: the head holds a value, and it is ours no more after this.
        unsafe { elem.copy_any(self.place(elem, self.head), to) };
        self.head += 1;
        if self.head == self.cap {
            self.head = 0;
        }
        self.count -= 1;
        true
    }

    /// The place of the oldest value, which is the caller's from now on; the place stays free.
    pub(crate) fn forget_oldest(&mut self, elem: Elem) -> Option<*mut ()> {
        let place = self.place(elem, self.head);
        self.count = self.count.checked_sub(1)?;
        self.head += 1;
        if self.head == self.cap {
            self.head = 0;
        }
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::{Elem, Ring};
    use core::mem::MaybeUninit;
    use core::ptr::NonNull;

    #[test]
    fn values_come_out_in_order_round_the_end() {
        let mut room = [MaybeUninit::<u32>::uninit(); 3];
        let base = NonNull::new(room.as_mut_ptr().cast::<()>()).expect("an array has an address");
        let elem = Elem::of::<u32>();
        // SAFETY: Room For All: `room` has three places and outlives the ring.
        let mut ring = unsafe { Ring::new(base, 3) };
        let (mut put, mut got) = (0_u32, 0_u32);
        for round in 0..40 {
            for _ in 0..=round % 3 {
                // SAFETY: a u32, copied.
                if unsafe { ring.push(elem, (&raw const put).cast()) } {
                    put += 1;
                } else {
                    assert_eq!(ring.count(), 3);
                }
            }
            let mut out = u32::MAX;
            // SAFETY: a place for a u32.
            assert!(unsafe { ring.pop(elem, (&raw mut out).cast()) });
            assert_eq!(out, got);
            got += 1;
        }
        assert_eq!(usize::try_from(put - got), Ok(ring.count()));
    }
}
