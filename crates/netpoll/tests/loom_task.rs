//! Models of a task: who is about to wait in several places, or in one, against whoever finds it there and whoever wakes it; and of
//! the count of those who wait, by which a process is known to be alive (SEMANTICS U8).
//!
//! Broken copies that they were seen to catch are named at each model.
#![cfg(loom)]

use gaggle_gopark::{self as gopark, GQueue};
use gaggle_netpoll::{Desc, Mode, Readiness, Task, waiters};
use loom::thread;

/// Descriptors are never freed.
fn desc() -> &'static Desc {
    Box::leak(Box::new(Desc::new(0)))
}

/// Nor are tasks.
fn task() -> &'static Task {
    Box::leak(Box::default())
}

/// The poller has one event. Two may be counted for a moment: who begins to wait, and who puts it into a place, each count it before
/// they know who of them was the second. Whom it finds is on no queue, and its own M may look idle: it has to count until it runs.
fn deliver(desc: &Desc) {
    let mut list = GQueue::new();
    let mut section = gopark::enter();
    desc.deliver(Readiness::READ, &mut list);
    match list.pop_front() {
        Some(g) => {
            assert!(matches!(waiters(), 1 | 2), "who is in hand: {}", waiters());
            section.ready(g);
        }
        None => assert!(waiters() <= 2, "taken off before it was counted"),
    }
}

/// All are over: nobody waits, and nobody is in any place.
fn assert_over(task: &Task) {
    assert_eq!((waiters(), task.listens()), (0, false));
}

/// The next wait is for a waker, and finds nothing of the first one.
/// Seen to fail with `remove_place` instead of `keep_place` for who is in hand, without `remove_place` in `wait`, with a step
/// that is counted after it was made, and with a `found` that stays.
#[test]
fn found_while_it_begins_to_wait() {
    loom::model(|| {
        let (desc, task) = (desc(), task());
        let poller = thread::spawn(move || deliver(desc));
        if !desc.listen(Mode::Read, task) {
            task.wait();
        }
        poller.join().unwrap();
        assert_over(task);
        task.wake(&mut gopark::enter());
        task.wait();
        assert_over(task);
    });
}

/// Seen to fail with a `told` that keeps the place of who is in nobody's hand, and with one that keeps none.
#[test]
fn found_in_two_places_at_once() {
    loom::model(|| {
        let (one, two, task) = (desc(), desc(), task());
        let found_first = one.listen(Mode::Read, task);
        let found_second = two.listen(Mode::Read, task);
        assert!(!found_first && !found_second);
        let poller = thread::spawn(move || deliver(one));
        let closer = thread::spawn(move || assert!(two.close()));
        task.wait();
        poller.join().unwrap();
        closer.join().unwrap();
        assert_over(task);
    });
}

/// A waker comes while the poller finds it: the place that it leaves counts no longer once it runs.
/// Seen to fail with an `end_to_wait` that takes off whoever has a place or not.
#[test]
fn woken_by_another_while_it_is_found() {
    loom::model(|| {
        let (desc, task) = (desc(), task());
        assert!(!desc.listen(Mode::Read, task));
        let poller = thread::spawn(move || deliver(desc));
        let waker = thread::spawn(move || task.wake(&mut gopark::enter()));
        task.wait();
        poller.join().unwrap();
        waker.join().unwrap();
        assert_over(task);
    });
}

/// What a future left behind where it listened does not count while its G does something else, and counts when it waits again.
/// Seen to fail with an `end_to_wait` that takes nobody off.
#[test]
fn what_was_left_behind_is_found_while_it_waits_again() {
    loom::model(|| {
        let (desc, task) = (desc(), task());
        assert!(!desc.listen(Mode::Read, task));
        task.wake(&mut gopark::enter());
        task.wait();
        assert_eq!((waiters(), task.listens()), (0, true));
        let poller = thread::spawn(move || deliver(desc));
        task.wait();
        poller.join().unwrap();
        assert_over(task);
    });
}

/// Somebody who polls in its name puts it into a place, while it begins to wait for a waker.
/// Seen to fail with an `add_place` that counts nobody.
#[test]
fn put_into_a_place_while_it_begins_to_wait() {
    loom::model(|| {
        let (desc, task) = (desc(), task());
        let other = thread::spawn(move || {
            if desc.listen(Mode::Read, task) {
                return task.wake(&mut gopark::enter());
            }
            deliver(desc);
        });
        task.wait();
        other.join().unwrap();
        assert_over(task);
    });
}
