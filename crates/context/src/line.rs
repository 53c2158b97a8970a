//! The line of those who are cancelled with a node: doubly linked, through the nodes themselves.
//!
//! *Line Of Up*: the links of a child, and whether it stands in the line at all, belong to the lock
//! of the node above. A child is put in at most once in its life.
//!
//! | a child is | who may change that |
//! |---|---|
//! | `OUT`, fresh | its maker, by [`Node::adopt`], if the node above has not ended |
//! | `IN` | its own canceller, the walker of the node above, or who frees it: [`leave_line`] |
//! | `OUT`, for good | nobody |

use crate::foreign::Unregister;
use crate::hook::Hook;
use crate::node::{MARKED, Node, NodeRef, Role};
use core::fmt;
use core::ptr::NonNull;
use gaggle_gopark::{self as gopark, Section};
use gaggle_prim::cell::UnsafeCell;
use gaggle_prim::sync::atomic::{AtomicU32, Ordering};

const OUT: u32 = 0;
const IN: u32 = 1;

type Link = Option<NonNull<Node>>;

/// What the lock of a node protects.
pub(crate) struct Inner {
    /// The word, as its only writers know it.
    pub(crate) word: u32,
    first: Link,
    last: Link,
    /// What is to be done when the node ends.
    pub(crate) hook: Hook,
    /// How to tell a foreign parent that the node has ended.
    pub(crate) unregister: Option<Unregister>,
}

// SAFETY: Line Of Up: the links are followed under the lock only; a hook is `Send`.
unsafe impl Send for Inner {}

/// Where a node stands in the line above it.
pub(crate) struct Place {
    standing: AtomicU32,
    links: UnsafeCell<Links>,
}

#[derive(Clone, Copy)]
struct Links {
    /// As `standing`, for the holder of the lock.
    standing: u32,
    prev: Link,
    next: Link,
}

impl Place {
    pub(crate) fn new() -> Self {
        let links = UnsafeCell::new(Links { standing: OUT, prev: None, next: None });
        Self { standing: AtomicU32::new(OUT), links }
    }

    /// False if it stands in no line. Somebody may be taking it out right now.
    #[inline]
    pub(crate) fn may_stand(&self) -> bool {
        // Acquire: pairs with the Release in `Inner::remove`, so whoever frees the node comes after.
        self.standing.load(Ordering::Acquire) == IN
    }

    fn links(&self, change: impl FnOnce(&mut Links)) {
        // SAFETY: Line Of Up: callers hold the lock of the node above.
        self.links.with_mut(|links| change(unsafe { &mut *links }));
    }

    /// The neighbours of a node that stands in line.
    fn neighbours(&self) -> Option<(Link, Link)> {
        // SAFETY: Line Of Up: callers hold the lock of the node above.
        let links = self.links.with(|links| unsafe { *links });
        (links.standing == IN).then_some((links.prev, links.next))
    }
}

impl Inner {
    pub(crate) fn new(hook: Hook) -> Self {
        Self { word: 0, first: None, last: None, hook, unregister: None }
    }

    /// True if the node has ended.
    #[inline]
    pub(crate) fn is_marked(&self) -> bool {
        self.word & MARKED != 0
    }

    /// True if nothing has been asked of the node: no end, no channel, nobody below, nothing to be done.
    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        let nobody = self.word == 0 && self.first.is_none();
        nobody && matches!(self.hook, Hook::None) && self.unregister.is_none()
    }

    /// A right to the first in line, which stays there: whoever else ends this node finds it too.
    #[inline]
    pub(crate) fn first(&mut self) -> Option<NodeRef> {
        while let Some(first) = self.first {
            // SAFETY: it stands in the line whose lock we hold.
            if let Some(child) = unsafe { NodeRef::try_retain(first) } {
                return Some(child);
            }
            self.remove(first); // its last holder is about to do the same
        }
        None
    }

    fn push(&mut self, child: NonNull<Node>) {
        let last = self.last.replace(child);
        match last {
            // SAFETY: Line Of Up: who stands in the line is not freed.
            Some(last) => unsafe { last.as_ref() }.place.links(|links| links.next = Some(child)),
            None => self.first = Some(child),
        }
        // SAFETY: the caller holds a count of it.
        let place = &unsafe { child.as_ref() }.place;
        place.links(|links| *links = Links { standing: IN, prev: last, next: None });
        // Relaxed: nobody else knows the node yet, or they learn of it by the lock.
        place.standing.store(IN, Ordering::Relaxed);
    }

    /// Takes `child` out; false if it was out.
    fn remove(&mut self, child: NonNull<Node>) -> bool {
        // SAFETY: the caller holds a count, or found it in this line.
        let place = &unsafe { child.as_ref() }.place;
        let Some((prev, next)) = place.neighbours() else { return false };
        match prev {
            // SAFETY: Line Of Up: who stands in the line is not freed.
            Some(prev) => unsafe { prev.as_ref() }.place.links(|links| links.next = next),
            None => self.first = next,
        }
        match next {
            // SAFETY: as above.
            Some(next) => unsafe { next.as_ref() }.place.links(|links| links.prev = prev),
            None => self.last = prev,
        }
        place.links(|links| links.standing = OUT);
        // Release: pairs with the Acquire in `may_stand`; from here on it may be freed.
        place.standing.store(OUT, Ordering::Release);
        true
    }
}

impl Node {
    /// Puts `child` in line; false if this node has ended, and so must the child.
    #[inline]
    pub(crate) fn adopt(&self, child: &NodeRef) -> bool {
        let _section = gopark::enter();
        let mut inner = self.inner.lock();
        let open = !inner.is_marked();
        if open {
            inner.push(child.as_ptr());
        }
        open
    }

    /// A right to the first in line.
    pub(crate) fn first_child(&self) -> Option<NodeRef> {
        let _section = gopark::enter();
        self.inner.lock().first()
    }
}

/// Takes `node` out of the line above it, if it stands there.
///
/// # Safety
///
/// The caller holds a count of it, or has just given the last one back.
#[inline]
pub(crate) unsafe fn leave_line(node: NonNull<Node>) {
    // SAFETY: the caller's promise: it lives.
    if unsafe { node.as_ref() }.place.may_stand() {
        // SAFETY: the caller's promise.
        unsafe { leave_line_slow(node) };
    }
}

/// # Safety
///
/// As [`leave_line`].
#[inline(never)]
unsafe fn leave_line_slow(node: NonNull<Node>) {
    let left = {
        let section = gopark::enter();
        // SAFETY: the caller's promise.
        unsafe { leave_line_within(&section, node) }
    };
    // SAFETY: the caller's promise: it lives.
    if left && unsafe { node.as_ref() }.role == Role::Call {
        // SAFETY: the line held one of its counts, and it has just left it.
        drop(unsafe { NodeRef::from_raw(node) });
    }
}

/// As [`leave_line`], in a section that is open; true if it stood there. Of a `Call`, the caller must take the
/// count that the line held.
///
/// # Safety
///
/// As [`leave_line`].
#[inline]
pub(crate) unsafe fn leave_line_within(_section: &Section, node: NonNull<Node>) -> bool {
    // SAFETY: the caller's promise: it lives.
    let Some(up) = unsafe { node.as_ref() }.up else { return false };
    // SAFETY: Up Outlives.
    unsafe { up.as_ref() }.inner.lock().remove(node)
}

impl fmt::Debug for NodeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("role", &self.role).field("ended", &self.is_marked()).finish()
    }
}
