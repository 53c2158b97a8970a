//! The loom face: every access and every switch is the model checker's to order.

/// Atomics and reference counting.
pub mod sync {
    pub use loom::sync::Arc;

    /// `loom::sync::atomic`.
    pub mod atomic {
        pub use loom::sync::atomic::{
            AtomicBool, AtomicI32, AtomicI64, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
            AtomicUsize, Ordering, fence,
        };
    }

    /// What `lock::sys` builds its model of a lock from, and `sudog::sys` its table.
    pub mod model {
        pub use loom::lazy_static;
        pub use loom::sync::{Condvar, Mutex, MutexGuard};
    }
}

/// Spinning: a yield, or the search would never end.
pub mod hint {
    pub use loom::thread::yield_now as spin_loop;
}

/// A word that may be read while it is written: a model stores pointers and numbers there, nothing with gaps.
#[derive(Debug, Default)]
pub struct OpenWord(loom::sync::atomic::AtomicPtr<()>);

/// What an [`OpenWord`] holds.
pub type OpenBytes = core::mem::MaybeUninit<*mut ()>;

/// True: models read what was stored.
pub const OPEN_WORDS: bool = true;

impl OpenWord {
    /// A word.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was stored last, as far as fences order it.
    pub fn load(&self) -> OpenBytes {
        // Relaxed: as the machine's; fences stand around it.
        OpenBytes::new(self.0.load(sync::atomic::Ordering::Relaxed))
    }

    /// Stores `bytes`.
    pub fn store(&self, bytes: OpenBytes) {
        // SAFETY: nothing with gaps, as the type says.
        let word = unsafe { bytes.assume_init() };
        self.0.store(word, sync::atomic::Ordering::Relaxed); // Relaxed: as above
    }
}

/// Threads.
pub mod thread {
    pub use loom::thread::{spawn, yield_now};
}

/// Cells whose accesses the model checker follows.
pub mod cell {
    pub use loom::cell::{MutPtr, UnsafeCell};
}

#[doc(hidden)]
pub use loom::thread_local as __loom_thread_local;

/// Declares a thread-local that each execution of a model starts afresh.
#[macro_export]
macro_rules! thread_local {
    ($(#[$meta:meta])* $vis:vis static $name:ident : $ty:ty = $init:expr) => {
        $crate::__loom_thread_local! { $(#[$meta])* $vis static $name: $ty = $init }
    };
}
