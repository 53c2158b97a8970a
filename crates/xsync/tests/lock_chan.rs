//! Locks in a select: between plain threads here; on goroutines in the whole system's tests.

use gaggle_hchan::{chan, select};
use gaggle_sync::{Mutex, RwMutex};
use gaggle_xsync::{lock_chan, read_chan, write_chan};
use std::sync::Arc;
use std::thread;

#[test]
fn a_free_lock_is_received_at_once() {
    let m = Arc::new(Mutex::new(1));
    let lock = lock_chan(&m);
    assert!(m.try_lock().is_none(), "it is ours already");
    *lock.chan().recv().expect("its guard") += 1;
    assert_eq!(*m.lock(), 2);
    assert!(lock.chan().recv().is_none(), "there is one guard");
}

#[test]
fn a_lock_that_was_not_chosen_is_given_back() {
    let (m, ready) = (Arc::new(Mutex::new(())), chan(1));
    ready.send(7);
    for _ in 0..100 {
        let lock = lock_chan(&m);
        select! {
            recv(lock.chan()) -> guard => drop(guard),
            default => unreachable!("it is free"),
        }
        drop(lock_chan(&m));
        assert!(m.try_lock().is_some(), "nobody has it");
    }
}

#[test]
fn who_waits_in_a_select_gets_the_lock_when_it_is_free() {
    let (m, never) = (Arc::new(Mutex::new(0)), chan::<()>(0));
    let held = m.lock_arc();
    let theirs = Arc::clone(&m);
    let waiter = thread::spawn(move || {
        let lock = lock_chan(&theirs);
        select! {
            recv(lock.chan()) -> guard => *guard.expect("its guard") += 1,
            recv(never) -> _ => unreachable!("nobody sends"),
        }
    });
    drop(held);
    waiter.join().unwrap();
    assert_eq!(*m.lock(), 1);
}

#[test]
fn who_goes_away_leaves_the_line_and_takes_no_turn() {
    for _ in 0..200 {
        let (m, stop) = (Arc::new(Mutex::new(())), chan::<()>(0));
        let held = m.lock_arc();
        let theirs = Arc::clone(&m);
        let tell = stop.clone();
        let waiter = thread::spawn(move || {
            let lock = lock_chan(&theirs);
            select! {
                recv(lock.chan()) -> _ => true,
                recv(stop) -> _ => false,
            }
        });
        tell.close();
        let _either_way = waiter.join().unwrap();
        drop(held);
        drop(m.lock()); // nobody keeps it
    }
}

#[test]
fn readers_and_writers_likewise() {
    let m = Arc::new(RwMutex::new(1));
    let (read, also) = (read_chan(&m), read_chan(&m));
    let (one, two) = (read.chan().recv().unwrap(), also.chan().recv().unwrap());
    assert_eq!(*one + *two, 2);
    let write = write_chan(&m);
    select! {
        recv(write.chan()) -> _ => unreachable!("there are readers"),
        default => {},
    }
    drop(one);
    drop(two);
    *write.chan().recv().expect("its guard") += 1;
    assert_eq!(*read_chan(&m).chan().recv().expect("its guard"), 2);
}
