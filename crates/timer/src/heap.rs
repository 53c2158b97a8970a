//! A 4-ary min-heap over a fixed room (SEMANTICS T11).
//!
//! Four children per node: half the depth of a binary heap, and the four lie in two or three cache
//! lines.

use gaggle_gopark::{GRef, Ticket};

const ARITY: usize = 4;

/// What falls due.
#[derive(Clone, Copy, Debug)]
pub enum Due {
    /// The wait of a G: claim the ticket, then ready it.
    Wait(GRef, Ticket),
    /// A goroutine that has not begun: claim the ticket, then start it.
    Start(GRef, Ticket),
    /// A call on the scheduler's stack: it must not block, allocate or run user code.
    Call(fn(*const ()), *const ()),
}

// SAFETY: Call Arguments Travel: whoever adds a call promises that its argument may be used on
// any thread.
unsafe impl Send for Due {}

impl Due {
    /// False for what somebody else has ended.
    pub(crate) fn is_alive(&self) -> bool {
        match self {
            Due::Wait(g, ticket) | Due::Start(g, ticket) => g.wait().is_open(*ticket),
            Due::Call(..) => true,
        }
    }

    /// True if this is the start of `g` by `ticket`.
    fn is_start_of(&self, g: GRef, ticket: Ticket) -> bool {
        matches!(self, Due::Start(its_g, its_ticket) if *its_g == g && *its_ticket == ticket)
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

    /// True if the start of `g` by `ticket` still lies at `place`.
    pub(crate) fn lies_at(&self, place: Place, g: GRef, ticket: Ticket) -> bool {
        self.0.get(place.0).is_some_and(|entry| entry.due.is_start_of(g, ticket))
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
    pub(crate) fn drop_dead_first(&mut self) {
        while self.first().is_some_and(|entry| !entry.due.is_alive()) {
            self.pop();
        }
    }

    /// Drops the dead and restores the order. Returns how many died.
    pub(crate) fn purge(&mut self) -> usize {
        let before = self.0.len();
        self.0.retain(|entry| entry.due.is_alive());
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
    use super::{Due, Entry, Heap};
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
        heap.drop_dead_first();
        let left = heap.0.len();
        assert!((50..100 - 6).contains(&left), "{left}"); // seven dead ones come before all others
        assert_eq!(heap.purge(), left - 50);
        assert_eq!(drain(&mut heap), (7..57).collect::<Vec<u64>>());
        assert!(g.wait().claim(open, Claim::Wake));
    }

    /// Whatever is taken out of, or moved within, the middle, the order holds; and an entry that
    /// moved is not found where it was.
    #[test]
    fn removal_and_replacement_keep_the_order() {
        let g = current();
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        for round in 0..200 {
            let mut heap = Heap::new();
            heap.0.reserve(100);
            let mut entries = Vec::new();
            for _ in 0..100 {
                let (when, ticket) = (next(&mut seed) % 50, g.wait().open());
                entries.push((heap.push(Entry { when, due: Due::Start(g, ticket) }), ticket, when));
            }
            let mut left = Vec::new();
            for (at, (place, ticket, when)) in entries.into_iter().enumerate() {
                let moved = next(&mut seed) % 50;
                match (heap.lies_at(place, g, ticket), at % 3) {
                    (true, 0) => heap.remove(place),
                    (true, 1) => {
                        let due = Due::Start(g, g.wait().open());
                        let now_at = heap.replace(place, Entry { when: moved, due });
                        assert!(!heap.lies_at(now_at, g, ticket));
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
