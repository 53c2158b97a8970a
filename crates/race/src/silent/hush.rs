//! The runtime's own code where no detector sees it anyway: none is built in, or it is our own, which sees only what it
//! is told.

/// The runtime's own code: what it does is not the program's doing.
#[derive(Debug)]
pub struct Hush {}

impl Hush {
    /// From here on, on this context.
    #[inline(always)]
    pub fn begins() {}

    /// Until here.
    #[inline(always)]
    pub fn ends() {}

    /// A fresh context begins where this thread is hushed already.
    #[inline(always)]
    pub fn arrives() {}

    /// A context that will not come back leaves a thread that stays hushed.
    #[inline(always)]
    pub fn leaves() {}

    /// The process ends now, on this thread, whatever it is in the middle of.
    #[inline(always)]
    pub fn dies() {}

    /// Does `f`, an access or two of a word whose order for the program is told to a [`Place`](crate::Place).
    #[inline(always)]
    pub fn over<R>(f: impl FnOnce() -> R) -> R {
        f()
    }

    /// Does `f` in the middle of it as the program's own doing.
    #[inline(always)]
    pub fn lifted<R>(f: impl FnOnce() -> R) -> R {
        f()
    }

    /// Does `f`, which looks at what somebody else may be writing, and throws away what it saw if they did. It does
    /// not switch and does not unwind.
    #[inline(always)]
    pub fn looks<R>(f: impl FnOnce() -> R) -> R {
        f()
    }

    /// True if a switch of goroutines orders nothing.
    #[inline(always)]
    pub fn is_meant() -> bool {
        true
    }
}

const _: () = assert!(size_of::<Hush>() == 0);
