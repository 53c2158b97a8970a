//! Insight: what a running program's goroutines do, who waits for whom, and who waits for nothing.
//!
//! | module | what | Go |
//! |---|---|---|
//! | [`leaks`] | goroutines that wait for what nobody can do any more | `goroutineleak` |
//! | [`waits`], [`watch`](watch()) | who waits for whom, in circles above all; who holds a lock or a P for long | |
//! | [`lines`](lines()) | what is waited for, object by object, with all who wait | |
//! | [`pprof`] | profiles of goroutines, threads and waits, for people and for `go tool pprof` | `runtime/pprof` |
//!
//! Nothing here runs, and nothing is kept, until it is asked for.

mod apart;
mod leak;
mod lines;
#[doc(hidden)]
pub mod macro_support;
pub mod pprof;
mod waits;
mod watch;

#[doc(hidden)]
pub use leak::observe;
pub use leak::{Certainty, Leak, Looked, Report, leaks};
pub use lines::{Line, LineKind, lines};
pub use waits::{Wait, Waits, waits};
pub use watch::watch;
