//! User code that an operation calls, a report or a waker, may panic: by then the value has moved, and moves no second time.

mod common;

use gaggle_hchan::{Chan, Select, chan, chan_unbounded, select, select_biased};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts its drops.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn panics(f: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(f)).is_err()
}

/// Has `send` send a value to an unbounded channel whose report panics: the value is received, and dropped once.
fn reported(send: impl FnOnce(&Chan<Counted>, Counted)) {
    let drops = Arc::new(AtomicUsize::new(0));
    let value = || Counted(Arc::clone(&drops));
    let c = chan_unbounded(1, |values| panic!("{values} values"));
    c.send(value());
    assert!(panics(|| send(&c, value())), "the report was not heard");
    assert_eq!((c.len(), drops.load(Ordering::Relaxed)), (2, 0));
    drop((c.recv(), c.recv()));
    assert_eq!(drops.load(Ordering::Relaxed), 2);
}

#[test]
fn a_report_that_panics_leaves_the_value_in_the_channel_whoever_sent_it() {
    let never = &chan::<u8>(0);
    reported(|c, value| c.send(value));
    reported(|c, value| drop(c.try_send(value)));
    reported(|c, value| drop(c.send_timeout(value, std::time::Duration::ZERO)));
    reported(|c, value| c.send_many(&mut vec![value]));
    reported(|c, value| select! { send(c, value) => {} });
    reported(|c, value| select! { send(c, value) => {}, default => {} });
    reported(|c, value| select! { send(c, value) => {}, recv(never) -> _ => {} });
    reported(|c, value| select! { send(c, value) => {}, recv(never) -> _ => {}, default => {} });
    reported(|c, value| select_biased! { recv(never) -> _ => {}, send(c, value) -> r => drop(r) });
}

#[test]
fn a_report_that_panics_leaves_the_value_in_the_channel_of_a_dynamic_select() {
    let never = &chan::<u8>(0);
    reported(|c, value| {
        let mut select = Select::new();
        select.send(c, value);
        drop(select.wait());
    });
    for timed in [false, true] {
        reported(|c, value| {
            let mut select = Select::new();
            select.recv(never);
            select.send_or_closed(c, value);
            match timed {
                true => drop(select.wait_timeout(std::time::Duration::ZERO)),
                false => drop(select.try_wait()),
            }
        });
    }
}

#[test]
fn a_select_whose_report_panicked_may_be_used_again() {
    let drops = Arc::new(AtomicUsize::new(0));
    let value = || Counted(Arc::clone(&drops));
    let (c, other) = (chan_unbounded(1, |values| panic!("{values} values")), chan::<u8>(1));
    c.send(value());
    let mut select = Select::new();
    let sends = select.send(&c, value());
    select.recv(&other);
    assert!(panics(|| drop(select.wait())));
    assert!(select.try_wait().is_none(), "the send was done, and is switched off");
    select.set_send(sends, &c, value());
    assert_eq!(select.wait().index(), sends); // 3: no doubling, no report
    other.send(1);
    assert_eq!(select.wait().received(&other), Some(1));
    drop(select);
    assert_eq!((c.len(), drops.load(Ordering::Relaxed)), (3, 0));
    drop(c);
    assert_eq!(drops.load(Ordering::Relaxed), 3);
}

