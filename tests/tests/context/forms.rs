//! Blocking operations that a context ends (WANTS 26): each gives up with the context's error, leaves
//! nothing behind, and fails at once if the context has ended before.

use crate::{FOREVER, everywhere, go, pause, text};
use gaggle::context::{
    self, CondCtx, Context, Error, LockCtx, RLockCtx, RecvCtx, SendCtx, SendCtxError, WaitCtx,
    background, with_cancel, with_timeout,
};
use gaggle::sync::{BareMutex, BareRwMutex, Cond, Mutex, RwMutex, WaitGroup};
use gaggle::{chan, channel};
use std::sync::Arc;
use std::time::Duration;

/// Does `wait` under a context that is cancelled while it waits, under one that times out, and under
/// one that has ended before.
fn is_ended<T: PartialEq + std::fmt::Debug>(wait: impl Fn(&Context) -> Result<T, Error>) {
    let (ctx, cancel) = with_cancel(&background());
    let cancels = go(move || {
        pause();
        cancel.cancel();
    });
    assert_eq!(wait(&ctx), Err(Error::Canceled));
    cancels();
    assert_eq!(wait(&ctx), Err(Error::Canceled), "it had ended before");
    let (ctx, _cancel) = with_timeout(&background(), Duration::from_millis(1));
    assert_eq!(wait(&ctx), Err(Error::DeadlineExceeded));
}

#[test]
fn a_receive_is_ended() {
    everywhere(|| {
        let c = chan::<u32>(0);
        is_ended(|ctx| c.recv_ctx(ctx));
        is_ended(|ctx| c.recv_only().recv_ctx(ctx));
        assert!(c.try_send(1).is_err(), "a waiter was left behind");
        let (ctx, _cancel) = with_timeout(&background(), FOREVER);
        let theirs = c.clone();
        let sends = go(move || theirs.send(5));
        assert_eq!(c.recv_ctx(&ctx), Ok(Some(5)));
        sends();
        c.close();
        assert_eq!(c.recv_ctx(&ctx), Ok(None));
    });
}

#[test]
fn a_send_is_ended_and_gives_its_value_back() {
    everywhere(|| {
        let c = chan::<Box<u32>>(0);
        is_ended(|ctx| match c.send_ctx(ctx, Box::new(3)) {
            Err(SendCtxError::Ended(error, value)) => {
                assert_eq!(*value, 3);
                Err(error)
            }
            other => Ok(other),
        });
        assert!(c.try_recv().is_err(), "a waiter was left behind");
        let (ctx, _cancel) = with_cancel(&background());
        let theirs = c.clone();
        let gets = go(move || assert_eq!(theirs.recv(), Some(Box::new(4))));
        assert!(c.send_ctx(&ctx, Box::new(4)).is_ok());
        gets();
        c.close();
        let panics = std::panic::AssertUnwindSafe(|| drop(c.send_ctx(&ctx, Box::new(5))));
        let payload = std::panic::catch_unwind(panics).unwrap_err();
        assert_eq!(text(&*payload), "send on closed channel");
        let (sender, receiver) = channel::<u32>(0);
        drop(receiver);
        assert_eq!(sender.send_ctx(&ctx, 6), Err(SendCtxError::Closed(6)));
    });
}

#[test]
fn a_lock_is_ended() {
    everywhere(|| {
        let lock = Mutex::new(0);
        let held = lock.lock();
        is_ended(|ctx| lock.lock_ctx(ctx).map(|_| ()));
        drop(held);
        let (ctx, _cancel) = with_cancel(&background());
        *lock.lock_ctx(&ctx).unwrap() += 1;
        assert_eq!(lock.try_lock().map(|it| *it), Some(1), "nobody waits and nobody holds");
        let bare = BareMutex::new();
        bare.lock();
        is_ended(|ctx| bare.lock_ctx(ctx));
        bare.unlock();
        assert_eq!(bare.lock_ctx(&ctx), Ok(()));
        bare.unlock();
    });
}

