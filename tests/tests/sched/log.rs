//! In which order goroutines came by.
//!
//! *No Switch*: to note something is no switch point, so noting does not change the order.

use crate::field;
use gaggle::sync::WaitGroup;
use gaggle::{Chan, chan, go, runtime};

/// How often a one-P order is looked at.
const ATTEMPTS: usize = 15;

/// A list that goroutines write to.
#[derive(Clone)]
pub(crate) struct Log {
    notes: Chan<usize>,
    running: WaitGroup,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self { notes: chan(2048), running: WaitGroup::new() }
    }

    /// Notes `who`.
    pub(crate) fn note(&self, who: usize) {
        assert!(self.notes.try_send(who).is_ok(), "the log is full");
    }

    /// Starts a goroutine that notes `who` and ends.
    pub(crate) fn start(&self, who: usize) {
        self.start_after(who, || ());
    }

    /// Starts a goroutine that notes `who` once `wait` has returned.
    pub(crate) fn start_after(&self, who: usize, wait: impl FnOnce() + Send + 'static) {
        let log = self.clone();
        self.running.add(1);
        go(move || {
            wait();
            log.note(who);
            log.running.done();
        });
    }

    /// Blocks until all have noted, and returns what they noted.
    pub(crate) fn block(self) -> Vec<usize> {
        self.running.wait();
        self.notes.close();
        self.notes.into_iter().collect()
    }
}

/// Lets a goroutine just started run until it waits: with one P, one yield.
pub(crate) fn let_it_wait() {
    runtime::gosched();
}

/// Checks the order that one P gives. It is policy, and a time slice that ends in the middle of
/// an attempt changes it; so most attempts must show it, not all.
#[track_caller]
pub(crate) fn is_mostly(expected: &[usize], attempt: fn() -> Vec<usize>) {
    let (mut right, mut wrong) = (0, Vec::new());
    for _ in 0..ATTEMPTS {
        let order = field::on(1, attempt);
        if order == expected { right += 1 } else { wrong.push(order) }
    }
    assert!(right > ATTEMPTS / 2, "expected {expected:?}, {right} of {ATTEMPTS}; else {wrong:?}");
}
