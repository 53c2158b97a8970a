//! Many values at once: the lock is taken once for a chunk of them. The faces are in `many_face`.
//!
//! *Chunks*: no more than [`CHUNK`] values move under one lock, so that others need not wait long.
//! Nothing is allocated in a section: a `Vec` gets its room before it.
//!
//! *There Already*: a receive ends with what was there after its first chunk, though senders keep up with it.
//!
//! *Woken Before More*: a task may be gone by the time it is woken, and its value goes back then. So a
//! value for a task is the last of its chunk: no later one can be seen before it is settled.

use crate::after::{After, Arrival, Tasks};
use crate::beyond::Chain;
use crate::buf::Elem;
use crate::chan::{Core, Hchan, Side};
use crate::err::{RecvTimeoutError, SendError, SendTimeoutError};
use crate::step::Step;
use crate::task;
use core::mem::ManuallyDrop;
use gaggle_gopark::{self as gopark, GQueue};
use gaggle_sudog::{Outcome, Waiter};

/// The most values that move under one lock.
const CHUNK: usize = 64;

/// What became of a chunk.
struct Moved {
    values: usize,
    last: Last,
    after: After,
    tasks: GQueue,
}

impl Moved {
    /// Does what is left to do, outside sections.
    fn finish(self, core: &Core) -> (usize, Last) {
        let tasks = Tasks::new(self.tasks, core);
        self.after.run(core);
        drop(tasks);
        (self.values, self.last)
    }
}

/// Why a chunk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    /// It was full.
    Full,
    /// Its last value leaves something to do first: a task to wake (*Woken Before More*), or a report.
    Due,
    /// The next value would have to wait.
    Waits,
    Closed,
    /// An unbounded channel needs room first.
    Grow,
}

/// Who is to be woken: who waited longest comes last, as in a close (`close_step`).
struct Woken(GQueue);

impl Woken {
    /// What it is to the chunk that its value was moved to or from this one.
    fn add(&mut self, waiter: Waiter) -> Last {
        let g = waiter.finish(Outcome::Done);
        self.0.push_front(g);
        if task::is_task(g) { Last::Due } else { Last::Full }
    }

    /// Readies them; who is to be woken after the section comes back.
    fn ready(mut self, section: &mut gopark::Section) -> GQueue {
        let mut tasks = GQueue::new();
        while let Some(g) = self.0.pop_front() {
            if task::is_task(g) { tasks.push_back(g) } else { section.ready_with(g, &mut self.0) }
        }
        tasks
    }
}

impl Core {
    /// How many values could be received at this instant: those it holds, and those of who waits to send.
    #[inline(never)]
    fn there(&self) -> usize {
        let _section = gopark::enter();
        let mut held = self.lock();
        let state = held.state();
        let there = state.count() + state.waiting(Side::Send);
        held.unlock();
        there
    }

    /// Receives into the `most` places from `to` on what is there now.
    ///
    /// # Safety
    ///
    /// Slots Fit, for each of the places; they are free.
    unsafe fn recv_chunk(&self, elem: Elem, to: *mut (), most: usize) -> Moved {
        let (mut values, mut last) = (0, Last::Full);
        let (mut woken, mut chain) = (Woken(GQueue::new()), Chain::EMPTY);
        let mut section = gopark::enter();
        let mut held = self.lock();
        while values < most {
            let slot = to.wrapping_byte_add(values * elem.size());
            // SAFETY: the caller's promise.
            match unsafe { held.state().recv_step(elem, slot) } {
                Step::Moved(sender) => _ = woken.add(sender),
                Step::Take(sender) => {
                    // SAFETY: Slots Fit; Dequeued Is Ours.
                    unsafe { elem.copy_any(sender.slot(), slot) };
                    _ = woken.add(sender);
                }
                Step::Emptied(blocks) => chain.append(ManuallyDrop::into_inner(blocks)),
                Step::Wait => last = Last::Waits,
                Step::Closed => last = Last::Closed,
                _ => {}
            }
            if last != Last::Full {
                break;
            }
            values += 1;
        }
        held.unlock();
        let tasks = woken.ready(&mut section);
        Moved { values, last, after: After::free(ManuallyDrop::new(chain)), tasks }
    }

