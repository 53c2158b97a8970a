//! Stacks, guard pages and the context switch: what a goroutine runs on. Knows no scheduler.
//!
//! | module | what |
//! |---|---|
//! | [`switch`], [`prepare`], [`Context`] | leave one computation, enter another: a nanosecond |
//! | [`stack`] | slots out of few big mappings, guards, idle stacks per P and per process |
//! | [`overflow`] | a stack that ran into its guard, reported as Go does |
//! | [`Coroutine`] | the smallest complete user: resume, suspend, panics carried home |
//! | [`grow()`], [`call_on`] | one call on another stack |
//! | [`sanitizer`] | what race detectors must be told |
//!
//! # A coroutine by hand
//!
//! A computation needs a stack. The depot has some; they cost address space until they are touched:
//!
//! ```
//! use gaggle_coro::stack::depot;
//! let stack = depot().take(64 << 10)?;
//! assert_eq!(stack.reserved(), 64 << 10);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! A computation that stands still is a [`Context`]: one word. [`prepare`] makes one that has not begun; [`switch`] saves where
//! we are into a second one and goes to the first. Each switch carries a payload, and that is the whole interface:
//!
//! ```
//! use gaggle_coro::{Context, prepare, stack::depot, switch};
//!
//! /// Where each side can be found while the other runs.
//! struct Both {
//!     home: Context,
//!     away: Context,
//! }
//!
//! /// Counts what it is given. It is entered once, by the first switch, and never returns.
//! unsafe extern "C" fn counter(both: usize) -> ! {
//!     let both = std::ptr::with_exposed_provenance_mut::<Both>(both);
//!     let mut total = 0;
//!     loop {
//!         // SAFETY: home stands still while we run, and `both` outlives us.
//!         total += unsafe { switch(&raw mut (*both).away, (*both).home, total) };
//!     }
//! }
//!
//! let stack = depot().take(64 << 10)?;
//! // SAFETY: nothing else uses the stack, and we keep it to the end.
//! let away = unsafe { prepare(&stack, counter) };
//! let mut both = Both { home: Context::empty(), away };
//! let both = &raw mut both;
//!
//! // The first payload is the entry's argument; all others are what `switch` returns over there.
//! let visit = |payload| {
//!     // SAFETY: the counter stands still whenever we run.
//!     unsafe { switch(&raw mut (*both).home, (*both).away, payload) }
//! };
//! assert_eq!(visit(both.expose_provenance()), 0);
//! assert_eq!(visit(5), 5);
//! assert_eq!(visit(30), 35);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Nothing says that one must go back where one came from: a scheduler switches from goroutine to goroutine, on whatever
//! thread it is. What it must take care of is written at [`switch`]; three rules deserve a name.
//!
//! * **Suspended Once.** A context is resumed once. The word may be copied, the computation may not.
//! * **Caught At The Root.** Nothing unwinds across a switch: what may panic runs inside `catch_unwind` on its own stack
//!   ([`Coroutine`] shows it), and tracebacks end at the root frame.
//! * **Thread-locals stay behind.** The compiler takes the address of a thread-local for constant within a function. A function that
//!   touches one, switches, and comes back on another thread may go on using the first thread's.
//!
//! Where stacks go when the computation is over is the owner's business: a [`stack::Cache`] per P, the
//! [`stack::depot()`] behind it, and [`stack::trim`] to give memory back.
//!
//! # Bounds
//!
//! Linux on x86_64 and AArch64. Elsewhere, under Miri and with `--cfg gaggle_coro="thread"`, each context is an OS thread
//! and [`backend`] says so. MXCSR and the x87 control word are not switched.

mod arch;
mod call;
mod context;
mod coroutine;
pub mod overflow;
pub mod sanitizer;
mod spin;
pub mod stack;
mod sync;
mod sys;

pub use arch::{Backend, backend};
pub use call::{beneath, call_on, grow};
pub use context::{Context, ContextPlace, Registers, prepare, switch};
pub use coroutine::{Coroutine, Step, Suspend};
pub use spin::{Around, set_around};
pub use stack::Stack;
