//! [`Timer`]: one value, or one call, at a time to come; [`after`] and [`after_func`].

use crate::clock::{DueInstant, base, deadline, deadline_after};
use gaggle_hchan::RecvOnly;
use gaggle_hchan::feed::{Clocked, NEVER};
use gaggle_sched::Later;
use std::fmt;
use std::panic::Location;
use std::time::{Duration, Instant};

/// One event at a time to come: a value on its channel, or, made by [`after_func`], a call (Go:
/// `time.Timer`, SEMANTICS T2 to T6).
///
/// A timer with a channel costs nothing while nobody waits for it, and is gone when its handles
/// are. Clones are handles of the same timer. The default is Go's zero timer, which was never
/// started.
///
/// # Examples
///
/// ```
/// use gaggle_time::Timer;
/// use std::time::{Duration, Instant};
/// let begin = Instant::now();
/// let timer = Timer::new(Duration::from_millis(2));
/// let due = timer.c().recv().unwrap();
/// assert!(due >= begin + Duration::from_millis(2));
/// assert!(!timer.stop(), "it has been received");
/// ```
#[derive(Clone)]
pub struct Timer(Kind);

/// What a timer has that sends nothing.
static NIL: RecvOnly<Instant> = RecvOnly::nil();

/// What a timer does when it is time.
#[derive(Clone)]
enum Kind {
    /// Go's zero timer.
    Zero,
    /// It has a value for who receives.
    Send(Clocked<Instant>),
    /// It calls a function.
    Call(Later),
}

impl Timer {
    /// A timer on whose channel one value comes, `duration` from now: the instant at which it was
    /// due, whenever it is received (Go: `time.NewTimer`). A zero duration is due now.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let timer = gaggle_time::Timer::new(Duration::ZERO);
    /// assert!(timer.c().try_recv().is_ok());
    /// ```
    pub fn new(duration: Duration) -> Self {
        Self(Kind::Send(clocked(duration)))
    }

    /// The channel on which the value comes (Go: the field `C`); nil for a timer that calls a
    /// function (SEMANTICS T9).
    ///
    /// Its `len` and `cap` are 0 always; nobody closes it.
    pub fn c(&self) -> &RecvOnly<Instant> {
        match &self.0 {
            Kind::Send(clocked) => clocked.recv_only(),
            Kind::Zero | Kind::Call(_) => &NIL,
        }
    }

    /// Stops the timer. True if that prevented the event: for a timer with a channel, if its value
    /// has not been received, even if it was due; for one that calls a function, if the call has
    /// not been started. It does not wait for a call (SEMANTICS T3).
    ///
    /// Once this has returned nobody receives a value of before.
    ///
    /// # Panics
    ///
    /// `time: Stop called on uninitialized Timer` if this is the zero timer.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let timer = gaggle_time::Timer::new(Duration::ZERO);
    /// assert_eq!((timer.stop(), timer.stop()), (true, false));
    /// assert!(timer.c().try_recv().is_err());
    /// ```
    #[track_caller]
    pub fn stop(&self) -> bool {
        match &self.0 {
            Kind::Zero => panic!("time: Stop called on uninitialized Timer"),
            Kind::Send(clocked) => clocked.set(NEVER, 0),
            Kind::Call(later) => later.cancel(),
        }
    }

    /// Makes the event come `duration` from now instead, or once more. True if it had been still to
    /// come, as [`stop`](Self::stop) would have said. Those who wait follow; there is nothing to
    /// drain before (SEMANTICS T4).
    ///
    /// # Panics
    ///
    /// `time: Reset called on uninitialized Timer` if this is the zero timer.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let timer = gaggle_time::Timer::new(Duration::from_secs(3600));
    /// assert!(timer.reset(Duration::from_millis(1)));
    /// assert!(timer.c().recv().is_some());
    /// assert!(!timer.reset(Duration::ZERO));
    /// ```
    #[track_caller]
    pub fn reset(&self, duration: Duration) -> bool {
        match &self.0 {
            Kind::Zero => panic!("time: Reset called on uninitialized Timer"),
            Kind::Send(clocked) => clocked.set(deadline_after(clocked.clock(), duration), 0),
            Kind::Call(later) if duration.is_zero() => later.set_now(),
            Kind::Call(later) => later.set(deadline_after(later.clock(), duration)),
        }
    }
}

impl Default for Timer {
    fn default() -> Self {
        Self(Kind::Zero)
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").field("c", self.c()).finish_non_exhaustive()
    }
}

/// A channel on which the time comes once, `duration` from now (Go: `time.After`, SEMANTICS T16):
/// the channel of a [`Timer`] whose handle is not needed.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// let timeout = gaggle_time::after(Duration::from_millis(1));
/// assert!(timeout.recv().is_some());
/// ```
pub fn after(duration: Duration) -> RecvOnly<Instant> {
    clocked(duration).into_recv_only()
}

fn clocked(duration: Duration) -> Clocked<Instant> {
    base();
    Clocked::new::<DueInstant>(deadline(duration), 0)
}

/// Calls `f` in a goroutine of its own, `duration` from now (Go: `time.AfterFunc`, SEMANTICS T9).
/// With a zero duration the goroutine is started now. In a process where no `run` has begun, a plain
/// thread of its own takes the goroutine's place.
///
/// The timer has no channel. It may be stopped; and reset, to call `f` again, which may happen
/// while an earlier call still runs. Dropping its handle does not stop it.
///
/// # Examples
///
/// ```
/// use gaggle_hchan::chan;
/// use std::time::Duration;
/// let done = chan::<&str>(1);
/// let theirs = done.clone();
/// let timer = gaggle_time::after_func(Duration::from_millis(1), move || theirs.send("called"));
/// assert_eq!(done.recv(), Some("called"));
/// assert!(!timer.stop() && timer.c().is_nil());
/// ```
#[track_caller]
pub fn after_func(duration: Duration, f: impl Fn() + Send + Sync + 'static) -> Timer {
    let site = Location::caller();
    Timer(Kind::Call(match duration.is_zero() {
        true => Later::now(f, site),
        false => Later::at(deadline(duration), f, site),
    }))
}
