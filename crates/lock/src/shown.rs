//! A clock that somebody else moves: what [`nanotime`](crate::nanotime) shows to the threads of a replayed run.
//!
//! While none is shown, it costs a reading of the clock one load. *Own Clock*: only a thread that
//! [`read_shown_clock`] was called on sees it; all others see the kernel's.

use core::cell::Cell;
use core::sync::atomic::{AtomicU64, Ordering};

/// The time that is shown; 0 while none is.
static SHOWN: AtomicU64 = AtomicU64::new(0);

/// Which clock a thread reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    Kernel,
    Shown,
}

thread_local! {
    static READS: Cell<Reads> = const { Cell::new(Reads::Kernel) };
}

/// Shows `now`, which is not 0, to the threads that read the shown clock.
pub fn show_clock(now: u64) {
    SHOWN.store(now, Ordering::Relaxed); // Relaxed: whoever reads it is the only thread that runs
}

/// Shows no time any more.
pub fn hide_clock() {
    SHOWN.store(0, Ordering::Relaxed); // Relaxed: as above
}

/// From now on this thread reads the shown clock while there is one.
#[inline(never)]
pub fn read_shown_clock() {
    READS.set(Reads::Shown);
}

/// From now on this thread reads the kernel's clock.
#[inline(never)]
pub fn read_own_clock() {
    READS.set(Reads::Kernel);
}

/// True while a clock is shown to somebody.
#[inline]
pub fn is_shown() -> bool {
    SHOWN.load(Ordering::Relaxed) != 0 // Relaxed: see `show_clock`
}

/// What this thread is shown. Never inlined: the thread-local must not be cached across a switch.
#[cold]
#[inline(never)]
pub fn shown() -> Option<u64> {
    if READS.get() == Reads::Kernel {
        return None;
    }
    let now = SHOWN.load(Ordering::Relaxed); // Relaxed: see `show_clock`
    (now != 0).then_some(now)
}

#[cfg(all(test, not(loom)))] // models have no clock
mod tests {
    use super::{hide_clock, read_own_clock, read_shown_clock, show_clock};
    use crate::nanotime;

    #[test]
    fn the_shown_clock_is_seen_by_who_reads_it_and_by_nobody_else() {
        show_clock(5);
        assert!(nanotime() > 5, "the kernel's clock");
        read_shown_clock();
        assert_eq!(nanotime(), 5);
        show_clock(7);
        assert_eq!(nanotime(), 7);
        assert!(std::thread::spawn(nanotime).join().unwrap() > 7);
        hide_clock();
        assert!(nanotime() > 7);
        read_own_clock();
    }
}
