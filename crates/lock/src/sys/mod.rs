//! Which waiting the lock and the note use; the one place of this crate that asks.
//!
//! A backend defines: `RawLock { new, lock, try_lock, unlock }`, `NoteWord { new, is_set,
//! sleep, sleep_until, wakeup, clear }`, `nanotime() -> u64` (monotonic nanoseconds, the note's clock),
//! `monotonic() -> u64` (the same, whatever `shown.rs` shows).

#[cfg(all(not(loom), target_os = "linux"))]
mod futex;
#[cfg(all(not(loom), target_os = "linux"))]
pub(crate) use futex::{NoteWord, RawLock};
#[cfg(all(not(loom), target_os = "linux"))]
pub use futex::{monotonic, nanotime};

#[cfg(loom)]
mod model;
#[cfg(loom)]
pub(crate) use model::{NoteWord, RawLock};
#[cfg(loom)]
pub use model::{monotonic, nanotime};

#[cfg(all(not(loom), not(target_os = "linux")))]
compile_error!("lock: no backend for this OS yet; see the list of functions above");
