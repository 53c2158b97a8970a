//! The order that a reader/writer mutex makes, to a race detector (SEMANTICS Y11): a writer comes after
//! everybody before it, a reader after the writers only. Readers do not order each other (Z4).

use gaggle_race::Place;

/// Nothing at all, unless built for a detector.
#[derive(Debug, Default)]
pub(super) struct Clocks {
    writers: Place,
    readers: Place,
}

impl Clocks {
    #[cfg(not(loom))] // only there it is constant
    pub(super) const fn new() -> Self {
        Self { writers: Place::new(), readers: Place::new() }
    }

    /// It was taken for reading.
    #[inline(always)]
    pub(super) fn reads(&self) {
        self.writers.acquire();
    }

    /// A reader is about to give it back.
    #[inline(always)]
    pub(super) fn has_read(&self) {
        self.readers.release_merge();
    }

    /// It was taken for writing.
    #[inline(always)]
    pub(super) fn writes(&self) {
        self.writers.acquire();
        self.readers.acquire();
    }

    /// The writer is about to give it back.
    #[inline(always)]
    pub(super) fn has_written(&self) {
        self.writers.release();
    }
}
