//! `syscall`: a call that is known to block hands its P to others first (SEMANTICS F3).

use crate::machine::m::M;
use crate::preempt::cpu::Cpu;
use crate::preempt::handoff;
use crate::replay;
use crate::view::trace::{self, Kind};
use gaggle_gopark as gopark;

/// Runs `f`, which is expected to block the thread: a long file operation, a C call, a name lookup.
///
/// The P of this goroutine goes to others at once, so they run on without waiting for the monitor
/// to notice. A call that is not wrapped blocks nobody either; it only takes the monitor a
/// millisecond or two to see. Worth it for calls of some ten microseconds and more. The end of
/// `syscall` is a switch point: the goroutine may have to wait for a P, and may go on on another
/// thread. Nested, or on a plain thread, it just runs `f`.
///
/// # Examples
///
/// ```no_run
/// let text = gaggle_sched::syscall(|| std::fs::read_to_string("/etc/hostname"));
/// # drop(text);
/// ```
pub fn syscall<R>(f: impl FnOnce() -> R) -> R {
    let _away = Away::begin();
    f()
}

/// The time of one call; its end finds the goroutine a P, even if `f` unwinds.
struct Away {
    left: Left,
}

/// Whether the P was handed off.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    Nothing,
    ItsP,
}

impl Away {
    #[inline(never)]
    fn begin() -> Self {
        let section = gopark::enter();
        let Some(m) = M::of(&section) else { return Self { left: Left::Nothing } };
        if m.p().is_none() || replay::is_on() {
            return Self { left: Left::Nothing };
        }
        trace::of_g(m, Kind::CallBegin);
        let p = m.release_p();
        m.seat.word().detach();
        handoff::hand_off(p, Cpu::here());
        Self { left: Left::ItsP }
    }
}

impl Drop for Away {
    #[inline(never)]
    fn drop(&mut self) {
        if self.left == Left::ItsP {
            let section = gopark::enter();
            M::of(&section).into_iter().for_each(|m| trace::of_g(m, Kind::CallEnd));
            section.leave_at_switch_point();
        }
    }
}
