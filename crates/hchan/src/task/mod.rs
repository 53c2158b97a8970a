//! Async tasks as waiters: a task's node lives in an [`Arc`](std::sync::Arc) of its handle, the
//! *station*, and stands in the same lines as goroutines and threads do.
//!
//! ```text
//!   handle or future ──Arc──▶ Station { G, state, waker, node, value }
//!                                                      ▲
//!   the line of a channel ──Arc──────────────────────────┘   while the node stands there
//! ```
//!
//! Whoever takes the node out moves the value into (or out of) the station and finishes the node as
//! for any waiter. The G of a station has a host of its own, by which the operation knows it
//! ([`is_task`]): instead of readying it inside its section it calls [`wake`] after it, because a
//! waker is user code.
//!
//! | state | meaning | left by |
//! |---|---|---|
//! | `IDLE` | the station is its owner's alone | the owner, to `WAITING`, under the channel's lock |
//! | `WAITING` | the node stands in a line, or somebody has just taken it | the taker, to `DONE`; the owner, to `LEFT`, or, if it took the node out itself, to `IDLE` |
//! | `DONE` | the node is finished; value and outcome are the owner's | the owner, to `IDLE` |
//! | `LEFT` | the owner is gone | the taker: what it delivered goes back into the channel |
//!
//! 1. *One Node*: a station waits for one thing at a time.
//! 2. *Line Owns*: from `WAITING` until the taker's [`wake`] ended, or the owner took the node out,
//!    the line holds a count of the station.
//! 3. *Never Lost*: a value delivered to a station whose owner is gone is handed to the next
//!    receiver, or put back, before all that came after it: into the buffer; what has no room in a full
//!    one goes to the head of the line of senders instead, where it waits as a value without a sender
//!    ([`RETURNED`](crate::chan::RETURNED)), also in a closed channel; if the last receiver is gone, it is dropped.
//! 4. *In Turn*: of the values put back, those delivered first come first (`back.rs`).

mod back;
mod future;
mod inbox;
mod outbox;
mod station;
mod stream;

pub(crate) use back::Back;
pub use future::{RecvFuture, SendFuture};
pub(crate) use inbox::Inbox;
pub(crate) use outbox::Outbox;
pub(crate) use station::{forget, is_task, wake};
