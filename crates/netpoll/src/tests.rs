//! The poller against a kernel made of a list of events.
#![expect(clippy::disallowed_types, reason = "plain threads, which may block")]

use crate::sys::fake::happen;
use crate::{Desc, Ended, Mode, NEVER, Patience, Readiness, Task, open, poll, release, waiters};
use gaggle_gopark as gopark;
use gaggle_lock::nanotime;
use std::sync::Mutex;
use std::thread::{self, JoinHandle};

/// The list of events is one for all.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> std::sync::MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Readies whom one look brings; how many.
fn ready_all() -> usize {
    let mut list = poll(Patience::None);
    let count = list.len();
    let mut section = gopark::enter();
    while let Some(g) = list.pop_front() {
        section.ready(g);
    }
    count
}

fn waiter(desc: &'static Desc, mode: Mode) -> JoinHandle<Result<(), Ended>> {
    let before = waiters();
    let waiter = thread::spawn(move || desc.wait(mode, NEVER));
    while waiters() == before {
        thread::yield_now();
    }
    waiter
}

/// U2: two slots, one for each direction.
#[test]
fn a_reader_and_a_writer_wait_side_by_side() {
    let _alone = alone();
    let desc = open(1).unwrap();
    let reader = waiter(desc, Mode::Read);
    happen(1, Readiness::WRITE);
    ready_all();
    assert_eq!(desc.wait(Mode::Write, NEVER), Ok(()), "the token of a writer that was not there");
    assert!(!reader.is_finished());
    happen(1, Readiness::READ);
    while !reader.is_finished() {
        ready_all();
    }
    assert_eq!(reader.join().unwrap(), Ok(()));
    release(desc);
}

/// U3: a past deadline ends current and future waits, and a new one lets them be again.
#[test]
fn a_deadline_that_is_set_later_ends_a_wait_that_has_begun() {
    let _alone = alone();
    let desc = open(2).unwrap();
    let reader = waiter(desc, Mode::Read);
    desc.set_deadline(Mode::Write, 1);
    assert!(!reader.is_finished());
    desc.set_deadline(Mode::Read, 1);
    assert_eq!(reader.join().unwrap(), Err(Ended::Timeout));
    assert_eq!(desc.wait(Mode::Read, NEVER), Err(Ended::Timeout));
    desc.set_deadline(Mode::Read, NEVER);
    assert_eq!(desc.wait(Mode::Read, nanotime() + 1_000_000), Err(Ended::Timeout));
    happen(2, Readiness::READ);
    ready_all();
    assert_eq!(desc.wait(Mode::Read, NEVER), Ok(()));
    release(desc);
}

/// U4.
#[test]
fn closing_ends_both_directions_for_ever() {
    let _alone = alone();
    let desc = open(3).unwrap();
    let (reader, writer) = (waiter(desc, Mode::Read), waiter(desc, Mode::Write));
    assert!(desc.close());
    assert!(!desc.close());
    assert_eq!(reader.join().unwrap(), Err(Ended::Closing));
    assert_eq!(writer.join().unwrap(), Err(Ended::Closing));
    assert_eq!(desc.wait(Mode::Write, NEVER), Err(Ended::Closing));
    release(desc);
}

/// U6: an event for the last tenant is not for the next one.
#[test]
fn an_event_that_comes_late_does_not_reach_the_next_tenant() {
    let _alone = alone();
    let first = open(4).unwrap();
    happen(4, Readiness::READ);
    release(first);
    let second = open(4).unwrap();
    assert!(core::ptr::eq(first, second), "the record is used again");
    ready_all();
    assert!(!second.slot(Mode::Read).is_ready());
    assert_eq!(second.wait(Mode::Read, nanotime() + 1), Err(Ended::Timeout));
    release(second);
}

#[test]
fn a_task_is_notified_once_and_counts_while_it_waits() {
    let _alone = alone();
    let task: &'static Task = Box::leak(Box::default());
    let (one, two) = (open(5).unwrap(), open(6).unwrap());
    let before = waiters();
    assert!(!one.listen(Mode::Read, task));
    assert!(!one.listen(Mode::Read, task), "it replaces itself");
    assert!(!two.listen(Mode::Write, task));
    assert_eq!(waiters(), before, "nobody waits yet");
    let sleeper = wait_in(task, before);
    assert_eq!(waiters(), before + 1, "once, however many places it has");
    happen(5, Readiness::READ);
    happen(6, Readiness::WRITE.and(Readiness::HUP));
    while !sleeper.is_finished() {
        ready_all();
    }
    sleeper.join().unwrap();
    assert_eq!(waiters(), before);
    assert!(!task.listens());
    assert!(one.listen(Mode::Read, task), "the token lies there");
    release(one);
    release(two);
}

/// U8: who found it may look idle, and it is on no queue: without the count all would seem to sleep for ever.
#[test]
fn a_task_whose_g_is_in_hand_counts_as_a_waiter_until_that_runs() {
    let _alone = alone();
    let task: &'static Task = Box::leak(Box::default());
    let desc = open(7).unwrap();
    let before = waiters();
    assert!(!desc.listen(Mode::Read, task));
    let sleeper = thread::spawn(|| task.wait());
    while !task.is_parked() {
        thread::yield_now();
    }
    happen(7, Readiness::READ);
    let mut list = poll(Patience::None);
    assert_eq!((list.len(), waiters()), (1, before + 1));
    list.pop_front().into_iter().for_each(|g| gopark::enter().ready(g));
    sleeper.join().unwrap();
    assert_eq!(waiters(), before);
    release(desc);
}

/// A future that gave up says so to nobody: its task is still there, and waits for something else or for nothing.
#[test]
fn a_task_that_was_woken_by_somebody_else_counts_no_longer() {
    let _alone = alone();
    let task: &'static Task = Box::leak(Box::default());
    let one = open(7).unwrap();
    let before = waiters();
    assert!(!one.listen(Mode::Read, task));
    let sleeper = wait_in(task, before);
    task.wake(&mut gopark::enter());
    sleeper.join().unwrap();
    assert!(task.listens());
    assert_eq!(waiters(), before);
    let sleeper = wait_in(task, before); // it may still be notified
    happen(7, Readiness::READ);
    while !sleeper.is_finished() {
        ready_all();
    }
    sleeper.join().unwrap();
    assert_eq!((task.listens(), waiters()), (false, before));
    release(one);
}

/// A task in no place waits for wakers only; but somebody who polls in its name may put it into one.
#[test]
fn a_task_counts_from_when_it_is_put_into_a_place() {
    let _alone = alone();
    let task: &'static Task = Box::leak(Box::default());
    let one = open(8).unwrap();
    let before = waiters();
    let sleeper = thread::spawn(|| task.wait());
    while !task.is_waiting() || waiters() != before {
        thread::yield_now();
    }
    assert!(!one.listen(Mode::Read, task));
    assert_eq!(waiters(), before + 1);
    happen(8, Readiness::READ);
    while !sleeper.is_finished() {
        ready_all();
    }
    sleeper.join().unwrap();
    assert_eq!((task.listens(), waiters()), (false, before));
    release(one);
}

/// A thread that waits in `task`, which is in a place: it counts.
fn wait_in(task: &'static Task, before: u32) -> thread::JoinHandle<()> {
    let sleeper = thread::spawn(|| task.wait());
    while waiters() == before {
        thread::yield_now();
    }
    sleeper
}

#[test]
fn a_descriptor_that_is_none_is_refused_and_its_record_given_back() {
    let _alone = alone();
    let before = crate::in_use();
    assert!(open(-1).is_err());
    assert_eq!(crate::in_use(), before);
}
