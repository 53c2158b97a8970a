//! What is a goroutine's own, and touched by it outside sections too: a cell that no detector looks at.
//!
//! *Own Field*: only the goroutine that runs touches it, or who makes or ends it while nobody runs. The
//! runtime orders that; the program does not, and only what the program orders counts for a race detector
//! (`gaggle_race`). Without one this is a `Cell`.

use core::cell::Cell;
use core::fmt;
use gaggle_race::Hush;

/// A cell of a goroutine's own.
pub(crate) struct Own<T>(Cell<T>);

impl<T> Own<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Cell::new(value))
    }

    #[inline(always)]
    pub(crate) fn set(&self, value: T) {
        drop(self.replace(value));
    }

    #[inline(always)]
    pub(crate) fn replace(&self, value: T) -> T {
        Hush::begins();
        let old = self.0.replace(value);
        Hush::ends();
        old
    }

    #[inline(always)]
    pub(crate) fn take(&self) -> T
    where
        T: Default,
    {
        self.replace(T::default())
    }

    #[inline(always)]
    pub(crate) fn get(&self) -> T
    where
        T: Copy,
    {
        Hush::begins();
        let value = self.0.get();
        Hush::ends();
        value
    }
}

impl<T> fmt::Debug for Own<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Own").finish_non_exhaustive() // another's: nobody else may look
    }
}
