//! Threads whose waiting can be waited for.

use gaggle_gopark::{self as gopark, GRef, Status};
use std::thread;

/// Returns when the G waits in earnest, or when its deadline was so early that it has ended.
pub(crate) fn until_waiting<T>((g, thread): &(GRef, thread::JoinHandle<T>)) {
    while g.status().get() != Status::Waiting && !thread.is_finished() {
        thread::yield_now();
    }
}

/// Its G, as soon as the new thread runs; and the thread.
pub(crate) fn start<T: Send + 'static>(
    f: impl FnOnce() -> T + Send + 'static,
) -> (GRef, thread::JoinHandle<T>) {
    let (tell, told) = std::sync::mpsc::channel();
    let thread = thread::spawn(move || {
        tell.send(gopark::current()).unwrap();
        f()
    });
    (told.recv().unwrap(), thread)
}
