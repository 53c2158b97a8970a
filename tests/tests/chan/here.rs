//! What only goroutines show: who runs next, wakers outside sections, threads at the other end.

use crate::env::{go, yield_now};
use crate::field;
use crate::log::{Log, is_mostly, let_it_wait};
use crate::tools::{until, until_receivers, until_senders};
use gaggle::chan;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake};
use std::thread::Thread;
use std::time::Duration;

/// I10, E11: who is woken runs next, and the waker goes on.
#[test]
fn the_woken_peer_runs_next_and_the_waker_goes_on() {
    is_mostly(&[9, 0, 1, 2], || {
        let (log, c) = (Log::new(), chan::<u32>(0));
        let theirs = c.clone();
        log.start_after(0, move || assert_eq!(theirs.recv(), Some(7)));
        let_it_wait();
        log.start(1);
        log.start(2);
        while c.try_send(7).is_err() {
            let_it_wait(); // a slice that ended early: one of the wrong orders
        }
        log.note(9);
        log.block()
    });
}

/// Counts, and sees where it is called.
struct Outside(AtomicUsize);

impl Wake for Outside {
    fn wake(self: Arc<Self>) {
        assert!(!gaggle_gopark::in_machine_section(), "a waker is user code");
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

/// A goroutine that serves a task calls its waker outside any section, whichever way it serves it.
#[test]
fn wakers_are_called_outside_sections() {
    let serves: [fn(&gaggle::Chan<u32>); 6] = [
        |c| c.send(1),
        |c| assert!(c.try_send(1).is_ok()),
        |c| c.send_many(&mut vec![1]),
        |c| gaggle::select! { send(c, 1) => {}, recv(gaggle::Chan::<u32>::nil()) -> _ => {} },
        |c| assert!(c.send_timeout(1, std::time::Duration::from_secs(60)).is_ok()),
        |c| c.close(),
    ];
    for procs in [1, 4] {
        field::on(procs, move || {
            for serve in serves {
                let count = Arc::new(Outside(AtomicUsize::new(0)));
                let waker = Arc::clone(&count).into();
                let mut cx = Context::from_waker(&waker);
                let c = chan::<u32>(0);
                let mut f = pin!(c.recv_async());
                assert!(f.as_mut().poll(&mut cx).is_pending());
                let d = c.clone();
                go(move || serve(&d)).join().unwrap();
                assert_eq!(count.0.load(Ordering::Acquire), 1);
                assert!(matches!(f.as_mut().poll(&mut cx), Poll::Ready(_)));
            }
        });
    }
}

/// I6, I7: one channel joins goroutines and plain threads, in both directions and in one line.
#[test]
fn threads_and_goroutines_stand_in_one_line() {
    for procs in [1, 2, 4, 16] {
        field::on(procs, || {
            let c = chan::<u32>(0);
            let (d, e) = (c.clone(), c.clone());
            let thread = std::thread::spawn(move || d.recv());
            until_receivers(&c, 1);
            let goroutine = go(move || e.recv());
            until_receivers(&c, 2);
            c.send(1);
            c.send(2);
            assert_eq!(goroutine.join().unwrap(), Some(2));
            until(|| thread.is_finished());
            assert_eq!(thread.join().unwrap(), Some(1));
            let d = c.clone();
            let thread = std::thread::spawn(move || (0..100).for_each(|i| d.send(i)));
            until_senders(&c, 1);
            for i in 0..100 {
                assert_eq!(c.recv(), Some(i));
                yield_now();
            }
            until(|| thread.is_finished());
        });
    }
}

/// Wakes a thread that drives a task.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Drives `task` on this thread, which sleeps until it is woken for it.
fn drive<R>(task: impl Future<Output = R>) -> R {
    let (waker, mut task) = (Arc::new(Unpark(std::thread::current())).into(), pin!(task));
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(result) = task.as_mut().poll(&mut cx) {
            return result;
        }
        std::thread::park_timeout(Duration::from_secs(60));
    }
}

/// J12, I6, I7: tasks, threads and goroutines at both ends of one channel; each value arrives once, and
/// somebody of each kind has received some.
#[test]
fn tasks_threads_and_goroutines_share_one_channel() {
    for procs in [1, 2, 4] {
        field::on(procs, || [0, 1, 10].into_iter().for_each(all_three_share));
    }
}

fn all_three_share(cap: usize) {
    const EACH: u32 = 300;
    let c = chan::<u32>(cap);
    let (d, e, f) = (c.clone(), c.clone(), c.clone());
    let goroutine = go(move || d.iter().collect::<Vec<_>>());
    let thread = std::thread::spawn(move || e.iter().collect::<Vec<_>>());
    let task = std::thread::spawn(move || {
        drive(async {
            let mut got = Vec::new();
            while let Some(value) = f.recv_async().await {
                got.push(value);
            }
            got
        })
    });
    until_receivers(&c, 3); // so the first three values are for one of each
    let (d, e, f) = (c.clone(), c.clone(), c.clone());
    let sender = go(move || (0..EACH).for_each(|i| d.send(i)));
    let senders = [
        std::thread::spawn(move || (EACH..2 * EACH).for_each(|i| e.send(i))),
        std::thread::spawn(move || {
            drive(async {
                for i in 2 * EACH..3 * EACH {
                    f.send_async(i).await.expect("it is open");
                }
            });
        }),
    ];
    sender.join().unwrap();
    until(|| senders.iter().all(|one| one.is_finished()));
    senders.into_iter().for_each(|one| one.join().unwrap());
    c.close();
    until(|| thread.is_finished() && task.is_finished());
    let got = [goroutine.join().unwrap(), thread.join().unwrap(), task.join().unwrap()];
    assert!(got.iter().all(|some| !some.is_empty()), "a kind received nothing");
    let mut all = got.concat();
    all.sort_unstable();
    assert_eq!(all, (0..3 * EACH).collect::<Vec<_>>());
}
