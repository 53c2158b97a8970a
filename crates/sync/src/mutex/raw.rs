//! The mutex itself: Go's algorithm over one word and one semaphore, 8 bytes (SEMANTICS K).
//!
//! What the outside may rely on: what the holder did before `unlock` is seen by the next holder
//! after `lock`. The release half of `unlock`'s subtraction pairs with the acquire half of every
//! change that takes the mutex; all changes in between are read-modify-writes, so they continue
//! its release sequence.
//!
//! Named invariants:
//! 1. *One Owner*: `LOCKED` is set by a CAS from a free word, or by the one receiver of a
//!    hand-over; until the holder subtracts it, nobody else can do either.
//! 2. *One Awake*: in normal mode a token is released only together with setting `WOKEN`, and its
//!    taker clears it, so at most one woken contender is on its way (K10).
//!
//! Spinning (K5) and waking are per contender; the table of the word is in `state`.

use super::state::{Contender, LOCKED, Leave, STARVING, State, WOKEN};
use crate::lockorder;
use core::fmt;
use gaggle_gopark::{self as gopark, Section, WaitReason, Wake};
use gaggle_lock::nanotime;
use gaggle_prim::sync::atomic::{AtomicU32, Ordering};
use gaggle_prim::{fatal, hint};
use gaggle_race::Place;
use gaggle_sudog::sema::{self, Handoff, Order};

/// A waiter starves after this long (K7).
pub(crate) const PATIENCE: u64 = 1_000_000;

// A model looks once and does not pause: to come back from a pause would cost it a preemption.
const SPINS: u32 = if gaggle_prim::MODEL { 1 } else { 4 };
const PAUSES: u32 = if gaggle_prim::MODEL { 0 } else { 30 };

// Pauses before each look at a mutex that is taken. Each look, and each lucky one still more, costs the holder lines
// that were in its cache, so after the first, for whom it is given back soon, they are far apart (decision 067).
const LOOKS: &[u32] = if gaggle_prim::MODEL { &[0] } else { &[30, 210] };
// Pauses before a sleep: who has just joined the count is likely to be paid by the very next `unlock`.
const LAST: u32 = if gaggle_prim::MODEL { 0 } else { 30 };

const REASON: WaitReason = WaitReason::MutexLock;

/// Waits a little while somebody is `busy` with a lock, if that may be worth it (K5).
pub(crate) fn pause(section: &Section, busy: impl Fn() -> bool) {
    for _ in 0..SPINS {
        if !busy() || !section.can_spin() {
            return;
        }
        rest(PAUSES);
    }
}

fn rest(pauses: u32) {
    for _ in 0..pauses {
        hint::spin_loop();
    }
}

/// A mutex without a value; what [`Mutex`](crate::Mutex) and [`BareMutex`](crate::BareMutex) are
/// made of.
#[derive(Default)]
#[repr(C)]
pub struct RawMutex {
    pub(super) state: AtomicU32,
    pub(super) sema: AtomicU32,
    race: Place,
}

