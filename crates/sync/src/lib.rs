//! Mutex, WaitGroup, Once and atomics, with Go's semantics.
//!
//! | Go | here |
//! |---|---|
//! | `sync.Mutex` around data | [`Mutex<T>`], a [`lock_api`] mutex: guards, mapped guards |
//! | `sync.Mutex`, bare | [`BareMutex`]: `lock` and `unlock`, in whatever order, by whomever |
//! | `sync.WaitGroup` | [`WaitGroup`], a cloneable handle |
//! | `sync.Once` | [`Once`] |
//! | `sync/atomic` | [`atomic`] |
//!
//! Everything here blocks the goroutine, not its M, and works the same on plain OS threads, with
//! no scheduler in the build.
//!
//! # Examples
//!
//! ```
//! use gaggle_sync::{Mutex, WaitGroup};
//! use std::sync::Arc;
//!
//! let (total, wg) = (Arc::new(Mutex::new(0)), WaitGroup::new());
//! for n in 1..=4 {
//!     let total = Arc::clone(&total);
//!     wg.go(move || *total.lock() += n);
//! }
//! wg.wait();
//! assert_eq!(*total.lock(), 10);
//! ```

pub mod atomic;
mod deadline;
mod mutex;
mod once;
mod waitgroup;

pub use mutex::{BareMutex, RawMutex};
#[cfg(not(loom))] // lock_api wants a const mutex, which loom's atomics cannot give
pub use mutex::{MappedMutexGuard, Mutex, MutexGuard};
pub use once::Once;
pub use waitgroup::WaitGroup;
