//! Goroutines where nobody has to be told of them: no detector is built in, or it is ThreadSanitizer, which knows them as
//! fibers that `coro` makes and `sched` switches, and sees by itself the plain thread that takes a goroutine's place.

/// The go statement, as the new goroutine knows it (SEMANTICS Y6). Made where the function is given,
/// taken where it runs.
#[derive(Debug)]
pub struct Birth {}

impl Birth {
    /// Here is the go statement.
    #[inline(always)]
    pub fn here() -> Self {
        Self {}
    }

    /// There is none: the clock starts it, and what comes before is told elsewhere.
    #[inline(always)]
    pub fn apart() -> Self {
        Self {}
    }

    /// The goroutine `id` begins on `strand`, and runs.
    #[inline(always)]
    pub fn begins(&self, _strand: &Strand, _id: u64) {}

    /// A thread of its own takes the goroutine's place, and runs.
    #[inline(always)]
    pub fn begins_on_thread(&self) {}
}

/// Who runs: a field of a G.
#[derive(Debug, Default)]
pub struct Strand {}

impl Strand {
    /// Nobody yet.
    pub const fn new() -> Self {
        Self {}
    }

    /// From here on this thread runs it, until it runs another.
    #[inline(always)]
    pub fn runs(&self) {}

    /// It has ended. On its own thread.
    #[inline(always)]
    pub fn ends(&self) {}
}

const _: () = assert!(size_of::<Birth>() + size_of::<Strand>() == 0);
