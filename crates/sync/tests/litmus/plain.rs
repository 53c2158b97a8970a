//! A variable that is no atomic: the model sees every access, and that it is ordered.
#![allow(dead_code, reason = "each test binary uses its part")]

use loom::cell::UnsafeCell;

/// A plain variable.
pub(crate) struct Plain(UnsafeCell<u64>);

// SAFETY: the model finds accesses that are not ordered.
unsafe impl Send for Plain {}
// SAFETY: as above.
unsafe impl Sync for Plain {}

impl Plain {
    pub(crate) fn new() -> Self {
        Self(UnsafeCell::new(0))
    }

    pub(crate) fn write(&self, value: u64) {
        // SAFETY: as above.
        self.0.with_mut(|place| unsafe { *place = value });
    }

    pub(crate) fn read(&self) -> u64 {
        // SAFETY: as above.
        self.0.with(|place| unsafe { *place })
    }
}
