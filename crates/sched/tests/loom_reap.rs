//! Models of an idle M whose time is over against who takes it off the idle list (`reap.rs`, `stop.rs`):
//! each step stands there, around the real lock and note.
#![cfg(loom)]

use gaggle_lock::{Mutex, Note, Rank};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;

/// What stands behind the scheduler's lock.
struct Inner {
    /// Whether the one M is on the idle list.
    idle: bool,
    ms: u32,
    /// Ps that wait for a new M.
    requests: u32,
}

struct World {
    sched: Mutex<Inner>,
    note: Note,
    next_p: AtomicU32,
    ran: AtomicU32,
}

/// How the M's sleep has ended.
#[derive(Debug, PartialEq, Eq)]
enum Slept {
    HasP,
    Roused,
    Ended,
}

fn world() -> Arc<World> {
    Arc::new(World {
        sched: Mutex::new(Rank::Sched, Inner { idle: true, ms: 1, requests: 0 }),
        note: Note::new(),
        next_p: AtomicU32::new(0),
        ran: AtomicU32::new(0),
    })
}

impl World {
    /// `stop::sleep_idle`, whose time is over before it sleeps; the second time it waits.
    fn sleeps(&self) -> Slept {
        if self.was_idle() {
            return Slept::Ended;
        }
        self.note.sleep();
        self.note.clear();
        if self.next_p.swap(0, Ordering::Relaxed) == 0 {
            return Slept::Roused;
        }
        self.ran.fetch_add(1, Ordering::Relaxed);
        Slept::HasP
    }

    /// `reap::was_idle`, then `spawner::bury`. True if the thread ends.
    fn was_idle(&self) -> bool {
        let mut inner = self.sched.lock();
        if !core::mem::replace(&mut inner.idle, false) {
            return false;
        }
        drop(inner);
        self.sched.lock().ms -= 1;
        true
    }

    /// `wakeup::start_m`: a P is in hand.
    fn starts(&self) {
        let mut inner = self.sched.lock();
        if core::mem::replace(&mut inner.idle, false) {
            self.next_p.store(1, Ordering::Relaxed);
            drop(inner);
            self.note.wakeup();
        } else {
            inner.requests += 1;
        }
    }

    /// `reap::rouse`.
    fn rouses(&self) {
        let idle = core::mem::replace(&mut self.sched.lock().idle, false);
        if idle {
            self.note.wakeup();
        }
    }

    /// Each P that was given away is run, by the M or by a new one, and no wake-up is left for a dead M.
    fn check(&self, slept: &Slept, ps: u32) {
        let inner = self.sched.lock();
        assert_eq!(self.ran.load(Ordering::Relaxed) + inner.requests, ps, "a P is lost");
        assert_eq!(self.next_p.load(Ordering::Relaxed), 0, "a P was handed to nobody");
        assert_eq!(inner.ms, u32::from(*slept != Slept::Ended));
    }
}

/// Seen to fail: with a look at the list without taking itself off (the starter hands its P to an M that
/// ends); with an end although a starter was faster (the same).
#[test]
fn an_idle_m_s_end_races_who_takes_it_off_the_list() {
    loom::model(|| {
        let world = world();
        let other = Arc::clone(&world);
        let starter = thread::spawn(move || other.starts());
        let slept = world.sleeps();
        starter.join().unwrap();
        world.check(&slept, 1);
    });
}

/// Seen to fail: as above, and with `rouses` that wakes whoever it finds without taking it off the list (two
/// wake-ups of one note).
#[test]
fn a_new_limit_races_a_starter_and_the_end() {
    loom::model(|| {
        let world = world();
        let (one, two) = (Arc::clone(&world), Arc::clone(&world));
        let starter = thread::spawn(move || one.starts());
        let setter = thread::spawn(move || two.rouses());
        let slept = world.sleeps();
        starter.join().unwrap();
        setter.join().unwrap();
        world.check(&slept, 1);
    });
}
