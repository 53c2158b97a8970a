//! Models of the channels that the clock fills (SEMANTICS T2 to T4, T13). Time is not modelled: a
//! sleep with a deadline may end by it at once, and the thread then knows that it has passed.
#![cfg(loom)]

use gaggle_hchan::feed::{Clocked, NEVER, Stamp};
use loom::thread;

enum Nanos {}

impl Stamp<u64> for Nanos {
    fn at(when: u64) -> u64 {
        when
    }
}

fn timer(when: u64) -> Clocked<u64> {
    Clocked::new::<Nanos>(when, 0)
}

/// A time-out that no model's clock is beyond.
const LATER: std::time::Duration = std::time::Duration::from_nanos(8);

/// Fails if a value that was taken leaves the time standing.
#[test]
fn stop_races_fire() {
    loom::model(|| {
        let clocked = timer(5);
        let c = clocked.recv_only().clone();
        let receiver = thread::spawn(move || c.recv_timeout(LATER).ok());
        let stopped = clocked.set(NEVER, 0);
        let got = receiver.join().unwrap();
        assert_eq!(got, if stopped { None } else { Some(5) });
    });
}

/// Fails if `set` does not end the wait of the watcher: it sleeps on with its old deadline.
#[test]
fn reset_to_an_earlier_time_races_who_begins_to_wait() {
    loom::model(|| {
        let clocked = timer(NEVER);
        let c = clocked.recv_only().clone();
        let receiver = thread::spawn(move || c.recv());
        assert!(!clocked.set(5, 0));
        assert_eq!(receiver.join().unwrap(), Some(5));
    });
}

/// Fails if what was due before is delivered after the reset.
#[test]
fn reset_races_fire() {
    loom::model(|| {
        let clocked = timer(5);
        let c = clocked.recv_only().clone();
        let receiver = thread::spawn(move || c.recv());
        let pending = clocked.set(7, 0);
        let first = receiver.join().unwrap();
        assert_eq!(first, Some(if pending { 7 } else { 5 }));
        assert_eq!(clocked.set(NEVER, 0), !pending);
    });
}

/// Fails if the watcher leaves the line without passing on: the other sleeps for ever.
#[test]
fn the_watcher_leaves_while_another_waits() {
    loom::model(|| {
        let clocked = timer(NEVER);
        let [c, d] = [(); 2].map(|()| clocked.recv_only().clone());
        let limited = thread::spawn(move || c.recv_timeout(LATER).ok());
        let waits = thread::spawn(move || d.recv());
        clocked.set(50, 0);
        assert_eq!(limited.join().unwrap(), None);
        assert_eq!(waits.join().unwrap(), Some(50));
    });
}

/// The one who is to watch next finds a value before it does, and leaves. Fails if only a watcher
/// passes on.
#[test]
fn the_next_watcher_leaves_at_once() {
    loom::model(|| {
        let (clocked, done) = (timer(NEVER), gaggle_hchan::chan::<()>(3));
        let receivers = [(); 3].map(|()| {
            let (c, done) = (clocked.recv_only().clone(), done.clone());
            thread::spawn(move || {
                assert_eq!(c.recv(), Some(0));
                done.send(());
            })
        });
        for _ in 0..3 {
            clocked.set(0, 0);
            done.recv();
        }
        receivers.into_iter().for_each(|receiver| receiver.join().unwrap());
    });
}

/// The same of a select that another case wins.
#[test]
fn a_select_leaves_while_another_waits() {
    loom::model(|| {
        let clocked = timer(NEVER);
        let [c, d] = [(); 2].map(|()| clocked.recv_only().clone());
        let other = gaggle_hchan::chan::<u32>(1);
        let theirs = other.clone();
        let selects = thread::spawn(move || {
            gaggle_hchan::select! {
                recv(c) -> value => value,
                recv(theirs) -> _ => None,
            }
        });
        let waits = thread::spawn(move || d.recv_timeout(LATER).ok());
        other.send(1);
        let selected = selects.join().unwrap();
        assert_eq!((selected, waits.join().unwrap()), (None, None));
    });
}
