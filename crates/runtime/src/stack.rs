//! The text of goroutines' stacks, of a program that goes on.

use gaggle_sched::Whose;

/// Where the calling goroutine stands, and if `all`, then where all others stand: Go's
/// `runtime.Stack` (SEMANTICS AA12).
///
/// The text is that of a crash report (SEMANTICS AA1-AA5): per goroutine its number, what it does or
/// waits for and for how many minutes, its name and labels, its frames, and who started it. Parked
/// goroutines are read where they left off. Running ones are interrupted by a signal and tell; one
/// that cannot be (its thread blocks the signal) has `stack unavailable`. Each is shown at an
/// instant of its own: nobody is stopped for long, and nothing is prepared for this beforehand.
///
/// On a plain thread there is no calling goroutine.
///
/// # Examples
///
/// ```
/// use gaggle_runtime::{run, stack};
///
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// let text = unsafe { run(|| stack(false)) };
/// assert!(text.starts_with("goroutine 1 [running]:\n"), "{text}");
/// ```
#[inline(never)]
pub fn stack(all: bool) -> String {
    gaggle_sched::stack(if all { Whose::All } else { Whose::Own })
}
