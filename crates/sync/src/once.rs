//! Once: one action, ever. Four bytes.
//!
//! | word | meaning | who may leave it |
//! |---|---|---|
//! | `NOT_YET` | nobody has begun | the first caller, by CAS |
//! | `RUNNING` | the first caller's function runs | it, when that has ended; whoever waits, to `AWAITED` |
//! | `AWAITED` | the same, and somebody waits for its end | the first caller |
//! | `DONE` | over, also if it panicked | nobody |
//!
//! What the function did is seen by everybody who returns: each leaves by an Acquire load of the word
//! that reads `DONE`, which was stored by a Release.

use crate::deadline;
use crate::lockorder;
use crate::mutex::pause;
use core::fmt;
use core::time::Duration;
use gaggle_gopark::{self as gopark, WaitReason};
use gaggle_prim::sync::atomic::{AtomicU32, Ordering};
use gaggle_race::Place;
use gaggle_sudog::sema;

const NOT_YET: u32 = 0;
const RUNNING: u32 = 1;
const AWAITED: u32 = 2;
const DONE: u32 = 3;

/// As in Go, where callers wait for a mutex (SEMANTICS N3).
const REASON: WaitReason = WaitReason::MutexLock;

/// Runs one function, once (Go: `sync.Once`).
///
/// # Examples
///
/// ```
/// use gaggle_sync::Once;
/// static HELLO: Once = Once::new();
/// HELLO.call_once(|| println!("hello"));
/// HELLO.call_once(|| unreachable!());
/// ```
#[derive(Default)]
pub struct Once {
    word: AtomicU32,
    race: Place,
}

/// Ends a call, also when the function unwinds (N2).
struct Call<'a> {
    once: &'a Once,
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.once.race.release();
        lockorder::gives(self.once.address());
        // Release: pairs with the Acquires in `is_completed`.
        if self.once.word.swap(DONE, Ordering::Release) == AWAITED {
            sema::wake_all(&mut gopark::enter(), &self.once.word);
        }
    }
}

impl Once {
    /// A function that has not run.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub const fn new() -> Self {
        Self { word: AtomicU32::new(NOT_YET), race: Place::new() }
    }

    /// A function that has not run.
    #[cfg(loom)] // loom's atomics have no const constructors
    pub fn new() -> Self {
        Self { word: AtomicU32::new(NOT_YET), race: Place::new() }
    }

    /// Runs `f` if this is the first call ever; returns when the first call's function has ended
    /// (Go: `Do`, SEMANTICS N1). If that one panics, it counts as done, and the panic goes to the
    /// first caller only (N2). A call that is not the first is a load, a compare and a branch. A call from inside `f` waits for ever (N3). A switch point.
    #[inline]
    #[doc(alias = "Do")]
    #[track_caller]
    pub fn call_once(&self, f: impl FnOnce()) {
        if !self.is_completed() {
            self.call_slow(f, None);
        }
    }

    /// As [`call_once`](Self::call_once), but waits at most for `timeout` for another's function to
    /// end; false if it still runs then. If this is the first call, `f` takes the time it takes. A
    /// switch point.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_sync::Once;
    /// use std::time::Duration;
    /// let once = Once::new();
    /// once.call_once(|| {
    ///     let inside = once.call_once_timeout(|| unreachable!(), Duration::from_millis(1));
    ///     assert!(!inside, "the one call still runs");
    /// });
    /// assert!(once.call_once_timeout(|| unreachable!(), Duration::ZERO));
    /// ```
    #[must_use = "false: the function has not ended"]
    #[track_caller]
    pub fn call_once_timeout(&self, f: impl FnOnce(), timeout: Duration) -> bool {
        self.is_completed() || self.call_slow(f, Some(deadline::after(gopark::now(), timeout)))
    }

    /// True if the function has ended, also if it panicked. What it did is seen then.
    #[inline]
    pub fn is_completed(&self) -> bool {
        // Acquire: pairs with the Release in `Call::drop`.
        let done = self.word.load(Ordering::Acquire) == DONE;
        if done {
            self.race.acquire();
        }
        done
    }

    fn address(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    fn call_slow(&self, f: impl FnOnce(), deadline: Option<u64>) -> bool {
        lockorder::wants(self.address());
        gopark::switch_point();
        // Relaxed: who begins has nothing to see; who does not looks again.
        let (begun, lost) = (Ordering::Relaxed, Ordering::Relaxed);
        if self.word.compare_exchange(NOT_YET, RUNNING, begun, lost).is_ok() {
            lockorder::has(self.address());
            let _call = Call { once: self };
            f();
            return true;
        }
        match deadline {
            None => self.wait(),
            Some(deadline) => self.wait_until(deadline),
        }
        lockorder::leaves(self.address());
        self.is_completed()
    }

    /// Says that somebody waits; false if there is nothing to wait for.
    fn await_end(&self) -> bool {
        // Relaxed: it decides whether to wait; `is_completed` acquires.
        let (said, lost) = (Ordering::Relaxed, Ordering::Relaxed);
        let before = self.word.compare_exchange(RUNNING, AWAITED, said, lost);
        before != Err(DONE)
    }

    fn wait(&self) {
        let mut section = gopark::enter();
        pause(&section, || !self.is_completed());
        while self.await_end() {
            sema::wait_while(&mut section, &self.word, AWAITED, REASON);
        }
        section.leave_at_switch_point();
    }

    fn wait_until(&self, deadline: u64) {
        if self.await_end() {
            let mut section = gopark::enter_timed();
            // The word leaves `AWAITED` for `DONE` only, so one wait is enough.
            let word = &self.word;
            let _wake = sema::wait_while_until(&mut section, word, AWAITED, REASON, deadline);
            section.leave_at_switch_point();
        }
    }
}

#[cfg(debug_assertions)] // where the order of locks can be checked
impl Drop for Once {
    fn drop(&mut self) {
        lockorder::forget(self.address(), || false); // who calls has a borrow of it
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Relaxed: for the eye.
        let word = self.word.load(Ordering::Relaxed);
        let (done, running) = (word == DONE, matches!(word, RUNNING | AWAITED));
        f.debug_struct("Once").field("done", &done).field("running", &running).finish()
    }
}
