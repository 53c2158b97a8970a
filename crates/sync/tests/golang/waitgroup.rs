//! From src/sync/waitgroup_test.go.

use crate::support::{Signals, go};
use gaggle_sync::WaitGroup;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// TestWaitGroup: a two-phase barrier, eight times over the same groups (M1).
pub fn test_wait_group() {
    let (wg1, wg2) = (WaitGroup::new(), WaitGroup::new());
    for _ in 0..8 {
        barrier(&wg1, &wg2);
    }
}

fn barrier(wg1: &WaitGroup, wg2: &WaitGroup) {
    const N: i32 = 16;
    wg1.add(N);
    wg2.add(N);
    let exited = Signals::default();
    for _ in 0..N {
        let (wg1, wg2, exited) = (wg1.clone(), wg2.clone(), exited.clone());
        go(move || {
            wg1.done();
            wg2.wait();
            exited.send();
        });
    }
    wg1.wait();
    for _ in 0..N {
        assert!(!exited.try_recv(), "WaitGroup released group too soon");
        wg2.done();
    }
    (0..N).for_each(|_| exited.recv());
}

/// TestWaitGroupMisuse (M2).
pub fn test_wait_group_misuse() {
    let wg = WaitGroup::new();
    wg.add(1);
    wg.done();
    let payload = catch_unwind(AssertUnwindSafe(|| wg.done())).expect_err("done went below zero");
    assert_eq!(payload.downcast_ref(), Some(&"sync: negative WaitGroup counter"));
}

/// TestWaitGroupRace: a wait never returns early (M1, M7).
pub fn test_wait_group_race() {
    for _ in 0..1000 {
        let (wg, n) = (WaitGroup::new(), Arc::new(AtomicU32::new(0)));
        for _ in 0..2 {
            wg.add(1);
            let (wg, n) = (wg.clone(), Arc::clone(&n));
            go(move || {
                n.fetch_add(1, Ordering::Relaxed);
                wg.done();
            });
        }
        wg.wait();
        assert_eq!(n.load(Ordering::Relaxed), 2, "spurious wakeup from Wait");
    }
}

/// TestWaitGroupGo (M5, M7).
pub fn test_wait_group_go() {
    let (wg, i) = (WaitGroup::new(), Arc::new(AtomicU32::new(0)));
    let theirs = Arc::clone(&i);
    wg.go(move || theirs.store(1, Ordering::Relaxed));
    wg.wait();
    assert_eq!(i.load(Ordering::Relaxed), 1, "got i = 0, want 1");
}

/// TestWaitGroupAlign: wherever a group lies.
pub fn test_wait_group_align() {
    #[derive(Clone, Default)]
    #[repr(C)]
    struct Behind {
        byte: u8,
        wg: WaitGroup,
    }
    let it = Behind::default();
    it.wg.add(1);
    let theirs = it.clone();
    go(move || (0..=theirs.byte).for_each(|_| theirs.wg.done()));
    it.wg.wait();
}

/// TestIssue76126: a panic in `go` ends the process before any wait returns (M5).
pub fn test_issue_76126() {
    let wg = WaitGroup::new();
    wg.go(|| panic!("test"));
    wg.wait();
    println!("unreachable");
}
