//! What can be known of a channel without its lock: one word, one instant.
//!
//! `count << 7 | BACK | BUBBLED | FED | BEYOND | SENDERS_WAIT | RECEIVERS_WAIT | CLOSED`
//!
//! | part | true while |
//! |---|---|
//! | `count` | that many values are in the ring (for an unbuffered channel: never) |
//! | `BEYOND` | more values lie behind the full ring of an unbounded channel |
//! | `SENDERS_WAIT` | the line of senders is not empty (select's losers included) |
//! | `RECEIVERS_WAIT` | the line of receivers is not empty (the same) |
//! | `CLOSED` | the channel is closed; never leaves again |
//! | `FED` | always, if the clock is what sends: there may be something to receive at any time |
//! | `BUBBLED` | always, if it was made in a bubble: who looks must take the lock, to be asked where it is |
//! | `BACK` | the oldest value is one that was put back for a task (`task`, *In Turn*) |
//!
//! The holder of the lock alone writes it, whenever it gives the lock back (*Held Publishes*), so
//! each value is the state between two critical sections. One load therefore sees one instant:
//! what SEMANTICS I14 asks for needs no order among several loads. A loser that still stands in a
//! line makes the word say "somebody may be waiting", which only sends the reader to the lock.
//!
//! A failing look gives no edge to its caller (Y21), except "closed and drained": close happens
//! before a receive that returns because of it (Y8).
//!
//! 2^57 values do not fit into any memory, and of zero-size ones nobody sends as many.

use gaggle_prim::sync::atomic::{AtomicU64, Ordering};

const COUNT_SHIFT: u32 = 7;

/// The flags of the word. The holder of the lock keeps them beside the lines, so that one
/// look tells it that nothing but the buffer matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flags(u64);

impl Flags {
    /// An open channel where nobody waits.
    pub(crate) const NONE: Flags = Flags(0);
    /// See the table above.
    pub(crate) const CLOSED: Flags = Flags(1);
    /// See the table above.
    pub(crate) const RECEIVERS_WAIT: Flags = Flags(1 << 1);
    /// See the table above.
    pub(crate) const SENDERS_WAIT: Flags = Flags(1 << 2);
    /// See the table above.
    pub(crate) const BEYOND: Flags = Flags(1 << 3);
    /// See the table above.
    pub(crate) const FED: Flags = Flags(1 << 4);
    /// See the table above.
    pub(crate) const BUBBLED: Flags = Flags(1 << 5);
    /// See the table above.
    pub(crate) const BACK: Flags = Flags(1 << 6);

    /// Both sets together.
    #[inline(always)]
    pub(crate) const fn and(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// True if one of `others` is among them.
    #[inline(always)]
    pub(crate) const fn any(self, others: Flags) -> bool {
        self.0 & others.0 != 0
    }

    /// The same, with `flag` in or out.
    #[inline(always)]
    pub(crate) const fn with(self, flag: Flags, present: bool) -> Flags {
        if present { Flags(self.0 | flag.0) } else { Flags(self.0 & !flag.0) }
    }
}

/// The word.
#[derive(Debug)]
pub(crate) struct Mirror(AtomicU64);

/// One instant of a channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen(u64);

impl Mirror {
    /// The word of a fresh channel.
    pub(crate) fn new(flags: Flags) -> Self {
        Self(AtomicU64::new(Seen::new(0, flags).0))
    }

    /// Shows `seen` to those without the lock. Only for the holder of the lock.
    #[inline(always)]
    pub(crate) fn publish(&self, seen: Seen) {
        // Release: pairs with the Acquire in `look`, so "closed" carries what came before close.
        self.0.store(seen.0, Ordering::Release);
    }

    /// The channel at one instant.
    #[inline(always)]
    pub(crate) fn look(&self) -> Seen {
        // Acquire: pairs with the Release in `publish`.
        Seen(self.0.load(Ordering::Acquire))
    }
}

impl Seen {
    /// The word for this state of a channel.
    #[inline(always)]
    pub(crate) fn new(count: usize, flags: Flags) -> Self {
        Self(((count as u64) << COUNT_SHIFT) | flags.0)
    }

    /// How many values were in the buffer.
    #[inline(always)]
    pub(crate) fn count(self) -> usize {
        (self.0 >> COUNT_SHIFT) as usize
    }

    /// True if it was closed.
    #[inline(always)]
    pub(crate) fn closed(self) -> bool {
        Flags(self.0).any(Flags::CLOSED)
    }

