//! The reader/writer mutex itself: one word, a semaphore for each side, a mutex for the line of
//! writers, and slots for readers where they are many (`spread`); 32 bytes (SEMANTICS L).
//!
//! What the outside may rely on (Y11): what a writer did before `unlock` is seen by whoever holds the
//! mutex later, and what a reader did before `runlock` by the next writer. All changes of the word are
//! read-modify-writes, so they continue each other's release sequences; the tokens of the semaphores
//! carry the rest.
//!
//! Named invariants:
//! 1. *One Writer*: `WRITER` is set by a CAS from a word without it, or passed on by `unlock`; until
//!    its holder clears it, nobody else can do either.
//! 2. *Front Only*: between `line.lock` and `line.unlock` there is one writer at the front, so one
//!    waiter at most on the writers' semaphore.
//! 3. *Slots Stay*: once made, the slots stay until the mutex is dropped.
//!
//! An uncontended writer takes the word alone and leaves the line out: two read-modify-writes for
//! `lock` and `unlock`, where Go needs four. The price is that it may overtake the writer at the
//! front, which therefore asks to be handed the mutex when it has waited for a millisecond, as in K7.

use super::slots::Slots;
use super::state::{Claim, Hunger, Leave, State, TOO_MANY, WRITER, Wake};
use crate::lockorder;
use crate::mutex::{PATIENCE, RawMutex, pause};
use crate::rwmutex::clocks::Clocks;
use gaggle_gopark::{self as gopark, Section, WaitReason};
use gaggle_lock::nanotime;
use gaggle_prim::fatal;
use gaggle_prim::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use gaggle_race::Hush;
use gaggle_sudog::sema::{self, Handoff, Order};

const READ: WaitReason = WaitReason::RwMutexRLock;
const WRITE: WaitReason = WaitReason::RwMutexLock;

/// A reader/writer mutex without a value; what [`RwMutex`](crate::RwMutex) and
/// [`BareRwMutex`](crate::BareRwMutex) are made of.
#[derive(Default)]
pub struct RawRwMutex {
    pub(super) word: AtomicU64,
    pub(super) line: RawMutex,
    pub(super) reader_sema: AtomicU32,
    pub(super) writer_sema: AtomicU32,
    pub(super) slots: AtomicPtr<Slots>,
    race: Clocks,
}

