//! How many goroutines may compute at once, and on how many CPUs.

/// Sets how many goroutines may compute at once: Go's `runtime.GOMAXPROCS`. Returns the old
/// setting; `n == 0` only asks (SEMANTICS D1).
///
/// When it returns, no more than `n` goroutines compute: those beyond are waited for until their
/// next switch point, or until they are preempted. So it is one itself. At the start the setting is
/// the environment's `GOMAXPROCS` if that is a positive number (one above 1024 counts as that), else what the CPU affinity and the
/// control group's quota leave (SEMANTICS D2); it follows them, once a second, until somebody sets it
/// (D3), even to what it is.
///
/// # Panics
///
/// If `n` is above 1024.
///
/// # Examples
///
/// ```
/// use gaggle_runtime::{gomaxprocs, run};
///
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// let now = unsafe { run(|| gomaxprocs(0)) };
/// assert!(now >= 1);
/// ```
#[track_caller]
pub fn gomaxprocs(n: usize) -> usize {
    gaggle_sched::gomaxprocs(n)
}

/// Lets the setting of [`gomaxprocs`] follow the machine again: Go's `SetDefaultGOMAXPROCS`
/// (SEMANTICS D3).
///
/// # Examples
///
/// ```
/// gaggle_runtime::set_default_gomaxprocs();
/// ```
pub fn set_default_gomaxprocs() {
    gaggle_sched::set_default_gomaxprocs();
}

/// How many CPUs this process may use: Go's `runtime.NumCPU`. It is counted once, at the start,
/// and never changes (SEMANTICS D5).
///
/// # Examples
///
/// ```
/// assert!(gaggle_runtime::num_cpu() >= 1);
/// ```
pub fn num_cpu() -> usize {
    gaggle_sched::num_cpu()
}
