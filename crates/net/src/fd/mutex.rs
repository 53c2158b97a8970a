//! Who uses a descriptor: a count of operations, a lock for each direction, and whether it is closed
//! (Go: `fdMutex`, SEMANTICS U5).
//!
//! | bits | meaning |
//! |---|---|
//! | 0 | closed: every operation that begins from now on fails |
//! | 1, 2 | the lock of readers, the lock of writers |
//! | 3-22 | operations under way |
//! | 23-42, 43-62 | who waits for the lock of readers, of writers |
//!
//! *Last One Out*: whoever brings the count to zero while it is closed, and nobody else, is told so and
//! releases the descriptor's number.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use gaggle_gopark::{self as gopark, WaitReason};
use gaggle_netpoll::Mode;
use gaggle_sudog::sema::{self, Handoff, Order};

const CLOSED: u64 = 1;
const REF: u64 = 1 << 3;
const COUNT: u64 = (1 << 20) - 1;
const REFS: u64 = COUNT << 3;

/// One direction's bits.
#[derive(Clone, Copy)]
struct Bits {
    lock: u64,
    waiter: u64,
}

impl Bits {
    const fn of(mode: Mode) -> Bits {
        match mode {
            Mode::Read => Bits { lock: 1 << 1, waiter: 1 << 23 },
            Mode::Write => Bits { lock: 1 << 2, waiter: 1 << 43 },
        }
    }

    const fn waiters(self) -> u64 {
        self.waiter * COUNT
    }
}

/// Whether who left was the last, of what is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the last one releases the descriptor"]
pub(crate) enum Left {
    /// Others use it, or may.
    Others,
    /// Nobody does, or will.
    Last,
}

/// It is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IsClosed;

#[derive(Debug, Default)]
pub(crate) struct FdMutex {
    state: AtomicU64,
    readers: AtomicU32,
    writers: AtomicU32,
}

#[cold]
#[inline(never)]
fn too_many() -> ! {
    panic!("too many concurrent operations on a single file or socket (max 1048575)")
}

#[cold]
#[inline(never)]
fn inconsistent() -> ! {
    panic!("inconsistent net.FdMutex")
}

impl FdMutex {
    pub(crate) const fn new() -> Self {
        Self { state: AtomicU64::new(0), readers: AtomicU32::new(0), writers: AtomicU32::new(0) }
    }

    fn sema(&self, mode: Mode) -> &AtomicU32 {
        match mode {
            Mode::Read => &self.readers,
            Mode::Write => &self.writers,
        }
    }

