//! Where thread records come from; the one place of this crate that knows of the model checker.
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
