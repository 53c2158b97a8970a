//! The decisions: what a send, a receive and a close mean in the state they find.
//!
//! A step runs under the lock, never waits and readies nobody; send, try_send, the timed forms
//! and select all take the same ones. What is left to do is its answer, a [`Step`], acted upon
//! after unlocking: a waiter taken out of its line is the taker's alone (*Dequeued Is Ours*), so
//! not even the move of its value needs the lock.
//!
//! | send finds | answer | receive finds | answer |
//! |---|---|---|---|
//! | closed | `Closed` | a value, no sender waiting | `Done` |
//! | a receiver waiting | `Hand` | a value, a sender waiting (full) | `Moved`: its value is the last now |
//! | room | `Done` | none, closed | `Closed` |
//! | neither | `Wait` | none, a sender waiting (unbuffered) | `Take` |
//! | | | neither | `Wait` |
//! | | | the clock sends (`feed.rs`), and it is time | `Done` |
//!
//! A value that was put back (`task`) waits like a sender, but survives a close: a closed channel
//! too is drained of it. An unbounded channel has two rows more: a send that finds its ring full puts the value behind it
//! (`Done`, or `Over` past the limit; `Grow` if there is no room for it yet), and a receive that
//! takes from the ring moves the oldest value behind it to its end (`Done`, or `Emptied`).

use crate::after::After;
use crate::beyond::Chain;
use crate::buf::Elem;
use crate::chan::{RETURNED, Side, State};
use crate::mirror::Flags;
use core::mem::ManuallyDrop;
use gaggle_gopark::{GQueue, Section};
use gaggle_sudog::{Outcome, WaitQ, Waiter};

/// What a send or a receive found.
#[derive(Debug)]
#[must_use = "a step is only decided; somebody must act"]
pub(crate) enum Step {
    /// It is done: the value is in the buffer, or came from there.
    Done,
    /// The value in our slot belongs into the slot of this receiver.
    Hand(Waiter),
    /// The value in the slot of this sender belongs into ours.
    Take(Waiter),
    /// It is done, and so is the send of this waiter, whose value went into the buffer.
    Moved(Waiter),
    /// The channel is closed (a receive: and drained).
    Closed,
    /// It cannot be done now.
    Wait,
    /// It is done, and an unbounded channel holds so many values now: too many.
    Over(usize),
    /// It is done, and these blocks of an unbounded channel are free. By hand, so that a step has
    /// no drop of its own on the fast paths.
    Emptied(ManuallyDrop<Chain>),
    /// An unbounded channel has no room yet: leave, make some, try again.
    Grow,
}

impl State {
    /// A send of the value at `slot`.
    ///
    /// # Safety
    ///
    /// Slots Fit; the value is the caller's to move.
    #[inline(always)]
    pub(crate) unsafe fn send_step(&mut self, elem: Elem, slot: *const ()) -> Step {
        self.race.sends();
        if self.flags().any(Flags::CLOSED.and(Flags::RECEIVERS_WAIT).and(Flags::BUBBLED))
            && let Some(step) = self.send_past_the_buffer()
        {
            return step;
        }
        // SAFETY: the caller's promise.
        if unsafe { self.ring.push(elem, slot) } {
            self.race.puts(self.race_cap());
            return Step::Done;
        }
        if self.beyond.is_none() {
            return Step::Wait;
        }
        // SAFETY: the caller's promise.
        unsafe { self.send_beyond(elem, slot) }
    }

    /// A send to an unbounded channel whose ring is full.
    ///
    /// # Safety
    ///
    /// As for [`send_step`](Self::send_step).
    #[inline(never)]
    unsafe fn send_beyond(&mut self, elem: Elem, slot: *const ()) -> Step {
        let Some(beyond) = &mut self.beyond else { return Step::Wait };
        // SAFETY: the caller's promise.
        if !unsafe { beyond.push(elem, slot) } {
            return Step::Grow;
        }
        self.race.puts(usize::MAX);
        let total = self.ring.count() + beyond.count();
        let over = beyond.alarms(total);
        self.set(Flags::BEYOND, true);
        if over { Step::Over(total) } else { Step::Done }
    }

    /// A send where the buffer does not come first; none if only losers stood in the line.
    #[inline(never)]
    fn send_past_the_buffer(&mut self) -> Option<Step> {
        self.check_bubble("send on");
        if self.flags().any(Flags::CLOSED) {
            return Some(Step::Closed);
        }
        let receiver = self.dequeue(Side::Recv)?;
        self.race.hands(self.race_cap(), receiver.race());
        Some(Step::Hand(receiver))
    }

