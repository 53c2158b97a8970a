//! Whether anybody is left who could ready anybody: what the deadlock check (`ends/deadlock.rs`) decides, apart from where it
//! asks.
//!
//! Under the lock it sees that all Ms sleep, and after it that no timer and no foreign thread is there. *Look Again*: a foreign
//! thread may have readied somebody, or set a timer, and ended between the two, so only what is still so now that it cannot exist
//! counts.

use core::ops::{Deref, RangeInclusive};

/// What stands behind the scheduler's lock.
pub trait Counts {
    /// How many Ms there are, or were asked for.
    fn ms(&self) -> u32;
    /// How many of them are on the idle list.
    fn idle_ms(&self) -> u32;
    /// How many wait for their own goroutine. Below zero for an instant: one whose goroutine was readied first.
    fn pinned_ms(&self) -> i32;
    /// True if somebody waits for a P.
    fn has_queued(&self) -> bool;
    /// How many wait for a descriptor. Without the lock: who counts itself in or out runs, so its M is not idle.
    fn waiters(&self) -> u32;
}

/// Where the check asks.
pub trait Process {
    /// See [`Counts`].
    type Inner: Counts;
    /// Holds the lock.
    type Guard<'a>: Deref<Target = Self::Inner>
    where
        Self: 'a;

    /// Takes the scheduler's lock.
    fn lock(&self) -> Self::Guard<'_>;
    /// True if a timer may still fire.
    fn any_timer_alive(&self) -> bool;
    /// How many threads there are if all are ours: the least and the most.
    fn ours(&self, inner: &Self::Inner) -> RangeInclusive<u64>;
    /// How many threads the kernel counts, if it does.
    fn threads(&self) -> Option<u64>;
}

/// What the check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "nobody else may come to look"]
pub enum Verdict {
    /// Somebody runs, or will.
    Alive,
    /// Only a foreign thread can ready anybody.
    Suspected,
    /// Nobody can.
    Over,
}

/// True if no M runs and nothing is queued for one.
pub fn is_quiet(counts: &impl Counts) -> bool {
    counts.idle_ms().checked_add_signed(counts.pinned_ms()) == Some(counts.ms())
        && !counts.has_queued()
        && counts.waiters() == 0
}

/// Whether anybody is left. `held` is given back meanwhile.
pub fn judge<P: Process>(process: &P, held: P::Guard<'_>) -> Verdict {
    if !is_quiet(&*held) {
        return Verdict::Alive;
    }
    let ours = process.ours(&held);
    drop(held);
    if process.any_timer_alive() {
        return Verdict::Alive;
    }
    // Fewer than there must be: a kernel that does not count threads here says nothing.
    if !process.threads().is_some_and(|all| ours.contains(&all)) {
        return Verdict::Suspected;
    }
    // Look Again; the M that was woken for a timer may sleep again by now.
    if is_quiet(&*process.lock()) && !process.any_timer_alive() {
        return Verdict::Over;
    }
    Verdict::Alive
}
