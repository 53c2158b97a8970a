//! Signals of the process, over channels (Go: `os/signal`, SEMANTICS V).
//!
//! | Go | here |
//! |---|---|
//! | `signal.Notify`, `Stop` | [`notify`], [`stop`] |
//! | `signal.NotifyContext` | [`notify_context`] |
//! | `signal.Ignore`, `Ignored`, `Reset` | [`ignore`], [`ignored`], [`reset`] |
//! | `os.Interrupt`, `syscall.SIGTERM` | [`Signal::INTERRUPT`], [`Signal::TERM`] |
//!
//! A handler sets a bit and wakes one thread of ours, which sends to the channels; it never waits, so a
//! channel should have room. Signals that come close together may be seen as one.
//!
//! * What the program cannot have: SIGKILL and SIGSTOP; and what a thread does to itself (SIGSEGV, SIGBUS,
//!   SIGFPE, SIGILL), which stays the runtime's. To ask for them does nothing.
//! * SIGURG is the runtime's, which uses it to stop goroutines that compute too long. Who asks for it gets
//!   those too (V4).
//! * SIGPIPE: a write to a broken pipe or socket gives an error, `BrokenPipe` (V6).
//! * From the first [`notify`] on there is a thread that may wake somebody, so "all goroutines are asleep"
//!   is not reported any more (V7).
//!
//! # Examples
//!
//! ```
//! use gaggle_hchan::chan;
//! use gaggle_signal::{self as signal, Signal};
//! let signals = chan(1);
//! signal::notify(&signals, &[Signal::USR1]);
//! // SAFETY: sends a signal to this process.
//! unsafe { libc::raise(libc::SIGUSR1) };
//! assert_eq!(signals.recv(), Some(Signal::USR1));
//! signal::stop(&signals);
//! ```

mod deliver;
mod disposition;
mod handler;
mod mask;
mod notify;
mod notify_context;
mod signal;

pub use notify::{ignore, ignored, notify, reset, stop};
pub use notify_context::{StopFunc, notify_context};
pub use signal::Signal;
