//! What blocks the M: a mutex held for a few instructions and a one-shot note.
//!
//! | | blocks G | blocks M | blocks P |
//! |---|---|---|---|
//! | `gopark::park`, users' `sync` | yes | no | no |
//! | [`Note::sleep`] | yes | yes | no (the M gave its P up first) |
//! | [`Mutex`] | yes | yes | yes |
//!
//! Laws of this crate:
//! 1. *Short*: a [`Mutex`] protects a few instructions of the runtime; no user code, no
//!    allocation and no park happens under it.
//! 2. *In A Section*: on an M it is taken inside a runtime section only (checked in debug builds).
//! 3. *Ranked*: locks are taken in the order of [`Rank`]; equal ranks in address order (checked
//!    in debug builds).
//! 4. *Note Is One-Shot*: one sleeper, one waker, one [`Note::clear`] between rounds.
//!
//! # Examples
//!
//! ```
//! use gaggle_lock::{Mutex, Rank};
//! static COUNT: Mutex<u32> = Mutex::new(Rank::Leaf, 0);
//! *COUNT.lock() += 1;
//! assert_eq!(*COUNT.lock(), 1);
//! ```

#[doc(hidden)]
pub mod asym;
mod mutex;
mod note;
mod rank;
mod shown;
mod sys;

pub use mutex::{Mutex, MutexGuard, RawMutex};
pub use note::Note;
pub use rank::{Rank, assert_none_held, set_section_check};
pub use shown::{
    hide_clock, is_shown as is_clock_shown, read_own_clock, read_shown_clock, show_clock,
    shown as shown_clock,
};
pub use sys::{monotonic, nanotime};
