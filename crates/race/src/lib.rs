//! Data races found: memory whose unsynchronised use is defined and *reported*, and what the runtime tells
//! the detectors.
//!
//! Go's `-race` watches every access of a program. Safe Rust has none that race, but for those that were
//! meant to be shared without a lock: they live in a [`Cell`] (a word) or a [`Shared`] (anything). Both
//! are safe to use in any way, and built with the feature `race` they report what Go would report: two
//! accesses, at least one a write, that nothing orders (SEMANTICS Y, Z).
//!
//! | built | the hooks below are | finds |
//! |---|---|---|
//! | plainly | nothing: empty functions, fields without size | nothing |
//! | with the feature `race` | vector clocks, on any toolchain | races on [`Cell`] and [`Shared`], sends against close |
//! | with `--cfg gaggle_tsan` and the sanitizer's flags | calls of ThreadSanitizer | the same, and races of unsafe and foreign code |
//!
//! The hooks, for the crates of the runtime, each a call in one line:
//!
//! | type | stands for | in |
//! |---|---|---|
//! | [`Place`] | where one goroutine leaves its clock for another: a lock, an atomic, a waiting node | gopark, sudog, sync, context, runtime |
//! | [`Channel`] | one channel | hchan |
//! | [`Object`] | a word that is only read or written for the detector's sake | sync |
//! | [`Birth`], [`Strand`] | the go statement; who runs | gopark, sched |
//! | [`Hush`] | the runtime's own code, which is no business of a program's | gopark |
//!
//! # Examples
//!
//! ```
//! use gaggle_race::Cell;
//! static COUNTER: Cell<i64> = Cell::new(0);
//! COUNTER.set(COUNTER.get() + 1); // alone: no race
//! assert_eq!(COUNTER.get(), 1);
//! ```

#[cfg(not(any(gaggle_tsan, feature = "race")))]
#[path = "off.rs"]
mod imp;
#[cfg(all(feature = "race", not(gaggle_tsan)))]
#[path = "on/mod.rs"]
mod imp;
#[cfg(gaggle_tsan)]
#[path = "tsan/mod.rs"]
mod imp;

mod cell;
mod shared;
pub mod stacks;
mod word;

pub use cell::Cell;
pub use imp::{Birth, Channel, Hush, Object, Place, Strand};
pub use shared::Shared;
pub use word::Word;

/// Which detector is built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detector {
    /// None: this crate costs nothing.
    None,
    /// Our own: the feature `race`.
    Clocks,
    /// ThreadSanitizer: `--cfg gaggle_tsan`.
    ThreadSanitizer,
}

/// Which detector is built in.
pub const DETECTOR: Detector = imp::DETECTOR;

/// True if one is: then the fields of this crate have a size.
pub const ON: bool = !matches!(DETECTOR, Detector::None);

/// How many races were reported so far; ThreadSanitizer keeps its own count, and this is 0.
pub fn found() -> usize {
    imp::found()
}

/// How two accesses of one word are related.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A plain read.
    Read,
    /// A plain write.
    Write,
    /// An atomic read.
    AtomicRead,
    /// An atomic write, or a read and a write in one.
    AtomicWrite,
}
