//! How a plain thread waits before it sleeps: it lets others run, and looks.
//!
//! To be woken by the kernel costs the waker a system call and the sleeper the way back, tens of microseconds if
//! another core has to be woken; a partner on a channel is often faster. A yield costs a tenth of a microsecond
//! if nobody else wants the core, and if the partner is who wants it, the yield is what it waits for.
//!
//! *Bounded*: a wait looks [`LOOKS`] times and for [`LONGEST`] nanoseconds at most (SEMANTICS K5). Where looking was
//! in vain, because the waits here are long or because a yield gave the core to somebody who kept it, the
//! next waits of this thread sleep at once: one, then three, up to [`MOST_SKIPPED`].
//!
//! | after | the next waits that sleep at once |
//! |---|---|
//! | it happened while the thread looked | none |
//! | it did not | twice as many as last time, and one |

use core::cell::Cell;
use gaggle_lock::Note;
use gaggle_prim::{MODEL, thread};

/// Looks of one wait; a model has no time to lose.
const LOOKS: u32 = if MODEL { 0 } else { 64 };
/// How long one wait looks, in nanoseconds.
const LONGEST: u64 = 20_000;
/// A wait whose deadline is nearer than this does not look: a yield may give the core away for some milliseconds.
const FAR: u64 = 20_000_000;
/// Waits that follow one another and do not look.
const MOST_SKIPPED: u32 = 15;

/// What a thread has learnt of its waits. Its own: nobody else looks.
#[derive(Debug)]
pub(crate) struct Patience {
    /// Waits that are still to sleep at once.
    left: Cell<u32>,
    /// How many there were when looking was last in vain.
    skipped: Cell<u32>,
}

impl Patience {
    pub(crate) const fn new() -> Self {
        Self { left: Cell::new(0), skipped: Cell::new(0) }
    }

    /// As [`looks`](Self::looks), for a wait that ends at `deadline`.
    pub(crate) fn looks_before(&self, note: &Note, deadline: u64) -> bool {
        deadline.saturating_sub(gaggle_lock::nanotime()) > FAR && self.looks(note)
    }

    /// Looks at `note` for a while: true if it is set.
    pub(crate) fn looks(&self, note: &Note) -> bool {
        if let Some(left) = self.left.get().checked_sub(1) {
            self.left.set(left);
            return false;
        }
        if LOOKS > 0 && is_set_soon(note) {
            self.skipped.set(0);
            return true;
        }
        let skipped = (2 * self.skipped.get() + 1).min(MOST_SKIPPED);
        self.skipped.set(skipped);
        self.left.set(skipped);
        false
    }
}

fn is_set_soon(note: &Note) -> bool {
    let start = gaggle_lock::nanotime();
    for _ in 0..LOOKS {
        thread::yield_now();
        if note.is_set() {
            return true;
        }
        if gaggle_lock::nanotime().saturating_sub(start) > LONGEST {
            return false;
        }
    }
    false
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{MOST_SKIPPED, Patience};
    use gaggle_lock::Note;

    #[test]
    fn who_looks_in_vain_looks_more_and_more_seldom_until_it_helps() {
        let (patience, never, set) = (Patience::new(), Note::new(), Note::new());
        set.wakeup();
        let mut skipped = Vec::new();
        for _ in 0..6 {
            assert!(!patience.looks(&never));
            let mut asleep = 0;
            while patience.left.get() > 0 {
                assert!(!patience.looks(&set), "this wait was to sleep at once");
                asleep += 1;
            }
            skipped.push(asleep);
        }
        assert_eq!(skipped, [1, 3, 7, MOST_SKIPPED, MOST_SKIPPED, MOST_SKIPPED]);
        assert!(patience.looks(&set));
        assert!(patience.looks(&set));
        assert!(!patience.looks(&never));
        assert_eq!(patience.left.get(), 1, "it began anew");
    }
}
