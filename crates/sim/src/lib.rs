//! Schedules that a seed decides: the same seed, the same run; other seeds, other interleavings.
//!
//! A program that is wrong in one interleaving of a million is right in every test. Here the scheduler
//! takes turns as a seed says: one thread, and at every switch point one of those that can go on is
//! drawn. So are the arms of `select`. Time is not the machine's: while anybody can go on it stands
//! still, and when all wait it moves to the next deadline. [`explore`] runs a function under many seeds;
//! the first that fails is printed, and [`run`] with that seed, or `GAGGLE_SEED`, replays it.
//!
//! ```
//! use gaggle_hchan::chan;
//! use gaggle_runtime::go;
//!
//! // Ten thousand hours pass in no time, and always in the same order.
//! // SAFETY: nothing here touches a thread-local on both sides of a switch point.
//! let order = unsafe {
//!     gaggle_sim::run(7, || {
//!         let done = chan::<u32>(0);
//!         for hours in [3, 1, 2] {
//!             let done = done.clone();
//!             go(move || {
//!                 gaggle_time::sleep(std::time::Duration::from_secs(3600 * u64::from(hours)));
//!                 done.send(hours);
//!             });
//!         }
//!         [(); 3].map(|()| done.recv().unwrap())
//!     })
//! };
//! assert_eq!(order, [1, 2, 3]);
//! ```
//!
//! # What a run is
//!
//! It is over when its function has returned and every goroutine it started has ended. It fails when one
//! panics and nobody catches it, when all wait and no deadline is left (whether main is among them or not),
//! and when it takes more steps than it may ([`Sim::steps`]).
//!
//! # What a seed does not decide
//!
//! * *What is outside*: files, sockets, other threads, the hash keys of std's maps, `Instant::now`. A run
//!   that waits for a thread of the user's is not the same twice; [`Report::from_outside`] counts that.
//! * *Between switch points* nobody else runs: a race of two atomic operations without one between them
//!   is not found. [`gosched`](gaggle_runtime::gosched) is a switch point that may stand anywhere.
//! * *A loop without a switch point* hangs the run: nobody is preempted by time.
//!
//! The goroutines of a run that has failed are kept as they were, for ever: their stacks and what they
//! hold are not given back, and an `after_func` of theirs may still come. A process in which a run failed
//! should report it and end.

mod explore;
mod failed;
mod sim;

pub use explore::{Explored, explore};
pub use failed::{Failed, Why};
pub use gaggle_runtime::replayed::Step;
pub use sim::{Report, Sim, random, run, seed};
