//! Once: one action, ever.
//!
//! | `done` | meaning | who may leave it |
//! |---|---|---|
//! | `NOT_YET` | nobody has finished | the first caller, holding the mutex, when its function has ended |
//! | `DONE` | over, also if it panicked | nobody |

use crate::mutex::RawMutex;
use core::fmt;
use gaggle_prim::sync::atomic::{AtomicU32, Ordering};

const NOT_YET: u32 = 0;
const DONE: u32 = 1;

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
    done: AtomicU32,
    mutex: RawMutex,
}

/// Ends a call: sets `done` if it ran, then unlocks; also when the function unwinds (N2).
struct Call<'a> {
    once: &'a Once,
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        // Release: pairs with the Acquire in `call_once`.
        self.once.done.store(DONE, Ordering::Release);
        self.once.mutex.unlock();
    }
}

impl Once {
    /// A function that has not run.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub const fn new() -> Self {
        Self { done: AtomicU32::new(NOT_YET), mutex: RawMutex::new() }
    }

    /// A function that has not run.
    #[cfg(loom)] // loom's atomics have no const constructors
    pub fn new() -> Self {
        Self { done: AtomicU32::new(NOT_YET), mutex: RawMutex::new() }
    }

    /// Runs `f` if this is the first call ever; returns when the first call's function has ended
    /// (Go: `Do`, SEMANTICS N1). If that one panics, it counts as done, and the panic goes to the
    /// first caller only (N2). A call from inside `f` waits for ever (N3). A switch point.
    #[inline]
    #[doc(alias = "Do")]
    pub fn call_once(&self, f: impl FnOnce()) {
        // Acquire: pairs with the Release in `Call::drop`.
        if self.done.load(Ordering::Acquire) == NOT_YET {
            self.call_slow(f);
        }
    }

    #[cold]
    #[inline(never)]
    fn call_slow(&self, f: impl FnOnce()) {
        self.mutex.lock();
        let _call = Call { once: self };
        // Relaxed: the mutex orders it.
        if self.done.load(Ordering::Relaxed) == NOT_YET {
            f();
        }
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Relaxed: for the eye.
        let done = self.done.load(Ordering::Relaxed) == DONE;
        f.debug_struct("Once").field("done", &done).finish_non_exhaustive()
    }
}
