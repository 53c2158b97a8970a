//! Tasks as waiters: futures, `Stream`, `Sink` (feature `futures`).

mod common;

use common::{go, until, until_receivers, until_senders};
use futures_core::stream::{FusedStream, Stream};
use futures_sink::Sink;
use gaggle_hchan::{Chan, Receiver, RecvFuture, SendError, chan, chan_unbounded, channel};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

/// Wakes a thread, and counts how often.
struct Unpark(Thread, AtomicUsize);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.1.fetch_add(1, Ordering::Release);
        self.0.unpark();
    }
}

fn waker() -> (Arc<Unpark>, Waker) {
    let it = Arc::new(Unpark(std::thread::current(), AtomicUsize::new(0)));
    (Arc::clone(&it), it.into())
}

/// Polls until it is ready; sleeps in between, so that a lost wake-up hangs.
fn block_on<R>(mut poll: impl FnMut(&mut Context<'_>) -> Poll<R>) -> R {
    let (_, waker) = waker();
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(result) = poll(&mut cx) {
            return result;
        }
        std::thread::park_timeout(std::time::Duration::from_secs(60));
    }
}

fn wait<F: Future>(f: F) -> F::Output {
    let mut f = pin!(f);
    block_on(|cx| f.as_mut().poll(cx))
}

fn next<T>(rx: &mut Receiver<T>) -> Option<T> {
    block_on(|cx| Pin::new(&mut *rx).poll_next(cx))
}

fn poll_once<F: Future + Unpin>(f: &mut F) -> Poll<F::Output> {
    Pin::new(f).poll(&mut Context::from_waker(Waker::noop()))
}

/// A receive that waits in line.
fn waiting<T>(c: &Chan<T>) -> RecvFuture<'_, T> {
    let mut f = c.recv_async();
    assert!(poll_once(&mut f).is_pending());
    f
}

#[test]
fn tasks_and_threads_share_a_channel() {
    // I5, I6, J12
    for cap in [0, 1, 2, 10, 100] {
        const N: u64 = 2000;
        let c = chan::<u64>(cap);
        let (d, e) = (c.clone(), c.clone());
        let task = go(move || (1..=N).for_each(|i| wait(d.send_async(i)).unwrap()));
        let thread = go(move || (1..=N).for_each(|i| e.send(i)));
        let f = c.clone();
        let other = go(move || (0..N).map(|_| f.recv().unwrap()).sum::<u64>());
        let mine: u64 = (0..N).map(|_| wait(c.recv_async()).unwrap()).sum();
        assert_eq!(mine + other.join().unwrap(), N * (N + 1));
        task.join().unwrap();
        thread.join().unwrap();
    }
}

#[test]
fn tasks_stand_in_the_lines_in_their_turn() {
    // I7, J8
    let c = chan::<u32>(0);
    let mut first = waiting(&c);
    let d = c.clone();
    let second = go(move || d.recv());
    until_receivers(&c, 2);
    let mut third = waiting(&c);
    (1..=3).for_each(|i| c.send(i));
    assert_eq!(poll_once(&mut third), Poll::Ready(Some(3)));
    assert_eq!(poll_once(&mut first), Poll::Ready(Some(1)));
    assert_eq!(second.join().unwrap(), Some(2));
}

#[test]
fn each_wait_is_woken_once() {
    let (count, waker) = waker();
    let mut cx = Context::from_waker(&waker);
    let c = chan::<u32>(0);
    let mut f = pin!(c.recv_async());
    assert!(f.as_mut().poll(&mut cx).is_pending() && f.as_mut().poll(&mut cx).is_pending());
    assert_eq!(count.1.load(Ordering::Acquire), 0);
    c.send(1);
    assert_eq!(count.1.load(Ordering::Acquire), 1);
    assert_eq!(f.as_mut().poll(&mut cx), Poll::Ready(Some(1)));
}

#[test]
fn close_ends_every_wait() {
    // I4: a send that waits has its value back.
    let (c, d) = (chan::<u32>(0), chan::<String>(0));
    let mut receive = waiting(&c);
    let mut send = d.send_async("back".to_owned());
    assert!(poll_once(&mut send).is_pending());
    c.close();
    d.close();
    assert_eq!(poll_once(&mut receive), Poll::Ready(None));
    assert_eq!(poll_once(&mut send), Poll::Ready(Err(SendError("back".to_owned()))));
    assert_eq!(wait(d.send_async("no".to_owned())), Err(SendError("no".to_owned())));
    assert!(poll_once(&mut Chan::<u32>::nil().recv_async()).is_pending()); // I2
    assert!(poll_once(&mut Chan::<u32>::nil().send_async(1)).is_pending());
}