    /// How many values the channel may hold, to a race detector: all of them, if it has no end.
    #[inline(always)]
    pub(crate) fn race_cap(&self) -> usize {
        if self.beyond.is_some() { usize::MAX } else { self.ring.cap() }
    }

    /// A receive into `slot`.
    ///
    /// # Safety
    ///
    /// Slots Fit; the place is free.
    #[inline(always)]
    pub(crate) unsafe fn recv_step(&mut self, elem: Elem, slot: *mut ()) -> Step {
        // SAFETY: the caller's promise.
        if !unsafe { self.ring.pop(elem, slot) } {
            const MORE: Flags =
                Flags::CLOSED.and(Flags::SENDERS_WAIT).and(Flags::FED).and(Flags::BUBBLED);
            if !self.flags().any(MORE) {
                return Step::Wait;
            }
            // SAFETY: the caller's promise.
            return unsafe { self.recv_past_the_buffer(slot) };
        }
        self.race.gets(self.race_cap());
        if self
            .flags()
            .any(Flags::SENDERS_WAIT.and(Flags::BEYOND).and(Flags::BUBBLED).and(Flags::BACK))
        {
            // SAFETY: the element is this channel's.
            return unsafe { self.refill(elem) };
        }
        Step::Done
    }

    /// A receive that found no value, where something else may be found than that it must wait.
    ///
    /// # Safety
    ///
    /// As for [`recv_step`](Self::recv_step).
    #[inline(never)]
    unsafe fn recv_past_the_buffer(&mut self, slot: *mut ()) -> Step {
        self.check_bubble("receive on");
        if let Some(sender) = self.dequeue(Side::Send) {
            self.oldest_goes();
            self.race.takes(sender.race());
            return Step::Take(sender); // closed too: a value that was put back
        }
        if self.flags().any(Flags::CLOSED) {
            self.race.hears();
            return Step::Closed;
        }
        if self.flags().any(Flags::FED) {
            // SAFETY: the caller's promise.
            return unsafe { self.feed_step(slot) };
        }
        Step::Wait
    }

    /// The oldest value was received; the flag follows (`task`, *In Turn*).
    #[inline(always)]
    fn oldest_goes(&mut self) {
        if cfg!(feature = "futures") && self.flags().any(Flags::BACK) {
            let more = self.back.oldest_goes();
            self.set(Flags::BACK, more);
        }
    }

    /// A place was just freed: the value of the first waiting sender becomes the last, or the
    /// oldest behind the ring.
    ///
    /// # Safety
    ///
    /// `elem` is this channel's element.
    #[inline(never)]
    unsafe fn refill(&mut self, elem: Elem) -> Step {
        self.oldest_goes();
        self.check_bubble("receive on");
        let Some(sender) = self.dequeue(Side::Send) else {
            // SAFETY: the caller's promise.
            return unsafe { self.refill_from_beyond(elem) };
        };
        // SAFETY: Dequeued Is Ours: the waiting sender's value is ours to move.
        let moved = unsafe { self.ring.push(elem, sender.slot()) };
        debug_assert!(moved, "a place was just freed");
        self.race.moves(self.race_cap(), self.ring.count() - 1, sender.race());
        Step::Moved(sender)
    }

    /// The oldest value behind the ring becomes its last (*Ring First*).
    ///
    /// # Safety
    ///
    /// `elem` is this channel's element.
    unsafe fn refill_from_beyond(&mut self, elem: Elem) -> Step {
        let Some(beyond) = &mut self.beyond else { return Step::Done };
        let Some(oldest) = beyond.oldest(elem) else { return Step::Done };
        // SAFETY: Blocks Hold: a value lies there, and is forgotten below.
        let moved = unsafe { self.ring.push(elem, oldest) };
        debug_assert!(moved, "a place was just freed");
        let emptied = beyond.forget_oldest();
        let left = beyond.count() > 0;
        self.set(Flags::BEYOND, left);
        if emptied.is_empty() { Step::Done } else { Step::Emptied(ManuallyDrop::new(emptied)) }
    }

