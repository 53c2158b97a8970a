//! Slots that nobody has used: cut from a slab in runs, made ready one by one or a run at a time.
//!
//! A stack that is used for the first time costs the kernel a guard and a page: a call and a fault. Where very many are
//! begun, two calls serve a whole run.
//!
//! Invariants: One Owner, Guarded First (`stack/mod.rs`), and
//! * **Made Ahead**: of a run that is `Prepared` every slot has its guard; each has its top page, if the kernel wanted to.

use core::ptr::{self, NonNull};

use super::guard::{self, GuardKind};
use crate::sanitizer::valgrind;
use crate::sys;

/// Slots in the longest run that is made ready at once.
pub(super) const RUN: usize = 16;

/// How far slots are ready for their first users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// As they were mapped.
    Untouched,
    /// Made Ahead.
    Prepared,
}

/// Slots without a user, in address order.
pub(super) struct Fresh {
    base: *mut u8,
    /// Place of the first in its slab.
    index: usize,
    left: usize,
    state: State,
}

// SAFETY: One Owner: whoever has it owns those slots.
unsafe impl Send for Fresh {}

impl Fresh {
    pub(super) const fn new() -> Self {
        Self::of_slab(ptr::null_mut(), 0)
    }

    /// All `slots` of a new slab.
    pub(super) const fn of_slab(base: *mut u8, slots: usize) -> Self {
        Self { base, index: 0, left: slots, state: State::Untouched }
    }

    pub(super) fn len(&self) -> usize {
        self.left
    }

    /// The first slot, with its guard made.
    #[inline]
    pub(super) fn next(&mut self, class: u8) -> Option<NonNull<u8>> {
        let cut = self.cut(1, class)?;
        if cut.state == State::Untouched {
            // SAFETY: One Owner: nobody has used that slot.
            unsafe { guard::install(cut.base, cut.index) };
        }
        let top = cut.base.wrapping_add(1 << class);
        valgrind::is_stack(cut.base.addr(), top.addr());
        NonNull::new(top)
    }

    /// The first `count` slots, or as many as there are; `None` if there are none.
    pub(super) fn cut(&mut self, count: usize, class: u8) -> Option<Fresh> {
        let count = count.min(self.left);
        if count == 0 {
            return None;
        }
        let cut = Fresh { base: self.base, index: self.index, left: count, state: self.state };
        self.base = self.base.wrapping_add(count << class);
        self.index += count;
        self.left -= count;
        Some(cut)
    }

    /// Makes guards and top pages of all slots, in two calls, where the kernel can; else nothing, and each is made
    /// ready when it is taken.
    #[cold]
    pub(super) fn prepare(&mut self, class: u8) {
        if guard::guard_kind() != GuardKind::Install || self.left > RUN {
            return;
        }
        let page = sys::page();
        // SAFETY: One Owner: nobody has used these slots; the markers take those pages away from everybody.
        if unsafe { self.advise(class, 0, sys::MADV_GUARD_INSTALL) } {
            self.state = State::Prepared;
            // SAFETY: likewise; what is written there is zeros over zeros. Refusal costs a fault each.
            unsafe { self.advise(class, (1 << class) - page, libc::MADV_POPULATE_WRITE) };
        }
    }

    /// Advice for one page of each slot, `offset` above its lowest; whether it worked for all.
    ///
    /// # Safety
    ///
    /// The advice may be given for those pages.
    unsafe fn advise(&self, class: u8, offset: usize, advice: i32) -> bool {
        let mut ranges = [sys::NO_RANGE; RUN];
        for (at, range) in ranges[..self.left].iter_mut().enumerate() {
            let start = self.base.wrapping_add((at << class) + offset);
            *range = libc::iovec { iov_base: start.cast(), iov_len: sys::page() };
        }
        // SAFETY: Ours; else passed on.
        unsafe { sys::advise_all(&ranges[..self.left], advice) }
    }
}
