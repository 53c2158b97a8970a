//! A goroutine at one instant, for dumps, while all others run on (SEMANTICS AA1-AA5).
//!
//! Parked and runnable ones are read where they left off, and the reading counts only if their
//! status has not moved meanwhile (gopark's Every Step Counts). Running ones have told where they
//! stand (`probe.rs`). Each goroutine is shown at an instant of its own: nothing is stopped for it.

use crate::ends::hooks::{self, Frames, Trace};
use crate::goroutine::{ancestors, g::Goroutine, tags::Tags};
use crate::machine::{m::M, spawner};
use crate::preempt::clock::{self, Activity};
use crate::replay;
use crate::view::probe::{Answers, FRAMES};
use core::fmt::{self, Write};
use core::panic::Location;
use gaggle_gopark::{self as gopark, MState, Status, WaitReason, coarse_now};
use gaggle_lock::nanotime;
use gaggle_race::Hush;
use std::borrow::Cow;
use std::sync::Arc;

const MINUTE: u64 = 60_000_000_000;

/// The time since that stamp of the coarse clock, which stands still while nobody runs, and is then late.
pub(crate) fn waited(since: u64) -> u64 {
    let now = if replay::is_on() { coarse_now() } else { coarse_now().max(nanotime()) };
    now.saturating_sub(since)
}
/// Readings that may fail because the goroutine moves.
const TRIES: u32 = 32;

/// What a dump says of a goroutine.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) goid: u64,
    /// Its address, for the level that shows addresses.
    address: usize,
    /// The M that runs it.
    m: Option<&'static M>,
    state: State,
    minutes: u64,
    keeps_thread: KeepsThread,
    bubble: u32,
    pub(crate) tags: Option<Arc<Tags>>,
    stack: Stack,
    pub(crate) site: Option<&'static Location<'static>>,
    pub(crate) parent: u64,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Waits(WaitReason),
    Other(&'static str),
}

/// Whether a goroutine is locked to its thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeepsThread {
    Yes,
    No,
}

/// Its frames, or why there are none.
#[derive(Clone, Debug)]
enum Stack {
    Frames(Kept),
    Unavailable(Cow<'static, str>),
}

/// A trace that was kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    pcs: Vec<usize>,
    sps: Vec<usize>,
}

impl Kept {
    /// Keeps one.
    pub(crate) fn of(trace: Trace<'_>) -> Kept {
        Kept { pcs: trace.pcs.to_vec(), sps: trace.sps.to_vec() }
    }

    /// True if there was nobody to collect it.
    pub(crate) fn is_empty(&self) -> bool {
        self.pcs.is_empty()
    }

    /// What was kept.
    pub(crate) fn trace(&self) -> Trace<'_> {
        Trace { pcs: &self.pcs, sps: &self.sps }
    }
}

/// Go's words for one that could not be asked (SEMANTICS C5).
const RUNS_ON: Stack =
    Stack::Unavailable(Cow::Borrowed("goroutine running on other thread; stack unavailable"));

impl Snapshot {
    /// Of the caller itself: `stack` is its own.
    pub(crate) fn of_caller(goroutine: &'static Goroutine, stack: Kept) -> Snapshot {
        let (stack, m) = (Stack::Frames(stack), m_of(goroutine));
        Snapshot { stack, m, ..Snapshot::without_stack(goroutine, State::Other("running"), 0) }
    }

    /// Of the caller, whose frames nobody has kept: `why` stands in their place.
    pub(crate) fn of_caller_without_stack(goroutine: &'static Goroutine, why: String) -> Snapshot {
        let (stack, m) = (Stack::Unavailable(why.into()), m_of(goroutine));
        Snapshot { stack, m, ..Snapshot::without_stack(goroutine, State::Other("running"), 0) }
    }

