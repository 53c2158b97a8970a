//! How much a crash shows: `GAGGLE_TRACEBACK`, as Go's `GOTRACEBACK` (SEMANTICS C2).

use core::sync::atomic::{AtomicU32, Ordering};

/// How much a crash shows of the goroutines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum TracebackLevel {
    /// The message only.
    None = 0,
    /// The goroutine that crashed; all of them if it is nobody's fault alone (a deadlock).
    Single = 1,
    /// All goroutines.
    All = 2,
    /// All goroutines, with the frames of the runtime.
    System = 3,
    /// As `System`; then the process aborts, so that a core may be dumped: SIGABRT, code 134.
    Crash = 4,
}

/// Nobody has named a level.
const UNSAID: u32 = 0;

/// One more than the highest level that the environment or the program has named.
static LEVEL: AtomicU32 = AtomicU32::new(UNSAID);

impl TracebackLevel {
    /// The level of the word in the environment (`none`, `single`, `all`, `system`, `crash`, or a number: `0` for
    /// `none`, `1` for `all`, more for `system`); an empty one is `single`. None if it is no such word.
    pub fn parse(word: &str) -> Option<TracebackLevel> {
        match word {
            "none" => Some(TracebackLevel::None),
            "single" | "" => Some(TracebackLevel::Single),
            "all" => Some(TracebackLevel::All),
            "system" => Some(TracebackLevel::System),
            "crash" => Some(TracebackLevel::Crash),
            _ => TracebackLevel::of_number(word),
        }
    }

    fn of_number(word: &str) -> Option<TracebackLevel> {
        if !word.bytes().all(|byte| byte.is_ascii_digit()) {
            return None; // a sign is none of Go's
        }
        Some(match word.parse::<u32>().ok()? {
            0 => TracebackLevel::None,
            1 => TracebackLevel::All,
            _ => TracebackLevel::System,
        })
    }
}

/// The level in force.
pub fn traceback_level() -> TracebackLevel {
    // Relaxed: a setting; nothing is read through it.
    match LEVEL.load(Ordering::Relaxed) {
        1 => TracebackLevel::None,
        UNSAID | 2 => TracebackLevel::Single,
        3 => TracebackLevel::All,
        4 => TracebackLevel::System,
        _ => TracebackLevel::Crash,
    }
}

/// Raises the level: Go's `debug.SetTraceback`. It cannot lower what the environment or an earlier
/// call asked for (SEMANTICS C2).
pub fn raise_traceback_level(level: TracebackLevel) {
    LEVEL.fetch_max(level as u32 + 1, Ordering::Relaxed); // Relaxed: see `traceback_level`
}
