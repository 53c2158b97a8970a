//! The waiters of one bucket: a treap of distinct addresses, a FIFO line per address.
//!
//! Everything lives on the waiters' stacks. One waiter of each address is its *head*: its node
//! holds the address's line and stands in the tree. When the head leaves, the first of the line
//! takes its place. O(log n) in addresses, O(1) in waiters (SEMANTICS K1).
//!
//! The priority of an address is a hash of it, so a head hands its place on unchanged and no
//! random state is needed; the hash is a bijection, so no two addresses have the same priority.
//!
//! Named invariants, besides those of the crate:
//! 1. *Head In Line*: under an unlocked bucket, a node in the tree stands in its own line.
//! 2. *Below The Lock*: all cells of all nodes of a tree are touched under the bucket's lock only.

use crate::node::{Place, Sudog, Waiter};
use crate::seen::{SEMA, TIMED};
use crate::sema::Order;
use crate::waitq::WaitQ;
use core::cell::Cell;
use core::fmt;
use core::ptr::NonNull;
use gaggle_gopark::{GRef, Ticket};

type Link = Option<NonNull<Node>>;

/// One waiter; its lower half is used while it is the head of its address.
#[repr(C)]
pub(crate) struct Node {
    // First: a sudog of a line here is widened back to its node.
    pub(crate) sudog: Sudog,
    address: usize,
    line: Cell<WaitQ>,
    left: Cell<Link>,
    right: Cell<Link>,
}

impl Node {
    /// A node for a wait that only a release can end.
    pub(super) fn new(g: GRef, address: usize) -> Self {
        Self::with(Sudog::about(g, core::ptr::null_mut(), SEMA), address)
    }

    /// A node for a wait that the clock may end too.
    pub(super) fn contested(g: GRef, ticket: Ticket, address: usize) -> Self {
        Self::with(Sudog::contested(g, ticket, core::ptr::null_mut(), SEMA | TIMED), address)
    }

    /// A node for a wait in a line of another kind, `sudog`, which may come to stand here.
    pub(crate) fn with(sudog: Sudog, address: usize) -> Self {
        Self {
            sudog,
            address,
            line: Cell::new(WaitQ::new()),
            left: Cell::new(None),
            right: Cell::new(None),
        }
    }

    fn priority(&self) -> u64 {
        // Steps of a bijection: odd factors and shifts that fold high bits onto low ones.
        let mut hash = self.address as u64;
        hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash = (hash ^ (hash >> 29)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        hash ^ (hash >> 32)
    }

    /// The sudog's address, with the right to the whole node.
    pub(crate) fn as_sudog(&self) -> NonNull<Sudog> {
        NonNull::from(self).cast()
    }
}

/// The tree of one bucket.
#[derive(Default)]
pub(super) struct Tree {
    root: Cell<Link>,
}

// SAFETY: Below The Lock: nodes are reached under the bucket's lock only.
unsafe impl Send for Tree {}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").finish_non_exhaustive()
    }
}

/// The node of a link, for as long as the bucket is locked.
fn node<'tree>(link: NonNull<Node>) -> &'tree Node {
    // SAFETY: Link Valid: callers hold the lock, and hand references to nobody beyond it.
    unsafe { link.as_ref() }
}

impl Tree {
    /// An empty tree.
    pub(super) const fn new() -> Self {
        Self { root: Cell::new(None) }
    }

    /// Puts `new` into the line of its address.
    ///
    /// # Safety
    ///
    /// The node stays alive and in place until it was dequeued or [`remove`](Self::remove)d, and
    /// it is in no line now.
    pub(super) unsafe fn enqueue(&mut self, new: &Node, order: Order) {
        let head = self.find(new.address).get().map_or(new, node);
        let mut line = head.line.take();
        match order {
            // SAFETY: the caller's promise.
            Order::Fifo => unsafe { line.enqueue(new.as_sudog()) },
            // SAFETY: the caller's promise.
            Order::Lifo => unsafe { line.enqueue_front(new.as_sudog()) },
        }
        head.line.set(line);
        if core::ptr::eq(head, new) {
            self.insert(new);
        }
    }

    /// Takes the first waiter of `address` whose wait is still open.
    pub(super) fn dequeue(&mut self, address: usize) -> Option<Waiter> {
        let place = self.find(address);
        let head = node(place.get()?);
        let mut line = head.line.take();
        let waiter = line.dequeue();
        settle(place, head, line);
        waiter
    }

    /// Takes `gone` out, if it still stands in its line.
    ///
    /// # Safety
    ///
    /// If the node is in a line at all, it is one of this tree's.
    pub(super) unsafe fn remove(&mut self, gone: &Node) {
        let place = self.find(gone.address);
        let Some(head) = place.get().map(node) else { return };
        let mut line = head.line.take();
        // SAFETY: the caller's promise: this is the only line of its address.
        let _ = unsafe { line.remove(gone.as_sudog()) };
        settle(place, head, line);
    }

    /// The link at which the head of `address` hangs, or the empty one where the search ended.
    fn find(&self, address: usize) -> &Cell<Link> {
        let mut place = &self.root;
        while let Some(at) = place.get().map(node) {
            match address.cmp(&at.address) {
                core::cmp::Ordering::Less => place = &at.left,
                core::cmp::Ordering::Equal => return place,
                core::cmp::Ordering::Greater => place = &at.right,
            }
        }
        place
    }

    /// Hangs a new head into the tree: above the first smaller priority on its way down.
    fn insert(&self, new: &Node) {
        let mut place = &self.root;
        while let Some(at) = place.get().map(node).filter(|at| at.priority() > new.priority()) {
            place = if new.address < at.address { &at.left } else { &at.right };
        }
        let below = place.replace(Some(NonNull::from(new)));
        split(below, new);
    }
}

/// Deals the tree `rest` out to the two sides of `new`.
fn split(mut rest: Link, new: &Node) {
    let (mut low, mut high) = (&new.left, &new.right);
    while let Some(link) = rest {
        let at = node(link);
        if at.address < new.address {
            low.set(rest);
            low = &at.right;
            rest = low.get();
        } else {
            high.set(rest);
            high = &at.left;
            rest = high.get();
        }
    }
    low.set(None);
    high.set(None);
}

/// Hangs the two sides of a head that left at its `place`.
fn merge(mut place: &Cell<Link>, mut low: Link, mut high: Link) {
    while let (Some(left), Some(right)) = (low.map(node), high.map(node)) {
        if left.priority() > right.priority() {
            place.set(low);
            place = &left.right;
            low = place.get();
        } else {
            place.set(high);
            place = &right.left;
            high = place.get();
        }
    }
    place.set(low.or(high));
}

/// Makes *Head In Line* true again after nodes left the line of `head`.
fn settle(place: &Cell<Link>, head: &Node, line: WaitQ) {
    if head.sudog.place.get() == Place::InLine {
        head.line.set(line);
        return;
    }
    let (left, right) = (head.left.take(), head.right.take());
    let Some(first) = line.first() else {
        merge(place, left, right);
        return;
    };
    let link = first.cast::<Node>();
    let next = node(link);
    next.left.set(left);
    next.right.set(right);
    next.line.set(line);
    place.set(Some(link));
}

#[cfg(all(test, not(loom)))]
#[path = "tree_test.rs"]
mod tests;
