//! A run that is replayed: one P, every choice drawn from a seed, a clock that moves when all sleep.
//!
//! | phase | meaning | who leaves it |
//! |---|---|---|
//! | `Off` | the scheduler is its own | who has the turn of `run` and that of `procs.rs`, to `Coming` |
//! | `Coming` | there is one P, and no more come; its M is called here | that M, to `Here` |
//! | `Here` | the M waits for the main goroutine | who called it, to `On` |
//! | `On` | the M draws who goes on | the M, to `Off` |
//!
//! Every switch of such a run goes by the M's own stack, because something has the attention of all
//! rounds ([`Attention::Replay`]); there [`pick`] decides. Whoever is picked is asked for its time slice
//! at once, so every switch point comes back here. While no run is replayed nobody looks into this file
//! but through that one word, which is looked at anyway.
//!
//! *Only P*: what is in `Own` is touched by the M that has the only P, inside a section; before `Here`
//! and after `Off` by who has the turn of `run`.

mod calls;
mod clock;
mod end;
mod face;
mod window;

use crate::machine::{m::M, p::P, procs};
use crate::preempt::{suspend, sysmon};
use crate::state::{Attention, SCHED};
pub(crate) use calls::free_for_a_call;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use end::Ending;
pub use face::{Failure, How, Outcome, Plan, Step, replay, replay_seed, wanted_seed};
pub(crate) use face::{judged, note_panic, print_seed, stay_for_ever, whole};
use gaggle_gopark::{self as gopark, GRef, Section};
use gaggle_lock::read_shown_clock;
use window::Window;

/// Where a replayed run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
enum Phase {
    Off,
    Coming,
    Here,
    On,
}

/// Whether the main goroutine has ended, and whether somebody has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
enum Main {
    Lives,
    Ended,
    /// A panic that nobody caught: nobody goes on.
    Failed,
}

struct Replay {
    phase: AtomicU32,
    main: AtomicU32,
    seed: AtomicU64,
    own: UnsafeCell<Own>,
}

/// What the M decides from, and what it writes down.
struct Own {
    how: How,
    window: Window,
    /// Its main goroutine's number: those below are no part of this run.
    first: u64,
    /// Goroutines that lived before.
    others: usize,
    /// What the clock showed first, and shows now.
    began: u64,
    now: u64,
    /// One in so many times the one that ran last does not go on if it can; 1 is never.
    restless: u64,
    last: u64,
    steps: u64,
    most_steps: u64,
    patience: u64,
    fingerprint: u64,
    from_outside: u64,
    log: Vec<Step>,
    ending: Ending,
}

// SAFETY: Only P.
unsafe impl Sync for Replay {}

static REPLAY: Replay = Replay {
    phase: AtomicU32::new(Phase::Off as u32),
    main: AtomicU32::new(Main::Lives as u32),
    seed: AtomicU64::new(0),
    own: UnsafeCell::new(Own::empty()),
};

impl Replay {
    fn phase(&self) -> Phase {
        // Acquire: pairs with the Release in `enter`: what the other side prepared is seen.
        match self.phase.load(Ordering::Acquire) {
            0 => Phase::Off,
            1 => Phase::Coming,
            2 => Phase::Here,
            _ => Phase::On,
        }
    }

    fn enter(&self, phase: Phase) {
        // Release: pairs with the Acquire in `phase`.
        self.phase.store(phase as u32, Ordering::Release);
    }

    fn main(&self) -> Main {
        // Relaxed: the only M wrote it.
        match self.main.load(Ordering::Relaxed) {
            0 => Main::Lives,
            1 => Main::Ended,
            _ => Main::Failed,
        }
    }

    fn set_main(&self, main: Main) {
        self.main.store(main as u32, Ordering::Relaxed); // Relaxed: as above
    }

    /// # Safety
    ///
    /// Only P.
    #[allow(clippy::mut_from_ref, reason = "Only P: one at a time")]
    unsafe fn own(&self) -> &mut Own {
        // SAFETY: the caller's promise.
        unsafe { &mut *self.own.get() }
    }
}

impl Own {
    const fn empty() -> Self {
        Self {
            how: How::Whole,
            window: Window::new(),
            first: 0,
            others: 0,
            began: 0,
            now: 0,
            restless: 1,
            last: 0,
            steps: 0,
            most_steps: u64::MAX,
            patience: 0,
            fingerprint: 0,
            from_outside: 0,
            log: Vec::new(),
            ending: Ending::None,
        }
    }
}

/// True while the only M belongs to a replayed run: nobody takes its P or moves its clock.
pub(crate) fn is_on() -> bool {
    matches!(REPLAY.phase(), Phase::Here | Phase::On)
}

