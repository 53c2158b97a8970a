//! The mutex that blocks the goroutine: its public face.
//!
//! The algorithm is in `raw`, its word in `state`.

mod bare;
#[cfg(all(test, loom))]
mod loom_handover;
mod raw;
mod state;
mod waited;
#[cfg(not(loom))] // lock_api wants a const mutex, which loom's atomics cannot give
mod with_data;

pub use bare::BareMutex;
pub use raw::RawMutex;
pub(crate) use raw::{PATIENCE, pause};
#[cfg(not(loom))] // lock_api wants a const mutex, which loom's atomics cannot give
pub use with_data::{ArcMutexGuard, MappedMutexGuard, Mutex, MutexGuard};