    /// A close: all who wait, in the order in which to ready them; none if it was closed.
    ///
    /// Who waited longest comes last, receivers after senders: each one readied displaces the one
    /// before it from `runnext`, so the longest waiting runs first (SEMANTICS E12).
    pub(crate) fn close_step(&mut self) -> Option<GQueue> {
        self.check_bubble("close of");
        if self.flags().any(Flags::CLOSED) {
            return None;
        }
        self.race.closes();
        self.set(Flags::CLOSED, true);
        let mut woken = GQueue::new();
        while let Some(waiter) = self.dequeue(Side::Recv) {
            self.race.tells(waiter.race());
            woken.push_front(waiter.finish(Outcome::Closed));
        }
        let mut returned = WaitQ::new();
        while let Some(waiter) = self.dequeue(Side::Send) {
            if waiter.case() == RETURNED {
                // SAFETY: it stood in the line of senders, and goes back there below.
                unsafe { returned.enqueue(waiter.into_node()) };
                continue;
            }
            self.race.tells(waiter.race());
            woken.push_front(waiter.finish(Outcome::Closed));
        }
        self.keep_returned(returned);
        Some(woken)
    }
}

impl Step {
    /// True for the answers of unbounded channels, which are not for [`act`](Self::act).
    #[inline(always)]
    pub(crate) fn is_of_unbounded(&self) -> bool {
        matches!(self, Step::Over(_) | Step::Emptied(_) | Step::Grow)
    }

    /// Does what the step decided, after unlocking; `Pending` if it could not be done. The value
    /// moves before `finish` and `ready` (models do not see the slots: this order is held here).
    ///
    /// # Safety
    ///
    /// `slot` is the one the step was made with, and `elem` the channel's element.
    pub(crate) unsafe fn act(
        self,
        elem: Elem,
        slot: *mut (),
        section: &mut Section,
    ) -> (Outcome, After) {
        let waiter = match self {
            Step::Done => return (Outcome::Done, After::NOTHING),
            Step::Closed => return (Outcome::Closed, After::NOTHING),
            Step::Wait => return (Outcome::Pending, After::NOTHING),
            Step::Over(_) | Step::Emptied(_) | Step::Grow => {
                gaggle_prim::throw!("step: `act_of_unbounded` is for this one")
            }
            Step::Hand(receiver) => {
                // SAFETY: Slots Fit; Dequeued Is Ours.
                unsafe { elem.copy_any(slot, receiver.slot()) };
                receiver
            }
            Step::Take(sender) => {
                // SAFETY: Slots Fit; Dequeued Is Ours.
                unsafe { elem.copy_any(sender.slot(), slot) };
                sender
            }
            Step::Moved(sender) => sender,
        };
        (Outcome::Done, After::ready(waiter.finish(Outcome::Done), section))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use crate::chan::{Hchan, Side};
    use core::ptr::NonNull;
    use gaggle_gopark::{self as gopark, G, GRef, Host, Status};
    use gaggle_sudog::Sudog;

    static HOST: Host = Host {
        name: "nobody",
        park: |_, _| {},
        ready: |_, _| {},
        ready_many: |_, _, _| {},
        yield_now: |_| {},
        has_timer_room: |_| true,
        make_timer_room: || {},
        spawn: |_, _, _| {},
        now: |_| gaggle_lock::nanotime(),
        can_spin: |_| false,
        obey: |_| unreachable!(),
        wait_in_line: |_| unreachable!(),
        regain: |_| unreachable!(),
    };

    #[test]
    fn close_lets_the_longest_waiting_run_first_and_the_others_from_the_back() {
        // E12: waiters 0..5, on one P, run as 0 5 4 3 2 1.
        let hchan = Hchan::<u32>::new(0).expect("no buffer, no memory");
        let gs = [const { G::new(&HOST, Status::Waiting) }; 6];
        // SAFETY: the Gs outlive their references, which end with this function.
        let gs = gs.each_ref().map(|g| unsafe { GRef::new(NonNull::from(g)) });
        let nodes = gs.map(|g| Sudog::new(g, core::ptr::null_mut()));
        let section = gopark::enter();
        let mut held = hchan.core().lock();
        for node in &nodes {
            // SAFETY: the nodes stay in place; `close_step` takes them all out.
            unsafe { held.enqueue(Side::Recv, NonNull::from(node)) };
        }
        let mut woken = held.state().close_step().expect("it was open");
        held.unlock();
        drop(section);
        // As a P does: each becomes `runnext`, the one before goes to the tail of the ring.
        let (mut runnext, mut ring) = (None, Vec::new());
        while let Some(g) = woken.pop_front() {
            ring.extend(runnext.replace(g));
        }
        let order: Vec<_> = runnext.into_iter().chain(ring).collect();
        assert_eq!(order, [0, 5, 4, 3, 2, 1].map(|i| gs[i]));
    }
}
