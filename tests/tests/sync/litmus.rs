//! The memory model on real threads and goroutines: the edges of SEMANTICS Y, many times over.
//!
//! What a model of loom proves for small programs (`crates/sync/tests/loom_litmus.rs`), this looks for in
//! what the hardware and the scheduler do. The variables are not atomics, so a wrong edge is also found by
//! ThreadSanitizer. R7 and Y12 are here only: loom does not model them.

use crate::field::on;
use gaggle::sync::atomic::{Int64, Pointer, Uint64, Value};
use gaggle::sync::{BareMutex, BareRwMutex, Cond, Map, Once, OnceValue, Pool, WaitGroup};
use gaggle::{Chan, chan, time};
use std::cell::UnsafeCell;
use std::sync::Arc;
use std::time::Duration;

const ROUNDS: u64 = 3_000;

/// A plain variable of two words, which could tear.
#[derive(Default)]
struct Plain(UnsafeCell<[u64; 2]>);

// SAFETY: each test has an edge between the write and the read.
unsafe impl Send for Plain {}
// SAFETY: as above.
unsafe impl Sync for Plain {}

impl Plain {
    fn write(&self, value: u64) {
        // SAFETY: as above.
        unsafe { *self.0.get() = [value; 2] };
    }

    fn read(&self) -> u64 {
        // SAFETY: as above.
        let [one, other] = unsafe { *self.0.get() };
        assert_eq!(one, other, "it tore");
        one
    }
}

/// Who runs the two sides.
#[derive(Clone, Copy)]
enum Host {
    Goroutines,
    Threads,
}

impl Host {
    fn start(self, f: impl FnOnce() + Send + 'static) -> Box<dyn FnOnce()> {
        match self {
            Host::Goroutines => {
                let handle = gaggle::spawn(f);
                Box::new(move || {
                    handle.join().unwrap_or_else(|panic| panic!("{}", panic.message()))
                })
            }
            Host::Threads => {
                let handle = std::thread::spawn(f);
                Box::new(move || handle.join().unwrap())
            }
        }
    }
}

/// Many rounds, each with a fresh `S`: what the first side wrote before `publish` the second reads after
/// `observe` has said true.
fn edge<S: Send + Sync + 'static>(
    make: fn() -> S,
    publish: fn(&S, u64),
    observe: fn(&S, u64) -> bool,
) {
    on_all_hosts(move |host| {
        let all: Arc<[(S, Plain)]> = (0..ROUNDS).map(|_| (make(), Plain::default())).collect();
        let theirs = Arc::clone(&all);
        let other = host.start(move || {
            for (at, (by, data)) in theirs.iter().enumerate() {
                data.write(at as u64 + 1);
                publish(by, at as u64 + 1);
            }
        });
        for (at, (by, data)) in all.iter().enumerate() {
            if observe(by, at as u64 + 1) {
                assert_eq!(data.read(), at as u64 + 1);
            }
        }
        other();
    });
}

fn on_all_hosts(body: impl Fn(Host) + Copy + Send + 'static) {
    for procs in [1, 2, 4, 16] {
        on(procs, move || body(Host::Goroutines));
    }
    body(Host::Threads);
}

/// Both sides count in one variable under what `locked` does.
fn excluded<S: Send + Sync + 'static>(make: fn() -> S, locked: fn(&S, &dyn Fn())) {
    on_all_hosts(move |host| {
        let shared = Arc::new((make(), Plain::default()));
        let count = move |shared: &(S, Plain)| {
            for _ in 0..ROUNDS {
                locked(&shared.0, &|| shared.1.write(shared.1.read() + 1));
            }
        };
        let theirs = Arc::clone(&shared);
        let other = host.start(move || count(&theirs));
        count(&shared);
        other();
        assert_eq!(shared.1.read(), 2 * ROUNDS);
    });
}

#[test]
fn y6_go_comes_before_the_start() {
    on_all_hosts(|host| {
        for round in 0..200 {
            let data = Arc::new(Plain::default());
            data.write(round);
            let theirs = Arc::clone(&data);
            host.start(move || assert_eq!(theirs.read(), round))();
        }
    });
}

