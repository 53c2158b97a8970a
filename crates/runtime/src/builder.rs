//! What a goroutine may be given beyond its function: a name, labels and a stack size.

use crate::join::{JoinHandle, spawn_by};
use core::panic::Location;
use gaggle_gopark::Task;
use gaggle_sched::{Options, spawn_with, try_spawn_with};
use std::sync::Arc;

/// The largest stack, as Go's default limit (SEMANTICS D8).
const MAX_STACK: usize = 1_000_000_000;

/// A goroutine to be: name it, label it, size its stack, start it.
///
/// # Examples
///
/// ```
/// use gaggle_runtime::{Builder, run};
///
/// fn depth(n: u64) -> u64 {
///     if n == 0 { 0 } else { 1 + std::hint::black_box(depth(n - 1)) }
/// }
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// let deep = unsafe {
///     run(|| Builder::new().name("deep").stack_size(64 << 20).spawn(|| depth(100_000)).join())
/// };
/// assert_eq!(deep.unwrap(), 100_000);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a builder starts nothing until `go` or `spawn`"]
pub struct Builder {
    options: Options,
}

impl Builder {
    /// A goroutine like any other.
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows `name` behind the goroutine's header in dumps.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.options.name = Some(name.into());
        self
    }

    /// Shows `key: value` behind the goroutine's header in dumps, and behind those of all goroutines
    /// that it starts, and so on (SEMANTICS A10, AA3). One of its own hides an inherited one of the
    /// same key.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_runtime::{Builder, run, stack};
    ///
    /// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    /// let text = unsafe {
    ///     run(|| Builder::new().name("reader").label("request", "7").spawn(|| stack(false)).join())
    /// };
    /// let head = text.unwrap().lines().next().unwrap_or_default().to_owned();
    /// assert!(head.ends_with("[running] \"reader\" {request: 7}:"), "{head}");
    /// ```
    pub fn label(mut self, key: impl Into<Arc<str>>, value: impl Into<Arc<str>>) -> Self {
        self.options.labels.push((key.into(), value.into()));
        self
    }

    /// Reserves `bytes` for the stack, rounded up to a power of two; memory is used only as far as
    /// the stack is. The default is 256 KiB, or what `GAGGLE_STACK` says.
    ///
    /// # Panics
    ///
    /// If `bytes` is zero or above 1,000,000,000.
    #[track_caller]
    pub fn stack_size(mut self, bytes: usize) -> Self {
        check_stack_size(bytes);
        self.options.stack_size = bytes;
        self
    }

    /// Starts it, as [`go`](crate::go) does.
    ///
    /// # Panics
    ///
    /// As [`go`](crate::go).
    #[track_caller]
    pub fn go<F: FnOnce() + Send + 'static>(self, f: F) {
        spawn_with(Task::new(f), Location::caller(), self.options);
    }

    /// Starts it, as [`go`](crate::go) does, if the system has memory for its stack now.
    ///
    /// The others take a stack when they first run, and if there is none then, the process ends with
    /// `fatal error: out of memory`. This one has its stack before it exists, so it costs a page at
    /// once.
    ///
    /// # Panics
    ///
    /// As [`go`](crate::go).
    ///
    /// # Errors
    ///
    /// What `mmap` said. `f` was dropped and never runs.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_runtime::{Builder, run};
    ///
    /// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    /// unsafe { run(|| Builder::new().stack_size(1 << 20).try_go(|| ())) }?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn try_go<F: FnOnce() + Send + 'static>(self, f: F) -> std::io::Result<()> {
        try_spawn_with(Task::new(f), Location::caller(), self.options)
    }

    /// Starts it, as [`spawn`](crate::spawn) does.
    ///
    /// # Panics
    ///
    /// As [`spawn`](crate::spawn).
    #[track_caller]
    pub fn spawn<F, T>(self, f: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        gaggle_sched::require_promise();
        let site = Location::caller();
        spawn_by(f, |task| spawn_with(task, site, self.options))
    }
}

/// Panics unless a stack may have so many bytes.
#[track_caller]
pub(crate) fn check_stack_size(bytes: usize) {
    assert!(
        (1..=MAX_STACK).contains(&bytes),
        "stack_size: {bytes} is not between 1 and {MAX_STACK} bytes"
    );
}
