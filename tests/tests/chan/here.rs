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
