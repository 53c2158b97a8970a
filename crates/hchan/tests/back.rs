//! Values that were delivered to tasks which go come back in their order (SEMANTICS I5).
#![cfg(feature = "futures")]
#![expect(clippy::disallowed_types, reason = "a waker of the test is Sync")]

mod common;

use common::Random;
use gaggle_hchan::{Chan, RecvFuture, chan, chan_unbounded};
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

fn poll_with(f: &mut RecvFuture<'_, u32>, waker: &Waker) -> Poll<Option<u32>> {
    Pin::new(f).poll(&mut Context::from_waker(waker))
}

type Slot = Arc<Mutex<Option<RecvFuture<'static, u32>>>>;

/// A select of two futures: when one is ready the other is dropped, and all that is there is received.
struct DropsTheOther(Slot, &'static Chan<u32>, Arc<Mutex<Vec<u32>>>);

impl Wake for DropsTheOther {
    fn wake(self: Arc<Self>) {
        let other = self.0.lock().unwrap().take();
        if other.is_some() {
            drop(other);
            self.2.lock().unwrap().extend(self.1.try_iter());
        }
    }
}

#[test]
fn what_send_many_gave_to_a_task_that_goes_comes_before_what_follows() {
    // I5
    let c: &'static Chan<u32> = Box::leak(Box::new(chan(8)));
    let got = Arc::new(Mutex::new(Vec::new()));
    let slots: [Slot; 2] = Default::default();
    for (mine, other) in [(&slots[0], &slots[1]), (&slots[1], &slots[0])] {
        let waker = Arc::new(DropsTheOther(Arc::clone(other), c, Arc::clone(&got)));
        let mut f = c.recv_async();
        assert!(poll_with(&mut f, &waker.into()).is_pending());
        *mine.lock().unwrap() = Some(f);
    }
    c.send_many(&mut vec![1, 2, 3, 4]);
    let mut got = std::mem::take(&mut *got.lock().unwrap());
    got.extend(c.try_iter());
    assert_eq!(got, [2, 3, 4]);
    let [first, second] = slots.map(|slot| slot.lock().unwrap().take());
    assert!(second.is_none());
    assert_eq!(poll_with(&mut first.unwrap(), Waker::noop()), Poll::Ready(Some(1)));
}

fn poll_once(f: &mut RecvFuture<'_, u32>) -> Poll<Option<u32>> {
    poll_with(f, Waker::noop())
}

/// As many receives that wait.
fn waits(c: &Chan<u32>, n: u32) -> Vec<Option<RecvFuture<'_, u32>>> {
    let mut all: Vec<_> = (0..n).map(|_| Some(c.recv_async())).collect();
    assert!(all.iter_mut().flatten().all(|f| poll_once(f).is_pending()));
    all
}

#[test]
fn futures_that_go_in_the_order_of_their_deliveries_put_their_values_back_in_order() {
    // I5
    for cap in [0, 1, 2, 4] {
        let c = chan::<u32>(cap);
        let all = waits(&c, 3);
        (1..=3).for_each(|i| c.send(i));
        drop(all); // a Vec drops front to back
        assert_eq!(c.try_iter().collect::<Vec<_>>(), [1, 2, 3], "cap {cap}");
    }
}

#[test]
fn values_come_back_in_order_whichever_future_goes_first() {
    // I5: into buffers of all sizes, wherever they begin, full or not, with senders or a close behind,
    // and with receives in between.
    let mut random = Random::new(8);
    for round in 0..3000 {
        let (cap, n) = (random.below(7) as usize, random.below(8) as u32);
        let c = if round % 5 == 4 { chan_unbounded(1 + cap, |_| {}) } else { chan(cap) };
        for _ in 0..random.below(7).min(cap as u64) {
            c.send(0);
            assert_eq!(c.recv(), Some(0));
        }
        let mut all = waits(&c, n);
        (0..n).for_each(|i| c.send(i));
        let mut sent = n;
        while random.below(6) > 0 && c.try_send(sent).is_ok() {
            sent += 1;
        }
        let mut late: Vec<_> = (sent..sent + 2).map(|i| c.send_async(i)).collect();
        for f in &mut late {
            sent += 1;
            _ = Pin::new(f).poll(&mut Context::from_waker(Waker::noop()));
        }
        let mut inside: BTreeSet<u32> = (n..sent).collect();
        for _ in 0..n {
            let left: Vec<_> = (0..n as usize).filter(|&i| all[i].is_some()).collect();
            let goes = left[random.below(left.len() as u64) as usize];
            all[goes] = None;
            inside.insert(goes as u32);
            if random.below(3) == 0 {
                assert_eq!(c.try_recv().ok(), inside.pop_first(), "round {round}");
            }
            if random.below(9) == 0 && inside.is_empty() {
                assert!(c.try_recv().is_err());
            }
        }
        assert!(c.try_iter().eq(inside), "round {round}");
        assert_eq!((c.len(), c.try_recv().is_err()), (0, true));
        late.clear();
        let rests = waits(&c, 2);
        c.send(77);
        c.close();
        drop(rests);
        assert!(c.iter().eq([77]), "round {round}");
    }
}

#[test]
fn a_value_that_was_passed_on_keeps_its_turn() {
    // I5, I7: 1 goes to the third, then 2 comes back, then 1.
    for cap in [0, 1, 2, 3] {
        let c = chan::<u32>(cap);
        let mut all = waits(&c, 3);
        c.send(1);
        c.send(2);
        all[0] = None;
        assert_eq!(c.len(), 0, "the third has it");
        all[1] = None;
        all[2] = None;
        assert_eq!(c.try_iter().collect::<Vec<_>>(), [1, 2], "cap {cap}");
    }
}
