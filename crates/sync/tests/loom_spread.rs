//! Models of the reader/writer mutex whose readers are kept apart (`rwmutex/spread.rs`). Readers name the
//! slots that they come to and go from.
//!
//! Broken copies seen to fail: a reader that does not look at the word again; a writer that takes
//! readers out of a slot before it counts them; one that does not hold one of the awaited itself; an
//! unlock that looks into no slot but its own; a reader that comes too late and leaves its count; a
//! full fence left out on either side.
#![cfg(loom)]

use gaggle_sync::RawRwMutex;
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread::{self, JoinHandle};

const NEVER: u64 = u64::MAX;
const AT_ONCE: u64 = 0;

/// A value whose every access the model follows.
#[derive(Default)]
struct Guarded {
    raw: RawRwMutex,
    value: UnsafeCell<u32>,
}

// SAFETY: the mutex protects the value, and the model checks that it does.
unsafe impl Send for Guarded {}
// SAFETY: as above.
unsafe impl Sync for Guarded {}

impl Guarded {
    /// Readers of it use slots from the beginning.
    fn spread() -> Arc<Self> {
        let guarded = Arc::new(Self::default());
        guarded.raw.spread();
        guarded
    }

    fn write(&self, patience: u64) {
        self.raw.lock_with_patience(patience);
        self.touch();
    }

    fn touch(&self) {
        // SAFETY: the model checks that the accesses are ordered.
        self.value.with_mut(|value| unsafe { *value += 1 });
        self.raw.unlock();
    }

    /// Reads, from the slot `from`, and unlocks at the slot `to`.
    fn read(&self, from: usize, to: usize) -> u32 {
        self.raw.rlock_at(from);
        self.look(to)
    }

    fn look(&self, to: usize) -> u32 {
        // SAFETY: the model checks that the accesses are ordered.
        let value = self.value.with(|value| unsafe { *value });
        self.raw.runlock_at(to);
        value
    }
}

fn spawn<T: 'static>(
    guarded: &Arc<Guarded>,
    f: impl FnOnce(&Guarded) -> T + 'static,
) -> JoinHandle<T> {
    let guarded = Arc::clone(guarded);
    thread::spawn(move || f(&guarded))
}

/// When nobody holds or wants it, the words say so; it can be taken at once, spread or not.
fn quiet(raw: &RawRwMutex) {
    let state = format!("{raw:?}");
    let idle = "writer: false, readers: 0, waiting_readers: 0, waiting_writer: false, ";
    let apart = "readers_apart: 0, ";
    let all = [idle, apart, "tokens: (0, 0)"];
    assert!(all.iter().all(|part| state.contains(part)), "{state}");
    assert!(!raw.is_locked() && raw.try_lock(), "{state}");
}

#[test]
fn spread_reader_races_writer() {
    loom::model(|| {
        let guarded = Guarded::spread();
        let writer = spawn(&guarded, |guarded| guarded.write(NEVER));
        assert!(guarded.read(0, 0) <= 1);
        writer.join().unwrap();
        assert_eq!(guarded.read(1, 0), 1);
        quiet(&guarded.raw);
    });
}

/// Two readers that unlock where they did not lock, so that each takes what the other has counted.
#[test]
fn spread_readers_take_each_others_counts() {
    loom::model(|| {
        let guarded = Guarded::spread();
        let writer = spawn(&guarded, |guarded| guarded.write(NEVER));
        let reader = spawn(&guarded, |guarded| guarded.read(0, 1));
        assert!(guarded.read(1, 0) <= 1);
        assert!(reader.join().unwrap() <= 1);
        writer.join().unwrap();
        assert_eq!(guarded.read(0, 0), 1);
        quiet(&guarded.raw);
    });
}

/// One reader is there already; another comes too late, in the slot where the first one goes.
#[test]
fn spread_late_reader_races_the_unlock_of_an_early_one() {
    loom::model(|| {
        let guarded = Guarded::spread();
        guarded.raw.rlock_at(0);
        let writer = spawn(&guarded, |guarded| guarded.write(NEVER));
        let late = spawn(&guarded, |guarded| guarded.read(1, 1));
        assert_eq!(guarded.look(1), 0);
        assert!(late.join().unwrap() <= 1);
        writer.join().unwrap();
        quiet(&guarded.raw);
    });
}

/// A reader in the word, one in a slot, one writer: both are awaited.
#[test]
fn spread_begins_beside_a_reader_in_the_word() {
    loom::model(|| {
        let guarded = Arc::new(Guarded::default());
        guarded.raw.rlock_at(0);
        let writer = spawn(&guarded, |guarded| guarded.write(NEVER));
        let reader = spawn(&guarded, |guarded| guarded.read(1, 0));
        guarded.raw.spread();
        assert_eq!(guarded.look(1), 0);
        assert!(reader.join().unwrap() <= 1);
        writer.join().unwrap();
        quiet(&guarded.raw);
    });
}

#[test]
fn spread_two_writers_and_a_reader() {
    for patience in [NEVER, AT_ONCE] {
        loom::model(move || {
            let guarded = Guarded::spread();
            let reader = spawn(&guarded, |guarded| guarded.read(0, 0));
            let writer = spawn(&guarded, move |guarded| guarded.write(patience));
            guarded.write(NEVER);
            assert!(reader.join().unwrap() <= 2);
            writer.join().unwrap();
            assert_eq!(guarded.read(0, 0), 2);
            quiet(&guarded.raw);
        });
    }
}

/// L5: a writer that does not wait has it or leaves no trace; nobody who waits for that is forgotten.
#[test]
fn spread_try_lock_races_two_readers() {
    loom::model(|| {
        let guarded = Guarded::spread();
        let readers = [0, 1].map(|at| spawn(&guarded, move |guarded| guarded.read(at, at)));
        let wrote = guarded.raw.try_lock();
        if wrote {
            guarded.touch();
        }
        for reader in readers {
            assert!(reader.join().unwrap() <= u32::from(wrote));
        }
        quiet(&guarded.raw);
    });
}

#[test]
fn spread_writer_timeout_races_reader() {
    loom::model(|| {
        let guarded = Guarded::spread();
        guarded.raw.rlock_at(0);
        let writer = spawn(&guarded, |guarded| {
            let ours = guarded.raw.lock_until_with_patience(1, NEVER);
            if ours {
                guarded.touch();
            }
            u32::from(ours)
        });
        let reader = spawn(&guarded, |guarded| guarded.read(1, 1));
        assert_eq!(guarded.look(0), 0);
        let written = writer.join().unwrap();
        assert!(reader.join().unwrap() <= written);
        quiet(&guarded.raw);
    });
}

/// Mutexes that spread, gather and spread again lose no reader.
#[test]
fn spread_again_races_writer_and_reader() {
    loom::model(|| {
        let guarded = Guarded::spread();
        let writer = spawn(&guarded, |guarded| guarded.write(NEVER));
        let reader = spawn(&guarded, |guarded| guarded.read(0, 0));
        guarded.raw.spread();
        guarded.write(NEVER);
        assert!(reader.join().unwrap() <= 2);
        writer.join().unwrap();
        quiet(&guarded.raw);
    });
}
