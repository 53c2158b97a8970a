//! A 4-ary min-heap over a fixed room (SEMANTICS T11).
//!
//! Four children per node: half the depth of a binary heap, and the four lie in two or three cache
//! lines.

use crate::alarm::Alarm;
use crate::alarms::Alarms;
use core::ptr::NonNull;
use gaggle_gopark::{GRef, Ticket};

const ARITY: usize = 4;

/// What falls due.
#[derive(Clone, Copy, Debug)]
pub enum Due {
    /// The wait of a G: claim the ticket, then ready it.
    Wait(GRef, Ticket),
    /// An alarm, and the word that it was set with: let it ring. With it comes a count of it, or, if it does
    /// not ring any more, a share of its memory: bury it.
    Alarm(NonNull<Alarm>, u64),
    /// A call on the scheduler's stack: it must not block, allocate or run user code.
    Call(fn(*const ()), *const ()),
}

// SAFETY: Call Arguments Travel: whoever adds a call promises that its argument may be used on
// any thread; so does who sets an alarm, of the alarm.
unsafe impl Send for Due {}

impl Due {
    /// False for what somebody else has ended.
    pub(crate) fn is_alive(&self) -> bool {
        match self {
            Due::Wait(g, ticket) => g.wait().is_open(*ticket),
            // SAFETY: Entry Counts.
            Due::Alarm(alarm, word) => unsafe { alarm.as_ref() }.is_alive(*word),
            Due::Call(..) => true,
        }
    }

    /// Asks for the memory that says whether it is alive.
    pub(crate) fn prefetch(&self) {
        match self {
            Due::Wait(g, _) => gaggle_prim::prefetch(g.as_ptr().as_ptr()),
            Due::Alarm(alarm, _) => gaggle_prim::prefetch(alarm.as_ptr()),
            Due::Call(..) => {}
        }
    }

    /// It is dead and out of the heap.
    pub(crate) fn bury(self, dead: &Alarms) {
        if let Due::Alarm(alarm, _) = self {
            // SAFETY: Dead Has A Share.
            if unsafe { alarm.as_ref() }.bury() {
                dead.push(alarm); // the list has the memory now
            }
        }
    }

    /// True if this is the entry of `alarm` with `word`.
    fn is(&self, alarm: NonNull<Alarm>, word: u64) -> bool {
        matches!(self, Due::Alarm(its, its_word) if *its == alarm && *its_word == word)
    }
}

/// One entry: the monotonic nanosecond, and what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) when: u64,
    pub(crate) due: Due,
}

/// Where an entry was put. A guess only: entries move.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place(usize);

impl Place {
    pub(crate) fn at(number: usize) -> Self {
        Self(number)
    }

    pub(crate) fn number(self) -> usize {
        self.0
    }
}

/// The heap. Its vector never grows by itself.
#[derive(Debug)]
pub(crate) struct Heap(pub(crate) Vec<Entry>);

impl Heap {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn has_room(&self) -> bool {
        self.0.len() < self.0.capacity()
    }

    pub(crate) fn first(&self) -> Option<&Entry> {
        self.0.first()
    }

    /// Adds an entry. The caller checked `has_room`.
    pub(crate) fn push(&mut self, entry: Entry) -> Place {
        self.0.push(entry);
        Place(self.sift_up(self.0.len() - 1))
    }

    /// Takes the earliest.
    pub(crate) fn pop(&mut self) -> Option<Entry> {
        let last = self.0.pop()?;
        let Some(first) = self.0.first_mut() else { return Some(last) };
        let earliest = core::mem::replace(first, last);
        self.sift_down(0);
        Some(earliest)
    }

    /// True if the entry of `alarm` with `word` still lies at `place`.
    pub(crate) fn lies_at(&self, place: Place, alarm: NonNull<Alarm>, word: u64) -> bool {
        self.0.get(place.0).is_some_and(|entry| entry.due.is(alarm, word))
    }

    /// Takes out the entry at `place`, where there is one.
    pub(crate) fn remove(&mut self, place: Place) {
        self.0.swap_remove(place.0);
        if place.0 < self.0.len() {
            self.settle(place.0);
        }
    }

    /// Puts another entry in the place of the one at `place`, where there is one.
    pub(crate) fn replace(&mut self, place: Place, entry: Entry) -> Place {
        self.0[place.0] = entry;
        Place(self.settle(place.0))
    }

    /// Drops the dead that come first.
    pub(crate) fn drop_dead_first(&mut self, dead: &Alarms) {
        while self.first().is_some_and(|entry| !entry.due.is_alive()) {
            self.pop().into_iter().for_each(|entry| entry.due.bury(dead));
        }
    }

