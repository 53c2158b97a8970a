//! A thread of the system for each goroutine, and std's channels: what one has without any runtime.

use super::blocking::{self, Blocking};
use super::{Job, Runtime};
use crate::affinity;
use crate::figures::Figure;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

/// Not the million of others: that many threads there cannot be.
const SHAPES: &[&str] = &[
    "spawn_wait",
    "gosched_two",
    "pingpong_unbuffered",
    "oneway_cap0",
    "oneway_cap128",
    "uncontended_cap128",
    "ring_1000",
];

pub(super) const RUNTIME: Runtime = Runtime { name: "threads", shapes: SHAPES, divisor: 20, run };

struct Threads;

impl Blocking for Threads {
    type Sender = SyncSender<u64>;
    type Receiver = Receiver<u64>;

    fn go(f: impl FnOnce() + Send + 'static) {
        drop(thread::spawn(f)); // whoever waits for its end does so by a channel
    }

    fn yield_now() {
        thread::yield_now();
    }

    fn chan(cap: usize) -> (Self::Sender, Self::Receiver) {
        mpsc::sync_channel(cap)
    }

    fn send(to: &Self::Sender, value: u64) {
        to.send(value).expect("somebody listens");
    }

    fn close(to: Self::Sender) {
        drop(to); // the last one closes
    }

    fn recv(from: &Self::Receiver) -> Option<u64> {
        from.recv().ok()
    }
}

/// One P is one core; more are all.
fn run(job: Job) -> Vec<Figure> {
    if job.threads == 1 {
        affinity::pin_to_core(0);
    }
    blocking::run::<Threads>(job)
}
