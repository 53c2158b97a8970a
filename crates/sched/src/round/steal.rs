//! Work stealing: half of a random P's ring (SEMANTICS E6, E7).

use crate::machine::p::P;
use crate::round::timers;
use crate::runq::Runnext;
use crate::state::{SCHED, p_at};
use gaggle_gopark::{GRef, Section};

const PASSES: u32 = 4;

/// Nanoseconds of patience before runnext is taken from a P that is about to run it: what Go's nap of
/// 3 us takes with the kernel's own timer slack.
const PATIENCE: libc::c_long = 53_000;

/// Four passes over all Ps in a random order, those beyond GOMAXPROCS included, as one may still
/// be held there; on the last one due timers are run and runnext may
/// be taken.
pub(crate) fn steal(section: &mut Section, p: &'static P) -> Option<GRef> {
    let mut waited = Waited::No;
    for pass in 0..PASSES {
        let last = pass == PASSES - 1;
        for victim in order(p.random(), SCHED.made()).map(p_at) {
            if core::ptr::eq(victim, p) {
                continue;
            }
            if let Some(g) = p.runq.steal_from(&victim.runq, Runnext::Leave) {
                return Some(g);
            }
            if last && !victim.runq.is_empty() {
                waited = patience(waited);
                if let Some(g) = p.runq.steal_from(&victim.runq, Runnext::Take) {
                    return Some(g);
                }
            }
        }
        if last {
            timers::run_all_due(section);
            if let Some((g, _)) = p.runq.get() {
                return Some(g);
            }
        }
        if SCHED.has_queued() {
            return None; // the caller takes its share under the lock
        }
    }
    None
}

/// Whether a thief has been patient already, once for all victims.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waited {
    No,
    Yes,
}

/// Gives a running P time to schedule its runnext itself: thrashing a ping-pong pair between two
/// Ps costs more than the wait. A sleep, not a spin: looking at the victim's queue all the time
/// would take its cache lines away.
fn patience(waited: Waited) -> Waited {
    if waited == Waited::No {
        let time = libc::timespec { tv_sec: 0, tv_nsec: PATIENCE };
        // SAFETY: the timespec lives across the call; an early return is as good.
        unsafe { libc::nanosleep(&raw const time, core::ptr::null_mut()) };
    }
    Waited::Yes
}

/// Every number below `count` once: a random start and a random stride coprime to `count`.
pub(crate) fn order(random: u32, count: u32) -> impl Iterator<Item = u32> {
    let start = random % count.max(1);
    let mut stride = random / count.max(1) % count.max(1) + 1;
    while gcd(stride, count) != 1 {
        stride += 1;
    }
    (0..u64::from(count))
        .map(move |i| ((u64::from(start) + i * u64::from(stride)) % u64::from(count)) as u32)
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::order;

    /// TestStealOrder: each P once, for every GOMAXPROCS.
    /// SEMANTICS E6.
    #[test]
    fn the_order_visits_every_p_once() {
        for count in 1..=130 {
            for random in (0..u32::MAX).step_by(98_765_431) {
                let mut seen = vec![0; count as usize];
                order(random, count).for_each(|id| seen[id as usize] += 1);
                assert!(seen.iter().all(|&times| times == 1), "{count} ps, seed {random}");
            }
        }
    }
}
