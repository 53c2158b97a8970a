//! A list of alarms without a lock: whoever is inside a section adds, whoever comes by outside takes.
//!
//! *On It Once*: an alarm has one link. One that rings again while it waits on a list for its first ring to be
//! taken is not added again, but counted (`owed`). Who takes it has read its link before the count begins anew.

use crate::alarm::Alarm;
use core::ptr::{NonNull, null_mut};
use gaggle_prim::sync::atomic::{AtomicPtr, Ordering};
use gaggle_race::Hush;

/// A list of alarms through their links.
#[derive(Debug)]
pub struct Alarms(AtomicPtr<Alarm>);

impl Alarms {
    /// An empty list.
    #[cfg(not(loom))] // loom's primitives have no const constructors
    pub const fn new() -> Self {
        Self(AtomicPtr::new(null_mut()))
    }

    /// An empty list.
    #[cfg(loom)] // loom's primitives have no const constructors
    pub fn new() -> Self {
        Self(AtomicPtr::new(null_mut()))
    }

    /// True if it looks empty.
    pub fn is_empty(&self) -> bool {
        // Relaxed: a look.
        self.0.load(Ordering::Relaxed).is_null()
    }

    /// Adds a ring of `alarm`, with the caller's count: to a list that is taken by its rings.
    pub fn push_ring(&self, alarm: NonNull<Alarm>) {
        // SAFETY: the caller's count.
        // AcqRel: pairs with `take_rings`: its look at the link comes before ours at it.
        if unsafe { alarm.as_ref() }.owed.fetch_add(1, Ordering::AcqRel) == 0 {
            self.push(alarm); // On It Once
        }
    }

    /// Takes all of them, each with the number of its rings, and as many counts.
    pub fn take_rings(&self) -> impl Iterator<Item = (NonNull<Alarm>, usize)> + use<> {
        self.take().map(|alarm| {
            // SAFETY: the counts are ours.
            // AcqRel: pairs with `push_ring`.
            (alarm, unsafe { alarm.as_ref() }.owed.swap(0, Ordering::AcqRel))
        })
    }

    /// Takes all of them, of which each has had its last share given back (Dead Has A Share).
    pub fn take_dead(&self) -> impl Iterator<Item = NonNull<Alarm>> + use<> {
        self.take().inspect(|alarm| {
            // SAFETY: the memory is ours.
            // Acquire: pairs with the Releases of all who had one, which are one sequence: the caller frees it.
            _ = unsafe { alarm.as_ref() }.shares.load(Ordering::Acquire);
        })
    }

    /// Adds `alarm`, which is on no list, and which is the caller's, or has a count of it.
    pub fn push(&self, alarm: NonNull<Alarm>) {
        // Relaxed: the CAS below publishes.
        let mut head = self.0.load(Ordering::Relaxed);
        loop {
            // SAFETY: the caller has it.
            unsafe { alarm.as_ref() }.link.store(head, Ordering::Relaxed); // Relaxed: as above
            let place = alarm.as_ptr();
            // Release: pairs with the Acquire in `take`. Relaxed on failure: again.
            match self.0.compare_exchange_weak(head, place, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }

    /// Takes all of them, one after the other.
    pub fn take(&self) -> impl Iterator<Item = NonNull<Alarm>> + use<> {
        // Acquire: pairs with the Release in `push`.
        let mut next = self.0.swap(null_mut(), Ordering::Acquire);
        core::iter::from_fn(move || {
            let alarm = NonNull::new(next)?;
            // SAFETY: the list's, which is ours.
            let it = unsafe { alarm.as_ref() };
            // Relaxed: the swap ordered it. Hushed: that order is the runtime's own.
            next = Hush::over(|| it.link.load(Ordering::Relaxed));
            Some(alarm)
        })
    }
}

impl Default for Alarms {
    fn default() -> Self {
        Self::new()
    }
}
