//! The few primitives that differ between std and loom, and what every crate needs below them.
//!
//! Nothing else in the workspace says `cfg(loom)` for an import: a crate that takes its atomics,
//! cells and thread-locals from here runs under the model checker unchanged.
//!
//! | what | std | loom |
//! |---|---|---|
//! | [`sync::atomic`] | `core::sync::atomic` | `loom::sync::atomic` |
//! | [`cell::UnsafeCell`] | a thin wrapper with `with`/`with_mut` | tracked accesses |
//! | [`light_fence`] / [`heavy_fence`] | compiler fence / `membarrier` | two SeqCst fences |
//! | [`OpenWord`] | one machine access | a Relaxed atomic of a pointer |
//! | [`thread_local!`] | const-initialised | reset per execution |
//! | [`throw!`], [`fatal!`] | text, exit code 2 | a panic the model reports |
//!
//! # Examples
//!
//! ```
//! use gaggle_prim::sync::atomic::{AtomicU32, Ordering};
//! let word = AtomicU32::new(1);
//! // Relaxed: one thread.
//! assert_eq!(word.fetch_add(1, Ordering::Relaxed), 1);
//! ```

mod arch;
mod check;
mod fence;
#[cfg(loom)]
#[path = "loom.rs"]
mod imp;
#[cfg(not(loom))]
#[path = "std.rs"]
mod imp;

pub use arch::prefetch;
#[cfg(not(loom))]
pub use arch::{OPEN_WORDS, OpenBytes, OpenWord};
pub use check::{Dying, FatalHook, fatal_exit, set_fatal_hook, throw_exit};
pub use crossbeam_utils::CachePadded;
pub use fence::{fence_after_rmw, full_fence, heavy_fence, light_fence};
#[cfg(loom)]
#[doc(hidden)]
pub use imp::__loom_thread_local;
#[cfg(loom)]
pub use imp::{OPEN_WORDS, OpenBytes, OpenWord};
pub use imp::{cell, hint, sync, thread};
pub use static_assertions::{assert_impl_all, assert_not_impl_any, const_assert};

/// True in a build for the model checker: sizes shrink (a run queue of 4 instead of 256).
pub const MODEL: bool = cfg!(loom);
