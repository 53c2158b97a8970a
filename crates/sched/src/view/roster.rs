//! Who there is, and what each does, without stacks: for pages and tools. Nobody is stopped, so each line is of an
//! instant of its own.

use crate::goroutine::g::{self, Goroutine};
use crate::machine::m::{M, Spinning};
use crate::machine::p::{P, Place};
use crate::machine::spawner;
use crate::state::SCHED;
use crate::view::snapshot::waited;
use core::panic::Location;
use core::time::Duration;
use gaggle_gopark::{self as gopark, MState, Status, WaitReason};

/// A P.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RosterP {
    /// Its number.
    pub id: u32,
    /// `idle`, `running` or `retired`.
    pub place: &'static str,
    /// The M that has it.
    pub m: Option<u32>,
    /// The goroutine that runs on it.
    pub goid: Option<u64>,
    /// Goroutines in its queue.
    pub queued: usize,
    /// Timers in its heap, those included that have ended and are still there.
    pub timers: usize,
    /// Time slices so far.
    pub ticks: u32,
    /// How often it was taken from an M that blocked or computed too long.
    pub handoffs: u32,
}

/// An M, which is a thread.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RosterM {
    /// Its number.
    pub id: u32,
    /// The kernel's number of its thread.
    pub tid: i32,
    /// The P that it has.
    pub p: Option<u32>,
    /// The goroutine that it runs, or has blocked with.
    pub goid: Option<u64>,
    /// `running`, `spinning`, `idle`, `without a P`, `stopped`.
    pub state: &'static str,
}

/// A goroutine.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RosterG {
    /// Its number.
    pub goid: u64,
    /// Who started it; 0 is a plain thread.
    pub parent: u64,
    /// Its `go` statement; none for a main goroutine.
    pub site: Option<&'static Location<'static>>,
    /// Go's word for what it does: `running`, `runnable`, or what it waits for.
    pub state: &'static str,
    /// How long it has waited.
    pub waited: Option<Duration>,
    /// Its name and labels, as dumps show them.
    pub tags: String,
    /// True if it keeps its thread.
    pub locked: bool,
}

/// All of them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Roster {
    /// Goroutines in the global queue.
    pub queued: usize,
    /// Ms that look for work.
    pub spinning: u32,
    /// The Ps there are, retired ones included.
    pub ps: Vec<RosterP>,
    /// The Ms there are.
    pub ms: Vec<RosterM>,
    /// The goroutines that live, by number.
    pub goroutines: Vec<RosterG>,
}

/// Takes it. It looks at every goroutine there ever was at once.
pub fn roster() -> Roster {
    let mut ms = Vec::with_capacity(64);
    spawner::for_each_m(|m| ms.push(look_at_m(m)));
    ms.sort_by_key(|m| m.id);
    let ps = SCHED.all_ps().map(|p| look_at_p(p, &ms)).collect();
    let mut goroutines = Vec::new();
    g::for_each(|goroutine| goroutines.extend(look_at_g(goroutine)));
    goroutines.sort_by_key(|g| g.goid);
    let queued = {
        let _section = gopark::enter();
        SCHED.lock().backlog.queue_len()
    };
    Roster { queued, spinning: SCHED.wake.spinning(), ps, ms, goroutines }
}

fn look_at_m(m: &M) -> RosterM {
    let p = m.p_seen();
    let goid = m.seat.g().map(|g| g.id()).filter(|&goid| goid != 0);
    let state = match m.seat.word().state() {
        MState::Queued | MState::Stopped => "stopped",
        MState::Taken => "without a P",
        MState::Run | MState::Ask if m.spinning.get() == Spinning::Yes => "spinning",
        MState::Run | MState::Ask if p.is_some() => "running",
        MState::Run | MState::Ask if goid.is_some() => "without a P",
        MState::Run | MState::Ask => "idle",
    };
    RosterM { id: m.id, tid: m.tid(), p, goid, state }
}

fn look_at_p(p: &P, ms: &[RosterM]) -> RosterP {
    let m = ms.iter().find(|m| m.p == Some(p.id));
    let place = match p.place() {
        Place::Retired => "retired",
        Place::Idle => "idle",
        Place::Out => "running",
    };
    RosterP {
        id: p.id,
        place,
        m: m.map(|m| m.id),
        goid: m.and_then(|m| m.goid),
        queued: p.runq.len(),
        timers: {
            let _section = gopark::enter();
            p.timers.len()
        },
        ticks: p.schedtick(),
        handoffs: p.handoffs(),
    }
}

fn look_at_g(goroutine: &'static Goroutine) -> Option<RosterG> {
    let (goid, status) = (goroutine.g.id(), goroutine.g.status().get());
    if goid == 0 || matches!(status, Status::Idle | Status::Dead) {
        return None;
    }
    let reason = goroutine.g.reason().filter(|_| status == Status::Waiting);
    let since = goroutine.g.since();
    let waits = reason.is_some() && since != 0;
    let tags = {
        let _section = gopark::enter(); // Looked At
        goroutine.tags.share()
    };
    Some(RosterG {
        goid,
        parent: goroutine.parent(),
        site: goroutine.site(),
        state: reason.map_or(status.text(), WaitReason::text),
        waited: waits.then(|| Duration::from_nanos(waited(since))),
        tags: tags.map(|tags| tags.to_string()).unwrap_or_default(),
        locked: goroutine.is_locked(),
    })
}
