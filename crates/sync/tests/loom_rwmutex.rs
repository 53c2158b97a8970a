//! Models of the reader/writer mutex. There is no clock: a writer of these models either never
//! starves, or starves as soon as it was woken once.
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
    fn write(&self, patience: u64) {
        self.raw.lock_with_patience(patience);
        self.touch();
    }

    fn touch(&self) {
        // SAFETY: the model checks that the accesses are ordered.
        self.value.with_mut(|value| unsafe { *value += 1 });
        self.raw.unlock();
    }

    fn read(&self) -> u32 {
        self.raw.rlock();
        self.look()
    }

    fn look(&self) -> u32 {
        // SAFETY: the model checks that the accesses are ordered.
        let value = self.value.with(|value| unsafe { *value });
        self.raw.runlock();
        value
    }

    fn write_until(&self, patience: u64) -> u32 {
        let ours = self.raw.lock_until_with_patience(1, patience);
        if ours {
            self.touch();
        }
        u32::from(ours)
    }

    fn read_until(&self) {
        if self.raw.rlock_until(1) {
            self.look();
        }
    }
}

fn spawn<T: 'static>(
    guarded: &Arc<Guarded>,
    f: impl FnOnce(&Guarded) -> T + 'static,
) -> JoinHandle<T> {
    let guarded = Arc::clone(guarded);
    thread::spawn(move || f(&guarded))
}

/// When nobody holds or wants it, the words say so.
fn quiet(raw: &RawRwMutex) {
    let state = format!("{raw:?}");
    let idle = "writer: false, readers: 0, waiting_readers: 0, waiting_writer: false, ";
    assert!(state.contains(idle) && state.contains("tokens: (0, 0)"), "{state}");
    assert!(raw.try_lock(), "{state}");
}

fn model_of(preemptions: usize, f: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.map(|bound| bound.max(preemptions));
    builder.check(f);
}

#[test]
fn rwmutex_two_writers() {
    for patience in [NEVER, AT_ONCE] {
        loom::model(move || {
            let guarded = Arc::new(Guarded::default());
            let other = spawn(&guarded, move |guarded| guarded.write(patience));
            guarded.write(NEVER);
            guarded.write(NEVER);
            other.join().unwrap();
            assert_eq!(guarded.read(), 3);
            quiet(&guarded.raw);
        });
    }
}

#[test]
fn rwmutex_writer_races_readers() {
    loom::model(|| {
        let guarded = Arc::new(Guarded::default());
        let readers = [(); 2].map(|()| spawn(&guarded, Guarded::read));
        guarded.write(NEVER);
        for reader in readers {
            assert!(reader.join().unwrap() <= 1);
        }
        assert_eq!(guarded.read(), 1);
        quiet(&guarded.raw);
    });
}

#[test]
fn rwmutex_two_writers_and_a_reader() {
    for patience in [NEVER, AT_ONCE] {
        loom::model(move || {
            let guarded = Arc::new(Guarded::default());
            let reader = spawn(&guarded, Guarded::read);
            let writer = spawn(&guarded, move |guarded| guarded.write(patience));
            guarded.write(NEVER);
            assert!(reader.join().unwrap() <= 2);
            writer.join().unwrap();
            assert_eq!(guarded.read(), 2);
            quiet(&guarded.raw);
        });
    }
}

#[test]
fn rwmutex_reader_timeout_races_unlock() {
    loom::model(|| {
        let guarded = Arc::new(Guarded::default());
        guarded.raw.lock();
        let others = [(); 2].map(|()| spawn(&guarded, Guarded::read_until));
        guarded.touch();
        guarded.write(NEVER);
        for other in others {
            other.join().unwrap();
        }
        quiet(&guarded.raw);
    });
}

/// The writer announces itself, a reader queues behind it, and only then the deadline comes.
#[test]
fn rwmutex_writer_timeout_races_readers() {
    model_of(3, || {
        let guarded = Arc::new(Guarded::default());
        guarded.raw.rlock();
        let writer = spawn(&guarded, |guarded| guarded.write_until(NEVER));
        let reader = spawn(&guarded, Guarded::read);
        guarded.look();
        let written = writer.join().unwrap();
        assert!(reader.join().unwrap() <= written);
        assert_eq!(guarded.read(), written);
        quiet(&guarded.raw);
    });
}

#[test]
fn rwmutex_writer_timeout_races_handoff() {
    loom::model(|| {
        let guarded = Arc::new(Guarded::default());
        guarded.raw.lock();
        let writer = spawn(&guarded, |guarded| guarded.write_until(AT_ONCE));
        guarded.touch();
        guarded.write(NEVER);
        let written = writer.join().unwrap();
        assert_eq!(guarded.read(), 2 + written);
        quiet(&guarded.raw);
    });
}
