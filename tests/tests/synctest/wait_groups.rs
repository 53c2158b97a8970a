//! Wait groups and whose they are (SEMANTICS W3, W6, W7; the fatal ones: `fatals.rs`).

use crate::field::on_each;
use crate::{MILLI, SECOND, bubble};
use gaggle::sync::WaitGroup;
use gaggle::{chan, go, spawn, synctest, time};

/// TestWaitGroup: W3; the time passes in which its goroutines sleep.
#[test]
fn test_wait_group() {
    bubble(|| {
        let (begin, wg) = (time::now(), WaitGroup::new());
        for seconds in 1..=3 {
            wg.go(move || time::sleep(seconds * SECOND));
        }
        wg.wait();
        assert_eq!(time::since(begin), 3 * SECOND);
        wg.add(1);
        assert!(!wg.wait_timeout(SECOND), "on the bubble's clock");
        assert_eq!(time::since(begin), 4 * SECOND);
        wg.done();
        assert!(wg.wait_timeout(SECOND));
        assert_eq!(time::since(begin), 4 * SECOND);
    });
}

/// TestWaitGroupOutOfBubble: W3; counted outside, it is not waited for durably.
#[test]
fn test_wait_group_out_of_bubble() {
    on_each(|| {
        let wg = WaitGroup::new();
        wg.add(1);
        let (theirs, done) = (wg.clone(), chan::<()>(0));
        let tell = done.clone();
        let bubble = spawn(move || {
            synctest::test(move || {
                let begin = time::now();
                let sleeper = spawn(|| time::sleep(SECOND));
                theirs.wait();
                assert_eq!(time::now(), begin);
                sleeper.join().unwrap();
            });
            tell.close();
        });
        assert!(done.recv_timeout(MILLI).is_err());
        wg.done();
        done.recv();
        bubble.join().unwrap();
    });
}

/// TestWaitGroupMovedBetweenBubblesAfterWait: W7.
#[test]
fn test_wait_group_moved_between_bubbles_after_wait() {
    on_each(|| {
        let wg = WaitGroup::new();
        for _ in 0..3 {
            let theirs = wg.clone();
            synctest::test(move || {
                theirs.go(|| {});
                theirs.wait();
            });
        }
        wg.go(|| {});
        wg.wait();
    });
}

/// TestWaitGroupDisassociateInWait: W7; a wait that finds nobody lets it go.
#[test]
fn test_wait_group_disassociate_in_wait() {
    on_each(|| {
        let wg = WaitGroup::new();
        let theirs = wg.clone();
        synctest::test(move || {
            theirs.add(1);
            theirs.done();
            theirs.wait(); // there is nobody to wait for
        });
        wg.add(1);
        wg.done();
        wg.wait();
    });
}

/// TestWaitGroupDisassociateInAdd: W7; the last `done` lets it go when it wakes who waits.
#[test]
fn test_wait_group_disassociate_in_add() {
    on_each(|| {
        let wg = WaitGroup::new();
        let theirs = wg.clone();
        synctest::test(move || {
            let waiter = theirs.clone();
            theirs.add(1);
            go(move || waiter.wait());
            synctest::wait();
            theirs.done();
        });
        wg.add(1);
        wg.done();
        wg.wait();
    });
}

/// TestWaitGroupManyBubbles: each has its own.
#[test]
fn test_wait_group_many_bubbles() {
    on_each(|| {
        let all: Vec<_> = (0..20)
            .map(|_| {
                spawn(|| {
                    synctest::test(|| {
                        let wg = WaitGroup::new();
                        (0..20).for_each(|_| wg.go(|| time::sleep(SECOND)));
                        wg.wait();
                    });
                })
            })
            .collect();
        all.into_iter().for_each(|one| one.join().unwrap());
    });
}

/// A group that no bubble knows is what it was, in a process with bubbles.
#[test]
fn groups_outside_are_not_disturbed() {
    on_each(|| {
        synctest::test(|| {});
        let wg = WaitGroup::new();
        (0..100).for_each(|_| wg.go(gaggle::runtime::gosched));
        wg.wait();
        wg.add(1);
        assert!(!wg.wait_timeout(MILLI));
        wg.done();
        wg.wait();
    });
}
