//! may: coroutines on worker threads. Its channels have no limit, so a sender never waits.

use super::blocking::{self, Blocking};
use super::{Job, Runtime};
use crate::figures::Figure;
use may::coroutine;
use may::sync::mpsc;

pub(super) const RUNTIME: Runtime =
    Runtime { name: "may", shapes: blocking::SHAPES, divisor: 10, run };

struct May;

impl Blocking for May {
    type Sender = mpsc::Sender<u64>;
    type Receiver = mpsc::Receiver<u64>;

    fn go(f: impl FnOnce() + Send + 'static) {
        drop(may::go!(f));
    }

    fn yield_now() {
        coroutine::yield_now();
    }

    fn chan(_: usize) -> (Self::Sender, Self::Receiver) {
        mpsc::channel()
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

fn run(job: Job) -> Vec<Figure> {
    may::config().set_workers(job.threads);
    may::go!(move || blocking::run::<May>(job)).join().expect("it ends well")
}
