//! Nodes and bubbles (`gaggle-synctest`): in which bubble a context was made.

use crate::context::{Context, Source};
use crate::hook::Hook;
use crate::node::{Node, NodeRef, Role};
use core::ptr::NonNull;
use gaggle_gopark::{self as gopark, NO_BUBBLE};

impl Node {
    /// A node below `up`, in no line yet, and two counts of it.
    pub(crate) fn make(
        parent: Context,
        up: Option<NonNull<Node>>,
        role: Role,
        hook: Hook,
    ) -> (NodeRef, NodeRef) {
        if gopark::any_bubbles() {
            return Self::make_where_we_are(parent, up, role, hook);
        }
        Self::make_in(NO_BUBBLE, parent, up, role, hook)
    }

    /// There may be bubbles. In a function of its own, so that the other need not keep anything.
    #[cold]
    #[inline(never)]
    fn make_where_we_are(
        parent: Context,
        up: Option<NonNull<Node>>,
        role: Role,
        hook: Hook,
    ) -> (NodeRef, NodeRef) {
        let bubble = gopark::bubble();
        Self::make_in(bubble, parent, up, role, hook)
    }
}

/// The bubble in which `ctx` was made, and where alone it may be ended; ours, if nobody ends it.
pub(crate) fn who_ends(ctx: &Context) -> u32 {
    match ctx.source() {
        Source::Never => gopark::bubble(),
        Source::Node(node) => node.bubble,
        Source::Foreign(_) => NO_BUBBLE,
    }
}
