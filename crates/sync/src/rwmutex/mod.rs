//! The reader/writer mutex that blocks the goroutine: its public face.
//!
//! The algorithm is in `raw`, its word in `state`; readers that would be in each other's way are kept
//! apart by `spread`, in `slots`.

mod bare;
mod clocks;
mod raw;
mod slots;
mod spread;
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
