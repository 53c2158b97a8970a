//! `run`: where goroutines begin, and the one `unsafe` of a program that uses them.

use crate::packet::Packet;
use core::panic::Location;
use gaggle_gopark::Task;
use gaggle_prim::throw;
use std::sync::Arc;

/// Boots the scheduler if this process has none yet, runs `f` as a main goroutine, and returns its
/// value.
///
/// The scheduler is one per process and is never torn down: goroutines that are left over when `f`
/// returns go on like detached threads. In a program that should end then, as Go's do (SEMANTICS
/// A4), use `#[gaggle::main]`. Calls from several threads are served one after the other: a main
/// goroutine that waits for a thread which calls `run` waits for ever.
///
/// A panic in `f` that nobody catches ends the process with Go's text and exit code 2 (SEMANTICS
/// B1).
///
/// # Panics
///
/// When called on a goroutine: there a main goroutine runs already.
///
/// # Safety
///
/// A goroutine may go on on another thread after every switch point, and the compiler does not
/// know: it takes the address of a thread-local for constant within a function. So for all code
/// that runs on goroutines from now on, until the end of the process:
///
/// *No function, after inlining, touches one thread-local on both sides of a switch point, and no
/// borrow of a thread-local, no value derived from one, and no guard bound to its thread
/// (`StdoutLock`, `std::sync::MutexGuard`, an epoch guard) lives across a switch point.*
///
/// Switch points are the operations that can block, even when they do not: send, receive, select,
/// lock, wait, join, sleep; and [`gosched`](crate::gosched). Nothing else is: `go`, `try_*`,
/// unlocking, dropping a guard, `close` and `len` never switch. Programs that break this contract,
/// and ways to keep it, are in `docs/thread-locals.md`.
///
/// # Examples
///
/// ```
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// let answer = unsafe { gaggle_runtime::run(|| 6 * 7) };
/// assert_eq!(answer, 42);
/// ```
#[track_caller]
pub unsafe fn run<F, T>(f: F) -> T
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    refuse_nested();
    crate::crash::install();
    let packet = Arc::new(Packet::new());
    let theirs = Arc::clone(&packet);
    let main = move || {
        let unwanted = theirs.publish(f());
        debug_assert!(unwanted.is_none(), "the starter keeps the packet until this has run");
    };
    // SAFETY: the caller's promise is the same.
    unsafe { gaggle_sched::run(Task::new(main), Location::caller()) };
    if !packet.is_finished() {
        throw!("run: the main goroutine has ended without a value");
    }
    match packet.wait() {
        Some(value) => value,
        _ => throw!("run: the main goroutine's value was taken"),
    }
}

/// Before a run changes anything.
#[track_caller]
pub(crate) fn refuse_nested() {
    if gaggle_sched::on_goroutine() {
        nested();
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn nested() -> ! {
    panic!(
        "gaggle::run was called on goroutine {}: a main goroutine runs already; \
         start others with `go` or `spawn`",
        crate::goid()
    );
}
