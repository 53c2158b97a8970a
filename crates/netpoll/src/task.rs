//! A task's place: a G that polls a future, and may have any number of descriptors to be woken by.
//!
//! | state | meaning | who may leave it |
//! |---|---|---|
//! | `EMPTY` | it polls, or is about to wait | its G's commit, to `PARKED`; anybody, to `NOTIFIED` |
//! | `PARKED` | its G waits | anybody, to `NOTIFIED`: it has the G in hand then |
//! | `NOTIFIED` | it is to poll again | its G, to `EMPTY` |
//!
//! *Counts While It Waits*: a task is one of the poller's waiters while its G waits, if it listens anywhere. A future
//! that gave up on a descriptor says so to nobody: so what it leaves behind where it listened must not pass for
//! somebody who waits, once its G does something else. The place in which it was found counts until its G runs.
//! `tests/loom_task.rs` has the models.
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

/// Whether the place in which it was found still counts, until its G runs.
const SETTLED: u32 = 0;
const KEPT: u32 = 1;

/// In `interest`: its G waits.
const WAITS: u32 = 1;
/// In `interest`: one place where it listens.
const PLACE: u32 = 2;

/// Where a future's goroutine waits to be told that it may go on.
pub struct Task {
    state: AtomicU32,
    g: AtomicPtr<G>,
    /// Written by who has its G in hand, read by the G.
    found: AtomicU32,
    /// Counts While It Waits: `places << 1 | WAITS`.
    interest: AtomicU32,
}

impl Task {
    /// One that nobody has notified.
    pub fn new() -> Self {
        Self {
            state: AtomicU32::new(EMPTY),
            g: AtomicPtr::new(core::ptr::null_mut()),
            found: AtomicU32::new(SETTLED),
            interest: AtomicU32::new(0),
        }
    }

    /// Waits until it is notified; at once, if it was. A switch point.
    pub fn wait(&'static self) {
        let mut section = gopark::enter();
        let g = section.current();
        // Relaxed: `park_it` publishes it.
        self.g.store(g.as_ptr().as_ptr(), Ordering::Relaxed);
        // SAFETY: `park_it` gets a task, which is Pooled, and touches nothing of the parker's stack.
        let commit = unsafe { Commit::new(Self::park_it, core::ptr::from_ref(self).cast()) };
        self.begin_to_wait();
        section.park(WaitReason::BlockOn, commit);
        // Relaxed: whoever has us in hand wrote it before it readied us; then nobody else writes it.
        if self.found.load(Ordering::Relaxed) == KEPT {
            self.found.store(SETTLED, Ordering::Relaxed); // Relaxed: as above
            self.remove_place();
        }
        self.end_to_wait();
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
    pub(crate) fn keep_place(&self) {
        self.found.store(KEPT, Ordering::Relaxed); // Relaxed: the G is readied after this
    }

    /// True if it is in the place of some descriptor, which may notify it.
    pub fn listens(&self) -> bool {
        self.interest.load(Ordering::Relaxed) >= PLACE // Relaxed: a look
    }

    /// True if its G waits.
    #[cfg(test)]
    pub(crate) fn is_parked(&self) -> bool {
        self.state.load(Ordering::Relaxed) == PARKED // Relaxed: for a test
    }

    /// True if its G is in `wait`.
    #[cfg(test)]
    pub(crate) fn is_waiting(&self) -> bool {
        self.interest.load(Ordering::Relaxed) & WAITS != 0 // Relaxed: a look
    }

    /// It is about to listen in one more place. Before it can be found there, as in `begin_to_wait`.
    pub(crate) fn add_place(&self) {
        self.counted(|| self.interest.fetch_add(PLACE, Ordering::Relaxed) == WAITS); // Relaxed: below
    }

    /// It was taken out of one place.
    pub(crate) fn remove_place(&self) {
        // Relaxed: as below.
        if self.interest.fetch_sub(PLACE, Ordering::Relaxed) == WAITS | PLACE {
            waiters::one_less();
        }
    }

    fn begin_to_wait(&self) {
        self.counted(|| self.interest.fetch_or(WAITS, Ordering::Relaxed) >= PLACE); // Relaxed: below
    }

    fn end_to_wait(&self) {
        // Relaxed: as below.
        if self.interest.fetch_and(!WAITS, Ordering::Relaxed) > PLACE {
            waiters::one_less();
        }
    }

    /// Counts it, if `step` is what made it one of the waiters. Not after: somebody might take it off before.
    fn counted(&self, step: impl FnOnce() -> bool) {
        waiters::one_more();
        // Relaxed, all steps of this word: one of two that meet here comes first, and each tells the count, of which
        // alone something is concluded (see `waiters`).
        if !step() {
            waiters::one_less();
        }
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
