//! Slots: the index that a living goroutine has in all clocks.
//!
//! *Time Goes On*: who gets a slot that somebody had goes on from the time at which that one was given back. An
//! access keeps the life that made it, and a life keeps its slot: so no clock takes the one for the other.

use super::clock::Clock;
use super::life::Life;
use super::lock;
use std::sync::{Arc, Mutex, Weak};

/// As many goroutines may live at once: the clocks have that many entries (SEMANTICS Z5).
const MOST: usize = 8128;

struct Slots {
    /// Whoever has each slot.
    owners: Vec<Weak<Life>>,
    /// Given back: the slot, and the time at which it was.
    free: Vec<(usize, u64)>,
}

static SLOTS: Mutex<Slots> = Mutex::new(Slots { owners: Vec::new(), free: Vec::new() });

/// A slot, and the time from which its new owner goes on.
pub(super) fn take() -> (usize, u64) {
    let mut slots = lock(&SLOTS);
    if let Some((slot, time)) = slots.free.pop() {
        return (slot, time + 1);
    }
    if slots.owners.len() == MOST {
        drop(slots);
        super::report::die(&format!(
            "race: limit on {MOST} simultaneously alive goroutines is exceeded, dying\n"
        ));
    }
    slots.owners.push(Weak::new());
    (slots.owners.len() - 1, 1)
}

/// Who has a slot now.
pub(super) fn own(life: &Arc<Life>) {
    lock(&SLOTS).owners[life.slot] = Arc::downgrade(life);
}

/// Gives a slot back, whose owner ended at `time`.
pub(super) fn give(slot: usize, time: u64) {
    lock(&SLOTS).free.push((slot, time));
}

/// How far everybody has come.
pub(super) fn everything() -> Clock {
    let (owners, mut clock) = {
        let slots = lock(&SLOTS);
        let mut clock = Clock::new();
        slots.free.iter().for_each(|&(slot, time)| clock.set(slot, time));
        (slots.owners.clone(), clock)
    };
    for life in owners.iter().filter_map(Weak::upgrade) {
        let time = life.clock().of(life.slot);
        clock.set(life.slot, time);
    }
    clock
}
