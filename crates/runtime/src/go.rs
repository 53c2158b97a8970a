//! `go`: starts a goroutine and asks for nothing back.

use core::panic::Location;
use gaggle_gopark::Task;

/// Starts a goroutine that runs `f`: Go's `go` statement. The starter does not wait.
///
/// The goroutine ends when `f` returns, when it calls [`goexit`](crate::goexit), or with the
/// process. It may be started from a goroutine or from a plain thread. A panic that nobody catches
/// in `f` ends the whole process with Go's text and exit code 2 (SEMANTICS B1).
///
/// `f` itself is evaluated here, its body there (SEMANTICS A1). This never switches to another
/// goroutine.
///
/// # Panics
///
/// If no [`run`](crate::run) has begun in this process: who calls that promises what goroutines need.
///
/// # Examples
///
/// ```
/// use gaggle_runtime::{go, run};
/// use std::sync::mpsc;
///
/// let (sender, receiver) = mpsc::channel();
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// unsafe { run(move || go(move || sender.send(42).unwrap())) };
/// assert_eq!(receiver.recv(), Ok(42)); // it goes on after the main goroutine has returned
/// ```
#[inline]
#[track_caller]
pub fn go<F: FnOnce() + Send + 'static>(f: F) {
    start(Task::new(f));
}

/// Starts `task`; the `go` statement is the caller's.
#[inline]
#[track_caller]
pub(crate) fn start(task: Task) {
    gaggle_sched::require_promise();
    gaggle_gopark::spawn(task, Location::caller());
}
