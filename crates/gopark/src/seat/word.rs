//! The M's word: ownership of a P *is* this word.
//!
//! `epoch << 16 | (pid + 1) << 4 | state`; the pid field is 0 while the M has no P. The low half is
//! what a stopped thread sleeps on.
//!
//! | from | to | by | when |
//! |---|---|---|---|
//! | `RUN` no P | `RUN(p)` | the M, release store (`take_p`) | it was given, or found, an idle P |
//! | `RUN(p)` | `ASK(p)`, epoch + 1 | the monitor, CAS (`ask`) | it ran one slice too long, or blocks |
//! | the same | the same | the M itself, CAS (`ask`) | it hands its slice to a waiter it woke (SEMANTICS K7) |
//! | `ASK(p)` | `RUN(p)` | the M, CAS (`answer`) | at a switch point; it then yields |
//! | `ASK(p)`, `TAKEN` | the same, epoch + 1 | the M, CAS (`come_in`) | it enters the runtime |
//! | `RUN(p)`, `ASK(p)` | `RUN` no P | the M, CAS loop (`drop_p`) | it gives its P up |
//! | `RUN` no P | `TAKEN`, epoch + 1 | the M, store (`detach`) | it begins a blocking call |
//! | `ASK(p)` | `TAKEN` | the monitor, CAS (`take`) | the M is outside the runtime, and blocks |
//! | `ASK(p)`, `TAKEN` | `QUEUED`, epoch + 1 | the monitor, CAS (`queue`), host's lock | it is outside, and computes |
//! | `ASK(p)` | `TAKEN`, `QUEUED` | the M, the same CAS | it was pressed, and enters: before anything else |
//! | `TAKEN` | `RUN(p)` | the monitor, CAS (`lend`) | it is outside, computes, and a P is idle |
//! | `TAKEN` | `RUN` no P | the M, CAS (`give_in`) | at a switch point: it looks for a P |
//! | `QUEUED` | `STOPPED` | the M's signal handler, CAS (`stop`) | it is outside the runtime |
//! | the same | the same | the M, CAS (`stop`) | it enters the runtime; it sleeps there and then |
//! | `QUEUED`, `STOPPED` | the same, epoch + 1 | anyone, CAS (`nudge`) | the process dies, or somebody asks: the handler is to look |
//! | `QUEUED`, `STOPPED` | `RUN(p)` | who gives it a P, CAS (`grant`), host's lock | its turn has come |
//!
//! *Own Store*: in `RUN` without a P nobody but the M writes the word, so a store is enough there.
//!
//! *Looks Expire*: the monitor acts on a [`Look`]: the word as it was *before* it saw the M outside
//! the runtime. An M that enters while the word is not at `RUN` changes the word first of all, so
//! the CAS of every older look fails. That it sees the word not at `RUN` is the store-buffer law:
//! it raises its depth, then looks at the word, with a light fence between; the monitor writes `ASK`,
//! then looks at the depth, with a heavy fence between. Later looks need no second fence, because
//! the word has not been at `RUN` since.
//!
//! *Stable Inside*: so inside a section, once it was entered, the word of an M changes by itself only from `RUN(p)` to
//! `ASK(p)`; a P that it has, it keeps.

use core::fmt;
use gaggle_prim::sync::atomic::{AtomicU64, Ordering};
use gaggle_prim::throw;

const STATE: u64 = 0xf;
const RUN: u64 = 0;
const ASK: u64 = 1;
const TAKEN: u64 = 2;
const QUEUED: u64 = 3;
const STOPPED: u64 = 4;
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
    /// It runs on outside the runtime without a P: in a blocking call, or just out of one.
    Taken,
    /// It stands in line for a P and computes until its signal comes.
    Queued,
    /// It stands in line for a P and sleeps.
    Stopped,
}

/// What the monitor saw of an M that was outside the runtime. The law is Looks Expire.
#[derive(Clone, Copy, Debug)]
pub struct Look(u64);

