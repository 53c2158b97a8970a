//! The group's word: `counter << 32 | BUBBLED | waiters` (SEMANTICS M6), and one semaphore.
//!
//! | word | meaning | who may leave it |
//! |---|---|---|
//! | counter 0, waiters 0 | nobody to wait for | `add` |
//! | counter > 0 | they work | `add`; `wait` counts itself in; a waiter whose deadline came counts itself out |
//! | counter 0, waiters > 0 | the last is done | it, by CAS to zero, and then it releases the waiters; timed waiters, as above |
//! | counter < 0 | misuse, reported | nobody who plays by the rules |
//!
//! *Registered Or Paid*: waiters on the count plus tokens not yet taken are as many as there are
//! waiters in line or on their way into it. So a waiter whose deadline came takes one off the
//! count; if there is none, the last `done` has paid for it and its token is on its way.
//!
//! `BUBBLED` is set while the group belongs to a bubble: from the first `add` in one until a `wait` finds
//! nobody to wait for, or is woken (SEMANTICS W7). A word with it takes the slow paths. Whose group it is, is
//! stored before it, by who holds the lock of those who enter; so who sees the flag sees the number.
//!
//! What was done before `done` is seen after `wait`: the release halves of all `add`s are one
//! release sequence, which the acquire half of the last `add`, or of `wait`'s look, reads.

use core::fmt;
use core::panic::RefUnwindSafe;
use gaggle_gopark::{self as gopark, NO_BUBBLE, WaitReason, Wake};
use gaggle_lock::{Mutex, Rank};
use gaggle_prim::fatal;
use gaggle_prim::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use gaggle_race::{Access, Hush, Object, Place};
use gaggle_sudog::sema::{self, Handoff, Order};

/// The group belongs to a bubble.
const BUBBLED: u32 = 1 << 31;

/// One value of the word.
#[derive(Clone, Copy)]
struct State(u64);

impl State {
    fn counter(self) -> i32 {
        (self.0 >> 32) as i32
    }

    fn waiters(self) -> u32 {
        self.0 as u32 & !BUBBLED
    }

    fn is_bubbled(self) -> bool {
        self.0 as u32 & BUBBLED != 0
    }

    /// True if somebody waits, or the group belongs to a bubble.
    fn needs_care(self) -> bool {
        self.0 as u32 != 0
    }

    fn plus(delta: i32) -> u64 {
        (delta as u64) << 32
    }
}

/// Why a group cannot belong to a bubble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It was counted from outside.
    Outside,
    /// It belongs to another.
    Other,
}

/// What all handles of a group share.
pub(super) struct Group {
    state: AtomicU64,
    sema: AtomicU32,
    /// The bubble it belongs to, while `BUBBLED` is set; or the last one. Written under `entering` only.
    bubble: AtomicU32,
    /// One at a time makes the group its bubble's.
    entering: Mutex<()>,
    race: Place,
    /// Read by the first `add`, written by the first `wait`: those two are to be ordered (SEMANTICS Z4).
    first: Object,
}

/// As of the atomics that it is: the lock has no value that a panic could leave half changed.
impl RefUnwindSafe for Group {}

impl Default for Group {
    fn default() -> Self {
        Self {
            state: AtomicU64::new(0),
            sema: AtomicU32::new(0),
            bubble: AtomicU32::new(NO_BUBBLE),
            entering: Mutex::new(Rank::Leaf, ()),
            race: Place::default(),
            first: Object::default(),
        }
    }
}

impl Group {
    fn load(&self) -> State {
        // Acquire: pairs with the release half in `add`.
        State(Hush::over(|| self.state.load(Ordering::Acquire)))
    }

    fn exchange(&self, old: State, new: u64) -> Result<(), State> {
        // AcqRel: continues the release sequence of the `add`s; Acquire on failure as in `load`.
        let (done, lost) = (Ordering::AcqRel, Ordering::Acquire);
        let was = Hush::over(|| self.state.compare_exchange(old.0, new, done, lost));
        was.map(drop).map_err(State)
    }

    #[inline]
    #[track_caller]
    pub(super) fn add(&self, delta: i32) {
        if delta > 0 && gopark::any_bubbles() {
            return self.add_in_bubbles(delta);
        }
        self.change(delta);
    }

