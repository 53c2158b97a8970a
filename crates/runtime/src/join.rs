//! `spawn`: a goroutine whose result somebody joins. Go has no such handle (SEMANTICS A3); Rust
//! programs want one.

use crate::caught::{caught, raise_goexit};
use crate::packet::Packet;
use crate::panic::Panic;
use core::fmt;
use core::panic::Location;
use core::pin::Pin;
use core::task::{Context, Poll};
use gaggle_gopark::{self as gopark, Task};
use std::sync::Arc;

/// Starts a goroutine that runs `f` and returns the handle by which its result is joined.
///
/// # Panics
///
/// If no [`run`](crate::run) has begun in this process.
///
/// # Examples
///
/// ```
/// use gaggle_runtime::{run, spawn};
///
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// let sum = unsafe {
///     run(|| {
///         let parts = [1..=50, 51..=100].map(|part| spawn(move || part.sum::<u32>()));
///         parts.into_iter().map(|part| part.join().unwrap()).sum::<u32>()
///     })
/// };
/// assert_eq!(sum, 5050);
/// ```
#[track_caller]
pub fn spawn<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    gaggle_sched::require_promise();
    let site = Location::caller();
    spawn_by(f, |task| gopark::spawn(task, site))
}

/// Starts `f` by `start` and returns its handle.
pub(crate) fn spawn_by<F, T>(f: F, start: impl FnOnce(Task)) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let packet = Arc::new(Packet::new());
    let theirs = Arc::clone(&packet);
    start(Task::new(move || root(f, &theirs)));
    JoinHandle { packet }
}

/// What a spawned goroutine does.
fn root<T>(f: impl FnOnce() -> T, packet: &Packet<End<T>>) {
    let end = caught(f);
    let exits = matches!(&end, Err(panic) if panic.is_goexit());
    if let Some(Err(unwanted)) = packet.publish(end) {
        unwanted.crash();
    }
    if exits {
        raise_goexit();
    }
}

/// What a goroutine ended with.
type End<T> = Result<T, Panic>;

/// The right to the result of a goroutine.
///
/// Dropping it lets the goroutine go on alone, and then Go's rule holds: if it panics, or has
/// panicked already, the process ends with exit code 2. Whoever joins gets the panic instead.
///
/// It is a [`Future`] too, with the same output as [`join`](Self::join).
#[must_use = "a handle that is dropped leaves the goroutine under go's rule: use `go`, or join"]
pub struct JoinHandle<T> {
    packet: Arc<Packet<End<T>>>,
}

impl<T> JoinHandle<T> {
    /// Waits until the goroutine has ended. A switch point; from a plain thread it blocks that
    /// thread.
    ///
    /// # Errors
    ///
    /// The [`Panic`] with which it ended instead of a result, or that it called
    /// [`goexit`](crate::goexit).
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_runtime::{run, spawn};
    ///
    /// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    /// let end = unsafe { run(|| spawn(|| [1, 2, 3].len()).join()) };
    /// assert_eq!(end.unwrap(), 3);
    /// ```
    #[track_caller]
    pub fn join(self) -> Result<T, Panic> {
        self.packet.wait().unwrap_or_else(|| taken())
    }

    /// True once a [`join`](Self::join) would not wait. Not a switch point.
    pub fn is_finished(&self) -> bool {
        self.packet.is_finished()
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, Panic>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.packet.poll(context).map(|end| end.unwrap_or_else(|| taken()))
    }
}

#[cold]
#[track_caller]
fn taken() -> ! {
    panic!("JoinHandle: its result was taken before, by an await that was ready")
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        if let Some(Err(unwanted)) = self.packet.detach() {
            unwanted.crash();
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").field("finished", &self.is_finished()).finish()
    }
}
