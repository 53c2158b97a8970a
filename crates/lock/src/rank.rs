//! The order of locks, as data; checked in debug builds on every lock and unlock.
//!
//! A thread may take a lock only if its rank is above every rank it holds, or equal to the last
//! one taken with a higher address (select locks its channels in address order).

use core::sync::atomic::{AtomicPtr, Ordering};

/// Where a lock stands in the order. A later one may be taken under an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Rank {
    /// A bucket of the address-keyed semaphore table, or a primitive's own line of waiters.
    Sema,
    /// A channel.
    Chan,
    /// A line of tickets.
    Notify,
    /// The scheduler: global run queue, idle lists.
    Sched,
    /// The timer heap of one P.
    Timers,
    /// Free lists and registries.
    Pool,
    /// Taken last; nothing is taken under it.
    Leaf,
}

static SECTION_CHECK: AtomicPtr<()> = AtomicPtr::new(core::ptr::null_mut());

/// Tells the debug checks how to ask "is this thread inside a runtime section, or no M at all?".
pub fn set_section_check(check: fn() -> bool) {
    // Release: pairs with the Acquire in `assert_in_section`.
    SECTION_CHECK.store(check as *mut (), Ordering::Release);
}

#[cfg(all(debug_assertions, not(loom)))] // models run locks on loom's own terms
mod held {
    use super::{Rank, SECTION_CHECK};
    use core::cell::{Cell, RefCell};
    use core::sync::atomic::Ordering;

    const MOST: usize = 64;

    /// What this thread holds, oldest first; past `MOST` only the count goes on.
    struct Held {
        ranks: RefCell<[(u8, usize); MOST]>,
        len: Cell<usize>,
    }

    std::thread_local! {
        static HELD: Held = const {
            Held { ranks: RefCell::new([(0, 0); MOST]), len: Cell::new(0) }
        };
    }

    #[inline(never)] // the thread-local must not be cached across a switch
    pub(crate) fn push(rank: Rank, address: usize) {
        assert_in_section();
        HELD.with(|held| {
            let len = held.len.get();
            if let Some(last) = len.checked_sub(1).filter(|&last| last < MOST) {
                let (top, at) = held.ranks.borrow()[last];
                let ordered = (rank as u8) > top || ((rank as u8) == top && address > at);
                if !ordered {
                    gaggle_prim::throw!("lock order: {rank:?} taken under rank {top}");
                }
            }
            if len < MOST {
                held.ranks.borrow_mut()[len] = (rank as u8, address);
            }
            held.len.set(len + 1);
        });
    }

    #[inline(never)]
    pub(crate) fn pop(rank: Rank, address: usize) {
        HELD.with(|held| {
            let len = held.len.get();
            let mut ranks = held.ranks.borrow_mut();
            let Some(at) = ranks[..len.min(MOST)].iter().rposition(|&h| h == (rank as u8, address))
            else {
                if len <= MOST {
                    gaggle_prim::throw!("unlock of a lock this thread does not hold: {rank:?}");
                }
                held.len.set(len - 1);
                return;
            };
            ranks.copy_within(at + 1..len.min(MOST), at);
            held.len.set(len - 1);
        });
    }

    #[inline(never)]
    pub(crate) fn count() -> usize {
        HELD.with(|held| held.len.get())
    }

    fn assert_in_section() {
        // Acquire: pairs with the Release in `set_section_check`.
        let check = SECTION_CHECK.load(Ordering::Acquire);
        if check.is_null() {
            return;
        }
        // SAFETY: Check Is A Function: only `set_section_check` stores here.
        let check: fn() -> bool = unsafe { core::mem::transmute(check) };
        if !check() {
            gaggle_prim::throw!("a runtime lock was taken outside a section");
        }
    }
}

#[cfg(any(not(debug_assertions), loom))] // no checks: empty hooks
mod held {
    use super::Rank;

    #[inline(always)]
    pub(crate) fn push(_: Rank, _: usize) {}

    #[inline(always)]
    pub(crate) fn pop(_: Rank, _: usize) {}

    #[inline(always)]
    pub(crate) fn count() -> usize {
        0
    }
}

pub(crate) use held::{pop, push};

/// Throws if this thread holds a runtime lock (debug builds; `but` may stay held).
#[inline(always)]
pub fn assert_none_held(but: usize) {
    let held = held::count();
    if held > but {
        gaggle_prim::throw!("{held} runtime locks held where at most {but} may be");
    }
}
