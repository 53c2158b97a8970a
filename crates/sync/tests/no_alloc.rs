//! No operation of a lock, a group or a condition allocates, also when it waits; a range over a map does
//! not either (TestMapRangeNoAllocations).
#![cfg(not(loom))]

#[path = "../../hchan/tests/common/allocations.rs"]
mod allocations;

use allocations::allocations;
use gaggle_sync::{
    Cond, Map, Mutex, Once, OnceFunc, OnceValue, Pool, RwMutex, WaitGroup, lockorder,
};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// N6: none for each call; none for the making either.
#[test]
fn calls_of_once_do_not_allocate() {
    lockorder::stop(); // which notes who holds what
    let work = || {
        let (once, f, value) = (Once::new(), OnceFunc::new(|| {}), OnceValue::new(|| 7));
        for _ in 0..100 {
            once.call_once(|| {});
            f.call();
            assert_eq!(*value.get(), 7);
        }
    };
    assert_eq!(allocations(work), 0);
}

/// TestMapRangeNoAllocations (Q4); reads do not either (Q7).
#[test]
fn ranges_and_reads_of_a_map_do_not_allocate() {
    let map = Map::<u64, u64>::new();
    (0..1000).for_each(|key| map.store(key, key));
    map.range(|_, _| true); // what a thread needs once
    let work = || {
        let mut sum = 0;
        map.range(|_, value| {
            sum += value;
            true
        });
        sum += (0..1000).filter_map(|key| map.load(&key)).sum::<u64>();
        assert_eq!(sum, 2 * 499_500);
    };
    assert_eq!(allocations(work), 0);
}

#[test]
fn what_does_not_wait_does_not_allocate() {
    lockorder::stop(); // which notes who holds what
    let (m, rw, wg) = (Mutex::new(0), RwMutex::new(0), WaitGroup::new());
    let (cond, pool) = (Cond::new(), Pool::<u64>::new(|| 0));
    pool.put(1); // its shard
    drop(m.lock());
    let work = || {
        for _ in 0..100 {
            *m.lock() += 1;
            let value = *rw.read();
            *rw.write() += value;
            assert!(m.try_lock().is_some() && rw.try_write().is_some());
            wg.add(1);
            wg.done();
            wg.wait();
            cond.signal();
            cond.broadcast();
            let item = pool.get();
            pool.put(item);
        }
    };
    assert_eq!(allocations(work), 0);
}

#[test]
fn waiting_does_not_allocate() {
    lockorder::stop(); // which notes who holds what
    const ROUNDS: u64 = 300;
    struct Shared {
        m: Mutex<u64>,
        turn: Cond,
        rw: RwMutex<u64>,
    }
    let shared = Arc::new(Shared { m: Mutex::new(0), turn: Cond::new(), rw: RwMutex::new(0) });
    let rounds = |shared: &Shared, me: u64| {
        for _ in 0..ROUNDS {
            let mut turn = shared.m.lock();
            while *turn % 2 != me {
                shared.turn.wait_timeout(&mut turn, Duration::from_secs(60));
            }
            *turn += 1;
            shared.turn.signal();
            drop(turn);
            *shared.rw.write() += 1;
            assert!(*shared.rw.read() > 0);
        }
    };
    let theirs = Arc::clone(&shared);
    let other = thread::spawn(move || {
        drop(theirs.m.lock());
        allocations(|| rounds(&theirs, 1))
    });
    drop(shared.m.lock());
    // A room for the timer of the first timed wait, and slots for readers that collide.
    assert!(allocations(|| rounds(&shared, 0)) < 10);
    assert!(other.join().unwrap() < 10);
    assert_eq!((*shared.m.lock(), *shared.rw.read()), (2 * ROUNDS, 2 * ROUNDS));
}
