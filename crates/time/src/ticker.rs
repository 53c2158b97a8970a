//! [`Ticker`] and [`tick`]: a value now and again.

use crate::clock::{DueInstant, base, deadline, deadline_after, nanos};
use gaggle_hchan::RecvOnly;
use gaggle_hchan::feed::{Clocked, NEVER};
use std::fmt;
use std::time::{Duration, Instant};

/// A channel on which a tick comes at intervals (Go: `time.Ticker`, SEMANTICS T8).
///
/// It holds at most one tick that nobody has taken; one who is slow loses ticks, and the ticks
/// stay on their original phase. A tick's value is the instant at which it was due. A ticker costs
/// nothing while nobody waits for it, and is gone when its handles are.
///
/// Clones are handles of the same ticker. The default is Go's zero ticker, which was never started.
///
/// # Examples
///
/// ```
/// use gaggle_time::Ticker;
/// use std::time::Duration;
/// let ticker = Ticker::new(Duration::from_millis(1));
/// let first = ticker.c().recv().unwrap();
/// assert!(ticker.c().recv().unwrap() >= first + Duration::from_millis(1));
/// ticker.stop();
/// assert!(ticker.c().try_recv().is_err());
/// ```
#[derive(Clone)]
pub struct Ticker(Clocked<Instant>);

impl Ticker {
    /// A ticker whose first tick comes after `interval`, and then one every `interval` (Go:
    /// `time.NewTicker`).
    ///
    /// # Panics
    ///
    /// `non-positive interval for NewTicker` if `interval` is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let ticker = gaggle_time::Ticker::new(Duration::from_millis(1));
    /// assert_eq!(ticker.c().iter().take(3).count(), 3);
    /// ```
    #[track_caller]
    pub fn new(interval: Duration) -> Self {
        if interval.is_zero() {
            panic!("non-positive interval for NewTicker");
        }
        Self(clocked(interval))
    }

    /// The channel on which the ticks come (Go: the field `C`).
    ///
    /// Its `len` and `cap` are 0 always; [`stop`](Self::stop) does not close it.
    pub fn c(&self) -> &RecvOnly<Instant> {
        self.0.recv_only()
    }

    /// No tick comes any more, not even one that was due. Of a zero ticker it does nothing.
    pub fn stop(&self) {
        self.0.set(NEVER, 0);
    }

    /// The next tick comes after `interval`, and then one every `interval`; none that was due before
    /// comes any more. A stopped ticker goes on.
    ///
    /// # Panics
    ///
    /// `non-positive interval for Ticker.Reset` if `interval` is zero; `time: Reset called on
    /// uninitialized Ticker` if this is the zero ticker.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let ticker = gaggle_time::Ticker::new(Duration::from_secs(3600));
    /// ticker.reset(Duration::from_millis(1));
    /// assert!(ticker.c().recv().is_some());
    /// ```
    #[track_caller]
    pub fn reset(&self, interval: Duration) {
        if interval.is_zero() {
            panic!("non-positive interval for Ticker.Reset");
        }
        if self.0.is_nil() {
            panic!("time: Reset called on uninitialized Ticker");
        }
        self.0.set(deadline_after(self.0.clock(), interval), nanos(interval));
    }
}

impl Default for Ticker {
    fn default() -> Self {
        Self(Clocked::nil())
    }
}

impl fmt::Debug for Ticker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticker").field("c", self.c()).finish()
    }
}

/// A channel on which a tick comes every `interval`, for a ticker that is never to stop (Go:
/// `time.Tick`). The nil channel if `interval` is zero (SEMANTICS T7).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// for (round, due) in gaggle_time::tick(Duration::from_millis(1)).into_iter().take(3).enumerate() {
///     println!("{round}: {due:?}");
/// }
/// assert!(gaggle_time::tick(Duration::ZERO).is_nil());
/// ```
pub fn tick(interval: Duration) -> RecvOnly<Instant> {
    if interval.is_zero() {
        return RecvOnly::nil();
    }
    clocked(interval).into_recv_only()
}

fn clocked(interval: Duration) -> Clocked<Instant> {
    base();
    Clocked::new::<DueInstant>(deadline(interval), nanos(interval))
}
