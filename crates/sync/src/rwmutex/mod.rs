//! The reader/writer mutex that blocks the goroutine: its public face.
//!
//! The algorithm is in `raw`, its word in `state`.

mod bare;
mod raw;
mod state;
#[cfg(not(loom))] // lock_api wants a const mutex, which loom's atomics cannot give
mod with_data;

pub use bare::{BareRwMutex, RLocker};
pub use raw::RawRwMutex;
#[cfg(not(loom))] // lock_api wants a const mutex, which loom's atomics cannot give
pub use with_data::{
    ArcRwMutexReadGuard, ArcRwMutexWriteGuard, MappedRwMutexReadGuard, MappedRwMutexWriteGuard,
    RwMutex, RwMutexReadGuard, RwMutexWriteGuard,
};
