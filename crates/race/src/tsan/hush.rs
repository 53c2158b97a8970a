//! The runtime's own code, which ThreadSanitizer is told to leave alone, unless it is what is tested.
//!
//! *Once Per Context*: a context is hushed once at most, from the opening of its outermost section to its
//! closing; so one lift is enough, and contexts take their own hush with them when they are switched.

use super::sys;
use core::sync::atomic::{AtomicU8, AtomicU32, Ordering};

/// What the sanitizer is to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Program,
    Runtime,
}

const UNKNOWN: u8 = 0;
const PROGRAM: u8 = 1;
const RUNTIME: u8 = 2;
static MODE: AtomicU8 = AtomicU8::new(UNKNOWN);

#[inline]
fn mode() -> Mode {
    // Relaxed: a setting; whoever reads it first writes what all would write.
    match MODE.load(Ordering::Relaxed) {
        PROGRAM => Mode::Program,
        RUNTIME => Mode::Runtime,
        _ => read_mode(),
    }
}

#[cold]
#[inline(never)]
fn read_mode() -> Mode {
    let runtime = sys::is_set_to(c"GAGGLE_TSAN", c"runtime");
    MODE.store(if runtime { RUNTIME } else { PROGRAM }, Ordering::Relaxed); // Relaxed: as in `mode`
    if runtime { Mode::Runtime } else { Mode::Program }
}

/// True if only what the language orders counts.
pub(super) fn minds() -> bool {
    mode() == Mode::Program
}

thread_local! {
    /// How often the context that this thread runs is hushed. A switch happens hushed once on both sides,
    /// so the count may stay with the thread. Atomic, so that contexts which come one after the other do not
    /// seem to race on it.
    static DEPTH: AtomicU32 = const { AtomicU32::new(0) };
}

/// Changes the count; what it was. Never inlined: a thread-local's address must not be kept over a switch.
#[inline(never)]
fn count(change: impl FnOnce(u32) -> u32) -> u32 {
    let step = |depth: &AtomicU32| {
        let old = depth.load(Ordering::Relaxed); // Relaxed: the thread's own
        depth.store(change(old), Ordering::Relaxed); // Relaxed: as above
        old
    };
    DEPTH.try_with(step).unwrap_or(0)
}

/// Does `f` as the program's own doing. Nothing at all if the runtime is what is tested: its own atomics
/// order then.
pub(super) fn lifted(f: impl FnOnce()) {
    if minds() {
        Hush::lifted(f);
    }
}

/// The runtime's own code: what it does is not the program's doing.
#[derive(Debug)]
pub struct Hush {}

impl Hush {
    /// From here on, on this context.
    #[inline]
    pub fn begins() {
        if minds() && count(|depth| depth + 1) == 0 {
            sys::ignore_begin();
        }
    }

    /// Until here.
    #[inline]
    pub fn ends() {
        if minds() && count(|depth| depth - 1) == 1 {
            sys::ignore_end();
        }
    }

    /// A fresh context begins where this thread is hushed already.
    pub fn arrives() {
        if minds() {
            sys::ignore_begin();
        }
    }

    /// A context that will not come back leaves a thread that stays hushed.
    pub fn leaves() {
        if minds() {
            sys::ignore_end();
        }
    }

    /// The process ends now, on this thread, whatever it is in the middle of: the sanitizer would complain of a thread
    /// that ends hushed, and put its own exit code in the place of the program's.
    pub fn dies() {
        if minds() && count(|_| 0) > 0 {
            sys::ignore_end();
        }
    }

    /// Does `f`, an access or two of a word whose order for the program is told to a [`Place`](crate::Place): the word
    /// itself would order more. It does not switch and does not unwind.
    #[inline]
    pub fn over<R>(f: impl FnOnce() -> R) -> R {
        Self::begins();
        let answer = f();
        Self::ends();
        answer
    }

    /// Does `f` in the middle of it as the program's own doing.
    pub fn lifted<R>(f: impl FnOnce() -> R) -> R {
        let hushed = minds() && count(|depth| depth) > 0;
        if hushed {
            sys::ignore_end();
        }
        let answer = f();
        if hushed {
            sys::ignore_begin();
        }
        answer
    }

    /// Does `f`, which looks at what somebody else may be writing, and throws away what it saw if they did. In
    /// every mode: the accesses do meet, and nothing is made of those that met. It does not switch and does not unwind.
    pub fn looks<R>(f: impl FnOnce() -> R) -> R {
        sys::look_begin();
        let answer = f();
        sys::look_end();
        answer
    }

    /// True if a switch of goroutines orders nothing.
    pub fn is_meant() -> bool {
        minds()
    }
}
