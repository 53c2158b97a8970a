//! Models of a start that is taken back, or moved, while it falls due (SEMANTICS T13).
#![cfg(loom)]

use gaggle_gopark::{self as gopark, Claim, current};
use gaggle_timer::{Due, Pending, Timers};
use loom::thread;

/// A heap with room; leaked, as models are short.
fn timers() -> &'static Timers {
    let timers = Box::leak(Box::new(Timers::new()));
    timers.grow(gopark::enter);
    timers
}

/// What the scheduler does: true if the goroutine is started.
fn fire(timers: &Timers, now: u64) -> bool {
    match timers.pop_due(now) {
        Some(Due::Start(g, ticket)) => g.wait().claim(ticket, Claim::TimeOut),
        _ => false,
    }
}

/// Fails if `cancel` does not ask whether the clock has come, where the entry is not found.
#[test]
fn stop_races_fire() {
    loom::model(|| {
        let timers = timers();
        let (pending, _) = Pending::add(timers, 5, current()).unwrap();
        let clock = thread::spawn(move || fire(timers, 9));
        let stopped = pending.cancel().is_some();
        let started = clock.join().unwrap();
        assert!(stopped != started, "stopped: {stopped}, started: {started}");
        assert!(!fire(timers, 9));
    });
}

/// Fails if `move_to` adds an entry that is not found without having ended the wait.
#[test]
fn reset_races_fire() {
    loom::model(|| {
        let timers = timers();
        let (mut pending, _) = Pending::add(timers, 5, current()).unwrap();
        let clock = thread::spawn(move || fire(timers, 9));
        let moved = pending.move_to(20, timers).unwrap().is_some();
        let early = clock.join().unwrap();
        assert!(moved != early, "moved: {moved}, started before: {early}");
        assert!(!fire(timers, 19));
        assert_eq!(fire(timers, 20), moved);
        assert!(pending.cancel().is_none());
    });
}

/// A second heap, where it goes when its entry is not found: as above.
#[test]
fn reset_into_another_heap_races_fire() {
    loom::model(|| {
        let (there, here) = (timers(), timers());
        let (early, _) = Pending::add(there, 3, current()).unwrap();
        let (mut pending, _) = Pending::add(there, 5, current()).unwrap();
        let clock = thread::spawn(move || (fire(there, 4), fire(there, 9)));
        let moved = pending.move_to(20, here).unwrap().is_some();
        let (_, started) = clock.join().unwrap();
        assert!(moved != started, "moved: {moved}, started before: {started}");
        assert!(early.cancel().is_none());
        assert_eq!(fire(there, 20) || fire(here, 20), moved);
    });
}
