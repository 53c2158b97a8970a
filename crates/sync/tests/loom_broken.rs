//! Three patterns that look right and are wrong, as the guides to Go's memory model warn, and what to write
//! instead. The model shows each broken one broken.
#![cfg(loom)]

#[path = "litmus/plain.rs"]
mod plain;

use gaggle_hchan::{Chan, chan, select};
use gaggle_sync::{BareMutex, Once};
use loom::sync::Arc;
use loom::thread;
use plain::Plain;

/// A result, and a flag that says it is there.
fn computed() -> Arc<(Plain, Plain)> {
    Arc::new((Plain::new(), Plain::new()))
}

/// Busy-waiting on a plain flag: nothing orders the flag, nor the result.
#[test]
#[should_panic(expected = "Causality violation")]
fn busy_waiting_on_a_plain_flag_is_broken() {
    loom::model(|| {
        let shared = computed();
        let theirs = Arc::clone(&shared);
        let other = thread::spawn(move || {
            theirs.0.write(42);
            theirs.1.write(1);
        });
        while shared.1.read() == 0 {
            thread::yield_now();
        }
        assert_eq!(shared.0.read(), 42);
        other.join().unwrap();
    });
}

/// The flag becomes a channel that is closed.
#[test]
fn busy_waiting_fixed_by_a_close() {
    loom::model(|| {
        let (shared, ready) = (computed(), chan::<()>(0));
        let (theirs, tell) = (Arc::clone(&shared), ready.clone());
        let other = thread::spawn(move || {
            theirs.0.write(42);
            tell.close();
        });
        assert_eq!(ready.recv(), None);
        assert_eq!(shared.0.read(), 42);
        other.join().unwrap();
    });
}

/// Something that is made by the first who needs it.
struct Lazy {
    made: Plain,
    instance: Plain,
    mutex: BareMutex,
    once: Once,
}

fn lazy(get: fn(&Lazy) -> u64) {
    loom::model(move || {
        let (mutex, once) = (BareMutex::new(), Once::new());
        let lazy = Arc::new(Lazy { made: Plain::new(), instance: Plain::new(), mutex, once });
        let theirs = Arc::clone(&lazy);
        let other = thread::spawn(move || assert_eq!(get(&theirs), 7));
        assert_eq!(get(&lazy), 7);
        other.join().unwrap();
    });
}

/// Double-checked locking: the first check is ordered by nothing.
#[test]
#[should_panic(expected = "Causality violation")]
fn double_checked_locking_is_broken() {
    lazy(|lazy| {
        if lazy.made.read() == 0 {
            lazy.mutex.lock();
            if lazy.made.read() == 0 {
                lazy.instance.write(7);
                lazy.made.write(1);
            }
            lazy.mutex.unlock();
        }
        lazy.instance.read()
    });
}

#[test]
fn double_checked_locking_fixed_by_once() {
    lazy(|lazy| {
        lazy.once.call_once(|| lazy.instance.write(7));
        lazy.instance.read()
    });
}

/// A worker that tells its result, if it can; and who waits for it.
fn told(make: fn() -> Chan<u32>, tell: fn(&Chan<u32>)) {
    loom::model(move || {
        let results = make();
        let theirs = results.clone();
        let worker = thread::spawn(move || {
            tell(&theirs);
            theirs.close();
        });
        assert_eq!(results.recv(), Some(42), "the result was lost");
        worker.join().unwrap();
    });
}

/// Select with default: the default runs whenever the receiver is not there yet, and the result is lost.
#[test]
#[should_panic(expected = "the result was lost")]
fn a_send_with_default_is_broken() {
    told(
        || chan(0),
        |results| {
            select! {
                send(results, 42) => {},
                default => {},
            }
        },
    );
}

/// A buffer for the one result: there is always room.
#[test]
fn a_send_with_default_fixed_by_a_buffer() {
    told(
        || chan(1),
        |results| {
            select! {
                send(results, 42) => {},
                default => unreachable!("there is room"),
            }
        },
    );
}

/// Or: it is sent, however long that takes.
#[test]
fn a_send_with_default_fixed_by_waiting() {
    told(|| chan(0), |results| results.send(42));
}
