//! What is left in a channel that nobody receives from any more is dropped where it lies, once each: however large
//! it is, who goes last needs no room for it on its stack.

mod common;

use common::panic_of;
use gaggle_hchan::{
    Chan, SendError, TrySendError, chan, chan_unbounded, channel, channel_unbounded,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const SIZE: usize = 1 << 20;

/// Counts its drops; the one numbered 1 panics in it.
struct Large(Arc<AtomicUsize>, u32, [u8; SIZE]);

impl Drop for Large {
    fn drop(&mut self) {
        assert!(self.2.iter().all(|&byte| byte == 7));
        self.0.fetch_add(1, Ordering::Relaxed);
        assert!(self.1 != 1, "touched");
    }
}

/// Runs `f` on a stack where no value has room.
fn on_a_small_stack<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    let thread = std::thread::Builder::new().stack_size(SIZE / 2).spawn(f).unwrap();
    thread.join().unwrap()
}

/// Runs `f` on a stack where many have.
fn on_a_large_stack(f: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(64 << 20).spawn(f).unwrap().join().unwrap();
}

#[test]
fn who_goes_last_needs_no_room_for_a_value() {
    let full = |c: Chan<[u8; SIZE]>| {
        (0..3).for_each(|i| c.send([i; SIZE]));
        c
    };
    on_a_large_stack(move || {
        let (empty, bounded) = (chan::<[u8; SIZE]>(1), full(chan(3)));
        let unbounded = full(chan_unbounded(1, |_| {}));
        on_a_small_stack(move || drop((empty, bounded, unbounded)));
        let (tx, rx) = channel::<[u8; SIZE]>(2);
        tx.send([1; SIZE]).unwrap();
        let tx = on_a_small_stack(move || {
            drop(rx);
            assert_eq!((tx.len(), tx.cap()), (0, 2));
            tx
        });
        assert!(tx.send([2; SIZE]).is_err());
        on_a_small_stack(move || drop(tx));
    });
}

#[test]
fn each_is_dropped_once_where_it_lies_though_a_drop_panics() {
    on_a_large_stack(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let value = |i| Large(Arc::clone(&drops), i, [7; SIZE]);
        for (at, bounded) in [true, false].into_iter().enumerate() {
            let c = if bounded { chan(4) } else { chan_unbounded(1, |_| {}) };
            (0..4).for_each(|i| c.send(value(i)));
            assert_eq!(on_a_small_stack(|| panic_of(|| drop(c))), "touched");
            assert_eq!(drops.load(Ordering::Relaxed), 8 * at + 4);
            let (tx, rx) = if bounded { channel(4) } else { channel_unbounded(1, |_| {}) };
            (0..4).for_each(|i| assert!(tx.send(value(i)).is_ok()));
            assert_eq!(on_a_small_stack(|| panic_of(|| drop(rx))), "touched");
            assert_eq!((drops.load(Ordering::Relaxed), tx.len()), (8 * at + 8, 0));
            assert!(matches!(tx.try_send(value(9)), Err(TrySendError::Closed(_))));
            drops.fetch_sub(1, Ordering::Relaxed);
        }
    });
}

#[test]
fn a_blocking_receive_of_many_needs_no_room_for_a_value() {
    let (c, d) = (chan::<[u8; SIZE]>(0), chan::<[u8; SIZE]>(0));
    c.close();
    on_a_small_stack(move || {
        let mut got = Vec::new();
        assert_eq!(c.recv_many(&mut got, 3), 0);
        assert!(d.recv_many_timeout(&mut got, 3, std::time::Duration::ZERO).is_err());
        assert!(got.is_empty());
    });
}

/// Sends when it is dropped, to the channel it lay in.
struct Sends(Option<gaggle_hchan::Sender<Sends>>, Arc<AtomicUsize>);

impl Drop for Sends {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::Relaxed);
        let Some(tx) = self.0.take() else { return };
        let SendError(back) = tx.send(Sends(None, Arc::clone(&self.1))).unwrap_err();
        assert_eq!(tx.len(), 0);
        drop(back);
    }
}

#[test]
fn a_drop_may_use_the_channel_that_the_value_lay_in() {
    let (drops, (tx, rx)) = (Arc::new(AtomicUsize::new(0)), channel(3));
    (0..3).for_each(|_| assert!(tx.send(Sends(Some(tx.clone()), Arc::clone(&drops))).is_ok()));
    drop(rx);
    assert_eq!((drops.load(Ordering::Relaxed), tx.len()), (6, 0));
}

#[cfg(feature = "futures")]
mod put_back {
    use super::{AtomicUsize, Large, Ordering, SIZE, on_a_large_stack, on_a_small_stack};
    use super::{chan, channel, panic_of};
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::Arc;
    use std::task::{Context, Waker};

    #[test]
    fn values_that_were_put_back_are_dropped_where_they_lie() {
        on_a_large_stack(|| {
            let drops = Arc::new(AtomicUsize::new(0));
            let value = |i| Large(Arc::clone(&drops), i, [7; SIZE]);
            let cx = &mut Context::from_waker(Waker::noop());
            let c = chan(0);
            let mut waits = [c.recv_async(), c.recv_async(), c.recv_async()];
            for wait in &mut waits {
                assert!(Pin::new(wait).poll(cx).is_pending());
            }
            (0..3).for_each(|i| c.send(value(i)));
            drop(waits);
            assert_eq!(on_a_small_stack(|| panic_of(|| drop(c))), "touched");
            assert_eq!(drops.load(Ordering::Relaxed), 3);

            let (tx, rx) = channel(0);
            let mut waits = [rx.recv_async(), rx.recv_async(), rx.recv_async()];
            for wait in &mut waits {
                assert!(Pin::new(wait).poll(cx).is_pending());
            }
            (0..3).for_each(|i| assert!(tx.send(value(i)).is_ok()));
            drop(waits);
            assert_eq!(on_a_small_stack(|| panic_of(|| drop(rx))), "touched");
            assert_eq!(drops.load(Ordering::Relaxed), 6);
        });
    }
}
