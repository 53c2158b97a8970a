//! Sample: which goroutines use the processors, by asking now and then whoever has used some.
//!
//! No timer and no signal of its own: whoever takes a profile reads the CPU clock of every M's thread, asks
//! those that computed since the last look where they stand, by the probe that dumps use, and lets
//! the answer stand for all that the thread has used since it answered last. So a look costs what
//! computes, not what there is, and time that a thread did not get counts for nobody.

use crate::goroutine::{g::Goroutine, tags::Labels};
use crate::machine::{m::M, spawner};
use crate::view::probe::{self, Told};
use core::time::Duration;
use gaggle_gopark as gopark;

/// A thread that used less between two looks is not asked.
const LEAST: u64 = 50_000;
/// Milliseconds in which threads that compute are to answer: one that lost its processor answers next time.
const PATIENCE: u32 = 4;

/// Where a goroutine stood, and how much processor time that stands for.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Its number; 0 if the thread was about to choose or to start one.
    pub goid: u64,
    /// Its labels, by their keys, in order; none if it has ended meanwhile.
    pub labels: Option<Labels>,
    /// Where it was, then its return addresses, innermost first. Empty without a goroutine.
    pub pcs: Vec<usize>,
    /// The time that this stands for.
    pub used: Duration,
}

/// What one thread has used, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    /// When it last answered.
    told: u64,
    /// At the last look.
    seen: u64,
    /// Whether it has something to tell, and has not yet.
    asked: bool,
}

impl Used {
    /// The clock of the thread says `now`, or 0 if there is none.
    fn look(&mut self, now: u64) {
        if now != 0 && now < self.seen {
            *self = Self::default(); // the M has a new thread, whose clock began at 0
        }
        self.asked |= now.saturating_sub(self.seen) >= LEAST;
        self.seen = now.max(self.seen);
    }
}

/// Looks, again and again.
#[derive(Debug, Default)]
pub struct Sampler {
    /// By the numbers of the Ms.
    threads: Vec<Used>,
}

impl Sampler {
    /// One that counts from now on.
    pub fn new() -> Self {
        let mut new = Self::default();
        spawner::for_each_m(|m| {
            let now = cpu_clock(m);
            *new.thread(m) = Used { told: now, seen: now, asked: false };
        });
        new
    }

    fn thread(&mut self, m: &M) -> &mut Used {
        let at = m.id as usize;
        if at >= self.threads.len() {
            self.threads.resize(at + 1, Used::default());
        }
        &mut self.threads[at]
    }

    /// Asks everybody who computes, and visits what each was doing. From a thread of its own.
    pub fn look(&mut self, mut visit: impl FnMut(Sample)) {
        let mut some = false;
        spawner::for_each_m(|m| {
            let now = cpu_clock(m);
            let used = self.thread(m);
            used.look(now);
            some |= used.asked;
        });
        if !some {
            return;
        }
        let threads = &mut self.threads;
        let of = |threads: &[Used], m: &M| threads.get(m.id as usize).copied().unwrap_or_default();
        let Some(answers) = probe::ask(|m| of(threads, m).asked, PATIENCE) else { return };
        answers.each(|m, told| {
            let Some(used) = threads.get_mut(m.id as usize).filter(|used| used.asked) else {
                return;
            };
            let time = Duration::from_nanos(used.seen - used.told);
            (used.told, used.asked) = (used.seen, false);
            visit(Sample::of(&told, time));
        });
    }
}

impl Sample {
    fn of(told: &Told<'_>, used: Duration) -> Self {
        let labels = told.g.and_then(|g| {
            let _section = gopark::enter(); // Looked At
            let tags = Goroutine::of(g).tags.share();
            tags.filter(|_| g.id() == told.goid)?.labels.clone()
        });
        Self { goid: told.goid, labels, pcs: told.pcs.to_vec(), used }
    }
}

/// The processor time that the thread of an M has used, in nanoseconds; 0 before it has begun.
fn cpu_clock(m: &M) -> u64 {
    /// The kernel's word for the clock of one thread, by its number.
    const OF_A_THREAD: i32 = 6;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let clock = !m.tid() << 3 | OF_A_THREAD;
    // SAFETY: a place for the time; a clock that does not exist is refused.
    let refused = unsafe { libc::clock_gettime(clock, &raw mut time) } != 0;
    if refused || m.tid() == 0 {
        return 0;
    }
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

#[cfg(test)]
mod tests {
    use super::{LEAST, Used};

    #[test]
    fn a_thread_that_computes_is_asked_and_one_that_is_gone_is_not() {
        let mut used = Used::default();
        used.look(LEAST - 1);
        assert!(!used.asked);
        used.look(2 * LEAST);
        assert!(used.asked);
        (used.told, used.asked) = (used.seen, false);
        used.look(0);
        assert!(!used.asked);
        assert_eq!((used.told, used.seen), (2 * LEAST, 2 * LEAST));
    }

    #[test]
    fn an_m_that_has_a_new_thread_counts_from_its_first_moment() {
        let mut used = Used { told: 1000 * LEAST, seen: 1000 * LEAST, asked: false };
        used.look(0); // the old one has ended
        used.look(2 * LEAST);
        assert!(used.asked, "it has computed");
        assert_eq!(used.seen - used.told, 2 * LEAST);
    }
}