    /// One transition: `step` says what the word becomes, or that it stays. The word before it.
    #[inline]
    fn change(&self, step: impl Fn(u64) -> Option<u64>) -> Result<u64, u64> {
        // AcqRel: what one operation did to the descriptor comes before the next one, and before its
        // release. Acquire on failure: as above.
        self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, step)
    }

    /// True once it is closed.
    pub(crate) fn is_closed(&self) -> bool {
        // Relaxed: for who waits outside the poller, whose fence orders it.
        self.state.load(Ordering::Relaxed) & CLOSED != 0
    }

    /// Closes it if it is open and nobody uses it. Then who has done that is the last, and nobody releases it.
    pub(crate) fn seize(&self) -> bool {
        // Acquire: pairs with the Release of whoever used it. Relaxed on failure: no more than a hint.
        self.state.compare_exchange(0, CLOSED, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// An operation begins that needs no lock.
    pub(crate) fn enter(&self) -> Result<(), IsClosed> {
        let counted = |old: u64| {
            if old & REFS == REFS {
                too_many();
            }
            (old & CLOSED == 0).then(|| old + REF)
        };
        self.change(counted).map(|_| ()).map_err(|_| IsClosed)
    }

    /// It ends.
    pub(crate) fn leave(&self) -> Left {
        let old = self.change(|old| {
            if old & REFS == 0 {
                inconsistent();
            }
            Some(old - REF)
        });
        Self::left(old.unwrap_or_else(|_| inconsistent()) - REF)
    }

    fn left(now: u64) -> Left {
        if now & (CLOSED | REFS) == CLOSED { Left::Last } else { Left::Others }
    }

    /// An operation begins that needs the lock of its direction. If it has to wait, it calls `waits` before, when whoever
    /// looks for [`has_waiters`](Self::has_waiters) sees it. A switch point.
    #[inline]
    pub(crate) fn lock(&self, mode: Mode, waits: impl Fn()) -> Result<(), IsClosed> {
        let bits = Bits::of(mode);
        // Acquire: as in `change`. Relaxed on failure: the slow road looks again.
        match self.state.compare_exchange(0, REF + bits.lock, Ordering::Acquire, Ordering::Relaxed)
        {
            Ok(_) => Ok(()),
            Err(_) => self.lock_slow(mode, bits, waits),
        }
    }

    #[cold]
    #[inline(never)]
    fn lock_slow(&self, mode: Mode, bits: Bits, tell: impl Fn()) -> Result<(), IsClosed> {
        let waits = |old: u64| old & bits.lock != 0;
        loop {
            let old = self.change(|old| {
                if old & CLOSED != 0 {
                    return None;
                }
                if waits(old) {
                    if old & bits.waiters() == bits.waiters() {
                        too_many();
                    }
                    return Some(old + bits.waiter);
                }
                if old & REFS == REFS {
                    too_many();
                }
                Some((old | bits.lock) + REF)
            });
            match old {
                Err(_) => return Err(IsClosed),
                Ok(old) if !waits(old) => return Ok(()),
                Ok(_) => {}
            }
            tell();
            self.stand_in_line(mode);
        }
    }

    /// Who unlocks, or closes, takes us off the count of waiters.
    fn stand_in_line(&self, mode: Mode) {
        let mut section = gopark::enter();
        sema::acquire(&mut section, self.sema(mode), WaitReason::IoWait, Order::Fifo);
        section.leave_at_switch_point();
    }

    /// True if somebody waits for the lock of this direction.
    #[cfg(any(feature = "futures-io", feature = "hyper"))]
    pub(crate) fn has_waiters(&self, mode: Mode) -> bool {
        // Relaxed: for who waits in the poller, whose fence orders it.
        self.state.load(Ordering::Relaxed) & Bits::of(mode).waiters() != 0
    }

    /// Lets those who wait for our lock have it first, and takes it anew: we are in line before the lock is free, so we
    /// do not come before them. If nobody waits, or it is closed, it stays ours. On an error it is not. A switch point.
    #[cfg(any(feature = "futures-io", feature = "hyper"))]
    pub(crate) fn give_way(&self, mode: Mode) -> Result<(), IsClosed> {
        let bits = Bits::of(mode);
        // One waiter is woken, and we are one more.
        let given = self.change(|old| {
            let keeps = old & CLOSED != 0 || old & bits.waiters() == 0;
            (!keeps).then(|| (old & !bits.lock) - REF)
        });
        if given.is_err() {
            return Ok(());
        }
        self.wake(mode, 1);
        self.stand_in_line(mode);
        self.lock_slow(mode, bits, || ())
    }

    /// The lock if it is free: for who may not wait.
    pub(crate) fn try_lock(&self, mode: Mode) -> Option<Result<(), IsClosed>> {
        let bits = Bits::of(mode);
        let taken = self.change(|old| {
            (old & (CLOSED | bits.lock) == 0 && old & REFS != REFS)
                .then_some((old | bits.lock) + REF)
        });
        match taken {
            Ok(_) => Some(Ok(())),
            Err(old) if old & CLOSED != 0 => Some(Err(IsClosed)),
            Err(_) => None,
        }
    }

    /// It ends, and the next one may begin.
    #[inline]
    pub(crate) fn unlock(&self, mode: Mode) -> Left {
        let bits = Bits::of(mode);
        // Release: pairs with the Acquires above. Relaxed on failure: the slow road looks again.
        match self.state.compare_exchange(REF + bits.lock, 0, Ordering::Release, Ordering::Relaxed)
        {
            Ok(_) => Left::Others,
            Err(_) => self.unlock_slow(mode, bits),
        }
    }

    #[cold]
    #[inline(never)]
    fn unlock_slow(&self, mode: Mode, bits: Bits) -> Left {
        let after = |old: u64| {
            if old & bits.lock == 0 || old & REFS == 0 {
                inconsistent();
            }
            let free = (old & !bits.lock) - REF;
            if old & bits.waiters() == 0 { free } else { free - bits.waiter }
        };
        let old = self.change(|old| Some(after(old))).unwrap_or_else(|_| inconsistent());
        if old & bits.waiters() != 0 {
            self.wake(mode, 1);
        }
        Self::left(after(old))
    }

    /// Closes it, as an operation that ends with [`leave`](Self::leave): everybody who waits for a lock
    /// is woken, and fails. An error if it was closed.
    pub(crate) fn close(&self) -> Result<(), IsClosed> {
        let (read, write) = (Bits::of(Mode::Read), Bits::of(Mode::Write));
        let old = self.change(|old| {
            if old & REFS == REFS {
                too_many();
            }
            let nobody_waits = old & !(read.waiters() | write.waiters());
            (old & CLOSED == 0).then(|| (nobody_waits | CLOSED) + REF)
        });
        let old = old.map_err(|_| IsClosed)?;
        self.wake(Mode::Read, (old & read.waiters()) / read.waiter);
        self.wake(Mode::Write, (old & write.waiters()) / write.waiter);
        Ok(())
    }

    fn wake(&self, mode: Mode, count: u64) {
        let mut section = gopark::enter();
        for _ in 0..count {
            sema::release(&mut section, self.sema(mode), Handoff::No);
        }
    }
}

#[cfg(test)]
#[path = "mutex_test.rs"]
mod tests;
