//! Work on a thread of its own: with the stack of one, and none of a goroutine's registers.

use crate::leak::observe;
use std::thread;

/// Calls `f` on another thread and waits for it, as in a blocking call. None if there is no thread to be
/// had, or `f` panicked.
pub(crate) fn apart<T: Send>(f: impl FnOnce() -> T + Send) -> Option<T> {
    gaggle_sched::syscall(|| {
        thread::scope(|scope| {
            let builder = thread::Builder::new().name("gaggle-insight".into());
            builder.spawn_scoped(scope, || observe(f)).ok()?.join().ok()
        })
    })
}
