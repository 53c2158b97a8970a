//! XS/semaphore/semaphore_test.go (SEMANTICS X6-X8).

use crate::support::{everywhere, go, pause, text};
use gaggle::context::{self, Context, Error, background, with_cancel};
use gaggle::runtime;
use gaggle::semaphore::Weighted;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

fn soon() -> (Context, context::CancelFunc) {
    context::with_timeout(&background(), Duration::from_millis(10))
}

/// Many take and give different numbers; never more than there are.
#[test]
fn test_weighted() {
    everywhere(|| {
        const SIZE: u64 = 5;
        let (sem, held) = (Arc::new(Weighted::new(SIZE)), Arc::new(AtomicU64::new(0)));
        let waits: Vec<_> = (0..10_u64)
            .map(|n| {
                let (sem, held, wants) = (Arc::clone(&sem), Arc::clone(&held), n % SIZE + 1);
                go(move || {
                    for round in 0..40 {
                        if round % 3 != 0 || !sem.try_acquire(wants) {
                            sem.acquire(&background(), wants).unwrap();
                        }
                        let now = held.fetch_add(wants, Ordering::Relaxed) + wants;
                        assert!(now <= SIZE, "{now} are held");
                        runtime::gosched();
                        held.fetch_sub(wants, Ordering::Relaxed);
                        sem.release(wants);
                    }
                })
            })
            .collect();
        waits.into_iter().for_each(|wait| wait());
        assert!(sem.try_acquire(SIZE), "all are back");
    });
}

/// X7.
#[test]
fn test_weighted_panic() {
    everywhere(|| {
        let sem = Weighted::new(1);
        let panics = catch_unwind(AssertUnwindSafe(|| sem.release(1))).unwrap_err();
        assert_eq!(text(&*panics), "semaphore: released more than held");
        assert!(sem.try_acquire(1), "it works on");
    });
}

/// X7.
#[test]
fn test_weighted_try_acquire() {
    everywhere(|| {
        let sem = Weighted::new(2);
        sem.acquire(&background(), 1).unwrap();
        let tries = [sem.try_acquire(1), sem.try_acquire(1)];
        sem.release(2);
        let more = sem.try_acquire(1);
        sem.acquire(&background(), 1).unwrap();
        assert_eq!((tries, more, sem.try_acquire(1)), ([true, false], true, false));
    });
}

/// What cannot be had in time is not had.
#[test]
fn test_weighted_acquire() {
    everywhere(|| {
        let sem = Weighted::new(2);
        let in_time = |n| {
            let (ctx, _cancel) = soon();
            sem.acquire(&ctx, n).is_ok()
        };
        sem.acquire(&background(), 1).unwrap();
        let tries = [in_time(1), in_time(1)];
        sem.release(2);
        let more = in_time(1);
        sem.acquire(&background(), 1).unwrap();
        assert_eq!((tries, more, in_time(1)), ([true, false], true, false));
    });
}

/// X6: a request for more than there are waits for its context and holds nobody up.
#[test]
fn test_weighted_doesnt_block_if_too_big() {
    everywhere(|| {
        let sem = Arc::new(Weighted::new(2));
        let (ctx, cancel) = with_cancel(&background());
        let theirs = Arc::clone(&sem);
        let big = go(move || assert_eq!(theirs.acquire(&ctx, 3), Err(Error::Canceled)));
        pause();
        for _ in 0..3 {
            sem.acquire(&background(), 1).unwrap();
            sem.release(1);
        }
        cancel.cancel();
        big();
    });
}

/// Starred 62 (X6): a large request is not overtaken for ever by small ones.
#[test]
fn test_large_acquire_doesnt_starve() {
    everywhere(|| {
        const N: u64 = 4;
        let (sem, stop) = (Arc::new(Weighted::new(N)), Arc::new(AtomicU64::new(0)));
        sem.acquire(&background(), N).unwrap();
        let small: Vec<_> = (0..N)
            .map(|_| {
                let (sem, stop) = (Arc::clone(&sem), Arc::clone(&stop));
                go(move || {
                    while stop.load(Ordering::Relaxed) == 0 {
                        pause();
                        sem.release(1);
                        sem.acquire(&background(), 1).unwrap();
                    }
                    sem.release(1);
                })
            })
            .collect();
        sem.acquire(&background(), N).unwrap();
        stop.store(1, Ordering::Relaxed);
        sem.release(N);
        small.into_iter().for_each(|wait| wait());
    });
}

/// X6: a cancelled request at the front makes way for those behind it.
#[test]
fn test_alloc_cancel_doesnt_starve() {
    everywhere(|| {
        let sem = Arc::new(Weighted::new(10));
        sem.acquire(&background(), 1).unwrap(); // all but one are there
        let (ctx, cancel) = with_cancel(&background());
        let theirs = Arc::clone(&sem);
        let large = go(move || assert_eq!(theirs.acquire(&ctx, 10), Err(Error::Canceled)));
        while sem.try_acquire(1) {
            sem.release(1); // until the large one waits, and nobody overtakes it
            runtime::gosched();
        }
        let theirs = Arc::clone(&sem);
        let small = go(move || theirs.acquire(&background(), 1).unwrap());
        pause();
        cancel.cancel();
        small(); // without anybody giving a token back
        large();
        assert!(sem.try_acquire(8) && !sem.try_acquire(1));
    });
}

/// X8: a context that has ended gets nothing, even if there is room.
#[test]
fn test_weighted_acquire_canceled() {
    everywhere(|| {
        let sem = Weighted::new(2);
        let (ctx, cancel) = with_cancel(&background());
        sem.acquire(&ctx, 1).unwrap();
        cancel.cancel();
        assert_eq!(sem.acquire(&ctx, 1), Err(Error::Canceled));
        assert!(sem.try_acquire(1));
    });
}

/// X6: cancels race releases: each attempt has its tokens or its error, and none is lost.
#[test]
fn cancels_and_releases_race_and_lose_no_token() {
    everywhere(|| {
        let sem = Arc::new(Weighted::new(2));
        for _ in 0..100 {
            sem.acquire(&background(), 2).unwrap();
            let (ctx, cancel) = with_cancel(&background());
            let theirs = Arc::clone(&sem);
            let takes = go(move || match theirs.acquire(&ctx, 2) {
                Ok(()) => theirs.release(2),
                Err(error) => assert_eq!(error, Error::Canceled),
            });
            runtime::gosched();
            let cancels = go(move || cancel.cancel());
            sem.release(2);
            takes();
            cancels();
            assert!(sem.try_acquire(2), "a token is lost");
            sem.release(2);
        }
    });
}