    /// Drops the dead and restores the order. Returns how many died.
    pub(crate) fn purge(&mut self, dead: &Alarms) -> usize {
        let before = self.0.len();
        self.0.retain(|entry| {
            let alive = entry.due.is_alive();
            if !alive {
                entry.due.bury(dead);
            }
            alive
        });
        for at in (0..self.0.len() / ARITY + 1).rev() {
            self.sift_down(at);
        }
        before - self.0.len()
    }

    /// The entry at `at` is new there: moves it to where it belongs.
    fn settle(&mut self, at: usize) -> usize {
        let up = self.sift_up(at);
        if up == at { self.sift_down(at) } else { up }
    }

    fn sift_up(&mut self, mut at: usize) -> usize {
        while at > 0 {
            let parent = (at - 1) / ARITY;
            if self.0[parent].when <= self.0[at].when {
                break;
            }
            self.0.swap(parent, at);
            at = parent;
        }
        at
    }

    fn sift_down(&mut self, mut at: usize) -> usize {
        loop {
            let children = at * ARITY + 1..(at * ARITY + 1 + ARITY).min(self.0.len());
            let Some(least) = children.min_by_key(|&child| self.0[child].when) else { return at };
            if self.0[at].when <= self.0[least].when {
                return at;
            }
            self.0.swap(at, least);
            at = least;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Alarm, Alarms, Due, Entry, Heap};
    use core::ptr::NonNull;
    use gaggle_gopark::{Claim, current};

    fn next(seed: &mut u64) -> u64 {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        *seed
    }

    fn drain(heap: &mut Heap) -> Vec<u64> {
        core::iter::from_fn(|| heap.pop()).map(|entry| entry.when).collect()
    }

    #[test]
    fn entries_come_out_in_order_of_time() {
        let mut heap = Heap::new();
        heap.0.reserve(1000);
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        for _ in 0..1000 {
            assert!(heap.has_room());
            let due = Due::Call(|_| {}, core::ptr::null());
            heap.push(Entry { when: next(&mut seed) % 100, due });
        }
        let out = drain(&mut heap);
        assert_eq!(out.len(), 1000);
        assert!(out.is_sorted());
    }

    #[test]
    fn purge_drops_ended_waits_and_keeps_the_order() {
        let g = current();
        let mut heap = Heap::new();
        heap.0.reserve(100);
        let stale = g.wait().open();
        let open = g.wait().open();
        for when in (0..50).rev() {
            heap.push(Entry { when, due: Due::Wait(g, stale) });
            heap.push(Entry { when: when + 7, due: Due::Wait(g, open) });
        }
        heap.drop_dead_first(&Alarms::new());
        let left = heap.0.len();
        assert!((50..100 - 6).contains(&left), "{left}"); // seven dead ones come before all others
        assert_eq!(heap.purge(&Alarms::new()), left - 50);
        assert_eq!(drain(&mut heap), (7..57).collect::<Vec<u64>>());
        assert!(g.wait().claim(open, Claim::Wake));
    }

    /// Whatever is taken out of, or moved within, the middle, the order holds; and an entry that
    /// moved is not found where it was.
    #[test]
    fn removal_and_replacement_keep_the_order() {
        let alarm = Alarm::new();
        let alarm = NonNull::from(&alarm);
        let (mut seed, mut word) = (0x9e37_79b9_7f4a_7c15_u64, 0);
        for round in 0..200 {
            let mut heap = Heap::new();
            heap.0.reserve(100);
            let mut entries = Vec::new();
            for _ in 0..100 {
                let when = next(&mut seed) % 50;
                word += 2;
                entries.push((heap.push(Entry { when, due: Due::Alarm(alarm, word) }), word, when));
            }
            let mut left = Vec::new();
            for (at, (place, its_word, when)) in entries.into_iter().enumerate() {
                let moved = next(&mut seed) % 50;
                match (heap.lies_at(place, alarm, its_word), at % 3) {
                    (true, 0) => heap.remove(place),
                    (true, 1) => {
                        let due = Due::Alarm(alarm, its_word + 1);
                        let now_at = heap.replace(place, Entry { when: moved, due });
                        assert!(heap.lies_at(now_at, alarm, its_word + 1));
                        left.push(moved);
                    }
                    _ => left.push(when),
                }
            }
            left.sort_unstable();
            assert_eq!(drain(&mut heap), left, "round {round}");
        }
    }
}
