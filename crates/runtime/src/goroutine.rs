//! What a goroutine can ask of the scheduler about itself and about the others.

use gaggle_sched as sched;

/// Lets other goroutines run: Go's `runtime.Gosched`.
///
/// The caller stays runnable and goes to the tail of the global run queue, so it goes on by itself
/// (SEMANTICS A13). A switch point, always. On a plain thread it yields that thread.
///
/// # Examples
///
/// ```
/// use gaggle_runtime::{gosched, run, spawn};
///
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// let answer = unsafe {
///     run(|| {
///         let worker = spawn(|| 42);
///         while !worker.is_finished() {
///             gosched();
///         }
///         worker.join().unwrap()
///     })
/// };
/// assert_eq!(answer, 42);
/// ```
#[inline]
pub fn gosched() {
    sched::gosched();
}

/// Ends the current goroutine: Go's `runtime.Goexit`.
///
/// All destructors of the goroutine run, as Go runs its deferred calls; other goroutines are not
/// affected. It is not a panic, though it unwinds like one: `catch_unwind` sees it, but cannot stop it
/// (SEMANTICS B5, B8). Whoever drops what it caught goes on unwinding there; only one that never drops
/// it on this goroutine, or drops it while it panics, lets the goroutine live on. From the main goroutine
/// it ends that one while the others go on, and the program dies with
/// `fatal error: no goroutines (main called runtime.Goexit) - deadlock!` after the last of them
/// (SEMANTICS B6).
///
/// On a plain thread, which is no goroutine, it unwinds to whatever catches there: `join` returns an error that is no text,
/// and the main thread ends the process with code 101.
///
/// In a program built with `panic = "abort"` there is no unwinding to end a goroutine with: there
/// it ends the process, with a text that says so.
///
/// # Examples
///
/// ```
/// use gaggle_runtime::{goexit, run, spawn};
///
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// let end = unsafe { run(|| spawn(|| goexit()).join()) };
/// assert_eq!(end.unwrap_err().message(), "runtime.Goexit was called");
/// ```
pub fn goexit() -> ! {
    sched::goexit()
}

/// How many goroutines exist: Go's `runtime.NumGoroutine`.
///
/// Blocked ones count, the runtime's own do not, and so it is at least 1 on a goroutine. One that
/// has just ended may count for a little while longer (SEMANTICS A11).
///
/// # Examples
///
/// ```
/// use gaggle_runtime::{num_goroutine, run};
///
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// assert!(unsafe { run(num_goroutine) } >= 1);
/// ```
pub fn num_goroutine() -> usize {
    sched::num_goroutine()
}

/// The number of the current goroutine, as dumps show it; 0 on a plain thread.
///
/// Numbers begin at 1 and are never used again (SEMANTICS A6). Go hides them on purpose
/// (SEMANTICS A3): they are for logs, not for keeping data by.
///
/// # Examples
///
/// ```
/// assert_eq!(gaggle_runtime::goid(), 0);
/// ```
pub fn goid() -> u64 {
    sched::goid()
}