impl RawRwMutex {
    /// An unlocked mutex.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub const fn new() -> Self {
        Self {
            word: AtomicU64::new(0),
            line: RawMutex::new(),
            reader_sema: AtomicU32::new(0),
            writer_sema: AtomicU32::new(0),
            slots: AtomicPtr::new(core::ptr::null_mut()),
            race: Clocks::new(),
        }
    }

    /// An unlocked mutex.
    #[cfg(loom)] // loom's atomics have no const constructors
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits until no writer holds it or waits for it; then it is ours to read. A switch point.
    #[inline]
    #[track_caller]
    pub fn rlock(&self) {
        lockorder::wants(self.address());
        gopark::switch_point();
        if !self.rlock_fast() {
            self.rlock_slow();
        }
        self.noted(true, Clocks::reads);
    }

    fn address(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    /// Notes that the mutex was taken, if it was.
    #[inline]
    #[track_caller]
    fn noted(&self, taken: bool, note: impl FnOnce(&Clocks)) -> bool {
        if taken {
            lockorder::has(self.address());
            note(&self.race);
        }
        taken
    }

    /// The same, after it was wanted.
    #[inline]
    #[track_caller]
    fn noted_or_left(&self, taken: bool, note: impl FnOnce(&Clocks)) -> bool {
        if !taken {
            lockorder::leaves(self.address());
        }
        self.noted(taken, note)
    }

    /// As [`rlock`](Self::rlock), until the monotonic nanosecond `deadline`; true if it is ours.
    #[inline]
    #[track_caller]
    #[must_use = "false: the mutex was not taken"]
    pub fn rlock_until(&self, deadline: u64) -> bool {
        lockorder::awaits(self.address());
        gopark::switch_point();
        self.noted_or_left(self.rlock_fast() || self.rlock_until_slow(deadline), Clocks::reads)
    }

    /// Takes it for reading if no writer holds it or waits for it (L5).
    #[inline]
    #[track_caller]
    #[must_use = "false: the mutex was not taken"]
    pub fn try_rlock(&self) -> bool {
        let mut old = self.load();
        if old.is_spread() && self.rlock_spread(Slots::home()) {
            return self.noted(true, Clocks::reads);
        }
        while let Some(next) = old.try_rlock() {
            match self.exchange(old, next) {
                Ok(()) => return self.noted(true, Clocks::reads),
                Err(now) => old = now,
            }
        }
        false
    }

    /// A reader gives it back, whoever took it; if there is none: fatal (L4).
    #[inline]
    pub fn runlock(&self) {
        lockorder::gives(self.address());
        self.race.has_read();
        let Err(old) = self.runlock_only() else { return };
        if !old.is_read_in_word() {
            return self.runlock_anywhere(Slots::home());
        }
        if self.exchange(old, State(old.0 - 1)).is_err() {
            self.runlock_collided();
        }
    }

    /// Waits until it is ours alone. A switch point.
    #[inline]
    #[track_caller]
    pub fn lock(&self) {
        lockorder::wants(self.address());
        gopark::switch_point();
        if !self.lock_fast() {
            self.lock_slow(PATIENCE);
        }
        self.noted(true, Clocks::writes);
    }

    /// As [`lock`](Self::lock), for a writer that starves after `patience` nanoseconds: models have
    /// no clock.
    #[doc(hidden)]
    pub fn lock_with_patience(&self, patience: u64) {
        if !self.lock_fast() {
            self.lock_slow(patience);
        }
    }

    /// As [`lock`](Self::lock), until the monotonic nanosecond `deadline`; true if it is ours.
    #[inline]
    #[track_caller]
    #[must_use = "false: the mutex was not taken"]
    pub fn lock_until(&self, deadline: u64) -> bool {
        lockorder::awaits(self.address());
        gopark::switch_point();
        let ours = self.lock_fast() || self.lock_until_slow(deadline, PATIENCE);
        self.noted_or_left(ours, Clocks::writes)
    }

    /// As [`lock_until`](Self::lock_until), with the patience of
    /// [`lock_with_patience`](Self::lock_with_patience).
    #[doc(hidden)]
    pub fn lock_until_with_patience(&self, deadline: u64, patience: u64) -> bool {
        self.lock_fast() || self.lock_until_slow(deadline, patience)
    }

    /// Takes it for writing if nobody holds it (L5).
    #[inline]
    #[track_caller]
    #[must_use = "false: the mutex was not taken"]
    pub fn try_lock(&self) -> bool {
        let ours = self.lock_fast() || (self.load().is_spread() && self.try_lock_spread());
        self.noted(ours, Clocks::writes)
    }

    #[inline]
    pub(super) fn lock_fast(&self) -> bool {
        // Acquire: pairs with the Release halves in `exchange` and `unlock`. Relaxed on failure:
        // nothing was gained.
        let (word, lost) = (&self.word, Ordering::Relaxed);
        Hush::over(|| word.compare_exchange(0, WRITER, Ordering::Acquire, lost).is_ok())
    }

    /// The writer gives it back, whoever took it; if there is none: fatal (L4).
    #[inline]
    pub fn unlock(&self) {
        lockorder::gives(self.address());
        self.race.has_written();
        // Release: pairs with the Acquires in `lock_fast`, `rlock_fast` and `exchange`. Relaxed on
        // failure: the slow path looks again.
        let (word, lost) = (&self.word, Ordering::Relaxed);
        let free = Hush::over(|| word.compare_exchange(WRITER, 0, Ordering::Release, lost));
        if free.is_err() {
            self.unlock_slow();
        }
    }

    /// True if somebody holds it at this instant, or waits for it alone.
    pub fn is_locked(&self) -> bool {
        !self.load().is_free() || self.readers_apart() != 0
    }

    /// True if a writer holds it at this instant.
    pub fn is_locked_exclusive(&self) -> bool {
        self.load().is_exclusive()
    }

    #[inline]
    pub(super) fn load(&self) -> State {
        // Relaxed: a guess; the change that follows decides.
        State(self.word.load(Ordering::Relaxed))
    }

    #[inline]
    pub(super) fn exchange(&self, old: State, new: State) -> Result<(), State> {
        // AcqRel: Release for the critical section that ends, Acquire for the one that begins, and
        // for the last awaited reader, who passes on what all readers did; pairs with itself, `unlock`
        // and `rlock_fast`. Relaxed on failure: nothing was gained.
        let (done, lost) = (Ordering::AcqRel, Ordering::Relaxed);
        let was = Hush::over(|| self.word.compare_exchange(old.0, new.0, done, lost));
        was.map(drop).map_err(State)
    }

    #[inline]
    fn rlock_fast(&self) -> bool {
        (self.is_spread() && self.rlock_spread(Slots::home())) || self.rlock_in_word()
    }

    /// Counts a reader in: true as a holder, false as one that waits.
    #[inline]
    pub(super) fn rlock_in_word(&self) -> bool {
        // Acquire: pairs with the Releases in `unlock` and `exchange`.
        Hush::over(|| self.word.fetch_add(1, Ordering::Acquire)) & (WRITER | TOO_MANY) == 0
    }

    fn check_count(&self) {
        if self.load().readers() >= TOO_MANY {
            fatal!("sync: too many readers of an RWMutex");
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn rlock_slow(&self) {
        self.check_count();
        let mut section = gopark::enter();
        sema::acquire(&mut section, &self.reader_sema, READ, Order::Fifo);
        section.leave_at_switch_point();
    }

    #[cold]
    #[inline(never)]
    fn rlock_until_slow(&self, deadline: u64) -> bool {
        self.check_count();
        let mut section = gopark::enter_timed();
        let sema = &self.reader_sema;
        let wake = sema::acquire_until(&mut section, sema, READ, Order::Fifo, deadline);
        let late = wake == gopark::Wake::TimedOut;
        let gone = late && self.forsake(State::forsake_read);
        if late && !gone {
            sema::acquire(&mut section, sema, READ, Order::Lifo);
        }
        section.leave_at_switch_point();
        !gone
    }

    #[cold]
    #[inline(never)]
    fn lock_slow(&self, patience: u64) {
        self.line.lock_with_patience(patience);
        let (mut hunger, since) = (Hunger::Patient, nanotime());
        let mut section = gopark::enter();
        loop {
            let claim = self.claim(&section, hunger);
            if claim != Claim::Owned {
                sema::acquire(&mut section, &self.writer_sema, WRITE, Order::Fifo);
            }
            if claim != Claim::Wanted {
                break;
            }
            hunger = hunger.after(nanotime().saturating_sub(since), patience);
        }
        self.line.unlock_unnoted();
        section.leave_at_switch_point();
    }

    #[cold]
    #[inline(never)]
    fn lock_until_slow(&self, deadline: u64, patience: u64) -> bool {
        if !self.line.lock_until_with_patience(deadline, patience) {
            return false;
        }
        let (mut hunger, since, sema) = (Hunger::Patient, nanotime(), &self.writer_sema);
        let ours = loop {
            let mut section = gopark::enter_timed(); // each timed park needs its own room
            let claim = self.claim(&section, hunger);
            if claim == Claim::Owned {
                break true;
            }
            let wake = sema::acquire_until(&mut section, sema, WRITE, Order::Fifo, deadline);
            if wake == gopark::Wake::TimedOut {
                if self.forsake(|word| word.forsake(claim)) {
                    break false;
                }
                sema::acquire(&mut section, sema, WRITE, Order::Lifo);
                break claim != Claim::Wanted;
            }
            if claim != Claim::Wanted {
                break true;
            }
            hunger = hunger.after(nanotime().saturating_sub(since), patience);
        };
        self.line.unlock_unnoted();
        gopark::switch_point();
        ours
    }

    /// Spins, and then takes the mutex or says what for the writer at the front waits.
    fn claim(&self, section: &Section, hunger: Hunger) -> Claim {
        if hunger == Hunger::Patient {
            pause(section, || self.load().is_exclusive());
        }
        let mut old = self.load();
        loop {
            let (next, claim) = old.claim(hunger);
            match self.exchange(old, next) {
                Ok(()) if claim == Claim::Gathers => return self.gather(),
                Ok(()) => return claim,
                Err(now) => old = now,
            }
        }
    }

    /// After a deadline: true if we are off the word, false if a token is on its way to us.
    fn forsake(&self, how: impl Fn(State) -> Leave) -> bool {
        let mut old = self.load();
        loop {
            match how(old) {
                Leave::TakeToken => return false,
                Leave::Gone(next, wake) => match self.exchange(old, next) {
                    Ok(()) => {
                        self.wake(wake);
                        return true;
                    }
                    Err(now) => old = now,
                },
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn unlock_slow(&self) {
        let mut old = self.load();
        loop {
            let Some((next, wake)) = old.unlock() else {
                fatal!("sync: Unlock of unlocked RWMutex");
            };
            match self.exchange(old, next) {
                Ok(()) => return self.wake(wake),
                Err(now) => old = now,
            }
        }
    }

    #[cold]
    pub(super) fn wake(&self, wake: Wake) {
        let mut section = gopark::enter();
        for _ in 0..wake.readers {
            sema::release(&mut section, &self.reader_sema, Handoff::No);
        }
        if let Some(handoff) = wake.writer {
            sema::release(&mut section, &self.writer_sema, handoff);
        }
    }
}