#[test]
fn a_lock_for_reading_or_writing_is_ended() {
    everywhere(|| {
        let (lock, bare) = (RwMutex::new(1), BareRwMutex::new());
        let (ctx, _cancel) = with_cancel(&background());
        let writes = lock.lock_ctx(&ctx).unwrap();
        is_ended(|ctx| lock.rlock_ctx(ctx).map(|_| ()));
        is_ended(|ctx| lock.lock_ctx(ctx).map(|_| ()));
        drop(writes);
        let reads = lock.rlock_ctx(&ctx).unwrap();
        is_ended(|ctx| lock.lock_ctx(ctx).map(|_| ()));
        assert!(lock.try_read().is_some(), "the writer that gave up keeps nobody out");
        drop(reads);
        assert!(lock.try_write().is_some(), "nobody is left behind");
        assert_eq!(bare.lock_ctx(&ctx), Ok(()));
        is_ended(|ctx| bare.rlock_ctx(ctx));
        is_ended(|ctx| bare.lock_ctx(ctx));
        bare.unlock();
        assert_eq!(bare.rlock_ctx(&ctx), Ok(()));
        bare.runlock();
        assert!(bare.try_lock(), "nobody is left behind");
    });
}

#[test]
fn a_wait_for_a_condition_is_ended_and_has_the_lock() {
    everywhere(|| {
        let (lock, cond) = (Arc::new(Mutex::new(0)), Arc::new(Cond::new()));
        is_ended(|ctx| {
            let mut guard = lock.lock();
            let end = cond.wait_ctx(&mut guard, ctx);
            assert!(lock.try_lock().is_none(), "the lock is held again");
            end
        });
        let (ctx, _cancel) = with_cancel(&background());
        let (theirs, change) = (Arc::clone(&lock), Arc::clone(&cond));
        let mut guard = lock.lock();
        let changes = go(move || {
            *theirs.lock() = 1;
            change.signal(); // whoever gave up takes no signal away
        });
        while *guard == 0 {
            assert_eq!(cond.wait_ctx(&mut guard, &ctx), Ok(()));
        }
        drop(guard);
        changes();
    });
}

#[test]
fn a_lock_that_is_given_back_is_taken() {
    everywhere(|| {
        let lock = Arc::new(Mutex::new(0_u32));
        let (ctx, _cancel) = with_timeout(&background(), FOREVER);
        let waits: Vec<_> = (0..8)
            .map(|_| {
                let (lock, ctx) = (Arc::clone(&lock), ctx.clone());
                go(move || {
                    for _ in 0..50 {
                        *lock.lock_ctx(&ctx).unwrap() += 1;
                    }
                })
            })
            .collect();
        waits.into_iter().for_each(|wait| wait());
        assert_eq!(*lock.lock(), 400);
    });
}

/// Cancels meet hand-overs: each attempt either has the lock or has an error, and the lock works on.
#[test]
fn locks_and_cancels_race() {
    everywhere(|| {
        let lock = Arc::new(Mutex::new(0_u32));
        let mut attempts = Vec::new();
        for n in 0..100_u32 {
            let (ctx, cancel) = with_cancel(&background());
            let theirs = Arc::clone(&lock);
            attempts.push(go(move || match theirs.lock_ctx(&ctx) {
                Ok(mut count) => *count += 1,
                Err(error) => assert_eq!(error, Error::Canceled),
            }));
            attempts.push(go(move || {
                if n % 2 == 0 {
                    gaggle::runtime::gosched();
                }
                cancel.cancel();
            }));
            let held = lock.lock();
            gaggle::runtime::gosched();
            drop(held);
        }
        attempts.into_iter().for_each(|wait| wait());
        assert!(lock.try_lock().is_some_and(|count| *count <= 100));
    });
}

#[test]
fn a_wait_is_ended() {
    everywhere(|| {
        let wg = WaitGroup::new();
        wg.add(1);
        is_ended(|ctx| wg.wait_ctx(ctx));
        let (ctx, _cancel) = with_cancel(&background());
        let theirs = wg.clone();
        let finishes = go(move || theirs.done());
        assert_eq!(wg.wait_ctx(&ctx), Ok(()));
        finishes();
        assert_eq!(wg.wait_ctx(&ctx), Ok(()), "at zero it does not wait");
    });
}

#[test]
fn a_sleep_is_ended() {
    everywhere(|| {
        is_ended(|ctx| context::sleep(ctx, FOREVER));
        assert_eq!(context::sleep(&background(), Duration::from_millis(1)), Ok(()));
    });
}

/// H2: a wait that a context could end, if anybody could, has no deadline.
#[test]
fn a_lock_that_nobody_gives_back_is_a_deadlock() {
    let outcome = crate::child::run("lock_ctx_for_ever").ends(crate::child::Exit::Code(2));
    let first = "fatal error: all goroutines are asleep - deadlock!\n";
    if !outcome.stderr.starts_with(first) || !outcome.stderr.contains("[sync.Mutex.Lock") {
        outcome.fail("another text");
    }
}
