//! Locks of other crates beside ours on plain threads.
#![expect(clippy::disallowed_types, reason = "std's locks are what is compared with")]

use gaggle::sync as ours;
use std::hint::black_box;
use std::sync as std_sync;
use std::thread;

/// One crate's locks.
pub(super) trait Locks: 'static {
    const NAME: &'static str;
    type Mutex: Send + Sync + Default;
    type Rw: Send + Sync + Default;
    type Once: Send + Sync;
    type Cond: Send + Sync + Default;

    fn once() -> Self::Once;
    /// Adds to the value under the mutex, and says what it is then.
    fn add(mutex: &Self::Mutex, n: u64) -> u64;
    fn read(rw: &Self::Rw) -> u64;
    fn write(rw: &Self::Rw, n: u64) -> u64;
    fn call(once: &Self::Once, f: impl FnOnce());
    /// Waits until the value is of the parity `turn`, adds one and tells the others.
    fn take_turn(mutex: &Self::Mutex, cond: &Self::Cond, turn: u64);
}

/// A crate whose locks give guards that need no unwrapping, and lend them to a condition.
macro_rules! usual_locks {
    ($name:ident, $word:literal, $of:ident, $rw:ident, $cond:ident, $notify:ident) => {
        pub(super) struct $name;

        impl Locks for $name {
            const NAME: &'static str = $word;
            type Mutex = $of::Mutex<u64>;
            type Rw = $of::$rw<u64>;
            type Once = $of::Once;
            type Cond = $of::$cond;

            fn once() -> Self::Once {
                $of::Once::new()
            }

            fn add(mutex: &Self::Mutex, n: u64) -> u64 {
                let mut value = mutex.lock();
                *value += n;
                *value
            }

            fn read(rw: &Self::Rw) -> u64 {
                *rw.read()
            }

            fn write(rw: &Self::Rw, n: u64) -> u64 {
                let mut value = rw.write();
                *value += n;
                *value
            }

            fn call(once: &Self::Once, f: impl FnOnce()) {
                once.call_once(f);
            }

            fn take_turn(mutex: &Self::Mutex, cond: &Self::Cond, turn: u64) {
                let mut value = mutex.lock();
                while *value % 2 != turn {
                    cond.wait(&mut value);
                }
                *value += 1;
                cond.$notify();
            }
        }
    };
}

usual_locks!(Ours, "gaggle", ours, RwMutex, Cond, signal);
usual_locks!(ParkingLot, "parking_lot", parking_lot, RwLock, Condvar, notify_one);

pub(super) struct Std;

const POISON: &str = "nobody panics here";

impl Locks for Std {
    const NAME: &'static str = "std";
    type Mutex = std_sync::Mutex<u64>;
    type Rw = std_sync::RwLock<u64>;
    type Once = std_sync::Once;
    type Cond = std_sync::Condvar;

    fn once() -> Self::Once {
        std_sync::Once::new()
    }

    fn add(mutex: &Self::Mutex, n: u64) -> u64 {
        let mut value = mutex.lock().expect(POISON);
        *value += n;
        *value
    }

    fn read(rw: &Self::Rw) -> u64 {
        *rw.read().expect(POISON)
    }

    fn write(rw: &Self::Rw, n: u64) -> u64 {
        let mut value = rw.write().expect(POISON);
        *value += n;
        *value
    }

    fn call(once: &Self::Once, f: impl FnOnce()) {
        once.call_once(f);
    }

    fn take_turn(mutex: &Self::Mutex, cond: &Self::Cond, turn: u64) {
        let mut value = mutex.lock().expect(POISON);
        while *value % 2 != turn {
            value = cond.wait(value).expect(POISON);
        }
        *value += 1;
        cond.notify_one();
    }
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    what: What,
    threads: u64,
    pub(super) n: u64,
}

/// What each thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Add,
    /// With work between two turns.
    AddAndWork,
    Read,
    Write,
    /// Each so many-th time it writes, else it reads.
    WriteEach(u64),
    Once,
    Turns,
}

const fn row(name: &'static str, what: What, threads: u64, n: u64) -> Shape {
    Shape { name, what, threads, n }
}

#[rustfmt::skip]
pub(super) static SHAPES: [Shape; 11] = [
    row("mutex_alone", What::Add, 1, 10_000_000), row("mutex_crowd", What::Add, 4, 4_000_000), row("mutex_crowd_work", What::AddAndWork, 4, 2_000_000),
    row("rw_read_alone", What::Read, 1, 10_000_000), row("rw_write_alone", What::Write, 1, 10_000_000), row("rw_read_crowd", What::Read, 4, 8_000_000),
    row("rw_write_crowd", What::Write, 4, 2_000_000), row("rw_mixed_10", What::WriteEach(10), 4, 2_000_000), row("rw_mixed_1000", What::WriteEach(1000), 4, 4_000_000),
    row("once_done", What::Once, 1, 100_000_000), row("cond_turns", What::Turns, 2, 60_000),
];

/// What a thread does between two turns: a hundred steps, each of which needs the one before. The factor is not shown
/// to the compiler, which makes one step of them all otherwise.
fn work(mut x: u64) -> u64 {
    let factor = black_box(6_364_136_223_846_793_005_u64);
    for _ in 0..100 {
        x = x.wrapping_mul(factor).wrapping_add(1);
    }
    x
}

/// Everything that the threads share.
struct Shared<L: Locks> {
    mutex: L::Mutex,
    rw: L::Rw,
    once: L::Once,
    cond: L::Cond,
}

/// One thread's share; how often it wrote.
fn share<L: Locks>(what: What, shared: &Shared<L>, at: u64, n: u64) -> u64 {
    let Shared { mutex, rw, once, cond } = black_box(shared);
    let (mut wrote, mut x) = (0, at);
    for turn in 0..n {
        wrote += match what {
            What::Add => u64::from(L::add(mutex, 1) > 0),
            What::AddAndWork => {
                x = work(x);
                u64::from(L::add(mutex, 1) > 0)
            }
            What::Write => u64::from(L::write(rw, 1) > 0),
            What::WriteEach(each) if turn % each == 0 => u64::from(L::write(rw, 1) > 0),
            What::Read | What::WriteEach(_) => {
                x ^= L::read(rw);
                0
            }
            What::Once => {
                L::call(black_box(once), || unreachable!("it was called"));
                0
            }
            What::Turns => {
                L::take_turn(mutex, cond, at);
                1
            }
        };
    }
    black_box(x);
    wrote
}

/// Runs `n` operations.
pub(super) fn run<L: Locks>(shape: &Shape, n: u64) {
    let each = n / shape.threads;
    let (mutex, rw, once, cond) =
        (L::Mutex::default(), L::Rw::default(), L::once(), L::Cond::default());
    let shared: Shared<L> = Shared { mutex, rw, once, cond };
    L::call(&shared.once, || {});
    let wrote: u64 = thread::scope(|scope| {
        let (shared, what) = (&shared, shape.what);
        let others: Vec<_> = (1..shape.threads)
            .map(|at| scope.spawn(move || share(what, shared, at, each)))
            .collect();
        let mine = share(what, shared, 0, each);
        mine + others.into_iter().map(|other| other.join().expect("it ends")).sum::<u64>()
    });
    assert_eq!(L::add(&shared.mutex, 0) + L::write(&shared.rw, 0), wrote, "what was added");
}
