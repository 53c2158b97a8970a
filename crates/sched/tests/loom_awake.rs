//! Models of the count of a bubble: two members, one of which may wait for the other.
//!
//! Broken copies that they were seen to catch: a member that is counted in after it was readied (`wakes`, the
//! last two lines swapped); one that is not counted out (`waits`); a count down that is relaxed (`one_less`:
//! what the others did is not seen).
#![cfg(loom)]

use gaggle_sched::awake::{Awake, Left};
use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Empty,
    Token,
    Waits,
}

struct Bubble {
    awake: Awake,
    line: Mutex<Line>,
    readied: AtomicUsize,
    ended: AtomicUsize,
    zeros: AtomicUsize,
    work: [UnsafeCell<u32>; 2],
}

impl Bubble {
    fn with_two() -> Arc<Bubble> {
        let awake = Awake::new();
        awake.one_more();
        awake.one_more();
        let work = [UnsafeCell::new(0), UnsafeCell::new(0)];
        let [readied, ended, zeros] = [(); 3].map(|()| AtomicUsize::new(0));
        Arc::new(Bubble { awake, line: Mutex::new(Line::Empty), readied, ended, zeros, work })
    }

    /// Who finds nobody awake may look at all that was done, and finds that all have ended.
    fn one_less(&self) {
        if self.awake.one_less() == Left::Nobody {
            self.zeros.fetch_add(1, Ordering::Relaxed);
            assert_eq!(self.ended.load(Ordering::Relaxed), 2, "one could still run");
            // SAFETY: W10: all that they did came before; loom checks it.
            self.work.iter().for_each(|it| it.with(|it| assert_eq!(unsafe { *it }, 1)));
        }
    }

    fn end(&self, member: usize) {
        // SAFETY: its own until it is counted out.
        self.work[member].with_mut(|it| unsafe { *it = 1 });
        self.ended.fetch_add(1, Ordering::Relaxed);
        self.one_less();
    }

    /// Waits until the other has come by, unless it has.
    fn waits(&self) {
        let mut line = self.line.lock().unwrap();
        if *line == Line::Empty {
            *line = Line::Waits;
            drop(line);
            self.one_less();
            // Acquire: pairs with the Release in `wakes`, as a status word does.
            while self.readied.load(Ordering::Acquire) == 0 {
                thread::yield_now();
            }
        }
    }

    fn wakes(&self) {
        let mut line = self.line.lock().unwrap();
        if *line != Line::Waits {
            *line = Line::Token;
            return;
        }
        drop(line);
        self.awake.one_more();
        self.readied.store(1, Ordering::Release); // pairs with the Acquire in `waits`
    }
}

#[test]
fn a_wait_races_its_end_and_zero_is_found_once_when_all_have_ended() {
    loom::model(|| {
        let bubble = Bubble::with_two();
        let other = Arc::clone(&bubble);
        let waiter = thread::spawn(move || {
            other.waits();
            other.end(0);
        });
        bubble.wakes();
        bubble.end(1);
        waiter.join().unwrap();
        assert_eq!((bubble.zeros.load(Ordering::Relaxed), bubble.awake.count()), (1, 0));
    });
}
