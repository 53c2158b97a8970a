//! A replayed run as its caller sees it: a plan, and what came of it.

use super::{Own, Phase, REPLAY};
use crate::ends::panics;
use crate::goroutine::g::{Goroutine, Role};
use crate::goroutine::spawn;
use crate::machine::procs;
use crate::replay::end::Ending;
use crate::state::SCHED;
use crate::view::{dump, schedtrace::Line};
use crate::{promise, run};
use core::fmt::Write as _;
use core::panic::Location;
use core::sync::atomic::Ordering;
use gaggle_gopark::{self as gopark, Commit, Task, WaitReason, seed_choices};
use gaggle_lock::{Mutex, Rank, nanotime, show_clock};
use std::sync::OnceLock;

/// Whose run is replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The program's: its failures are the process's.
    Whole,
    /// A call's: it is over when all its goroutines have ended, and its failures are handed back.
    Judged,
}

/// What is to be replayed.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Where all choices come from.
    pub seed: u64,
    /// Whose run it is.
    pub how: How,
    /// How often somebody may be picked.
    pub most_steps: u64,
    /// Nanoseconds that a thread outside is waited for when nothing else could go on.
    pub patience: u64,
    /// How many steps are written down.
    pub log: usize,
}

/// One choice of who goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The number of the goroutine; the main goroutine's is 1.
    pub goroutine: u64,
    /// Among how many it was drawn.
    pub runnable: u32,
    /// Nanoseconds on the clock of the run.
    pub at: u64,
}

/// Why a run is not in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody caught it.
    Panic(String),
    /// Main and all others wait for ever; the text shows where.
    Deadlock(String),
    /// Main has ended, and these wait for ever.
    LeftBehind(String),
    /// It was not over after so many steps.
    Steps(u64),
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// None if it was in order.
    pub failure: Option<Failure>,
    /// How often somebody was picked.
    pub steps: u64,
    /// Two runs with the same one were the same, step by step.
    pub fingerprint: u64,
    /// Nanoseconds on the clock of the run.
    pub elapsed: u64,
    /// How often somebody outside had to be waited for: if ever, the seed alone decides nothing.
    pub from_outside: u64,
    /// The first steps.
    pub log: Vec<Step>,
}

/// The words of a panic that ended a judged run.
static WORDS: Mutex<Option<String>> = Mutex::new(Rank::Leaf, None);

/// The seed of `GAGGLE_SEED`, if it has one.
pub fn wanted_seed() -> Option<u64> {
    static SEED: OnceLock<Option<u64>> = OnceLock::new();
    *SEED.get_or_init(|| {
        let text = std::env::var("GAGGLE_SEED").ok()?;
        let text = text.trim();
        let seed = text
            .strip_prefix("0x")
            .map_or_else(|| text.parse().ok(), |digits| u64::from_str_radix(digits, 16).ok());
        if seed.is_none() {
            dump::print(&format!("gaggle: GAGGLE_SEED: {text:?} is no number\n"));
        }
        seed
    })
}

/// The seed of the run that the calling goroutine is part of, if it is replayed.
pub fn replay_seed() -> Option<u64> {
    crate::on_goroutine().then(seed_now).flatten()
}

/// The seed of the run that is replayed just now, if one is.
fn seed_now() -> Option<u64> {
    // Relaxed: written before the phase.
    super::is_on().then(|| REPLAY.seed.load(Ordering::Relaxed))
}

/// The last line of a report about a process that dies while a run is replayed. Async-signal-safe.
pub(crate) fn print_seed() {
    if let Some(seed) = seed_now() {
        let mut line = Line::new();
        // It fits.
        let _ = writeln!(line, "\nthis schedule comes from a seed: GAGGLE_SEED={seed} replays it");
        line.flush();
    }
}

/// The current goroutine, if a panic of it ends its run and not the process.
pub(crate) fn judged() -> Option<&'static Goroutine> {
    panics::current().filter(|goroutine| is_judged(goroutine))
}

fn is_judged(goroutine: &Goroutine) -> bool {
    if REPLAY.phase() != Phase::On {
        return false;
    }
    // SAFETY: Only P: if the goroutine is of the run, it is on it; the two words stay as they are
    // while the phase is `On`, so others may look.
    let own = unsafe { &*REPLAY.own.get() };
    own.how == How::Judged && goroutine.g.id() >= own.first
}