#[test]
fn y7_a_send_comes_before_its_receive() {
    edge(|| chan::<u64>(0), |c, at| c.send(at), |c, at| c.recv() == Some(at));
    edge(|| chan::<u64>(1), |c, at| c.send(at), |c, at| c.recv() == Some(at));
}

#[test]
fn y8_a_close_comes_before_the_receive_that_sees_it() {
    edge(|| chan::<u64>(0), |c, _| c.close(), |c, _| c.recv().is_none());
}

fn sent(c: &Chan<u64>, at: u64) -> bool {
    c.send(at);
    true
}

#[test]
fn y9_a_receive_comes_before_the_end_of_an_unbuffered_send() {
    edge(|| chan::<u64>(0), |c, _| _ = c.recv(), sent);
}

#[test]
fn y10_a_full_buffer_is_a_semaphore() {
    let full = || {
        let c = chan::<u64>(2);
        c.send(0);
        c.send(0);
        c
    };
    edge(full, |c, _| _ = c.recv(), sent);
}

#[test]
fn y11_an_unlock_comes_before_the_next_lock() {
    excluded(BareMutex::new, |m, f| {
        m.lock();
        f();
        m.unlock();
    });
    excluded(BareMutex::new, |m, f| {
        while !m.try_lock() {
            gaggle::runtime::gosched();
        }
        f();
        m.unlock();
    });
    excluded(BareMutex::new, |m, f| {
        while !m.lock_timeout(Duration::from_micros(50)) {}
        f();
        m.unlock();
    });
    excluded(BareRwMutex::new, |m, f| {
        m.lock();
        f();
        m.unlock();
    });
}

#[test]
fn y11_rlocks_stand_between_the_locks() {
    edge(
        || (BareRwMutex::new(), Uint64::new(0)),
        |(m, there), _| {
            m.lock();
            there.store(1);
            m.unlock();
        },
        |(m, there), _| {
            m.rlock();
            let there = there.load() == 1;
            m.runlock();
            there
        },
    );
}

#[test]
fn y13_the_call_comes_before_the_return_of_any() {
    on_all_hosts(|host| {
        let all: Arc<[(Once, Plain)]> = (0..ROUNDS).map(|_| Default::default()).collect();
        let call = |all: &[(Once, Plain)]| {
            for (once, data) in all {
                once.call_once(|| data.write(1));
                assert_eq!(data.read(), 1);
            }
        };
        let theirs = Arc::clone(&all);
        let other = host.start(move || call(&theirs));
        call(&all);
        other();
    });
}

#[test]
fn y13_once_value_likewise() {
    on_all_hosts(|host| {
        let all: Arc<[OnceValue<Vec<u64>>]> =
            (0..ROUNDS).map(|_| OnceValue::new((|| vec![7; 3]) as fn() -> _)).collect();
        let theirs = Arc::clone(&all);
        let other = host.start(move || theirs.iter().for_each(|v| assert_eq!(v.get(), &[7; 3])));
        all.iter().for_each(|v| assert_eq!(v.get(), &[7; 3]));
        other();
    });
}

#[test]
fn y14_done_comes_before_the_wait_it_ends() {
    let one = || {
        let wg = WaitGroup::new();
        wg.add(1);
        wg
    };
    edge(
        one,
        |wg, _| wg.done(),
        |wg, _| {
            wg.wait();
            true
        },
    );
}

#[test]
fn y15_a_signal_comes_before_the_wait_it_ends() {
    // The lock is the waiter's own: it orders nothing between the two.
    edge(
        || (Cond::new(), BareMutex::new()),
        |(cond, _), _| cond.signal(),
        |(cond, lock), _| {
            lock.lock();
            let woken = cond.wait_on_timeout(lock, Duration::from_micros(5));
            lock.unlock();
            woken
        },
    );
}

#[test]
fn y16_a_write_comes_before_the_read_that_observes_it() {
    edge(Map::<u64, u64>::new, |map, at| map.store(at, at), |map, at| map.load(&at).is_some());
}

#[test]
fn y17_a_put_comes_before_the_get_of_that_item() {
    edge(|| Pool::<u64>::new(|| 0), |pool, at| pool.put(at), |pool, at| pool.get() == at);
}

