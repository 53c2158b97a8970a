//! Models of the hand-over between an M that waits for its own goroutine (`pin.rs`) and whoever
//! readies that goroutine: each step stands there, around the real locks, note and status word.
#![cfg(loom)]

#[path = "support/model.rs"]
mod model;

use gaggle_gopark::{GRef, Status};
use gaggle_lock::{Mutex, Note, Rank};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;
use model::g;

/// What stands behind the scheduler's lock.
struct Inner {
    idle_ps: u32,
    backlog: Option<GRef>,
    pinned_ms: i32,
}

/// What a waiter's partner finds in the line.
enum Line {
    Empty,
    Waits,
    Over,
}

struct World {
    sched: Mutex<Inner>,
    line: Mutex<Line>,
    goroutine: GRef,
    home: AtomicU32,
    note: Note,
    next_p: AtomicU32,
}

const HERE: u32 = 1;

/// One M with the only P; its goroutine is pinned.
fn world() -> Arc<World> {
    let goroutine = g(1);
    goroutine.status().execute();
    Arc::new(World {
        sched: Mutex::new(Rank::Sched, Inner { idle_ps: 0, backlog: None, pinned_ms: 0 }),
        line: Mutex::new(Rank::Leaf, Line::Empty),
        goroutine,
        home: AtomicU32::new(0),
        note: Note::new(),
        next_p: AtomicU32::new(0),
    })
}

impl World {
    /// `pin::leave`.
    fn leave(&self) {
        self.home.store(HERE, Ordering::Relaxed);
        self.goroutine.status().park();
        let refused = {
            let mut line = self.line.lock();
            let over = matches!(*line, Line::Over);
            *line = Line::Waits;
            over
        };
        if refused {
            self.ready();
        }
        self.give_p_away();
        self.note.sleep();
        self.note.clear();
        assert_eq!(self.next_p.swap(0, Ordering::Relaxed), 1, "woken without a P");
        self.home.store(0, Ordering::Relaxed);
        self.goroutine.status().execute();
    }

    /// `pin::give_p_away`; another M, which is not modelled by a thread, takes what is queued.
    fn give_p_away(&self) {
        let mut inner = self.sched.lock();
        inner.pinned_ms += 1;
        if inner.backlog.take().is_some() {
            self.send_home(inner); // by the M that was started with our P
        } else {
            inner.idle_ps += 1;
        }
    }

    /// The end of `pin::ready` and of `pin::send_home`: a P is in hand.
    fn send_home(&self, mut inner: gaggle_lock::MutexGuard<'_, Inner>) {
        inner.pinned_ms -= 1;
        self.next_p.store(1, Ordering::Relaxed);
        drop(inner);
        self.note.wakeup();
    }

    /// `park::ready` of a goroutine that has a home.
    fn ready(&self) {
        self.goroutine.status().ready();
        assert_eq!(self.home.load(Ordering::Relaxed), HERE, "Home Is Set Before Waiting");
        let mut inner = self.sched.lock();
        if inner.idle_ps > 0 {
            inner.idle_ps -= 1;
            self.send_home(inner);
        } else {
            inner.backlog = Some(self.goroutine);
        }
    }

    /// The partner: ends the wait if it finds it, else leaves word that there is nothing to wait for.
    fn partner(&self) {
        let waits = {
            let mut line = self.line.lock();
            matches!(core::mem::replace(&mut *line, Line::Over), Line::Waits)
        };
        if waits {
            self.ready();
        }
    }
}

/// Seen to fail: with `home` set after the line was left (a partner finds none), and with the P given
/// away without a look at the queue (the goroutine is there, the P idle, and nobody brings them
/// together).
#[test]
fn a_pinned_goroutine_s_wait_races_its_partner() {
    loom::model(|| {
        let world = world();
        let other = Arc::clone(&world);
        let partner = thread::spawn(move || other.partner());
        world.leave();
        partner.join().unwrap();
        assert_eq!(world.goroutine.status().get(), Status::Running);
        let inner = world.sched.lock();
        assert_eq!((inner.pinned_ms, inner.idle_ps), (0, 0));
    });
}
