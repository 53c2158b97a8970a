//! To end a node and everything below it.
//!
//! *Whoever Cancels Helps*: a node stays in the line above it until all below it has ended. So a
//! second canceller, of the same node or of one above, finds what the first has not finished and
//! does it too; when `cancel` returns, to whomever, everything below has ended (SEMANTICS S2). No
//! canceller waits for another, and none holds two locks, so none can stop another (docs/decisions/029).
//!
//! The walk is a loop, not a recursion: it holds a right to the node at which it is, and that node's
//! parents hold all above it.

use crate::error::Ending;
use crate::hook::Hook;
use crate::line::{leave_line, leave_line_within};
use crate::node::{Mark, NodeRef};
use gaggle_gopark as gopark;

impl NodeRef {
    /// Ends this node, unless it has ended, and everything below it. Never switches.
    pub(crate) fn cancel(&self, ending: Ending) {
        let mark = Mark::from(ending);
        if matches!(mark, Mark::Canceled) && self.cancel_idle() {
            return;
        }
        self.cancel_busy(mark);
    }

    /// Ends a node of which nothing has been asked, in one section; false if something was.
    #[inline]
    fn cancel_idle(&self) -> bool {
        let section = gopark::enter();
        let mut inner = self.inner.lock();
        let idle = self.mark_idle(&mut inner);
        drop(inner);
        if idle && self.place.may_stand() {
            // SAFETY: Counted: we hold one. It is no `Call`: that has something to be done.
            unsafe { leave_line_within(&section, self.as_ptr()) };
        }
        idle
    }

    #[inline(never)]
    fn cancel_busy(&self, mark: Mark) {
        if let Some(first) = self.end(mark) {
            walk(self, first);
        }
        self.leave_line();
    }

    /// Marks a node that nothing stands below as ended, and leaves undone what its end would have
    /// done: none if it has ended already.
    pub(crate) fn disarm(&self) -> Option<Hook> {
        let (hook, unregister) = {
            let _section = gopark::enter();
            let mut inner = self.inner.lock();
            if !self.mark(&mut inner, &mut Mark::Canceled) {
                return None;
            }
            (inner.hook.take(), inner.unregister.take())
        };
        self.close(); // a goroutine may follow a foreign context for this node's sake
        if let Some(unregister) = unregister {
            unregister();
        }
        self.leave_line();
        Some(hook)
    }

    /// Ends this one node; the first that stands below it.
    fn end(&self, mut mark: Mark) -> Option<NodeRef> {
        let (mut hook, mut unregister) = (Hook::None, None);
        let first = {
            let _section = gopark::enter();
            let mut inner = self.inner.lock();
            if self.mark(&mut inner, &mut mark) {
                hook = inner.hook.take();
                unregister = inner.unregister.take();
            }
            inner.first()
        };
        self.close();
        hook.run();
        if let Some(unregister) = unregister {
            unregister();
        }
        first
    }

    fn leave_line(&self) {
        // SAFETY: Counted: we hold one.
        unsafe { leave_line(self.as_ptr()) };
    }

    /// The node above.
    fn above(&self) -> Option<NodeRef> {
        // SAFETY: Up Outlives, and our right outlives this call.
        self.up.map(|up| unsafe { NodeRef::retain(up) })
    }

    /// To end as the node above did.
    fn mark_of_above(&self) -> Mark {
        // SAFETY: Up Outlives, and our right outlives this call.
        let ending = self.up.and_then(|up| unsafe { up.as_ref() }.ending());
        ending.map_or(Mark::Canceled, Mark::from)
    }
}

/// Ends everything below `top`, which has ended; `first` was the first there.
fn walk(top: &NodeRef, first: NodeRef) {
    let mut next = Some(first);
    while let Some(at) = next {
        next = at.end(at.mark_of_above()).or_else(|| beside(at, top));
    }
}

/// Everything below `at` has ended: takes it out of its line; the next one beside it, or beside one
/// above it, but not above `top`.
fn beside(mut at: NodeRef, top: &NodeRef) -> Option<NodeRef> {
    while at.as_ptr() != top.as_ptr() {
        at.leave_line();
        at = at.above()?;
        if let Some(next) = at.first_child() {
            return Some(next);
        }
    }
    None
}
