//! A 4-ary min-heap over a fixed room (SEMANTICS T11).
//!
//! Four children per node: half the depth of a binary heap, and the four lie in one or two cache
//! lines.

use gaggle_gopark::{GRef, Ticket};

const ARITY: usize = 4;

/// What falls due.
#[derive(Clone, Copy, Debug)]
pub enum Due {
    /// The wait of a G: claim the ticket, then ready it.
    Wait(GRef, Ticket),
    /// A call on the scheduler's stack: it must not block, allocate or run user code.
    Call(fn(*const ()), *const ()),
}

// SAFETY: Call Arguments Travel: whoever adds a call promises that its argument may be used on
// any thread.
unsafe impl Send for Due {}

impl Due {
    /// False for a wait that somebody else has ended.
    pub(crate) fn is_alive(&self) -> bool {
        match self {
            Due::Wait(g, ticket) => g.wait().is_open(*ticket),
            Due::Call(..) => true,
        }
    }
}

/// One entry: the monotonic nanosecond, and what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) when: u64,
    pub(crate) due: Due,
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
    pub(crate) fn push(&mut self, entry: Entry) {
        self.0.push(entry);
        self.sift_up(self.0.len() - 1);
    }

    /// Takes the earliest.
    pub(crate) fn pop(&mut self) -> Option<Entry> {
        let last = self.0.pop()?;
        let Some(first) = self.0.first_mut() else { return Some(last) };
        let earliest = core::mem::replace(first, last);
        self.sift_down(0);
        Some(earliest)
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

    fn sift_up(&mut self, mut at: usize) {
        while at > 0 {
            let parent = (at - 1) / ARITY;
            if self.0[parent].when <= self.0[at].when {
                return;
            }
            self.0.swap(parent, at);
            at = parent;
        }
    }

    fn sift_down(&mut self, mut at: usize) {
        loop {
            let children = at * ARITY + 1..(at * ARITY + 1 + ARITY).min(self.0.len());
            let Some(least) = children.min_by_key(|&child| self.0[child].when) else { return };
            if self.0[at].when <= self.0[least].when {
                return;
            }
            self.0.swap(at, least);
            at = least;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Due, Entry, Heap};

    #[test]
    fn entries_come_out_in_order_of_time() {
        let mut heap = Heap::new();
        heap.0.reserve(1000);
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        for _ in 0..1000 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            assert!(heap.has_room());
            let due = Due::Call(|_| {}, core::ptr::null());
            heap.push(Entry { when: seed % 100, due });
        }
        let out: Vec<u64> = core::iter::from_fn(|| heap.pop()).map(|entry| entry.when).collect();
        assert_eq!(out.len(), 1000);
        assert!(out.is_sorted());
    }

    #[test]
    fn purge_drops_ended_waits_and_keeps_the_order() {
        let g = gaggle_gopark::current();
        let mut heap = Heap::new();
        heap.0.reserve(100);
        let stale = g.wait().open();
        let open = g.wait().open();
        for when in (0..50).rev() {
            heap.push(Entry { when, due: Due::Wait(g, stale) });
            heap.push(Entry { when: when + 7, due: Due::Wait(g, open) });
        }
        assert_eq!(heap.purge(), 50);
        let out: Vec<u64> = core::iter::from_fn(|| heap.pop()).map(|entry| entry.when).collect();
        assert_eq!(out, (7..57).collect::<Vec<u64>>());
        assert!(g.wait().claim(open, gaggle_gopark::Claim::Wake));
    }
}
