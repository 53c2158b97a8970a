//! What a run may be given beyond its function: the number of Ps and the size of stacks.

use gaggle_coro::stack::set_default_size;

/// A run to be: its Ps and the default stack size of its goroutines.
///
/// # Examples
///
/// ```
/// use gaggle_runtime::{Config, gomaxprocs};
///
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// let procs = unsafe { Config::new().procs(3).run(|| gomaxprocs(0)) };
/// assert_eq!(procs, 3);
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "a configuration does nothing until `run`"]
pub struct Config {
    procs: usize,
    stack_size: Option<usize>,
}

impl Config {
    /// GOMAXPROCS from the environment, else one P per CPU; stacks of 256 KiB, or `GAGGLE_STACK`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of Ps; 0 leaves it as it is. As [`gomaxprocs`](crate::gomaxprocs) before `main`.
    pub fn procs(mut self, count: usize) -> Self {
        self.procs = count;
        self
    }

    /// Bytes reserved for each goroutine's stack, rounded up to a power of two.
    ///
    /// # Panics
    ///
    /// If `bytes` is zero or above 1,000,000,000.
    #[track_caller]
    pub fn stack_size(mut self, bytes: usize) -> Self {
        crate::builder::check_stack_size(bytes);
        self.stack_size = Some(bytes);
        self
    }

    /// [`run`](crate::run), so configured.
    ///
    /// # Panics
    ///
    /// As [`run`](crate::run) and [`gomaxprocs`](crate::gomaxprocs); and if a stack size is asked
    /// for after the first goroutine of the process has fixed it.
    ///
    /// # Safety
    ///
    /// As for [`run`](crate::run).
    #[track_caller]
    pub unsafe fn run<F, T>(self, f: F) -> T
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        crate::run::refuse_nested();
        if let Some(bytes) = self.stack_size
            && set_default_size(bytes).is_err()
        {
            panic!("stack_size: goroutines of this process have stacks of another size already");
        }
        crate::gomaxprocs(self.procs);
        // SAFETY: the caller's promise, passed on.
        unsafe { crate::run(f) }
    }
}
