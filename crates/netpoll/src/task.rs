//! A task's place: a G that polls a future, and may have any number of descriptors to be woken by.
//!
//! | state | meaning | who may leave it |
//! |---|---|---|
//! | `EMPTY` | it polls, or is about to wait | its G's commit, to `PARKED`; anybody, to `NOTIFIED` |
//! | `PARKED` | its G waits | anybody, to `NOTIFIED`: it has the G in hand then |
//! | `NOTIFIED` | it is to poll again | its G, to `EMPTY` |
//!
//! *Pooled*: the memory of a task is never freed, so a notification that comes late wakes a later tenant,
//! which polls once more than it need.

use crate::waiters;
use core::fmt;
use gaggle_gopark::{self as gopark, Commit, Committed, G, GRef, Section, WaitReason};
use gaggle_prim::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use gaggle_prim::throw;

const EMPTY: u32 = 0;
const PARKED: u32 = 1;
const NOTIFIED: u32 = 2;

/// Whether its G is counted as one that waits for a descriptor until it runs.
const SETTLED: u32 = 0;
const COUNTED: u32 = 1;

/// Where a future's goroutine waits to be told that it may go on.
pub struct Task {
    state: AtomicU32,
    g: AtomicPtr<G>,
    /// Written by who has its G in hand, read by the G.
    count: AtomicU32,
}

impl Task {
    /// One that nobody has notified.
    pub fn new() -> Self {
        let (g, count) = (AtomicPtr::new(core::ptr::null_mut()), AtomicU32::new(SETTLED));
        Self { state: AtomicU32::new(EMPTY), g, count }
    }

    /// Waits until it is notified; at once, if it was. A switch point.
    pub fn wait(&'static self) {
        let mut section = gopark::enter();
        let g = section.current();
        // Relaxed: `park_it` publishes it.
        self.g.store(g.as_ptr().as_ptr(), Ordering::Relaxed);
        // SAFETY: `park_it` gets a task, which is Pooled, and touches nothing of the parker's stack.
        let commit = unsafe { Commit::new(Self::park_it, core::ptr::from_ref(self).cast()) };
        section.park(WaitReason::BlockOn, commit);
        // Relaxed: whoever has us in hand wrote it before it readied us; then nobody else writes it.
        if self.count.load(Ordering::Relaxed) == COUNTED {
            self.count.store(SETTLED, Ordering::Relaxed); // Relaxed: as above
            waiters::one_less();
        }
        // Acquire: pairs with the Release in `notify`: what happened before it is seen.
        if self.state.swap(EMPTY, Ordering::Acquire) == PARKED {
            throw!("task: awake and not notified");
        }
    }

    unsafe fn park_it(this: *const ()) -> Committed {
        // SAFETY: Pooled.
        let this = unsafe { &*this.cast::<Self>() };
        // Release: pairs with the AcqRel in `notify`: the G is seen. Relaxed on failure: notified.
        match this.state.compare_exchange(EMPTY, PARKED, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => Committed::Stay,
            Err(_) => Committed::Refuse,
        }
    }

    /// It is to poll again: the G to ready, if it waits. Runs no user code, allocates nothing.
    #[must_use = "who is in hand must be readied"]
    pub fn notify(&self) -> Option<GRef> {
        // AcqRel: pairs with the Release in `park_it` and with the Acquire in `wait`.
        if self.state.swap(NOTIFIED, Ordering::AcqRel) != PARKED {
            return None;
        }
        // Relaxed: the swap orders it.
        let g = core::ptr::NonNull::new(self.g.load(Ordering::Relaxed));
        // SAFETY: Made From The Container: stored by `wait` from a GRef.
        g.map(|g| unsafe { GRef::new(g) })
    }

    /// Its G, which is in the caller's hand, waits for a descriptor as far as others see, until it runs: in between it is
    /// on no queue, and the M whose hand it is may look idle.
    pub(crate) fn keep_counted(&self) {
        self.count.store(COUNTED, Ordering::Relaxed); // Relaxed: the G is readied after this
    }

    /// True if its G waits.
    #[cfg(test)]
    pub(crate) fn is_parked(&self) -> bool {
        self.state.load(Ordering::Relaxed) == PARKED // Relaxed: for a test
    }

    /// Notifies it and readies its G. Never switches.
    pub fn wake(&self, section: &mut Section) {
        if let Some(g) = self.notify() {
            section.ready(g);
        }
    }
}

impl Default for Task {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").finish_non_exhaustive()
    }
}
