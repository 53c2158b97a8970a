//! A sender that sends more whenever somebody receives (feature `futures`).

use gaggle_hchan::{Chan, SendFuture, chan};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

/// A sender that fills the channel and waits there again, each time it is woken.
#[expect(clippy::disallowed_types, reason = "held by a waker, on one thread")]
struct Eager {
    c: &'static Chan<u64>,
    rounds: AtomicUsize,
    waiting: std::sync::Mutex<Option<Pin<Box<SendFuture<'static, u64>>>>>,
}

impl Wake for Eager {
    fn wake(self: Arc<Self>) {
        drop(self.waiting.lock().unwrap().take());
        if self.rounds.fetch_add(1, Ordering::Relaxed) > 100 {
            return;
        }
        while self.c.try_send(0).is_ok() {}
        let mut f = Box::pin(self.c.send_async(0));
        let waker = Waker::from(Arc::clone(&self));
        assert!(f.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        *self.waiting.lock().unwrap() = Some(f);
    }
}

/// *There Already*: who keeps up with a receive of many does not keep it from ending.
#[test]
fn a_receive_of_many_ends_though_a_sender_keeps_up_with_it() {
    let c: &'static Chan<u64> = Box::leak(Box::new(chan(64)));
    let eager = Arc::new(Eager { c, rounds: 0.into(), waiting: None.into() });
    Arc::clone(&eager).wake();
    let mut got = Vec::new();
    let count = c.recv_many(&mut got, usize::MAX);
    // A chunk of 64; then those that the sender put there meanwhile, and the one with which it waits.
    assert_eq!((count, got.len()), (64 + 65, 64 + 65));
    assert!(eager.rounds.load(Ordering::Relaxed) < 10);
    eager.rounds.store(1000, Ordering::Relaxed);
    drop(eager.waiting.lock().unwrap().take());
}
