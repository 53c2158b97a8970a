//! Models of parking: the commit, the token of readiness, the one winner.
#![cfg(loom)]

use gaggle_gopark::{self as gopark, Claim, Commit, Committed, GRef, Ticket, WaitReason, Wake};
use gaggle_lock::{Mutex, Rank};
use loom::sync::Arc;
use loom::thread;

const REASON: WaitReason = WaitReason::Semacquire;

/// One event and whoever waits for it.
struct Event {
    happened: bool,
    waiter: Option<(GRef, Option<Ticket>)>,
}

type Line = Arc<Mutex<Event>>;

fn line() -> Line {
    Arc::new(Mutex::new(Rank::Sema, Event { happened: false, waiter: None }))
}

/// Waits for the event; the commit unlocks the line.
fn wait(line: &Line) {
    let mut section = gopark::enter();
    let mut event = line.lock();
    if !event.happened {
        event.waiter = Some((section.current(), None));
        section.park(REASON, Commit::unlock(event));
    }
}

/// Makes the event happen; readies the waiter after unlocking.
fn happen(line: &Line) {
    let mut section = gopark::enter();
    let mut event = line.lock();
    event.happened = true;
    let waiter = event.waiter.take();
    drop(event);
    if let Some((g, _)) = waiter {
        section.ready(g);
    }
}

#[test]
fn park_then_ready() {
    loom::model(|| {
        let (line, done) = (line(), Arc::new(loom::cell::UnsafeCell::new(0)));
        let (their_line, their_done) = (Arc::clone(&line), Arc::clone(&done));
        let other = thread::spawn(move || {
            // SAFETY: the model checks that the accesses are ordered.
            their_done.with_mut(|done| unsafe { *done = 1 });
            happen(&their_line);
        });
        wait(&line);
        // SAFETY: the model checks that the accesses are ordered.
        assert_eq!(done.with(|done| unsafe { *done }), 1);
        other.join().unwrap();
    });
}

#[test]
fn ready_before_sleep() {
    // Two rounds of one G: the second ready may come while the first park is still ending.
    loom::model(|| {
        let lines = [line(), line()];
        let theirs = lines.clone();
        let other = thread::spawn(move || theirs.iter().for_each(happen));
        lines.iter().for_each(wait);
        other.join().unwrap();
    });
}

/// Stands in line only if the event is still to come: the look and the line are one step.
///
/// # Safety
///
/// `arg` is the parker's pair of line and G, alive until the wait ends.
unsafe fn stand_in_line(arg: *const ()) -> Committed {
    // SAFETY: the caller's promise.
    let (line, g) = unsafe { &*arg.cast::<(Line, GRef)>() };
    let mut event = line.lock();
    if event.happened {
        return Committed::Refuse;
    }
    event.waiter = Some((*g, None));
    Committed::Stay
}

#[test]
fn commit_refused() {
    loom::model(|| {
        let line = line();
        let theirs = Arc::clone(&line);
        let other = thread::spawn(move || happen(&theirs));
        let mut section = gopark::enter();
        let arg = (Arc::clone(&line), section.current());
        // SAFETY: the pair lives until the park has returned.
        let commit = unsafe { Commit::new(stand_in_line, (&raw const arg).cast()) };
        section.park(REASON, commit); // returns whether it was refused or readied
        drop(section);
        assert!(line.lock().happened);
        other.join().unwrap();
    });
}

#[test]
fn timeout_races_wake() {
    loom::model(|| {
        let line = line();
        let theirs = Arc::clone(&line);
        let other = thread::spawn(move || {
            let mut section = gopark::enter();
            let waiter = theirs.lock().waiter.take();
            let Some((g, Some(ticket))) = waiter else { return Wake::TimedOut };
            if !g.wait().claim(ticket, Claim::Wake) {
                return Wake::TimedOut;
            }
            section.ready(g);
            Wake::Woken
        });
        let mut section = gopark::enter_timed();
        let g = section.current();
        let ticket = g.wait().open();
        let mut event = line.lock();
        event.waiter = Some((g, Some(ticket)));
        let wake = section.park_until(REASON, Commit::unlock(event), ticket, 1);
        drop(section);
        assert_eq!(other.join().unwrap(), wake, "both parties know the same winner");
    });
}

#[test]
fn stale_ticket_fails() {
    loom::model(|| {
        let g = gopark::current();
        let old = g.wait().open();
        let claimed = thread::spawn(move || g.wait().claim(old, Claim::Wake));
        let ours = g.wait().claim(old, Claim::TimeOut);
        let new = g.wait().open(); // the next wait of the same G
        let theirs = claimed.join().unwrap();
        assert!(!(ours && theirs), "one winner");
        assert!(g.wait().is_open(new), "a stale claim ended a later wait");
    });
}
