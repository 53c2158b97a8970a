//! A one-shot sleep of an M (Go: note).
//!
//! | word | meaning | who may leave it |
//! |---|---|---|
//! | `CLEAR` | nothing happened | the waker, to `SET`; the sleeper, to `ASLEEP` |
//! | `ASLEEP` | the sleeper is in the kernel or on its way | the waker, to `SET`; the sleeper on time-out, to `CLEAR` |
//! | `SET` | it happened | the sleeper, to `CLEAR`, by [`Note::clear`] |
//!
//! What the waker did before [`Note::wakeup`] is seen after [`Note::sleep`]: the release half of
//! `wakeup`'s exchange pairs with the acquire loads in `sleep`.

use crate::sys;
use core::fmt;

/// A one-shot sleep and wake-up of an M. One sleeper; [`clear`](Note::clear) before reuse.
pub struct Note {
    word: sys::NoteWord,
}

impl Note {
    /// A note on which nothing happened yet.
    #[cfg(not(loom))] // loom's primitives have no const constructors
    pub const fn new() -> Self {
        Self { word: sys::NoteWord::new() }
    }

    /// A note on which nothing happened yet.
    #[cfg(loom)] // loom's primitives have no const constructors
    pub fn new() -> Self {
        Self { word: sys::NoteWord::new() }
    }

    /// Blocks the M until [`wakeup`](Self::wakeup).
    pub fn sleep(&self) {
        self.word.sleep();
    }

    /// Blocks the M until [`wakeup`](Self::wakeup) (true) or until [`nanotime`](crate::nanotime)
    /// reaches `deadline` (false).
    #[must_use = "false: the time came first"]
    pub fn sleep_until(&self, deadline: u64) -> bool {
        self.word.sleep_until(deadline)
    }

    /// True if it has happened: for who looks a few times before it sleeps.
    #[inline]
    #[must_use = "a look changes nothing"]
    pub fn is_set(&self) -> bool {
        self.word.is_set()
    }

    /// It happened: wakes the sleeper, now or when it comes. At most once per round.
    ///
    /// After the word is `SET` the sleeper may be gone, so the note must be type-stable memory.
    pub fn wakeup(&self) {
        self.word.wakeup();
    }

    /// Makes the note ready for the next round.
    pub fn clear(&self) {
        self.word.clear();
    }
}

impl Default for Note {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Note").finish_non_exhaustive()
    }
}
