//! Goroutines as a program uses them: start, join, scope, yield, exit; dumps and tracebacks.
//!
//! | Go | here |
//! |---|---|
//! | `go f()` | [`go`], or [`spawn`] to get the result, or [`scope()`] to borrow |
//! | `func main` | [`run`] |
//! | `runtime.Gosched`, `Goexit` | [`gosched`], [`goexit`] |
//! | `runtime.GOMAXPROCS`, `NumCPU`, `NumGoroutine` | [`gomaxprocs`], [`num_cpu`], [`num_goroutine`] |
//!
//! Goroutines that compute for long are stopped by a signal. A call into the kernel that it finds goes on, where the kernel starts
//! calls again. Those that it never does (`signal(7)` lists them: `poll`, a read from a socket with a time limit) may end with `EINTR`, fewer than one
//! in 5,000 of them, as in Go: who makes one by hand makes it again then.
//!
//! Laws of this crate:
//! 1. *Outside Sections*: no closure, destructor or waker of the user's runs inside a runtime
//!    section; what a section takes out is dropped after it.
//! 2. *Catch, Then Wait*: whoever must wait although something unwinds catches first, so nothing
//!    parks while its thread counts a panic.
//! 3. *The Token Goes On*: who catches the unwind of a [`goexit`] publishes what it must and
//!    raises it again.

mod builder;
mod caught;
mod config;
mod crash;
mod go;
mod goroutine;
mod join;
mod local;
#[doc(hidden)]
pub mod macro_support;
mod packet;
mod panic;
mod procs;
mod quit;
#[doc(hidden)]
pub mod replayed;
mod run;
mod scope;
mod stack;
pub mod trace;
pub mod traceback;

pub use builder::Builder;
pub use config::Config;
pub use gaggle_sched::{
    Histogram, Metrics, TracebackLevel, cpu_time, lock_os_thread, measure_latency, metrics, pin,
    raise_traceback_level, set_idle_thread_timeout, set_max_stack, set_max_threads, syscall,
    unlock_os_thread,
};
pub use go::go;
pub use goroutine::{goexit, goid, gosched, num_goroutine};
pub use join::{JoinHandle, spawn};
pub use local::Local;
pub use panic::Panic;
pub use procs::{gomaxprocs, num_cpu, set_default_gomaxprocs};
pub use run::run;
pub use scope::{Scope, ScopedJoinHandle, scope};
pub use stack::stack;
