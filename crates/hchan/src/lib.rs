//! Channels and select, with Go's semantics.
//!
//! A channel is a queue of values with a line of senders and a line of receivers beside it. Made
//! with [`chan`], it is a [`Chan`]: Go's `chan T`, both directions, nil included. Made with
//! [`channel`], it is a [`Sender`] and a [`Receiver`], which close it by being dropped.
//! [`select!`] does exactly one of several operations.
//!
//! It works between plain OS threads, with no scheduler in the build; between goroutines, if
//! there is one; and between both: whoever must wait is a G, and its host runs it again.
//!
//! | | unbuffered | buffered | closed | nil |
//! |---|---|---|---|---|
//! | send | waits for a receiver | waits while full | panics | waits for ever |
//! | receive | waits for a sender | waits while empty | what is left, then `None` | waits for ever |
//! | close | wakes all | wakes all | panics | panics |
//!
//! * Waiters are served in the order they came; a value goes straight to the first of them, so
//!   nobody who comes later can take it (SEMANTICS I7).
//! * A value is moved once or twice, from the sender's stack to the receiver's, or through the
//!   buffer. No operation allocates; making a channel does.
//! * Blocking forms are switch points. `try_*`, `close`, `len` and a select with `default` never
//!   switch.
//! * No user code (a value's drop, a formatter) runs while a channel is locked.
//!
//! # Examples
//!
//! ```
//! use gaggle_hchan::{chan, select};
//! let (jobs, done) = (chan::<u64>(4), chan::<u64>(0));
//! let worker = {
//!     let (jobs, done) = (jobs.clone(), done.clone());
//!     std::thread::spawn(move || done.send(jobs.iter().map(|n| n * n).sum()))
//! };
//! for n in 1..=3 {
//!     jobs.send(n);
//! }
//! jobs.close();
//! let total = select! {
//!     recv(done) -> sum => sum.unwrap_or(0),
//! };
//! assert_eq!(total, 14);
//! worker.join().unwrap();
//! ```

mod after;
mod beyond;
mod buf;
mod chan;
mod close;
mod debug;
mod err;
#[doc(hidden)] // for the crate that has timers
pub mod feed;
mod handle;
mod iter;
mod many;
mod mirror;
mod oneway;
mod pair;
mod recv;
mod rest;
mod select;
mod send;
mod side;
mod step;
#[cfg_attr(not(feature = "futures"), path = "no_task.rs")]
mod task;
mod traits;
mod unbounded;
mod wait;

pub use err::{RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError};
pub use handle::{Chan, chan};
pub use iter::{IntoIter, Iter};
pub use oneway::{RecvOnly, SendOnly};
pub use pair::{Receiver, ReceiverIntoIter, ReceiverIter, Sender, channel};
pub use select::{Chosen, Select};
#[cfg(feature = "futures")]
pub use task::{RecvFuture, SendFuture};
pub use unbounded::{chan_unbounded, channel_unbounded};

/// What the expansion of `select!` calls. No part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::select::{
        Case, Order, RecvEnd, RecvSlot, SendEnd, SendSlot, block, no_cases, no_such_arm, poll,
        recv_case, recv_slot, send_case, send_slot,
    };
}
