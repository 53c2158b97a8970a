//! GOMAXPROCS: how many Ps there are, at boot and while running (SEMANTICS D1-D3, D5).
//!
//! Shrinking needs no stopped world: idle Ps beyond the new number leave the idle list at once, the
//! others retire at the next scheduling round of the M that has them ([`Place`] has the table).

use crate::boot::new_p;
use crate::machine::m::{M, Spinning};
use crate::machine::p::{MAX_PROCS, P, Place};
use crate::machine::{cgroup, spawner};
use crate::replay;
use crate::round::wakeup;
use crate::state::{SCHED, p_at};
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_gopark as gopark;
use std::sync::OnceLock;

/// One change at a time, until its last P has retired. A run that is replayed begins as the last one before none.
static CHANGING: AtomicU32 = AtomicU32::new(FREE);
const FREE: u32 = 0;
const BUSY: u32 = 1;

/// Whether somebody chose the number of Ps (SEMANTICS D1, D3).
static CHOICE: AtomicU32 = AtomicU32::new(AUTOMATIC);
const AUTOMATIC: u32 = 0;
const CHOSEN: u32 = 1;
/// A run that is replayed has one; nobody has chosen since.
const ONE: u32 = 2;

/// True if the number of Ps follows the machine.
pub(crate) fn is_automatic() -> bool {
    // Relaxed: a setting, nothing is read through it.
    CHOICE.load(Ordering::Relaxed) == AUTOMATIC
}

/// The number of Ps to begin with: GOMAXPROCS if it is a positive integer, else what the machine
/// allows (SEMANTICS D2).
pub(crate) fn initial() -> usize {
    num_cpu();
    // What is no number of Go's, as one beyond 32 bits or with a blank, is ignored there, too.
    let wanted = std::env::var("GOMAXPROCS").ok().and_then(|text| text.parse::<i32>().ok());
    match wanted.filter(|&count| count > 0).and_then(|count| usize::try_from(count).ok()) {
        Some(count) => {
            CHOICE.store(CHOSEN, Ordering::Relaxed); // Relaxed: see `is_automatic`
            count
        }
        None => automatic(),
    }
}

/// What the machine allows: the CPUs of the affinity mask, and no more than the control group's
/// quota, which is taken for two at least.
fn automatic() -> usize {
    let root = std::env::var_os("GAGGLE_ROOT").unwrap_or_else(|| "/".into());
    limit(affinity().unwrap_or(1), cgroup::cpus(root.as_ref()))
}

/// `automatic`, of these.
fn limit(cpus: usize, quota: Option<usize>) -> usize {
    quota.map_or(cpus, |quota| cpus.min(quota.max(2)))
}

/// Follows the machine again, if nobody has chosen a number. Allocates: for the thread that makes
/// threads. It does not wait until Ps have retired.
pub(crate) fn follow_the_machine() {
    let count = automatic().min(MAX_PROCS);
    if !is_automatic() || count as u32 == SCHED.procs() {
        return;
    }
    // Acquire: pairs with the Release in `give_turn_back`. Relaxed on failure: somebody chooses just now.
    if CHANGING.compare_exchange(FREE, BUSY, Ordering::Acquire, Ordering::Relaxed).is_ok() {
        if is_automatic() {
            make_up_to(count);
            change(count as u32);
        }
        give_turn_back();
    }
}

