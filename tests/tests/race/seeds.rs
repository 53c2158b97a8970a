//! The broken patterns of the guides, and what mends each.

use crate::Case;
use crate::support::{cell, for_ever, make, var};
use gaggle::go;
use gaggle::race::Shared;
use gaggle::runtime::gosched;
use gaggle::sync::atomic::{Bool, Int64};
use gaggle::sync::{Mutex, Once, WaitGroup};

pub(crate) const CASES: &[Case] = &[
    ("TestRaceListing9", || {
        // The counter of two goroutines (listing 6.9).
        let (counter, wg) = (var(), WaitGroup::new());
        for _ in 0..2 {
            wg.go(move || {
                let value = counter.get();
                gosched();
                counter.set(value + 1);
            });
        }
        wg.wait();
    }),
    ("TestNoRaceListing13", || {
        let (counter, wg) = (for_ever(Int64::new(0)), WaitGroup::new());
        for _ in 0..2 {
            wg.go(move || {
                counter.add(1);
                gosched();
            });
        }
        wg.wait();
        assert_eq!(counter.load(), 2);
    }),
    ("TestNoRaceListing16", || {
        let (counter, wg) = (for_ever(Mutex::new(var())), WaitGroup::new());
        for _ in 0..2 {
            wg.go(move || {
                let guard = counter.lock();
                let value = guard.get();
                gosched();
                guard.set(value + 1);
            });
        }
        wg.wait();
        assert_eq!(counter.lock().get(), 2);
    }),
    ("TestRaceBusyWait", || {
        // data and ready: a loop over a plain flag.
        let (data, ready) = (var(), cell(false));
        go(move || {
            data.set(42);
            ready.set(true);
        });
        while !ready.get() {
            gosched();
        }
        data.get();
    }),
    ("TestNoRaceBusyWait", || {
        let (data, ready) = (var(), for_ever(Bool::new(false)));
        go(move || {
            data.set(42);
            ready.store(true);
        });
        while !ready.load() {
            gosched();
        }
        data.get();
    }),
    ("TestRaceDoubleChecked", || {
        // Double-checked locking: the first look is at a plain word.
        let (data, ready) = (var(), cell(false));
        let (lock, done) = (for_ever(Mutex::new(())), make::<()>(2));
        for _ in 0..2 {
            go(move || {
                if !ready.get() {
                    let _guard = lock.lock();
                    if !ready.get() {
                        data.set(42);
                        ready.set(true);
                    }
                }
                data.get();
                done.send(());
            });
        }
        done.recv();
        done.recv();
    }),
    ("TestNoRaceDoubleChecked", || {
        let (data, once, done) = (var(), for_ever(Once::new()), make::<()>(2));
        for _ in 0..2 {
            go(move || {
                once.call_once(|| data.set(42));
                data.get();
                done.send(());
            });
        }
        done.recv();
        done.recv();
    }),
    ("TestRaceMap", || {
        // A plain map, written by many.
        let (map, wg) = (for_ever(Shared::new(std::collections::HashMap::new())), WaitGroup::new());
        for key in 0..3 {
            wg.go(move || map.write(|map| _ = map.insert(key, key)));
        }
        wg.wait();
    }),
    ("TestNoRaceMap", || {
        let map = for_ever(Shared::new(std::collections::HashMap::new()));
        let (lock, wg) = (for_ever(Mutex::new(())), WaitGroup::new());
        for key in 0..3 {
            wg.go(move || {
                let _guard = lock.lock();
                map.write(|map| _ = map.insert(key, key));
            });
        }
        wg.wait();
        assert_eq!(map.read(|map| map.len()), 3);
    }),
    ("TestRaceLoopVariable", || {
        // One variable for all rounds of a loop, which the goroutines look at.
        let (i, wg) = (var(), WaitGroup::new());
        for round in 0..3 {
            i.set(round);
            wg.go(move || _ = i.get());
        }
        wg.wait();
    }),
    ("TestNoRaceLoopVariable", || {
        let wg = WaitGroup::new();
        for round in 0..3 {
            let i = cell(round);
            wg.go(move || _ = i.get());
        }
        wg.wait();
    }),
    ("TestNoRaceSharedReads", || {
        let (list, wg) = (for_ever(Shared::new(vec![1, 2, 3])), WaitGroup::new());
        for at in 0..3 {
            wg.go(move || _ = list.read(|list| list[at]));
        }
        wg.wait();
    }),
    ("TestNoRaceJoin", || {
        let x = var();
        let handle = gaggle::spawn(move || x.set(1));
        handle.join().expect("it does not panic");
        x.set(2);
        gaggle::scope(|s| {
            s.go(|| x.set(3));
        });
        x.set(4);
    }),
    ("TestNoRaceContext", || {
        let x = var();
        let (ctx, cancel) = gaggle::context::with_cancel(&gaggle::context::background());
        go(move || {
            x.set(1);
            cancel.cancel();
        });
        while ctx.err().is_none() {
            gosched();
        }
        x.set(2);
    }),
];
