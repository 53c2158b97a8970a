//! Models of the mutex that blocks the M and of the note.
//!
//! Under the model checker both stand on loom's own mutex and condition variable, so these models
//! check their contract (what a holder did is seen by the next, no wake-up is lost); the futex
//! words are exercised by the stress tests on real threads.
#![cfg(loom)]

use gaggle_lock::{Mutex, Note, Rank};
use loom::sync::Arc;
use loom::thread;

#[test]
fn mutex_hands_over_the_value() {
    loom::model(|| {
        let value = Arc::new(Mutex::new(Rank::Leaf, 0));
        let theirs = Arc::clone(&value);
        let other = thread::spawn(move || *theirs.lock() += 1);
        *value.lock() += 1;
        other.join().unwrap();
        assert_eq!(*value.lock(), 2);
    });
}

#[test]
fn note_wakeup_before_sleep() {
    loom::model(|| {
        let note = Arc::new((Note::new(), loom::cell::UnsafeCell::new(0)));
        let theirs = Arc::clone(&note);
        let waker = thread::spawn(move || {
            // SAFETY: the model checks that the accesses are ordered.
            theirs.1.with_mut(|value| unsafe { *value = 1 });
            theirs.0.wakeup();
        });
        note.0.sleep(); // after or before the wake-up: it returns, and sees what came before it
        // SAFETY: the model checks that the accesses are ordered.
        assert_eq!(note.1.with(|value| unsafe { *value }), 1);
        note.0.clear();
        waker.join().unwrap();
    });
}

#[test]
fn note_timeout_races_wakeup() {
    loom::model(|| {
        let note = Arc::new(Note::new());
        let theirs = Arc::clone(&note);
        let waker = thread::spawn(move || theirs.wakeup());
        if !note.sleep_until(1) {
            note.sleep(); // the wake-up is still to come, and it is not lost
        }
        note.clear();
        waker.join().unwrap();
        assert!(!note.sleep_until(1), "one wake-up ends one round");
    });
}