    /// True if the clock is what sends.
    #[inline]
    pub(crate) fn fed(self) -> bool {
        Flags(self.0).any(Flags::FED)
    }

    /// True if it was made in a bubble.
    #[inline]
    pub(crate) fn bubbled(self) -> bool {
        Flags(self.0).any(Flags::BUBBLED)
    }

    /// True if it was closed and nothing was left in it.
    #[cfg(feature = "futures")]
    pub(crate) fn drained(self) -> bool {
        self.closed() && Seen(self.0 & !Flags::BUBBLED.0).nothing_to_receive()
    }

    /// True if there was nothing to receive: an empty buffer and no sender in the line.
    #[inline(always)]
    pub(crate) fn nothing_to_receive(self) -> bool {
        self.0 & !Flags::CLOSED.and(Flags::RECEIVERS_WAIT).0 == 0
    }

    /// True if a send would have had to wait: open, no receiver in the line, a full buffer.
    #[inline(always)]
    pub(crate) fn no_room(self, cap: usize) -> bool {
        let answers = Flags::CLOSED.and(Flags::RECEIVERS_WAIT).and(Flags::BUBBLED);
        !Flags(self.0).any(answers) && self.count() == cap
    }
}

#[cfg(test)]
mod tests {
    use super::{Flags, Seen};

    #[test]
    fn a_word_says_what_was_put_into_it() {
        let full = Seen::new(4, Flags::SENDERS_WAIT);
        assert_eq!((full.count(), full.closed(), full.no_room(4)), (4, false, true));
        assert!(!full.nothing_to_receive() && !full.no_room(5));
        assert!(!Seen::new(0, Flags::RECEIVERS_WAIT).no_room(0));
        assert!(!Seen::new(0, Flags::CLOSED).no_room(0)); // closed is an answer, not a wait
        assert!(Seen::new(0, Flags::RECEIVERS_WAIT).nothing_to_receive());
        assert!(Seen::new(0, Flags::CLOSED).nothing_to_receive());
        assert!(!Seen::new(0, Flags::SENDERS_WAIT).nothing_to_receive());
        assert!(!Seen::new(0, Flags::FED).nothing_to_receive()); // who knows what time it is
        assert!(!Seen::new(0, Flags::BUBBLED).nothing_to_receive()); // who knows who looks
        assert!(!Seen::new(0, Flags::BUBBLED).no_room(0));
    }

    #[cfg(not(loom))] // real threads
    #[expect(unused_parens, reason = "of the macro: other crates do not see them")]
    #[test]
    fn who_finds_nothing_to_do_takes_no_lock() {
        // I15: while somebody has the lock all the time.
        use crate::{Chan, TryRecvError, TrySendError, chan, select};
        use std::sync::mpsc;
        use std::time::Duration;
        type Look = fn(&Chan<u32>);
        let looks: [(usize, Look); 6] = [
            (0, |c| assert_eq!(c.try_recv(), Err(TryRecvError::Empty))),
            (0, |c| assert_eq!(c.try_send(1), Err(TrySendError::Full(1)))),
            (0, |c| select! { recv(c) -> v => panic!("{v:?}, though it is empty"), default => {} }),
            (0, |c| select! { send(c, 1) => panic!("nobody receives"), default => {} }),
            (2, |c| assert_eq!(c.try_send(1), Err(TrySendError::Full(1)))),
            (2, |c| assert_eq!(c.len(), 2)),
        ];
        for (at, (cap, look)) in looks.into_iter().enumerate() {
            let c = chan::<u32>(cap);
            (0..2).for_each(|i| _ = c.try_send(i));
            let (d, (tell, told)) = (c.clone(), mpsc::channel());
            let section = gaggle_gopark::enter();
            let held = c.hchan().expect("it is not nil").core().lock();
            let looker = std::thread::spawn(move || {
                look(&d);
                _ = tell.send(());
            });
            // Who waits for the lock waits until we give it back: any limit will do.
            let answer = told.recv_timeout(Duration::from_secs(30));
            held.unlock();
            drop(section);
            assert_ne!(
                answer,
                Err(mpsc::RecvTimeoutError::Timeout),
                "look {at} waits for the lock"
            );
            looker.join().expect("it finds what is there");
        }
    }

    #[test]
    fn flags_come_and_go_alone() {
        let both = Flags::NONE.with(Flags::CLOSED, true).with(Flags::SENDERS_WAIT, true);
        assert_eq!(both, Flags::CLOSED.and(Flags::SENDERS_WAIT));
        assert_eq!(both.with(Flags::SENDERS_WAIT, false), Flags::CLOSED);
    }
}