#[test]
fn a_value_delivered_to_a_dropped_future_goes_to_the_next_receiver() {
    // Never Lost; I7
    for cap in [0, 1, 2, 10, 100] {
        let c = chan::<u32>(cap);
        let first = waiting(&c);
        let d = c.clone();
        let second = go(move || d.recv());
        until_receivers(&c, 2);
        c.send(7);
        drop(first); // it had the 7
        assert_eq!(second.join().unwrap(), Some(7));
        let (first, mut second) = (waiting(&c), waiting(&c));
        c.send(8);
        drop(first);
        assert_eq!(poll_once(&mut second), Poll::Ready(Some(8)));
    }
}

#[test]
fn a_value_delivered_to_a_dropped_future_is_put_back() {
    // Never Lost; I5: before what came later, if there is room.
    for cap in [0, 1, 2, 10, 100] {
        let c = chan::<usize>(cap);
        let f = waiting(&c);
        c.send(0);
        (1..cap).for_each(|i| c.send(i));
        drop(f);
        assert_eq!(c.len(), cap);
        assert!((0..cap.max(1)).all(|i| c.recv() == Some(i)));
        assert!(c.try_recv().is_err());
    }
}

#[test]
fn a_value_put_back_into_a_full_or_closed_channel_is_received_all_the_same() {
    // Never Lost, I3
    for cap in [0, 1, 2, 10, 100] {
        let c = chan::<usize>(cap);
        let f = waiting(&c);
        c.send(0);
        (1..=cap).for_each(|i| c.send(i)); // full
        c.close();
        drop(f);
        assert!(c.iter().eq(0..=cap), "it comes before what was sent after it");
        let c = chan::<usize>(cap);
        let f = waiting(&c);
        c.send(5);
        drop(f); // waits like a sender, if there is no room
        c.close();
        assert_eq!((c.try_recv(), c.recv()), (Ok(5), None));
    }
}

#[test]
fn values_put_back_before_full_buffers_keep_their_order() {
    // Never Lost: wherever the ring begins, and with senders, or values of an unbounded channel, behind it
    for (cap, shift) in [(1, 0), (2, 1), (3, 2), (5, 3)] {
        let c = chan::<String>(cap);
        (0..shift).for_each(|i| c.send(i.to_string()));
        (0..shift).for_each(|i| assert_eq!(c.recv(), Some(i.to_string())));
        let (one, two) = (waiting(&c), waiting(&c));
        (0..cap + 2).for_each(|i| c.send(i.to_string()));
        let sender = go({
            let c = c.clone();
            move || c.send((cap + 2).to_string())
        });
        until_senders(&c, 1);
        drop(two);
        drop(one);
        until_senders(&c, 3);
        assert!((0..cap + 3).all(|i| c.recv() == Some(i.to_string())));
        sender.join().unwrap();
    }
    let c = chan_unbounded(2, |_| {});
    let f = waiting(&c);
    (0..20).for_each(|i| c.send(i));
    drop(f);
    c.close();
    assert!(c.iter().eq(0..20));
}

#[test]
fn what_was_put_back_is_dropped_with_the_channel() {
    // I17
    let token = Arc::new(());
    for cap in [0, 1, 3] {
        let c = chan(cap);
        let f = waiting(&c);
        c.send(Arc::clone(&token));
        (0..cap).for_each(|_| c.send(Arc::clone(&token)));
        drop(f);
        assert_eq!(Arc::strong_count(&token), cap + 2);
        drop(c);
        assert_eq!(Arc::strong_count(&token), 1);
    }
}

#[test]
fn a_send_that_is_dropped_takes_its_value_back() {
    let token = Arc::new(());
    let c = chan(0);
    let mut f = c.send_async(Arc::clone(&token));
    assert!(poll_once(&mut f).is_pending());
    until_senders(&c, 1);
    drop(f);
    until_senders(&c, 0);
    assert_eq!(Arc::strong_count(&token), 1);
    assert!(c.try_recv().is_err());
    drop(c.send_async(Arc::clone(&token))); // never polled
    assert_eq!(Arc::strong_count(&token), 1);
}

#[test]
fn a_receiver_is_a_stream_and_a_sender_a_sink() {
    for cap in [0, 1, 2, 10, 100] {
        let (mut tx, mut rx) = channel::<u32>(cap);
        let sender = go(move || {
            for i in 0..500 {
                block_on(|cx| Pin::new(&mut tx).poll_ready(cx)).unwrap();
                Pin::new(&mut tx).start_send(i).unwrap();
            }
            block_on(|cx| Pin::new(&mut tx).poll_close(cx)).unwrap();
        });
        (0..500).for_each(|i| assert_eq!(next(&mut rx), Some(i)));
        assert_eq!(next(&mut rx), None);
        assert!(rx.is_terminated());
        sender.join().unwrap();
    }
}

