//! What the monitor does about an M that has no P: it blocks, has just come out of a call and computes, or stands
//! in line and has not stopped.
//!
//! *Signal Who Computes* and *Looks Expire* are `retake.rs`' laws, which looks at those that have one.

use crate::goroutine::migrate;
use crate::machine::m::M;
use crate::preempt::cpu::Cpu;
use crate::preempt::mode::{self, Mode};
use crate::preempt::retake::{Conduct, may_stop_more, stand_in_line};
use crate::preempt::{clock, handoff, pace::Around, suspend};
use crate::press::Rank;
use crate::state::SCHED;
use crate::view::trace;
use gaggle_gopark::Look;

/// CPU time that a goroutine may use without a P before it stands in line like all others.
pub(crate) const GRACE: u64 = 1_000_000;
/// In place of the number of a P.
const NO_P: u32 = u32::MAX;

/// An M without a P: in a blocking call, or just out of one and computing.
pub(crate) fn look_at_taken(m: &'static M, now: u64) -> Around {
    let tid = m.tid();
    // One that is inside sleeps there, as a rule: the kernel need not be asked about every idle M.
    let is_same = m.seen.is_same(0, NO_P, now, tid);
    if m.seat.depth() != 0 {
        return Around::Calm;
    }
    if is_same && m.seen.cpu_used(tid) < GRACE {
        return Around::Calm; // it blocks
    }
    if is_same {
        bring_back(m, tid, now);
    }
    Around::Watched
}

/// An M that computes without a P: it gets one, or stands in line. In mode `Off` neither: nothing would take the P
/// back, so it computes without one to its next switch point (SEMANTICS F3).
fn bring_back(m: &'static M, tid: i32, now: u64) {
    if mode::mode() == Mode::Off {
        return;
    }
    match m.seen.conduct(tid) {
        Conduct::Computes | Conduct::Unknowable => {}
        Conduct::AskAgain => return,
        // One call after the other: what it used between them was no millisecond of computing.
        Conduct::Blocks => return m.seen.note_cpu(clock::cpu_time(tid), now),
    }
    // Not before: to be asked takes long, and a look expires with the next entry.
    let Some(look) = m.seat.look_outside() else { return };
    if !lend(m, look) && mode::mode() == Mode::Strict && may_stop_more(&SCHED.lock()) {
        stand_in_line(m, look, Rank::Behind);
    }
}

/// Gives an idle P to an M that computes without one.
fn lend(m: &'static M, look: Look) -> bool {
    let Some(p) = SCHED.lock().take_idle_p() else { return false };
    p.tick();
    trace::granted(p, m); // while the P is in hand
    if m.seat.word().lend(look, p.id) {
        migrate::goes_on(m);
    } else {
        handoff::hand_off(p, Cpu::UNKNOWN); // the look has expired
    }
    true
}

/// An M in line whose signal did not stop it: it was inside the runtime, or blocked, or the user
/// holds the signal back. If it computes, the signal is sent again.
pub(crate) fn look_at_queued(m: &'static M, now: u64) -> Around {
    let tid = m.tid();
    if m.seen.cpu_used(tid) >= GRACE
        && matches!(m.seen.conduct(tid), Conduct::Computes | Conduct::Unknowable)
    {
        m.seen.note_cpu(clock::cpu_time(tid), now);
        suspend::signal(m);
    }
    Around::Watched
}
