//! A FIFO line of nodes, with removal from the middle in O(1).
//!
//! The line itself knows no lock: its owner puts it behind one.

use crate::node::{Place, Sudog, Waiter};
use core::ptr::NonNull;
use gaggle_gopark::GRef;
use gaggle_prim::throw;

/// A FIFO line of waiters.
#[derive(Debug, Default)]
pub struct WaitQ {
    first: Option<NonNull<Sudog>>,
    last: Option<NonNull<Sudog>>,
    len: usize,
}

// SAFETY: Link Valid: the nodes are reached under the lock that protects the line.
unsafe impl Send for WaitQ {}

impl WaitQ {
    /// An empty line.
    pub const fn new() -> Self {
        Self { first: None, last: None, len: 0 }
    }

    /// True if no node stands in it.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// How many nodes stand in it (select's losers included, until they leave).
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The first node, without taking it.
    pub(crate) fn first(&self) -> Option<NonNull<Sudog>> {
        self.first
    }

    /// Adds `node` behind the last.
    ///
    /// # Safety
    ///
    /// The node stays alive and in place until it is dequeued or removed (Link Valid), and it is
    /// in no line now.
    #[inline]
    pub unsafe fn enqueue(&mut self, node: NonNull<Sudog>) {
        // SAFETY: the caller's promise.
        let this = unsafe { node.as_ref() };
        check(this, Place::Nowhere);
        this.place.set(Place::InLine);
        this.next.set(None);
        this.prev.set(self.last);
        match self.last.replace(node) {
            // SAFETY: Link Valid.
            Some(last) => unsafe { last.as_ref() }.next.set(Some(node)),
            None => self.first = Some(node),
        }
        self.len += 1;
    }

    /// Adds `node` before the first (SEMANTICS K6: a waiter that lost again).
    ///
    /// # Safety
    ///
    /// As for [`enqueue`](Self::enqueue).
    pub unsafe fn enqueue_front(&mut self, node: NonNull<Sudog>) {
        // SAFETY: the caller's promise.
        let this = unsafe { node.as_ref() };
        check(this, Place::Nowhere);
        this.place.set(Place::InLine);
        this.prev.set(None);
        this.next.set(self.first);
        match self.first.replace(node) {
            // SAFETY: Link Valid.
            Some(first) => unsafe { first.as_ref() }.prev.set(Some(node)),
            None => self.last = Some(node),
        }
        self.len += 1;
    }

    /// Adds `node` behind the first `before`, or behind the last if there are fewer.
    ///
    /// # Safety
    ///
    /// As for [`enqueue`](Self::enqueue).
    pub unsafe fn enqueue_at(&mut self, before: usize, node: NonNull<Sudog>) {
        if before >= self.len {
            // SAFETY: the caller's promise.
            return unsafe { self.enqueue(node) };
        }
        let Some(next) = self.nth(before) else { return };
        // SAFETY: Link Valid.
        let behind = unsafe { next.as_ref() };
        let Some(prev) = behind.prev.get() else {
            // SAFETY: the caller's promise.
            return unsafe { self.enqueue_front(node) };
        };
        // SAFETY: the caller's promise.
        let this = unsafe { node.as_ref() };
        check(this, Place::Nowhere);
        this.place.set(Place::InLine);
        this.prev.set(Some(prev));
        this.next.set(Some(next));
        // SAFETY: Link Valid.
        unsafe { prev.as_ref() }.next.set(Some(node));
        behind.prev.set(Some(node));
        self.len += 1;
    }

    /// The node with `before` others before it, from the nearer end; there is one.
    fn nth(&self, before: usize) -> Option<NonNull<Sudog>> {
        let behind = self.len - 1 - before;
        let (mut at, steps) =
            if before <= behind { (self.first, before) } else { (self.last, behind) };
        for _ in 0..steps {
            // SAFETY: Link Valid.
            let node = unsafe { at?.as_ref() };
            at = if before <= behind { node.next.get() } else { node.prev.get() };
        }
        at
    }

    /// Takes the first waiter whose wait is still open. Nodes whose wait somebody else ended
    /// leave the line on the way.
    #[inline]
    pub fn dequeue(&mut self) -> Option<Waiter> {
        loop {
            let node = self.first?;
            // SAFETY: Link Valid.
            let this = unsafe { node.as_ref() };
            self.unlink(this);
            if this.win() {
                return Some(Waiter::new(node));
            }
        }
    }

    /// Ends, in the clock's name, the first wait that is still open; its node stays in the line.
    #[must_use = "the G sleeps until somebody readies it"]
    pub fn time_out_first(&self) -> Option<GRef> {
        let mut at = self.first;
        while let Some(node) = at {
            // SAFETY: Link Valid.
            let this = unsafe { node.as_ref() };
            if let Some(g) = this.time_out() {
                return Some(g);
            }
            at = this.next.get();
        }
        None
    }

    /// Takes `node` out if it still stands in the line; true if it did.
    ///
    /// # Safety
    ///
    /// If the node is in a line at all, it is this one, and the caller holds its lock.
    pub unsafe fn remove(&mut self, node: NonNull<Sudog>) -> bool {
        // SAFETY: the caller owns the node.
        let this = unsafe { node.as_ref() };
        if this.place.get() == Place::Nowhere {
            return false;
        }
        self.unlink(this);
        true
    }

    #[inline]
    fn unlink(&mut self, node: &Sudog) {
        check(node, Place::InLine);
        let (prev, next) = (node.prev.take(), node.next.take());
        match prev {
            // SAFETY: Link Valid.
            Some(prev) => unsafe { prev.as_ref() }.next.set(next),
            None => self.first = next,
        }
        match next {
            // SAFETY: Link Valid.
            Some(next) => unsafe { next.as_ref() }.prev.set(prev),
            None => self.last = prev,
        }
        node.place.set(Place::Nowhere);
        self.len -= 1;
    }
}

#[inline]
fn check(node: &Sudog, wanted: Place) {
    if node.place.get() != wanted {
        throw!("sudog: a node that should be {wanted:?} is not");
    }
}