    /// Of another goroutine; none if it has ended.
    pub(crate) fn of(
        goroutine: &'static Goroutine,
        mut answers: Option<&mut Answers>,
    ) -> Option<Snapshot> {
        for _ in 0..TRIES {
            let look = goroutine.g.status().look();
            let seen = match look.status() {
                Status::Idle | Status::Dead => return None,
                Status::Waiting => {
                    let minutes = waited(goroutine.g.since()) / MINUTE;
                    let state = goroutine.g.reason().map_or(State::Other("waiting"), State::Waits);
                    Some(Snapshot::of_parked(goroutine, state, minutes, answers.as_deref_mut()))
                }
                Status::Runnable => {
                    let state = State::Other("runnable");
                    Some(Snapshot::of_parked(goroutine, state, 0, answers.as_deref_mut()))
                }
                Status::Running | Status::Syscall | Status::Preempted => None,
            };
            if seen.is_some() && goroutine.g.status().stood_still(look) {
                return seen;
            }
            // It runs, or has moved meanwhile: whoever runs it tells.
            let Some(answers) = answers.as_deref_mut() else { continue };
            if let Some(told) = answers.of(goroutine.g.id()) {
                return Some(Snapshot::of_running(goroutine, Some(told)));
            }
            if seen.is_none() {
                answers.pause(); // its thread is about to sit down, or does not answer
            }
        }
        Some(Snapshot::of_running(goroutine, None)) // or it moves all the time
    }

    /// With the stack of `own`, if that is the same goroutine and nobody could tell this one's.
    pub(crate) fn or_stack_of(mut self, own: Option<&Snapshot>) -> Snapshot {
        if let Some(own) = own.filter(|own| own.goid == self.goid)
            && matches!(self.stack, Stack::Unavailable(_))
        {
            self.stack = own.stack.clone();
        }
        self
    }

    fn without_stack(goroutine: &'static Goroutine, state: State, minutes: u64) -> Snapshot {
        let tags = {
            let _section = gopark::enter(); // Looked At
            goroutine.tags.share()
        };
        Snapshot {
            goid: goroutine.g.id(),
            address: core::ptr::from_ref(goroutine).addr(),
            m: None,
            state,
            minutes,
            keeps_thread: if goroutine.is_locked() { KeepsThread::Yes } else { KeepsThread::No },
            bubble: goroutine.g.bubble(),
            tags,
            stack: RUNS_ON,
            site: goroutine.site(),
            parent: goroutine.parent(),
        }
    }

    /// Of one that nobody runs: it waits, or will go on when there is a P for it.
    fn of_parked(
        goroutine: &'static Goroutine,
        state: State,
        minutes: u64,
        answers: Option<&mut Answers>,
    ) -> Snapshot {
        if goroutine.home().is_some() {
            // It keeps its thread, and so has not left its stack: the thread has told. What it saved is from before.
            let told = answers.and_then(|answers| answers.of(goroutine.g.id()));
            let stack = told.map_or(RUNS_ON, |told| Stack::Frames(Kept::of(told)));
            return Snapshot { stack, ..Snapshot::without_stack(goroutine, state, minutes) };
        }
        Snapshot::of_still(goroutine, state, minutes)
    }

    /// Of one that left its stack, if it has one yet.
    fn of_still(goroutine: &'static Goroutine, state: State, minutes: u64) -> Snapshot {
        let walk = || match goroutine.saved() {
            None => Stack::Frames(Kept::default()),
            Some((registers, range)) => match hooks::traceback() {
                None => Stack::Frames(Kept::of(Trace { pcs: &[registers.ip], sps: &[] })),
                Some(traceback) => {
                    let (mut pcs, mut sps) = ([0; FRAMES], [0; FRAMES]);
                    let count = (traceback.walk)(registers, range, &mut pcs, &mut sps);
                    Stack::Frames(Kept::of(Trace { pcs: &pcs[..count], sps: &sps[..count] }))
                }
            },
        };
        // It may go on meanwhile: `of` finds out, and looks again.
        let stack = Hush::looks(walk);
        Snapshot { stack, ..Snapshot::without_stack(goroutine, state, minutes) }
    }

    fn of_running(goroutine: &'static Goroutine, told: Option<Trace<'_>>) -> Snapshot {
        let m = m_of(goroutine);
        let state = State::Other(match goroutine.g.status().get() {
            Status::Preempted => "preempted",
            _ if m.is_some_and(is_in_call) => "syscall",
            _ => "running",
        });
        let stack = told.map_or(RUNS_ON, |told| Stack::Frames(Kept::of(told)));
        Snapshot { stack, m, ..Snapshot::without_stack(goroutine, state, 0) }
    }

