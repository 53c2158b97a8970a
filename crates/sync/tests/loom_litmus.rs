//! The memory model, rule by rule (SEMANTICS Y): for each edge a program that is race-free because of it,
//! and for what gives no edge a program that the model finds racing.
//!
//! Not here: Y5, Y19 and Y20, which are about packages, finalizers and synctest bubbles; Y18, because models
//! have no clock; Y22, which is about compilers. R7 and Y12 for stores followed by loads, because loom takes
//! SeqCst accesses for AcqRel ones: those are stress tests (`atomic.rs`, and `litmus` of the whole system).
#![cfg(loom)]

#[path = "support/as_it_is.rs"]
mod as_it_is;
#[path = "litmus/plain.rs"]
mod plain;

use gaggle_gopark::{self as gopark, Task};
use gaggle_hchan::chan;
use gaggle_sync::atomic::{Int64, Pointer, Uint64, Value};
use gaggle_sync::{BareMutex, BareRwMutex, Cond, Map, Once, OnceFunc, Pool, WaitGroup};
use loom::sync::Arc;
use loom::thread;
use plain::Plain;
use std::panic::Location;

/// What two goroutines share: something to write, and what orders it.
struct Shared<S> {
    data: Plain,
    by: S,
}

fn shared<S>(by: S) -> Arc<Shared<S>> {
    Arc::new(Shared { data: Plain::new(), by })
}

/// `publish` on one goroutine after a write, `observe` on the other; where that says true, the write
/// happened before.
fn edge<S: 'static>(
    make: impl Fn() -> S + Send + Sync + 'static,
    publish: fn(&S),
    observe: fn(&S) -> bool,
) {
    loom::model(move || {
        let here = shared(make());
        let there = Arc::clone(&here);
        let other = thread::spawn(move || {
            there.data.write(1);
            publish(&there.by);
        });
        if observe(&here.by) {
            assert_eq!(here.data.read(), 1);
        }
        other.join().unwrap();
    });
}

/// As [`edge`], where the model is to find the two accesses racing. What they share is leaked: its
/// destructor could not run in a model that has failed.
fn no_edge<S: 'static>(
    make: impl Fn() -> S + Send + Sync + 'static,
    publish: fn(&S),
    observe: fn(&S) -> bool,
) {
    loom::model(move || {
        let shared: &'static Shared<S> =
            Box::leak(Box::new(Shared { data: Plain::new(), by: make() }));
        let other = thread::spawn(move || {
            shared.data.write(1);
            publish(&shared.by);
        });
        if observe(&shared.by) {
            shared.data.read();
        }
        other.join().unwrap();
    });
}

/// Y1, Y2: program order and edges are transitive: a write is seen two hand-overs later.
#[test]
fn y2_edges_are_transitive() {
    loom::model(|| {
        let first = shared((chan::<()>(1), BareMutex::new(), Uint64::new(0)));
        let (second, third) = (Arc::clone(&first), Arc::clone(&first));
        let writer = thread::spawn(move || {
            third.data.write(1);
            third.by.0.send(());
        });
        let between = thread::spawn(move || {
            second.by.0.recv();
            second.by.2.store(1);
        });
        if first.by.2.load() == 1 {
            assert_eq!(first.data.read(), 1);
        }
        writer.join().unwrap();
        between.join().unwrap();
    });
}

/// Y3: under a mutex there is no store buffer: of two that write and then look at the other's, one sees.
#[test]
fn y3_race_free_programs_are_sequentially_consistent() {
    loom::model(|| {
        let shared = Arc::new((BareMutex::new(), [Plain::new(), Plain::new()]));
        let side = |shared: &(BareMutex, [Plain; 2]), me: usize| {
            let locked = |f: &dyn Fn() -> u64| {
                shared.0.lock();
                let seen = f();
                shared.0.unlock();
                seen
            };
            locked(&|| {
                shared.1[me].write(1);
                0
            });
            locked(&|| shared.1[1 - me].read())
        };
        let theirs = Arc::clone(&shared);
        let other = thread::spawn(move || side(&theirs, 1));
        let (ours, theirs) = (side(&shared, 0), other.join().unwrap());
        assert!(ours + theirs > 0, "both looked before both wrote");
    });
}

