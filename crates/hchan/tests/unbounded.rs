//! Channels without a bound.

mod common;

use common::{go, until_receivers};
use gaggle_hchan::{
    Chan, TryRecvError, chan, chan_unbounded, channel_unbounded, select, select_biased,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Says nothing.
fn quiet<T>(limit: usize) -> Chan<T> {
    chan_unbounded(limit, drop::<usize>)
}

#[test]
fn values_come_out_in_order_however_many_they_are() {
    // I5
    for limit in [0, 1, 3, 64, 5000] {
        let c = quiet::<u64>(limit);
        let (mut put, mut got) = (0, 0);
        for round in 1..60 {
            (0..round * 13).for_each(|_| {
                c.send(put);
                put += 1;
            });
            (0..round * 11).for_each(|_| {
                assert_eq!(c.recv(), Some(got));
                got += 1;
            });
            assert_eq!(c.len() as u64, put - got);
        }
        c.close();
        assert!(c.iter().eq(got..put));
    }
}

#[test]
fn it_has_no_capacity_to_reach_and_a_length() {
    // I11
    let c = quiet::<()>(2);
    (0..1000).for_each(|_| assert!(c.try_send(()).is_ok()));
    assert_eq!((c.len(), c.cap()), (1000, usize::MAX));
    assert!(format!("{c:?}").starts_with("Chan { len: 1000, "));
    assert_eq!((0..1000).filter_map(|_| c.try_recv().ok()).count(), 1000);
    assert_eq!(c.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn it_reports_at_its_limit_at_each_doubling_and_anew_once_it_was_drained() {
    let told = chan::<usize>(100);
    let tell = told.clone();
    let c = chan_unbounded(70, move |values| tell.send(values));
    (0..300).for_each(|i| c.send(i));
    assert_eq!(told.len(), 3);
    assert_eq!((told.recv(), told.recv(), told.recv()), (Some(71), Some(143), Some(287)));
    (0..300).for_each(|i| assert_eq!(c.recv(), Some(i)));
    (0..71).for_each(|i| c.send(i));
    assert_eq!((told.len(), told.recv()), (1, Some(71)));
}

#[test]
fn many_values_at_once_are_reported_as_they_would_be_one_by_one() {
    let told = |send: &dyn Fn(&Chan<u32>, Vec<u32>)| {
        let told = chan::<usize>(100);
        let tell = told.clone();
        let c = chan_unbounded(1, move |values| tell.send(values));
        send(&c, (0..100).collect());
        assert!(c.try_iter().eq(0..100));
        told.try_iter().collect::<Vec<_>>()
    };
    let each = told(&|c, values| values.into_iter().for_each(|value| c.send(value)));
    assert_eq!(each, [2, 5, 11, 23, 47, 95]);
    assert_eq!(told(&|c, mut values| c.send_many(&mut values)), each);
}

#[test]
fn a_report_may_panic_and_the_value_is_sent() {
    let c = chan_unbounded(1, |values| panic!("{values} values"));
    c.send(0);
    assert!(catch_unwind(AssertUnwindSafe(|| c.send(1))).is_err());
    assert_eq!((c.recv(), c.recv(), c.try_recv().is_err()), (Some(0), Some(1), true));
}

#[test]
fn sends_never_wait_in_any_form() {
    let (c, never) = (quiet::<u32>(1), chan::<u32>(0));
    for i in 0..2000 {
        match i % 5 {
            0 => c.send(i),
            1 => select! { send(c, i) => {}, recv(never) -> _ => panic!("nobody sends") },
            2 => select! { send(c, i) => {}, default => panic!("there is always room") },
            3 => assert!(c.send_timeout(i, std::time::Duration::ZERO).is_ok()),
            _ => {
                select_biased! { send(never, i) => panic!(), send(c, i) => {}, default => panic!() }
            }
        }
    }
    c.close();
    assert!(c.iter().eq(0..2000));
}

#[test]
fn a_value_goes_straight_to_who_waits() {
    // I7
    let c = quiet::<u32>(1);
    let d = c.clone();
    let receiver = go(move || d.recv());
    until_receivers(&c, 1);
    c.send(5);
    assert_eq!((c.len(), receiver.join().unwrap()), (0, Some(5)));
}

#[test]
fn many_senders_and_receivers_lose_nothing() {
    // J12; beside each other they make room, use it up, and give it back.
    const EACH: usize = 4000;
    let (tx, rx) = channel_unbounded::<Arc<()>>(10, drop::<usize>);
    let token = Arc::new(());
    let senders: Vec<_> = (0..3)
        .map(|_| {
            let (tx, token) = (tx.clone(), Arc::clone(&token));
            go(move || (0..EACH).for_each(|_| tx.send(Arc::clone(&token)).unwrap()))
        })
        .collect();
    drop(tx);
    let receivers: Vec<_> = (0..2)
        .map(|_| {
            let rx = rx.clone();
            go(move || rx.iter().count())
        })
        .collect();
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    let got: usize = receivers.into_iter().map(|receiver| receiver.join().unwrap()).sum();
    assert_eq!((got, Arc::strong_count(&token)), (3 * EACH, 1));
}

/// Panics when it is dropped, if it is told to; counts.
struct Touchy(u32, Arc<AtomicUsize>);

impl Drop for Touchy {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::Relaxed);
        assert!(self.0 != 150, "touched");
    }
}

#[test]
fn what_is_left_is_dropped_once_also_if_a_drop_panics() {
    // I17
    for way in 0..2 {
        let drops = Arc::new(AtomicUsize::new(0));
        let values = (0..400).map(|i| Touchy(i, Arc::clone(&drops)));
        let dropped = if way == 0 {
            let c = quiet(3);
            values.for_each(|value| c.send(value));
            catch_unwind(AssertUnwindSafe(|| drop(c)))
        } else {
            let (tx, rx) = channel_unbounded(3, drop::<usize>);
            values.for_each(|value| assert!(tx.send(value).is_ok()));
            catch_unwind(AssertUnwindSafe(|| drop(rx)))
        };
        assert!(dropped.is_err());
        assert_eq!(drops.load(Ordering::Relaxed), 400);
    }
}

#[test]
fn large_values_lie_behind_the_ring_too() {
    let c = quiet::<[u64; 1000]>(1);
    (0..50).for_each(|i| c.send([i; 1000]));
    (0..50).for_each(|i| assert_eq!(c.recv(), Some([i; 1000])));
}
