//! Where we stand: which of the places that were made for processors is at hand.
//!
//! *Only Nearness*: a goroutine may stand elsewhere a moment later, and two threads may get the same answer. So
//! whoever uses it gains speed by it and nothing else.

use gaggle_gopark as gopark;
use gaggle_prim::MODEL;
use gaggle_prim::sync::atomic::Ordering;

/// As many places as there are processors, but no more than these.
pub(crate) const MOST: usize = 64;

/// The number of our P, or of the thread if it has none. In models, where addresses differ from run to run: 0.
#[inline]
pub(crate) fn home() -> usize {
    if MODEL {
        return 0;
    }
    let seat = gopark::seat_in_handler();
    // SAFETY: Seat Outlives (gopark): it is our thread's, and we stay on it until the next switch point.
    let Some(seat) = (unsafe { seat.as_ref() }) else { return first_look() };
    let thread = || core::ptr::from_ref(seat).addr() >> 7;
    seat.word().p().map_or_else(thread, |pid| pid as usize)
}

/// A thread that has no seat yet gets one.
#[cold]
#[inline(never)]
fn first_look() -> usize {
    gopark::enter().seat_ptr().addr().get() >> 7
}

/// How many places there are to be: a power of two. Asked once.
#[inline]
pub(crate) fn places() -> usize {
    static COUNT: core::sync::atomic::AtomicUsize = core::sync::atomic::AtomicUsize::new(0);
    // Relaxed: a number that is the same for all.
    match COUNT.load(Ordering::Relaxed) {
        0 => {
            let processors = std::thread::available_parallelism().map_or(1, usize::from);
            let count = processors.next_power_of_two().min(MOST);
            COUNT.store(count, Ordering::Relaxed); // Relaxed: as above
            count
        }
        count => count,
    }
}
