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

/// For values that come back: not only at the ends.
#[cfg(feature = "futures")]
impl Ring {
    /// The place of the value that has `before` older ones.
    fn nth(&self, elem: Elem, before: usize) -> *mut () {
        let index = self.head + before; // below 2 * isize::MAX
        self.place(elem, if index >= self.cap { index - self.cap } else { index })
    }

    /// The head goes one place back.
    fn step_back(&mut self) {
        self.head = if self.head == 0 { self.cap } else { self.head } - 1;
    }

    /// Moves the value at `from` behind the `before` oldest; false if there is no room.
    ///
    /// # Safety
    ///
    /// As for [`push`](Self::push).
    pub(crate) unsafe fn insert(&mut self, elem: Elem, before: usize, from: *const ()) -> bool {
        if self.count == self.cap {
            return false;
        }
        let behind = self.count - before;
        if before <= behind {
            self.step_back();
        }
        let end = if before <= behind { 0 } else { self.count };
        // SAFETY: Room For All; the place is free by Ring Owns.
        unsafe { elem.copy(from, self.nth(elem, end)) };
        self.count += 1;
        self.settle(elem, before, behind);
        true
    }

    /// Of a full ring with more than `before` places: the value at `from` comes behind the `before`
    /// oldest, and the last one lies at `from` instead.
    ///
    /// # Safety
    ///
    /// As for [`push`](Self::push).
    pub(crate) unsafe fn rotate(&mut self, elem: Elem, before: usize, from: *mut ()) {
        debug_assert!(self.count == self.cap && before < self.cap, "the last one has a place");
        let last = self.nth(elem, self.cap - 1);
        // SAFETY: Ring Owns; the caller's promise.
        unsafe { swap(elem, last, from) };
        let behind = self.cap - 1 - before;
        if before <= behind {
            self.step_back(); // the last place is the first
        }
        self.settle(elem, before, behind);
    }

    /// A value was put to the end that is nearer to its place: past those between.
    fn settle(&mut self, elem: Elem, before: usize, behind: usize) {
        let pass = |at| {
            let (one, two) = (self.nth(elem, at), self.nth(elem, at + 1));
            // SAFETY: Ring Owns: a value lies in either place.
            unsafe { swap(elem, one, two) };
        };
        if before <= behind {
            (0..before).for_each(pass);
        } else {
            (before..self.count - 1).rev().for_each(pass);
        }
    }
}

/// Two values change places.
///
/// # Safety
///
/// A value of this element lies in either place, and they are apart.
#[cfg(feature = "futures")]
unsafe fn swap(elem: Elem, one: *mut (), two: *mut ()) {
    let (one, two) = (one.cast::<MaybeUninit<u8>>(), two.cast::<MaybeUninit<u8>>());
    // SAFETY: the caller's promise; untyped, as in `copy`.
    unsafe { core::ptr::swap_nonoverlapping(one, two, elem.size) };
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
    #[cfg(feature = "futures")]
    #[test]
    fn values_come_back_to_any_place_wherever_the_ring_begins() {
        let elem = Elem::of::<u32>();
        for (head, count, before) in
            (0..5).flat_map(|h| (0..=5).flat_map(move |c| (0..=c.min(4)).map(move |b| (h, c, b))))
        {
            let mut room = [MaybeUninit::<u32>::uninit(); 5];
            let base = NonNull::new(room.as_mut_ptr().cast::<()>()).expect("it has an address");
            // SAFETY: Room For All: `room` has five places and outlives the ring.
            let mut ring = unsafe { Ring::new(base, 5) };
            ring.head = head;
            let mut wanted: Vec<u32> = (0..count).collect();
            for value in &wanted {
                // SAFETY: a u32, copied.
                assert!(unsafe { ring.push(elem, core::ptr::from_ref(value).cast()) });
            }
            let mut back = 9_u32;
            wanted.insert(before as usize, back);
            // SAFETY: a u32, copied.
            if !unsafe { ring.insert(elem, before as usize, (&raw const back).cast()) } {
                // SAFETY: as above; it is full.
                unsafe { ring.rotate(elem, before as usize, (&raw mut back).cast()) };
                assert_eq!(Some(back), wanted.pop());
            }
            for value in wanted {
                let mut out = u32::MAX;
                // SAFETY: a place for a u32.
                assert!(unsafe { ring.pop(elem, (&raw mut out).cast()) });
                assert_eq!(out, value, "{head} {count} {before}");
            }
            assert_eq!(ring.count(), 0);
        }
    }
}
