//! A list of alarms without a lock: whoever is inside a section adds, whoever comes by outside takes.
//!
//! *Entry Counts* (`alarm.rs`): whoever has the list has a count of each on it.

use crate::alarm::Alarm;
use core::ptr::{NonNull, null_mut};
use gaggle_prim::sync::atomic::{AtomicPtr, Ordering};
use gaggle_race::Hush;

/// A list of alarms through their links; whoever has the list has a count of each.
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

    /// Adds `alarm`, which is on no list, with the caller's count.
    pub fn push(&self, alarm: NonNull<Alarm>) {
        // Relaxed: the CAS below publishes.
        let mut head = self.0.load(Ordering::Relaxed);
        loop {
            // SAFETY: Entry Counts: the caller's count keeps it.
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
            // SAFETY: its count is ours.
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
