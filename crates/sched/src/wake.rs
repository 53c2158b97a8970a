//! The wake word: who must be woken when work appears, and who looks once more before it sleeps.
//!
//! README.md beside this crate names the events and has the proof.
//!
//! | field | changed by |
//! |---|---|
//! | `idle_ps` | whoever puts a P on the idle list or takes it off, under the scheduler's lock |
//! | `spinning` | a submitter, 0 -> 1; an M that begins or ends to spin |

use gaggle_prim::sync::atomic::{AtomicU32, Ordering};
use gaggle_prim::{fence_after_rmw, full_fence, throw};

/// The counters of the wake-up protocol.
#[derive(Debug)]
pub struct WakeWord {
    idle_ps: AtomicU32,
    spinning: AtomicU32,
}

impl WakeWord {
    /// No idle P, no spinner.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub const fn new() -> Self {
        Self { idle_ps: AtomicU32::new(0), spinning: AtomicU32::new(0) }
    }

    /// No idle P, no spinner.
    #[cfg(loom)] // loom's atomics have no const constructors
    pub fn new() -> Self {
        Self { idle_ps: AtomicU32::new(0), spinning: AtomicU32::new(0) }
    }

    /// Event *Submit*, right after the read-modify-write that published work. True: the caller
    /// is the one that must start a spinning M, and `spinning` counts it already.
    #[inline]
    #[must_use = "true: a spinning M is owed"]
    pub fn submitted(&self) -> bool {
        fence_after_rmw(); // pairs with the full fence in `end_spinning`
        self.ask()
    }

    /// Event *Submit* after plain stores published work: the global queue, whose lock is left by
    /// a store.
    #[must_use = "true: a spinning M is owed"]
    pub fn injected(&self) -> bool {
        full_fence(); // pairs with the full fence in `end_spinning`
        self.ask()
    }

    /// Event *Earlier*, after the deadline of a timer heap was published by plain stores: true if
    /// somebody may sleep past it.
    #[must_use = "true: a sleeper is to be told"]
    pub fn earlier_timer(&self) -> bool {
        full_fence(); // pairs with the full fence in `end_spinning` and `released`
        self.idle_ps() > 0
    }

    #[inline]
    fn ask(&self) -> bool {
        // Relaxed: the fence orders both loads after the publication.
        if self.idle_ps.load(Ordering::Relaxed) == 0 || self.spinning.load(Ordering::Relaxed) != 0 {
            return false;
        }
        self.begin_alone()
    }

    /// One CAS 0 -> 1 (SEMANTICS E8): of all submitters of this moment one wakes an M.
    #[cold]
    fn begin_alone(&self) -> bool {
        // Relaxed: a counter; the protocol's fences order it against the queues.
        self.spinning.compare_exchange(0, 1, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// An M that ran out of work wants to spin: at most half of the busy Ps may (SEMANTICS E8).
    pub fn try_begin_spinning(&self, busy_ps: u32) -> bool {
        // Relaxed: a limit, not a lock; it may be off by one for a moment.
        if self.spinning.load(Ordering::Relaxed) * 2 >= busy_ps.max(1) {
            return false;
        }
        self.begin_spinning();
        true
    }

    /// An M spins from now on.
    pub fn begin_spinning(&self) {
        // Relaxed: see `begin_alone`.
        self.spinning.fetch_add(1, Ordering::Relaxed);
    }

    /// Event *Found*, or *Give Up*: the M spins no more. After *Give Up* the caller looks at all
    /// queues once more: whatever a submitter published before it saw us spin is visible now.
    pub fn end_spinning(&self) {
        // Relaxed: the fence below orders it.
        if self.spinning.fetch_sub(1, Ordering::Relaxed) == 0 {
            throw!("wake: no spinner to end");
        }
        full_fence(); // pairs with the fence in `submitted`
    }

    /// Event *Give Up* of an M that did not spin: what [`end_spinning`](Self::end_spinning) does
    /// between the release of the P and the last look.
    pub fn released(&self) {
        full_fence(); // pairs with the fence in `submitted`
    }

    /// A P joined the idle list. Under the scheduler's lock.
    pub fn idle_p_added(&self) {
        // Relaxed: the lock, or the fence of `end_spinning`, orders it.
        self.idle_ps.fetch_add(1, Ordering::Relaxed);
    }

    /// A P left the idle list. Under the scheduler's lock.
    pub fn idle_p_taken(&self) {
        // Relaxed: as above.
        if self.idle_ps.fetch_sub(1, Ordering::Relaxed) == 0 {
            throw!("wake: no idle p to take");
        }
    }

    /// How many Ps are idle: a snapshot.
    #[inline]
    pub fn idle_ps(&self) -> u32 {
        // Relaxed: a snapshot.
        self.idle_ps.load(Ordering::Relaxed)
    }

    /// How many Ms spin: a snapshot.
    #[inline]
    pub fn spinning(&self) -> u32 {
        // Relaxed: a snapshot.
        self.spinning.load(Ordering::Relaxed)
    }
}

#[cfg(not(loom))]
impl Default for WakeWord {
    fn default() -> Self {
        Self::new()
    }
}
