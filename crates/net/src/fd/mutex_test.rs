//! Who uses a descriptor: Go's `fd_mutex_test.go`.

use super::{CLOSED, FdMutex, IsClosed, Left, REFS};
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_netpoll::Mode;
use std::sync::Arc;
use std::thread;

/// Relaxed: numbers of a test, which its joins order.
const COUNT: Ordering = Ordering::Relaxed;

/// TestMutexLock.
#[test]
fn it_is_entered_and_locked_and_left() {
    let mutex = FdMutex::new();
    assert_eq!(mutex.enter(), Ok(()));
    assert_eq!(mutex.leave(), Left::Others);
    for mode in [Mode::Read, Mode::Write] {
        assert_eq!(mutex.lock(mode, || ()), Ok(()));
        assert_eq!(mutex.unlock(mode), Left::Others);
    }
    assert_eq!(mutex.state.load(COUNT), 0);
}

/// TestMutexClose.
#[test]
fn a_closed_one_refuses_everything() {
    let mutex = FdMutex::new();
    assert_eq!(mutex.close(), Ok(()));
    assert_eq!(mutex.enter(), Err(IsClosed));
    assert_eq!(mutex.lock(Mode::Read, || ()), Err(IsClosed));
    assert_eq!(mutex.lock(Mode::Write, || ()), Err(IsClosed));
    assert_eq!(mutex.close(), Err(IsClosed));
    assert_eq!(mutex.leave(), Left::Last);
}

/// TestMutexCloseUnblock (★36): four wait for the lock; closing wakes them all, and the last of all
/// who were inside is told so.
#[test]
fn closing_wakes_everybody_who_waits_for_a_lock() {
    for round in 0..50 {
        let mutex = Arc::new(FdMutex::new());
        assert_eq!(mutex.lock(Mode::Read, || ()), Ok(()));
        let waiters: Vec<_> = (0..4)
            .map(|_| {
                let mutex = Arc::clone(&mutex);
                thread::spawn(move || mutex.lock(Mode::Read, || ()))
            })
            .collect();
        while mutex.state.load(COUNT) >> 23 != 4 {
            thread::yield_now();
        }
        assert_eq!(mutex.close(), Ok(()), "round {round}");
        for waiter in waiters {
            assert_eq!(waiter.join().unwrap(), Err(IsClosed));
        }
        assert_eq!(mutex.leave(), Left::Others);
        assert_eq!(mutex.unlock(Mode::Read), Left::Last);
    }
}

fn panics(f: impl FnOnce(&FdMutex)) -> bool {
    let mutex = FdMutex::new();
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| f(&mutex))).is_err()
}

/// TestMutexPanic, TestMutexOverflowPanic.
#[test]
fn misuse_and_a_million_operations_panic() {
    assert!(panics(|mutex| _ = mutex.leave()));
    assert!(panics(|mutex| _ = mutex.unlock(Mode::Read)));
    assert!(panics(|mutex| _ = mutex.unlock(Mode::Write)));
    assert!(panics(|mutex| {
        assert_eq!(mutex.lock(Mode::Read, || ()), Ok(()));
        _ = mutex.unlock(Mode::Write);
    }));
    assert!(panics(|mutex| {
        mutex.state.store(REFS, COUNT);
        let _ = mutex.enter();
    }));
}

/// TestMutexStress: readers and writers exclude their like, and one of all is the last.
#[test]
fn many_at_once_exclude_their_like_and_one_is_the_last() {
    let shared = Arc::new((FdMutex::new(), [AtomicU32::new(0), AtomicU32::new(0)]));
    let last = Arc::new(AtomicU32::new(0));
    let users: Vec<_> = (0..8)
        .map(|user| {
            let (shared, last) = (Arc::clone(&shared), Arc::clone(&last));
            thread::spawn(move || {
                let (mutex, inside) = &*shared;
                let mode = [Mode::Read, Mode::Write][user % 2];
                for _ in 0..20_000 {
                    if mutex.lock(mode, || ()) == Err(IsClosed) {
                        return;
                    }
                    assert_eq!(inside[user % 2].fetch_add(1, COUNT), 0);
                    inside[user % 2].fetch_sub(1, COUNT);
                    last.fetch_add((mutex.unlock(mode) == Left::Last).into(), COUNT);
                    if user == 0 && mutex.enter().is_ok() {
                        last.fetch_add((mutex.leave() == Left::Last).into(), COUNT);
                    }
                }
                if mutex.close().is_ok() {
                    last.fetch_add((mutex.leave() == Left::Last).into(), COUNT);
                }
            })
        })
        .collect();
    users.into_iter().for_each(|user| user.join().unwrap());
    assert_eq!(last.load(COUNT), 1);
    assert_eq!(shared.0.state.load(COUNT), CLOSED);
}
