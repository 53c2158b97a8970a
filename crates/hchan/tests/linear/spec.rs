//! The sequential reference: two channels, one operation after the other.

use std::collections::VecDeque;

/// What a thread does, on one of two channels or on both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Send(usize),
    TrySend(usize),
    SendTimeout(usize),
    Recv(usize),
    TryRecv(usize),
    RecvTimeout(usize),
    Close(usize),
    /// Receives from either.
    SelectRecv,
    /// Receives from this one or sends to the other, or takes the default.
    SelectPoll(usize),
    /// The same without a default.
    SelectBoth(usize),
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Sent, or closed by this one.
    Done,
    /// Not sent: there was no room, or no receiver.
    Full,
    /// Not sent, not closed: it was closed.
    Closed,
    Got(u32),
    /// Nothing received: there was nothing.
    Empty,
    /// Nothing received: closed and drained.
    Drained,
    /// A select did this on one channel.
    From(usize, Option<u32>),
    To(usize, bool),
    Default,
}

/// One operation of one thread, with the instants between which it happened.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    #[expect(dead_code, reason = "for the eye, when a history is shown")]
    pub(crate) thread: usize,
    pub(crate) op: Op,
    /// What it was to send.
    pub(crate) value: u32,
    pub(crate) outcome: Outcome,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// One channel of the reference.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Queue {
    cap: usize,
    values: VecDeque<u32>,
    closed: bool,
    /// Unbuffered: a value that was sent, and must be received at this very instant.
    offer: Option<u32>,
}

/// Both channels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State([Queue; 2]);

impl Queue {
    fn send(&mut self, value: u32) -> bool {
        if self.closed {
            return false;
        }
        if self.cap == 0 {
            return self.offer.replace(value).is_none();
        }
        self.values.push_back(value);
        self.values.len() <= self.cap
    }

    fn recv(&mut self, value: u32) -> bool {
        let next = if self.cap == 0 { self.offer.take() } else { self.values.pop_front() };
        next == Some(value)
    }

    fn is_drained(&self) -> bool {
        self.closed && self.values.is_empty()
    }

    /// Whether a receive would have to wait. An unbuffered one may while it is open: when a sender that
    /// waits came into its line is not seen from outside, so it may always have come after this look.
    /// That it is seen there, and stays until the close, is `loom_close.rs`'s to show.
    fn may_be_empty(&self) -> bool {
        !self.closed && self.values.is_empty()
    }

    /// Whether a send would have to wait.
    fn may_be_full(&self) -> bool {
        !self.closed && self.values.len() == self.cap
    }
}

impl State {
    pub(crate) fn new(caps: [usize; 2]) -> Self {
        let queue = |cap| Queue { cap, values: VecDeque::new(), closed: false, offer: None };
        Self(caps.map(queue))
    }

    /// True if no value is on its way: an unbuffered send needs its receive.
    pub(crate) fn is_settled(&self) -> bool {
        self.0.iter().all(|queue| queue.offer.is_none())
    }

    /// The state after `event`, if it could happen in this one.
    pub(crate) fn after(&self, event: &Event) -> Option<State> {
        let mut next = self.clone();
        // A rendezvous is one instant: nothing comes between its halves.
        if !self.is_settled()
            && !matches!(event.outcome, Outcome::Got(_) | Outcome::From(_, Some(_)))
        {
            return None;
        }
        let possible = match (event.op, event.outcome) {
            (Op::Close(c), Outcome::Done) => {
                let open = !next.0[c].closed;
                next.0[c].closed = true;
                open
            }
            (Op::Close(c), _) => next.0[c].closed,
            (Op::Send(c) | Op::TrySend(c) | Op::SendTimeout(c), outcome) => match outcome {
                Outcome::Done => next.0[c].send(event.value),
                Outcome::Full => next.0[c].may_be_full(),
                _ => next.0[c].closed,
            },
            (Op::Recv(c) | Op::TryRecv(c) | Op::RecvTimeout(c), outcome) => match outcome {
                Outcome::Got(value) => next.0[c].recv(value),
                Outcome::Empty => next.0[c].may_be_empty(),
                _ => next.0[c].is_drained(),
            },
            (_, Outcome::From(c, Some(value))) => next.0[c].recv(value),
            (_, Outcome::From(c, None)) => next.0[c].is_drained(),
            (_, Outcome::To(c, true)) => next.0[c].send(event.value),
            (_, Outcome::To(c, false)) => next.0[c].closed,
            (Op::SelectPoll(c), _) => next.0[c].may_be_empty() && next.0[1 - c].may_be_full(),
            _ => false,
        };
        possible.then_some(next)
    }
}
