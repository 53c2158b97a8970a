//! Who computes, or blocks, where something urgent is to run: a timer that is due, or who waits for a descriptor that is ready.
//!
//! *Only Who Is In The Way*: a P whose goroutines come to their switch points sees what is urgent there, and to stop a thread that
//! only waits for a CPU would serve nobody; on a crowded machine it stopped one connection of a server after the other.

use crate::machine::{m::M, spawner};
use crate::preempt::clock::{self, Activity};
use crate::preempt::retake;
use crate::state::p_at;
use gaggle_gopark as gopark;

/// When a P is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// By whose turn it is.
    InTurn,
    /// For what is urgent.
    AtOnce,
}

/// Whether somebody had to give way to what is urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the monitor hurries then"]
pub(crate) enum Way {
    /// Nobody stood in it.
    Free,
    /// One who computed lost its P.
    Made,
}

/// A timer is due and every P is busy: takes the P of the goroutine that has computed longest,
/// for a moment; of those outside the runtime, if there are any. Inside a section.
pub(crate) fn make_way(now: u64) -> Way {
    let mut longest: Option<((bool, u64), &'static M)> = None;
    spawner::for_each_m(|m| {
        let order = (m.seat.depth() != 0, m.seen.since());
        if longest.is_none_or(|(first, _)| order < first) && is_in_the_way(m) {
            longest = Some((order, m));
        }
    });
    let Some((_, m)) = longest else { return Way::Free };
    let Some(p) = m.seat.word().p().map(p_at) else { return Way::Free };
    let g = m.seat.g().map_or(0, |g| g.as_ptr().addr().get());
    let rank = m.seen.rank_of_way(g, p.schedtick(), p.id, now);
    let is_made = retake::preempt(m, rank, Wanted::AtOnce);
    if is_made { Way::Made } else { Way::Free }
}

/// True if the goroutine of this M has computed since the monitor's last look, and its P has not come to another.
fn is_in_the_way(m: &M) -> bool {
    let p = m.seat.word().p().map(p_at);
    p.is_some_and(|p| m.seen.is_in_the_way(p.schedtick(), p.id, m.tid()))
}

/// True if a goroutine computes in its slice or blocks, and keeps a P from what is urgent; else all come to their switch points,
/// or wait for a CPU.
pub(crate) fn is_a_p_held() -> bool {
    let _section = gopark::enter();
    let mut held = false;
    spawner::for_each_m(|m| held = held || is_in_the_way(m) || keeps_its_p_asleep(m));
    held
}

/// True if this M has a P and sleeps in the kernel.
fn keeps_its_p_asleep(m: &M) -> bool {
    m.seat.word().p().is_some() && clock::activity(m.tid()) == Activity::Blocks
}
