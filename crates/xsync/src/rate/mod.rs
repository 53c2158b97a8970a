//! [`Limiter`]: how often something may happen, by a bucket of tokens (SEMANTICS X9). The face.

mod bucket;
mod reservation;
mod sometimes;

use bucket::Bucket;
use core::fmt;
use core::time::Duration;
use gaggle_context::{self as context, Context, Error};
use gaggle_gopark as gopark;
use gaggle_sync::Mutex;
pub use reservation::Reservation;
pub use sometimes::Sometimes;
use std::sync::Arc;
use std::time::Instant;

/// How many events per second (Go: `rate.Limit`).
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Limit(pub f64);

impl Limit {
    /// No limit: any number of events, whatever the burst is.
    pub const INF: Limit = Limit(f64::INFINITY);

    /// One event each `interval` (Go: `rate.Every`); no limit for zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_xsync::rate::Limit;
    /// use std::time::Duration;
    /// assert_eq!(Limit::every(Duration::from_millis(100)), Limit(10.0));
    /// ```
    pub fn every(interval: Duration) -> Self {
        if interval.is_zero() { Self::INF } else { Self(1.0 / interval.as_secs_f64()) }
    }
}

/// Says when events may happen, so that they keep to a rate (Go: `rate.Limiter`). A handle: clones are
/// the same limiter.
///
/// A bucket holds up to `burst` tokens, is full at first, and gets `limit` of them per second. An event of
/// `n` takes `n`. With too few there [`allow_n`](Self::allow_n) says no, [`reserve_n`](Self::reserve_n) says how
/// long to wait, [`wait_n`](Self::wait_n) waits.
///
/// # Examples
///
/// ```
/// use gaggle_context::background;
/// use gaggle_xsync::rate::{Limit, Limiter};
/// let limiter = Limiter::new(Limit(1000.0), 2);
/// assert!(limiter.allow() && limiter.allow()); // the burst
/// limiter.wait(&background())?; // a millisecond
/// # Ok::<(), gaggle_context::Error>(())
/// ```
#[derive(Clone)]
pub struct Limiter {
    bucket: Arc<Mutex<Bucket>>,
}

impl Limiter {
    /// Events at the rate of `limit`, and `burst` of them at once.
    pub fn new(limit: Limit, burst: u32) -> Self {
        Self { bucket: Arc::new(Mutex::new(Bucket::new(limit, burst))) }
    }

    /// The rate.
    pub fn limit(&self) -> Limit {
        self.bucket.lock().limit
    }

    /// The most events at once.
    pub fn burst(&self) -> u32 {
        self.bucket.lock().burst
    }

    /// The tokens that are there now; less than zero while reservations wait.
    pub fn tokens(&self) -> f64 {
        self.tokens_at(gopark::instant_now())
    }

    /// The tokens that are there at `now`.
    pub fn tokens_at(&self, now: Instant) -> f64 {
        self.bucket.lock().tokens_at(now)
    }

    /// Sets the rate. What was reserved before keeps its time.
    pub fn set_limit(&self, limit: Limit) {
        self.set_limit_at(gopark::instant_now(), limit);
    }

    /// As [`set_limit`](Self::set_limit), at `now`.
    pub fn set_limit_at(&self, now: Instant, limit: Limit) {
        let mut bucket = self.bucket.lock();
        bucket.advance(now);
        bucket.limit = limit;
    }

    /// Sets the most events at once.
    pub fn set_burst(&self, burst: u32) {
        self.set_burst_at(gopark::instant_now(), burst);
    }

    /// As [`set_burst`](Self::set_burst), at `now`.
    pub fn set_burst_at(&self, now: Instant, burst: u32) {
        let mut bucket = self.bucket.lock();
        bucket.advance(now);
        bucket.burst = burst;
    }

    /// True if an event may happen now: then it has.
    #[must_use = "false: the event may not happen"]
    pub fn allow(&self) -> bool {
        self.allow_n(gopark::instant_now(), 1)
    }

    /// True if `n` events may happen at `now`: then they have.
    #[must_use = "false: the events may not happen"]
    pub fn allow_n(&self, now: Instant, n: u32) -> bool {
        self.bucket.lock().reserve(now, n, Duration::ZERO).is_some()
    }

    /// Takes the token of one event, and says how long to wait before it.
    pub fn reserve(&self) -> Reservation {
        self.reserve_n(gopark::instant_now(), 1)
    }

    /// Takes the tokens of `n` events, and says how long to wait before them.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_xsync::rate::{Limit, Limiter};
    /// use std::time::{Duration, Instant};
    /// let (limiter, now) = (Limiter::new(Limit(10.0), 1), Instant::now());
    /// assert_eq!(limiter.reserve_n(now, 1).delay_from(now), Duration::ZERO);
    /// assert_eq!(limiter.reserve_n(now, 1).delay_from(now), Duration::from_millis(100));
    /// assert!(!limiter.reserve_n(now, 2).ok()); // never: more than the burst
    /// ```
    pub fn reserve_n(&self, now: Instant, n: u32) -> Reservation {
        let taken = self.bucket.lock().reserve(now, n, Duration::MAX);
        Reservation::new(Arc::clone(&self.bucket), taken)
    }

    /// Waits until an event may happen. A switch point.
    ///
    /// # Errors
    ///
    /// As [`wait_n`](Self::wait_n).
    pub fn wait(&self, ctx: &Context) -> Result<(), Error> {
        self.wait_n(ctx, 1)
    }

    /// Waits until `n` events may happen. A switch point.
    ///
    /// # Errors
    ///
    /// The context's error, if it ends before; `rate: Wait(n=N) exceeds limiter's burst B`; `rate:
    /// Wait(n=N) would exceed context deadline`, at once, if it would end before. The tokens stay then.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_context::background;
    /// use gaggle_xsync::rate::{Limit, Limiter};
    /// let limiter = Limiter::new(Limit(1.0), 3);
    /// let error = limiter.wait_n(&background(), 4).unwrap_err();
    /// assert_eq!(error.to_string(), "rate: Wait(n=4) exceeds limiter's burst 3");
    /// ```
    pub fn wait_n(&self, ctx: &Context, n: u32) -> Result<(), Error> {
        let (burst, limit) = {
            let bucket = self.bucket.lock();
            (bucket.burst, bucket.limit)
        };
        if n > burst && limit != Limit::INF {
            return Err(Error::new(format!("rate: Wait(n={n}) exceeds limiter's burst {burst}")));
        }
        if let Some(error) = ctx.err() {
            return Err(error);
        }
        let now = gopark::instant_now();
        let left = ctx.deadline().map_or(Duration::MAX, |it| it.saturating_duration_since(now));
        let Some(taken) = self.bucket.lock().reserve(now, n, left) else {
            return Err(Error::new(format!("rate: Wait(n={n}) would exceed context deadline")));
        };
        let reservation = Reservation::new(Arc::clone(&self.bucket), Some(taken));
        context::sleep(ctx, reservation.delay_from(now)).inspect_err(|_| reservation.cancel())
    }
}

/// One that allows nothing (Go: the zero `Limiter`).
impl Default for Limiter {
    fn default() -> Self {
        Self::new(Limit(0.0), 0)
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bucket = self.bucket.lock();
        let mut shown = f.debug_struct("Limiter");
        shown.field("limit", &bucket.limit).field("burst", &bucket.burst).finish()
    }
}
