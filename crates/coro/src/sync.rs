//! The atomics of this crate: always the machine's, also when the rest of the workspace runs under a model checker.
//!
//! The tables here describe memory mappings of the process and stand in statics that a signal handler reads. A model can
//! neither explore a mapping nor build its atomics in a static, so this crate does not take them from `gaggle_prim`;
//! what it has of protocols (one spin lock, tables that only grow) is small enough to argue in place.

pub(crate) use core::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicUsize, Ordering,
};
