//! Go's package `sync`, and its atomics.
//!
//! | Go | here |
//! |---|---|
//! | `sync.Mutex` around data | [`Mutex<T>`], a [`lock_api`] mutex: guards, mapped guards |
//! | `sync.Mutex`, bare | [`BareMutex`]: `lock` and `unlock`, in whatever order, by whomever |
//! | `sync.RWMutex` around data | [`RwMutex<T>`], likewise |
//! | `sync.RWMutex`, bare; `sync.Locker` | [`BareRwMutex`]; [`Locker`] |
//! | `sync.WaitGroup` | [`WaitGroup`], a cloneable handle |
//! | `sync.Once`; `OnceFunc`, `OnceValue`, `OnceValues` | [`Once`]; [`OnceFunc`], [`OnceValue`], [`OnceValues`] |
//! | `sync.Cond` | [`Cond`] |
//! | `sync.Pool` | [`Pool`], typed |
//! | `sync.Map` | [`Map`], typed |
//! | `sync/atomic` | [`atomic`] |
//!
//! In debug builds [`lockorder`] watches the order in which locks are taken.
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
mod cond;
mod deadline;
mod home;
mod locker;
pub mod lockorder;
mod map;
mod mutex;
mod once;
mod once_again;
mod once_func;
mod pool;
mod rwmutex;
mod waitgroup;

pub use cond::Cond;
#[cfg(not(loom))] // guards are lock_api's
pub use cond::CondGuard;
pub use locker::Locker;
pub use map::{KeyHasher, Map, MapHasher};
#[cfg(not(loom))] // lock_api wants a const mutex, which loom's atomics cannot give
pub use mutex::{ArcMutexGuard, MappedMutexGuard, Mutex, MutexGuard};
pub use mutex::{BareMutex, RawMutex};
pub use once::Once;
pub use once_func::{OnceFunc, OnceValue, OnceValues};
pub use pool::Pool;
#[cfg(not(loom))] // as above
pub use rwmutex::{
    ArcRwMutexReadGuard, ArcRwMutexWriteGuard, MappedRwMutexReadGuard, MappedRwMutexWriteGuard,
    RwMutex, RwMutexReadGuard, RwMutexWriteGuard,
};
pub use rwmutex::{BareRwMutex, RLocker, RawRwMutex};
pub use waitgroup::WaitGroup;
