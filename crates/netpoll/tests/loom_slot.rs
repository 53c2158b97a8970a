//! Models of one direction of a descriptor: its waiter against readiness, the clock, close and a new deadline.
//!
//! Broken copies that they were seen to catch are named at each model.
#![cfg(loom)]

use gaggle_gopark::{self as gopark, GQueue, Interrupt};
use gaggle_netpoll::{Desc, Ended, Mode, NEVER, Readiness, Task};
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;

/// Descriptors are never freed.
fn desc() -> &'static Desc {
    Box::leak(Box::new(Desc::new(0)))
}

/// The poller has one event.
fn deliver(desc: &Desc) {
    let mut list = GQueue::new();
    let mut section = gopark::enter();
    desc.deliver(Readiness::READ, &mut list);
    while let Some(g) = list.pop_front() {
        section.ready(g);
    }
}

/// Seen to fail with a commit that stores `PARKED` whatever it finds: the reader sleeps on its readiness.
#[test]
fn ready_before_during_or_after_the_wait_begins() {
    loom::model(|| {
        let desc = desc();
        let poller = thread::spawn(move || deliver(desc));
        assert_eq!(desc.wait(Mode::Read, NEVER), Ok(()));
        poller.join().unwrap();
    });
}

/// Seen to fail without the look after `prepare` in `wait_once`, and with that look before it.
#[test]
fn closed_while_the_wait_begins() {
    loom::model(|| {
        let desc = desc();
        let closer = thread::spawn(move || assert!(desc.close()));
        assert_eq!(desc.wait(Mode::Read, NEVER), Err(Ended::Closing));
        closer.join().unwrap();
    });
}

/// Seen to fail with the deadline read before `prepare`: the reader waits for ever.
#[test]
fn a_deadline_is_set_while_the_wait_begins() {
    loom::model(|| {
        let desc = desc();
        let setter = thread::spawn(move || desc.set_deadline(Mode::Read, 1));
        assert_eq!(desc.wait(Mode::Read, NEVER), Err(Ended::Timeout));
        setter.join().unwrap();
    });
}

/// Seen to fail with the look at who asks before `prepare`: the waiter keeps the place for ever.
#[test]
fn asked_for_the_place_while_the_wait_begins() {
    loom::model(|| {
        let desc = desc();
        let asked: &'static AtomicU32 = Box::leak(Box::new(AtomicU32::new(0)));
        let asker = thread::spawn(move || {
            asked.fetch_add(1, Ordering::AcqRel); // as the lock's counter; the fence in `nudge` orders it
            desc.nudge(Mode::Read);
        });
        // Relaxed: the fence after `prepare` orders it.
        let look = || asked.load(Ordering::Relaxed) != 0;
        assert_eq!(desc.wait_unless(Mode::Read, NEVER, look), Err(Ended::Asked));
        asker.join().unwrap();
    });
}

/// Readiness and close come together: the reader ends by either, and is readied once.
/// Seen to fail with a `take` that hands out who is only about to wait (`bad status`).
#[test]
fn ready_and_closed_at_once() {
    loom::model(|| {
        let desc = desc();
        let poller = thread::spawn(move || deliver(desc));
        let closer = thread::spawn(move || assert!(desc.close()));
        let _either = desc.wait(Mode::Read, NEVER);
        poller.join().unwrap();
        closer.join().unwrap();
    });
}

/// The clock ends a wait while the poller comes, and the same G waits again: the poller's late take is of
/// the wait that it saw, or of the new one with the new one's ticket; readiness is never lost.
/// Seen to fail with a poller that readies without a claim, and with a word without epochs: the take is of the new wait, with the ticket of the old one.
#[test]
fn the_clock_comes_first_and_the_next_wait_is_another() {
    loom::model(|| {
        let desc = desc();
        let poller = thread::spawn(move || deliver(desc));
        let clock = Interrupt::new();
        clock.fire();
        let first = gopark::interruptible(&clock, || desc.wait(Mode::Read, NEVER));
        if first == Err(Ended::Timeout) {
            assert_eq!(desc.wait(Mode::Read, NEVER), Ok(()));
        }
        poller.join().unwrap();
    });
}

/// A task is notified while it is about to wait, by the poller or by close.
/// Seen to fail with a `park_it` that stores `PARKED` whatever it finds, and with a `listen` that does not
/// look at `CLOSING` after it has registered.
#[test]
fn a_task_listens_while_it_becomes_ready_or_is_closed() {
    loom::model(|| {
        let desc = desc();
        let task: &'static Task = Box::leak(Box::new(Task::new()));
        let other = thread::spawn(move || assert!(desc.close()));
        if !desc.listen(Mode::Read, task) {
            task.wait();
        }
        other.join().unwrap();
    });
    loom::model(|| {
        let desc = desc();
        let task: &'static Task = Box::leak(Box::new(Task::new()));
        let other = thread::spawn(move || deliver(desc));
        if !desc.listen(Mode::Read, task) {
            task.wait();
        }
        other.join().unwrap();
    });
}
