//! Stack overflow of a goroutine: Go's text, its trace, exit 2 (SEMANTICS D8). The trace is shown at level `none` too, as in
//! Go, where it is a throw of the runtime.

use crate::ends::hooks::{self, Victim};
use crate::ends::{panics, quit::this_m, turn};
use crate::goroutine::g::Goroutine;
use crate::view::dump;
use gaggle_coro::overflow::{self, Fault, write_header, write_raw};
use gaggle_gopark::Status;
use gaggle_prim::throw;

/// Installs the handler, once.
pub(crate) fn install() {
    if let Err(error) = overflow::install(report) {
        throw!("runtime: no handler for stack overflows: {error}");
    }
}

/// Runs in the signal handler, on the M's alternate stack.
fn report(fault: &Fault) -> ! {
    turn::announce();
    turn::take_in_time(); // the process ends with this one: whoever comes later is not heard
    let owner = owner_of(fault);
    write_header(fault, owner.map_or("", panics::print_unfinished_chain_of));
    let Some(traceback) = hooks::traceback() else {
        write_raw(fault);
        end_after_overflow()
    };
    let victim = owner.map(|owner| Victim {
        goid: owner.g.id(),
        parent: owner.parent(),
        site: owner.site(),
    });
    (traceback.overflow)(fault, victim.unwrap_or_default())
}

/// What comes after the traces of an overflow: what every report ends with, then code 2. Async-signal-safe, on the thread
/// that has met it.
pub fn end_after_overflow() -> ! {
    dump::end_of_report();
    // SAFETY: async-signal-safe; ends the process.
    unsafe { libc::_exit(2) }
}

/// The goroutine whose stack it is: the one that this thread runs; in the middle of a switch another one that runs.
fn owner_of(fault: &Fault) -> Option<&'static Goroutine> {
    let stands_there = |goroutine: &&Goroutine| goroutine.stack_top() == fault.top;
    let current = this_m().and_then(|m| m.seat.g()).map(Goroutine::of);
    current.filter(stands_there).or_else(|| {
        let mut found = None;
        crate::goroutine::g::for_each(|goroutine| {
            // It may stand in line for a P, and compute until its signal comes.
            let runs = matches!(goroutine.g.status().get(), Status::Running | Status::Preempted);
            if runs && stands_there(&goroutine) {
                found = Some(goroutine);
            }
        });
        found
    })
}
