//! Models of the deadlock check (`deadlock.rs`, Nobody Left) against a thread that is none of ours:
//! it may ready somebody late, and end before it is counted.
#![cfg(loom)]

use gaggle_lock::{Mutex, Rank};
use gaggle_sched::wake::WakeWord;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;

/// What stands behind the scheduler's lock.
struct Inner {
    queued: u32,
    idle_ms: u32,
}

struct World {
    sched: Mutex<Inner>,
    wake: WakeWord,
    /// The kernel's count of threads beyond ours.
    foreign: AtomicU32,
    /// Timers in the heap of plain threads.
    timers: AtomicU32,
}

const MS: u32 = 2;

fn world() -> Arc<World> {
    let world = World {
        sched: Mutex::new(Rank::Sched, Inner { queued: 0, idle_ms: MS - 1 }),
        wake: WakeWord::new(),
        foreign: AtomicU32::new(1),
        timers: AtomicU32::new(0),
    };
    world.wake.idle_p_added();
    Arc::new(world)
}

fn is_quiet(inner: &Inner) -> bool {
    inner.idle_ms == MS && inner.queued == 0
}

impl World {
    /// The last M goes to sleep: true if it reports a deadlock.
    fn check(&self) -> bool {
        let mut inner = self.sched.lock();
        inner.idle_ms += 1;
        let quiet = is_quiet(&inner);
        drop(inner);
        if !quiet || self.any_timer_alive() {
            return false;
        }
        // Acquire: the kernel's count comes with all that the thread did before it ended.
        if self.foreign.load(Ordering::Acquire) > 0 {
            return false;
        }
        is_quiet(&self.sched.lock()) && !self.any_timer_alive()
    }

    /// In fact under the heap's lock.
    fn any_timer_alive(&self) -> bool {
        self.timers.load(Ordering::Relaxed) > 0
    }

    /// A foreign thread sets a timer, for which the other M is woken, and ends. That M finds nothing that
    /// is due, and sleeps again.
    fn set_a_timer_and_end(&self) {
        self.timers.store(1, Ordering::Relaxed);
        self.sched.lock().idle_ms -= 1;
        self.sched.lock().idle_ms += 1;
        self.foreign.fetch_sub(1, Ordering::Release);
    }

    /// A foreign thread readies a goroutine and ends: true if it started an M for it.
    fn ready_and_end(&self) -> bool {
        self.sched.lock().queued += 1;
        let wakes = self.wake.injected();
        self.foreign.fetch_sub(1, Ordering::Release);
        wakes
    }
}

/// Seen to fail without the second look.
#[test]
fn a_late_ready_by_a_thread_that_ends_races_the_check() {
    loom::model(|| {
        let world = world();
        let other = Arc::clone(&world);
        let foreign = thread::spawn(move || other.ready_and_end());
        let reported = world.check();
        let woke = foreign.join().unwrap();
        assert!(woke, "a P is idle and nobody spins: somebody is started");
        assert!(!reported, "a deadlock was reported although a goroutine is queued");
    });
}

/// Seen to fail without the second look at the timers.
#[test]
fn a_late_timer_of_a_thread_that_ends_races_the_check() {
    loom::model(|| {
        let world = world();
        let other = Arc::clone(&world);
        let foreign = thread::spawn(move || other.set_a_timer_and_end());
        let reported = world.check();
        foreign.join().unwrap();
        assert!(!reported, "a deadlock was reported although a timer is set");
    });
}
