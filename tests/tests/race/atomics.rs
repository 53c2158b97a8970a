//! Atomics order (SEMANTICS Y12); mixed with plain accesses of the same word they race (Z4).

use crate::Case;
use crate::support::{cell, for_ever, make, recovering, var};
use gaggle::go;
use gaggle::runtime::gosched;
use gaggle::sync::atomic::{Int32, Int64, Pointer, Uint64};
use gaggle::sync::{Mutex, WaitGroup};
use std::sync::Arc;

/// One goroutine writes and publishes; the other looks until it has seen that, and writes.
fn published<S: Sync + 'static>(s: S, publish: fn(&S), seen: fn(&S) -> bool) {
    let (x, s) = (var(), for_ever(s));
    go(move || {
        x.set(2);
        publish(s);
    });
    while !seen(s) {
        gosched();
    }
    x.set(1);
}

pub(crate) const CASES: &[Case] = &[
    ("TestNoRaceAtomicAddInt64", || {
        let (x1, x2, ch, s) = (var(), var(), make::<bool>(2), for_ever(Int64::new(0)));
        go(move || {
            x1.set(1);
            if s.add(1) == 2 {
                x2.set(1);
            }
            ch.send(true);
        });
        go(move || {
            x2.set(1);
            if s.add(1) == 2 {
                x1.set(1);
            }
            ch.send(true);
        });
        ch.recv();
        ch.recv();
    }),
    ("TestRaceAtomicAddInt64", || {
        let (x1, x2, ch, s) = (var(), var(), make::<bool>(2), for_ever(Int64::new(0)));
        go(move || {
            x1.set(1);
            if s.add(1) == 1 {
                x2.set(1);
            }
            ch.send(true);
        });
        go(move || {
            x2.set(1);
            if s.add(1) == 1 {
                x1.set(1);
            }
            ch.send(true);
        });
        ch.recv();
        ch.recv();
    }),
    ("TestNoRaceAtomicAddInt32", || {
        let (x1, x2, ch, s) = (var(), var(), make::<bool>(2), for_ever(Int32::new(0)));
        for (mine, theirs) in [(x1, x2), (x2, x1)] {
            go(move || {
                mine.set(1);
                if s.add(1) == 2 {
                    theirs.set(1);
                }
                ch.send(true);
            });
        }
        ch.recv();
        ch.recv();
    }),
    ("TestNoRaceAtomicLoadAddInt32", || {
        published(Int32::new(0), |s| _ = s.add(1), |s| s.load() == 1)
    }),
    ("TestNoRaceAtomicLoadStoreInt32", || {
        published(Int32::new(0), |s| s.store(1), |s| s.load() == 1)
    }),
    ("TestNoRaceAtomicStoreCASInt32", || {
        published(Int32::new(0), |s| s.store(1), |s| s.compare_and_swap(1, 0))
    }),
    ("TestNoRaceAtomicCASLoadInt32", || {
        published(Int32::new(0), |s| assert!(s.compare_and_swap(0, 1)), |s| s.load() == 1)
    }),
    ("TestNoRaceAtomicCASCASInt32", || {
        published(
            Int32::new(0),
            |s| assert!(s.compare_and_swap(0, 1)),
            |s| s.compare_and_swap(1, 0),
        )
    }),
    ("TestNoRaceAtomicCASCASInt32_2", || {
        let (x1, x2, ch, s) = (var(), var(), make::<bool>(2), for_ever(Int32::new(0)));
        for (mine, theirs) in [(x1, x2), (x2, x1)] {
            go(move || {
                mine.set(1);
                if !s.compare_and_swap(0, 1) {
                    theirs.set(1); // one that fails comes after the one that did
                }
                ch.send(true);
            });
        }
        ch.recv();
        ch.recv();
    }),
    ("TestNoRaceAtomicLoadInt64", || published(Int64::new(0), |s| _ = s.add(1), |s| s.load() == 1)),
    ("TestNoRaceAtomicCASCASUInt64", || {
        published(
            Uint64::new(0),
            |s| assert!(s.compare_and_swap(0, 1)),
            |s| s.compare_and_swap(1, 0),
        )
    }),
    ("TestNoRaceAtomicLoadPointer", || {
        published(Pointer::<i64>::null(), |s| s.store(Some(Arc::new(1))), |s| s.load().is_some())
    }),
    ("TestNoRaceAtomicStoreCASUint64", || {
        published(Uint64::new(0), |s| s.store(1), |s| s.compare_and_swap(1, 0))
    }),
    ("TestNoRaceAtomicLoadStorePointer", || {
        let known = Arc::new(2_i64);
        let holder = for_ever((Pointer::null(), known));
        published(
            holder,
            |(s, known)| s.store(Some(Arc::clone(known))),
            |(s, known)| s.load().is_some_and(|found| Arc::ptr_eq(&found, known)),
        );
    }),
    ("TestNoRaceAtomicCrash", || {
        // A panic where an atomic was to be changed leaves the detector as it was.
        let (lock, panics) = (for_ever(Mutex::new(())), var());
        let nil: Option<&Int32> = std::hint::black_box(None);
        recovering(move || _ = nil.expect("a nil pointer").add(1));
        let _guard = lock.lock();
        panics.set(panics.get() + 1);
    }),
    ("TestNoRaceDeferAtomicStore", || {
        fn fork(bar: Arc<Int64>, depth: u32, tree: &'static WaitGroup) {
            bar.store(1);
            if depth > 0 {
                for _ in 0..2 {
                    tree.go(move || fork(Arc::new(Int64::new(0)), depth - 1, tree));
                }
            }
            bar.store(0);
        }
        let tree = for_ever(WaitGroup::new());
        fork(Arc::new(Int64::new(0)), 6, tree);
        tree.wait();
    }),
    ("TestNoRaceAtomicStorePointer", || {
        // Each of two stores of its own value; who reads it comes after its writer.
        let (x, y, s) = (var(), var(), for_ever(Pointer::<i64>::null()));
        go(move || {
            x.set(2);
            s.store(Some(Arc::new(1)));
        });
        go(move || {
            y.set(2);
            s.store(Some(Arc::new(2)));
        });
        loop {
            match s.load().as_deref() {
                Some(1) => break x.set(1),
                Some(_) => break y.set(1),
                None => gosched(),
            }
        }
    }),
    ("TestRaceAtomicStoreLoad", || {
        let (c, x) = (make::<bool>(0), cell(0_u64));
        go(move || {
            x.atomic_store(1);
            c.send(true);
        });
        x.get(); // plain
        c.recv();
    }),
    ("TestRaceAtomicLoadStore", || {
        let (c, x) = (make::<bool>(0), cell(0_u64));
        go(move || {
            x.atomic_load();
            c.send(true);
        });
        x.set(1); // plain
        c.recv();
    }),
    ("TestRaceAtomicAddLoad", || {
        let (c, x) = (make::<bool>(0), cell(0_u64));
        go(move || {
            x.atomic_add(1);
            c.send(true);
        });
        x.get(); // plain
        c.recv();
    }),
    ("TestRaceAtomicAddStore", || {
        let (c, x) = (make::<bool>(0), cell(0_u64));
        go(move || {
            x.atomic_add(1);
            c.send(true);
        });
        x.set(42); // plain
        c.recv();
    }),
    ("TestNoRaceAtomicMixedReads", || {
        // An atomic load and a plain read do not race.
        let (c, x) = (make::<bool>(0), cell(0_u64));
        go(move || {
            x.atomic_load();
            c.send(true);
        });
        x.get();
        c.recv();
    }),
];
