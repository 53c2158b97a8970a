//! Values that were delivered to tasks which go come back in their order (SEMANTICS I5).
#![cfg(feature = "futures")]
#![expect(clippy::disallowed_types, reason = "a waker of the test is Sync")]

use gaggle_hchan::{Chan, RecvFuture, chan};
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
