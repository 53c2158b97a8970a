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
//! [`Select`] takes a number of cases known only at run time; [`Chan::recv_many`] and
//! [`Chan::send_many`] move many values under few locks; [`chan_unbounded`] never makes a send wait,
//! and reports when it should have.
//!
//! * Waiters are served in the order they came; a value goes straight to the first of them, so
//!   nobody who comes later can take it (SEMANTICS I7).
//! * A value is moved once or twice, from the sender's stack to the receiver's, or through the
//!   buffer. No operation allocates; making a channel does.
//! * Blocking forms are switch points. `try_*`, `close`, `len` and a select with `default` never
//!   switch.
//! * No user code (a value's drop, a formatter) runs while a channel is locked. What an operation has to
//!   call, a report or a task's waker, it calls last: if that panics, the value is where it belongs.
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
//!
//! # How it works
//!
//! A channel is one struct, Go's `hchan`: a ring of values, a line of senders, a line of receivers,
//! a closed flag, one lock that is held for a few instructions.
//!
//! ```text
//!             ┌────────────── Hchan<T> ──────────────┐
//!   lock ───▶ │ ring    [ · │ 7 │ 8 │ 9 │ · ]        │  three values, oldest first
//!             │              head ▲     count = 3    │
//!             │ sendq   (empty)                      │  at least one line is empty
//!             │ recvq   (empty)                      │
//!             │ mirror  count 3, nobody waits, open  │  the same in one word, for who has no lock
//!             └──────────────────────────────────────┘
//! ```
//!
//! Who must wait puts a node into a line, a `sudog`. The node lives on the waiter's own stack, which
//! never moves, and says where the value is to go, or to come from: a variable in the same frame. So
//! waiting allocates nothing.
//!
//! ```text
//!   recvq ──▶ ┌ sudog ┐ ──▶ ┌ sudog ┐
//!             │ G 17  │     │ G 23  │         each in the frame of its `recv`
//!             │ slot ─┼──▶ [      ] on the stack of G 17
//!             └───────┘     └───────┘
//! ```
//!
//! A send that finds a receiver in line does not touch the ring. It takes the first node out, gives
//! the lock back, and moves the value from its own stack into the waiter's slot: the *hand-off*.
//! Nobody who comes in between can take it, for nobody can find it.
//!
//! ```text
//!   G 5: send(42)                                    G 17: recv(), parked
//!   ───────────────────────────────────────────────────────────────────────
//!   lock
//!   a receiver waits: take its node out of the line
//!   unlock
//!   42 ────────────── one move, stack to stack ────▶ slot
//!   outcome = Done; ready(G 17)
//!   goes on                                          runs next: Some(42)
//! ```
//!
//! A receive from a full buffer with senders in line does two moves under the lock: the head of the
//! ring into its own slot, the first sender's value into the place that became free. So the order
//! across buffer and line is the order in which they were sent.
//!
//! ```text
//!   before   ring [ 1 │ 2 │ 3 ]   sendq ──▶ 4 ──▶ 5
//!   recv() = 1
//!   after    ring [ 4 │ 2 │ 3 ]   sendq ──▶ 5          the oldest is 2 now
//! ```
//!
//! **Select** first tries its cases one by one, in random order: who finds one ready takes it under
//! that channel's lock alone. If none was, it takes the locks of all its channels, in the order of
//! their addresses, looks once more, and puts a node into each line; all carry one *ticket*. The
//! unlocking happens once the G has left its stack. Whoever dequeues a node first must win the ticket
//! by one compare-and-swap; who loses it goes on to the next waiter. The select that was woken takes
//! its other nodes out, each under its own channel's lock.
//!
//! ```text
//!   a.recvq ──▶ [node 0]─┐
//!   b.recvq ──▶ [node 1]─┼─▶ ticket 12 of G 17: open ──▶ woken, once
//!   c.sendq ──▶ [node 2]─┘
//! ```
//!
//! A time limit is one more party for the same ticket: the clock. An async task (feature `futures`)
//! stands in the same lines; its node lives in an `Arc` of its handle, because a future may be dropped
//! at any time, and a value delivered to one that is gone goes to the next receiver or back.
//!
//! What a blocked receive costs its side: one read-modify-write (the lock; giving it back is a
//! store), one switch away and one back. Who serves it pays two: the lock, and the exchange that puts
//! the receiver next in line to run; with a ticket, as in a select, a third for winning it. A select of
//! two that waits takes both locks, and after it the other one's again: three. (Counted under callgrind,
//! one P; where the receiver is not the next to run, its P's queue adds one.) A failing `try_*` reads one
//! word and takes no lock.

mod after;
mod beyond;
mod bubbled;
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
mod many_face;
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
pub use iter::{IntoIter, Iter, ReceiverIntoIter, ReceiverIter, TryIter};
pub use oneway::{RecvOnly, SendOnly};
pub use pair::{Receiver, Sender, channel};
pub use select::{Chosen, Select};
#[cfg(feature = "futures")]
pub use task::{RecvFuture, SendFuture};
pub use unbounded::{chan_unbounded, channel_unbounded};

/// What the expansion of `select!` calls. No part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::bubbled::chan_outside;
    pub use crate::select::{
        Case, Order, RecvEnd, RecvSlot, SendEnd, SendSlot, block, no_cases, no_such_arm, poll,
        recv_case, recv_slot, send_case, send_slot,
    };
}
