//! How goroutines that compute are preempted: `GAGGLE_DEBUG=preempt=strict|handoff|off`, and
//! `slice=N` for a time slice of N microseconds.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// What happens to a goroutine whose time slice is over and that reaches no switch point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Mode {
    /// It is stopped in the middle until its turn comes: at most GOMAXPROCS goroutines compute.
    Strict = 0,
    /// It computes on without a P; the kernel divides the CPUs.
    HandOff = 1,
    /// Nothing: it keeps its P. A blocking call still loses it.
    Off = 2,
}

static MODE: AtomicU32 = AtomicU32::new(Mode::DEFAULT as u32);

/// The mode of this process.
pub(crate) fn mode() -> Mode {
    // Relaxed: written once, at boot, before the monitor runs.
    match MODE.load(Ordering::Relaxed) {
        0 => Mode::Strict,
        1 => Mode::HandOff,
        _ => Mode::Off,
    }
}

/// Sets it. At boot.
pub(crate) fn set_mode(mode: Mode) {
    // Relaxed: see `mode`.
    MODE.store(mode as u32, Ordering::Relaxed);
}

/// The time slice in nanoseconds (SEMANTICS G1).
static SLICE: AtomicU64 = AtomicU64::new(10_000_000);

/// Nanoseconds that a goroutine may run before it is asked to yield.
pub(crate) fn slice() -> u64 {
    SLICE.load(Ordering::Relaxed) // Relaxed: see `mode`
}

/// Sets it. At boot.
pub(crate) fn set_slice(nanoseconds: u64) {
    SLICE.store(nanoseconds, Ordering::Relaxed); // Relaxed: see `mode`
}

impl Mode {
    /// Strict. With a race detector built in: nobody is stopped in the middle, who may hold one of its
    /// locks, or the allocator's, which it needs inside sections too.
    pub(crate) const DEFAULT: Mode =
        if gaggle_race::ON || gaggle_coro::sanitizer::ON { Mode::HandOff } else { Mode::Strict };

    /// The word in `GAGGLE_DEBUG`.
    pub(crate) fn parse(word: &str) -> Option<Mode> {
        match word {
            "strict" => Some(Mode::Strict),
            "handoff" => Some(Mode::HandOff),
            "off" => Some(Mode::Off),
            _ => None,
        }
    }
}