/// A goroutine of a judged run has panicked, and its report is printed: nobody goes on.
pub(crate) fn note_panic(words: String) {
    let before = {
        let _section = gopark::enter();
        WORDS.lock().replace(words)
    };
    drop(before); // outside the section
    REPLAY.set_main(super::Main::Failed);
}

/// The current goroutine stays where it is: it is one of a run that has failed.
pub(crate) fn stay_for_ever() -> ! {
    let mut section = gopark::enter();
    loop {
        section.park(WaitReason::Join, Commit::none()); // nobody readies it
    }
}

/// Runs `task` as the main goroutine of a replayed run and waits for its end. Concurrent runs queue.
///
/// # Panics
///
/// If called on a goroutine.
///
/// # Safety
///
/// That of [`run`](crate::run).
#[track_caller]
pub unsafe fn replay(task: Task, site: &'static Location<'static>, plan: Plan) -> Outcome {
    begin_and_wait(task, site, plan)
}

/// As [`replay`], whose promise was given.
#[track_caller]
fn begin_and_wait(task: Task, site: &'static Location<'static>, plan: Plan) -> Outcome {
    assert!(
        !crate::on_goroutine(),
        "a replayed run was called for on a goroutine: runs do not nest"
    );
    let log = log_of(&plan); // before anybody waits for us
    promise::give();
    run::wait_for_turn();
    while REPLAY.phase() != Phase::Off {
        std::thread::yield_now(); // the one before has woken its caller, and is about to leave
    }
    let before = super::begin(plan.seed);
    // SAFETY: Only P: its M waits.
    *unsafe { REPLAY.own() } = Own::of(&plan, log);
    seed_choices(plan.seed);
    spawn::spawn_as(Role::Main, task, site, spawn::Options::default());
    REPLAY.enter(Phase::On);
    run::wait_for_end();
    while REPLAY.phase() != Phase::Off {
        std::thread::yield_now(); // a whole program's main has ended, and its M is about to leave
    }
    // SAFETY: Only P: the run is over.
    let own = core::mem::replace(unsafe { REPLAY.own() }, Own::empty());
    let outcome = own.into_outcome();
    procs::as_before(before);
    run::give_turn_back();
    outcome
}

/// Replays the program: what [`run`](crate::run) does under `GAGGLE_SEED`.
pub(crate) fn whole(task: Task, site: &'static Location<'static>, seed: u64) {
    let (how, most_steps, patience) = (How::Whole, u64::MAX, u64::MAX);
    begin_and_wait(task, site, Plan { seed, how, most_steps, patience, log: 0 });
    panics::let_crashes_win();
}

/// Room for the steps that are to be written down, of which there are no more than may be made.
#[track_caller]
fn log_of(plan: &Plan) -> Vec<Step> {
    let room = usize::try_from(plan.most_steps).unwrap_or(usize::MAX).min(plan.log);
    let mut log = Vec::new();
    if log.try_reserve_exact(room).is_err() {
        panic!("sim: there is no memory for a log of {room} steps");
    }
    log
}

impl Own {
    fn of(plan: &Plan, log: Vec<Step>) -> Own {
        let now = nanotime();
        show_clock(now);
        Own {
            how: plan.how,
            first: SCHED.take_ids(1) + 1,
            others: SCHED.live(),
            began: now,
            now,
            // One seed in two draws evenly; the others stay with who runs, more or less.
            restless: [1, 2, 1, 8][(plan.seed % 4) as usize],
            most_steps: plan.most_steps,
            patience: plan.patience,
            log,
            ..Own::empty()
        }
    }

    fn into_outcome(self) -> Outcome {
        let waiting = || dump::stacks_from(self.first);
        let failure = match self.ending {
            Ending::None | Ending::Done => None,
            Ending::Deadlock => Some(Failure::Deadlock(waiting())),
            Ending::LeftBehind => Some(Failure::LeftBehind(waiting())),
            Ending::Steps => Some(Failure::Steps(self.steps)),
            Ending::Panic => {
                let words = WORDS.lock().take();
                Some(Failure::Panic(words.unwrap_or_default()))
            }
        };
        Outcome {
            failure,
            steps: self.steps,
            fingerprint: self.fingerprint,
            elapsed: self.now - self.began,
            from_outside: self.from_outside,
            log: self.log,
        }
    }
}
