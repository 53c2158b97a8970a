//! To end a node and everything below it.
//!
//! *Whoever Cancels Helps*: a node stays in the line above it until all below it has ended. So a
//! second canceller, of the same node or of one above, finds what the first has not finished and
//! does it too; when `cancel` returns, to whomever, everything below has ended (SEMANTICS S2). No
//! canceller waits for another, and none holds two locks, so none can stop another.
//!
//! The walk is a loop, not a recursion: it holds a right to the node at which it is, and that node's
//! parents hold all above it.

use crate::error::Ending;
use crate::hook::Hook;
use crate::line::leave_line;
use crate::node::NodeRef;
use gaggle_gopark as gopark;

/// What ending one node has left to do.
enum Below {
    /// Nobody stands in its line.
    Nobody,
    /// Somebody does, or did a moment ago.
    Somebody,
}

impl NodeRef {
    /// Ends this node, unless it has ended, and everything below it. Never switches.
    pub(crate) fn cancel(&self, ending: Ending) {
        if matches!(self.end(Some(ending)), Below::Somebody) {
            walk(self);
        }
        self.leave_line();
    }

    /// Marks a node that nothing stands below as ended, and leaves undone what its end would have
    /// done: none if it has ended already.
    pub(crate) fn disarm(&self) -> Option<Hook> {
        let (hook, unregister) = {
            let _section = gopark::enter();
            let mut inner = self.inner.lock();
            if !self.mark(&mut inner, &mut Some(Ending::CANCELED)) {
                return None;
            }
            (inner.hook.take(), inner.unregister.take())
        };
        if let Some(unregister) = unregister {
            unregister();
        }
        self.leave_line();
        Some(hook)
    }

    /// Ends this one node.
    fn end(&self, mut ending: Option<Ending>) -> Below {
        let (mut hook, mut unregister) = (Hook::None, None);
        let below = {
            let _section = gopark::enter();
            let mut inner = self.inner.lock();
            if self.mark(&mut inner, &mut ending) {
                hook = inner.hook.take();
                unregister = inner.unregister.take();
            }
            if inner.is_empty() { Below::Nobody } else { Below::Somebody }
        };
        self.close();
        hook.run();
        if let Some(unregister) = unregister {
            unregister();
        }
        below
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
}

/// Ends everything below `top`, which has ended.
fn walk(top: &NodeRef) {
    let mut next = top.first_child();
    while let Some(at) = next {
        next = match at.end(at.above().and_then(|above| above.ending())) {
            Below::Nobody => None,
            Below::Somebody => at.first_child(),
        };
        if next.is_none() {
            next = beside(at, top);
        }
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