/// Y4: a word that is written and read without order has some value that was written.
#[test]
fn y4_no_value_comes_out_of_thin_air() {
    use loom::sync::atomic::{AtomicU64, Ordering::Relaxed};
    loom::model(|| {
        let words = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
        let theirs = Arc::clone(&words);
        let other = thread::spawn(move || theirs[1].store(theirs[0].load(Relaxed), Relaxed));
        words[0].store(words[1].load(Relaxed), Relaxed);
        other.join().unwrap();
        assert_eq!((words[0].load(Relaxed), words[1].load(Relaxed)), (0, 0));
    });
}

/// Y6: the `go` statement comes before the goroutine's start.
#[test]
fn y6_go_comes_before_the_start() {
    loom::model(|| {
        let (here, wg) = (shared(()), WaitGroup::new());
        here.data.write(1);
        let there = Arc::clone(&here);
        wg.go(move || assert_eq!(there.data.read(), 1));
        wg.wait();
    });
}

/// Y6: the exit of a goroutine comes before nothing.
#[test]
#[should_panic(expected = "Causality violation")]
fn y6_exit_gives_no_edge() {
    loom::model(|| {
        let data: &'static Plain = Box::leak(Box::new(Plain::new()));
        gopark::spawn(Task::new(|| data.write(1)), Location::caller());
        data.read();
    });
}

#[test]
fn y7_a_send_comes_before_its_receive() {
    for cap in [0, 1] {
        edge(move || chan::<u32>(cap), |c| c.send(1), |c| c.recv() == Some(1));
    }
}

#[test]
fn y8_a_close_comes_before_the_receive_that_sees_it() {
    edge(|| chan::<u32>(0), |c| c.close(), |c| c.recv().is_none());
}

#[test]
fn y9_a_receive_comes_before_the_end_of_an_unbuffered_send() {
    let send = |c: &gaggle_hchan::Chan<u32>| {
        c.send(1);
        true
    };
    edge(|| chan::<u32>(0), |c| _ = c.recv(), send);
}

/// Y9 is about unbuffered channels only.
#[test]
#[should_panic(expected = "Causality violation")]
fn y9_a_buffered_send_waits_for_no_receive() {
    let send = |c: &gaggle_hchan::Chan<u32>| {
        c.send(1);
        true
    };
    no_edge(|| chan::<u32>(1), |c| _ = c.recv(), send);
}

#[test]
fn y10_the_first_receive_comes_before_the_end_of_the_send_after_a_full_buffer() {
    let full = || {
        let c = chan::<u32>(1);
        c.send(0);
        c
    };
    let send = |c: &gaggle_hchan::Chan<u32>| {
        c.send(1);
        true
    };
    edge(full, |c| _ = c.recv(), send);
}

#[test]
fn y11_an_unlock_comes_before_the_next_lock() {
    loom::model(|| {
        let here = shared(BareMutex::new());
        let there = Arc::clone(&here);
        let add = |shared: &Shared<BareMutex>| {
            shared.by.lock();
            shared.data.write(shared.data.read() + 1);
            shared.by.unlock();
        };
        let other = thread::spawn(move || add(&there));
        add(&here);
        other.join().unwrap();
        assert_eq!(here.data.read(), 2);
    });
}

#[test]
fn y11_rlocks_stand_between_the_locks() {
    loom::model(|| {
        let here = shared(BareRwMutex::new());
        let (second, third) = (Arc::clone(&here), Arc::clone(&here));
        let reader = thread::spawn(move || {
            second.by.rlock();
            let seen = second.data.read();
            second.by.runlock();
            seen
        });
        let writer = thread::spawn(move || {
            third.by.lock();
            third.data.write(1);
            third.by.unlock();
        });
        if here.by.try_rlock() {
            here.data.read();
            here.by.runlock();
        }
        assert!(reader.join().unwrap() <= 1);
        writer.join().unwrap();
    });
}

#[test]
fn y11_a_try_lock_that_succeeds_is_a_lock() {
    fn tried(m: &BareMutex) -> bool {
        let ours = m.try_lock();
        if ours {
            m.unlock();
        }
        false // whether the other was first is not known by this
    }
    edge(
        BareMutex::new,
        |m| {
            m.lock();
            m.unlock();
        },
        tried,
    );
    let first = || {
        let m = BareMutex::new();
        m.lock();
        m
    };
    edge(first, |m| m.unlock(), |m| m.try_lock());
}

