//! An M that was pressed gives its P up with its own hands, where it enters the runtime.
//!
//! Nothing inside that section has happened yet, and while its word stands at `ASK` every entry takes
//! the slow path, which comes here. `press.rs` has what is wanted; `tests/loom_line.rs` runs the race with
//! the monitor's own attempt, the line and the hand-off.

use crate::machine::m::M;
use crate::preempt::cpu::Cpu;
use crate::preempt::mode::{self, Mode};
use crate::preempt::{retake, suspend};
use crate::press::Rank;
use crate::state::{SCHED, p_at};
use gaggle_gopark::Section;

/// The M enters the runtime, asked to yield: if it was pressed it gives its P up, and waits in line
/// until it has one again, or goes on without, as the mode says.
pub(crate) fn obey(section: &Section) {
    let m = M::on(section);
    let Some(p) = m.p() else { return };
    if let Some(rank) = m.press.take(p.schedtick(), p.id)
        && !m.reports.are_made()
    {
        give_up(m, rank);
        suspend::wait_in_line(m);
    }
}

/// The P goes to whoever the monitor wanted it for.
#[cold]
fn give_up(m: &'static M, rank: Rank) {
    let look = m.seat.look_inside();
    let lost = if mode::mode() == Mode::Strict && retake::may_stop_more(&SCHED.lock()) {
        retake::join_line(m, look, rank).ok().flatten()
    } else {
        m.seat.word().take(look)
    };
    if let Some(id) = lost {
        retake::pass_on(p_at(id), rank, Cpu::here());
    }
}