    /// True if it waits so, in a bubble, and the reason does not say it (SEMANTICS AA2).
    fn waits_durably(&self) -> bool {
        let State::Waits(reason) = self.state else { return false };
        let said = reason.text().ends_with("(durable)");
        self.bubble != gopark::NO_BUBBLE && reason.is_durable() && !said
    }

    /// What it waits for, if it waits.
    pub(crate) fn reason(&self) -> Option<WaitReason> {
        if let State::Waits(reason) = self.state { Some(reason) } else { None }
    }

    /// What it does, or waits for.
    pub(crate) fn state_text(&self) -> &'static str {
        match self.state {
            State::Waits(reason) => reason.text(),
            State::Other(word) => word,
        }
    }

    /// Its frames, if they are known.
    pub(crate) fn pcs(&self) -> &[usize] {
        if let Stack::Frames(kept) = &self.stack { &kept.pcs } else { &[] }
    }

    /// Writes it in Go's layout, without the empty line before it.
    pub(crate) fn write(&self, frames: Frames, out: &mut dyn Write) -> fmt::Result {
        self.write_with("", frames, out)
    }

    /// As `write`, with `word` behind its state.
    pub(crate) fn write_with(
        &self,
        word: &str,
        frames: Frames,
        out: &mut dyn Write,
    ) -> fmt::Result {
        write!(out, "goroutine {}", self.goid)?;
        if frames == Frames::System {
            write!(out, " gp={:#x}", self.address)?;
            match self.m {
                Some(m) => write!(out, " m={} mp={:#x}", m.id, core::ptr::from_ref(m).addr())?,
                None => out.write_str(" m=nil")?,
            }
        }
        write!(out, " [{}{word}", self.state_text())?;
        if self.waits_durably() {
            out.write_str(" (durable)")?;
        }
        if self.minutes > 0 {
            write!(out, ", {} minutes", self.minutes)?;
        }
        if self.keeps_thread == KeepsThread::Yes {
            out.write_str(", locked to thread")?;
        }
        if self.bubble != gopark::NO_BUBBLE {
            write!(out, ", synctest bubble {}", self.bubble)?;
        }
        out.write_char(']')?;
        if let Some(tags) = &self.tags {
            write!(out, "{tags}")?;
        }
        out.write_str(":\n")?;
        gopark::tell(self.goid, out)?;
        match &self.stack {
            Stack::Unavailable(why) => writeln!(out, "\t{why}")?,
            Stack::Frames(kept) => write_frames(kept.trace(), frames, out)?,
        }
        write_origin(self.site, self.parent, out)?;
        let chain = self.tags.as_ref().and_then(|tags| tags.ancestors.as_ref());
        chain.map_or(Ok(()), |chain| ancestors::write(chain, frames, out))
    }
}

/// Writes frames as Go does, if somebody knows how.
pub(crate) fn write_frames(trace: Trace<'_>, frames: Frames, out: &mut dyn Write) -> fmt::Result {
    match hooks::traceback() {
        Some(traceback) => (traceback.write)(trace, frames, out),
        None => trace.pcs.iter().try_for_each(|pc| writeln!(out, "\t{pc:#x}")),
    }
}

/// "created by": absent for the main goroutine (SEMANTICS AA5).
fn write_origin(site: Option<&Location<'_>>, parent: u64, out: &mut dyn Write) -> fmt::Result {
    match (site, parent) {
        (None, _) => Ok(()),
        (Some(site), 0) => writeln!(out, "created by go statement on a plain thread\n\t{site}"),
        (Some(site), parent) => {
            writeln!(out, "created by go statement in goroutine {parent}\n\t{site}")
        }
    }
}

/// The M that seems to run it.
pub(crate) fn m_of(goroutine: &'static Goroutine) -> Option<&'static M> {
    let mut found = None;
    spawner::for_each_m(|m| {
        if m.seat.g() == Some(goroutine.as_gref()) {
            found = Some(m);
        }
    });
    found
}

/// How many threads have lost their P in a call that still blocks.
pub(crate) fn in_calls() -> usize {
    let mut count = 0;
    spawner::for_each_m(|m| count += usize::from(is_in_call(m)));
    count
}

/// True if it lost its P in a call that still blocks.
pub(crate) fn is_in_call(m: &M) -> bool {
    m.seat.word().state() == MState::Taken && clock::activity(m.tid()) == Activity::Blocks
}