#[cfg(feature = "futures")]
mod wakers {
    use super::{Counted, panics};
    use crate::common::until_receivers;
    use futures_core::Stream;
    use gaggle_hchan::{Chan, Select, chan, channel, select};
    use std::future::Future;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::pin::{Pin, pin};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Poll, Wake, Waker};

    struct Panics;

    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("a waker")
        }
    }

    /// Has `send` send a value to a task whose waker panics: the task gets it, and it is dropped once.
    fn woken(send: impl FnOnce(&Chan<Counted>, Counted)) {
        let drops = Arc::new(AtomicUsize::new(0));
        let c = chan::<Counted>(0);
        let waker = Waker::from(Arc::new(Panics));
        let mut cx = Context::from_waker(&waker);
        let mut wait = pin!(c.recv_async());
        assert!(wait.as_mut().poll(&mut cx).is_pending());
        until_receivers(&c, 1);
        let value = Counted(Arc::clone(&drops));
        assert!(panics(|| send(&c, value)), "the waker was not called");
        assert_eq!(drops.load(Ordering::Relaxed), 0);
        let Poll::Ready(Some(value)) = wait.as_mut().poll(&mut cx) else { panic!("not delivered") };
        drop(value);
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_waker_that_panics_leaves_the_value_with_its_task() {
        let never = &chan::<u8>(0);
        woken(|c, value| c.send(value));
        woken(|c, value| drop(c.try_send(value)));
        woken(|c, value| c.send_many(&mut vec![value]));
        woken(|c, value| select! { send(c, value) => {} });
        woken(|c, value| select! { send(c, value) => {}, recv(never) -> _ => {} });
        woken(|c, value| {
            let mut select = Select::new();
            select.recv(never);
            select.send(c, value);
            drop(select.wait());
        });
    }

    /// Has `recv` take the value of a task whose waker panics.
    fn taken(recv: impl FnOnce(&Chan<Counted>)) {
        let drops = Arc::new(AtomicUsize::new(0));
        let c = chan::<Counted>(0);
        let waker = Waker::from(Arc::new(Panics));
        let mut cx = Context::from_waker(&waker);
        let mut wait = pin!(c.send_async(Counted(Arc::clone(&drops))));
        assert!(wait.as_mut().poll(&mut cx).is_pending());
        assert!(panics(|| recv(&c)), "the waker was not called");
        assert!(matches!(wait.as_mut().poll(&mut cx), Poll::Ready(Ok(()))), "it was sent");
        assert_eq!(drops.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn what_was_received_from_a_task_whose_waker_panics_is_dropped() {
        let never = &chan::<u8>(0);
        taken(|c| drop(c.recv()));
        taken(|c| drop(c.try_recv()));
        taken(|c| drop(c.recv_timeout(std::time::Duration::ZERO)));
        taken(|c| {
            let mut got = Vec::new();
            c.recv_many(&mut got, 4);
        });
        taken(|c| select! { recv(c) -> v => drop(v) });
        taken(|c| select! { recv(c) -> v => drop(v), recv(never) -> _ => {} });
        taken(|c| {
            let mut select = Select::new();
            select.recv(never);
            select.recv(c);
            drop(select.wait());
        });
    }

    struct Counts(AtomicUsize);

    impl Wake for Counts {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Three tasks wait, the wakers of those at `bad` panic, and `end` ends all three waits: the others are woken.
    fn three(bad: &[usize], end: impl FnOnce(&Chan<u32>)) {
        let c = chan::<u32>(0);
        let counts = Arc::new(Counts(AtomicUsize::new(0)));
        let mut waits: Vec<_> = (0..3).map(|_| Box::pin(c.recv_async())).collect();
        for (at, wait) in waits.iter_mut().enumerate() {
            let good = || Waker::from(Arc::clone(&counts));
            let waker = if bad.contains(&at) { Waker::from(Arc::new(Panics)) } else { good() };
            assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        }
        assert!(panics(|| end(&c)), "the waker was not called");
        assert_eq!(counts.0.load(Ordering::Relaxed), 3 - bad.len());
        let mut cx = Context::from_waker(Waker::noop());
        assert!(waits.iter_mut().all(|wait| wait.as_mut().poll(&mut cx).is_ready()));
    }

    #[test]
    fn a_waker_that_panics_keeps_no_other_task_from_being_woken() {
        for bad in [&[0][..], &[1], &[2], &[0, 1], &[1, 2], &[0, 2], &[0, 1, 2]] {
            three(bad, Chan::close);
            three(bad, |c| assert!(c.try_close()));
        }
    }

    /// Closes when it is dropped.
    struct Closes(Chan<u32>);

    impl Drop for Closes {
        fn drop(&mut self) {
            self.0.close();
        }
    }

    #[test]
    fn a_panic_that_is_under_way_is_the_one_that_goes_on() {
        let unwinds = |c: &Chan<u32>| {
            let closes = Closes(c.clone());
            let unwound = catch_unwind(AssertUnwindSafe(|| {
                let _closes = closes;
                panic!("the first");
            }));
            assert_eq!(unwound.unwrap_err().downcast_ref(), Some(&"the first"));
            panic!("the wakers' do not");
        };
        three(&[0, 1], unwinds);
    }

    #[test]
    fn many_values_stop_behind_a_task_whose_waker_panics() {
        let c = chan::<u32>(0);
        let mut waits = [c.recv_async(), c.recv_async(), c.recv_async()];
        let (mut good, panics_so) =
            (Context::from_waker(Waker::noop()), Waker::from(Arc::new(Panics)));
        for (at, wait) in waits.iter_mut().enumerate() {
            let waker = if at == 1 { &panics_so } else { Waker::noop() };
            assert!(Pin::new(wait).poll(&mut Context::from_waker(waker)).is_pending());
        }
        let mut values = vec![1, 2, 3];
        assert!(panics(|| c.send_many(&mut values)), "the waker was not called");
        assert_eq!(values, [3], "it was not sent, and is not lost");
        assert!(Pin::new(&mut waits[2]).poll(&mut good).is_pending());
        c.send_many(&mut values);
        let got = waits.map(|mut wait| Pin::new(&mut wait).poll(&mut good));
        assert_eq!(got, [1, 2, 3].map(|i| Poll::Ready(Some(i))));
    }

    #[test]
    fn a_handle_that_goes_while_a_waker_panics_is_gone_all_the_same() {
        let (tx, mut rx) = channel::<u32>(0);
        let (mut two, mut good) = (rx.clone(), Context::from_waker(Waker::noop()));
        assert!(Pin::new(&mut rx).poll_next(&mut good).is_pending());
        tx.send(7).unwrap(); // delivered to the stream that goes
        let waker = Waker::from(Arc::new(Panics));
        assert!(Pin::new(&mut two).poll_next(&mut Context::from_waker(&waker)).is_pending());
        assert!(panics(|| drop(rx)), "it passed its value on");
        assert_eq!(Pin::new(&mut two).poll_next(&mut good), Poll::Ready(Some(7)));
        drop(two);
        assert!(tx.send(8).is_err(), "both receivers are gone");
    }
}
