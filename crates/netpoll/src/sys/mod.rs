//! Which kernel is asked; the one place of this crate that asks for the platform.
//!
//! A backend defines:
//!
//! | function | |
//! |---|---|
//! | `start() -> io::Result<()>` | called once, before all others |
//! | `open(fd, tag) -> io::Result<()>` | registers `fd` once, edge-triggered, for both directions; its events carry `tag` |
//! | `close(fd)` | takes it out again; the descriptor is still open |
//! | `wait(patience, each)` | waits as long as it may and calls `each(tag, readiness)` for what has happened, at most 128 times (SEMANTICS U1); wakes for breaks, too, and does not count them |
//! | `break_wait()` | makes one `wait` that blocks return, now or when it comes |
//! | `accept_break()` | takes one such request back |
//!
//! `wait`, `break_wait` and `accept_break` allocate nothing: they run inside sections.

#[cfg(all(target_os = "linux", not(test)))]
mod epoll;
#[cfg(all(target_os = "linux", not(test)))]
pub(crate) use epoll::{accept_break, break_wait, close, open, start, wait};

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
pub(crate) use fake::{accept_break, break_wait, close, open, start, wait};

#[cfg(not(any(target_os = "linux", test)))]
compile_error!("netpoll: no backend for this OS yet; see the list of functions above");
