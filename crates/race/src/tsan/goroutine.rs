//! Goroutines: the sanitizer knows them as fibers, which `coro` makes and `sched` switches. Nothing is left
//! to be told here; a plain thread that takes a goroutine's place is seen by itself.

/// The go statement, as the new goroutine knows it.
#[derive(Debug)]
pub struct Birth {}

impl Birth {
    /// Here is the go statement.
    #[inline(always)]
    pub fn here() -> Self {
        Self {}
    }

    /// There is none.
    #[inline(always)]
    pub fn apart() -> Self {
        Self {}
    }

    /// The goroutine `id` begins on `strand`.
    #[inline(always)]
    pub fn begins(&self, _strand: &Strand, _id: u64) {}

    /// A thread of its own takes the goroutine's place.
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

    /// From here on this thread runs it.
    #[inline(always)]
    pub fn runs(&self) {}

    /// It has ended.
    #[inline(always)]
    pub fn ends(&self) {}
}