impl RawMutex {
    /// An unlocked mutex.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub const fn new() -> Self {
        Self { state: AtomicU32::new(0), sema: AtomicU32::new(0), race: Place::new() }
    }

    /// An unlocked mutex.
    #[cfg(loom)] // loom's atomics have no const constructors
    pub fn new() -> Self {
        Self { state: AtomicU32::new(0), sema: AtomicU32::new(0), race: Place::new() }
    }

    /// Waits until the mutex is ours. A switch point, even when it does not wait.
    #[inline]
    #[track_caller]
    pub fn lock(&self) {
        lockorder::wants(self.address());
        gopark::switch_point();
        if let Err(seen) = self.lock_fast() {
            self.lock_beside(seen);
        }
        self.taken();
    }

    /// Notes that the mutex was taken.
    #[inline]
    #[track_caller]
    pub(super) fn taken(&self) {
        lockorder::has(self.address());
        self.race.acquire();
    }

    pub(super) fn address(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    /// As [`lock`](Self::lock), for a waiter that starves after `patience` nanoseconds: models
    /// have no clock.
    #[doc(hidden)]
    pub fn lock_with_patience(&self, patience: u64) {
        if self.lock_fast().is_err() {
            self.lock_slow(patience);
        }
    }

    /// Waits until the mutex is ours (true) or until the monotonic nanosecond `deadline`.
    #[inline]
    #[track_caller]
    #[must_use = "false: the mutex was not taken"]
    pub fn lock_until(&self, deadline: u64) -> bool {
        lockorder::awaits(self.address());
        gopark::switch_point();
        let ours = self.lock_fast().is_ok() || self.lock_until_slow(deadline, PATIENCE);
        match ours {
            true => self.taken(),
            false => lockorder::leaves(self.address()),
        }
        ours
    }

    /// As [`lock_until`](Self::lock_until), with the patience of
    /// [`lock_with_patience`](Self::lock_with_patience).
    #[doc(hidden)]
    pub fn lock_until_with_patience(&self, deadline: u64, patience: u64) -> bool {
        self.lock_fast().is_ok() || self.lock_until_slow(deadline, patience)
    }

    /// Takes the mutex if it is free and nobody is starving for it (K4).
    #[inline]
    #[track_caller]
    #[must_use = "false: the mutex was not taken"]
    pub fn try_lock(&self) -> bool {
        let ours = self.try_lock_unnoted();
        if ours {
            self.taken();
        }
        ours
    }

    /// As [`try_lock`](Self::try_lock), of a part of another lock.
    #[inline]
    pub(crate) fn try_lock_unnoted(&self) -> bool {
        let mut old = self.load();
        while old.is_free() {
            match self.exchange(old, State(old.0 | LOCKED)) {
                Ok(()) => return true,
                Err(now) => old = now,
            }
        }
        false
    }

    /// True if somebody holds it at this instant.
    pub fn is_locked(&self) -> bool {
        self.load().has(LOCKED)
    }

    /// Gives the mutex back, whoever took it; of an unlocked one: fatal (K3).
    #[inline]
    pub fn unlock(&self) {
        self.is_given_back();
        self.unlock_unnoted();
    }

    /// Notes that the mutex is about to be given back.
    #[inline]
    pub(crate) fn is_given_back(&self) {
        lockorder::gives(self.address());
        self.race.release();
    }

    /// As [`unlock`](Self::unlock), of what was noted already, or was taken by
    /// [`lock_with_patience`](Self::lock_with_patience) or its kin: part of another lock.
    #[inline]
    pub(crate) fn unlock_unnoted(&self) {
        // Release: pairs with the Acquire in `exchange`.
        let old = self.state.fetch_sub(LOCKED, Ordering::Release);
        if old != LOCKED {
            self.unlock_slow(old);
        }
    }

    #[inline]
    fn lock_fast(&self) -> Result<(), State> {
        self.exchange(State(0), State(LOCKED))
    }

    /// Takes a mutex that is free, but not quiet: while one who was woken is on its way, holders come and go
    /// through here, and pay one exchange more for it and no section.
    #[cold]
    #[inline(never)]
    fn lock_beside(&self, seen: State) {
        if !seen.is_free() || self.exchange(seen, State(seen.0 | LOCKED)).is_err() {
            self.lock_slow(PATIENCE);
        }
    }

    pub(super) fn load(&self) -> State {
        // Relaxed: a guess; the change that follows decides.
        State(self.state.load(Ordering::Relaxed))
    }

    #[inline]
    pub(super) fn exchange(&self, old: State, new: State) -> Result<(), State> {
        // Acquire: pairs with the Release in `unlock`, for changes that take the mutex.
        // Relaxed on failure: nothing was gained.
        self.state
            .compare_exchange(old.0, new.0, Ordering::Acquire, Ordering::Relaxed)
            .map(drop)
            .map_err(State)
    }

    #[cold]
    #[inline(never)]
    fn lock_slow(&self, patience: u64) {
        let mut me = Contender::new(patience);
        let mut section = gopark::enter();
        self.compete(&mut section, &mut me);
        section.leave_at_switch_point();
    }

    pub(super) fn compete(&self, section: &mut Section, me: &mut Contender) {
        while let Some(order) = self.contend(section, me) {
            sema::acquire(section, &self.sema, REASON, order);
            if self.rise(me) {
                break;
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn lock_until_slow(&self, deadline: u64, patience: u64) -> bool {
        let mut me = Contender::new(patience);
        let mut section = gopark::enter();
        let mut ours = true;
        while let Some(order) = self.contend(&section, &mut me) {
            drop(section);
            section = gopark::enter_timed(); // each timed park needs its own room
            let wake = sema::acquire_until(&mut section, &self.sema, REASON, order, deadline);
            if wake == Wake::TimedOut && self.uncount() {
                ours = false;
                break;
            }
            if wake == Wake::TimedOut {
                sema::acquire(&mut section, &self.sema, REASON, Order::Lifo);
            }
            if self.rise(&mut me) {
                break;
            }
        }
        section.leave_at_switch_point();
        ours
    }

    /// Spins, and then takes the mutex (None) or joins the count, and waits a little for the token that the next
    /// `unlock` releases (where to stand in line if none has come).
    fn contend(&self, section: &Section, me: &mut Contender) -> Option<Order> {
        self.spin(section, me);
        let mut old = self.load();
        loop {
            match self.exchange(old, old.contend(me)) {
                Ok(()) if old.is_free() => return None,
                Ok(()) => break,
                Err(now) => old = now,
            }
        }
        let order = if me.has_waited() { Order::Lifo } else { Order::Fifo };
        me.sleep(nanotime());
        if section.can_spin() {
            rest(LAST); // the token is looked for by whoever acquires it, before it sleeps
        }
        Some(order)
    }

    /// Waits a little for the holder, if that may be worth it (K5); says so in `WOKEN`, so that
    /// `unlock` wakes nobody else meanwhile.
    fn spin(&self, section: &Section, me: &mut Contender) {
        for &pauses in LOOKS {
            let old = self.load();
            if !old.has(LOCKED) || old.has(STARVING) || !section.can_spin() {
                return;
            }
            let wants = !me.is_awake() && !old.has(WOKEN) && old.waiters() > 0;
            if wants && self.exchange(old, State(old.0 | WOKEN)).is_ok() {
                me.wake();
            }
            rest(pauses);
        }
    }

    /// After a token was taken: true if the mutex is ours, handed over; else compete again.
    pub(super) fn rise(&self, me: &mut Contender) -> bool {
        me.rise(nanotime());
        let mut old = self.load();
        while old.has(STARVING) {
            // One Owner: the hand-over was to us, so it stays one; but the count may change meanwhile, upwards,
            // and downwards by one whose deadline came: then we may be the last.
            match self.exchange(old, old.receive(me)) {
                Ok(()) => return true,
                Err(now) => old = now,
            }
        }
        me.wake();
        false
    }

    /// After a deadline: true if we are off the count, false if a token is on its way to us.
    pub(super) fn uncount(&self) -> bool {
        let mut old = self.load();
        loop {
            match old.give_up() {
                Leave::TakeToken => return false,
                Leave::Uncount(new) => match self.exchange(old, new) {
                    Ok(()) => return true,
                    Err(now) => old = now,
                },
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn unlock_slow(&self, old: u32) {
        if !State(old).has(LOCKED) {
            fatal!("sync: unlock of unlocked mutex");
        }
        let mut now = State(old - LOCKED);
        if now.has(STARVING) {
            return self.release(Handoff::Yes);
        }
        while let Some(next) = now.wake_one() {
            match self.exchange(now, next) {
                Ok(()) => return self.release(Handoff::No),
                Err(other) => now = other,
            }
        }
    }

    fn release(&self, handoff: Handoff) {
        let mut section = gopark::enter();
        sema::release(&mut section, &self.sema, handoff);
    }
}

#[cfg(debug_assertions)] // where the order of locks can be checked
impl Drop for RawMutex {
    fn drop(&mut self) {
        lockorder::forget(self.address(), || self.is_locked());
    }
}

impl fmt::Debug for RawMutex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Relaxed: for the eye.
        let tokens = self.sema.load(Ordering::Relaxed);
        f.debug_struct("RawMutex").field("state", &self.load()).field("tokens", &tokens).finish()
    }
}

const _: () =
    assert!(gaggle_prim::MODEL || gaggle_race::ON || size_of::<RawMutex>() == 8, "SEMANTICS K12");
