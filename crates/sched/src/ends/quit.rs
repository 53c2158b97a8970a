//! SIGQUIT: the dump of a process that somebody gave up on (SEMANTICS V5). `runtime` has the handler
//! and the thread; here is the report.

use crate::ends::{hooks::Frames, turn};
use crate::machine::m::M;
use crate::view::dump::{end_of_report, print, print_all};
use gaggle_gopark::{SeatKind, seat_in_handler};

/// Where the signal met the process.
#[derive(Clone, Copy, Debug)]
pub struct Quit {
    /// The interrupted instruction.
    pub pc: usize,
    /// Which M it was; 0 also for a thread that is none.
    pub m: u32,
    /// The signal's code: 0 if another process sent it.
    pub code: i32,
}

/// The number of the M whose thread this is; 0 if it is none. Async-signal-safe.
pub fn m_in_handler() -> u32 {
    this_m().map_or(0, |m| m.id)
}

/// The M whose thread this is. Async-signal-safe.
pub(crate) fn this_m() -> Option<&'static M> {
    // SAFETY: Seat Outlives; null if this thread never had one.
    let seat = unsafe { seat_in_handler().as_ref() }?;
    // SAFETY: Seat Outlives: a machine's seat is the first field of an M that is never
    // freed, and the thread-local's pointer is the one that `sit` got, to the whole M.
    let m = || unsafe { &*core::ptr::from_ref(seat).cast::<M>() };
    (seat.kind() == SeatKind::Machine).then(m)
}

/// Prints all goroutines with the runtime's frames, then `registers`, and ends the process with
/// code 2. Not in the signal's handler: it allocates.
pub fn report_quit(quit: Quit, registers: &str) -> ! {
    let Quit { pc, m, code } = quit;
    turn::announce();
    turn::take_in_time(); // as in `overflow.rs`
    print(&format!("SIGQUIT: quit\nPC={pc:#x} m={m} sigcode={code}\n"));
    print_all(None, Frames::System);
    print("\n");
    print(registers);
    end_of_report();
    // SAFETY: ends the process without running what other threads may be in the middle of.
    unsafe { libc::_exit(2) }
}
