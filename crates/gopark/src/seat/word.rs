//! The M's word: ownership of a P *is* this word.
//!
//! `epoch << 16 | (pid + 1) << 4 | state`; the pid field is 0 while the M has no P.
//!
//! | from | to | by | when |
//! |---|---|---|---|
//! | `RUN` no P | `RUN(p)` | the M, release store (`take_p`) | it was given, or found, an idle P |
//! | `RUN(p)` | `ASK(p)`, epoch + 1 | the monitor, CAS (`ask`) | it ran one slice too long |
//! | the same | the same | the M itself, CAS (`ask`) | it hands its slice to a waiter it woke (SEMANTICS K7) |
//! | `ASK(p)` | `RUN(p)` | the M, CAS (`answer`) | at a switch point; it then yields |
//! | `RUN(p)`, `ASK(p)` | `RUN` no P | the M, CAS loop (`drop_p`) | it gives its P up |
//!
//! *Own Store*: in `RUN` without a P nobody but the M writes the word, so a store is enough there.
//! The states that take a P away from its M (taken, queued, stopped) join this table together
//! with the code that uses them.

use core::fmt;
use gaggle_prim::sync::atomic::{AtomicU64, Ordering};
use gaggle_prim::throw;

const STATE: u64 = 0xf;
const RUN: u64 = 0;
const ASK: u64 = 1;
const PID_SHIFT: u32 = 4;
const PID: u64 = 0xfff << PID_SHIFT;
const EPOCH: u64 = 1 << 16;

/// How many words stand at `ASK`: lets a fast path that opens no section see, by one load of a line
/// that is almost never written, that somebody is wanted.
static ASKED: core::sync::atomic::AtomicU32 = core::sync::atomic::AtomicU32::new(0);

/// True if some M is asked to yield, perhaps this one.
#[inline]
pub(crate) fn anybody_asked() -> bool {
    // Relaxed: a hint; the word itself decides.
    ASKED.load(Ordering::Relaxed) != 0
}

/// A word has left `ASK`, or did not get there.
fn discount() {
    ASKED.fetch_sub(1, Ordering::Relaxed); // Relaxed: a hint; each was counted by `ask`
}

/// What the state field of an M's word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MState {
    /// Nothing is wanted of the M.
    Run,
    /// The monitor asks it to yield at its next switch point.
    Ask,
}

/// The M's word.
pub struct MWord(AtomicU64);

impl MWord {
    /// The most Ps the word can name.
    pub const MAX_P: u32 = 0xffe;

    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(RUN))
    }

    /// The P this M owns. Exact on its own thread, a hint elsewhere.
    #[inline]
    pub fn p(&self) -> Option<u32> {
        // Relaxed: its own thread wrote it, or (elsewhere) it is a hint.
        let pid = (self.0.load(Ordering::Relaxed) & PID) >> PID_SHIFT;
        (pid as u32).checked_sub(1)
    }

    /// What is asked of the M.
    #[inline]
    pub fn state(&self) -> MState {
        // Relaxed: a request; whoever made it waits for nothing.
        match self.0.load(Ordering::Relaxed) & STATE {
            RUN => MState::Run,
            ASK => MState::Ask,
            other => throw!("bad m state {other}"),
        }
    }

    /// `RUN` no P -> `RUN(p)`. Only its own thread.
    #[inline]
    pub fn take_p(&self, pid: u32) {
        // Relaxed: Own Store.
        let word = self.0.load(Ordering::Relaxed);
        if word & (STATE | PID) != RUN || pid >= Self::MAX_P {
            throw!("take_p {pid}: bad m word {word:#x}");
        }
        // Release: pairs with the CAS in `ask`, which may then act on this P.
        self.0.store(word | u64::from(pid + 1) << PID_SHIFT, Ordering::Release);
    }

    /// `RUN(p)` or `ASK(p)` -> `RUN` no P. Only its own thread.
    #[inline]
    pub fn drop_p(&self) -> u32 {
        // Relaxed: the CAS below decides.
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let Some(pid) = (((word & PID) >> PID_SHIFT) as u32).checked_sub(1) else {
                throw!("drop_p without a P: {word:#x}");
            };
            // Release: pairs with the Acquire in `ask`; what this M did with the P stays before.
            // Relaxed on failure: look again.
            match self.0.compare_exchange_weak(
                word,
                word & !(PID | STATE),
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => {
                    if word & STATE == ASK {
                        discount();
                    }
                    return pid;
                }
                Err(now) => word = now,
            }
        }
    }

    /// `RUN(p)` -> `ASK(p)`, next epoch. The monitor, or the M itself for a hand-over. False if
    /// the M has no P or was asked already.
    pub fn ask(&self) -> bool {
        // Relaxed: the CAS below decides.
        let word = self.0.load(Ordering::Relaxed);
        if word & STATE != RUN || word & PID == 0 {
            return false;
        }
        ASKED.fetch_add(1, Ordering::Relaxed); // Relaxed: a hint; counted before it can be answered
        // Acquire: pairs with the Release in `take_p`. Relaxed on failure: it moved on by itself.
        let asked = self
            .0
            .compare_exchange(word, word + EPOCH + ASK, Ordering::Acquire, Ordering::Relaxed)
            .is_ok();
        if !asked {
            discount();
        }
        asked
    }

    /// `ASK(p)` -> `RUN(p)`. Only its own thread. True if it had been asked.
    pub fn answer(&self) -> bool {
        // Relaxed: the CAS below decides.
        let word = self.0.load(Ordering::Relaxed);
        let answered = word & STATE == ASK
            // Relaxed: the request carries no data.
            && self
                .0
                .compare_exchange(word, word - ASK, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if answered {
            discount();
        }
        answered
    }
}

impl fmt::Debug for MWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Relaxed: for the eye.
        let epoch = self.0.load(Ordering::Relaxed) / EPOCH;
        f.debug_struct("MWord")
            .field("state", &self.state())
            .field("p", &self.p())
            .field("epoch", &epoch)
            .finish()
    }
}
