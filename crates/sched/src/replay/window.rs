//! Those of which one is drawn: a room that never grows, as nothing is allocated in a section.

use gaggle_gopark::{GQueue, GRef};

/// Among how many the draw is. Who finds no room waits in the global queue, in order.
const ROOM: usize = 1024;

pub(super) struct Window {
    runnable: [Option<GRef>; ROOM],
    len: usize,
    /// Goroutines that are no part of the run.
    aside: GQueue,
}

impl Window {
    pub(super) const fn new() -> Self {
        Self { runnable: [None; ROOM], len: 0, aside: GQueue::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn has_room(&self) -> bool {
        self.len < ROOM
    }

    /// Takes `g` in, or gives it back.
    pub(super) fn put(&mut self, g: GRef) -> Result<(), GRef> {
        let Some(place) = self.runnable.get_mut(self.len) else { return Err(g) };
        *place = Some(g);
        self.len += 1;
        Ok(())
    }

    /// `g` goes on when the run is over.
    pub(super) fn set_aside(&mut self, g: GRef) {
        self.aside.push_back(g);
    }

    /// Those that were set aside.
    pub(super) fn aside(&mut self) -> &mut GQueue {
        &mut self.aside
    }

    /// The number of the one that came in last.
    pub(super) fn newest(&self) -> Option<u64> {
        self.runnable[self.len.checked_sub(1)?].map(|g| g.id())
    }

    /// Takes that one.
    pub(super) fn take_newest(&mut self) -> Option<GRef> {
        self.len = self.len.checked_sub(1)?;
        self.runnable[self.len].take()
    }

    /// Takes the one that `word`, a fraction of 2^64, falls upon; the last one comes into its place.
    pub(super) fn take(&mut self, word: u64) -> Option<GRef> {
        let at = ((u128::from(word) * self.len as u128) >> 64) as usize;
        let last = self.take_newest()?;
        if at == self.len { Some(last) } else { self.runnable[at].replace(last) }
    }
}
