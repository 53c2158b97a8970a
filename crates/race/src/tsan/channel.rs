//! The order that one channel makes, as Go tells it to the sanitizer: a place for each slot of the buffer.
//!
//! A send leaves its clock in the slot that its value goes through, and finds there that of the receive which made the slot
//! free; the receive of that value does the same the other way round. Two things are coarser than in Go, because nobody can
//! speak for a goroutine that waits: who meets one learns all that it knew, and slots that are [`SLOTS`] apart are one. Both
//! can hide a race, and never invent one.
//!
//! *Under The Channel's Lock*: every call but those on nodes is; so the two counts are those of the channel.

use super::hush;
use super::{Object, Place};
use crate::Access;
use core::sync::atomic::{AtomicUsize, Ordering};

/// So many slots have a place of their own.
const SLOTS: usize = 64;

/// One channel.
#[derive(Debug)]
pub struct Channel {
    slots: [Place; SLOTS],
    /// How many values went through the buffer, and how many came out.
    sent: AtomicUsize,
    got: AtomicUsize,
    closed: Place,
    object: Object,
}

impl Default for Channel {
    fn default() -> Self {
        Self::new()
    }
}

impl Channel {
    /// A new channel.
    pub const fn new() -> Self {
        let (sent, got) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let slots = [const { Place::new() }; SLOTS];
        Self { slots, sent, got, closed: Place::new(), object: Object::new() }
    }

    /// A send begins: a read of the channel (Z4).
    pub fn sends(&self) {
        self.object.access(Access::Read, "");
    }

    /// A value went into the buffer.
    pub fn puts(&self, cap: usize) {
        self.passes(&self.sent, cap);
    }

    /// A value came out of the buffer.
    pub fn gets(&self, cap: usize) {
        self.passes(&self.got, cap);
    }

    /// Our value goes straight to the receiver that waits with `node`.
    pub fn hands(&self, cap: usize, node: &Place) {
        node.acquire();
        if cap > 0 {
            // As if through the buffer, which is empty.
            self.passes(&self.sent, cap);
            self.passes(&self.got, cap);
        }
        node.release();
    }

    /// The value of the sender that waits with `node` comes straight to us.
    pub fn takes(&self, node: &Place) {
        node.acquire();
        node.release();
    }

    /// The value of the sender that waits with `node` went into the buffer, behind the `before` oldest.
    pub fn moves(&self, cap: usize, _before: usize, node: &Place) {
        node.acquire();
        self.passes(&self.sent, cap);
        node.release();
    }

    /// A value that a task had received, and gives up, is back in the buffer: its receive was none. Which slot it had
    /// is not known, so it goes through all of them.
    pub fn returns(&self, cap: usize, _before: usize) {
        if !hush::minds() {
            return;
        }
        // Relaxed: Under The Channel's Lock.
        let turn = self.got.load(Ordering::Relaxed);
        self.got.store(turn.wrapping_sub(1), Ordering::Relaxed); // Relaxed: as above
        self.mixes(cap);
    }

    /// For one that came back there is no room for another value, which waits with `node`: it was not sent.
    pub fn ousts(&self, _before: usize, node: &Place) {
        if !hush::minds() {
            return;
        }
        // Relaxed: Under The Channel's Lock.
        let turn = self.sent.load(Ordering::Relaxed);
        self.sent.store(turn.wrapping_sub(1), Ordering::Relaxed); // Relaxed: as above
        node.release(); // whose value it is has been learnt from its slot in `returns`
    }

    /// A value that a task had received, and gives up, goes to the receiver that waits with `node`.
    pub fn passes_on(&self, cap: usize, node: &Place) {
        node.acquire();
        self.mixes(cap);
        node.release();
    }

    /// All slots learn what any of them knows.
    fn mixes(&self, cap: usize) {
        let slots = &self.slots[..cap.min(SLOTS)];
        slots.iter().for_each(Place::acquire);
        slots.iter().for_each(Place::release);
    }

    /// The channel is closed: a write of the channel (Z4).
    pub fn closes(&self) {
        self.object.access(Access::Write, "");
        self.closed.release_merge();
    }

    /// One who waits with `node` is told that it is closed.
    pub fn tells(&self, node: &Place) {
        node.release();
    }

    /// A receive found it closed, or the clock's value due.
    pub fn hears(&self) {
        self.closed.acquire();
    }

    /// The clock that fills it was set.
    pub fn sets(&self) {
        self.closed.release_merge();
    }

    /// Through the slot whose turn it is by `count`.
    fn passes(&self, count: &AtomicUsize, cap: usize) {
        if !hush::minds() {
            return;
        }
        // Relaxed: Under The Channel's Lock.
        let turn = count.load(Ordering::Relaxed);
        count.store(turn.wrapping_add(1), Ordering::Relaxed); // Relaxed: as above
        let slot = &self.slots[turn % cap.clamp(1, SLOTS)];
        slot.acquire();
        slot.release();
    }
}
