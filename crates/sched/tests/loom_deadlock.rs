//! Models of the deadlock check (`quiet.rs`, Look Again) against a thread that is none of ours: it may ready somebody late, and
//! end before it is counted; and of Ms that go to sleep at once.
#![cfg(loom)]

use core::ops::RangeInclusive;
use gaggle_lock::{Mutex, MutexGuard, Rank};
use gaggle_sched::quiet::{Counts, Process, Verdict, judge};
use gaggle_sched::wake::WakeWord;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;
use std::ops::Deref;

const MS: u32 = 2;

/// What stands behind the scheduler's lock.
struct Inner {
    queued: u32,
    idle_ms: u32,
    pinned_ms: i32,
    /// In fact not behind the lock: as last seen of it.
    waiters: u32,
}

impl Counts for Inner {
    fn ms(&self) -> u32 {
        MS
    }

    fn idle_ms(&self) -> u32 {
        self.idle_ms
    }

    fn pinned_ms(&self) -> i32 {
        self.pinned_ms
    }

    fn has_queued(&self) -> bool {
        self.queued > 0
    }

    fn waiters(&self) -> u32 {
        self.waiters
    }
}

struct World {
    sched: Mutex<Inner>,
    wake: WakeWord,
    /// The kernel's count of threads beyond ours.
    foreign: AtomicU32,
    /// Timers in the heap of plain threads.
    timers: AtomicU32,
    /// Who waits for a descriptor.
    waiters: AtomicU32,
}

/// The lock, and what is seen without it once it is there.
struct Held<'a>(MutexGuard<'a, Inner>);

impl Deref for Held<'_> {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Process for World {
    type Inner = Inner;
    type Guard<'a> = Held<'a>;

    fn lock(&self) -> Held<'_> {
        let mut inner = self.sched.lock();
        inner.waiters = self.waiters.load(Ordering::Relaxed); // as in the code
        Held(inner)
    }

    /// In fact under the heap's lock.
    fn any_timer_alive(&self) -> bool {
        self.timers.load(Ordering::Relaxed) > 0
    }

    fn ours(&self, inner: &Inner) -> RangeInclusive<u64> {
        u64::from(inner.ms())..=u64::from(inner.ms())
    }

    fn threads(&self) -> Option<u64> {
        // Acquire: the kernel's count comes with all that the thread did before it ended.
        Some(u64::from(MS + self.foreign.load(Ordering::Acquire)))
    }
}

/// So many Ms are awake; of the others so many wait for their own goroutine.
fn world(awake: u32, pinned: u32, foreign: u32) -> Arc<World> {
    let (idle_ms, pinned_ms) = (MS - awake - pinned, i32::try_from(pinned).unwrap());
    let world = World {
        sched: Mutex::new(Rank::Sched, Inner { queued: 0, idle_ms, pinned_ms, waiters: 0 }),
        wake: WakeWord::new(),
        foreign: AtomicU32::new(foreign),
        timers: AtomicU32::new(0),
        waiters: AtomicU32::new(0),
    };
    world.wake.idle_p_added();
    Arc::new(world)
}

impl World {
    /// An M goes to sleep, on the idle list.
    fn goes_idle(&self) -> Verdict {
        let mut held = self.lock();
        held.0.idle_ms += 1;
        judge(self, held)
    }

    /// An M goes to sleep: its goroutine, which is pinned, waits.
    fn is_pinned(&self) -> Verdict {
        let mut held = self.lock();
        held.0.pinned_ms += 1;
        judge(self, held)
    }

    /// The last act of a foreign thread.
    fn ends(&self) {
        self.foreign.fetch_sub(1, Ordering::Release);
    }

    /// The other M is woken for something, and sleeps again.
    fn wakes_and_sleeps(&self, meanwhile: impl FnOnce(&Self)) {
        self.sched.lock().idle_ms -= 1;
        meanwhile(self);
        self.sched.lock().idle_ms += 1;
    }
}

/// Whether the last M that goes idle takes all for over, while a foreign thread does `last` and ends.
fn against(pinned: u32, last: fn(&World)) -> Verdict {
    let world = world(1, pinned, 1);
    let other = Arc::clone(&world);
    let foreign = thread::spawn(move || {
        last(&other);
        other.ends();
    });
    let verdict = world.goes_idle();
    foreign.join().unwrap();
    verdict
}

/// Seen to fail without the second look, and with one that does not look at the queue.
#[test]
fn a_late_ready_by_a_thread_that_ends_races_the_check() {
    loom::model(|| {
        let verdict = against(0, |world| {
            world.sched.lock().queued += 1;
            assert!(world.wake.injected(), "a P is idle and nobody spins: somebody is started");
        });
        assert_ne!(verdict, Verdict::Over, "although a goroutine is queued");
    });
}

/// The timer's M finds nothing that is due, and sleeps again. Seen to fail without the second look at the timers.
#[test]
fn a_late_timer_of_a_thread_that_ends_races_the_check() {
    loom::model(|| {
        let verdict = against(0, |world| {
            world.timers.store(1, Ordering::Relaxed);
            world.wakes_and_sleeps(|_| {});
        });
        assert_ne!(verdict, Verdict::Over, "although a timer is set");
    });
}

/// The pinned goroutine's M is sent a P (`pin::ready`). Seen to fail with a second look that knows the pinned Ms from the
/// first.
#[test]
fn a_pinned_goroutine_s_late_ready_races_the_check() {
    loom::model(|| {
        let verdict = against(1, |world| world.sched.lock().pinned_ms -= 1);
        assert_ne!(verdict, Verdict::Over, "although a pinned goroutine runs");
    });
}

/// The goroutine that was readied waits for a descriptor now. Seen to fail with a second look that does not ask who waits.
#[test]
fn a_late_wait_for_a_descriptor_races_the_check() {
    loom::model(|| {
        let verdict = against(0, |world| {
            world.wakes_and_sleeps(|world| _ = world.waiters.fetch_add(1, Ordering::Relaxed));
        });
        assert_ne!(verdict, Verdict::Over, "although somebody waits for a descriptor");
    });
}

/// Of two Ms that go to sleep at once the last one sees it. Seen to fail with pinned Ms that do not count.
#[test]
fn of_two_that_go_to_sleep_one_finds_that_all_is_over() {
    loom::model(|| {
        let world = world(2, 0, 0);
        let other = Arc::clone(&world);
        let pinned = thread::spawn(move || other.is_pinned());
        let verdicts = [world.goes_idle(), pinned.join().unwrap()];
        assert!(verdicts.contains(&Verdict::Over), "nobody tells: {verdicts:?}");
    });
}

/// Seen to fail with a check that does not count threads.
#[test]
fn a_thread_that_stays_is_a_suspicion() {
    loom::model(|| assert_eq!(world(1, 0, 1).goes_idle(), Verdict::Suspected));
}
