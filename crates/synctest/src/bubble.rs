//! [`test()`] and [`Bubble`]: to run a function, and all that it starts, in a bubble.

use gaggle_gopark::{self as gopark, Goexit, Task};
use gaggle_hchan::{Chan, chan};
use gaggle_sched::{Deadlock, LockWaits};
use std::any::Any;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};

/// Runs `f` in a new bubble and returns its value, once it and all goroutines that were started inside
/// have ended (Go: `synctest.Test`, SEMANTICS W1). A switch point.
///
/// When `f` has returned, the clock of the bubble stands still for good: a timer that is left does not
/// fire (W2).
///
/// # Panics
///
/// With what `f` panicked with. `deadlock: all goroutines in bubble are blocked` if all wait, nobody in
/// [`wait`](crate::wait), and no time will end it; `deadlock: main bubble goroutine has exited but blocked
/// goroutines remain` if it is so after `f` has returned (W4). The bubble's goroutines are printed before
/// that, and stay for ever. `synctest.Run called from within a synctest bubble` if there is one around
/// already; and if no `run` has begun in this process.
///
/// # Examples
///
/// ```
/// # use gaggle_runtime::run;
/// use gaggle_synctest as synctest;
/// use gaggle_time as time;
/// use std::time::Duration;
/// # fn an_hour() {
/// let hour = Duration::from_secs(3600);
/// let slept = synctest::test(move || {
///     let begin = time::now();
///     time::sleep(hour);
///     time::since(begin)
/// });
/// assert_eq!(slept, hour);
/// # }
/// # // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// # unsafe { run(an_hour) };
/// ```
#[track_caller]
pub fn test<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> T {
    Bubble::new().test(f)
}

/// A bubble to be, with what Go's do not have.
///
/// # Examples
///
/// See [`durable_locks`](Self::durable_locks).
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "`test` runs it"]
pub struct Bubble {
    locks: LockWaits,
}

impl Bubble {
    /// One like Go's.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits for `Mutex`, `RwMutex` and their bare forms count as durable: for code that holds a lock
    /// while it sleeps. No lock that is waited for inside may be held outside, or the clock goes ahead
    /// while somebody is at work (golang/go issue 77687).
    ///
    /// # Examples
    ///
    /// ```
    /// # use gaggle_runtime::{go, run};
    /// use gaggle_sync::Mutex;
    /// use gaggle_synctest::Bubble;
    /// use gaggle_time as time;
    /// use std::time::Duration;
    /// use std::sync::Arc;
    /// # fn a_lock_across_a_sleep() {
    /// Bubble::new().durable_locks().test(|| {
    ///     let (begin, stock) = (time::now(), Arc::new(Mutex::new(1)));
    ///     for _ in 0..3 {
    ///         let stock = Arc::clone(&stock);
    ///         go(move || {
    ///             let mut held = stock.lock();
    ///             time::sleep(Duration::from_secs(5)); // the others wait for the lock
    ///             *held *= 2;
    ///         });
    ///     }
    ///     time::sleep(Duration::from_secs(16));
    ///     assert_eq!(*stock.lock(), 8);
    ///     assert_eq!(time::since(begin), Duration::from_secs(16));
    /// });
    /// # }
    /// # // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    /// # unsafe { run(a_lock_across_a_sleep) };
    /// ```
    pub fn durable_locks(mut self) -> Self {
        self.locks = LockWaits::Durable;
        self
    }

    /// Runs `f` in it, as [`test()`].
    ///
    /// # Panics
    ///
    /// As [`test()`].
    #[track_caller]
    pub fn test<T: Send + 'static>(self, f: impl FnOnce() -> T + Send + 'static) -> T {
        if in_bubble() {
            panic!("synctest.Run called from within a synctest bubble");
        }
        if !gaggle_sched::is_promised() {
            no_promise();
        }
        let end = chan(1); // made outside, so that it may be read outside
        let theirs = end.clone();
        let main = Task::new(move || main(f, &theirs));
        let ran = gaggle_sched::run_bubble(main, Location::caller(), self.locks);
        match (end.try_recv(), ran) {
            (Ok(Err(payload)), _) => resume_unwind(payload),
            (_, Err(deadlock)) => report(&deadlock),
            (Ok(Ok(value)), Ok(())) => value,
            (Err(_), Ok(())) => gaggle_sched::goexit(), // as the main goroutine has
        }
    }
}

/// What the main goroutine ends with.
type End<T> = Result<T, Box<dyn Any + Send>>;

/// The main goroutine.
fn main<T>(f: impl FnOnce() -> T, end: &Chan<End<T>>) {
    let ended = {
        let _catching = gaggle_sched::catching();
        catch_unwind(AssertUnwindSafe(f))
    };
    match ended {
        Err(payload) if Goexit::is(&*payload) => resume_unwind(payload),
        ended => end.send(ended),
    }
}

#[cold]
#[track_caller]
fn report(deadlock: &Deadlock) -> ! {
    eprintln!("{}", deadlock.stacks);
    panic!("{}", deadlock.text)
}

#[cold]
#[track_caller]
fn no_promise() -> ! {
    panic!(
        "synctest: no run has begun in this process yet: start the test with #[gaggle::test], \
         or call gaggle::run"
    );
}

/// True if the current goroutine is in a bubble.
///
/// # Examples
///
/// ```
/// assert!(!gaggle_synctest::in_bubble());
/// ```
pub fn in_bubble() -> bool {
    gopark::bubble() != gopark::NO_BUBBLE
}