    /// Sends what can be sent now of the `most` values from `from` on.
    ///
    /// # Safety
    ///
    /// Slots Fit, for each of the values; they are the caller's to move.
    unsafe fn send_chunk(&self, elem: Elem, from: *const (), most: usize) -> Moved {
        let (mut values, mut last, mut after) = (0, Last::Full, After::NOTHING);
        let mut woken = Woken(GQueue::new());
        let mut section = gopark::enter();
        let mut held = self.lock();
        while values < most {
            let slot = from.wrapping_byte_add(values * elem.size());
            // SAFETY: the caller's promise.
            match unsafe { held.state().send_step(elem, slot) } {
                Step::Hand(receiver) => {
                    // SAFETY: Slots Fit; Dequeued Is Ours.
                    unsafe { elem.copy_any(slot, receiver.slot()) };
                    last = woken.add(receiver);
                }
                Step::Over(count) => (last, after) = (Last::Due, After::report(count)),
                Step::Wait => last = Last::Waits,
                Step::Closed => last = Last::Closed,
                Step::Grow => last = Last::Grow,
                _ => {}
            }
            values += usize::from(matches!(last, Last::Full | Last::Due));
            if last != Last::Full {
                break;
            }
        }
        held.unlock();
        let tasks = woken.ready(&mut section);
        Moved { values, last, after, tasks }
    }
}

/// The values of a `Vec` on their way out; those not sent go back to its front.
struct Outgoing<'a, T> {
    values: &'a mut Vec<T>,
    len: usize,
    sent: usize,
}

impl<'a, T> Outgoing<'a, T> {
    fn new(values: &'a mut Vec<T>) -> Self {
        let len = values.len();
        // SAFETY: no more than there are; the values are ours until `drop`.
        unsafe { values.set_len(0) };
        Self { values, len, sent: 0 }
    }

    /// Where the next one lies, and how many there are from there on.
    fn next(&mut self) -> (*mut (), usize) {
        (self.values.as_mut_ptr().wrapping_add(self.sent).cast(), self.len - self.sent)
    }
}

impl<T> Drop for Outgoing<'_, T> {
    fn drop(&mut self) {
        let (next, left) = self.next();
        let start = self.values.as_mut_ptr();
        // SAFETY: `left` values lie from `next` on, in the same allocation; the places before are
        // free.
        unsafe { core::ptr::copy(next.cast::<T>(), start, left) };
        // SAFETY: they lie at the front now.
        unsafe { self.values.set_len(left) };
    }
}

impl<T> Hchan<T> {
    /// Moves what is there now into `into`, at most `most` (*There Already*).
    fn recv_ready(&self, into: &mut Vec<T>, most: usize) -> usize {
        if most == 0 {
            return 0;
        }
        let (mut got, mut last) = self.recv_some(into, most);
        if last != Last::Full || got == most || self.core().look().nothing_to_receive() {
            return got;
        }
        let most = most.min(got.saturating_add(self.core().there()));
        while last == Last::Full && got < most {
            let more;
            (more, last) = self.recv_some(into, most - got);
            got += more;
        }
        got
    }

    /// Moves one chunk of what is there now, at most `most` values, which is not 0.
    fn recv_some(&self, into: &mut Vec<T>, most: usize) -> (usize, Last) {
        let seen = self.core().look();
        if seen.nothing_to_receive() {
            return (0, Last::Waits);
        }
        let wanted = seen.count().clamp(1, CHUNK.min(most));
        into.reserve(wanted);
        let free = into.spare_capacity_mut().as_mut_ptr().cast();
        // SAFETY: Slots Fit: that many places for `T`s were reserved.
        let moved = unsafe { self.core().recv_chunk(Elem::of::<T>(), free, wanted) };
        // SAFETY: Moved Once: so many arrived.
        unsafe { into.set_len(into.len() + moved.values) };
        moved.finish(self.core())
    }