    /// There may be bubbles.
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn add_in_bubbles(&self, delta: i32) {
        self.enter_bubble();
        self.change(delta);
    }

    #[inline(always)]
    #[track_caller]
    fn change(&self, delta: i32) {
        let delta_word = State::plus(delta);
        if delta < 0 {
            self.race.release_merge();
        }
        // AcqRel: Release for the waits that this ends, Acquire because we may be the one who
        // wakes them in the name of all others (pairs with itself in the other `add`s).
        let old = Hush::over(|| self.state.fetch_add(delta_word, Ordering::AcqRel));
        let now = State(old.wrapping_add(delta_word));
        if delta > 0 && gaggle_race::ON && now.counter() == delta {
            self.first.access(Access::Read, "gaggle::sync::WaitGroup::add");
        }
        if now.counter() <= 0 || now.needs_care() {
            self.add_slow(now, delta);
        }
    }

    /// The group now belongs to the caller's bubble, or to none as the caller does. One cannot be counted
    /// from both sides (SEMANTICS W6).
    fn enter_bubble(&self) {
        let caller = gopark::bubble();
        if caller == NO_BUBBLE {
            if self.load().is_bubbled() {
                inside_and_outside();
            }
            return;
        }
        match self.enter(caller) {
            Ok(()) => {}
            Err(Refused::Outside) => inside_and_outside(),
            Err(Refused::Other) => {
                fatal!("sync: WaitGroup.Add called from multiple synctest bubbles")
            }
        }
    }

    /// Makes the group that of the bubble `caller`, or finds that it is already. The number comes before the
    /// flag: another first `add` of the same bubble goes by both.
    pub(super) fn enter(&self, caller: u32) -> Result<(), Refused> {
        let _section = gopark::enter();
        let _entering = self.entering.lock();
        let now = self.load();
        // Relaxed: the lock orders it for us, the flag below for who has seen that.
        if !now.is_bubbled() {
            self.bubble.store(caller, Ordering::Relaxed);
        } else if self.bubble.load(Ordering::Relaxed) != caller {
            return Err(Refused::Other);
        }
        // AcqRel: continues the release sequence of the `add`s; Release for the number.
        let old = State(Hush::over(|| self.state.fetch_or(BUBBLED.into(), Ordering::AcqRel)));
        if old.is_bubbled() || old.0 == 0 { Ok(()) } else { Err(Refused::Outside) }
    }

    /// Nobody is waited for: the group belongs to no bubble any more.
    #[cold]
    fn leave_bubble(&self, now: State) {
        if now.counter() == 0 && now.waiters() == 0 && self.is_of_caller() {
            let _ = self.exchange(now, 0); // or somebody has begun to use it again
        }
    }

    fn is_of_caller(&self) -> bool {
        // Relaxed: see `enter`.
        self.bubble.load(Ordering::Relaxed) == gopark::bubble()
    }

    /// What the caller waits for.
    fn reason(&self) -> WaitReason {
        let bubbled = self.load().is_bubbled() && self.is_of_caller();
        if bubbled { WaitReason::WaitGroupWaitDurable } else { WaitReason::WaitGroupWait }
    }

