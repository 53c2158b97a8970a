//! How many wait for a descriptor: whether there is anything to poll for, and whether the process is
//! alive (SEMANTICS U8).

use gaggle_prim::sync::atomic::{AtomicU32, Ordering};

#[cfg(not(loom))]
static WAITERS: AtomicU32 = AtomicU32::new(0);

#[cfg(loom)] // a fresh count for each execution of a model
gaggle_prim::sync::model::lazy_static! {
    static ref WAITERS: AtomicU32 = AtomicU32::new(0);
}

/// Somebody is about to wait. Before it can be found.
pub(crate) fn one_more() {
    // Relaxed: whoever runs out of work after this wait began has it before it, by the queues; the
    // others look again when they run out of work.
    WAITERS.fetch_add(1, Ordering::Relaxed);
}

/// Its wait is over.
pub(crate) fn one_less() {
    WAITERS.fetch_sub(1, Ordering::Relaxed); // Relaxed: as above
}

/// How many wait.
#[inline]
pub fn waiters() -> u32 {
    WAITERS.load(Ordering::Relaxed) // Relaxed: as above
}