/// Y12, what loom can show of it: who sees an atomic's effect sees what was before it.
#[test]
fn y12_an_atomic_that_is_observed_orders() {
    edge(|| Int64::new(0), |word| word.store(1), |word| word.load() == 1);
    edge(|| Int64::new(0), |word| _ = word.add(1), |word| word.swap(5) == 1);
    let store = |p: &Pointer<u32>| p.store(Some(std::sync::Arc::new(1)));
    edge(Pointer::null, store, |p| p.load().is_some());
    // Seen without the lock, too; seen to fail with a Relaxed load in `Shared::lies_at`. A Relaxed store to what
    // that reads is not found here: the model enters sections by SeqCst fences, and a fence before a store makes
    // it a release. So is any store of x86-64; on other machines only the stress test would tell.
    let one = || (Pointer::null(), std::sync::Arc::new(1_u32));
    let store = |p: &(Pointer<u32>, std::sync::Arc<u32>)| p.0.store(Some(p.1.clone()));
    edge(one, store, |p| !p.0.refresh(&mut Some(p.1.clone())));
    edge(Value::new, |v| v.store(1_u64), |v| v.copied() == Some(1_u64));
}

/// Two stores race a copy: it is of one of the values, or of what was there before. Seen to fail without the
/// Release fence in `Copied::change`, without the Acquire fence in `Copied::read`, without its second look at
/// the version, and with words stored before the version is odd.
#[test]
fn y12_a_copy_races_two_stores() {
    loom::model(|| {
        let value = Arc::new(Value::new());
        value.store([0_u64; 2]);
        let there = Arc::clone(&value);
        let other = thread::spawn(move || (1..=2_u64).for_each(|n| there.store([n; 2])));
        let seen: Vec<[u64; 2]> = (0..2).filter_map(|_| value.copied()).collect();
        assert!(seen.iter().all(|one| one[0] == one[1]), "{seen:?}");
        assert!(seen.len() == 2 && seen[0][0] <= seen[1][0], "{seen:?}");
        other.join().unwrap();
        assert_eq!(value.copied(), Some([2_u64; 2]));
    });
}

#[test]
fn y13_the_call_comes_before_the_return_of_any() {
    loom::model(|| {
        let here = shared(Once::new());
        let there = Arc::clone(&here);
        let call = |shared: &Shared<Once>| {
            shared.by.call_once(|| shared.data.write(1));
            assert_eq!(shared.data.read(), 1);
        };
        let other = thread::spawn(move || call(&there));
        call(&here);
        other.join().unwrap();
    });
}

#[test]
fn y13_once_func_likewise() {
    loom::model(|| {
        let data = Arc::new(Plain::new());
        let theirs = Arc::clone(&data);
        let f = Arc::new(OnceFunc::new(move || theirs.write(1)));
        let (g, seen) = (Arc::clone(&f), Arc::clone(&data));
        let other = thread::spawn(move || {
            g.call();
            assert_eq!(seen.read(), 1);
        });
        f.call();
        assert_eq!(data.read(), 1);
        other.join().unwrap();
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
        |wg| wg.done(),
        |wg| {
            wg.wait();
            true
        },
    );
}

#[test]
fn y15_a_signal_comes_before_the_wait_it_ends() {
    // The lock orders nothing between the two: only the waiter has it.
    edge(
        || (Cond::new(), BareMutex::new()),
        |(cond, _)| cond.broadcast(),
        |(cond, lock)| {
            lock.lock();
            cond.wait_on_timeout(lock, std::time::Duration::from_nanos(1))
        },
    );
}

#[test]
fn y16_a_write_comes_before_the_read_that_observes_it() {
    type Keys = Map<u64, u64, std::hash::BuildHasherDefault<as_it_is::AsItIs>>;
    let make = || Keys::with_hasher(Default::default());
    edge(make, |map: &Keys| map.store(1, 1), |map| map.load(&1) == Some(1));
    let one = move || {
        let map = make();
        map.store(1, 1);
        map
    };
    edge(one, |map: &Keys| map.delete(&1), |map| map.load(&1).is_none());
}

#[test]
fn y17_a_put_comes_before_the_get_of_that_item() {
    edge(|| Pool::<u64>::new(|| 0), |pool| pool.put(1), |pool| pool.get() == 1);
}

/// Y21: what fails gives no edge. (That our failing receive and `len` give one is no promise.)
#[test]
#[should_panic(expected = "Causality violation")]
fn y21_a_try_lock_that_fails_gives_no_edge() {
    no_edge(BareMutex::new, |m| _ = m.try_lock(), |m| !m.try_lock());
}

#[test]
#[should_panic(expected = "Causality violation")]
fn y21_a_try_rlock_that_fails_gives_no_edge() {
    no_edge(BareRwMutex::new, |m| _ = m.try_lock(), |m| !m.try_rlock());
}
