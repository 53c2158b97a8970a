//! The mutex that blocks the M and the note, between plain threads; the checks of the ranks.
#![cfg(not(loom))]

use gaggle_lock::{Mutex, MutexGuard, Note, Rank, assert_none_held, nanotime};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

#[test]
fn the_mutex_excludes_under_a_storm() {
    let value = Arc::new(Mutex::new(Rank::Leaf, (0_u64, 0_u64)));
    let threads = [(); 4].map(|()| {
        let value = Arc::clone(&value);
        thread::spawn(move || {
            let mut tries = 0;
            for round in 0..50_000 {
                let guard = if round % 4 == 0 { value.try_lock() } else { Some(value.lock()) };
                let Some(mut pair) = guard else { continue };
                assert_eq!(pair.0, pair.1, "two holders at a time");
                pair.0 += 1;
                pair.1 += 1;
                tries += 1;
            }
            tries
        })
    });
    let total: u64 = threads.map(|thread| thread.join().unwrap()).into_iter().sum();
    assert_eq!(*value.lock(), (total, total));
}

#[test]
fn a_right_may_travel_and_come_back() {
    let value = Mutex::new(Rank::Leaf, 1);
    let raw = MutexGuard::into_raw(value.lock());
    assert!(value.try_lock().is_none(), "the lock stayed held");
    assert!(std::ptr::eq(raw, value.raw()));
    // SAFETY: `into_raw` left the lock held, and this is the only guard of it.
    let mut guard = unsafe { value.assume_locked() };
    *guard += 1;
    drop(guard);
    assert_eq!(value.into_inner(), 2);
}

#[test]
fn a_note_may_be_set_before_or_after_the_sleep() {
    let shared = Arc::new((Note::new(), Note::new(), AtomicU32::new(0)));
    let theirs = Arc::clone(&shared);
    let waker = thread::spawn(move || {
        for round in 1..=5_000 {
            theirs.2.store(round, Ordering::Relaxed); // the note's own edge must publish it
            theirs.0.wakeup();
            theirs.1.sleep();
            theirs.1.clear();
        }
    });
    for round in 1..=5_000 {
        shared.0.sleep();
        shared.0.clear();
        assert_eq!(shared.2.load(Ordering::Relaxed), round);
        shared.1.wakeup();
    }
    waker.join().unwrap();
}

#[test]
fn a_note_that_times_out_is_still_good() {
    let note = Arc::new(Note::new());
    assert!(!note.sleep_until(0));
    assert!(!note.sleep_until(nanotime() + 100_000));
    note.wakeup();
    assert!(note.sleep_until(0), "it was set before the look at the clock");
    note.clear();
    assert!(!note.sleep_until(0), "one wake-up ends one round");
}

#[test]
fn a_deadline_and_a_wakeup_race_without_loss() {
    let shared = Arc::new((Note::new(), Note::new()));
    let theirs = Arc::clone(&shared);
    let waker = thread::spawn(move || {
        for _ in 0..2_000 {
            theirs.0.wakeup();
            theirs.1.sleep();
            theirs.1.clear();
        }
    });
    for round in 0..2_000 {
        if !shared.0.sleep_until(nanotime() + round % 50 * 1_000) {
            shared.0.sleep(); // or for ever, if the wake-up were lost
        }
        shared.0.clear();
        shared.1.wakeup();
    }
    waker.join().unwrap();
}

#[test]
fn the_clock_does_not_go_back() {
    let mut last = nanotime();
    for _ in 0..10_000 {
        let now = nanotime();
        assert!(now >= last);
        last = now;
    }
}

static LEAF: Mutex<()> = Mutex::new(Rank::Leaf, ());
static CHANS: [Mutex<()>; 2] = [const { Mutex::new(Rank::Chan, ()) }; 2];

#[test]
fn locks_in_order_are_no_crime() {
    let both = (CHANS[0].lock(), CHANS[1].lock());
    assert_none_held(2);
    drop(both.0); // any order of release
    let leaf = LEAF.lock();
    drop((both.1, leaf));
    assert_none_held(0);
}

#[cfg(debug_assertions)] // the checks of the ranks exist in debug builds only
mod crimes {
    //! What must not be done with locks ends the process.

    use super::{CHANS, LEAF};
    use gaggle_lock::{Note, assert_none_held};

    const CASE: &str = "GAGGLE_TEST_CASE";

    /// Each breaks the order, and must be told so.
    const CRIMES: [(&str, fn(), &str); 6] = [
        ("above", || drop((LEAF.lock(), CHANS[0].lock())), "lock order: Chan taken under rank"),
        (
            "address",
            || drop((CHANS[1].lock(), CHANS[0].lock())),
            "lock order: Chan taken under rank",
        ),
        ("again", || drop((LEAF.lock(), LEAF.raw().lock())), "lock order: Leaf taken under rank"),
        ("never", unlock_unheld, "unlock of a lock this thread does not hold: Leaf"),
        (
            "held",
            || drop((LEAF.lock(), assert_none_held(0))),
            "1 runtime locks held where at most 0",
        ),
        ("twice", wake_twice, "note: double wakeup"),
    ];

    fn unlock_unheld() {
        // SAFETY: none: this is the crime, and the child dies of it before the word changes.
        unsafe { LEAF.raw().unlock() };
    }

    fn wake_twice() {
        let note = Note::new();
        note.wakeup();
        note.wakeup();
    }

    #[test]
    fn crimes_against_the_order_end_the_process() {
        if let Ok(case) = std::env::var(CASE) {
            let (_, crime, _) = CRIMES.into_iter().find(|(name, ..)| *name == case).unwrap();
            let _saved = std::panic::catch_unwind(crime);
            std::process::exit(0);
        }
        for (case, _, text) in CRIMES {
            let mut child = std::process::Command::new(std::env::current_exe().unwrap());
            child.args([
                "crimes::crimes_against_the_order_end_the_process",
                "--exact",
                "--nocapture",
            ]);
            let output = child.env(CASE, case).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{case}: {said}");
            assert!(said.contains(&format!("fatal error: {text}")), "{case}: {said}");
            assert!(said.contains("gaggle: internal error at"), "{case}: {said}");
        }
    }
}