/// Whether the thread of an M that was given a P sleeps on its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a sleeping thread must be woken"]
pub enum Granted {
    /// It runs; nothing to do.
    Awake,
    /// It sleeps on [`MWord::low`].
    Asleep,
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
        // Acquire: pairs with the Release in `grant` and `lend`: what others did with the P is seen.
        p_of(self.0.load(Ordering::Acquire))
    }

    /// What is asked of the M.
    #[inline]
    pub fn state(&self) -> MState {
        // Relaxed: a request; whoever made it waits for nothing.
        match self.0.load(Ordering::Relaxed) & STATE {
            RUN => MState::Run,
            ASK => MState::Ask,
            TAKEN => MState::Taken,
            QUEUED => MState::Queued,
            STOPPED => MState::Stopped,
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
            let Some(pid) = p_of(word) else { throw!("drop_p without a P: {word:#x}") };
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

    /// True if the word is not at `RUN`: the M has something to see to when it enters or leaves.
    #[inline]
    pub(crate) fn is_wanted(&self) -> bool {
        // Relaxed: the light fence before it has the law, and the slow path reads again.
        self.0.load(Ordering::Relaxed) & STATE != RUN
    }

    /// The M has entered the runtime: makes every older look void. Only its own thread. What it
    /// answers holds until the section ends, but for `Queued`: then it must wait in line.
    pub(crate) fn come_in(&self) -> MState {
        // Relaxed: the CAS below decides.
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let state = match word & STATE {
                RUN => return MState::Run,
                ASK => MState::Ask,
                TAKEN => MState::Taken,
                // Stopped, and let go without a P: the process is dying.
                QUEUED | STOPPED => return MState::Queued,
                other => throw!("m state {other} on a running thread"),
            };
            // AcqRel: Release pairs with the Acquire in `look`: who sees this epoch sees the depth
            // raised; Acquire pairs with the Release of the monitor's changes.
            // Relaxed on failure: look again.
            match self.0.compare_exchange(word, word + EPOCH, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return state,
                Err(now) => word = now,
            }
        }
    }

    /// The word for a [`Look`], to be read before the depth.
    pub(super) fn look(&self) -> Look {
        // Acquire: pairs with the Release in `come_in`: the depth read next is no older.
        Look(self.0.load(Ordering::Acquire))
    }

    /// `RUN` no P -> `TAKEN`. Only its own thread, inside a section.
    pub fn detach(&self) {
        // Relaxed: Own Store.
        let word = self.0.load(Ordering::Relaxed);
        if word & (STATE | PID) != RUN {
            throw!("detach: bad m word {word:#x}");
        }
        // Release: pairs with the Acquire in `look`.
        self.0.store(word + EPOCH + TAKEN, Ordering::Release);
    }

    /// `TAKEN` -> `RUN` no P. Only its own thread, inside a section.
    pub fn give_in(&self) {
        // Relaxed: Stable Inside.
        let word = self.0.load(Ordering::Relaxed);
        // Relaxed: whoever looked at it before fails, and nobody learns from this step.
        let step =
            self.0.compare_exchange(word, word & !STATE, Ordering::Relaxed, Ordering::Relaxed);
        if word & STATE != TAKEN || step.is_err() {
            throw!("give_in: bad m word {word:#x}");
        }
    }

    /// `ASK(p)` -> `TAKEN`: the P is the caller's now. The monitor, or the M itself where it enters.
    #[must_use = "the P, if it was taken, belongs to the caller"]
    pub fn take(&self, look: Look) -> Option<u32> {
        let Look(word) = look;
        if word & STATE != ASK || !self.change(word, (word & !(PID | STATE)) + TAKEN) {
            return None;
        }
        discount();
        p_of(word)
    }

    /// `ASK(p)` or `TAKEN` -> `QUEUED`, next epoch. The monitor, or the M itself where it enters, under the host's lock; the M
    /// joins the line in the same hold of it. `Ok` has the P that the M had, if any.
    ///
    /// # Errors
    ///
    /// The look has expired.
    pub fn queue(&self, look: Look) -> Result<Option<u32>, Look> {
        let Look(word) = look;
        let fits = matches!(word & STATE, ASK | TAKEN);
        if !fits || !self.change(word, (word & !(PID | STATE)) + EPOCH + QUEUED) {
            return Err(look);
        }
        if word & STATE == ASK {
            discount();
        }
        Ok(p_of(word))
    }

    /// `TAKEN` -> `RUN(p)`: an M that computes without a P is given one. False if the look has
    /// expired. The monitor only.
    #[must_use = "false: the P is still the caller's"]
    pub fn lend(&self, look: Look, pid: u32) -> bool {
        let Look(word) = look;
        word & STATE == TAKEN && self.change(word, with_p(word & !STATE, pid))
    }

    fn change(&self, from: u64, to: u64) -> bool {
        // AcqRel: Acquire pairs with the Release in `take_p` and `come_in`; Release with the
        // Acquire in `p`, `come_in` and the handler. Relaxed on failure: the look has expired.
        self.0.compare_exchange(from, to, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// `QUEUED` or `STOPPED` -> `RUN(p)`. Under the host's lock, by whoever takes the M out of the
    /// line.
    pub fn grant(&self, pid: u32) -> Granted {
        // Relaxed: the CAS below decides; only the signal handler can interfere, once.
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            if !matches!(word & STATE, QUEUED | STOPPED) || word & PID != 0 {
                throw!("grant: bad m word {word:#x}");
            }
            let to = with_p(word & !STATE, pid);
            // Release: pairs with the Acquire in `p`: what others did with the P is seen.
            // Relaxed on failure: look again.
            match self.0.compare_exchange(word, to, Ordering::Release, Ordering::Relaxed) {
                Ok(_) if word & STATE == STOPPED => return Granted::Asleep,
                Ok(_) => return Granted::Awake,
                Err(now) => word = now,
            }
        }
    }

    /// `QUEUED` -> `STOPPED`, on the M's own thread: in its signal handler, outside the runtime, or
    /// where it enters. What to sleep for is that [`low`](Self::low) stays what this returns.
    #[must_use = "None: nothing to wait for"]
    pub fn stop(&self) -> Option<u32> {
        // Relaxed: the CAS below decides.
        let mut word = self.0.load(Ordering::Relaxed);
        while word & STATE == QUEUED {
            let stopped = (word & !STATE) + STOPPED;
            // Relaxed both: the thread tells nobody anything by this but that it sleeps. A failure
            // is a nudge, or the grant.
            match self.0.compare_exchange(word, stopped, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Some(stopped as u32),
                Err(now) => word = now,
            }
        }
        None
    }

    /// `QUEUED` or `STOPPED` -> the same, next epoch: whoever is about to sleep for the word as it
    /// was does not. Anyone; a lost race means that there is nothing to nudge any more.
    pub fn nudge(&self) {
        let word = self.0.load(Ordering::Relaxed); // Relaxed: the CAS decides
        if matches!(word & STATE, QUEUED | STOPPED) {
            // Relaxed both: it carries nothing.
            let (done, lost) = (Ordering::Relaxed, Ordering::Relaxed);
            _ = self.0.compare_exchange(word, word + EPOCH, done, lost);
        }
    }

    /// What to sleep for now, after [`stop`](Self::stop): none once the M was granted a P.
    pub fn stopped(&self) -> Option<u32> {
        // Acquire: pairs with the Release in `grant`, for a handler that returns to user code.
        let word = self.0.load(Ordering::Acquire);
        (word & STATE == STOPPED).then_some(word as u32)
    }

    /// The half of the word that holds the state, as the kernel's futex wants it.
    pub fn low(&self) -> *const u32 {
        crate::sys::low_half(core::ptr::from_ref(&self.0).cast())
    }
}

fn p_of(word: u64) -> Option<u32> {
    (((word & PID) >> PID_SHIFT) as u32).checked_sub(1)
}

fn with_p(word: u64, pid: u32) -> u64 {
    if pid >= MWord::MAX_P || word & PID != 0 {
        throw!("p{pid} for m word {word:#x}");
    }
    word | u64::from(pid + 1) << PID_SHIFT
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
