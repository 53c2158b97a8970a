//! Condition variables, functions called later, `Once`, and what the rest of `sync` orders.

use crate::Case;
use crate::support::{for_ever, make, pause, recovering, var};
use gaggle::go;
use gaggle::sync::{BareMutex, Cond, Map, Mutex, Once, RwMutex};
use gaggle::time::after_func;
use std::time::Duration;

const SOON: Duration = Duration::from_millis(1);

pub(crate) const CASES: &[Case] = &[
    ("TestNoRaceCond", || {
        let (x, condition) = (var(), var());
        let (mu, cond) = (for_ever(BareMutex::new()), for_ever(Cond::new()));
        go(move || {
            x.set(1);
            mu.lock();
            condition.set(1);
            cond.signal();
            mu.unlock();
        });
        mu.lock();
        while condition.get() != 1 {
            cond.wait_on(mu);
        }
        mu.unlock();
        x.set(2);
    }),
    ("TestRaceCond", || {
        let done = make::<bool>(0);
        let (mu, cond) = (for_ever(BareMutex::new()), for_ever(Cond::new()));
        let (x, condition) = (var(), var());
        go(move || {
            pause(); // main waits by then
            x.set(1);
            mu.lock();
            condition.set(1);
            cond.signal();
            mu.unlock();
            pause(); // main has gone on
            mu.lock();
            x.set(3);
            mu.unlock();
            done.send(true);
        });
        mu.lock();
        while condition.get() != 1 {
            cond.wait_on(mu);
        }
        mu.unlock();
        x.set(2);
        done.recv();
    }),
    ("TestRaceAnnounceThreads", || {
        // Many goroutines that have ended, and then two that race.
        let (x, done) = (var(), make::<()>(2));
        for _ in 0..300 {
            let end = make::<()>(0);
            go(move || end.send(()));
            end.recv();
        }
        for value in [1, 2] {
            go(move || {
                x.set(value);
                done.send(());
            });
        }
        done.recv();
        done.recv();
    }),
    ("TestNoRaceAfterFunc1", || {
        let (i, done) = (var(), make::<bool>(0));
        fn chain(i: &'static gaggle::race::Cell<i64>, done: &'static gaggle::Chan<bool>) {
            after_func(Duration::ZERO, move || {
                i.update(|i| i + 1);
                if i.get() < 5 { chain(i, done) } else { done.send(true) }
            });
        }
        chain(i, done);
        done.recv();
    }),
    ("TestNoRaceAfterFunc2", || {
        let x = var();
        let end = make::<()>(0);
        x.set(1);
        let timer = after_func(SOON, move || {
            x.set(2);
            end.send(());
        });
        end.recv();
        x.set(3);
        drop(timer);
    }),
    ("TestNoRaceAfterFunc3", || {
        let (x, c) = (var(), make::<bool>(1));
        after_func(SOON, move || {
            x.set(1);
            c.send(true);
        });
        c.recv();
        x.set(2);
    }),
    ("TestNoRaceAfterFunc4", || {
        // What comes before a reset comes before the call.
        let (x, c) = (var(), make::<bool>(1));
        let timer = after_func(Duration::from_secs(3600), move || {
            x.set(2);
            c.send(true);
        });
        x.set(1);
        timer.reset(SOON);
        c.recv();
    }),
    ("TestRaceAfterFunc", || {
        let (x, c) = (var(), make::<bool>(1));
        after_func(SOON, move || {
            x.set(1);
            c.send(true);
        });
        x.set(2); // after the call was set
        c.recv();
    }),
    ("TestRaceAfterFunc2", || {
        let (x, c) = (var(), make::<bool>(2));
        for value in [1, 2] {
            after_func(SOON, move || {
                x.set(value);
                c.send(true);
            });
        }
        c.recv();
        c.recv();
    }),
    ("TestRaceAfterFunc3", || {
        let (x, c) = (var(), make::<bool>(2));
        for (value, wait) in [(1, SOON), (2, 2 * SOON)] {
            after_func(wait, move || {
                x.set(value);
                c.send(true);
            });
        }
        c.recv();
        c.recv();
    }),
    ("TestNoRaceNilMutexCrash", || {
        // A panic where a lock was to be taken leaves the detector as it was.
        let (lock, panics) = (for_ever(Mutex::new(())), var());
        let nil: Option<&RwMutex<()>> = std::hint::black_box(None);
        recovering(move || drop(nil.expect("a nil pointer").read()));
        let _guard = lock.lock();
        panics.set(panics.get() + 1);
    }),
    ("TestRaceGoroutineCreationStack", || {
        // Both goroutines have a go statement of their own.
        let (x, done) = (var(), make::<()>(2));
        go(move || {
            x.set(1);
            done.send(());
        });
        go(move || {
            x.set(2);
            done.send(());
        });
        done.recv();
        done.recv();
    }),
    ("TestNoRaceOnce", || {
        let (x, once, done) = (var(), for_ever(Once::new()), make::<()>(3));
        for _ in 0..3 {
            go(move || {
                once.call_once(|| x.set(1));
                x.get();
                done.send(());
            });
        }
        (0..3).for_each(|_| _ = done.recv());
    }),
    ("TestNoRaceMap", || {
        let (x, map) = (var(), for_ever(Map::<u32, u32>::new()));
        go(move || {
            x.set(1);
            map.store(1, 1);
        });
        while map.load(&1).is_none() {
            gaggle::runtime::gosched();
        }
        x.set(2);
    }),
];