#[test]
fn a_sink_that_goes_leaves_its_value_in_the_line() {
    // Never Lost: also if it was the last sender, and the channel closes.
    for cap in [0, 1, 2] {
        let (mut tx, rx) = channel::<usize>(cap);
        for i in 0..=cap {
            Pin::new(&mut tx).start_send(i).unwrap();
        }
        drop(tx);
        assert_eq!(rx.iter().collect::<Vec<_>>(), (0..=cap).collect::<Vec<_>>());
    }
}

#[test]
fn a_sink_that_is_not_ready_takes_no_other_value() {
    let (token, (mut tx, rx)) = (Arc::new(()), channel(0));
    let (_, waker) = waker();
    let mut cx = Context::from_waker(&waker);
    assert!(Pin::new(&mut tx).start_send(Arc::clone(&token)).is_ok());
    assert!(Pin::new(&mut tx).poll_ready(&mut cx).is_pending());
    let again = AssertUnwindSafe(|| Pin::new(&mut tx).start_send(Arc::clone(&token)));
    assert!(catch_unwind(again).is_err());
    assert_eq!(Arc::strong_count(&token), 2, "the first is on its way, the second is dropped");
    assert!(rx.recv().is_some());
    assert_eq!(Pin::new(&mut tx).poll_ready(&mut cx), Poll::Ready(Ok(())));
    drop((tx, rx));
    assert_eq!(Arc::strong_count(&token), 1);
}

#[test]
fn a_sink_learns_that_the_receivers_went() {
    // I4: the value comes back with the error.
    let (mut tx, rx) = channel::<u32>(0);
    Pin::new(&mut tx).start_send(5).unwrap();
    let mut cx = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut tx).poll_flush(&mut cx).is_pending());
    drop(rx);
    assert_eq!(Pin::new(&mut tx).poll_flush(&mut cx), Poll::Ready(Err(SendError(5))));
    assert_eq!(Pin::new(&mut tx).start_send(6), Err(SendError(6)));
}

#[test]
fn a_stream_that_goes_passes_its_value_on() {
    // Never Lost
    let (tx, mut rx) = channel::<u32>(0);
    let other = rx.clone();
    let mut cx = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut rx).poll_next(&mut cx).is_pending());
    tx.send(9).unwrap();
    drop(rx);
    assert_eq!(other.try_recv(), Ok(9));
    drop(other);
    assert!(tx.send(1).is_err());
}

#[test]
fn unbounded_channels_serve_tasks_too() {
    let c = chan_unbounded::<u32>(2, drop::<usize>);
    let f = waiting(&c);
    (0..200).for_each(|i| c.send(i));
    drop(f); // the 0 goes back before the others that lie behind the ring
    let mut all: Vec<_> = (0..200).map(|_| c.try_recv().unwrap()).collect();
    all.sort_unstable();
    assert!(all.into_iter().eq(0..200) && c.try_recv().is_err());
}

#[test]
fn no_value_is_lost_or_doubled_among_futures_that_come_and_go() {
    // Never Lost, J12: half of the futures are dropped, wherever they stand.
    const EACH: usize = 3000;
    for cap in [0, 1, 2] {
        let token = Arc::new(());
        let (c, got) = (chan::<Arc<()>>(cap), Arc::new(AtomicUsize::new(0)));
        let receivers: Vec<_> = (0..2)
            .map(|_| {
                let (c, got) = (c.clone(), Arc::clone(&got));
                go(move || {
                    let mut turn = 0_u32;
                    loop {
                        let mut f = c.recv_async();
                        let mut polled = poll_once(&mut f);
                        if polled.is_pending() {
                            std::thread::yield_now();
                            turn += 1;
                            if turn.is_multiple_of(2) {
                                continue; // dropped, wherever it stands
                            }
                            polled = poll_once(&mut f);
                        }
                        match polled {
                            Poll::Ready(Some(_)) => _ = got.fetch_add(1, Ordering::Relaxed),
                            Poll::Ready(None) => break,
                            Poll::Pending => {}
                        }
                    }
                })
            })
            .collect();
        let senders: Vec<_> = (0..2)
            .map(|_| {
                let (c, token) = (c.clone(), Arc::clone(&token));
                go(move || (0..EACH).for_each(|_| c.send(Arc::clone(&token))))
            })
            .collect();
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        until(|| Arc::strong_count(&token) == 1);
        c.close();
        receivers.into_iter().for_each(|receiver| receiver.join().unwrap());
        assert_eq!(got.load(Ordering::Relaxed), 2 * EACH);
    }
}
