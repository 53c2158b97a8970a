//! What one look at a heap takes: several that are due, under one hold of its lock.
//!
//! Of a million that wait none is in a cache. By the time that the first of a batch is looked at, the memory
//! of the others is on its way.

use crate::heap::Due;

/// Room for a few that are due.
#[derive(Debug)]
pub struct Batch {
    due: [Due; Batch::ROOM],
    len: usize,
}

impl Batch {
    /// How many there are at most.
    pub const ROOM: usize = 8;

    /// Room, and nothing in it.
    pub const fn new() -> Self {
        Self { due: [Due::Call(|_| {}, core::ptr::null()); Self::ROOM], len: 0 }
    }

    /// True if there is room for no more.
    pub fn is_full(&self) -> bool {
        self.len == Self::ROOM
    }

    pub(crate) fn push(&mut self, due: Due) {
        due.prefetch();
        self.due[self.len] = due;
        self.len += 1;
    }

    /// Takes all of them, the earliest first.
    pub fn drain(&mut self) -> impl Iterator<Item = Due> + '_ {
        let len = core::mem::take(&mut self.len);
        self.due[..len].iter().copied()
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::new()
    }
}