/// Lets the number of Ps follow the machine again, as it does until somebody chooses one: the
/// affinity mask and the control group's quota, looked at once a second while goroutines run
/// (Go: `SetDefaultGOMAXPROCS`; SEMANTICS D3).
///
/// # Examples
///
/// ```
/// gaggle_sched::gomaxprocs(1);
/// gaggle_sched::set_default_gomaxprocs();
/// assert!(gaggle_sched::gomaxprocs(0) >= 1);
/// ```
pub fn set_default_gomaxprocs() {
    crate::boot::boot();
    choose(automatic().min(MAX_PROCS), AUTOMATIC);
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
/// are waited for until their next switch point. A run that is replayed keeps its one P.
///
/// # Panics
///
/// If `count` is above 1024.
#[track_caller]
pub fn gomaxprocs(count: usize) -> usize {
    assert!(count <= MAX_PROCS, "gomaxprocs: {count} is above the most there can be, {MAX_PROCS}");
    crate::boot::boot();
    if count == 0 { SCHED.procs() as usize } else { choose(count, CHOSEN) }
}

/// Sets the number of Ps, and who chose it, unless a run is replayed. The old number.
fn choose(count: usize, choice: u32) -> usize {
    if replay::has_begun() {
        return SCHED.procs() as usize;
    }
    wait_for_turn();
    // Asked again: a run that is replayed begins in its turn, and nobody may add a P to its one.
    let old = if replay::has_begun() { SCHED.procs() as usize } else { set(count, choice) };
    give_turn_back();
    old
}

/// Waits for the changes before.
fn wait_for_turn() {
    // Acquire: pairs with the Release in `give_turn_back`: the change before is complete. Relaxed on failure:
    // again.
    while CHANGING.compare_exchange_weak(FREE, BUSY, Ordering::Acquire, Ordering::Relaxed).is_err()
    {
        crate::gosched();
    }
}

fn give_turn_back() {
    // Release: pairs with the Acquires in `wait_for_turn` and `follow_the_machine`.
    CHANGING.store(FREE, Ordering::Release);
}

/// Sets the number of Ps, in turn, and waits until those beyond it have retired. The old number.
fn set(count: usize, choice: u32) -> usize {
    CHOICE.store(choice, Ordering::Relaxed); // Relaxed: see `is_automatic`
    make_up_to(count);
    let old = change(count as u32);
    while (count as u32) < old && any_in_use(count as u32) {
        crate::gosched();
    }
    old as usize
}

/// How many Ps there were, and who had chosen that.
pub(crate) struct Before {
    count: usize,
    choice: u32,
}

/// For a run that is replayed, whose caller has the turn of `run`: one P, and from when `begin` has told that it has begun
/// nobody changes that.
pub(crate) fn one(begin: impl FnOnce()) -> Before {
    crate::boot::boot();
    wait_for_turn();
    let choice = CHOICE.load(Ordering::Relaxed); // Relaxed: see `is_automatic`
    let before = Before { count: set(1, ONE), choice };
    begin();
    give_turn_back();
    before
}

/// Takes [`one`] back, unless somebody has chosen since the run ended.
pub(crate) fn as_before(before: Before) {
    wait_for_turn();
    // Relaxed: see `is_automatic`.
    if CHOICE.load(Ordering::Relaxed) == ONE {
        set(before.count, before.choice);
    }
    give_turn_back();
}

fn change(count: u32) -> u32 {
    let _section = gopark::enter();
    let old = SCHED.procs();
    {
        let mut inner = SCHED.lock();
        SCHED.set_procs(count);
        inner.retire_idle_ps();
        let retired = (old..count).map(p_at).filter(|p| p.place() == Place::Retired);
        retired.for_each(|p| inner.put_idle_p(p));
    }
    if count < old {
        spawner::for_each_m(|m| {
            if m.seat.word().p().is_some_and(|id| id >= count) {
                m.seat.word().ask();
            }
        });
    } else {
        wakeup::injected();
    }
    old
}

/// True while somebody still has a P whose number is `count` or above.
fn any_in_use(count: u32) -> bool {
    (count..SCHED.made()).any(|id| p_at(id).place() == Place::Out)
}

/// Gives up a P whose number is out of range: its queue goes to the global one, its timers stay
/// where all Ms look for them.
pub(crate) fn retire(m: &'static M) {
    retire_in_hand(m.release_p());
    if m.end_spinning() == Spinning::Yes {
        wakeup::submitted(); // event Withdraw: those who counted on this M are answered for
    }
}

/// The same for a P that is in no M's word (In Hand, `handoff.rs`).
pub(crate) fn retire_in_hand(p: &P) {
    let mut all = p.runq.drain();
    SCHED.inject(&mut all);
    // SAFETY: Owner Of P: it is in hand.
    unsafe { &mut *p.owned.stacks.get() }.flush();
    SCHED.lock().put_idle_p(p);
    wakeup::injected();
}

#[cfg(test)]
mod tests {
    use super::limit;
    use crate::machine::cgroup::ratio;

    /// SEMANTICS D2; TestCgroupGOMAXPROCSRound, ...HigherThanNumCPU, ...NoLimit: the quota and its period, of how many CPUs, and how
    /// many Ps.
    #[test]
    fn a_quota_is_rounded_up_and_no_less_than_two_nor_more_than_there_are_cpus() {
        let table = [
            (50_000, 100_000, 8, 2),
            (100_000, 100_000, 8, 2),
            (1, 100_000, 8, 2),
            (150_000, 100_000, 8, 2),
            (200_000, 100_000, 8, 2),
            (200_001, 100_000, 8, 3),
            (299_999, 100_000, 8, 3),
            (300_000, 100_000, 8, 3),
            (700_001, 100_000, 8, 8),
            (800_000, 100_000, 8, 8),
            (900_000, 100_000, 8, 8),
            (i64::MAX, 1, 8, 8),
            (50_000, 100_000, 1, 1), // two of one CPU would be one too many
            (400_000, 100_000, 1, 1),
            (50_000, 100_000, 2, 2),
            (7_500, 2_500, 64, 3),
            (-1, 100_000, 8, 8), // no limit
            (0, 100_000, 8, 8),
            (100_000, 0, 8, 8),
        ];
        for (quota, period, cpus, procs) in table {
            assert_eq!(limit(cpus, ratio(quota, period)), procs, "{quota}/{period} of {cpus}");
        }
        assert_eq!(limit(5, None), 5);
    }
}
