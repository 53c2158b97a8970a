//! WaitGroup: waits for a collection of goroutines. The public face; its word is in `state`.

#[cfg(all(test, loom))]
mod loom_bubble;
mod state;

use core::fmt;
use core::panic::{AssertUnwindSafe, Location};
use core::time::Duration;
use gaggle_gopark::{Goexit, Task};
use gaggle_prim::sync::Arc;
use state::Group;
use std::panic::{catch_unwind, resume_unwind};

/// Waits until a number of goroutines have finished (Go: `sync.WaitGroup`).
///
/// A handle: clones share one counter, so a goroutine can own the right to its `done`.
///
/// # Examples
///
/// ```
/// use gaggle_sync::WaitGroup;
/// let wg = WaitGroup::new();
/// wg.add(1);
/// let theirs = wg.clone();
/// std::thread::spawn(move || theirs.done());
/// wg.wait();
/// ```
#[derive(Clone, Default)]
pub struct WaitGroup {
    group: Arc<Group>,
}

impl WaitGroup {
    /// A group with nobody to wait for.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `delta`, which may be negative, to the counter; at zero all waiters go on.
    ///
    /// Calls that raise a zero counter must happen before the `wait` they are meant for, and only
    /// after all earlier waits have returned (SEMANTICS M4). Never switches.
    ///
    /// # Panics
    ///
    /// `sync: negative WaitGroup counter` if the counter falls below zero, where it stays (M2).
    /// `sync: WaitGroup misuse: Add called concurrently with Wait` if that was seen (M3).
    #[inline]
    #[track_caller]
    pub fn add(&self, delta: i32) {
        self.group.add(delta);
    }

    /// One is done: `add(-1)`. What was done before is seen after the `wait` it ends (M7).
    ///
    /// # Panics
    ///
    /// As [`add`](Self::add).
    #[inline]
    #[track_caller]
    pub fn done(&self) {
        self.group.add(-1);
    }

    /// Waits until the counter is zero. A switch point.
    ///
    /// # Panics
    ///
    /// `sync: WaitGroup is reused before previous Wait has returned` if that was seen (M3).
    #[inline]
    #[track_caller]
    pub fn wait(&self) {
        self.group.wait();
    }

    /// Waits until the counter is zero (true), at most for `timeout` (false). A switch point.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
    #[must_use = "false: the goroutines are not done"]
    #[track_caller]
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        self.group.wait_until(crate::deadline::after(gaggle_gopark::now(), timeout))
    }

    /// Runs `f` in a new goroutine that counts until `f` returns or exits by goexit. Without a scheduler, or
    /// before a `run` has begun, a plain thread takes the goroutine's place.
    ///
    /// `f` must not panic: a panic goes on to the root of the goroutine and ends the process,
    /// before any `wait` could return (SEMANTICS M5).
    ///
    /// # Panics
    ///
    /// As [`add`](Self::add).
    #[track_caller]
    pub fn go(&self, f: impl FnOnce() + Send + 'static) {
        self.add(1);
        let handle = self.clone();
        gaggle_gopark::spawn(Task::new(move || handle.run(f)), Location::caller());
    }

    fn run(self, f: impl FnOnce()) {
        match catch_unwind(AssertUnwindSafe(f)) {
            Ok(()) => self.done(),
            Err(payload) => {
                if Goexit::is(&*payload) {
                    self.done();
                }
                resume_unwind(payload)
            }
        }
    }
}

impl fmt::Debug for WaitGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitGroup").field("state", &self.group).finish()
    }
}

const _: () = assert!(gaggle_prim::MODEL || size_of::<WaitGroup>() == 8);