/// Y18: a timer fires after it was made.
#[test]
fn y18_a_timer_comes_before_its_value() {
    on(2, || {
        for round in 0..20 {
            let data = Arc::new(Plain::default());
            data.write(round);
            let (theirs, tick) = (Arc::clone(&data), time::after(Duration::from_micros(100)));
            let other = gaggle::spawn(move || {
                tick.recv();
                assert_eq!(theirs.read(), round);
            });
            assert!(other.join().is_ok());
        }
    });
}

#[test]
fn y12_what_sees_an_atomic_sees_what_was_before_it() {
    edge(|| Int64::new(0), |word, _| word.store(1), |word, _| word.load() == 1);
    edge(|| Int64::new(0), |word, _| _ = word.add(1), |word, _| word.swap(2) == 1);
    let store = |p: &Pointer<u64>, at| p.store(Some(Arc::new(at)));
    edge(Pointer::null, store, |p, at| p.load().is_some_and(|value| *value == at));
    // Without the lock: a copy, and a look at whether what lies there is what we know.
    edge(Value::new, |v, at| v.store(at), |v, at| v.copied() == Some(at));
    let known = || (Pointer::null(), Arc::new(0_u64));
    let store = |(p, known): &(Pointer<u64>, Arc<u64>), _| p.store(Some(Arc::clone(known)));
    edge(known, store, |(p, known), _| !p.refresh(&mut Some(Arc::clone(known))));
}

/// The two words of a store-buffer test.
trait Words: Send + Sync + 'static {
    fn store(&self, which: usize, value: i64);
    fn load(&self, which: usize) -> i64;
}

impl Words for [Int64; 2] {
    fn store(&self, which: usize, value: i64) {
        self[which].store(value);
    }

    fn load(&self, which: usize) -> i64 {
        self[which].load()
    }
}

/// Pointers behind their locks are in the one order too.
impl Words for [Pointer<i64>; 2] {
    fn store(&self, which: usize, value: i64) {
        Pointer::store(&self[which], Some(Arc::new(value)));
    }

    fn load(&self, which: usize) -> i64 {
        Pointer::load(&self[which]).map_or(0, |value| *value)
    }
}

/// Copies are taken without the lock.
impl Words for [Value; 2] {
    fn store(&self, which: usize, value: i64) {
        Value::store(&self[which], value);
    }

    fn load(&self, which: usize) -> i64 {
        self[which].copied().unwrap_or(0)
    }
}

/// A pointer on the one side, an integer on the other.
impl Words for (Pointer<i64>, Int64) {
    fn store(&self, which: usize, value: i64) {
        match which {
            0 => self.0.store(Some(Arc::new(value))),
            _ => self.1.store(value),
        }
    }

    fn load(&self, which: usize) -> i64 {
        match which {
            0 => self.0.load().map_or(0, |value| *value),
            _ => self.1.load(),
        }
    }
}

/// R7, Y12 (TestStoreLoadSeqCst64): each counts up in its own word and notes what it sees in the other's. Of
/// two stores, each followed by a load of the other's word, one is seen.
fn store_load<W: Words>(make: fn() -> W) {
    const MOST: i64 = 20_000;
    let count = |words: &W, me: usize| -> Vec<i64> {
        let step = |count| {
            words.store(me, count);
            words.load(1 - me)
        };
        (0..=MOST).map(step).collect()
    };
    on_all_hosts(move |host| {
        let words = Arc::new(make());
        let (theirs, tell) = (Arc::clone(&words), chan(1));
        let answer = tell.clone();
        let other = host.start(move || answer.send(count(&theirs, 1)));
        let ours = count(&words, 0);
        let theirs: Vec<i64> = tell.recv().expect("it is sent");
        other();
        // What one sees never goes down, so the first store not seen is the one to ask about.
        let unseen = ours.iter().map(|&seen| seen as usize + 1).enumerate().skip(1);
        let missed =
            unseen.filter(|&(_, j)| j < theirs.len()).find(|&(i, j)| (theirs[j] as usize) < i);
        assert_eq!(missed, None, "two stores, and neither was seen");
    });
}

#[test]
fn r7_no_store_is_behind_a_later_load() {
    store_load(|| [Int64::new(0), Int64::new(0)]);
    store_load(|| [Pointer::new(0), Pointer::new(0)]);
    store_load(|| (Pointer::new(0), Int64::new(0)));
    store_load(|| [Value::new(), Value::new()]);
}
