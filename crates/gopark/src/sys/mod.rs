//! Where thread records come from, and the order of bytes; the one place of this crate that knows of
//! the model checker and of the platform.
//!
//! A backend defines: `take_record() -> NonNull<ThreadG>` (from the pool, returned to it when the
//! thread ends), `spawn_thread(Task)`.

#[cfg(not(loom))]
mod pool;
#[cfg(not(loom))]
pub(crate) use pool::{spawn_thread, take_record};

#[cfg(loom)]
mod model;
#[cfg(loom)]
pub(crate) use model::{spawn_thread, take_record};

/// The low half of a word of 64 bits in memory.
pub(crate) fn low_half(word: *const u64) -> *const u32 {
    let low = word.cast::<u32>();
    if cfg!(target_endian = "big") { low.wrapping_add(1) } else { low }
}
