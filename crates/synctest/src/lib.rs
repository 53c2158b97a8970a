//! Tests of concurrent code on a made-up clock (Go: `testing/synctest`, SEMANTICS W1 to W12).
//!
//! [`test()`] runs a function in a *bubble*: its goroutine and all that it starts. Time in a bubble is
//! made up. It begins at midnight UTC of 2000-01-01, stands still while anybody in there has something to
//! do, and moves to the next timer when all of them wait. So an hour of `time::sleep` takes no time, and
//! a test of a timeout cannot fail because the machine was busy.
//!
//! [`wait`] waits until all others in the bubble wait: then what was set going has come to an end.
//!
//! # What counts as waiting
//!
//! A wait is *durable* if only the bubble itself can end it:
//!
//! * a send or a receive on a channel that was made in the bubble, and on the nil channel;
//! * a select whose cases are all such channels, and the one without cases;
//! * `sync::Cond::wait`; `sync::WaitGroup::wait` if `add` was called in the bubble;
//! * `time::sleep`; joining a goroutine or a scope of the bubble.
//!
//! A wait for a lock, a file, a socket or a call is not, nor one for what came from outside: until it ends
//! the clock stands still and [`wait`] does not return. A lock that is held across a sleep, and wanted
//! meanwhile, so stalls the test; [`Bubble::durable_locks`] is the way out.
//!
//! # What belongs to a bubble
//!
//! Goroutines started in it; channels, timers, tickers and contexts made in it. Nobody outside may use
//! such a channel or timer: that ends the process, as in Go
//! (`fatal error: send on synctest channel from outside bubble`). Calls that were never to come are
//! dropped inside, when all else has ended. Instants come from
//! [`time::now`](gaggle_time::now) and [`time::system_now`](gaggle_time::system_now), as
//! `Instant::now` knows nothing of bubbles.
//!
//! # Examples
//!
//! ```
//! use gaggle_synctest as synctest;
//! use gaggle_time as time;
//! use std::time::Duration;
//! # use gaggle_runtime::{go, run};
//! use gaggle_hchan::chan;
//! # fn a_minute_passes() {
//! synctest::test(|| {
//!     let begin = time::now();
//!     let done = chan::<&str>(0);
//!     let theirs = done.clone();
//!     go(move || {
//!         time::sleep(Duration::from_secs(60));
//!         theirs.send("done");
//!     });
//!     synctest::wait(); // it sleeps now
//!     assert!(done.try_recv().is_err());
//!     assert_eq!(done.recv(), Some("done"));
//!     assert_eq!(time::since(begin), Duration::from_secs(60)); // to the nanosecond
//! });
//! # }
//! # // SAFETY: nothing here touches a thread-local on both sides of a switch point.
//! # unsafe { run(a_minute_passes) };
//! ```

mod bubble;
mod wait;

pub use bubble::{Bubble, in_bubble, test};
pub use wait::{sleep, wait};
