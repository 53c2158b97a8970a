//! Models of an interrupt against a wait that a partner may end too.
//!
//! Broken copies that they were seen to catch: a wait armed before its G is `Waiting` (`bad status`), and a
//! wait that does not look whether the interrupt was fired before (it never ends).
#![cfg(loom)]

use gaggle_gopark::{self as gopark, Claim, Commit, GRef, Interrupt, Ticket, WaitReason, Wake};
use gaggle_lock::{Mutex, Rank};
use loom::sync::Arc;
use loom::thread;

type Line = Mutex<Option<(GRef, Ticket)>>;

/// Waits in line for a partner, for ever; how it ended.
fn wait(line: &Line, interrupt: &Interrupt) -> Wake {
    gopark::interruptible(interrupt, || {
        let mut section = gopark::enter_timed();
        let g = section.current();
        let ticket = g.wait().open();
        let mut place = line.lock();
        *place = Some((g, ticket));
        let commit = Commit::unlock(place);
        let wake = section.park_until(WaitReason::Semacquire, commit, ticket, u64::MAX);
        if wake == Wake::TimedOut {
            *line.lock() = None;
        }
        wake
    })
}

/// Ends the wait of whoever stands in line; true if that was us.
fn wake(line: &Line) -> bool {
    let mut section = gopark::enter();
    let Some((g, ticket)) = line.lock().take() else { return false };
    let won = g.wait().claim(ticket, Claim::Wake);
    if won {
        section.ready(g);
    }
    won
}

fn parts() -> (Arc<Line>, Arc<Interrupt>) {
    (Arc::new(Mutex::new(Rank::Sema, None)), Arc::new(Interrupt::new()))
}

#[test]
fn fired_before_or_during_the_wait() {
    loom::model(|| {
        let (line, interrupt) = parts();
        let theirs = Arc::clone(&interrupt);
        let other = thread::spawn(move || theirs.fire());
        assert_eq!(wait(&line, &interrupt), Wake::TimedOut);
        other.join().unwrap();
    });
}

#[test]
fn fired_while_a_partner_comes() {
    loom::model(|| {
        let (line, interrupt) = parts();
        let (their_line, theirs) = (Arc::clone(&line), Arc::clone(&interrupt));
        let other = thread::spawn(move || {
            let won = wake(&their_line);
            theirs.fire();
            won
        });
        let end = wait(&line, &interrupt);
        let won = other.join().unwrap();
        assert_eq!(end == Wake::Woken, won);
    });
}

#[test]
fn fired_after_the_wait_does_no_harm() {
    loom::model(|| {
        let (line, interrupt) = parts();
        let theirs = Arc::clone(&interrupt);
        let firing = thread::spawn(move || theirs.fire());
        wait(&line, &interrupt);
        firing.join().unwrap();
        // The next wait of the same G, without the interrupt, is a partner's to end.
        let theirs = Arc::clone(&line);
        let other = thread::spawn(move || {
            while !wake(&theirs) {
                thread::yield_now()
            }
        });
        let none = Interrupt::new();
        assert_eq!(wait(&line, &none), Wake::Woken);
        other.join().unwrap();
    });
}
