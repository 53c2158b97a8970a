//! Models of an accept against who takes the flag away that it goes by.
//!
//! Broken copies that they were seen to catch are named at each model.

use crate::flags::{Flags, Known};
use gaggle_prim::sync::atomic::{AtomicU32, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;

const HERE: u32 = 0;
const TAKEN: u32 = 1;

/// A socket whose flag is there at first.
struct World {
    flags: Flags,
    flag: AtomicU32,
    /// Of who accepts: who waits for that sleeps here, so that a model ends.
    accepting: Mutex<()>,
}

impl World {
    fn new() -> Arc<World> {
        let (flags, flag) = (Flags::new(), AtomicU32::new(HERE));
        Arc::new(World { flags, flag, accepting: Mutex::new(()) })
    }

    /// True if it went by the flag. In the kernel it finds the flag.
    fn accepts(&self, known: Known) -> bool {
        let _accepting = self.accepting.lock().unwrap();
        // Relaxed: as little as the kernel promises.
        let call = || assert_eq!(self.flag.load(Ordering::Relaxed), HERE, "it waits in the kernel");
        self.flags.by_flag(0, known, call).is_some()
    }

    /// As a listener that does not know, or no more: it looks for the flag first.
    fn looks_and_accepts(&self) -> bool {
        let known = self.flags.known();
        // Relaxed: as above.
        known.is_settled() && self.flag.load(Ordering::Relaxed) == HERE && self.accepts(known)
    }

    fn sleep(&self) {
        drop(self.accepting.lock().unwrap());
    }

    fn take(&self) {
        // Relaxed: as above.
        self.flags.take(|| self.sleep(), || self.flag.store(TAKEN, Ordering::Relaxed));
    }
}

/// Seen to fail with the look at `changes` before the count alone, which was the order once; with `take` that does not
/// wait; and without either of the two fences.
#[test]
fn a_flag_goes_while_one_accepts_by_it() {
    loom::model(|| {
        let world = World::new();
        let theirs = Arc::clone(&world);
        let taker = thread::spawn(move || theirs.take());
        world.accepts(Known::NONE);
        taker.join().unwrap();
        assert!(!world.accepts(Known::NONE), "it does not see that a flag has gone");
        assert!(!world.looks_and_accepts());
    });
}

/// Seen to fail with a `known` that counts as settled while a flag goes, and with one that is Relaxed.
#[test]
fn a_flag_goes_while_one_looks_for_it() {
    loom::model(|| {
        let world = World::new();
        let theirs = Arc::clone(&world);
        let taker = thread::spawn(move || theirs.take());
        world.looks_and_accepts();
        taker.join().unwrap();
    });
}

/// Two sockets are given away, and one accepts from the second: that the first is gone says nothing of the second.
/// Seen to fail with `changes` as a mark that whoever is done first takes off.
#[test]
fn two_go_while_one_looks_and_accepts() {
    loom::model(|| {
        let world = World::new();
        let (theirs, others) = (Arc::clone(&world), Arc::clone(&world));
        let first = thread::spawn(move || others.flags.take(|| others.sleep(), || ()));
        let second = thread::spawn(move || theirs.take());
        world.looks_and_accepts();
        first.join().unwrap();
        second.join().unwrap();
        assert!(!world.looks_and_accepts());
    });
}
