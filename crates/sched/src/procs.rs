//! GOMAXPROCS: how many Ps there are, at boot and while running (SEMANTICS D1, D2, D5).
//!
//! Shrinking needs no stopped world: a P whose number is out of range is left out when it would be
//! taken off the idle list, and retires at the next scheduling round of the M that has it.

use crate::boot::new_p;
use crate::m::M;
use crate::p::MAX_PROCS;
use crate::state::{SCHED, p_at};
use crate::{spawner, wakeup};
use core::mem::MaybeUninit;
use gaggle_gopark::{self as gopark};
use gaggle_lock::{Mutex, Rank};
use std::sync::OnceLock;

/// One change at a time.
static CHANGE: Mutex<()> = Mutex::new(Rank::Sema, ());

/// The number of Ps to begin with: GOMAXPROCS if it is a positive integer, else the CPUs.
pub(crate) fn initial() -> usize {
    let wanted = std::env::var("GOMAXPROCS").ok().and_then(|text| text.trim().parse().ok());
    wanted.filter(|&count: &usize| count > 0).unwrap_or_else(num_cpu)
}

/// How many CPUs this process may run on; the answer of the first call is kept (SEMANTICS D5).
pub fn num_cpu() -> usize {
    static COUNT: OnceLock<usize> = OnceLock::new();
    *COUNT.get_or_init(|| affinity().unwrap_or(1))
}

fn affinity() -> Option<usize> {
    let mut set = MaybeUninit::<libc::cpu_set_t>::zeroed();
    // SAFETY: the size is that of the set; the kernel fills it in.
    let answer =
        unsafe { libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), set.as_mut_ptr()) };
    if answer != 0 {
        return std::thread::available_parallelism().ok().map(usize::from);
    }
    // SAFETY: zeroed, then filled in.
    let set = unsafe { set.assume_init() };
    // SAFETY: the set is whole.
    usize::try_from(unsafe { libc::CPU_COUNT(&set) }).ok().filter(|&count| count > 0)
}

/// Makes Ps until there are `count`. Allocates: not inside a section.
pub(crate) fn make_up_to(count: usize) {
    for id in SCHED.made()..count as u32 {
        SCHED.add_p(new_p(id));
    }
}

/// Puts the Ps `from..to` on the idle list.
pub(crate) fn idle_from(from: u32, to: u32) {
    let _section = gopark::enter();
    let mut inner = SCHED.lock();
    (from..to).rev().for_each(|id| inner.put_idle_p(p_at(id)));
}

/// Sets the number of Ps and returns the old one; 0 only queries (SEMANTICS D1).
///
/// When it returns, no goroutine runs on a P beyond the new number: goroutines that compute there
/// are waited for until their next switch point.
///
/// # Panics
///
/// If `count` is above 1024.
#[track_caller]
pub fn gomaxprocs(count: usize) -> usize {
    assert!(count <= MAX_PROCS, "gomaxprocs: {count} is above the most there can be, {MAX_PROCS}");
    crate::boot::boot();
    let old = SCHED.procs();
    if count == 0 || count == old as usize {
        return old as usize;
    }
    make_up_to(count);
    let old = change(count as u32);
    while (count as u32) < old && any_in_use(count as u32) {
        crate::gosched();
    }
    old as usize
}

fn change(count: u32) -> u32 {
    let _section = gopark::enter();
    let _one = CHANGE.lock();
    let old = SCHED.procs();
    {
        let mut inner = SCHED.lock();
        SCHED.set_procs(count);
        (old..count).for_each(|id| inner.put_idle_p(p_at(id)));
        (count..old).for_each(|id| {
            inner.take_this_idle_p(p_at(id));
        });
    }
    if count < old {
        spawner::for_each_m(|m| {
            if m.seat.word().p().is_some_and(|id| id >= count) {
                m.seat.word().ask();
            }
        });
    } else {
        wakeup::submitted();
    }
    old
}

/// True while an M still has a P whose number is `count` or above.
fn any_in_use(count: u32) -> bool {
    let mut used = false;
    spawner::for_each_m(|m| used |= m.seat.word().p().is_some_and(|id| id >= count));
    used
}

/// Gives up a P whose number is out of range: its queue goes to the global one, its timers stay
/// where all Ms look for them.
pub(crate) fn retire(m: &'static M) {
    let p = m.owned_p();
    let mut all = p.runq.drain();
    SCHED.inject(&mut all);
    // SAFETY: Owner Of P.
    unsafe { &mut *p.owned.stacks.get() }.flush();
    m.release_p();
    if m.spinning.replace(crate::m::Spinning::No) == crate::m::Spinning::Yes {
        let _ = SCHED.wake.end_spinning();
    }
    wakeup::submitted();
}
