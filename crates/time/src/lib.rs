//! Time as goroutines use it: [`sleep`], [`Timer`], [`Ticker`], [`after`], [`tick`],
//! [`after_func`] (SEMANTICS T1 to T16), [`now`], [`since`], [`until`].
//!
//! Durations are `std::time::Duration`, which is never negative; what a timer sends is an
//! `std::time::Instant`. Plain threads may use all of it: what waits on a thread is that thread,
//! and only [`after_func`] starts the scheduler; until a `run` has begun in the process it calls its
//! function on a plain thread of its own.
//!
//! # How exact it is
//!
//! Nothing is ever early. A deadline is a nanosecond of the monotonic clock, and nothing is
//! rounded: not up to a millisecond either, as Go does on Linux (SEMANTICS T12). How late it is
//! depends on the kernel: an idle thread is woken within its *timer slack*, which the threads of
//! the scheduler set to 1 us, and plain threads have at 50 us unless they change it; wake-ups that
//! lie closer together than that are one wake-up.
//!
//! # Examples
//!
//! ```
//! use std::time::{Duration, Instant};
//! let start = Instant::now();
//! gaggle_time::sleep(Duration::from_millis(2));
//! assert!(start.elapsed() >= Duration::from_millis(2));
//! ```

mod clock;
mod sleep;
mod ticker;
mod timer;

pub use clock::{now, since, system_now, until};
pub use sleep::sleep;
pub use ticker::{Ticker, tick};
pub use timer::{Timer, after, after_func};
