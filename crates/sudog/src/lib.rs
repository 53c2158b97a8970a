//! Lines of waiters: waiting is a node in somebody's line.
//!
//! A [`Sudog`] lives on its waiter's stack (stacks never move) and stands in one [`WaitQ`], which
//! its owner protects by a lock. Whoever makes the wait over takes the node out as a [`Waiter`],
//! moves the value through its slot, publishes the [`Outcome`] and readies the G after unlocking.
//!
//! Named invariants:
//! 1. *Link Valid*: a node in a line is alive, and its links are touched under the line's lock.
//! 2. *Dequeued Is Ours*: from `dequeue` to [`Waiter::finish`] the node belongs to the taker; its
//!    G cannot run, because only the taker may ready it.
//! 3. *Finished Is Gone*: after `finish` nothing of the node is touched.
//! 4. *One Winner*: a contested node leaves the line only together with its G's ticket.

mod node;
pub mod notify;
pub mod seen;
pub mod sema;
mod sys;
mod waitq;

pub use node::{Outcome, Sudog, Waiter};
pub use waitq::WaitQ;
