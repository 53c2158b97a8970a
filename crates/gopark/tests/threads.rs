//! Parking of plain threads: tokens, deadlines, tasks, lists, and what must not happen.
#![cfg(not(loom))]

use gaggle_gopark::{
    self as gopark, Claim, Commit, Committed, G, GQueue, GRef, Goexit, Host, Status, Task, Ticket,
    WaitReason, Wake,
};
use gaggle_lock::{Mutex, Rank, nanotime};
use std::panic::Location;
use std::ptr::NonNull;
use std::sync::{Arc, mpsc};
use std::thread;

const REASON: WaitReason = WaitReason::Semacquire;

/// A rendezvous that carries one number one way.
type Cell = Arc<Mutex<(Option<u32>, Option<GRef>)>>;

fn cell() -> Cell {
    Arc::new(Mutex::new(Rank::Sema, (None, None)))
}

fn put(cell: &Cell, value: u32) {
    let mut section = gopark::enter();
    let mut inner = cell.lock();
    inner.0 = Some(value);
    let waiter = inner.1.take();
    drop(inner);
    if let Some(g) = waiter {
        section.ready(g);
    }
}

fn take(cell: &Cell) -> u32 {
    let mut section = gopark::enter();
    let mut inner = cell.lock();
    if inner.0.is_none() {
        inner.1 = Some(section.current());
        section.park(REASON, Commit::unlock(inner));
        inner = cell.lock();
    }
    inner.0.take().expect("woken with a value")
}

#[test]
fn two_threads_play_ping_pong() {
    let (ping, pong) = (cell(), cell());
    let (theirs, answers) = (Arc::clone(&ping), Arc::clone(&pong));
    let other = thread::spawn(move || (0..10_000).for_each(|_| put(&answers, take(&theirs) + 1)));
    for round in 0..10_000 {
        put(&ping, round);
        assert_eq!(take(&pong), round + 1);
    }
    other.join().unwrap();
}

#[test]
fn a_refused_commit_goes_on_at_once() {
    unsafe fn refuse(_: *const ()) -> Committed {
        Committed::Refuse
    }
    let mut section = gopark::enter();
    for _ in 0..3 {
        // SAFETY: the function touches nothing.
        let commit = unsafe { Commit::new(refuse, std::ptr::null()) };
        section.park(REASON, commit);
        assert_eq!(section.current().status().get(), Status::Running);
    }
}

#[test]
fn a_deadline_ends_a_wait_that_nobody_else_ends() {
    let mut section = gopark::enter_timed();
    let g = section.current();
    let ticket = g.wait().open();
    let wake = section.park_until(WaitReason::Sleep, Commit::none(), ticket, nanotime() + 100_000);
    assert_eq!(wake, Wake::TimedOut);
    assert!(!g.wait().claim(ticket, Claim::Wake), "the clock won this wait");
    assert!(!g.wait().is_open(ticket));
}

#[test]
fn clock_and_partner_never_both_win() {
    let line = Arc::new(Mutex::new(Rank::Sema, None::<(GRef, Ticket)>));
    let theirs = Arc::clone(&line);
    let (stop, stopped) = mpsc::channel::<()>();
    let partner = thread::spawn(move || {
        let mut won = 0;
        while stopped.try_recv() != Err(mpsc::TryRecvError::Disconnected) {
            let mut section = gopark::enter();
            let found = theirs.lock().take();
            if let Some((g, ticket)) = found
                && g.wait().claim(ticket, Claim::Wake)
            {
                section.ready(g);
                won += 1;
            }
        }
        won
    });
    let mut woken = 0;
    for round in 0..10_000 {
        let mut section = gopark::enter_timed();
        let g = section.current();
        let ticket = g.wait().open();
        let mut place = line.lock();
        *place = Some((g, ticket));
        let deadline = nanotime() + round % 20 * 500;
        if section.park_until(REASON, Commit::unlock(place), ticket, deadline) == Wake::Woken {
            woken += 1;
        }
    }
    drop(stop);
    assert_eq!(partner.join().unwrap(), woken);
}

#[test]
fn a_parked_thread_shows_what_it_waits_for() {
    let cell = cell();
    let (theirs, (tell, told)) = (Arc::clone(&cell), mpsc::channel());
    let waiter = thread::spawn(move || {
        tell.send(gopark::current()).unwrap();
        take(&theirs)
    });
    let g = told.recv().unwrap();
    while g.status().get() != Status::Waiting {
        thread::yield_now();
    }
    assert_eq!((g.reason(), g.id()), (Some(REASON), 0));
    put(&cell, 7);
    assert_eq!(waiter.join().unwrap(), 7);
}

