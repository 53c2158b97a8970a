//! Runs a program on threads and writes down what happened, and when.

use crate::spec::{Event, Op, Outcome};
use gaggle_hchan::{
    Chan, RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError, chan, select,
};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// One run: what all threads share.
struct Run {
    c: [Chan<u32>; 2],
    clock: AtomicU64,
    ready: AtomicUsize,
}

/// The events of one run of `threads`. One more thread closes both channels at some time, so that
/// nobody waits for ever.
pub(crate) fn history(caps: [usize; 2], threads: &[Vec<Op>], round: u64) -> Vec<Event> {
    let (clock, ready) = (AtomicU64::new(0), AtomicUsize::new(threads.len()));
    let run = Run { c: caps.map(chan), clock, ready };
    let run = &run;
    std::thread::scope(|scope| {
        let handles: Vec<_> = threads
            .iter()
            .enumerate()
            .map(|(thread, ops)| scope.spawn(move || run.all(thread, ops)))
            .collect();
        while run.ready.load(Ordering::Acquire) > 0 {
            std::hint::spin_loop();
        }
        (0..round * 20).for_each(|_| std::thread::yield_now());
        let last = threads.len();
        let mut events: Vec<_> =
            [0, 1].map(|c| run.one(last, Op::Close(c), 0)).into_iter().collect();
        events.extend(handles.into_iter().flat_map(|handle| handle.join().unwrap()));
        events
    })
}

impl Run {
    fn all(&self, thread: usize, ops: &[Op]) -> Vec<Event> {
        self.ready.fetch_sub(1, Ordering::AcqRel);
        let value = |at: usize| u32::try_from(thread * 100 + at + 1).expect("small");
        ops.iter().enumerate().map(|(at, &op)| self.one(thread, op, value(at))).collect()
    }

    fn one(&self, thread: usize, op: Op, value: u32) -> Event {
        // AcqRel: pairs with itself: each sees what came before an earlier instant.
        let start = self.clock.fetch_add(1, Ordering::AcqRel);
        let outcome = self.run(op, value);
        // AcqRel: as above.
        let end = self.clock.fetch_add(1, Ordering::AcqRel);
        Event { thread, op, value, outcome, start, end }
    }

    fn run(&self, op: Op, value: u32) -> Outcome {
        const SHORT: Duration = Duration::from_micros(30);
        let c = &self.c;
        match op {
            Op::Send(at) => match c[at].send_or_closed(value) {
                Ok(()) => Outcome::Done,
                Err(_) => Outcome::Closed,
            },
            Op::TrySend(at) => match c[at].try_send(value) {
                Ok(()) => Outcome::Done,
                Err(TrySendError::Full(_)) => Outcome::Full,
                Err(TrySendError::Closed(_)) => Outcome::Closed,
            },
            Op::SendTimeout(at) => match c[at].send_timeout(value, SHORT) {
                Ok(()) => Outcome::Done,
                Err(SendTimeoutError::Timeout(_)) => Outcome::Full,
                Err(SendTimeoutError::Closed(_)) => Outcome::Closed,
            },
            Op::Recv(at) => c[at].recv().map_or(Outcome::Drained, Outcome::Got),
            Op::TryRecv(at) => match c[at].try_recv() {
                Ok(value) => Outcome::Got(value),
                Err(TryRecvError::Empty) => Outcome::Empty,
                Err(TryRecvError::Closed) => Outcome::Drained,
            },
            Op::RecvTimeout(at) => match c[at].recv_timeout(SHORT) {
                Ok(value) => Outcome::Got(value),
                Err(RecvTimeoutError::Timeout) => Outcome::Empty,
                Err(RecvTimeoutError::Closed) => Outcome::Drained,
            },
            Op::Close(at) => {
                if c[at].try_close() {
                    Outcome::Done
                } else {
                    Outcome::Closed
                }
            }
            Op::SelectRecv => select! {
                recv(c[0]) -> v => Outcome::From(0, v),
                recv(c[1]) -> v => Outcome::From(1, v),
            },
            Op::SelectPoll(at) => select! {
                recv(c[at]) -> v => Outcome::From(at, v),
                send(c[1 - at], value) -> sent => Outcome::To(1 - at, sent.is_ok()),
                default => Outcome::Default,
            },
            Op::SelectBoth(at) => select! {
                recv(c[at]) -> v => Outcome::From(at, v),
                send(c[1 - at], value) -> sent => Outcome::To(1 - at, sent.is_ok()),
            },
        }
    }
}
