//! go-lib: goroutines after Go's own scheduler.

use super::blocking::{self, Blocking};
use super::{Job, Runtime};
use crate::figures::Figure;
use go_lib::chan::{Receiver, Sender, chan};

pub(super) const RUNTIME: Runtime =
    Runtime { name: "go-lib", shapes: blocking::SHAPES, divisor: 10, run };

struct GoLib;

impl Blocking for GoLib {
    type Sender = Sender<u64>;
    type Receiver = Receiver<u64>;

    fn go(f: impl FnOnce() + Send + 'static) {
        go_lib::go!(f);
    }

    fn yield_now() {
        go_lib::gosched();
    }

    fn chan(cap: usize) -> (Self::Sender, Self::Receiver) {
        chan(cap)
    }

    fn send(to: &Self::Sender, value: u64) {
        to.send(value);
    }

    fn close(to: Self::Sender) {
        to.close();
    }

    fn recv(from: &Self::Receiver) -> Option<u64> {
        from.recv()
    }
}

fn run(job: Job) -> Vec<Figure> {
    on_a_goroutine(job)
}

#[go_lib::main]
fn on_a_goroutine(job: Job) -> Vec<Figure> {
    go_lib::set_gomaxprocs(job.threads);
    blocking::run::<GoLib>(job)
}
