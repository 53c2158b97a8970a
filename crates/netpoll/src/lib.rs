//! Readiness of file descriptors: who waits for which, and who need wait no longer. Nothing else.
//!
//! | word | here |
//! |---|---|
//! | a descriptor that is polled | [`Desc`], from [`open`] to [`release`] |
//! | one direction of it | [`Slot`]: nothing, ready, about to wait, a G waits |
//! | to wait | [`Desc::wait`]; for a future, [`Desc::listen`] |
//! | to ask the kernel | [`poll`](poll()): a list of Gs, claimed; it readies nobody |
//!
//! Laws:
//! 1. *Returns Lists*: nothing here knows a scheduler. Who calls [`poll`](poll()) readies the Gs that it
//!    returns; waiting is `gopark`'s.
//! 2. *Type-Stable*: a [`Desc`] is never freed, so an event may name one that is gone.
//! 3. *Edge, Then Try*: readiness is a hint, and each edge comes once. Who waits tries the call first,
//!    waits if it would block, and tries again.
//!
//! Which kernel is asked is decided in `sys/mod.rs`, which lists what another one would have to define.
//!
//! # Examples
//!
//! ```
//! use gaggle_gopark as gopark;
//! use gaggle_netpoll::{self as netpoll, Ended, Mode, NEVER, Patience};
//! use std::io::Write;
//! use std::os::fd::AsRawFd;
//!
//! let (ours, mut theirs) = std::os::unix::net::UnixStream::pair()?;
//! let desc = netpoll::open(ours.as_raw_fd())?;
//! let waiter = std::thread::spawn(|| desc.wait(Mode::Read, NEVER));
//! theirs.write_all(b"!")?;
//! while !waiter.is_finished() {
//!     let mut list = netpoll::poll(Patience::None);
//!     let mut section = gopark::enter();
//!     while let Some(g) = list.pop_front() {
//!         section.ready(g);
//!     }
//! }
//! assert_eq!(waiter.join().unwrap(), Ok(()));
//! desc.close();
//! assert_eq!(desc.wait(Mode::Read, NEVER), Err(Ended::Closing));
//! netpoll::release(desc);
//! # Ok::<(), std::io::Error>(())
//! ```

mod desc;
#[cfg(not(loom))] // models use a descriptor's record only
mod poll;
#[cfg(not(loom))] // as above
mod slab;
#[cfg(not(loom))] // as above
mod sys;
mod task;
mod wait;
mod waiters;
mod word;

pub use desc::{Desc, Ended, Mode, NEVER, Readiness};
#[cfg(not(loom))] // as above
pub use poll::{Patience, accept_break, break_wait, is_started, open, poll, release};
#[cfg(not(loom))] // as above
pub use slab::in_use;
pub use task::Task;
pub use waiters::waiters;
pub use word::{Cause, Prepared, Slot, Taken};

#[cfg(test)]
mod tests;
