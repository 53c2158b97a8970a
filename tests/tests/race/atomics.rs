//! Atomics order (SEMANTICS Y12); mixed with plain accesses of the same word they race (Z4).

use crate::Case;
use crate::support::{cell, for_ever, make, var};
use gaggle::go;
use gaggle::runtime::gosched;
use gaggle::sync::atomic::{Int32, Int64, Pointer, Uint64};
use std::sync::Arc;

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
        let (x, s) = (var(), for_ever(Int32::new(0)));
        go(move || {
            x.set(2);
            s.add(1);
        });
        while s.load() != 1 {
            gosched();
        }
        x.set(1);
    }),
    ("TestNoRaceAtomicLoadStoreInt32", || {
        let (x, s) = (var(), for_ever(Int32::new(0)));
        go(move || {
            x.set(2);
            s.store(1);
        });
        while s.load() != 1 {
            gosched();
        }
        x.set(1);
    }),
    ("TestNoRaceAtomicStoreCASInt32", || {
        let (x, s) = (var(), for_ever(Int32::new(0)));
        go(move || {
            x.set(2);
            s.store(1);
        });
        while !s.compare_and_swap(1, 0) {
            gosched();
        }
        x.set(1);
    }),
    ("TestNoRaceAtomicCASLoadInt32", || {
        let (x, s) = (var(), for_ever(Int32::new(0)));
        go(move || {
            x.set(2);
            assert!(s.compare_and_swap(0, 1));
        });
        while s.load() != 1 {
            gosched();
        }
        x.set(1);
    }),
    ("TestNoRaceAtomicCASCASInt32", || {
        let (x, s) = (var(), for_ever(Int32::new(0)));
        go(move || {
            x.set(2);
            assert!(s.compare_and_swap(0, 1));
        });
        while !s.compare_and_swap(1, 0) {
            gosched();
        }
        x.set(1);
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
    ("TestNoRaceAtomicLoadInt64", || {
        let (x, s) = (var(), for_ever(Int64::new(0)));
        go(move || {
            x.set(2);
            s.add(1);
        });
        while s.load() != 1 {
            gosched();
        }
        x.set(1);
    }),
    ("TestNoRaceAtomicCASCASUInt64", || {
        let (x, s) = (var(), for_ever(Uint64::new(0)));
        go(move || {
            x.set(2);
            assert!(s.compare_and_swap(0, 1));
        });
        while !s.compare_and_swap(1, 0) {
            gosched();
        }
        x.set(1);
    }),
    ("TestNoRaceAtomicLoadPointer", || {
        let (x, s) = (var(), for_ever(Pointer::<i64>::null()));
        go(move || {
            x.set(2);
            s.store(Some(Arc::new(1)));
        });
        while s.load().is_none() {
            gosched();
        }
        x.set(1);
    }),
    ("TestNoRaceAtomicStoreCASUint64", || {
        let (x, s) = (var(), for_ever(Uint64::new(0)));
        go(move || {
            x.set(2);
            s.store(1);
        });
        while !s.compare_and_swap(1, 0) {
            gosched();
        }
        x.set(1);
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
