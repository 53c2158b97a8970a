//! Putting a value back: which values of a channel were, and where among them the next one belongs.
//!
//! *In Turn*: stations are served in the order in which they stood in line, so the number of its stand is
//! the number of the value that a station was given; who passes the value on passes the number on. A
//! receiver waits only while the channel holds nothing: so the values that were put back are the oldest
//! of the channel, in the order of their numbers, and each receive takes the first.

use super::station::{Head, discard, is_task};
use crate::after::After;
use crate::buf::Elem;
use crate::chan::{Core, RETURNED, Side};
use crate::mirror::Flags;
use gaggle_gopark::{self as gopark, GRef};
use gaggle_prim::sync::atomic::Ordering;
use gaggle_sudog::{Outcome, Waiter};
use std::collections::VecDeque;

/// Whether anybody can still receive what is put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Receivers {
    Possible,
    /// The last one went, and has taken the rest.
    Gone,
}

/// What a channel knows of them, under its lock.
#[derive(Debug)]
pub(crate) struct Back {
    stands: u64,
    /// The numbers of those that were not received yet.
    numbers: VecDeque<u64>,
    receivers: Receivers,
}

impl Back {
    /// None were.
    pub(crate) const fn new() -> Self {
        Self { stands: 0, numbers: VecDeque::new(), receivers: Receivers::Possible }
    }

    /// None are, and none will be: the last receiver is gone.
    pub(crate) const fn over() -> Self {
        Self { stands: 0, numbers: VecDeque::new(), receivers: Receivers::Gone }
    }

    /// The number of the stand that begins.
    pub(super) fn stand(&mut self) -> u64 {
        self.stands += 1;
        self.stands
    }

    /// Sees to it that one more can be noted, with the help of `room`; what is left of it is not for
    /// sections to free.
    ///
    /// # Errors
    ///
    /// How much room is wanted, to be made outside sections.
    pub(super) fn take_room(&mut self, room: &mut VecDeque<u64>) -> Result<(), usize> {
        let len = self.numbers.len();
        if len < self.numbers.capacity() {
            return Ok(());
        }
        if room.capacity() <= len {
            return Err(2 * len + 4);
        }
        room.extend(self.numbers.drain(..));
        core::mem::swap(room, &mut self.numbers);
        Ok(())
    }

    /// The value with this number is put back; there is room. How many come before it.
    pub(super) fn note(&mut self, number: u64) -> usize {
        let before = self.numbers.partition_point(|&other| other < number);
        self.numbers.insert(before, number);
        before
    }

    /// The oldest value, which was put back, was received. True if the next one was put back too.
    pub(crate) fn oldest_goes(&mut self) -> bool {
        self.numbers.pop_front();
        !self.numbers.is_empty()
    }
}

/// Hands the value in the station of `g`, whose count is ours, to the next receiver, or puts it
/// back into the channel (*Never Lost*); drops it if nobody can receive it any more.
pub(super) fn put_back(g: GRef, core: &Core) {
    let mut room = VecDeque::new();
    while let Err(wanted) = try_put_back(g, core, &mut room) {
        room = VecDeque::with_capacity(wanted);
    }
}

/// As [`put_back`], with `room` for the note of it; an error says how much is wanted.
fn try_put_back(g: GRef, core: &Core, room: &mut VecDeque<u64>) -> Result<(), usize> {
    // SAFETY: `is_task`; the caller's count.
    let head = unsafe { Head::of(g) };
    let (slot, elem): (_, Elem) = (head.slot(), core.elem());
    // Relaxed: set under the lock, or before the `wake` that the caller has seen.
    let number = head.number.load(Ordering::Relaxed);
    let mut section = gopark::enter();
    let mut held = core.lock();
    if let Some(receiver) = held.state().dequeue(Side::Recv) {
        let state = held.state();
        state.race.passes_on(state.race_cap(), receiver.race());
        held.unlock();
        let after = pass_on(receiver, slot, elem, number, &mut section);
        drop(section);
        // SAFETY: the value was moved away; our count.
        unsafe { (head.release)(g) };
        after.run(core);
        return Ok(());
    }
    if held.state().back.receivers == Receivers::Gone {
        held.unlock();
        drop(section);
        // SAFETY: the value was delivered, and nobody else has it; our count.
        unsafe { discard(g) };
        return Ok(());
    }
    if let Err(wanted) = held.state().back.take_room(room) {
        held.unlock();
        return Err(wanted);
    }
    let state = held.state();
    let before = state.back.note(number);
    state.set(Flags::BACK, true);
    // SAFETY: Slots Fit: the slot holds a value of the channel's, which is ours to move.
    if unsafe { state.ring.insert(elem, before, slot) } {
        state.race.returns(state.race_cap(), before);
        held.unlock();
        drop(section);
        // SAFETY: the value was moved away; our count.
        unsafe { (head.release)(g) };
        return Ok(());
    }
    let node = head.write_node(g, slot, RETURNED);
    // SAFETY: One Node: written just now; in no line yet, and alive by our count.
    let place = unsafe { node.as_ref() }.race();
    if before < state.ring.cap() {
        // SAFETY: as above; it is full. The value that waits outside is the last that came.
        unsafe { state.ring.rotate(elem, before, slot) };
        state.race.returns(state.race_cap(), before);
        state.race.ousts(state.ring.cap(), place);
    } else {
        place.release();
    }
    let before = before.saturating_sub(state.ring.cap());
    // SAFETY: Line Owns: our count is the line's now; it was in no line.
    unsafe { held.enqueue_at(Side::Send, before, node) };
    held.unlock();
    Ok(())
}

/// Moves the value at `slot`, with its number, to `receiver`, which is to be woken (*In Turn*).
fn pass_on(
    receiver: Waiter,
    slot: *mut (),
    elem: Elem,
    number: u64,
    section: &mut gopark::Section,
) -> After {
    // SAFETY: Slots Fit; Dequeued Is Ours.
    unsafe { elem.copy_any(slot, receiver.slot()) };
    let g = receiver.finish(Outcome::Done);
    if is_task(g) {
        // SAFETY: `is_task`; Line Owns: it is not woken yet.
        let theirs = unsafe { Head::of(g) };
        // Relaxed: the `wake` that follows publishes it.
        theirs.number.store(number, Ordering::Relaxed);
    }
    After::ready(g, section)
}
