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

/// What a thief looks at: the scheduler, seen from one P.
trait Ground {
    type Loot;

    /// A random number, and how many Ps there are.
    fn dice(&self) -> (u32, u32);
    fn is_own(&self, id: u32) -> bool;
    fn steal(&mut self, id: u32, runnext: Runnext) -> Option<Self::Loot>;
    fn is_empty(&self, id: u32) -> bool;
    /// Gives a running P time to schedule its runnext itself.
    fn nap(&mut self);
    /// Runs what is due on any P. Who can run by that, or since.
    fn due(&mut self) -> Option<Self::Loot>;
    /// True if somebody waits on the global queue.
    fn has_queued(&self) -> bool;
}

/// Four passes over all Ps in a random order; on the last one due timers are run and runnext may be taken.
fn search<G: Ground>(ground: &mut G) -> Option<G::Loot> {
    let mut waited = Waited::No;
    for pass in 0..PASSES {
        let last = pass == PASSES - 1;
        let (random, count) = ground.dice();
        for victim in order(random, count) {
            if ground.is_own(victim) {
                continue;
            }
            if let Some(g) = ground.steal(victim, Runnext::Leave) {
                return Some(g);
            }
            if last && !ground.is_empty(victim) {
                if core::mem::replace(&mut waited, Waited::Yes) == Waited::No {
                    ground.nap();
                }
                if let Some(g) = ground.steal(victim, Runnext::Take) {
                    return Some(g);
                }
            }
        }
        if last && let Some(g) = ground.due() {
            return Some(g);
        }
        if ground.has_queued() {
            return None; // the caller takes its share under the lock
        }
    }
    None
}

/// Looks at all Ps, those beyond GOMAXPROCS included, as one may still be held there.
pub(crate) fn steal(section: &mut Section, p: &'static P) -> Option<GRef> {
    search(&mut Thief { section, p })
}

struct Thief<'a> {
    section: &'a mut Section,
    p: &'static P,
}

impl Ground for Thief<'_> {
    type Loot = GRef;

    fn dice(&self) -> (u32, u32) {
        (self.p.random(), SCHED.made())
    }

    fn is_own(&self, id: u32) -> bool {
        core::ptr::eq(p_at(id), self.p)
    }

    fn steal(&mut self, id: u32, runnext: Runnext) -> Option<GRef> {
        self.p.runq.steal_from(&p_at(id).runq, runnext)
    }

    fn is_empty(&self, id: u32) -> bool {
        p_at(id).runq.is_empty()
    }

    fn nap(&mut self) {
        nap();
    }

    fn due(&mut self) -> Option<GRef> {
        timers::run_all_due(self.section);
        self.p.runq.get().map(|(g, _)| g)
    }

    fn has_queued(&self) -> bool {
        SCHED.has_queued()
    }
}

/// Whether a thief has been patient already, once for all victims.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waited {
    No,
    Yes,
}

/// Thrashing a ping-pong pair between two Ps costs more than the wait. A sleep, not a spin: looking at the victim's queue all
/// the time would take its cache lines away.
fn nap() {
    let time = libc::timespec { tv_sec: 0, tv_nsec: PATIENCE };
    // SAFETY: the timespec lives across the call; an early return is as good.
    unsafe { libc::nanosleep(&raw const time, core::ptr::null_mut()) };
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
    use super::{Ground, Runnext, order, search};
    use Seen::{Due, Nap, Ring, Taken};

    /// What a thief did, and where.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Seen {
        Ring(u32),
        Taken(u32),
        Nap,
        Due,
    }

    /// Three Ps, looked at in their order by the first of them.
    #[derive(Default)]
    struct Fake {
        ring: Option<u32>,
        runnext: Vec<u32>,
        /// Whose runnext it has run itself after a nap.
        runs_its_own: Option<u32>,
        has_due: Option<u32>,
        has_queued: bool,
        seen: Vec<Seen>,
    }

    impl Ground for Fake {
        type Loot = u32;

        fn dice(&self) -> (u32, u32) {
            (0, 3)
        }

        fn is_own(&self, id: u32) -> bool {
            id == 0
        }

        fn steal(&mut self, id: u32, runnext: Runnext) -> Option<u32> {
            self.seen.push(if runnext == Runnext::Take { Taken(id) } else { Ring(id) });
            let is_there = self.runnext.contains(&id) && runnext == Runnext::Take;
            (is_there || self.ring == Some(id)).then_some(id)
        }

        fn is_empty(&self, id: u32) -> bool {
            self.ring != Some(id) && !self.runnext.contains(&id)
        }

        fn nap(&mut self) {
            self.seen.push(Nap);
            self.runnext.retain(|id| self.runs_its_own != Some(*id));
        }

        fn due(&mut self) -> Option<u32> {
            self.seen.push(Due);
            self.has_due
        }

        fn has_queued(&self) -> bool {
            self.has_queued
        }
    }

    const PASS: [Seen; 2] = [Ring(1), Ring(2)];

    /// SEMANTICS E6, E7: the rings four times, and once what is due.
    #[test]
    fn where_there_is_nothing_a_thief_looks_four_times_and_never_naps() {
        let mut fake = Fake::default();
        assert_eq!(search(&mut fake), None);
        assert_eq!(fake.seen, [&PASS[..], &PASS, &PASS, &PASS, &[Due]].concat());
        fake = Fake { has_due: Some(7), ..Fake::default() };
        assert_eq!(search(&mut fake), Some(7));
        fake = Fake { has_queued: true, ..Fake::default() };
        assert_eq!(search(&mut fake), None);
        assert_eq!(fake.seen, PASS, "the global queue is the caller's");
        fake = Fake { ring: Some(2), runnext: vec![1], ..Fake::default() };
        assert_eq!(search(&mut fake), Some(2));
        assert_eq!(fake.seen, PASS, "a ring goes before any runnext");
    }

    /// SEMANTICS E7: on the last pass only, after a nap, which is for all of them.
    #[test]
    fn a_runnext_is_taken_on_the_last_pass_after_one_nap() {
        let three = [PASS, PASS, PASS].concat();
        let mut fake = Fake { runnext: vec![2], ..Fake::default() };
        assert_eq!(search(&mut fake), Some(2));
        assert_eq!(fake.seen, [&three[..], &PASS, &[Nap, Taken(2)]].concat());
        fake = Fake { runnext: vec![1, 2], runs_its_own: Some(1), ..Fake::default() };
        assert_eq!(search(&mut fake), Some(2));
        let last = [Ring(1), Nap, Taken(1), Ring(2), Taken(2)];
        assert_eq!(fake.seen, [&three[..], &last].concat());
    }

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