/// True from when there is only one P for a run that is replayed: nobody adds one.
pub(crate) fn has_begun() -> bool {
    REPLAY.phase() != Phase::Off
}

/// Who runs next. None: no run is replayed (any more), the ordinary round decides.
#[cold]
#[inline(never)]
pub(crate) fn pick(section: &mut Section, m: &'static M, p: &'static P) -> Option<GRef> {
    if REPLAY.phase() == Phase::Off {
        return None;
    }
    come_in(p);
    // SAFETY: Only P: `m` has it, and nobody is called here any more.
    let own = unsafe { REPLAY.own() };
    read_shown_clock(); // a pinned goroutine may have brought us to another thread
    gopark::forget_choices();
    loop {
        own.gather(p);
        if let Some(g) = own.next() {
            p.tick();
            m.seat.word().ask(); // false: nobody else asks
            return Some(g);
        }
        if own.ending == Ending::None {
            own.wait(section, p);
        }
        if own.ending != Ending::None {
            own.end(section);
            return None;
        }
    }
}

/// The M was called: tells that it has come, and waits for the main goroutine.
fn come_in(p: &P) {
    if REPLAY.phase() != Phase::Coming {
        return;
    }
    p.owned.next_id.set(0); // numbers follow on the main goroutine's
    p.owned.last_id.set(0);
    REPLAY.enter(Phase::Here);
    suspend::release_all(); // what they have locked this run may need, and nobody gives them a P meanwhile
    // A monitor that began to look before it could see us here is waited for: nothing gives a P back that it takes from now on.
    while REPLAY.phase() == Phase::Here || sysmon::GAZE.is_on() {
        clock::nap();
    }
}

impl Own {
    /// Takes in whoever has become runnable.
    fn gather(&mut self, p: &P) {
        let mut all = p.runq.drain();
        while let Some(g) = all.pop_front() {
            self.take_in(g);
        }
        let mut inner = SCHED.lock();
        while self.window.has_room()
            && let Some(g) = inner.backlog.pop()
        {
            self.take_in(g);
        }
    }

    fn take_in(&mut self, g: GRef) {
        if g.id() < self.first && self.how == How::Judged {
            self.window.set_aside(g);
        } else if let Err(g) = self.window.put(g) {
            SCHED.lock().backlog.push(g); // comes in when there is room
        }
    }

    /// Draws one of those that can go on; none if there is none, or nobody is to go on.
    fn next(&mut self) -> Option<GRef> {
        if REPLAY.main() == Main::Failed {
            self.ending = Ending::Panic;
        } else if REPLAY.main() == Main::Ended && self.how == How::Whole {
            self.ending = Ending::Done;
        } else if self.steps >= self.most_steps {
            self.ending = Ending::Steps;
        }
        if self.ending != Ending::None || self.window.is_empty() {
            return None;
        }
        let runnable = self.window.len() as u32;
        let stays = self.restless > 1
            && self.window.newest() == Some(self.last)
            && !gopark::draw().is_multiple_of(self.restless);
        let g = if stays { self.window.take_newest() } else { self.window.take(gopark::draw()) }?;
        self.last = g.id();
        self.write_down(runnable);
        Some(g)
    }

    fn write_down(&mut self, runnable: u32) {
        let (goroutine, at) = ((self.last + 1).wrapping_sub(self.first), self.now - self.began);
        self.steps += 1;
        for word in [goroutine, u64::from(runnable), at] {
            self.fingerprint = (self.fingerprint ^ word).wrapping_mul(0x0000_0100_0000_01b3);
            self.fingerprint ^= self.fingerprint >> 29;
        }
        if self.log.len() < self.log.capacity() {
            self.log.push(Step { goroutine, runnable, at });
        }
    }
}

/// Begins: makes the only M come here. The caller has the turn of `run`. How many Ps there were.
fn begin(seed: u64) -> procs::Before {
    REPLAY.seed.store(seed, Ordering::Relaxed); // Relaxed: for reports
    REPLAY.set_main(Main::Lives);
    let before = procs::one(|| REPLAY.enter(Phase::Coming));
    SCHED.set_attention(Attention::Replay);
    while REPLAY.phase() == Phase::Coming {
        {
            let _section = gopark::enter();
            crate::round::wakeup::injected();
        }
        clock::nap();
    }
    before
}

/// The main goroutine's function has returned. True if the run goes on without it.
pub(crate) fn goes_on_without_main() -> bool {
    if REPLAY.phase() != Phase::On {
        return false;
    }
    if REPLAY.main() == Main::Lives {
        REPLAY.set_main(Main::Ended);
    }
    // SAFETY: Only P: the main goroutine ran on it.
    let own = unsafe { REPLAY.own() };
    own.how == How::Judged
}
