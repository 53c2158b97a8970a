//! A FIFO of Gs through their one link: no allocation, one list at a time per G.
//!
//! *On One List*: a G is on at most one list, and only the holder of that list touches its link.

use crate::g::GRef;

/// A queue of Gs through their links.
#[derive(Debug, Default)]
pub struct GQueue {
    head: Option<GRef>,
    tail: Option<GRef>,
    len: usize,
}

impl GQueue {
    /// An empty queue.
    pub const fn new() -> Self {
        Self { head: None, tail: None, len: 0 }
    }

    /// How many Gs are on it.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if no G is on it.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds `g` behind the last.
    #[inline]
    pub fn push_back(&mut self, g: GRef) {
        g.set_link(None);
        match self.tail.replace(g) {
            Some(last) => last.set_link(Some(g)),
            None => self.head = Some(g),
        }
        self.len += 1;
    }

    /// Adds `g` before the first: for stacks such as free lists.
    #[inline]
    pub fn push_front(&mut self, g: GRef) {
        g.set_link(self.head);
        self.head = Some(g);
        self.tail.get_or_insert(g);
        self.len += 1;
    }

    /// Takes the first.
    #[inline]
    pub fn pop_front(&mut self) -> Option<GRef> {
        let g = self.head?;
        self.head = g.link();
        if self.head.is_none() {
            self.tail = None;
        }
        g.set_link(None);
        self.len -= 1;
        Some(g)
    }

    /// The first, which stays.
    #[inline]
    pub fn first(&self) -> Option<GRef> {
        self.head
    }

    /// Moves all of `other` behind the last.
    #[inline]
    pub fn append(&mut self, other: &mut GQueue) {
        let Some(first) = other.head.take() else { return };
        match self.tail {
            Some(last) => last.set_link(Some(first)),
            None => self.head = Some(first),
        }
        self.tail = other.tail.take();
        self.len += core::mem::take(&mut other.len);
    }
}