#[test]
fn sections_nest_and_a_thread_is_always_in_order() {
    assert!(gopark::in_section(), "a plain thread may take runtime locks anywhere");
    let outer = gopark::enter();
    let inner = gopark::enter();
    assert_eq!(inner.seat().depth(), 2);
    drop(inner);
    assert_eq!(outer.seat().depth(), 1);
    outer.leave_at_switch_point();
    assert_eq!(gopark::enter().seat().depth(), 1);
}

#[test]
fn without_a_scheduler_spawn_starts_a_thread() {
    let (tell, told) = mpsc::channel();
    let site = Location::caller();
    gopark::spawn(Task::new(move || tell.send(thread::current().id()).unwrap()), site);
    assert_ne!(told.recv().unwrap(), thread::current().id());
}

#[test]
fn records_of_ended_threads_are_used_again() {
    let record = || thread::spawn(|| gopark::current().as_ptr().addr()).join().unwrap();
    let first = record();
    assert!((0..100).any(|_| record() == first), "records pile up");
}

/// The hint is within a cache line of what it names, and is had once.
#[test]
fn one_on_a_list_knows_another_that_comes_later() {
    let gs = [const { G::new(&Host::NOBODY, Status::Runnable) }; 9];
    // SAFETY: the Gs outlive their references, which end with this function.
    let gs = gs.each_ref().map(|g| unsafe { GRef::new(NonNull::from(g)) });
    for (g, later) in [(gs[0], gs[8]), (gs[8], gs[2])] {
        assert_eq!(g.take_ahead(), None);
        g.set_ahead(later);
        let place = g.take_ahead().expect("it was noted");
        assert!(place.addr().abs_diff(later.as_ptr().addr().get()) < 64, "{place:?} {later:?}");
        assert_eq!(g.take_ahead(), None);
    }
}

#[test]
fn a_queue_keeps_its_order() {
    let mut gs: Vec<GRef> = Vec::new();
    let threads = [(); 4].map(|()| {
        let ((tell, told), (stay, leave)) = (mpsc::channel(), mpsc::channel::<()>());
        let thread = thread::spawn(move || {
            tell.send(gopark::current()).unwrap();
            let _ended = leave.recv();
        });
        gs.push(told.recv().unwrap());
        (stay, thread)
    });
    let (mut queue, mut other) = (GQueue::new(), GQueue::new());
    queue.push_back(gs[1]);
    queue.push_front(gs[0]);
    other.push_back(gs[2]);
    queue.append(&mut other);
    queue.append(&mut GQueue::new());
    queue.push_back(gs[3]);
    assert!(other.is_empty() && queue.len() == 4);
    let order: Vec<_> = std::iter::from_fn(|| queue.pop_front()).collect();
    assert_eq!(order, gs);
    assert!(queue.is_empty() && queue.pop_front().is_none());
    other.append(&mut queue);
    other.push_front(gs[0]);
    assert_eq!((other.len(), other.pop_front()), (1, Some(gs[0])));
    for (stay, thread) in threads {
        drop(stay);
        thread.join().unwrap();
    }
}

const CASE: &str = "GAGGLE_TEST_CASE";

/// Name, act, exit code, text.
type End = (&'static str, fn(), i32, &'static str);

const ENDS: [End; 4] = [
    ("ready", || gopark::enter().ready(gopark::current()), 2, "bad g status Running"),
    ("depth", park_inside, 2, "park at section depth 2"),
    ("panic", panic_at_the_root, 2, "at the root"),
    ("goexit", goexit, 0, ""),
];

fn park_inside() {
    let _outer = gopark::enter();
    gopark::enter().park(REASON, Commit::none());
}

fn panic_at_the_root() {
    gopark::spawn(Task::new(|| panic!("at the root")), Location::caller());
    gopark::enter().park(REASON, Commit::none()); // nobody ends this but the end of the process
}

fn goexit() {
    let (alive, ended) = mpsc::channel::<()>();
    let task = Task::new(move || {
        let _alive = alive;
        Goexit::raise();
    });
    gopark::spawn(task, Location::caller());
    ended.recv().unwrap_err(); // its values are dropped
}

#[test]
fn some_ends_are_the_end_of_the_process() {
    if let Ok(case) = std::env::var(CASE) {
        let (_, act, ..) = ENDS.into_iter().find(|(name, ..)| *name == case).unwrap();
        act();
        std::process::exit(0);
    }
    for (case, _, code, text) in ENDS {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["some_ends_are_the_end_of_the_process", "--exact", "--nocapture"]);
        let output = child.env(CASE, case).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{case}: {said}");
        assert!(said.contains(text), "{case}: {said}");
    }
}