    /// Has `wait` receive one value straight into the place behind the last of `into`.
    fn recv_onto(
        &self,
        into: &mut Vec<T>,
        wait: impl FnOnce(&Core, Elem, *mut ()) -> Outcome,
    ) -> Outcome {
        into.reserve(1);
        let place = into.spare_capacity_mut().as_mut_ptr().cast::<T>();
        // SAFETY: Settled First; the place counts as free until it is over.
        let arrival = unsafe { Arrival::at(place) };
        let outcome = wait(self.core(), Elem::of::<T>(), place.cast());
        arrival.over();
        if outcome == Outcome::Done {
            // SAFETY: Moved Once: it arrived there.
            unsafe { into.set_len(into.len() + 1) };
        }
        outcome
    }

    /// Waits for one value, then takes those that are there too.
    pub(crate) fn recv_many(&self, into: &mut Vec<T>, most: usize) -> usize {
        if most == 0 {
            return 0;
        }
        let got = self.recv_ready(into, most);
        if got > 0 {
            gopark::switch_point();
            return got;
        }
        // SAFETY: Slots Fit: the place is free.
        match self.recv_onto(into, |core, elem, place| unsafe { core.recv(elem, place) }) {
            Outcome::Done => 1 + self.recv_ready(into, most - 1),
            _ => 0,
        }
    }

    /// As [`recv_many`](Self::recv_many), waiting for the first value until `deadline`.
    pub(crate) fn recv_many_until(
        &self,
        into: &mut Vec<T>,
        most: usize,
        deadline: u64,
    ) -> Result<usize, RecvTimeoutError> {
        if most == 0 {
            return Ok(0);
        }
        let got = self.recv_ready(into, most);
        if got > 0 {
            gopark::switch_point();
            return Ok(got);
        }
        // SAFETY: as above.
        let wait = |core: &Core, elem, place| unsafe { core.recv_until(elem, place, deadline) };
        match self.recv_onto(into, wait) {
            Outcome::Done => Ok(1 + self.recv_ready(into, most - 1)),
            Outcome::Closed => Err(RecvTimeoutError::Closed),
            Outcome::Pending => Err(RecvTimeoutError::Timeout),
        }
    }

    /// Sends all of `values`, waiting where it must; those not sent stay if the channel is closed.
    pub(crate) fn send_many(&self, values: &mut Vec<T>) -> Result<(), SendError<()>> {
        // SAFETY: Slots Fit: the caller of the closure has a `T` there, and moves it.
        let wait = |core: &Core, elem, slot| unsafe { core.send(elem, slot) };
        self.send_all(values, wait).map_err(|_| SendError(()))
    }

    /// As [`send_many`](Self::send_many); those that were not sent by `deadline` stay too.
    pub(crate) fn send_many_until(
        &self,
        values: &mut Vec<T>,
        deadline: u64,
    ) -> Result<(), SendTimeoutError<()>> {
        // SAFETY: as above.
        let wait = |core: &Core, elem, slot| unsafe { core.send_until(elem, slot, deadline) };
        self.send_all(values, wait)
    }

    /// Sends all of `values`, by `wait` where one must wait.
    fn send_all(
        &self,
        values: &mut Vec<T>,
        wait: impl Fn(&Core, Elem, *mut ()) -> Outcome,
    ) -> Result<(), SendTimeoutError<()>> {
        let (core, elem) = (self.core(), Elem::of::<T>());
        let mut out = Outgoing::new(values);
        loop {
            let (next, left) = out.next();
            if left == 0 {
                gopark::switch_point();
                return Ok(());
            }
            // SAFETY: Slots Fit: that many `T`s lie there, and are forgotten once they moved.
            let moved = unsafe { core.send_chunk(elem, next, left.min(CHUNK)) };
            out.sent += moved.values;
            match moved.finish(core).1 {
                Last::Full | Last::Due => {}
                Last::Grow => core.grow(),
                Last::Closed => return Err(SendTimeoutError::Closed(())),
                Last::Waits => {
                    let next = out.next().0;
                    out.sent += 1; // an unwind finds it sent (Settled First)
                    let error = match wait(core, elem, next) {
                        Outcome::Done => continue,
                        Outcome::Closed => SendTimeoutError::Closed(()),
                        Outcome::Pending => SendTimeoutError::Timeout(()),
                    };
                    out.sent -= 1;
                    return Err(error);
                }
            }
        }
    }
}