    #[inline(never)]
    #[track_caller]
    fn add_slow(&self, now: State, delta: i32) {
        if now.is_bubbled() {
            return self.add_slow_in_bubble(now, delta);
        }
        self.changed(now, delta);
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    fn add_slow_in_bubble(&self, now: State, delta: i32) {
        if !self.is_of_caller() {
            inside_and_outside();
        }
        self.changed(now, delta);
    }

    /// The word is `now`, after `delta` was added.
    #[inline(always)]
    #[track_caller]
    fn changed(&self, now: State, delta: i32) {
        if now.counter() < 0 {
            panic!("sync: negative WaitGroup counter");
        }
        if now.waiters() != 0 && delta > 0 && now.counter() == delta {
            misuse();
        }
        if now.counter() == 0 && now.waiters() != 0 {
            self.release_all(now);
        }
    }

    /// The last is done: zeroes the word, then wakes whoever was counted, first come first.
    #[cold]
    #[track_caller]
    fn release_all(&self, mut last: State) {
        // With the counter at zero nobody may count in; deadlines may count out.
        while let Err(now) = self.exchange(last, 0) {
            if now.counter() != 0 {
                misuse();
            }
            last = now;
        }
        let mut section = gopark::enter();
        for _ in 0..last.waiters() {
            sema::release(&mut section, &self.sema, Handoff::No);
        }
    }

    /// Counts the caller in; false if there is nobody to wait for.
    fn count_in(&self) -> bool {
        let mut old = self.load();
        while old.counter() != 0 {
            match self.exchange(old, old.0 + 1) {
                Ok(()) => {
                    if old.waiters() == 0 {
                        self.first.access(Access::Write, "gaggle::sync::WaitGroup::wait");
                    }
                    return true;
                }
                Err(now) => old = now,
            }
        }
        if old.is_bubbled() {
            self.leave_bubble(old);
        }
        false
    }

    /// After a deadline: true if the caller is off the count, false if a token is on its way.
    fn count_out(&self) -> bool {
        let mut old = self.load();
        while old.waiters() != 0 {
            match self.exchange(old, old.0 - 1) {
                Ok(()) => return true,
                Err(now) => old = now,
            }
        }
        false
    }

    #[inline]
    #[track_caller]
    pub(super) fn wait(&self) {
        if self.load().0 != 0 {
            self.wait_slow();
        }
        self.race.acquire();
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    fn wait_slow(&self) {
        if !self.count_in() {
            return;
        }
        let reason = self.reason();
        let mut section = gopark::enter();
        sema::acquire(&mut section, &self.sema, reason, Order::Fifo);
        section.leave_at_switch_point();
        self.check_reuse();
    }

    #[track_caller]
    pub(super) fn wait_until(&self, deadline: u64) -> bool {
        if self.load().0 == 0 || !self.count_in() {
            self.race.acquire();
            return true;
        }
        let reason = self.reason();
        let mut section = gopark::enter_timed();
        let sema = &self.sema;
        let wake = sema::acquire_until(&mut section, sema, reason, Order::Fifo, deadline);
        let left = wake == Wake::TimedOut && self.count_out();
        if wake == Wake::TimedOut && !left {
            sema::acquire(&mut section, sema, reason, Order::Lifo);
        }
        section.leave_at_switch_point();
        if !left {
            self.race.acquire();
            self.check_reuse();
        }
        !left
    }

    #[track_caller]
    fn check_reuse(&self) {
        if self.load().0 != 0 {
            panic!("sync: WaitGroup is reused before previous Wait has returned");
        }
    }
}

#[cold]
fn inside_and_outside() -> ! {
    fatal!("sync: WaitGroup.Add called from inside and outside synctest bubble");
}

#[cold]
#[track_caller]
fn misuse() -> ! {
    panic!("sync: WaitGroup misuse: Add called concurrently with Wait");
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.load();
        f.debug_struct("Group")
            .field("counter", &state.counter())
            .field("waiters", &state.waiters())
            .finish()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{AtomicU64, Group};
    use std::panic::catch_unwind;

    /// A group whose word says this.
    fn group(counter: u64, waiters: u64) -> Group {
        Group { state: AtomicU64::new(counter << 32 | waiters), ..Group::default() }
    }

    fn words_of(f: impl FnOnce() + std::panic::UnwindSafe) -> &'static str {
        catch_unwind(f).unwrap_err().downcast_ref::<&str>().copied().unwrap()
    }

    /// M3: what can be seen of misuse is said in Go's words.
    #[test]
    fn misuse_that_is_seen_is_said() {
        // The last is done, its waiter is not woken yet, and another begins.
        let late = "sync: WaitGroup misuse: Add called concurrently with Wait";
        assert_eq!(words_of(|| group(0, 1).add(1)), late);
        // The waiter comes back, and there is a new round already.
        let reused = "sync: WaitGroup is reused before previous Wait has returned";
        assert_eq!(words_of(|| group(1, 0).check_reuse()), reused);
        assert_eq!(words_of(|| group(0, 0).add(-1)), "sync: negative WaitGroup counter"); // M2
    }
}
